# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real thing behind the twin's clusters: a control plane each, and Node objects for their pools."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import ipaddress
import pathlib
import shutil
import typing as t

from ... import control_plane
from ...control_plane import ControlPlane
from ...journal import Journal
from ...kube import KubeClient
from ...nodes import NodePlan, node_object
from ..aws.account import AccountView, InstanceType
from . import furniture
from .store import Cluster, Pool

EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
FIRST_ADDRESS = 16


@dataclasses.dataclass
class Standing:
    """One cluster's control plane and the nodes it was given, by pool."""

    plane: ControlPlane
    nodes: dict[str, list[NodePlan]] = dataclasses.field(default_factory=dict)
    generations: dict[str, int] = dataclasses.field(default_factory=dict)
    made: int = 0

    def client(self) -> KubeClient:
        return self.plane.admin("drydock-eks")


class RealPlant:
    """Starts a control plane with each cluster and keeps its nodes as the pools say."""

    def __init__(self, clusters: pathlib.Path, journal: Journal, webhook: t.Callable[[Cluster], str]) -> None:
        self._clusters = clusters
        self._journal = journal
        self._webhook = webhook
        self._standing: dict[tuple[str, str, str], Standing] = {}

    def start(self, cluster: Cluster) -> None:
        record = cluster.record
        plane = ControlPlane.start(
            self._folder(cluster),
            name=cluster.name,
            version=record["version"],
            crew=control_plane.crew(),
            token_webhook_url=self._webhook(cluster),
            service_cidr=record["kubernetesNetworkConfig"]["serviceIpv4Cidr"],
            wait=False,
        )
        self._standing[cluster.key] = Standing(plane)

    def _folder(self, cluster: Cluster) -> pathlib.Path:
        taken = {s.plane.dir.name for s in self._standing.values()}
        plain = cluster.name
        return self._clusters / (plain if plain not in taken else f"{cluster.account}-{cluster.region}-{plain}")

    def ready(self, cluster: Cluster, wait: bool) -> bool:
        plane = self._standing[cluster.key].plane
        return plane.wait_ready() is not None if wait else plane.is_ready()

    def address(self, cluster: Cluster) -> tuple[str, str]:
        plane = self._standing[cluster.key].plane
        return plane.server, base64.b64encode(plane.ca_file.read_bytes()).decode()

    def follow_version(self, cluster: Cluster) -> None:
        self._standing[cluster.key].plane.restart(cluster.record["version"])

    def furnish(self, cluster: Cluster) -> None:
        """Apply what the service installs, and what its add-on manager keeps: as EKS does, by server-side apply."""
        client = self._standing[cluster.key].client()
        for piece in furniture.pieces(cluster):
            client.apply(piece.path, piece.body, manager=furniture.MANAGER)

    def stop(self, cluster: Cluster) -> None:
        standing = self._standing.pop(cluster.key, None)
        if standing is not None:
            standing.plane.stop()
            self._journal.absorb(standing.plane.dir.name)
            shutil.rmtree(standing.plane.dir, ignore_errors=True)

    def stop_all(self) -> None:
        for standing in self._standing.values():
            standing.plane.stop()
            shutil.rmtree(standing.plane.dir, ignore_errors=True)
        self._standing.clear()

    def drop_pool(self, cluster: Cluster, pool: Pool) -> None:
        standing = self._standing[cluster.key]
        client = standing.client()
        for node in standing.nodes.pop(pool.name, []):
            client.delete(f"/api/v1/nodes/{node.name}")
        standing.generations.pop(pool.name, None)

    def follow_pool(self, cluster: Cluster, pool: Pool) -> None:
        """Make the nodes what the pool's record says: count, labels, taints, version."""
        standing = self._standing[cluster.key]
        have = standing.nodes.setdefault(pool.name, [])
        renewed = standing.generations.get(pool.name, pool.generation) != pool.generation
        standing.generations[pool.name] = pool.generation
        want = self._wanted(cluster, pool, standing, [] if renewed else have)
        client, names = standing.client(), {node.name for node in want}
        for node in want:
            before = next((x for x in have if x.name == node.name), None)
            if before is None:
                client.create("/api/v1/nodes", node_object(node))
            elif before != node:
                client.merge(f"/api/v1/nodes/{node.name}", _changes(before, node))
        for node in have:
            if node.name not in names:
                client.delete(f"/api/v1/nodes/{node.name}")
        standing.nodes[pool.name] = want

    def _wanted(self, cluster: Cluster, pool: Pool, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
        record = pool.record
        view = AccountView(cluster.account, cluster.region)
        size = view.instance_type(record["instanceTypes"][0])
        subnets, _ = view.subnets(record["subnets"])
        assert size is not None
        taints = tuple(_taint(row) for row in record.get("taints", []))
        labels = {**pool_labels(record), **record.get("labels", {})}
        kept = [dataclasses.replace(node, labels=labels, taints=taints) for node in have]
        count = record["scalingConfig"]["desiredSize"]
        while len(kept) < count:
            subnet = subnets[len(kept) % len(subnets)]
            address = ipaddress.ip_network(subnet.cidr)[FIRST_ADDRESS + standing.made]
            standing.made += 1
            kept.append(
                NodePlan(
                    name=f"ip-{str(address).replace('.', '-')}.{cluster.region}.compute.internal",
                    zone=subnet.zone,
                    address=str(address),
                    version=record["version"],
                    arch=size.arch,
                    instance_type=size.name,
                    instance_id=_instance_id(cluster, str(address)),
                    capacity=capacity(size, record.get("diskSize", 20)),
                    allocatable=allocatable(size, record.get("diskSize", 20)),
                    labels=labels,
                    taints=taints,
                )
            )
        return kept[:count]


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


def _changes(before: NodePlan, after: NodePlan) -> dict[str, t.Any]:
    """Return the merge patch between two plans of one node: labels that went are null."""
    gone: dict[str, str | None] = dict.fromkeys(set(before.all_labels()) - set(after.all_labels()))
    return {
        "metadata": {"labels": {**gone, **after.all_labels()}},
        "spec": {"taints": [dict(taint) for taint in after.taints]},
    }
