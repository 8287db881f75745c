# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known of clusters is known, by module and by inventory, and nothing is written."""

from __future__ import annotations

import json
import pathlib
import subprocess
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.clouds.eks.insights import add_insight
from drydock.faults import Fault
from tests.integration.eks_cluster.conftest import NAME, Account, Json
from tests.integration.grounds import inventory


def info(held: Account, /, **options: t.Any) -> list[Json]:
    held.harbour.journal.clear()
    asked = {"region": held.harbour.seed.region, **options}
    return t.cast(list[Json], cluster_info("eks", asked)["clusters"])


def test_info_says_what_the_module_says_and_how_it_could_be_upgraded(made: Account) -> None:
    said = made.run(access={}, addons={})["cluster"]
    (found,) = info(made, name=NAME)
    assert made.writes() == []
    upgrade, support = found.pop("upgrade"), found.pop("support")
    del said["support"]
    assert found == said
    assert support == {"tier": "standard", "standard_end": "2027-03-28", "extended_end": "2028-03-28"}
    assert upgrade["blockers"] == []
    assert upgrade["targets"] == [
        {"version": "1.36", "hops": 1, "tier": "standard", "standard_end": "2027-08-03", "extended_end": "2028-08-03"}
    ]


def test_finding_of_the_cloud_is_a_blocker(made: Account) -> None:
    cluster = next(iter(made.harbour.twin.store.clusters.values()))
    add_insight(cluster, "ERROR", ident="f1", name="Deprecated APIs", version="1.36", reason="flowschemas in use")
    add_insight(cluster, "PASSING", ident="f2", name="Kubelet skew", version="1.36", reason="fine")
    assert info(made, name=NAME)[0]["upgrade"]["blockers"] == [
        {"code": "InsightError", "message": "Deprecated APIs: flowschemas in use", "resources": ["f1"]}
    ]


def test_without_a_name_all_are_listed_and_nowhere_none(made: Account) -> None:
    made.run(name="other", node_pools=None)
    assert [found["name"] for found in info(made)] == ["other", NAME]
    assert info(made, region="us-east-1") == []
    assert info(made, name="nobody") == []


def test_denied_part_is_named_and_not_absent(made: Account) -> None:
    made.harbour.faults.add(Fault("answer", operation="ListInsights", status=403, code="AccessDeniedException"))
    (found,) = info(made, name=NAME)
    assert found["unknown"] == ["findings"]


def test_wrong_account_and_wrong_words_are_refused(made: Account) -> None:
    with pytest.raises(PlatformError, match="eks/eu-west-1: the credentials belong to account 111122223333"):
        info(made, account="444455556666")
    assert made.asked() == ["GetCallerIdentity"]
    with pytest.raises(InvalidInput, match="region is missing"):
        cluster_info("eks", {})


SOURCE = {"cloud": "eks", "locations": ["eu-west-1"], "account": "111122223333"}


def listed(account: Account, folder: pathlib.Path, **options: t.Any) -> subprocess.CompletedProcess[str]:
    return inventory(account.harbour, folder, **{"sources": [SOURCE], **options})


def found_in(account: Account, folder: pathlib.Path, **options: t.Any) -> Json:
    account.harbour.journal.clear()
    done = listed(account, folder, **options)
    assert done.returncode == 0, done.stderr
    return t.cast(Json, bare(json.loads(done.stdout)))


def bare(value: t.Any) -> t.Any:
    """Return what ansible-inventory prints without its marks on texts that came from outside."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe") or {name: bare(item) for name, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value


def test_inventory_lists_clusters_with_groups_and_variables_that_the_layers_take(
    made: Account, tmp_path: pathlib.Path
) -> None:
    made.run(tags={"team": "a b"})
    found = found_in(
        made,
        tmp_path,
        groups={"platform_clusters": "managed_cluster.owner == 'seaworthy.platform'"},
        keyed_groups=[{"key": "managed_cluster.tags.team", "prefix": "by"}],
        compose={"platform_environment": "'staging'"},
    )
    assert made.writes() == []
    groups = ("cloud_eks", "location_eu_west_1", "version_1_35", "support_standard", "tag_team_a_b")
    for group in (*groups, "owner_seaworthy_platform", "platform_clusters"):
        assert found[group]["hosts"] == [NAME], group
    variables = found["_meta"]["hostvars"][NAME]
    assert {name: value for name, value in variables.items() if name.startswith("cluster_")} == {
        "cluster_provider": "eks",
        "cluster_name": NAME,
        "cluster_region": "eu-west-1",
        "cluster_account": "111122223333",
        "cluster_auth": {},
        "cluster_managed": False,
    }
    assert found[next(name for name in found if name.startswith("by_a"))]["hosts"] == [NAME]
    assert variables["platform_environment"] == "staging"
    assert variables["managed_cluster"]["upgrade"]["targets"][0]["version"] == "1.36"


def test_inventory_answers_from_its_cache(made: Account, tmp_path: pathlib.Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = found_in(made, tmp_path, **cache)
    assert made.asked() != []
    assert found_in(made, tmp_path, **cache) == first
    assert made.asked() == []


BAD: dict[str, tuple[Json, str]] = {
    "unknown cloud": ({"sources": [{**SOURCE, "cloud": "ibm"}]}, "sources[0].cloud is 'ibm'; must be eks"),
    "no location": ({"sources": [{"cloud": "eks"}]}, "sources[0].locations must be a list"),
    "unknown word": ({"sources": [{**SOURCE, "region": "x"}]}, "must be a mapping of account, auth, cloud, locations"),
    "wrong account": ({"sources": [{**SOURCE, "account": "444455556666"}]}, "nothing was read or written"),
    "one name for two": ({"hostname": "'same'"}, "two clusters would be the host same"),
}


@pytest.mark.parametrize("case", BAD)
def test_inventory_refuses_in_one_sentence(made: Account, tmp_path: pathlib.Path, case: str) -> None:
    made.run(name="other", node_pools=None)
    options, said = BAD[case]
    done = listed(made, tmp_path, **options)
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
