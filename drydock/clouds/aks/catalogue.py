# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows A2 to A20 of the rule catalogue: what AKS refuses. What it shapes is in ``shaping``."""

from __future__ import annotations

import typing as t

from ..rules import Stage
from . import offers
from .protocol import Json
from .rules import (
    CLUSTER_DELETE,
    CLUSTER_PUT,
    CLUSTER_WRITES,
    LONG,
    POOL_DELETE,
    POOL_PUT,
    POOL_WRITES,
    PUTS,
    Call,
    Refusal,
    Table,
    bad,
    dig,
)
from .store import Pool, Store

RULES = Table()
rule = RULES.rule


@rule(
    "A19",
    "a child of what does not exist misses its parent",
    source="research/cloud-clusters.md 2.2 (errors); azure-resource-manager common errors",
    stage=Stage.ADMIT,
)
def parent_exists(store: Store, call: Call) -> Refusal | None:
    place, home = call.place, call.home
    if home is None or not place.group or home.group(place.group) is None or not place.cluster:
        return None
    is_child = not call.operation.startswith("ManagedClusters_") or call.operation.endswith(("Credentials", "Profile"))
    if not is_child or store.find(place.subscription, place.group, place.cluster) is not None:
        return None
    text = f"Failed to perform '{call.right}' on resource(s) of type '{call.operation.partition('_')[0]}', because the "
    return Refusal(
        404, "ParentResourceNotFound", f"{text}parent resource '{place.cluster_id}' could not be found.", gateway=True
    )


@rule(
    "A16",
    "writes come from a bucket that refills slowly",
    source="AKS quotas and limits: PUT managedClusters and agentPools, burst 20, one a minute",
    on=PUTS,
)
def bucket_has_a_token(store: Store, call: Call) -> Refusal | None:
    place = call.place
    throttled = call.faults.take("aks", call.operation, ("throttle",)) is not None
    key = call.operation, place.subscription, place.group.lower(), place.cluster.lower()
    left, since = store.buckets.get(key, (float(offers.BURST), call.now))
    left = min(float(offers.BURST), left + (call.now - since) / offers.REFILL_SECONDS)
    if left >= 1.0 and not throttled:
        store.buckets[key] = (left - 1.0, call.now)
        return None
    text = "The request is being throttled as the limit has been reached for operation type - PutManagedCluster."
    after = {"Retry-After": str(offers.RETRY_AFTER)}
    return Refusal(429, "Throttled", f"{text} Please retry after {offers.RETRY_AFTER} seconds.", headers=after)


@rule(
    "A20",
    "what is locked is not deleted",
    source="azure-resource-manager, lock resources: CanNotDelete also holds for what is below",
    on=(CLUSTER_DELETE, POOL_DELETE),
)
def nothing_locks_it(store: Store, call: Call) -> Refusal | None:
    locks = call.here.beside.get("locks", {})
    if not locks:
        return None
    text = (
        f"The scope '{call.place.cluster_id}' cannot perform delete operation because following scope(s) are locked: "
    )
    return Refusal(
        409, "ScopeLocked", f"{text}'{call.place.cluster_id}'. Please remove the lock and try again.", gateway=True
    )


@rule(
    "A6",
    "If-None-Match: * makes, and never changes",
    source="azure-mgmt-containerservice 41.8 (IfMissing maps 412); recordings/aks/quoted-errors.json 7",
    on=PUTS,
)
def nothing_is_there(store: Store, call: Call) -> Refusal | None:
    there = call.pool if call.operation == POOL_PUT else call.cluster
    if call.headers.get("if-none-match") != "*" or there is None:
        return None
    return Refusal(412, "PreconditionFailed", "Resource exists but If-None-Match header is provided.")


@rule(
    "A5",
    "an etag that is out of date is a conflict",
    source="recordings/aks/quoted-errors.json 2 and 7; terraform-azurerm-aks#604",
    on=(*PUTS, "ManagedClusters_UpdateTags"),
)
def etag_matches(store: Store, call: Call) -> Refusal | None:
    given = call.headers.get("if-match", "")
    what = call.pool if call.operation == POOL_PUT else call.cluster
    there = what.record if what else None
    if not given or (there is not None and given == there.get("eTag")):
        return None
    if there is None:
        text = "Resource not found but ETag header is provided."
        return Refusal(412, "PreconditionFailed", text)
    text = "Operation is not allowed: Another operation is in progress"
    return Refusal(409, "EtagMismatch", text, subcode="PutManagedClusterAndComponents_FailedPrecondition")


def _busy(what: str) -> Refusal:
    text = f"Operation is not allowed: Another operation ({what}) is in progress, please wait for it to finish before "
    return Refusal(
        409, "OperationNotAllowed", f"{text}starting a new operation. See https://aka.ms/aks-pending-operation"
    )


@rule(
    "A2",
    "while the cluster changes, nothing else does",
    source="recordings/aks/quoted-errors.json 1; Azure/AKS#2880",
    on=LONG,
)
def cluster_is_at_rest(store: Store, call: Call) -> Refusal | None:
    running = call.cluster.running("") if call.cluster else []
    return _busy(f"{call.here.name} - {call.here.state}") if running else None


@rule(
    "A3",
    "while a pool changes, neither it nor its cluster takes another change; other pools do",
    source="recordings/aks/quoted-errors.json 6 (nodepool1 - Updating)",
    on=LONG,
)
def pools_are_at_rest(store: Store, call: Call) -> Refusal | None:
    for job in call.cluster.running() if call.cluster else ():
        if job.pool and (call.operation in CLUSTER_WRITES or job.pool == call.place.pool):
            pool = call.here.pools.get(job.pool)
            return _busy(f"{job.pool} - {pool.state if pool else 'Deleting'}")
    return None


FIXED = (
    *("location", "sku.name", "properties.dnsPrefix", "properties.fqdnSubdomain", "properties.nodeResourceGroup"),
    *("properties.enableRBAC", "properties.diskEncryptionSetID", "properties.linuxProfile"),
    *(f"properties.networkProfile.{name}" for name in ("podCidr", "serviceCidr", "dnsServiceIP", "ipFamilies")),
    *(f"properties.networkProfile.{name}" for name in ("loadBalancerSku", "networkMode", "networkPlugin")),
    *(f"properties.apiServerAccessProfile.{name}" for name in ("enablePrivateCluster", "privateDNSZone")),
)
POOL_FIXED = (
    *("vmSize", "osDiskSizeGB", "osDiskType", "kubeletDiskType", "vnetSubnetID", "podSubnetID", "availabilityZones"),
    *("maxPods", "osType", "type", "scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice", "enableFIPS"),
    *("enableEncryptionAtHost", "enableUltraSSD", "enableNodePublicIP", "gpuProfile.driver", "gpuInstanceProfile"),
)


@rule(
    "A7",
    "what cannot change is refused by its name",
    source="research/cloud-clusters.md 2.2 (immutable); terraform-provider-azurerm cycleNodePoolProperties",
    on=PUTS,
)
def fixed_stays_fixed(store: Store, call: Call) -> Refusal | None:
    if call.operation == POOL_PUT:
        return _changed(call.there.record, call.body.get("properties") or {}, POOL_FIXED) if call.pool else None
    if call.cluster is None:
        return None
    found = _changed(call.here.record, call.body, FIXED)
    for profile in call.asked("agentPoolProfiles") or () if found is None else ():
        pool = call.here.pools.get(profile.get("name"))
        found = found or (_changed(pool.record, profile, POOL_FIXED) if pool else None)
    return found


def _changed(now: Json, then: Json, paths: t.Iterable[str]) -> Refusal | None:
    for path in paths:
        before, after = dig(now, path), dig(then, path)
        if after is not None and _plain(before) != _plain(after) and not (before is None and after in (False, "", [])):
            text = f"Changing property '{path}' is not allowed."
            return bad("PropertyChangeNotAllowed", text, path)
    return None


def _plain(value: t.Any) -> t.Any:
    return value.lower().replace(" ", "") if isinstance(value, str) else value


@rule(
    "A8",
    "versions are offered ones, go up one minor at a time, and pools neither lead nor trail too far",
    source="Azure/AKS#1697; azurerm#4327, #5541; AKS supported versions, skew; recordings/aks/quoted-errors.json 4",
    on=PUTS,
)
def version_is_allowed(store: Store, call: Call) -> Refusal | None:
    if call.operation == POOL_PUT:
        return _pool_version(call, call.pool, call.asked("orchestratorVersion"))
    asked = call.asked("kubernetesVersion")
    refused = _cluster_version(call, asked) if asked else None
    for profile in call.asked("agentPoolProfiles") or () if refused is None and call.cluster is None else ():
        refused = refused or _pool_version(call, None, profile.get("orchestratorVersion"), asked)
    return refused


def _cluster_version(call: Call, asked: str) -> Refusal | None:
    patch, here = offers.patch(asked), call.cluster
    if here is not None and asked in (here.version, here.properties["kubernetesVersion"]):
        return None
    if patch is None:
        text = f"Managed cluster {call.place.cluster} is on version {asked} which is not supported in this region."
        return bad("K8sVersionNotSupported", f"{text} Please use [az aks get-versions] for the supported ones.")
    plan = call.asked("supportPlan") or (here.properties["supportPlan"] if here else offers.STANDARD)
    if plan not in offers.plans(asked):
        text = (
            f"Managed cluster {call.place.cluster} is on version {asked} which is only available for Long-Term Support."
        )
        return bad("K8sVersionNotSupported", text)
    if here is None:
        return None
    step = offers.minor(patch) - offers.minor(here.version)
    if step not in (0, 1) or offers.order(patch) < offers.order(here.version):
        text = f"Upgrading Kubernetes version {here.version} to {asked} is not allowed. Available upgrades: one minor."
        return bad("OperationNotAllowed", text)
    behind = [p.name for p in here.pools.values() if _skew(patch, p.record) > offers.POOL_SKEW]
    return _incompatible(behind[0], asked) if behind else None


def _skew(control: str, pool: Json) -> int:
    return offers.minor(control) - offers.minor(str(pool["currentOrchestratorVersion"]))


def _incompatible(pool: str, version: str) -> Refusal:
    text = (
        f"Node pool {pool} and control plane version {version} are incompatible: nodes neither lead it nor trail it by"
    )
    return bad("NodePoolMcVersionIncompatible", f"{text} more than {offers.POOL_SKEW} minor versions.")


def _pool_version(call: Call, pool: Pool | None, asked: str | None, new: str | None = None) -> Refusal | None:
    if not asked or (pool and asked in (pool.record["orchestratorVersion"], pool.record["currentOrchestratorVersion"])):
        return None
    control = call.cluster.version if call.cluster else offers.patch(new or offers.DEFAULT_VERSION) or ""
    patch = offers.patch(asked)
    if patch is None and asked != control:
        return bad("AgentPoolK8sVersionNotSupported", f"Version {asked} is not supported in this region.")
    skew = offers.minor(control) - offers.minor(asked)
    if skew < 0 or skew > offers.POOL_SKEW or offers.order(patch or asked) > offers.order(control):
        return _incompatible(call.place.pool, control)
    now = str(pool.record["currentOrchestratorVersion"]) if pool else ""
    step = offers.minor(asked) - offers.minor(now) if now else 0
    if step not in (0, 1):
        text = (
            f"Upgrade agent pool version from {now} to {asked} is not allowed, it goes up one minor version at a time."
        )
        return bad("AgentPoolUpgradeVersionNotAllowed", text)
    return None


@rule(
    "A10",
    "a cluster's PUT says the versions of all pools or of none, and changes none of them",
    source="recordings/aks/quoted-errors.json 5; azurerm#17839, #23436",
    on=(CLUSTER_PUT,),
)
def pool_versions_stay(store: Store, call: Call) -> Refusal | None:
    if call.cluster is None:
        return None
    profiles = call.asked("agentPoolProfiles") or []
    said = [p for p in profiles if p.get("orchestratorVersion")]
    pools = call.here.pools
    moved = [
        p
        for p in said
        if p.get("name") in pools
        and p["orchestratorVersion"]
        not in (pools[p["name"]].record["orchestratorVersion"], call.asked("kubernetesVersion"))
    ]
    if len(said) in (0, len(profiles)) and not moved:
        return None
    text = (
        "Using managed cluster api, all Agent pools' OrchestratorVersion must be all specified or all unspecified. If "
        "all specified, they must be stay unchanged or the same with control plane."
    )
    return bad("NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged", text)


@rule(
    "A11",
    "the last system pool neither goes nor becomes another",
    source="AKS system node pools; recordings of research/cloud-clusters.md 2.2",
    on=POOL_WRITES,
)
def one_system_pool_stays(store: Store, call: Call) -> Refusal | None:
    if call.pool is None or call.pool.record["mode"] != "System":
        return None
    leaves = call.operation == POOL_DELETE or call.asked("mode") not in (None, "System")
    others = [p for p in call.here.pools.values() if p is not call.pool and p.record["mode"] == "System"]
    if not leaves or others:
        return None
    text = "There has to be at least one agent pool of mode System in the cluster."
    return bad("OperationNotAllowed" if call.operation == POOL_DELETE else "InvalidParameter", text, "mode")
