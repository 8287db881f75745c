# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small threaded HTTP/1.1 server on the loopback interface. Knows nothing about clouds."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import typing as t
import urllib.parse

MAX_BODY = 16 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it arrived: ``path`` and ``query`` are still percent-encoded, header names lower-case."""

    method: str
    path: str
    query: str
    headers: t.Mapping[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: t.Mapping[str, str], body: bytes = b"") -> Request:
        path, _, query = target.partition("?")
        return cls(method, path, query, {k.lower(): v for k, v in headers.items()}, body)

    def parameters(self) -> dict[str, list[str]]:
        """Return the decoded query."""
        return urllib.parse.parse_qs(self.query, keep_blank_values=True)

    def json(self) -> t.Any:
        return json.loads(self.body or b"null")


@dataclasses.dataclass(frozen=True)
class Response:
    """``reset`` drops the connection instead of answering (status 0 in the journal)."""

    status: int
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    reset: bool = False

    @classmethod
    def of_json(cls, value: object, status: int = 200, **headers: str) -> Response:
        body = json.dumps(value, separators=(",", ":")).encode()
        return cls(status, {"Content-Type": "application/json", **headers}, body)


RESET = Response(0, reset=True)
App = t.Callable[[Request], Response]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet: no delayed acknowledgement between them
    disable_nagle_algorithm = True
    timeout = 300
    app: App

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            return self._send(Response(413))
        request = Request.of(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
        try:
            response = type(self).app(request)
        except Exception as exc:  # the server must answer whatever a twin's bug does
            print(f"drydock: {self.command} {self.path}: {type(exc).__name__}: {exc}", file=sys.stderr, flush=True)
            response = Response.of_json({"message": f"drydock bug: {type(exc).__name__}: {exc}"}, 500)
        return self._reset() if response.reset else self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _reset(self) -> None:
        """Close so that the peer sees a reset, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for stream in (self.wfile, self.rfile, self.connection):
            with contextlib.suppress(OSError):
                stream.close()

    def log_message(self, format: str, *args: t.Any) -> None:
        return


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        return  # a client that went away is no news


class LoopbackServer:
    """Serves one app on 127.0.0.1 at a free port, from its own thread, until ``stop``; over TLS with a context."""

    def __init__(self, app: App, tls: ssl.SSLContext | None = None) -> None:
        handler = type("Handler", (_Handler,), {"app": staticmethod(app)})
        self._server = _Server(("127.0.0.1", 0), handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
