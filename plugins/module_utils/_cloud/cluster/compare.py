# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an observed and a desired value are equal, and how values are spelt where clouds agree."""

from __future__ import annotations

import ipaddress
import typing as t

from .options import Codec

Taint = dict[str, str]
EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
SPELLINGS = {spelling: effect for effect, spelling in EFFECTS.items()}


def as_set(observed: t.Any, desired: t.Any) -> bool:
    return set(observed or ()) == set(desired)


def as_ranges(observed: t.Any, desired: t.Any) -> bool:
    return {_network(text) for text in observed or ()} == {_network(text) for text in desired}


def as_range(observed: t.Any, desired: t.Any) -> bool:
    return bool(observed) and _network(observed) == _network(desired)


def as_keyed(observed: t.Any, desired: t.Any) -> bool:
    return keyed(observed or ()) == keyed(desired)


def keyed(taints: t.Iterable[Taint]) -> dict[tuple[str, str], str]:
    """Return taints by key and effect, which is their identity in the API."""
    return {(taint["key"], taint["effect"]): taint.get("value") or "" for taint in taints}


def _network(text: str) -> t.Any:
    return ipaddress.ip_network(text, strict=False)


def read_taints(taints: t.Any) -> list[Taint]:
    found = [_taint(taint, SPELLINGS) for taint in taints or ()]
    return sorted(found, key=lambda taint: (taint["key"], taint["effect"]))


def write_taints(taints: t.Iterable[Taint]) -> list[Taint]:
    return [_taint(taint, EFFECTS) for taint in taints]


def _taint(taint: t.Mapping[str, str], effects: t.Mapping[str, str]) -> Taint:
    effect = taint["effect"]
    return {"key": taint["key"], "value": taint.get("value") or "", "effect": effects.get(effect, effect)}


def _sorted(values: t.Any) -> list[str]:
    return sorted(values or ())


TAINTS = Codec(read_taints, write_taints)
SORTED = Codec(_sorted, _sorted)
SWITCH = Codec(bool, lambda value: value)
LABELS = Codec(lambda value: dict(value or {}), lambda value: value)
