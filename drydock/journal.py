# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request to the twins and to their clusters, with whether it wrote: the oracle of idempotence claims.

Twin requests are written as they happen. Requests to Kubernetes are read from the clusters' audit logs when
the journal is read; when a cluster goes away, what people and controllers from outside asked of it is kept.
"""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import json
import pathlib
import threading
import typing as t
import urllib.parse

from .errors import DrydockError

STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
WRITING_VERBS = frozenset({"create", "update", "patch", "delete", "deletecollection"})
# Created, answered and never stored.
ASKING_GROUPS = ("/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/")


CALLED = "drydock.seaworthy.dev/called"
"""Where a token review says what people call a user whose name is a number."""


def mark() -> str:
    """Return now, as ``--since`` takes it."""
    return datetime.datetime.now(datetime.UTC).strftime(STAMP)


def check_mark(text: str) -> str:
    """Return a mark in the one form that sorts; raise DrydockError for anything else."""
    try:
        return datetime.datetime.strptime(text, STAMP).strftime(STAMP)
    except ValueError:
        raise DrydockError(f"{text!r} is no mark; use what python -m drydock mark prints, like {mark()}") from None


@dataclasses.dataclass(frozen=True)
class Line:
    """One request. ``status`` 0: the client got no answer. ``error`` is the vendor's code, empty on success."""

    time: str
    target: str
    principal: str
    agent: str
    verb: str
    operation: str
    status: int
    wrote: bool
    error: str = ""

    def json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


@dataclasses.dataclass(frozen=True)
class Filter:
    """Which lines are wanted; globs match whole values."""

    writes: bool = False
    since: str = ""
    principal: str = "*"
    target: str = "*"
    operation: str = "*"

    def keeps(self, line: Line) -> bool:
        return (
            (line.wrote or not self.writes)
            and line.time >= self.since
            and fnmatch.fnmatchcase(line.principal, self.principal)
            and fnmatch.fnmatchcase(line.target, self.target)
            and fnmatch.fnmatchcase(line.operation, self.operation)
        )


class Journal:
    """The journal of one state folder: ``journal.jsonl`` and ``clusters/*/audit.log``."""

    def __init__(self, file: pathlib.Path, clusters: pathlib.Path) -> None:
        self._file = file
        self._clusters = clusters
        self._lock = threading.Lock()

    def record(self, *lines: Line) -> None:
        with self._lock, self._file.open("a") as file:
            file.writelines(line.json() + "\n" for line in lines)

    def absorb(self, cluster: str) -> None:
        """Keep what was asked of a cluster that is about to go, its own components aside."""
        audit = self._clusters / cluster / "audit.log"
        kept = Filter()
        self.record(*(x for x in audited(audit) if kept.keeps(x) and not x.principal.startswith("system:")))

    def read(self, wanted: Filter = Filter()) -> list[Line]:
        """Return the lines that the filter keeps, oldest first."""
        lines = [line for line in self._recorded() if wanted.keeps(line)]
        for audit in sorted(self._clusters.glob("*/audit.log")):
            if fnmatch.fnmatchcase(f"kubernetes/{audit.parent.name}", wanted.target):
                lines += [line for line in audited(audit) if wanted.keeps(line)]
        return sorted(lines, key=lambda line: line.time)

    def clear(self) -> None:
        with self._lock:
            self._file.write_text("")

    def _recorded(self) -> t.Iterator[Line]:
        if self._file.exists():
            with self._file.open() as file:
                for text in file:
                    if text.endswith("\n"):  # the last line may still be being written
                        yield Line(**json.loads(text))


def audited(audit: pathlib.Path) -> t.Iterator[Line]:
    """Yield the requests of one audit log."""
    if not audit.exists():
        return
    with audit.open() as file:
        for text in file:
            if text.endswith("\n"):
                yield audit_line(json.loads(text), f"kubernetes/{audit.parent.name}")


def audit_line(event: t.Mapping[str, t.Any], target: str) -> Line:
    """Return one audit event as a journal line. A dry run and a refused request wrote nothing."""
    answer = event.get("responseStatus") or {}
    status, uri, verb = int(answer.get("code", 0)), str(event.get("requestURI", "")), str(event.get("verb", ""))
    query = urllib.parse.parse_qs(uri.partition("?")[2])
    user = event.get("user") or {}
    named = (user.get("extra") or {}).get(CALLED) or [user.get("username", "")]
    asks = uri.startswith(ASKING_GROUPS) or uri.partition("?")[0].endswith("/token")
    wrote = verb in WRITING_VERBS and 200 <= status < 300 and "dryRun" not in query and not asks
    return Line(
        time=str(event.get("requestReceivedTimestamp", "")),
        target=target,
        principal=str(named[0]),
        agent=str(event.get("userAgent", "")),
        verb=verb,
        operation=uri,
        status=status,
        wrote=wrote,
        error=str(answer.get("reason", "")) if status >= 400 else "",
    )


def table(lines: t.Sequence[Line]) -> str:
    """Return the lines as people read them, with a count below."""
    rows = [
        f"{x.time[11:23]}  {'W' if x.wrote else '-'}  {x.status:3d}  {x.target:<18} {_who(x.principal):<28} "
        f"{x.verb:<6} {x.operation}{'  ' + x.error if x.error else ''}"
        for x in lines
    ]
    writes = sum(x.wrote for x in lines)
    return "\n".join([*rows, f"{len(lines)} requests, {writes} writes"])


def _who(principal: str) -> str:
    """Return a principal's name without what all of its kind have in common."""
    common = ("arn:", "system:serviceaccount:")
    return principal.rpartition(":")[2] if principal.startswith(common) else principal
