# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed before or after any of its writes: the next one comes to the same end, and nothing is twice.

The stories use the whole vocabulary: pools, add-ons, access entries, both kinds of OIDC provider, encryption.
"""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.eks_cluster.conftest import Account, Json
from tests.integration.eks_cluster.test_converge import UPDATES, foreign_cluster
from tests.integration.eks_cluster.test_vocabulary import TEAM, full
from tests.integration.grounds import changed
from tests.integration.runners import Runner
from tests.integration.survival import Place, Stories, Story, killed_and_run_again, places, told_twice_at_once

PARTS: Json = {
    "access": {TEAM: {"groups": ["team"], "policies": {"AmazonEKSViewPolicy": {"namespaces": ["a"]}}}},
    "oidc_provider.client_id": "other",
    "addons.metrics-server": {},
    "addons.coredns.config": {"replicaCount": 4},
    "extra": {"zonalShiftConfig": {"enabled": True}},
}


def change(account: Account) -> Json:
    wanted = full(account)
    cases = ("version", "private endpoint", "logging", "support", "deletion protection", "tags", "labels", "pool tags")
    for path, value in (*(UPDATES[case][:2] for case in (*cases, "new pool")), *PARTS.items()):
        wanted = changed(wanted, path, value)
    return changed(wanted, "node_pools.general", {"state": "absent"})


def exchange(account: Account) -> Json:
    return {**changed(account.document, "node_pools.system.instance_types", ["m7i.xlarge"]), "replace": "pools"}


def leave(account: Account) -> Json:
    return {**full(account), "state": "absent", "delete_orphans": ["oidc_provider"]}


def made_full(account: Account) -> None:
    account.run(full(account))


STORIES: Stories[Account] = {
    "create": Story(full, 10),
    "change": Story(change, 20, there=made_full),
    "exchange": Story(exchange, 2, there=Account.run),
    "take over": Story(lambda account: {**account.document, "adopt": "any"}, 3, there=foreign_cluster),
    "delete": Story(leave, 4, there=made_full),
}
PLACES = places(STORIES)
EVERYDAY: list[Place] = [("create", 1, "before"), ("create", 1, "after"), ("change", 2, "after")]
UNGUARDED = (
    *("TagResource", "UpdateAccessEntry", "AssociateAccessPolicy", "DeleteOpenIDConnectProvider"),
    *("UpdateAddon", "UpdateNodegroupConfig"),
)
"""Writes of AWS without a condition, which succeed again where they find their work done: they say the same twice."""


@pytest.fixture(scope="module")
def runner() -> t.Iterator[Runner]:
    started = Runner("eks")
    yield started
    started.stop()


@pytest.mark.parametrize("place", EVERYDAY)
def test_run_killed_at_a_write_is_finished_by_the_next(account: Account, runner: Runner, place: Place) -> None:
    killed_and_run_again(account, runner, STORIES, place)


@pytest.mark.prove
@pytest.mark.parametrize("place", [place for place in PLACES if place not in EVERYDAY])
def test_run_killed_at_each_write_is_finished_by_the_next(account: Account, runner: Runner, place: Place) -> None:
    killed_and_run_again(account, runner, STORIES, place)


@pytest.mark.parametrize("story", STORIES)
def test_two_runs_at_once_end_well_and_write_nothing_twice(account: Account, story: str) -> None:
    told_twice_at_once(account, STORIES, story, UNGUARDED)
