# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe, plan, execute, and again until there is nothing left to do. Cloud-neutral, for any kind of document."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ..._common.clock import Clock, Deadline, backoff
from ..._common.errors import PlatformError
from ..._common.progress import Progress
from .actions import Plan, plan_id, render
from .execute import Execution, Outcome, Performer
from .wait import Pace, Retries

Result = dict[str, t.Any]
Seen = t.TypeVar("Seen")
SAME_PLAN_TIMES = 5
"""How often the same action may come back after it succeeded (a stale read) before it is called not converged."""
CONFLICT_TIMES = 10
"""How often in a row a request may meet a conflict that no observation explains."""


class Driver(Performer, t.Protocol):
    retries: Retries

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        """Check who we are, before anything else is read. Raises PlatformError, kind "wrong_account"."""


class Case(t.Protocol[Seen]):
    """One document to converge: how it is read, what is to be done, and what is told of it."""

    @property
    def driver(self) -> Driver: ...

    @property
    def terms(self) -> Terms: ...

    def observe(self, suspicious: bool) -> Seen: ...

    def plan(self, seen: Seen) -> Plan: ...

    def summary(self, plan: Plan) -> str: ...

    def told(self, first: Seen, last: Seen) -> Result:
        """Return the part of the result that is the document's own."""


@dataclasses.dataclass(frozen=True)
class Terms:
    """How long, how often. ``subject`` is what people call the document; ``idle`` its state when nothing is to do."""

    subject: str
    thing: str
    idle: str
    wait: bool = True
    wait_timeout: float = 3600.0
    poll_interval: float | None = None
    first_pause: float = Pace.FIRST


def converge(case: Case[Seen], *, check_mode: bool, progress: Progress, clock: Clock) -> Result:
    """Bring what the case describes to the desired state; return the uniform result. Check mode only reads and plans.

    Raises PlatformError; its details then hold ``changed`` and the ``actions`` so far.
    """
    run = Convergence(case, progress, Deadline(clock, case.terms.wait_timeout))
    try:
        return run.converge(check_mode)
    except PlatformError as error:
        error.details.setdefault("changed", run.wrote())
        error.details.setdefault("actions", [record.public() for record in run.outcome.records])
        raise


class Convergence(t.Generic[Seen]):
    def __init__(self, case: Case[Seen], progress: Progress, deadline: Deadline) -> None:
        self.case = case
        self.terms = case.terms
        self.progress = progress
        self.deadline = deadline
        self.outcome = Outcome()
        self.repeats: collections.Counter[str] = collections.Counter()
        self.conflicts = 0

    def wrote(self) -> bool:
        return any(record.action.verb != "wait" for record in self.outcome.records)

    def converge(self, check_mode: bool) -> Result:
        self.case.driver.begin(self.deadline, self.progress)
        first = self.case.observe(False)
        plan = self.case.plan(first)
        self._announce(plan)
        last, left = first, plan
        if plan and not check_mode:
            last, left = self._until_done(first, plan) if self.terms.wait else self._start_only(first, plan)
        changed = self.wrote() if not check_mode else any(action.verb != "wait" for action in plan)
        return self._result(first, last, plan, () if check_mode else left, changed)

    def _announce(self, plan: Plan) -> None:
        if plan:
            self.progress.say("plan", self.case.summary(plan))
        else:
            self.progress.say(self.terms.idle, "nothing to do")

    def _until_done(self, seen: Seen, plan: Plan) -> tuple[Seen, Plan]:
        while plan:
            self._pass(plan)
            seen = self.case.observe(self.outcome.conflict is not None)
            plan = self.case.plan(seen)
            self._guard_repeats(plan)
        return seen, plan

    def _pass(self, plan: Plan) -> None:
        """Perform one pass. What was adopted is waited for alone: the plan after it may be another one."""
        waits = tuple(action for action in plan if action.verb == "wait")
        self.outcome.conflict = None
        pace = Pace(self.terms.poll_interval, self.terms.first_pause)
        Execution(waits or plan, self.case.driver, self.deadline, self.progress, pace, self.outcome).run()
        if self.outcome.errors:
            raise together(self.outcome.errors)
        self._after_conflict()

    def _after_conflict(self) -> None:
        """Give another writer time; then the new plan shows what it did, or waits for what it does."""
        conflict = self.outcome.conflict
        if conflict is None:
            self.conflicts = 0
            return
        self.conflicts += 1
        if self.deadline.expired() or self.conflicts > CONFLICT_TIMES:
            raise conflict
        self.progress.waiting("WAITING", "for a change that another run has started", self.deadline)
        self.deadline.sleep(backoff(self.conflicts, base=0.5, cap=15.0))
        self.case.driver.retries.conflict += 1

    def _guard_repeats(self, plan: Plan) -> None:
        """Stop when an action that succeeded keeps coming back: a read may be stale for a while, not for ever."""
        done = {record.action.id for record in self.outcome.records if record.result == "done"}
        again = [action for action in plan if action.id in done and action.verb != "wait"]
        for action in again:
            self.repeats[action.id] += 1
            if self.repeats[action.id] >= SAME_PLAN_TIMES or self.deadline.expired():
                raise PlatformError(
                    f"{self.terms.subject}: {action.target} {action.path} was changed and accepted, "
                    f"but still reads {dict(action.before)}.",
                    kind="not_converged",
                    remedy=f"Look for another writer of this {self.terms.thing}, then run again.",
                    action_id=action.id,
                )
        if again:
            self.deadline.sleep(backoff(self.repeats[again[0].id], base=1.0, cap=10.0))

    def _start_only(self, seen: Seen, plan: Plan) -> tuple[Seen, Plan]:
        """Start what can start without waiting for anything; the rest is pending."""
        Execution(plan, self.case.driver, self.deadline, self.progress, Pace(), self.outcome).start()
        if self.outcome.errors:
            raise together(self.outcome.errors)
        begun = {record.action.id for record in self.outcome.records}
        return seen, tuple(action for action in plan if action.id not in begun)

    def _result(self, first: Seen, last: Seen, plan: Plan, left: Plan, changed: bool) -> Result:
        running = [record for record in self.outcome.records if record.handle and record.result == "running"]
        return {
            "changed": changed,
            "plan": [action.public() for action in plan],
            "plan_id": plan_id(plan),
            "plan_text": render(plan),
            "actions": [record.public() for record in self.outcome.records],
            "operations": [dataclasses.asdict(record.handle) for record in running if record.handle],
            "pending": [action.public() for action in left],
            "retries": self.case.driver.retries.as_result(),
            **self.case.told(first, last),
        }


def together(errors: t.Sequence[PlatformError]) -> PlatformError:
    """Return one error for all; the first gives kind and codes."""
    if len(errors) == 1:
        return errors[0]
    first = errors[0]
    return PlatformError(
        " ".join(error.message for error in errors),
        kind=first.kind,
        remedy=first.remedy,
        code=first.code,
        request_id=first.request_id,
        action_id=first.action_id,
        details={"errors": [error.as_failure() for error in errors]},
    )
