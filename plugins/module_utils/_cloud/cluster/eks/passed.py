# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes to the API of EKS as it is: members of a request that have no option of ours. Pure."""

from __future__ import annotations

import typing as t

from ..options import Field

CREATED = {"outpostConfig", "bootstrapSelfManagedAddons"}
"""Members of CreateCluster that the API neither returns nor changes."""
CHANGED_TOGETHER = {"nodeRepairConfig", "warmPoolConfig", "updateConfig"}
"""Members of UpdateNodegroupConfig; any other member of CreateNodegroup stays as it was made."""


def holds(observed: t.Any, desired: t.Any) -> bool:
    """Tell whether what is there has everything that is written, whatever else it has."""
    if isinstance(desired, t.Mapping):
        return isinstance(observed, t.Mapping) and all(holds(observed.get(key), item) for key, item in desired.items())
    return bool(observed == desired)


def passed_field(name: str) -> Field:
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="create_only" if name in CREATED else "update",
        api=name,
        group="" if name in CREATED else f"extra.{name}",
        call="" if name in CREATED else "update_cluster_config",
        source="EKS UpdateClusterConfig: one kind of change a call",
        compare=(lambda observed, desired: True) if name in CREATED else holds,
        doc=("Passed to the API as it is.",),
    )


def passed_pool_field(name: str) -> Field:
    changes = name in CHANGED_TOGETHER
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="update" if changes else "recreate",
        api=name,
        group="config" if changes else "",
        call="update_nodegroup_config" if changes else "",
        source="EKS UpdateNodegroupConfig",
        compare=holds,
        doc=("Passed to the API as it is.",),
    )
