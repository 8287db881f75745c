# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule of the gate that no test misses is no rule: without it, the test that bears its name must fail."""

from __future__ import annotations

import inspect
import typing as t

import pytest
from botocore.exceptions import ClientError

from drydock.clouds.aws.gate.gate import ALL
from drydock.harbour import Harbour
from tests.twin import test_gate_rules

IDS = sorted({row.id for row in ALL})


def named_after(rule: str) -> t.Callable[[Harbour], None]:
    members = inspect.getmembers(test_gate_rules, inspect.isfunction)
    found = [function for name, function in members if name.startswith(f"test_{rule.replace('-', '')}_")]
    assert len(found) == 1, f"rule {rule} has {len(found)} tests named after it; it must have one"
    return found[0]


@pytest.mark.parametrize("rule", IDS)
def test_each_rule_of_the_gate_has_a_test_and_a_source(rule: str) -> None:
    assert callable(named_after(rule))
    assert all(row.source and row.promise for row in ALL if row.id == rule)


@pytest.mark.prove
@pytest.mark.parametrize("rule", IDS)
def test_the_test_of_a_rule_of_the_gate_fails_without_it(harbour: Harbour, rule: str) -> None:
    test = named_after(rule)
    test(harbour)
    harbour.reset()
    with pytest.raises((AssertionError, pytest.fail.Exception, ClientError, KeyError)):
        test(harbour.without(rule))
