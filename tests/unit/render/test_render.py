# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates become objects: the same on every core, with values as they are and faults as one sentence."""

from __future__ import annotations

import typing as t

import pytest

from .cases import CASES, SPEED, Case

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_rendering(case: Case, outcomes: dict[str, dict[str, t.Any]]) -> None:
    outcome = outcomes[case.name]
    text = "\n".join(outcome["problems"])
    assert bool(outcome["problems"]) == bool(case.problems), text
    assert all(piece in text for piece in case.problems), text
    if case.problems:
        return
    assert outcome["objects"] == list(case.objects)
    assert outcome["plain"], "a tagged or lazy value came out"
    if case.sources:
        assert outcome["sources"] == list(case.sources)


def test_problems_are_one_line_each_and_show_no_value(outcomes: dict[str, dict[str, t.Any]]) -> None:
    for case in CASES:
        for problem in outcomes[case.name]["problems"]:
            assert "\n" not in problem
            assert "Traceback" not in problem
            assert "secret-value" not in problem


def test_the_run_is_free_of_warnings(outcomes: dict[str, dict[str, t.Any]]) -> None:
    text = outcomes["output"]["text"]
    assert "[DEPRECATION" not in text
    assert "[WARNING" not in text


def test_fifteen_templates_render_in_a_moment(outcomes: dict[str, dict[str, t.Any]], core: str) -> None:
    outcome = outcomes[SPEED.name]
    assert len(outcome["objects"]) == 45
    assert outcome["plain"]
    print(f"{core}: 15 templates, 45 objects: {outcome['milliseconds']:.0f} ms")
    assert outcome["milliseconds"] < 2000
