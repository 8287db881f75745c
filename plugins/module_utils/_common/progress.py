# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Few lines, each worth reading: one on a change of state, else one a minute."""

from __future__ import annotations

import typing as t

from .clock import Clock, Deadline, SystemClock

Emit = t.Callable[[str], None]


def duration(seconds: float) -> str:
    """Return seconds as people say them: 41s, 2m10s, 30m, 1h05m."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    if minutes:
        return f"{minutes}m{left:02d}s" if left else f"{minutes}m"
    return f"{left}s"


class Progress:
    """Lines about one subject ("eks/prod-eu-1", "monitoring").

    ``emit`` shows one line at once; ``verbose`` shows the polls in between (``-v``). Columns are stable,
    so that a log of them can be read by a program: subject, state, text, elapsed / limit.
    """

    EVERY = 60.0
    """Seconds between two lines while nothing changes."""
    PAUSE = 2.0
    """Seconds that a line stands before the next change replaces it: what settles at once is not worth reading."""

    def __init__(self, subject: str, emit: Emit, *, verbose: bool = False, clock: Clock | None = None) -> None:
        self.subject = subject
        self._emit = emit
        self._verbose = verbose
        self._clock = clock or SystemClock()
        self._last: tuple[str, str] | None = None
        self._said = self._clock.now()
        self._waited = False

    def say(self, state: str, text: str, *, took: float | None = None) -> None:
        """Emit one line now; ``took`` seconds stand at its end."""
        self._waited = False
        self._last = (state, text)
        self._said = self._clock.now()
        self._write(state, text, duration(took) if took is not None else "")

    def waiting(self, state: str, text: str, deadline: Deadline) -> None:
        """Emit a line if state or text changed, if a minute has passed, or at every call when verbose."""
        quiet = self.EVERY if (state, text) == self._last else self.PAUSE
        if self._waited and self._clock.now() - self._said < quiet and not self._verbose:
            return
        self._waited = True
        self._last = (state, text)
        self._said = self._clock.now()
        self._write(state, text, f"{duration(deadline.elapsed())} / {duration(deadline.seconds)}")

    def _write(self, state: str, text: str, took: str) -> None:
        self._emit(f"  {self.subject:<15} {state:<9} {text:<40} {took}".rstrip())


def silent(subject: str) -> Progress:
    """Return a progress that nobody sees (tests, a module under ``async``)."""
    return Progress(subject, lambda line: None)
