# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of ``cluster_network``."""

from __future__ import annotations

import typing as t

from ..cluster import rules
from ..cluster.options import Option
from ..cluster.schema import Reader, Values
from ..foundation.options import Base, parse, place_options, run_options
from .demand import Capacity, surge_nodes

ROLES = ("private", "public")
GATEWAYS = ("s3", "dynamodb")
INTERFACES = ("autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs")
MORE_INTERFACES = ("secretsmanager", "ssm", "sts")
SERVICES = (*GATEWAYS, *INTERFACES, *MORE_INTERFACES)

zone = rules.matches(r"([a-z]{2,3}(-[a-z]+)+-[0-9]{1,2})?[a-z]", "the letter of a zone, or its name, like eu-west-1a")
vpc_id = rules.matches(r"vpc-[0-9a-f]{8,17}", "the id of a VPC, like vpc-0123456789abcdef0")
subnet_id = rules.matches(r"subnet-[0-9a-f]{8,17}", "the id of a subnet, like subnet-0123456789abcdef0")
surge = rules.matches(r"[0-9]{1,3}%?", 'a number of nodes or a share of them, like "33%"')
cluster = rules.matches(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", "the name of a cluster")

SUBNET_ROWS: tuple[Option, ...] = (
    Option(path="role", type="str", choices=ROLES, required=True, doc=("What it is for.",)),
    Option(path="zone", type="str", required=True, rule=zone, doc=("Zone of the subnet.",)),
    Option(path="cidr", type="str", required=True, rule=rules.cidr, doc=("Range of the subnet.",)),
)
ADDRESSES: tuple[Option, ...] = (
    Option(
        path="zones",
        type="list",
        elements="str",
        rule=zone,
        doc=("Zones, by letter or name. Unset, those it has; for a new network the first three of the region.",),
    ),
    Option(
        path="cidr",
        type="str",
        rule=rules.cidr,
        doc=("Range of the network. Needed to create it; cannot be changed.",),
    ),
    Option(
        path="extra_cidrs",
        type="list",
        elements="str",
        rule=rules.cidr,
        doc=("More ranges of the network. They are added; one that is no longer listed stays.",),
    ),
    Option(
        path="avoid",
        type="list",
        elements="str",
        rule=rules.cidr,
        doc=("Ranges that must stay apart: peered networks, offices.",),
    ),
    Option(
        path="capacity.max_nodes",
        type="int",
        default=100,
        rule=rules.between(1, 100_000),
        doc=("Nodes of all pools at their most. Subnets are made large enough for them.",),
    ),
    Option(
        path="capacity.max_pods",
        type="int",
        default=110,
        rule=rules.between(8, 250),
        doc=("Most pods of a node.",),
    ),
    Option(
        path="capacity.surge",
        type="str",
        default="1",
        rule=surge,
        doc=("Nodes that a rolling upgrade adds, as a number or a share of the nodes.",),
    ),
    Option(
        path="capacity.mode",
        type="str",
        choices=("prefix", "secondary"),
        default="prefix",
        doc=("How the VPC CNI takes addresses: by prefixes of 16, or one by one.",),
    ),
    Option(
        path="tight",
        type="bool",
        default=False,
        doc=("Whether new subnets are just large enough. Else they are twice that, where the network has room.",),
    ),
    Option(
        path="allow_public_ranges",
        type="bool",
        default=False,
        doc=("Whether O(cidr) may lie outside the private ranges.",),
    ),
    Option(
        path="subnets",
        type="list",
        elements="row",
        rows=SUBNET_ROWS,
        doc=("Ranges of subnets that shall not be planned. Subnets that exist keep theirs in any case.",),
    ),
    Option(
        path="ranges.services",
        type="str",
        rule=rules.cidr,
        doc=("Range of the cluster's Services: checked here, handed on to the cluster in RV(network.attach).",),
    ),
)
OWN_OPTIONS: tuple[Option, ...] = (
    *ADDRESSES,
    Option(
        path="nat",
        type="str",
        choices=("none", "single", "per_zone"),
        default="per_zone",
        doc=("How private subnets reach the internet: not at all, or by one NAT gateway in all or in each zone.",),
    ),
    Option(
        path="endpoints",
        type="list",
        elements="str",
        choices=SERVICES,
        doc=(
            "Services of AWS that are reached without the internet. V(s3) and V(dynamodb) cost nothing; each other "
            "one is an interface in every zone. One that is no longer listed is removed.",
        ),
    ),
    Option(
        path="load_balancer_tags",
        type="bool",
        default=True,
        doc=("Whether subnets carry the tags by which load balancer controllers find them.",),
    ),
    Option(
        path="clusters",
        type="list",
        elements="str",
        rule=cluster,
        doc=("Clusters that share the network; subnets get C(kubernetes.io/cluster/NAME=shared) for each.",),
    ),
    Option(
        path="deletion_protection",
        type="bool",
        default=True,
        doc=("Whether O(state=absent) is refused.",),
    ),
    Option(
        path="existing.network_id",
        type="str",
        rule=vpc_id,
        doc=("A VPC that somebody else runs: it is verified and described, never written to.",),
    ),
    Option(
        path="existing.private",
        type="list",
        elements="str",
        rule=subnet_id,
        doc=("Its subnets for nodes; unset, those without a route to an internet gateway.",),
    ),
    Option(
        path="existing.public",
        type="list",
        elements="str",
        rule=subnet_id,
        doc=("Its subnets for public load balancers; unset, those with a route to an internet gateway.",),
    ),
)
OPTIONS = (*place_options("network"), *run_options("network"), *OWN_OPTIONS)


def parse_network(document: t.Mapping[str, t.Any]) -> Base:
    """Return the desired network. Raises InvalidInput with every fault."""
    return parse("network", OPTIONS, document, (_contradictions,))


def _contradictions(reader: Reader, values: Values) -> None:
    existing = {path for path in values if path.startswith("existing.")}
    if existing and "existing.network_id" not in existing:
        reader.problems.append("existing.network_id is missing; it must be given with existing.private and .public")
    if existing and values["state"] == "absent":
        reader.problems.append("state is absent and existing is given; what somebody else runs is not deleted here")
    if existing and "cidr" in values:
        reader.problems.append("cidr is given with existing; leave it out: nothing of an existing network is changed")
    region = values.get("region", "")
    for path, name in _zones_named(values):
        if len(name) > 1 and name[:-1] != region:
            reader.wrong(path, name, f"a zone of {region}")


def _zones_named(values: Values) -> list[tuple[str, str]]:
    own = [(f"zones[{n}]", name) for n, name in enumerate(values.get("zones") or ())]
    pins = [(f"subnets[{n}].zone", row.get("zone", "")) for n, row in enumerate(values.get("subnets") or ())]
    return own + pins


def letter(name: str) -> str:
    return name[-1]


def capacity(values: Values) -> Capacity:
    """Return what the network must carry."""
    most = values["capacity.max_nodes"]
    share = values["capacity.surge"]
    extra = surge_nodes(share if share.endswith("%") else int(share), most)
    return Capacity(most, values["capacity.max_pods"], extra, values["capacity.mode"])
