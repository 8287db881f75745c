# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers as botocore's own service models describe them. No service is named here."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import re
import typing as t
import urllib.parse
import uuid
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import OperationModel, ServiceModel

from ...web import Request, Response
from .sigv4 import Fault

Json = dict[str, t.Any]
Shape = t.Any  # of the model, told apart by its type_name


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return the newest model of a service, by its name in botocore; raise UnknownServiceError."""
    return botocore.session.get_session().get_service_model(service)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One difference between a value and its shape. ``unknown`` marks a member that the shape does not have."""

    text: str
    unknown: bool = False


class RestJson:
    """The rest-json protocol of one service, server side: route, parse, check, serialise, fail."""

    def __init__(self, service: str) -> None:
        self.model = service_model(service)
        operations = (self.model.operation_model(name) for name in self.model.operation_names)
        self._routes = [(op.http["method"], _pattern(op.http["requestUri"]), op) for op in operations]

    def route(self, request: Request) -> tuple[OperationModel, dict[str, str]] | None:
        """Return the operation and the decoded values of its URI labels."""
        for method, pattern, operation in self._routes:
            match = pattern.match(request.path) if method == request.method else None
            if match:
                return operation, {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
        return None

    def parse(self, operation: OperationModel, labels: t.Mapping[str, str], request: Request) -> tuple[Json, list[str]]:
        """Return the request's members by name, and what could not be read at all."""
        query, faults = request.parameters(), list[str]()
        body: t.Any = {}
        if request.body:
            try:
                body = request.json()
            except ValueError:
                faults.append("the body is not JSON")
        if not isinstance(body, dict):
            body, faults = {}, ["the body is not a JSON object"]
        found: Json = {}
        for name, shape in _members(operation.input_shape).items():
            where, wire = shape.serialization.get("location", "body"), shape.serialization.get("name", name)
            if where == "uri" and wire in labels:
                found[name] = _scalar(shape, labels[wire])
            elif where == "querystring" and wire in query:
                found[name] = _from_query(shape, query.pop(wire))
            elif where == "body" and wire in body:
                found[name] = body.pop(wire)
        return {**found, **body, **{name: values[-1] for name, values in query.items()}}, faults

    def problems(self, operation: OperationModel, params: Json) -> list[Problem]:
        return list(_check(operation.input_shape, params, "")) if operation.input_shape else []

    def answer(self, operation: OperationModel, result: Json, request_id: str) -> Response:
        """Serialise ``result``; a member that the output shape lacks is a bug of the twin (KeyError)."""
        body = _serialise(operation.output_shape, result) if operation.output_shape else {}
        return Response.of_json(body, int(operation.http.get("responseCode", 200)), **{"x-amzn-RequestId": request_id})

    def refuse(self, code: str, message: str, request_id: str, **members: t.Any) -> Response:
        """Serialise an error of the model with its own status; members not given are null, as the service sends."""
        shape: Shape = next((s for s in self.model.error_shapes if s.name == code), None)
        names = [n for n in shape.members if n != "message"] if shape else []
        status = int(shape.metadata["error"]["httpStatusCode"]) if shape else 400
        body = {**{name: members.get(name) for name in names}, "message": message}
        return Response.of_json(body, status, **{"x-amzn-ErrorType": code, "x-amzn-RequestId": request_id})


def _members(shape: Shape) -> t.Mapping[str, Shape]:
    return shape.members if shape is not None else {}


def _pattern(uri: str) -> re.Pattern[str]:
    """Return the pattern of a path, with or without a slash at its end: SDKs differ in Route 53's."""
    path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", uri.partition("?")[0].rstrip("/"))
    return re.compile(f"^{path}/?$")


def _from_query(shape: Shape, values: list[str]) -> t.Any:
    if shape.type_name == "list":
        return [_scalar(shape.member, value) for value in values]
    return _scalar(shape, values[-1])


def _scalar(shape: Shape, text: str) -> t.Any:
    """Return text from a URI as its shape's type, or unchanged when it is not of that type (the check will say so)."""
    if shape.type_name in ("integer", "long") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if shape.type_name == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
    "blob": (str,),
}


def _check(shape: Shape, value: t.Any, path: str) -> t.Iterator[Problem]:
    if not _is(shape.type_name, value):
        yield Problem(f"{path or 'input'} must be of type {shape.type_name}, not {type(value).__name__}")
        return
    yield from _limits(shape, value, path)
    if shape.type_name == "structure":
        yield from _check_structure(shape, value, path)
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from _check(shape.member, item, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _check(shape.key, key, f"{path}.{key} (key)")
            yield from _check(shape.value, item, f"{path}.{key}")


def _is(type_name: str, value: object) -> bool:
    wanted = PYTHON_TYPES[type_name]
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))


def _check_structure(shape: Shape, value: Json, path: str) -> t.Iterator[Problem]:
    dot = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield Problem(f"{dot}{name} is required")
    for name, item in value.items():
        if name not in shape.members:
            yield Problem(f"{dot}{name} is not a member of {shape.name}", unknown=True)
        elif item is not None:
            yield from _check(shape.members[name], item, f"{dot}{name}")


def _limits(shape: Shape, value: t.Any, path: str) -> t.Iterator[Problem]:
    size = value if isinstance(value, (int, float)) else len(value)
    what = "value" if isinstance(value, (int, float)) else "length"
    limits = shape.metadata
    if "min" in limits and size < limits["min"]:
        yield Problem(f"{path} has {what} {size}; the least is {limits['min']}")
    if "max" in limits and size > limits["max"]:
        yield Problem(f"{path} has {what} {size}; the most is {limits['max']}")
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        yield Problem(f"{path} is {value!r}; it must match {limits['pattern']}")
    if limits.get("enum") and value not in limits["enum"]:
        yield Problem(f"{path} is {value!r}; it must be one of {', '.join(limits['enum'])}")


def _serialise(shape: Shape, value: t.Any) -> t.Any:
    if value is None:
        return None
    if shape.type_name == "structure":
        return {name: _serialise(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [_serialise(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _serialise(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    return value


# How each protocol names a signature that is not accepted: code, HTTP status.
# Source: "Common Errors" of the EKS, STS and EC2 API references.
SIGNATURE_ERRORS: dict[str, dict[Fault, tuple[str, int]]] = {
    "json": {
        "missing": ("MissingAuthenticationTokenException", 403),
        "incomplete": ("IncompleteSignatureException", 400),
        "unknown_key": ("UnrecognizedClientException", 403),
        "mismatch": ("InvalidSignatureException", 403),
        "expired_request": ("InvalidSignatureException", 403),
        "expired_token": ("ExpiredTokenException", 403),
        "bad_token": ("UnrecognizedClientException", 403),
    },
    "query": {
        "missing": ("MissingAuthenticationToken", 403),
        "incomplete": ("IncompleteSignature", 400),
        "unknown_key": ("InvalidClientTokenId", 403),
        "mismatch": ("SignatureDoesNotMatch", 403),
        "expired_request": ("SignatureDoesNotMatch", 403),
        "expired_token": ("ExpiredToken", 403),
        "bad_token": ("InvalidClientTokenId", 403),
    },
    "ec2": {
        "missing": ("MissingAuthenticationToken", 403),
        "incomplete": ("IncompleteSignature", 400),
        "unknown_key": ("AuthFailure", 401),
        "mismatch": ("SignatureDoesNotMatch", 403),
        "expired_request": ("RequestExpired", 400),
        "expired_token": ("RequestExpired", 400),
        "bad_token": ("AuthFailure", 401),
    },
}
DIALECTS = {"ec2": "ec2", "query": "query", "rest-xml": "query"}


def dialect(service: str) -> str:
    """Return which row of errors a service's protocol uses: json, query or ec2."""
    try:
        return DIALECTS.get(service_model(service).protocol, "json")
    except botocore.exceptions.UnknownServiceError:
        return "json"


def refusal(service: str, code: str, message: str, status: int) -> Response:
    """Return an error answer in the wire format of the service's protocol."""
    request_id, form = str(uuid.uuid4()), dialect(service)
    if form == "json":
        headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": request_id}
        return Response.of_json({"__type": code, "message": message}, status, **headers)
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    xml = (
        f"<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
        if form == "ec2"
        else f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(status, {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}, xml.encode())


def error_code(response: Response) -> str:
    """Return the code of an error answer in any of the formats, or an empty string."""
    if response.status < 300:
        return ""
    header = next((v for k, v in response.headers.items() if k.lower() == "x-amzn-errortype"), "")
    if header:
        return header.partition(":")[0]
    match = re.search(rb"<Code>([^<]+)</Code>|\"__type\":\s*\"(?:[^\"#]*#)?([^\"]+)\"", response.body)
    return (match[1] or match[2]).decode() if match else ""


def to_json(value: object) -> str:
    """Return compact JSON as the service writes it into the parameters of an update."""
    return json.dumps(value, separators=(",", ":"))
