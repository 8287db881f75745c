# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EC2 refuses and delays, and moto does not: networks. One row a rule."""

from __future__ import annotations

import functools
import ipaddress
import re
import typing as t

from ....web import Response
from .rules import Ask, Book, Refusal, Table, Verdict

RULES = Table()
NAT_SECONDS = 90.0
NAT_GONE_SECONDS = 120.0
FORGOTTEN_SECONDS = 3600.0
ENDPOINT_SECONDS = 45.0
TOKENED = ("CreateNatGateway", "CreateRouteTable", "CreateVpcEndpoint")
VPC_QUOTA, ADDRESS_QUOTA, RANGE_QUOTA, TAG_QUOTA = 5, 5, 5, 50
MODEL = "EC2 model of botocore"


def dependency(message: str) -> Refusal:
    return Refusal("DependencyViolation", message)


def _missing(code: str, noun: str, name: str) -> Refusal:
    return Refusal(code, f"The {noun} ID '{name}' does not exist")


# -- requests of any kind


@RULES.rule("N-A24", "DryRun writes nothing", source="EC2 API: DryRunOperation, 412")
def dry_run(ask: Ask) -> Verdict:
    if ask.get("DryRun") != "true":
        return None
    return Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


@RULES.rule("N-A17", "tags of aws: are refused, and more than 50", source="EC2 user guide, tag restrictions")
def tag_limits(ask: Ask) -> Verdict:
    pattern = re.compile(r"(?:TagSpecification\.\d+\.)?Tag\.\d+\.Key")
    keys = [value for name, value in ask.form.items() if pattern.fullmatch(name)]
    if any(key.lower().startswith("aws:") for key in keys) and not ask.operation.startswith("Describe"):
        return Refusal("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    if len(keys) > TAG_QUOTA:
        return Refusal("TagLimitExceeded", f"The maximum number of Tags for a resource is {TAG_QUOTA}")
    return None


def _token_key(ask: Ask) -> tuple[str, ...]:
    return (ask.account, ask.region, ask.operation, ask.get("ClientToken"))


@RULES.rule("N-A5", "a token answers as before, or refuses another request", source=MODEL, on=TOKENED)
def replay(ask: Ask) -> Verdict:
    before = ask.book.tokens.get(_token_key(ask)) if ask.get("ClientToken") else None
    if before is None:
        return None
    form, answer = before
    if form != ask.form:
        text = "The request uses the same client token as a previous, but non-identical request."
        return Refusal("IdempotentParameterMismatch", text)
    return answer


@RULES.rule("N-A5", "a token answers as before, or refuses another request", source=MODEL, on=TOKENED, after=True)
def remember(ask: Ask) -> Verdict:
    if ask.get("ClientToken") and ask.answer:
        ask.book.tokens[_token_key(ask)] = (dict(ask.form), ask.answer)
    return None


@RULES.rule(
    "N-A13",
    "one attribute a request",
    source="provider-aws vpc_subnet.go; EC2: InvalidParameterCombination",
    on=("ModifySubnetAttribute", "ModifyVpcAttribute"),
)
def one_attribute(ask: Ask) -> Verdict:
    attributes = {name.partition(".")[0] for name in ask.form} - {"Action", "Version", "SubnetId", "VpcId"}
    if len(attributes) > 1:
        return Refusal("InvalidParameterCombination", f"Only one attribute may be modified: {sorted(attributes)}")
    return None


# -- ranges


@RULES.rule("N-A1", "a subnet is between /16 and /28", source="EC2 CreateSubnet", on=("CreateSubnet",))
def subnet_size(ask: Ask) -> Verdict:
    cidr = ask.get("CidrBlock")
    if cidr and not 16 <= ipaddress.ip_network(cidr, strict=False).prefixlen <= 28:
        return Refusal("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    return None


FAMILIES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def _net(text: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(text, strict=False)


@RULES.rule(
    "N-A3",
    "another range neither overlaps nor mixes private families, five at most",
    source="VPC user guide, add-cidr-block-restrictions",
    on=("AssociateVpcCidrBlock",),
)
def another_range(ask: Ask) -> Verdict:
    vpc, new = ask.store.vpcs.get(ask.get("VpcId")), ask.get("CidrBlock")
    if vpc is None or not new:
        return None
    there = [one["cidr_block"] for one in vpc.get_cidr_block_association_set()]
    if any(_net(new).overlaps(_net(one)) for one in there):
        return Refusal("InvalidVpc.Range", f"The CIDR '{new}' conflicts with a CIDR of the VPC.")
    if _family(new) and _family(there[0]) and _family(new) != _family(there[0]):
        return Refusal("InvalidVpc.Range", f"The CIDR '{new}' is restricted beside '{there[0]}'.")
    if len(there) >= RANGE_QUOTA:
        return Refusal("VpcCidrLimitExceeded", "The VPC has as many CIDR blocks as it may.")
    return None


def _family(text: str) -> str:
    return next((one for one in FAMILIES if _net(text).subnet_of(_net(one))), "")


# -- gateways and addresses


def _gateway_of(store: t.Any, vpc: str) -> t.Any:
    return next((one for one in store.internet_gateways.values() if one.vpc and one.vpc.id == vpc), None)


@RULES.rule("N-A14", "one internet gateway a VPC", source="EC2 AttachInternetGateway", on=("AttachInternetGateway",))
def one_gateway(ask: Ask) -> Verdict:
    vpc = ask.get("VpcId")
    if _gateway_of(ask.store, vpc) is not None:
        return Refusal("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")
    return None


@RULES.rule(
    "N-A9",
    "a gateway stays while addresses are mapped",
    source="terraform-aws-eks-blueprints#285; EC2 DependencyViolation",
    on=("DetachInternetGateway",),
)
def mapped_addresses(ask: Ask) -> Verdict:
    vpc = ask.get("VpcId")
    mapped = [one for one in ask.store.addresses if one.eni is not None and one.eni.subnet.vpc_id == vpc]
    if mapped:
        return dependency(f"Network {vpc} has some mapped public address(es). Please unmap those before detaching.")
    return None


@RULES.rule("N-A8", "an address in use is not released", source="Cluster API AWS, eips.go", on=("ReleaseAddress",))
def address_in_use(ask: Ask) -> Verdict:
    name = ask.get("AllocationId")
    held = next((one for one in ask.store.addresses if one.allocation_id == name and one.eni is not None), None)
    return Refusal("InvalidIPAddress.InUse", f"Address {held.public_ip} is in use.") if held else None


@RULES.rule("N-A16", "quotas of VPCs and addresses", source="VPC quotas", on=("CreateVpc", "AllocateAddress"))
def quotas(ask: Ask) -> Verdict:
    own = [vpc for vpc in ask.store.vpcs.values() if not vpc.is_default]
    if ask.operation == "CreateVpc" and len(own) >= VPC_QUOTA:
        return Refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
    if ask.operation == "AllocateAddress" and len(ask.store.addresses) >= ADDRESS_QUOTA:
        return Refusal("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    return None


# -- NAT gateways


@RULES.rule("N-A6", "an address serves one NAT gateway", source="EC2 NatGateway FailureCode", on=("CreateNatGateway",))
def address_taken(ask: Ask) -> Verdict:
    name = ask.get("AllocationId")
    if any(one.allocation_id == name and one.eni is not None for one in ask.store.addresses):
        return Refusal("Resource.AlreadyAssociated", f"resource {name} is already associated")
    return None


@RULES.rule(
    "N-A6",
    "a NAT gateway without internet gateway fails",
    source="EC2 NatGateway FailureCode",
    on=("CreateNatGateway",),
    after=True,
)
def nat_without_gateway(ask: Ask) -> Verdict:
    nat = ask.store.nat_gateways[ask.told("natGatewayId")]
    if _gateway_of(ask.store, nat.vpc_id) is None:
        ask.book.failed[nat.id] = "Gateway.NotAttached"
    return None


@RULES.rule(
    "N-A4",
    "a NAT gateway and an endpoint are pending for a while",
    source="EC2 NatGatewayState, Pending; vpc endpoint State",
    on=("CreateNatGateway", "CreateVpcEndpoint"),
    after=True,
)
def pending(ask: Ask) -> Verdict:
    if ask.operation == "CreateNatGateway":
        thing, seconds = ask.store.nat_gateways[ask.told("natGatewayId")], NAT_SECONDS
    else:
        thing, seconds = ask.store.vpc_end_points[ask.told("vpcEndpointId")], ENDPOINT_SECONDS
    thing.state = "pending"
    ask.book.after(ask.now + seconds, functools.partial(_come_up, ask, thing))
    return None


def _come_up(ask: Ask, thing: t.Any) -> None:
    if thing.state == "pending":
        thing.state = "failed" if thing.id in ask.book.failed else "available"


@RULES.rule(
    "N-A6",
    "the answer tells why a NAT gateway failed",
    source="EC2 NatGateway FailureCode",
    on=("DescribeNatGateways",),
    after=True,
)
def why_nat_failed(ask: Ask) -> Verdict:
    if not ask.answer or not ask.book.failed:
        return None
    text = b"<state>failed</state><failureCode>Gateway.NotAttached</failureCode><failureMessage>Network vpc has no "
    text += b"Internet gateway attached</failureMessage>"
    body = ask.answer.body.replace(b"<state>failed</state>", text)
    return Response(ask.answer.status, ask.answer.headers, body)


@RULES.rule("N-A7", "an unknown NAT gateway is not deleted", source=MODEL, on=("DeleteNatGateway",))
def nat_exists(ask: Ask) -> Verdict:
    nat = ask.store.nat_gateways.get(ask.get("NatGatewayId"))
    if nat is None or nat.state == "deleted":
        return Refusal("NatGatewayNotFound", f"NAT gateway {ask.get('NatGatewayId')} was not found")
    return None


@RULES.rule(
    "N-A7",
    "a NAT gateway keeps interface and address until it is deleted",
    source="NAT gateway documentation; Cluster API AWS, natgateways.go",
    on=("DeleteNatGateway",),
    after=True,
)
def nat_lingers(ask: Ask) -> Verdict:
    nat = ask.store.nat_gateways[ask.get("NatGatewayId")]
    nat.state = "deleting"
    ask.book.after(ask.now + NAT_GONE_SECONDS, functools.partial(_end_nat, ask, nat))
    return None


def _let_go(store: t.Any, nat: t.Any) -> None:
    for address in store.addresses:
        if address.eni is nat._eni:
            address.eni = address.association_id = None
    store.enis.pop(nat._eni.id, None)


def fail_nat(store: t.Any, book: Book, name: str) -> None:
    """Fail a NAT gateway that works."""
    nat = store.nat_gateways[name]
    nat.state, book.failed[name] = "failed", "InternalError"
    _let_go(store, nat)


def _end_nat(ask: Ask, nat: t.Any) -> None:
    nat.state = "deleted"
    _let_go(ask.store, nat)
    ask.book.after(ask.now + FORGOTTEN_SECONDS, lambda: ask.store.nat_gateways.pop(nat.id, None))


@RULES.rule(
    "N-A7",
    "an endpoint keeps its interfaces until it is deleted, then is forgotten",
    source="EC2 DeleteVpcEndpoints",
    on=("DeleteVpcEndpoints",),
    after=True,
)
def endpoint_forgotten(ask: Ask) -> Verdict:
    for name in ask.many("VpcEndpointId"):
        if name in ask.store.vpc_end_points:
            ask.store.vpc_end_points[name].state = "deleting"
            ask.book.after(ask.now + ENDPOINT_SECONDS, functools.partial(ask.store.vpc_end_points.pop, name, None))
    return None


# -- routes


@RULES.rule("N-A15", "a route leads to what exists", source="EC2 CreateRoute", on=("CreateRoute", "ReplaceRoute"))
def route_target(ask: Ask) -> Verdict:
    name = ask.get("NatGatewayId")
    nat = ask.store.nat_gateways.get(name) if name else None
    if name and (nat is None or nat.state in ("deleted", "failed")):
        return Refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{name}' does not exist")
    return None


@RULES.rule(
    "N-A14",
    "an association moves only by Replace",
    source="EC2 AssociateRouteTable: Resource.AlreadyAssociated",
    on=("AssociateRouteTable",),
)
def one_table(ask: Ask) -> Verdict:
    subnet = ask.get("SubnetId")
    for table in ask.store.route_tables.values():
        if subnet in table._associations.values() and table.id != ask.get("RouteTableId"):
            text = f"the specified association for route table {table.id} conflicts with an existing association"
            return Refusal("Resource.AlreadyAssociated", text)
    return None


@RULES.rule(
    "N-A28",
    "the tables of a gateway endpoint get its route",
    source="VPC user guide, gateway endpoints: routing",
    on=("ModifyVpcEndpoint",),
    after=True,
)
def endpoint_routes(ask: Ask) -> Verdict:
    endpoint = ask.store.vpc_end_points[ask.get("VpcEndpointId")]
    prefixes = endpoint.destination_prefix_list_id
    for table in ask.many("AddRouteTableId") if prefixes else ():
        ask.store.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)
    return None


# -- what is in use stays


def _enis_in(ask: Ask, subnet: str) -> list[t.Any]:
    return [one for one in ask.store.enis.values() if one.subnet.id == subnet]


@RULES.rule("N-A10", "a subnet with an interface stays", source="EC2 DeleteSubnet", on=("DeleteSubnet",))
def subnet_in_use(ask: Ask) -> Verdict:
    name = ask.get("SubnetId")
    if _enis_in(ask, name):
        return dependency(f"The subnet '{name}' has dependencies and cannot be deleted.")
    return None


@RULES.rule("N-A11", "a VPC in use stays", source="EC2 DeleteVpc", on=("DeleteVpc",))
def vpc_in_use(ask: Ask) -> Verdict:
    name = ask.get("VpcId")
    groups = [one for one in ask.store.groups.get(name, {}).values() if one.name != "default"]
    endpoints = [one for one in ask.store.vpc_end_points.values() if one.vpc_id == name and one.state != "deleted"]
    if groups or endpoints or _gateway_of(ask.store, name):
        return dependency(f"The vpc '{name}' has dependencies and cannot be deleted.")
    return None


@RULES.rule("N-A12", "a security group in use stays", source="EC2 DeleteSecurityGroup", on=("DeleteSecurityGroup",))
def group_in_use(ask: Ask) -> Verdict:
    name = ask.get("GroupId")
    held = [one for one in ask.store.enis.values() if any(group.id == name for group in one.group_set)]
    endpoints = [one for one in ask.store.vpc_end_points.values() if name in one.security_group_ids]
    if held or endpoints or _named_by_others(ask, name):
        return dependency(f"resource {name} has a dependent object")
    return None


def _named_by_others(ask: Ask, name: str) -> bool:
    return any(
        rule.source_group.get("GroupId") == name
        for groups in ask.store.groups.values()
        for group in groups.values()
        if group.id != name
        for rule in (*group.ingress_rules, *group.egress_rules)
    )
