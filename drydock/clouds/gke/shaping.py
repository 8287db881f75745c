# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that shape what GKE stores and answers, in the order in which they take effect."""

from __future__ import annotations

from ..rules import Stage
from . import defaults, furniture, offers, protocol, windows
from .project import zones_of
from .rules import Call, Refusal, Table
from .store import Store, enum_name

CLUSTER_WRITES = ("UpdateCluster", "SetLabels", "SetMaintenancePolicy")
POOL_CHANGES = ("UpdateNodePool", "SetNodePoolSize", "SetNodePoolAutoscaling", "SetNodePoolManagement")
POOL_WRITES = ("CreateNodePool", *POOL_CHANGES, "DeleteNodePool")
WRITES = ("CreateCluster", "DeleteCluster", *CLUSTER_WRITES, *POOL_WRITES)
MAKES = ("CreateCluster", "CreateNodePool")
RULES = Table()
rule = RULES.rule


@rule(
    "G19",
    "a cluster created without node pools gets one of the name default-pool",
    source="recordings/gke/nodepool-swap-update.json; Cluster.initial_node_count",
    on=("CreateCluster",),
    stage=Stage.SHAPE,
)
def default_pool(store: Store, call: Call) -> Refusal | None:
    if not call.drafts:
        pool = protocol.new("NodePool")
        pool.name, pool.initial_node_count = "default-pool", call.draft.initial_node_count or 1
        pool.config.CopyFrom(call.draft.node_config)
        call.drafts.append(pool)
    return None


@rule(
    "G21",
    "a new cluster carries what GKE installs, and its add-on manager reverts what others change of it",
    source="kubernetes/kubernetes cluster/addons/addon-manager; GKE documentation of system workloads; addendum",
    on=("CreateCluster",),
    stage=Stage.SHAPE,
)
def furnished(store: Store, call: Call) -> Refusal | None:
    call.installs = furniture.NAMES
    return None


@rule(
    "GV12",
    "what is not asked for gets the service's defaults",
    source="recordings/gke/nodepool-swap-update.json, cluster-containerd-config.json",
    on=MAKES,
    stage=Stage.SHAPE,
)
def service_defaults(store: Store, call: Call) -> Refusal | None:
    if call.operation == "CreateCluster":
        defaults.adopt_older_names(call.draft)
        defaults.fill_cluster(call.draft, call.place.location, call.home)
    for pool in call.drafts:
        defaults.fill_pool(pool, call.here.record, call.place.location)
    return None


@rule(
    "G6",
    "an alias becomes a full version, and a channel upgrades on its own between two reads",
    source="Cluster.initial_cluster_version, ClusterUpdate.desired_node_version; ReleaseChannel",
    on=(*MAKES, "UpdateCluster", "UpdateNodePool", "GetCluster"),
    stage=Stage.SHAPE,
)
def versions_are_resolved(store: Store, call: Call) -> Refusal | None:
    if call.operation == "GetCluster":
        return _upgraded(call)
    record = call.draft if call.draft is not None else call.here.record
    channel = enum_name(record.release_channel, "channel")
    old = call.here.record.current_master_version
    if call.operation == "CreateCluster":
        record.initial_cluster_version = offers.resolved(record.initial_cluster_version, channel) or ""
        record.current_master_version = record.initial_cluster_version
    elif call.operation == "UpdateCluster" and record.current_master_version != old:
        record.current_master_version = offers.resolved(record.current_master_version, channel) or ""
    for pool in call.drafts:
        pool.version = offers.resolved(pool.version, channel, record.current_master_version) or ""
    return None


def _upgraded(call: Call) -> Refusal | None:
    cluster = call.here
    if (
        cluster.channel not in offers.CHANNELS
        or cluster.running()
        or not call.faults.take("gke", call.operation, ("upgrade",))
    ):
        return None
    target = offers.CHANNELS[cluster.channel].target
    if offers.order(target) > offers.order(cluster.record.current_master_version):
        cluster.record.current_master_version = target
        for pool in cluster.pools.values():
            pool.record.version = target if pool.record.management.auto_upgrade else pool.record.version
    return None


@rule(
    "G12",
    "the number of nodes is per zone",
    source="SetNodePoolSizeRequest.node_count; recordings/gke/cluster-containerd-config.json (1 becomes 3)",
    on=(*MAKES, *POOL_CHANGES, "UpdateCluster"),
    stage=Stage.SHAPE,
)
def sizes_are_per_zone(store: Store, call: Call) -> Refusal | None:
    for pool in call.drafts:
        zones = len(pool.locations) or len(zones_of(call.place.location)[:3])
        call.sizes[pool.name] = pool.initial_node_count * zones
    return None


@rule(
    "G16",
    "a change that replaces nodes waits for the maintenance window, its operation does not",
    source="GKE maintenance windows and exclusions; research/cloud-clusters.md 2.3",
    on=("UpdateNodePool",),
    stage=Stage.SHAPE,
)
def nodes_wait_for_the_window(store: Store, call: Call) -> Refusal | None:
    if call.rolls:
        opens = windows.opening(call.here.record.maintenance_policy, call.today)
        call.waits = (opens - call.today).total_seconds()
    return None


@rule(
    "G1",
    "a write answers an operation that runs until its time has come; DONE may carry an error",
    source="recordings/gke/nodepool-swap-update.json; Operation.error; hashicorp/terraform#15601",
    on=WRITES,
    stage=Stage.SHAPE,
)
def work_takes_time_and_may_fail(store: Store, call: Call) -> Refusal | None:
    assert call.job is not None
    call.takes = offers.DURATIONS[call.job.kind]
    fault = call.faults.take("gke", call.operation, ("fail",))
    if fault is not None:
        call.failure = (fault.code, fault.message)
    return None


@rule(
    "G13",
    "a stock-out or a quota shows in the conditions of what it hit",
    source="StatusCondition.Code; Operation.cluster_conditions, nodepool_conditions",
    on=WRITES,
    stage=Stage.SHAPE,
)
def failures_show_in_conditions(store: Store, call: Call) -> Refusal | None:
    call.condition = call.failure is not None
    return None


@rule(
    "G10",
    "the links of an operation carry the project's number",
    source="recordings/gke/nodepool-swap-update.json (projectNumber)",
    on=WRITES,
    stage=Stage.SHAPE,
)
def links_carry_the_number(store: Store, call: Call) -> Refusal | None:
    assert call.job is not None
    record, old = call.job.record, f"/projects/{call.home.id}/"
    for field in ("self_link", "target_link"):
        setattr(record, field, getattr(record, field).replace(old, f"/projects/{call.home.number}/"))
    return None


@rule(
    "G20",
    "operations stay listed when they are done, with the link of what they were about",
    source="ClusterManager.ListOperations; Operation.target_link",
    on=("ListOperations",),
    stage=Stage.SHAPE,
)
def done_operations_stay_listed(store: Store, call: Call) -> Refusal | None:
    call.jobs = store.jobs_at(call.place.project, call.place.location)
    return None


@rule(
    "G9",
    "the service insists on some fields and repeats others under their older names",
    source="recordings/gke/nodepool-swap-update.json, cluster-private-master-cidr.json",
    on=("CreateCluster", "UpdateCluster"),
    stage=Stage.SETTLE,
)
def overrides_and_mirrors(store: Store, call: Call) -> Refusal | None:
    defaults.override(call.draft, call.home.id, call.place.location)
    defaults.mirror(call.draft)
    return None
