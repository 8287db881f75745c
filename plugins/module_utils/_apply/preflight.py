# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's opinion before the first write: a dry run of everything that is not exactly so.

Its answer went through defaulting and admission, so the difference it shows is true; what a webhook refuses is
known before anything is written; and it says which fields somebody else holds.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from .._common.clock import Deadline, backoff
from .._common.errors import PlatformError
from .answers import WEBHOOK_RACE, Reply, failure, field_conflicts, passes_by_itself
from .defaulted import leftover, with_choice
from .discovery import Resource
from .http import APPLY, Client
from .immutable import immutable_fields, made_anew, may_recreate, refusal
from .memory import remembers, with_memory
from .migrate import dropped
from .objects import APPLIED, DESIRED, Object, annotations_of, terminating
from .observe import get
from .ownership import DATA_KINDS, Fields, owned_fields, paths
from .paths import as_server_writes
from .plan import Step
from .yields import payload_for

Outcome = t.Literal["created", "configured", "recreated", "unchanged"]
BUSY_ATTEMPTS = 8
"""How often an apply is sent again that met another write of the same object."""
Taken = tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What applying a step does. ``validated`` is false where the server could not be asked; ``note`` says why.

    ``dropped``: fields that leave an adopted object, see ``migrate``; ``immutable``: why an object is recreated.
    ``force``: fields of ours that somebody else changed are taken back (``taken``: field, owner).
    ``claimed``: fields that nobody owns and that must go first, see ``defaulted``.
    """

    step: Step
    outcome: Outcome
    before: Object | None = None
    after: Object | None = None
    force: bool = False
    taken: Taken = ()
    validated: bool = True
    note: str = ""
    dropped: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    claimed: Fields = dataclasses.field(default_factory=dict)

    @property
    def changes(self) -> bool:
        return self.outcome != "unchanged"


@dataclasses.dataclass(frozen=True)
class Permits:
    """What a task permits: field managers whose fields become ours on adoption, kinds that may be made anew."""

    migrated: frozenset[str] = frozenset()
    recreate: frozenset[str] = frozenset()


class Examiner:
    """Asks the server about steps. ``deadline``, once given, is how long a webhook may still be starting."""

    def __init__(self, client: Client, manager: str, rules: Permits) -> None:
        self._client, self._manager, self._rules = client, manager, rules

    def examine(self, step: Step, resource: Resource, deadline: Deadline | None = None) -> Verdict:
        """Return the verdict of a dry run. Raises ``PlatformError`` for what the server or its webhooks refuse."""
        before = self._before(step, resource)
        payload = payload_for(step.member, before, self._manager)
        reply = self._dry_run(step, resource, payload, False, deadline)
        taken: Taken = ()
        if reply.status == 409 and (taken := tuple(field_conflicts(reply.refusal()))):
            refuse_theft(step, taken, self._manager, before)
            reply = self._dry_run(step, resource, payload, True, deadline)
        left = leftover(reply, step.member, before)
        if left is not None:
            reply = self._dry_run(step, resource, with_choice(payload, left.choice, left.live), bool(taken), deadline)
        fields = immutable_fields(reply) if before is not None else []
        if before is not None and fields:
            return self._recreated(step, resource, before, fields)
        if not reply.ok:
            return self._unanswered(step, before, reply)
        after = reply.json()
        if left is not None:
            after = with_choice(after, left.choice, left.wanted)
        same = before is not None and content(before) == content(after) and self._owns_same(before, after)
        outcome: Outcome = "created" if before is None else "unchanged" if same else "configured"
        going = self._dropped(step, resource, payload, before, after) if step.adopt and before is not None else ()
        return Verdict(
            step, outcome, before, after, bool(taken), taken, dropped=going, claimed=left.fields if left else {}
        )

    def _dropped(
        self, step: Step, resource: Resource, payload: Object, before: Object, after: Object
    ) -> tuple[str, ...]:
        """Return what leaves an adopted object: what a new one would have comes back by default."""
        reply = made_anew(self._client, resource, step.member, payload, self._manager)
        return tuple(dropped(before, after, reply.json(), self._rules.migrated)) if reply.ok else ()

    def _recreated(self, step: Step, resource: Resource, before: Object, fields: list[str]) -> Verdict:
        """Return the verdict on an object whose fixed fields differ, once it may and can be replaced."""
        if not may_recreate(step.member, self._rules.recreate):
            raise refusal(step.member, before, fields)
        reply = made_anew(
            self._client, resource, step.member, payload_for(step.member, None, self._manager), self._manager
        )
        if not reply.ok:
            raise failure(reply, f"{step.label} ({step.member.source}): dry run of making it anew")
        after = reply.json()
        after["metadata"]["name"] = step.member.identity.name
        return Verdict(step, "recreated", before, after, immutable=tuple(fields))

    def _before(self, step: Step, resource: Resource) -> Object | None:
        """Return the whole live object; a LIST of metadata did not hold it."""
        if step.live is None or terminating(step.live):
            return None
        if step.adopt or step.member.identity.group_kind in DATA_KINDS or step.reason.startswith("lost the label"):
            return get(self._client, resource, step.member.identity)
        return step.live

    def _dry_run(
        self, step: Step, resource: Resource, payload: Object, force: bool, deadline: Deadline | None
    ) -> Reply:
        return send_apply(
            self._client, step, resource, payload, self._manager, force=force, dry_run=True, deadline=deadline
        )

    def _owns_same(self, before: Object, after: Object) -> bool:
        return _forgetful(owned_fields(before, self._manager)) == _forgetful(owned_fields(after, self._manager))

    def _unanswered(self, step: Step, before: Object | None, reply: Reply) -> Verdict:
        """Return a verdict without the server's opinion, where the lack of it is no fault of the object."""
        note = postponed(reply)
        if not note:
            raise failure(reply, f"{step.label} ({step.member.source}): dry run")
        return unvalidated(step, note, before)


def send_apply(
    client: Client,
    step: Step,
    resource: Resource,
    payload: Object,
    manager: str,
    *,
    force: bool,
    dry_run: bool = False,
    deadline: Deadline | None = None,
) -> Reply:
    """Send one server-side apply; while ``deadline`` lasts, a webhook that does not answer yet is waited for."""
    identity = step.member.identity
    query = {"fieldManager": manager, "fieldValidation": "Strict", "force": json.dumps(force)}
    query |= {"dryRun": "All"} if dry_run else {}
    attempt = 0
    while True:
        reply = client.send(
            "PATCH",
            resource.path(identity.namespace, identity.name),
            query=query,
            body=payload,
            content=APPLY,
            count="DRY-RUN" if dry_run else "APPLY",
        )
        if _just_busy(reply) and attempt < BUSY_ATTEMPTS:
            client.pause(backoff(attempt))
        elif passes_by_itself(reply, WEBHOOK_RACE) and deadline is not None and not deadline.expired():
            deadline.sleep(backoff(attempt, cap=3.0))
        else:
            return reply
        attempt += 1


def _just_busy(reply: Reply) -> bool:
    """A 409 that names no field: somebody wrote the object between the server's read and its write."""
    return reply.status == 409 and not field_conflicts(reply.refusal())


def _forgetful(fields: Fields | None) -> Fields | None:
    """Return the fields without our memory of them, which a dry run does not carry."""
    notes = ((fields or {}).get("f:metadata") or {}).get("f:annotations") or {}
    key = f"f:{APPLIED}"
    if not fields or key not in notes:
        return fields
    kept = {name: value for name, value in notes.items() if name != key}
    return {**fields, "f:metadata": {**fields["f:metadata"], "f:annotations": kept}}


def written_payload(verdict: Verdict, manager: str) -> Object:
    """Return what a real apply sends after its dry run."""
    member = verdict.step.member
    left = (as_server_writes(one.path) for one in member.left)
    live = None if verdict.outcome == "recreated" else verdict.before
    return with_memory(payload_for(member, live, manager), verdict.after, manager, left)


def unvalidated(step: Step, note: str, before: Object | None = None) -> Verdict:
    """Return the verdict on a step that the server cannot be asked about yet."""
    outcome: Outcome = "created" if step.live is None or terminating(step.live) else "configured"
    return Verdict(step, outcome, before, validated=False, note=note)


def postponed(reply: Reply) -> str:
    """Return why an object cannot be validated now although nothing is wrong with it, or "" when it is refused."""
    message = str(reply.refusal().get("message") or "")
    if reply.status == 404:
        # Apply creates what is not there: so what is missing is its namespace, its kind or what it refers to.
        return message or "its kind is not served yet"
    if reply.status == 400 and "does not support dry run" in message:
        return "a webhook in front of it does not support dry run"
    if passes_by_itself(reply, WEBHOOK_RACE):
        return f"a webhook in front of it does not answer ({message})"
    return ""


def missing_namespace(reply_note: str, namespace: str) -> bool:
    return reply_note == f'namespaces "{namespace}" not found'


def refuse_theft(step: Step, conflicts: Taken, manager: str, live: Object | None) -> None:
    """Raise unless every conflicting field was applied by us before (or the object is adopted as a whole).

    An equal change mark says that we applied this very payload, so each of its fields; else our entry tells, or the
    memory of what it held before somebody else wrote the field.
    """
    if step.adopt or (live is not None and annotations_of(live).get(DESIRED) == step.member.mark):
        return
    ours = paths(owned_fields(live, manager) or {}) if live is not None else set()
    foreign = [
        (field, owner)
        for field, owner in conflicts
        if field not in ours and not (live is not None and remembers(live, field))
    ]
    if foreign:
        listed = ", ".join(f'{field} (held by "{owner}")' for field, owner in foreign)
        raise PlatformError(
            f"{step.label} ({step.member.source}): other field managers hold other values of {listed}.",
            kind="conflict",
            remedy="Leave these fields out of the template, or set on_foreign to adopt to take them.",
            details={"conflicts": [{"field": field, "owner": owner} for field, owner in foreign]},
        )


def content(obj: Object) -> Object:
    """Return what a person calls the object: without what the server counts and records about it."""
    bookkeeping = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
    body = {key: value for key, value in obj.items() if key not in ("status", "apiVersion", "kind")}
    body["metadata"] = {key: value for key, value in obj["metadata"].items() if key not in bookkeeping}
    if APPLIED in annotations_of(obj):
        body["metadata"]["annotations"] = {k: v for k, v in annotations_of(obj).items() if k != APPLIED}
    return body
