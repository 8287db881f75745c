# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows G2 to G18 of the rule catalogue: what GKE refuses. What it shapes is in ``shaping``."""

from __future__ import annotations

from ..rules import Stage
from . import changes, offers
from .project import zones_of
from .rules import Call, Refusal, Table, invalid, precondition
from .shaping import CLUSTER_WRITES, POOL_WRITES
from .store import Store, fingerprint

RULES = Table()
rule = RULES.rule


@rule(
    "G14",
    "a project whose Kubernetes Engine API is disabled is refused with the reason SERVICE_DISABLED",
    source="google.rpc.ErrorInfo; cloud.google.com/service-usage",
    stage=Stage.ADMIT,
)
def service_is_enabled(store: Store, call: Call) -> Refusal | None:
    project = call.project
    if project is None or project.api_enabled:
        return None
    text = (
        f"Kubernetes Engine API has not been used in project {project.number} before or it is disabled. Enable it by "
        f"visiting https://console.developers.google.com/apis/api/container.googleapis.com/overview?project="
        f"{project.number} then retry. If you enabled this API recently, wait a few minutes for the action to "
        "propagate to our systems and retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"consumer": f"projects/{project.number}", "service": "container.googleapis.com"},
    }
    return Refusal("PERMISSION_DENIED", text, (info,))


@rule(
    "G18",
    "a location or an operation that does not exist is NOT_FOUND",
    source="recordings/gke/c7n-delete-cluster.json; google.rpc.Code",
)
def place_exists(store: Store, call: Call) -> Refusal | None:
    place = call.place
    if place.location not in ("", "-") and not zones_of(place.location):
        return Refusal("NOT_FOUND", f'Location "{place.location}" does not exist.')
    if place.operation and (place.project, place.location, place.operation) not in store.jobs:
        path = f"projects/{place.project}/locations/{place.location}/operations/{place.operation}"
        return Refusal("NOT_FOUND", f"Not found: {path}.")
    return None


@rule(
    "G11",
    "the node pools of an Autopilot cluster are neither shown nor changed",
    source="GKE Autopilot overview",
    on=(*POOL_WRITES, "GetNodePool", "ListNodePools"),
)
def autopilot_owns_its_pools(store: Store, call: Call) -> Refusal | None:
    if not call.here.record.autopilot.enabled:
        return None
    return invalid("Autopilot node pools cannot be accessed or modified.")


@rule(
    "G4",
    "too much at once is refused with RESOURCE_EXHAUSTED, naming the operation in the way if there is one",
    source="research/cloud-clusters.md 2.3 (retryWhileIncompatibleOperation); GKE quotas, 3000 requests a minute",
)
def too_much_at_once(store: Store, call: Call) -> Refusal | None:
    if call.faults.take("gke", call.operation, ("throttle",)) is None:
        return None
    running = call.cluster.running() if call.cluster else []
    if running:
        return Refusal("RESOURCE_EXHAUSTED", f"Cluster is running incompatible operation {running[0].name}.")
    text = "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service"
    return Refusal("RESOURCE_EXHAUSTED", f"{text} 'container.googleapis.com' for consumer 'projects/{call.home.id}'.")


@rule(
    "G3",
    "an operation on the cluster excludes all others; operations on different pools run side by side",
    source="recordings/gke/quoted-errors.json; GKE concurrent operations",
    on=(*CLUSTER_WRITES, *POOL_WRITES),
)
def operations_exclude_each_other(store: Store, call: Call) -> Refusal | None:
    name = call.place.pool or (call.request.node_pool.name if call.operation == "CreateNodePool" else "")
    name = name or _pool_of_update(call)
    for job in call.here.running():
        if not job.pool or not name or job.pool == name:
            return precondition(_conflict(call, job.kind, job.name))
    return None


def _pool_of_update(call: Call) -> str:
    """An UpdateCluster that names a pool works on that pool alone."""
    return str(call.request.update.desired_node_pool_id) if call.operation == "UpdateCluster" else ""


def _conflict(call: Call, kind: str, name: str) -> str:
    if call.here.status in ("PROVISIONING", "STOPPING"):
        return "Cluster is currently being created, deleted, updated or repaired and cannot be updated."
    if kind == "UPGRADE_MASTER":
        cluster = call.here.name
        return f"Operation {name} is currently upgrading cluster {cluster}. Please wait and try again once it is done."
    return f"Cluster is running incompatible operation {name}."


@rule(
    "G15",
    "a cluster is not deleted while an operation runs on it",
    source="elastic/cloud-on-k8s#9098; stackrox#12439",
    on=("DeleteCluster",),
)
def nothing_runs_on_what_is_deleted(store: Store, call: Call) -> Refusal | None:
    running = call.here.running()
    return precondition(f"Cluster is running incompatible operation {running[0].name}.") if running else None


@rule(
    "G2",
    "an update changes one thing",
    source="UpdateClusterRequest.update (exactly one update); ClusterUpdate",
    on=("UpdateCluster",),
)
def one_desired_field(store: Store, call: Call) -> Refusal | None:
    if changes.kinds(call.request.update) < 2:
        return None
    names = ", ".join(changes.asked(call.request.update))
    return invalid(f"Exactly one update can be applied to a cluster with each request; this one asks for {names}.")


@rule(
    "G5",
    "a change made on an outdated reading is refused",
    source="recordings/gke/c7n-set-labels-fingerprint-mismatch.json; MaintenancePolicy.resource_version; etag",
    on=("SetLabels", "SetMaintenancePolicy", "UpdateCluster", "UpdateNodePool"),
)
def reading_is_current(store: Store, call: Call) -> Refusal | None:
    record, request = call.here.record, call.request
    if call.operation == "SetLabels":
        return _labels_are_current(request.label_fingerprint, fingerprint(record.resource_labels))
    if call.operation == "SetMaintenancePolicy":
        given, current = request.maintenance_policy.resource_version, record.maintenance_policy.resource_version
        text = f"maintenance policy resource version mismatch: provided {given!r}, expected {current!r}"
        return None if given == current else precondition(text)
    given, current = (request.update.etag, record.etag) if call.pool is None else (request.etag, call.pool.record.etag)
    if given in ("", current):
        return None
    return Refusal("ABORTED", f"The etag {given} does not match the current etag {current}; read again and retry.")


def _labels_are_current(given: str, current: str) -> Refusal | None:
    if given == current:
        return None
    return precondition(
        "Labels could not be set due to fingerprint mismatch; try again with the proper fingerprint: "
        f'incorrect fingerprint supplied was "{given}", the expected one is "{current}".'
    )


@rule(
    "G7",
    "a pool never leads its control plane and never trails it by more than two minors",
    source="GKE version skew policy; provider-google#21116",
    on=("CreateNodePool", "UpdateNodePool", "UpdateCluster"),
)
def pools_keep_within_skew(store: Store, call: Call) -> Refusal | None:
    cluster = call.here
    master, channel = cluster.record.current_master_version, cluster.channel
    if call.operation == "UpdateCluster" and call.request.update.desired_master_version:
        target = offers.resolved(call.request.update.desired_master_version, channel)
        return _no_pool_left_behind(call, target or master)
    asked = _node_version(call)
    version = offers.resolved(asked, channel, master) if asked else None
    if version is None:
        return None
    if offers.order(version) > offers.order(master):
        text = f'Node version "{version}" must not have a greater minor version than master version'
        return invalid(f'{text} "{master}".')
    if offers.minor_number(master) - offers.minor_number(version) > offers.POOL_SKEW:
        return invalid(f'Node version "{version}" must be within two minor versions of master version "{master}".')
    return None


def _node_version(call: Call) -> str:
    if call.operation == "CreateNodePool":
        return str(call.request.node_pool.version)
    if call.operation == "UpdateNodePool":
        return str(call.request.node_version)
    return str(call.request.update.desired_node_version)


def _no_pool_left_behind(call: Call, target: str) -> Refusal | None:
    limit = offers.minor_number(target) - offers.POOL_SKEW
    behind = [p.name for p in call.here.pools.values() if offers.minor_number(p.record.version) < limit]
    if not behind:
        return None
    names = ", ".join(behind)
    return precondition(f"Node pools {names} would be more than two minor versions behind master version {target}.")


@rule(
    "G8",
    "an update of a pool names its version and its image type",
    source="UpdateNodePoolRequest.node_version, image_type (required)",
    on=("UpdateNodePool",),
)
def version_and_image_are_named(store: Store, call: Call) -> Refusal | None:
    missing = [name for name in ("node_version", "image_type") if not getattr(call.request, name)]
    return invalid(f"{missing[0]} must be specified.") if missing else None
