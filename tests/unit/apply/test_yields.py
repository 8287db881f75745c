# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields are left to whom, how they are named, and what is remembered of the rest."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import paths
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.memory import memory, remembers, with_memory
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import Desired, Object, field_manager
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.yields import (
    Ignored,
    payload_for,
    shown,
    yielding,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

MANAGER = field_manager("shop")


def obj(kind: str, api: str = "v1", namespace: str = "b", **body: t.Any) -> Object:
    metadata = {"name": "a"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata | body.pop("metadata", {}), **body}


def members(*objects: Object) -> list[Desired]:
    return load("shop", [(one, f"item {place}") for place, one in enumerate(objects)])


def scaler(kind: str = "Deployment", name: str = "a", namespace: str = "b") -> Object:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name}}
    return obj("HorizontalPodAutoscaler", "autoscaling/v2", namespace, spec=spec)


@pytest.mark.parametrize(
    "text",
    [
        "spec.replicas",
        "spec.template.spec.containers[app].image",
        'metadata.annotations["example.com/key"]',
        "webhooks[*].clientConfig.caBundle",
    ],
)
def test_path_is_read_as_it_is_shown(text: str) -> None:
    path = paths.parse(text)
    assert path is not None
    assert paths.show(path) == text


@pytest.mark.parametrize("text", ["", "spec..x", "spec[", 'spec["x', "]"])
def test_what_is_no_path_is_none(text: str) -> None:
    assert paths.parse(text) is None


def test_value_goes_and_comes_back() -> None:
    whole = {"spec": {"list": [{"name": "x", "v": {"a": 1}}, {"name": "y", "v": {"a": 2}}]}}
    pattern = paths.parse("spec.list[*].v.a")
    assert pattern is not None
    found = paths.matches(whole, pattern)
    assert [paths.show(path) for path in found] == ["spec.list[x].v.a", "spec.list[y].v.a"]
    part = paths.without(whole, found[1])
    assert part == {"spec": {"list": [{"name": "x", "v": {"a": 1}}, {"name": "y"}]}}
    assert paths.with_value(part, found[1], 2) == whole


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ([scaler()], ["spec.replicas"]),
        ([scaler("StatefulSet")], []),
        ([scaler(name="other")], []),
        ([scaler(namespace="c")], []),
    ],
)
def test_replicas_are_left_to_the_autoscaler_that_scales_them(rules: list[Object], left: list[str]) -> None:
    (wanted,) = members(obj("Deployment", "apps/v1", spec={"replicas": 3, "paused": True}))
    (found,) = yielding([wanted], Ignored(), rules)
    assert [row["field"] for row in shown([found])] == left
    assert found.payload["spec"] == ({"paused": True} if left else {"replicas": 3, "paused": True})
    assert (found.mark == wanted.mark) == (not left)
    in_set = yielding(members(wanted.payload, *rules), Ignored())
    assert [row["field"] for row in shown(in_set)] == left


def test_mark_does_not_depend_on_a_left_field() -> None:
    three, four = (members(obj("Deployment", "apps/v1", spec={"replicas": n, "paused": True})) for n in (3, 4))
    marks = {yielding(found, Ignored(), [scaler()])[0].mark for found in (three, four)}
    assert len(marks) == 1


def entry(fields: dict[str, t.Any]) -> dict[str, t.Any]:
    row = {"manager": MANAGER, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": fields}
    return {"metadata": {"managedFields": [row]}, "spec": {"replicas": 7}}


def test_left_field_is_sent_at_first_then_only_while_it_is_still_ours() -> None:
    (wanted,) = yielding(
        members(obj("Deployment", "apps/v1", spec={"replicas": 3, "paused": True})), Ignored(), [scaler()]
    )
    assert payload_for(wanted, None, MANAGER)["spec"] == {"replicas": 3, "paused": True}
    ours, theirs = entry({"f:spec": {"f:replicas": {}}}), entry({"f:spec": {"f:paused": {}}})
    assert payload_for(wanted, ours, MANAGER)["spec"] == {"replicas": 7, "paused": True}
    assert payload_for(wanted, theirs, MANAGER)["spec"] == {"paused": True}


def hook(bundle: str, **annotations: str) -> Object:
    client = {"service": {"name": "x", "namespace": "b"}, "caBundle": bundle}
    return obj(
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        "",
        metadata={"annotations": annotations} if annotations else {},
        webhooks=[{"name": "x.io", "clientConfig": client}],
    )


@pytest.mark.parametrize(
    ("bundle", "annotations", "left"),
    [
        ("YWJj", {}, False),
        ("YWJj", {"cert-manager.io/inject-ca-from": "b/x"}, True),
        ("Cg==", {}, True),
        ("", {}, True),
    ],
)
def test_bundle_is_left_to_whoever_injects_it(bundle: str, annotations: dict[str, str], left: bool) -> None:
    found = yielding(members(hook(bundle, **annotations)), Ignored())
    assert [row["field"] for row in shown(found)] == (["webhooks[x.io].clientConfig.caBundle"] if left else [])


def test_bundle_of_a_conversion_is_left_as_well() -> None:
    webhook = {"clientConfig": {"caBundle": "Cg==", "service": {"name": "x", "namespace": "b"}}}
    spec = {"conversion": {"strategy": "Webhook", "webhook": webhook}, "group": "x.io", "names": {"kind": "B"}}
    crd = obj("CustomResourceDefinition", "apiextensions.k8s.io/v1", "", spec=spec)
    (row,) = shown(yielding(members(crd), Ignored()))
    assert row["field"] == "spec.conversion.webhook.clientConfig.caBundle"


@pytest.mark.parametrize("name", ["ConfigMap", "ConfigMap.", "ConfigMap/b/a"])
def test_ignored_field_is_named_by_kind_or_object(name: str) -> None:
    found = yielding(members(obj("ConfigMap", data={"x": "1", "y": "2"})), Ignored({name: ["data.x"]}))
    assert found[0].payload["data"] == {"y": "2"}
    assert yielding(members(obj("Secret")), Ignored({name: ["data.x"]}))[0].left == ()


@pytest.mark.parametrize("text", ["", "kind", "metadata", "metadata.name", "status.replicas"])
def test_what_cannot_be_ignored_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="ignore_fields.Deployment"):
        Ignored({"Deployment": [text]})


def test_memory_knows_what_was_applied_and_nothing_else() -> None:
    fields = {"f:data": {"f:x": {}}, "f:list": {'k:{"name":"y"}': {"f:z": {}}}}
    applied = entry(fields)
    live = with_memory({"metadata": {}}, applied, MANAGER)
    assert remembers(live, ".data.x")
    assert remembers(live, '.list[name="y"].z')
    assert not any(remembers(live, f".data.x{place}") for place in range(1000))
    assert memory(entry({f"f:{place}": {} for place in range(1001)}), MANAGER) == ""
