# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed before or after any write, or twice at once: the same end, and nothing twice. One wording for all clouds."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import signal
import threading
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from drydock.clock import SteppedClock
from drydock.faults import Fault
from drydock.harbour import Harbour
from drydock.journal import Filter, Line
from tests.integration.harbours import until
from tests.integration.runners import Impatient, Runner

Json = dict[str, t.Any]
Phase = t.Literal["before", "after"]
Write = tuple[str, str]
"""A service and one of its operations."""


class Ground(t.Protocol):
    """What tests of one cloud stand on: an account, a subscription or a project, and the document of a cluster."""

    cloud: t.ClassVar[str]
    services: t.ClassVar[tuple[str, ...]]
    """Where the writes that count go to, as the journal names it."""
    harbour: Harbour
    document: Json

    def environment(self) -> dict[str, str]: ...

    def fresh(self) -> None:
        """Return to how it was seeded; what was seeded may bear other ids."""

    def end(self) -> t.Any:
        """Return all that it holds, without what is another one each time."""


GroundT = t.TypeVar("GroundT", bound=Ground)


@dataclasses.dataclass(frozen=True)
class Story(t.Generic[GroundT]):
    """What is there, what is then asked for, and in how many writes that is done."""

    wanted: t.Callable[[GroundT], Json]
    writes: int
    there: t.Callable[[GroundT], object] = lambda ground: None


Stories = t.Mapping[str, Story[GroundT]]
Place = tuple[str, int, Phase]


def places(stories: Stories[t.Any]) -> list[Place]:
    """Return every moment at which a run can be killed around a write."""
    phases: tuple[Phase, ...] = ("before", "after")
    counts = {name: range(1, story.writes + 1) for name, story in stories.items()}
    return [(name, nth, phase) for name, numbers in counts.items() for nth in numbers for phase in phases]


@dataclasses.dataclass(frozen=True)
class Undisturbed:
    """What a story comes to where nothing goes wrong."""

    end: t.Any
    writes: tuple[Write, ...]

    def fault(self, nth: int, phase: Phase, pid: int) -> Fault:
        """Return the fault that kills a client around the nth write, which is one of several of its name."""
        service, operation = write = self.writes[nth - 1]
        number = self.writes[:nth].count(write)
        return Fault("kill", service=service, operation=operation, phase=phase, nth=number, pid=pid)


KNOWN: dict[tuple[str, str], Undisturbed] = {}


def undisturbed(ground: GroundT, stories: Stories[GroundT], name: str) -> Undisturbed:
    """Tell a story once in this process, and leave the ground fresh."""
    key = ground.cloud, name
    if key not in KNOWN:
        finish(ground, begin(ground, stories[name]))
        writes = written(ground)
        refused = [line for line in ground.harbour.journal.read() if not line.wrote and named(line) in writes]
        assert refused == [], "a run that nobody disturbs sends nothing that is refused"
        KNOWN[key] = Undisturbed(ground.end(), writes)
        ground.fresh()
    assert len(KNOWN[key].writes) == stories[name].writes, KNOWN[key].writes
    return KNOWN[key]


def begin(ground: GroundT, story: Story[GroundT]) -> Json:
    story.there(ground)
    ground.harbour.journal.clear()
    return story.wanted(ground)


def finish(ground: Ground, wanted: Json) -> Json:
    return managed_cluster(ground.cloud, wanted, check_mode=False, clock=Impatient())


def written(ground: Ground) -> tuple[Write, ...]:
    """Return the writes that the cloud took, in order."""
    return tuple(
        named(line) for line in ground.harbour.journal.read(Filter(writes=True)) if line.target in ground.services
    )


def named(line: Line) -> Write:
    return line.target, line.operation


def apart(one: t.Any, other: t.Any) -> list[str]:
    """Return what only one of two ends has, a line each, so that a failure can be read."""
    first, second = set(lines_of(one)), set(lines_of(other))
    return [f"- {line}" for line in sorted(first - second)] + [f"+ {line}" for line in sorted(second - first)]


def lines_of(value: t.Any, path: str = "") -> t.Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield f"{path[1:]} = {value!r}"
    for name, item in items:
        yield from lines_of(item, f"{path}.{name}")


def struck(ground: Ground, fault: Fault) -> bool:
    """Tell whether the journal has the write that a fault hit, or, before it, those that went ahead of it."""
    taken = written(ground).count((fault.service, fault.operation))
    return taken == fault.nth - (fault.phase == "before")


def killed_and_run_again(ground: GroundT, runner: Runner, stories: Stories[GroundT], place: Place) -> None:
    name, nth, phase = place
    known = undisturbed(ground, stories, name)
    wanted = begin(ground, stories[name])
    fault = known.fault(nth, phase, runner.prepare(wanted, ground.environment()))
    ground.harbour.faults.add(fault)
    assert runner.go_on() == -signal.SIGKILL
    until(lambda: struck(ground, fault), 30)  # the client dies before the twin has written its line
    finish(ground, wanted)
    assert collections.Counter(written(ground)) == collections.Counter(known.writes), "nothing is done twice"
    assert apart(known.end, ground.end()) == []
    assert finish(ground, wanted)["changed"] is False


@contextlib.contextmanager
def slowed(harbour: Harbour) -> t.Iterator[None]:
    """Let the cloud's work take many requests, as between two real runs that meet in the middle of it."""
    clock = t.cast(SteppedClock, harbour.clock)
    step, clock.step = clock.step, 10.0
    try:
        yield
    finally:
        clock.step = step


def told_twice_at_once(
    ground: GroundT, stories: Stories[GroundT], name: str, repeatable: t.Collection[str] = ()
) -> None:
    """Let two runs meet. ``repeatable`` names writes that say the whole of a value and that no request can guard."""
    known = undisturbed(ground, stories, name)
    wanted = begin(ground, stories[name])
    ends: list[t.Any] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        try:
            ends.append(finish(ground, wanted)["cluster"]["state"])
        except Exception as error:  # told by the assertion below
            ends.append(repr(error))

    with slowed(ground.harbour):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert ends == ["absent" if wanted.get("state") == "absent" else "ready"] * 2
    surplus = collections.Counter(written(ground)) - collections.Counter(known.writes)
    assert {operation for _service, operation in surplus} <= set(repeatable), surplus
    assert apart(known.end, ground.end()) == []
