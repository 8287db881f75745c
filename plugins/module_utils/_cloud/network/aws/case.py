# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network on AWS as a case of the loop, and what is told of it."""

from __future__ import annotations

import typing as t

from ...._common.errors import PlatformError
from ...foundation.aws import AwsParts, Blocker, said_blockers
from ...foundation.options import Base
from ...foundation.parts import Document
from ...foundation.plan import Wish, differences, plan_parts, summary
from ...foundation.told import diff, refuse_other_owner, terms
from ...reconcile.actions import Plan
from ..addresses import Layout
from ..options import ROLES, capacity
from .kinds import nat_address
from .reading import Seen, foreign_interfaces, foreign_parts, read_network
from .wish import layout_of, wish_of

Result = dict[str, t.Any]


class NetworkCase:
    def __init__(self, driver: AwsParts, spec: Base) -> None:
        self.driver = driver
        self.spec = spec
        self.terms = terms(spec, "network")
        driver.blockers = self.blockers

    def observe(self, suspicious: bool) -> Seen:
        return self.driver.settled(lambda: read_network(self.driver, self.spec))

    def blockers(self) -> list[Blocker]:
        seen = read_network(self.driver, self.spec)
        return [*foreign_interfaces(seen), *foreign_parts(seen)]

    def plan(self, seen: Seen) -> Plan:
        refuse_other_owner(self.spec, seen.found)
        wish, _layout = wish_of(self.spec, seen)
        if self.spec.absent:
            refuse_deletion(self.spec, seen)
        return plan_parts(wish, seen.found)

    def summary(self, plan: Plan) -> str:
        return summary(plan)

    def told(self, first: Seen, last: Seen) -> Result:
        wish, layout = wish_of(self.spec, first)
        drift = [one.public() for one in differences(wish, first.found)]
        return {
            "network": describe(self.spec, last, layout if last is first else _layout(self.spec, last)),
            "diff": diff(wish, first.found),
            "drift": drift,
            "warnings": kept(self.spec, last, layout),
        }


def _layout(spec: Base, seen: Seen) -> Layout | None:
    return None if spec.absent else layout_of(spec, seen)


def refuse_deletion(spec: Base, seen: Seen) -> None:
    """Say before any write what stands in the way of a deletion."""
    if not seen.found:
        return
    if spec.values["deletion_protection"]:
        raise PlatformError(
            f"{spec.place.subject} is protected from deletion.",
            kind="protected",
            remedy="Set deletion_protection: false together with state: absent.",
        )
    blocked = [*foreign_interfaces(seen), *foreign_parts(seen)]
    if blocked:
        raise PlatformError(
            f"{spec.place.subject} cannot be deleted: {said_blockers(blocked)}.",
            kind="in_use",
            remedy=blocked[0]["hint"],
            details={"blocked_by": blocked},
        )


def kept(spec: Base, seen: Seen, layout: Layout | None) -> list[str]:
    """Say which subnets stay although their zone is no longer declared."""
    declared = spec.values.get("zones")
    if spec.absent or not declared or layout is None:
        return []
    letters = {name[-1] for name in declared}
    rest = sorted(role for role in seen.found if role.startswith("subnet/") and role[-1] not in letters)
    return [f"{spec.place.subject}: {role} stays: subnets are never removed while the network exists" for role in rest]


def describe(spec: Base, seen: Seen, layout: Layout | None) -> Result:
    """Return the ``network`` value of a result: the same shape on every cloud."""
    vpc = seen.vpc
    wish = Wish(spec.base)
    subnets = {role: _subnets(spec, seen, layout, role, wish) for role in ROLES}
    services = spec.values.get("ranges.services") or ""
    attach: Result = {"subnets": [one["id"] for one in subnets["private"]]}
    if services:
        attach["service_cidr"] = services
    return {
        "cloud": "aws",
        "id": vpc["VpcId"] if vpc else ("" if spec.absent else wish.reference("vpc")),
        "name": spec.place.name,
        "region": spec.region,
        "account": seen.account,
        "exists": vpc is not None,
        "state": state(seen),
        "cidrs": _cidrs(spec, vpc),
        "zones": sorted({one["zone"] for one in subnets["private"]}),
        "subnets": subnets,
        "ranges": {"services": services},
        "nat": {"mode": spec.values["nat"], "egress_addresses": egress(seen)},
        "capacity": layout.described(capacity(spec.values)) if layout else {},
        "attach": attach if layout else {},
        "owner": spec.owner if vpc else "",
    }


def state(seen: Seen) -> str:
    if seen.vpc is None:
        return "absent"
    states = {one.kind.state(one.document) for one in seen.found.values()}
    return next((name for name in ("failed", "deleting", "pending") if name in states), "ready")


def _cidrs(spec: Base, vpc: Document | None) -> list[str]:
    if vpc is None:
        return [] if spec.absent else [spec.values["cidr"], *(spec.values.get("extra_cidrs") or ())]
    blocks = vpc.get("CidrBlockAssociationSet") or ()
    return [one["CidrBlock"] for one in blocks if one["CidrBlockState"]["State"] != "disassociated"]


def _subnets(spec: Base, seen: Seen, layout: Layout | None, role: str, wish: Wish) -> list[Result]:
    rows = []
    for subnet in layout.of(role) if layout else ():
        one = seen.found.get(f"subnet/{subnet.name}")
        rows.append(
            {
                "name": subnet.name,
                "id": one.id if one else wish.reference(f"subnet/{subnet.name}"),
                "zone": f"{spec.region}{subnet.zone}",
                "cidr": subnet.cidr,
                "free_addresses": one.document.get("AvailableIpAddressCount") if one else None,
            }
        )
    return rows


def egress(seen: Seen) -> list[str]:
    """Return the public addresses under which the nodes are seen."""
    gateways = [one.document for one in seen.found.values() if one.kind.name == "nat"]
    return sorted(filter(None, (nat_address(nat).get("PublicIp", "") for nat in gateways)))
