# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan is made of, and how a person reads it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

Verb = t.Literal["wait", "create", "update", "tag", "delete"]
Values = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Handle:
    """A piece of work that the cloud does: ``kind`` says how to look at it, ``id`` is the vendor's (may be empty)."""

    kind: str
    target: str
    id: str = ""

    @property
    def name(self) -> str:
        """Return what people call it: "update c0ffee", "cluster creation"; GKE's ids say what they are."""
        return self.id if self.id.startswith(self.kind) else f"{self.kind} {self.id}".rstrip()


@dataclasses.dataclass(frozen=True)
class Action:
    """One step. ``before`` and ``after`` hold the fields that it changes, by path.

    ``group`` is the slot that it occupies (a cluster, a pool): one action at a time in each. ``after_ids`` are
    those that must have succeeded first. ``call`` and ``arguments`` are the vendor's operation, empty for a wait;
    ``waits_for`` is what an adopted operation is known by. ``est_seconds`` is what it usually takes.
    """

    id: str
    verb: Verb
    target: str
    path: str
    before: Values
    after: Values
    reason: str
    group: str
    call: str = ""
    arguments: Values = dataclasses.field(default_factory=dict)
    after_ids: tuple[str, ...] = ()
    est_seconds: int = 0
    waits_for: Handle | None = None

    def public(self) -> dict[str, t.Any]:
        """Return the action as it stands in a result."""
        shown = dataclasses.asdict(self)
        del shown["call"], shown["arguments"], shown["waits_for"]
        return {**shown, "before": dict(self.before), "after": dict(self.after), "after_ids": list(self.after_ids)}


Plan = tuple[Action, ...]


def plan_id(plan: Plan) -> str:
    """Return the same 64 hex digits for the same plan."""
    return hashlib.sha256(canonical([dataclasses.asdict(action) for action in plan]).encode()).hexdigest()


def canonical(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def estimate(plan: Plan) -> int:
    """Return the seconds of the longest chain of the plan."""
    ends: dict[str, int] = {}
    for action in plan:
        begins = max((ends.get(name, 0) for name in action.after_ids), default=0)
        ends[action.id] = begins + action.est_seconds
    return max(ends.values(), default=0)


def about(seconds: int) -> str:
    return f"{round(seconds / 60)} min" if seconds >= 60 else "1 min"


def said(value: t.Any) -> str:
    """Return a value of a field as a short text."""
    if value is None:
        return "unset"
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


NAMING = ("version", "cidr")
"""What of a thing to create is worth saying beside its name."""


def change_text(action: Action) -> str:
    """Return "version 1.34 -> 1.35", or the values of what is made."""
    if action.verb in ("wait", "delete"):
        return action.path
    if action.verb == "create":
        return next((said(action.after[name]) for name in NAMING if name in action.after), "")
    pairs = [f"{path} {said(action.before.get(path))} -> {said(value)}" for path, value in action.after.items()]
    return ", ".join(pairs)


WIDEST = 60
"""Columns are aligned up to this width; what is longer pushes its own line only."""


def render(plan: Plan) -> str:
    """Return the plan as lines with aligned columns: number, verb, target, change, reason, estimate."""
    rows = [
        (str(number), action.verb, action.target, change_text(action), action.reason, f"~{about(action.est_seconds)}")
        for number, action in enumerate(plan, 1)
    ]
    widths = [min(WIDEST, max((len(row[column]) for row in rows), default=0)) for column in range(6)]
    gaps = (" ", "   ", "   ", "    ", "    ", "")
    layout = list(zip(widths, gaps, strict=True))
    lines = ["".join(row[n].ljust(width) + gap for n, (width, gap) in enumerate(layout)) for row in rows]
    return "".join(line.rstrip() + "\n" for line in lines)


VERB_ORDER: tuple[Verb, ...] = ("wait", "create", "update", "tag", "delete")


def summary(plan: Plan) -> str:
    """Return one line: what happens to what, and about how long it takes."""
    parts = []
    for verb in VERB_ORDER:
        chosen = [action for action in plan if action.verb == verb]
        if chosen:
            parts.append(f"{'wait for' if verb == 'wait' else verb} {_targets(chosen)}")
    return f"{'; '.join(parts)} (about {about(estimate(plan))})"


def _targets(actions: t.Sequence[Action]) -> str:
    single = [action for action in actions if not action.target.startswith("pool ")]
    pools = sorted({action.target.removeprefix("pool ") for action in actions if action.target.startswith("pool ")})
    targets = dict.fromkeys(action.target for action in single)
    texts = [_said_of(target, [action for action in single if action.target == target]) for target in targets]
    if len(pools) == 1:
        texts.append(f"node pool {pools[0]}")
    elif pools:
        texts.append(f"{len(pools)} node pools")
    return ", ".join(texts)


def _said_of(target: str, actions: t.Sequence[Action]) -> str:
    """Return "control plane 1.36", or "control plane (version, endpoint)"."""
    first = actions[0]
    if first.verb == "create":
        return f"{target} {first.after.get('version', '')}".rstrip() + _made_with(first)
    if first.verb != "update":
        return target
    return f"{target} ({', '.join(topics(actions))})"


def _made_with(action: Action) -> str:
    """Return what a cloud makes in the same request."""
    pools = sum(path.startswith("node_pools.") for path in action.after)
    return f" with {pools} node pool{'s' if pools > 1 else ''}" if pools else ""


def topics(actions: t.Iterable[Action]) -> list[str]:
    """Return the options that actions change, without what is below their first name; a version with its last value."""
    after = {path.partition(".")[0]: value for action in actions for path, value in action.after.items()}
    return [f"version {value}" if name == "version" else name for name, value in after.items()]
