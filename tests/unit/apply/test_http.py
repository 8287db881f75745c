# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to an API server: what is asked again, how the route is taken, what a failure is called.

A TLS server of our own answers as scripted; what Kubernetes does is tested against a real one elsewhere.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import http.server
import json
import pathlib
import socket
import socketserver
import ssl
import threading
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.http import Client
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.pace import Pace
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import Deadline, SystemClock
from ansible_collections.seaworthy.platform.plugins.module_utils._common.credentials import Credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from drydock.certificates import Pair, self_signed


class ShortClock(SystemClock):
    """Real time, but no pause is long; all are remembered."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


Answer = tuple[int, dict[str, str], bytes] | None
"""Status, headers and body; None drops the connection instead."""
OK: Answer = (200, {}, b'{"kind": "Thing"}')


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers from the server's script, then 200; remembers each request."""

    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        answer = self.server.script.pop(0) if self.server.script else OK
        if self.server.accepted not in ("", self.headers.get("Authorization")):
            answer = (401, {}, b"")
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PATCH = do_DELETE = handle_any

    def log_message(self, *args: t.Any) -> None:
        pass


class ScriptedServer(http.server.ThreadingHTTPServer):
    def __init__(self, pair: Pair, folder: pathlib.Path) -> None:
        super().__init__(("127.0.0.1", 0), Scripted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair.files(folder))
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.script: list[Answer] = []
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.accepted = ""

    def process_request(self, request: t.Any, client_address: t.Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        pass


@dataclasses.dataclass
class Place:
    """A running server and the credentials that reach it."""

    server: ScriptedServer
    credentials: Credentials
    clock: ShortClock = dataclasses.field(default_factory=ShortClock)

    def client(self, **changes: t.Any) -> Client:
        return Client(lambda: dataclasses.replace(self.credentials, **changes), clock=self.clock)


@pytest.fixture
def serve(tmp_path: pathlib.Path) -> t.Iterator[t.Callable[[str], Place]]:
    servers: list[ScriptedServer] = []

    def start(name: str) -> Place:
        pair = self_signed(name)
        server = ScriptedServer(pair, tmp_path)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        return Place(server, Credentials(server=url, ca_data=pair.certificate.decode(), token="secret-token"))

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def place(serve: t.Callable[[str], Place]) -> Place:
    return serve("127.0.0.1")


def refusal(client: Client) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        client.call("GET", "/api", doing="ConfigMap/a/b: read")
    return caught.value


def status(code: int, message: str, **more: t.Any) -> Answer:
    return code, {"Audit-Id": "audit-1"}, json.dumps({"kind": "Status", "message": message, **more}).encode()


def test_one_connection_serves_many_requests(place: Place) -> None:
    client = place.client()
    for _ in range(5):
        assert client.call("GET", "/api") == {"kind": "Thing"}
    assert place.server.connections == 1
    assert client.requests == {"GET": 5}
    assert place.server.seen[0][2]["Authorization"] == "Bearer secret-token"


def test_path_prefix_of_the_server_is_kept(place: Place) -> None:
    place.client(server=place.credentials.server + "/k8s/clusters/c-1/").call("GET", "/api/v1", query={"limit": "5"})
    assert place.server.seen[0][1] == "/k8s/clusters/c-1/api/v1?limit=5"


@pytest.mark.parametrize("answer", [None, (503, {}, b""), (504, {}, b""), status(500, "etcdserver: leader changed")])
def test_what_passes_by_itself_is_asked_again(place: Place, answer: Answer) -> None:
    place.server.script = [answer]
    assert place.client().call("GET", "/api") == {"kind": "Thing"}
    assert len(place.server.seen) == 2


def test_overloaded_server_is_given_the_time_it_asks_for(place: Place) -> None:
    place.server.script = [(429, {"Retry-After": "7"}, b"")]
    place.client().call("GET", "/api")
    assert max(place.clock.pauses) == pytest.approx(7.0, abs=0.5)


@pytest.mark.parametrize(
    "answer",
    [
        status(500, "failed to create typed patch object"),
        status(500, "etcdserver: request is too large"),
        status(422, "no"),
    ],
)
def test_what_stays_wrong_is_not_asked_again(place: Place, answer: Answer) -> None:
    place.server.script = [answer]
    refusal(place.client())
    assert len(place.server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(403, "may not"), "permission"),
        (status(404, "not there"), "not_found"),
        (status(409, "changed meanwhile"), "conflict"),
        (status(422, "spec.selector: field is immutable"), "immutable"),
        (status(422, "bad value"), "invalid"),
        ((404, {}, b"404 page not found"), "not_found"),
    ],
)
def test_refusal_is_classified_and_carries_the_audit_id(place: Place, answer: Answer, kind: str) -> None:
    place.server.script = [answer]
    error = refusal(place.client())
    assert error.kind == kind
    assert str(error).startswith("ConfigMap/a/b: read: the API server answered ")
    assert error.request_id in ("audit-1", "")
    assert "secret-token" not in json.dumps(error.as_failure())


def test_expired_token_is_renewed_once(place: Place) -> None:
    tokens = iter(["old", "new", "newer"])
    client = Client(lambda: dataclasses.replace(place.credentials, token=next(tokens)), clock=place.clock)
    place.server.script = [status(401, "Unauthorized")]
    client.call("GET", "/api")
    assert [request[2]["Authorization"] for request in place.server.seen] == ["Bearer old", "Bearer new"]
    place.server.script = [status(401, "Unauthorized"), status(401, "Unauthorized")]
    assert refusal(client).kind == "credentials"


def test_expired_token_is_renewed_once_for_all_threads(place: Place) -> None:
    minted: list[str] = []

    def source() -> Credentials:
        minted.append(f"token-{len(minted)}")
        return dataclasses.replace(place.credentials, token=minted[-1])

    client = Client(source, clock=place.clock)
    place.server.accepted = "Bearer token-1"
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client.call("GET", "/api"), range(24)))
    assert answers == [{"kind": "Thing"}] * 24
    assert minted == ["token-0", "token-1"]


def test_server_that_never_answered_is_given_up_soon(place: Place) -> None:
    place.server.script = [None] * 20
    assert refusal(place.client()).kind == "unreachable"
    assert len(place.server.seen) == 5


def test_server_that_answered_is_given_time_to_come_back(place: Place) -> None:
    client = place.client()
    client.call("GET", "/api")
    place.server.script = [None] * 8
    assert client.call("GET", "/api") == {"kind": "Thing"}
    place.server.script = [None] * 20
    assert refusal(client).resumable
    assert 30 <= sum(place.clock.pauses) <= 120


def test_budget_is_one_for_all_requests(place: Place) -> None:
    clock = SteppedClock()
    client = Client(lambda: place.credentials, clock=clock, budget=Deadline(clock, 30.0))
    place.server.script = [(503, {"Retry-After": "20"}, b"")]
    client.call("GET", "/api")
    place.server.script = [(503, {"Retry-After": "20"}, b"")] * 5
    assert refusal(client).code == "503"
    assert (clock.now(), len(place.server.script)) == (30.0, 3)


class SteppedClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def test_overload_halves_what_is_under_way_once_a_round_and_success_brings_it_back() -> None:
    clock = SteppedClock()
    pace, deadline = Pace(8, clock), Deadline(clock, 600.0)
    with pace.turn(deadline) as first, pace.turn(deadline) as second:
        pace.overloaded(first, 3.0)
        pace.overloaded(second, 1.0)
    assert pace.limit == 4
    with pace.turn(deadline) as third:
        assert clock.now() == 3.0
        pace.overloaded(third, 0.0)
    assert pace.limit == 2
    for _ in range(6):
        pace.passed()
    assert pace.limit == 4
    for _ in range(100):
        pace.passed()
    assert pace.limit == 8


def test_token_is_renewed_before_it_ends(place: Place) -> None:
    now = 1000.0
    minted: list[float] = []

    def source() -> Credentials:
        minted.append(now)
        return dataclasses.replace(place.credentials, expires_at=now + 900)

    client = Client(source, clock=place.clock, now=lambda: now)
    client.call("GET", "/api")
    now = 1000.0 + 900 - 61
    client.call("GET", "/api")
    assert len(minted) == 1
    now += 2
    client.call("GET", "/api")
    assert len(minted) == 2


def test_certificate_of_another_is_refused(place: Place) -> None:
    error = refusal(place.client(ca_data=self_signed("127.0.0.1").certificate.decode()))
    assert error.kind == "unreachable"
    assert "its certificate is not trusted" in str(error)


def test_server_name_of_a_tunnel_is_what_the_certificate_must_say(serve: t.Callable[[str], Place]) -> None:
    place = serve("api.internal")
    assert "not trusted" in str(refusal(place.client()))
    assert place.client(tls_server_name="api.internal").call("GET", "/api") == {"kind": "Thing"}


class Proxy(socketserver.ThreadingTCPServer):
    """A CONNECT proxy that opens one tunnel at a time, wherever the client says it wants to go."""

    daemon_threads = True

    def __init__(self, target: tuple[str, int]) -> None:
        self.target, self.asked = target, list[str]()
        super().__init__(("127.0.0.1", 0), Tunnel)


class Tunnel(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        while (line := self.rfile.readline().strip()) != b"":
            self.server.asked.append(line.decode())
        with socket.create_connection(self.server.target) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True).start()
            _pump(self.connection, upstream)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        return


def test_proxy_is_asked_to_connect_with_its_own_credentials(serve: t.Callable[[str], Place]) -> None:
    place = serve("api.internal")
    with Proxy(("127.0.0.1", place.server.server_address[1])) as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://ann:p%40ss@127.0.0.1:{proxy.server_address[1]}"
        client = place.client(server="https://api.internal:443", proxy=url)
        assert client.call("GET", "/api") == {"kind": "Thing"}
        client.close()
        proxy.shutdown()
    assert proxy.asked[0] == "CONNECT api.internal:443 HTTP/1.1"
    assert "Proxy-Authorization: Basic YW5uOnBAc3M=" in proxy.asked


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"server": "http://api"}, 'the API server address "http://api" is not an https URL'),
        ({"proxy": "socks5://proxy:1080"}, 'the proxy "socks5://proxy" cannot be used'),
        ({"ca_data": "no PEM"}, "the CA or client certificate cannot be read"),
    ],
)
def test_route_that_cannot_be_taken_is_refused_at_once(place: Place, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(PlatformError, match=sentence.replace("(", r"\(")):
        place.client(**changes)


def test_endpoint_that_nobody_listens_on_is_named(place: Place) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{unused.getsockname()[1]}"
        error = refusal(place.client(server=url))
    assert error.kind == "unreachable"
    assert str(error).startswith(f"{url} cannot be reached: connection refused.")
    assert error.resumable


def test_watch_ends_when_closed_from_another_thread(place: Place) -> None:
    hold = threading.Event()

    class Endless(Scripted):
        def handle_any(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "ADDED"}\n')
            self.wfile.flush()
            hold.wait(10)

        do_GET = handle_any

    place.server.RequestHandlerClass = Endless
    stream = place.client().stream("/api", {"watch": "1"})
    events = stream.events()
    assert next(events) == {"type": "ADDED"}
    threading.Timer(0.1, stream.close).start()
    assert list(events) == []
    hold.set()
    stream.dispose()
