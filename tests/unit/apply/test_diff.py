# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diff shows what a person changed, at paths that a person would write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.diff import changed_paths, managed_diff

Object = dict[str, t.Any]


def live(**more: t.Any) -> Object:
    metadata = {
        "name": "x",
        "namespace": "n",
        "uid": "u",
        "resourceVersion": "7",
        "generation": 3,
        "selfLink": "/x",
        "creationTimestamp": "t",
        "managedFields": [{}],
        "labels": {"a": "b"},
        "annotations": {"seaworthy.dev/desired": "0" * 32, "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "status": {"x": 1}, **more}


def test_bookkeeping_of_the_server_and_our_own_mark_are_left_out() -> None:
    before, after = managed_diff(None, live(data={"a": "1"}))
    assert before == {}
    assert after == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "data": {"a": "1"},
        "metadata": {"name": "x", "namespace": "n", "labels": {"a": "b"}},
    }


def test_other_annotations_are_shown_and_the_input_is_left_as_it_was() -> None:
    obj = live()
    obj["metadata"]["annotations"]["own"] = "1"
    _, after = managed_diff(None, obj)
    assert after["metadata"]["annotations"] == {"own": "1"}
    assert "managedFields" in obj["metadata"]


def containers(*rows: Object) -> Object:
    return {"spec": {"containers": list(rows)}}


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"spec": {"a": 1}}, {"spec": {"a": 1}}, []),
        ({"spec": {"a": 1}}, {"spec": {"a": 2}}, ["spec.a"]),
        ({"spec": {"a": 1}}, {"spec": {"a": True}}, ["spec.a"]),
        ({"spec": {}}, {"spec": {"b": {"c": {"d": 1}}}}, ["spec.b"]),
        ({"spec": {"b": {"c": 1}}}, {"spec": {}}, ["spec.b"]),
        (None, {"spec": {}}, ["metadata", "spec"]),
        ({"data": {"a.b/c": "1"}}, {"data": {"a.b/c": "2"}}, ['data["a.b/c"]']),
        (
            containers({"name": "a", "image": "1"}, {"name": "b"}),
            containers({"name": "b"}, {"name": "a", "image": "2"}),
            ["spec.containers[a].image"],
        ),
        (containers({"name": "a"}), containers({"name": "a"}, {"name": "b"}), ["spec.containers[b]"]),
        (containers({"name": "a"}, {"name": "b"}), containers({"name": "b"}, {"name": "a"}), ["spec.containers"]),
        ({"args": ["a", "b"]}, {"args": ["a", "c", "d"]}, ["args[1]", "args[2]"]),
        ({"args": []}, {"args": [{"x": 1}]}, ["args[0]"]),
        ({"metadata": {"generation": 1}, "status": {"a": 1}}, {"metadata": {"generation": 2}}, []),
    ],
)
def test_changed_paths(before: Object | None, after: Object, paths: list[str]) -> None:
    assert changed_paths(before, after) == paths
