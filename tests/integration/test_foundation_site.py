# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an account that holds nothing to a platform, and back to the very same account."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.harbours import Demo, start

pytestmark = [pytest.mark.prove, pytest.mark.control_planes, pytest.mark.xdist_group("foundation-site")]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Demo]:
    demo = start(tmp_path_factory.mktemp("empty") / "harbour", "demo", "--empty")
    yield demo
    demo.drydock("down")


def test_an_empty_account_is_planned_whole_made_found_again_and_left_as_it_was(account: Demo) -> None:
    before, mark = account.drydock("digest"), account.mark()
    checked = account.play("site.yml", "--check").passed()
    assert account.writes(mark) == []
    for planned in ("network/demo    plan", "identity/demo   plan", "eks/demo        plan      create control plane"):
        assert planned in checked.output
    made = account.play().passed()
    assert made.changed == checked.changed
    mark = account.mark()
    again = account.play().passed()
    assert again.changed == 0
    assert account.writes(mark) == []
    confirmed = ("-e", "destroy_confirm=demo")
    account.play("playbooks/destroy.yml", *confirmed).passed()
    assert account.drydock("digest") == before


def test_destroying_needs_the_name_typed(account: Demo) -> None:
    assert "demo is not destroyed: no destroy_confirm was given" in account.play("playbooks/destroy.yml").refused()


def test_a_misspelled_option_of_the_network_is_refused_before_any_write(account: Demo) -> None:
    mark = account.mark()
    wrong = '{"foundation_network": {"cidr": "10.30.0.0/16", "natt": "none"}}'
    said = account.play("playbooks/foundation.yml", "-e", wrong).refused()
    assert "natt is not an option (did you mean nat?)" in said
    assert account.writes(mark) == []


def test_the_variant_that_names_what_exists_needs_no_foundation(tmp_path_factory: pytest.TempPathFactory) -> None:
    demo = start(tmp_path_factory.mktemp("existing") / "harbour")
    try:
        demo.inventory = "inventories/drydock-existing"
        checked = demo.play("site.yml", "--check", "--tags", "foundation,cluster").passed()
        assert "eks/demo        plan      create control plane" in checked.output
        assert "network/demo" not in checked.output
    finally:
        demo.drydock("down")
