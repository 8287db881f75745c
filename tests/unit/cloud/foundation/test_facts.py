# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outputs of other tools become what our modules take; secrets are never read."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.filter.foundation_facts import facts
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.foundation.facts import foundation_facts
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.network.options import parse_network
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

VPC = "vpc-0123456789abcdef0"
PRIVATE = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
PUBLIC = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]


def output(value: t.Any, *, sensitive: bool = False) -> dict[str, t.Any]:
    return {"value": value, "type": "string", "sensitive": sensitive}


TERRAFORM = {
    "vpc_id": output(VPC),
    "private_subnets": output(PRIVATE),
    "public_subnets": output(PUBLIC),
    "nat_public_ips": output(["203.0.113.7"]),
    "database_password": output("hunter2", sensitive=True),
}
PULUMI = {"vpcId": VPC, "privateSubnetIds": PRIVATE, "publicSubnetIds": PUBLIC, "token": "[secret]"}
STACK = {
    "Stacks": [
        {
            "Outputs": [
                {"OutputKey": "VPC", "OutputValue": VPC},
                {"OutputKey": "SubnetsPrivate", "OutputValue": ",".join(PRIVATE)},
                {"OutputKey": "SubnetsPublic", "OutputValue": ",".join(PUBLIC)},
            ]
        }
    ]
}


@pytest.mark.parametrize(
    ("source", "document"), [("terraform", TERRAFORM), ("pulumi", PULUMI), ("cloudformation", STACK)]
)
def test_outputs_become_options_of_the_modules(source: str, document: dict[str, t.Any]) -> None:
    told = facts(json.dumps(document), source)
    assert told["existing"] == {"network_id": VPC, "private": PRIVATE, "public": PUBLIC}
    assert told["attach"] == {"subnets": PRIVATE}
    parse_network({"name": "theirs", "region": "eu-west-1", "existing": told["existing"]})


def test_own_names_of_outputs_are_mapped() -> None:
    told = foundation_facts({"net": output(VPC)}, "terraform", {"network_id": "net"})
    assert told["existing"] == {"network_id": VPC}


def test_a_secret_output_is_neither_read_nor_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        foundation_facts({"vpc_id": output("hunter2", sensitive=True)}, "terraform")
    assert "hunter2" not in str(caught.value)
    assert "there are: none" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "source", "names", "said"),
    [
        ("not json", "terraform", None, "the outputs of terraform are no JSON"),
        ([], "pulumi", None, "the outputs of pulumi must be a mapping"),
        ({}, "helm", None, "source is 'helm'; must be one of cloudformation, pulumi, terraform"),
        ({}, "pulumi", {"privat": "x"}, "names has privat (did you mean private?)"),
        (PULUMI, "pulumi", {"private": "vpcIdd"}, "names.private is vpcIdd, which is no output (did you mean vpcId?)"),
        ({"vpc": VPC}, "pulumi", None, "no output of pulumi names the network (usual: vpc_id, vpcId, VPC, VpcId; "),
    ],
)
def test_what_cannot_be_read_is_said(text: t.Any, source: str, names: dict[str, str] | None, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        foundation_facts(text, source, names)
    assert str(caught.value).startswith(said)
