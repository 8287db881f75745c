# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed before or after any of its writes: the next one comes to the same end, and nothing is twice."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.aks_cluster.conftest import Json, Subscription
from tests.integration.aks_cluster.test_converge import UPDATES
from tests.integration.grounds import changed
from tests.integration.runners import Runner
from tests.integration.survival import Place, Stories, Story, killed_and_run_again, places, told_twice_at_once


def create(subscription: Subscription) -> Json:
    wanted = changed(subscription.document, "deletion_protection", True)
    return changed(wanted, "maintenance.window", {"start": "03:00"})


def change(subscription: Subscription) -> Json:
    wanted = subscription.document
    cases = ("version", "workload identity", "add-ons", "daily window", "tags", "deletion protection", "new pool")
    for path, value in (UPDATES[case][:2] for case in (*cases, "surge", "pool tags")):
        wanted = changed(wanted, path, value)
    return changed(wanted, "node_pools.general", {"state": "absent"})


def made(subscription: Subscription) -> None:
    subscription.run()
    subscription.pass_time()


STORIES: Stories[Subscription] = {
    "create": Story(create, 3),
    "change": Story(change, 10, there=made),
    "delete": Story(lambda subscription: {**subscription.document, "state": "absent"}, 1, there=made),
}
UNGUARDED = (
    "ManagementLocks_CreateOrUpdate",
    "MaintenanceConfigurations_CreateOrUpdate",
    "DiagnosticSettings_CreateOrUpdate",
)
"""What stands beside a cluster has no etag: a PUT says the whole of it, and twice the same thing."""
PLACES = places(STORIES)
EVERYDAY: list[Place] = [("create", 1, "before"), ("create", 1, "after"), ("change", 2, "after")]


@pytest.fixture(scope="module")
def runner() -> t.Iterator[Runner]:
    started = Runner("aks")
    yield started
    started.stop()


@pytest.mark.parametrize("place", EVERYDAY)
def test_run_killed_at_a_write_is_finished_by_the_next(
    subscription: Subscription, runner: Runner, place: Place
) -> None:
    killed_and_run_again(subscription, runner, STORIES, place)


@pytest.mark.prove
@pytest.mark.parametrize("place", [place for place in PLACES if place not in EVERYDAY])
def test_run_killed_at_each_write_is_finished_by_the_next(
    subscription: Subscription, runner: Runner, place: Place
) -> None:
    killed_and_run_again(subscription, runner, STORIES, place)


@pytest.mark.parametrize("story", STORIES)
def test_two_runs_at_once_end_well_and_write_nothing_twice(subscription: Subscription, story: str) -> None:
    told_twice_at_once(subscription, STORIES, story, UNGUARDED)
