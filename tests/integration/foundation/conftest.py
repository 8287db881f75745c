# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The foundation against the gate in front of moto, with the real SDK over the wire; the journal is the witness."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.foundations import converge_foundation
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress
from drydock.harbour import Harbour
from drydock.journal import Filter
from tests.integration.eks_cluster.conftest import act_as
from tests.integration.grounds import TwinClock

Json = dict[str, t.Any]


@dataclasses.dataclass
class Desk:
    """One account of the harbour and the documents that a test converges in it."""

    harbour: Harbour
    documents: dict[str, Json]
    lines: list[str] = dataclasses.field(default_factory=list)

    def run(self, module: str = "cluster_network", *, check: bool = False, **changes: t.Any) -> Json:
        """Converge a document with options changed; forget earlier requests."""
        wanted = {**copy.deepcopy(self.documents[module]), **changes}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        self.harbour.journal.clear()
        self.lines = []
        clock = TwinClock(self.harbour)
        progress = Progress(module, self.lines.append, clock=clock)
        return converge_foundation(module, wanted, check_mode=check, progress=progress, clock=clock)

    def gone(self, module: str = "cluster_network", **changes: t.Any) -> Json:
        unprotected = {"deletion_protection": False} if module == "cluster_network" else {}
        return self.run(module, state="absent", **unprotected, **changes)

    def writes(self) -> list[str]:
        return [line.operation for line in self.harbour.journal.read(Filter(writes=True))]

    def asked(self) -> list[str]:
        return [line.operation for line in self.harbour.journal.read()]

    def client(self, service: str = "ec2") -> t.Any:
        return self.harbour.client(service)


@pytest.fixture
def desk(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> Desk:
    act_as(harbour, monkeypatch)
    place = {"name": "prod", "region": harbour.seed.region, "account": harbour.seed.account}
    network = {**place, "cidr": "10.30.0.0/16", "capacity": {"max_nodes": 30}}
    identity = {**place, "cluster_roles": True}
    zone = {**place, "domain": "prod.example.com", "records": [{"name": "www", "type": "A", "values": ["192.0.2.1"]}]}
    return Desk(harbour, {"cluster_network": network, "cluster_identity": identity, "cluster_dns_zone": zone})


KINDS = {
    "Vpcs": "describe_vpcs",
    "Subnets": "describe_subnets",
    "InternetGateways": "describe_internet_gateways",
    "NatGateways": "describe_nat_gateways",
    "Addresses": "describe_addresses",
    "RouteTables": "describe_route_tables",
    "SecurityGroups": "describe_security_groups",
    "VpcEndpoints": "describe_vpc_endpoints",
    "NetworkInterfaces": "describe_network_interfaces",
}


def holdings(ec2: t.Any) -> dict[str, list[str]]:
    """Return what an account holds: by kind the roles that our tags name, or an id where there is none."""
    return {member: sorted(map(_called, _alive(ec2, call, member))) for member, call in KINDS.items()}


def _alive(ec2: t.Any, call: str, member: str) -> list[Json]:
    return [one for one in getattr(ec2, call)()[member] if one.get("State") != "deleted"]


def _called(document: Json) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in document.get("Tags") or document.get("TagSet") or ()}
    ids = [str(value) for name, value in sorted(document.items()) if name in IDS]
    return tags.get("seaworthy:role") or ids[0]


IDS = (
    "AllocationId",
    "GroupId",
    "InternetGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "RouteTableId",
    "SubnetId",
    "VpcEndpointId",
    "VpcId",
)
