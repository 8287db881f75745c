# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a namespace gets its team's secrets: a store with the team's own identity, and what each application names.

Source of the fields: External Secrets Operator, API external-secrets.io/v1, page of each provider.
"""

from __future__ import annotations

import typing as t

from ..model import Cluster, Team
from .releases import Release
from .room import Files, Object, Room

API = "external-secrets.io/v1"
STORE = "team"
SERVICE_ACCOUNT = "secret-store"
OPERATOR = {"kind": "ServiceAccount", "name": "external-secrets", "namespace": "external-secrets"}
RBAC = "rbac.authorization.k8s.io"
INTERVAL = "1h"
BACKEND_OF = {"eks": "aws-secrets-manager", "aks": "azure-key-vault", "gke": "google-secret-manager"}
Facts = t.Mapping[str, str]


def _reference() -> Object:
    return {"serviceAccountRef": {"name": SERVICE_ACCOUNT}}


def _aws(facts: Facts, _identity: str) -> Object:
    return {"aws": {"service": "SecretsManager", "region": facts["region"], "auth": {"jwt": _reference()}}}


def _azure(facts: Facts, _identity: str) -> Object:
    return {"azurekv": {"vaultUrl": facts["vault_url"], "authType": "WorkloadIdentity", **_reference()}}


def _google(facts: Facts, _identity: str) -> Object:
    names = {"location": "clusterLocation", "cluster": "clusterName"}
    cluster = {names[fact]: facts[fact] for fact in names if fact in facts}
    return {"gcpsm": {"projectID": facts["project"], "auth": {"workloadIdentity": {**_reference(), **cluster}}}}


def _vault(facts: Facts, identity: str) -> Object:
    auth = {"kubernetes": {"mountPath": facts.get("mount", "kubernetes"), "role": identity, **_reference()}}
    return {"vault": {"server": facts["server"], "path": facts.get("path", "secret"), "version": "v2", "auth": auth}}


class Backend(t.NamedTuple):
    """``needs`` are the facts of a cluster without which there is no store; ``annotation`` carries the identity."""

    needs: tuple[str, ...]
    provider: t.Callable[[Facts, str], Object]
    annotation: str = ""


BACKENDS: dict[str, Backend] = {
    "aws-secrets-manager": Backend(("region", "identity"), _aws, "eks.amazonaws.com/role-arn"),
    "azure-key-vault": Backend(("vault_url", "identity"), _azure, "azure.workload.identity/client-id"),
    "google-secret-manager": Backend(("project", "identity"), _google, "iam.gke.io/gcp-service-account"),
    "vault": Backend(("server", "identity"), _vault),
}


def backend_of(team: Team, cluster: Cluster) -> str:
    """Return the store of a team on a cluster: its own word, else that of the cloud, else Vault."""
    return team.secret_backend or BACKEND_OF.get(cluster.provider, "vault")


def secret_files(rooms: t.Iterable[Room], releases: t.Iterable[Release]) -> Files:
    """Return stores and what they bring. A cluster whose inventory names no store of a team's backend has none."""
    files: Files = {}
    for room in rooms:
        facts = room.cluster.secret_stores.get(backend_of(room.team, room.cluster))
        if facts is not None:
            files[f"secrets/{room.team.name}/{room.namespace}.yaml"] = tuple(_store(room, facts))
    for release in releases:
        room = release.room
        if release.app.secrets and f"secrets/{room.team.name}/{room.namespace}.yaml" in files:
            found = tuple(_external(release, name) for name in sorted(release.app.secrets))
            files[f"secrets/{room.team.name}/applications/{release.name}.yaml"] = found
    return files


def identity_of(team: Team, facts: Facts) -> str:
    """Return the cloud identity of a team: ``identity/TEAM`` if that is given, else ``identity`` with its name."""
    return facts.get(f"identity/{team.name}") or facts["identity"].replace("{team}", team.name)


def _store(room: Room, facts: Facts) -> t.Iterator[Object]:
    backend = BACKENDS[backend_of(room.team, room.cluster)]
    identity = identity_of(room.team, facts)
    metadata = room.metadata(SERVICE_ACCOUNT)
    if backend.annotation:
        metadata = {**metadata, "annotations": {backend.annotation: identity}}
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False}
    yield from _token(room)
    yield {
        "apiVersion": API,
        "kind": "SecretStore",
        "metadata": room.metadata(STORE),
        "spec": {"provider": backend.provider(facts, identity)},
    }


def _token(room: Room) -> t.Iterator[Object]:
    """Let the operator ask for a token of this one account; it may do so nowhere by itself."""
    rule = {
        "apiGroups": [""],
        "resources": ["serviceaccounts/token"],
        "resourceNames": [SERVICE_ACCOUNT],
        "verbs": ["create"],
    }
    metadata = room.metadata(SERVICE_ACCOUNT)
    yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": [rule]}
    yield {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": SERVICE_ACCOUNT},
        "subjects": [OPERATOR],
    }


def _external(release: Release, name: str) -> Object:
    # Policies let a team's pods use only Secrets whose names begin with the team's.
    target = f"{release.app.label.replace('/', '-')}-{name}"
    return {
        "apiVersion": API,
        "kind": "ExternalSecret",
        "metadata": {**release.room.metadata(target), "labels": release.room.labels},
        "spec": {
            "refreshInterval": INTERVAL,
            "secretStoreRef": {"kind": "SecretStore", "name": STORE},
            "target": {"name": target, "creationPolicy": "Owner"},
            "dataFrom": [{"extract": {"key": release.app.secrets[name]}}],
        },
    }
