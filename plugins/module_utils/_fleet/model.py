# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as typed values, and the clusters and environments that the inventory says there are."""

from __future__ import annotations

import dataclasses
import typing as t

from .source import Document

Texts = t.Mapping[str, str]
ANY = Document("", None)


@dataclasses.dataclass(frozen=True)
class Environment:
    """What an environment of the inventory means for teams."""

    production: bool = False
    quota: str | None = None
    sync_windows: tuple[Texts, ...] = ()


@dataclasses.dataclass(frozen=True)
class Platform:
    document: Document
    company: str
    engine: str
    repository: Texts
    environments: t.Mapping[str, Environment]
    quotas: t.Mapping[str, Texts]
    requests: Texts
    limits: Texts
    policy: str | None

    def environment(self, name: str) -> Environment:
        return self.environments.get(name, Environment())


@dataclasses.dataclass(frozen=True)
class Groups:
    """Ids of each group by identity provider."""

    document: Document
    ids: t.Mapping[str, Texts]


@dataclasses.dataclass(frozen=True)
class CustomRole:
    name: str
    document: Document
    extends: str
    rules: tuple[t.Mapping[str, list[str]], ...]


@dataclasses.dataclass(frozen=True)
class Policy:
    name: str
    document: Document
    pod_security: str
    modes: Texts
    exceptions: tuple[Texts, ...]


@dataclasses.dataclass(frozen=True)
class Team:
    name: str
    document: Document
    title: str
    owners: tuple[str, ...]
    groups: Texts
    receivers: Texts
    secret_prefix: str
    secret_backend: str | None
    quota: str | None
    cost_center: str | None


@dataclasses.dataclass(frozen=True)
class Project:
    name: str
    team: str
    document: Document
    repos: tuple[str, ...]
    namespaces: Texts
    groups: Texts
    ingress: tuple[t.Mapping[str, t.Any], ...]
    egress: tuple[t.Mapping[str, t.Any], ...]
    quotas: Texts
    policy: str | None


@dataclasses.dataclass(frozen=True)
class Application:
    """``environments`` holds what differs by environment: revision and values."""

    name: str
    team: str
    document: Document
    project: str
    source: t.Mapping[str, t.Any]
    promotion: tuple[str, ...]
    secrets: Texts
    slo: float | None
    probes: tuple[str, ...]
    runbook: str | None
    environments: t.Mapping[str, AppEnvironment]

    @property
    def label(self) -> str:
        return f"{self.team}/{self.name}"


@dataclasses.dataclass(frozen=True)
class AppEnvironment:
    document: Document
    revision: str | None
    values: t.Any


@dataclasses.dataclass(frozen=True)
class AppGroup:
    name: str
    document: Document
    waves: tuple[tuple[str, ...], ...]
    after: tuple[str, ...]
    environments: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Fleet:
    """Everything by name; applications by TEAM/APPLICATION."""

    platform: Platform
    groups: Groups
    roles: t.Mapping[str, CustomRole]
    policies: t.Mapping[str, Policy]
    teams: t.Mapping[str, Team]
    projects: t.Mapping[str, Project]
    applications: t.Mapping[str, Application]
    app_groups: t.Mapping[str, AppGroup]


@dataclasses.dataclass(frozen=True)
class Cluster:
    """One cluster of the inventory.

    ``identity`` is the identity provider of its tools (keycloak, entra, cognito, google); ``group_prefix`` is what its
    API puts before each group; ``secret_stores`` holds by backend what its SecretStores need.
    """

    name: str
    provider: str
    environments: tuple[str, ...]
    identity: str = "keycloak"
    group_prefix: str = ""
    domain: str = ""
    secret_stores: t.Mapping[str, Texts] = dataclasses.field(default_factory=dict)

    @property
    def api_identity(self) -> str:
        """Return whose group ids the cluster's API knows: AKS knows Entra's and GKE knows Google's alone."""
        return {"aks": "entra", "gke": "google"}.get(self.provider, self.identity)


@dataclasses.dataclass(frozen=True)
class Estate:
    """What the inventory says: environments in their order of promotion, and clusters."""

    environments: tuple[str, ...]
    clusters: tuple[Cluster, ...]

    def holding(self, environment: str) -> tuple[Cluster, ...]:
        return tuple(cluster for cluster in self.clusters if environment in cluster.environments)

    def cluster(self, name: str) -> Cluster | None:
        return next((cluster for cluster in self.clusters if cluster.name == name), None)
