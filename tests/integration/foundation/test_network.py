# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network on AWS: an empty account gets it, a second run sends nothing, what is ours is healed and deleted."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.foundation.conftest import Desk, holdings

pytestmark = pytest.mark.xdist_group("harbour")
FULL: dict[str, t.Any] = {"endpoints": ["s3", "sts"]}


def refused(desk: Desk, **changes: t.Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        desk.run(**changes)
    assert desk.writes() == []
    return caught.value


def test_check_of_an_empty_account_is_the_plan_of_the_run_and_writes_nothing(desk: Desk) -> None:
    checked = desk.run(check=True, **FULL)
    assert checked["changed"]
    assert desk.writes() == []
    assert len(desk.asked()) <= 20
    assert checked["network"]["attach"]["subnets"][0] == "planned:network/prod/subnet/private-a"
    done = desk.run(**FULL)
    assert done["plan_id"] == checked["plan_id"]
    assert len(desk.writes()) == len(done["plan"])


def test_second_run_sends_no_write(desk: Desk) -> None:
    first = desk.run(**FULL)
    second = desk.run(**FULL)
    assert (second["changed"], desk.writes(), second["plan"]) == (False, [], [])
    assert second["network"] == first["network"]
    assert len(desk.asked()) <= 20


def test_nodes_reach_the_internet_by_the_gateway_of_their_zone(desk: Desk) -> None:
    desk.run()
    tables = {_role(one): one for one in desk.client().describe_route_tables()["RouteTables"]}
    nats = {_role(one): one["NatGatewayId"] for one in desk.client().describe_nat_gateways()["NatGateways"]}
    for zone in "abc":
        default = [one for one in tables[f"routes/private-{zone}"]["Routes"] if one.get("NatGatewayId")]
        assert [one["NatGatewayId"] for one in default] == [nats[f"nat/{zone}"]]


def _role(document: dict[str, t.Any]) -> str:
    return next((tag["Value"] for tag in document.get("Tags", ()) if tag["Key"] == "seaworthy:role"), "")


def test_the_mode_of_nat_can_change_and_addresses_are_given_back(desk: Desk) -> None:
    desk.run()
    desk.run(nat="single")
    assert desk.writes() == ["ReplaceRoute", "ReplaceRoute", *["DeleteNatGateway"] * 2, *["ReleaseAddress"] * 2]
    desk.run(nat="none")
    assert holdings(desk.client())["Addresses"] == []
    desk.run(nat="per_zone")
    assert len(holdings(desk.client())["Addresses"]) == 3
    desk.run(nat="per_zone")
    assert desk.writes() == []


def test_a_zone_more_moves_nothing(desk: Desk) -> None:
    before = desk.run(zones=["a", "b"])["network"]["subnets"]
    after = desk.run(zones=["a", "b", "c"])["network"]["subnets"]
    for role, rows in before.items():
        assert [row for row in after[role] if row["name"] in {one["name"] for one in rows}] == rows


def test_what_is_ours_is_healed_and_what_others_add_stays(desk: Desk) -> None:
    made = desk.run()["network"]
    ec2 = desk.client()
    public, private = (made["subnets"][role][0]["id"] for role in ("public", "private"))
    table = next(one for one in ec2.describe_route_tables()["RouteTables"] if _role(one) == "routes/private-a")
    ec2.modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": False})
    ec2.modify_vpc_attribute(VpcId=made["id"], EnableDnsHostnames={"Value": False})
    ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_tags(Resources=[private], Tags=[{"Key": "kubernetes.io/role/internal-elb"}])
    ec2.create_tags(Resources=[private], Tags=[{"Key": "kubernetes.io/cluster/x", "Value": "owned"}])
    gateway = next(iter(ec2.describe_internet_gateways()["InternetGateways"]))["InternetGatewayId"]
    foreign = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "192.0.2.0/24", "GatewayId": gateway}
    ec2.create_route(**foreign)
    healed = desk.run()
    assert sorted(desk.writes()) == ["CreateRoute", "CreateTags", "ModifySubnetAttribute", "ModifyVpcAttribute"]
    assert {row["kind"] for row in healed["drift"]} == {"update"}
    kept = ec2.describe_subnets(SubnetIds=[private])["Subnets"][0]["Tags"]
    assert {"Key": "kubernetes.io/cluster/x", "Value": "owned"} in kept
    routes = ec2.describe_route_tables(RouteTableIds=[table["RouteTableId"]])["RouteTables"][0]["Routes"]
    assert "192.0.2.0/24" in [one.get("DestinationCidrBlock") for one in routes]
    desk.run()
    assert desk.writes() == []


def test_an_association_that_was_moved_comes_back_without_a_gap(desk: Desk) -> None:
    made = desk.run()["network"]
    ec2 = desk.client()
    private = made["subnets"]["private"][0]["id"]
    other = ec2.create_route_table(VpcId=made["id"])["RouteTable"]["RouteTableId"]
    link = next(
        one["RouteTableAssociationId"]
        for table in ec2.describe_route_tables()["RouteTables"]
        for one in table["Associations"]
        if one.get("SubnetId") == private
    )
    ec2.replace_route_table_association(AssociationId=link, RouteTableId=other)
    desk.run()
    assert desk.writes() == ["ReplaceRouteTableAssociation"]


def test_endpoints_stay_while_unset_and_go_where_the_list_is_empty(desk: Desk) -> None:
    desk.run(**FULL)
    desk.run()
    assert desk.writes() == []
    desk.run(endpoints=[])
    assert desk.writes() == ["DeleteVpcEndpoints", "DeleteVpcEndpoints", "DeleteSecurityGroup"]


def test_delete_leaves_the_account_as_it_was(desk: Desk) -> None:
    before = holdings(desk.client())
    desk.run(**FULL)
    gone = desk.gone(**FULL)
    assert holdings(desk.client()) == before
    assert gone["network"]["state"] == "absent"
    again = desk.gone()
    assert (again["changed"], desk.writes()) == (False, [])


def test_a_protected_network_is_not_deleted(desk: Desk) -> None:
    desk.run()
    assert refused(desk, state="absent").kind == "protected"


def test_delete_names_what_stands_in_its_way(desk: Desk) -> None:
    made = desk.run()["network"]
    ec2 = desk.client()
    subnet = made["subnets"]["public"][0]["id"]
    eni = ec2.create_network_interface(SubnetId=subnet, Description="ELB app/k8s-shop/1234")["NetworkInterface"]
    error = refused(desk, state="absent", deletion_protection=False)
    assert error.kind == "in_use"
    assert error.details["blocked_by"] == [
        {
            "kind": "network interface",
            "id": eni["NetworkInterfaceId"],
            "created_by": "a load balancer",
            "hint": "Delete the Service or Ingress that it belongs to, or the load balancer.",
        }
    ]
    ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])
    desk.gone()


def test_two_things_with_one_mark_are_named_and_neither_is_chosen(desk: Desk) -> None:
    made = desk.run()["network"]
    vpc = desk.client().describe_vpcs(VpcIds=[made["id"]])["Vpcs"][0]
    twin = desk.client().create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    desk.client().create_tags(Resources=[twin], Tags=vpc["Tags"])
    error = refused(desk)
    assert error.kind == "foreign"
    assert error.details["ids"] == sorted([made["id"], twin])


def test_another_owner_of_the_name_is_refused(desk: Desk) -> None:
    desk.run()
    assert refused(desk, owner="somebody-else").kind == "foreign"


def test_what_cannot_change_is_refused_in_check_mode_too(desk: Desk) -> None:
    desk.run()
    with pytest.raises(PlatformError) as caught:
        desk.run(check=True, cidr="10.31.0.0/16")
    assert caught.value.kind in ("immutable", "invalid")
    assert desk.writes() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cidr": None}, "network/prod does not exist yet and cidr is missing; give one, like 10.100.0.0/16"),
        ({"cidr": "10.30.0.1/16"}, 'cidr is "10.30.0.1/16"; must be a range without host bits: write 10.30.0.0/16'),
        ({"zones": ["a", "z"]}, "zones names z, which eu-west-1 does not offer; choose of a, b, c"),
        ({"zones": ["us-east-1a"]}, 'zones[0] is "us-east-1a"; must be a zone of eu-west-1'),
        (
            {"cloud": "gcp"},
            'cloud is "gcp"; must be aws: the foundation does not exist on other clouds yet',
        ),
        (
            {"existing": {"network_id": "vpc-0123456789abcdef0"}},
            "cidr is given with existing; leave it out: nothing of an existing network is changed",
        ),
    ],
)
def test_bad_input_is_refused_before_any_write(desk: Desk, changes: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.run(**changes)
    assert str(caught.value) == said
    assert desk.writes() == []


def test_a_failed_nat_gateway_is_deleted_and_made_anew_on_the_same_address(desk: Desk) -> None:
    made = desk.run()["network"]
    ec2 = desk.client()
    nat = next(one for one in ec2.describe_nat_gateways()["NatGateways"] if _role(one) == "nat/a")
    desk.harbour.break_nat_gateway(nat["NatGatewayId"])
    desk.run()
    assert [one for one in desk.writes() if "Route" not in one] == ["DeleteNatGateway", "CreateNatGateway"]
    again = desk.run()["network"]
    assert again["nat"] == made["nat"]
    assert desk.writes() == []


WRITES = (
    "CreateVpc",
    "CreateInternetGateway",
    "AttachInternetGateway",
    "CreateSubnet",
    "AllocateAddress",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateRoute",
    "AssociateRouteTable",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "CreateVpcEndpoint",
)


@pytest.mark.parametrize("operation", ["AllocateAddress", "CreateNatGateway", "CreateVpc"])
def test_stopped_after_a_write_the_next_run_finishes_it(desk: Desk, operation: str) -> None:
    stopped_then_finished(desk, operation, 1)


@pytest.mark.prove
@pytest.mark.parametrize("operation", WRITES)
def test_stopped_after_each_kind_of_write_the_next_run_finishes_it(desk: Desk, operation: str) -> None:
    stopped_then_finished(desk, operation, 1)


def stopped_then_finished(desk: Desk, operation: str, nth: int) -> None:
    """A run that ends right after a write was committed leaves nothing that the next run would not find."""
    fault = Fault("answer", operation, "ec2", "after", nth, 1, 403, "UnauthorizedOperation")
    desk.harbour.faults.add(fault)
    with pytest.raises(PlatformError):
        desk.run(**FULL)
    assert fault.hits == 1
    desk.run(**FULL)
    held = holdings(desk.client())
    assert sorted(held["NatGateways"]) == ["nat/a", "nat/b", "nat/c"]
    assert sorted(held["Addresses"]) == ["address/a", "address/b", "address/c"]
    assert [role for role in held["Vpcs"] if role == "vpc"] == ["vpc"]
    assert len({role for role in held["Subnets"] if role.startswith("subnet/p")}) == 6
    desk.run(**FULL)
    assert desk.writes() == []


@pytest.mark.parametrize("operation", ["CreateSubnet", "AllocateAddress", "CreateNatGateway"])
def test_a_lost_answer_makes_nothing_twice(desk: Desk, operation: str) -> None:
    desk.harbour.faults.add(Fault("reset", operation, "ec2", "after", 2))
    desk.run()
    held = holdings(desk.client())
    assert held["Addresses"] == ["address/a", "address/b", "address/c"]
    assert held["NatGateways"] == ["nat/a", "nat/b", "nat/c"]
    assert len([role for role in held["Subnets"] if role.startswith("subnet/p")]) == 6


def test_what_was_just_made_may_be_unknown_for_a_while(desk: Desk) -> None:
    desk.harbour.faults.add(Fault("answer", "CreateSubnet", "ec2", times=2, code="InvalidVpcID.NotFound", status=400))
    done = desk.run()
    assert done["retries"]["propagation"] == 2
    desk.run()
    assert desk.writes() == []


def test_existing_network_is_verified_and_never_written_to(desk: Desk) -> None:
    made = desk.run(**FULL)["network"]
    found = desk.run(cidr=None, name="theirs", existing={"network_id": made["id"]})
    assert desk.writes() == []
    assert found["changed"] is False
    assert found["network"]["attach"] == made["attach"]
    assert [one["id"] for one in found["network"]["subnets"]["public"]] == [
        one["id"] for one in made["subnets"]["public"]
    ]


def test_existing_network_that_carries_too_little_is_refused(desk: Desk) -> None:
    made = desk.run()["network"]
    with pytest.raises(InvalidInput, match="capacity.max_nodes is 5000; must be at most"):
        desk.run(cidr=None, existing={"network_id": made["id"]}, capacity={"max_nodes": 5000})
