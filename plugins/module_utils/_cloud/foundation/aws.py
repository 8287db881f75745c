# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS as the loop of a foundation sees it: who we are, start an action, look at what is on its way."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from ..._common.clock import Deadline, backoff
from ..._common.errors import PlatformError
from ..._common.progress import Progress
from ..aws.session import AwsSession
from ..reconcile.actions import Action, Handle
from ..reconcile.execute import Look
from ..reconcile.wait import Retries, retrying
from .parts import PLANNED, Call, Document, Found, Kind, named, references, resolve

IN_USE_SECONDS = 300.0
"""How long a deletion waits for what AWS itself is still detaching."""
STALE_READS = 6
FOLLOWING = ("NextToken", "nextToken", "Marker")
"""What the services call the token of the next page, in answers and requests alike."""
NOT_YET = "not seen yet"
Blocker = dict[str, str]


class AwsParts:
    """Requests of one run. Ids of what this run made stand in for the references of its plan."""

    def __init__(self, session: AwsSession, base: str, kinds: t.Iterable[Kind], allowed: t.Collection[str]) -> None:
        self.session = session
        self.base = base
        self.retries = Retries()
        self.account = ""
        self.ids: dict[str, t.Any] = {}
        self.blockers: t.Callable[[], list[Blocker]] = list
        self._kinds = {kind.title: kind for kind in kinds}
        self._allowed = allowed
        self._fresh: set[str] = set()
        self._gone: set[str] = set()
        self._deadline: Deadline | None = None
        self._progress: Progress | None = None

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        self._deadline, self._progress = deadline, progress
        self.account = self._retrying(self.session.check_account).account

    # -- reading

    def call(self, service: str, operation: str, **arguments: t.Any) -> dict[str, t.Any]:
        self._refuse_unlisted(service, operation)
        return self._retrying(lambda: self.session.call(service, operation, **arguments))

    def pages(self, service: str, operation: str, member: str, **arguments: t.Any) -> list[Document]:
        items: list[Document] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(service, operation, **arguments, **token)
            items += answer.get(member) or []
            token = {name: answer[name] for name in FOLLOWING if answer.get(name)}
            if not token:
                return items

    def settled(self, read: t.Callable[[], T]) -> T:
        """Return what was read once it shows everything that this run made: reads of AWS may lag behind writes."""
        for attempt in range(STALE_READS):
            seen = read()
            if self._fresh - self._gone <= self._known():
                return seen
            t.cast(Deadline, self._deadline).sleep(backoff(attempt, base=0.5, cap=5.0))
        raise PlatformError(
            f"{self.base}: AWS does not show {', '.join(sorted(self._fresh - self._gone - self._known()))} "
            "yet, which this run has made.",
            kind="not_converged",
            remedy="Run again in a minute; nothing is made twice once it shows.",
            resumable=True,
        )

    def _known(self) -> set[str]:
        return {value for value in self.ids.values() if isinstance(value, str)}

    def know(self, found: t.Iterable[Found]) -> None:
        self.ids = {}
        for one in found:
            self.ids.update(named(f"{PLANNED}{self.base}/{one.role}", one.kind, one.document))

    # -- writing

    def submit(self, action: Action) -> Handle | None:
        """Start an action; done at once where the vendor says so. Raises PlatformError."""
        if action.waits_for is not None:
            return action.waits_for
        service, _dot, operation = action.call.partition(".")
        call = Call(service, operation, resolve(dict(action.arguments), self.ids))
        lost = references(call.arguments)
        if lost:
            raise PlatformError(
                f"{self.base}: {action.target} needs {', '.join(sorted(lost))}, which does not exist yet.",
                kind="not_found",
                remedy="Make that first; only check mode plans with what is not there.",
            )
        kind = self._kind(action.target)
        if action.verb == "create":
            return self._create(action, call, kind)
        if action.verb == "delete":
            return self._delete(action, call, kind)
        self._send(call)
        return None

    def _create(self, action: Action, call: Call, kind: Kind) -> Handle | None:
        document = kind.created(self._make(call, kind))
        name = kind.id(document)
        self.ids.update(named(f"{PLANNED}{self.base}/{action.group}", kind, document))
        self._fresh.add(name)
        if kind.look is None:
            return None
        handle = Handle("creation", action.target, name)
        return None if not kind.waits and self.look(handle).done else handle

    def _make(self, call: Call, kind: Kind) -> Document:
        """Send a creation: repeated under one token where there is one, else looked for before it is tried again."""
        if kind.token:
            return self._send(call._replace(arguments={**call.arguments, kind.token: str(uuid.uuid4())}))
        try:
            return self._send(call, once=True)
        except PlatformError as error:
            if error.kind == "unreachable":
                error.kind = "conflict"
            raise

    def _delete(self, action: Action, call: Call, kind: Kind) -> Handle | None:
        name = str(action.before["id"])
        began = t.cast(Deadline, self._deadline).elapsed()
        attempt = 0
        while True:
            try:
                self._send(call)
                break
            except PlatformError as error:
                if error.kind == "not_found":
                    break
                if error.kind != "in_use" or not self._may_wait(began):
                    raise self._explained(error) from None
                self._wait_for(error, attempt)
                attempt += 1
        self._gone.add(name)
        return Handle("deletion", action.target, name) if kind.waits_for_end else None

    def _may_wait(self, began: float) -> bool:
        deadline = t.cast(Deadline, self._deadline)
        return deadline.elapsed() - began < IN_USE_SECONDS and not deadline.expired()

    def _wait_for(self, error: PlatformError, attempt: int) -> None:
        deadline = t.cast(Deadline, self._deadline)
        t.cast(Progress, self._progress).waiting("WAITING", "for AWS to let go of what is in use", deadline)
        deadline.sleep(backoff(attempt, base=1.0, cap=15.0))
        self.retries.conflict += 1

    def _explained(self, error: PlatformError) -> PlatformError:
        if error.kind == "in_use":
            blocked = self.blockers()
            error.details["blocked_by"] = blocked
            if blocked:
                error.message = f"{error.message.rstrip('.')}: {said_blockers(blocked)}."
        return error

    def _send(self, call: Call, *, once: bool = False) -> dict[str, t.Any]:
        self._refuse_unlisted(call.service, call.operation)

        def work() -> dict[str, t.Any]:
            try:
                return self.session.call(call.service, call.operation, **call.arguments)
            except PlatformError as error:
                if error.kind == "not_found" and self._names_fresh(call.arguments):
                    error.details["retry"] = "propagation"
                if error.kind == "unreachable" and once:
                    error.kind = "conflict"
                raise

        return self._retrying(work)

    def _names_fresh(self, value: t.Any) -> bool:
        """Tell whether a request names what this run has made: then "not found" only means "not yet"."""
        if isinstance(value, str):
            return value in self._fresh
        if isinstance(value, t.Mapping):
            return any(self._names_fresh(item) for item in value.values())
        return isinstance(value, (list, tuple)) and any(self._names_fresh(item) for item in value)

    # -- looking

    def look(self, handle: Handle) -> Look:
        kind = self._kind(handle.target)
        document = self._document(kind, handle.id)
        if document is None:
            return Look("gone" if handle.kind == "deletion" else NOT_YET, handle.kind == "deletion")
        state = kind.state(document)
        if handle.kind == "deletion":
            return Look(state, state == "gone")
        if state == "failed":
            return Look(state, True, self._failed(handle, kind, document))
        return Look(state, state == "ready")

    def _document(self, kind: Kind, name: str) -> Document | None:
        call = t.cast(t.Callable[[str], Call], kind.look)(name)
        try:
            return kind.found(self.call(call.service, call.operation, **call.arguments))
        except PlatformError as error:
            if error.kind == "not_found":
                return None
            raise

    def _failed(self, handle: Handle, kind: Kind, document: Document) -> PlatformError:
        return PlatformError(
            f"{self.base}: {handle.target} ({handle.id}) has failed: {kind.why_failed(document)}.",
            kind="not_converged",
            remedy="Correct what AWS names, then run again: it is deleted and made anew.",
            operation_id=handle.id,
        )

    def _kind(self, target: str) -> Kind:
        titles = [title for title in self._kinds if target == title or target.startswith(f"{title} ")]
        return self._kinds[max(titles, key=len)]

    def _retrying(self, work: t.Callable[[], T]) -> T:
        if self._deadline is None:
            raise RuntimeError("begin comes first: nothing is read before we know who we are")
        return retrying(work, self._deadline, self.retries, self._notice)

    def _notice(self, error: PlatformError) -> None:
        if self._progress is not None and self._deadline is not None:
            reason = PATIENCE.get(error.details.get("retry") or error.kind, error.kind)
            self._progress.waiting("WAITING", reason, self._deadline)

    def _refuse_unlisted(self, service: str, operation: str) -> None:
        if f"{service}.{operation}" not in self._allowed:
            raise RuntimeError(f"{service}.{operation} is not in the table of calls of {self.base}")


T = t.TypeVar("T")
PATIENCE = {
    "propagation": "for AWS to show what was just made",
    "throttled": "for AWS to take more requests",
    "unreachable": "for AWS to answer again",
}


def said_blockers(blocked: t.Sequence[Blocker]) -> str:
    """Return what stands in the way, as a person reads it."""
    texts = [f"{one['kind']} {one['id']} ({one['created_by']})" for one in blocked[:5]]
    more = f" and {len(blocked) - 5} more" if len(blocked) > 5 else ""
    return f"held by {', '.join(texts)}{more}"


@dataclasses.dataclass(frozen=True)
class Marks:
    """The tags that say whose a thing is, of which document, in which role."""

    owner: str
    document: str
    name: str

    OWNER: t.ClassVar[str] = "seaworthy:owner"
    ROLE: t.ClassVar[str] = "seaworthy:role"

    @property
    def key(self) -> str:
        return f"seaworthy:{self.document}"

    def tags(self, role: str) -> dict[str, str]:
        return {self.OWNER: self.owner, self.key: self.name, self.ROLE: role}
