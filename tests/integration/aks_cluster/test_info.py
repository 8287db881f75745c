# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known of AKS clusters is known, by module and by inventory, and nothing is written."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.aks_cluster.conftest import NAME, Json, Subscription, act_as
from tests.integration.grounds import inventory
from tests.twin.aks_steps import stopped

PLACE = ("subscription", "location", "auth")


def info(subscription: Subscription, /, **options: t.Any) -> list[Json]:
    subscription.harbour.journal.clear()
    asked = {name: subscription.document[name] for name in PLACE} | options
    with stopped(subscription.harbour):
        return t.cast(list[Json], cluster_info("aks", asked)["clusters"])


def one(subscription: Subscription) -> Json:
    (found,) = info(subscription, name=NAME, resource_group=subscription.document["resource_group"])
    return found


def test_info_says_what_the_module_says_and_how_it_could_be_upgraded(made: Subscription) -> None:
    said = made.run()["cluster"]
    found = one(made)
    assert made.writes() == []
    upgrade, support = found.pop("upgrade"), found.pop("support")
    del said["support"]
    assert found == said
    assert support == {"tier": "standard", "standard_end": "", "extended_end": ""}
    assert upgrade == {
        "targets": [{"version": "1.36", "hops": 1, "tier": "standard", "standard_end": "", "extended_end": ""}],
        "blockers": [],
    }


def test_cluster_of_a_version_in_long_term_support_knows_its_way_on(subscription: Subscription) -> None:
    subscription.run(version="1.33", tier="premium", support="extended")
    subscription.pass_time()
    found = one(subscription)
    assert found["support"]["tier"] == "extended"
    assert [(row["version"], row["hops"]) for row in found["upgrade"]["targets"]] == [
        ("1.34", 1),
        ("1.35", 2),
        ("1.36", 3),
    ]


def test_work_that_runs_is_a_blocker(made: Subscription) -> None:
    made.call("PUT", body=made.cluster())
    blockers = one(made)["upgrade"]["blockers"]
    assert {row["code"] for row in blockers} == {"NotReady"}
    assert blockers[0]["message"] == "the control plane is Updating"


def test_without_a_name_all_of_the_location_are_listed_and_nowhere_none(made: Subscription) -> None:
    made.run(name="other")
    assert [found["name"] for found in info(made)] == ["other", NAME]
    assert {found["resource_group"] for found in info(made)} == {made.document["resource_group"]}
    assert [found["name"] for found in info(made, resource_group=made.document["resource_group"])] == ["other", NAME]
    assert info(made, location="northeurope") == []
    assert info(made, name="nobody", resource_group=made.document["resource_group"]) == []


def test_what_may_not_be_read_is_named_and_not_taken_for_absent(made: Subscription) -> None:
    operation = "ManagedClusters_ListKubernetesVersions"
    made.harbour.faults.add(Fault("answer", operation=operation, service="aks", status=403, code="AuthorizationFailed"))
    found = one(made)
    assert found["unknown"] == ["versions"]
    assert found["upgrade"]["targets"] == []


def test_stranger_is_refused_and_a_bad_place_is_one_sentence(
    made: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="resource_group is missing"):
        info(made, name=NAME)
    act_as(made.harbour, monkeypatch, "stranger")
    with pytest.raises(PlatformError) as caught:
        info(made)
    assert caught.value.kind == "wrong_account"


def test_inventory_lists_the_clusters_of_a_subscription(made: Subscription, tmp_path: pathlib.Path) -> None:
    place = made.document
    source = {"cloud": "aks", "locations": [place["location"]], "account": place["subscription"], "auth": place["auth"]}
    done = inventory(made.harbour, tmp_path, sources=[source])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    variables = found["_meta"]["hostvars"][NAME]
    assert "1.35." in str(variables["managed_cluster"]["version"])
    assert place["resource_group"] in str(variables["cluster_resource_group"])
    assert place["subscription"] in str(variables["cluster_account"])
    assert found["cloud_aks"]["hosts"] == [NAME]
