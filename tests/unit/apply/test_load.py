# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may enter the engine, and in which sentence the rest is refused."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import (
    DESIRED,
    PART_OF,
    Object,
    applyset_id,
    digest,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}


def config_map(**body: t.Any) -> Object:
    return {**CONFIG_MAP, **body}


def refusal(*objects: t.Any, set_name: str = "shop") -> str:
    with pytest.raises(InvalidInput) as caught:
        load.load(set_name, [(obj, f"file.yaml item {place}") for place, obj in enumerate(objects)])
    return str(caught.value)


def parse_refusal(text: str, source: str = "a.yaml") -> str:
    with pytest.raises(InvalidInput) as caught:
        load.parse(text, source)
    return str(caught.value)


def test_yaml_is_read_as_kubernetes_reads_it() -> None:
    text = "a: 2026-01-01\nb: =\nc: 0o17\n---\n---\nkind: ConfigMapList\nitems: [{d: 1}, {e: 2}]\n"
    assert load.parse(text, "a.yaml") == [{"a": "2026-01-01", "b": "=", "c": "0o17"}, {"d": 1}, {"e": 2}]


def test_merge_keys_may_be_overridden() -> None:
    text = "base: &base {a: 1, b: 2}\nmade: {<<: *base, b: 3}\n"
    assert load.parse(text, "a.yaml")[0]["made"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", 'a.yaml line 3: the key "a" stands twice'),
        ("a:\n\t- b\n", "a.yaml line 2: found character that cannot start any token"),
        ("a: [1\n", "a.yaml line 2: did not find expected"),
        ("a: !!python/object:os.system {}\n", "a.yaml line 1: could not determine a constructor"),
    ],
)
def test_bad_yaml_is_refused_with_file_and_line(text: str, sentence: str) -> None:
    assert parse_refusal(text).startswith(sentence[:40])


def test_bad_json_is_refused_with_its_place() -> None:
    assert "a.json: Expecting" in parse_refusal('{"a": }', "a.json")


@pytest.mark.parametrize(
    ("obj", "sentence"),
    [
        ("text", "a str stands where an object with apiVersion, kind and metadata is wanted"),
        ({"kind": "A", "metadata": {"name": "a"}}, '"apiVersion" is missing'),
        ({"apiVersion": "v1", "metadata": {"name": "a"}}, '"kind" is missing'),
        ({"apiVersion": "v1", "kind": "A"}, '"metadata" is missing'),
        ({"apiVersion": "v1", "kind": "A", "metadata": {"generateName": "a-"}}, "generateName would make a new object"),
        (config_map(metadata={"name": "a", "labels": {"v": 1.3}}), '"metadata.labels.v" is float 1.3, wanted text'),
        (config_map(metadata={"name": "a", "annotations": {"on": True}}), '"metadata.annotations.on" is bool true'),
        (config_map(kind="Secret", data={"a": "not base64!"}), '"data.a" of a Secret is not base64'),
        (config_map(kind="Secret", stringData={"a": 1}), '"stringData.a" of a Secret is int'),
        (config_map(data={"a": float("nan")}), "holds a value that JSON cannot carry"),
        (config_map(data={"a": "x" * 1_100_000}), "its data has 1100000 bytes, the API server takes at most 1048576"),
        (config_map(metadata={"name": "a", "annotations": {"a": "x" * 300_000}}), "its annotations has 300"),
        (config_map(other="x" * 1_600_000), "the object has 1600"),
    ],
)
def test_bad_object_is_refused_with_its_source(obj: t.Any, sentence: str) -> None:
    told = refusal(obj)
    assert "file.yaml item 0" in told
    assert sentence in told


def test_every_fault_is_told_at_once() -> None:
    told = refusal({"kind": "A"}, config_map(), config_map(), set_name="No Name")
    for part in ("item 0", "ConfigMap/b/a stands twice in the set: file.yaml item 1 and file.yaml item 2", '"No Name"'):
        assert part in told


def test_same_name_in_two_versions_of_a_group_is_one_object() -> None:
    one = config_map(apiVersion="apps/v1", kind="Deployment")
    assert "stands twice" in refusal(one, {**one, "apiVersion": "apps/v1beta1"})


def test_server_fields_are_left_out() -> None:
    noisy = config_map(status={"a": 1})
    noisy["metadata"] = {**noisy["metadata"], "uid": "1", "resourceVersion": "2", "managedFields": [], "generation": 3}
    (member,) = load.load("shop", [(noisy, "x")])
    assert set(member.payload) == {"apiVersion", "kind", "metadata"}
    assert set(member.payload["metadata"]) == {"name", "namespace", "labels", "annotations"}
    assert noisy["status"] == {"a": 1}


def test_string_data_becomes_data_and_wins() -> None:
    secret = config_map(kind="Secret", data={"a": "b2xk", "b": "a2Vw\ndA=="}, stringData={"a": "new"})
    (member,) = load.load("shop", [(secret, "x")])
    assert member.payload["data"] == {"a": base64.b64encode(b"new").decode(), "b": "a2VwdA=="}
    assert "stringData" not in member.payload


def test_object_is_marked_with_its_set_and_digest() -> None:
    (member,) = load.load("shop", [(config_map(), "x")])
    assert member.payload["metadata"]["labels"][PART_OF] == applyset_id("shop")
    assert len(applyset_id("shop")) <= 63
    assert len(member.mark) == 32
    (same,) = load.load("shop", [(member.payload, "x")])
    assert same.payload == member.payload


def test_digest_follows_every_field_but_a_secrets_values() -> None:
    assert digest(config_map(data={"a": "1"})) != digest(config_map(data={"a": "2"}))
    one, other = (config_map(kind="Secret", data={"a": value}) for value in ("MQ==", "Mg=="))
    assert digest(one) == digest(other)
    assert digest(one) != digest(config_map(kind="Secret", data={"b": "MQ=="}))


def test_own_label_of_a_template_is_kept() -> None:
    labelled = config_map(metadata={"name": "a", "labels": {"app.kubernetes.io/managed-by": "argocd"}})
    (member,) = load.load("shop", [(labelled, "x")])
    assert member.payload["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "argocd"
    assert DESIRED in member.payload["metadata"]["annotations"]
