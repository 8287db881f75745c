# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action is about to change, as it is at this moment. Pure.

EKS has neither etags nor preconditions: a look right before a write is all that keeps two runs from doing one thing
twice.
"""

from __future__ import annotations

import typing as t

from ..observed import Document, read_field
from . import access, addons
from .fields import CLUSTER_FIELDS
from .passed import passed_field, passed_pool_field
from .pools import POOL_FIELDS


def value_of(target: str, document: Document, path: str) -> t.Any:
    """Return what a path of an action on a target has now, in the words of the action's ``before``."""
    thing, group = target.partition(" ")[0], path.partition(".")[0]
    if group == "tags":
        return (document.get("tags") or {}).get(path.partition(".")[2])
    if thing == "addon":
        return addons.as_seen(document).get(path)
    if thing == "access":
        return _of_entry(document, path)
    return _of_fields(thing == "pool", document, path)


def _of_entry(entry: Document, path: str) -> t.Any:
    """Return a value of an access entry; policies are told one by one, by their short names."""
    seen = access.as_seen(entry)
    seen.update({f"policies.{access.short(arn)}": scope for arn, scope in seen.pop("policies").items()})
    return seen.get(path)


def _of_fields(of_pool: bool, document: Document, path: str) -> t.Any:
    rows, passed = (POOL_FIELDS, passed_pool_field) if of_pool else (CLUSTER_FIELDS, passed_field)
    group, _dot, name = path.partition(".")
    field = passed(name) if group == "extra" else next(row for row in rows if row.path == path)
    return read_field(field, document)
