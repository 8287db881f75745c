# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside a cluster: maintenance configurations, locks, diagnostic settings. All is done at once.

Source: recordings/aks/maintenance-configuration.json; the references of Microsoft.Authorization and Microsoft.Insights.
"""

from __future__ import annotations

import copy
import datetime

from .protocol import Json
from .rules import Call, Refusal
from .work import Refused, Reply, World

KINDS = {
    "MaintenanceConfigurations": ("maintenance", "maintenanceConfigurations"),
    "ManagementLocks": ("locks", "providers/Microsoft.Authorization/locks"),
    "DiagnosticSettings": ("diagnostics", "providers/Microsoft.Insights/diagnosticSettings"),
}


def _kind(call: Call) -> tuple[str, str]:
    return KINDS[call.operation.partition("_")[0]]


def _shelf(call: Call) -> dict[str, Json]:
    return call.here.beside.setdefault(_kind(call)[0], {})


def _found(call: Call) -> str | None:
    """Return the name as it was first written: letters do not tell apart."""
    return next((name for name in _shelf(call) if name.lower() == call.place.child.lower()), None)


def _shown(call: Call, name: str) -> Json:
    path = f"{call.place.cluster_id}/{_kind(call)[1]}/{name}"
    return {"id": path, "name": name, "properties": copy.deepcopy(_shelf(call)[name])}


def put(world: World, call: Call) -> Reply:
    name = _found(call)
    properties = {key: value for key, value in (call.body.get("properties") or {}).items() if value is not None}
    window = properties.get("maintenanceWindow")
    if window is not None:
        defaults = {"utcOffset": "+00:00", "startDate": world.today().astimezone(datetime.UTC).strftime("%Y-%m-%d")}
        properties["maintenanceWindow"] = {**defaults, **window}
    created = name is None and _kind(call)[0] == "locks"
    name = name or call.place.child
    _shelf(call)[name] = copy.deepcopy(properties)
    return Reply(_shown(call, name), 201 if created else 200)


def delete(world: World, call: Call) -> Reply:
    name = _found(call)
    if name is None:
        return Reply(None, 204)
    del _shelf(call)[name]
    return Reply(None, 200)


def get(world: World, call: Call) -> Reply:
    name = _found(call)
    if name is None:
        raise Refused(Refusal(404, "NotFound", f"{call.place.child} was not found."))
    return Reply(_shown(call, name))


def listed(world: World, call: Call) -> Reply:
    return Reply({"value": [_shown(call, name) for name in sorted(_shelf(call))]})
