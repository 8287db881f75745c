# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to pause, and what is worth another try."""

from __future__ import annotations

import dataclasses
import random
import typing as t

from ..._common.clock import Deadline, backoff
from ..._common.errors import PlatformError

T = t.TypeVar("T")

UNREACHABLE_TRIES = 4
PROPAGATION_SECONDS = 120.0
"""How long a new IAM role may stay unknown to another service before that is taken for a refusal."""


class Pace:
    """Pauses between two looks: the given one, or growing from ``first`` to 15 seconds, with jitter."""

    FIRST, LAST, GROWTH = 1.0, 15.0, 1.5

    def __init__(self, fixed: float | None = None, first: float = FIRST) -> None:
        self._fixed = fixed
        self._first = self._next = first

    def reset(self) -> None:
        self._next = self._first

    def pause(self) -> float:
        if self._fixed is not None:
            return self._fixed
        seconds = self._next
        self._next = min(self.LAST, seconds * self.GROWTH)
        return seconds * random.uniform(0.8, 1.0)


@dataclasses.dataclass
class Retries:
    """How often something was tried again, for the result."""

    conflict: int = 0
    throttle: int = 0
    network: int = 0
    propagation: int = 0

    def as_result(self) -> dict[str, int]:
        return dataclasses.asdict(self)


Notice = t.Callable[[PlatformError], None]


def unnoticed(error: PlatformError) -> None:
    """Say nothing about another try."""


def retrying(work: t.Callable[[], T], deadline: Deadline, retries: Retries, notice: Notice = unnoticed) -> T:
    """Return what the work returns; throttles, lost connections and roles that are still spreading are tried again.

    The work must be safe to repeat: a read, or a write that carries its own idempotency token. ``notice`` is told
    of each fault that is worth another try. A pause that the cloud asks for is kept.
    """
    attempt, since = 0, deadline.elapsed()
    while True:
        try:
            return work()
        except PlatformError as error:
            if deadline.expired() or not _worth_another(error, attempt, deadline.elapsed() - since):
                raise
            _count(error, retries)
            notice(error)
            deadline.sleep(error.details.get("retry_after") or backoff(attempt, base=0.5, cap=20.0))
            attempt += 1


def _worth_another(error: PlatformError, attempt: int, spent: float) -> bool:
    if error.details.get("retry") == "propagation":
        return spent < PROPAGATION_SECONDS
    if error.kind == "unreachable":
        return attempt + 1 < UNREACHABLE_TRIES
    return error.kind == "throttled"


def _count(error: PlatformError, retries: Retries) -> None:
    if error.details.get("retry") == "propagation":
        retries.propagation += 1
    elif error.kind == "unreachable":
        retries.network += 1
    else:
        retries.throttle += 1
