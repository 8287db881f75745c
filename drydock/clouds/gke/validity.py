# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows GV*: what makes a request valid at all, beyond the shapes of the protos."""

from __future__ import annotations

import ipaddress
import re

from ..rules import Stage
from . import changes, offers
from .defaults import short
from .project import MACHINES, region_of, zones_of
from .protocol import Message
from .rules import Call, Refusal, Table, invalid, precondition
from .shaping import CLUSTER_WRITES, POOL_CHANGES
from .store import Store, enum_name

NAME = re.compile(r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")
LABEL_KEY = re.compile(r"^[a-z][-_a-z0-9]{0,62}$")
LABEL_VALUE = re.compile(r"^[-_a-z0-9]{0,63}$")
LABELS_AT_MOST = 64
CREATES = ("CreateCluster", "CreateNodePool")
# Source: cloud.google.com/kubernetes-engine/docs/reference/rest (IAM permissions of each method).
PERMISSIONS: dict[str, str] = {
    "CreateCluster": "container.clusters.create",
    "DeleteCluster": "container.clusters.delete",
    "GetCluster": "container.clusters.get",
    "ListClusters": "container.clusters.list",
    "GetNodePool": "container.clusters.get",
    "ListNodePools": "container.clusters.get",
    "GetOperation": "container.operations.get",
    "ListOperations": "container.operations.list",
    "GetServerConfig": "container.clusters.get",
    "FetchClusterUpgradeInfo": "container.clusters.get",
}
RULES = Table()
rule = RULES.rule


@rule(
    "GV1",
    "a caller does what its roles on the project allow",
    source="GKE REST reference, IAM permissions",
    stage=Stage.ADMIT,
)
def caller_may(store: Store, call: Call) -> Refusal | None:
    needed = PERMISSIONS.get(call.operation, "container.clusters.update")
    account = call.bearer.account
    if call.project is not None and account.project == call.project.id and account.may(needed):
        return None
    text = f'Required "{needed}" permission(s) for "projects/{call.place.project}".'
    return Refusal("PERMISSION_DENIED", text)


@rule(
    "GV2",
    "a request holds what its proto knows and nothing else",
    source="google/container/v1/cluster_service.proto",
    stage=Stage.ADMIT,
)
def follows_the_proto(store: Store, call: Call) -> Refusal | None:
    return invalid(call.problem) if call.problem else None


@rule("GV3", "a name is taken once", source="recordings/gke/quoted-errors.json", on=CREATES)
def name_is_free(store: Store, call: Call) -> Refusal | None:
    place = call.place
    if call.operation == "CreateCluster":
        name = call.request.cluster.name
        taken = store.find(place.project, place.location, name) is not None
        path = f"projects/{place.project}/locations/{place.location}/clusters/{name}"
    else:
        name = call.request.node_pool.name
        taken = name in call.here.pools
        path = f"projects/{place.project}/locations/{place.location}/clusters/{call.here.name}/nodePools/{name}"
    return Refusal("ALREADY_EXISTS", f"Already exists: {path}.") if taken else None


@rule("GV4", "a name is lower case, starts with a letter, and is short", source="Cluster.name", on=CREATES)
def name_is_legal(store: Store, call: Call) -> Refusal | None:
    new = call.operation == "CreateCluster"
    names = [call.request.cluster.name] if new else [call.request.node_pool.name]
    names += [pool.name for pool in call.request.cluster.node_pools] if new else []
    bad = [name for name in names if not NAME.match(name)]
    what = "cluster.name" if new and bad[:1] == names[:1] else "node_pool.name"
    return invalid(f'Invalid value for field "{what}": "{bad[0]}". {NAME.pattern}') if bad else None


@rule(
    "GV5",
    "a version is one that the cluster's channel offers",
    source="recordings/gke/quoted-errors.json; GetServerConfig",
    on=(*CREATES, "UpdateCluster", "UpdateNodePool"),
)
def version_is_offered(store: Store, call: Call) -> Refusal | None:
    channel = channel_of(call)
    asked, node = _versions(call)
    if asked and offers.resolved(asked, channel) is None:
        return invalid(_unsupported(asked, channel))
    master = call.cluster.record.current_master_version if call.cluster else offers.resolved(asked, channel) or ""
    if node and offers.resolved(node, channel, master) is None and offers.resolved(node, "") is None:
        return invalid(f'Node version "{node}" is unsupported.')
    return None


def channel_of(call: Call) -> str:
    """Return the channel that the cluster of a request is on, or will be."""
    if call.cluster is not None:
        return call.cluster.channel
    asked = call.request.cluster
    if asked.HasField("release_channel"):
        return enum_name(asked.release_channel, "channel")
    return offers.channel_for(asked.initial_cluster_version)


def _versions(call: Call) -> tuple[str, str]:
    """Return the version of the control plane and of nodes that a request asks for."""
    request = call.request
    if call.operation == "CreateCluster":
        return request.cluster.initial_cluster_version, next((p.version for p in request.cluster.node_pools), "")
    if call.operation == "CreateNodePool":
        return "", request.node_pool.version
    if call.operation == "UpdateNodePool":
        return "", request.node_version
    return request.update.desired_master_version, request.update.desired_node_version


def _unsupported(version: str, channel: str) -> str:
    if channel not in offers.CHANNELS:
        return f'Master version "{version}" is unsupported.'
    listed = ", ".join(sorted(offers.offered(channel), key=offers.order))
    return f'Master version must be one of "{channel}" channel supported versions [{listed}].'


@rule(
    "GV6",
    "the control plane moves up one minor at a time, never down",
    source="GKE upgrades; research/cloud-clusters.md 2.3",
    on=("UpdateCluster",),
)
def one_minor_at_a_time(store: Store, call: Call) -> Refusal | None:
    asked = call.request.update.desired_master_version
    target = offers.resolved(asked, call.here.channel) if asked else None
    if target is None:
        return None
    old = call.here.record.current_master_version
    step = offers.minor_number(target) - offers.minor_number(old)
    if step in (0, 1) and offers.order(target) >= offers.order(old):
        return None
    word = "downgrade" if step < 1 else "upgrade"
    return invalid(f"Master cannot {word} from {old} to {target}: it moves up one minor version at a time.")


@rule(
    "GV7",
    "an update asks for something",
    source="recordings/gke/quoted-errors.json",
    on=("UpdateCluster", "UpdateNodePool"),
)
def update_asks_for_something(store: Store, call: Call) -> Refusal | None:
    if call.operation == "UpdateCluster":
        return None if changes.asked(call.request.update) else invalid("Must specify a field to update.")
    asked = {field.name for field, _ in call.request.ListFields()} - (changes.POOL_NAMES - {"node_version"})
    return None if asked else invalid("Must specify a field to update.")


@rule(
    "GV8",
    "networks, subnetworks and their named ranges exist",
    source="Cluster.network, Cluster.subnetwork, IPAllocationPolicy",
    on=("CreateCluster",),
)
def network_exists(store: Store, call: Call) -> Refusal | None:
    asked, project = call.request.cluster, call.home
    network, region = short(asked.network or "default"), region_of(call.place.location)
    if network not in project.networks:
        return _absent(f"projects/{project.id}/global/networks/{network}")
    found = project.subnetwork(region, short(asked.subnetwork or "default"))
    if found is None:
        return _absent(f"projects/{project.id}/regions/{region}/subnetworks/{short(asked.subnetwork or 'default')}")
    if found.network != network:
        return invalid(f'Subnetwork "{found.name}" is not in network "{network}".')
    policy = asked.ip_allocation_policy
    ranges = [policy.cluster_secondary_range_name, policy.services_secondary_range_name]
    missing = [name for name in ranges if name and name not in found.secondary]
    text = f'Services/pods secondary range "{missing[0]}" not found in subnetwork "{found.name}".' if missing else ""
    return invalid(text) if missing else None


def _absent(path: str) -> Refusal:
    return invalid(f"The resource '{path}' was not found.")


@rule(
    "GV9",
    "nodes are described once: by node_pools, or by node_config and initial_node_count of at least one",
    source="Cluster.node_pools, Cluster.initial_node_count",
    on=("CreateCluster",),
)
def nodes_are_described_once(store: Store, call: Call) -> Refusal | None:
    asked = call.request.cluster
    if asked.autopilot.enabled:
        both = asked.node_pools or asked.HasField("node_config")
        return invalid("Setting node_pools or node_config is not supported with Autopilot.") if both else None
    if asked.node_pools and (asked.initial_node_count or asked.HasField("node_config")):
        return invalid("Cluster.node_pools and Cluster.initial_node_count or Cluster.node_config exclude each other.")
    if not asked.node_pools and asked.initial_node_count < 1:
        return invalid("Cluster.initial_node_count must be greater than zero.")
    return None


@rule(
    "GV10",
    "machine types, images and disks exist",
    source="cloud.google.com/compute/docs/machine-resource; GetServerConfig.valid_image_types",
    on=(*CREATES, "UpdateNodePool"),
)
def node_parts_exist(store: Store, call: Call) -> Refusal | None:
    for config in _configs(call):
        if config.machine_type and config.machine_type not in MACHINES:
            return invalid(f'Machine type with name "{config.machine_type}" does not exist.')
        if config.image_type and config.image_type.upper() not in offers.IMAGES:
            return invalid(f'Invalid image type "{config.image_type}"; valid are {", ".join(offers.IMAGES)}.')
        if config.disk_type and config.disk_type not in offers.DISKS:
            return invalid(f'Disk type with name "{config.disk_type}" does not exist.')
    return None


def _configs(call: Call) -> list[Message]:
    if call.operation == "UpdateNodePool":
        return [call.request]
    own = [call.request.cluster.node_config] if call.operation == "CreateCluster" else []
    return own + [pool.config for pool in _pools(call)]


def _pools(call: Call) -> list[Message]:
    """Return the pools that a request would create."""
    if call.operation == "CreateCluster":
        return list(call.request.cluster.node_pools)
    return [call.request.node_pool] if call.operation == "CreateNodePool" else []


@rule(
    "GV11",
    "autoscaling bounds are in order, per zone or in total but not both",
    source="NodePoolAutoscaling",
    on=(*CREATES, "SetNodePoolAutoscaling", "UpdateCluster"),
)
def bounds_are_in_order(store: Store, call: Call) -> Refusal | None:
    for found in _autoscalings(call):
        per_zone = (found.min_node_count, found.max_node_count)
        total = (found.total_min_node_count, found.total_max_node_count)
        if found.enabled and any(per_zone) and any(total):
            return invalid("min_node_count and max_node_count exclude total_min_node_count and total_max_node_count.")
        for low, high in (per_zone, total) if found.enabled else ():
            if low > high:
                return invalid(f"Autoscaling minimum {low} must not be greater than the maximum {high}.")
        if found.enabled and not found.max_node_count and not found.total_max_node_count:
            return invalid("Autoscaling needs max_node_count or total_max_node_count.")
    return None


def _autoscalings(call: Call) -> list[Message]:
    if call.operation == "SetNodePoolAutoscaling":
        return [call.request.autoscaling]
    if call.operation == "UpdateCluster":
        return [call.request.update.desired_node_pool_autoscaling]
    return [pool.autoscaling for pool in _pools(call)]


@rule(
    "GV13",
    "a channel upgrades the nodes of its clusters",
    source="NodeManagement.auto_upgrade; provider-google (Auto_upgrade cannot be false)",
    on=(*CREATES, "SetNodePoolManagement"),
)
def channel_upgrades_nodes(store: Store, call: Call) -> Refusal | None:
    channel = channel_of(call)
    pools = [pool.management for pool in _pools(call) if pool.HasField("management")]
    pools += [call.request.management] if call.operation == "SetNodePoolManagement" else []
    if channel not in offers.CHANNELS or all(m.auto_upgrade for m in pools):
        return None
    return invalid(f"Auto_upgrade cannot be false when release_channel {channel} is set.")


@rule(
    "GV14",
    "resource labels are lower case and at most sixty-four",
    source="Google Cloud, requirements for labels",
    on=("CreateCluster", "SetLabels"),
)
def labels_are_legal(store: Store, call: Call) -> Refusal | None:
    holder = call.request.cluster if call.operation == "CreateCluster" else call.request
    labels = dict(holder.resource_labels)
    bad = [k for k, v in labels.items() if not LABEL_KEY.match(k) or not LABEL_VALUE.match(v)]
    if bad:
        return invalid(f'Invalid resource label "{bad[0]}": "{labels[bad[0]]}".')
    return invalid(f"At most {LABELS_AT_MOST} resource labels are allowed.") if len(labels) > LABELS_AT_MOST else None


@rule(
    "GV15",
    "zones are of the cluster's region",
    source="Cluster.locations, NodePool.locations",
    on=(*CREATES, "UpdateCluster", "UpdateNodePool"),
)
def zones_are_of_the_region(store: Store, call: Call) -> Refusal | None:
    region = zones_of(region_of(call.place.location))
    asked = [zone for pool in _pools(call) for zone in pool.locations]
    asked += list(call.request.cluster.locations) if call.operation == "CreateCluster" else []
    asked += list(call.request.locations) if call.operation == "UpdateNodePool" else []
    asked += list(call.request.update.desired_locations) if call.operation == "UpdateCluster" else []
    bad = [zone for zone in asked if zone not in region]
    return invalid(f'Location "{bad[0]}" is not a zone of region {region_of(call.place.location)}.') if bad else None


@rule(
    "GV16",
    "what ended in ERROR can only be deleted",
    source="Cluster.Status.ERROR",
    on=(*CLUSTER_WRITES, "CreateNodePool", *POOL_CHANGES),
)
def broken_is_only_deleted(store: Store, call: Call) -> Refusal | None:
    if call.here.status == "ERROR":
        return precondition("Cluster is in ERROR state and cannot be updated; delete it.")
    if call.pool is not None and enum_name(call.pool.record, "status") == "ERROR":
        return precondition(f'Node pool "{call.pool.name}" is in ERROR state and cannot be updated; delete it.')
    return None


@rule(
    "GV17",
    "authorized networks are IPv4 or IPv6 blocks",
    source="MasterAuthorizedNetworksConfig.CidrBlock",
    on=("CreateCluster", "UpdateCluster"),
)
def authorized_networks_are_blocks(store: Store, call: Call) -> Refusal | None:
    if call.operation == "CreateCluster":
        older, newer = call.request.cluster.master_authorized_networks_config, call.request.cluster
        endpoints = newer.control_plane_endpoints_config
    else:
        older = call.request.update.desired_master_authorized_networks_config
        endpoints = call.request.update.desired_control_plane_endpoints_config
    newer = endpoints.ip_endpoints_config.authorized_networks_config
    bad = [b.cidr_block for b in (*older.cidr_blocks, *newer.cidr_blocks) if not _is_block(b.cidr_block)]
    return invalid(f'Invalid CIDR block "{bad[0]}" in authorized networks.') if bad else None


def _is_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
