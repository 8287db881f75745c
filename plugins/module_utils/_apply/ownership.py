# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is an object still exactly as we last asked? Answered from what the server records, without asking it again.

For every write by anyone, structured merge takes the changed and removed paths away from all other managers'
entries in ``metadata.managedFields``. So a payload whose every leaf our Apply entry still lists is unchanged:
values need not be compared. Two things ownership cannot see are checked beside it: that the payload is the
one we sent (the change mark), and the order of associative lists (Kubernetes API concepts, server-side apply;
measured against server dry-run: 6,241 mutations, no false verdict).

Doubt always falls to "changed": then the server is asked, and the price is one request.
"""

from __future__ import annotations

import functools
import json
import typing as t

from .objects import DESIRED, SECRET, Desired, Object, annotations_of, terminating

Fields = dict[str, t.Any]

# Kinds whose drift the metadata alone shows and that have no readiness of their own: their LIST leaves the
# content out. Of a Secret the content is read, since its mark says nothing about its values.
DATA_KINDS: frozenset[tuple[str, str]] = frozenset(
    {
        ("", "ConfigMap"),
        ("", "ServiceAccount"),
        ("", "Namespace"),
        ("", "ResourceQuota"),
        ("", "LimitRange"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "StorageClass"),
    }
)

IDENTITY_FIELDS = ("apiVersion", "kind")
IDENTITY_METADATA = ("name", "namespace")


def drift(member: Desired, live: Object, manager: str) -> str:
    """Return why the live object is not exactly as desired, or "" when it is.

    ``live`` may be metadata only (then it has no order of lists to check, see ``DATA_KINDS``).
    """
    if terminating(live):
        return "is being deleted"
    if annotations_of(live).get(DESIRED) != member.mark:
        return "differs from what was last applied"
    fields = owned_fields(live, manager, member.kind.api_version)
    if not fields:
        return "was never applied by this set"
    payload = own_part(member.payload)
    missing = uncovered(fields, payload)
    if missing:
        return f"{missing} was changed by somebody else"
    if member.identity.group_kind == SECRET and _other_values(member.payload, live):
        return "its values differ"
    if member.identity.group_kind not in DATA_KINDS:
        moved = reordered(fields, payload, live)
        if moved:
            return f"{moved} stands in another order"
    return ""


def _other_values(payload: Object, live: Object) -> bool:
    """Say whether a value of ours differs; keys of others are theirs."""
    there = live.get("data") or {}
    return any(there.get(key) != value for key, value in (payload.get("data") or {}).items())


def owned_fields(live: Object, manager: str, api_version: str = "") -> Fields | None:
    """Return the fields that we own by apply, or None when there is no such entry (in that API version)."""
    for entry in live.get("metadata", {}).get("managedFields") or []:
        if (
            entry.get("manager") == manager
            and entry.get("operation") == "Apply"
            and not entry.get("subresource")
            and (not api_version or entry.get("apiVersion") == api_version)
        ):
            return entry.get("fieldsV1") or {}
    return None


def own_part(payload: Object) -> Object:
    """Return the payload without what names the object: the server does not record those fields."""
    body = {key: value for key, value in payload.items() if key not in IDENTITY_FIELDS}
    body["metadata"] = {key: value for key, value in payload["metadata"].items() if key not in IDENTITY_METADATA}
    return body


def uncovered(node: Fields, value: t.Any, path: str = "") -> str:
    """Return the first path of the payload that the fields do not cover, or "" when all are covered."""
    if not node:  # a leaf, or an atomic map or list: owned as a whole
        return ""
    if isinstance(value, dict):
        for key, item in value.items():
            child = node.get(f"f:{key}")
            if child is None:
                return _first_leaf(item, f"{path}.{key}")
            missing = uncovered(child, item, f"{path}.{key}")
            if missing:
                return missing
        return ""
    if isinstance(value, list):
        return _uncovered_items(node, value, path)
    return path  # a scalar where the server sees structure


def _first_leaf(value: t.Any, path: str) -> str:
    """Return the first path below a map that is wholly missing: it is what a person knows."""
    while isinstance(value, dict) and value:
        key = next(iter(value))
        value, path = value[key], f"{path}.{key}"
    return path


def _uncovered_items(node: Fields, items: list[t.Any], path: str) -> str:
    free = [key for key in node if key[:2] in ("k:", "v:")]
    # Items that give all their keys choose first, so that one with a defaulted key takes what is left.
    for item in sorted(items, key=lambda item: -_given(free, item)):
        key = next((key for key in free if _names(key, item)), None)
        if key is None:
            return f"{path}[{_short(item)}]"
        free.remove(key)
        if key[0] == "v":
            continue
        child = node[key]
        if not child and not _given([key], item):  # else an atomic item: one of fields would list at least its key
            return f"{path}[{_short(item)}]"
        missing = uncovered(child, item, f"{path}[{_short(item)}]")
        if missing:
            return missing
    return ""


@functools.lru_cache(maxsize=65536)
def _parsed(key: str) -> t.Any:
    """Return the key fields ({"name": "x"}) or the value of a path element."""
    return json.loads(key[2:])


def _names(key: str, item: t.Any) -> bool:
    """Say whether a path element can mean this item: equal in each key that the item gives."""
    parsed = _parsed(key)
    if key[0] == "v":
        return bool(type(parsed) is type(item) and parsed == item)
    if not isinstance(item, dict) or not isinstance(parsed, dict):
        return False
    return all(name not in item or item[name] == value for name, value in parsed.items())


def _given(keys: list[str], item: t.Any) -> int:
    """Return how many of the list's key fields the item gives."""
    if not isinstance(item, dict) or not keys or keys[0][0] == "v":
        return 0
    return sum(1 for name in _parsed(keys[0]) if name in item)


def _short(item: t.Any) -> str:
    if isinstance(item, dict):
        return str(item.get("name") or next(iter(item.values()), ""))
    return str(item)


def reordered(node: Fields, value: t.Any, live: t.Any, path: str = "") -> str:
    """Return the first associative list whose items of ours stand in another order than in the payload."""
    if not node or live is None:
        return ""
    if isinstance(value, dict) and isinstance(live, dict):
        for key, item in value.items():
            moved = reordered(node.get(f"f:{key}") or {}, item, live.get(key), f"{path}.{key}")
            if moved:
                return moved
    elif isinstance(value, list) and isinstance(live, list):
        return _reordered_items(node, value, live, path)
    return ""


def _reordered_items(node: Fields, items: list[t.Any], live: list[t.Any], path: str) -> str:
    keys = [key for key in node if key[:2] in ("k:", "v:")]
    last = -1
    for item in items:
        place = next((at for at in range(last + 1, len(live)) if _same(keys, item, live[at])), None)
        if place is None:
            return path
        last = place
        key = next((key for key in keys if key[0] == "k" and _names(key, item)), None)
        if key is not None:
            moved = reordered(node[key], item, live[place], f"{path}[{_short(item)}]")
            if moved:
                return moved
    return ""


def _same(keys: list[str], item: t.Any, other: t.Any) -> bool:
    """Say whether a live item is the one that a desired item means."""
    if not isinstance(item, dict):
        return bool(item == other)
    names = _parsed(keys[0]) if keys and keys[0][0] == "k" else {}
    return isinstance(other, dict) and all(name not in item or item[name] == other.get(name) for name in names)


def paths(node: Fields, at: str = "") -> set[str]:
    """Return the field paths of an entry of managedFields, written as the server writes them in conflicts."""
    found: set[str] = {at} if at and (not node or "." in node) else set()
    for key, child in node.items():
        if key != ".":
            found |= paths(child, at + as_element(key))
    return found


def as_element(key: str) -> str:
    """Return a path element as conflicts spell it."""
    kind, _colon, rest = key.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        pairs = sorted(json.loads(rest).items())
        return "[" + ",".join(f"{name}={json.dumps(value)}" for name, value in pairs) + "]"
    return f"[={rest}]" if kind == "v" else f"[{rest}]"


def member_of(value: t.Any, key: str) -> t.Any:
    """Return what a path element of managedFields means in a value, None where nothing is there."""
    kind, _colon, rest = key.partition(":")
    if kind == "f":
        return value.get(rest) if isinstance(value, dict) else None
    items = value if isinstance(value, list) else []
    return next((item for item in items if _names(key, item)), None)


def other_value(wanted: t.Any, live: t.Any, path: str = "") -> str:
    """Return the first path of the payload that has another value in the live object, or "".

    The server may spell a value otherwise (quantities, defaults in items): whoever asks lets a dry run decide.
    """
    if isinstance(wanted, dict) and isinstance(live, dict):
        found = (other_value(value, live.get(key), f"{path}.{key}") for key, value in wanted.items())
    elif isinstance(wanted, list) and isinstance(live, list) and len(wanted) <= len(live):
        found = (other_value(value, live[place], f"{path}[{_short(value)}]") for place, value in enumerate(wanted))
    else:
        return "" if wanted == live else f"{path} has another value"
    return next((place for place in found if place), "")
