# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows for what ``extra`` passes through: members of a cluster's or a pool's ``properties``, as Azure spells them."""

from __future__ import annotations

import typing as t

from ..options import Field
from ..passed import holds

FIXED = frozenset({"diskEncryptionSetID", "dnsPrefix", "fqdnSubdomain", "nodeResourceGroup", "servicePrincipalProfile"})
"""Members of a cluster that stay as they were made. Source: Azure REST reference, ManagedCluster."""
CHANGED_OF_POOL = frozenset({"enableFIPS", "localDNSProfile", "networkProfile", "scaleDownMode", "securityProfile"})
"""Members of a pool that an existing one takes. Source: az aks nodepool update; any other is set at its creation."""
DOC = ("Passed to the API as it is.",)


def passed_field(name: str) -> Field:
    fixed = name in FIXED
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="immutable" if fixed else "update",
        api=f"properties.{name}",
        group="" if fixed else "config",
        call="" if fixed else "edit_cluster",
        source="AKS managedClusters PUT",
        compare=holds,
        doc=DOC,
    )


def passed_pool_field(name: str) -> Field:
    changes = name in CHANGED_OF_POOL
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="update" if changes else "recreate",
        api=name,
        group="config" if changes else "",
        call="edit_pool" if changes else "",
        source="AKS agentPools PUT",
        compare=holds,
        doc=DOC,
    )


def spread(path: str, value: t.Any) -> dict[str, t.Any]:
    """Return what is written, by path, so that what is beside it in the resource stays."""
    if not isinstance(value, t.Mapping) or not value:
        return {path: value}
    found: dict[str, t.Any] = {}
    for name, item in value.items():
        found.update(spread(f"{path}.{name}", item))
    return found
