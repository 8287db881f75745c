# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From wanted and found to what to do, in which order; and whose the rest is."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import order
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.foreign import owners
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import defined_kinds, load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import (
    Desired,
    Object,
    Observed,
    field_manager,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.order import Stage
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.ownership import paths
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.plan import OnForeign, Step, headline, plan
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.preflight import refuse_theft
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

MANAGER = field_manager("shop")


def obj(kind: str, name: str = "a", api: str = "v1", namespace: str = "", **body: t.Any) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **body}


def members(*objects: Object) -> list[Desired]:
    return load("shop", [(one, f"item {place}") for place, one in enumerate(objects)])


def planned(
    objects: list[Desired], observed: Observed | None = None, on_foreign: OnForeign = "fail"
) -> tuple[Step, ...]:
    return plan(
        objects,
        observed or Observed({}, {}),
        manager=MANAGER,
        on_foreign=on_foreign,
        defined=defined_kinds(objects),
    )


CRD = obj(
    "CustomResourceDefinition",
    "berths.x.io",
    "apiextensions.k8s.io/v1",
    spec={"group": "x.io", "names": {"kind": "Berth"}},
)


def test_stages_follow_what_refers_to_what() -> None:
    rbac = "rbac.authorization.k8s.io/v1"
    wanted = members(
        obj("Berth", api="x.io/v1"),
        obj("ValidatingWebhookConfiguration", api="admissionregistration.k8s.io/v1"),
        obj("Deployment", api="apps/v1"),
        obj("ClusterRoleBinding", api=rbac),
        obj("ClusterRole", api=rbac),
        CRD,
        obj("Lighthouse", api="other.io/v1"),
        obj("Namespace"),
    )
    assert [(step.stage.name, step.member.identity.kind) for step in planned(wanted)] == [
        ("DEFINITIONS", "CustomResourceDefinition"),
        ("DEFINITIONS", "Namespace"),
        ("ACCESS", "ClusterRole"),
        ("BINDINGS", "ClusterRoleBinding"),
        ("WORKLOADS", "Deployment"),
        ("WORKLOADS", "Lighthouse"),
        ("ADMISSION", "ValidatingWebhookConfiguration"),
        ("RESOURCES", "Berth"),
    ]


def test_plan_is_the_same_for_the_same_input() -> None:
    wanted = members(obj("Namespace"), obj("ConfigMap", namespace="a"))
    assert planned(wanted) == planned(wanted)


def test_headline_counts() -> None:
    steps = planned(members(obj("Namespace"), obj("ConfigMap", namespace="a")))
    assert headline(steps) == "2 objects: 2 to create"


WEBHOOK = {
    "name": "berths.x.io",
    "rules": [{"apiGroups": ["x.io"], "resources": ["*"]}],
    "clientConfig": {"service": {"namespace": "b", "name": "hook"}},
}


def test_guarded_group_is_traced_to_the_pods_that_answer() -> None:
    template = {"metadata": {"labels": {"app": "hook", "more": "x"}}}
    wanted = members(
        obj("ValidatingWebhookConfiguration", api="admissionregistration.k8s.io/v1", webhooks=[WEBHOOK]),
        obj("Service", "hook", namespace="b", spec={"selector": {"app": "hook"}}),
        obj("Deployment", "hook", "apps/v1", namespace="b", spec={"template": template}),
        obj("Deployment", "hook", "apps/v1", namespace="c", spec={"template": template}),
        obj("Deployment", "other", "apps/v1", namespace="b", spec={"template": {"metadata": {"labels": {"app": "o"}}}}),
    )
    webhooks = order.guarding(order.guards(wanted), "x.io")
    assert [member.label for member in order.backing(webhooks, wanted)] == ["Deployment/b/hook"]
    assert order.guarding(order.guards(wanted), "y.io") == []


def test_conversion_webhook_guards_its_own_group() -> None:
    conversion = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"namespace": "b", "name": "hook"}}}}
    crd = {**CRD, "spec": {**CRD["spec"], "conversion": conversion}}
    (webhook,) = order.guarding(order.guards(members(crd)), "x.io")
    assert webhook["service"] == ("b", "hook")


@pytest.mark.parametrize(
    ("labels", "annotations", "owner"),
    [
        ({}, {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "n"}, "Helm release n/r"),
        ({}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/b"}, "Argo CD application shop"),
        ({"argocd.argoproj.io/instance": "shop"}, {}, "Argo CD application shop"),
        (
            {"kustomize.toolkit.fluxcd.io/name": "k", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"},
            {},
            "Flux Kustomization flux-system/k",
        ),
        (
            {"helm.toolkit.fluxcd.io/name": "h", "helm.toolkit.fluxcd.io/namespace": "apps"},
            {},
            "Flux HelmRelease apps/h",
        ),
        ({"olm.owner": "csv"}, {}, "Operator Lifecycle Manager, for csv"),
        ({"addonmanager.kubernetes.io/mode": "Reconcile"}, {}, "the cluster's add-on manager, mode Reconcile"),
        ({}, {}, "field manager kubectl-create, rancher"),
    ],
)
def test_owner_of_a_foreign_object_is_named(labels: dict[str, str], annotations: dict[str, str], owner: str) -> None:
    rows = [{"manager": "rancher"}, {"manager": "kubectl-create"}, {"manager": "controller", "subresource": "status"}]
    found = {"metadata": {"labels": labels, "annotations": annotations, "managedFields": rows}}
    assert owners(found) == owner


def foreign() -> tuple[list[Desired], Observed]:
    wanted = members(obj("ConfigMap", namespace="b"))
    theirs = obj("ConfigMap", namespace="b")
    theirs["metadata"]["managedFields"] = [{"manager": "kubectl-create", "operation": "Update"}]
    return wanted, Observed({}, {wanted[0].identity: theirs})


def test_foreign_object_fails_the_plan_with_its_owner() -> None:
    with pytest.raises(PlatformError, match="ConfigMap/b/a belongs to field manager kubectl-create") as caught:
        planned(*foreign())
    assert caught.value.kind == "foreign"


@pytest.mark.parametrize(("on_foreign", "action"), [("adopt", "update"), ("yield", "yield")])
def test_foreign_object_is_adopted_or_yielded(on_foreign: OnForeign, action: str) -> None:
    wanted, observed = foreign()
    (step,) = planned(wanted, observed, on_foreign)
    assert (step.action, step.adopt) == (action, True)


def entry(fields: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return [{"manager": MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}]


def changed_step(mark: str, fields: dict[str, t.Any]) -> tuple[Step, Object]:
    (wanted,) = members(obj("ConfigMap", namespace="b", data={"x": "1"}))
    found = {**wanted.payload, "metadata": {**wanted.payload["metadata"], "managedFields": entry(fields)}}
    found["metadata"]["annotations"] = {"seaworthy.dev/desired": mark or wanted.mark}
    return Step(wanted, Stage.ACCESS, "update", live=found), found


def test_field_that_we_applied_before_may_be_taken_back() -> None:
    step, found = changed_step("", {})
    refuse_theft(step, ((".data.x", "kubectl"),), MANAGER, found)
    step, found = changed_step("other", {"f:data": {"f:x": {}}})
    refuse_theft(step, ((".data.x", "kubectl"),), MANAGER, found)


def test_field_that_we_never_applied_is_not_taken() -> None:
    step, found = changed_step("other", {"f:data": {"f:y": {}}})
    with pytest.raises(PlatformError, match=r'\.data\.x \(held by "kubectl"\)'):
        refuse_theft(step, ((".data.x", "kubectl"),), MANAGER, found)


def test_paths_are_written_as_the_server_writes_them() -> None:
    fields: dict[str, t.Any] = {"f:a": {'k:{"name":"x","port":1}': {".": {}, "f:b": {}}, 'v:"s"': {}}}
    assert paths(fields) == {'.a[name="x",port=1]', '.a[name="x",port=1].b', '.a[="s"]'}
