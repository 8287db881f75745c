# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The managed fields of a cluster before and after a run, for people to compare. Pure."""

from __future__ import annotations

import typing as t

from .observed import Document, Observed, read_field
from .options import Field, set_path
from .parts import with_parts
from .preflight import moved_version, pool_rows, removed_pools, to_create
from .spec import Spec
from .tags import created_fields, owned_tags, shown_tags, tags_after


def documents(spec: Spec, observed: Observed) -> dict[str, t.Any]:
    """Return the managed fields before and after, as nested documents. Nothing that we do not manage is in them."""
    if spec.absent:
        exists = observed.cluster is not None
        pools = {name: {"version": spec.cloud.pool_version(pool)} for name, pool in sorted(observed.pools.items())}
        before = {"name": spec.place.name, "state": "present", "node_pools": pools} if exists else absent(spec)
        return {"before": before, "after": absent(spec)}
    return {"before": document_before(spec, observed), "after": document_after(spec, observed)}


def absent(spec: Spec) -> dict[str, t.Any]:
    return {"name": spec.place.name, "state": "absent"}


def nested(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    document: dict[str, t.Any] = {}
    for path, value in values.items():
        set_path(document, path, value)
    return document


def document_before(spec: Spec, observed: Observed) -> dict[str, t.Any]:
    cluster = observed.cluster
    if cluster is None:
        return absent(spec)
    fields = {field.path: read_field(field, cluster) for field in spec.rows if field.path in spec.fields}
    document = {"name": spec.place.name, "state": "present", **nested(fields)}
    with_parts(document, spec.cloud.parts(spec, observed), "before")
    document["tags"] = shown_tags(spec, spec.tags, cluster)
    document["node_pools"] = {
        name: pool_before(spec, name, observed) for name in concerned_pools(spec, observed) if name in observed.pools
    }
    return document


def pool_before(spec: Spec, name: str, observed: Observed) -> dict[str, t.Any]:
    pool = (spec.pools or {}).get(name)
    if pool is None or pool.absent or to_create(spec.cloud, observed, name):
        return {"version": spec.cloud.pool_version(observed.pools[name])}
    wanted = {*pool.fields, *(["version"] if moved_version(spec, name) else [])}
    document = observed.pools[name]
    fields = {field.path: read_field(field, document) for field in pool_rows(spec.cloud, pool) if field.path in wanted}
    return {**nested(fields), "tags": shown_tags(spec, pool.tags, document)}


def document_after(spec: Spec, observed: Observed) -> dict[str, t.Any]:
    creating = observed.cluster is None
    document = {
        "name": spec.place.name,
        "state": "present",
        **nested(created_fields(spec) if creating else ordered(spec, observed)),
    }
    with_parts(document, spec.cloud.parts(spec, observed), "after")
    document["tags"] = tags_after(spec, spec.tags, observed.cluster or {})
    pools = {
        name: pool_after(spec, name, observed)
        for name in concerned_pools(spec, observed)
        if name not in removed_pools(spec, observed)
    }
    document["node_pools"] = pools
    return document


def ordered(spec: Spec, observed: Observed) -> dict[str, t.Any]:
    """Return the desired fields, spelt as observed where they are equal: a set in another order is no difference."""
    return equal_as_observed(spec, spec.rows, spec.fields, observed.cluster or {})


def equal_as_observed(
    spec: Spec, fields: t.Iterable[Field], wanted: t.Mapping[str, t.Any], document: Document
) -> dict[str, t.Any]:
    spelt = {}
    for field in fields:
        if field.path in wanted:
            seen = read_field(field, document)
            equal = spec.cloud.equal(field, seen, wanted[field.path], document)
            spelt[field.path] = seen if equal else wanted[field.path]
    return spelt


def pool_after(spec: Spec, name: str, observed: Observed) -> dict[str, t.Any]:
    pool = (spec.pools or {})[name]
    version = moved_version(spec, name)
    if to_create(spec.cloud, observed, name):
        fields = spec.cloud.new_pool(spec, pool, observed, version)
        return {**nested(fields), "tags": owned_tags(spec, pool.tags)}
    document = observed.pools[name]
    wanted = {**pool.fields, **({"version": version} if version else {})}
    tags = tags_after(spec, pool.tags, document)
    return {**nested(equal_as_observed(spec, pool_rows(spec.cloud, pool), wanted, document)), "tags": tags}


def concerned_pools(spec: Spec, observed: Observed) -> list[str]:
    wanted = {name for name, pool in (spec.pools or {}).items() if not pool.absent}
    return sorted(wanted | set(removed_pools(spec, observed)))
