# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed before or after any of its writes: the next one comes to the same end, and nothing is twice."""

from __future__ import annotations

import collections
import os
import signal
import threading
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from drydock.faults import Fault
from drydock.harbour import Harbour
from drydock.journal import Filter
from tests.integration.gke_cluster.conftest import Json, Project
from tests.integration.gke_cluster.runners import Impatient, Runner
from tests.integration.gke_cluster.test_converge import UPDATES, changed
from tests.integration.harbours import ROOT, until

WRITES = "[CDSU]*"  # Create, Delete, Set, Update: no read begins with one of these
OWN = ("id", "createTime", "etag", "labelFingerprint", "instanceGroupUrls", "resourceVersion", "endpoint", "selfLink")
Phase = t.Literal["before", "after"]


def create(project: Project) -> tuple[bool, Json]:
    return False, project.document


def change(project: Project) -> tuple[bool, Json]:
    wanted = project.document
    for case in ("version", "logging", "daily window", "tags", "deletion protection", "surge", "new pool"):
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    return True, changed(wanted, "node_pools.general", {"state": "absent"})


def delete(project: Project) -> tuple[bool, Json]:
    return True, {**project.document, "state": "absent"}


STORIES: dict[str, tuple[t.Callable[[Project], tuple[bool, Json]], int]] = {
    "create": (create, 1),
    "change": (change, 9),
    "delete": (delete, 1),
}
"""What is asked for, and in how many writes it is done."""
PLACES = [
    (story, nth, phase)
    for story, (_, count) in STORIES.items()
    for nth in range(1, count + 1)
    for phase in ("before", "after")
]
EVERYDAY = [("create", 1, "before"), ("create", 1, "after"), ("change", 2, "after")]


@pytest.fixture(scope="module")
def runner(running_harbour: Harbour) -> t.Iterator[Runner]:
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "build/collections")])}
    started = Runner({**paths, **running_harbour.google.environment()})
    yield started
    started.stop()


def shape(value: t.Any) -> t.Any:
    """Return a document without what is another one each time."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items() if name not in OWN}
    return [shape(item) for item in value] if isinstance(value, list) else value


def end_of(project: Project) -> t.Any:
    project.pass_time()
    return [shape({"cluster": row["cluster"], "nodes": row["deployed"]}) for row in project.harbour.google.document()]


def done(project: Project) -> collections.Counter[str]:
    """Count the writes that Google took."""
    lines = project.harbour.journal.read(Filter(writes=True))
    return collections.Counter(line.operation for line in lines if line.target == "gke")


def begin(project: Project, story: str) -> Json:
    made, wanted = STORIES[story][0](project)
    if made:
        project.run()
    project.harbour.journal.clear()
    return wanted


def finish(wanted: Json) -> Json:
    return managed_cluster("gke", wanted, check_mode=False, clock=Impatient())


def killed_and_run_again(project: Project, runner: Runner, story: str, nth: int, phase: Phase) -> None:
    wanted = begin(project, story)
    child = runner.prepare(wanted)
    project.harbour.faults.add(Fault("kill", operation=WRITES, service="gke", phase=phase, nth=nth, pid=child))
    assert runner.go_on() == -signal.SIGKILL
    taken = nth - (phase == "before")
    until(lambda: sum(done(project).values()) == taken, 30)  # the client dies before the twin has written its line
    finish(wanted)
    killed = end_of(project), done(project)
    project.harbour.reset()
    finish(begin(project, story))
    assert killed == (end_of(project), done(project))
    assert sum(killed[1].values()) == STORIES[story][1]
    assert finish(wanted)["changed"] is False


@pytest.mark.parametrize(("story", "nth", "phase"), EVERYDAY)
def test_run_killed_at_a_write_is_finished_by_the_next(
    project: Project, runner: Runner, story: str, nth: int, phase: Phase
) -> None:
    killed_and_run_again(project, runner, story, nth, phase)


@pytest.mark.prove
@pytest.mark.parametrize(("story", "nth", "phase"), [place for place in PLACES if place not in EVERYDAY])
def test_run_killed_at_each_write_is_finished_by_the_next(
    project: Project, runner: Runner, story: str, nth: int, phase: Phase
) -> None:
    killed_and_run_again(project, runner, story, nth, phase)


@pytest.mark.parametrize("story", STORIES)
def test_two_runs_at_once_end_well_and_write_nothing_twice(project: Project, story: str) -> None:
    wanted = begin(project, story)
    ends: list[t.Any] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        try:
            ends.append(finish(wanted)["cluster"]["state"])
        except Exception as error:  # told by the assertion below
            ends.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert ends == ["absent" if story == "delete" else "ready"] * 2
    at_once = end_of(project), done(project)
    project.harbour.reset()
    finish(begin(project, story))
    assert at_once == (end_of(project), done(project))
