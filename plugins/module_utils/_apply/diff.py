# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two states of an object as a person compares them: without what the server counts and what only we read."""

from __future__ import annotations

import re
import typing as t

from .objects import APPLIED, DESIRED, Object

SERVER_FIELDS = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
HIDDEN_ANNOTATIONS = (DESIRED, APPLIED, LAST_APPLIED)

ITEM_KEYS = ("name", "key", "mountPath", "containerPort", "port", "topologyKey", "ip", "type")
"""What items of a list are known by, best first; the same names as in the API's merge keys."""

_PLAIN = re.compile(r"^[A-Za-z_$][\w$-]*$")


def managed_diff(before: Object | None, after: Object | None) -> tuple[Object, Object]:
    """Return both states without server bookkeeping, status and our own mark; a missing one is empty."""
    return _shown(before), _shown(after)


def _shown(obj: Object | None) -> Object:
    if not obj:
        return {}
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in SERVER_FIELDS}
    kept = {k: v for k, v in (metadata.pop("annotations", None) or {}).items() if k not in HIDDEN_ANNOTATIONS}
    if kept:
        metadata["annotations"] = kept
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def changed_paths(before: Object | None, after: Object | None) -> list[str]:
    """Return where the two differ, in a stable order: ``spec.template.spec.containers[app].image``.

    A subtree that one side lacks is one path. Items of a list are matched by what they are known by
    (``ITEM_KEYS``), else by position; a pure change of order is the list's own path.
    """
    return sorted(set(_walk("", *managed_diff(before, after))))


def _walk(path: str, old: t.Any, new: t.Any) -> t.Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _step(_join(path, str(key)), key, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_list(path, old, new)
    elif type(old) is not type(new) or old != new:
        yield path


def _step(path: str, key: t.Any, old: dict[t.Any, t.Any], new: dict[t.Any, t.Any]) -> t.Iterator[str]:
    if key in old and key in new:
        yield from _walk(path, old[key], new[key])
    else:
        yield path


def _walk_list(path: str, old: list[t.Any], new: list[t.Any]) -> t.Iterator[str]:
    known_by = _known_by(old, new)
    before, after = _by_key(old, known_by), _by_key(new, known_by)
    found = [place for key in {**before, **after} for place in _step(f"{path}[{key}]", key, before, after)]
    yield from found or ([path] if list(before) != list(after) else [])


def _known_by(old: list[t.Any], new: list[t.Any]) -> str | None:
    return next((key for key in ITEM_KEYS if _unique(key, old) and _unique(key, new)), None)


def _unique(key: str, items: list[t.Any]) -> bool:
    values = [item.get(key) if isinstance(item, dict) else None for item in items]
    return all(isinstance(value, (str, int)) for value in values) and len(set(values)) == len(values)


def _by_key(items: list[t.Any], known_by: str | None) -> dict[t.Any, t.Any]:
    return {item[known_by] if known_by else place: item for place, item in enumerate(items)}


def _join(path: str, key: str) -> str:
    if not _PLAIN.match(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
