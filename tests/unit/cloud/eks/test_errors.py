# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS answers becomes a class that code dispatches on and a sentence that a person can act on."""

from __future__ import annotations

import typing as t

import botocore.exceptions
import botocore.session
import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.aws.errors import classify, failed_work
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

UPDATING = "Cannot LoggingUpdate because cluster x currently has update 0585fedb-0fa2 in progress"
NOT_ASSUMED = "Role with arn: x, could not be assumed because it does not exist or the trusted entity is not correct"
NO_POLICIES = "The role x doesn't have the Amazon EKS Managed Policies associated with it"

# code, text (as EKS words it), class, retry mark
ANSWERS = [
    ("ResourceInUseException", "Cluster already exists with name: prod", "conflict", None),
    ("ResourceInUseException", UPDATING, "conflict", None),
    ("ResourceInUseException", "Cluster has nodegroups attached", "conflict", None),
    ("InvalidRequestException", "Cluster must be in ACTIVE status, it is CREATING", "conflict", None),
    ("InvalidParameterException", "Cluster is already at the desired configuration with x", "conflict", "already"),
    ("InvalidParameterException", "No changes needed for the logging config provided", "conflict", "already"),
    ("InvalidParameterException", "Only one type of update can be allowed.", "invalid", None),
    ("InvalidParameterException", "Unsupported Kubernetes minor version update from 1.22 to 1.25", "version", None),
    ("InvalidParameterException", NOT_ASSUMED, "permission", "propagation"),
    ("InvalidParameterException", NO_POLICIES, "permission", "propagation"),
    ("InvalidParameterException", "The subnet ID 'subnet-1' does not exist", "not_found", None),
    ("InvalidStateException", "upgrade blocked by an insight", "version", None),
    ("ResourceLimitExceededException", "too many clusters", "quota", None),
    ("ResourceNotFoundException", "No cluster found for name: x.", "not_found", None),
    ("ClientException", "No cluster found for name: x.", "not_found", None),
    ("ThrottlingException", "Rate exceeded", "throttled", None),
    ("ServerException", "oops", "unreachable", None),
    ("ServiceUnavailableException", "oops", "unreachable", None),
    ("UnsupportedAvailabilityZoneException", "us-east-1e", "capacity", None),
    ("AccessDeniedException", "User x is not authorized to perform: eks:CreateCluster", "permission", None),
    ("UnrecognizedClientException", "The security token included in the request is invalid.", "credentials", None),
    ("ExpiredTokenException", "The security token included in the request is expired", "credentials", None),
    ("ExpiredToken", "The security token included in the request is expired", "credentials", None),
    ("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2", "credentials", None),
    ("SomethingNewException", "a text of tomorrow", "unclassified", None),
]


def answer(code: str, text: str) -> PlatformError:
    response: t.Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"RequestId": "7a62c49f"}}
    return classify(botocore.exceptions.ClientError(response, "CreateCluster"), "eks/prod: CreateCluster")


@pytest.mark.parametrize(("code", "text", "kind", "retry"), ANSWERS)
def test_answer_has_class_sentence_and_request_id(code: str, text: str, kind: str, retry: str | None) -> None:
    error = answer(code, text)
    assert (error.kind, error.details.get("retry"), error.code) == (kind, retry, code)
    assert error.request_id == "7a62c49f"
    assert str(error).startswith(f"eks/prod: CreateCluster: AWS answered {code}: ")
    assert text.rstrip(".") in str(error)


def test_conflict_names_the_update_that_is_in_the_way() -> None:
    said = "Cannot AccessConfigUpdate because cluster x currently has update 0585fedb-0fa2-3ad0 in progress"
    assert answer("ResourceInUseException", said).operation_id == "0585fedb-0fa2-3ad0"


def test_a_skewed_clock_is_told_apart_from_a_wrong_key() -> None:
    assert "clock" in answer("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2").remedy
    assert "key" in answer("SignatureDoesNotMatch", "The request signature we calculated does not match").remedy


SDK = [
    (botocore.exceptions.NoCredentialsError(), "credentials", "no AWS credentials were found"),
    (botocore.exceptions.ProfileNotFound(profile="x"), "credentials", "the AWS profile was not found"),
    (botocore.exceptions.EndpointConnectionError(endpoint_url="http://x"), "unreachable", "could not be reached"),
    (botocore.exceptions.ConnectTimeoutError(endpoint_url="http://x"), "unreachable", "did not answer in time"),
    (botocore.exceptions.ReadTimeoutError(endpoint_url="http://x"), "unreachable", "did not answer in time"),
    (botocore.exceptions.ConnectionClosedError(endpoint_url="http://x"), "unreachable", "the connection was lost"),
    (botocore.exceptions.SSLError(endpoint_url="http://x", error=OSError("e")), "unreachable", "TLS certificate"),
    (botocore.exceptions.ParamValidationError(report="r"), "invalid", "does not fit the API"),
    (botocore.exceptions.DataNotFoundError(data_path="x"), "unclassified", "the AWS SDK failed"),
]


@pytest.mark.parametrize(("error", "kind", "said"), SDK)
def test_failure_of_the_sdk_is_one_sentence(error: Exception, kind: str, said: str) -> None:
    found = classify(error, "eks/prod: DescribeCluster")
    assert found.kind == kind
    assert said in str(found)
    assert "\n" not in str(found)


def test_foreign_exception_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        classify(KeyError("x"), "eks/prod")


def test_text_of_an_answer_cannot_break_the_line() -> None:
    assert "\n" not in str(answer("ServerException", "a\nb\x1b[31mc"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SubnetNotFound", "not_found"),
        ("EniLimitReached", "quota"),
        ("IpNotAvailable", "capacity"),
        ("AccessDenied", "permission"),
        ("PodEvictionFailure", "conflict"),
        ("NodeCreationFailure", "not_converged"),
    ],
)
def test_update_that_failed_keeps_the_reasons_of_aws(code: str, kind: str) -> None:
    error = failed_work("update c0ffee failed", [{"code": code, "message": "why.", "resources": ["r"]}], "c0ffee")
    assert (error.kind, error.code, error.operation_id) == (kind, code, "c0ffee")
    assert str(error).startswith(f"update c0ffee failed: {code}: why. ")


EKS = botocore.session.get_session().get_service_model("eks")
PAIRS = [(name, shape.name) for name in EKS.operation_names for shape in EKS.operation_model(name).error_shapes]
"""Every error that any operation of the model declares."""
WAYS = {
    "ResourceInUseException": "wait",
    "ThrottlingException": "retry",
    "ServerException": "retry",
    "ServiceUnavailableException": "retry",
    "ResourcePropagationDelayException": "retry",
    "InvalidParameterException": "invalid",
    "InvalidRequestException": "invalid",
    "BadRequestException": "invalid",
    "ClientException": "invalid",
    "InvalidStateException": "version",
    "ResourceNotFoundException": "not_found",
    "NotFoundException": "not_found",
    "AccessDeniedException": "permission",
    "ResourceLimitExceededException": "quota",
    "UnsupportedAvailabilityZoneException": "capacity",
}
"""What each means where its text says nothing more: tried again, waited for, or an end of this class."""


def way(error: PlatformError) -> str:
    if error.kind in ("throttled", "unreachable") or error.details.get("retry") == "propagation":
        return "retry"
    return "wait" if error.kind == "conflict" else error.kind


def test_the_model_declares_what_is_enumerated() -> None:
    assert len(PAIRS) >= 328
    assert {code for _, code in PAIRS} == set(WAYS)


@pytest.mark.parametrize(("operation", "code"), PAIRS)
def test_every_declared_error_of_every_operation_has_its_way(operation: str, code: str) -> None:
    response: t.Any = {"Error": {"Code": code, "Message": "x"}, "ResponseMetadata": {"RequestId": "7a62c49f"}}
    error = classify(botocore.exceptions.ClientError(response, operation), f"eks/prod: {operation}")
    assert way(error) == WAYS[code]
    assert str(error).startswith(f"eks/prod: {operation}: AWS answered {code}: x. ".rstrip())
    if way(error) not in ("retry", "wait"):
        assert error.remedy, "an end says what to do"


ISSUES = sorted(
    {
        code
        for shape in ("ErrorCode", "NodegroupIssueCode", "AddonIssueCode")
        for code in EKS.shape_for(shape).metadata["enum"]
    }
)


@pytest.mark.parametrize("code", ISSUES)
def test_every_reason_for_failed_work_has_a_class_and_a_remedy(code: str) -> None:
    error = failed_work("eks/prod: update c0ffee failed", [{"code": code, "message": "why", "resources": []}])
    assert error.kind != "unclassified"
    assert error.remedy
