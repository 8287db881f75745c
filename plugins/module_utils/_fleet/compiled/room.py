# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One namespace on one cluster, with everything that it is made from."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ..model import Cluster, Environment, Fleet, Project, Team

Object = dict[str, t.Any]
Files = dict[str, tuple[Object, ...]]
"""Path below rendered/<cluster>/ -> what the file holds."""

TEAM_LABEL = "seaworthy.dev/team"
PROJECT_LABEL = "seaworthy.dev/project"
ENVIRONMENT_LABEL = "seaworthy.dev/environment"
COST_LABEL = "seaworthy.dev/cost-center"


@dataclasses.dataclass(frozen=True)
class Room:
    fleet: Fleet
    cluster: Cluster
    team: Team
    project: Project
    environment: str

    @functools.cached_property
    def namespace(self) -> str:
        return self.project.namespaces[self.environment]

    @functools.cached_property
    def setting(self) -> Environment:
        return self.fleet.platform.environment(self.environment)

    @functools.cached_property
    def labels(self) -> dict[str, str]:
        found = {
            TEAM_LABEL: self.team.name,
            PROJECT_LABEL: self.project.name,
            ENVIRONMENT_LABEL: self.environment,
        }
        return {**found, COST_LABEL: self.team.cost_center} if self.team.cost_center else found

    def groups(self) -> list[tuple[str, str]]:
        """Return (role, group) of the team and of the project, by role."""
        pairs = {*self.team.groups.items(), *self.project.groups.items()}
        return sorted(pairs)

    def id_of(self, group: str, identity: str) -> str:
        return self.fleet.groups.ids[group][identity]

    def metadata(self, name: str) -> dict[str, t.Any]:
        return {"name": name, "namespace": self.namespace}


def rooms_of(fleet: Fleet, cluster: Cluster) -> list[Room]:
    """Return the namespaces of a cluster, by team, project and environment."""
    return [
        Room(fleet, cluster, fleet.teams[project.team], project, environment)
        for project in sorted(fleet.projects.values(), key=lambda project: (project.team, project.name))
        for environment in cluster.environments
        if environment in project.namespaces
    ]
