# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on clusters. Each trusts that every rule was asked before it."""

from __future__ import annotations

import uuid

from ...errors import DrydockError
from .. import furniture
from . import changes, offers, pools, protocol, work
from .project import zones_of
from .protocol import Message
from .rules import Call, Refusal
from .store import Cluster, enum, link, stamp
from .work import Failure, World


def create_cluster(world: World, call: Call) -> Message:
    place = call.place
    draft = call.draft = protocol.copied(call.request.cluster)
    call.drafts = [protocol.copied(pool) for pool in draft.node_pools]
    draft.ClearField("node_pools")
    cluster = call.cluster = Cluster(draft, place.project, place.location, call.bearer.email)
    draft.zone, draft.location, draft.id = place.location, place.location, uuid.uuid4().hex
    draft.status = enum("Cluster", "status", "PROVISIONING")
    draft.create_time = stamp(world.today())
    draft.self_link = link(place.project, place.location, f"clusters/{draft.name}")
    if not draft.locations:
        draft.locations.extend(zones_of(place.location)[:3])
    work.begin(world, call, "CREATE_CLUSTER")
    world.settle(call)
    for record in call.drafts:
        pools.adopt(world, call, record)
    cluster.seal()
    world.store.clusters[cluster.key] = cluster
    world.plant.start(cluster)

    def broken(failure: Failure) -> None:
        work.mark_broken(cluster, "ERROR", failure, call.condition)

    return work.run(world, call, lambda: _activate(world, call), broken, lambda: _stands(world, call))


def _stands(world: World, call: Call) -> bool:
    """Tell whether the control plane serves; one that ended fails the operation, with the reason."""
    try:
        return world.plant.ready(call.here, world.waits)
    except DrydockError as exc:
        call.failure = ("INTERNAL", str(exc))
        return True


def _activate(world: World, call: Call) -> None:
    cluster = call.here
    record = call.draft = cluster.record
    endpoints = record.control_plane_endpoints_config
    server, record.master_auth.cluster_ca_certificate = world.plant.address(cluster)
    record.endpoint = server.removeprefix("https://")
    endpoints.ip_endpoints_config.public_endpoint = record.endpoint
    endpoints.ip_endpoints_config.private_endpoint = "10.30.0.2"
    name = f"gke-{record.id}-{call.home.number}.{cluster.location}.gke.goog"
    endpoints.dns_endpoint_config.endpoint = name
    world.settle(call)
    for pool in cluster.pools.values():
        pools.deploy(world, cluster, pool)
        work.mark_sound(pool)
    furniture.move_in(cluster, call.installs, world.now(), world.plant.furnish)
    work.mark_sound(cluster)


def get_cluster(world: World, call: Call) -> Message:
    world.shape(call)
    return call.here.seen()


def list_clusters(world: World, call: Call) -> Message:
    found = protocol.new("ListClustersResponse")
    found.clusters.extend(c.seen() for c in world.store.at(call.place.project, call.place.location))
    return found


def delete_cluster(world: World, call: Call) -> Message:
    cluster = call.here
    work.begin(world, call, "DELETE_CLUSTER")
    cluster.record.status = enum("Cluster", "status", "STOPPING")

    def finish() -> None:
        world.plant.stop(cluster)
        world.store.clusters.pop(cluster.key, None)

    return work.run(world, call, finish, lambda failure: work.mark_broken(cluster, "ERROR", failure, call.condition))


def update_cluster(world: World, call: Call) -> Message:
    update = call.request.update
    unknown = [name for name in changes.asked(update) if not changes.known(name)]
    if unknown:
        text = f"drydock's GKE twin does not apply {unknown[0]}"
        raise work.Refused(Refusal("UNIMPLEMENTED", text))
    if any(name in changes.POOL_BY_CLUSTER for name in changes.asked(update)):
        return pools.update_by_cluster(world, call)
    cluster = call.here
    draft = call.draft = protocol.copied(cluster.record)
    changes.apply_to_cluster(draft, update)
    if update.desired_locations:
        call.drafts = [protocol.copied(pool.record) for pool in cluster.pools.values()]
        for record in call.drafts:
            changes.put(record, "locations", list(update.desired_locations))
    upgrade = update.desired_master_version
    draft.current_master_version = upgrade or draft.current_master_version
    work.begin(world, call, "UPGRADE_MASTER" if upgrade else "UPDATE_CLUSTER")

    def finish() -> None:
        call.draft = draft
        world.settle(call)
        cluster.record.CopyFrom(draft)
        work.mark_sound(cluster)
        for record in call.drafts:
            pools.renew(world, cluster, cluster.pools[record.name], record, call.sizes)
        if upgrade:
            _upgrade(world, cluster)

    return work.run(world, call, finish)


def _upgrade(world: World, cluster: Cluster) -> None:
    """Move the control plane, and on Autopilot the nodes with it."""
    world.plant.follow_version(cluster)
    if cluster.record.autopilot.enabled:
        for pool in cluster.pools.values():
            pool.record.version = cluster.record.current_master_version
            pools.deploy(world, cluster, pool, replaced=True)


def set_labels(world: World, call: Call) -> Message:
    cluster, labels = call.here, dict(call.request.resource_labels)
    work.begin(world, call, "UPDATE_CLUSTER")
    call.takes = min(call.takes, offers.DURATIONS["SET_LABELS"])

    def finish() -> None:
        changes.put(cluster.record, "resource_labels", labels)
        work.mark_sound(cluster)

    return work.run(world, call, finish)


def set_maintenance_policy(world: World, call: Call) -> Message:
    cluster, policy = call.here, protocol.copied(call.request.maintenance_policy)
    work.begin(world, call, "UPDATE_CLUSTER")
    call.takes = min(call.takes, offers.DURATIONS["SET_MAINTENANCE_POLICY"])

    def finish() -> None:
        cluster.record.maintenance_policy.CopyFrom(policy)
        work.mark_sound(cluster)

    return work.run(world, call, finish)


def get_operation(world: World, call: Call) -> Message:
    place = call.place
    job = world.store.jobs.get((place.project, place.location, place.operation))
    return protocol.copied(job.record) if job else protocol.new("Operation")


def list_operations(world: World, call: Call) -> Message:
    found = protocol.new("ListOperationsResponse")
    call.jobs = [job for job in world.store.jobs_at(call.place.project, call.place.location) if job.running]
    world.shape(call)
    found.operations.extend(job.record for job in call.jobs)
    return found


def get_server_config(world: World, call: Call) -> Message:
    found = protocol.new("ServerConfig")
    found.default_cluster_version = offers.CHANNELS[offers.DEFAULT_CHANNEL].default
    found.valid_master_versions.extend(offers.ALL_VERSIONS)
    found.valid_node_versions.extend(offers.ALL_VERSIONS)
    found.default_image_type = offers.IMAGES[0]
    found.valid_image_types.extend(offers.IMAGES)
    for row in offers.CHANNELS.values():
        channel = found.channels.add()
        channel.channel = enum("ReleaseChannel", "channel", row.name)
        channel.default_version, channel.upgrade_target_version = row.default, row.target
        channel.valid_versions.extend(row.valid)
    return found


def fetch_upgrade_info(world: World, call: Call) -> Message:
    found = protocol.new("ClusterUpgradeInfo")
    record = call.here.record
    channel = offers.CHANNELS.get(call.here.channel)
    found.patch_target_version = channel.target if channel else ""
    ends = offers.SUPPORT_ENDS.get(offers.minor_of(record.current_master_version))
    if ends:
        found.end_of_standard_support_timestamp, found.end_of_extended_support_timestamp = ends
    return found
