# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as a parameter: nothing in the wings reads a clock or sleeps on its own."""

from __future__ import annotations

import random
import time
import typing as t


class Clock(t.Protocol):
    """Monotonic seconds, and a way to let them pass."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline:
    """A budget of seconds that all steps of one piece of work share."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self.started = clock.now()

    def elapsed(self) -> float:
        return self.clock.now() - self.started

    def remaining(self) -> float:
        return max(0.0, self.seconds - self.elapsed())

    def expired(self) -> bool:
        return self.remaining() <= 0.0

    def sleep(self, seconds: float) -> None:
        """Sleep, but never past the end of the budget."""
        self.clock.sleep(min(seconds, self.remaining()))


def backoff(attempt: int, *, base: float = 0.2, cap: float = 10.0) -> float:
    """Return the pause before retry number ``attempt`` (from 0): exponential, jittered by half."""
    pause = min(cap, base * 2.0**attempt)
    return pause * random.uniform(0.5, 1.0)
