# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that a network on AWS shall have, from its document and the layout of its addresses. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ...._common.errors import InvalidInput
from ...cluster import rules
from ...foundation.options import Base
from ...foundation.parts import Part
from ...foundation.plan import Wish
from ..addresses import Layout, Pin, Request, Subnet, plan_addresses
from ..options import GATEWAYS, ROLES, capacity, letter
from .kinds import ANYWHERE, OF_ROLE
from .reading import Seen, marks

FIRST_ZONES = 3
LOAD_BALANCER_TAGS = {"private": "kubernetes.io/role/internal-elb", "public": "kubernetes.io/role/elb"}
"""By these a load balancer controller finds its subnets (AWS Load Balancer Controller, subnet discovery)."""


def wish_of(spec: Base, seen: Seen) -> tuple[Wish, Layout | None]:
    """Return what shall be, and the layout of its addresses (None where nothing shall be).

    Raises PlatformError for what must be refused before any write.
    """
    if spec.absent:
        return Wish(spec.base, (), tuple(seen.found.values())), None
    layout = layout_of(spec, seen)
    parts = Parts(spec, seen, layout).all()
    kept = ("subnet/",) if "endpoints" in spec.values else ("subnet/", "endpoint/", "group/")
    roles = {part.role for part in parts} | {role for role in seen.found if role.startswith(kept)}
    return Wish(spec.base, parts, tuple(one for role, one in seen.found.items() if role not in roles)), layout


def layout_of(spec: Base, seen: Seen) -> Layout:
    """Return where every subnet lies or shall lie: what exists stays."""
    values = spec.values
    cidr = values.get("cidr") or (seen.vpc or {}).get("CidrBlock")
    if not cidr:
        free = rules.free_service_cidr(values.get("avoid") or ())
        raise InvalidInput([f"{spec.place.subject} does not exist yet and cidr is missing; give one{like(free)}"])
    return plan_addresses(
        Request(
            cidr=cidr,
            extra_cidrs=tuple(values.get("extra_cidrs") or ()),
            zones=zones_of(spec, seen),
            capacity=capacity(values),
            roles=ROLES,
            pins=pins_of(spec, seen),
            occupied=tuple(one["CidrBlock"] for one in seen.others.get("subnet", ())),
            avoid=tuple(values.get("avoid") or ()),
            services=values.get("ranges.services") or "",
            tight=values["tight"],
            allow_public=values["allow_public_ranges"],
        )
    )


def like(text: str) -> str:
    return f", like {text}" if text else ""


def zones_of(spec: Base, seen: Seen) -> tuple[str, ...]:
    """Return the letters of the zones: those declared, those in use, or the first ones offered."""
    offered = [letter(name) for name in seen.zones]
    declared = [letter(name) for name in spec.values.get("zones") or ()]
    lost = [name for name in declared if name not in offered]
    if lost:
        raise InvalidInput(
            [f"zones names {', '.join(lost)}, which {spec.region} does not offer; choose of {', '.join(offered)}"]
        )
    used = sorted({role[-1] for role in seen.found if role.startswith("subnet/")})
    return tuple(dict.fromkeys(declared)) or tuple(used) or tuple(offered[:FIRST_ZONES])


def pins_of(spec: Base, seen: Seen) -> tuple[Pin, ...]:
    """Return the subnets that exist, and those declared that do not."""
    pins = {
        role: _pin(role, one.document["CidrBlock"]) for role, one in seen.found.items() if one.kind.name == "subnet"
    }
    for row in spec.values.get("subnets") or ():
        role = f"subnet/{row['role']}-{letter(row['zone'])}"
        pins.setdefault(role, _pin(role, row["cidr"]))
    return tuple(pins[role] for role in sorted(pins))


def _pin(role: str, cidr: str) -> Pin:
    name = role.removeprefix("subnet/")
    kind, _dash, zone = name.rpartition("-")
    return Pin(name, kind, zone, cidr)


@dataclasses.dataclass(frozen=True)
class Parts:
    """The parts in the order in which they are made."""

    spec: Base
    seen: Seen
    layout: Layout

    def all(self) -> list[Part]:
        makers = (self.vpc, self.gateway, self.subnets, self.nat, self.tables, self.endpoints)
        return [part for make in makers for part in make()]

    # -- names

    def ref(self, role: str) -> str:
        return Wish(self.spec.base).reference(role)

    def part(
        self, role: str, needs: tuple[str, ...] = (), tags: t.Mapping[str, str] | None = None, **fields: t.Any
    ) -> Part:
        name = role.partition("/")[2]
        title = f"{self.spec.place.name}-{name}" if name else self.spec.place.name
        own = {"Name": title, **self.spec.tags, **(tags or {}), **marks(self.spec).tags(role)}
        return Part(role, OF_ROLE[role.partition("/")[0]], fields, own, needs)

    @property
    def zones(self) -> list[str]:
        """Return the zones that have a public subnet: each of these has a private one too."""
        return [subnet.zone for subnet in self.layout.of("public")]

    @property
    def nat_zones(self) -> list[str]:
        """Return the zones of the NAT gateways; a single one stays where it is."""
        mode = self.spec.values["nat"]
        if mode == "none":
            return []
        if mode == "per_zone":
            return self.zones
        there = [zone for zone in self.zones if f"nat/{zone}" in self.seen.found]
        return (there or self.zones)[:1]

    # -- parts

    def vpc(self) -> t.Iterator[Part]:
        fields: dict[str, t.Any] = {"cidr": self._cidr(), "dns_support": True, "dns_hostnames": True}
        if "extra_cidrs" in self.spec.values:
            fields["extra_cidrs"] = sorted(self.spec.values["extra_cidrs"])
        yield self.part("vpc", **fields)

    def _cidr(self) -> str:
        return str(self.spec.values.get("cidr") or (self.seen.vpc or {})["CidrBlock"])

    def gateway(self) -> t.Iterator[Part]:
        yield self.part("internet-gateway", vpc=self.ref("vpc"))

    def subnets(self) -> t.Iterator[Part]:
        for subnet in self.layout.subnets:
            yield self.part(
                f"subnet/{subnet.name}",
                ("vpc",),
                self._discovery(subnet),
                vpc=self.ref("vpc"),
                cidr=subnet.cidr,
                zone=f"{self.spec.region}{subnet.zone}",
                map_public=subnet.role == "public",
            )

    def _discovery(self, subnet: Subnet) -> dict[str, str]:
        shared = {f"kubernetes.io/cluster/{name}": "shared" for name in self.spec.values.get("clusters") or ()}
        role = {LOAD_BALANCER_TAGS[subnet.role]: "1"} if self.spec.values["load_balancer_tags"] else {}
        return {**shared, **role}

    def nat(self) -> t.Iterator[Part]:
        for zone in self.nat_zones:
            yield self.part(f"address/{zone}")
            subnet, address = self.ref(f"subnet/public-{zone}"), self.ref(f"address/{zone}")
            yield self.part(f"nat/{zone}", ("internet-gateway",), subnet=subnet, address=address)

    def tables(self) -> t.Iterator[Part]:
        public = [self.ref(f"subnet/public-{zone}") for zone in self.zones]
        gateway = {ANYWHERE: self.ref("internet-gateway")}
        yield self.part("routes/public", vpc=self.ref("vpc"), routes=gateway, subnets=public)
        for subnet in self.layout.of("private"):
            nat = self._nat_for(subnet.zone)
            own = [self.ref(f"subnet/{subnet.name}")]
            role = f"routes/private-{subnet.zone}"
            yield self.part(role, vpc=self.ref("vpc"), routes={ANYWHERE: nat}, subnets=own)

    def _nat_for(self, zone: str) -> str | None:
        if not self.nat_zones:
            return None
        return self.ref(f"nat/{zone if zone in self.nat_zones else self.nat_zones[0]}")

    def endpoints(self) -> t.Iterator[Part]:
        services = self.spec.values.get("endpoints") or []
        tables = [self.ref(f"routes/private-{subnet.zone}") for subnet in self.layout.of("private")]
        subnets = [self.ref(f"subnet/{subnet.name}") for subnet in self.layout.of("private")]
        inside = [f"tcp/443/{text}" for text in (self._cidr(), *(self.spec.values.get("extra_cidrs") or ()))]
        if any(name not in GATEWAYS for name in services):
            name = f"{self.spec.place.name}-endpoints"
            yield self.part("group/endpoints", name=name, vpc=self.ref("vpc"), ingress=sorted(inside))
        for service in services:
            named = f"com.amazonaws.{self.spec.region}.{service}"
            own: dict[str, t.Any] = {"tables": tables}
            if service not in GATEWAYS:
                own = {"subnets": subnets, "groups": [self.ref("group/endpoints")]}
            yield self.part(f"endpoint/{service}", vpc=self.ref("vpc"), service=named, **own)
