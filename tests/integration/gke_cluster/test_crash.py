# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed before or after any of its writes: the next one comes to the same end, and nothing is twice."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.gke_cluster.conftest import Json, Project
from tests.integration.gke_cluster.test_converge import UPDATES
from tests.integration.grounds import changed
from tests.integration.runners import Runner
from tests.integration.survival import Place, Stories, Story, killed_and_run_again, places, told_twice_at_once


def change(project: Project) -> Json:
    wanted = project.document
    for case in ("version", "logging", "daily window", "tags", "deletion protection", "surge", "new pool"):
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    return changed(wanted, "node_pools.general", {"state": "absent"})


STORIES: Stories[Project] = {
    "create": Story(lambda project: project.document, 1),
    "change": Story(change, 9, there=Project.run),
    "delete": Story(lambda project: {**project.document, "state": "absent"}, 1, there=Project.run),
}
PLACES = places(STORIES)
EVERYDAY: list[Place] = [("create", 1, "before"), ("create", 1, "after"), ("change", 2, "after")]


@pytest.fixture(scope="module")
def runner() -> t.Iterator[Runner]:
    started = Runner("gke")
    yield started
    started.stop()


@pytest.mark.parametrize("place", EVERYDAY)
def test_run_killed_at_a_write_is_finished_by_the_next(project: Project, runner: Runner, place: Place) -> None:
    killed_and_run_again(project, runner, STORIES, place)


@pytest.mark.prove
@pytest.mark.parametrize("place", [place for place in PLACES if place not in EVERYDAY])
def test_run_killed_at_each_write_is_finished_by_the_next(project: Project, runner: Runner, place: Place) -> None:
    killed_and_run_again(project, runner, STORIES, place)


@pytest.mark.parametrize("story", STORIES)
def test_two_runs_at_once_end_well_and_write_nothing_twice(project: Project, story: str) -> None:
    told_twice_at_once(project, STORIES, story)
