# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a set tells beyond the plan: which objects a run would disturb, and how far each one is. Pure."""

from __future__ import annotations

import typing as t

from . import report
from .diff import changed_paths
from .objects import Object
from .plan import Step
from .preflight import Verdict
from .ready import assess
from .report import Entry
from .run import Run

PODS = "spec.template"
MADE_BY_HAND = "OnDelete"
RESTARTED = frozenset({("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet")})
"""Kinds whose controllers replace the pods when the template differs."""


def told(run: Run, result: Entry) -> Entry:
    """Return the result of a look: that of check mode without ``changed``, with disruptions and members."""
    verdicts = run.verdicts
    disturbed = [row for step in run.steps if (row := disruption(verdicts.get(step.member.identity)))]
    disturbed += [{"object": victim.identity.label, "effect": "deleted"} for victim in run.pruned()]
    members = [member(step, run.known.get(step.member.identity), verdicts) for step in run.steps]
    found = {
        **{key: value for key, value in result.items() if key not in ("changed", "state")},
        "changed": False,
        "in_sync": not (run.changing() or run.pruned()),
        "ready": all(entry["ready"] for entry in members),
        "disruptions": disturbed,
        "members": members,
    }
    return report.shown(found, run.redactor)


def disruption(verdict: Verdict | None) -> Entry | None:
    """Return what a run would do to something that works now, None if nothing is disturbed."""
    if verdict is None or verdict.before is None:
        return None
    label = verdict.step.label
    if verdict.outcome == "recreated":
        return {"object": label, "effect": "replaced", "paths": list(verdict.immutable)}
    if verdict.outcome != "configured" or verdict.step.member.identity.group_kind not in RESTARTED:
        return None
    paths = [path for path in _paths(verdict) if path == PODS or path.startswith(f"{PODS}.")]
    if not paths or _by_hand(verdict.after or verdict.before):
        return None
    return {"object": label, "effect": "restarted", "paths": paths[: report.MAX_PATHS]}


def _paths(verdict: Verdict) -> list[str]:
    return changed_paths(verdict.before, verdict.after or verdict.step.member.payload)


def _by_hand(obj: Object) -> bool:
    """Whether pods are replaced only when somebody deletes them."""
    return ((obj.get("spec") or {}).get("updateStrategy") or {}).get("type") == MADE_BY_HAND


def member(step: Step, live: Object | None, verdicts: t.Mapping[t.Any, Verdict]) -> Entry:
    """Return one object of the set: whether it is there, as desired, and ready."""
    verdict = verdicts.get(step.member.identity)
    entry: Entry = {"object": step.label, "api_version": step.member.kind.api_version, "source": step.member.source}
    entry["action"] = verdict.outcome if verdict else "left" if step.action == "yield" else "unchanged"
    state = assess(live) if live is not None else None
    entry["ready"] = step.action == "yield" or (state is not None and state.ready)
    if state is not None and not state.ready:
        entry["status"] = state.message
    return entry
