# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of a network on AWS, and the reading of it: one request a kind, whatever the size."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from ...foundation.aws import AwsParts, Blocker, Marks
from ...foundation.options import Base
from ...foundation.parts import Document, Found, by_role
from .kinds import OF_ROLE, tags_of

READERS = 4
ROUTED = "vpc-id"


@dataclasses.dataclass(frozen=True)
class Seen:
    """``others`` are documents of the VPC that carry no mark of ours, by kind; ``interfaces`` all of its interfaces."""

    account: str
    zones: tuple[str, ...]
    found: t.Mapping[str, Found] = dataclasses.field(default_factory=dict)
    others: t.Mapping[str, t.Sequence[Document]] = dataclasses.field(default_factory=dict)
    interfaces: tuple[Document, ...] = ()

    @property
    def vpc(self) -> Document | None:
        return self.found["vpc"].document if "vpc" in self.found else None


class KindRead(t.NamedTuple):
    """How all of one kind in a VPC are read."""

    kind: str
    operation: str
    member: str
    filter: str
    argument: str = "Filters"


OF_ACCOUNT = (
    KindRead("vpc", "describe_vpcs", "Vpcs", ""),
    KindRead("internet-gateway", "describe_internet_gateways", "InternetGateways", ""),
    KindRead("address", "describe_addresses", "Addresses", ""),
)
"""Read by their mark: they exist also without a VPC."""
OF_VPC = (
    KindRead("subnet", "describe_subnets", "Subnets", ROUTED),
    KindRead("nat", "describe_nat_gateways", "NatGateways", ROUTED, "Filter"),
    KindRead("routes", "describe_route_tables", "RouteTables", ROUTED),
    KindRead("group", "describe_security_groups", "SecurityGroups", ROUTED),
    KindRead("endpoint", "describe_vpc_endpoints", "VpcEndpoints", ROUTED),
)
"""Read whole: what others made there matters too."""


def marks(spec: Base) -> Marks:
    return Marks(spec.owner, spec.kind, spec.place.name)


def read_network(driver: AwsParts, spec: Base) -> Seen:
    """Return what there is of a network of ours. Raises PlatformError where two things carry one mark."""
    mark = marks(spec)
    tagged = [{"Name": f"tag:{mark.key}", "Values": [mark.name]}]
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        zones = pool.submit(read_zones, driver)
        rows = [(row, pool.submit(_read, driver, row, tagged)) for row in OF_ACCOUNT]
        documents = {row.kind: future.result() for row, future in rows}
        if documents["vpc"]:
            documents.update(_in_vpc(driver, pool, documents["vpc"]))
    ours = [one for kind, found in documents.items() for one in _ours(kind, found, mark)]
    found = by_role(ours, spec.place.subject)
    driver.know(found.values())
    return Seen(
        account=driver.account,
        zones=zones.result(),
        found=found,
        others={kind: [one for one in found if not _is_ours(one, mark)] for kind, found in documents.items()},
        interfaces=tuple(documents.get("interface", ())),
    )


def read_zones(driver: AwsParts) -> tuple[str, ...]:
    """Return the zones of the region that are offered, without local and wavelength zones."""
    offered = driver.pages("ec2", "describe_availability_zones", "AvailabilityZones")
    usual = [one for one in offered if one.get("ZoneType", "availability-zone") == "availability-zone"]
    return tuple(sorted(one["ZoneName"] for one in usual if one.get("State") == "available"))


def _read(driver: AwsParts, row: KindRead, filters: list[dict[str, t.Any]]) -> list[Document]:
    return driver.pages("ec2", row.operation, row.member, **{row.argument: filters})


Read = dict[str, list[Document]]


def _in_vpc(driver: AwsParts, pool: concurrent.futures.Executor, vpcs: t.Sequence[Document]) -> Read:
    """Read everything in the VPCs that carry the mark (more than one is refused later, with both ids)."""
    ids = [vpc["VpcId"] for vpc in vpcs]
    rows = [(row, pool.submit(_read, driver, row, [{"Name": row.filter, "Values": ids}])) for row in OF_VPC]
    interfaces = pool.submit(read_interfaces, driver, ids)
    complete = [pool.submit(with_attributes, driver, vpc) for vpc in vpcs]
    read = {row.kind: future.result() for row, future in rows}
    read["routes"] = with_elsewhere(read["routes"])
    read["vpc"] = [future.result() for future in complete]
    read["nat"] = [nat for nat in read["nat"] if nat.get("State") != "deleted"]
    read["endpoint"] = [one for one in read["endpoint"] if str(one.get("State", "")).lower() != "deleted"]
    read["interface"] = interfaces.result()
    return read


def read_interfaces(driver: AwsParts, vpcs: list[str]) -> list[Document]:
    filters = [{"Name": ROUTED, "Values": vpcs}]
    return driver.pages("ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=filters)


def with_attributes(driver: AwsParts, vpc: Document) -> Document:
    """Return the VPC with its DNS settings, which EC2 tells one by one."""
    told = {}
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        answer = driver.call("ec2", "describe_vpc_attribute", VpcId=vpc["VpcId"], Attribute=name)
        member = name[0].upper() + name[1:]
        told[member] = answer[member]["Value"]
    return {**vpc, **told}


def with_elsewhere(tables: t.Sequence[Document]) -> list[Document]:
    """Return the tables, each told of the subnets that other tables hold."""
    links = [
        (table["RouteTableId"], one["SubnetId"], one["RouteTableAssociationId"])
        for table in tables
        for one in table.get("Associations") or ()
        if one.get("SubnetId")
    ]
    return [
        {**table, "Elsewhere": {subnet: link for holder, subnet, link in links if holder != table["RouteTableId"]}}
        for table in tables
    ]


def _ours(kind: str, documents: t.Iterable[Document], mark: Marks) -> list[Found]:
    if kind not in OF_ROLE:
        return []
    return [Found(tags_of(one)[Marks.ROLE], OF_ROLE[kind], one) for one in documents if _is_ours(one, mark)]


def _is_ours(document: Document, mark: Marks) -> bool:
    tags = tags_of(document)
    return tags.get(mark.key) == mark.name and bool(tags.get(Marks.ROLE))


def foreign_interfaces(seen: Seen) -> list[Blocker]:
    """Return the interfaces that neither our NAT gateways nor our endpoints hold, and who made them."""
    ours = {name for one in seen.found.values() for name in _interfaces_of(one.document)}
    return [
        described(one)
        for one in seen.interfaces
        if one["NetworkInterfaceId"] not in ours and one.get("InterfaceType") not in ("nat_gateway", "vpc_endpoint")
    ]


def _interfaces_of(document: Document) -> list[str]:
    of_nat = [one.get("NetworkInterfaceId", "") for one in document.get("NatGatewayAddresses") or ()]
    return [*of_nat, *(document.get("NetworkInterfaceIds") or ())]


MAKERS = (
    ("ELB ", "a load balancer", "Delete the Service or Ingress that it belongs to, or the load balancer."),
    ("Amazon EKS", "an EKS control plane", "Delete the cluster first."),
    ("aws-K8S", "the VPC CNI of a node", "Delete the cluster's node pools first."),
    ("AWS Lambda", "a Lambda function", "Delete the function; its interfaces go within 45 minutes."),
    ("RDSNetworkInterface", "a database", "Delete the database."),
)
"""By the beginning of the description that AWS writes on an interface: who made it, and what to do."""


def described(interface: Document) -> Blocker:
    text = str(interface.get("Description") or "")
    instance = (interface.get("Attachment") or {}).get("InstanceId", "")
    maker, hint = next(((who, hint) for start, who, hint in MAKERS if text.startswith(start)), ("", ""))
    return {
        "kind": "network interface",
        "id": interface["NetworkInterfaceId"],
        "created_by": maker or (f"instance {instance}" if instance else text or "somebody"),
        "hint": hint or "Remove what uses it, then run again.",
    }


def foreign_parts(seen: Seen) -> list[Blocker]:
    """Return what in our VPC is not ours and would hold it: not what goes with it, its main table and default group."""
    return [
        {
            "kind": OF_ROLE[kind].title,
            "id": OF_ROLE[kind].id(one),
            "created_by": tags_of(one).get("Name") or "somebody",
            "hint": "Remove it, then run again.",
        }
        for kind in ("subnet", "nat", "endpoint", "routes", "group")
        for one in seen.others.get(kind, ())
        if not _goes_along(one)
    ]


def _goes_along(document: Document) -> bool:
    return document.get("GroupName") == "default" or any(one.get("Main") for one in document.get("Associations") or ())
