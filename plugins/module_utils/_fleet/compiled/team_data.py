# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools around Kubernetes need to know of a team: data that the roles of those tools read."""

from __future__ import annotations

import itertools
import typing as t

from ..catalogue import CATALOGUE
from .releases import Release
from .room import TEAM_LABEL, Files, Object, Room


def data_files(rooms: t.Sequence[Room], releases: t.Iterable[Release]) -> Files:
    files: Files = {}
    for name, members in itertools.groupby(rooms, lambda room: room.team.name):
        present = list(members)
        files[f"alerting/{name}.yaml"] = (alert_route(present),)
        files[f"dashboards/{name}.yaml"] = (folder(present),)
        files[f"logging/{name}.yaml"] = (log_stream(present),)
    for label, found in itertools.groupby(sorted(releases, key=lambda release: release.app.label), _label):
        files[f"catalogue/{label}.yaml"] = (page(list(found)),)
    return files


def _label(release: Release) -> str:
    return release.app.label


def alert_route(rooms: t.Sequence[Room]) -> Object:
    """Return a team's branch of Alertmanager's routing tree, in Alertmanager's words, and whom it ends at."""
    team = rooms[0].team
    severities = sorted(team.receivers)
    targets = [team.receivers[severity].partition(":") for severity in severities]
    return {
        "team": team.name,
        "matchers": [_namespaces(rooms)],
        "routes": [
            {"matchers": [f'severity="{severity}"'], "receiver": f"{team.name}-{severity}"} for severity in severities
        ],
        "receivers": [
            {"name": f"{team.name}-{severity}", "kind": kind, "target": target}
            for severity, (kind, _colon, target) in zip(severities, targets, strict=True)
        ],
    }


def _namespaces(rooms: t.Sequence[Room]) -> str:
    return f'namespace=~"{"|".join(sorted({room.namespace for room in rooms}))}"'


def folder(rooms: t.Sequence[Room]) -> Object:
    """Return a team's Grafana folder and what its groups may do there. In production nobody edits by hand."""
    first = rooms[0]
    allowed: dict[str, str] = {}
    for room in rooms:
        for role, group in room.groups():
            custom = room.fleet.roles.get(role)
            permission = CATALOGUE[custom.extends if custom else role].folder
            if permission:
                known = room.id_of(group, room.cluster.identity)
                permission = "View" if room.setting.production and role != "team-admin" else permission
                allowed[known] = max(allowed.get(known, "View"), permission, key=("View", "Edit").index)
    permissions = [{"group": group, "permission": allowed[group]} for group in sorted(allowed)]
    return {"uid": f"team-{first.team.name}", "title": first.team.title, "permissions": permissions}


def log_stream(rooms: t.Sequence[Room]) -> Object:
    name = rooms[0].team.name
    return {"team": name, "data_stream": f"logs-team-{name}", "label": f"{TEAM_LABEL}={name}"}


def page(releases: t.Sequence[Release]) -> Object:
    """Return what a catalogue of applications shows of one: who answers, where it runs, what it promises."""
    first = releases[0]
    app, room = first.app, first.room
    return {
        "application": app.label,
        "owners": list(room.team.owners),
        "source": app.source["repo"],
        "environments": {
            release.room.environment: {"namespace": release.room.namespace, "revision": release.revision}
            for release in releases
        },
        "probes": [probe.replace("{domain}", room.cluster.domain) for probe in app.probes],
        **({"availability": app.slo} if app.slo is not None else {}),
        **({"runbook": app.runbook} if app.runbook else {}),
    }
