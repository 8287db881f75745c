# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler of a plan: order, slots, failures, conflicts and time, on a clock that the test owns."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import Action, Handle
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.execute import (
    Execution,
    Look,
    Outcome,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.wait import (
    Pace,
    Retries,
    retrying,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import Deadline
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import Kind, PlatformError
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress


class OwnClock:
    def __init__(self) -> None:
        self.moment = 0.0

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


def action(name: str, group: str = "control plane", after: tuple[str, ...] = (), **more: t.Any) -> Action:
    base = Action(name, "update", group, "x", {}, {"x": 1}, "", group, call="call", after_ids=after, est_seconds=60)
    return dataclasses.replace(base, **more)


@dataclasses.dataclass
class Cloud:
    """Work takes ``seconds``; some is refused, some ends in an error."""

    clock: OwnClock
    seconds: float = 30.0
    refused: dict[str, PlatformError] = dataclasses.field(default_factory=dict)
    failing: dict[str, PlatformError] = dataclasses.field(default_factory=dict)
    log: list[str] = dataclasses.field(default_factory=list)
    until: dict[str, float] = dataclasses.field(default_factory=dict)

    def submit(self, action: Action) -> Handle | None:
        self.log.append(f"start {action.id}")
        if action.id in self.refused:
            raise self.refused[action.id]
        if action.verb == "tag":
            return None
        self.until[action.id] = self.clock.now() + self.seconds
        return Handle("update", action.target, action.id)

    def look(self, handle: Handle) -> Look:
        done = self.clock.now() >= self.until[handle.id]
        if done:
            self.log.append(f"end {handle.id}")
        return Look("Successful" if done else "InProgress", done, self.failing.get(handle.id) if done else None)


def run(cloud: Cloud, *plan: Action, limit: float = 3600.0) -> tuple[Outcome, list[str]]:
    lines: list[str] = []
    outcome = Outcome()
    progress = Progress("eks/prod", lines.append, clock=cloud.clock)
    Execution(plan, cloud, Deadline(cloud.clock, limit), progress, Pace(), outcome).run()
    return outcome, lines


def error(kind: Kind, **more: t.Any) -> PlatformError:
    return PlatformError(f"it is {kind}.", kind=kind, **more)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(OwnClock())


def test_one_slot_holds_one_action_and_pools_go_side_by_side(cloud: Cloud) -> None:
    outcome, _ = run(cloud, action("a"), action("b"), action("p", "pool p", ("a",)), action("q", "pool q", ("a",)))
    assert cloud.log[:2] == ["start a", "end a"]
    assert set(cloud.log[2:5]) == {"start b", "start p", "start q"}
    assert [record.result for record in outcome.records] == ["done"] * 4


def test_what_is_done_at_once_makes_room_at_once(cloud: Cloud) -> None:
    run(cloud, action("tag", verb="tag"), action("a", after=("tag",)))
    assert cloud.log[:2] == ["start tag", "start a"]
    assert cloud.until["a"] == cloud.seconds


def test_failed_action_holds_back_what_follows_and_nothing_else(cloud: Cloud) -> None:
    cloud.failing["p"] = error("capacity")
    outcome, lines = run(cloud, action("p", "pool p"), action("then", "pool p", ("p",)), action("q", "pool q"))
    assert {record.action.id: record.result for record in outcome.records} == {"p": "failed", "q": "done"}
    assert [found.action_id for found in outcome.errors] == ["p"]
    assert any("FAILED" in line and "node pool p" in line for line in lines)


def test_conflict_stops_new_work_and_lets_running_work_end(cloud: Cloud) -> None:
    cloud.refused["b"] = error("conflict")
    outcome, _ = run(cloud, action("a", "pool a"), action("b"), action("c", after=("a",)))
    assert cloud.log == ["start a", "start b", "end a"]
    assert outcome.conflict is not None
    assert outcome.errors == []


def test_time_over_says_what_still_runs_and_how_to_resume(cloud: Cloud) -> None:
    cloud.seconds = 10_000.0
    with pytest.raises(PlatformError) as caught:
        run(cloud, action("a"), limit=60.0)
    assert str(caught.value) == (
        "eks/prod: update a is still running (control plane (x), 1m of 1m); nothing is lost. "
        "Run the same command again to resume."
    )
    assert (caught.value.kind, caught.value.operation_id, caught.value.resumable) == ("timeout", "a", True)


def test_long_wait_is_a_line_a_minute(cloud: Cloud) -> None:
    cloud.seconds = 600.0
    _, lines = run(cloud, action("a", verb="create"))
    assert 8 <= len(lines) <= 12
    assert lines[0].split() == ["eks/prod", "CREATING", "control", "plane", "0s", "/", "1h00m"]
    assert lines[-1].split()[:2] == ["eks/prod", "ACTIVE"]


def test_pauses_grow_from_one_second_to_fifteen() -> None:
    pauses = [Pace() for _ in range(1)][0]
    seen = [pauses.pause() for _ in range(12)]
    assert 0.8 <= seen[0] <= 1.0
    assert 12.0 <= seen[-1] <= 15.0
    assert Pace(0.5).pause() == 0.5


@dataclasses.dataclass
class Flaky:
    failures: list[PlatformError]
    tries: int = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def test_throttled_request_is_repeated_until_answered() -> None:
    retries, work = Retries(), Flaky([error("throttled") for _ in range(6)])
    assert retrying(work, Deadline(OwnClock(), 600.0), retries) == "answer"
    assert (work.tries, retries.throttle) == (7, 6)


def test_throttled_request_gives_up_at_the_deadline() -> None:
    with pytest.raises(PlatformError, match="throttled"):
        retrying(Flaky([error("throttled") for _ in range(1000)]), Deadline(OwnClock(), 60.0), Retries())


def test_lost_connection_is_tried_four_times() -> None:
    work = Flaky([error("unreachable") for _ in range(10)])
    with pytest.raises(PlatformError):
        retrying(work, Deadline(OwnClock(), 600.0), Retries())
    assert work.tries == 4


def test_role_that_is_still_spreading_is_given_two_minutes() -> None:
    clock = OwnClock()
    work = Flaky([error("permission", details={"retry": "propagation"}) for _ in range(1000)])
    with pytest.raises(PlatformError):
        retrying(work, Deadline(clock, 3600.0), Retries())
    assert 100.0 <= clock.moment <= 145.0


@pytest.mark.parametrize("kind", ["permission", "invalid", "conflict", "not_found", "credentials"])
def test_refusal_is_not_repeated(kind: Kind) -> None:
    work = Flaky([error(kind), error(kind)])
    with pytest.raises(PlatformError):
        retrying(work, Deadline(OwnClock(), 600.0), Retries())
    assert work.tries == 1
