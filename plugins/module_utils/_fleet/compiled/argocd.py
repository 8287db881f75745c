# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's teams as Argo CD objects: an AppProject for each project, an Application for each release.

Releases of an app group are elements of one ApplicationSet, which reads them from files of their own, so that a change
of one changes that file alone; its steps roll wave by wave as Applications become healthy.
Source of the fields: Argo CD's operator manual, declarative setup, project and progressive syncs.
"""

from __future__ import annotations

import itertools
import typing as t

from ..catalogue import CATALOGUE
from ..model import AppGroup, Fleet
from .namespaces import SERVICE_ACCOUNT
from .releases import Release
from .room import Files, Object, Room
from .waves import Waves

API = "argoproj.io/v1alpha1"
NAMESPACE = "argocd"
SERVER = "https://kubernetes.default.svc"
GROUP_LABEL = "seaworthy.dev/app-group"
WAVE_LABEL = "seaworthy.dev/wave"
PATCH = "metadata:\n  labels: {{ .labels | toJson }}\nspec: {{ .spec | toJson }}\n"
CLOSED_KINDS = (
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("", "Secret"),
    ("", "ServiceAccount"),
    ("external-secrets.io", "ExternalSecret"),
    ("external-secrets.io", "SecretStore"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
"""Kinds that a team's manifests never hold: the fleet makes them. Each opens a way to Secrets or out of the limits."""


def argocd_files(fleet: Fleet, rooms: t.Sequence[Room], releases: t.Sequence[Release]) -> Files:
    waves = Waves(fleet, releases)
    files: Files = {}
    for (team, project), members in itertools.groupby(rooms, lambda room: (room.team.name, room.project.name)):
        files[f"argocd/projects/{team}-{project}.yaml"] = (_project(list(members)),)
    for release in releases:
        place = waves.place(release)
        if place is None:
            files[f"argocd/applications/{release.app.team}/{release.name}.yaml"] = (_application(release),)
        else:
            folder = f"app-groups/{place[0].name}/{release.room.environment}"
            files[f"{folder}/{release.full_name}.yaml"] = (_element(release, place[1]),)
    for group, environment in waves.groups():
        file = f"argocd/app-groups/{group.name}-{environment}.yaml"
        files[file] = (_application_set(group, environment, waves.depth(group), rooms[0]),)
    return files


def _project(rooms: t.Sequence[Room]) -> Object:
    first = rooms[0]
    windows = [window for room in rooms for window in _windows(room)]
    spec: Object = {
        "description": f"{first.project.name} of {first.team.title}",
        "sourceRepos": list(first.project.repos),
        "destinations": [{"server": SERVER, "namespace": room.namespace} for room in rooms],
        "destinationServiceAccounts": [
            {"server": SERVER, "namespace": room.namespace, "defaultServiceAccount": SERVICE_ACCOUNT} for room in rooms
        ],
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": [{"group": group, "kind": kind} for group, kind in CLOSED_KINDS],
        "roles": _roles(first),
    }
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {"name": _project_name(first), "namespace": NAMESPACE},
        "spec": {**spec, "syncWindows": windows} if windows else spec,
    }


def _project_name(room: Room) -> str:
    return f"{room.team.name}-{room.project.name}"


def _windows(room: Room) -> list[Object]:
    return [
        {
            "kind": window["kind"],
            "schedule": window["schedule"],
            "duration": window["duration"],
            "timeZone": "UTC",
            "namespaces": [room.namespace],
            "manualSync": False,
        }
        for window in room.setting.sync_windows
    ]


def _roles(room: Room) -> list[Object]:
    """Return the project's roles: the same groups as in Kubernetes, with the actions that the catalogue gives."""
    name = _project_name(room)
    found = []
    for role, members in itertools.groupby(room.groups(), lambda pair: pair[0]):
        custom = room.fleet.roles.get(role)
        actions = CATALOGUE[custom.extends if custom else role].argocd
        policies = [f"p, proj:{name}:{role}, applications, {action}, {name}/*, allow" for action in actions]
        groups = [room.id_of(group, room.cluster.identity) for _role, group in members]
        found.append({"name": role, "policies": policies, "groups": groups})
    return found


def _application(release: Release) -> Object:
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {"name": release.full_name, "namespace": NAMESPACE, "labels": release.room.labels},
        "spec": _spec(release, automated=True),
    }


def _spec(release: Release, *, automated: bool) -> Object:
    source = release.app.source
    where: Object = {"repoURL": source["repo"], "targetRevision": release.revision}
    if source["chart"]:
        values = {"valuesObject": release.values} if release.values else {}
        where |= {"chart": source["chart"], "helm": {"releaseName": release.app.name, **values}}
    else:
        where["path"] = source["path"]
    options = ["CreateNamespace=false", "ServerSideApply=true", "PruneLast=true"]
    again = {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}}
    policy: Object = {"syncOptions": options, "retry": again}
    if automated:
        policy = {"automated": {"prune": True, "selfHeal": True}, **policy}
    return {
        "project": _project_name(release.room),
        "source": where,
        "destination": {"server": SERVER, "namespace": release.room.namespace},
        "syncPolicy": policy,
    }


def _element(release: Release, wave: int) -> Object:
    """What the ApplicationSet reads of one release. Its steps sync the Application, so that is not automated."""
    return {
        "name": release.full_name,
        "wave": str(wave + 1),
        "labels": release.room.labels,
        "spec": _spec(release, automated=False),
    }


def _application_set(group: AppGroup, environment: str, depth: int, room: Room) -> Object:
    """One set for a group in an environment, since steps count over all of a set's Applications.

    A group after another stands in a later wave of the Application that holds the sets.
    """
    repository = room.fleet.platform.repository
    files = f"rendered/{room.cluster.name}/app-groups/{group.name}/{environment}/*.yaml"
    generator = {"repoURL": repository["url"], "revision": repository["branch"], "files": [{"path": files}]}
    labels = {GROUP_LABEL: group.name, WAVE_LABEL: "{{ .wave }}"}
    steps = [
        {"matchExpressions": [{"key": WAVE_LABEL, "operator": "In", "values": [str(number)]}]}
        for number in range(1, len(group.waves) + 1)
    ]
    return {
        "apiVersion": API,
        "kind": "ApplicationSet",
        "metadata": {
            "name": f"{group.name}-{environment}",
            "namespace": NAMESPACE,
            "annotations": {"argocd.argoproj.io/sync-wave": str(depth)},
        },
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"git": generator}],
            "strategy": {"type": "RollingSync", "rollingSync": {"steps": steps}},
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": {
                "metadata": {"name": "{{ .name }}", "namespace": NAMESPACE, "labels": labels},
                "spec": {"project": "{{ .spec.project }}", "destination": {"server": SERVER}},
            },
            "templatePatch": PATCH,
        },
    }
