# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of Azure Resource Manager, and the two shapes of its errors."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
import urllib.parse
import uuid

from ...web import Request, Response

Json = dict[str, t.Any]
CLUSTERS = ("2024-09-01", "2025-05-01", "2025-08-01", "2025-10-01", "2026-08-01")
SUBSCRIPTION = r"/subscriptions/(?P<subscription>[^/]+)"
GROUP = SUBSCRIPTION + r"/resourceGroups/(?P<group>[^/]+)"
OF_GROUP = GROUP + r"/providers/Microsoft\.ContainerService/managedClusters"
CLUSTER = OF_GROUP + r"/(?P<cluster>[^/]+)"
LOCATION = SUBSCRIPTION + r"/providers/Microsoft\.ContainerService/locations/(?P<location>[^/]+)"
FOREIGN_VERSION = "2025-03-01"
"""The api-version of operations, which is none of the resource's. Source: recordings/aks."""


@dataclasses.dataclass(frozen=True)
class Route:
    """One operation, by the name that it has in the reference; ``right`` is what its caller must have."""

    operation: str
    verb: str
    pattern: re.Pattern[str]
    versions: tuple[str, ...]
    right: str


def _route(operation: str, verb: str, path: str, versions: tuple[str, ...], right: str = "") -> Route:
    rights = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
    return Route(operation, verb, re.compile(f"^{path}$", re.IGNORECASE), versions, right or rights[verb])


POOLS, WINDOWS = CLUSTER + "/agentPools", CLUSTER + "/maintenanceConfigurations"
LOCKS = CLUSTER + r"/providers/Microsoft\.Authorization/locks"
DIAGNOSTICS = CLUSTER + r"/providers/Microsoft\.Insights/diagnosticSettings"
POOL, CHILD = r"/(?P<pool>[^/]+)", r"/(?P<child>[^/]+)"
LOCK_VERSIONS, LOG_VERSIONS = ("2016-09-01", "2020-05-01"), ("2021-05-01-preview",)
ROUTES: tuple[Route, ...] = (
    _route("Subscriptions_Get", "GET", SUBSCRIPTION, ("2022-12-01",)),
    _route("ResourceGroups_Get", "GET", GROUP, ("2021-04-01",)),
    _route(
        "ManagedClusters_List",
        "GET",
        SUBSCRIPTION + r"/providers/Microsoft\.ContainerService/managedClusters",
        CLUSTERS,
    ),
    _route("ManagedClusters_ListByResourceGroup", "GET", OF_GROUP, CLUSTERS),
    _route("ManagedClusters_Get", "GET", CLUSTER, CLUSTERS),
    _route("ManagedClusters_CreateOrUpdate", "PUT", CLUSTER, CLUSTERS),
    _route("ManagedClusters_UpdateTags", "PATCH", CLUSTER, CLUSTERS),
    _route("ManagedClusters_Delete", "DELETE", CLUSTER, CLUSTERS),
    _route("ManagedClusters_ListClusterUserCredentials", "POST", CLUSTER + "/listClusterUserCredential", CLUSTERS),
    _route("ManagedClusters_GetUpgradeProfile", "GET", CLUSTER + "/upgradeProfiles/default", CLUSTERS),
    _route("ManagedClusters_ListKubernetesVersions", "GET", LOCATION + "/kubernetesVersions", CLUSTERS),
    _route("AgentPools_List", "GET", POOLS, CLUSTERS),
    _route("AgentPools_Get", "GET", POOLS + POOL, CLUSTERS),
    _route("AgentPools_CreateOrUpdate", "PUT", POOLS + POOL, CLUSTERS),
    _route("AgentPools_Delete", "DELETE", POOLS + POOL, CLUSTERS),
    _route("MaintenanceConfigurations_ListByManagedCluster", "GET", WINDOWS, CLUSTERS),
    _route("MaintenanceConfigurations_Get", "GET", WINDOWS + CHILD, CLUSTERS),
    _route("MaintenanceConfigurations_CreateOrUpdate", "PUT", WINDOWS + CHILD, CLUSTERS),
    _route("MaintenanceConfigurations_Delete", "DELETE", WINDOWS + CHILD, CLUSTERS),
    _route("ManagementLocks_ListAtScope", "GET", LOCKS, LOCK_VERSIONS),
    _route("ManagementLocks_CreateOrUpdate", "PUT", LOCKS + CHILD, LOCK_VERSIONS, "lock"),
    _route("ManagementLocks_Delete", "DELETE", LOCKS + CHILD, LOCK_VERSIONS, "lock"),
    _route("DiagnosticSettings_List", "GET", DIAGNOSTICS, LOG_VERSIONS),
    _route("DiagnosticSettings_CreateOrUpdate", "PUT", DIAGNOSTICS + CHILD, LOG_VERSIONS),
    _route("DiagnosticSettings_Delete", "DELETE", DIAGNOSTICS + CHILD, LOG_VERSIONS),
    _route("Operations_Get", "GET", LOCATION + r"/operations/(?P<child>[^/]+)", (FOREIGN_VERSION,)),
    _route("OperationResults_Get", "GET", LOCATION + r"/operationresults/(?P<child>[^/]+)", (FOREIGN_VERSION,)),
)


def route(request: Request) -> tuple[Route, dict[str, str]] | None:
    """Return the operation that an address means and the names it carries."""
    path = urllib.parse.unquote(request.path)
    for row in ROUTES:
        match = row.pattern.match(path) if row.verb == request.method else None
        if match:
            return row, match.groupdict()
    return None


def gateway_error(status: int, code: str, message: str, **headers: str) -> Response:
    """Return an error as ARM itself gives it."""
    return _answered({"error": {"code": code, "message": message}}, status, headers)


def provider_error(
    status: int, code: str, message: str, target: str = "", subcode: str = "", **headers: str
) -> Response:
    """Return an error as the provider of AKS gives it: flat. Source: recordings/aks/quoted-errors.json."""
    body = {"code": code, "details": None, "message": message, "subcode": subcode}
    return _answered({**body, "target": target} if target else body, status, headers)


def answer(body: t.Any, status: int, headers: t.Mapping[str, str]) -> Response:
    return _answered(body, status, headers)


def _answered(body: t.Any, status: int, headers: t.Mapping[str, str]) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with_id = {**named, "x-ms-request-id": str(uuid.uuid4())}
    if body is None:
        return Response(status, with_id)
    return Response.of_json(body, status, **with_id)


def error_code(response: Response) -> str:
    """Return the code of an error answer; empty on success."""
    if response.status < 400 or response.reset:
        return ""
    try:
        found = json.loads(response.body)
    except ValueError:
        return str(response.status)
    inner = found.get("error", found)
    return str(inner.get("code", response.status)) if isinstance(inner, dict) else str(inner)
