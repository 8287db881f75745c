# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many addresses nodes and pods take on each cloud's network. Pure; one row a mode.

Sources: EKS network requirements and VPC CNI prefix mode (a /28 is taken whole, one stays warm); AKS overlay,
pod subnet and flat networks; GKE flexible pod ranges.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t

from .blocks import size_of

PREFIX = 16
"""Addresses of one prefix of the VPC CNI, and of one batch of an AKS pod subnet."""
WARM_ADDRESSES = 14
"""Addresses of the spare interface that the VPC CNI keeps on each node without prefixes."""
AKS_NODE_BLOCK = 256
AKS_SPARE = 8

Count = t.Callable[[int], int]
"""How many addresses one node takes, by the most pods that it runs."""


@dataclasses.dataclass(frozen=True)
class Mode:
    """``node`` and ``pods`` are addresses a node; ``pods`` is None where pods live in the nodes' subnets.

    ``reserved`` are the addresses of a subnet that the cloud keeps; ``zonal`` says that subnets belong to zones;
    ``most_nodes`` is the cloud's own bound on one cluster.
    """

    cloud: str
    zonal: bool
    reserved: int
    node: Count
    pods: Count | None
    most_pods: int
    most_nodes: int
    pods_reserved: int = 0


def _prefixes(pods: int) -> int:
    return 1 + PREFIX * (math.ceil(pods / PREFIX) + 1)


def _addresses(pods: int) -> int:
    return 1 + pods + WARM_ADDRESSES


def _batches(pods: int) -> int:
    return PREFIX * math.ceil((pods + AKS_SPARE) / PREFIX)


def _twice(pods: int) -> int:
    """GKE gives each node the power of two that holds twice its pods, a /28 at least."""
    return max(16, 1 << (2 * pods - 1).bit_length())


def _one(pods: int) -> int:
    return 1


MODES: dict[str, Mode] = {
    "prefix": Mode("aws", True, 5, _prefixes, None, 250, 100_000),
    "secondary": Mode("aws", True, 5, _addresses, None, 250, 100_000),
    "overlay": Mode("azure", False, 5, _one, lambda pods: AKS_NODE_BLOCK, 250, 5_000),
    "pod_subnet": Mode("azure", False, 5, _one, _batches, 250, 5_000, 5),
    "flat": Mode("azure", False, 5, lambda pods: 1 + pods, None, 250, 5_000),
    "secondary_range": Mode("gcp", False, 4, _one, _twice, 256, 15_000),
}
DEFAULT_MODE = {"aws": "prefix", "azure": "overlay", "gcp": "secondary_range"}


@dataclasses.dataclass(frozen=True)
class Capacity:
    """What the network must carry: nodes of all pools at their most, pods a node, nodes of a rolling upgrade."""

    max_nodes: int
    max_pods: int = 110
    surge: int = 1
    mode: str = "prefix"
    services: int = 4096

    @property
    def row(self) -> Mode:
        return MODES[self.mode]

    @property
    def nodes(self) -> int:
        return self.max_nodes + self.surge


def surge_nodes(surge: int | str, max_nodes: int) -> int:
    """Return the nodes of a surge that is a number or a share ("33%")."""
    if isinstance(surge, int):
        return surge
    return math.ceil(max_nodes * int(surge.removesuffix("%")) / 100)


def nodes_in_a_zone(nodes: int, zones: int) -> int:
    """Return the nodes that one zone must hold: its share, and one more where they do not divide evenly."""
    share, rest = divmod(nodes, zones)
    return share + 2 if rest else share


def subnet_addresses(capacity: Capacity, zones: int) -> int:
    """Return the addresses of the subnet of the nodes (of one zone, where subnets are zonal)."""
    row = capacity.row
    nodes = nodes_in_a_zone(capacity.nodes, zones) if row.zonal else capacity.nodes
    return nodes * row.node(capacity.max_pods) + row.reserved


def pod_addresses(capacity: Capacity) -> int:
    """Return the addresses of the range of the pods, 0 where they live in the nodes' subnets."""
    row = capacity.row
    return capacity.nodes * row.pods(capacity.max_pods) + row.pods_reserved if row.pods else 0


@dataclasses.dataclass(frozen=True)
class Limit:
    """A bound on the nodes of a cluster (rolling upgrade included) and what sets it."""

    nodes: int
    what: str


def limits(
    capacity: Capacity, subnets: t.Sequence[tuple[str, str, int]], pod_sizes: t.Mapping[str, int]
) -> list[Limit]:
    """Return what bounds the nodes, nearest first: each zone's subnets (name, zone, addresses), pod ranges, the cloud.

    Nodes spread evenly, so the smallest zone bounds all of them.
    """
    row = capacity.row
    found = [Limit(row.most_nodes, f"the most nodes of a cluster on {row.cloud}")]
    if subnets:
        found.append(_of_subnets(capacity, subnets))
    if row.pods and pod_sizes:
        total = sum(pod_sizes.values()) - row.pods_reserved * len(pod_sizes)
        names = ", ".join(pod_sizes)
        found.append(Limit(total // row.pods(capacity.max_pods), f"pod addresses of {names}"))
    return sorted(found, key=lambda limit: limit.nodes)


def _of_subnets(capacity: Capacity, subnets: t.Sequence[tuple[str, str, int]]) -> Limit:
    row = capacity.row
    each = row.node(capacity.max_pods)
    held: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    for name, zone, addresses in subnets:
        held[zone] = held.get(zone, 0) + max(0, addresses - row.reserved) // each
        names.setdefault(zone, []).append(name)
    tightest = min(held, key=lambda zone: held[zone])
    return Limit(held[tightest] * len(held), f"addresses of {', '.join(names[tightest])}")


def most_pods_that_fit(capacity: Capacity, zones: int, prefix: int) -> int:
    """Return the most pods a node with which the nodes' subnets need no more than this prefix; 0 if none does."""
    for pods in range(min(capacity.max_pods, capacity.row.most_pods), 0, -1):
        if subnet_addresses(dataclasses.replace(capacity, max_pods=pods), zones) <= size_of(prefix):
            return pods
    return 0
