# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single fields: which are left to others, which are taken back, and from whom none is taken."""

from __future__ import annotations

import typing as t

import pytest

from drydock.kube import Object

from .a_set import ASet, config_map, deployment, manifest, path_of


def scaler(namespace: str) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return manifest(
        "HorizontalPodAutoscaler",
        "web",
        namespace,
        api="autoscaling/v2",
        spec={"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 9},
    )


def scale(a_set: ASet, obj: Object, replicas: int) -> None:
    """Scale as an autoscaler does."""
    path = f"{path_of(obj)}/scale?fieldManager=kube-controller-manager"
    a_set.plane.admin("autoscaler").merge(path, {"spec": {"replicas": replicas}})


def replicas(a_set: ASet, obj: Object) -> int:
    return int(a_set.live(obj)["spec"]["replicas"])


def taken(result: dict[str, t.Any]) -> list[tuple[str, str]]:
    return [(row["field"], row["owner"]) for entry in result["objects"] for row in entry.get("taken_back", [])]


def with_image(obj: Object, image: str) -> Object:
    obj["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return obj


def test_replicas_under_an_autoscaler_of_the_set_are_its_own(a_set: ASet, namespace: str) -> None:
    wanted = [deployment(namespace, replicas=2), scaler(namespace)]
    a_set.apply(*wanted, wait=False)
    assert replicas(a_set, wanted[0]) == 2
    result = a_set.apply(with_image(wanted[0], "registry.example/web:2.0"), wanted[1], wait=False)
    assert replicas(a_set, wanted[0]) == 2  # ours still, and not dropped to one
    scale(a_set, wanted[0], 5)
    assert a_set.apply(*wanted, wait=False)["changed"] is False
    result = a_set.apply(with_image(wanted[0], "registry.example/web:3.0"), wanted[1], wait=False)
    assert (replicas(a_set, wanted[0]), taken(result)) == (5, [])
    assert {"object": f"Deployment/{namespace}/web", "field": "spec.replicas"}.items() <= result["yielded"][0].items()
    assert a_set.apply(*wanted, wait=False)["changed"] is False


def test_replicas_under_an_autoscaler_of_the_cluster_are_its_own(a_set: ASet, namespace: str) -> None:
    wanted = deployment(namespace, replicas=2)
    a_set.apply(wanted, wait=False)
    theirs = f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers"
    a_set.reader.create(theirs, scaler(namespace))
    scale(a_set, wanted, 5)
    a_set.apply(wanted, wait=False)
    assert replicas(a_set, wanted) == 5
    assert a_set.apply(wanted, wait=False)["changed"] is False
    a_set.reader.delete(f"{theirs}/web")
    a_set.apply(wanted, wait=False)
    assert replicas(a_set, wanted) == 2


def test_without_an_autoscaler_replicas_are_taken_back(a_set: ASet, namespace: str) -> None:
    wanted = deployment(namespace, replicas=2)
    a_set.apply(wanted, wait=False)
    scale(a_set, wanted, 5)
    assert taken(a_set.apply(wanted, wait=False)) == [(".spec.replicas", "kube-controller-manager")]
    assert replicas(a_set, wanted) == 2


def test_injected_bundle_stays(a_set: ASet) -> None:
    client = {"service": {"name": "x", "namespace": "default"}, "caBundle": "Cg=="}
    rule = {"apiGroups": ["no.such.group"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}
    webhook: Object = {
        "name": "x.example.com",
        "clientConfig": client,
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    api = "admissionregistration.k8s.io/v1"
    wanted = manifest("ValidatingWebhookConfiguration", a_set.name, api=api, webhooks=[webhook])
    a_set.apply(wanted, wait=False)
    injected = {"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": "YWJj"}
    path = f"/apis/{api}/validatingwebhookconfigurations/{a_set.name}?fieldManager=cainjector"
    a_set.reader.request("PATCH", path, [injected], "application/json-patch+json")
    assert a_set.apply(wanted, wait=False)["changed"] is False
    webhook["timeoutSeconds"] = 7
    assert taken(a_set.apply(wanted, wait=False)) == []
    (live,) = a_set.reader.get(path)["webhooks"]
    assert (live["clientConfig"]["caBundle"], live["timeoutSeconds"]) == ("YWJj", 7)


def test_ignored_field_is_set_at_first_and_then_left(a_set: ASet, namespace: str) -> None:
    ignored = {"ConfigMap": ["data.color"]}
    wanted = config_map(namespace, color="blue", size="large")
    a_set.apply(wanted, ignore_fields=ignored)
    assert a_set.live(wanted)["data"] == {"color": "blue", "size": "large"}
    a_set.patch(wanted, {"data": {"color": "red"}})
    assert a_set.apply(wanted, ignore_fields=ignored)["changed"] is False
    wanted["data"] = {"color": "green", "size": "small"}
    a_set.apply(wanted, ignore_fields=ignored)
    assert a_set.live(wanted)["data"] == {"color": "red", "size": "small"}


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_key_that_somebody_added_costs_nothing(a_set: ASet, namespace: str, kind: str) -> None:
    wanted = manifest(kind, "settings", namespace, data={"color": "Ymx1ZQ=="})
    a_set.apply(wanted)
    a_set.patch(wanted, {"data": {"theirs": "cmVk"}})
    result = a_set.apply(wanted)
    assert (result["changed"], "DRY-RUN" in result["requests"]) == (False, False)


def test_field_of_ours_is_taken_back_though_the_template_changed_as_well(a_set: ASet, namespace: str) -> None:
    wanted = config_map(namespace, color="blue", size="large")
    a_set.apply(wanted)
    a_set.patch(wanted, {"data": {"color": "red"}})
    wanted["data"]["size"] = "small"
    assert taken(a_set.apply(wanted)) == [(".data.color", "kubectl-edit")]
    assert a_set.live(wanted)["data"] == {"color": "blue", "size": "small"}
    assert a_set.apply(wanted)["changed"] is False


def test_item_of_a_list_is_taken_back_though_the_template_changed_as_well(a_set: ASet, namespace: str) -> None:
    wanted = deployment(namespace)
    a_set.apply(wanted, wait=False)
    container = {"name": "main", "image": "registry.example/theirs:1.0"}
    path = f"{path_of(wanted)}?fieldManager=kubectl-edit"
    change = {"spec": {"template": {"spec": {"containers": [container]}}}}
    a_set.plane.admin("kubectl").request("PATCH", path, change, "application/strategic-merge-patch+json")
    result = a_set.apply(with_image(wanted, "registry.example/web:2.0"), wait=False)
    field = '.spec.template.spec.containers[name="main"].image'
    assert taken(result) == [(field, "kubectl-edit")]


def test_memory_is_no_difference(a_set: ASet, namespace: str) -> None:
    wanted = config_map(namespace)
    (shown,) = a_set.apply(wanted, diff=True)["diff"]
    assert "seaworthy.dev" not in str(shown["after"]["metadata"].get("annotations"))
    versions = a_set.versions(wanted)
    a_set.patch(wanted, {"metadata": {"labels": {"applyset.kubernetes.io/part-of": None}}})
    assert a_set.apply(wanted, check_mode=True)["objects"][0]["paths"] == [
        'metadata.labels["applyset.kubernetes.io/part-of"]'
    ]
    assert versions
