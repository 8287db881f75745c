# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that somebody else runs: verified by the same rules, described in the same shape, never written to."""

from __future__ import annotations

import dataclasses
import typing as t

from ...._common.errors import InvalidInput, PlatformError
from ...cluster import rules
from ...foundation.aws import AwsParts
from ...foundation.options import Base
from ...foundation.parts import Document
from ...foundation.plan import summary
from ...foundation.told import terms
from ...reconcile.actions import Plan
from ..addresses import NODES
from ..blocks import block
from ..demand import Limit, limits
from ..options import ROLES, capacity
from .kinds import ANYWHERE, extra_cidrs, routes
from .reading import with_attributes

Result = dict[str, t.Any]
LEAST_ZONES = 2
LEAST_FREE = 6
"""Free addresses that EKS wants in each subnet of a cluster (EKS network requirements)."""


@dataclasses.dataclass(frozen=True)
class Theirs:
    """A VPC with DNS settings, its subnets by id, its route tables."""

    account: str
    vpc: Document | None
    subnets: t.Mapping[str, Document]
    tables: t.Sequence[Document]


class ExistingCase:
    """``plan`` is always empty: what is wrong is refused."""

    def __init__(self, driver: AwsParts, spec: Base) -> None:
        self.driver = driver
        self.spec = spec
        self.terms = terms(spec, "network")

    def observe(self, suspicious: bool) -> Theirs:
        wanted = self.spec.values["existing.network_id"]
        filters = [{"Name": "vpc-id", "Values": [wanted]}]
        vpcs = self.driver.pages("ec2", "describe_vpcs", "Vpcs", Filters=filters)
        if not vpcs:
            return Theirs(self.driver.account, None, {}, ())
        subnets = self.driver.pages("ec2", "describe_subnets", "Subnets", Filters=filters)
        tables = self.driver.pages("ec2", "describe_route_tables", "RouteTables", Filters=filters)
        by_id = {one["SubnetId"]: one for one in subnets}
        return Theirs(self.driver.account, with_attributes(self.driver, vpcs[0]), by_id, tables)

    def plan(self, seen: Theirs) -> Plan:
        if seen.vpc is None:
            wanted = self.spec.values["existing.network_id"]
            raise PlatformError(
                f"{self.spec.place.subject}: account {seen.account} has no VPC {wanted} in {self.spec.region}.",
                kind="not_found",
                remedy="Correct existing.network_id, the region or the account.",
            )
        found = faults(self.spec, seen)
        if found:
            raise InvalidInput(found)
        return ()

    def summary(self, plan: Plan) -> str:
        return summary(plan)

    def told(self, first: Theirs, last: Theirs) -> Result:
        return {"network": describe(self.spec, last), "diff": {"before": {}, "after": {}}, "drift": [], "warnings": []}


def faults(spec: Base, seen: Theirs) -> list[str]:
    """Return what keeps a cluster from living there, each with the smallest cure."""
    vpc = t.cast(Document, seen.vpc)
    found = [
        f"VPC {vpc['VpcId']} has {said} off; EKS needs it: switch it on where the VPC is managed"
        for said, member in (("DNS support", "EnableDnsSupport"), ("DNS hostnames", "EnableDnsHostnames"))
        if not vpc[member]
    ]
    lost = [f"existing.{role} names {name}, which VPC {vpc['VpcId']} does not have" for role, name in _lost(spec, seen)]
    return [*found, *lost, *_ranges(spec, vpc)] + ([] if lost else _room(spec, seen))


def _lost(spec: Base, seen: Theirs) -> list[tuple[str, str]]:
    named = [(role, name) for role in ROLES for name in spec.values.get(f"existing.{role}") or ()]
    return [(role, name) for role, name in named if name not in seen.subnets]


def _ranges(spec: Base, vpc: Document) -> list[str]:
    taken = [vpc["CidrBlock"], *extra_cidrs(vpc)]
    apart = [("ranges.services", spec.values.get("ranges.services") or "")]
    apart += [(f"avoid[{number}]", text) for number, text in enumerate(spec.values.get("avoid") or ())]
    return [
        f"{path} {text} overlaps the VPC's range {other}; choose a range apart from it"
        for path, text in apart
        for other in taken
        if text and rules.overlap(text, other)
    ]


def _room(spec: Base, seen: Theirs) -> list[str]:
    nodes = subnets_of(spec, seen)[NODES]
    zones = {one["AvailabilityZone"] for one in nodes}
    if len(zones) < LEAST_ZONES:
        said = ", ".join(sorted(zones)) or "no zone"
        return [f"the private subnets lie in {said}; a cluster needs at least {LEAST_ZONES} zones"]
    full = [one["SubnetId"] for one in nodes if one.get("AvailableIpAddressCount", 0) < LEAST_FREE]
    if full:
        return [f"subnets {', '.join(full)} have fewer than {LEAST_FREE} free addresses"]
    nearest, asked = nearest_limit(spec, seen), capacity(spec.values)
    if nearest.nodes < asked.nodes:
        return [
            f"capacity.max_nodes is {asked.max_nodes}; must be at most {max(0, nearest.nodes - asked.surge)}: the "
            f"limit is {nearest.what}; lower max_nodes or max_pods, or name more subnets"
        ]
    return []


def nearest_limit(spec: Base, seen: Theirs) -> Limit:
    """Return what bounds the nodes first, by what is free now and what is reserved anyway."""
    asked = capacity(spec.values)
    rows = [
        (
            one["SubnetId"],
            one["AvailabilityZone"],
            min(block(one["CidrBlock"]).size, one.get("AvailableIpAddressCount", 0) + asked.row.reserved),
        )
        for one in subnets_of(spec, seen)[NODES]
    ]
    return limits(asked, rows, {})[0]


def subnets_of(spec: Base, seen: Theirs) -> dict[str, list[Document]]:
    """Return the subnets by role: those named, else by whether their table leads to an internet gateway."""
    public = {name for name in seen.subnets if _leads_out(seen, name)}
    guessed = {"public": public, "private": set(seen.subnets) - public}
    found = {}
    for role in ROLES:
        names = spec.values.get(f"existing.{role}") or sorted(guessed[role])
        chosen = [seen.subnets[name] for name in names if name in seen.subnets]
        found[role] = sorted(chosen, key=lambda one: (one["AvailabilityZone"], one["SubnetId"]))
    return found


def _leads_out(seen: Theirs, subnet: str) -> bool:
    own = [table for table in seen.tables if any(a.get("SubnetId") == subnet for a in table.get("Associations") or ())]
    main = [table for table in seen.tables if any(a.get("Main") for a in table.get("Associations") or ())]
    return any(routes(table).get(ANYWHERE, "").startswith("igw-") for table in own or main)


def describe(spec: Base, seen: Theirs) -> Result:
    vpc = t.cast(Document, seen.vpc)
    subnets = {role: [_row(one) for one in found] for role, found in subnets_of(spec, seen).items()}
    asked, nearest = capacity(spec.values), nearest_limit(spec, seen)
    nodes = max(0, nearest.nodes - asked.surge)
    services = spec.values.get("ranges.services") or ""
    attach: Result = {"subnets": [one["id"] for one in subnets[NODES]]}
    if services:
        attach["service_cidr"] = services
    return {
        "cloud": "aws",
        "id": vpc["VpcId"],
        "name": spec.place.name,
        "region": spec.region,
        "account": seen.account,
        "exists": True,
        "state": "ready",
        "cidrs": [vpc["CidrBlock"], *extra_cidrs(vpc)],
        "zones": sorted({one["zone"] for one in subnets[NODES]}),
        "subnets": subnets,
        "ranges": {"services": services},
        "nat": {"mode": "external", "egress_addresses": []},
        "capacity": {
            "max_nodes": nodes,
            "max_pods": asked.max_pods,
            "next_limit": f"{nearest.what}: at most {nodes} nodes of {asked.max_pods} pods",
            "free": [],
        },
        "attach": attach,
        "owner": "",
    }


def _row(subnet: Document) -> Result:
    tags = {tag["Key"]: tag["Value"] for tag in subnet.get("Tags") or ()}
    return {
        "name": tags.get("Name", ""),
        "id": subnet["SubnetId"],
        "zone": subnet["AvailabilityZone"],
        "cidr": subnet["CidrBlock"],
        "free_addresses": subnet.get("AvailableIpAddressCount"),
    }
