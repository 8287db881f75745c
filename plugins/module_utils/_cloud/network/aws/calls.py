# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of a network on AWS by phase: what the driver may send, and what its permission files grant."""

from __future__ import annotations

PLAN = (
    "sts.get_caller_identity",
    "ec2.describe_addresses",
    "ec2.describe_availability_zones",
    "ec2.describe_internet_gateways",
    "ec2.describe_nat_gateways",
    "ec2.describe_network_interfaces",
    "ec2.describe_route_tables",
    "ec2.describe_security_groups",
    "ec2.describe_subnets",
    "ec2.describe_vpc_attribute",
    "ec2.describe_vpc_endpoints",
    "ec2.describe_vpcs",
)
APPLY = (
    "ec2.allocate_address",
    "ec2.associate_route_table",
    "ec2.associate_vpc_cidr_block",
    "ec2.attach_internet_gateway",
    "ec2.authorize_security_group_ingress",
    "ec2.create_internet_gateway",
    "ec2.create_nat_gateway",
    "ec2.create_route",
    "ec2.create_route_table",
    "ec2.create_security_group",
    "ec2.create_subnet",
    "ec2.create_tags",
    "ec2.create_vpc",
    "ec2.create_vpc_endpoint",
    "ec2.modify_subnet_attribute",
    "ec2.modify_vpc_attribute",
    "ec2.modify_vpc_endpoint",
    "ec2.replace_route",
    "ec2.replace_route_table_association",
)
DELETE = (
    "ec2.delete_internet_gateway",
    "ec2.delete_nat_gateway",
    "ec2.delete_route",
    "ec2.delete_route_table",
    "ec2.delete_security_group",
    "ec2.delete_subnet",
    "ec2.delete_vpc",
    "ec2.delete_vpc_endpoints",
    "ec2.detach_internet_gateway",
    "ec2.disassociate_route_table",
    "ec2.release_address",
)
CALLS = {"plan": PLAN, "apply": APPLY, "delete": DELETE}
