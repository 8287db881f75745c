# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address planner: nodes, pods and zones in; subnets and ranges out, or every reason why not. Pure.

Blocks are powers of two, placed largest first where they fit best, so nothing is refused that would fit. Subnets
that exist are pins: they never move, and only what is missing goes into the gaps.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import InvalidInput
from .blocks import Block, block, free_blocks, prefix_for, take
from .checks import Ranges, faults
from .demand import Capacity, Limit, limits, most_pods_that_fit, pod_addresses, subnet_addresses

NODES = "private"
ORDER = (NODES, "pods", "public", "endpoints", "control", "services")
"""Roles, in the order in which equally large blocks are placed."""
ROLE_PREFIX = {"public": 24, "endpoints": 26, "control": 28}
"""Load balancers want a /27 and 8 free addresses each; the control plane's own subnets a /28."""
SMALLEST = 28
LARGEST = 16


@dataclasses.dataclass(frozen=True)
class Pin:
    """A subnet that exists or is given. ``zone`` is empty where subnets span zones."""

    name: str
    role: str
    zone: str
    cidr: str


@dataclasses.dataclass(frozen=True)
class Request:
    """``occupied`` is what others hold inside; ``label`` stands before the paths of faults; ``tight`` leaves no room to
    grow; ``prefixes`` overrides sizes.
    """

    cidr: str
    zones: tuple[str, ...]
    capacity: Capacity
    roles: tuple[str, ...] = (NODES, "public", "control")
    extra_cidrs: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    occupied: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    services: str = ""
    tight: bool = False
    allow_public: bool = False
    prefixes: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    label: str = ""

    @property
    def cloud(self) -> str:
        return self.capacity.row.cloud


@dataclasses.dataclass(frozen=True)
class Subnet:
    name: str
    role: str
    zone: str
    cidr: str
    pinned: bool = False


@dataclasses.dataclass(frozen=True)
class Layout:
    """``free`` are the blocks left; ``limits`` what bounds the cluster's nodes, nearest first."""

    subnets: tuple[Subnet, ...]
    services: str
    free: tuple[str, ...]
    limits: tuple[Limit, ...]

    def of(self, role: str) -> tuple[Subnet, ...]:
        return tuple(subnet for subnet in self.subnets if subnet.role == role)

    def described(self, capacity: Capacity) -> dict[str, t.Any]:
        """Return the ``capacity`` value of a result; a rolling upgrade's nodes are not counted."""
        nearest = self.limits[0]
        nodes = max(0, nearest.nodes - capacity.surge)
        said = f"{nearest.what}: at most {nodes} nodes of {capacity.max_pods} pods"
        return {"max_nodes": nodes, "max_pods": capacity.max_pods, "next_limit": said, "free": list(self.free)}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """One subnet to place: its size in addresses, and the one with room to grow."""

    name: str
    role: str
    zone: str
    size: int
    roomy: int


def plan_addresses(request: Request) -> Layout:
    """Return the layout. Raises InvalidInput with every fault, each with the smallest change that cures it."""
    found = faults(_ranges(request))
    if found:
        raise InvalidInput(found)
    wanted = wanted_subnets(request)
    placed = None if request.tight else _place(request, wanted, roomy=True)
    placed = placed or _place(request, wanted, roomy=False)
    if placed is None:
        raise InvalidInput([_no_room(request, wanted)])
    return _checked(request, placed)


def wanted_subnets(request: Request) -> list[Wanted]:
    """Return what is not pinned yet, in the order of placement."""
    pinned = {(pin.role, pin.zone) for pin in request.pins}
    missing = [
        _wanted(request, role, zone)
        for role in request.roles
        for zone in zones_of(request, role)
        if (role, zone) not in pinned
    ]
    place = {zone: number for number, zone in enumerate(request.zones)}
    return sorted(missing, key=lambda one: (-one.size, ORDER.index(one.role), place.get(one.zone, 0)))


def zones_of(request: Request, role: str) -> tuple[str, ...]:
    """Return the zones that each get a subnet of a role; one without a zone where subnets span them."""
    return request.zones if request.capacity.row.zonal and role != "services" else ("",)


def _wanted(request: Request, role: str, zone: str) -> Wanted:
    size = 1 << (32 - _prefix(request, role))
    grows = role in (NODES, "pods") and size < 1 << (32 - LARGEST)
    return Wanted(f"{role}-{zone}" if zone else role, role, zone, size, size * 2 if grows else size)


def _prefix(request: Request, role: str) -> int:
    if role in request.prefixes:
        return request.prefixes[role]
    if role == NODES:
        return min(SMALLEST, prefix_for(subnet_addresses(request.capacity, len(request.zones))))
    if role == "pods":
        return prefix_for(pod_addresses(request.capacity))
    if role == "services":
        return prefix_for(request.capacity.services)
    return ROLE_PREFIX[role]


def _ranges(request: Request) -> Ranges:
    return Ranges(
        cloud=request.cloud,
        label=request.label,
        cidr=request.cidr,
        extra=request.extra_cidrs,
        subnets=tuple((pin.name, pin.cidr) for pin in request.pins),
        services=request.services,
        avoid=request.avoid,
        zones=request.zones,
        allow_public=request.allow_public,
    )


def _room(request: Request) -> list[Block]:
    whole = [block(text) for text in (request.cidr, *request.extra_cidrs)]
    return free_blocks(whole, [block(text) for text in (*request.occupied, *(pin.cidr for pin in request.pins))])


def _place(request: Request, wanted: t.Iterable[Wanted], *, roomy: bool) -> Layout | None:
    free = _room(request)
    placed = [Subnet(pin.name, pin.role, pin.zone, pin.cidr, pinned=True) for pin in request.pins]
    order = sorted(wanted, key=lambda one: -one.roomy) if roomy else wanted
    for one in order:
        where = take(free, one.roomy if roomy else one.size)
        if where is None:
            return None
        placed.append(Subnet(one.name, one.role, one.zone, str(where)))
    return _layout(request, placed, free)


def _layout(request: Request, placed: t.Sequence[Subnet], free: t.Iterable[Block]) -> Layout:
    places = {zone: number for number, zone in enumerate(request.zones)}
    subnets = sorted(placed, key=lambda one: (ORDER.index(one.role), places.get(one.zone, len(places)), one.name))
    nodes = [(one.name, one.zone, block(one.cidr).size) for one in subnets if one.role == NODES]
    pods = {one.name: block(one.cidr).size for one in subnets if one.role == "pods"}
    services = next((one.cidr for one in subnets if one.role == "services"), request.services)
    return Layout(tuple(subnets), services, tuple(map(str, free)), tuple(limits(request.capacity, nodes, pods)))


def _checked(request: Request, layout: Layout) -> Layout:
    """Refuse subnets that exist and carry less than is asked."""
    nearest = layout.limits[0]
    if NODES not in request.roles or nearest.nodes >= request.capacity.nodes:
        return layout
    asked = request.capacity
    raise InvalidInput(
        [
            f"{request.label}capacity.max_nodes is {asked.max_nodes}; must be at most "
            f"{max(0, nearest.nodes - asked.surge)} (with {asked.surge} for rolling upgrades): the limit is "
            f"{nearest.what}; {_fewer_pods(request, layout)}"
        ]
    )


def _fewer_pods(request: Request, layout: Layout) -> str:
    smallest = max((block(one.cidr).prefix for one in layout.of(NODES)), default=LARGEST)
    pods = most_pods_that_fit(request.capacity, len(request.zones), smallest)
    other = f"set capacity.max_pods to {pods}, or " if 8 <= pods < request.capacity.max_pods else ""
    return f"{other}add a zone or a larger network"


def _no_room(request: Request, wanted: t.Sequence[Wanted]) -> str:
    """Return what does not fit, what is free, and which change would make it fit."""
    free, missing = _room(request), []
    for one in wanted:
        if take(free, one.size) is None:
            missing.append(one)
    texts = ", ".join(f"{one.name} /{prefix_for(one.size)}" for one in missing)
    left = ", ".join(map(str, _room(request))) or "nothing"
    return (
        f"{request.label}cidr {request.cidr} has no room for {texts} (free: {left}); "
        f"{_remedy(request, wanted, missing)}"
    )


def _remedy(request: Request, wanted: t.Sequence[Wanted], missing: t.Sequence[Wanted]) -> str:
    ways = []
    extra = extra_blocks(request, missing)
    if extra:
        ways.append(f"add extra_cidrs: [{', '.join(extra)}]")
    pods = _pods_that_fit(request, wanted)
    if pods:
        ways.append(f"set capacity.max_pods to {pods}")
    return " or ".join(ways or ["choose a larger cidr or fewer nodes"])


def extra_blocks(request: Request, missing: t.Iterable[Wanted]) -> list[str]:
    """Return the fewest shared-address blocks (100.64.0.0/10) that would hold what is missing; [] if none do."""
    taken = [block(text) for text in (request.cidr, *request.extra_cidrs, *request.avoid, request.services) if text]
    pool = free_blocks([block("100.64.0.0/10")], taken)
    chosen: list[str] = []
    room: list[Block] = []
    for one in missing:
        if take(room, one.size) is None:
            more = take(pool, max(one.size, 1 << (32 - LARGEST)))
            if more is None or one.size > more.size:
                return []
            chosen.append(str(more))
            room.append(more)
            take(room, one.size)
    return chosen if all(block(text).prefix >= LARGEST for text in chosen) else []


def _pods_that_fit(request: Request, wanted: t.Iterable[Wanted]) -> int:
    """Return the most pods a node with which everything fits, 0 if none do."""
    if request.capacity.row.pods or NODES in request.prefixes:
        return 0
    for prefix in range(LARGEST, SMALLEST + 1):
        pods = most_pods_that_fit(request.capacity, len(request.zones), prefix)
        smaller = [dataclasses.replace(one, size=1 << (32 - prefix)) if one.role == NODES else one for one in wanted]
        smaller.sort(key=lambda one: -one.size)
        if 8 <= pods < request.capacity.max_pods and _place(request, smaller, roomy=False):
            return pods
    return 0
