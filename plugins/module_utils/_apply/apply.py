# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes: only what differs, a stage at a time, everything of a stage at once."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._common.clock import Deadline
from .._common.errors import PlatformError
from .answers import failure
from .discovery import Resource, Resources, wanted
from .http import Client
from .immutable import Replacing
from .migrate import Patch, adoption, claiming
from .objects import Object, terminating
from .observe import get, send_patch
from .plan import Step
from .preflight import Examiner, Permits, Verdict, send_apply, written_payload

Attempt: t.TypeAlias = "Verdict | PlatformError"
REWRITE_ATTEMPTS = 5


@dataclasses.dataclass(frozen=True)
class Hands:
    """What examining and applying need: the connection, our name there, threads, the known kinds, what is permitted."""

    client: Client
    manager: str
    pool: concurrent.futures.Executor
    resources: Resources
    permits: Permits = Permits()

    def examine(self, steps: t.Sequence[Step], deadline: Deadline | None = None) -> list[Attempt]:
        """Return a verdict or the server's refusal for each step, in order."""
        examiner = Examiner(self.client, self.manager, self.permits)
        return list(self.pool.map(lambda s: _caught(lambda: examiner.examine(s, self._of(s), deadline)), steps))

    def apply(self, verdicts: t.Sequence[Verdict], deadline: Deadline) -> list[Attempt]:
        """Apply each; return what the server made of it or why it refused. All requests are finished."""
        return list(self.pool.map(lambda v: _caught(lambda: self._apply(v, deadline)), verdicts))

    def _of(self, step: Step) -> t.Any:
        return wanted(self.resources, step.member.kind)

    def _apply(self, verdict: Verdict, deadline: Deadline) -> Verdict:
        step = verdict.step
        resource = self._of(step)
        if step.live is not None and terminating(step.live):
            self._await_gone(step, deadline)
        if verdict.outcome == "recreated" and verdict.before is not None:
            rest = Replacing(self.client, resource, deadline).clear(step.member, verdict.before)
            if rest is not None:
                raise stuck(step.label, rest)
        if step.adopt and verdict.outcome != "recreated":
            self._rewrite(verdict, resource, lambda live: adoption(live, self.permits.migrated, self.manager))
        if verdict.claimed:
            self._rewrite(verdict, resource, lambda live: claiming(live, self.manager, verdict.claimed))
        payload = written_payload(verdict, self.manager)
        reply = send_apply(self.client, step, resource, payload, self.manager, force=verdict.force, deadline=deadline)
        if not reply.ok:
            raise failure(reply, f"{step.label} ({step.member.source}): apply")
        return dataclasses.replace(verdict, after=reply.json(), validated=True, note="")

    def _rewrite(self, verdict: Verdict, resource: Resource, patch_for: t.Callable[[Object], Patch]) -> None:
        """Change who owns which fields of the object; the apply that follows lets go what it lacks."""
        who = verdict.step.member.identity
        live = get(self.client, resource, who) if verdict.step.adopt and verdict.claimed else verdict.before
        for _attempt in range(REWRITE_ATTEMPTS):
            patch = patch_for(live) if live is not None else []
            if not patch:
                return
            reply = send_patch(self.client, resource, who, patch, self.manager)
            if reply.ok:
                return
            if reply.status != 409:
                break
            live = get(self.client, resource, who)
        raise failure(reply, f"{who.label}: take over its fields")

    def _await_gone(self, step: Step, deadline: Deadline) -> None:
        """Applying to an object that is being deleted succeeds and is lost: wait until it is gone."""
        while True:
            live = get(self.client, self._of(step), step.member.identity)
            if live is None or not terminating(live):
                return
            if deadline.expired():
                raise stuck(step.label, live)
            deadline.sleep(0.5)


def _caught(work: t.Callable[[], Verdict]) -> Attempt:
    try:
        return work()
    except PlatformError as error:
        return error


def stuck(label: str, live: Object) -> PlatformError:
    """Return the error of an object that does not go: what holds it, and who wrote that. It is never stripped."""
    held = [f"{name} (set by {setter(live, name)})" for name in live.get("metadata", {}).get("finalizers") or []]
    rows = (live.get("status") or {}).get("conditions") or []
    told = [f"; {str(row['message']).rstrip('.')}" for row in rows if _holds(row)]
    return PlatformError(
        f"{label} is still being deleted; its finalizers: {', '.join(held) or 'none'}{''.join(told)}.",
        kind="timeout",
        remedy="See why the controller that owns the finalizer does not finish, then run again.",
        resumable=True,
    )


def _holds(row: Object) -> bool:
    """Say whether a condition of a Namespace tells what is left in it."""
    return str(row.get("type")).endswith("Remaining") and row.get("status") == "True"


def setter(live: Object, finalizer: str) -> str:
    """Return which field managers wrote a finalizer."""
    rows = [
        str(entry.get("manager"))
        for entry in live["metadata"].get("managedFields") or []
        if f'v:"{finalizer}"' in ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:finalizers", {})
    ]
    return " and ".join(sorted(set(rows))) or "nobody known"


def split(attempts: t.Iterable[Attempt]) -> tuple[list[Verdict], list[PlatformError]]:
    done: list[Verdict] = []
    refused: list[PlatformError] = []
    for attempt in attempts:
        if isinstance(attempt, PlatformError):
            refused.append(attempt)
        else:
            done.append(attempt)
    return done, refused


def together(errors: t.Sequence[PlatformError], consequence: str) -> PlatformError:
    """Return many refusals as one error; its class is the first one's."""
    first = errors[0]
    messages = list(dict.fromkeys(error.message for error in errors))
    more = f" (and {len(messages) - 5} more)" if len(messages) > 5 else ""
    return PlatformError(
        " ".join(messages[:5]) + more,
        kind=first.kind,
        remedy=" ".join(filter(None, [first.remedy, consequence])),
        code=first.code,
        request_id=first.request_id,
        resumable=all(error.resumable for error in errors),
        details={"problems": messages[:50], **first.details},
    )
