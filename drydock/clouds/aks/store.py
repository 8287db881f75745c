# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the twin holds: clusters, their pools, what stands beside them, and operations; all as ARM documents."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import secrets
import typing as t
import uuid

from ..timeline import Timeline

Json = dict[str, t.Any]
BUSY = ("Creating", "Updating", "Upgrading", "Scaling", "Deleting")


def stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


@dataclasses.dataclass
class Job:
    """One operation on a cluster, or on one of its pools. ``query`` is the signed part of its address."""

    id: str
    kind: str
    subscription: str
    location: str
    started: str
    pool: str = ""
    query: str = ""
    status: str = "InProgress"
    ended: str = ""
    error: Json | None = None
    remark: Json | None = None

    @property
    def running(self) -> bool:
        return not self.ended

    def document(self) -> Json:
        shown: Json = {"name": self.id, "status": self.status, "startTime": self.started}
        if self.ended:
            shown["endTime"] = self.ended
        error = self.error or self.remark
        return {**shown, "error": error} if error else shown


def new_job(kind: str, subscription: str, location: str, now: datetime.datetime, pool: str = "") -> Job:
    return Job(str(uuid.uuid4()), kind, subscription, location, stamp(now), pool)


def signature() -> str:
    """Return the signed part of an operation's address. Source: recordings/aks/stop-and-start.json."""
    return "&".join(f"{name}={secrets.token_urlsafe(12)}" for name in "tcsh")


@dataclasses.dataclass
class Pool:
    """One agent pool; ``record`` is its flat properties with its name. ``generation`` grows when nodes are replaced."""

    record: Json
    generation: int = 0

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def state(self) -> str:
        return str(self.record["provisioningState"])

    @state.setter
    def state(self, value: str) -> None:
        self.record["provisioningState"] = value

    def seal(self) -> None:
        self.record["eTag"] = str(uuid.uuid4())


@dataclasses.dataclass
class Cluster:
    """One cluster. ``record`` has no agentPoolProfiles. ``beside`` holds maintenance, locks and diagnostics by name.

    ``installed`` names what Azure put into it, ``tended`` is when its add-on manager last looked.
    """

    record: Json
    subscription: str
    group: str
    pools: dict[str, Pool] = dataclasses.field(default_factory=dict)
    jobs: list[Job] = dataclasses.field(default_factory=list)
    beside: dict[str, dict[str, Json]] = dataclasses.field(default_factory=dict)
    way_in: tuple[str, str] = ("", "")
    installed: tuple[str, ...] = ()
    tended: float = 0.0

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def key(self) -> tuple[str, str, str]:
        return self.subscription, self.group.lower(), self.name.lower()

    @property
    def properties(self) -> Json:
        found: Json = self.record["properties"]
        return found

    @property
    def state(self) -> str:
        return str(self.properties["provisioningState"])

    @state.setter
    def state(self, value: str) -> None:
        self.properties["provisioningState"] = value

    @property
    def version(self) -> str:
        """The patch that the control plane runs."""
        return str(self.properties["currentKubernetesVersion"])

    def running(self, pool: str | None = None) -> list[Job]:
        """Return what runs on the cluster itself ("") or one pool; all of it for None."""
        return [job for job in self.jobs if job.running and pool in (None, job.pool)]

    def seal(self) -> None:
        self.record["eTag"] = str(uuid.uuid4())

    def seen(self) -> Json:
        """Return the cluster as a GET gives it."""
        shown = copy.deepcopy(self.record)
        shown["properties"]["agentPoolProfiles"] = [copy.deepcopy(pool.record) for pool in self.pools.values()]
        return shown

    def seen_pool(self, pool: Pool) -> Json:
        properties = copy.deepcopy(pool.record)
        return {
            "id": f"{self.record['id']}/agentPools/{properties.pop('name')}",
            "name": pool.name,
            "type": "Microsoft.ContainerService/managedClusters/agentPools",
            "properties": properties,
        }


class Store(Timeline):
    """Everything, in memory. The twin's lock guards it. ``buckets`` count requests by what they are for."""

    def __init__(self) -> None:
        super().__init__()
        self.clusters: dict[tuple[str, str, str], Cluster] = {}
        self.jobs: dict[str, Job] = {}
        self.buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def find(self, subscription: str, group: str, name: str) -> Cluster | None:
        return self.clusters.get((subscription, group.lower(), name.lower()))

    def of(self, subscription: str, group: str | None = None) -> list[Cluster]:
        wanted = None if group is None else group.lower()
        return [c for key, c in self.clusters.items() if key[0] == subscription and wanted in (None, key[1])]

    def keep(self, cluster: Cluster, job: Job) -> None:
        cluster.jobs.append(job)
        self.jobs[job.id] = job

    def document(self) -> list[Json]:
        """Return the whole store as plain data, for tests and people."""
        return [
            {
                "cluster": c.seen(),
                "beside": copy.deepcopy(c.beside),
                "operations": [job.document() for job in c.jobs],
                "installed": list(c.installed),
            }
            for c in self.clusters.values()
        ]
