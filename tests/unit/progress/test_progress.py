# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Few lines, each worth reading."""

from __future__ import annotations

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import Deadline
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress, duration


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def told(*moments: tuple[float, str], verbose: bool = False) -> list[str]:
    """Return the lines of a wait that sees these texts at these seconds."""
    lines: list[str] = []
    clock = Hand()
    progress = Progress("eks/demo", lines.append, verbose=verbose, clock=clock)
    deadline = Deadline(clock, 600)
    for second, text in moments:
        clock.time = second
        progress.waiting("CREATING", text, deadline)
    return [line.split()[2] for line in lines]


def test_first_wait_is_told_at_once() -> None:
    assert told((0, "a")) == ["a"]


def test_a_change_is_told_once_the_last_line_could_be_read() -> None:
    assert told((0, "a"), (1, "b"), (1.5, "c"), (2.5, "d")) == ["a", "d"]


def test_what_does_not_change_is_told_once_a_minute() -> None:
    assert told(*((second, "a") for second in range(0, 130, 10))) == ["a", "a", "a"]


def test_verbose_tells_each_poll() -> None:
    assert told((0, "a"), (1, "a"), (2, "b"), verbose=True) == ["a", "a", "b"]


def test_columns_are_stable() -> None:
    lines: list[str] = []
    Progress("eks/demo", lines.append, clock=Hand()).say("ACTIVE", "control plane", took=581)
    assert lines == ["  eks/demo        ACTIVE    control plane                            9m41s"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (41, "41s"), (130, "2m10s"), (1800, "30m"), (3900, "1h05m"), (3600, "1h00m")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
