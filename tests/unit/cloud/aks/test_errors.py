# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Azure answers becomes a class and a sentence; codes alone say too little."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.azure.errors import (
    ERROR_TABLE,
    answer_of,
    failed_work,
    refusal,
)

ANSWERS: list[tuple[int, t.Any, str]] = [
    (
        409,
        {"code": "OperationNotAllowed", "message": "Another agentpool operation (a - Creating) is in progress"},
        "conflict",
    ),
    (
        409,
        {"code": "OperationNotAllowed", "message": "there's an in progress create managed cluster operation"},
        "conflict",
    ),
    (
        400,
        {"code": "OperationNotAllowed", "message": "Upgrading Kubernetes version 1.24.9 to 1.26.6 is not allowed"},
        "version",
    ),
    (
        409,
        {"code": "OperationNotAllowed", "message": "results in exceeding approved Total Regional Cores quota"},
        "quota",
    ),
    (
        409,
        {"code": "EtagMismatch", "message": "Operation is not allowed", "subcode": "X_FailedPrecondition"},
        "conflict",
    ),
    (412, {"code": "PreconditionFailed", "message": "Resource not found but ETag header is provided."}, "conflict"),
    (404, {"error": {"code": "ResourceNotFound", "message": "was not found"}}, "not_found"),
    (404, {"error": {"code": "ParentResourceNotFound", "message": "x"}}, "not_found"),
    (403, {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}, "permission"),
    (409, {"error": {"code": "ScopeLocked", "message": "locked"}}, "protected"),
    (429, {"error": {"code": "FailedIdentityOperation", "message": "throttled"}}, "throttled"),
    (500, {"code": "GetVnetError", "message": "x"}, "unreachable"),
    (504, {"error": {"code": "GatewayTimeout", "message": "x"}}, "unreachable"),
    (400, {"code": "PropertyChangeNotAllowed", "message": "x", "target": "properties.dnsPrefix"}, "immutable"),
    (400, {"code": "SomethingNew", "message": "x"}, "invalid"),
    (409, {"code": "SomethingNew", "message": "please wait for it to finish"}, "conflict"),
    (409, {"code": "SomethingNew", "message": "no"}, "unclassified"),
    (502, "<html>", "unreachable"),
]


@pytest.mark.parametrize(("status", "body", "kind"), ANSWERS)
def test_answer_has_its_class(status: int, body: t.Any, kind: str) -> None:
    error = refusal(answer_of(status, body, {"x-ms-request-id": "r-1"}), "aks/prod: PUT managedClusters/prod")
    assert error.kind == kind
    assert error.request_id == "r-1"
    assert "\n" not in str(error)


def test_property_that_cannot_change_is_named() -> None:
    error = refusal(answer_of(400, ANSWERS[13][1], {}), "aks/prod")
    assert "PropertyChangeNotAllowed (properties.dnsPrefix): x" in str(error)


def test_retry_after_is_kept() -> None:
    assert refusal(answer_of(429, {}, {"Retry-After": "17"}), "x").details["retry_after"] == 17.0


@pytest.mark.parametrize("row", ERROR_TABLE, ids=[f"{row.codes[0]}-{number}" for number, row in enumerate(ERROR_TABLE)])
def test_terminal_row_has_a_remedy(row: t.Any) -> None:
    waits = row.kind in ("conflict", "throttled", "unreachable", "not_found")
    assert waits or row.remedy


def test_failed_work_takes_the_code_that_is_known() -> None:
    told = {
        "code": "CreateVMSSAgentPoolFailed",
        "message": "a",
        "details": [{"code": "QuotaExceeded", "message": "b."}],
    }
    error = failed_work("pool a: operation 1 failed", told, "1")
    assert (error.kind, error.code) == ("quota", "QuotaExceeded")
    assert str(error).startswith("pool a: operation 1 failed: QuotaExceeded: a; b. Ask Azure")
    assert failed_work("x", {}).kind == "not_converged"
