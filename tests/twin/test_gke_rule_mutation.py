# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that no test misses is no rule: without it, the test that bears its name must fail."""

from __future__ import annotations

import importlib
import inspect
import typing as t

import pytest
from google.api_core.exceptions import GoogleAPICallError

from drydock.clouds.gke.twin import ALL
from drydock.harbour import Harbour

MODULES = ("tests.twin.test_gke_rules", "tests.twin.test_gke_validity")


def named_after(rule: str) -> t.Callable[[Harbour], None]:
    """Return the one test whose name begins with the rule's id."""
    members = [
        pair for name in MODULES for pair in inspect.getmembers(importlib.import_module(name), inspect.isfunction)
    ]
    found = [function for name, function in members if name.startswith(f"test_{rule}_")]
    assert len(found) == 1, f"rule {rule} has {len(found)} tests named after it; it must have one"
    return found[0]


def test_ids_are_unique_and_sources_named() -> None:
    assert len({row.id for row in ALL}) == len(ALL)
    assert all(row.source and row.promise for row in ALL)


@pytest.mark.parametrize("rule", [row.id for row in ALL])
def test_each_rule_has_a_test(rule: str) -> None:
    assert callable(named_after(rule))


@pytest.mark.prove
@pytest.mark.parametrize("rule", [row.id for row in ALL])
def test_the_test_of_a_rule_fails_without_it(harbour: Harbour, rule: str) -> None:
    test = named_after(rule)
    test(harbour)
    harbour.reset()
    harbour.google.without(rule)
    with pytest.raises((AssertionError, pytest.fail.Exception, GoogleAPICallError)):
        test(harbour)
