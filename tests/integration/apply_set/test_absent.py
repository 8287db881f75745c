# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``state: absent`` and ``external`` against a real API server: what goes, what stays, and what is said about it."""

from __future__ import annotations

import threading
import uuid

import pytest

from drydock.kube import Object
from tests.integration.harbours import until

from .a_set import ASet, config_map, definition, deployment, manifest


@pytest.fixture
def space() -> str:
    return f"going-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def applied(a_set: ASet, space: str, node: str) -> list[Object]:
    """A set with its own namespace, definition and resource; applied."""
    group = f"{a_set.name}.example"
    objects = [
        manifest("Namespace", space),
        config_map(space),
        deployment(space),
        definition(group),
        manifest("Berth", "first", space, api=f"{group}/v1", spec={"size": 1}),
    ]
    a_set.apply(*objects)
    return objects


def test_absent_removes_the_set_and_keeps_its_definition(a_set: ASet, applied: list[Object]) -> None:
    result = a_set.apply(state="absent")
    kept = [entry for entry in result["objects"] if entry["action"] == "kept"]
    assert [a_set.find(obj) is None for obj in applied] == [True, True, True, False, True]
    assert result["summary"] == {"deleted": 4, "kept": 1}
    assert kept[0]["object"].startswith("CustomResourceDefinition/berths.")
    assert kept[0]["reason"]
    assert a_set.apply(state="absent")["changed"] is False


def test_absent_in_check_mode_deletes_nothing(a_set: ASet, applied: list[Object]) -> None:
    result = a_set.apply(state="absent", check_mode=True)
    assert result["changed"] is True
    assert result["summary"]["deleted"] == 4
    assert all(a_set.find(obj) is not None for obj in applied)


def test_absent_keeps_a_namespace_that_holds_what_is_not_ours(a_set: ASet, applied: list[Object], space: str) -> None:
    theirs = config_map(space, "theirs")
    a_set.reader.create(f"/api/v1/namespaces/{space}/configmaps", theirs)
    result = a_set.apply(state="absent")
    reasons = {entry["object"]: entry.get("reason", "") for entry in result["objects"] if entry["action"] == "kept"}
    assert f"ConfigMap/{space}/theirs" in reasons[f"Namespace/{space}"]
    assert a_set.find(theirs) is not None
    assert a_set.find(applied[1]) is None


def test_absent_keeps_volume_claims(a_set: ASet, namespace: str) -> None:
    claim = manifest(
        "PersistentVolumeClaim",
        "data",
        namespace,
        spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    )
    a_set.apply(claim, config_map(namespace), wait=False)
    a_set.apply(state="absent")
    assert a_set.find(claim) is not None
    assert a_set.find(config_map(namespace)) is None


def test_absent_touches_nothing_of_another_set(a_set: ASet, namespace: str) -> None:
    other = ASet(a_set.plane)
    other.apply(config_map(namespace, "other"))
    a_set.apply(config_map(namespace, "mine"))
    a_set.apply(state="absent")
    assert a_set.find(config_map(namespace, "mine")) is None
    assert a_set.find(config_map(namespace, "other")) is not None


def test_absent_names_the_finalizer_that_holds_an_object(a_set: ASet, namespace: str) -> None:
    held = config_map(namespace)
    a_set.apply(held)
    a_set.patch(held, {"metadata": {"finalizers": ["example.com/hold"]}})
    error = a_set.refused(state="absent", wait_timeout=1.0)
    assert "example.com/hold" in str(error)
    a_set.patch(held, {"metadata": {"finalizers": None}})


def test_external_neither_reads_nor_writes(a_set: ASet, namespace: str) -> None:
    result = a_set.apply_nowhere(config_map(namespace), check_mode=False, state="external")
    assert (result["changed"], result["state"]) == (False, "external")
    assert a_set.find(config_map(namespace)) is None


@pytest.fixture
def leaving(a_set: ASet, space: str) -> tuple[Object, Object]:
    """A set's own namespace that is being deleted and held by what is in it, and that."""
    wanted = (manifest("Namespace", space), config_map(space))
    a_set.apply(*wanted)
    a_set.patch(wanted[1], {"metadata": {"finalizers": ["example.com/hold"]}}, by="holder")
    a_set.reader.delete(f"/api/v1/namespaces/{space}")
    return wanted


def test_own_namespace_that_is_being_deleted_is_waited_for(a_set: ASet, leaving: tuple[Object, Object]) -> None:
    before = a_set.live(leaving[0])["metadata"]["uid"]
    predicted = a_set.apply(*leaving, check_mode=True)

    def let_go() -> None:
        until(lambda: bool(a_set.lines), 30)
        a_set.patch(leaving[1], {"metadata": {"finalizers": None}})

    helper = threading.Thread(target=let_go, daemon=True)
    helper.start()
    result = a_set.apply(*leaving)
    helper.join(30)
    assert [entry["note"] for entry in predicted["objects"] if entry.get("note")]
    assert predicted["summary"]["created"] == result["summary"]["created"] == 2
    assert a_set.live(leaving[0])["metadata"]["uid"] != before
    assert a_set.find(leaving[1]) is not None
    assert a_set.apply(*leaving)["changed"] is False


def told_by_its_controller(namespace: Object) -> bool:
    rows = namespace["status"].get("conditions", [])
    return any(row["type"] == "NamespaceFinalizersRemaining" and row["status"] == "True" for row in rows)


def test_namespace_that_does_not_go_is_told_with_what_is_left_in_it(
    a_set: ASet, leaving: tuple[Object, Object]
) -> None:
    until(lambda: told_by_its_controller(a_set.live(leaving[0])), 60)
    error = a_set.refused(*leaving, wait_timeout=6.0)
    a_set.patch(leaving[1], {"metadata": {"finalizers": None}})
    assert (error.kind, error.resumable) == ("timeout", True)
    assert "is still being deleted" in str(error)
    assert "example.com/hold" in str(error)
