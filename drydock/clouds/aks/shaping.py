# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that shape what AKS stores and answers, in the order in which they take effect."""

from __future__ import annotations

import ipaddress

from ..rules import Stage
from . import defaults, furniture, offers
from . import store as stores
from .protocol import Json
from .rules import CLUSTER_PUT, CLUSTER_TAGS, LONG, PUTS, Call, Refusal, Table
from .store import Store
from .subscription import SIZES, UNAVAILABLE

RULES = Table()
rule = RULES.rule


@rule(
    "A9",
    "a pool that a cluster's PUT does not mention stays",
    source="pulumi-azure-native#1686; AKS#2495",
    on=(CLUSTER_PUT,),
    stage=Stage.SHAPE,
)
def omitted_pools_stay(store: Store, call: Call) -> Refusal | None:
    call.dropped = []
    return None


@rule(
    "A14",
    "what is not asked for gets the recorded defaults",
    source="recordings/aks/aso-managedcluster-2025-10-02-preview.json, entries 1 and 9",
    on=PUTS,
    stage=Stage.SHAPE,
)
def recorded_defaults(store: Store, call: Call) -> Refusal | None:
    if call.operation == CLUSTER_PUT and call.cluster is None:
        defaults.fill_cluster(call.draft, call.place, call.account)
    for record in call.drafts.values():
        defaults.fill_pool(record)
    return None


@rule(
    "A21",
    "a new cluster carries what AKS installs, and its add-on manager reverts what others change of it",
    source="kubernetes/kubernetes cluster/addons/addon-manager; AKS documentation of managed components; addendum",
    on=(CLUSTER_PUT,),
    stage=Stage.SHAPE,
)
def furnished(store: Store, call: Call) -> Refusal | None:
    if call.cluster is None:
        call.installs = furniture.NAMES
    return None


@rule(
    "A13",
    "an alias of a version stays one; what runs is said beside it",
    source="recordings/aks (kubernetesVersion 1.33, currentKubernetesVersion 1.33.6)",
    on=PUTS,
    stage=Stage.SHAPE,
)
def alias_stays(store: Store, call: Call) -> Refusal | None:
    if call.operation == CLUSTER_PUT and call.cluster is None:
        properties = call.draft["properties"]
        properties["kubernetesVersion"] = properties.get("kubernetesVersion") or offers.DEFAULT_VERSION
        properties["currentKubernetesVersion"] = offers.patch(properties["kubernetesVersion"])
    for record in call.drafts.values():
        properties = call.draft.get("properties") or call.here.properties
        record["orchestratorVersion"] = record.get("orchestratorVersion") or properties["kubernetesVersion"]
        record.setdefault("currentOrchestratorVersion", offers.patch(record["orchestratorVersion"]))
    return None


@rule(
    "A15",
    "ids and locations come back in other letters",
    source="recordings/aks (resourcegroups), azurerm#12347; locations have no spaces",
    on=PUTS,
    stage=Stage.SHAPE,
)
def letters_change(store: Store, call: Call) -> Refusal | None:
    if call.operation == CLUSTER_PUT:
        call.draft["id"] = call.place.cluster_id.replace("/resourceGroups/", "/resourcegroups/")
        call.draft["location"] = str(call.draft["location"]).replace(" ", "").lower()
    return None


@rule(
    "A18",
    "a PATCH of tags replaces all of them",
    source="azure-mgmt-containerservice begin_update_tags; research/cloud-clusters.md 2.2",
    on=(CLUSTER_TAGS,),
    stage=Stage.SHAPE,
)
def tags_are_replaced(store: Store, call: Call) -> Refusal | None:
    call.tags = dict(call.body.get("tags") or {})
    return None


@rule(
    "A12",
    "what has failed is repaired by sending it again",
    source="Azure/AKS#4674; azurerm#29146",
    on=PUTS,
    stage=Stage.SHAPE,
)
def failed_is_sent_again(store: Store, call: Call) -> Refusal | None:
    call.repaired = True
    return None


@rule(
    "A1",
    "a write answers where to look: a signed address with an api-version of its own",
    source="recordings/aks/stop-and-start.json, aso-managedcluster-2025-08-01.json (2025-03-01)",
    on=LONG,
    stage=Stage.SHAPE,
)
def work_has_a_signed_address(store: Store, call: Call) -> Refusal | None:
    call.work.query = stores.signature()
    return None


@rule(
    "A17",
    "what runs short shows in the operation, not in the answer",
    source="AKS error codes: ErrCode_InsufficientVCPUQuota, SkuNotAvailable, InsufficientSubnetSize",
    on=LONG,
    stage=Stage.SHAPE,
)
def shortage_shows_late(store: Store, call: Call) -> Refusal | None:
    fault = call.faults.take("aks", call.operation, ("fail",))
    if fault is not None:
        call.failure = (fault.code, fault.message)
        return None
    for record in call.drafts.values():
        call.failure = call.failure or _short(store, call, record)
    return None


def _short(store: Store, call: Call, record: Json) -> tuple[str, str] | None:
    size, count = str(record.get("vmSize", "")), int(record.get("count") or 0)
    if size == UNAVAILABLE:
        return "SkuNotAvailable", f"The VM size of {size} is not available for subscription {call.place.subscription}."
    used = sum(
        SIZES[pool.record["vmSize"]].cpus * int(pool.record["count"])
        for cluster in store.of(call.place.subscription)
        for pool in cluster.pools.values()
        if not (cluster is call.cluster and pool.name == record["name"])
    )
    asked = SIZES[size].cpus * count
    if used + asked > call.account.quota:
        text = f"Insufficient vcpu quota requested {asked}, remaining {call.account.quota - used} for family."
        return "ErrCode_InsufficientVCPUQuota", text
    subnet = call.account.subnet(str(record.get("vnetSubnetID") or ""))
    room = ipaddress.ip_network(subnet.cidr).num_addresses - 5 if subnet else count
    if count > room:
        return "InsufficientSubnetSize", f"Pre-allocated IPs {count} exceeds IPs available {room} in Subnet."
    return None


@rule(
    "A4",
    "Azure itself goes on working on a cluster that was just made",
    source="Azure/telescope#1213 (PutExtensionAddonHandler)",
    on=(CLUSTER_PUT,),
    stage=Stage.SETTLE,
)
def work_of_its_own_follows(store: Store, call: Call) -> Refusal | None:
    call.afterwards = "PutExtensionAddonHandler"
    return None
