# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Google answers becomes a class that code dispatches on and a sentence that a person can act on."""

from __future__ import annotations

import json
import typing as t

import google.api_core.exceptions
import google.auth.exceptions
import grpc  # type: ignore[import-untyped]
import pytest
import requests

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.driver import operation_error
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.google.errors import classify, operation_in
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import Handle
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

API: t.Any = google.api_core.exceptions
AUTH: t.Any = google.auth.exceptions

# What GKE was seen to answer: HTTP code, reason (older answers) or status (newer ones), text, our class.
RUNNING = "Cluster is running incompatible operation operation-1718024305921-fd4f65ea-7da5-4d36-a166-f619a83fb205."
UPGRADING = (
    "Operation operation-1596064640049-1b03e177 is currently upgrading cluster prod. "
    "Please wait and try again once it is done."
)
BUSY = "Cluster is currently being created, deleted, updated or repaired and cannot be updated."
CHANNEL = 'Master version must be one of "STABLE" channel supported versions [1.28.14-gke.1099000].'
ANSWERS = [
    (400, {"reason": "failedPrecondition"}, RUNNING, "conflict"),
    (400, {"status": "FAILED_PRECONDITION"}, RUNNING, "conflict"),
    (429, {"status": "RESOURCE_EXHAUSTED"}, RUNNING, "conflict"),
    (400, {"reason": "failedPrecondition"}, UPGRADING, "conflict"),
    (400, {"status": "FAILED_PRECONDITION"}, BUSY, "conflict"),
    (409, {"reason": "alreadyExists"}, "Already exists: projects/p/locations/l/clusters/prod.", "conflict"),
    (409, {"status": "ABORTED"}, "etag does not match", "conflict"),
    (400, {"status": "FAILED_PRECONDITION"}, "Labels could not be set due to fingerprint mismatch.", "conflict"),
    (400, {"status": "FAILED_PRECONDITION"}, "maintenance policy resource version mismatch: provided 'a'", "conflict"),
    (400, {"reason": "badRequest"}, "Must specify a field to update.", "invalid"),
    (400, {"reason": "badRequest"}, CHANNEL, "version"),
    (400, {"status": "INVALID_ARGUMENT"}, "Node version must not have a greater minor version than master", "version"),
    (404, {"status": "NOT_FOUND"}, "Not found: projects/p/zones/z/clusters/prod.", "not_found"),
    (403, {"status": "PERMISSION_DENIED"}, 'Required "container.clusters.create" permission(s)', "permission"),
    (401, {"status": "UNAUTHENTICATED"}, "Request had invalid authentication credentials.", "credentials"),
    (429, {"status": "RESOURCE_EXHAUSTED"}, "Quota exceeded for quota metric 'Requests' and limit", "throttled"),
    (403, {"status": "RESOURCE_EXHAUSTED"}, "Insufficient regional quota to satisfy request: CPUS", "quota"),
    (503, {"status": "UNAVAILABLE"}, "The service is currently unavailable.", "unreachable"),
    (500, {}, "Internal error encountered.", "unreachable"),
]


def answer(code: int, told: dict[str, t.Any], text: str, **more: t.Any) -> PlatformError:
    error: dict[str, t.Any] = {"code": code, "message": text, **more}
    if "status" in told:
        error["status"] = told["status"]
    if "reason" in told:
        error["errors"] = [{"message": text, "reason": told["reason"]}]
    response = requests.Response()
    response.status_code = code
    response._content = json.dumps({"error": error}).encode()
    response.request = requests.Request("GET", "https://container.googleapis.com/v1/x").prepare()
    raised = API.from_http_response(response)
    return classify(raised, "gke/prod: UpdateCluster")


@pytest.mark.parametrize(("code", "told", "text", "kind"), ANSWERS)
def test_answer_over_rest_has_class_and_sentence(code: int, told: dict[str, t.Any], text: str, kind: str) -> None:
    error = answer(code, told, text)
    assert error.kind == kind
    assert str(error).startswith("gke/prod: UpdateCluster: Google answered ")
    assert text.rstrip(".") in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, RUNNING, "conflict"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, RUNNING, "conflict"),
        (grpc.StatusCode.NOT_FOUND, "Not found", "not_found"),
        (grpc.StatusCode.PERMISSION_DENIED, "no", "permission"),
    ],
)
def test_answer_over_grpc_has_the_same_class(status: grpc.StatusCode, text: str, kind: str) -> None:
    assert classify(API.from_grpc_status(status, text), "gke/prod").kind == kind


def test_conflict_names_the_operation_that_is_in_the_way() -> None:
    assert answer(400, {}, RUNNING).operation_id == "operation-1718024305921-fd4f65ea-7da5-4d36-a166-f619a83fb205"
    assert operation_in(UPGRADING) == "operation-1596064640049-1b03e177"
    assert operation_in("nothing runs") == ""


def test_disabled_api_says_how_to_enable_it() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
    request = {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "0xbc08"}
    error = answer(403, {"status": "PERMISSION_DENIED"}, "Kubernetes Engine API is off", details=[info, request])
    assert "gcloud services enable container.googleapis.com" in error.remedy
    assert error.request_id == "0xbc08"


SDK = [
    (AUTH.DefaultCredentialsError("x"), "credentials", "no Google credentials were found"),
    (AUTH.RefreshError("x"), "credentials", "did not give a token"),
    (AUTH.TransportError("x"), "unreachable", "token endpoint could not be reached"),
    (requests.ConnectionError("x"), "unreachable", "could not be reached"),
    (requests.exceptions.SSLError("x"), "unreachable", "TLS certificate"),
    (requests.Timeout("x"), "unreachable", "did not answer in time"),
]


@pytest.mark.parametrize(("error", "kind", "said"), SDK)
def test_failure_of_the_sdk_is_one_sentence(error: Exception, kind: str, said: str) -> None:
    found = classify(error, "gke/prod: GetCluster")
    assert found.kind == kind
    assert said in str(found)


def test_foreign_exception_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        classify(KeyError("x"), "gke/prod")


HANDLE = Handle("operation", "pool general", "operation-1")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"error": {"code": 8, "message": "[GCE_STOCKOUT]: the zone does not have enough resources"}}, "capacity"),
        ({"error": {"code": 8, "message": "[GCE_QUOTA_EXCEEDED]: Quota 'CPUS' exceeded"}}, "quota"),
        ({"error": {"code": 7, "message": "actAs denied"}}, "permission"),
        ({"status_message": "all nodes failed to register"}, "not_converged"),
        (
            {"error": {"code": 13}, "nodepool_conditions": [{"code": "GCE_STOCKOUT", "message": "no room"}]},
            "capacity",
        ),
    ],
)
def test_operation_that_is_done_with_an_error_failed(operation: dict[str, t.Any], kind: str) -> None:
    error = operation_error(HANDLE, {"status": "DONE", "operation_type": "CREATE_NODE_POOL", **operation})
    assert error is not None
    assert (error.kind, error.operation_id) == (kind, "operation-1")
    assert str(error).startswith("pool general: operation operation-1 (CREATE_NODE_POOL) failed: ")


def test_operation_that_is_done_without_one_succeeded() -> None:
    assert operation_error(HANDLE, {"status": "DONE", "operation_type": "SET_LABELS"}) is None
