# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role ``logging``: how indices are kept, as requests, and what is refused before anything is written."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tests.unit.roles.test_rendering import of_kind, rendered

S3 = {"type": "s3", "bucket": "logs"}


@pytest.mark.parametrize(
    ("over", "provider", "sentence"),
    [
        ({"logging_collector": "fluentd"}, "eks", "logging_collector is fluentd, which this role does not run yet"),
        (
            {"logging_nodes": 2},
            "eks",
            "logging_nodes is 2; must be 3 or more, or the loss of one node stops all",
        ),
        ({"logging_snapshots": {"type": "ftp"}}, "eks", "logging_snapshots.type is ftp; must be one of s3, gcs, azure"),
        ({"logging_snapshots": {"type": "gcs"}}, "gke", "logging_snapshots lacks bucket, identity, without which no"),
        (
            {"logging_snapshots": S3},
            "kubeconfig",
            "logging_snapshots.identity is empty; name the IAM role that",
        ),
        (
            {"logging_team_delete_days": {"payments": "90 days"}},
            "eks",
            "logging_team_delete_days.payments is not a whole number of days",
        ),
    ],
)
def test_logs_that_could_not_be_kept_as_asked_are_refused(over: dict[str, t.Any], provider: str, sentence: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(sentence)):
        rendered("logging", over, provider=provider)


def test_each_team_with_a_time_of_its_own_has_a_policy_and_a_template_that_wins() -> None:
    objects = rendered("logging", {"logging_team_delete_days": {"payments": 90, "bank": 400}})
    said = of_kind(objects, "ConfigMap")["elasticsearch-set-up"]["data"]
    bodies = {path: json.loads(said[name]) for name, path in map(str.split, said["list"].splitlines())}
    assert bodies["_ilm/policy/logs-bank"]["policy"]["phases"]["delete"]["min_age"] == "400d"
    template = bodies["_index_template/logs-payments"]
    assert template["index_patterns"] == ["logs-*-payments"]
    assert template["priority"] > 100, "that of Elasticsearch's own template for logs-*-*"
    assert template["composed_of"][-1] == "logs-payments", "the last one has its way"
    settings = [path.partition("/_settings")[0] for path in bodies if "/_settings" in path]
    assert settings == ["logs-*", "logs-*-bank", "logs-*-payments"], "a team's own comes last"


def test_other_requests_are_sent_by_another_job() -> None:
    (before,), (same,), (after,) = (
        of_kind(rendered("logging", over), "Job") for over in ({}, {"logging_buffer_gib": 9}, {"logging_hot_days": 1})
    )
    assert before == same != after
