# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers as the published protos of google.container.v1 and their http annotations describe them.

JSON of the protos in both directions over REST, the protos themselves over gRPC, errors as google.rpc.Status.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import typing as t
import urllib.parse
import uuid

from google.cloud.container_v1.services.cluster_manager.transports import rest_base
from google.cloud.container_v1.types import cluster_service
from google.protobuf import json_format

from ...web import Request, Response

Message = t.Any  # of the protos, whose classes are made at run time
Json = dict[str, t.Any]

# google.rpc.Code by name: number, HTTP status, and the reason of the older error format that GKE sends beside it.
# Source: google/rpc/code.proto; recordings/gke/quoted-errors.json.
CODES: dict[str, tuple[int, int, str]] = {
    "INVALID_ARGUMENT": (3, 400, "badRequest"),
    "FAILED_PRECONDITION": (9, 400, "failedPrecondition"),
    "UNAUTHENTICATED": (16, 401, "authError"),
    "PERMISSION_DENIED": (7, 403, "forbidden"),
    "NOT_FOUND": (5, 404, "notFound"),
    "ALREADY_EXISTS": (6, 409, "alreadyExists"),
    "ABORTED": (10, 409, "aborted"),
    "RESOURCE_EXHAUSTED": (8, 429, "rateLimitExceeded"),
    "INTERNAL": (13, 500, "internalError"),
    "UNIMPLEMENTED": (12, 501, "notImplemented"),
    "UNAVAILABLE": (14, 503, "backendError"),
}
SYSTEM_PARAMETERS = frozenset(["$alt", "alt", "prettyPrint", "$prettyPrint", "key", "fields", "quotaUser"])
UNKNOWN_FIELD = re.compile(r'has no field named "([^"]+)" at "([^"]+)"')


def new(name: str) -> Message:
    """Return an empty message of google.container.v1, by its name there (``NodePool.UpgradeSettings`` too)."""
    found: t.Any = cluster_service
    for part in name.split("."):
        found = getattr(found, part)
    return found.pb()()


def message(name: str, document: t.Mapping[str, t.Any]) -> Message:
    """Return a message from its JSON; raise json_format.ParseError for what the proto does not have."""
    return json_format.ParseDict(dict(document), new(name))


def copied(source: Message) -> Message:
    """Return an independent copy."""
    copy = type(source)()
    copy.CopyFrom(source)
    return copy


@dataclasses.dataclass(frozen=True)
class Method:
    """One method of the service with its first http binding (the others are the older zone addresses)."""

    name: str
    verb: str
    pattern: re.Pattern[str]


@functools.cache
def methods() -> tuple[Method, ...]:
    found = []
    for member in dir(rest_base._BaseClusterManagerRestTransport):
        if member.startswith("_Base"):
            holder = getattr(rest_base._BaseClusterManagerRestTransport, member)
            binding = holder._get_http_options()[0]
            found.append(Method(member[len("_Base") :], binding["method"].upper(), _pattern(binding["uri"])))
    return tuple(found)


def _pattern(uri: str) -> re.Pattern[str]:
    """Return ``/v1/{name=projects/*}:verb`` as a pattern whose groups are the request's fields."""
    parts = re.split(r"\{(\w+)=([^}]+)\}", uri)
    text = ""
    for index in range(0, len(parts), 3):
        text += re.escape(parts[index])
        if index + 2 < len(parts):
            text += f"(?P<{parts[index + 1]}>{parts[index + 2].replace('*', '[^/:]+')})"
    return re.compile(f"^{text}$")


def route(request: Request) -> tuple[Method, dict[str, str]] | None:
    """Return the method that an address means and the fields it carries."""
    path = urllib.parse.unquote(request.path)
    for method in methods():
        match = method.pattern.match(path) if method.verb == request.method else None
        if match:
            return method, match.groupdict()
    return None


@dataclasses.dataclass(frozen=True)
class Parsed:
    """A request as its proto; ``problem`` is what the proto refuses in it, in the service's own words."""

    request: Message
    problem: str = ""


def parse(method: Method, labels: t.Mapping[str, str], request: Request) -> Parsed:
    """Read a request strictly; with a problem, ``request`` holds what could be read all the same."""
    empty = new(f"{method.name}Request")
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return Parsed(empty, "Invalid JSON payload received. Unable to parse it.")
    if not isinstance(body, dict):
        return Parsed(empty, "Invalid JSON payload received. The body is not an object.")
    asked = {name: values[-1] for name, values in request.parameters().items() if name not in SYSTEM_PARAMETERS}
    document = {**body, **asked, **labels}
    try:
        return Parsed(json_format.ParseDict(document, empty))
    except json_format.ParseError as exc:
        return Parsed(_tolerant(document, method.name), _problem(str(exc)))


def _tolerant(document: Json, method: str) -> Message:
    try:
        return json_format.ParseDict(document, new(f"{method}Request"), ignore_unknown_fields=True)
    except json_format.ParseError:
        return new(f"{method}Request")


def _problem(text: str) -> str:
    found = UNKNOWN_FIELD.search(text)
    if found is None:
        return f"Invalid value: {text.splitlines()[0]}"
    place = found[2].partition(".")[2]
    where = f" at '{place}'" if place else ""
    return f'Invalid JSON payload received. Unknown name "{found[1]}"{where}: Cannot find field.'


def document(found: Message, integers: bool = False) -> Json:
    """Return a message as JSON; ``integers`` writes enums as numbers, as the Python REST transport asks for."""
    written: Json = json_format.MessageToDict(found, use_integers_for_enums=integers)
    return written


def wants_integers(request: Request) -> bool:
    """Tell whether a caller asks for enums as numbers."""
    return any("enum-encoding=int" in value for value in request.parameters().get("$alt", []))


def request_info() -> Json:
    """Return the detail of an error that names its request."""
    return {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": f"0x{uuid.uuid4().hex[:16]}"}


def refusal(status: str, text: str, details: t.Sequence[Json] = ()) -> Response:
    """Return an error as google.rpc.Status in JSON, with the older ``errors`` list beside it."""
    _number, http, reason = CODES[status]
    error = {
        "code": http,
        "message": text,
        "errors": [{"message": text, "domain": "global", "reason": reason}],
        "status": status,
        "details": [*details, request_info()],
    }
    return Response.of_json({"error": error}, http)


def error_code(response: Response) -> str:
    """Return the status name of an error answer, or its OAuth code; empty on success."""
    if response.status < 300 or response.reset:
        return ""
    try:
        found = json.loads(response.body)["error"]
    except (ValueError, KeyError, TypeError):
        return str(response.status)
    return str(found.get("status", "")) if isinstance(found, dict) else str(found)
