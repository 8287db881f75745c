# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run returns: counts, the objects that changed, times, requests. Small enough for every log it lands in."""

from __future__ import annotations

import collections
import contextlib
import json
import typing as t

from .._common.clock import Clock
from .delete import Victim
from .diff import changed_paths, managed_diff
from .files import Change
from .objects import Object
from .plan import Step
from .preflight import Verdict
from .redact import Redactor

MAX_BYTES = 60_000
"""A controller stores every task result: 64 KB with room for what Ansible adds."""
MAX_PATHS = 20
Entry = dict[str, t.Any]


class Watchmaker:
    """Seconds by phase of a run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def phase(self, name: str) -> t.Iterator[None]:
        start = self._clock.now()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self._clock.now() - start

    def total(self) -> float:
        return self._clock.now() - self._started

    def rounded(self) -> dict[str, float]:
        return {name: round(seconds, 3) for name, seconds in {**self.seconds, "total": self.total()}.items()}


def entry(verdict: Verdict) -> Entry:
    """Return one changed object as the result shows it."""
    step = verdict.step
    who = step.member.identity
    found: Entry = {
        "object": who.label,
        "api_version": step.member.kind.api_version,
        "action": verdict.outcome,
        "reason": step.reason,
        "source": step.member.source,
    }
    if verdict.outcome in ("configured", "recreated") and verdict.after is not None:
        found["paths"] = changed_paths(verdict.before, verdict.after)[:MAX_PATHS]
    if verdict.immutable:
        found["immutable"] = list(verdict.immutable)
    if verdict.taken:
        found["taken_back"] = [{"field": field, "owner": owner} for field, owner in verdict.taken]
    if not verdict.validated:
        found["validated"] = False
        found["note"] = verdict.note
    return found


def difference(verdict: Verdict) -> Entry:
    """Return before and after of one object, as ``--diff`` shows them."""
    shown = verdict.after if verdict.after is not None else verdict.step.member.payload
    before, after = managed_diff(verdict.before, shown)
    note = "" if verdict.validated else " (not validated)"
    label = verdict.step.label
    header = f"{label}: {verdict.step.reason}{note}"
    return {"before": before, "after": after, "before_header": label, "after_header": header}


def pruned(victim: Victim) -> Entry:
    """Return one deleted object as the result shows it."""
    return {
        "object": victim.identity.label,
        "api_version": victim.resource.kind.api_version,
        "action": "pruned",
        "reason": "left the set",
    }


def loss(victim: Victim, live: Object | None) -> Entry:
    """Return a deleted object, whole where it was read, as ``--diff`` shows it."""
    label = victim.identity.label
    before, after = managed_diff(
        live or {"kind": victim.identity.kind, "metadata": {"name": victim.identity.name}}, None
    )
    return {"before": before, "after": after, "before_header": label, "after_header": f"{label}: left the set"}


def left_summary(left: t.Sequence[Victim]) -> dict[str, int]:
    gone = sum(1 for victim in left if not victim.kept)
    return {"pruned": gone, "kept": len(left) - gone}


def summary(steps: t.Sequence[Step], verdicts: t.Sequence[Verdict], attempted: bool) -> dict[str, int]:
    """Return counts that add up to the size of the set."""
    outcomes = collections.Counter(verdict.outcome for verdict in verdicts)
    clean = sum(1 for step in steps if step.action == "unchanged")
    yielded = sum(1 for step in steps if step.action == "yield")
    settled = clean + yielded + sum(outcomes.values())
    return {
        "total": len(steps),
        "unchanged": clean + outcomes["unchanged"],
        "created": outcomes["created"],
        "configured": outcomes["configured"],
        "recreated": outcomes["recreated"],
        "yielded": yielded,
        "not_attempted": len(steps) - settled if attempted else 0,
        "not_validated": sum(1 for verdict in verdicts if not verdict.validated),
        "taken_back": sum(len(verdict.taken) for verdict in verdicts),
    }


# What is cut first when a result is too large, and the name of the count of what was cut.
LEFT_OUT = (("diff", "diffs_left_out"), ("members", "members_left_out"), ("objects", "objects_left_out"))


def bounded(result: Entry, limit: int = MAX_BYTES) -> Entry:
    """Return the result with diffs, then entries, left out from the end until it fits; it says how many."""
    for field, note in LEFT_OUT:
        rows = result.get(field)
        if not isinstance(rows, list) or _size(result) <= limit:
            continue
        room = max(0, limit - _size({**result, field: []}))
        kept = _prefix(rows, room)
        result = {**result, field: kept, note: len(rows) - len(kept)}
    return result


def _prefix(rows: list[t.Any], room: int) -> list[t.Any]:
    kept = []
    for row in rows:
        room -= _size(row) + 2
        if room < 0:
            break
        kept.append(row)
    return kept


def _size(value: t.Any) -> int:
    return len(json.dumps(value, default=str))


def shown(result: Entry, redactor: Redactor) -> Entry:
    """Return the result as it leaves the engine: secret values masked, then cut to size."""
    return bounded(t.cast(Entry, redactor.clean(result)))


def learn(redactor: Redactor, objects: t.Iterable[Object | None]) -> None:
    for obj in objects:
        if obj is not None:
            redactor.learn(obj)


def filed(set_name: str, total: int, rows: t.Sequence[Change], diff: bool) -> Entry:
    """Return the result of a set that was written as files."""
    outcomes = collections.Counter(row.action for row in rows)
    result: Entry = {
        "changed": bool(rows),
        "set": set_name,
        "state": "managed",
        "summary": {"total": total, **{word: outcomes[word] for word in ("created", "configured", "deleted")}},
        "objects": [{"path": row.path, "action": row.action} for row in rows],
    }
    if diff:
        result["diff"] = [
            {"before": row.before, "after": row.after, "before_header": row.path, "after_header": row.path}
            for row in rows
        ]
    return bounded(result)
