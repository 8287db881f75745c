# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret value leaves: not in Secrets, and not where somebody copied it to."""

from __future__ import annotations

import base64
import json
import typing as t
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.redact import Redactor, redact, run_key

Object = dict[str, t.Any]
CANARY = 'ca/nary+"42" Zürich'
KEY = b"k" * 32


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def secret(**more: t.Any) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": "Opaque", **more}


def test_values_of_a_secret_are_masked_and_equal_values_look_equal() -> None:
    shown = redact(secret(data={"a": encoded(CANARY), "b": encoded("other")}, stringData={"c": CANARY}), KEY)
    assert shown["data"]["a"] == shown["stringData"]["c"]
    assert shown["data"]["a"] != shown["data"]["b"]
    assert shown["data"]["a"].startswith("<hmac:")
    assert len(shown["data"]["a"]) == len("<hmac:1a2b3c4d>")
    assert shown["type"] == "Opaque"


def test_masks_of_two_runs_cannot_be_compared() -> None:
    obj = secret(data={"a": encoded(CANARY)})
    assert run_key() != run_key()
    assert redact(obj, run_key())["data"] != redact(obj, run_key())["data"]


def test_masking_twice_changes_nothing_and_the_input_is_left_as_it_was() -> None:
    obj = secret(data={"a": encoded(CANARY)})
    once = redact(obj, KEY)
    assert redact(once, KEY) == once
    assert obj["data"] == {"a": encoded(CANARY)}


def test_the_last_applied_annotation_is_dropped_from_every_kind() -> None:
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "own": "1"}
    shown = redact({"kind": "ConfigMap", "metadata": {"annotations": notes}}, KEY)
    assert shown["metadata"]["annotations"] == {"own": "1"}


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        f"password={CANARY};",
        encoded(CANARY),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
        json.dumps({"p": CANARY}),
        json.dumps({"p": CANARY}, ensure_ascii=False),
        urllib.parse.quote(CANARY, safe=""),
    ],
)
def test_a_known_value_is_masked_wherever_it_appears(text: str) -> None:
    redactor = Redactor(KEY)
    redactor.learn(secret(data={"a": encoded(CANARY)}))
    shown = redactor.text(f"before {text} after")
    assert "<hmac:" in shown
    for piece in ("ca/nary", "ca%2Fnary", encoded(CANARY)[:8]):
        assert piece not in shown


def test_results_of_any_shape_are_cleaned() -> None:
    redactor = Redactor(KEY)
    redactor.learn(secret(stringData={"a": CANARY}))
    result = {"diff": [{"after": secret(data={"z": encoded("unknown")}), "n": 1}], CANARY: (CANARY, None, True)}
    shown = json.dumps(redactor.clean(result), ensure_ascii=False)
    assert CANARY not in shown
    assert encoded("unknown") not in shown
    assert "true" in shown


def test_each_line_of_a_private_key_is_known() -> None:
    redactor = Redactor(KEY)
    redactor.learn_value("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n")
    assert "MIIEvQIBADANBgkq" not in redactor.text("line: MIIEvQIBADANBgkq")


def test_short_and_blank_values_do_not_blacken_every_text() -> None:
    redactor = Redactor(KEY)
    redactor.learn(secret(stringData={"a": "true", "b": "", "c": "      \n "}))
    assert redactor.text("it is true that       spaces stay") == "it is true that       spaces stay"


def test_bytes_that_are_no_text_are_masked() -> None:
    raw = base64.b64encode(bytes(range(128, 160))).decode()
    redactor = Redactor(KEY)
    redactor.learn(secret(data={"a": raw, "odd": "not base64!"}))
    assert raw not in redactor.text(f"x {raw}")
    assert "not base64!" not in redactor.text("x not base64!")


@given(st.text(min_size=6, max_size=40).filter(lambda value: not value.isspace()), st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_no_value_survives(value: str, around: str) -> None:
    redactor = Redactor(KEY)
    redactor.learn_value(value)
    shown = redactor.text(f"{around}{value}{around}{json.dumps(value)}")
    assert value not in shown.replace("<hmac:", "")


def test_base64_with_its_special_characters_is_known() -> None:
    value = "a>>>b???c~~~"
    assert set("+/") & set(encoded(value)), "the value no longer shows what it is for"
    redactor = Redactor(KEY)
    redactor.learn_value(value)
    assert encoded(value)[:10] not in redactor.text(f"x {encoded(value)} y")


def test_of_two_values_the_longer_one_is_masked_whole() -> None:
    redactor = Redactor(KEY)
    redactor.learn(secret(stringData={"a": "canary-1", "b": "canary-1-and-its-tail"}))
    assert "tail" not in redactor.text("it is canary-1-and-its-tail")
