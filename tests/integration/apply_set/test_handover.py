# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over from other tools, and handing over to them: no field lingers, no value is lost, nothing restarts."""

from __future__ import annotations

import json

import pytest

from drydock.kube import Object

from .a_set import ASet, config_map, deployment, manifest, path_of

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MARKS = ("seaworthy.dev", "applyset.kubernetes.io", "seaworthy.platform")


def made_by(a_set: ASet, obj: Object, manager: str) -> Object:
    """Create an object as another tool."""
    collection = path_of(obj).rpartition("/")[0]
    return a_set.plane.admin(manager).create(f"{collection}?fieldManager={manager}", obj)


@pytest.mark.parametrize("manager", ["kubectl-client-side-apply", "OpenAPI-Generator", "helm", "kubectl-create"])
def test_field_of_the_former_tool_leaves_with_the_adoption(a_set: ASet, namespace: str, manager: str) -> None:
    theirs = config_map(namespace, color="green", old="gone")
    theirs["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(theirs)}
    uid = made_by(a_set, theirs, manager)["metadata"]["uid"]
    wanted = config_map(namespace, color="blue")
    checked = a_set.apply(wanted, on_foreign="adopt", check_mode=True)
    result = a_set.apply(wanted, on_foreign="adopt")
    assert checked["objects"][0]["dropped"] == result["objects"][0]["dropped"] == [".data.old"]
    live = a_set.live(wanted)
    assert (live["metadata"]["uid"], live["data"]) == (uid, {"color": "blue"})
    assert LAST_APPLIED not in live["metadata"].get("annotations", {})
    assert [row["manager"] for row in live["metadata"]["managedFields"]] == [a_set.manager]
    assert a_set.apply(wanted)["changed"] is False


def test_adopted_workload_does_not_restart(a_set: ASet, namespace: str) -> None:
    wanted, theirs = deployment(namespace), deployment(namespace, replicas=3)
    del wanted["spec"]["replicas"]
    theirs["spec"]["minReadySeconds"] = 5
    made_by(a_set, theirs, "kubectl-client-side-apply")
    before = a_set.live(wanted)["spec"]
    result = a_set.apply(wanted, on_foreign="adopt", wait=False)
    assert result["objects"][0]["dropped"] == [".spec.minReadySeconds", ".spec.replicas"]
    after = a_set.live(wanted)["spec"]
    assert after["template"] == before["template"]
    assert (after["replicas"], "minReadySeconds" in after) == (1, False)


def test_field_of_a_controller_stays_and_is_named(a_set: ASet, namespace: str) -> None:
    made_by(a_set, config_map(namespace, color="green", theirs="x"), "ancient-operator")
    wanted = config_map(namespace, color="blue")
    (entry,) = a_set.apply(wanted, on_foreign="adopt")["objects"]
    assert entry["other_managers"] == ["ancient-operator"]
    assert a_set.live(wanted)["data"] == {"color": "blue", "theirs": "x"}


def test_orphaned_owner_is_taken_over_by_name(a_set: ASet, namespace: str) -> None:
    made_by(a_set, config_map(namespace, color="green", theirs="x"), "ancient-operator")
    wanted = config_map(namespace, color="blue")
    a_set.apply(wanted, on_foreign="adopt", migrate_managers=("ancient-operator",))
    assert a_set.live(wanted)["data"] == {"color": "blue"}


def test_released_object_keeps_its_values_and_loses_our_marks(a_set: ASet, namespace: str) -> None:
    objects = [config_map(namespace), manifest("ServiceAccount", "web", namespace), deployment(namespace)]
    a_set.apply(*objects, wait=False)
    before = [a_set.live(obj) for obj in objects]
    result = a_set.apply(state="released")
    assert (result["changed"], result["summary"]) == (True, {"released": 3})
    for old, new in zip(before, map(a_set.live, objects), strict=True):
        assert new["metadata"]["uid"] == old["metadata"]["uid"]
        assert (new.get("spec"), new.get("data")) == (old.get("spec"), old.get("data"))
        assert not any(mark in json.dumps(new["metadata"]) for mark in MARKS)
    assert a_set.record() is None
    assert a_set.apply(state="released")["changed"] is False


def test_release_in_check_mode_writes_nothing(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    writes = a_set.all_writes()
    assert a_set.apply(state="released", check_mode=True)["summary"] == {"released": 1}
    assert a_set.all_writes() == writes


def test_released_object_can_be_taken_over_by_another_set(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace, color="blue"))
    a_set.apply(state="released")
    other = ASet(a_set.plane)
    assert other.apply(config_map(namespace, color="red"), on_foreign="adopt")["summary"]["configured"] == 1
    assert a_set.live(config_map(namespace))["data"] == {"color": "red"}
