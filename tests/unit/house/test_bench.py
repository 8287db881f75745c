# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench counts fairly: turns are interleaved, the first round is not counted, a ratio is ours over the peer's."""

from __future__ import annotations

from tests.bench.measure import compare, table, take_turns
from tests.bench.reads import longest_chain


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []
    shown: list[str] = []
    medians = take_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3, shown.append)
    assert order == ["a", "b"] * 4
    assert set(medians) == {"a", "b"}
    assert len(shown) == 4


def test_a_ratio_is_ours_over_the_peers() -> None:
    row = compare("layer", "seconds", 3.0, 2.0, "an empty play", 7)
    assert row.ratio == 1.5
    lines = table([row]).splitlines()
    assert lines[0].index("ratio") == lines[1].index("1.5")


def test_chain_counts_what_goes_out_one_after_another() -> None:
    assert longest_chain([(0, 1), (0, 1), (1, 2), (1.5, 2.5)]) == 2
    assert longest_chain([(0, 1), (1, 2), (2, 3)]) == 3
    assert longest_chain([]) == 0
