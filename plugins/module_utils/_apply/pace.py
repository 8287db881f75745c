# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests are under way at once: all threads slow down when the server says that it is overloaded."""

from __future__ import annotations

import contextlib
import threading
import typing as t

from .._common.clock import Clock, Deadline

LEAST = 1.0


class Pace:
    """A gate that all threads of a client pass: additive increase, multiplicative decrease.

    The limit starts at its ``most``. Each overload that a request meets halves it, but only once for all requests
    that were under way together; each success raises it by one part of itself, so by about one a round.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self._most, self._clock = float(most), clock
        self._limit = float(most)
        self._changed = threading.Condition()
        self._busy = 0
        self._round = 0
        self._hold = float("-inf")

    @property
    def limit(self) -> int:
        return int(self._limit)

    @contextlib.contextmanager
    def turn(self, deadline: Deadline) -> t.Iterator[int]:
        """Wait for a place, and for the end of a pause that the server asked for; yield the number of the round."""
        pause = self._hold - self._clock.now()
        if pause > 0:
            deadline.sleep(pause)
        with self._changed:
            while self._busy >= self.limit and not deadline.expired():
                self._changed.wait(1.0)
            self._busy += 1
            number = self._round
        try:
            yield number
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify()

    def overloaded(self, number: int, pause: float) -> None:
        """Halve the limit unless another request of the same round did; nobody sends for ``pause`` seconds."""
        with self._changed:
            self._hold = max(self._hold, self._clock.now() + pause)
            if number == self._round:
                self._round += 1
                self._limit = max(LEAST, self._limit / 2)

    def passed(self) -> None:
        if self._limit < self._most:
            with self._changed:
                self._limit = min(self._most, self._limit + 1 / self._limit)
                self._changed.notify()
