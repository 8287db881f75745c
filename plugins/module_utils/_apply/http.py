# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One API server over HTTP/1.1: a keep-alive connection a thread, one TLS context, timeouts, one retry loop.

Standard library only: a client library costs more to import than the whole check of 500 objects.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import http.client
import json
import os
import socket
import ssl
import tempfile
import threading
import time
import typing as t
import urllib.parse

from .._common.clock import Clock, Deadline, backoff
from .._common.credentials import Credentials, CredentialSource
from .._common.errors import PlatformError
from .answers import Reply, failure, passes_by_itself, retry_after
from .objects import Object
from .pace import Pace

Query = t.Mapping[str, str]

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
JSON = "application/json"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
"""A request with a slow webhook may take 30 s (the most that a webhook may ask for); the server itself ends at 60."""
RETRY_SECONDS = 45.0
"""How long is asked again in all where the caller has no budget of its own."""
OUTAGE_ATTEMPTS, FIRST_ATTEMPTS = 10, 4
"""How often a broken connection is made again (with the pauses in between about 45 s); a server that never
answered is more likely to be wrongly named than to be failing over."""
THREADS = 8
REFRESH_SECONDS = 60.0
"""A token is renewed when it has less than this left."""

_BROKEN = (ConnectionError, http.client.HTTPException, ssl.SSLError)


class _Connection(http.client.HTTPSConnection):
    """A TLS connection whose certificate is checked against a name of our choice (tunnels), maybe through a proxy."""

    def __init__(self, route: Route, context: ssl.SSLContext) -> None:
        first = route.proxy or (route.host, route.port)
        super().__init__(first[0], first[1], timeout=CONNECT_SECONDS, context=context)
        self._tls, self._name = context, route.server_name
        if route.proxy:
            self.set_tunnel(route.host, route.port, headers=route.proxy_headers)

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)
        self.sock.settimeout(ANSWER_SECONDS)


class Route:
    """Where the connection goes: host and port of the server, the name in its certificate, the proxy on the way."""

    def __init__(self, credentials: Credentials) -> None:
        parts = urllib.parse.urlsplit(credentials.server)
        if parts.scheme != "https" or not parts.hostname:
            raise PlatformError(
                f'the API server address "{credentials.server}" is not an https URL.',
                kind="invalid",
                remedy="Set it as https://HOST[:PORT].",
            )
        self.host, self.port = parts.hostname, parts.port or 443
        self.prefix = parts.path.rstrip("/")
        self.server_name = credentials.tls_server_name or self.host
        self.proxy, self.proxy_headers = _proxy(credentials.proxy)


def _proxy(url: str) -> tuple[tuple[str, int] | None, dict[str, str]]:
    if not url:
        return None, {}
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise PlatformError(
            f'the proxy "{parts.scheme}://{parts.hostname or ""}" cannot be used; only http:// proxies (CONNECT) can.',
            kind="invalid",
            remedy="Set proxy to http://HOST:PORT.",
        )
    headers = {}
    if parts.username:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return (parts.hostname, parts.port or 3128), headers


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """Return the TLS settings: the cluster's CA alone where there is one, else the system's.

    Built from the bare protocol: the strict checks that newer Pythons add to their default context refuse the
    certificate authorities that many clusters were born with.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if credentials.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif credentials.ca_data:
        context.load_verify_locations(cadata=credentials.ca_data)
    else:
        context.load_default_certs()
    if credentials.client_cert:
        _load_client_certificate(context, credentials)
    return context


def _load_client_certificate(context: ssl.SSLContext, credentials: Credentials) -> None:
    """OpenSSL reads a key only from a file: give it one that nobody else can read, for that moment."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as stream:
        stream.write(credentials.client_cert + "\n" + credentials.client_key)
    try:
        context.load_cert_chain(stream.name)
    finally:
        os.unlink(stream.name)


class Client:
    """Requests to one API server; safe to use from many threads.

    ``send`` returns any answer of the server once it is not worth asking again; ``call`` raises a
    ``PlatformError`` for a refusal. ``requests`` counts by verb (``LIST``, ``GET``, ``APPLY``, ``DRY-RUN``, ...).
    ``budget`` is how long all requests together may be asked again; ``threads`` how many are under way at once.
    """

    def __init__(
        self,
        source: CredentialSource,
        *,
        clock: Clock,
        agent: str = "seaworthy.platform",
        now: t.Callable[[], float] = time.time,
        budget: Deadline | None = None,
        threads: int = THREADS,
    ) -> None:
        self._source, self._agent, self._now = source, agent, now
        self._budget = budget or Deadline(clock, RETRY_SECONDS)
        self._pace = Pace(threads, clock)
        self._answered = False
        self._lock = threading.Lock()
        self._local = threading.local()
        self._open: list[_Connection] = []
        self.requests: collections.Counter[str] = collections.Counter()
        self._adopt(source())

    def _adopt(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._route = Route(credentials)
        try:
            self._context = tls_context(credentials)
        except (ssl.SSLError, ValueError) as error:
            raise PlatformError(
                f"{credentials.server}: the CA or client certificate cannot be read ({_reason(error)}).",
                kind="credentials",
                remedy="It must be PEM text.",
            ) from error

    @property
    def server(self) -> str:
        return self._credentials.server

    def call(self, verb: str, path: str, *, doing: str = "", **rest: t.Any) -> Object:
        """Return the decoded answer; raise for a refusal, with ``doing`` at the start of the sentence."""
        reply = self.send(verb, path, **rest)
        if not reply.ok:
            raise failure(reply, doing or f"{verb} {path}")
        return reply.json()

    def send(
        self,
        verb: str,
        path: str,
        *,
        query: Query | None = None,
        body: Object | list[Object] | None = None,
        content: str = JSON,
        accept: str = JSON,
        count: str = "",
    ) -> Reply:
        """Send, and send again what passes by itself, within the one budget of all requests."""
        target = self._route.prefix + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = json.dumps(body, separators=(",", ":")).encode() if body is not None else None
        headers = {"Accept": accept, "Content-Type": content}
        attempt, refreshed = 0, False
        while True:
            self._count(count or verb)
            try:
                with self._pace.turn(self._budget) as number:
                    known = self._current()
                    reply = self._once(verb, target, data, headers | self._identity(known))
            except (*_BROKEN, TimeoutError) as error:
                self._forget()
                if attempt >= (OUTAGE_ATTEMPTS if self._answered else FIRST_ATTEMPTS) or self._budget.expired():
                    raise self._unreachable(error) from error
                self._budget.sleep(0.0 if attempt == 0 else backoff(attempt - 1))
            else:
                self._answered = True
                if reply.status == 401 and not refreshed:
                    refreshed = self._refresh(known)
                elif not self._again(reply, number, attempt):
                    return reply
            attempt += 1

    def _again(self, reply: Reply, number: int, attempt: int) -> bool:
        """Say whether to ask again, after the pause for it; overload slows all threads down."""
        if not passes_by_itself(reply):
            self._pace.passed()
            return False
        if self._budget.expired():
            return False
        asked = retry_after(reply)
        if reply.status == 429 or asked is not None:
            self._pace.overloaded(number, asked or 0.0)
        if not asked:
            self._budget.sleep(backoff(attempt))
        return True

    def pause(self, seconds: float) -> None:
        """Let time of the budget pass."""
        self._budget.sleep(seconds)

    def _count(self, verb: str) -> None:
        with self._lock:
            self.requests[verb] += 1

    def _once(self, verb: str, target: str, data: bytes | None, headers: dict[str, str]) -> Reply:
        connection = self._connection()
        connection.request(verb, target, body=data, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        return Reply(answer.status, _joined(answer.getheaders()), body)

    def _current(self) -> Credentials:
        """Return the credentials, minted again when they end soon."""
        if self._credentials.expires_within(REFRESH_SECONDS, self._now()):
            with self._lock:
                if self._credentials.expires_within(REFRESH_SECONDS, self._now()):
                    self._credentials = self._source()
        return self._credentials

    def _identity(self, credentials: Credentials) -> dict[str, str]:
        token = {"Authorization": f"Bearer {credentials.token}"} if credentials.token else {}
        return {"User-Agent": self._agent} | token

    def _refresh(self, known: Credentials) -> bool:
        """Ask for new credentials after a 401, unless another thread just did; the connection may hold the old."""
        with self._lock:
            if self._credentials is known:
                self._adopt(self._source())
        self._forget()
        return True

    def _connection(self) -> _Connection:
        kept: _Connection | None = getattr(self._local, "connection", None)
        if kept is None:
            kept = self._local.connection = self._connect()
            with self._lock:
                self._open.append(kept)
        return kept

    def _connect(self) -> _Connection:
        connection = _Connection(self._route, self._context)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise PlatformError(
                f"{self.server}: its certificate is not trusted: {error.verify_message}.",
                kind="unreachable",
                remedy="Check the CA of the cluster and, behind a tunnel, tls_server_name.",
            ) from error
        except _BROKEN:
            raise
        except TimeoutError as error:
            if self._answered:
                raise
            raise self._unreachable(error) from error
        except OSError as error:  # no such name, no answer, a proxy that says no: asking again does not help
            raise self._unreachable(error) from error
        return connection

    def _forget(self) -> None:
        kept: _Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            kept.close()

    def _unreachable(self, error: Exception) -> PlatformError:
        via = " through its proxy" if self._route.proxy else ""
        return PlatformError(
            f"{self.server} cannot be reached{via}: {_reason(error)}.",
            kind="unreachable",
            remedy="Check the endpoint, the network path (VPN, tunnel, proxy) and that the cluster is running.",
            resumable=True,
        )

    def close(self) -> None:
        """Close every connection; the client is not used afterwards."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.close()
            self._open.clear()

    def stream(self, path: str, query: Query) -> Stream:
        """Open a WATCH on a connection of its own."""
        self._count("WATCH")
        connection = self._connect()
        target = f"{self._route.prefix}{path}?{urllib.parse.urlencode(query)}"
        connection.request("GET", target, headers={"Accept": JSON} | self._identity(self._current()))
        return Stream(connection)


class Stream:
    """Events of one WATCH, one JSON document a line; ``close`` may be called from another thread."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._socket: socket.socket = connection.sock
        self._answer = connection.getresponse()

    @property
    def status(self) -> int:
        return self._answer.status

    def events(self) -> t.Iterator[Object]:
        """Yield events until the server, the network or ``close`` ends the stream."""
        try:
            while line := self._answer.readline():
                yield json.loads(line)
        except (OSError, ValueError, http.client.HTTPException):
            return

    def close(self) -> None:
        with contextlib.suppress(OSError):
            # Below TLS, so that a reader blocked in another thread wakes up.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def dispose(self) -> None:
        """Free the connection; only the reading thread may."""
        with contextlib.suppress(OSError):
            self._connection.close()


def _joined(headers: t.Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by lower-case name; one that stands there several times (Warning) has all its values."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(found) for name, found in values.items()}


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known to DNS"
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".").lower()
