# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept about a set in the cluster: of which kinds it has objects, so that one which left it is found.

The record is the set's parent in the sense of KEP-3659 (annotations as ``kubectl`` writes them), a ConfigMap
without data. It is widened before the first write of a run and narrowed after the last: a run that is killed
in between leaves a record that is too wide, which costs a LIST, never one that is too narrow.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.clock import backoff
from .._common.errors import PlatformError
from .answers import Reply, failure
from .http import APPLY, Client
from .objects import (
    COLLECTION,
    HOME,
    MANAGED_BY,
    Object,
    annotations_of,
    applyset_id,
    field_manager,
    labels_of,
    parent_name,
)
from .order import GroupKind

ID = "applyset.kubernetes.io/id"
TOOLING = "applyset.kubernetes.io/tooling"
KINDS = "applyset.kubernetes.io/contains-group-kinds"
SPACES = "applyset.kubernetes.io/additional-namespaces"
BUSY_ATTEMPTS = 8
"""How often an apply is sent again that met another write (forced, it cannot conflict in a field)."""
TOOL = f"{COLLECTION}/v1"

_SPACE_PATH = f"/api/v1/namespaces/{HOME}"


@dataclasses.dataclass(frozen=True)
class Record:
    """Kinds and namespaces in which the set has, or had, objects."""

    kinds: frozenset[GroupKind] = frozenset()
    namespaces: frozenset[str] = frozenset()

    def covers(self, other: Record) -> bool:
        return other.kinds <= self.kinds and other.namespaces <= self.namespaces

    def with_(self, other: Record) -> Record:
        return Record(self.kinds | other.kinds, self.namespaces | other.namespaces)


def parse(parent: Object, set_name: str) -> Record | None:
    """Return what a parent says, None for one that somebody emptied or bent: then nothing may be concluded from it."""
    notes = annotations_of(parent)
    if labels_of(parent).get(ID) != applyset_id(set_name) or KINDS not in notes:
        return None
    kinds = [_group_kind(text) for text in notes[KINDS].split(",") if text]
    return Record(frozenset(kinds), frozenset(text for text in notes.get(SPACES, "").split(",") if text))


def _group_kind(text: str) -> GroupKind:
    kind, _dot, group = text.partition(".")
    return group, kind


def parent_object(set_name: str, record: Record) -> Object:
    """Return the ConfigMap that says it."""
    kinds = sorted(f"{kind}.{group}" if group else kind for group, kind in record.kinds)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": parent_name(set_name),
            "namespace": HOME,
            "labels": {ID: applyset_id(set_name), MANAGED_BY: COLLECTION},
            "annotations": {
                TOOLING: TOOL,
                KINDS: ",".join(kinds),
                SPACES: ",".join(sorted(record.namespaces)),
            },
        },
    }


def path(set_name: str) -> str:
    return f"{_SPACE_PATH}/configmaps/{parent_name(set_name)}"


def read(client: Client, set_name: str) -> Record | None:
    """Return the set's record, None when there is none (or none that can be believed)."""
    reply = client.send("GET", path(set_name))
    if reply.status == 404:
        return None
    if not reply.ok:
        raise _refused(reply, "read", set_name)
    parent = reply.json()
    tool = annotations_of(parent).get(TOOLING, TOOL)
    if tool.partition("/")[0] != COLLECTION.partition("/")[0]:
        raise PlatformError(
            f'ConfigMap/{HOME}/{parent_name(set_name)} is the parent of an apply set of "{tool}".',
            kind="foreign",
            remedy="Give this set another name.",
        )
    return parse(parent, set_name)


def write(client: Client, set_name: str, record: Record) -> None:
    """Write the record; the namespace for it is made at the first one."""
    manager = field_manager(set_name)
    reply = in_home(client, lambda: _apply(client, path(set_name), parent_object(set_name, record), manager))
    if not reply.ok:
        raise _refused(reply, "write", set_name)


def in_home(client: Client, send: t.Callable[[], Reply]) -> Reply:
    """Send what writes into our namespace; make that first where it is missing."""
    reply = send()
    if reply.status != 404:
        return reply
    made = _apply(client, _SPACE_PATH, _namespace(), COLLECTION)
    return send() if made.ok else made


def _namespace() -> Object:
    labels = {MANAGED_BY: COLLECTION, "pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME, "labels": labels}}


def _apply(client: Client, where: str, body: Object, manager: str) -> Reply:
    query = {"fieldManager": manager, "force": "true"}
    for attempt in range(BUSY_ATTEMPTS):
        reply = client.send("PATCH", where, query=query, body=body, content=APPLY, count="APPLY")
        if reply.status != 409:
            break
        client.pause(backoff(attempt))
    return reply


def erase(client: Client, set_name: str) -> None:
    """Delete the record of a set that is gone."""
    reply = client.send("DELETE", path(set_name))
    if not reply.ok and reply.status != 404:
        raise _refused(reply, "delete", set_name)


def _refused(reply: Reply, verb: str, set_name: str) -> PlatformError:
    error = failure(reply, f"ConfigMap/{HOME}/{parent_name(set_name)}, the record of the set: {verb}")
    if error.kind == "permission":
        error.remedy = f"Let this identity keep ConfigMaps in namespace {HOME}, or set prune to false."
    return error
