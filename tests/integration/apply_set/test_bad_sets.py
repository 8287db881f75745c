# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one sentence that says what and where, in a run and in check mode, and not one write."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import load
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from drydock.kube import Object

from .a_set import ASet, config_map, definition, manifest
from .test_play import Play, play

__all__ = ["play"]

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good, namespace: {namespace}}\n---\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

TEXTS: dict[str, tuple[str, str]] = {
    "twice": ("{apiVersion: v1, kind: ConfigMap, metadata: {name: good, namespace: {namespace}}}", "stands twice"),
    "no kind": ("{apiVersion: v1, metadata: {name: a}}", 'set.yaml: "kind" is missing'),
    "no apiVersion": ("{kind: ConfigMap, metadata: {name: a}}", 'set.yaml: "apiVersion" is missing'),
    "no name": ("{apiVersion: v1, kind: ConfigMap, metadata: {}}", '"metadata.name" is missing'),
    "generated name": ("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}", "new object at each run"),
    "unknown kind": ("{apiVersion: nowhere.example/v1, kind: Boat, metadata: {name: a}}", "does not know Boat"),
    "no YAML": ("a: [1\nb: 2\n", "set.yaml line 6"),
    "tab": ("a:\n\t- b\n", "set.yaml line 6: found character that cannot start any token"),
    "key twice": ("a: 1\na: 2\n", 'set.yaml line 6: the key "a" stands twice'),
    "bomb": (BOMB, "its aliases (*name) stand for more than 1000000 values"),
    "holds itself": ("a: &a [*a]\n", "its aliases (*name) stand for more than 1000000 values"),
    "no object": ("just text\n", "a str stands where an object"),
    "label that is no text": (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x, labels: {on: yes}}}",
        "wanted text: quote it",
    ),
    "namespace of a cluster-wide kind": (
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}}", "takes no metadata.namespace",
    ),
    "no namespace": ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "needs a metadata.namespace"),
    "wave that is no number": (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x, annotations: "
        '{seaworthy.dev/wave: after-b}}}', 'annotation seaworthy.dev/wave is "after-b", wanted a whole number',
    ),
    "not a number": ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x}, data: {a: .nan}}", "JSON"),
}  # fmt: skip


def refusal(a_set: ASet, text: str, check_mode: bool) -> str:
    try:
        found = [(obj, "set.yaml") for obj in load.parse(text, "set.yaml")]
    except InvalidInput as error:
        return str(error)
    return str(a_set.refused_from(found, check_mode=check_mode))


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("fault", TEXTS)
def test_bad_text_is_one_sentence_and_nothing_is_applied(
    a_set: ASet, namespace: str, fault: str, check_mode: bool
) -> None:
    text, sentence = TEXTS[fault]
    whole = (GOOD + text).replace("{namespace}", namespace)
    if fault == "unknown kind" and check_mode:
        return  # another set may bring it before this one runs: told as not validated
    assert sentence in refusal(a_set, whole, check_mode)
    assert a_set.all_writes() == []


def big(namespace: str) -> Object:
    return config_map(namespace, "big", text="x" * 4_000_000)


@pytest.mark.parametrize("check_mode", [False, True])
def test_object_of_four_megabytes_is_refused_before_any_write(a_set: ASet, namespace: str, check_mode: bool) -> None:
    told = str(a_set.refused(config_map(namespace), big(namespace), check_mode=check_mode))
    assert f"ConfigMap/{namespace}/big: the object has 4000" in told
    assert "x" * 100 not in told
    assert a_set.all_writes() == []


def test_fields_of_the_server_in_the_payload_are_left_out(a_set: ASet, namespace: str) -> None:
    first = ASet(a_set.plane)
    first.apply(config_map(namespace, "exported"))
    exported = first.live(config_map(namespace, "exported"))
    first.apply(state="absent")
    exported["metadata"]["labels"] = None
    a_set.apply(exported)
    assert a_set.apply(exported)["changed"] is False


def test_bare_equals_sign_is_text(a_set: ASet, namespace: str) -> None:
    text = GOOD.replace("{namespace}", namespace).replace("\n---", "\ndata: {sign: =, <<: {more: all}}\n---")
    a_set.apply(*load.parse(text, "set.yaml"))
    assert a_set.live(config_map(namespace, "good"))["data"] == {"sign": "=", "more": "all"}


def test_text_that_is_no_utf_8_and_templates_that_fail_are_told_with_their_file(
    play: Play, tmp_path: pathlib.Path, namespace: str
) -> None:
    plain, role = tmp_path / "plain", tmp_path / "role"
    (role / "templates" / "web").mkdir(parents=True)
    plain.mkdir()
    (plain / "latin.yaml").write_bytes(b"a: \xe9\n")
    template = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {namespace}}}\ndata:\n"
    (role / "templates" / "web" / "a.yaml.j2").write_text(template + "  b: {{ no_such }}\n", encoding="utf-8")
    told = play.run_all([{"src": "plain"}, {"src": "role"}], ignore_errors=True)
    assert "latin.yaml: byte 3 is not UTF-8; save the file as UTF-8" in told
    assert "templates/web/a.yaml.j2 line 5" in told
    assert "no_such" in told
    assert play.a_set.all_writes() == []


def test_wave_waits_for_the_one_before(a_set: ASet, namespace: str, node: str) -> None:
    def waved(obj: Object, wave: int) -> Object:
        return {**obj, "metadata": {**obj["metadata"], "annotations": {"seaworthy.dev/wave": str(wave)}}}

    group = f"{a_set.name}.example"
    boat = manifest("Berth", "first", namespace, api=f"{group}/v1", spec={"size": 1})
    objects = [waved(config_map(namespace, "late"), 5), waved(boat, -1), definition(group), config_map(namespace)]
    objects[2] = waved(objects[2], -2)
    a_set.apply(*objects)
    written = [write.rpartition("/")[2] for write in a_set.writes()]
    assert written == [f"berths.{group}", "first", "settings", "late"]
    assert a_set.apply(*objects)["changed"] is False
    assert json.dumps(a_set.look(*objects)["objects"]) == "[]"
