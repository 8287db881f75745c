# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real pool stands for a declared one, where one cannot be changed and another is made in its place. Pure.

No cloud renames a pool. So a replacement gets a name of its own and a mark that says for whom it stands; the planner
then sees a document in which the replacement is declared and the old pool is declared absent.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

from .cloud import Cloud
from .observed import Document, Observed
from .preflight import differences, is_ours, pool_rows, to_create
from .spec import PoolSpec, Spec


def settled(spec: Spec, observed: Observed) -> Spec:
    """Return the document with each declared pool under the name of the real pool that stands for it."""
    if spec.pools is None or not spec.cloud.marks.pool_key:
        return spec
    pools: dict[str, PoolSpec] = {}
    for name, pool in spec.pools.items():
        pools.update(_standing(spec, observed, name, pool))
    return dataclasses.replace(spec, pools=pools)


def _standing(spec: Spec, observed: Observed, name: str, pool: PoolSpec) -> dict[str, PoolSpec]:
    marked = [other for other, found in observed.pools.items() if _stands_for(spec, found) == name]
    own = [name] if name in observed.pools else []
    candidates = [*own, *sorted(marked)]
    if pool.absent:
        return {other: dataclasses.replace(pool, name=other) for other in candidates} or {name: pool}
    fitting = [other for other in candidates if _fits(spec.cloud, observed, other, pool)]
    if fitting:
        chosen = fitting[-1]
    elif candidates and spec.run.get("replace") == "pools":
        chosen = replacement_name(spec.cloud, name, _demands(spec.cloud, pool))
    else:
        chosen = candidates[-1] if candidates else name
    left = [other for other in candidates if other != chosen]
    gone = {other: PoolSpec(other, absent=True, stands_for=chosen) for other in left}
    return {**gone, chosen: _named(spec, observed, chosen, name, pool, left)}


def _stands_for(spec: Spec, pool: Document) -> str:
    return str(spec.cloud.tags_of(pool).get(spec.cloud.marks.pool_key, "")) if is_ours(spec, pool) else ""


def _fits(cloud: Cloud, observed: Observed, name: str, pool: PoolSpec) -> bool:
    """Tell whether a pool is, or can be made, what is declared."""
    if to_create(cloud, observed, name):
        return False
    found = differences(cloud, pool_rows(cloud, pool), pool.fields, observed.pools[name])
    return all(item.possible for item in found)


def _demands(cloud: Cloud, pool: PoolSpec) -> dict[str, t.Any]:
    fixed = {row.path for row in pool_rows(cloud, pool) if row.kind == "recreate"}
    return {path: value for path, value in pool.fields.items() if path in fixed}


def replacement_name(cloud: Cloud, name: str, demands: t.Mapping[str, t.Any]) -> str:
    """Return the same name for the same demands, so that a run that was cut short finds what it made."""
    digest = hashlib.sha256(json.dumps([name, demands], sort_keys=True, default=str).encode()).hexdigest()
    return cloud.replacement(name, digest[:6])


def _named(spec: Spec, observed: Observed, chosen: str, name: str, pool: PoolSpec, left: t.Sequence[str]) -> PoolSpec:
    """Return the pool under its real name; one that is yet to be made starts as large as the one it replaces."""
    if chosen == name:
        return pool
    if not to_create(spec.cloud, observed, chosen):
        return dataclasses.replace(pool, name=chosen, stands_for=name)
    sizes = [spec.cloud.pool_size(observed.pools[other]) for other in left]
    initial = max([pool.initial_size or 0, *sizes]) if pool.autoscaling else pool.initial_size
    tags = {**(pool.tags or {}), spec.cloud.marks.pool_key: name}
    return dataclasses.replace(pool, name=chosen, stands_for=name, initial_size=initial, tags=tags)
