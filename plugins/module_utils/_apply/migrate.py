# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adopting and letting go: whose name stands on which field. Pure; a JSON patch each, on condition of the version.

Who is adopted from a tool that wrote by plain update keeps every field that the tool ever wrote, even when it
leaves the template: the server believes that the tool still wants it. So on adoption the entries of such tools
become ours (as ``kubectl`` does it when it moves to server-side apply), and what the template lacks goes with
the apply that follows.
"""

from __future__ import annotations

import copy
import functools
import typing as t

from .diff import LAST_APPLIED
from .objects import APPLIED, DESIRED, MANAGED_BY, PART_OF, Object, annotations_of, labels_of
from .ownership import Fields, as_element, member_of, paths

MIGRATED = (
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-replace",
    "kubectl",
    "before-first-apply",
    "OpenAPI-Generator",
    "helm",
    "Helm",
)
"""Field managers of tools that somebody runs and that write whole objects, as each names itself. Not those of
controllers, which would write again."""

Patch = list[dict[str, t.Any]]


def merged(into: Fields, other: Fields) -> Fields:
    """Return the union of two sets of fields."""
    found = dict(into)
    for key, child in other.items():
        found[key] = merged(found[key], child) if key in found else copy.deepcopy(child)
    return found


def _entries(live: Object) -> list[Object]:
    return [entry for entry in live["metadata"].get("managedFields") or [] if entry]


def _taken(live: Object, managers: t.Container[str]) -> list[Object]:
    """Return the entries that would become ours. Those in another version of the API cannot be merged with it."""
    return [
        entry
        for entry in _entries(live)
        if entry.get("manager") in managers
        and not entry.get("subresource")
        and entry.get("apiVersion") == live["apiVersion"]
    ]


def adoption(live: Object, managers: t.Container[str], manager: str) -> Patch:
    """Return the patch that makes the entries of these managers ours; empty when there is nothing of them."""
    taken = _taken(live, managers)
    notes = {name: text for name, text in annotations_of(live).items() if name != LAST_APPLIED}
    if not taken and notes == annotations_of(live):
        return []
    kept = [entry for entry in _entries(live) if entry not in taken]
    rows = _with_ours(live, kept, manager, [e.get("fieldsV1") or {} for e in taken])
    return _patch(live, rows if taken else kept, annotations=notes)


def claiming(live: Object, manager: str, fields: Fields) -> Patch:
    """Return the patch that makes fields which nobody owns ours; their values stay."""
    return _patch(live, _with_ours(live, _entries(live), manager, [fields]))


def _with_ours(live: Object, entries: list[Object], manager: str, more: t.Iterable[Fields]) -> list[Object]:
    """Return the entries with more fields in ours, which is made where it is missing."""
    ours = next((e for e in entries if e.get("manager") == manager and e.get("operation") == "Apply"), {})
    fields: Fields = functools.reduce(merged, more, ours.get("fieldsV1") or {})
    row = {"manager": manager, "operation": "Apply", "apiVersion": live["apiVersion"], "fieldsType": "FieldsV1"}
    return [entry for entry in entries if entry is not ours] + [{**ours, **row, "fieldsV1": fields}]


def dropped(before: Object, after: Object, anew: Object, managers: t.Container[str]) -> list[str]:
    """Return the fields that an adopted object loses: the old tools wrote them, and the template lacks them.

    ``after`` is a dry run of our apply, when the old entries are still there; ``anew`` one of the same payload as
    a new object: what it holds comes back by default.
    """
    theirs: Fields = functools.reduce(merged, (e.get("fieldsV1") or {} for e in _taken(before, managers)), {})
    held = [entry for entry in _entries(after) if entry.get("manager") not in managers]
    going = set(_lost(theirs, before, anew)) - {p for e in held for p in paths(e.get("fieldsV1") or {})}
    return sorted(path for path in going if LAST_APPLIED not in path)


def _lost(node: Fields, before: t.Any, anew: t.Any, at: str = "") -> t.Iterator[str]:
    """Yield the paths of leaves that have another value, or none, in the other object."""
    children = [key for key in node if key != "."]
    for key in children:
        old, new = member_of(before, key), member_of(anew, key)
        if old is not None:
            yield from _lost(node[key], old, new, at + as_element(key))
    if not children and at and before != anew:
        yield at


def still_there(live: Object, managers: t.Container[str], manager: str) -> list[str]:
    """Return who else keeps fields of an adopted object alive, to be named by ``migrate_managers`` if it is gone."""
    rest = [entry for entry in _entries(live) if entry not in _taken(live, managers) and not entry.get("subresource")]
    return sorted({str(entry["manager"]) for entry in rest} - {manager})


def release(live: Object, manager: str, labels: t.Mapping[str, str]) -> Patch:
    """Return the patch that takes our name and marks from an object and leaves all its values; empty without ours.

    ``labels`` of the set; ``app.kubernetes.io/managed-by`` goes only where it says our name.
    """
    entries = _entries(live)
    kept = [entry for entry in entries if entry.get("manager") != manager]
    marks = {key: text for key, text in labels_of(live).items() if labels.get(key) != text}
    notes = {key: text for key, text in annotations_of(live).items() if key not in (DESIRED, APPLIED)}
    if len(kept) == len(entries) and marks == labels_of(live) and notes == annotations_of(live):
        return []
    # An empty list means "nothing changed" to the server; one empty entry means "nobody".
    return _patch(live, kept or [{}], labels=marks, annotations=notes)


def _patch(live: Object, entries: list[Object], **maps: dict[str, str]) -> Patch:
    found: Patch = [
        {"op": "test", "path": "/metadata/uid", "value": live["metadata"]["uid"]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": entries},
    ]
    for name, value in maps.items():
        if value != (live["metadata"].get(name) or {}):
            path = f"/metadata/{name}"
            found.append({"op": "replace", "path": path, "value": value} if value else {"op": "remove", "path": path})
    return found


def set_labels(label: str, collection: str) -> dict[str, str]:
    return {PART_OF: label, MANAGED_BY: collection}
