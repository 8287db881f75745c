# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the twin holds: clusters, their pools and operations as protos, and what is still on its way."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid

from ..timeline import Timeline
from . import offers, protocol
from .project import is_zone
from .protocol import Message

HOST = "https://container.googleapis.com/v1"


def enum(message: str, field: str, value: str) -> int:
    """Return the number of an enum's value, for a field of a message."""
    descriptor = protocol.new(message).DESCRIPTOR.fields_by_name[field].enum_type
    return int(descriptor.values_by_name[value].number)


def enum_name(found: Message, field: str) -> str:
    """Return the name of the value that a message's enum field has."""
    descriptor = found.DESCRIPTOR.fields_by_name[field].enum_type
    return str(descriptor.values_by_number[getattr(found, field)].name)


def stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def fingerprint(found: Message) -> str:
    """Return a short mark that changes with the content of a message or of a map."""
    text = repr(sorted(found.items())) if hasattr(found, "items") else found.SerializeToString(deterministic=True).hex()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def path_of(project: str, location: str, rest: str) -> str:
    """Return a resource's path: GKE says zones for a zone, whatever the request's address said."""
    return f"projects/{project}/{'zones' if is_zone(location) else 'locations'}/{location}/{rest}"


def link(project: str, location: str, rest: str) -> str:
    return f"{HOST}/{path_of(project, location, rest)}"


@dataclasses.dataclass
class Job:
    """One operation. ``pool`` is empty for one that holds the whole cluster."""

    record: Message
    cluster: str
    pool: str = ""

    @property
    def name(self) -> str:
        return str(self.record.name)

    @property
    def running(self) -> bool:
        return enum_name(self.record, "status") != "DONE"

    @property
    def kind(self) -> str:
        return enum_name(self.record, "operation_type")


def new_job(kind: str, cluster: Cluster, pool: str, now: datetime.datetime) -> Job:
    name = f"operation-{int(now.timestamp() * 1000)}-{uuid.uuid4()}"
    record = protocol.new("Operation")
    record.name, record.zone, record.location = name, cluster.location, cluster.location
    record.operation_type = enum("Operation", "operation_type", kind)
    record.status = enum("Operation", "status", "RUNNING")
    record.start_time = stamp(now)
    rest = f"clusters/{cluster.name}" + (f"/nodePools/{pool}" if pool else "")
    record.self_link = link(cluster.project, cluster.location, f"operations/{name}")
    record.target_link = link(cluster.project, cluster.location, rest)
    return Job(record, cluster.name, pool)


@dataclasses.dataclass
class Pool:
    """One node pool. ``size`` counts its nodes over all zones; ``deployed`` is the record that its nodes follow.

    ``deployed`` is behind ``record`` while a change waits for the maintenance window. ``generation`` grows
    when the nodes are replaced.
    """

    record: Message
    size: int = 0
    generation: int = 0
    deployed: Message = None

    @property
    def name(self) -> str:
        return str(self.record.name)

    def seal(self) -> None:
        """Give the record the etag of its content."""
        self.record.etag = ""
        self.record.etag = fingerprint(self.record)


@dataclasses.dataclass
class Cluster:
    """One cluster. ``record`` has no node pools; ``creator`` gets system:masters, never shown by the API.

    ``installed`` names what GKE put into it, ``tended`` is when its add-on manager last looked.
    """

    record: Message
    project: str
    location: str
    creator: str = ""
    pools: dict[str, Pool] = dataclasses.field(default_factory=dict)
    jobs: list[Job] = dataclasses.field(default_factory=list)
    installed: tuple[str, ...] = ()
    tended: float = 0.0

    @property
    def name(self) -> str:
        return str(self.record.name)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.project, self.location, self.name

    @property
    def status(self) -> str:
        return enum_name(self.record, "status")

    @property
    def channel(self) -> str:
        return enum_name(self.record.release_channel, "channel")

    def running(self) -> list[Job]:
        return [job for job in self.jobs if job.running]

    def settle_status(self) -> None:
        """A settled cluster reconciles while any operation on it runs."""
        if self.status in ("RUNNING", "RECONCILING"):
            self.record.status = enum("Cluster", "status", "RECONCILING" if self.running() else "RUNNING")

    def seal(self) -> None:
        """Give the record the etag and fingerprints of its content."""
        record = self.record
        record.label_fingerprint = fingerprint(record.resource_labels)
        policy = protocol.copied(record.maintenance_policy)
        policy.resource_version = ""
        record.maintenance_policy.resource_version = fingerprint(policy)
        record.etag = ""
        record.etag = fingerprint(record)

    def seen(self) -> Message:
        """Return the cluster as GetCluster gives it."""
        shown = protocol.copied(self.record)
        shown.node_pools.extend(pool.record for pool in self.pools.values())
        shown.current_node_count = sum(pool.size for pool in self.pools.values())
        versions = [pool.record.version for pool in self.pools.values()]
        shown.current_node_version = min(versions, key=offers.order, default=shown.current_master_version)
        for pool in list(self.pools.values())[:1]:
            shown.node_config.CopyFrom(pool.record.config)
            shown.initial_node_count = pool.record.initial_node_count
        for pool in self.pools.values():
            shown.instance_group_urls.extend(pool.record.instance_group_urls)
        return shown


class Store(Timeline):
    """Everything, in memory. The twin's lock guards it."""

    def __init__(self) -> None:
        super().__init__()
        self.clusters: dict[tuple[str, str, str], Cluster] = {}
        self.jobs: dict[tuple[str, str, str], Job] = {}

    def find(self, project: str, location: str, name: str) -> Cluster | None:
        return self.clusters.get((project, location, name))

    def at(self, project: str, location: str) -> list[Cluster]:
        """Return the clusters of a location, or of all of them for "-"."""
        return [c for c in self.clusters.values() if c.project == project and location in ("-", c.location)]

    def keep(self, cluster: Cluster, job: Job) -> None:
        cluster.jobs.append(job)
        self.jobs[cluster.project, cluster.location, job.name] = job

    def jobs_at(self, project: str, location: str) -> list[Job]:
        return [job for key, job in self.jobs.items() if key[0] == project and location in ("-", key[1])]

    def document(self) -> list[protocol.Json]:
        """Return the whole store as plain data, for tests and people."""
        return [
            {
                "cluster": protocol.document(c.seen()),
                "deployed": {p.name: protocol.document(p.deployed) if p.deployed else {} for p in c.pools.values()},
                "operations": [protocol.document(job.record) for job in c.jobs],
                "installed": list(c.installed),
            }
            for c in self.clusters.values()
        ]
