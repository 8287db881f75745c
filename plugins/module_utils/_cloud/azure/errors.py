# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Azure says went wrong, and what that means: a table of code and text to class and remedy. No SDK import.

ARM's gateway answers {"error": {code, message}}, resource providers answer {code, message, details, subcode}; a
code alone says little (OperationNotAllowed is a conflict, a quota or a wrong version), so texts are looked at too.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ..._common.errors import Kind, PlatformError

Json = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Row:
    """The first row that fits decides: ``codes`` are ARM's (empty: any), ``text`` is a regular expression."""

    codes: tuple[str, ...]
    text: str
    kind: Kind
    remedy: str = ""
    retry: str = ""


ANY: tuple[str, ...] = ()
GRANT = "Grant the role Azure Kubernetes Service Contributor on the resource group, or what is named above."
LINKED = "Grant Network Contributor on the subnet or Managed Identity Operator on the identity that is named above."
QUOTA = "Ask Azure for a higher quota, or remove what is no longer used; an upgrade needs room for its surge nodes."
ELSEWHERE = "Use other zones or VM sizes, or try again later."
VERSIONS = "Choose a version that the location offers, one minor at a time."
LOGIN = "Renew the credentials and run again."
ACCOUNT = "Use credentials of that subscription's tenant, or correct the subscription."
SUBNET = "Choose a larger subnet, fewer nodes or fewer Pods on each."
LOCKED = "Remove the lock that is named above, if it is yours to remove."
REGISTER = "Register it: az provider register --namespace Microsoft.ContainerService."
RUNNING = (
    r"[Aa]nother (agentpool )?operation|[Ii]n.progress|[Pp]lease wait|is currently|being (created|deleted|updated)|"
    r"pending operation|[Ee]tag"
)
STOPPED = r"[Cc]luster (is|was) (not running|stopped)|[Pp]ower ?[Ss]tate"

# Source: learn.microsoft.com/troubleshoot/azure/azure-kubernetes (error codes); recordings/aks/quoted-errors.json and
# create-429-identity-throttled.json, managed-aad-create-500-then-retry.json; azure-resource-manager common errors.
ERROR_TABLE: tuple[Row, ...] = (
    Row(("SubscriptionNotFound", "InvalidSubscriptionId"), "", "wrong_account", ACCOUNT),
    Row(("InvalidAuthenticationTokenTenant", "DisallowedOperation"), "", "wrong_account", ACCOUNT),
    Row(("ExpiredAuthenticationToken", "InvalidAuthenticationToken", "AuthenticationFailed"), "", "credentials", LOGIN),
    Row(("LinkedAuthorizationFailed",), "", "permission", LINKED),
    Row(("AuthorizationFailed", "Forbidden"), "", "permission", GRANT),
    Row(("MissingSubscriptionRegistration", "SubscriptionNotRegistered"), "", "permission", REGISTER),
    Row(("RequestDisallowedByPolicy",), "", "permission", "Comply with the Azure Policy that is named above."),
    Row(("ScopeLocked",), "", "protected", LOCKED),
    Row(("ResourceNotFound", "ParentResourceNotFound", "NotFound"), "", "not_found"),
    Row(("ResourceGroupNotFound",), "", "not_found", "Create the resource group first, or correct resource_group."),
    Row(("EtagMismatch", "PreconditionFailed", "NotLatestOperation", "AnotherOperationInProgress"), "", "conflict"),
    Row(("Throttled", "TooManyRequests", "SubscriptionRequestsThrottled", "FailedIdentityOperation"), "", "throttled"),
    Row(("K8sVersionNotSupported", "AgentPoolK8sVersionNotSupported"), "", "version", VERSIONS),
    Row(("AgentPoolUpgradeVersionNotAllowed", "NodePoolMcVersionIncompatible"), "", "version", VERSIONS),
    Row(("NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged",), "", "version", VERSIONS),
    Row(("OperationNotAllowed",), r"[Uu]pgrading Kubernetes version|[Dd]owngrad", "version", VERSIONS),
    Row(("OperationNotAllowed",), r"[Qq]uota", "quota", QUOTA),
    Row(("OperationNotAllowed", "Conflict"), STOPPED, "invalid", "Start the cluster first."),
    Row(("OperationNotAllowed", "Conflict", "OperationPreempted"), RUNNING, "conflict"),
    Row(("PropertyChangeNotAllowed",), "", "immutable", "Restore the value, or make a new cluster or pool."),
    Row(("ErrCode_InsufficientVCPUQuota", "QuotaExceeded", "PublicIPCountLimitReached"), "", "quota", QUOTA),
    Row(("SkuNotAvailable", "ZonalAllocationFailed", "AllocationFailed"), "", "capacity", ELSEWHERE),
    Row(("OverconstrainedAllocationRequest", "OverconstrainedZonalAllocationRequest"), "", "capacity", ELSEWHERE),
    Row(("InsufficientSubnetSize", "SubnetIsFull"), "", "quota", SUBNET),
    Row(("PrincipalNotFound",), "", "not_found", retry="propagation"),
    Row(("GetVnetError", "InternalServerError", "InternalOperationError", "ServiceUnavailable"), "", "unreachable"),
    Row(("GatewayTimeout", "BadGatewayConnection", "ServerTimeout"), "", "unreachable"),
)
STATUSES: dict[int, Kind] = {
    401: "credentials",
    403: "permission",
    404: "not_found",
    409: "conflict",
    412: "conflict",
    429: "throttled",
    500: "unreachable",
    502: "unreachable",
    503: "unreachable",
    504: "unreachable",
}
"""What a status means where no row knows the code; 409 only if its text tells of other work."""

AUTHORITIES = "Name the right authorities in auth.ca_bundle; verification is never switched off."
UNREACHABLE = "Check the endpoint, the proxy and the network from this machine."
NO_CREDENTIALS = "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or name credentials in auth."

# Names of exceptions of azure-core, azure-identity and msal, looked for along the class's ancestry.
SDK_TABLE: tuple[tuple[str, Kind, str, str], ...] = (
    ("CredentialUnavailableError", "credentials", "no Azure credentials were found", NO_CREDENTIALS),
    ("ClientAuthenticationError", "credentials", "Microsoft Entra ID gave no token for the credentials", LOGIN),
    ("ServiceResponseError", "unreachable", "the endpoint did not answer in time", UNREACHABLE),
    ("ServiceRequestError", "unreachable", "the endpoint could not be reached", UNREACHABLE),
    ("AzureError", "unclassified", "the Azure SDK failed", ""),
)


class Answer(t.NamedTuple):
    """A refusal as ARM gives it; ``target`` names the property that it is about."""

    status: int
    code: str
    message: str
    target: str = ""
    request_id: str = ""
    retry_after: float = 0.0


def answer_of(status: int, body: t.Any, headers: t.Mapping[str, str]) -> Answer:
    """Return what was answered, from either envelope; a body that is neither still has its status."""
    told = body.get("error", body) if isinstance(body, t.Mapping) else {}
    told = told if isinstance(told, t.Mapping) else {"code": str(told)}
    return Answer(
        status,
        str(told.get("code") or status),
        clean(str(told.get("message") or "no reason is given")),
        str(told.get("target") or ""),
        headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id") or "",
        seconds(headers.get("Retry-After", "")),
    )


def seconds(text: str) -> float:
    """Return a Retry-After in seconds; a date, which ARM does not send, counts as none."""
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else 0.0


def refusal(answer: Answer, doing: str) -> PlatformError:
    row = find(ERROR_TABLE, answer.code, answer.message)
    target = f" ({answer.target})" if answer.target and answer.target not in answer.message else ""
    details: dict[str, t.Any] = {"retry": row.retry} if row and row.retry else {}
    if answer.retry_after:
        details["retry_after"] = answer.retry_after
    return PlatformError(
        f"{doing}: Azure answered {answer.code}{target}: {answer.message.rstrip('.')}.",
        kind=row.kind if row else by_status(answer),
        remedy=row.remedy if row else "",
        code=answer.code,
        request_id=answer.request_id,
        details=details,
    )


def by_status(answer: Answer) -> Kind:
    if answer.status == 409 and not re.search(RUNNING, answer.message):
        return "unclassified"
    return "invalid" if answer.status == 400 else STATUSES.get(answer.status, "unclassified")


def find(table: t.Iterable[Row], code: str, text: str) -> Row | None:
    return next((row for row in table if (not row.codes or code in row.codes) and re.search(row.text, text)), None)


def classify(error: Exception, doing: str) -> PlatformError:
    """Return what an SDK raised as a sentence that begins with ``doing`` ("aks/prod: PUT agentPools/general")."""
    ancestry = {ancestor.__name__ for ancestor in type(error).__mro__}
    text = clean(str(error)).partition(" Trace ID")[0]
    if "certificate verify failed" in text:
        said = f"{doing}: the TLS certificate was not accepted ({text})."
        return PlatformError(said, kind="unreachable", remedy=AUTHORITIES, code=type(error).__name__)
    for name, kind, said, remedy in SDK_TABLE:
        if name in ancestry:
            return PlatformError(f"{doing}: {said} ({text}).", kind=kind, remedy=remedy, code=entra_code(text) or name)
    raise error


def entra_code(text: str) -> str:
    """Return the number that Entra gives an error, like AADSTS7000215."""
    found = re.search(r"AADSTS[0-9]+", text)
    return found.group(0) if found else ""


def failed_work(what: str, error: Json, operation_id: str = "") -> PlatformError:
    """Return the error of work that Azure accepted and did not complete: the ``error`` member of an operation."""
    code = str(error.get("code") or "")
    texts = [clean(str(error.get("message") or ""))]
    for detail in error.get("details") or ():
        code = code if find(ERROR_TABLE, code, texts[0]) else str(detail.get("code") or code)
        texts.append(clean(str(detail.get("message") or "")))
    said = "; ".join(text.rstrip(".") for text in dict.fromkeys(texts) if text)
    row = find(ERROR_TABLE, code, said)
    known = row is not None and row.kind not in ("conflict", "unreachable", "throttled")
    return PlatformError(
        f"{what}: {f'{code}: ' if code else ''}{said or 'no reason is given'}.",
        kind=row.kind if row and known else "not_converged",
        remedy=row.remedy if row and known else "Correct what Azure names above and run again.",
        code=code,
        operation_id=operation_id,
    )


def clean(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
