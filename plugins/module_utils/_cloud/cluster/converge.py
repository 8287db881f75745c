# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe, plan, execute, and again until there is nothing left to do. Cloud-neutral."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ..._common.clock import Clock, Deadline, backoff
from ..._common.errors import PlatformError
from ..._common.progress import Progress
from ..reconcile.actions import Plan, plan_id, render, summary
from ..reconcile.execute import Execution, Outcome
from ..reconcile.wait import Pace
from .documents import documents
from .driver import ClusterDriver
from .observed import Observed
from .plan import plan as make_plan
from .preflight import drift
from .spec import Spec

Result = dict[str, t.Any]
SAME_PLAN_TIMES = 5
"""How often the same action may come back after it succeeded (a stale read) before it is called not converged."""
CONFLICT_TIMES = 10
"""How often in a row a request may meet a conflict that no observation explains."""


def converge_cluster(
    driver: ClusterDriver, spec: Spec, *, check_mode: bool, progress: Progress, clock: Clock
) -> Result:
    """Bring the cluster to the desired state and return the uniform result. Check mode reads and plans only.

    Raises PlatformError; its details then hold ``changed`` and the ``actions`` so far.
    """
    run = Convergence(driver, spec, progress, Deadline(clock, spec.wait_timeout))
    try:
        return run.converge(check_mode)
    except PlatformError as error:
        error.details.setdefault("changed", run.wrote())
        error.details.setdefault("actions", [record.public() for record in run.outcome.records])
        raise


class Convergence:
    def __init__(self, driver: ClusterDriver, spec: Spec, progress: Progress, deadline: Deadline) -> None:
        self.driver = driver
        self.spec = spec
        self.progress = progress
        self.deadline = deadline
        self.outcome = Outcome()
        self.repeats: collections.Counter[str] = collections.Counter()
        self.conflicts = 0

    def wrote(self) -> bool:
        return any(record.action.verb != "wait" for record in self.outcome.records)

    def converge(self, check_mode: bool) -> Result:
        self.driver.begin(self.deadline, self.progress)
        first = self.driver.observe(self.spec)
        plan = make_plan(self.spec, first)
        self._announce(plan)
        last, left = first, plan
        if plan and not check_mode:
            last, left = self._until_done(first, plan) if self.spec.wait else self._start_only(first, plan)
        changed = self.wrote() if not check_mode else any(action.verb != "wait" for action in plan)
        return self._result(first, last, plan, () if check_mode else left, changed)

    def _announce(self, plan: Plan) -> None:
        if plan:
            self.progress.say("plan", summary(plan))
        else:
            self.progress.say("ABSENT" if self.spec.absent else "ACTIVE", "nothing to do")

    def _until_done(self, observed: Observed, plan: Plan) -> tuple[Observed, Plan]:
        while plan:
            self._pass(plan)
            observed = self.driver.observe(self.spec, suspicious=self.outcome.conflict is not None)
            plan = make_plan(self.spec, observed)
            self._guard_repeats(plan)
        return observed, plan

    def _pass(self, plan: Plan) -> None:
        """Perform one pass. What was adopted is waited for alone: the plan after it may be another one."""
        waits = tuple(action for action in plan if action.verb == "wait")
        self.outcome.conflict = None
        pace = Pace(self.spec.poll_interval, self.spec.cloud.first_pause)
        Execution(waits or plan, self.driver, self.deadline, self.progress, pace, self.outcome).run()
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
        self.driver.retries.conflict += 1

    def _guard_repeats(self, plan: Plan) -> None:
        """Stop when an action that succeeded keeps coming back: a read may be stale for a while, not for ever."""
        done = {record.action.id for record in self.outcome.records if record.result == "done"}
        again = [action for action in plan if action.id in done and action.verb != "wait"]
        for action in again:
            self.repeats[action.id] += 1
            if self.repeats[action.id] >= SAME_PLAN_TIMES or self.deadline.expired():
                raise PlatformError(
                    f"{self.spec.place.subject}: {action.target} {action.path} was changed and accepted, "
                    f"but still reads {dict(action.before)}.",
                    kind="not_converged",
                    remedy="Look for another writer of this cluster, then run again.",
                    action_id=action.id,
                )
        if again:
            self.deadline.sleep(backoff(self.repeats[again[0].id], base=1.0, cap=10.0))

    def _start_only(self, observed: Observed, plan: Plan) -> tuple[Observed, Plan]:
        """Start what can start without waiting for anything; the rest is pending."""
        Execution(plan, self.driver, self.deadline, self.progress, Pace(), self.outcome).start()
        if self.outcome.errors:
            raise together(self.outcome.errors)
        begun = {record.action.id for record in self.outcome.records}
        return observed, tuple(action for action in plan if action.id not in begun)

    def _result(self, first: Observed, last: Observed, plan: Plan, left: Plan, changed: bool) -> Result:
        running = [record for record in self.outcome.records if record.handle and record.result == "running"]
        return {
            "changed": changed,
            "cluster": self.spec.cloud.describe(self.spec.place, last),
            "plan": [action.public() for action in plan],
            "plan_id": plan_id(plan),
            "plan_text": render(plan),
            "actions": [record.public() for record in self.outcome.records],
            "operations": [dataclasses.asdict(record.handle) for record in running if record.handle],
            "pending": [action.public() for action in left],
            "diff": documents(self.spec, first),
            "drift": [item.public() for item in drift(self.spec, first)],
            "warnings": warnings(self.spec, last),
            "retries": self.driver.retries.as_result(),
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


def warnings(spec: Spec, observed: Observed) -> list[str]:
    said = [f"{spec.place.subject}: {name} could not be read for want of a permission" for name in observed.unknown]
    for name, pool in sorted(observed.pools.items()):
        if spec.cloud.state(pool) == "degraded":
            issues = spec.cloud.issues(pool)
            why = "; ".join(f"{issue['code']}: {issue['message']}" for issue in issues)
            said.append(f"{spec.place.subject}: node pool {name} is {pool['status']} ({why or 'no reason given'})")
    return sorted(said)
