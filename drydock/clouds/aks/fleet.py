# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet of AKS: control planes behind the twin's clusters, and the nodes of their pools."""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import typing as t

from ...nodes import NodePlan, node_object
from ..fleet import Fleet, Standing, over_zones
from . import offers
from .furniture import PIECES
from .protocol import Json
from .store import Cluster, Pool
from .subscription import SIZES, Size

NODE_BLOCK = ipaddress.ip_network("10.40.0.0/20")
FIRST_ADDRESS = 16


class RealPlant(Fleet[Cluster, Pool]):
    """Keeps a control plane for each cluster; its patch is the twin's own affair."""

    furniture = PIECES

    def minor(self, cluster: Cluster) -> str:
        return offers.minor_of(cluster.version)

    def service_cidr(self, cluster: Cluster) -> str:
        return str(cluster.properties["networkProfile"]["serviceCidr"])

    def wanted(self, cluster: Cluster, pool: Pool, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
        record = pool.record
        labels = {**pool_labels(cluster, record), **(record.get("nodeLabels") or {})}
        taints = tuple(node_taints(record))
        zones = record.get("availabilityZones") or ["0"]
        location = str(cluster.record["location"])
        targets = [f"{location}-{zones[number % len(zones)]}" for number in range(int(record["count"]))]
        return over_zones(
            have,
            targets,
            lambda zone: _fresh(cluster, record, standing, zone, {**labels, **_zonal(location, zone)}, taints),
            lambda node: dataclasses.replace(node, labels={**labels, **_zonal(location, node.zone)}, taints=taints),
        )

    def node(self, cluster: Cluster, plan: NodePlan) -> Json:
        """Return the Node as an AKS kubelet registers it."""
        node = node_object(plan)
        group = cluster.properties["nodeResourceGroup"].lower()
        scale_set, _, number = plan.name.rpartition("vmss")
        node["spec"]["providerID"] = (
            f"azure:///subscriptions/{cluster.subscription}/resourceGroups/{group}/providers/Microsoft.Compute/"
            f"virtualMachineScaleSets/{scale_set}vmss/virtualMachines/{int(number, 36)}"
        )
        info = node["status"]["nodeInfo"]
        info["osImage"] = "Ubuntu 22.04.5 LTS"
        info["kubeletVersion"] = f"v{plan.version}"
        return node


def _zonal(location: str, zone: str) -> dict[str, str]:
    """Source: AKS availability zones: without zones, the label is the fault domain's number."""
    number = zone.rpartition("-")[2]
    return {"topology.kubernetes.io/region": location, "topology.kubernetes.io/zone": zone if number != "0" else "0"}


def _fresh(
    cluster: Cluster,
    record: Json,
    standing: Standing,
    zone: str,
    labels: t.Mapping[str, str],
    taints: tuple[t.Mapping[str, str], ...],
) -> NodePlan:
    standing.made += 1
    size = SIZES[record["vmSize"]]
    mark = int(hashlib.sha256(str(cluster.record["id"]).encode()).hexdigest()[:8], 16) % 10**8
    number = _base36(standing.made - 1)
    return NodePlan(
        name=f"aks-{record['name']}-{mark:08d}-vmss{number:0>6}",
        zone=zone,
        address=str(NODE_BLOCK[FIRST_ADDRESS + standing.made]),
        version=str(record["currentOrchestratorVersion"]),
        arch=size.arch,
        instance_type=size.name,
        instance_id=number,
        capacity=capacity(record, size),
        allocatable=allocatable(record, size),
        labels=labels,
        taints=taints,
    )


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = digits[number % 36]
    while number := number // 36:
        text = digits[number % 36] + text
    return text


def pool_labels(cluster: Cluster, record: Json) -> dict[str, str]:
    """Return the labels that AKS puts on a pool's nodes. Source: AKS use-labels, reserved system labels."""
    labels = {
        "agentpool": record["name"],
        "kubernetes.azure.com/agentpool": record["name"],
        "kubernetes.azure.com/cluster": cluster.properties["nodeResourceGroup"],
        "kubernetes.azure.com/mode": record["mode"].lower(),
        "kubernetes.azure.com/os-sku": record["osSKU"],
        "kubernetes.azure.com/role": "agent",
        "kubernetes.azure.com/node-image-version": record["nodeImageVersion"],
        "kubernetes.azure.com/storageprofile": "managed",
    }
    if record.get("scaleSetPriority") == "Spot":
        labels["kubernetes.azure.com/scalesetpriority"] = "spot"
    if SIZES[record["vmSize"]].gpus:
        labels["kubernetes.azure.com/accelerator"] = "nvidia"
    return labels


def node_taints(record: Json) -> t.Iterator[dict[str, str]]:
    """Yield the taints of a pool, and the one that AKS adds to spot nodes."""
    for text in record.get("nodeTaints") or ():
        pair, _, effect = text.rpartition(":")
        key, _, value = pair.partition("=")
        yield {"key": key, "value": value, "effect": effect}
    if record.get("scaleSetPriority") == "Spot":
        yield {"key": "kubernetes.azure.com/scalesetpriority", "value": "spot", "effect": "NoSchedule"}


def capacity(record: Json, size: Size) -> dict[str, str]:
    return {
        "cpu": str(size.cpus),
        "memory": f"{size.memory * 1024}Ki",
        "pods": str(record["maxPods"]),
        "ephemeral-storage": f"{record['osDiskSizeGB']}Gi",
        **({"nvidia.com/gpu": str(size.gpus)} if size.gpus else {}),
    }


def allocatable(record: Json, size: Size) -> dict[str, str]:
    """Source: AKS core concepts, resource reservations: 100 MiB for eviction, 20 MiB a Pod and 50 more."""
    kept = min(20 * int(record["maxPods"]) + 50, size.memory // 4) + 100
    cpu = 60 + 20 * max(0, min(size.cpus, 16) - 1)
    return {
        **capacity(record, size),
        "cpu": f"{size.cpus * 1000 - cpu}m",
        "memory": f"{(size.memory - kept) * 1024}Ki",
        "ephemeral-storage": f"{int(int(record['osDiskSizeGB']) * 0.9)}Gi",
    }
