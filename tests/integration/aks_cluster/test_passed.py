# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no option passes through, what cannot be changed is replaced on request, and rails hold."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from tests.integration.aks_cluster.conftest import Json, Subscription
from tests.integration.grounds import changed

CLUSTER: Json = {
    "autoScalerProfile": {"scan-interval": "20s", "expander": "least-waste"},
    "aiToolchainOperatorProfile": {"enabled": True},
    "nodeResourceGroup": "prod-nodes",
}
POOL: Json = {"kubeletConfig": {"podMaxPids": 4096}, "scaleDownMode": "Deallocate"}


def with_extra(subscription: Subscription) -> Json:
    return changed({**subscription.document, "extra": CLUSTER}, "node_pools.general.extra", POOL)


def test_what_has_no_option_is_created_compared_and_kept(subscription: Subscription) -> None:
    subscription.run(with_extra(subscription))
    found, pool = subscription.cluster()["properties"], subscription.pool("general")
    assert found["autoScalerProfile"]["scan-interval"] == "20s"
    assert (found["nodeResourceGroup"], found["aiToolchainOperatorProfile"]) == ("prod-nodes", {"enabled": True})
    assert (pool["kubeletConfig"], pool["scaleDownMode"]) == ({"podMaxPids": 4096}, "Deallocate")
    result = subscription.run(with_extra(subscription))
    assert (result["changed"], subscription.writes(), result["diff"]["before"]) == (False, [], result["diff"]["after"])


def test_member_is_changed_and_the_rest_of_it_stays(subscription: Subscription) -> None:
    subscription.run(with_extra(subscription))
    wanted = changed(subscription.document, "extra", {"autoScalerProfile": {"scan-interval": "30s"}})
    wanted = changed(wanted, "node_pools.general.extra", {"scaleDownMode": "Delete"})
    foreseen = subscription.run(wanted, check=True)
    assert subscription.run(wanted)["plan_id"] == foreseen["plan_id"]
    assert subscription.writes() == ["ManagedClusters_CreateOrUpdate", "AgentPools_CreateOrUpdate"]
    assert subscription.cluster()["properties"]["autoScalerProfile"] == {
        "scan-interval": "30s",
        "expander": "least-waste",
    }
    assert subscription.pool("general")["kubeletConfig"] == {"podMaxPids": 4096}
    assert subscription.run(wanted)["changed"] is False


REFUSED: dict[str, tuple[Json, str]] = {
    "what has an option": (
        {"autoUpgradeProfile": {"upgradeChannel": "patch"}},
        "extra.autoUpgradeProfile.upgradeChannel has an option of its own; set maintenance.channel instead",
    ),
    "what is ours": ({"enableRBAC": False}, "extra.enableRBAC has an option of its own; it is set for you"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("check", [True, False])
def test_what_an_option_has_is_refused_before_any_write(subscription: Subscription, case: str, check: bool) -> None:
    extra, said = REFUSED[case]
    with pytest.raises(InvalidInput) as caught:
        subscription.run(extra=extra, check=check)
    assert said in str(caught.value)
    assert subscription.writes() == []


def test_what_azure_does_not_know_is_named_by_azure_and_nothing_is_made(subscription: Subscription) -> None:
    with pytest.raises(PlatformError, match="autoScalerProfil") as caught:
        subscription.run(extra={"autoScalerProfil": {"expander": "random"}})
    assert caught.value.kind == "invalid"
    assert subscription.run(check=True)["changed"] is True


def test_member_that_cannot_be_changed_is_refused(made: Subscription) -> None:
    with pytest.raises(PlatformError, match="extra.nodeResourceGroup is ") as caught:
        made.run(extra={"nodeResourceGroup": "other"})
    assert (caught.value.kind, made.writes()) == ("immutable", [])


@pytest.mark.parametrize("pool", ["general", "system"])
def test_pool_that_cannot_be_changed_is_replaced_on_request_and_found_again(made: Subscription, pool: str) -> None:
    wanted = changed({**made.document, "replace": "pools"}, f"node_pools.{pool}.instance_types", ["Standard_D8s_v5"])
    foreseen = made.run(wanted, check=True)
    assert made.run(wanted)["plan_id"] == foreseen["plan_id"]
    assert made.writes() == ["AgentPools_CreateOrUpdate", "AgentPools_Delete"]
    made.pass_time()
    (found,) = [row for row in made.cluster()["properties"]["agentPoolProfiles"] if row["vmSize"] == "Standard_D8s_v5"]
    assert found["name"].startswith(pool[:5])
    assert found["name"] != pool
    assert (found["mode"], found["tags"]["seaworthy-pool"]) == ("System" if pool == "system" else "User", pool)
    again = made.run(wanted)
    assert (again["changed"], made.writes()) == (False, [])


def test_pool_that_cannot_be_changed_is_refused_unasked(made: Subscription) -> None:
    with pytest.raises(PlatformError, match="Set replace: pools") as caught:
        made.run(changed(made.document, "node_pools.general.instance_types", ["Standard_D8s_v5"]))
    assert (caught.value.kind, made.writes()) == ("immutable", [])


RAILS: dict[str, tuple[t.Callable[[Json], Json], Json, str]] = {
    "nodes": (lambda document: document, {"max_nodes": 8}, "the pools may grow to 9 nodes, guard.max_nodes is 8"),
    "support": (
        lambda document: {**document, "tier": "premium", "support": "extended"},
        {"extended_support": "deny"},
        "extended support is on, which costs extra",
    ),
    "open": (lambda document: document, {"public_without_cidrs": "deny"}, "the API server is open to everybody"),
}


@pytest.mark.parametrize("rail", RAILS)
@pytest.mark.parametrize("there", [True, False])
def test_rail_holds_before_any_write(subscription: Subscription, rail: str, there: bool) -> None:
    change, guard, said = RAILS[rail]
    if there:
        subscription.run()
        subscription.pass_time()
    with pytest.raises(PlatformError) as caught:
        subscription.run({**change(subscription.document), "guard": guard})
    assert said in str(caught.value)
    assert (caught.value.kind, subscription.writes()) == ("protected", [])


def test_rail_lets_pass_what_is_within_it(made: Subscription) -> None:
    closed = changed(made.document, "endpoint.allowed_cidrs", ["203.0.113.0/24"])
    guard = {"max_nodes": 9, "public_without_cidrs": "deny", "extended_support": "deny"}
    assert made.run({**closed, "guard": guard})["warnings"] == []
    made.pass_time()
    assert made.run()["warnings"] == []
