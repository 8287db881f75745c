# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time for a set: a Lease in the cluster, taken only by a run that changes something.

Whoever dies holding it loses it by time: nobody ever has to unlock by hand. Times are the API server's own (the
Date of its answers), so the clocks of two controllers need not agree.
"""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import os
import platform
import signal
import threading
import time
import types
import typing as t
import uuid

from .._common.clock import Clock, Deadline
from .._common.errors import PlatformError
from .._common.progress import Progress
from .answers import Reply, failure
from .http import Client
from .objects import HOME, Object, parent_name
from .record import in_home

TTL = 30.0
"""Seconds after which the Lease of a run that does not renew it is free."""
POLL_SECONDS = 1.0
_ROOT = f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases"
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def holder_name() -> str:
    """Return who holds a lease, for the eyes of whoever is kept out: host, process, and the job of a controller."""
    job = os.environ.get("JOB_ID") or os.environ.get("CI_JOB_ID") or os.environ.get("GITHUB_RUN_ID") or ""
    return f"{platform.node()}/{os.getpid()}{f' job {job}' if job else ''} {uuid.uuid4().hex[:6]}"


class Lock:
    """The Lease of one set. ``stale`` after ``acquire``: somebody held it after our look at the cluster began."""

    def __init__(self, client: Client, set_name: str, *, clock: Clock, ttl: float = TTL) -> None:
        self._client, self._clock, self._ttl, self._set = client, clock, ttl, set_name
        self._path = f"{_ROOT}/{parent_name(set_name)}"
        self._holder = holder_name()
        self._lease: Object | None = None
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None
        self._renewed = 0.0
        self.stale = False

    def acquire(self, deadline: Deadline, progress: Progress, seen: int) -> bool:
        """Take the lease, waiting for its holder; ``seen`` is the resource version of our look at the cluster.

        Return False where this identity may not keep leases. Raises ``PlatformError`` naming the holder.
        """
        while True:
            reply = self._client.send("GET", self._path)
            if reply.status == 403:
                return False
            if reply.status != 404 and not reply.ok:
                raise failure(reply, f"{self._path}: read")
            holder, left = _held(reply)
            if not holder:
                self.stale = self.stale or (reply.ok and int(reply.json()["metadata"]["resourceVersion"]) > seen)
                taken = self._take(reply)
                if taken is not None:
                    return taken
                continue
            self.stale = True
            if deadline.expired():
                raise self._busy(holder, left)
            progress.waiting("locked", f"by {holder}", deadline)
            deadline.sleep(POLL_SECONDS)

    def _take(self, found: Reply) -> bool | None:
        """Write the lease as ours; None where somebody was faster."""
        body = self._body(found)
        if found.ok:
            reply = self._client.send("PUT", self._path, body=body)
        else:
            reply = in_home(self._client, lambda: self._client.send("POST", _ROOT, body=body))
        if reply.status == 409:
            return None
        if reply.status == 403:
            return False
        if not reply.ok:
            raise failure(reply, f"{self._path}: take")
        self._lease, self._renewed = reply.json(), self._clock.now()
        self._renewing = threading.Thread(target=self._renew, daemon=True, name="lease")
        self._renewing.start()
        return True

    def _body(self, found: Reply) -> Object:
        now = server_time(found).strftime(_FORMAT)
        old = found.json() if found.ok else {}
        metadata = old.get("metadata") or {"name": parent_name(self._set), "namespace": HOME}
        spec = {"holderIdentity": self._holder, "leaseDurationSeconds": max(1, int(self._ttl))}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {key: metadata[key] for key in ("name", "namespace", "resourceVersion") if key in metadata},
            "spec": {**spec, "acquireTime": now, "renewTime": now},
        }

    def _renew(self) -> None:
        while not self._ended.wait(self._ttl / 3):
            try:
                reply = self._client.send("GET", self._path)
                if not reply.ok or _held(reply)[0] not in ("", self._holder):
                    return
                reply = self._client.send("PUT", self._path, body=self._body(reply))
            except PlatformError:
                continue
            if reply.ok:
                self._renewed = self._clock.now()

    def check(self) -> None:
        """Raise if the lease may be somebody else's by now: this run was cut off for too long."""
        if self._lease is not None and self._clock.now() - self._renewed > self._ttl:
            raise PlatformError(
                f"this run lost its Lease {HOME}/{parent_name(self._set)}: the API server was away for too long.",
                kind="conflict",
                remedy="Run the same command again.",
                resumable=True,
            )

    def release(self, *, erase: bool = False) -> None:
        """Give the lease back, or delete it with its set. An error here costs the next run some seconds, no more."""
        self._ended.set()
        if self._lease is None:
            return
        if self._renewing is not None:
            self._renewing.join(5.0)
        with contextlib.suppress(PlatformError):
            reply = self._client.send("GET", self._path)
            if not reply.ok or (reply.json().get("spec") or {}).get("holderIdentity") != self._holder:
                return
            if erase:
                self._client.send("DELETE", self._path)
                return
            body = self._body(reply)
            body["spec"]["holderIdentity"] = ""
            self._client.send("PUT", self._path, body=body)

    def _busy(self, holder: str, left: float) -> PlatformError:
        return PlatformError(
            f"another run changes this set now: {holder} (Lease {HOME}/{parent_name(self._set)}, "
            f"free in {left:.0f} s at most if that run is gone).",
            kind="conflict",
            remedy="Nothing was written. Run the same command again when it is done, or raise lock_timeout.",
            resumable=True,
            details={"holder": holder},
        )


def _held(reply: Reply) -> tuple[str, float]:
    """Return who holds a lease and for how many seconds more; "" for nobody."""
    spec = reply.json().get("spec") or {} if reply.ok else {}
    holder, renewed = str(spec.get("holderIdentity") or ""), spec.get("renewTime")
    if not holder or not renewed:
        return "", 0.0
    until = datetime.datetime.strptime(renewed, _FORMAT).replace(tzinfo=datetime.UTC)
    left = (until - server_time(reply)).total_seconds() + float(spec.get("leaseDurationSeconds") or TTL)
    return (holder, left) if left > 0 else ("", 0.0)


def server_time(reply: Reply) -> datetime.datetime:
    """Return the time at the API server when it answered, to the second."""
    try:
        return email.utils.parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return datetime.datetime.fromtimestamp(time.time(), datetime.UTC)


@contextlib.contextmanager
def released_at_the_end(lock: Lock) -> t.Iterator[Lock]:
    """Give the lease back however the run ends; a SIGTERM becomes an error that says how to go on."""
    previous: t.Any = None
    main = threading.current_thread() is threading.main_thread()
    if main:
        previous = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield lock
    finally:
        lock.release()
        if main:
            signal.signal(signal.SIGTERM, previous)


def _terminated(number: int, frame: types.FrameType | None) -> None:
    raise PlatformError(
        "the run was ended by a signal.",
        kind="canceled",
        remedy="Nothing is lost: run the same command again to resume.",
        resumable=True,
    )
