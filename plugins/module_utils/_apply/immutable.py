# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that cannot change: recognised by the causes of a refusal, told with both values, replaced only on request.

Never decided on the status alone: a 422 also means an invalid value, and deleting a live object for that would
leave none. So before a delete the server is asked whether the object could be created.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from .._common.clock import Deadline
from .._common.errors import InvalidInput, PlatformError
from .answers import Reply, causes, failure
from .discovery import Resource
from .http import APPLY, Client
from .objects import SECRET, Desired, Object, annotations_of, terminating
from .observe import get

RECREATE = "seaworthy.dev/recreate"
NEVER = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "PersistentVolume")
"""What is never deleted to be made anew: it would take along what nobody asked for."""
ORPHANING = ("StatefulSet",)
"""Deleted without what it made: its pods go on, and the new one takes them over."""


class Wording(t.NamedTuple):
    """A row of how the server says that a field cannot change: reason of the cause and a part of its message."""

    reason: str
    text: str


# Collected on 1.34-1.36 (API validation of each kind).
WORDINGS = (
    Wording("FieldValueInvalid", "field is immutable"),
    Wording("FieldValueInvalid", "may not change once set"),
    Wording("FieldValueInvalid", "cannot change roleRef"),
    Wording("FieldValueForbidden", "updates to statefulset spec for fields other than"),
    Wording("FieldValueForbidden", "spec is immutable after creation"),
    Wording("FieldValueForbidden", "is immutable"),
    Wording("FieldValueForbidden", "updates to provisioner are forbidden"),
    Wording("FieldValueForbidden", "updates to parameters are forbidden"),
    Wording("FieldValueForbidden", "updates to reclaimPolicy are forbidden"),
)


def immutable_fields(reply: Reply) -> list[str]:
    """Return the fields that cannot change; none if anything else is wrong as well."""
    found = causes(reply.refusal()) if reply.status == 422 else []
    fixed = [cause for cause in found if any(_says(cause, wording) for wording in WORDINGS)]
    return [str(cause.get("field", "")) for cause in fixed] if len(fixed) == len(found) else []


def _says(cause: Object, wording: Wording) -> bool:
    return cause.get("reason") == wording.reason and wording.text in str(cause.get("message", ""))


def check_kinds(kinds: t.Iterable[str]) -> None:
    """Refuse kinds that are never recreated."""
    wrong = sorted(set(kinds) & set(NEVER))
    if wrong:
        raise InvalidInput([f"recreate lists {kind}; it is never deleted to be made anew" for kind in wrong])


def may_recreate(member: Desired, kinds: t.Container[str]) -> bool:
    kind = member.identity.kind
    return kind not in NEVER and (kind in kinds or annotations_of(member.payload).get(RECREATE) == "true")


def refusal(member: Desired, live: Object, fields: t.Sequence[str]) -> PlatformError:
    """Return the error that names the fields with both values."""
    shown = differences(live, member.payload, fields)[:3]
    secret = member.identity.group_kind == SECRET
    told = "; ".join(
        f"{path} is {_brief(old, secret)}, wanted {_brief(new, secret)}" for path, old, new in shown
    ) or ", ".join(fields)
    kind = member.identity.kind
    way = (
        "It holds what others need, so make it anew by hand if that is meant."
        if kind in NEVER
        else f"Put the old value back, or list {kind} under recreate to delete it and make it anew."
    )
    return PlatformError(
        f"{member.label} ({member.source}): a field that cannot change differs: {told}.",
        kind="immutable",
        remedy=way,
        details={"immutable": list(fields)},
    )


def differences(live: t.Any, wanted: t.Any, fields: t.Sequence[str]) -> list[tuple[str, t.Any, t.Any]]:
    """Return (path, live value, wanted value) of each leaf that the payload gives otherwise, under the fields."""
    roots = [field.partition("[")[0] for field in fields]
    found = _walk(live, wanted, "")
    return [
        row for row in found if any(row[0] == root or row[0].startswith((f"{root}.", f"{root}[")) for root in roots)
    ]


def _walk(live: t.Any, wanted: t.Any, at: str) -> t.Iterator[tuple[str, t.Any, t.Any]]:
    if isinstance(wanted, dict) and isinstance(live, dict):
        for key, value in wanted.items():
            yield from _walk(live.get(key), value, f"{at}.{key}" if at else key)
    elif isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        for place, (old, new) in enumerate(zip(live, wanted, strict=True)):
            yield from _walk(old, new, f"{at}[{new.get('name', place) if isinstance(new, dict) else place}]")
    elif live != wanted:
        yield at, live, wanted


def _brief(value: t.Any, secret: bool) -> str:
    if secret:
        return "another value"
    text = json.dumps(value) if value is not None else "not set"
    return text if len(text) <= 80 else text[:79] + "…"


@dataclasses.dataclass(frozen=True)
class Replacing:
    """Deletes one object on condition of its UID and waits until its name is free."""

    client: Client
    resource: Resource
    deadline: Deadline

    def clear(self, member: Desired, live: Object) -> Object | None:
        """Return None when the name is free, else the object that does not go in time."""
        who, uid = member.identity, live["metadata"]["uid"]
        policy = "Orphan" if who.kind in ORPHANING else "Background"
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}, "propagationPolicy": policy}
        path = self.resource.path(who.namespace, who.name)
        reply = self.client.send("DELETE", path, body=body)
        if not reply.ok and reply.status not in (404, 409):
            raise failure(reply, f"{who.label}: delete to make it anew")
        while (found := get(self.client, self.resource, who)) is not None and _same_or_going(found, uid):
            if self.deadline.expired():
                return found
            self.deadline.sleep(0.2)
        return None


def _same_or_going(found: Object, uid: str) -> bool:
    return found["metadata"]["uid"] == uid or terminating(found)


def made_anew(client: Client, resource: Resource, member: Desired, payload: Object, manager: str) -> Reply:
    """Ask by a dry run under another name what the payload would make as a new object."""
    name = f"{member.identity.name[:200]}-anew"
    anew = {**payload, "metadata": {**payload["metadata"], "name": name}}
    query = {"fieldManager": manager, "force": "true", "dryRun": "All"}
    path = resource.path(member.identity.namespace, name)
    return client.send("PATCH", path, query=query, body=anew, content=APPLY, count="DRY-RUN")
