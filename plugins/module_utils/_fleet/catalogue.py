# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that people hold, as the fleet needs to know them: who is bound to which ClusterRole where.

What each ClusterRole may do is written once, by whoever brings the catalogue to a cluster; here are only names.
"""

from __future__ import annotations

import typing as t


class Role(t.NamedTuple):
    """``debug`` is held besides outside production; ``argocd`` and ``folder`` are what the same people may do in Argo
    CD (actions on the team's applications) and in the team's Grafana folder."""

    cluster_role: str
    debug: str = ""
    argocd: tuple[str, ...] = ("get",)
    folder: str = "View"


CATALOGUE: dict[str, Role] = {
    "team-admin": Role("platform:team-admin", "platform:developer-debug", ("get", "sync", "override"), "Edit"),
    "developer": Role("platform:developer", "platform:developer-debug", ("get", "sync"), "Edit"),
    "viewer": Role("platform:viewer"),
    "ci": Role("platform:ci", argocd=("sync",), folder=""),
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

DEPLOYER = "platform:developer"
"""The ClusterRole of the service account that applies a team's manifests: what its developers may do, and no more."""
