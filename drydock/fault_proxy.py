# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad road to a good API server: a proxy that, by rule, answers for it, drops, cuts, delays or kills the client.

It ends TLS on the loopback interface and speaks to the server with the credentials of a kubeconfig, unless a
request brings a bearer token of its own. Streams (watches, logs) pass as they come.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import tempfile
import threading
import time
import typing as t
import urllib.parse

import yaml

from .certificates import self_signed
from .errors import DrydockError
from .kube import Way

Phase = t.Literal["before", "after"]
Only = t.Literal["any", "reads", "dry_runs", "writes"]

# answer: the given status instead of the server's; reset: the connection breaks; half_open: no answer ever comes;
# truncate: half of the answer's body, then the end; slow: ``seconds`` later; kill: SIGKILL to the process ``pid``.
EFFECTS = ("answer", "reset", "half_open", "truncate", "slow", "kill")
HOP_HEADERS = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length", "host"})
OURS = "through-the-fault-proxy"
"""The token of our own kubeconfig: whoever shows it gets the credentials of the kubeconfig behind."""
UPSTREAM_SECONDS = 120.0
PIECE = 65536


@dataclasses.dataclass
class RoadFault:
    """Hits the ``nth`` matching request (1 is the next one) and the ``times - 1`` after it.

    ``path`` is a glob over the path with its query. ``after``: the server has done it by then. ``retry_after``
    in seconds, None for no such header; ``seconds`` is how long ``slow`` takes.
    """

    effect: str
    verb: str = "*"
    path: str = "*"
    only: Only = "any"
    phase: Phase = "before"
    nth: int = 1
    times: int = 1
    status: int = 503
    message: str = "injected by drydock"
    retry_after: int | None = None
    seconds: float = 0.0
    pid: int = 0
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise DrydockError(f"fault effect {self.effect!r} is unknown; choose one of {', '.join(EFFECTS)}")
        if self.effect == "kill" and self.pid <= 1:
            raise DrydockError("a fault that kills needs the pid of a client that you started")

    def matches(self, passing: Passing) -> bool:
        return (
            fnmatch.fnmatchcase(passing.verb, self.verb)
            and fnmatch.fnmatchcase(passing.target, self.path)
            and self.only in ("any", passing.sort)
        )


@dataclasses.dataclass
class Passing:
    """One request on the road; ``status`` 0 means that the client got no whole answer.

    ``together`` requests were under way when it came, itself among them.
    """

    verb: str
    target: str
    agent: str
    status: int = 0
    together: int = 0

    @property
    def sort(self) -> Only:
        if self.verb in ("GET", "HEAD"):
            return "reads"
        dry = "dryRun" in urllib.parse.parse_qs(self.target.partition("?")[2])
        return "dry_runs" if dry else "writes"


@dataclasses.dataclass
class _Road:
    """What the handlers of one proxy share."""

    upstream: tuple[str, int]
    with_certificate: ssl.SSLContext
    with_token: ssl.SSLContext
    token: str
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    faults: list[RoadFault] = dataclasses.field(default_factory=list)
    passed: list[Passing] = dataclasses.field(default_factory=list)
    in_flight: int = 0
    delay: float = 0.0
    stopped: threading.Event = dataclasses.field(default_factory=threading.Event)

    def take(self, passing: Passing) -> RoadFault | None:
        """Count this request against every matching fault and return the first that hits it."""
        with self.lock:
            hit = None
            for fault in self.faults:
                if fault.matches(passing):
                    fault.seen += 1
                    if hit is None and fault.nth <= fault.seen < fault.nth + fault.times:
                        fault.hits += 1
                        hit = fault
            return hit

    @contextlib.contextmanager
    def counted(self, passing: Passing) -> t.Iterator[None]:
        with self.lock:
            self.passed.append(passing)
            self.in_flight += 1
            passing.together = self.in_flight
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 300
    road: _Road
    upstream: http.client.HTTPSConnection | None = None

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        passing = Passing(self.command, self.path, self.headers.get("User-Agent", ""))
        with self.road.counted(passing):
            if self.road.delay:
                time.sleep(self.road.delay)
            fault = self.road.take(passing)
            if fault is not None and fault.phase == "before" and self._strike(fault, passing):
                return
            try:
                answer = self._forward(body)
                streaming = answer.getheader("Transfer-Encoding", "") == "chunked" and "watch=1" in self.path
                text = b"" if streaming else answer.read()
            except (OSError, http.client.HTTPException):
                self._reset()
                return
            if fault is not None and fault.phase == "after" and self._strike(fault, passing):
                return
            if streaming:
                self._stream(answer, passing)
            else:
                self._relay(answer, text, passing, cut=fault is not None and fault.effect == "truncate")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

    def _strike(self, fault: RoadFault, passing: Passing) -> bool:
        """Do what the fault says; return whether the request ends with it."""
        if fault.effect == "slow":
            self.road.stopped.wait(fault.seconds)
            return False
        if fault.effect == "truncate":
            return False
        if fault.effect == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(fault.pid, signal.SIGKILL)
        if fault.effect == "half_open":
            self.road.stopped.wait(UPSTREAM_SECONDS)
        if fault.effect == "answer":
            passing.status = fault.status
            self._answer(fault)
        else:
            self._reset()
        return True

    def _answer(self, fault: RoadFault) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": fault.status}
        text = json.dumps({**status, "message": fault.message}).encode()
        self.send_response_only(fault.status)
        if fault.retry_after is not None:
            self.send_header("Retry-After", str(fault.retry_after))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _forward(self, body: bytes) -> http.client.HTTPResponse:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
        own = self.headers.get("Authorization") not in (None, f"Bearer {OURS}")
        if not own:
            headers.pop("Authorization", None)
            headers |= {"Authorization": f"Bearer {self.road.token}"} if self.road.token else {}
        for fresh in (False, True):
            if self.upstream is None:
                context = self.road.with_token if own else self.road.with_certificate
                self.upstream = http.client.HTTPSConnection(
                    *self.road.upstream, timeout=UPSTREAM_SECONDS, context=context
                )
            try:
                self.upstream.request(self.command, self.path, body or None, headers)
                return self.upstream.getresponse()
            except (OSError, http.client.HTTPException):
                self.upstream.close()
                self.upstream = None
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def _relay(self, answer: http.client.HTTPResponse, text: bytes, passing: Passing, *, cut: bool) -> None:
        self._head(answer, "Content-Length", str(len(text)))
        self.wfile.write(text[: len(text) // 2] if cut else text)
        self.wfile.flush()
        if cut:
            self.close_connection = True
        else:
            passing.status = answer.status

    def _stream(self, answer: http.client.HTTPResponse, passing: Passing) -> None:
        self._head(answer, "Transfer-Encoding", "chunked")
        passing.status = answer.status
        self.wfile.flush()
        while piece := answer.read1(PIECE):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: http.client.HTTPResponse, framing: str, value: str) -> None:
        self.send_response_only(answer.status)
        for name, text in answer.getheaders():
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, text)
        self.send_header(framing, value)
        self.end_headers()

    def _reset(self) -> None:
        """Close so that the peer sees a reset, not an orderly end."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for stream in (self.wfile, self.rfile, self.connection):
            with contextlib.suppress(OSError):
                stream.close()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        if self.upstream is not None:
            self.upstream.close()

    def log_message(self, format: str, *args: t.Any) -> None:
        return


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, handler: type[_Handler], context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        # The handshake belongs to the connection's own thread, not to the one that accepts.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        return  # a client that went away is no news


class FaultProxy:
    """A proxy in front of the API server of a kubeconfig. ``kubeconfig`` (in ``folder``) leads through it."""

    def __init__(self, kubeconfig: pathlib.Path | str, folder: pathlib.Path, *, delay: float = 0.0) -> None:
        way = Way.of_kubeconfig(kubeconfig)
        parts = urllib.parse.urlsplit(way.server)
        upstream = (parts.hostname or "", parts.port or 443)
        self._road = _Road(upstream, way.context(), way.context(anonymous=True), way.token, delay=delay)
        pair = self_signed("127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as place:
            context.load_cert_chain(*pair.files(pathlib.Path(place)))
        self._server = _Server(type("Handler", (_Handler,), {"road": self._road}), context)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.kubeconfig = folder / "through-proxy.kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump(_config(self.url, pair.certificate_base64)), encoding="utf-8")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def add(self, effect: str, **rule: t.Any) -> RoadFault:
        """Add a fault (see ``RoadFault``)."""
        fault = RoadFault(effect, **rule)
        with self._road.lock:
            self._road.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults and all that passed."""
        with self._road.lock:
            self._road.faults.clear()
            self._road.passed.clear()

    def passed(self, only: Only = "any") -> list[Passing]:
        """Return the requests so far, in their order of arrival."""
        with self._road.lock:
            return [passing for passing in self._road.passed if only in ("any", passing.sort)]

    def stop(self) -> None:
        self._road.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def _config(url: str, certificate: str) -> dict[str, t.Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        "clusters": [{"name": "proxy", "cluster": {"server": url, "certificate-authority-data": certificate}}],
        "users": [{"name": "proxy", "user": {"token": OURS}}],
    }
