# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ownership as the server records it, read without the server. Shapes are those of metadata.managedFields."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import Desired, Object, field_manager
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.ownership import (
    drift,
    owned_fields,
    reordered,
    uncovered,
)

Fields = dict[str, t.Any]
MANAGER = field_manager("shop")


def member(**body: t.Any) -> Desired:
    obj = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "b"}, **body}
    return load("shop", [(obj, "x")])[0]


def all_of(value: t.Any) -> Fields:
    """Return fieldsV1 that own a payload as the server writes them: maps by field, lists as a whole."""
    return {f"f:{key}": all_of(item) if isinstance(item, dict) else {} for key, item in value.items()}


def live(desired: Desired, fields: Fields | None = None, **entry: t.Any) -> Object:
    payload = desired.payload
    own = {"f:metadata": {f"f:{k}": all_of(payload["metadata"][k]) for k in ("labels", "annotations")}}
    row = {"manager": MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields or own, **entry}
    return {**payload, "metadata": {**payload["metadata"], "managedFields": [row]}}


def test_object_as_applied_has_no_drift() -> None:
    desired = member()
    assert drift(desired, live(desired), MANAGER) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"operation": "Update"}, "was never applied by this set"),
        ({"manager": "kubectl"}, "was never applied by this set"),
        ({"subresource": "status"}, "was never applied by this set"),
        ({"apiVersion": "v2"}, "was never applied by this set"),
        ({"fieldsV1": {}}, "was never applied by this set"),
    ],
)
def test_only_our_own_apply_entry_counts(change: Fields, reason: str) -> None:
    desired = member()
    assert drift(desired, live(desired, **change), MANAGER) == reason


def test_wiped_record_is_drift() -> None:
    desired = member()
    wiped: tuple[t.Any, ...] = ([], [{}], None)
    for rows in wiped:
        seen = live(desired)
        seen["metadata"]["managedFields"] = rows
        assert drift(desired, seen, MANAGER)


def test_other_mark_is_drift_and_so_is_deletion() -> None:
    desired = member()
    seen = live(desired)
    seen["metadata"]["annotations"] = {"seaworthy.dev/desired": "0" * 32}
    assert drift(desired, seen, MANAGER) == "differs from what was last applied"
    seen["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert drift(desired, seen, MANAGER) == "is being deleted"


def test_lost_field_is_named() -> None:
    desired = member(spec={"type": "ClusterIP"})
    assert drift(desired, live(desired), MANAGER) == ".spec.type was changed by somebody else"


PORTS: Fields = {
    ".": {},
    'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}},
    'k:{"port":80,"protocol":"UDP"}': {".": {}, "f:port": {}, "f:protocol": {}},
}


@pytest.mark.parametrize(
    ("fields", "value", "missing"),
    [
        ({"f:a": {}}, {"a": 1}, ""),
        ({"f:a": {}}, {"a": {"deep": [1]}}, ""),
        ({"f:a": {"f:b": {}}}, {"a": {"b": 1, "c": 2}}, ".a.c"),
        ({"f:a": {}}, {"b": {"c": {"d": 1}}}, ".b.c.d"),
        ({"f:a": {'v:"x"': {}, 'v:"y"': {}}}, {"a": ["y", "x"]}, ""),
        ({"f:a": {'v:"x"': {}}}, {"a": ["x", "y"]}, ".a[y]"),
        ({"f:a": {"v:1": {}}}, {"a": ["1"]}, ".a[1]"),
        ({"f:a": {'v:"<&>"': {}}}, {"a": ["<&>"]}, ""),
        ({"f:p": PORTS}, {"p": [{"port": 80, "name": "web"}, {"port": 80, "protocol": "UDP"}]}, ""),
        ({"f:p": PORTS}, {"p": [{"port": 80, "protocol": "UDP"}, {"port": 80, "name": "web"}]}, ""),
        ({"f:p": PORTS}, {"p": [{"port": 80, "protocol": "SCTP"}]}, ".p[80]"),
        ({"f:p": PORTS}, {"p": [{"port": 80, "name": "web", "nodePort": 1}]}, ".p[web].nodePort"),
        ({"f:p": {'k:{"name":"a"}': {}}}, {"p": [{"name": "a", "image": "b"}]}, ""),  # an atomic item
        ({"f:p": {'k:{"name":"a"}': {".": {}, "f:name": {}}}}, {"p": [{"name": "a", "image": "b"}]}, ".p[a].image"),
        ({"f:p": {'k:{"port":80}': {}}}, {"p": [{"image": "b"}]}, ".p[b]"),
        ({"f:e": {"f:x": {}}}, {"e": 1}, ".e"),
    ],
)
def test_coverage(fields: Fields, value: Fields, missing: str) -> None:
    assert uncovered(fields, value) == missing


def test_two_items_never_share_one_owned_key() -> None:
    fields: Fields = {"f:p": {'k:{"port":80,"protocol":"UDP"}': {".": {}, "f:port": {}, "f:protocol": {}}}}
    assert uncovered(fields, {"p": [{"port": 80}, {"port": 80, "protocol": "UDP"}]}) == ".p[80]"


NAMED: Fields = {"f:c": {'k:{"name":"a"}': {".": {}, "f:name": {}}, 'k:{"name":"b"}': {".": {}, "f:name": {}}}}
A, B, X = {"name": "a"}, {"name": "b"}, {"name": "x"}


@pytest.mark.parametrize(
    ("items", "moved"),
    [([A, B], ""), ([X, A, X, B], ""), ([B, A], ".c"), ([B], ".c")],
)
def test_order_of_our_items_counts_and_others_may_stand_between(items: list[Object], moved: str) -> None:
    assert reordered(NAMED, {"c": [A, B]}, {"c": items}) == moved


def test_order_inside_an_item_counts_too() -> None:
    inner: Fields = {"f:e": {'k:{"name":"a"}': {".": {}, "f:name": {}}, 'k:{"name":"b"}': {".": {}, "f:name": {}}}}
    fields: Fields = {"f:c": {'k:{"name":"main"}': {".": {}, "f:name": {}, **inner}}}
    wanted = {"c": [{"name": "main", "e": [A, B]}]}
    assert reordered(fields, wanted, {"c": [{"name": "main", "e": [B, A]}]}) == ".c[main].e"


def test_atomic_list_is_not_compared_by_order() -> None:
    assert reordered({"f:c": {}}, {"c": [A, B]}, {"c": [B, A]}) == ""


def test_secret_values_are_compared() -> None:
    desired = member(kind="Secret", data={"a": "MQ=="})
    fields: Fields = {"f:metadata": {"f:labels": {}, "f:annotations": {}}, "f:data": {"f:a": {}}}
    seen = live(desired, fields)
    assert drift(desired, seen, MANAGER) == ""
    assert drift(desired, {**seen, "data": {"a": "Mg=="}}, MANAGER) == "its values differ"


def test_owned_fields_are_ours_alone() -> None:
    desired = member()
    assert owned_fields(live(desired), "someone") is None
    assert owned_fields({"metadata": {}}, MANAGER) is None
