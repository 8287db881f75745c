# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that people hold, as the fleet needs to know them: who is bound to which ClusterRole where.

What each ClusterRole may do is written once, by role ``rbac``; a test holds the names here and there together.
Source of the catalogue: the roles of platform teams as in Kubernetes' own view/edit/admin, without Secrets.
"""

from __future__ import annotations

import typing as t


class Role(t.NamedTuple):
    """``production`` is the ClusterRole in production, where less is allowed; ``argocd`` and ``folder`` are what the
    same people may do in Argo CD (actions on the team's applications) and in the team's Grafana folder."""

    cluster_role: str
    production: str
    argocd: tuple[str, ...] = ("get",)
    folder: str = "View"


CATALOGUE: dict[str, Role] = {
    "team-admin": Role("seaworthy-team-admin", "seaworthy-team-admin-production", ("get", "sync", "override"), "Edit"),
    "developer": Role("seaworthy-developer", "seaworthy-developer-production", ("get", "sync"), "Edit"),
    "viewer": Role("seaworthy-viewer", "seaworthy-viewer"),
    "ci": Role("seaworthy-ci", "seaworthy-ci", ("sync",), ""),
}
TEAM_ROLES = tuple(CATALOGUE)

FORBIDDEN = frozenset(
    {
        "secrets",
        "serviceaccounts/token",
        "pods/exec",
        "pods/attach",
        "pods/ephemeralcontainers",
        "secretstores",
        "clustersecretstores",
        "externalsecrets",
        "roles",
        "rolebindings",
        "clusterroles",
        "clusterrolebindings",
        "networkpolicies",
        "resourcequotas",
        "limitranges",
    }
)
"""Resources that no role of a company may add: each opens a way to Secrets or out of the team's own limits."""

DEPLOYER = "seaworthy-deployer"
"""The ClusterRole of the service account that applies a team's manifests: workloads and config, no Secrets."""
