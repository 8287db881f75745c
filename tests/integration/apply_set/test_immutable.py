# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that cannot change: a sentence with both values, or a new object where that was asked for."""

from __future__ import annotations

import typing as t

import pytest

from drydock.kube import Object

from .a_set import ASet, config_map, deployment, manifest
from .test_prune import claim, database

RBAC = "rbac.authorization.k8s.io"


def job(namespace: str, image: str = "registry.example/job:1.0") -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]}
    return manifest("Job", "once", namespace, api="batch/v1", spec={"template": {"spec": pod}})


def binding(namespace: str, role: str) -> Object:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    subjects = [{"kind": "User", "apiGroup": RBAC, "name": "ann"}]
    return manifest("RoleBinding", "some", namespace, api=f"{RBAC}/v1", roleRef=ref, subjects=subjects)


def labelled(namespace: str, label: str) -> Object:
    wanted = deployment(namespace)
    wanted["spec"]["selector"]["matchLabels"] = {"app": label}
    wanted["spec"]["template"]["metadata"]["labels"] = {"app": label}
    return wanted


def stateful(namespace: str, service: str) -> Object:
    wanted = database(namespace)
    wanted["spec"]["serviceName"] = service
    return wanted


def secret(namespace: str, type_: str) -> Object:
    data = {"username": "YQ==", "password": "Yg=="}
    return manifest("Secret", "login", namespace, type=type_, data=data)


Make = t.Callable[[str, str], Object]
CASES: dict[str, tuple[Make, str, str, str]] = {
    "Job": (job, "registry.example/job:1.0", "registry.example/job:2.0", "spec.template.spec.containers[main].image"),
    "RoleBinding": (binding, "view", "edit", "roleRef.name"),
    "Deployment": (labelled, "one", "two", "spec.selector.matchLabels.app"),
    "StatefulSet": (stateful, "one", "two", "spec.serviceName"),
    "Secret": (secret, "Opaque", "kubernetes.io/basic-auth", "type"),
}


@pytest.mark.parametrize("kind", CASES)
def test_field_that_cannot_change_is_named_with_both_values(a_set: ASet, namespace: str, kind: str) -> None:
    make, old, new, path = CASES[kind]
    a_set.apply(make(namespace, old), wait=False)
    other = config_map(namespace, "other")
    error = a_set.refused(make(namespace, new), other, wait=False)
    assert error.kind == "immutable"
    assert path in str(error)
    assert kind == "Secret" or (f'"{old}"' in str(error) and f'"{new}"' in str(error))
    assert f"list {kind} under recreate" in error.remedy
    assert a_set.find(other) is None


@pytest.mark.parametrize("kind", CASES)
def test_object_is_made_anew_where_its_kind_is_listed(a_set: ASet, namespace: str, kind: str) -> None:
    make, old, new, _ = CASES[kind]
    a_set.apply(make(namespace, old), wait=False)
    uid = a_set.live(make(namespace, old))["metadata"]["uid"]
    checked = a_set.apply(make(namespace, new), wait=False, recreate=[kind], check_mode=True)
    assert a_set.live(make(namespace, old))["metadata"]["uid"] == uid
    result = a_set.apply(make(namespace, new), wait=False, recreate=[kind])
    assert checked["summary"]["recreated"] == result["summary"]["recreated"] == 1
    assert result["objects"][0]["action"] == "recreated"
    assert a_set.live(make(namespace, new))["metadata"]["uid"] != uid
    assert a_set.apply(make(namespace, new), wait=False)["changed"] is False


def test_object_may_ask_for_it_itself(a_set: ASet, namespace: str) -> None:
    a_set.apply(job(namespace), wait=False)
    wanted = job(namespace, "registry.example/job:2.0")
    wanted["metadata"]["annotations"] = {"seaworthy.dev/recreate": "true"}
    assert a_set.apply(wanted, wait=False)["summary"]["recreated"] == 1


def test_object_that_could_not_be_made_is_not_deleted(a_set: ASet, namespace: str) -> None:
    a_set.apply(job(namespace), wait=False)
    uid = a_set.live(job(namespace))["metadata"]["uid"]
    broken = job(namespace, "registry.example/job:2.0")
    broken["spec"]["template"]["spec"]["restartPolicy"] = "Always"
    a_set.refused(broken, wait=False, recreate=["Job"])
    assert a_set.live(job(namespace))["metadata"]["uid"] == uid


def test_pods_of_a_stateful_set_live_on(a_set: ASet, namespace: str, node: str) -> None:
    wanted = stateful(namespace, "one")
    del wanted["spec"]["volumeClaimTemplates"]
    a_set.apply(wanted)
    (pod,) = a_set.reader.items(f"/api/v1/namespaces/{namespace}/pods")
    wanted["spec"]["serviceName"] = "two"
    wanted["spec"]["podManagementPolicy"] = "Parallel"
    a_set.apply(wanted, recreate=["StatefulSet"], wait=False)
    (still,) = a_set.reader.items(f"/api/v1/namespaces/{namespace}/pods")
    assert still["metadata"]["uid"] == pod["metadata"]["uid"]


@pytest.mark.parametrize("kind", ["Namespace", "CustomResourceDefinition", "PersistentVolumeClaim"])
def test_what_holds_others_is_never_made_anew(a_set: ASet, namespace: str, kind: str) -> None:
    assert f"recreate lists {kind}" in str(a_set.refused(config_map(namespace), recreate=[kind]))


def test_claim_is_refused_with_its_own_remedy(a_set: ASet, namespace: str) -> None:
    wanted = claim(namespace)
    a_set.apply(wanted, wait=False)
    wanted["spec"]["accessModes"] = ["ReadWriteMany"]
    error = a_set.refused(wanted, wait=False)
    assert (error.kind, "by hand" in error.remedy) == ("immutable", True)


def test_recreate_strategy_replaces_the_one_that_the_server_filled_in(a_set: ASet, namespace: str) -> None:
    a_set.apply(deployment(namespace, replicas=0))
    wanted = deployment(namespace, replicas=0)
    wanted["spec"]["strategy"] = {"type": "Recreate"}
    before = a_set.live(wanted)
    predicted = a_set.apply(wanted, check_mode=True, diff=True)
    result = a_set.apply(wanted, diff=True)
    assert predicted["diff"] == result["diff"]
    assert result["objects"][0]["paths"] == ["spec.strategy.rollingUpdate", "spec.strategy.type"]
    assert a_set.live(wanted)["spec"]["strategy"] == {"type": "Recreate"}
    assert a_set.live(wanted)["metadata"]["uid"] == before["metadata"]["uid"]
    assert a_set.apply(wanted)["changed"] is False


def test_rolling_update_that_somebody_chose_is_not_removed_for_them(a_set: ASet, namespace: str) -> None:
    a_set.apply(deployment(namespace, replicas=0))
    wanted = deployment(namespace, replicas=0)
    a_set.patch(wanted, {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3}}}})
    wanted["spec"]["strategy"] = {"type": "Recreate"}
    assert "spec.strategy.rollingUpdate" in str(a_set.refused(wanted))
    assert a_set.live(wanted)["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 3


def test_stateful_set_changes_to_deletion_by_hand(a_set: ASet, namespace: str) -> None:
    a_set.apply(database(namespace), wait=False)
    wanted = database(namespace)
    wanted["spec"]["updateStrategy"] = {"type": "OnDelete"}
    a_set.apply(wanted, wait=False)
    assert a_set.live(wanted)["spec"]["updateStrategy"] == {"type": "OnDelete"}
