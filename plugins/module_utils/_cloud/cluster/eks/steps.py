# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on the parts of an EKS cluster, in one spelling. Pure."""

from __future__ import annotations

import typing as t

from ...reconcile.actions import Action, Verb
from ..observed import CONTROL_PLANE
from ..spec import Spec
from ..tags import owned_tags

Settings = t.Mapping[str, t.Any]


def step(
    verb: Verb,
    target: str,
    name: str,
    call: str,
    arguments: Settings,
    *,
    before: Settings | None = None,
    after: Settings | None = None,
    reason: str = "as declared",
    seconds: int = 0,
) -> Action:
    """Return one action; ``name`` is the last part of its id. A part is its own slot unless it is the control plane."""
    return Action(
        id=f"{target.replace(' ', '.', 1)}.{name}",
        verb=verb,
        target=target,
        path=", ".join(after or ()),
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        group=target,
        call=call,
        arguments={name: value for name, value in arguments.items() if value is not None},
        est_seconds=seconds,
    )


def adoption(spec: Spec, target: str, arn: str, now: t.Mapping[str, str]) -> list[Action]:
    """Return the step that writes our mark on what is taken over; none where it is there."""
    mark = owned_tags(spec, None)
    missing = {key: value for key, value in mark.items() if now.get(key) != value}
    if not missing:
        return []
    seen = {f"tags.{key}": now.get(key) for key in missing}
    wanted = {f"tags.{key}": value for key, value in missing.items()}
    arguments = {"resourceArn": arn, "tags": missing}
    return [step("tag", target, "adopt", "tag_resource", arguments, before=seen, after=wanted, reason="taken over")]


def in_control_plane(action: Action) -> Action:
    """Return the action in the slot of the control plane, where the API allows one update at a time."""
    return Action(**{**action.__dict__, "group": CONTROL_PLANE})


def undeclared_reason(purge: str) -> str:
    return f"not declared, {purge} is on"
