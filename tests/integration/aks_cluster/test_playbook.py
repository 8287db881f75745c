# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public doors: a task of a playbook against the twin, and the way into the cluster that it made."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.action.resolve import find
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.http import Client
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from ansible_collections.seaworthy.platform.plugins.plugin_utils._access import credential_source
from tests.integration.aks_cluster.conftest import NAME, Json, Subscription
from tests.integration.eks_cluster.test_playbook import Play


@pytest.fixture
def play(subscription: Subscription, tmp_path: pathlib.Path) -> Play:
    subscription.document["poll_interval"] = 0.05
    return Play(t.cast(t.Any, subscription), tmp_path)


def converge(play: Play, **changes: t.Any) -> Json:
    return {"seaworthy.platform.aks_cluster": {**play.account.document, **changes}}


def test_task_creates_shows_progress_and_is_quiet_the_second_time(play: Play) -> None:
    first = play.run(converge(play))
    assert first.result["changed"] is True, first.output
    assert "  aks/prod        plan      create control plane 1.35 with 2 node pools (about 10 min)\n" in first.output
    assert "  aks/prod        ACTIVE    control plane" in first.output
    second = play.run(converge(play))
    assert second.result["changed"] is False
    assert play.account.writes() == []


def test_check_with_diff_shows_what_would_change_and_writes_nothing(play: Play) -> None:
    play.run(converge(play), "--check", "--diff")
    assert play.result["changed"] is True
    assert play.account.writes() == []
    assert '+    "version": "1.35"' in play.output


@pytest.mark.parametrize("background", [False, True])
def test_bad_document_is_one_sentence_on_every_way_in(play: Play, background: bool) -> None:
    task = converge(play, version=1.30, node_poolz={})
    play.run({**task, "async": 60, "poll": 1} if background else task)
    assert play.result["failed"] is True
    assert 'version is 1.3; must be text in quotes: write "1.30"' in play.result["msg"]
    assert "node_poolz is not an option (did you mean node_pools?)" in play.result["msg"]
    assert "Traceback" not in play.output
    assert play.account.asked() == []


def test_module_in_the_background_does_the_same(play: Play) -> None:
    play.run({**converge(play), "async": 120, "poll": 1})
    assert play.result["changed"] is True, play.output
    assert play.account.writes() == ["ManagedClusters_CreateOrUpdate"]


def variables(subscription: Subscription) -> Json:
    """Return what an inventory says of the cluster."""
    document = subscription.document
    return {
        "cluster_provider": "aks",
        "cluster_name": NAME,
        "cluster_account": document["subscription"],
        "cluster_resource_group": document["resource_group"],
        "cluster_region": document["location"],
        "cluster_auth": document["auth"],
        "cluster_api": {},
    }


def test_fact_of_a_cluster_that_is_not_there_says_so(subscription: Subscription) -> None:
    fact = find(variables(subscription))
    assert (fact["provider"], fact["exists"], fact["endpoint"]) == ("aks", False, "")
    assert subscription.writes() == []


@pytest.mark.control_planes
def test_minted_token_opens_the_cluster_that_was_made(subscription: Subscription) -> None:
    subscription.run(node_pools={"system": subscription.document["node_pools"]["system"]})
    fact = find(variables(subscription))
    assert fact["exists"] is True
    assert "canary" not in str(fact)
    source = credential_source(fact)
    assert source().token not in repr(source()), "no secret in texts"
    client = Client(source, clock=SystemClock())
    try:
        nodes = client.call("GET", "/api/v1/nodes", doing="the nodes")["items"]
    finally:
        client.close()
    assert len(nodes) == 3
    assert {node["metadata"]["labels"]["kubernetes.azure.com/agentpool"] for node in nodes} == {"system"}
