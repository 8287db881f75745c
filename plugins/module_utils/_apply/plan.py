# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is wanted and what is there to what to do: pure, deterministic, no clock, no network."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from .._common.errors import PlatformError
from .foreign import owners
from .objects import Desired, Object, Observed, terminating
from .order import GroupKind, Stage, stage_of
from .ownership import drift, other_value, own_part, owned_fields

Action = t.Literal["create", "update", "unchanged", "yield"]
OnForeign = t.Literal["fail", "adopt", "yield"]
DriftCheck = t.Literal["ownership", "values", "dry_run"]
ASKED = "is asked about, by drift_check"


@dataclasses.dataclass(frozen=True)
class Step:
    """What to do with one member, and why. ``live`` may be metadata only. ``adopt``: it was somebody else's."""

    member: Desired
    stage: Stage
    action: Action
    reason: str = ""
    live: Object | None = None
    adopt: bool = False

    @property
    def label(self) -> str:
        return self.member.label

    @property
    def dirty(self) -> bool:
        return self.action in ("create", "update")


def plan(
    members: t.Sequence[Desired],
    observed: Observed,
    *,
    manager: str,
    on_foreign: OnForeign,
    defined: t.Container[GroupKind] = (),
    check: DriftCheck = "ownership",
) -> tuple[Step, ...]:
    """Return one step a member, by stage, else in the set's order.

    Raises ``PlatformError`` (``foreign``) naming each object that belongs to somebody else, when that is to fail.
    """
    steps = [_checked(_step(member, observed, manager, on_foreign, defined), check) for member in members]
    if on_foreign == "fail":
        _refuse_foreign([step for step in steps if step.adopt])
    return tuple(sorted(steps, key=lambda step: step.stage))


def _step(
    member: Desired, observed: Observed, manager: str, on_foreign: OnForeign, defined: t.Container[GroupKind]
) -> Step:
    stage = stage_of(member.identity.group_kind, defined)
    if member.identity.namespace and observed.loses_namespace(member.identity.namespace):
        return Step(member, stage, "create", "its namespace is being deleted")
    live = observed.ours.get(member.identity)
    if live is not None:
        reason = drift(member, live, manager)
        if terminating(live):
            return Step(member, stage, "create", reason, live)
        return Step(member, stage, "update" if reason else "unchanged", reason, live)
    live = observed.others.get(member.identity)
    if live is None:
        return Step(member, stage, "create", "does not exist")
    if owned_fields(live, manager) is not None:
        return Step(member, stage, "update", "lost the label of its set", live)
    reason = f"belongs to {owners(live)}"
    return Step(member, stage, "yield" if on_foreign == "yield" else "update", reason, live, adopt=True)


def _checked(step: Step, check: DriftCheck) -> Step:
    """Doubt what field ownership calls unchanged: where a value differs all the same, or always."""
    if step.action != "unchanged" or check == "ownership" or step.live is None:
        return step
    reason = ASKED if check == "dry_run" else other_value(own_part(step.member.payload), step.live)
    return dataclasses.replace(step, action="update", reason=reason) if reason else step


def _refuse_foreign(steps: list[Step]) -> None:
    if not steps:
        return
    shown = "; ".join(f"{step.label} {step.reason}" for step in steps[:8])
    more = f"; and {len(steps) - 8} more" if len(steps) > 8 else ""
    raise PlatformError(
        f"{len(steps)} object(s) of this set exist already and are not ours: {shown}{more}.",
        kind="foreign",
        remedy="Nothing was written. Set platform_on_foreign to adopt or yield, or the layer's state to external.",
        details={"foreign": [{"object": step.label, "owner": step.reason} for step in steps]},
    )


def counts(steps: t.Iterable[Step]) -> collections.Counter[str]:
    return collections.Counter(step.action for step in steps)


def headline(steps: t.Sequence[Step], pruned: int = 0) -> str:
    """Return the plan in one line: ``84 objects: 80 unchanged, 3 to change, 1 to create, 2 to prune``."""
    found = counts(steps)
    found["prune"] = pruned
    rows = (
        ("unchanged", "unchanged"),
        ("update", "to change"),
        ("create", "to create"),
        ("yield", "left to their owner"),
        ("prune", "to prune"),
    )
    parts = [f"{found[action]} {words}" for action, words in rows if found[action]]
    return f"{objects(len(steps))}: {', '.join(parts)}"


def objects(count: int) -> str:
    return f"{count} object" if count == 1 else f"{count} objects"
