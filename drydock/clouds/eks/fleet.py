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
from ..aws.account import AccountView, InstanceType, Subnet
from ..fleet import Fleet, Standing, over_zones
from ..furniture import Pieces
from . import furniture
from .store import Cluster, Pool, Record

EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
FIRST_ADDRESS = 16


class RealPlant(Fleet[Cluster, Pool]):
    """The fleet of EKS, whose add-ons are what it keeps in a cluster."""

    manager = furniture.MANAGER

    def minor(self, cluster: Cluster) -> str:
        return str(cluster.record["version"])

    def service_cidr(self, cluster: Cluster) -> str:
        return str(cluster.record["kubernetesNetworkConfig"]["serviceIpv4Cidr"])

    def pieces(self, cluster: Cluster) -> Pieces:
        return furniture.pieces(cluster)

    def node(self, cluster: Cluster, plan: NodePlan) -> Record:
        return node_object(plan)

    def wanted(self, cluster: Cluster, pool: Pool, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
        record = pool.record
        subnets, _ = AccountView(cluster.account, cluster.region).subnets(record["subnets"])
        taints = tuple(_taint(row) for row in record.get("taints", []))
        labels = {**pool_labels(record), **record.get("labels", {})}
        zones = {subnet.zone: subnet for subnet in reversed(subnets)}
        targets = [subnets[number % len(subnets)].zone for number in range(record["scalingConfig"]["desiredSize"])]

        def dressed(node: NodePlan) -> NodePlan:
            return dataclasses.replace(node, labels=labels, taints=taints)

        return over_zones(have, targets, lambda zone: dressed(_fresh(cluster, record, standing, zones[zone])), dressed)


def _fresh(cluster: Cluster, record: Record, standing: Standing, subnet: Subnet) -> NodePlan:
    """Return a node without the pool's labels and taints."""
    size = AccountView(cluster.account, cluster.region).instance_type(record["instanceTypes"][0])
    assert size is not None
    address = str(ipaddress.ip_network(subnet.cidr)[FIRST_ADDRESS + standing.made])
    standing.made += 1
    return NodePlan(
        name=f"ip-{address.replace('.', '-')}.{cluster.region}.compute.internal",
        zone=subnet.zone,
        address=address,
        version=record["version"],
        arch=size.arch,
        instance_type=size.name,
        instance_id=_instance_id(cluster, address),
        capacity=capacity(size, record.get("diskSize", 20)),
        allocatable=allocatable(size, record.get("diskSize", 20)),
        labels={},
        taints=(),
    )


def _taint(row: t.Mapping[str, str]) -> dict[str, str]:
    """Return a taint as Kubernetes spells it."""
    return {"key": row["key"], "value": row.get("value", ""), "effect": EFFECTS[row["effect"]]}


def pool_labels(record: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the labels that EKS puts on a managed pool's nodes."""
    image = hashlib.sha256(record["releaseVersion"].encode()).hexdigest()[:17]
    return {
        "eks.amazonaws.com/capacityType": record["capacityType"],
        "eks.amazonaws.com/nodegroup": record["nodegroupName"],
        "eks.amazonaws.com/nodegroup-image": f"ami-{image}",
    }


def _instance_id(cluster: Cluster, address: str) -> str:
    return "i-" + hashlib.sha256(f"{cluster.record['arn']}/{address}".encode()).hexdigest()[:17]


def capacity(size: InstanceType, disk: int) -> dict[str, str]:
    return {
        "cpu": str(size.cpus),
        "memory": f"{size.memory * 1024}Ki",
        "pods": str(size.max_pods),
        "ephemeral-storage": f"{disk}Gi",
    }


def allocatable(size: InstanceType, disk: int) -> dict[str, str]:
    """Return what is left for pods. Source: amazon-eks-ami's kubelet reservations, 100 MiB eviction threshold."""
    shares = (60, 10, 5, 5)  # millicores kept of the first cores, 2.5 of each further one
    kept = sum(shares[: size.cpus]) + 2.5 * max(0, size.cpus - len(shares))
    memory = size.memory - (11 * size.max_pods + 255) - 100
    return {
        **capacity(size, disk),
        "cpu": f"{int(size.cpus * 1000 - kept)}m",
        "memory": f"{memory * 1024}Ki",
        "ephemeral-storage": f"{int(disk * 0.9)}Gi",
    }
