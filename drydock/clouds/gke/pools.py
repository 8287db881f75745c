# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on node pools. Each trusts that every rule was asked before it."""

from __future__ import annotations

import hashlib
import typing as t

from . import changes, protocol, work
from .protocol import Message
from .rules import Call, Refusal
from .store import Cluster, Pool, enum, link
from .work import Failure, World


def adopt(world: World, call: Call, record: Message) -> Pool:
    """Put a new pool into its cluster; it has no nodes yet."""
    cluster = call.here
    record.status = enum("NodePool", "status", "PROVISIONING")
    record.self_link = link(cluster.project, cluster.location, f"clusters/{cluster.name}/nodePools/{record.name}")
    if not record.locations:
        record.locations.extend(cluster.record.locations)
    _name_groups(cluster, record)
    pool = cluster.pools[record.name] = Pool(record, call.sizes.get(record.name, record.initial_node_count))
    autoscale(pool)
    pool.seal()
    return pool


def _name_groups(cluster: Cluster, record: Message) -> None:
    """Give the pool one managed instance group per zone."""
    del record.instance_group_urls[:]
    for zone in record.locations:
        mark = hashlib.sha256(f"{cluster.record.id}/{record.name}/{zone}".encode()).hexdigest()[:8]
        group = f"gke-{cluster.name[:18]}-{record.name[:18]}-{mark}-grp"
        base = f"https://www.googleapis.com/compute/v1/projects/{cluster.project}/zones/{zone}"
        record.instance_group_urls.append(f"{base}/instanceGroupManagers/{group}")


def autoscale(pool: Pool) -> None:
    """Bring the number of nodes within the autoscaler's bounds, if it is on."""
    bounds, zones = pool.record.autoscaling, max(1, len(pool.record.locations))
    if bounds.enabled:
        low = max(bounds.min_node_count * zones, bounds.total_min_node_count)
        high = bounds.max_node_count * zones or bounds.total_max_node_count
        pool.size = min(max(pool.size, low), high or pool.size)


def deploy(world: World, cluster: Cluster, pool: Pool, *, replaced: bool = False) -> None:
    """Let the nodes follow the pool's record; ``replaced`` gives it new ones."""
    pool.deployed = protocol.copied(pool.record)
    pool.generation += replaced
    world.plant.follow_pool(cluster, pool)


def renew(world: World, cluster: Cluster, pool: Pool, record: Message, sizes: t.Mapping[str, int]) -> None:
    """Give a pool a changed record and its nodes the consequences."""
    moved = list(pool.record.locations) != list(record.locations)
    pool.record.CopyFrom(record)
    pool.size = sizes.get(pool.name, pool.size) if moved else pool.size
    _name_groups(cluster, pool.record)
    autoscale(pool)
    work.mark_sound(pool)
    deploy(world, cluster, pool)


def create_node_pool(world: World, call: Call) -> Message:
    record = protocol.copied(call.request.node_pool)
    call.drafts = [record]
    work.begin(world, call, "CREATE_NODE_POOL", record.name)
    pool = adopt(world, call, record)

    def finish() -> None:
        deploy(world, call.here, pool)
        work.mark_sound(pool)

    return work.run(world, call, finish, lambda failure: work.mark_broken(pool, "ERROR", failure, call.condition))


def get_node_pool(world: World, call: Call) -> Message:
    return protocol.copied(call.there.record)


def list_node_pools(world: World, call: Call) -> Message:
    found = protocol.new("ListNodePoolsResponse")
    found.node_pools.extend(pool.record for pool in call.here.pools.values())
    return found


def update_node_pool(world: World, call: Call) -> Message:
    unknown = changes.unknown_to_pools(call.request)
    if unknown:
        raise work.Refused(Refusal("UNIMPLEMENTED", f"drydock's GKE twin does not apply {unknown[0]}"))
    draft = protocol.copied(call.there.record)
    call.rolls = changes.apply_to_pool(draft, call.request)
    draft.version = call.request.node_version or draft.version
    call.drafts = [draft]
    return _change(world, call, call.there, draft, "UPGRADE_NODES")


def update_by_cluster(world: World, call: Call) -> Message:
    """Perform an UpdateCluster that is about one pool, or about all of them when it names none."""
    update, cluster = call.request.update, call.here
    wanted = [update.desired_node_pool_id] if update.desired_node_pool_id else list(cluster.pools)
    call.drafts = [protocol.copied(cluster.pools[name].record) for name in wanted if name in cluster.pools]
    if not call.drafts:
        raise work.Refused(Refusal("NOT_FOUND", f'Not found: node pool "{wanted[0]}" not found.'))
    for draft in call.drafts:
        draft.version = update.desired_node_version or draft.version
        draft.config.image_type = update.desired_image_type or draft.config.image_type
        if update.HasField("desired_node_pool_autoscaling"):
            draft.autoscaling.CopyFrom(update.desired_node_pool_autoscaling)
    kind = "UPDATE_CLUSTER" if update.HasField("desired_node_pool_autoscaling") else "UPGRADE_NODES"
    work.begin(world, call, kind, call.drafts[0].name if len(wanted) == 1 else "")
    for draft in call.drafts:
        cluster.pools[draft.name].record.status = enum("NodePool", "status", "RECONCILING")

    def finish() -> None:
        for draft in call.drafts:
            _settle_change(world, call, cluster.pools[draft.name], draft)

    return work.run(world, call, finish)


def _change(world: World, call: Call, pool: Pool, draft: Message, kind: str) -> Message:
    """Change one pool; its record changes when the operation is done, its nodes perhaps later."""
    work.begin(world, call, kind, pool.name)
    pool.record.status = enum("NodePool", "status", "RECONCILING")

    def broken(failure: Failure) -> None:
        work.mark_broken(pool, "RUNNING_WITH_ERROR", failure, call.condition)

    return work.run(world, call, lambda: _settle_change(world, call, pool, draft), broken)


def _settle_change(world: World, call: Call, pool: Pool, draft: Message) -> None:
    upgraded = pool.record.version != draft.version
    moved = list(pool.record.locations) != list(draft.locations)
    counted = pool.record.initial_node_count != draft.initial_node_count
    pool.record.CopyFrom(draft)
    if moved or counted:
        pool.size = call.sizes.get(pool.name, draft.initial_node_count)
        _name_groups(call.here, pool.record)
    autoscale(pool)
    work.mark_sound(pool)
    replaced = upgraded or call.rolls

    def roll() -> None:
        if call.here.pools.get(pool.name) is pool:
            deploy(world, call.here, pool, replaced=replaced)

    world.later(0.0 if upgraded else call.waits, roll)


def set_size(world: World, call: Call) -> Message:
    draft = protocol.copied(call.there.record)
    draft.initial_node_count = call.request.node_count
    call.drafts = [draft]
    return _change(world, call, call.there, draft, "SET_NODE_POOL_SIZE")


def set_autoscaling(world: World, call: Call) -> Message:
    draft = protocol.copied(call.there.record)
    draft.autoscaling.CopyFrom(call.request.autoscaling)
    call.drafts = [draft]
    return _change(world, call, call.there, draft, "UPDATE_CLUSTER")


def set_management(world: World, call: Call) -> Message:
    draft = protocol.copied(call.there.record)
    draft.management.CopyFrom(call.request.management)
    call.drafts = [draft]
    return _change(world, call, call.there, draft, "SET_NODE_POOL_MANAGEMENT")


def delete_node_pool(world: World, call: Call) -> Message:
    cluster, pool = call.here, call.there
    work.begin(world, call, "DELETE_NODE_POOL", pool.name)
    pool.record.status = enum("NodePool", "status", "STOPPING")

    def finish() -> None:
        world.plant.drop_pool(cluster, pool)
        cluster.pools.pop(pool.name, None)

    return work.run(world, call, finish, lambda failure: work.mark_broken(pool, "ERROR", failure, call.condition))
