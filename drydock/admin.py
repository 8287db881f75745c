# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harbour's second port: tests and the command line move its clock, inject faults and look inside."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .clock import SteppedClock
from .control_plane import VERSION
from .errors import DrydockError
from .faults import fault_from
from .journal import mark
from .web import Request, Response

if t.TYPE_CHECKING:
    from .harbour import Harbour

Action = t.Callable[["Harbour", Request, t.Mapping[str, str]], object]
ROUTES: list[tuple[str, re.Pattern[str], Action]] = []


def route(method: str, path: str) -> t.Callable[[Action], Action]:
    pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")

    def add(action: Action) -> Action:
        ROUTES.append((method, pattern, action))
        return action

    return add


class AdminApp:
    """An app for a server. What an action returns is sent as JSON; a DrydockError becomes 400 with its sentence."""

    def __init__(self, harbour: Harbour) -> None:
        self.harbour = harbour

    def __call__(self, request: Request) -> Response:
        for method, pattern, action in ROUTES:
            match = pattern.match(request.path) if method == request.method else None
            if match:
                return self._run(action, request, match.groupdict())
        return Response.of_json({"error": f"no action at {request.method} {request.path}"}, 404)

    def _run(self, action: Action, request: Request, labels: t.Mapping[str, str]) -> Response:
        try:
            result = action(self.harbour, request, labels)
        except (DrydockError, ValueError, TypeError) as exc:
            return Response.of_json({"error": str(exc)}, 400)
        return result if isinstance(result, Response) else Response.of_json(result)


@route("GET", "/status")
def status(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    found = [
        {
            "name": row["cluster"]["name"],
            "status": row["cluster"]["status"],
            "version": row["cluster"].get("version", ""),
            "endpoint": row["cluster"].get("endpoint") or "",
            "nodegroups": {pool["nodegroupName"]: pool["status"] for pool in row["nodegroups"]},
        }
        for row in harbour.twin.document()
    ]
    return {
        "aws_endpoint": harbour.aws_endpoint,
        "google_endpoint": harbour.google_endpoint,
        "clock": harbour.clock.name,
        "eks": found,
        "gke": gke(harbour),
        "clusters": bare(harbour),
    }


@route("GET", "/digest")
def digest(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return harbour.digest()


def gke(harbour: Harbour) -> list[dict[str, t.Any]]:
    clusters = [row["cluster"] for row in harbour.google.document()]
    return [
        {
            "name": cluster["name"],
            "location": cluster["location"],
            "status": cluster["status"],
            "version": cluster.get("currentMasterVersion", ""),
            "endpoint": cluster.get("endpoint", ""),
            "node_pools": {pool["name"]: pool["status"] for pool in cluster.get("nodePools", [])},
        }
        for cluster in clusters
    ]


def bare(harbour: Harbour) -> list[dict[str, str]]:
    return [
        {"name": name, "server": plane.server, "kubeconfig": str(plane.kubeconfig), "crew": plane.ready.crew}
        for name, plane in harbour.bare.items()
    ]


@route("GET", "/store")
def store(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.settle()
    return plain([*harbour.twin.document(), *harbour.google.document()])


def plain(value: object) -> object:
    """Return the store's data with times as text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


@route("GET", "/mark")
def give_mark(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return {"mark": mark()}


@route("POST", "/clock/advance")
def advance(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.clock.advance(float(request.json()["seconds"]))
    return {"now": harbour.clock.now(), "ended": harbour.settle()}


@route("POST", "/clock/step")
def step(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    if not isinstance(harbour.clock, SteppedClock):
        raise DrydockError("only the instant clock has a step; start with --clock instant")
    harbour.clock.step = float(request.json()["seconds"])
    return {"step": harbour.clock.step}


@route("GET", "/faults")
def list_faults(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return harbour.faults.listed()


@route("POST", "/faults")
def add_fault(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return dataclasses.asdict(harbour.faults.add(fault_from(request.json())))


@route("DELETE", "/faults")
def clear_faults(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.faults.clear()
    return []


@route("POST", "/reset")
def reset(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.reset()
    return {}


@route("GET", "/environment/{principal}")
def environment(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return harbour.environment(labels["principal"])


@route("POST", "/clusters")
def add_cluster(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    asked = request.json()
    harbour.add_cluster(asked["name"], version=asked.get("version", VERSION), nodes=int(asked.get("nodes", 3)))
    return next(row for row in bare(harbour) if row["name"] == asked["name"])


@route("DELETE", "/clusters/{name}")
def remove_cluster(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.remove_cluster(labels["name"])
    return {}


@route("POST", "/clusters/{name}/reset")
def reset_cluster(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    harbour.reset_cluster(labels["name"])
    return {}


@route("POST", "/token/{account}/{region}/{name}")
def token(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return harbour.token_review((labels["account"], labels["region"], labels["name"]), request)


@route("POST", "/google-token/{project}/{location}/{name}")
def google_token(harbour: Harbour, request: Request, labels: t.Mapping[str, str]) -> object:
    return harbour.google.token_review((labels["project"], labels["location"], labels["name"]), request)
