# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons, access, providers, Auto Mode, encryption, rails and replacement of pools against the EKS twin."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from drydock.clouds.eks.insights import add_insight
from drydock.faults import Fault
from tests.integration.eks_cluster.conftest import NAME, Account, Json
from tests.integration.eks_cluster.test_converge import OWNED
from tests.integration.grounds import changed

TEAM = "arn:aws:iam::111122223333:role/team"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
EDIT = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
OIDC = {"issuer_url": "https://issuer.example.com", "client_id": "kubernetes", "groups_claim": "groups"}
LATEST = "v1.20.5-eksbuild.1"


def addon(account: Account, name: str) -> Json:
    return t.cast(Json, account.eks().describe_addon(clusterName=NAME, addonName=name)["addon"])


def entry(account: Account, principal: str = TEAM) -> Json:
    own = {"clusterName": NAME, "principalArn": principal}
    policies = account.eks().list_associated_access_policies(**own)["associatedAccessPolicies"]
    found = account.eks().describe_access_entry(**own)["accessEntry"]
    return {**found, "policies": {row["policyArn"]: row["accessScope"]["namespaces"] for row in policies}}


# what changes one option after creation: option, value, the writes of the run, in order
CHANGES: dict[str, tuple[str, t.Any, list[str]]] = {
    "auto mode": ("mode", "auto", ["UpdateClusterConfig"]),
    "encryption": ("encryption", {"kms_key": KEY}, ["AssociateEncryptionConfig"]),
    "add-on": ("addons", {"vpc-cni": {"version": "latest"}}, ["CreateAddon"]),
    "policy engine": ("network.policy_engine", "vpc-cni", ["CreateAddon"]),
    "access": (
        "access",
        {TEAM: {"groups": ["team"], "policies": {"AmazonEKSViewPolicy": {"namespaces": ["a"]}}}},
        ["CreateAccessEntry", "AssociateAccessPolicy"],
    ),
    "oidc provider": ("oidc_provider", OIDC, ["AssociateIdentityProviderConfig"]),
    "workload identity": ("identity.workload", True, ["CreateOpenIDConnectProvider"]),
    "extra": ("extra", {"zonalShiftConfig": {"enabled": True}}, ["UpdateClusterConfig"]),
    "two extras": (
        "extra",
        {"zonalShiftConfig": {"enabled": True}, "controlPlaneScalingConfig": {"tier": "tier-xl"}},
        ["UpdateClusterConfig", "UpdateClusterConfig"],
    ),
    "pool repair": ("node_pools.system.repair", True, ["UpdateNodegroupConfig"]),
    "pool strategy": ("node_pools.system.surge.strategy", "minimal", ["UpdateNodegroupConfig"]),
    "pool release": ("node_pools.system.release_version", "1.35.2-20260801", ["UpdateNodegroupVersion"]),
    "pool extra": (
        "node_pools.system.extra",
        {"nodeRepairConfig": {"maxParallelNodesRepairedCount": 2}},
        ["UpdateNodegroupConfig"],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_change_is_made_by_its_calls_alone_and_then_rests(made: Account, case: str) -> None:
    path, value, operations = CHANGES[case]
    wanted = changed(made.document, path, value)
    foreseen = made.run(wanted, check=True)
    assert (foreseen["changed"], made.writes()) == (True, [])
    result = made.run(wanted)
    assert made.writes() == operations
    assert (result["plan_id"], result["diff"]) == (foreseen["plan_id"], foreseen["diff"])
    assert made.run(wanted)["changed"] is False
    assert made.writes() == []


FULL: Json = {
    "encryption": {"kms_key": KEY},
    "access": {TEAM: {"policies": {"AmazonEKSEditPolicy": {}}}},
    "oidc_provider": OIDC,
    "addons": {"vpc-cni": {}, "kube-proxy": {"version": "default"}, "coredns": {"config": {"replicaCount": 3}}},
    "network.policy_engine": "vpc-cni",
    "identity.workload": True,
}


def full(account: Account) -> Json:
    wanted = account.document
    for path, value in FULL.items():
        wanted = changed(wanted, path, value)
    return wanted


def test_everything_at_creation_is_made_in_order_and_then_rests(account: Account) -> None:
    wanted = full(account)
    foreseen = account.run(wanted, check=True)
    result = account.run(wanted)
    assert (result["plan_id"], result["diff"]) == (foreseen["plan_id"], foreseen["diff"])
    writes = account.writes()
    assert writes[0] == "CreateCluster"
    order = [x for x in writes if x in ("CreateAddon", "CreateNodegroup", "AssociateIdentityProviderConfig")]
    assert order.index("CreateAddon") < order.index("CreateNodegroup")
    after_nodes = order[len(order) - order[::-1].index("CreateNodegroup") :]
    assert sorted(after_nodes) == ["AssociateIdentityProviderConfig", "CreateAddon"], "coredns needs nodes to run on"
    assert account.cluster()["encryptionConfig"][0]["provider"]["keyArn"] == KEY
    assert entry(account)["policies"] == {EDIT: []}
    assert addon(account, "coredns")["status"] == "ACTIVE"
    assert '"enableNetworkPolicy":"true"' in addon(account, "vpc-cni")["configurationValues"]
    assert account.run(wanted)["changed"] is False
    assert account.writes() == []


def test_reads_of_a_run_without_change_are_two_rounds_deep(made: Account) -> None:
    made.run(access={TEAM: {}}, addons={"vpc-cni": {}})
    made.run(access={TEAM: {}}, addons={"vpc-cni": {}})
    assert made.writes() == []
    assert sorted(set(made.asked())) == [
        *("DescribeAccessEntry", "DescribeAddon", "DescribeCluster", "DescribeNodegroup", "GetCallerIdentity"),
        *("ListAccessEntries", "ListAddons", "ListAssociatedAccessPolicies", "ListNodegroups"),
    ]


def test_addon_is_changed_in_one_call_and_its_neighbours_stay(made: Account) -> None:
    made.eks().create_addon(clusterName=NAME, addonName="metrics-server", configurationValues='{"replicas":2}')
    made.run(addons={"vpc-cni": {"version": "default", "config": {"env": {"A": "1"}}}})
    theirs = addon(made, "metrics-server")
    role = made.harbour.seed.node_role
    wanted = {"version": "latest", "config": {"env": {"A": "2"}}, "identity": {"pods": {"aws-node": role}}}
    made.run(addons={"vpc-cni": {**wanted, "on_conflict": "preserve"}})
    assert made.writes() == ["UpdateAddon"]
    assert addon(made, "vpc-cni")["addonVersion"] == LATEST
    assert made.run(addons={"vpc-cni": wanted})["changed"] is False
    assert addon(made, "metrics-server") == theirs


def test_role_of_an_addon_goes_along_with_every_update(made: Account) -> None:
    role = made.harbour.seed.node_role
    made.run(addons={"vpc-cni": {"version": "default", "identity": {"role": role}}})
    made.run(addons={"vpc-cni": {"version": "latest"}})
    assert addon(made, "vpc-cni")["serviceAccountRoleArn"] == role


def test_addon_follows_the_clusters_version_before_pools_do(made: Account) -> None:
    wanted: Json = {"addons": {"kube-proxy": {"version": "default"}}}
    made.run(**wanted)
    made.run(version="1.36", **wanted)
    assert made.writes() == ["UpdateClusterVersion", "UpdateAddon", *["UpdateNodegroupVersion"] * 2]
    assert addon(made, "kube-proxy")["addonVersion"].startswith("v1.36.")


def test_what_is_ours_but_not_declared_is_listed_and_goes_on_request(made: Account) -> None:
    made.run(addons={"vpc-cni": {}, "metrics-server": {}}, access={TEAM: {}})
    result = made.run(addons={"vpc-cni": {}}, access={}, node_pools={"system": {}})
    assert (result["changed"], made.writes()) == (False, [])
    assert [row["target"] for row in result["undeclared"]] == ["pool general", f"access {TEAM}", "addon metrics-server"]
    assert "- keep addon metrics-server   ours, but not declared; it stays" in result["plan_text"]
    purge: Json = {"purge_addons": True, "purge_access": True}
    made.run(addons={"vpc-cni": {}}, access={}, **purge)
    assert sorted(made.writes()) == ["DeleteAccessEntry", "DeleteAddon"]
    assert made.run(addons={"vpc-cni": {}}, access={}, **purge)["changed"] is False


def test_foreign_addons_and_entries_of_nodes_survive_every_purge(made: Account) -> None:
    node = made.harbour.seed.node_role
    made.eks().create_access_entry(clusterName=NAME, principalArn=node, type="EC2_LINUX", tags=OWNED)
    made.eks().create_addon(clusterName=NAME, addonName="metrics-server")
    made.pass_time()
    theirs = addon(made, "metrics-server"), entry(made, node)
    made.run(addons={}, access={}, purge_addons=True, purge_access=True)
    assert made.writes() == []
    assert (addon(made, "metrics-server"), entry(made, node)) == theirs


def test_foreign_addon_is_refused_and_taken_over_on_request(made: Account) -> None:
    made.eks().create_addon(clusterName=NAME, addonName="vpc-cni")
    made.pass_time()
    with pytest.raises(PlatformError, match="not ours, for want of our tag") as caught:
        made.run(addons={"vpc-cni": {"version": "latest"}})
    assert (caught.value.kind, made.writes()) == ("foreign", [])
    made.run(addons={"vpc-cni": {"version": "latest"}}, adopt="any")
    assert made.writes() == ["TagResource", "UpdateAddon"]


def test_access_is_converged_policy_by_policy(made: Account) -> None:
    made.run(access={TEAM: {"groups": ["a"], "policies": {"AmazonEKSViewPolicy": {"namespaces": ["x"]}}}})
    wanted = {TEAM: {"groups": ["b"], "policies": {"AmazonEKSEditPolicy": {}}}}
    made.run(access=wanted)
    assert made.writes() == ["UpdateAccessEntry", "AssociateAccessPolicy", "DisassociateAccessPolicy"]
    found = entry(made)
    assert (found["kubernetesGroups"], found["policies"]) == (["b"], {EDIT: []})
    made.run(access={TEAM: {"policies": {"AmazonEKSEditPolicy": {"namespaces": ["x", "y"]}}}})
    assert made.writes() == ["AssociateAccessPolicy"], "groups that are not declared stay"
    assert entry(made)["policies"] == {EDIT: ["x", "y"]}
    made.run(access={TEAM: {"state": "absent"}})
    assert made.writes() == ["DeleteAccessEntry"]


def creator(account: Account) -> str:
    (principal,) = account.eks().list_access_entries(clusterName=NAME)["accessEntries"]
    return str(principal)


def test_creators_own_entry_can_be_declared_at_creation(account: Account) -> None:
    who = account.harbour.client("sts").get_caller_identity()["Arn"]
    wanted: Json = {who: {"policies": {"AmazonEKSClusterAdminPolicy": {}}}, TEAM: {}}
    account.run(access=wanted)
    assert account.run(access=wanted)["changed"] is False
    assert entry(account, who)["tags"] == OWNED


@pytest.mark.parametrize("way", [{"state": "absent"}, {"policies": {"AmazonEKSViewPolicy": {}}}])
def test_nobody_locks_himself_out(made: Account, way: Json) -> None:
    who = creator(made)
    with pytest.raises(PlatformError, match="would lose AmazonEKSClusterAdminPolicy") as caught:
        made.run(access={who: way})
    assert (caught.value.kind, made.writes()) == ("protected", [])
    assert made.run(access={}, purge_access=True)["changed"] is False


def test_access_of_a_cluster_that_reads_its_config_map_is_opened_one_way(account: Account) -> None:
    account.run(access_mode="config_map")
    with pytest.raises(PlatformError, match="the cluster's access_mode is config_map") as caught:
        account.run(access={TEAM: {}})
    assert (caught.value.kind, account.writes()) == ("invalid", [])
    account.run(access={TEAM: {}}, access_mode="api_and_config_map")
    assert account.writes() == ["UpdateClusterConfig", "CreateAccessEntry"]
    with pytest.raises(PlatformError, match="access_mode is api_and_config_map, declared config_map") as caught:
        account.run(access_mode="config_map")
    assert (caught.value.kind, account.writes()) == ("immutable", [])


def test_key_is_set_once(made: Account) -> None:
    made.run(encryption={"kms_key": KEY})
    for check in (True, False):
        with pytest.raises(PlatformError, match="encryption.kms_key is") as caught:
            made.run(encryption={"kms_key": KEY + "f"}, check=check)
        assert (caught.value.kind, made.writes()) == ("immutable", [])


def test_provider_of_users_is_replaced_whole_and_goes(made: Account) -> None:
    made.run(oidc_provider=OIDC)
    other = {**OIDC, "client_id": "other"}
    made.run(oidc_provider=other)
    assert made.writes() == ["DisassociateIdentityProviderConfig", "AssociateIdentityProviderConfig"]
    assert made.run(oidc_provider=other)["changed"] is False
    made.run(oidc_provider={"state": "absent"})
    assert made.writes() == ["DisassociateIdentityProviderConfig"]
    assert made.run(oidc_provider={"state": "absent"})["changed"] is False


def trusted(account: Account) -> int:
    """Return how many IAM providers there are for the cluster's issuer."""
    issuer = account.cluster()["identity"]["oidc"]["issuer"].removeprefix("https://")
    found = account.harbour.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return sum(row["Arn"].endswith(issuer) for row in found)


def test_trust_of_iam_in_the_issuer_comes_and_goes(made: Account) -> None:
    identity = made.document["identity"]
    made.run(identity={**identity, "workload": True})
    assert trusted(made) == 1
    assert made.run(identity=identity)["changed"] is False, "unset is unmanaged"
    made.run(identity={**identity, "workload": False})
    assert trusted(made) == 0


def test_auto_mode_comes_and_goes_as_one(made: Account) -> None:
    auto = {"node_pools": ["system"], "node_role": made.harbour.seed.node_role}
    made.run(mode="auto", auto=auto)
    record = made.cluster()
    assert record["computeConfig"] == {
        "enabled": True,
        "nodePools": ["system"],
        "nodeRoleArn": made.harbour.seed.node_role,
    }
    assert record["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert record["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert made.run(mode="auto", auto=auto)["changed"] is False
    assert made.run(mode="auto", auto=auto)["cluster"]["mode"] == "auto"
    made.run(mode="standard")
    assert made.cluster()["computeConfig"]["enabled"] is False


def test_auto_mode_at_creation_needs_no_pools(account: Account) -> None:
    auto = {"node_pools": ["general-purpose", "system"], "node_role": account.harbour.seed.node_role}
    account.run(mode="auto", auto=auto, node_pools=None)
    assert account.writes() == ["CreateCluster"]
    assert account.run(mode="auto", auto=auto, node_pools=None)["changed"] is False


def zones(account: Account, name: str) -> set[str]:
    wanted = account.pool(name)["subnets"]
    found = account.harbour.client("ec2").describe_subnets(SubnetIds=wanted)["Subnets"]
    return {subnet["AvailabilityZone"] for subnet in found}


def test_pool_lies_in_its_zones(made: Account) -> None:
    one, other = sorted(zones(made, "system"))
    wanted = changed(made.document, "node_pools.zonal", {"size": {"desired": 1}, "zones": [one]})
    made.run(wanted)
    assert zones(made, "zonal") == {one}
    assert made.run(wanted)["changed"] is False
    with pytest.raises(PlatformError, match="node_pools.zonal.zones is"):
        made.run(changed(wanted, "node_pools.zonal.zones", [other]))
    with pytest.raises(PlatformError, match="node_pools.more.zones names eu-west-1f, where the cluster has no"):
        made.run(changed(wanted, "node_pools.more", {"size": {"desired": 1}, "zones": ["eu-west-1f"]}))


def test_pool_that_cannot_be_changed_is_replaced_on_request_and_only_then(made: Account) -> None:
    wanted = changed(made.document, "node_pools.general.instance_types", ["m7i.xlarge"])
    with pytest.raises(PlatformError, match="replace: pools") as caught:
        made.run(wanted)
    assert (caught.value.kind, made.writes()) == ("immutable", [])
    made.eks().update_nodegroup_config(
        clusterName=NAME, nodegroupName="general", scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 3}
    )
    made.pass_time()
    foreseen = made.run(wanted, replace="pools", check=True)
    result = made.run(wanted, replace="pools")
    assert result["plan_id"] == foreseen["plan_id"]
    assert made.writes() == ["CreateNodegroup", "DeleteNodegroup"]
    names = made.eks().list_nodegroups(clusterName=NAME)["nodegroups"]
    (new,) = [name for name in names if name.startswith("general-")]
    assert made.pool(new)["scalingConfig"]["desiredSize"] == 3, "as large as the one it replaces"
    assert made.pool(new)["tags"] == {**OWNED, "seaworthy:pool": "general"}
    for replace in ("pools", "never"):
        assert made.run(wanted, replace=replace)["changed"] is False
    made.run(changed(wanted, "node_pools.general.labels", {"a": "b"}))
    assert made.writes() == ["UpdateNodegroupConfig"]
    made.run(changed(wanted, "node_pools.general", {"state": "absent"}))
    assert made.eks().list_nodegroups(clusterName=NAME)["nodegroups"] == ["system"]


def test_replacement_that_was_cut_short_is_finished(made: Account) -> None:
    wanted = changed(made.document, "node_pools.general.instance_types", ["m7i.xlarge"])
    made.run(wanted, replace="pools", wait=False)
    assert made.writes() == ["CreateNodegroup"]
    made.run(wanted, replace="pools")
    assert made.writes() == ["DeleteNodegroup"]
    assert made.run(wanted, replace="pools")["changed"] is False


DENIED: dict[str, tuple[Json, str]] = {
    "nodes": ({"guard": {"max_nodes": 5}}, "the pools may grow to 6 nodes, guard.max_nodes is 5"),
    "support": ({"guard": {"extended_support": "deny"}, "support": "extended"}, "extended support is on"),
    "endpoint": ({"guard": {"public_without_cidrs": "deny"}}, "the API server is open to everybody"),
}


@pytest.mark.parametrize("case", DENIED)
def test_rail_denies_before_any_write_and_warns_where_it_is_loose(account: Account, case: str) -> None:
    options, said = DENIED[case]
    with pytest.raises(PlatformError, match=said) as caught:
        account.run(**options)
    assert (caught.value.kind, account.writes()) == ("protected", [])
    if case != "nodes":
        loose = {**options, "guard": {}}
        assert any(said in warning for warning in account.run(**loose)["warnings"])


def test_finding_holds_an_upgrade_and_is_passed_on_request(made: Account) -> None:
    cluster = next(iter(made.harbour.twin.store.clusters.values()))
    add_insight(cluster, "ERROR", ident="f1", name="Deprecated APIs", version="1.36", reason="in use")
    with pytest.raises(PlatformError, match="readiness findings, or set upgrade.force: true") as caught:
        made.run(version="1.36")
    assert caught.value.code == "InvalidStateException"
    made.run(version="1.36", upgrade={"force": True})
    assert made.cluster()["version"] == "1.36"


REFUSED: dict[str, tuple[Json, str, str]] = {
    "no such add-on": ({"addons": {"no-such": {"version": "latest"}}}, "not_found", "addons.no-such is no add-on"),
    "no such version": (
        {"addons": {"vpc-cni": {"version": "v1.0.0-eksbuild.1"}}},
        "version",
        "addons.vpc-cni.version is v1.0.0-eksbuild.1; for this cluster EKS offers v1.20.5-eksbuild.1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("check", [True, False])
def test_addon_that_is_not_offered_is_refused_before_any_write(made: Account, case: str, check: bool) -> None:
    options, kind, said = REFUSED[case]
    with pytest.raises(PlatformError, match=said) as caught:
        made.run(**options, check=check)
    assert (caught.value.kind, made.writes()) == (kind, [])


def test_conflict_of_an_addon_says_which_option_settles_it(made: Account) -> None:
    fault = Fault("fail", operation="CreateAddon", code="ConfigurationConflict", message="field .spec is of kubectl")
    made.harbour.faults.add(fault)
    with pytest.raises(PlatformError, match="add-on vpc-cni is CREATE_FAILED: ConfigurationConflict") as caught:
        made.run(addons={"vpc-cni": {}})
    assert "on_conflict" in caught.value.remedy
    made.run(addons={"vpc-cni": {"on_conflict": "overwrite"}})
    assert made.writes() == ["DeleteAddon", "CreateAddon"]


@pytest.mark.parametrize("operation", ["ListAddons", "ListAccessEntries", "ListIdentityProviderConfigs"])
def test_part_that_may_not_be_read_is_not_planned_for(made: Account, operation: str) -> None:
    made.harbour.faults.add(Fault("answer", operation=operation, times=9, status=403, code="AccessDeniedException"))
    with pytest.raises(PlatformError, match="could not be read, so nothing is planned for") as caught:
        made.run(addons={"vpc-cni": {}}, access={TEAM: {}}, oidc_provider=OIDC)
    assert (caught.value.kind, made.writes()) == ("permission", [])
