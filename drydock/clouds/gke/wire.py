# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other transport of Kubernetes Engine: gRPC on the same protos, the same twin behind it."""

from __future__ import annotations

import concurrent.futures
import functools
import typing as t

import grpc  # type: ignore[import-untyped]
from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # noqa: F401  (to pack details)

from ...faults import Faults
from ...identity.google_token import TokenOffice, TokenProblem
from ...journal import Journal, Line, mark
from . import protocol
from .door import Answer, Door, unauthenticated
from .protocol import Message
from .rules import Refusal
from .twin import GkeTwin

SERVICE = "google.container.v1.ClusterManager"
DETAILS = "grpc-status-details-bin"
THREADS = 8
BROKEN = "Socket closed"


class WireServer:
    """Serves on 127.0.0.1 at a free port until ``stop``. ``address`` is host and port."""

    def __init__(self, twin: t.Callable[[], GkeTwin], office: TokenOffice, faults: Faults, journal: Journal) -> None:
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(THREADS))
        self._server.add_generic_rpc_handlers((Methods(twin, Door(office, faults), journal),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None).wait(5)


class Methods(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, twin: t.Callable[[], GkeTwin], door: Door, journal: Journal) -> None:
        self._twin = twin
        self._door = door
        self._journal = journal
        self._names = frozenset(method.name for method in protocol.methods())

    def service(self, details: t.Any) -> t.Any:
        """Return the handler of a call, None for what the service does not have."""
        _, service, name = details.method.split("/")
        if service != SERVICE or name not in self._names:
            return None
        read = type(protocol.new(f"{name}Request")).FromString
        work = functools.partial(self._serve, name)
        return grpc.unary_unary_rpc_method_handler(work, read, lambda found: found.SerializeToString())

    def _serve(self, name: str, request: Message, context: t.Any) -> Message:
        began, sent = mark(), {key.lower(): value for key, value in context.invocation_metadata()}
        answer, who = self._answered(name, request, sent)
        status = _http(answer)
        agent = sent.get("x-goog-api-client") or sent.get("user-agent", "")
        self._journal.record(Line(began, "gke", who, agent, "GRPC", name, status, answer.wrote, answer.error))
        return told(answer, context)

    def _answered(self, name: str, request: Message, sent: t.Mapping[str, str]) -> tuple[Answer, str]:
        try:
            bearer = self._door.caller(sent.get("authorization", ""))
        except TokenProblem as problem:
            return unauthenticated(problem), ""
        place = str(getattr(request, "name", "") or getattr(request, "parent", ""))
        parsed = protocol.Parsed(request, unknown(request))

        def work(caller: t.Any) -> Answer:
            if not place:
                return Answer(refusal=Refusal("INVALID_ARGUMENT", "The resource name is missing."))
            return self._twin().answer(name, parsed, place, caller)

        return self._door.admitted(bearer, "gke", name, work), bearer.email


def unknown(request: Message) -> str:
    """Return what the proto refuses: on this transport, fields of numbers that it does not have."""
    found = [field.field_number for field in UnknownFieldSet(request)]
    return f"Invalid request: {type(request).__name__} has no field of the number {found[0]}." if found else ""


def _http(answer: Answer) -> int:
    if answer.reset:
        return 0
    return protocol.CODES[answer.refusal.status][1] if answer.refusal else 200


def told(answer: Answer, context: t.Any) -> Message:
    """Return the message, or end the call as the answer says. A broken connection reads as gRPC shows one."""
    if answer.reset:
        context.abort(grpc.StatusCode.UNAVAILABLE, BROKEN)
    if answer.refusal is None:
        return answer.found
    refusal = answer.refusal
    document = {
        "code": protocol.CODES[refusal.status][0],
        "message": refusal.message,
        "details": [*refusal.details, protocol.request_info()],
    }
    packed = json_format.ParseDict(document, status_pb2.Status())
    context.set_trailing_metadata(((DETAILS, packed.SerializeToString()),))
    return context.abort(grpc.StatusCode[refusal.status], refusal.message)
