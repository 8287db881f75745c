# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real thing behind a twin's clusters: a control plane each, and Node objects for their pools."""

from __future__ import annotations

import abc
import base64
import pathlib
import shutil
import typing as t

from .. import control_plane
from ..control_plane import ControlPlane
from ..journal import Journal
from ..kube import KubeClient
from ..nodes import NodePlan
from .furniture import MANAGER, Pieces

Json = dict[str, t.Any]


class Standing:
    """One cluster's control plane and the nodes it was given, by pool."""

    def __init__(self, plane: ControlPlane, agent: str) -> None:
        self.plane = plane
        self.agent = agent
        self.nodes: dict[str, list[NodePlan]] = {}
        self.generations: dict[str, int] = {}
        self.made = 0

    def client(self) -> KubeClient:
        return self.plane.admin(self.agent)


class HasKey(t.Protocol):
    @property
    def name(self) -> str: ...

    @property
    def key(self) -> tuple[str, str, str]: ...


class HasGeneration(t.Protocol):
    """A pool; its ``generation`` grows when its nodes are replaced."""

    generation: int

    @property
    def name(self) -> str: ...


ClusterT = t.TypeVar("ClusterT", bound=HasKey)
PoolT = t.TypeVar("PoolT", bound=HasGeneration)


class Fleet(abc.ABC, t.Generic[ClusterT, PoolT]):
    """Starts a control plane with each cluster and keeps its nodes as the pools say. ``cloud`` is its short name."""

    furniture: t.ClassVar[Pieces] = ()
    """What the cloud puts into each cluster."""
    manager: t.ClassVar[str] = MANAGER
    """The field manager that it does so as."""

    def __init__(
        self, clusters: pathlib.Path, journal: Journal, webhook: t.Callable[[ClusterT], str], *, cloud: str
    ) -> None:
        self._clusters = clusters
        self._journal = journal
        self._webhook = webhook
        self._cloud = cloud
        self._standing: dict[tuple[str, str, str], Standing] = {}

    @abc.abstractmethod
    def minor(self, cluster: ClusterT) -> str:
        """Return the minor version that the control plane shall be."""

    @abc.abstractmethod
    def service_cidr(self, cluster: ClusterT) -> str: ...

    @abc.abstractmethod
    def wanted(self, cluster: ClusterT, pool: PoolT, standing: Standing, have: list[NodePlan]) -> list[NodePlan]:
        """Return the nodes that a pool should have; those it has are kept while they fit."""

    @abc.abstractmethod
    def node(self, cluster: ClusterT, plan: NodePlan) -> Json:
        """Return the Node as a kubelet of this cloud registers it."""

    def start(self, cluster: ClusterT) -> None:
        plane = ControlPlane.start(
            self._folder(cluster),
            name=cluster.name,
            version=self.minor(cluster),
            crew=control_plane.crew(),
            token_webhook_url=self._webhook(cluster),
            service_cidr=self.service_cidr(cluster),
            wait=False,
        )
        self._standing[cluster.key] = Standing(plane, f"drydock-{self._cloud}")

    def _folder(self, cluster: ClusterT) -> pathlib.Path:
        """Return a folder of the cluster's name, which clusters of other clouds and accounts may have taken."""
        account, place, name = cluster.key
        names = (name, f"{self._cloud}-{place}-{name}", f"{self._cloud}-{account}-{place}-{name}")
        return next(folder for folder in map(self._clusters.joinpath, names) if not folder.exists())

    def ready(self, cluster: ClusterT, wait: bool) -> bool:
        plane = self._standing[cluster.key].plane
        return plane.wait_ready() is not None if wait else plane.is_ready()

    def address(self, cluster: ClusterT) -> tuple[str, str]:
        plane = self._standing[cluster.key].plane
        return plane.server, base64.b64encode(plane.ca_file.read_bytes()).decode()

    def follow_version(self, cluster: ClusterT) -> None:
        plane, version = self._standing[cluster.key].plane, self.minor(cluster)
        if plane.plan.version != version:
            plane.restart(version)

    def furnish(self, cluster: ClusterT) -> None:
        """Apply what the cloud keeps in the cluster, and make what it only ensures."""
        client = self._standing[cluster.key].client()
        for piece in self.pieces(cluster):
            if piece.kept or client.find(piece.path) is None:
                client.apply(piece.path, piece.body, manager=self.manager)

    def pieces(self, cluster: ClusterT) -> Pieces:
        """Return what the cloud keeps in the cluster now."""
        return self.furniture

    def stop(self, cluster: ClusterT) -> None:
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

    def drop_pool(self, cluster: ClusterT, pool: PoolT) -> None:
        standing = self._standing[cluster.key]
        client = standing.client()
        for node in standing.nodes.pop(pool.name, []):
            client.delete(f"/api/v1/nodes/{node.name}")
        standing.generations.pop(pool.name, None)

    def follow_pool(self, cluster: ClusterT, pool: PoolT) -> None:
        """Make the nodes what the pool says: count, labels, taints, version."""
        standing = self._standing[cluster.key]
        have = standing.nodes.setdefault(pool.name, [])
        renewed = standing.generations.get(pool.name, pool.generation) != pool.generation
        standing.generations[pool.name] = pool.generation
        want = self.wanted(cluster, pool, standing, [] if renewed else have)
        client, names = standing.client(), {node.name for node in want}
        for node in want:
            before = next((x for x in have if x.name == node.name), None)
            if before is None:
                client.create("/api/v1/nodes", self.node(cluster, node))
            elif before != node:
                client.merge(f"/api/v1/nodes/{node.name}", _changes(before, node))
        for node in have:
            if node.name not in names:
                client.delete(f"/api/v1/nodes/{node.name}")
        standing.nodes[pool.name] = want


def over_zones(
    have: t.Sequence[NodePlan],
    targets: t.Sequence[str],
    fresh: t.Callable[[str], NodePlan],
    kept: t.Callable[[NodePlan], NodePlan],
) -> list[NodePlan]:
    """Return a node for each target zone: one of those there are while they last, else a fresh one."""
    left, found = list(have), []
    for zone in targets:
        node = next((node for node in left if node.zone == zone), None)
        if node is not None:
            left.remove(node)
        found.append(kept(node) if node is not None else fresh(zone))
    return found


def _changes(before: NodePlan, after: NodePlan) -> Json:
    """Return the merge patch between two plans of one node: labels that went are null."""
    gone: dict[str, str | None] = dict.fromkeys(set(before.all_labels()) - set(after.all_labels()))
    return {
        "metadata": {"labels": {**gone, **after.all_labels()}},
        "spec": {"taints": [dict(taint) for taint in after.taints]},
    }
