# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Google Cloud says went wrong, and what that means: a table of status and text to class and remedy.

No SDK import. Over REST the SDK's own classes do not tell statuses apart (FAILED_PRECONDITION and
INVALID_ARGUMENT are both a 400), so the status is read from the answer's body.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ..._common.errors import Kind, PlatformError


@dataclasses.dataclass(frozen=True)
class Row:
    """The first row that fits decides: ``statuses`` are names of google.rpc.Code, ``text`` is a regular expression.

    ``text`` is looked for in the message and in the reasons of the details.
    """

    statuses: tuple[str, ...]
    text: str
    kind: Kind
    remedy: str = ""
    retry: str = ""


PRECONDITION, EXHAUSTED, ARGUMENT = ("FAILED_PRECONDITION",), ("RESOURCE_EXHAUSTED",), ("INVALID_ARGUMENT",)
DENIED, UNAVAILABLE = ("PERMISSION_DENIED",), ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN")
ANY: tuple[str, ...] = ()

LOGIN = "Renew the credentials (gcloud auth application-default login, or a new key) and run again."
GRANT = "Grant the role Kubernetes Engine Admin (roles/container.admin) on the project, or what is named above."
ENABLE = "Enable the Kubernetes Engine API: gcloud services enable container.googleapis.com --project PROJECT."
QUOTA = "Ask Google for a higher quota, or remove what is no longer used."
ELSEWHERE = "Use other zones or machine types, or try again later."
VERSIONS = "Choose a version that the release channel offers, one minor at a time."
RUNNING = (
    r"incompatible operation|is currently (upgrading|creating|updating|deleting)|currently being created|"
    r"[Pp]lease wait and try again|operation-[0-9a-f-]+ (is|in)"
)
VERSION = (
    r"[Mm]aster version|[Nn]ode version|[Uu]nsupported version|control plane version|node pool version|minor version"
)
STOCKOUT = r"STOCKOUT|does not have enough resources|ZONE_RESOURCE_POOL_EXHAUSTED"

# Source of statuses: google.rpc.Code; of texts: recordings of real answers.
ERROR_TABLE: tuple[Row, ...] = (
    Row(("UNAUTHENTICATED",), "", "credentials", LOGIN),
    Row(DENIED, "SERVICE_DISABLED|has not been used in project|it is disabled", "permission", ENABLE),
    Row(DENIED, "", "permission", GRANT),
    Row(("NOT_FOUND",), "", "not_found"),
    Row(("ALREADY_EXISTS", "ABORTED"), "", "conflict"),
    Row((*PRECONDITION, *EXHAUSTED), RUNNING, "conflict"),
    Row((*PRECONDITION, *ARGUMENT), r"[Ff]ingerprint|resource[_ ]?[Vv]ersion|[Ee]tag", "conflict"),
    Row(EXHAUSTED, STOCKOUT, "capacity", ELSEWHERE),
    Row(EXHAUSTED, r"QUOTA_EXCEEDED|[Ii]nsufficient.*quota|[Qq]uota '(?!.*[Rr]equests)", "quota", QUOTA),
    Row(EXHAUSTED, "", "throttled"),
    Row((*PRECONDITION, *ARGUMENT), VERSION, "version", VERSIONS),
    Row((*PRECONDITION, *ARGUMENT, "OUT_OF_RANGE", "UNIMPLEMENTED"), "", "invalid"),
    Row(("CANCELLED",), "", "canceled", "Run again if it is still wanted."),
    Row(UNAVAILABLE, "", "unreachable", "Run again in a while."),
    Row(("DATA_LOSS",), "", "not_converged", "Ask Google's support, with the request id."),
)

# Conditions of clusters and pools, and the codes of operations that are done and failed. Source: StatusCondition.Code.
WORK_TABLE: tuple[Row, ...] = (
    Row(ANY, STOCKOUT, "capacity", ELSEWHERE),
    Row(ANY, "QUOTA", "quota", QUOTA),
    Row(ANY, "SERVICE_ACCOUNT", "permission", "Restore the service account that is named above, or name another one."),
    Row(ANY, "KMS|CLOUD_KMS", "permission", "Let the GKE service agent use the key that is named above."),
    Row(DENIED, "", "permission", GRANT),
    Row(("CANCELLED", "ABORTED"), "", "canceled", "Run again if it is still wanted."),
    Row(EXHAUSTED, "", "quota", QUOTA),
    Row(ANY, "", "not_converged", "Correct what Google names above and run again."),
)

NUMBERS = dict(
    enumerate(
        (
            *("CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
            *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"),
            *("UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
        ),
        start=1,
    )
)
"""google.rpc.Code by number, as operations that failed carry it."""
REASONS = {
    "failedPrecondition": "FAILED_PRECONDITION",
    "badRequest": "INVALID_ARGUMENT",
    "notFound": "NOT_FOUND",
    "alreadyExists": "ALREADY_EXISTS",
    "forbidden": "PERMISSION_DENIED",
    "rateLimitExceeded": "RESOURCE_EXHAUSTED",
}
HTTP = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

AUTHORITIES = "Name the right authorities in auth.ca_bundle; verification is never switched off."
UNREACHABLE = "Check the endpoint, the proxy and the network from this machine."
IMPERSONATE = "Grant the credentials the role Service Account Token Creator on it, or correct auth.impersonate."
NO_CREDENTIALS = "Set GOOGLE_APPLICATION_CREDENTIALS, log in with gcloud, or name a file in auth.credentials_file."

# Names of exceptions of google-auth, google-api-core and requests, looked for along the class's ancestry.
SDK_TABLE: tuple[tuple[str, Kind, str, str], ...] = (
    ("DefaultCredentialsError", "credentials", "no Google credentials were found", NO_CREDENTIALS),
    ("RefreshError", "credentials", "Google did not give a token for the credentials", LOGIN),
    ("MalformedError", "credentials", "the credentials file is not one", "Correct auth.credentials_file."),
    ("SSLError", "unreachable", "the TLS certificate was not accepted", AUTHORITIES),
    ("ProxyError", "unreachable", "the proxy did not answer", "Check HTTPS_PROXY."),
    ("Timeout", "unreachable", "the endpoint did not answer in time", UNREACHABLE),
    ("ConnectionError", "unreachable", "the endpoint could not be reached", UNREACHABLE),
    ("TransportError", "unreachable", "the token endpoint could not be reached", UNREACHABLE),
    ("RetryError", "unreachable", "the endpoint did not answer in time", UNREACHABLE),
    ("GoogleAuthError", "credentials", "the Google credentials cannot be used", LOGIN),
    ("GoogleAPICallError", "unclassified", "the Google SDK failed", ""),
)


class Answer(t.NamedTuple):
    """A refusal as the API gives it; ``reasons`` are those of its details."""

    status: str
    message: str
    reasons: tuple[str, ...] = ()
    request_id: str = ""


def classify(error: Exception, doing: str) -> PlatformError:
    """Return the error as a sentence that begins with ``doing`` ("gke/prod: CreateCluster")."""
    answer = answer_of(error)
    if answer is not None:
        return refusal(answer, doing)
    ancestry = {ancestor.__name__ for ancestor in type(error).__mro__}
    if "RefreshError" in ancestry and error.args and "impersonated" in str(error.args[0]):
        return not_impersonated(error, doing)
    for name, kind, said, remedy in SDK_TABLE:
        if name in ancestry:
            text = clean(str(error))
            return PlatformError(f"{doing}: {said} ({text}).", kind=kind, remedy=remedy, code=type(error).__name__)
    raise error


def not_impersonated(error: Exception, doing: str) -> PlatformError:
    """Return why IAM gave no token of another account; the library passes its answer on as text."""
    try:
        told = json.loads(error.args[1])["error"]
    except (IndexError, KeyError, TypeError, ValueError):
        told = {}
    status, said = str(told.get("status", "")), clean(str(told.get("message") or error.args[0]))
    return PlatformError(
        f"{doing}: the service account could not be impersonated: {said.rstrip('.')}.",
        kind="permission" if status == "PERMISSION_DENIED" else "credentials",
        remedy=IMPERSONATE,
        code=status or type(error).__name__,
    )


def answer_of(error: Exception) -> Answer | None:
    """Return what the API answered, over REST or gRPC; None where it did not answer."""
    if "GoogleAPICallError" not in {ancestor.__name__ for ancestor in type(error).__mro__}:
        return None
    told = body_of(getattr(error, "response", None))
    grpc = getattr(error, "grpc_status_code", None)
    details = [_detail(detail) for detail in told.get("details") or getattr(error, "details", None) or ()]
    errors = [row for row in told.get("errors") or () if isinstance(row, t.Mapping)]
    status = told.get("status") or (grpc.name if grpc is not None else "") or _status_of(errors, told, error)
    return Answer(
        str(status),
        clean(str(told.get("message") or getattr(error, "message", "") or error)),
        tuple(reason for reason, _request in details if reason),
        next((request for _reason, request in details if request), ""),
    )


def _detail(detail: t.Any) -> tuple[str, str]:
    """Return reason and request id that a detail holds: JSON over REST, a message of google.rpc over gRPC."""
    if isinstance(detail, t.Mapping):
        return str(detail.get("reason", "")), str(detail.get("requestId", ""))
    return str(getattr(detail, "reason", "")), str(getattr(detail, "request_id", ""))


def body_of(response: t.Any) -> dict[str, t.Any]:
    try:
        told = response.json()["error"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _status_of(errors: t.Sequence[t.Mapping[str, t.Any]], told: t.Mapping[str, t.Any], error: Exception) -> str:
    """Older answers have no status, but the reason of the error or at least its HTTP code."""
    reason = str(errors[0].get("reason", "")) if errors else ""
    code = told.get("code") or getattr(error, "code", None)
    return REASONS.get(reason) or HTTP.get(int(code or 0), "UNKNOWN")


def refusal(answer: Answer, doing: str) -> PlatformError:
    row = find(ERROR_TABLE, answer.status, " ".join((answer.message, *answer.reasons)))
    return PlatformError(
        f"{doing}: Google answered {answer.status}: {answer.message.rstrip('.')}.",
        kind=row.kind if row else "unclassified",
        remedy=row.remedy if row else "",
        code=answer.status,
        request_id=answer.request_id,
        operation_id=operation_in(answer.message),
        details={"reasons": list(answer.reasons)} if answer.reasons else None,
    )


def find(table: t.Iterable[Row], status: str, text: str) -> Row | None:
    return next(
        (row for row in table if (not row.statuses or status in row.statuses) and re.search(row.text, text)), None
    )


def operation_in(text: str) -> str:
    """Return the name of the operation that a conflict names."""
    found = re.search(r"operation-[0-9a-z-]*[0-9a-z]", text)
    return found.group(0) if found else ""


def failed_work(
    what: str, status: str, message: str, issues: t.Sequence[t.Mapping[str, t.Any]], operation_id: str = ""
) -> PlatformError:
    """Return the error of work that Google accepted and did not complete; issues carry code and message."""
    texts = [clean(message).rstrip(".")] if message else []
    texts += [
        f"{issue['code']}: {clean(issue['message']).rstrip('.')}" for issue in issues if issue["code"] not in message
    ]
    said = "; ".join(texts)
    row = find(WORK_TABLE, status, said) or WORK_TABLE[-1]
    return PlatformError(
        f"{what}: {said or 'no reason is given'}.",
        kind=row.kind,
        remedy=row.remedy,
        code=status or (str(issues[0]["code"]) if issues else ""),
        operation_id=operation_id,
        details={"issues": [dict(issue) for issue in issues]},
    )


def clean(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
