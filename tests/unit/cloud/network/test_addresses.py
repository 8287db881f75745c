# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worked table of the address planner, and its refusals word by word."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.network.addresses import (
    Layout,
    Pin,
    Request,
    plan_addresses,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.network.demand import Capacity
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

ABC = ("a", "b", "c")


def layout(max_nodes: int, max_pods: int, mode: str, *, surge: int = 1, **options: t.Any) -> Layout:
    capacity = Capacity(max_nodes, max_pods, surge, mode)
    given: dict[str, t.Any] = {"cidr": "10.20.0.0/16", "zones": ABC, "tight": True, "roles": ("private",)}
    return plan_addresses(Request(capacity=capacity, **{**given, **options}))


def prefixes(found: Layout, role: str) -> set[str]:
    return {subnet.cidr.partition("/")[2] for subnet in found.of(role)}


def refusal(**options: t.Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        layout(**{"max_nodes": 10, "max_pods": 110, "mode": "prefix", **options})
    return str(caught.value)


@pytest.mark.parametrize(
    ("nodes", "pods", "mode", "surge", "subnet", "pod_range"),
    [
        (30, 110, "prefix", 1, "21", ""),
        (30, 29, "secondary", 1, "22", ""),
        (100, 110, "prefix", 1, "19", ""),
        (50, 110, "overlay", 1, "26", "18"),
        (50, 110, "pod_subnet", 1, "26", "19"),
        (50, 30, "flat", 1, "21", ""),
        (200, 110, "overlay", 66, "23", "15"),
        (50, 110, "secondary_range", 1, "26", "18"),
        (50, 64, "secondary_range", 1, "26", "19"),
        (50, 32, "secondary_range", 1, "26", "20"),
        (300, 110, "secondary_range", 1, "23", "15"),
        (1000, 32, "secondary_range", 1, "22", "16"),
    ],
)
def test_worked_example(nodes: int, pods: int, mode: str, surge: int, subnet: str, pod_range: str) -> None:
    wide = {} if mode in ("prefix", "secondary") else {"cidr": "10.0.0.0/12"}
    roles = ("private", "pods") if pod_range else ("private",)
    found = layout(nodes, pods, mode, surge=surge, roles=roles, **wide)
    assert prefixes(found, "private") == {subnet}
    assert prefixes(found, "pods") == ({pod_range} if pod_range else set())


def test_a_hundred_nodes_in_three_zones() -> None:
    found = layout(100, 110, "prefix", roles=("private", "public", "control"), prefixes={"public": 22})
    assert [(subnet.name, subnet.cidr) for subnet in found.subnets] == [
        ("private-a", "10.20.0.0/19"),
        ("private-b", "10.20.32.0/19"),
        ("private-c", "10.20.64.0/19"),
        ("public-a", "10.20.96.0/22"),
        ("public-b", "10.20.100.0/22"),
        ("public-c", "10.20.104.0/22"),
        ("control-a", "10.20.108.0/28"),
        ("control-b", "10.20.108.16/28"),
        ("control-c", "10.20.108.32/28"),
    ]
    assert {"10.20.128.0/17", "10.20.112.0/20", "10.20.110.0/23", "10.20.109.0/24"} <= set(found.free)


def test_headroom_doubles_the_nodes_subnets_where_there_is_room() -> None:
    assert prefixes(layout(30, 110, "prefix", tight=False), "private") == {"20"}


def test_capacity_names_the_next_limit() -> None:
    told = layout(30, 110, "prefix").described(Capacity(30))
    assert told["max_nodes"] == 44
    assert told["next_limit"] == "addresses of private-a: at most 44 nodes of 110 pods"


def test_an_overlay_stops_where_its_pod_range_does() -> None:
    found = layout(
        200, 110, "overlay", roles=("private", "pods"), cidr="10.0.0.0/8", prefixes={"private": 22, "pods": 16}
    )
    assert found.limits[0].what == "pod addresses of pods"
    assert found.limits[0].nodes == 256


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"max_nodes": 500},
            "cidr 10.20.0.0/16 has no room for private-c /17 (free: 10.20.0.0/16); add extra_cidrs: "
            "[100.64.0.0/16] or set capacity.max_pods to 80",
        ),
        ({"cidr": "10.20.0.1/16"}, "cidr is 10.20.0.1/16; must be a range without host bits: write 10.20.0.0/16"),
        ({"cidr": "10.0.0.0/8"}, "cidr is 10.0.0.0/8; must be between /16 and /28 on aws"),
        (
            {"services": "10.20.4.0/24"},
            "cidr 10.20.0.0/16 overlaps ranges.services 10.20.4.0/24; choose a range apart from it, like 10.0.0.0/24",
        ),
        (
            {"avoid": ("10.0.0.0/11",)},
            "cidr 10.20.0.0/16 overlaps avoid[0] 10.0.0.0/11; choose a range apart from it, like 10.32.0.0/16",
        ),
        (
            {"extra_cidrs": ("192.168.0.0/16",)},
            "extra_cidrs[0] 192.168.0.0/16 is of 192.168.0.0/16, which AWS refuses beside 10.20.0.0/16; "
            "choose one of 100.64.0.0/10",
        ),
        ({"zones": ("a",)}, "zones is a; must be at least 2 zones: a control plane spans them"),
        (
            {"cidr": "203.0.0.0/16"},
            "cidr 203.0.0.0/16 is no private range; choose one of RFC 1918 or set allow_public_ranges: true",
        ),
        (
            {"mode": "overlay", "cidr": "172.30.0.0/16"},
            "cidr 172.30.0.0/16 overlaps 172.30.0.0/16, which azure keeps for itself; choose a range apart from it, "
            "like 10.0.0.0/16",
        ),
        (
            {"pins": (Pin("private-a", "private", "a", "10.20.0.0/24"),), "max_nodes": 100},
            "capacity.max_nodes is 100; must be at most 2 (with 1 for rolling upgrades): the limit is addresses of "
            "private-a; add a zone or a larger network",
        ),
        (
            {"pins": (Pin("private-a", "private", "a", "10.21.0.0/20"),)},
            "subnets.private-a 10.21.0.0/20 lies outside the network (10.20.0.0/16)",
        ),
    ],
)
def test_refusal_says_what_and_what_would_do(options: dict[str, t.Any], said: str) -> None:
    assert refusal(**options) == said


def test_every_fault_is_told_at_once() -> None:
    said = refusal(zones=("a",), avoid=("10.20.0.0/24",), services="10.20.1.0/24")
    assert len(said.split(". ")) == 3


def test_ranges_that_others_made_in_the_network_are_left_out() -> None:
    found = layout(10, 110, "prefix", occupied=("10.20.0.0/17",))
    assert all(subnet.cidr.startswith("10.20.1") for subnet in found.subnets)
