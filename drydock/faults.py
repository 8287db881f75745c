# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults injected by rule: which request, before or after its commit, and what then happens."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import os
import signal
import threading
import typing as t

from .errors import DrydockError

Phase = t.Literal["before", "after"]
# answer: an error of the given code and status; throttle, stale: what rules E20 (G4) and E14 say;
# fail: what was accepted ends Failed, with ``code`` among its errors (rules E15, G1);
# unknown_role: IAM has not told the service yet (rule E16);
# upgrade: the cloud upgrades the cluster on its own before it answers (rule G6 of GKE);
# reset: the connection breaks; kill: SIGKILL to the process ``pid`` (a client that a test started), whose connection
# then breaks as well. Before the commit, a request that is hit changes nothing.
EFFECTS = ("answer", "throttle", "stale", "fail", "unknown_role", "upgrade", "reset", "kill")
GENERIC = ("answer", "reset", "kill")
"""Effects that any door applies, whatever the service behind it."""


class Told(t.Protocol):
    """What comes of a request."""

    @property
    def wrote(self) -> bool: ...


ToldT = t.TypeVar("ToldT", bound=Told)


@dataclasses.dataclass
class Fault:
    """Hits the ``nth`` matching request (1 is the next one) and the ``times - 1`` after it."""

    effect: str
    operation: str = "*"
    service: str = "*"
    phase: Phase = "before"
    nth: int = 1
    times: int = 1
    status: int = 500
    code: str = "ServerException"
    message: str = "injected by drydock"
    pid: int = 0
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise DrydockError(f"fault effect {self.effect!r} is unknown; choose one of {', '.join(EFFECTS)}")
        if self.phase not in ("before", "after"):
            raise DrydockError(f"fault phase {self.phase!r} is unknown; choose before or after")

    @property
    def breaks(self) -> bool:
        """Tell whether the client gets no answer."""
        return self.effect in ("reset", "kill")

    def strike(self) -> None:
        """End the client that a test named, if this is such a fault, as a machine failure would."""
        if self.effect == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def matches(self, service: str, operation: str) -> bool:
        return fnmatch.fnmatchcase(service, self.service) and fnmatch.fnmatchcase(operation, self.operation)


def fault_from(document: t.Mapping[str, t.Any]) -> Fault:
    """Return the fault that a JSON document describes; raise DrydockError for anything it does not know."""
    known = {f.name for f in dataclasses.fields(Fault)} - {"seen", "hits"}
    unknown = sorted(set(document) - known)
    if unknown or "effect" not in document:
        raise DrydockError(
            f"a fault has the fields {', '.join(sorted(known))}; unknown or missing: {unknown or 'effect'}"
        )
    return Fault(**document)


class Faults:
    """The list of faults still to come. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._list: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._list.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._list.clear()

    def listed(self) -> list[dict[str, t.Any]]:
        with self._lock:
            return [dataclasses.asdict(fault) for fault in self._list]

    def take(self, service: str, operation: str, effects: t.Collection[str], phase: Phase = "before") -> Fault | None:
        """Count this request against every matching fault and return the first that hits it."""
        with self._lock:
            hit = None
            for fault in self._list:
                if fault.effect in effects and fault.phase == phase and fault.matches(service, operation):
                    fault.seen += 1
                    if hit is None and fault.nth <= fault.seen < fault.nth + fault.times:
                        fault.hits += 1
                        hit = fault
            return hit

    def around(
        self, service: str, operation: str, work: t.Callable[[], ToldT], struck: t.Callable[[Fault, bool], ToldT]
    ) -> ToldT:
        """Do the work of a request, unless a fault hits before it; one that hits after it takes the answer.

        ``struck`` says a fault in the words of the service, given whether something was written.
        """
        before = self.take(service, operation, GENERIC)
        if before is not None:
            before.strike()
            return struck(before, False)
        answer = work()
        after = self.take(service, operation, GENERIC, "after")
        if after is None:
            return answer
        after.strike()
        return struck(after, answer.wrote)
