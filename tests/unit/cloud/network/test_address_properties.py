# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is asked for: no two subnets share an address, nothing that fits is refused, nothing that exists moves."""

from __future__ import annotations

import dataclasses
import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.network.addresses import (
    Layout,
    Pin,
    Request,
    plan_addresses,
    wanted_subnets,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.network.demand import MODES, Capacity
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

CASES = 150
ZONES = ("a", "b", "c", "d", "e")
zones = st.integers(2, 4).map(lambda number: ZONES[:number])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Return a network of 10.20.0.0/16 to /22, for a cluster that may or may not fit."""
    mode = draw(st.sampled_from(sorted(MODES)))
    capacity = Capacity(draw(st.integers(1, 600)), draw(st.sampled_from([16, 29, 58, 110])), mode=mode)
    roles = ["private", *(["pods"] if MODES[mode].pods else [])]
    roles += draw(st.lists(st.sampled_from(["public", "endpoints", "control"]), unique=True))
    return Request(
        cidr=f"10.20.0.0/{draw(st.integers(16, 22))}",
        zones=draw(zones),
        capacity=capacity,
        roles=tuple(roles),
        extra_cidrs=tuple(draw(st.lists(st.sampled_from(["100.64.0.0/16", "100.65.0.0/17"]), unique=True))),
        tight=draw(st.booleans()),
    )


def laid_out(request: Request) -> Layout | None:
    try:
        return plan_addresses(request)
    except InvalidInput:
        return None


def networks(layout: Layout) -> list[ipaddress.IPv4Network]:
    return [ipaddress.IPv4Network(subnet.cidr) for subnet in layout.subnets]


def fits(request: Request) -> bool:
    """Tell by counting alone whether blocks of these sizes can lie in these ranges, which are aligned and apart."""
    whole = [ipaddress.IPv4Network(text).num_addresses for text in (request.cidr, *request.extra_cidrs)]
    sizes = [one.size for one in wanted_subnets(request)]
    return all(
        sum(one for one in sizes if one >= size) <= sum(one // size * size for one in whole) for size in set(sizes)
    )


@settings(max_examples=CASES, deadline=None)
@given(requests())
def test_no_two_subnets_share_an_address_and_all_lie_inside(request: Request) -> None:
    layout = laid_out(request)
    if layout is None:
        return
    placed = networks(layout)
    whole = [ipaddress.IPv4Network(text) for text in (request.cidr, *request.extra_cidrs)]
    assert not any(one.overlaps(two) for n, one in enumerate(placed) for two in placed[n + 1 :])
    assert all(any(one.subnet_of(area) for area in whole) for one in placed)
    used = placed + [ipaddress.IPv4Network(text) for text in layout.free]
    assert sum(one.num_addresses for one in used) == sum(area.num_addresses for area in whole)


@settings(max_examples=CASES, deadline=None)
@given(requests())
def test_nothing_is_refused_that_fits(request: Request) -> None:
    assert (laid_out(request) is not None) == fits(request)


@settings(max_examples=CASES, deadline=None)
@given(requests())
def test_the_layout_carries_what_was_asked(request: Request) -> None:
    layout = laid_out(request)
    if layout is not None:
        assert layout.described(request.capacity)["max_nodes"] >= request.capacity.max_nodes


@settings(max_examples=CASES, deadline=None)
@given(requests())
def test_adding_a_zone_moves_nothing(request: Request) -> None:
    before = laid_out(request)
    if before is None:
        return
    pins = tuple(Pin(one.name, one.role, one.zone, one.cidr) for one in before.subnets)
    more = dataclasses.replace(request, zones=(*request.zones, "e"), pins=pins)
    after = laid_out(more)
    if after is not None:
        kept = {one.name: one.cidr for one in after.subnets}
        assert {one.name: one.cidr for one in before.subnets}.items() <= kept.items()


@settings(max_examples=CASES, deadline=None)
@given(requests())
def test_what_exists_is_planned_again_as_it_is(request: Request) -> None:
    before = laid_out(request)
    if before is not None:
        pins = tuple(Pin(one.name, one.role, one.zone, one.cidr) for one in before.subnets)
        again = plan_addresses(dataclasses.replace(request, pins=pins))
        assert [one.cidr for one in again.subnets] == [one.cidr for one in before.subnets]


@pytest.mark.prove
@settings(max_examples=5000, deadline=None)
@given(requests())
def test_five_thousand_networks_keep_every_promise(request: Request) -> None:
    for promise in PROMISES:
        promise.hypothesis.inner_test(request)  # type: ignore[attr-defined]


PROMISES = (
    test_no_two_subnets_share_an_address_and_all_lie_inside,
    test_nothing_is_refused_that_fits,
    test_the_layout_carries_what_was_asked,
    test_adding_a_zone_moves_nothing,
)
