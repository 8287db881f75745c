# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value that the server filled in, that nobody owns, and that the new choice beside it forbids. Pure.

``strategy: {type: Recreate}`` over a Deployment that was born without a strategy is refused, since the defaulted
``rollingUpdate`` stays: an apply removes only what its manager owned before, and a null is no removal (measured on
1.36). So our entry is first made to own the value, by a patch of managedFields that changes nothing else; the apply
that follows lets it go.
"""

from __future__ import annotations

import typing as t

from .answers import Reply, causes
from .objects import Desired, Object
from .ownership import Fields

# Kind -> the field whose choice forbids its defaulted sibling, and that sibling (both below spec).
CHOICES: dict[tuple[str, str], tuple[str, str]] = {
    ("apps", "Deployment"): ("strategy", "rollingUpdate"),
    ("apps", "StatefulSet"): ("updateStrategy", "rollingUpdate"),
}


class Leftover(t.NamedTuple):
    """The fields to own before they are let go, and the choice as it is and as it is wanted."""

    choice: str
    fields: Fields
    live: Object
    wanted: Object


def leftover(reply: Reply, member: Desired, live: Object | None) -> Leftover | None:
    """Return what is in the way of a refused apply, None if that is something else or somebody else's."""
    choice, value = CHOICES.get(member.identity.group_kind, ("", ""))
    if not choice or live is None or reply.status != 422:
        return None
    wanted, there = _spec(member.payload).get(choice) or {}, _spec(live).get(choice) or {}
    if not wanted or value in wanted or value not in there or _owned(live, choice, value):
        return None
    place = f"spec.{choice}.{value}"
    if not any(str(cause.get("field", "")).startswith(place) for cause in causes(reply.refusal())):
        return None
    held: Fields = {f"f:{key}": {} for key in there[value]}
    return Leftover(choice, {"f:spec": {f"f:{choice}": {f"f:{value}": held}}}, there, wanted)


def _spec(obj: Object) -> Object:
    return obj.get("spec") or {}


def _owned(live: Object, choice: str, value: str) -> bool:
    entries = live["metadata"].get("managedFields") or []
    fields = [(entry.get("fieldsV1") or {}).get("f:spec") or {} for entry in entries if not entry.get("subresource")]
    return any(f"f:{value}" in (found.get(f"f:{choice}") or {}) for found in fields)


def with_choice(obj: Object, choice: str, value: Object) -> Object:
    return {**obj, "spec": {**_spec(obj), choice: value}}
