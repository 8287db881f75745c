# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of a cluster or pool: which are ours, which change, which are shown. Pure."""

from __future__ import annotations

import typing as t

from .observed import Document
from .spec import Spec

Tags = t.Mapping[str, str]


def owned_tags(spec: Spec, tags: Tags | None) -> dict[str, str]:
    return {**(tags or {}), spec.cloud.marks.key: spec.cloud.mark(spec.owner)}


def tag_changes(spec: Spec, desired: Tags | None, document: Document) -> tuple[dict[str, str], list[str]]:
    """Return the tags to set and the keys to remove. Tags of the vendor and the ownership tag are never removed."""
    now = spec.cloud.tags_of(document)
    then = owned_tags(spec, desired)
    added = {key: value for key, value in then.items() if now.get(key) != value}
    if desired is None or not spec.purge_tags:
        return added, []
    return added, sorted(key for key in now if key not in then and not spec.cloud.is_vendors(key))


def shown_tags(spec: Spec, desired: Tags | None, document: Document) -> dict[str, str]:
    """Return the observed tags that a run may touch."""
    purging = desired is not None and spec.purge_tags
    owned = owned_tags(spec, desired)
    return {
        key: value
        for key, value in spec.cloud.tags_of(document).items()
        if key in owned or (purging and not spec.cloud.is_vendors(key))
    }


def tags_after(spec: Spec, desired: Tags | None, document: Document) -> dict[str, str]:
    owned = owned_tags(spec, desired)
    return {**{key: owned[key] for key in spec.cloud.tags_of(document) if key in owned}, **owned}


def created_fields(spec: Spec) -> dict[str, t.Any]:
    """Return the fields of a cluster to create: what is set, and our defaults where the API's cost money."""
    defaults = {
        field.path: field.create_default for field in spec.cloud.cluster_fields if field.create_default is not None
    }
    return {**defaults, **spec.fields}
