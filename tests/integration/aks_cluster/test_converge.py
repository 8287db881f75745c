# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change, take over and delete an AKS cluster; a second run sends no write."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from tests.integration.aks_cluster.conftest import Subscription
from tests.integration.grounds import changed

OWNER = {"seaworthy-owner": "seaworthy.platform"}
EDIT, TAG, POOL, GONE = (
    "ManagedClusters_CreateOrUpdate",
    "ManagedClusters_UpdateTags",
    "AgentPools_CreateOrUpdate",
    "AgentPools_Delete",
)
WINDOW, LOCK, LOGS = (
    "MaintenanceConfigurations_CreateOrUpdate",
    "ManagementLocks_CreateOrUpdate",
    "DiagnosticSettings_CreateOrUpdate",
)
GROUPS = ["11111111-2222-3333-4444-555555555555"]


def test_check_on_an_empty_subscription_says_what_would_be_made_and_writes_nothing(subscription: Subscription) -> None:
    result = subscription.run(check=True, deletion_protection=True)
    assert (result["changed"], subscription.writes()) == (True, [])
    assert [action["id"] for action in result["plan"]] == ["control-plane.create", "control-plane.protection"]
    assert result["diff"]["after"]["node_pools"]["system"]["size"] == {"desired": 3}


def test_run_does_what_check_said(subscription: Subscription) -> None:
    foreseen = subscription.run(check=True, deletion_protection=True, maintenance={"window": {"start": "03:00"}})
    result = subscription.run(deletion_protection=True, maintenance={"window": {"start": "03:00"}})
    assert result["plan_id"] == foreseen["plan_id"]
    assert subscription.writes() == [EDIT, WINDOW, LOCK], "protection comes last"


def test_created_cluster_is_ours_with_entra_id_and_its_pools(made: Subscription) -> None:
    cluster = made.cluster()
    assert cluster["tags"] == OWNER
    assert cluster["properties"]["aadProfile"]["managed"] is True
    assert cluster["properties"]["disableLocalAccounts"] is True
    general, system = made.pool("general"), made.pool("system")
    assert (general["mode"], general["enableAutoScaling"], general["count"]) == ("User", True, 2)
    assert (system["mode"], system["count"], system["tags"]) == ("System", 3, OWNER)
    assert system["vnetSubnetID"] == made.document["network"]["subnets"][0]


def test_uniform_result_describes_what_was_made(made: Subscription) -> None:
    cluster = made.run()["cluster"]
    assert (cluster["cloud"], cluster["state"], cluster["version"], cluster["tier"]) == (
        "aks",
        "ready",
        "1.35.7",
        "standard",
    )
    assert cluster["endpoint"] == "https://127.0.0.1:1"
    assert cluster["ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert {pool["name"]: pool["mode"] for pool in cluster["node_pools"]} == {"general": "user", "system": "system"}
    assert cluster["owner"] == "seaworthy.platform"


def test_second_run_reads_side_by_side_writes_nothing_and_is_one_line(made: Subscription) -> None:
    result = made.run()
    assert (result["changed"], made.writes(), result["drift"]) == (False, [], [])
    assert sorted(made.asked()) == [
        "DiagnosticSettings_List",
        "MaintenanceConfigurations_ListByManagedCluster",
        "ManagedClusters_Get",
        "ManagedClusters_ListClusterUserCredentials",
        "ManagementLocks_ListAtScope",
        "Subscriptions_Get",
    ]
    assert [line.split() for line in made.lines] == [["aks/prod", "ACTIVE", "nothing", "to", "do"]]


UPDATES: dict[str, tuple[str, t.Any, list[str]]] = {
    "version": ("version", "1.36", [EDIT, POOL, POOL]),
    "tier": ("tier", "premium", [EDIT]),
    "support": ("support", "extended", [EDIT]),
    "allow-list": ("endpoint.allowed_cidrs", ["203.0.113.0/24", "198.51.100.0/24"], [EDIT]),
    "Cilium": ("network.policy_engine", "cilium", [EDIT]),
    "way out": ("network.outbound", "nat_gateway", [EDIT]),
    "workload identity": ("identity.workload", True, [EDIT]),
    "Azure RBAC": ("identity.azure_rbac", True, [EDIT]),
    "administrators": ("identity.entra_admin_groups", GROUPS, [EDIT]),
    "local accounts": ("identity.local_accounts", True, [EDIT]),
    "channel": ("maintenance.channel", "patch", [EDIT]),
    "node channel": ("maintenance.node_channel", "security_patch", [EDIT]),
    "daily window": ("maintenance.window", {"start": "03:00"}, [WINDOW]),
    "weekly window": ("maintenance.window", {"start": "03:00", "hours": "8", "day": "Saturday"}, [WINDOW]),
    "node window": ("maintenance.node_window", {"start": "01:00"}, [WINDOW]),
    "exclusions": (
        "maintenance",
        {"window": {"start": "03:00"}, "exclusions": {"holidays": {"start": "2026-12-20", "end": "2027-01-04"}}},
        [WINDOW],
    ),
    "add-ons": (
        "addons",
        {name: {"state": "present"} for name in ("azure_policy", "key_vault", "keda", "image_cleaner", "app_routing")},
        [EDIT],
    ),
    "add-on off": ("addons", {"file_csi_driver": {"state": "absent"}}, [EDIT]),
    "deletion protection": ("deletion_protection", True, [LOCK]),
    "tags": ("tags", {"team": "a"}, [TAG]),
    "scale": ("node_pools.system.size", {"desired": 5}, [POOL]),
    "bounds": ("node_pools.general.size", {"min": 3, "max": 9}, [POOL]),
    "autoscaling off": (
        "node_pools.general",
        {"size": {"desired": 4}, "instance_types": ["Standard_D4s_v5"]},
        [POOL],
    ),
    "autoscaling on": (
        "node_pools.system",
        {"autoscaling": True, "size": {"min": 1, "max": 2}, "instance_types": ["Standard_D2s_v5"]},
        [POOL],
    ),
    "labels": ("node_pools.system.labels", {"team": "a"}, [POOL]),
    "taints": ("node_pools.system.taints", [{"key": "gpu", "value": "true", "effect": "NoSchedule"}], [POOL]),
    "surge": ("node_pools.system.surge", {"max_surge_percentage": 33, "drain_timeout": 60, "soak": 5}, [POOL]),
    "surge count": ("node_pools.system.surge", {"max_surge": 2, "max_unavailable": 1}, [POOL]),
    "image": ("node_pools.system.image_type", "AzureLinux", [POOL]),
    "mode": ("node_pools.general.mode", "system", [POOL]),
    "pool tags": ("node_pools.system.tags", {"team": "a"}, [POOL]),
    "new pool": (
        "node_pools.extra",
        {"size": {"desired": 1}, "spot": True, "instance_types": ["Standard_D4s_v5"], "zones": ["1", "3"]},
        [POOL],
    ),
    "removed pool": ("node_pools.general", {"state": "absent"}, [GONE]),
}


@pytest.mark.parametrize("case", UPDATES)
def test_change_is_made_by_its_call_alone_and_then_rests(made: Subscription, case: str) -> None:
    path, value, operations = UPDATES[case]
    wanted = changed(made.document, path, value)
    if case == "support":
        del wanted["tier"]
    foreseen = made.run(wanted, check=True)
    assert foreseen["changed"] is True
    assert made.writes() == []
    result = made.run(wanted)
    assert (result["changed"], made.writes(), result["plan_id"]) == (True, operations, foreseen["plan_id"])
    assert made.run(wanted)["changed"] is False
    assert made.writes() == []


TAKEN_BACK: dict[str, t.Any] = {
    "allow-list": ["0.0.0.0/0"],
    "daily window": {},
    "node window": {},
    "administrators": [],
    "local accounts": False,
    "workload identity": False,
    "channel": "none",
    "tags": {},
    "labels": {},
    "taints": [],
    "pool tags": {},
    "deletion protection": False,
}


@pytest.mark.parametrize("case", TAKEN_BACK)
def test_change_can_be_taken_back(made: Subscription, case: str) -> None:
    path, value, _ = UPDATES[case]
    made.run(changed(made.document, path, value))
    back = changed(made.document, path, TAKEN_BACK[case])
    made.run(back)
    assert len(made.writes()) == 1
    assert made.run(back)["changed"] is False


def test_encryption_comes_and_goes(made: Subscription) -> None:
    for value in ("https://vault.vault.azure.net/keys/clusters/0123456789abcdef0123456789abcdef", ""):
        assert made.run(encryption={"kms_key": value})["changed"] is True
        assert made.writes() == [EDIT]
        assert made.run(encryption={"kms_key": value})["changed"] is False


def test_logs_go_to_the_workspace_and_stop_with_an_empty_list(made: Subscription) -> None:
    workspace = made.harbour.azure.publish()["workspace"]
    made.run(logging=["audit", "api"], logging_workspace=workspace)
    assert made.writes() == [LOGS]
    assert made.run(logging=["api", "audit"], logging_workspace=workspace)["cluster"]["logging"] == ["api", "audit"]
    assert made.writes() == []
    made.run(logging=[])
    assert made.beside()["diagnostics"] == {}
    assert made.run(logging=[])["changed"] is False


def test_control_plane_identity_of_ours_takes_the_place_of_its_own(made: Subscription) -> None:
    identity = made.harbour.azure.publish()["identity"]
    made.run(identity={"control_plane": identity})
    assert made.cluster()["identity"]["type"] == "UserAssigned"
    assert (
        made.run(identity={"control_plane": identity.upper().replace("SUBSCRIPTIONS", "subscriptions")})["drift"] == []
    )


def test_all_changes_of_a_record_travel_in_one_request(made: Subscription) -> None:
    wanted = copy.deepcopy(made.document)
    for case in (
        "allow-list",
        "channel",
        "add-ons",
        "workload identity",
        "tags",
        "labels",
        "surge",
        "deletion protection",
    ):
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    made.run(wanted)
    assert sorted(made.writes()) == sorted([EDIT, POOL, TAG, LOCK])
    assert made.writes()[-1] == LOCK
    assert made.run(wanted)["changed"] is False


def test_what_we_do_not_manage_goes_back_as_it_came(made: Subscription) -> None:
    cluster = made.cluster()
    cluster["properties"]["autoScalerProfile"] = {"expander": "least-waste"}
    cluster["properties"]["httpProxyConfig"] = {"httpProxy": "http://proxy.example.com"}
    made.call("PUT", body=cluster)
    made.pass_time()
    before = made.cluster()["properties"]
    made.run(endpoint={"allowed_cidrs": ["203.0.113.0/24"]})
    made.pass_time()
    after = made.cluster()["properties"]
    assert after.pop("apiServerAccessProfile") == {"authorizedIPRanges": ["203.0.113.0/24"]}
    for side in (before, after):
        side["agentPoolProfiles"] = [{**pool, "eTag": ""} for pool in side["agentPoolProfiles"]]
    assert after == before


def test_upgrade_takes_control_plane_and_pools_through_every_minor(subscription: Subscription) -> None:
    subscription.run(version="1.34")
    result = subscription.run(version="1.36")
    assert subscription.writes() == [EDIT, EDIT, *[POOL] * 4], (
        "the control plane first, then pools, one minor at a time"
    )
    assert subscription.cluster()["properties"]["currentKubernetesVersion"] == "1.36.2"
    assert subscription.pool("general")["currentOrchestratorVersion"] == "1.36.2"
    assert "first of two hops to 1.36" in result["plan_text"]
    assert subscription.run(version="1.36")["changed"] is False


def test_pools_may_be_left_for_later(subscription: Subscription) -> None:
    subscription.run(version="1.34")
    subscription.run(version="1.35", upgrade={"pools": "manual"})
    assert subscription.writes() == [EDIT]
    assert subscription.pool("system")["currentOrchestratorVersion"] == "1.34.9"
    assert subscription.run(version="1.35", upgrade={"pools": "manual"})["changed"] is False


def test_exact_version_is_reached_and_a_minor_is_any_of_its_patches(subscription: Subscription) -> None:
    subscription.run(version="1.35.5")
    assert subscription.cluster()["properties"]["currentKubernetesVersion"] == "1.35.5"
    assert subscription.run(version="1.35")["changed"] is False
    subscription.run(version="1.35.7")
    assert subscription.cluster()["properties"]["currentKubernetesVersion"] == "1.35.7"


def test_older_version_is_refused_except_as_a_floor_on_a_channel(made: Subscription) -> None:
    with pytest.raises(PlatformError, match="it never moves back"):
        made.run(version="1.34")
    channel = {"channel": "stable"}
    made.run(maintenance=channel)
    assert made.run(version="1.34", maintenance=channel)["changed"] is False


def test_version_of_long_term_support_alone_says_so(subscription: Subscription) -> None:
    with pytest.raises(PlatformError, match="offered with long-term support alone"):
        subscription.run(version="1.33")
    assert subscription.writes() == []
    wanted = {**subscription.document, "version": "1.33", "support": "extended"}
    del wanted["tier"]
    subscription.run(wanted)
    assert subscription.cluster()["sku"]["tier"] == "Premium"


def test_size_that_the_autoscaler_chose_is_left_alone(made: Subscription) -> None:
    pool = made.call("GET", "/agentPools/general")
    pool["properties"]["count"] = 5
    made.call("PUT", "/agentPools/general", pool)
    made.pass_time()
    assert made.run()["changed"] is False
    made.run(changed(made.document, "node_pools.general.labels", {"a": "b"}))
    assert made.pool("general")["count"] == 5


def test_tags_of_others_stay_where_purging_is_off_and_go_where_it_is_on(made: Subscription) -> None:
    made.call("PATCH", body={"tags": {**OWNER, "theirs": "x"}})
    made.pass_time()
    made.run(tags={"team": "a"}, purge_tags=False)
    assert made.cluster()["tags"] == {**OWNER, "theirs": "x", "team": "a"}
    made.run(tags={"team": "a"})
    assert made.cluster()["tags"] == {**OWNER, "team": "a"}


def test_unnamed_pools_stay_unless_purged(made: Subscription) -> None:
    only = {"system": made.document["node_pools"]["system"]}
    assert made.run(node_pools=only)["changed"] is False
    made.run(node_pools=only, purge_node_pools=True)
    assert made.writes() == [GONE]


def foreign(subscription: Subscription) -> Subscription:
    subscription.run()
    subscription.pass_time()
    subscription.call("PATCH", body={"tags": {"made-by": "hand"}})
    subscription.pass_time()
    return subscription


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("check", [True, False])
def test_foreign_cluster_is_refused_before_any_write(subscription: Subscription, state: str, check: bool) -> None:
    foreign(subscription)
    with pytest.raises(PlatformError, match="exists but is not ours") as caught:
        subscription.run(state=state, check=check)
    assert (caught.value.kind, subscription.writes()) == ("foreign", [])


def test_foreign_cluster_is_taken_over_on_request_and_tagged_first(subscription: Subscription) -> None:
    foreign(subscription)
    subscription.run(adopt="any", identity={"azure_rbac": True})
    assert subscription.writes()[0] == TAG
    assert subscription.cluster()["tags"] == {"made-by": "hand", **OWNER}


def test_deletion_takes_pools_along_and_leaves_nothing(made: Subscription) -> None:
    result = made.run(state="absent")
    assert made.writes() == ["ManagedClusters_Delete"]
    assert "node pools general, system go with it" in result["plan_text"]
    assert made.harbour.azure.document() == []
    assert made.run(state="absent")["changed"] is False


def test_protected_cluster_is_deleted_only_where_the_same_document_lifts_the_protection(made: Subscription) -> None:
    made.run(deletion_protection=True)
    with pytest.raises(PlatformError, match="protected from deletion"):
        made.run(state="absent")
    made.run(state="absent", deletion_protection=False)
    assert made.writes() == ["ManagementLocks_Delete", "ManagedClusters_Delete"]


def test_lock_of_somebody_else_is_heeded_and_left(made: Subscription) -> None:
    lock = "/providers/Microsoft.Authorization/locks/theirs?api-version=2020-05-01"
    made.harbour.azure.client().call("PUT", f"{made.path}{lock}", {"properties": {"level": "CanNotDelete"}})
    with pytest.raises(PlatformError, match="Remove the lock that is named above") as caught:
        made.run(state="absent")
    assert (caught.value.kind, caught.value.code) == ("protected", "ScopeLocked")
    assert list(made.beside()["locks"]) == ["theirs"]


@pytest.mark.parametrize("check", [True, False])
def test_immutable_differences_are_refused_all_at_once(made: Subscription, check: bool) -> None:
    wanted = changed(made.document, "network.service_cidr", "10.99.0.0/16")
    wanted = changed(wanted, "node_pools.system.instance_types", ["Standard_D8s_v5"])
    wanted = changed(wanted, "node_pools.general.spot", True)
    with pytest.raises(PlatformError) as caught:
        made.run(wanted, check=check)
    assert (caught.value.kind, made.writes()) == ("immutable", [])
    for path in ("network.service_cidr", "node_pools.system.instance_types", "node_pools.general.spot"):
        assert path in str(caught.value)


def test_policy_engine_has_one_way_only(made: Subscription) -> None:
    made.run(network={"policy_engine": "cilium"})
    with pytest.raises(PlatformError, match="network.policy_engine is cilium, declared calico") as caught:
        made.run(network={"policy_engine": "calico"})
    assert (caught.value.kind, made.writes()) == ("immutable", [])


def test_automatic_cluster_has_no_pools_of_ours(subscription: Subscription) -> None:
    wanted = {name: value for name, value in subscription.document.items() if name not in ("node_pools", "network")}
    subscription.run({**wanted, "mode": "auto"})
    cluster = subscription.cluster()
    assert cluster["sku"] == {"name": "Automatic", "tier": "Standard"}
    assert subscription.run({**wanted, "mode": "auto"})["changed"] is False
    with pytest.raises(InvalidInput, match="AKS Automatic cluster"):
        subscription.run()


def test_without_waiting_the_next_run_continues(subscription: Subscription) -> None:
    result = subscription.run(wait=False, deletion_protection=True)
    assert [row["kind"] for row in result["operations"]] == ["operation"]
    assert [action["id"] for action in result["pending"]] == ["control-plane.protection"]
    subscription.run(deletion_protection=True)
    assert subscription.writes() == [LOCK]


def test_cluster_elsewhere_is_not_taken_for_ours(made: Subscription) -> None:
    with pytest.raises(InvalidInput, match="is in westeurope, but location is northeurope"):
        made.run(location="northeurope")
