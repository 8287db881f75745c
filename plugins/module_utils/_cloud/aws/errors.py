# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS says went wrong, and what that means: a table of code and text to class and remedy. No SDK import."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
import typing as t

from ..._common.errors import Kind, PlatformError


@dataclasses.dataclass(frozen=True)
class Row:
    """The first row that fits decides: ``codes`` are shell patterns, ``text`` is a regular expression.

    ``retry`` marks what is no failure: what passes by itself ("propagation") and what is so "already".
    """

    codes: tuple[str, ...]
    text: str
    kind: Kind
    remedy: str = ""
    retry: str = ""


Codes = tuple[str, ...]

CREDENTIALS = "Renew the credentials (or the profile's login) and run again."
CLOCK = "Set this machine's clock: AWS refuses signatures that are more than five minutes off."
KEYS = "Correct the access key, or name another profile."
GRANT = "Grant this action to the credentials that are used."
TRUST = "Check that the role exists and trusts eks.amazonaws.com (nodes: ec2.amazonaws.com)."
QUOTA = "Ask AWS for a higher quota, or remove what is no longer used."
ELSEWHERE = "Use subnets with free addresses, other zones or instance types."
FINDINGS = "Resolve the cluster's upgrade readiness findings, or set upgrade.force: true."
CONFLICTING = "Set addons.NAME.on_conflict to overwrite (EKS takes the fields) or preserve (yours stay)."
MISSING = "Correct the name, or run again if somebody removed it meanwhile."
CORRECT = "Correct what AWS names in the document."

BUDGET = "A pod disruption budget holds a node: relax it, or set upgrade.force: true."

SKEWED_CLOCK = r"expired|too skewed|not yet current|earlier than"
IN_PROGRESS = r"has update|in progress|currently|status is|must be in ACTIVE|is being|already exists"
ALREADY = r"already at the desired configuration|No changes needed"
PROPAGATION = (
    r"could not be assumed|trusted entity is not correct|[Rr]ole .* does not exist|doesn't have the .* [Pp]olic"
)
VERSION = r"[Uu]nsupported Kubernetes|not compatible with cluster version|must be updated to match"
ANY: Codes = ("*",)
SIGNATURE: Codes = ("SignatureDoesNotMatch", "InvalidSignatureException")
IN_USE: Codes = ("ResourceInUseException",)
BAD_PARAMETER: Codes = ("InvalidParameterException",)
BAD_REQUEST: Codes = ("InvalidRequestException",)
REFUSED: Codes = ("Validation*", "ClientException", "BadRequestException")

NOT_RELEASED = r"do not have permission to access the specified resource"
HELD: Codes = (
    "DependencyViolation",
    "VolumeInUse",
    "InvalidIPAddress.InUse",
    "DeleteConflict",
    "HostedZoneNotEmpty",
    "RepositoryNotEmptyException",
    "BucketNotEmpty",
)
THERE: Codes = (
    "RouteAlreadyExists",
    "InvalidPermission.Duplicate",
    "InvalidGroup.Duplicate",
    "EntityAlreadyExists",
    "HostedZoneAlreadyExists",
    "RepositoryAlreadyExistsException",
    "PullThroughCacheRuleAlreadyExistsException",
    "AlreadyExistsException",
    "BucketAlreadyOwnedByYou",
    "Resource.AlreadyAssociated",
    "IncorrectState",
    "IncorrectInstanceState",
    "ConcurrentModification*",
    "PriorRequestNotComplete",
)
GONE: Codes = (
    "*.NotFound",
    "NatGatewayNotFound",
    "LoadBalancerNotFound",
    "NoSuch*",
    "Repository*NotFoundException",
    "LifecyclePolicyNot*",
)
OVERLAP: Codes = ("InvalidSubnet.Conflict", "InvalidSubnet.Range", "InvalidVpc.Range", "InvalidVpcRange")

# Source of codes: the EKS, EC2 and STS models of botocore; of texts: recordings of real answers.
ERROR_TABLE: tuple[Row, ...] = (
    Row(("Throttl*", "TooManyRequestsException", "RequestLimitExceeded"), "", "throttled"),
    Row(("ExpiredToken*", "TokenRefreshRequired"), "", "credentials", CREDENTIALS),
    Row(("RequestExpired", *SIGNATURE), SKEWED_CLOCK, "credentials", CLOCK),
    Row(("AuthFailure",), NOT_RELEASED, "in_use"),
    Row(("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"), "", "credentials", KEYS),
    Row(("MissingAuthenticationToken*", "IncompleteSignature", *SIGNATURE), "", "credentials", KEYS),
    Row(("AccessDenied*", "UnauthorizedOperation", "NotAuthorized"), "", "permission", GRANT),
    Row(ANY, ALREADY, "conflict", "", "already"),
    Row(IN_USE, "attached", "conflict", "Remove what is attached to the cluster first."),
    Row((*IN_USE, *BAD_REQUEST), IN_PROGRESS, "conflict"),
    Row(IN_USE, "", "conflict"),
    Row((*BAD_PARAMETER, *BAD_REQUEST), PROPAGATION, "permission", TRUST, "propagation"),
    Row(BAD_PARAMETER, VERSION, "version", "Choose a version that EKS offers, one minor at a time."),
    Row((*BAD_PARAMETER, "InvalidSubnetID.*"), r"[Ss]ubnet.*does not exist", "not_found", "Correct the subnet id."),
    Row(BAD_REQUEST, r"[Dd]eletion [Pp]rotection", "protected", "Switch deletion protection off first."),
    Row(("InvalidStateException",), "", "version", FINDINGS),
    Row(("ResourceLimitExceededException", "ServiceQuotaExceededException", "*LimitExceeded*"), "", "quota", QUOTA),
    Row(("UnsupportedAvailabilityZoneException", "InsufficientInstanceCapacity"), "", "capacity", ELSEWHERE),
    Row(("ResourceNotFoundException", "NotFoundException", "NoSuchEntity"), "", "not_found", MISSING),
    Row(("ClientException",), "No cluster found", "not_found", MISSING),
    Row(("ResourcePropagationDelayException",), "", "permission", TRUST, "propagation"),
    Row(HELD, "", "in_use", "Remove what holds it first."),
    Row(THERE, "", "conflict"),
    Row(GONE, "", "not_found", MISSING),
    Row(OVERLAP, "", "invalid", "Choose a range apart from it."),
    Row(("InsufficientFreeAddressesInSubnet",), "", "capacity", "Use a subnet with free addresses."),
    Row(("ServerException", "ServiceUnavailable*", "Internal*", "5??"), "", "unreachable", "Run again in a while."),
    Row((*BAD_PARAMETER, *BAD_REQUEST, *REFUSED), "", "invalid", CORRECT),
)

# Source: EKS ErrorCode and NodegroupIssueCode enums.
ISSUE_TABLE: tuple[Row, ...] = (
    Row(("ConfigurationConflict",), "", "foreign", CONFLICTING),
    Row(("K8sResourceNotFound",), "", "not_found", "Restore what the add-on needs in the cluster."),
    Row(("ClusterUnreachable",), "", "unreachable", "Let EKS reach the API server, then run again."),
    Row(("AddonPermissionFailure", "AddonSubscriptionNeeded"), "", "permission", "Give it what AWS names above."),
    Row(("*NotFound",), "", "not_found", "Restore what is missing, or correct the declared id."),
    Row(("IpNotAvailable", "InsufficientFreeAddresses", "AsgInstanceLaunchFailures"), "", "capacity", ELSEWHERE),
    Row(("*Limit*",), "", "quota", QUOTA),
    Row(("AccessDenied", "OperationNotPermitted"), "", "permission", "Grant the role what AWS names above."),
    Row(("PodEvictionFailure",), "", "conflict", BUDGET),
    Row(ANY, "", "not_converged", "Correct what AWS names above and run again."),
)

NO_CREDENTIALS = "Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile or role in auth."
AUTHORITIES = "Name the right authorities in auth.ca_bundle; verification is never switched off."
UNREACHABLE = "Check the region, the endpoint, the proxy and the network from this machine."

# Names of botocore's exceptions, looked for along the class's ancestry.
SDK_TABLE: tuple[tuple[str, Kind, str, str], ...] = (
    ("NoCredentialsError", "credentials", "no AWS credentials were found", NO_CREDENTIALS),
    ("PartialCredentialsError", "credentials", "the AWS credentials are incomplete", "Give id and secret."),
    ("ProfileNotFound", "credentials", "the AWS profile was not found", "Correct auth.profile or AWS_PROFILE."),
    ("TokenRetrievalError", "credentials", "the single sign-on login has ended", CREDENTIALS),
    ("SSOError", "credentials", "the single sign-on login has ended", CREDENTIALS),
    ("CredentialRetrievalError", "credentials", "the AWS credentials could not be fetched", CREDENTIALS),
    ("SSLError", "unreachable", "the TLS certificate was not accepted", AUTHORITIES),
    ("ProxyConnectionError", "unreachable", "the proxy did not answer", "Check HTTPS_PROXY."),
    ("EndpointConnectionError", "unreachable", "the endpoint could not be reached", UNREACHABLE),
    ("ConnectTimeoutError", "unreachable", "the endpoint did not answer in time", UNREACHABLE),
    ("ReadTimeoutError", "unreachable", "the endpoint did not answer in time", UNREACHABLE),
    ("HTTPClientError", "unreachable", "the connection was lost", UNREACHABLE),
    ("ParamValidationError", "invalid", "the request does not fit the API", ""),
    ("BotoCoreError", "unclassified", "the AWS SDK failed", ""),
)


def classify(error: Exception, doing: str) -> PlatformError:
    """Return the error as a sentence that begins with ``doing`` ("eks/prod: CreateCluster")."""
    response = getattr(error, "response", None)
    if isinstance(response, t.Mapping) and "Error" in response:
        return _refusal(response, doing)
    ancestry = {ancestor.__name__ for ancestor in type(error).__mro__}
    for name, kind, said, remedy in SDK_TABLE:
        if name in ancestry:
            return PlatformError(
                f"{doing}: {said} ({_clean(str(error))}).", kind=kind, remedy=remedy, code=type(error).__name__
            )
    raise error


def _refusal(response: t.Mapping[str, t.Any], doing: str) -> PlatformError:
    code = str(response["Error"].get("Code", ""))
    said = _clean(str(response["Error"].get("Message", "")))
    row = find(ERROR_TABLE, code, said)
    return PlatformError(
        f"{doing}: AWS answered {code}: {said.rstrip('.')}.",
        kind=row.kind if row else "unclassified",
        remedy=row.remedy if row else "",
        code=code,
        request_id=str(response.get("ResponseMetadata", {}).get("RequestId", "")),
        operation_id=update_in(said),
        details={"retry": row.retry} if row and row.retry else None,
    )


def find(table: t.Iterable[Row], code: str, text: str) -> Row | None:
    return next((row for row in table if _fits(row, code) and re.search(row.text, text)), None)


def _fits(row: Row, code: str) -> bool:
    return any(fnmatch.fnmatchcase(code, pattern) for pattern in row.codes)


def update_in(text: str) -> str:
    """Return the id of the update that a conflict names ("currently has update ID in progress")."""
    found = re.search(r"has update ([0-9a-f-]{8,}) in progress", text)
    return found.group(1) if found else ""


def failed_work(what: str, issues: t.Sequence[t.Mapping[str, t.Any]], operation_id: str = "") -> PlatformError:
    """Return the error of work that AWS accepted and did not complete; issues carry code, message, resources."""
    texts = [f"{issue['code']}: {_clean(issue['message']).rstrip('.')}" for issue in issues]
    row = find(ISSUE_TABLE, issues[0]["code"] if issues else "", "") or ISSUE_TABLE[-1]
    return PlatformError(
        f"{what}: {'; '.join(texts) or 'no reason is given'}.",
        kind=row.kind,
        remedy=row.remedy,
        code=issues[0]["code"] if issues else "",
        operation_id=operation_id,
        details={"issues": [dict(issue) for issue in issues]},
    )


def _clean(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
