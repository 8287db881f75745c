# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Perform a plan: start what may start, look at what runs, until nothing does. Cloud-neutral."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.clock import Deadline
from ..._common.errors import PlatformError
from ..._common.progress import Progress, duration
from .actions import Action, Handle, Plan, topics
from .order import ready
from .wait import Pace


@dataclasses.dataclass(frozen=True)
class Look:
    """What a look at running work saw: the vendor's own status, and the error it ended in if it did."""

    status: str
    done: bool
    error: PlatformError | None = None


class Performer(t.Protocol):
    """The verbs of one cloud."""

    def submit(self, action: Action) -> Handle | None:
        """Start an action; None if it is done at once. Raises PlatformError, kind "conflict" if another is running."""

    def look(self, handle: Handle) -> Look: ...


@dataclasses.dataclass
class Record:
    """One action as it went; times are seconds since the run began."""

    action: Action
    handle: Handle | None
    started: float
    finished: float | None = None
    result: str = "running"

    def public(self) -> dict[str, t.Any]:
        return {
            **self.action.public(),
            "operation_id": self.handle.id if self.handle else "",
            "started": round(self.started, 1),
            "finished": None if self.finished is None else round(self.finished, 1),
            "result": self.result,
        }


@dataclasses.dataclass
class Outcome:
    records: list[Record] = dataclasses.field(default_factory=list)
    errors: list[PlatformError] = dataclasses.field(default_factory=list)
    conflict: PlatformError | None = None


class Execution:
    """One pass over a plan. A failed action holds back what comes after it, and nothing else."""

    def __init__(
        self, plan: Plan, performer: Performer, deadline: Deadline, progress: Progress, pace: Pace, outcome: Outcome
    ) -> None:
        self.plan = plan
        self.performer = performer
        self.deadline = deadline
        self.progress = progress
        self.pace = pace
        self.outcome = outcome
        self.running: list[Record] = []
        self.started: set[str] = set()
        self.done: set[str] = set()

    def run(self) -> None:
        """Return when nothing runs any more. Raises PlatformError, kind "timeout", when the time is over."""
        self.start()
        while self.running:
            self._look_at_all()
            self.start()
            if self.running:
                self._pause()

    def start(self) -> None:
        """Start everything that can start now; what is done at once makes room for the next."""
        while self.outcome.conflict is None:
            actions = ready(self.plan, self.done, self.started, {record.action.group for record in self.running})
            if not actions:
                return
            for action in actions:
                self._start(action)

    def _start(self, action: Action) -> None:
        self.started.add(action.id)
        try:
            handle = self.performer.submit(action)
        except PlatformError as error:
            self._refused(action, error)
            return
        record = Record(action, handle, self.deadline.elapsed())
        self.outcome.records.append(record)
        if handle is None:
            self._finish(record, "done")
        else:
            self.running.append(record)
            self.pace.reset()

    def _refused(self, action: Action, error: PlatformError) -> None:
        if error.kind == "conflict":
            self.outcome.conflict = error
        else:
            error.action_id = action.id
            self.outcome.errors.append(error)

    def _look_at_all(self) -> None:
        for record in list(self.running):
            look = self.performer.look(t.cast(Handle, record.handle))
            if look.done:
                self.running.remove(record)
                self._ended(record, look)

    def _ended(self, record: Record, look: Look) -> None:
        took = self.deadline.elapsed() - record.started
        if look.error is None:
            self._finish(record, "done")
            self.progress.say(ENDED.get(record.action.verb, "ACTIVE"), text([record.action]), took=took)
            return
        record.finished, record.result = self.deadline.elapsed(), "failed"
        look.error.action_id = record.action.id
        self.outcome.errors.append(look.error)
        self.progress.say("FAILED", text([record.action]), took=took)

    def _finish(self, record: Record, result: str) -> None:
        record.finished, record.result = self.deadline.elapsed(), result
        self.done.add(record.action.id)

    def _pause(self) -> None:
        actions = [record.action for record in self.running]
        if self.deadline.expired():
            raise still_running(self.progress.subject, self.running, self.deadline)
        self.progress.waiting(STATES[actions[0].verb], text(actions), self.deadline)
        self.deadline.sleep(self.pace.pause())


STATES = {"wait": "WAITING", "create": "CREATING", "update": "UPDATING", "tag": "UPDATING", "delete": "DELETING"}
ENDED = {"delete": "DELETED"}


def text(actions: t.Sequence[Action]) -> str:
    """Return what is being worked on: "control plane version 1.36", "node pools general, system"."""
    pools = sorted({action.target.removeprefix("pool ") for action in actions if action.target.startswith("pool ")})
    of_pools = [action for action in actions if action.target.startswith("pool ")]
    texts = [f"{action.target}{_change([action])}" for action in actions if action not in of_pools]
    if pools:
        texts.append(f"node pool{'s' if len(pools) > 1 else ''} {', '.join(pools)}{_change(of_pools)}")
    return ", ".join(texts)


def _change(actions: t.Sequence[Action]) -> str:
    """Return what updates change: " version 1.36", " (labels, size)"; nothing for other verbs."""
    if any(action.verb != "update" for action in actions):
        return ""
    versions = {action.after.get("version") for action in actions}
    only = versions.pop() if len(versions) == 1 else None
    return f" version {only}" if only else f" ({', '.join(topics(actions))})"


def still_running(subject: str, records: t.Sequence[Record], deadline: Deadline) -> PlatformError:
    first = records[0]
    handle = t.cast(Handle, first.handle)
    others = f" and {len(records) - 1} more" if len(records) > 1 else ""
    return PlatformError(
        f"{subject}: {handle.name} is still running{others} ({text([first.action])}, "
        f"{duration(deadline.elapsed() - first.started)} of {duration(deadline.seconds)}); nothing is lost.",
        kind="timeout",
        remedy="Run the same command again to resume.",
        operation_id=handle.id,
        action_id=first.action.id,
        resumable=True,
    )
