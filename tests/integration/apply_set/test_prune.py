# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves the set leaves the cluster, and nothing else does."""

from __future__ import annotations

import typing as t
import uuid

import pytest

from drydock.kube import Object

from .a_set import ASet, config_map, definition, deployment, manifest

PART_OF = "applyset.kubernetes.io/part-of"


def account(namespace: str, name: str = "web") -> Object:
    return manifest("ServiceAccount", name, namespace)


def pruned(result: dict[str, t.Any]) -> list[str]:
    return [entry["object"] for entry in result["objects"] if entry["action"] == "pruned"]


def kept(result: dict[str, t.Any]) -> dict[str, str]:
    return {entry["object"]: entry["reason"] for entry in result.get("kept", [])}


def test_object_that_left_the_set_is_deleted(a_set: ASet, namespace: str) -> None:
    stays, leaves = config_map(namespace, "stays"), config_map(namespace, "leaves")
    a_set.apply(stays, leaves)
    result = a_set.apply(stays)
    assert (result["changed"], pruned(result)) == (True, [f"ConfigMap/{namespace}/leaves"])
    assert result["summary"] | {"pruned": 1, "unchanged": 1} == result["summary"]
    assert (a_set.find(stays) is None, a_set.find(leaves) is None) == (False, True)
    assert a_set.apply(stays)["changed"] is False


def test_last_object_of_a_kind_is_found_by_the_record(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace), account(namespace))
    assert a_set.recorded_kinds() == ["ConfigMap", "ServiceAccount"]
    assert pruned(a_set.apply(config_map(namespace))) == [f"ServiceAccount/{namespace}/web"]
    assert a_set.recorded_kinds() == ["ConfigMap"]
    writes = a_set.all_writes()
    result = a_set.apply(config_map(namespace))
    assert (result["changed"], result["requests"]["LIST"]) == (False, 1)
    assert a_set.all_writes() == writes


def test_record_is_that_of_an_apply_set(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    parent = a_set.record()
    assert parent is not None
    assert parent["metadata"]["labels"]["applyset.kubernetes.io/id"] == a_set.label
    assert parent["metadata"]["annotations"]["applyset.kubernetes.io/additional-namespaces"] == namespace
    assert parent["metadata"]["annotations"]["applyset.kubernetes.io/tooling"].startswith("seaworthy.platform/")


def test_check_mode_shows_what_would_be_deleted(a_set: ASet, namespace: str) -> None:
    leaves = config_map(namespace, "leaves", color="green")
    a_set.apply(config_map(namespace), leaves)
    writes = a_set.all_writes()
    result = a_set.apply(config_map(namespace), check_mode=True, diff=True)
    assert (result["changed"], pruned(result)) == (True, [f"ConfigMap/{namespace}/leaves"])
    (shown,) = result["diff"]
    assert (shown["before"]["data"], shown["after"]) == ({"color": "green"}, {})
    assert a_set.all_writes() == writes
    assert a_set.find(leaves) is not None
    assert any("1 to prune" in line for line in a_set.lines)


def test_without_prune_everything_stays_and_nothing_is_recorded(a_set: ASet, namespace: str) -> None:
    leaves = config_map(namespace, "leaves")
    a_set.apply(config_map(namespace), leaves, prune=False)
    assert a_set.apply(config_map(namespace), prune=False)["changed"] is False
    assert a_set.find(leaves) is not None
    assert a_set.record() is None


def test_object_that_somebody_labelled_as_ours_is_not_deleted(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    copied = config_map(namespace, "copied")
    copied["metadata"]["labels"] = {PART_OF: a_set.label}
    a_set.reader.create(f"/api/v1/namespaces/{namespace}/configmaps", copied)
    result = a_set.apply(config_map(namespace))
    assert result["changed"] is False
    assert "never applied" in kept(result)[f"ConfigMap/{namespace}/copied"]
    assert a_set.find(copied) is not None


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("seaworthy.dev/keep", "true"),
        ("helm.sh/resource-policy", "keep"),
        ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
        ("argocd.argoproj.io/sync-options", "Validate=false, Prune=false"),
    ],
)
def test_object_that_asks_to_be_kept_is_kept(a_set: ASet, namespace: str, annotation: str, value: str) -> None:
    precious = config_map(namespace, "precious")
    a_set.apply(config_map(namespace), precious)
    a_set.patch(precious, {"metadata": {"annotations": {annotation: value}}})
    result = a_set.apply(config_map(namespace))
    assert annotation in kept(result)[f"ConfigMap/{namespace}/precious"]
    assert (result["changed"], a_set.find(precious) is None) == (False, False)


def test_object_of_a_controller_is_left_to_its_owner(a_set: ASet, namespace: str) -> None:
    owned = config_map(namespace, "owned")
    a_set.apply(config_map(namespace), owned)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "controller": True}
    owner["uid"] = a_set.live(config_map(namespace))["metadata"]["uid"]
    a_set.patch(owned, {"metadata": {"ownerReferences": [owner]}})
    assert pruned(a_set.apply(config_map(namespace))) == []
    assert a_set.find(owned) is not None


def claim(namespace: str) -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return manifest("PersistentVolumeClaim", "data", namespace, spec=spec)


def database(namespace: str) -> Object:
    wanted = deployment(namespace, "db")
    template = {"metadata": {"name": "data"}, "spec": claim(namespace)["spec"]}
    wanted["spec"] |= {"serviceName": "db", "volumeClaimTemplates": [template]}
    return {**wanted, "kind": "StatefulSet"}


def test_what_holds_data_goes_only_if_it_is_named(a_set: ASet, namespace: str) -> None:
    settings, guarded = config_map(namespace), [claim(namespace), database(namespace)]
    a_set.apply(settings, *guarded, wait=False)
    result = a_set.apply(settings, wait=False)
    assert result["changed"] is False
    assert all("prune_kinds" in kept(result)[f"{obj['kind']}/{namespace}/{obj['metadata']['name']}"] for obj in guarded)
    assert all(a_set.find(obj) for obj in guarded)
    assert pruned(a_set.apply(settings, wait=False, prune_kinds=frozenset({"StatefulSet"}))) == [
        f"StatefulSet/{namespace}/db"
    ]
    assert (a_set.find(guarded[0]) is None, a_set.find(guarded[1]) is None) == (False, True)


def test_namespace_that_holds_what_is_not_ours_stays_even_if_it_is_named(a_set: ASet, namespace: str) -> None:
    spaces = [manifest("Namespace", f"{a_set.name}-{word}") for word in ("empty", "used")]
    a_set.apply(config_map(namespace), *spaces)
    a_set.reader.create(f"/api/v1/namespaces/{a_set.name}-used/configmaps", config_map(f"{a_set.name}-used", "theirs"))
    result = a_set.apply(config_map(namespace), prune_kinds=frozenset({"Namespace"}))
    assert pruned(result) == [f"Namespace/{a_set.name}-empty"]
    assert "theirs" in kept(result)[f"Namespace/{a_set.name}-used"]


def test_definition_stays_and_its_resource_goes(a_set: ASet, namespace: str) -> None:
    group = f"{a_set.name}.example"
    berth = manifest("Berth", "first", namespace, api=f"{group}/v1", spec={"size": 3})
    a_set.apply(config_map(namespace), definition(group), berth)
    result = a_set.apply(config_map(namespace))
    assert pruned(result) == [f"Berth/{namespace}/first"]
    assert list(kept(result)) == [f"CustomResourceDefinition/berths.{group}"]


def test_empty_set_is_refused(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    error = a_set.refused()
    assert error.kind == "protected"
    assert "the set is empty" in str(error)
    assert a_set.find(config_map(namespace)) is not None


def test_more_than_the_limit_is_refused_before_any_write(a_set: ASet, namespace: str) -> None:
    many = [config_map(namespace, f"many-{place}") for place in range(7)]
    a_set.apply(config_map(namespace), *many)
    writes = a_set.all_writes()
    error = a_set.refused(config_map(namespace, color="red"))
    assert "7 of 8 objects left the set" in str(error)
    assert "prune_max to 7" in error.remedy
    assert a_set.all_writes() == writes
    assert len(pruned(a_set.apply(config_map(namespace), prune_max=7))) == 7


def test_lost_record_is_written_anew_and_prunes_nothing_at_once(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace), account(namespace))
    a_set.reader.delete(f"/api/v1/namespaces/seaworthy-system/configmaps/set-{a_set.name}")
    result = a_set.apply(config_map(namespace))
    assert "record of the set was lost" in kept(result)[f"ServiceAccount/{namespace}/web"]
    assert a_set.recorded_kinds() == ["ConfigMap", "ServiceAccount"]
    assert pruned(a_set.apply(config_map(namespace))) == [f"ServiceAccount/{namespace}/web"]


def test_object_known_under_two_groups_is_one(a_set: ASet, namespace: str) -> None:
    scaler = manifest(
        "HorizontalPodAutoscaler",
        "web",
        namespace,
        api="autoscaling/v2",
        spec={"maxReplicas": 2, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    )
    a_set.apply(scaler, wait=False)
    uid = a_set.reader.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers/web")
    old = {**scaler, "apiVersion": "autoscaling/v1"}
    assert pruned(a_set.apply(old, wait=False)) == []
    now = a_set.reader.get(f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers/web")
    assert now["metadata"]["uid"] == uid["metadata"]["uid"]


def test_failed_write_prunes_nothing(a_set: ASet, namespace: str) -> None:
    leaves = config_map(namespace, "leaves")
    a_set.apply(config_map(namespace), leaves)
    unplaceable = deployment(namespace, nodeSelector={"no": "such-node"})
    a_set.refused(config_map(namespace), unplaceable, wait_timeout=1.0)
    assert a_set.find(leaves) is not None


def test_other_set_keeps_its_objects(a_set: ASet, namespace: str) -> None:
    other = ASet(a_set.plane)
    other.apply(config_map(namespace, "other"))
    a_set.apply(config_map(namespace, "mine"), config_map(namespace, "leaves"))
    assert pruned(a_set.apply(config_map(namespace, "mine"))) == [f"ConfigMap/{namespace}/leaves"]
    assert a_set.find(config_map(namespace, "other")) is not None


def test_absent_takes_the_record_along(a_set: ASet) -> None:
    a_set.apply(manifest("Namespace", f"gone-{uuid.uuid4().hex[:8]}"))
    a_set.apply(state="absent")
    assert a_set.record() is None
