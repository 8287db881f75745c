# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permission files are what a run needs: with exactly these it passes, and each of them is needed."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.foundations import FOUNDATIONS
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.integration.foundation.conftest import Desk
from tests.unit.house.checkout import ROOT

ENDPOINTS = {"endpoints": ["s3", "sts"]}


def granted(module: str, *phases: str) -> set[str]:
    """Return the actions of the shipped files."""
    found: set[str] = set()
    for phase in phases:
        policy = json.loads((ROOT / "docs" / "permissions" / f"{module}-{phase}.json").read_text(encoding="utf-8"))
        found |= set(policy["Statement"][0]["Action"])
    return found


@pytest.mark.parametrize("module", sorted(FOUNDATIONS))
def test_reading_needs_the_plan_file_only(desk: Desk, module: str) -> None:
    desk.harbour.grant(granted(module, "plan"))
    assert desk.run(module, check=True)["changed"]


@pytest.mark.parametrize("module", sorted(FOUNDATIONS))
def test_a_run_passes_with_exactly_what_is_shipped(desk: Desk, module: str) -> None:
    desk.harbour.grant(granted(module, "plan", "apply"))
    desk.run(module)
    desk.harbour.grant(granted(module, "plan", "apply", "delete"))
    desk.gone(module)


@pytest.mark.parametrize(
    ("module", "action", "service"),
    [
        ("cluster_network", "ec2:CreateNatGateway", "ec2"),
        ("cluster_network", "ec2:DescribeSubnets", "ec2"),
        ("cluster_identity", "iam:CreateRole", "iam"),
    ],
)
def test_a_missing_permission_is_named(desk: Desk, module: str, action: str, service: str) -> None:
    if "Describe" in action:
        desk.run(module)
    desk.harbour.grant(granted(module, "plan", "apply") - {action})
    with pytest.raises(PlatformError, match=action) as caught:
        desk.run(module)
    assert caught.value.kind == "permission"


@pytest.mark.prove
def test_no_permission_of_a_network_is_never_used(desk: Desk) -> None:
    """Walks through everything that a network can do, and compares what was asked with what is granted."""
    used: set[str] = set()

    def run(**changes: t.Any) -> None:
        desk.run(**changes)
        used.update(desk.asked())

    ec2 = desk.client()
    run(zones=["a", "b"], **ENDPOINTS)
    run(zones=["a", "b", "c"], extra_cidrs=["100.64.0.0/16"], **ENDPOINTS)
    run(nat="single", clusters=["demo"], endpoints=[])
    run(nat="none")
    other = _move_an_association(ec2)
    run(nat="per_zone")
    ec2.delete_route_table(RouteTableId=other)
    run(state="absent", deletion_protection=False)
    wanted = {action.partition(":")[2] for action in granted("cluster_network", "plan", "apply", "delete")}
    assert wanted - used == set()
    assert used - wanted == set()


def _move_an_association(ec2: t.Any) -> str:
    tables = ec2.describe_route_tables()["RouteTables"]
    ours = next(one for one in tables if any(a.get("SubnetId") for a in one["Associations"]))
    other = str(ec2.create_route_table(VpcId=ours["VpcId"])["RouteTable"]["RouteTableId"])
    link = ours["Associations"][0]["RouteTableAssociationId"]
    ec2.replace_route_table_association(AssociationId=link, RouteTableId=other)
    return other
