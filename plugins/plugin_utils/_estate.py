# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters and environments for a fleet, from the hosts of the inventory."""

from __future__ import annotations

import typing as t

from ._inprocess import plain

GROUP = "platform_clusters"
ENVIRONMENTS = "platform_environments"
DEFAULT_ENVIRONMENTS = ["dev", "staging", "prod"]
Variables = t.Mapping[str, t.Any]


def environments_of(values: Variables) -> list[str]:
    """Return the environments in their order of promotion."""
    return t.cast("list[str]", plain(values.get(ENVIRONMENTS, DEFAULT_ENVIRONMENTS)))


def clusters_of(task_vars: Variables) -> dict[str, dict[str, t.Any]]:
    """Return every cluster of the inventory by its name, whatever ``--limit`` says."""
    hosts = (task_vars.get("groups") or {}).get(GROUP) or []
    hostvars = task_vars.get("hostvars") or {}
    return dict(_cluster(str(host), hostvars[host]) for host in hosts)


def _cluster(host: str, values: Variables) -> tuple[str, dict[str, t.Any]]:
    environment = plain(values.get("platform_environment", ""))
    given = {
        "provider": values.get("cluster_provider"),
        "environments": values.get("tenancy_environments") or ([environment] if environment else None),
        "identity": values.get("tenancy_identity_provider"),
        "group_prefix": values.get("tenancy_group_prefix") or None,
        "domain": values.get("platform_domain") or None,
        "secret_stores": values.get("tenancy_secret_stores"),
    }
    return host, {name: plain(value) for name, value in given.items() if value is not None}
