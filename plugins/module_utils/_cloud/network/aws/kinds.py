# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of a network on AWS: how each is made, read, changed and deleted. Pure.

Sources: the EC2 model of botocore for calls, states and tokens; EKS network requirements for the VPC's DNS settings.
"""

from __future__ import annotations

import typing as t

from ...foundation.parts import Call, Change, Document, Found, Kind, Part, PartField, Tags

MODEL = "EC2 model"
ANYWHERE = "0.0.0.0/0"


def ec2(operation: str, **arguments: t.Any) -> Call:
    return Call("ec2", operation, arguments)


def tag_list(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_of(document: Document) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in document.get("Tags") or ()}


def _tag(name: str, tags: Tags) -> Call:
    return ec2("create_tags", Resources=[name], Tags=tag_list(tags))


def _tagged(part: Part, resource: str) -> list[dict[str, t.Any]]:
    return [{"ResourceType": resource, "Tags": tag_list(part.tags)}]


def _member(name: str) -> t.Callable[[Document], t.Any]:
    return lambda document: document.get(name)


def _id(name: str) -> t.Callable[[Document], str]:
    return lambda document: str(document[name])


def _first(name: str) -> t.Callable[[Document], Document | None]:
    return lambda answer: next(iter(answer.get(name) or ()), None)


def _states(**states: str) -> t.Callable[[Document], str]:
    """Return a reader of the state; what is not named is still on its way."""
    return lambda document: states.get(str(document.get("State", "")).lower(), "pending")


def _holds(seen: t.Any, wanted: t.Any) -> bool:
    """Tell whether everything wanted is there: what others added stays."""
    return set(wanted) <= set(seen or ())


# -- VPC


def _create_vpc(part: Part) -> Call:
    return ec2("create_vpc", CidrBlock=part.fields["cidr"], TagSpecifications=_tagged(part, "vpc"))


def extra_cidrs(vpc: Document) -> list[str]:
    """Return the ranges beside the first one that are there or coming."""
    blocks = vpc.get("CidrBlockAssociationSet") or ()
    alive = [one["CidrBlock"] for one in blocks if one["CidrBlockState"]["State"] in ("associating", "associated")]
    return sorted(text for text in alive if text != vpc.get("CidrBlock"))


def _add_cidrs(change: Change) -> list[Call]:
    new = [text for text in change.after if text not in change.before]
    return [ec2("associate_vpc_cidr_block", VpcId=change.id, CidrBlock=text) for text in new]


def _vpc_attribute(name: str) -> t.Callable[[Change], list[Call]]:
    return lambda change: [ec2("modify_vpc_attribute", VpcId=change.id, **{name: {"Value": change.after}})]


VPC = Kind(
    name="vpc",
    title="VPC",
    rank=8,
    id=_id("VpcId"),
    create=_create_vpc,
    created=_member("Vpc"),
    blank=lambda part: {"CidrBlock": part.fields["cidr"], "EnableDnsSupport": True, "EnableDnsHostnames": False},
    fields=(
        PartField(path="cidr", read=_member("CidrBlock"), source="EC2 CreateVpc: fixed at creation"),
        PartField(path="extra_cidrs", read=extra_cidrs, change=_add_cidrs, equal=_holds, each=True, source=MODEL),
        PartField(
            path="dns_support",
            read=_member("EnableDnsSupport"),
            change=_vpc_attribute("EnableDnsSupport"),
            source="EKS network requirements: both on; one attribute a request",
        ),
        PartField(
            path="dns_hostnames",
            read=_member("EnableDnsHostnames"),
            change=_vpc_attribute("EnableDnsHostnames"),
            source="EKS network requirements: both on; one attribute a request",
        ),
    ),
    delete=lambda found: [ec2("delete_vpc", VpcId=found.id)],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_vpcs", VpcIds=[name]),
    found=_first("Vpcs"),
    state=_states(available="ready"),
)


# -- internet gateway


def _attached(gateway: Document) -> str:
    return next((one["VpcId"] for one in gateway.get("Attachments") or ()), "")


def _delete_gateway(found: Found) -> list[Call]:
    vpc = _attached(found.document)
    detach = [ec2("detach_internet_gateway", InternetGatewayId=found.id, VpcId=vpc)] if vpc else []
    return [*detach, ec2("delete_internet_gateway", InternetGatewayId=found.id)]


INTERNET_GATEWAY = Kind(
    name="internet-gateway",
    title="internet gateway",
    rank=5,
    id=_id("InternetGatewayId"),
    create=lambda part: ec2("create_internet_gateway", TagSpecifications=_tagged(part, "internet-gateway")),
    created=_member("InternetGateway"),
    fields=(
        PartField(
            path="vpc",
            read=_attached,
            change=lambda c: [ec2("attach_internet_gateway", InternetGatewayId=c.id, VpcId=c.after)],
            source=MODEL,
        ),
    ),
    delete=_delete_gateway,
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_internet_gateways", InternetGatewayIds=[name]),
    found=_first("InternetGateways"),
)


# -- subnet


def _create_subnet(part: Part) -> Call:
    return ec2(
        "create_subnet",
        VpcId=part.fields["vpc"],
        CidrBlock=part.fields["cidr"],
        AvailabilityZone=part.fields["zone"],
        TagSpecifications=_tagged(part, "subnet"),
    )


SUBNET = Kind(
    name="subnet",
    title="subnet",
    rank=6,
    id=_id("SubnetId"),
    create=_create_subnet,
    created=_member("Subnet"),
    blank=lambda part: {
        "VpcId": part.fields["vpc"],
        "CidrBlock": part.fields["cidr"],
        "AvailabilityZone": part.fields["zone"],
        "MapPublicIpOnLaunch": False,
    },
    fields=(
        PartField(path="cidr", read=_member("CidrBlock"), source="EC2 CreateSubnet: fixed at creation"),
        PartField(path="zone", read=_member("AvailabilityZone"), source="EC2 CreateSubnet: fixed at creation"),
        PartField(
            path="map_public",
            read=_member("MapPublicIpOnLaunch"),
            change=lambda c: [
                ec2("modify_subnet_attribute", SubnetId=c.id, MapPublicIpOnLaunch={"Value": c.after}),
            ],
            source="EC2 ModifySubnetAttribute: one attribute a request",
        ),
    ),
    delete=lambda found: [ec2("delete_subnet", SubnetId=found.id)],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_subnets", SubnetIds=[name]),
    found=_first("Subnets"),
    state=_states(available="ready", failed="failed"),
)


# -- address and NAT gateway

ADDRESS = Kind(
    name="address",
    title="NAT address",
    rank=3,
    id=_id("AllocationId"),
    create=lambda part: ec2("allocate_address", Domain="vpc", TagSpecifications=_tagged(part, "elastic-ip")),
    created=lambda answer: answer,
    fields=(),
    delete=lambda found: [ec2("release_address", AllocationId=found.id)],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_addresses", AllocationIds=[name]),
    found=_first("Addresses"),
)


def _create_nat(part: Part) -> Call:
    return ec2(
        "create_nat_gateway",
        SubnetId=part.fields["subnet"],
        AllocationId=part.fields["address"],
        TagSpecifications=_tagged(part, "natgateway"),
    )


def nat_address(nat: Document) -> Document:
    return next(iter(nat.get("NatGatewayAddresses") or ()), {})


NAT_GATEWAY = Kind(
    name="nat",
    title="NAT gateway",
    rank=2,
    id=_id("NatGatewayId"),
    create=_create_nat,
    created=_member("NatGateway"),
    blank=lambda part: {
        "SubnetId": part.fields["subnet"],
        "NatGatewayAddresses": [{"AllocationId": part.fields["address"]}],
    },
    fields=(
        PartField(path="subnet", read=_member("SubnetId"), source="EC2 CreateNatGateway: fixed at creation"),
        PartField(
            path="address",
            read=lambda nat: nat_address(nat).get("AllocationId"),
            source="EC2 CreateNatGateway: fixed at creation",
        ),
    ),
    delete=lambda found: [ec2("delete_nat_gateway", NatGatewayId=found.id)],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_nat_gateways", NatGatewayIds=[name]),
    found=_first("NatGateways"),
    state=_states(available="ready", failed="failed", deleting="deleting", deleted="gone"),
    why_failed=lambda nat: f"{nat.get('FailureCode', '')} {nat.get('FailureMessage', '')}".strip(),
    waits=True,
    waits_for_end=True,
    token="ClientToken",
    est_seconds=120,
)


# -- route table

TARGETS = ("GatewayId", "NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "NetworkInterfaceId")


def routes(table: Document) -> dict[str, str]:
    """Return the target of each route that somebody made, by destination; a blackhole leads nowhere."""
    made = [one for one in table.get("Routes") or () if one.get("Origin") == "CreateRoute"]
    return {one["DestinationCidrBlock"]: _target(one) for one in made if "DestinationCidrBlock" in one}


def _target(route: Document) -> str:
    found = next((str(route[name]) for name in TARGETS if route.get(name)), "")
    return f"{found} (blackhole)" if route.get("State") == "blackhole" else found


def _same_routes(seen: t.Mapping[str, str], wanted: t.Mapping[str, str | None]) -> bool:
    return all(seen.get(destination) == target for destination, target in wanted.items())


def _change_routes(change: Change) -> list[Call]:
    return [
        _route(change, destination, target)
        for destination, target in change.after.items()
        if change.before.get(destination) != target
    ]


def _route(change: Change, destination: str, target: str | None) -> Call:
    which: dict[str, t.Any] = {"RouteTableId": change.id, "DestinationCidrBlock": destination}
    if target is None:
        return ec2("delete_route", **which)
    member = "NatGatewayId" if target.startswith("nat-") or "/nat/" in target else "GatewayId"
    verb = "replace_route" if destination in change.before else "create_route"
    return ec2(verb, **which, **{member: target})


def associated(table: Document) -> list[str]:
    return sorted(one["SubnetId"] for one in table.get("Associations") or () if one.get("SubnetId"))


def _associate(change: Change) -> list[Call]:
    """An association that another table holds is moved: a subnet never has none in between."""
    elsewhere = change.document.get("Elsewhere") or {}
    return [
        ec2("replace_route_table_association", AssociationId=elsewhere[subnet], RouteTableId=change.id)
        if subnet in elsewhere
        else ec2("associate_route_table", RouteTableId=change.id, SubnetId=subnet)
        for subnet in change.after
        if subnet not in change.before
    ]


def _delete_table(found: Found) -> list[Call]:
    links = [one["RouteTableAssociationId"] for one in found.document.get("Associations") or ()]
    loose = [ec2("disassociate_route_table", AssociationId=link) for link in links]
    return [*loose, ec2("delete_route_table", RouteTableId=found.id)]


ROUTE_TABLE = Kind(
    name="routes",
    title="route table",
    rank=4,
    id=_id("RouteTableId"),
    create=lambda part: ec2(
        "create_route_table", VpcId=part.fields["vpc"], TagSpecifications=_tagged(part, "route-table")
    ),
    created=_member("RouteTable"),
    blank=lambda part: {"VpcId": part.fields["vpc"]},
    fields=(
        PartField(
            path="routes",
            read=routes,
            change=_change_routes,
            equal=_same_routes,
            source="EC2: main, local and propagated routes and those of gateway endpoints are not ours",
        ),
        PartField(path="subnets", read=associated, change=_associate, equal=_holds, each=True, source=MODEL),
    ),
    delete=_delete_table,
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_route_tables", RouteTableIds=[name]),
    found=_first("RouteTables"),
    token="ClientToken",
)


# -- endpoints and their security group


def ingress(group: Document) -> list[str]:
    """Return "tcp/443/10.20.0.0/16" for each range that may come in."""
    return sorted(
        f"{rule['IpProtocol']}/{rule.get('FromPort')}/{one['CidrIp']}"
        for rule in group.get("IpPermissions") or ()
        for one in rule.get("IpRanges") or ()
    )


def _permission(text: str) -> dict[str, t.Any]:
    protocol, port, cidr = text.split("/", 2)
    ranges = [{"CidrIp": cidr}]
    return {"IpProtocol": protocol, "FromPort": int(port), "ToPort": int(port), "IpRanges": ranges}


def _allow(change: Change) -> list[Call]:
    missing = [_permission(text) for text in change.after if text not in change.before]
    return [ec2("authorize_security_group_ingress", GroupId=change.id, IpPermissions=missing)]


def _create_group(part: Part) -> Call:
    return ec2(
        "create_security_group",
        GroupName=part.fields["name"],
        Description="Reaches the endpoints of AWS services from this network",
        VpcId=part.fields["vpc"],
        TagSpecifications=_tagged(part, "security-group"),
    )


SECURITY_GROUP = Kind(
    name="group",
    title="security group",
    rank=7,
    id=_id("GroupId"),
    create=_create_group,
    created=lambda answer: answer,
    blank=lambda part: {"GroupName": part.fields["name"], "VpcId": part.fields["vpc"]},
    fields=(
        PartField(path="name", read=_member("GroupName"), source="EC2 CreateSecurityGroup: fixed at creation"),
        PartField(path="ingress", read=ingress, change=_allow, equal=_holds, source=MODEL),
    ),
    delete=lambda found: [ec2("delete_security_group", GroupId=found.id)],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_security_groups", GroupIds=[name]),
    found=_first("SecurityGroups"),
)


def _create_endpoint(part: Part) -> Call:
    fields = part.fields
    own: dict[str, t.Any] = {"VpcEndpointType": "Gateway", "RouteTableIds": fields.get("tables")}
    if "subnets" in fields:
        own = {
            "VpcEndpointType": "Interface",
            "SubnetIds": fields["subnets"],
            "SecurityGroupIds": fields["groups"],
            "PrivateDnsEnabled": True,
        }
    tags = _tagged(part, "vpc-endpoint")
    return ec2("create_vpc_endpoint", VpcId=fields["vpc"], ServiceName=fields["service"], TagSpecifications=tags, **own)


def _add_to_endpoint(argument: str) -> t.Callable[[Change], list[Call]]:
    def change(one: Change) -> list[Call]:
        new = [name for name in one.after if name not in (one.before or ())]
        return [ec2("modify_vpc_endpoint", VpcEndpointId=one.id, **{argument: new})]

    return change


def _groups(endpoint: Document) -> list[str]:
    return [group["GroupId"] for group in endpoint.get("Groups") or ()]


ENDPOINT = Kind(
    name="endpoint",
    title="endpoint",
    rank=1,
    id=_id("VpcEndpointId"),
    create=_create_endpoint,
    created=_member("VpcEndpoint"),
    blank=lambda part: {
        "ServiceName": part.fields["service"],
        "RouteTableIds": part.fields.get("tables"),
        "SubnetIds": part.fields.get("subnets"),
        "Groups": [{"GroupId": name} for name in part.fields.get("groups") or ()],
    },
    fields=(
        PartField(path="service", read=_member("ServiceName"), source="EC2 CreateVpcEndpoint: fixed at creation"),
        PartField(
            path="tables",
            read=_member("RouteTableIds"),
            change=_add_to_endpoint("AddRouteTableIds"),
            equal=_holds,
            source=MODEL,
        ),
        PartField(
            path="subnets",
            read=_member("SubnetIds"),
            change=_add_to_endpoint("AddSubnetIds"),
            equal=_holds,
            source=MODEL,
        ),
        PartField(
            path="groups", read=_groups, change=_add_to_endpoint("AddSecurityGroupIds"), equal=_holds, source=MODEL
        ),
    ),
    delete=lambda found: [ec2("delete_vpc_endpoints", VpcEndpointIds=[found.id])],
    tags=tags_of,
    tag=_tag,
    look=lambda name: ec2("describe_vpc_endpoints", VpcEndpointIds=[name]),
    found=_first("VpcEndpoints"),
    state=_states(available="ready", failed="failed", rejected="failed", deleting="deleting", deleted="gone"),
    waits=True,
    waits_for_end=True,
    token="ClientToken",
    est_seconds=60,
)

KINDS = (VPC, INTERNET_GATEWAY, SUBNET, ADDRESS, NAT_GATEWAY, ROUTE_TABLE, SECURITY_GROUP, ENDPOINT)
OF_ROLE = {kind.name: kind for kind in KINDS}
"""Kinds by the first word of a role: "subnet/private-a" is a subnet."""
