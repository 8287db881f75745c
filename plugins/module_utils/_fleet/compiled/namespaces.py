# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A team's namespace as Kubernetes objects: guarded, limited, closed, and open to the team's groups."""

from __future__ import annotations

import typing as t

from ..catalogue import CATALOGUE, DEPLOYER
from ..model import CustomRole
from .network import policies
from .room import Files, Object, Room

RBAC = "rbac.authorization.k8s.io"
SECRET_PREFIX = "seaworthy.dev/secret-prefix"
"""Annotation that the policies read: below which path of the store a team's secrets stand."""
SERVICE_ACCOUNT = "deployer"
"""Who applies a team's manifests in its namespace: Argo CD and Flux impersonate it, so Git can do no more."""


def namespace_files(rooms: t.Iterable[Room]) -> Files:
    return {f"tenancy/{room.team.name}/{room.namespace}.yaml": tuple(_objects(room)) for room in rooms}


def _objects(room: Room) -> t.Iterator[Object]:
    yield _namespace(room)
    yield from _quota(room)
    yield _limits(room)
    yield from policies(room)
    deployer = room.metadata(SERVICE_ACCOUNT)
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": deployer, "automountServiceAccountToken": False}
    yield _binding(room, SERVICE_ACCOUNT, Reference("ClusterRole", DEPLOYER), [{"kind": "ServiceAccount", **deployer}])
    yield from _roles(room)
    yield from _bindings(room)


def _namespace(room: Room) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": room.namespace,
            "labels": {**room.labels, **pod_security(room)},
            "annotations": {SECRET_PREFIX: room.team.secret_prefix},
        },
    }


def pod_security(room: Room) -> dict[str, str]:
    """Return the labels of Pod Security: in mode audit nothing is refused that the baseline allows."""
    platform, policies_by_name = room.fleet.platform, room.fleet.policies
    name = room.project.policy or platform.policy
    policy = policies_by_name[name] if name else None
    level, mode = (policy.pod_security, policy.modes.get(room.environment)) if policy else ("restricted", "enforce")
    for exception in policy.exceptions if policy else ():
        if exception["namespace"] == room.namespace:
            level = exception["pod_security"]
    enforced = "baseline" if mode == "audit" and level == "restricted" else level
    prefix = "pod-security.kubernetes.io"
    return {f"{prefix}/enforce": enforced, f"{prefix}/warn": level, f"{prefix}/audit": level}


def quota_class(room: Room) -> str | None:
    """Return the class of a namespace: the project's word, else the team's, else the environment's."""
    return room.project.quotas.get(room.environment) or room.team.quota or room.setting.quota


def _quota(room: Room) -> t.Iterator[Object]:
    name = quota_class(room)
    if name:
        hard = dict(room.fleet.platform.quotas[name])
        yield {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": room.metadata("platform"),
            "spec": {"hard": hard},
        }


def _limits(room: Room) -> Object:
    platform = room.fleet.platform
    entry = {"type": "Container", "defaultRequest": dict(platform.requests), "default": dict(platform.limits)}
    metadata = room.metadata("platform")
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": [entry]}}


def _bindings(room: Room) -> t.Iterator[Object]:
    subjects: dict[Reference, list[dict[str, str]]] = {}
    for role, group in room.groups():
        name = room.cluster.group_prefix + room.id_of(group, room.cluster.api_identity)
        subject = {"apiGroup": RBAC, "kind": "Group", "name": name}
        for reference in references(room, role):
            members = subjects.setdefault(reference, [])
            members += [subject] if subject not in members else []
    for reference, members in sorted(subjects.items()):
        yield _binding(room, reference.name, reference, members)


class Reference(t.NamedTuple):
    """What a binding gives: a ClusterRole of the catalogue, or a Role of the company in its own namespace."""

    kind: str
    name: str


def references(room: Room, role: str) -> list[Reference]:
    """Return what a role is made of in this environment."""
    custom = room.fleet.roles.get(role)
    row = CATALOGUE[custom.extends if custom else role]
    found = [Reference("ClusterRole", row.cluster_role)]
    if row.debug and not room.setting.production:
        found.append(Reference("ClusterRole", row.debug))
    return [*found, Reference("Role", _name(custom))] if custom else found


def _binding(room: Room, name: str, role: Reference, subjects: list[dict[str, str]]) -> Object:
    """A binding is named after its role: the role of a binding cannot be changed."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": room.metadata(name),
        "roleRef": {"apiGroup": RBAC, **role._asdict()},
        "subjects": subjects,
    }


def _name(role: CustomRole) -> str:
    return f"fleet:{role.name}"


def _roles(room: Room) -> t.Iterator[Object]:
    """Roles of the company stand in each namespace, where policies judge what they may hold."""
    used = {role for role, _group in room.groups()}
    for name in sorted(used & room.fleet.roles.keys()):
        role = room.fleet.roles[name]
        metadata = room.metadata(_name(role))
        yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": list(map(_rule, role.rules))}


def _rule(rule: t.Mapping[str, list[str]]) -> Object:
    return {
        "apiGroups": ["" if group == "core" else group for group in rule["api_groups"]],
        "resources": rule["resources"],
        "verbs": rule["verbs"],
    }
