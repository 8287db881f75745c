# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why it is not ready, as a person reads it: the sentences themselves are the promise."""

from __future__ import annotations

import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import diagnose
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.diagnose import (
    Query,
    explain,
    log_queries,
    related_queries,
    report,
)

Object = dict[str, t.Any]


def stateful(ready: int = 1) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "prometheus", "namespace": "monitoring"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"b": "2", "a": "1"}}},
        "status": {"observedGeneration": 1, "readyReplicas": ready, "replicas": 2},
    }


def pod(name: str, phase: str = "Running", container: Object | None = None, **conditions: tuple[str, str]) -> Object:
    rows = [{"type": kind, "status": status, "message": text} for kind, (status, text) in conditions.items()]
    status: Object = {"phase": phase, "conditions": rows}
    if container is not None:
        status["containerStatuses"] = [{"name": "main", "restartCount": 0, **container}]
    return {"metadata": {"name": name, "namespace": "monitoring"}, "status": status}


def event(name: str, reason: str, message: str, at: str = "2026-01-01", kind: str = "Pod") -> Object:
    return {
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
        "involvedObject": {"kind": kind, "name": name},
    }


GOOD = pod("prometheus-0", Ready=("True", ""))
NO_ROOM = "0/3 nodes are available: 3 Insufficient memory."


def test_a_pod_without_a_node_is_told_with_the_scheduler_s_words() -> None:
    stuck = pod("prometheus-1", "Pending", PodScheduled=("False", NO_ROOM))
    assert explain(stateful(), [GOOD, stuck], []) == (
        "StatefulSet/monitoring/prometheus 1/2 ready: pod prometheus-1 Pending: 0/3 nodes are available: "
        "3 Insufficient memory. Lower its request, or add nodes."
    )


def test_an_image_that_cannot_be_pulled() -> None:
    held = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x:1"'}}}
    assert explain(stateful(0), [pod("p-0", "Pending", held)], []) == (
        "StatefulSet/monitoring/prometheus 0/2 ready: pod p-0 container main ImagePullBackOff: "
        'Back-off pulling image "x:1". Check the image name, the registry mirror and the pull secret.'
    )


def test_a_crash_is_told_with_its_cause_not_with_the_kubelet_s_phrase() -> None:
    crash = {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
        "lastState": {"terminated": {"reason": "Error", "exitCode": 2, "message": "config: unknown flag --x"}},
        "restartCount": 7,
    }
    text = explain(stateful(0), [pod("p-0", container=crash)], [])
    assert (
        "container main CrashLoopBackOff, last ended Error (exit code 2), 7 restarts: config: unknown flag --x." in text
    )
    assert "kubectl logs --previous" in text
    assert "back-off 5m0s" not in text


def test_out_of_memory_is_told_as_such() -> None:
    crash = {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
        "restartCount": 2,
    }
    assert explain(stateful(0), [pod("p-0", container=crash)], []).endswith("Raise its memory request and limit.")


def test_the_worst_pod_speaks_for_all() -> None:
    held = {"state": {"waiting": {"reason": "ImagePullBackOff"}}}
    pods = [pod("p-0", "Pending", PodScheduled=("False", NO_ROOM)), pod("p-1", "Pending", held), GOOD]
    assert "pod p-1 container main ImagePullBackOff (and 1 more pods)" in explain(stateful(0), pods, [])


def test_a_probe_that_fails_is_told_by_the_last_warnings_newest_first() -> None:
    waiting = pod(
        "p-0",
        container={"state": {"running": {}}, "ready": False},
        Ready=("False", "containers with unready status: [main]"),
    )
    events = [event("p-0", "Unhealthy", f"probe failed: {n}", f"2026-01-0{n}") for n in range(1, 9)]
    events += [event("p-0", "Unhealthy", "probe failed: 8", "2026-01-07"), event("other", "X", "not ours")]
    text = explain(stateful(), [waiting], events)
    assert "pod p-0 Running: containers with unready status: [main]." in text
    assert "Last warnings: Unhealthy: probe failed: 8; Unhealthy: probe failed: 7;" in text
    assert text.count("probe failed") == diagnose.MAX_EVENTS
    assert "not ours" not in text


def test_refused_pods_of_a_deployment_are_found_at_its_replica_set() -> None:
    obj = {**stateful(0), "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    obj["status"] = {"observedGeneration": 1}
    refused = event(
        "web-5d4f",
        "FailedCreate",
        'pods "web-5d4f-x" is forbidden: violates PodSecurity "restricted"',
        kind="ReplicaSet",
    )
    other = event("web-api-5d4f", "FailedCreate", "another one", kind="ReplicaSet")
    text = explain(obj, [], [refused, other])
    assert 'Deployment/shop/web 0/2 ready: FailedCreate: pods "web-5d4f-x" is forbidden: violates PodSecurity' in text
    assert "Say in the template what the namespace allows" in text
    assert "another one" not in text


def test_a_custom_resource_speaks_through_its_condition() -> None:
    condition = {"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "Secret does not exist"}
    obj = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "grafana", "namespace": "m"},
        "status": {"conditions": [condition]},
    }
    assert explain(obj) == "Certificate/m/grafana Ready False (DoesNotExist): Secret does not exist."


def test_the_last_log_lines_follow_bounded() -> None:
    text = explain(stateful(), [], [], "\n".join(f"line {n} {'x' * 400}" for n in range(100)))
    tail = text.split("Its last log lines:")[1]
    assert "line 99" in tail
    assert "line 1 " not in tail
    assert len(tail) < diagnose.MAX_LOG_TEXT + 100


def test_what_to_read_is_one_query_for_many_objects_of_a_namespace() -> None:
    other = {**stateful(), "metadata": {"name": "other", "namespace": "monitoring"}}
    first, second = related_queries(stateful()), related_queries(other)
    assert [query.what for query in first] == ["pods", "events"]
    assert first[0].path == "/api/v1/namespaces/monitoring/pods"
    assert first[0].url == "/api/v1/namespaces/monitoring/pods?labelSelector=a%3D1%2Cb%3D2"
    assert set(first) == set(second)


def test_cluster_scoped_objects_have_their_events_in_default() -> None:
    obj = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "x"}}
    assert related_queries(obj) == [
        Query("events", "/api/v1/namespaces/default/events", (("fieldSelector", "type=Warning"),))
    ]


def test_the_log_of_a_crashed_container_is_that_of_its_last_life() -> None:
    crash = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}
    (query,) = log_queries([GOOD, pod("p-0", container=crash)])
    assert query.path == "/api/v1/namespaces/monitoring/pods/p-0/log"
    assert dict(query.parameters) == {"container": "main", "tailLines": "20", "previous": "true"}
    assert log_queries([pod("p-1", "Pending")]) == []


def test_a_report_of_one_is_a_sentence_and_of_many_is_bounded() -> None:
    assert report(["Job/x 0/1 completed."], 600) == "not ready after 10m: Job/x 0/1 completed."
    text = report([f"Job/{n} {'x' * 3000}" for n in range(40)], 65)
    assert text.startswith("not ready after 1m05s:\n  Job/0 ")
    assert text.endswith("more")
    assert len(text) < diagnose.MAX_REPORT + 200
    assert report([], 5).startswith("not ready after 5s:")
