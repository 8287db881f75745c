# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster has by name beside its pools: add-ons, access entries, providers of users. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ..reconcile.actions import Action

Stage = t.Literal["control", "before_pools", "after_pools", "free"]
"""When the actions of a part go: in the control plane's own slot, before nodes join, after they have, or any time."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One part, as it is and as it shall be.

    ``section`` and ``name`` are how the document names it; ``before`` and ``after`` are its managed values, None
    where there is no such thing. ``actions`` turn the one into the other, each after the one before it.
    """

    section: str
    name: str
    before: t.Any
    after: t.Any
    actions: tuple[Action, ...] = ()
    stage: Stage = "free"

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}" if self.name else self.section


@dataclasses.dataclass(frozen=True)
class Undeclared:
    """Something of ours that the document no longer names, and the option that would remove it."""

    target: str
    purge: str

    def public(self) -> dict[str, str]:
        return {"target": self.target, "reason": f"ours, but not declared; it stays, since {self.purge} is off"}


def part_drift(parts: t.Iterable[Part], label: str) -> list[dict[str, t.Any]]:
    """Return the differences of the parts that exist, each with path, observed, desired and kind."""
    return [
        {"path": f"{label}{part.path}{path}", "observed": seen, "desired": wanted, "kind": "update"}
        for part in parts
        if part.before is not None and part.after is not None
        for path, seen, wanted in _pairs(part.before, part.after)
        if seen != wanted
    ]


def _pairs(before: t.Any, after: t.Any) -> t.Iterator[tuple[str, t.Any, t.Any]]:
    if not isinstance(before, t.Mapping) or not isinstance(after, t.Mapping):
        yield "", before, after
        return
    for name, wanted in after.items():
        yield f".{name}", before.get(name), wanted


def with_parts(document: dict[str, t.Any], parts: t.Iterable[Part], side: t.Literal["before", "after"]) -> None:
    """Add the parts to a document of managed fields."""
    for part in parts:
        value = getattr(part, side)
        if value is None:
            continue
        if part.name:
            document.setdefault(part.section, {})[part.name] = value
        else:
            document[part.section] = value
