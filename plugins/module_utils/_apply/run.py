# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of the engine: what it was asked, what it has learnt so far, and what it tells at the end."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._common.clock import Clock, Deadline
from .._common.credentials import CredentialSource
from .._common.errors import InvalidInput, PlatformError
from .._common.progress import Progress
from . import record, report, yields
from .apply import Hands
from .delete import Victim
from .http import THREADS, Client
from .lease import TTL, Lock, released_at_the_end
from .migrate import MIGRATED, still_there
from .objects import HOME, Desired, Identity, Object, field_manager
from .plan import DriftCheck, OnForeign, Step, objects
from .preflight import Verdict
from .redact import Redactor
from .report import Entry, Watchmaker
from .wait import Waiting, wait_ready

Source = tuple[t.Any, str]
"""An object and where a person finds it."""
State = t.Literal["managed", "external", "absent", "released", "verified"]

STATES: tuple[State, ...] = ("managed", "external", "absent", "released", "verified")
ON_FOREIGN: tuple[OnForeign, ...] = ("fail", "adopt", "yield")


@dataclasses.dataclass(frozen=True)
class SetRequest:
    """One set as a task asks for it. ``wait_timeout`` in seconds, for the whole set; ``threads`` requests at once.

    ``namespace``: where namespaced objects go that name none. ``prune_kinds``: kinds of ``prune.GUARDED`` that may go;
    ``prune_max``: how many objects, None for a share.
    """

    name: str
    objects: t.Sequence[Source] = ()
    state: State = "managed"
    namespace: str = ""
    harden: str = "none"
    on_foreign: OnForeign = "fail"
    wait: bool = True
    wait_timeout: float = 600.0
    threads: int = THREADS
    drift_check: DriftCheck = "ownership"
    recreate: t.Sequence[str] = ()
    migrate_managers: t.Sequence[str] = MIGRATED
    ignore_fields: t.Mapping[str, t.Sequence[str]] = dataclasses.field(default_factory=dict)
    lock_timeout: float = 60.0
    lock_ttl: float = TTL
    prune: bool = True
    prune_kinds: frozenset[str] = frozenset()
    prune_max: int | None = None


MAX_YIELDED = 100
DRIFT_CHECKS: tuple[DriftCheck, ...] = ("ownership", "values", "dry_run")


class Run:
    """One call of ``apply_set``: the rooms beside this one do its work and note here what they find."""

    def __init__(self, request: SetRequest, *, check_mode: bool, diff: bool, progress: Progress, clock: Clock) -> None:
        self.request, self.check_mode, self.diff = request, check_mode, diff
        self.progress, self.clock = progress, clock
        self.manager = field_manager(request.name)
        self.redactor = Redactor()
        self.watch = Watchmaker(clock)
        self.deadline = Deadline(clock, request.wait_timeout)
        self.steps: tuple[Step, ...] = ()
        self.verdicts: dict[Identity, Verdict] = {}
        self.known: dict[Identity, Object] = {}
        self.left: list[Victim] = []
        self.gone: dict[Identity, Object] = {}
        self.refiled = False
        self.lock: Lock | None = None
        self.warnings: list[str] = []

    def client(self, credentials: CredentialSource) -> Client:
        """Return a way in; what has to be asked again shares the set's own time."""
        request = self.request
        return Client(credentials, clock=self.clock, agent=self.manager, budget=self.deadline, threads=request.threads)

    @contextlib.contextmanager
    def locked(self, client: Client, seen: int = 0) -> t.Iterator[bool]:
        """Hold the set's lease; yield whether the cluster has to be looked at again, since another run was there."""
        with released_at_the_end(Lock(client, self.request.name, clock=self.clock, ttl=self.request.lock_ttl)) as lock:
            if not lock.acquire(Deadline(self.clock, self.request.lock_timeout), self.progress, seen):
                self.warnings.append(f"not locked: this identity may not keep Leases in namespace {HOME}")
            self.lock = lock
            yield lock.stale

    # Remembering ------------------------------------------------------------------------------------------------

    def note(self, verdict: Verdict) -> None:
        self.verdicts[verdict.step.member.identity] = verdict
        report.learn(self.redactor, (verdict.before, verdict.after))

    def changing(self) -> list[Verdict]:
        return [v for step in self.steps if (v := self.verdicts.get(step.member.identity)) and v.changes]

    def pruned(self) -> list[Victim]:
        """Return what left the set and goes."""
        return [victim for victim in self.left if not victim.kept]

    def forget(self) -> None:
        """Start over: what was decided is out of date."""
        self.steps, self.left, self.refiled = (), [], False
        self.verdicts.clear()
        self.gone.clear()

    def tidy(self, client: Client, whole: bool) -> None:
        """Delete what is kept about a set of which nothing is left."""
        if whole:
            record.erase(client, self.request.name)
            if self.lock is not None:
                self.lock.release(erase=True)

    def still_locked(self) -> None:
        """Raise if this run may not write any more."""
        if self.lock is not None:
            self.lock.check()

    def refuse_differences(self) -> None:
        """Raise if anything is not exactly as desired."""
        rows = [(v.step.label, v.step.reason) for v in self.changing()]
        rows += [(victim.identity.label, "left the set") for victim in self.pruned()]
        if not rows:
            self.refiled = False
            return
        shown = "; ".join(f"{label} {reason}" for label, reason in rows[:8])
        more = f"; and {len(rows) - 8} more" if len(rows) > 8 else ""
        raise PlatformError(
            f"{len(rows)} of {len(self.steps)} objects are not as desired: {shown}{more}.",
            kind="not_converged",
            remedy="Nothing was written. Apply the set with state managed.",
            details={"differ": [{"object": label, "reason": reason} for label, reason in rows[:100]]},
        )

    def half_done(self, error: PlatformError, done: list[Verdict]) -> PlatformError:
        """Add to the error what was written before it."""
        error.details["changed"] = bool(done)
        error.details["objects"] = [report.entry(verdict) for verdict in done][:100]
        reached = {verdict.step.member.identity for verdict in done}
        left = [v.step.label for v in self.changing() if v.step.member.identity not in reached]
        error.details["not_attempted"] = left[:100]
        return error

    # Waiting ----------------------------------------------------------------------------------------------------

    def wait_for(self, hands: Hands, members: list[Desired], grace: float | None = None) -> None:
        waiting = Waiting(members, self.known)
        rest = {} if grace is None else {"grace": grace}
        wait_ready(
            hands.client,
            hands.resources,
            waiting,
            set_name=self.request.name,
            total=len(self.steps),
            deadline=self.deadline,
            progress=self.progress,
            **rest,
        )

    def say_end(self, changed: bool) -> None:
        words = "ready" if self.request.wait and changed else "applied" if changed else "unchanged"
        self.progress.say(words, objects(len(self.steps)), took=self.watch.total())

    # Telling ----------------------------------------------------------------------------------------------------

    def result(self, client: Client | None) -> Entry:
        changing, pruned = self.changing(), self.pruned()
        verdicts = list(self.verdicts.values())
        result: Entry = {
            "changed": bool(changing or pruned or self.refiled),
            "set": self.request.name,
            "state": self.request.state,
            "summary": report.summary(self.steps, verdicts, not self.check_mode) | report.left_summary(self.left),
            "objects": [self._entry(verdict) for verdict in changing] + [report.pruned(victim) for victim in pruned],
            "timing": self.watch.rounded(),
            "requests": dict(client.requests) if client else {},
        }
        yielded = [{"object": s.label, "owner": s.reason} for s in self.steps if s.action == "yield"]
        yielded += yields.shown(step.member for step in self.steps if step.action != "yield")
        if yielded:
            result["yielded"] = yielded[:MAX_YIELDED]
        kept = [victim for victim in self.left if victim.kept]
        if kept:
            result["kept"] = [{"object": victim.identity.label, "reason": victim.kept} for victim in kept]
        if self.warnings:
            result["warnings"] = list(dict.fromkeys(self.warnings))
        if self.diff:
            result["diff"] = [report.difference(verdict) for verdict in changing]
            result["diff"] += [report.loss(victim, self.gone.get(victim.identity)) for victim in pruned]
        return report.shown(result, self.redactor)

    def _entry(self, verdict: Verdict) -> Entry:
        """Return one changed object; of an adopted one also what leaves it, and who else has a say in it."""
        found = report.entry(verdict)
        if verdict.step.adopt and verdict.before is not None:
            rest = still_there(verdict.before, self.request.migrate_managers, self.manager)
            found |= {"dropped": list(verdict.dropped)} if verdict.dropped else {}
            found |= {"other_managers": rest} if rest else {}
        return found

    def redacted(self, error: PlatformError) -> PlatformError:
        """Return the error with every secret value that this run has seen masked."""
        if isinstance(error, InvalidInput):
            return InvalidInput([f"{self.request.name}: {self.redactor.text(text)}" for text in error.problems])
        clean = self.redactor
        return PlatformError(
            f"{self.request.name}: {clean.text(error.message)}",
            kind=error.kind,
            remedy=clean.text(error.remedy),
            code=error.code,
            request_id=error.request_id,
            operation_id=error.operation_id,
            action_id=error.action_id,
            resumable=error.resumable,
            details=clean.clean(error.details),
        )
