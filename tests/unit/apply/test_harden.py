# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardening fills what a template leaves open, never overrides it, and does nothing the second time."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import harden as room
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.harden import harden, harden_set
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

Object = dict[str, t.Any]
API = {"apps": "apps/v1", "batch": "batch/v1", "": "v1", "monitoring.coreos.com": "monitoring.coreos.com/v1"}


def workload(kind: str = "Deployment", name: str = "web", pod: Object | None = None, **spec: t.Any) -> Object:
    pod = pod or {"containers": [{"name": "app", "image": "quay.io/x/app:1.2"}]}
    group = "batch" if kind in ("Job", "CronJob") else "apps"
    return {
        "apiVersion": API[group],
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {**spec, "template": {"spec": pod}},
    }


def pod_of(obj: Object) -> Object:
    spec: Object = obj["spec"]["template"]["spec"]
    return spec


def container_of(obj: Object) -> Object:
    container: Object = pod_of(obj)["containers"][0]
    return container


def kinds(objects: t.Iterable[Object]) -> list[str]:
    return [obj["kind"] for obj in objects]


def test_a_bare_deployment_meets_the_restricted_standard() -> None:
    hard = harden(workload(), "platform")
    assert pod_of(hard)["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container_of(hard)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod_of(hard)["automountServiceAccountToken"] is False
    assert pod_of(hard)["enableServiceLinks"] is False
    assert pod_of(hard)["priorityClassName"] == "platform-critical"
    assert hard["spec"]["revisionHistoryLimit"] == 3
    assert container_of(hard)["imagePullPolicy"] == "IfNotPresent"


def test_the_selector_rests_on_the_name_alone_and_the_pods_match_it() -> None:
    hard = harden(workload(), "platform")
    assert hard["spec"]["selector"] == {"matchLabels": {"app.kubernetes.io/name": "web"}}
    labels = hard["spec"]["template"]["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/name": "web", "app.kubernetes.io/managed-by": "seaworthy.platform"}
    spread = pod_of(hard)["topologySpreadConstraints"]
    assert [row["topologyKey"] for row in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert {row["whenUnsatisfiable"] for row in spread} == {"ScheduleAnyway"}
    assert all(row["labelSelector"] == hard["spec"]["selector"] for row in spread)


def test_a_given_selector_is_kept_and_its_labels_reach_the_pods() -> None:
    hard = harden(workload(selector={"matchLabels": {"app": "x"}}), "platform")
    assert hard["spec"]["selector"] == {"matchLabels": {"app": "x"}}
    assert hard["spec"]["template"]["metadata"]["labels"]["app"] == "x"


def test_the_selector_of_a_live_object_is_kept() -> None:
    live = workload(selector={"matchLabels": {"app": "old", "tier": "web"}})
    hard = harden(workload(), "platform", live)
    assert hard["spec"]["selector"] == live["spec"]["selector"]
    assert hard["spec"]["template"]["metadata"]["labels"]["tier"] == "web"


def test_a_name_label_of_the_template_is_the_one_selected() -> None:
    obj = workload()
    obj["spec"]["template"]["metadata"] = {"labels": {"app.kubernetes.io/name": "other"}}
    assert harden(obj, "platform")["spec"]["selector"] == {"matchLabels": {"app.kubernetes.io/name": "other"}}


def test_profile_none_returns_the_object_as_it_is() -> None:
    obj = workload()
    assert harden(obj, "none") is obj
    assert harden_set([obj], "none") == [obj]


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be one of none, platform"):
        harden(workload(), "hard")


def test_null_is_an_answer() -> None:
    obj = workload(pod={"containers": [{"name": "a", "securityContext": None}], "priorityClassName": None})
    hard = harden(obj, "platform")
    assert pod_of(hard)["priorityClassName"] is None
    assert container_of(hard)["securityContext"] is None


@pytest.mark.parametrize(
    "context",
    [
        {"privileged": True},
        {"capabilities": {"add": ["SYS_ADMIN"]}},
        {"capabilities": {"add": ["CAP_SYS_ADMIN"]}},
    ],
)
def test_what_the_api_refuses_beside_privileges_is_left_out(context: Object) -> None:
    hard = harden(workload(pod={"containers": [{"name": "a", "securityContext": context}]}), "platform")
    assert "allowPrivilegeEscalation" not in container_of(hard)["securityContext"]


def test_a_container_that_says_root_may_be_root_and_the_others_not() -> None:
    pod = {"containers": [{"name": "a", "securityContext": {"runAsUser": 0}}, {"name": "b"}]}
    hard = harden(workload(pod=pod), "platform")
    assert container_of(hard)["securityContext"]["runAsNonRoot"] is False
    assert "runAsNonRoot" not in pod_of(hard)["containers"][1]["securityContext"]
    assert pod_of(hard)["securityContext"]["runAsNonRoot"] is True


def test_init_containers_are_hardened_too() -> None:
    pod = {"initContainers": [{"name": "i"}], "containers": [{"name": "a"}]}
    hard = harden(workload(pod=pod), "platform")
    assert pod_of(hard)["initContainers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize(("kind", "limit"), [("StatefulSet", "1Gi"), ("Deployment", None)])
def test_only_stateful_pods_get_their_memory_request_as_limit(kind: str, limit: str | None) -> None:
    pod = {"containers": [{"name": "a", "resources": {"requests": {"memory": "1Gi", "cpu": "1"}}}]}
    resources = container_of(harden(workload(kind, pod=pod), "platform"))["resources"]
    assert resources.get("limits", {}).get("memory") == limit
    assert "cpu" not in resources.get("limits", {})


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("quay.io/x/app:1.2", "IfNotPresent"),
        ("localhost:5000/app", None),
        ("app:latest", None),
        ("app@sha256:0123", "IfNotPresent"),
    ],
)
def test_only_pinned_images_are_not_pulled_again(image: str, policy: str | None) -> None:
    hard = harden(workload(pod={"containers": [{"name": "a", "image": image}]}), "platform")
    assert container_of(hard).get("imagePullPolicy") == policy


def test_a_job_keeps_the_selector_that_its_controller_makes() -> None:
    hard = harden(workload("Job"), "platform")
    assert "selector" not in hard["spec"]
    assert "topologySpreadConstraints" not in pod_of(hard)
    assert pod_of(hard)["securityContext"]["runAsNonRoot"] is True


def test_a_cron_job_is_hardened_where_its_pods_are() -> None:
    obj = workload("CronJob")
    obj["spec"] = {"schedule": "@daily", "jobTemplate": {"spec": obj["spec"]}}
    hard = harden(obj, "platform")
    assert pod_of(hard["spec"]["jobTemplate"])["automountServiceAccountToken"] is False


def test_a_namespace_enforces_restricted_unless_it_says_otherwise() -> None:
    bare = harden({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}, "platform")
    assert bare["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    said = harden({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": labels}}, "platform")
    assert said["metadata"]["labels"] == {**labels, "pod-security.kubernetes.io/warn": "privileged"}


def test_pods_that_operators_make_are_hardened_in_their_resource() -> None:
    obj = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": "main", "namespace": "monitoring"},
        "spec": {"replicas": 2, "securityContext": {"fsGroup": 1}},
    }
    hard, budget = harden_set([obj], "platform")
    assert hard["spec"]["securityContext"]["fsGroup"] == 1
    assert hard["spec"]["securityContext"]["runAsUser"] == 1000
    assert hard["spec"]["priorityClassName"] == "platform-critical"
    assert "automountServiceAccountToken" not in hard["spec"], "Prometheus asks the API for its targets"
    assert budget["spec"]["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "prometheus",
        "app.kubernetes.io/instance": "main",
    }


def test_rows_of_a_list_are_filled_each_and_absent_branches_stay_absent() -> None:
    search = {
        "apiVersion": "elasticsearch.k8s.elastic.co/v1",
        "kind": "Elasticsearch",
        "metadata": {"name": "x"},
        "spec": {"nodeSets": [{"name": "a"}, {"name": "b", "podTemplate": {"spec": {"priorityClassName": "own"}}}]},
    }
    sets = harden(search, "platform")["spec"]["nodeSets"]
    assert [row["podTemplate"]["spec"]["priorityClassName"] for row in sets] == ["platform-critical", "own"]
    beat = {
        "apiVersion": "beat.k8s.elastic.co/v1beta1",
        "kind": "Beat",
        "metadata": {"name": "x"},
        "spec": {"daemonSet": {}},
    }
    assert list(harden(beat, "platform")["spec"]) == ["daemonSet"]


def test_two_replicas_get_a_disruption_budget_behind_them() -> None:
    hardened = harden_set([workload(replicas=2), workload(name="single", replicas=1)], "platform")
    assert kinds(hardened) == ["Deployment", "PodDisruptionBudget", "Deployment"]
    budget = hardened[1]
    assert budget["metadata"]["name"] == "web"
    assert budget["metadata"]["namespace"] == "shop"
    assert budget["spec"]["maxUnavailable"] == 1
    assert budget["spec"]["selector"] == hardened[0]["spec"]["selector"]


def test_replicas_left_to_an_autoscaler_count_by_its_minimum() -> None:
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "w", "namespace": "shop"},
        "spec": {"minReplicas": 2, "maxReplicas": 9, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    }
    assert "PodDisruptionBudget" in kinds(harden_set([workload(), scaler], "platform"))
    scaler["spec"]["minReplicas"] = 1  # type: ignore[index]
    assert "PodDisruptionBudget" not in kinds(harden_set([workload(), scaler], "platform"))


def test_a_set_that_has_a_budget_gets_no_second_one() -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "own", "namespace": "shop"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": "web"}}},
    }
    assert kinds(harden_set([budget, workload(replicas=3)], "platform")) == ["PodDisruptionBudget", "Deployment"]
    budget["metadata"]["namespace"] = "elsewhere"  # type: ignore[index]
    assert kinds(harden_set([budget, workload(replicas=3)], "platform")).count("PodDisruptionBudget") == 2


def test_workloads_that_would_fight_over_pods_are_refused() -> None:
    labels = {"labels": {"app.kubernetes.io/name": "web"}}
    other = workload(name="other")
    other["spec"]["template"]["metadata"] = labels
    with pytest.raises(InvalidInput, match="Deployment/shop/web and Deployment/shop/other select the same pods"):
        harden_set([workload(), other], "platform")


def test_every_row_gives_its_reason() -> None:
    rows = room.catalogue()
    assert all(len(why) > 10 for _, _, why in rows)
    assert len(set(rows)) == len(rows)


# What must hold for every object ----------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "web-1"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["x", "1Gi", "platform"]))
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=4,
)
MAYBE = {
    "securityContext": st.one_of(
        JUNK,
        st.fixed_dictionaries(
            {},
            optional={
                "runAsUser": st.sampled_from([0, 1000]),
                "runAsNonRoot": st.booleans(),
                "privileged": st.booleans(),
                "capabilities": st.one_of(
                    st.none(), st.fixed_dictionaries({}, optional={"add": st.just(["SYS_ADMIN"]), "drop": st.just([])})
                ),
            },
        ),
    ),
    "resources": st.one_of(
        JUNK,
        st.fixed_dictionaries(
            {},
            optional={
                "requests": st.one_of(st.none(), st.just({"memory": "1Gi"})),
                "limits": st.one_of(st.none(), st.just({"memory": "2Gi"})),
            },
        ),
    ),
}
CONTAINER = st.fixed_dictionaries(
    {"name": NAMES}, optional={**MAYBE, "image": st.sampled_from(["x:1", "x", "x@sha256:0"])}
)
POD = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.one_of(st.none(), st.lists(CONTAINER, max_size=2)),
        "initContainers": st.lists(CONTAINER, max_size=1),
        "securityContext": MAYBE["securityContext"],
        "priorityClassName": SCALARS,
        "automountServiceAccountToken": st.booleans(),
        "topologySpreadConstraints": st.one_of(st.none(), st.just([])),
    },
)
LABELS = st.fixed_dictionaries(
    {}, optional={"labels": st.dictionaries(st.sampled_from(["app", room.NAME_LABEL]), NAMES, max_size=2)}
)
TEMPLATE = st.one_of(JUNK, st.fixed_dictionaries({"spec": POD}, optional={"metadata": LABELS}))
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "template": TEMPLATE,
        "replicas": st.integers(0, 3),
        "revisionHistoryLimit": st.integers(0, 9),
        "selector": st.one_of(JUNK, st.just({"matchLabels": {"app": "a"}})),
        "jobTemplate": st.fixed_dictionaries({"spec": st.fixed_dictionaries({"template": TEMPLATE})}),
        "nodeSets": JUNK,
        "podTemplate": JUNK,
        "daemonSet": JUNK,
        "provider": JUNK,
        "securityContext": JUNK,
    },
)
KINDS = st.sampled_from([*room.WORKLOADS, *room.MADE_PODS, ("", "Namespace"), ("", "ConfigMap")])


@st.composite
def objects(draw: st.DrawFn) -> Object:
    group, kind = draw(KINDS)
    metadata = {"name": draw(NAMES), "namespace": "shop", **draw(LABELS)}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": metadata, "spec": draw(SPEC)}


def holds(whole: t.Any, part: t.Any) -> bool:
    """Whether everything that part says stands unchanged in whole."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and holds(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return type(whole) is type(part) and whole == part


@given(objects())
@settings(max_examples=300, deadline=None)
def test_hardening_is_idempotent_adds_only_and_leaves_its_input(obj: Object) -> None:
    before = copy.deepcopy(obj)
    once = harden(obj, "platform")
    assert obj == before, "the input was changed"
    assert holds(once, obj), "something that the template said was overridden"
    twice = harden(once, "platform")
    assert json.dumps(twice) == json.dumps(once), "the second time changed something, or its order"


@given(st.lists(objects(), max_size=4))
@settings(max_examples=150, deadline=None)
def test_hardening_a_set_is_idempotent_and_stable(members: list[Object]) -> None:
    try:
        once = harden_set(members, "platform")
    except InvalidInput:
        return
    assert json.dumps(harden_set(once, "platform")) == json.dumps(once)
    assert json.dumps(harden_set(copy.deepcopy(members), "platform")) == json.dumps(once)
    assert [obj for obj in once if obj["kind"] != "PodDisruptionBudget"] == [harden(obj, "platform") for obj in members]
