# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the ranges of a network, each fault with a free suggestion. Pure.

Sources: EC2 CreateVpc, CreateSubnet and add-cidr-block-restrictions; AKS IP address planning; EKS network
requirements.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ..cluster import rules

Named = tuple[str, str]
"""A path for people, and a range."""

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15")
RESERVED: dict[str, tuple[str, ...]] = {
    "aws": ("169.254.0.0/16",),
    "azure": ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"),
    "gcp": ("169.254.0.0/16",),
}
SIZES: dict[str, tuple[int, int]] = {"aws": (16, 28), "azure": (8, 29), "gcp": (8, 29)}
"""Shortest and longest prefix of a network's range and of a subnet."""
FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("10.0.0.0/8", ("172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16")),
    ("172.16.0.0/12", ("10.0.0.0/8", "192.168.0.0/16", "198.19.0.0/16")),
    ("192.168.0.0/16", ("10.0.0.0/8", "172.16.0.0/12", "198.19.0.0/16")),
    ("198.19.0.0/16", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    ("100.64.0.0/10", ("198.19.0.0/16",)),
)
"""The family of a VPC's first range, and those that AWS then refuses for others."""
LEAST_ZONES = {"aws": 2}


@dataclasses.dataclass(frozen=True)
class Ranges:
    cloud: str
    cidr: str
    label: str = ""
    extra: tuple[str, ...] = ()
    subnets: tuple[Named, ...] = ()
    services: str = ""
    avoid: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    allow_public: bool = False

    def own(self) -> list[Named]:
        """Return the ranges that the network itself holds."""
        label = self.label
        return [(f"{label}cidr", self.cidr), *((f"{label}extra_cidrs[{n}]", c) for n, c in enumerate(self.extra))]

    def others(self) -> list[Named]:
        """Return the ranges that lie outside it and must be apart from it."""
        services = [(f"{self.label}ranges.services", self.services)] if self.services else []
        return services + [(f"{self.label}avoid[{number}]", text) for number, text in enumerate(self.avoid)]


def faults(ranges: Ranges) -> list[str]:
    """Return every fault as a sentence without its final stop."""
    illegal = [fault for path, text in _all(ranges) if (fault := _illegal(path, text))]
    if illegal:
        return illegal
    return [fault for check in CHECKS for fault in check(ranges)]


def _all(ranges: Ranges) -> list[Named]:
    return [*ranges.own(), *((f"{ranges.label}subnets.{n}", c) for n, c in ranges.subnets), *ranges.others()]


def _illegal(path: str, text: str) -> str:
    wanted = rules.cidr(text)
    if not wanted and ":" in text:
        wanted = "an IPv4 range"
    return f"{path} is {text}; must be {wanted}" if wanted else ""


def _sizes(ranges: Ranges) -> t.Iterator[str]:
    shortest, longest = SIZES[ranges.cloud]
    subnets = [(f"{ranges.label}subnets.{name}", text) for name, text in ranges.subnets]
    for path, text in [*ranges.own(), *subnets]:
        if not shortest <= int(text.partition("/")[2]) <= longest:
            yield f"{path} is {text}; must be between /{shortest} and /{longest} on {ranges.cloud}"


def _reserved(ranges: Ranges) -> t.Iterator[str]:
    services = [(path, text) for path, text in ranges.others() if path.endswith("services")]
    for path, text in [*ranges.own(), *services]:
        for taken in RESERVED[ranges.cloud]:
            if rules.overlap(text, taken):
                yield f"{path} {text} overlaps {taken}, which {ranges.cloud} keeps for itself{_instead(ranges, text)}"


def _public(ranges: Ranges) -> t.Iterator[str]:
    for path, text in ranges.own():
        if not ranges.allow_public and not any(_inside(text, whole) for whole in PRIVATE):
            yield f"{path} {text} is no private range; choose one of RFC 1918 or set allow_public_ranges: true"


def _families(ranges: Ranges) -> t.Iterator[str]:
    if ranges.cloud != "aws":
        return
    refused = next((others for family, others in FAMILIES if _inside(ranges.cidr, family)), ())
    if _inside(ranges.cidr, "10.0.0.0/15"):
        refused = (*refused, "10.0.0.0/16")
    for path, text in ranges.own()[1:]:
        clash = next((family for family in refused if rules.overlap(text, family)), "")
        if clash:
            yield f"{path} {text} is of {clash}, which AWS refuses beside {ranges.cidr}; choose one of 100.64.0.0/10"


def _overlaps(ranges: Ranges) -> t.Iterator[str]:
    own, others = ranges.own(), ranges.others()
    for number, (path, text) in enumerate(own):
        for other, taken in [*own[number + 1 :], *others]:
            if rules.overlap(text, taken):
                moved = text if other.endswith("]") and "avoid" in other else taken
                yield f"{path} {text} overlaps {other} {taken}{_instead(ranges, moved)}"
    for number, (path, text) in enumerate(others):
        for other, taken in others[number + 1 :]:
            if path.endswith("services") and rules.overlap(text, taken):
                yield f"{path} {text} overlaps {other} {taken}{_instead(ranges, text)}"


def _subnets(ranges: Ranges) -> t.Iterator[str]:
    whole = [text for _path, text in ranges.own()]
    for number, (name, text) in enumerate(ranges.subnets):
        if not any(_inside(text, one) for one in whole):
            yield f"{ranges.label}subnets.{name} {text} lies outside the network ({', '.join(whole)})"
        for other, taken in ranges.subnets[number + 1 :]:
            if rules.overlap(text, taken):
                yield f"{ranges.label}subnets.{name} {text} overlaps {other} {taken}"


def _zones(ranges: Ranges) -> t.Iterator[str]:
    least = LEAST_ZONES.get(ranges.cloud, 1)
    if len(set(ranges.zones)) < least:
        said = ", ".join(ranges.zones) or "none"
        yield f"{ranges.label}zones is {said}; must be at least {least} zones: a control plane spans them"


CHECKS: tuple[t.Callable[[Ranges], t.Iterator[str]], ...] = (
    _sizes,
    _reserved,
    _public,
    _families,
    _overlaps,
    _subnets,
    _zones,
)


def free_range(taken: t.Iterable[str], prefix: int) -> str:
    """Return the lowest private range of a size that touches none of the taken ones, or an empty string."""
    used = [text for text in taken if text]
    for whole in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
        network = ipaddress.IPv4Network(whole)
        if prefix < network.prefixlen:
            continue
        for candidate in network.subnets(new_prefix=prefix):
            if not any(rules.overlap(str(candidate), text) for text in used):
                return str(candidate)
    return ""


def _instead(ranges: Ranges, text: str) -> str:
    taken = [*(c for _p, c in _all(ranges)), *RESERVED[ranges.cloud]]
    free = free_range(taken, int(text.partition("/")[2]))
    return f"; choose a range apart from it, like {free}" if free else "; choose a range apart from it"


def _inside(text: str, whole: str) -> bool:
    return ipaddress.IPv4Network(text).subnet_of(ipaddress.IPv4Network(whole))
