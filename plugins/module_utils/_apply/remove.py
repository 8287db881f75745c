# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opposite of applying: the set's own objects go, newest stage first; data and definitions stay.

Nothing is deleted that does not carry the set's label, nor anything that was made anew since it was read (its
UID is the precondition). A CustomResourceDefinition would take everybody's resources with it, a volume its data,
a Namespace whatever else lives in it.
"""

from __future__ import annotations

from .apply import Hands
from .delete import Victim, defined_groups, labelled, victim_of
from .order import GroupKind

# Never deleted with a set, and why.
KEPT: dict[GroupKind, str] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "its resources of other owners would go with it",
    ("", "PersistentVolumeClaim"): "it holds data",
    ("", "PersistentVolume"): "it holds data",
}


def victims(hands: Hands, set_name: str) -> list[Victim]:
    """Return everything that carries the set's label, whatever its kind, newest stage first."""
    pairs = labelled(hands, set_name)
    groups = defined_groups(obj for _resource, obj in pairs)
    found = [victim_of(resource, obj, groups, KEPT.get(resource.kind.group_kind, "")) for resource, obj in pairs]
    return sorted(found, key=lambda victim: -victim.stage)
