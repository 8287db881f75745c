# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change, take over and delete an EKS cluster; a second run sends no write."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.integration.eks_cluster.conftest import NAME, Account
from tests.integration.grounds import changed

OWNED = {"seaworthy:owner": "seaworthy.platform"}


def test_check_on_an_empty_account_says_what_would_be_made_and_writes_nothing(account: Account) -> None:
    result = account.run(check=True)
    assert result["changed"] is True
    assert account.writes() == []
    assert [action["id"] for action in result["plan"]] == [
        "control-plane.create",
        "pool.general.create",
        "pool.system.create",
    ]
    assert result["cluster"]["exists"] is False
    assert result["diff"]["before"] == {"name": NAME, "state": "absent"}
    assert account.lines[0].split()[:4] == ["eks/prod", "plan", "create", "control"]


def test_run_does_what_check_said(account: Account) -> None:
    foreseen = account.run(check=True)
    result = account.run()
    assert (result["plan_id"], result["diff"]) == (foreseen["plan_id"], foreseen["diff"])
    assert account.writes() == ["CreateCluster", "CreateNodegroup", "CreateNodegroup"]


def test_created_cluster_is_ours_reachable_and_not_billed_for_extended_support(made: Account) -> None:
    record = made.cluster()
    assert record["tags"] == OWNED
    assert record["upgradePolicy"] == {"supportType": "STANDARD"}
    assert record["accessConfig"]["authenticationMode"] == "API"
    assert made.pool("system")["scalingConfig"] == {"minSize": 2, "maxSize": 2, "desiredSize": 2}
    assert made.pool("general")["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 1}
    assert made.pool("general")["tags"] == OWNED


def test_uniform_result_describes_what_was_made(made: Account) -> None:
    cluster = made.run()["cluster"]
    assert (cluster["state"], cluster["version"], cluster["account"]) == ("ready", "1.35", made.harbour.seed.account)
    assert cluster["endpoint"].startswith("https://")
    assert cluster["ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert [pool["name"] for pool in cluster["node_pools"]] == ["general", "system"]
    assert [pool["state"] for pool in cluster["node_pools"]] == ["ready", "ready"]


def test_second_run_sends_no_write_and_says_one_line(made: Account) -> None:
    result = made.run()
    assert (result["changed"], made.writes(), result["plan"]) == (False, [], [])
    assert result["diff"]["before"] == result["diff"]["after"]
    assert len(made.lines) == 1


def test_account_is_asked_for_before_anything_else(made: Account) -> None:
    made.run()
    assert made.asked()[0] == "GetCallerIdentity"
    assert made.asked().count("GetCallerIdentity") == 1


def test_minimal_document_touches_nothing_that_it_does_not_name(made: Account) -> None:
    result = made.run({"name": NAME, "region": made.harbour.seed.region})
    assert (result["changed"], made.writes()) == (False, [])


UPDATES: dict[str, tuple[str, t.Any, list[str]]] = {
    "version": ("version", "1.36", ["UpdateClusterVersion", "UpdateNodegroupVersion", "UpdateNodegroupVersion"]),
    "private endpoint": ("endpoint", {"private": True}, ["UpdateClusterConfig"]),
    "allow-list": ("endpoint", {"public": True, "allowed_cidrs": ["203.0.113.0/24"]}, ["UpdateClusterConfig"]),
    "closed endpoint": ("endpoint", {"public": False, "private": True}, ["UpdateClusterConfig"]),
    "logging": ("logging", ["audit", "api"], ["UpdateClusterConfig"]),
    "support": ("support", "extended", ["UpdateClusterConfig"]),
    "deletion protection": ("deletion_protection", True, ["UpdateClusterConfig"]),
    "tags": ("tags", {"team": "a"}, ["TagResource"]),
    "scale": ("node_pools.system.size", {"desired": 3}, ["UpdateNodegroupConfig"]),
    "bounds": ("node_pools.general.size", {"min": 2, "max": 8}, ["UpdateNodegroupConfig"]),
    "labels": ("node_pools.system.labels", {"team": "a"}, ["UpdateNodegroupConfig"]),
    "taints": (
        "node_pools.system.taints",
        [{"key": "gpu", "value": "true", "effect": "NoSchedule"}],
        ["UpdateNodegroupConfig"],
    ),
    "surge": ("node_pools.system.surge", {"max_unavailable_percentage": 50}, ["UpdateNodegroupConfig"]),
    "pool tags": ("node_pools.system.tags", {"team": "a"}, ["TagResource"]),
    "new pool": ("node_pools.extra", {"size": {"desired": 1}}, ["CreateNodegroup"]),
    "removed pool": ("node_pools.system", {"state": "absent"}, ["DeleteNodegroup"]),
}


@pytest.mark.parametrize("case", UPDATES)
def test_change_is_made_by_its_call_alone_and_then_rests(made: Account, case: str) -> None:
    path, value, operations = UPDATES[case]
    wanted = changed(made.document, path, value)
    assert made.run(wanted, check=True)["changed"] is True
    assert made.writes() == []
    result = made.run(wanted)
    assert (result["changed"], made.writes()) == (True, operations)
    assert made.run(wanted)["changed"] is False
    assert made.writes() == []


@pytest.mark.parametrize("case", ["logging", "labels", "taints", "tags", "pool tags", "support"])
def test_change_can_be_taken_back(made: Account, case: str) -> None:
    path, value, _ = UPDATES[case]
    empty = "standard" if case == "support" else type(value)()
    made.run(changed(made.document, path, value))
    made.run(changed(made.document, path, empty))
    assert len(made.writes()) == 1
    assert made.run(changed(made.document, path, empty))["changed"] is False


def test_many_kinds_of_change_go_one_after_another(made: Account) -> None:
    wanted = copy.deepcopy(made.document)
    for case in ("version", "allow-list", "logging", "support", "deletion protection", "tags", "labels", "new pool"):
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    made.run(wanted)
    assert made.writes().count("UpdateClusterConfig") == 4
    assert made.writes()[0] == "UpdateClusterVersion"
    assert made.writes()[-1] == "UpdateClusterConfig", "protection comes last"
    assert made.run(wanted)["changed"] is False


def test_upgrade_takes_the_control_plane_through_every_minor_and_each_pool_once(account: Account) -> None:
    account.run(version="1.34")
    result = account.run(version="1.36")
    assert account.writes() == ["UpdateClusterVersion"] * 2 + ["UpdateNodegroupVersion"] * 2
    assert account.cluster()["version"] == "1.36"
    assert {account.pool(name)["version"] for name in ("general", "system")} == {"1.36"}
    assert "first of two hops to 1.36" in result["plan_text"]


def test_pools_may_be_left_for_later(account: Account) -> None:
    account.run(version="1.34")
    account.run(version="1.35", upgrade={"pools": "manual"})
    assert account.writes() == ["UpdateClusterVersion"]
    assert account.pool("system")["version"] == "1.34"
    assert account.run(version="1.35", upgrade={"pools": "manual"})["changed"] is False


def test_size_that_the_autoscaler_chose_is_left_alone(made: Account) -> None:
    sizes = {"minSize": 1, "maxSize": 4, "desiredSize": 3}
    made.eks().update_nodegroup_config(clusterName=NAME, nodegroupName="general", scalingConfig=sizes)
    made.pass_time()
    assert made.run()["changed"] is False
    made.run(changed(made.document, "node_pools.general.size", {"min": 2, "max": 4}))
    assert made.pool("general")["scalingConfig"] == {"minSize": 2, "maxSize": 4, "desiredSize": 3}


def test_taint_keeps_its_neighbours(made: Account) -> None:
    taints = [{"key": "a", "effect": "NoSchedule"}, {"key": "b", "value": "x", "effect": "NoExecute"}]
    made.run(changed(made.document, "node_pools.system.taints", taints))
    taints[1]["value"] = "y"
    made.run(changed(made.document, "node_pools.system.taints", taints))
    found = {(taint["key"], taint.get("value") or "", taint["effect"]) for taint in made.pool("system")["taints"]}
    assert found == {("a", "", "NO_SCHEDULE"), ("b", "y", "NO_EXECUTE")}


def test_tags_of_others_stay_where_purging_is_off_and_go_where_it_is_on(made: Account) -> None:
    arn = made.cluster()["arn"]
    made.eks().tag_resource(resourceArn=arn, tags={"theirs": "x"})
    made.run(tags={"ours": "y"}, purge_tags=False)
    assert made.cluster()["tags"] == {**OWNED, "ours": "y", "theirs": "x"}
    assert made.run()["changed"] is False, "unset is unmanaged"
    made.run(tags={"ours": "y"})
    assert made.cluster()["tags"] == {**OWNED, "ours": "y"}


def test_unnamed_pools_stay_unless_purged(made: Account) -> None:
    only = {"general": made.document["node_pools"]["general"]}
    assert made.run(node_pools=only)["changed"] is False
    made.run(node_pools=only, purge_node_pools=True)
    assert made.writes() == ["DeleteNodegroup"]


def foreign_cluster(account: Account) -> None:
    seed = account.harbour.seed
    account.eks().create_cluster(
        name=NAME,
        roleArn=seed.cluster_role,
        version="1.35",
        resourcesVpcConfig={"subnetIds": account.document["network"]["subnets"]},
        kubernetesNetworkConfig={"serviceIpv4Cidr": "172.20.0.0/16"},
    )
    account.pass_time()


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("check", [True, False])
def test_foreign_cluster_is_refused_before_any_write(account: Account, state: str, check: bool) -> None:
    foreign_cluster(account)
    with pytest.raises(PlatformError, match="eks/prod exists but is not ours") as caught:
        account.run(state=state, check=check)
    assert (caught.value.kind, account.writes()) == ("foreign", [])


def test_foreign_cluster_is_taken_over_on_request_and_tagged_first(account: Account) -> None:
    foreign_cluster(account)
    account.run(adopt="any")
    assert account.writes() == ["TagResource", "CreateNodegroup", "CreateNodegroup"]
    assert account.run()["changed"] is False, "ours now"


def test_foreign_pool_is_refused(made: Account) -> None:
    seed = made.harbour.seed
    made.eks().create_nodegroup(
        clusterName=NAME, nodegroupName="theirs", subnets=sorted(seed.subnets.values())[:2], nodeRole=seed.node_role
    )
    made.pass_time()
    with pytest.raises(PlatformError, match="node pool theirs exists but is not ours"):
        made.run(changed(made.document, "node_pools.theirs", {"size": {"desired": 9}}))
    assert made.writes() == []
    assert made.run(purge_node_pools=True)["changed"] is False, "purging is for ours"


def test_deletion_takes_pools_first_and_leaves_nothing(made: Account) -> None:
    result = made.run(state="absent")
    assert made.writes() == ["DeleteNodegroup", "DeleteNodegroup", "DeleteCluster"]
    assert result["cluster"]["state"] == "absent"
    assert made.eks().list_clusters()["clusters"] == []
    assert made.run(state="absent")["changed"] is False
    assert made.writes() == []


def test_deletion_and_new_creation_is_not_answered_from_memory(made: Account) -> None:
    made.run(state="absent")
    made.run()
    assert made.writes() == ["CreateCluster", "CreateNodegroup", "CreateNodegroup"]
    assert made.cluster()["status"] == "ACTIVE"


def test_protected_cluster_is_deleted_only_where_the_same_document_lifts_the_protection(made: Account) -> None:
    made.run(deletion_protection=True)
    with pytest.raises(PlatformError, match="is protected from deletion") as caught:
        made.run(state="absent", deletion_protection=True)
    assert (caught.value.kind, made.writes()) == ("protected", [])
    made.run(state="absent", deletion_protection=False)
    assert made.writes()[0] == "UpdateClusterConfig"
    assert made.writes()[-1] == "DeleteCluster"


@pytest.mark.parametrize("check", [True, False])
def test_immutable_differences_are_refused_all_at_once(made: Account, check: bool) -> None:
    wanted = changed(made.document, "network.service_cidr", "10.101.0.0/16")
    wanted = changed(wanted, "node_pools.system.spot", True)
    with pytest.raises(PlatformError) as caught:
        made.run(wanted, check=check)
    assert caught.value.kind == "immutable"
    assert [row["path"] for row in caught.value.details["drift"]] == ["network.service_cidr", "node_pools.system.spot"]
    assert made.writes() == []


def test_without_waiting_the_next_run_continues(account: Account) -> None:
    result = account.run(wait=False)
    assert account.writes() == ["CreateCluster"]
    assert [operation["kind"] for operation in result["operations"]] == ["cluster creation"]
    assert [action["id"] for action in result["pending"]] == ["pool.general.create", "pool.system.create"]
    account.run()
    assert account.writes() == ["CreateNodegroup", "CreateNodegroup"]


def test_progress_is_a_line_for_each_change_of_state(account: Account) -> None:
    account.run()
    states = [line.split()[1] for line in account.lines]
    assert states == ["plan", "CREATING", "ACTIVE", "CREATING", "ACTIVE", "ACTIVE"]
    assert "node pools general, system" in account.lines[3]
