# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run: the whole set ready under one deadline, or a report of what is not and why."""

from __future__ import annotations

import json
import queue
import typing as t

from .._common.clock import Deadline
from .._common.errors import PlatformError
from .._common.progress import Progress
from .diagnose import MAX_SHOWN, Query, explain, log_queries, related_queries, report
from .discovery import Resources
from .http import Client
from .objects import PART_OF, Desired, Identity, Kind, Object, applyset_id, identity_of
from .ownership import DATA_KINDS
from .ready import Readiness, assess
from .watch import Seen, Watch

FAILED_SECONDS = 15.0
"""How long a failure must last before it ends a wait after a write: what was written may have cured it."""
MISSING = Readiness("progressing", "is not there")
SHOWN = 2


class Waiting:
    """The members of a set that are not ready yet. Feed it news; ask it whether it is done. No network, no clock."""

    def __init__(self, members: t.Iterable[Desired], known: t.Mapping[Identity, Object]) -> None:
        self._members = {m.identity: m for m in members if m.identity.group_kind not in DATA_KINDS}
        self._live: dict[Identity, Object | None] = {who: known.get(who) for who in self._members}
        self._failed_since: dict[Identity, float] = {}

    def take(self, news: Seen) -> None:
        """Remember what a LIST or WATCH told."""
        if news.whole:
            found = {identity_of(obj): obj for obj in news.objects}
            for who, member in self._members.items():
                if member.kind == news.kind:
                    self._live[who] = found.get(who)
            return
        for obj in news.objects:
            who = identity_of(obj)
            if who in self._live:
                self._live[who] = None if news.gone else obj

    def state(self, who: Identity) -> Readiness:
        live = self._live[who]
        return assess(live) if live is not None else MISSING

    def pending(self) -> dict[Identity, Readiness]:
        states = {who: self.state(who) for who in self._members}
        return {who: state for who, state in states.items() if not state.ready}

    def kinds(self) -> list[Kind]:
        """Return the kinds that have a member which is not ready."""
        return list(dict.fromkeys(self._members[who].kind for who in self.pending()))

    def hopeless(self, now: float, grace: float) -> list[Identity]:
        """Return who has failed for longer than ``grace`` seconds."""
        failed = [who for who, state in self.pending().items() if state.state == "failed"]
        self._failed_since = {who: self._failed_since.get(who, now) for who in failed}
        return [who for who in failed if now - self._failed_since[who] >= grace]

    def live(self, who: Identity) -> Object:
        """Return the object, or its bare identity when it is not there."""
        version = self._members[who].kind.api_version
        bare = {"apiVersion": version, "kind": who.kind, "metadata": {"name": who.name, "namespace": who.namespace}}
        return self._live[who] or bare


def summary(pending: t.Mapping[Identity, Readiness], total: int) -> str:
    """Return ``2 of 84: StatefulSet/prometheus (1/2 ready), ...`` for a progress line."""
    shown = [f"{who.kind}/{who.name} ({_brief(state.message)})" for who, state in list(pending.items())[:SHOWN]]
    more = [f"and {len(pending) - SHOWN} more"] if len(pending) > SHOWN else []
    return f"{len(pending)} of {total}: {', '.join(shown + more)}"


def _brief(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 48 else line[:47] + "…"


def wait_ready(
    client: Client,
    resources: Resources,
    waiting: Waiting,
    *,
    set_name: str,
    total: int,
    deadline: Deadline,
    progress: Progress,
    grace: float = FAILED_SECONDS,
) -> None:
    """Return when every member is ready. Raises ``PlatformError``: ``not_converged`` as soon as one has failed,
    ``timeout`` at the deadline, each with what is known about the cause."""
    selector = f"{PART_OF}={applyset_id(set_name)}"
    news: queue.SimpleQueue[Seen] = queue.SimpleQueue()
    watches = [Watch(client, resources[kind], selector, news, deadline) for kind in waiting.kinds()]
    for watch in watches:
        watch.start()
    try:
        while pending := waiting.pending():
            hopeless = waiting.hopeless(deadline.clock.now(), grace)
            if hopeless or deadline.expired():
                raise _not_ready(client, waiting, hopeless or list(pending), deadline, bool(hopeless))
            progress.waiting("waiting", summary(pending, total), deadline)
            _drain(news, waiting, min(1.0, deadline.remaining()))
    finally:
        for watch in watches:
            watch.stop()


def _drain(news: queue.SimpleQueue[Seen], waiting: Waiting, seconds: float) -> None:
    """Take all news there is; wait a moment for the first."""
    try:
        seen = news.get(timeout=seconds)
        while True:
            if seen.error is not None:
                raise seen.error
            waiting.take(seen)
            seen = news.get_nowait()
    except queue.Empty:
        return


def _not_ready(
    client: Client, waiting: Waiting, unready: list[Identity], deadline: Deadline, failed: bool
) -> PlatformError:
    evidence = Evidence(client)
    told = [evidence.explain(waiting.live(who)) for who in unready[:MAX_SHOWN]]
    told += [""] * (len(unready) - len(told))  # the report counts what it does not show
    return PlatformError(
        report(told, deadline.elapsed()),
        kind="not_converged" if failed else "timeout",
        remedy="" if failed else "Raise wait_timeout if it is only slow; running the same command again continues.",
        resumable=True,
        details={"not_ready": [{"object": who.label, "state": waiting.state(who).message} for who in unready[:20]]},
    )


class Evidence:
    """Reads what explains an object: its pods, warnings, the last lines of a log. Each thing once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read: dict[Query, t.Any] = {}

    def explain(self, obj: Object) -> str:
        found: dict[str, list[Object]] = {"pods": [], "events": []}
        for query in related_queries(obj):
            found[query.what] += self._items(query)
        pods = [{"apiVersion": "v1", "kind": "Pod", **pod} for pod in found["pods"]]
        log = "".join(self._text(query) for query in log_queries(pods))
        return explain(obj, pods, found["events"], log)

    def _items(self, query: Query) -> list[Object]:
        try:
            return list(json.loads(self._text(query) or "{}").get("items") or [])
        except ValueError:
            return []

    def _text(self, query: Query) -> str:
        """Return the answer, empty where it is refused: a report never fails for want of a right."""
        if query not in self._read:
            try:
                reply = self._client.send("GET", query.path, query=dict(query.parameters))
                self._read[query] = reply.body.decode(errors="replace") if reply.ok else ""
            except PlatformError:
                self._read[query] = ""
        return str(self._read[query])
