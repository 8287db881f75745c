# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on agent pools. Each trusts that every rule was asked before it."""

from __future__ import annotations

import copy
import typing as t

from . import offers, work
from .protocol import Json
from .rules import Call
from .store import Cluster, Pool
from .work import Reply, World

READ_ONLY = ("provisioningState", "powerState", "currentOrchestratorVersion", "eTag", "status")
ROLLING = ("osSKU",)
"""What replaces the nodes of a pool when it changes, beside its version."""


def asked_of(properties: t.Mapping[str, t.Any]) -> Json:
    return copy.deepcopy({name: value for name, value in properties.items() if name not in READ_ONLY})


def put_pool(world: World, call: Call) -> Reply:
    name, asked = call.place.pool, asked_of(call.body.get("properties") or {})
    if call.pool is None:
        return _create(world, call, {"name": name, **asked})
    pool, before = call.pool, copy.deepcopy(call.pool.record)
    record = work.merged(pool.record, asked)
    if not record.get("enableAutoScaling"):
        record = {path: value for path, value in record.items() if path not in ("minCount", "maxCount")}
    call.drafts = {name: record}
    failed = pool.state == "Failed"
    version = record["orchestratorVersion"]
    moves = version not in (before["orchestratorVersion"], before["currentOrchestratorVersion"])
    work.begin(world, call, "upgrade pool" if moves else "update pool", name)
    pool.record = call.drafts[name]
    pool.state = "Upgrading" if moves else "Scaling" if before["count"] != record.get("count") else "Updating"
    pool.seal()
    rolls = moves or any(before.get(path) != record.get(path) for path in ROLLING)

    def finish() -> None:
        if moves:
            pool.record["currentOrchestratorVersion"] = offers.patch(version) or version
        pool.generation += rolls
        deploy(world, call.here, pool)
        pool.state = "Failed" if failed and not call.repaired else "Succeeded"
        pool.seal()

    work.run(world, call, call.here, finish, lambda: _fail(pool))
    return Reply(call.here.seen_pool(pool), 200, world.addresses(call.work, result=False))


def _fail(pool: Pool) -> None:
    pool.state = "Failed"


def _create(world: World, call: Call, record: Json) -> Reply:
    name = str(record["name"])
    call.drafts = {name: record}
    work.begin(world, call, "create pool", name)
    pool = Pool(call.drafts[name])
    pool.state = "Creating"
    pool.seal()
    call.here.pools[name] = pool

    def finish() -> None:
        deploy(world, call.here, pool)
        pool.state = "Succeeded"
        pool.seal()

    work.run(world, call, call.here, finish, lambda: _fail(pool))
    return Reply(call.here.seen_pool(pool), 201, world.addresses(call.work, result=False))


def deploy(world: World, cluster: Cluster, pool: Pool) -> None:
    """Let the nodes follow the pool's record; the autoscaler keeps their number within its bounds."""
    record = pool.record
    if record.get("enableAutoScaling"):
        record["count"] = min(max(int(record["count"]), record["minCount"]), record["maxCount"])
    world.plant.follow_pool(cluster, pool)


def get_pool(world: World, call: Call) -> Reply:
    return Reply(call.here.seen_pool(call.there))


def list_pools(world: World, call: Call) -> Reply:
    return Reply({"value": [call.here.seen_pool(pool) for pool in call.here.pools.values()]})


def delete_pool(world: World, call: Call) -> Reply:
    cluster, pool = call.here, call.there
    work.begin(world, call, "delete pool", pool.name)
    pool.state = "Deleting"

    def finish() -> None:
        world.plant.drop_pool(cluster, pool)
        cluster.pools.pop(pool.name, None)

    work.run(world, call, cluster, finish, lambda: _fail(pool))
    return Reply(None, 202, world.addresses(call.work, result=True))
