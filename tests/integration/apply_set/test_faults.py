# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad road to a real API server: whatever happens on it, the set ends as desired, or one sentence says why not."""

from __future__ import annotations

import pathlib
import threading
import time
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import http
from drydock.control_plane import ControlPlane
from drydock.fault_proxy import FaultProxy
from drydock.kube import Object

from .a_set import ASet, config_map, deployment, manifest


@pytest.fixture
def road(a_set: ASet, tmp_path: pathlib.Path) -> t.Iterator[FaultProxy]:
    with FaultProxy(a_set.plane.kubeconfig, tmp_path) as proxy:
        yield proxy


def objects(namespace: str) -> list[Object]:
    return [manifest("ServiceAccount", "web", namespace), *(config_map(namespace, f"c-{n}") for n in range(4))]


FAULTS: dict[str, dict[str, t.Any]] = {
    "overload": {"effect": "answer", "status": 429, "retry_after": 1, "times": 3},
    "overload without a pause": {"effect": "answer", "status": 429, "times": 3},
    "unavailable": {"effect": "answer", "status": 503, "times": 2},
    "gateway timeout": {"effect": "answer", "status": 504},
    "leader changed": {"effect": "answer", "status": 500, "message": "etcdserver: leader changed"},
    "etcd slow": {"effect": "answer", "status": 500, "message": "etcdserver: request timed out"},
    "busy object": {"effect": "answer", "status": 409, "message": "the object has been modified"},
    "reset": {"effect": "reset", "times": 3},
    "cut answer": {"effect": "truncate"},
    "slow": {"effect": "slow", "seconds": 0.5},
    "expired token": {"effect": "answer", "status": 401},
}


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("only", ["reads", "dry_runs", "writes"])
@pytest.mark.parametrize("fault", FAULTS)
def test_set_converges_through(
    a_set: ASet, namespace: str, road: FaultProxy, fault: str, only: str, phase: str
) -> None:
    if (fault, only) == ("busy object", "reads"):
        return  # a read conflicts with nothing
    hit = road.add(only=only, phase=phase, nth=2, **FAULTS[fault])
    wanted = objects(namespace)
    result = a_set.apply(*wanted, kubeconfig=str(road.kubeconfig))
    assert hit.hits >= 1
    assert result["summary"]["created"] == len(wanted)
    assert all(a_set.find(obj) for obj in wanted)
    assert a_set.apply(*wanted)["changed"] is False


def test_half_open_connection_is_given_up_and_made_again(
    a_set: ASet, namespace: str, road: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.5)
    road.add("half_open", only="writes", phase="after", nth=2)
    assert a_set.apply(*objects(namespace), kubeconfig=str(road.kubeconfig))["summary"]["created"] == 5


def test_overloaded_server_gets_fewer_requests_at_once_for_a_while(
    a_set: ASet, namespace: str, road: FaultProxy
) -> None:
    def dry_runs(color: str, **overload: t.Any) -> list[int]:
        road.clear()
        for fault in (overload, {"effect": "slow", "seconds": 0.02, "times": 1000}):
            if fault:
                road.add(**fault, only="dry_runs")
        many = [config_map(namespace, f"c-{place}", color=color) for place in range(80)]
        a_set.apply(*many, kubeconfig=str(road.kubeconfig))
        return [passing.together for passing in road.passed("dry_runs")]

    assert max(dry_runs("blue")) == 8
    together = dry_runs("red", effect="answer", status=429, retry_after=1, times=8)
    assert max(together[8:16]) <= 5
    assert max(together[-20:]) > 5


def test_overload_that_does_not_end_is_a_sentence_within_the_budget(
    a_set: ASet, namespace: str, road: FaultProxy
) -> None:
    road.add("answer", only="dry_runs", status=429, times=10_000)
    started = time.monotonic()
    error = a_set.refused(*objects(namespace), kubeconfig=str(road.kubeconfig), wait_timeout=2.0)
    assert time.monotonic() - started < 6.0
    assert (error.kind, error.resumable) == ("throttled", True)
    assert a_set.find(objects(namespace)[0]) is None


@pytest.mark.parametrize(
    ("status", "message"), [(500, "etcdserver: request is too large"), (500, "failed to create typed patch object")]
)
def test_what_stays_wrong_is_asked_once(
    a_set: ASet, namespace: str, road: FaultProxy, status: int, message: str
) -> None:
    fault = road.add("answer", only="dry_runs", status=status, message=message, times=1000)
    error = a_set.refused(config_map(namespace), kubeconfig=str(road.kubeconfig))
    assert message in str(error)
    assert fault.seen == 1


HELD: dict[str, t.Any] = {"schedulingGates": [{"name": "seaworthy.dev/held"}]}


def let_go(plane: ControlPlane, namespace: str, when: t.Callable[[], bool]) -> None:
    """Let the namespace's pods be scheduled once the condition holds; until then none can be ready."""
    while not when():
        time.sleep(0.05)
    client, pods = plane.admin(), f"/api/v1/namespaces/{namespace}/pods"
    while not (held := list(client.items(pods))):  # their controller may not have made them yet
        time.sleep(0.05)
    for pod in held:
        client.merge(f"{pods}/{pod['metadata']['name']}", {"spec": {"schedulingGates": None}})
    client.close()


def test_wait_survives_a_dropped_watch(a_set: ASet, namespace: str, node: str, road: FaultProxy) -> None:
    dropped = road.add("reset", path="*watch=1*", times=2)
    watcher = threading.Thread(target=let_go, args=(a_set.plane, namespace, lambda: dropped.hits >= 1), daemon=True)
    watcher.start()
    result = a_set.apply(deployment(namespace, **HELD), kubeconfig=str(road.kubeconfig))
    assert result["summary"]["created"] == 1
    assert dropped.hits >= 1
    watcher.join(10)
