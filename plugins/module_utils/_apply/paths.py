# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places inside an object, written as differences show them: ``spec.template.spec.containers[app].image``. Pure.

A part in brackets is an item of a list by what it is known by (``*``: each of them), or a quoted key of a map.
"""

from __future__ import annotations

import copy
import re
import typing as t

from .diff import ITEM_KEYS
from .objects import Object


class Key(t.NamedTuple):
    """A key of a map."""

    name: str


class Item(t.NamedTuple):
    """An item of a list by the value of one of ``ITEM_KEYS``; ``*`` means each."""

    name: str


Part: t.TypeAlias = "Key | Item"
Path = tuple[Part, ...]

_PART = re.compile(r'\.?(?:(?P<key>[^.\[\]"]+)|\["(?P<quoted>[^"]+)"\]|\[(?P<item>[^\]"]+)\])')


def parse(text: str) -> Path | None:
    """Return the path of a text, None when it is none."""
    parts: list[Part] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            return None
        parts.append(Item(found["item"]) if found["item"] else Key(found["key"] or found["quoted"]))
        at = found.end()
    return tuple(parts) or None


def show(path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, Item):
            text += f"[{part.name}]"
        elif "." in part.name or "/" in part.name:
            text += f'["{part.name}"]'
        else:
            text += f".{part.name}" if text else part.name
    return text


def as_server_writes(path: Path) -> str:
    """Return the path in the spelling of managedFields and conflicts, for lists whose items are known by name."""
    return "".join(f'[name="{part.name}"]' if isinstance(part, Item) else f".{part.name}" for part in path)


def _named(item: t.Any) -> str:
    """Return what an item is known by, or ""."""
    if not isinstance(item, dict):
        return ""
    return next((str(item[key]) for key in ITEM_KEYS if isinstance(item.get(key), (str, int))), "")


def matches(value: t.Any, path: Path) -> list[Path]:
    """Return the places that a path with ``*`` means in a value; none where nothing is there."""
    if not path:
        return [()]
    part, rest = path[0], path[1:]
    if isinstance(part, Key):
        if not isinstance(value, dict) or part.name not in value:
            return []
        return [(part, *found) for found in matches(value[part.name], rest)]
    if not isinstance(value, list):
        return []
    names = [(_named(item), item) for item in value]
    chosen = [(name, item) for name, item in names if name and part.name in ("*", name)]
    return [(Item(name), *found) for name, item in chosen for found in matches(item, rest)]


def value_at(value: t.Any, path: Path) -> t.Any:
    """Return what stands there, None where nothing does."""
    for part in path:
        if isinstance(part, Key):
            value = value.get(part.name) if isinstance(value, dict) else None
        else:
            items = value if isinstance(value, list) else []
            value = next((item for item in items if _named(item) == part.name), None)
    return value


def without(obj: Object, path: Path) -> Object:
    """Return the object without what stands there; maps that this empties go as well."""
    changed = copy.deepcopy(obj)
    holders = [changed, *(value_at(changed, path[:depth]) for depth in range(1, len(path)))]
    for holder, part in reversed(list(zip(holders, path, strict=True))):
        if isinstance(part, Item) or not isinstance(holder, dict):
            break
        if holder is holders[-1] or holder[part.name] == {}:
            del holder[part.name]
    return changed


def with_value(obj: Object, path: Path, value: t.Any) -> Object:
    """Return the object with a value at a place whose lists have their items; missing maps are made."""
    changed = copy.deepcopy(obj)
    holder: t.Any = changed
    for part in path[:-1]:
        if isinstance(part, Key):
            holder = holder.setdefault(part.name, {})
        else:
            holder = next((item for item in holder if _named(item) == part.name), None)
        if holder is None:
            return obj
    last = path[-1]
    if isinstance(last, Key) and isinstance(holder, dict):
        holder[last.name] = copy.deepcopy(value)
    return changed
