# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known of GKE clusters is known, by module and by inventory, and nothing is written."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.gke_cluster.conftest import NAME, Json, Project, act_as
from tests.integration.grounds import inventory


def info(project: Project, /, **options: t.Any) -> list[Json]:
    project.harbour.journal.clear()
    asked = {name: project.document[name] for name in ("project", "location", "auth")} | options
    return t.cast(list[Json], cluster_info("gke", asked)["clusters"])


def test_info_says_what_the_module_says_and_how_it_could_be_upgraded(made: Project) -> None:
    said = made.run()["cluster"]
    (found,) = info(made, name=NAME)
    assert made.writes() == []
    upgrade, support = found.pop("upgrade"), found.pop("support")
    del said["support"]
    assert found == said
    assert support == {"tier": "standard", "standard_end": "2027-04-24", "extended_end": "2028-02-24"}
    assert upgrade["blockers"] == []
    assert [(row["version"], row["hops"]) for row in upgrade["targets"]] == [("1.36.1-gke.1207000", 1)]


def test_pool_that_the_next_hop_leaves_behind_is_a_blocker(project: Project) -> None:
    project.run(version="1.34")
    project.run(version="1.35", upgrade={"pools": "manual"})
    blockers = info(project, name=NAME)[0]["upgrade"]["blockers"]
    assert [row["resources"] for row in blockers] == [["node pool general"], ["node pool system"]]
    assert blockers[0]["code"] == "PoolTooOld"


def test_without_a_name_all_are_listed_and_nowhere_none(made: Project) -> None:
    made.run(name="other", node_pools=None)
    assert [found["name"] for found in info(made)] == ["other", NAME]
    assert info(made, location="us-east1") == []
    assert info(made, name="nobody") == []


def test_what_may_not_be_read_is_named_and_not_taken_for_absent(made: Project) -> None:
    made.harbour.faults.add(
        Fault("answer", operation="FetchClusterUpgradeInfo", service="gke", status=403, code="PERMISSION_DENIED")
    )
    (found,) = info(made, name=NAME)
    assert found["unknown"] == ["upgrades"]
    assert found["support"]["standard_end"] == ""


def test_stranger_is_refused_and_a_bad_place_is_one_sentence(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match='location is "europe"; must be a Google Cloud region or zone'):
        info(made, location="europe")
    act_as(made.harbour, monkeypatch, "stranger")
    with pytest.raises(PlatformError, match="gke/europe-west1: ListClusters: Google answered PERMISSION_DENIED"):
        info(made)


def test_inventory_lists_the_clusters_of_a_project(made: Project, tmp_path: pathlib.Path) -> None:
    source = {"cloud": "gke", "locations": [made.document["location"]], "account": made.document["project"]}
    done = inventory(made.harbour, tmp_path, sources=[{**source, "auth": made.document["auth"]}])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    variables = found["_meta"]["hostvars"][NAME]
    assert "gke" in str(variables["managed_cluster"]["cloud"])
    assert "1.35." in str(variables["managed_cluster"]["version"])
    assert found["cloud_gke"]["hosts"] == [NAME]
