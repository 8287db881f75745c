# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer of the API server means: pass, try again, or one sentence for a person. Pure tables."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from .._common.errors import Kind as ErrorKind
from .._common.errors import PlatformError
from .objects import Object


@dataclasses.dataclass(frozen=True)
class Reply:
    """One answer: status, headers (lower case names) and the undecoded body."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def audit_id(self) -> str:
        return self.headers.get("audit-id", "")

    def json(self) -> Object:
        return t.cast(Object, json.loads(self.body)) if self.body else {}

    def refusal(self) -> Object:
        """Return the Kubernetes Status of a refused request; plain text becomes its message."""
        try:
            status = json.loads(self.body)
        except ValueError:
            status = None
        if isinstance(status, dict) and status.get("kind") == "Status":
            return status
        return {"message": self.body.decode(errors="replace").strip()[:500], "plain": True}


@dataclasses.dataclass(frozen=True)
class Transient:
    """A row of what passes by itself: an HTTP status, and a text of the message where the status is not enough."""

    status: int
    texts: tuple[str, ...] = ()

    def matches(self, reply: Reply) -> bool:
        return reply.status == self.status and (not self.texts or any(x.encode() in reply.body for x in self.texts))


# Overload and failover: asked again by the client itself, within one small budget.
AGAIN = (
    Transient(429),
    Transient(503),
    Transient(504),
    Transient(
        500,
        (
            "etcdserver: leader changed",
            "etcdserver: no leader",
            "etcdserver: request timed out",
            "etcdserver: too many requests",
        ),
    ),
)

# An admission or conversion webhook that does not answer yet: worth waiting for while its pods start.
WEBHOOK_RACE = (
    Transient(500, ("failed calling webhook", "no endpoints available", "conversion webhook for")),
    Transient(500, ("x509: certificate signed by unknown authority",)),
)


def passes_by_itself(reply: Reply, rows: t.Sequence[Transient] = AGAIN) -> bool:
    return reply.status >= 429 and any(row.matches(reply) for row in rows)


def retry_after(reply: Reply) -> float | None:
    """Return the pause that the server asks for, in seconds."""
    asked = reply.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else None


@dataclasses.dataclass(frozen=True)
class Meaning:
    kind: ErrorKind
    remedy: str = ""


MEANINGS: dict[int, Meaning] = {
    400: Meaning("invalid"),
    401: Meaning("credentials", "Check which identity the cluster expects and that its credentials are not expired."),
    403: Meaning("permission", "Give this identity the missing right, or run as one that has it."),
    404: Meaning("not_found"),
    405: Meaning("invalid"),
    409: Meaning("conflict", "Run the same command again."),
    410: Meaning("conflict"),
    413: Meaning("invalid", "Split the object; the API server takes 3 MiB a request."),
    415: Meaning("invalid"),
    422: Meaning("invalid"),
    429: Meaning("throttled", "The API server is overloaded: run the same command again later."),
    503: Meaning("unreachable", "The API server is not serving: run the same command again later."),
    504: Meaning("timeout", "The API server did not finish in time: run the same command again later."),
}


def failure(reply: Reply, doing: str) -> PlatformError:
    """Return the error of a refused request; ``doing`` says what and where ("ConfigMap/ns/x: apply")."""
    status = reply.refusal()
    meaning = MEANINGS.get(reply.status, Meaning("unclassified"))
    message = str(status.get("message") or status.get("reason") or "no message").rstrip(".")
    kind: ErrorKind = "immutable" if reply.status == 422 and "immutable" in message else meaning.kind
    return PlatformError(
        f"{doing}: the API server answered {reply.status}: {message}.",
        kind=kind,
        remedy=meaning.remedy,
        code=str(status.get("reason") or reply.status),
        request_id=reply.audit_id,
        resumable=kind in ("conflict", "throttled", "unreachable", "timeout"),
        details={"status": reply.status, "causes": causes(status)},
    )


def causes(status: Object) -> list[Object]:
    details = status.get("details") or {}
    return [dict(cause) for cause in details.get("causes") or [] if isinstance(cause, dict)]


def field_conflicts(status: Object) -> list[tuple[str, str]]:
    """Return (field path, owner) of each field that another manager holds with another value.

    The owner stands in the message of the cause: ``conflict with "kubectl-edit" using apps/v1``.
    """
    return [
        (str(cause.get("field", "")), _quoted(str(cause.get("message", ""))))
        for cause in causes(status)
        if cause.get("reason") == "FieldManagerConflict"
    ]


def _quoted(text: str) -> str:
    parts = text.split('"')
    return parts[1] if len(parts) > 2 else text
