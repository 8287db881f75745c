# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind is doing, as it happens: a LIST, then a WATCH from there, each kind in a thread of its own.

A dropped connection, an expired resource version or a server that refuses to watch costs one more LIST.
"""

from __future__ import annotations

import dataclasses
import http.client
import queue
import threading

from .._common.clock import Deadline
from .._common.errors import PlatformError
from .discovery import Resource
from .http import Client, Stream
from .objects import Kind, Object
from .observe import list_objects

QUIET_SECONDS = 300
"""The server ends a watch after this long; then it is opened again."""
POLL_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class Seen:
    """News of one kind: all its objects (``whole``) or one, live or ``gone``; or the ``error`` that ended it."""

    kind: Kind
    objects: list[Object]
    whole: bool = False
    gone: bool = False
    error: PlatformError | None = None


class Watch(threading.Thread):
    """Puts news about the labelled objects of one kind into a queue until ``stop`` or the deadline."""

    def __init__(
        self, client: Client, resource: Resource, selector: str, news: queue.SimpleQueue[Seen], deadline: Deadline
    ) -> None:
        super().__init__(daemon=True, name=f"watch-{resource.kind.kind}")
        self._client, self._resource, self._selector = client, resource, selector
        self._news, self._deadline = news, deadline
        self._stopped = threading.Event()
        self._stream: Stream | None = None

    def run(self) -> None:
        while not self._stopped.is_set() and not self._deadline.expired():
            try:
                objects, version = list_objects(self._client, self._resource, selector=self._selector)
                self._news.put(Seen(self._resource.kind, objects, whole=True))
                self._follow(version)
            except PlatformError as error:
                if not error.resumable:
                    self._news.put(Seen(self._resource.kind, [], error=error))
                    return
            except (OSError, http.client.HTTPException):
                pass  # the LIST that follows says what was missed
            self._stopped.wait(POLL_SECONDS)

    def _follow(self, version: str) -> None:
        query = {
            "watch": "1",
            "labelSelector": self._selector,
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, min(QUIET_SECONDS, int(self._deadline.remaining()) + 1))),
        }
        self._stream = stream = self._client.stream(self._resource.path(), query)
        try:
            if stream.status != 200 or self._stopped.is_set():
                return
            for event in stream.events():
                if event.get("type") == "ERROR":
                    return
                if event.get("type") != "BOOKMARK":
                    self._tell(event)
        finally:
            self._stream = None
            stream.dispose()

    def _tell(self, event: Object) -> None:
        kind = self._resource.kind
        obj = {**event["object"], "apiVersion": kind.api_version, "kind": kind.kind}
        self._news.put(Seen(kind, [obj], gone=event["type"] == "DELETED"))

    def stop(self) -> None:
        self._stopped.set()
        stream = self._stream
        if stream is not None:
            stream.close()
