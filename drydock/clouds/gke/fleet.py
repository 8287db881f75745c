# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real thing behind the twin's clusters: a control plane each, and Node objects for their pools."""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import typing as t

from ...nodes import NodePlan, node_object
from ..fleet import Fleet, Standing, over_zones
from . import offers
from .furniture import PIECES
from .project import MACHINES, Machine, region_of
from .protocol import Json, Message
from .store import Cluster, Pool, enum_name

# NodeTaint.Effect as Kubernetes spells it.
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
NODE_BLOCK = ipaddress.ip_network("10.30.0.0/20")
FIRST_ADDRESS = 16
PRIVATE_SERVICES = "10.100.0.0/16"


class RealPlant(Fleet[Cluster, Pool]):
    """The fleet of GKE, whose records say addresses without their scheme."""

    furniture = PIECES

    def minor(self, cluster: Cluster) -> str:
        return offers.minor_of(cluster.record.current_master_version)

    def service_cidr(self, cluster: Cluster) -> str:
        return _service_block(cluster.record)

    def wanted(self, cluster: Cluster, pool: Pool, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
        return wanted(cluster, pool, standing, have)

    def node(self, cluster: Cluster, plan: NodePlan) -> Json:
        return gke_node(cluster, plan)


def _service_block(record: Message) -> str:
    """Return the block of ClusterIPs: Google's own 34.118.224.0/20 is not for a machine of ours to route."""
    block = record.services_ipv4_cidr
    return block if block and ipaddress.ip_network(block).is_private else PRIVATE_SERVICES


def wanted(cluster: Cluster, pool: Pool, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
    """Return the nodes that a pool should have, spread over its zones; those it has are kept while they fit."""
    record = pool.deployed
    machine = MACHINES[record.config.machine_type]
    labels = {**pool_labels(record, machine), **dict(record.config.labels)}
    taints = tuple(node_taints(record, machine))
    zones = list(record.locations)
    targets = [zones[number % len(zones)] for number in range(pool.size)]
    return over_zones(
        have,
        targets,
        lambda zone: _fresh(cluster, record, machine, standing, zone, labels, taints),
        lambda node: dataclasses.replace(node, labels={**labels, **_zonal(node.zone)}, taints=taints),
    )


def _fresh(
    cluster: Cluster,
    record: Message,
    machine: Machine,
    standing: Standing,
    zone: str,
    labels: t.Mapping[str, str],
    taints: tuple[t.Mapping[str, str], ...],
) -> NodePlan:
    standing.made += 1
    mark = hashlib.sha256(f"{cluster.record.id}/{record.name}/{zone}/{standing.made}".encode()).hexdigest()
    return NodePlan(
        name=f"gke-{cluster.name[:18]}-{record.name[:18]}-{mark[:8]}-{mark[8:12]}",
        zone=zone,
        address=str(NODE_BLOCK[FIRST_ADDRESS + standing.made]),
        version=record.version,
        arch=machine.arch,
        instance_type=machine.name,
        instance_id=str(int(mark[:16], 16)),
        capacity=capacity(record, machine),
        allocatable=allocatable(record, machine),
        labels={**labels, **_zonal(zone)},
        taints=taints,
    )


def _zonal(zone: str) -> dict[str, str]:
    return {"topology.kubernetes.io/region": region_of(zone), "topology.gke.io/zone": zone}


def pool_labels(record: Message, machine: Machine) -> dict[str, str]:
    """Return the labels that GKE puts on a pool's nodes. Source: GKE, predefined labels; node objects of 1.34."""
    config = record.config
    labels = {
        "cloud.google.com/gke-nodepool": record.name,
        "cloud.google.com/gke-os-distribution": "ubuntu" if config.image_type.startswith("UBUNTU") else "cos",
        "cloud.google.com/gke-container-runtime": "containerd",
        "cloud.google.com/gke-boot-disk": config.disk_type,
        "cloud.google.com/gke-max-pods-per-node": str(record.max_pods_constraint.max_pods_per_node),
        "cloud.google.com/gke-provisioning": "spot" if config.spot else "standard",
        "cloud.google.com/machine-family": machine.family,
        "cloud.google.com/private-node": "false",
    }
    if config.spot:
        labels["cloud.google.com/gke-spot"] = "true"
    if enum_name(config.workload_metadata_config, "mode") == "GKE_METADATA":
        labels["iam.gke.io/gke-metadata-server-enabled"] = "true"
    for accelerator in list(config.accelerators)[:1]:
        labels["cloud.google.com/gke-accelerator"] = accelerator.accelerator_type
    return labels


def node_taints(record: Message, machine: Machine) -> t.Iterator[dict[str, str]]:
    """Yield the taints of a pool, and those that GKE adds for accelerators and ARM."""
    for row in record.config.taints:
        yield {"key": row.key, "value": row.value, "effect": EFFECTS[enum_name(row, "effect")]}
    if record.config.accelerators:
        yield {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    if machine.arch == "arm64":
        yield {"key": "kubernetes.io/arch", "value": "arm64", "effect": "NoSchedule"}


def capacity(record: Message, machine: Machine) -> dict[str, str]:
    gpus = sum(row.accelerator_count for row in record.config.accelerators)
    return {
        "cpu": str(machine.cpus),
        "memory": f"{machine.memory * 1024}Ki",
        "pods": str(record.max_pods_constraint.max_pods_per_node or 110),
        "ephemeral-storage": f"{record.config.disk_size_gb or 100}Gi",
        **({"nvidia.com/gpu": str(gpus)} if gpus else {}),
    }


# What GKE keeps for itself: (up to MiB, share of it). Source: GKE, plan node sizes.
MEMORY_KEPT = ((4096, 0.25), (4096, 0.20), (8192, 0.10), (114688, 0.06))
CPU_KEPT = (60, 10, 5, 5)


def allocatable(record: Message, machine: Machine) -> dict[str, str]:
    left, kept = machine.memory, 100.0  # the eviction threshold
    for step, share in MEMORY_KEPT:
        kept += min(left, step) * share
        left = max(0, left - step)
    cpu = sum(CPU_KEPT[: machine.cpus]) + 2.5 * max(0, machine.cpus - len(CPU_KEPT))
    return {
        **capacity(record, machine),
        "cpu": f"{int(machine.cpus * 1000 - cpu)}m",
        "memory": f"{int(machine.memory - kept) * 1024}Ki",
        "ephemeral-storage": f"{int((record.config.disk_size_gb or 100) * 0.5)}Gi",
    }


def gke_node(cluster: Cluster, plan: NodePlan) -> Json:
    """Return the Node as a GKE kubelet registers it."""
    node = node_object(plan)
    node["spec"]["providerID"] = f"gce://{cluster.project}/{plan.zone}/{plan.name}"
    info = node["status"]["nodeInfo"]
    info["osImage"] = "Container-Optimized OS from Google"
    info["kubeletVersion"] = f"v{plan.version}"
    return node
