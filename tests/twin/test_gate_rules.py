# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each rule of the gate in front of moto, by the answer that a real client gets."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

from drydock.clouds.aws.gate import network
from drydock.harbour import Harbour

Json = dict[str, t.Any]


def refusal(work: t.Callable[..., t.Any], **arguments: t.Any) -> str:
    """Return the code with which a request is refused; fail if it is not."""
    with pytest.raises(ClientError) as caught:
        work(**arguments)
    return str(caught.value.response["Error"]["Code"])


def subnets(harbour: Harbour) -> list[str]:
    return list(harbour.seed.subnets.values())


def gateway(harbour: Harbour) -> str:
    """Return an internet gateway on the account's VPC."""
    ec2 = harbour.client("ec2")
    name = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=name, VpcId=harbour.seed.vpc)
    return name


def nat(harbour: Harbour, **options: t.Any) -> Json:
    """Return a NAT gateway just made on a new address."""
    ec2 = harbour.client("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made: Json = ec2.create_nat_gateway(SubnetId=subnets(harbour)[0], AllocationId=address, **options)["NatGateway"]
    return {**made, "AllocationId": address}


def state_of(harbour: Harbour, name: str) -> Json:
    found: Json = harbour.client("ec2").describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]
    return found


def test_NA1_subnet_size(harbour: Harbour) -> None:
    ec2 = harbour.client("ec2")
    wanted = {"VpcId": harbour.seed.vpc, "CidrBlock": "10.20.200.0/29"}
    assert refusal(ec2.create_subnet, **wanted) == "InvalidSubnet.Range"


def test_NA3_another_range(harbour: Harbour) -> None:
    ec2, vpc = harbour.client("ec2"), harbour.seed.vpc
    assert refusal(ec2.associate_vpc_cidr_block, VpcId=vpc, CidrBlock="10.20.128.0/18") == "InvalidVpc.Range"
    assert refusal(ec2.associate_vpc_cidr_block, VpcId=vpc, CidrBlock="192.168.0.0/16") == "InvalidVpc.Range"
    for number in range(64, 68):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=f"100.{number}.0.0/16")
    assert refusal(ec2.associate_vpc_cidr_block, VpcId=vpc, CidrBlock="100.70.0.0/16") == "VpcCidrLimitExceeded"


def test_NA4_pending(harbour: Harbour) -> None:
    gateway(harbour)
    ec2 = harbour.client("ec2")
    made = nat(harbour)
    endpoint = ec2.create_vpc_endpoint(VpcId=harbour.seed.vpc, ServiceName="com.amazonaws.eu-west-1.s3")
    name = endpoint["VpcEndpoint"]["VpcEndpointId"]
    harbour.clock.advance(-3600)  # nothing is due, however many requests pass
    assert state_of(harbour, made["NatGatewayId"])["State"] == "pending"
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[name])["VpcEndpoints"][0]["State"] == "pending"
    harbour.clock.advance(7200)
    assert state_of(harbour, made["NatGatewayId"])["State"] == "available"
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[name])["VpcEndpoints"][0]["State"] == "available"


def test_NA5_token(harbour: Harbour) -> None:
    gateway(harbour)
    ec2 = harbour.client("ec2")
    first = nat(harbour, ClientToken="one")
    wanted = {"SubnetId": subnets(harbour)[0], "AllocationId": first["AllocationId"], "ClientToken": "one"}
    assert ec2.create_nat_gateway(**wanted)["NatGateway"]["NatGatewayId"] == first["NatGatewayId"]
    other = {**wanted, "SubnetId": subnets(harbour)[1]}
    assert refusal(ec2.create_nat_gateway, **other) == "IdempotentParameterMismatch"


def test_NA6_nat_gateway_fails_without_a_way_out(harbour: Harbour) -> None:
    made = nat(harbour)
    harbour.clock.advance(network.NAT_SECONDS)
    found = state_of(harbour, made["NatGatewayId"])
    assert (found["State"], found["FailureCode"]) == ("failed", "Gateway.NotAttached")
    ec2 = harbour.client("ec2")
    taken = {"SubnetId": subnets(harbour)[1], "AllocationId": made["AllocationId"]}
    assert refusal(ec2.create_nat_gateway, **taken) == "Resource.AlreadyAssociated"


def test_NA7_nat_gateway_lingers(harbour: Harbour) -> None:
    gateway(harbour)
    ec2 = harbour.client("ec2")
    made = nat(harbour)
    harbour.clock.advance(network.NAT_SECONDS)
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    harbour.clock.advance(-3600)
    assert state_of(harbour, made["NatGatewayId"])["State"] == "deleting"
    assert refusal(ec2.release_address, AllocationId=made["AllocationId"]) == "InvalidIPAddress.InUse"
    harbour.clock.advance(3600 + network.NAT_GONE_SECONDS)
    assert state_of(harbour, made["NatGatewayId"])["State"] == "deleted"
    ec2.release_address(AllocationId=made["AllocationId"])
    assert refusal(ec2.delete_nat_gateway, NatGatewayId="nat-0123456789abcdef0") == "NatGatewayNotFound"


def test_NA8_address_in_use(harbour: Harbour) -> None:
    gateway(harbour)
    made = nat(harbour)
    release = harbour.client("ec2").release_address
    assert refusal(release, AllocationId=made["AllocationId"]) == "InvalidIPAddress.InUse"


def test_NA9_gateway_with_mapped_addresses(harbour: Harbour) -> None:
    name = gateway(harbour)
    nat(harbour)
    detach = harbour.client("ec2").detach_internet_gateway
    assert refusal(detach, InternetGatewayId=name, VpcId=harbour.seed.vpc) == "DependencyViolation"


def test_NA10_subnet_in_use(harbour: Harbour) -> None:
    ec2, subnet = harbour.client("ec2"), subnets(harbour)[0]
    ec2.create_network_interface(SubnetId=subnet)
    assert refusal(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"


def test_NA11_vpc_in_use(harbour: Harbour) -> None:
    ec2 = harbour.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="held", Description="held", VpcId=vpc)["GroupId"]
    assert refusal(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


def test_NA12_group_in_use(harbour: Harbour) -> None:
    ec2, vpc = harbour.client("ec2"), harbour.seed.vpc
    one, two = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("one", "two")
    )
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": one}]}
    ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=[rule])
    assert refusal(ec2.delete_security_group, GroupId=one) == "DependencyViolation"


def test_NA13_one_attribute(harbour: Harbour) -> None:
    modify = harbour.client("ec2").modify_vpc_attribute
    both = {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}}
    assert refusal(modify, VpcId=harbour.seed.vpc, **both) == "InvalidParameterCombination"


def test_NA14_one_gateway_and_one_table(harbour: Harbour) -> None:
    gateway(harbour)
    ec2, vpc, subnet = harbour.client("ec2"), harbour.seed.vpc, subnets(harbour)[0]
    second = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    attach = ec2.attach_internet_gateway
    assert refusal(attach, InternetGatewayId=second, VpcId=vpc) == "InvalidParameterValue"
    one, two = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    ec2.associate_route_table(RouteTableId=one, SubnetId=subnet)
    associate = ec2.associate_route_table
    assert refusal(associate, RouteTableId=two, SubnetId=subnet) == "Resource.AlreadyAssociated"


def test_NA15_route_target(harbour: Harbour) -> None:
    ec2 = harbour.client("ec2")
    table = ec2.create_route_table(VpcId=harbour.seed.vpc)["RouteTable"]["RouteTableId"]
    wanted = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0123456789abcdef0"}
    assert refusal(ec2.create_route, RouteTableId=table, **wanted) == "InvalidNatGatewayID.NotFound"


def test_NA16_quotas(harbour: Harbour) -> None:
    ec2 = harbour.client("ec2")
    for _number in range(network.ADDRESS_QUOTA):
        ec2.allocate_address(Domain="vpc")
    assert refusal(ec2.allocate_address, Domain="vpc") == "AddressLimitExceeded"


def test_NA17_tags(harbour: Harbour) -> None:
    tags = [{"Key": "aws:mine", "Value": "no"}]
    create = harbour.client("ec2").create_tags
    assert refusal(create, Resources=[harbour.seed.vpc], Tags=tags) == "InvalidParameterValue"


def test_NA28_routes_of_an_endpoint(harbour: Harbour) -> None:
    ec2, vpc = harbour.client("ec2"), harbour.seed.vpc
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")["VpcEndpoint"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], AddRouteTableIds=[table])
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert [one["GatewayId"] for one in routes if "DestinationPrefixListId" in one] == [endpoint["VpcEndpointId"]]


def test_NA24_dry_run(harbour: Harbour) -> None:
    ec2 = harbour.client("ec2")
    before = len(ec2.describe_vpcs()["Vpcs"])
    assert refusal(ec2.create_vpc, CidrBlock="10.77.0.0/16", DryRun=True) == "DryRunOperation"
    assert len(ec2.describe_vpcs()["Vpcs"]) == before
