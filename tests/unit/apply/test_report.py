# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run returns and says: small, complete in its counts, without a secret; and when a wait is over."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import Desired, Object
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.order import Stage
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.plan import Step
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.preflight import Verdict, unvalidated
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.redact import Redactor
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.report import (
    MAX_BYTES,
    bounded,
    difference,
    entry,
    learn,
    shown,
    summary,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.wait import Waiting
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.wait import summary as waiting_summary
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.watch import Seen


def member(kind: str = "ConfigMap", name: str = "a", **body: object) -> Desired:
    obj = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "b"}, **body}
    return load("shop", [(obj, "a.yaml")])[0]


def step(action: str = "create", **changes: object) -> Step:
    return Step(member(), Stage.ACCESS, action, "does not exist", **changes)  # type: ignore[arg-type]


def test_counts_add_up_to_the_set() -> None:
    steps = [step(), step("update"), step("unchanged"), step("yield"), step("update")]
    verdicts = [Verdict(steps[0], "created"), Verdict(steps[1], "unchanged")]
    found = summary(steps, verdicts, attempted=True)
    assert found["total"] == 5
    assert sum(found[key] for key in ("unchanged", "created", "configured", "yielded", "not_attempted")) == 5


def test_entry_says_what_why_and_where() -> None:
    found = entry(unvalidated(step(), "its kind is not in the cluster yet"))
    assert found["object"] == "ConfigMap/b/a"
    assert found["source"] == "a.yaml"
    assert (found["validated"], found["note"]) == (False, "its kind is not in the cluster yet")


def test_result_is_cut_to_size_diffs_first_and_says_so() -> None:
    rows = [{"object": f"ConfigMap/b/{place}", "reason": "x" * 100} for place in range(300)]
    result = {"changed": True, "objects": rows, "diff": [{"after": "y" * 2000} for _ in range(100)]}
    cut = bounded(result)
    assert len(json.dumps(cut)) <= MAX_BYTES
    assert cut["diffs_left_out"] + len(cut["diff"]) == 100
    assert cut["objects"] == rows
    many = bounded({"changed": True, "objects": rows * 5})
    assert many["objects_left_out"] + len(many["objects"]) == 1500
    assert bounded({"objects": rows}) == {"objects": rows}


def test_secret_value_is_masked_wherever_it_stands() -> None:
    value = "correct horse battery"
    secret = member("Secret", stringData={"password": value})
    redactor = Redactor()
    learn(redactor, [secret.payload, None])
    verdict = Verdict(Step(secret, Stage.ACCESS, "create"), "created", after=secret.payload)
    text = json.dumps(shown({"diff": [difference(verdict)], "note": f"the server said: {value}"}, redactor))
    assert value not in text
    assert base64.b64encode(value.encode()).decode() not in text
    assert text.count("<hmac:") == 2


def pod(name: str, phase: str, ready: bool = False) -> Object:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    metadata = {"name": name, "namespace": "b"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "status": {"phase": phase, "conditions": conditions},
    }


@pytest.fixture
def waiting() -> Waiting:
    return Waiting([member("Pod", "one"), member("Pod", "two"), member("ConfigMap", "data")], {})


def test_wait_is_over_when_each_member_was_seen_ready(waiting: Waiting) -> None:
    assert [who.name for who in waiting.pending()] == ["one", "two"]
    (kind,) = waiting.kinds()
    waiting.take(Seen(kind, [pod("one", "Running", True), pod("two", "Pending")], whole=True))
    assert waiting_summary(waiting.pending(), 3).startswith("1 of 3: Pod/two (")
    waiting.take(Seen(kind, [pod("two", "Running", True), pod("stranger", "Pending")]))
    assert waiting.pending() == {}


def test_member_that_goes_away_is_waited_for_again(waiting: Waiting) -> None:
    (kind,) = waiting.kinds()
    waiting.take(Seen(kind, [pod("one", "Running", True), pod("two", "Running", True)], whole=True))
    waiting.take(Seen(kind, [pod("two", "Running", True)], gone=True))
    assert [who.name for who in waiting.pending()] == ["two"]
    waiting.take(Seen(kind, [], whole=True))
    assert len(waiting.pending()) == 2


def test_failure_counts_only_when_it_lasts(waiting: Waiting) -> None:
    (kind,) = waiting.kinds()
    waiting.take(Seen(kind, [pod("one", "Failed"), pod("two", "Pending")], whole=True))
    assert waiting.hopeless(100.0, grace=15.0) == []
    assert waiting.hopeless(114.0, grace=15.0) == []
    assert [who.name for who in waiting.hopeless(115.0, grace=15.0)] == ["one"]
    waiting.take(Seen(kind, [pod("one", "Running", True)]))
    waiting.take(Seen(kind, [pod("one", "Failed")]))
    assert [who.name for who in waiting.hopeless(116.0, grace=15.0)] == ["one"]
    waiting.take(Seen(kind, [pod("one", "Running", True)]))
    assert waiting.hopeless(117.0, grace=0.0) == []
    waiting.take(Seen(kind, [pod("one", "Failed")]))
    assert waiting.hopeless(118.0, grace=15.0) == []
