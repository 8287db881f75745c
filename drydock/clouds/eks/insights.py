# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrade insights: what the service says stands in the way of the next version."""

from __future__ import annotations

import typing as t

from ..aws.principals import Principal
from ..aws.protocol import Json
from .operations import Operation, Refused, World, page
from .rules import Call, Refusal
from .store import Cluster, Record, timestamp

SUMMARY = ("id", "name", "category", "kubernetesVersion", "lastRefreshTime", "description", "insightStatus")


def add_insight(cluster: Cluster, status: str, *, ident: str, name: str, version: str, reason: str) -> None:
    """Let the service have found something. ``status`` is PASSING, WARNING, ERROR or UNKNOWN."""
    cluster.insights[ident] = {
        "id": ident,
        "name": name,
        "category": "UPGRADE_READINESS",
        "kubernetesVersion": version,
        "lastRefreshTime": timestamp(),
        "description": name,
        "insightStatus": {"status": status, "reason": reason},
        "recommendation": "",
        "resources": [],
    }


def blocking(cluster: Cluster, version: str) -> Record | None:
    """Return a finding that holds the hop to a version."""
    found = (i for i in cluster.insights.values() if i["kubernetesVersion"] == version)
    return next((i for i in found if i["insightStatus"]["status"] == "ERROR"), None)


def list_insights(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    rows = [row for row in call.cluster.insights.values() if _wanted(row, call.params.get("filter") or {})]
    return page(call, "insights", [{name: row[name] for name in SUMMARY} for row in rows])


def _wanted(row: Record, asked: Record) -> bool:
    facts: dict[str, t.Any] = {
        "categories": row["category"],
        "kubernetesVersions": row["kubernetesVersion"],
        "statuses": row["insightStatus"]["status"],
    }
    return all(fact in asked[name] for name, fact in facts.items() if asked.get(name))


def describe_insight(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    found = call.cluster.insights.get(call.params["id"])
    if found is None:
        raise Refused(Refusal("ResourceNotFoundException", f"No insight found for id: {call.params['id']}"))
    return {"insight": found}


OPERATIONS: dict[str, Operation] = {
    "ListInsights": Operation(list_insights, False),
    "DescribeInsight": Operation(describe_insight, False),
}
