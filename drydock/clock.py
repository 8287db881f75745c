# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cloud time: seconds as the cloud's slow operations count them. Real time is never asked for here twice."""

from __future__ import annotations

import threading
import time
import typing as t

from .errors import DrydockError


class CloudClock(t.Protocol):
    """``now`` in cloud seconds; ``tick`` is called once per request to a twin.

    ``waits`` says what a transition that needs a real process does: True blocks the request that
    finds it due (tests, whose time does not pass by itself), False leaves it pending (people's time).
    """

    name: str
    waits: bool

    def now(self) -> float: ...

    def tick(self) -> None: ...

    def advance(self, seconds: float) -> None: ...


class SteppedClock:
    """Time passes by ``step`` seconds with each request and by ``advance``, never by itself."""

    name = "instant"
    waits = True

    def __init__(self, step: float = 60.0) -> None:
        self.step = step
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def tick(self) -> None:
        self.advance(self.step)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


class DemoClock:
    """Real time, ``rate`` times as fast: a ten-minute control plane takes ten seconds."""

    name = "demo"
    waits = False

    def __init__(self, rate: float = 60.0) -> None:
        self.rate = rate
        self._origin = time.monotonic()
        self._skipped = 0.0

    def now(self) -> float:
        return (time.monotonic() - self._origin) * self.rate + self._skipped

    def tick(self) -> None:
        return

    def advance(self, seconds: float) -> None:
        self._skipped += seconds


CLOCKS: dict[str, t.Callable[[], CloudClock]] = {"demo": DemoClock, "instant": SteppedClock}


def clock_named(name: str) -> CloudClock:
    if name not in CLOCKS:
        raise DrydockError(f"clock {name!r} is unknown; choose one of {', '.join(sorted(CLOCKS))}")
    return CLOCKS[name]()
