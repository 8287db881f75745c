# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every status that Google can answer and every way in which its work can fail is a class: none is left over."""

from __future__ import annotations

import typing as t

import google.api_core.exceptions
import grpc  # type: ignore[import-untyped]
import pytest
from google.cloud import container_v1
from google.rpc import code_pb2  # type: ignore[import-untyped]

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.driver import operation_error
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.google.errors import HTTP, NUMBERS, classify
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import Handle
from tests.unit.cloud.gke.test_errors import answer

API: t.Any = google.api_core.exceptions
RETRIED = ("throttled", "unreachable", "conflict")
"""Classes that the loop waits out; all others end the run with a sentence."""

STATUSES: dict[str, str] = {
    "CANCELLED": "canceled",
    "UNKNOWN": "unreachable",
    "INVALID_ARGUMENT": "invalid",
    "DEADLINE_EXCEEDED": "unreachable",
    "NOT_FOUND": "not_found",
    "ALREADY_EXISTS": "conflict",
    "PERMISSION_DENIED": "permission",
    "UNAUTHENTICATED": "credentials",
    "RESOURCE_EXHAUSTED": "throttled",
    "FAILED_PRECONDITION": "invalid",
    "ABORTED": "conflict",
    "OUT_OF_RANGE": "invalid",
    "UNIMPLEMENTED": "invalid",
    "INTERNAL": "unreachable",
    "UNAVAILABLE": "unreachable",
    "DATA_LOSS": "not_converged",
}
ENDS: dict[str, str] = {
    "UNKNOWN": "not_converged",
    "GCE_STOCKOUT": "capacity",
    "GKE_SERVICE_ACCOUNT_DELETED": "permission",
    "GCE_QUOTA_EXCEEDED": "quota",
    "SET_BY_OPERATOR": "not_converged",
    "CLOUD_KMS_KEY_ERROR": "permission",
    "CA_EXPIRING": "not_converged",
    "NODE_SERVICE_ACCOUNT_MISSING_PERMISSIONS": "permission",
    "CLOUD_KMS_KEY_DESTROYED": "permission",
}
WORK: dict[str, str] = {
    **dict.fromkeys(STATUSES, "not_converged"),
    "CANCELLED": "canceled",
    "ABORTED": "canceled",
    "PERMISSION_DENIED": "permission",
    "RESOURCE_EXHAUSTED": "quota",
}
OPERATIONS = [
    *("CreateCluster", "GetCluster", "UpdateCluster", "DeleteCluster", "SetLabels", "SetMaintenancePolicy"),
    *("CreateNodePool", "GetNodePool", "UpdateNodePool", "DeleteNodePool", "SetNodePoolSize"),
    *("SetNodePoolAutoscaling", "SetNodePoolManagement", "GetOperation", "ListOperations", "GetServerConfig"),
]
PAIRS = [(operation, status) for operation in OPERATIONS for status in STATUSES]


def test_tables_hold_every_status_and_condition_that_there_is() -> None:
    assert set(STATUSES) == set(code_pb2.Code.keys()) - {"OK"}
    conditions = container_v1.StatusCondition.pb().DESCRIPTOR.fields_by_name["code"].enum_type
    assert set(ENDS) == set(conditions.values_by_name)
    assert set(NUMBERS) == set(code_pb2.Code.values()) - {0}
    assert all(NUMBERS[code_pb2.Code.Value(name)] == name for name in STATUSES)


@pytest.mark.parametrize(("operation", "status"), PAIRS)
def test_status_of_each_operation_has_class_and_remedy_over_both_transports(operation: str, status: str) -> None:
    wire = classify(API.from_grpc_status(grpc.StatusCode[status], "said"), f"gke/prod: {operation}")
    assert (wire.kind, wire.code) == (STATUSES[status], status)
    assert str(wire).startswith(f"gke/prod: {operation}: Google answered {status}: said.")
    assert wire.remedy or wire.kind in ("not_found", *RETRIED) or wire.kind == "invalid"


@pytest.mark.parametrize("status", STATUSES)
def test_status_over_rest_is_the_same(status: str) -> None:
    found = answer(400, {"status": status}, "said")
    assert (found.kind, found.code) == (STATUSES[status], status)


@pytest.mark.parametrize("code", HTTP)
def test_answer_without_a_status_is_known_by_its_http_code(code: int) -> None:
    assert answer(code, {}, "said").kind == STATUSES[HTTP[code]]


def failed(**operation: t.Any) -> t.Any:
    handle = Handle("operation", "control plane", "operation-1")
    return operation_error(handle, {"status": "DONE", "operation_type": "UPDATE_CLUSTER", **operation})


@pytest.mark.parametrize("status", STATUSES)
def test_work_that_ends_with_a_status_has_class_and_remedy(status: str) -> None:
    error = failed(error={"code": code_pb2.Code.Value(status), "message": "said"})
    assert (error.kind, error.code, error.operation_id) == (WORK[status], status, "operation-1")
    assert error.remedy


@pytest.mark.parametrize("condition", ENDS)
@pytest.mark.parametrize("place", ["cluster_conditions", "nodepool_conditions"])
def test_work_that_ends_with_a_condition_has_class_and_remedy(condition: str, place: str) -> None:
    error = failed(error={"code": 13}, **{place: [{"code": condition, "message": "said"}]})
    assert error.kind == ENDS[condition]
    assert error.remedy
    assert "said" in str(error)
