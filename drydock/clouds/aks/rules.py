# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of AKS judge: a call, and what they refuse it with.

A* are the rows of the rule catalogue (research/cloud-clusters.md section 3); AV* are what any request must satisfy
to be valid at all.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ...faults import Faults
from ...web import Response
from .. import rules
from . import protocol
from .protocol import Json
from .store import Cluster, Job, Pool, Store
from .subscription import Application, Subscription


@dataclasses.dataclass(frozen=True)
class Refusal:
    """An error answer, by ARM's gateway or, flat, by the provider of AKS."""

    status: int
    code: str
    message: str
    target: str = ""
    subcode: str = ""
    gateway: bool = False
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def response(self) -> Response:
        if self.gateway:
            return protocol.gateway_error(self.status, self.code, self.message, **self.headers)
        return protocol.provider_error(self.status, self.code, self.message, self.target, self.subcode, **self.headers)


@dataclasses.dataclass(frozen=True)
class Place:
    """The resource that a request's address names; what it does not name is empty."""

    subscription: str
    group: str = ""
    cluster: str = ""
    pool: str = ""
    child: str = ""
    location: str = ""

    @property
    def cluster_id(self) -> str:
        """The id as the provider writes it. Source: recordings/aks (rule A15 lowers a word of it)."""
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{group}/providers/Microsoft.ContainerService/managedClusters/{self.cluster}"


@dataclasses.dataclass
class Call:
    """One request on its way through the twin.

    ``problem`` is what the schema refuses. ``draft`` is the cluster that the operation is about to store, ``drafts``
    are pools by name, ``dropped`` pools that go; ``job`` is the operation it will answer with. Shape rules may change
    them, and ``takes``, the seconds until the work is done. ``failure`` is the code and text with which the work will
    end, ``repaired`` says that what had failed is well again after it, ``tags`` are those that a PATCH leaves,
    ``afterwards`` is work of Azure's own that follows, ``installs`` what Azure puts into a new cluster.
    """

    operation: str
    right: str
    api_version: str
    versions: tuple[str, ...]
    place: Place
    body: Json
    problem: str
    headers: t.Mapping[str, str]
    query: str
    bearer: Application
    home: Subscription | None
    faults: Faults
    now: float
    today: datetime.datetime
    cluster: Cluster | None = None
    pool: Pool | None = None
    draft: Json = dataclasses.field(default_factory=dict)
    drafts: dict[str, Json] = dataclasses.field(default_factory=dict)
    dropped: list[str] = dataclasses.field(default_factory=list)
    job: Job | None = None
    takes: float = 0.0
    failure: tuple[str, str] | None = None
    installs: tuple[str, ...] = ()
    repaired: bool = False
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    afterwards: str = ""

    @property
    def here(self) -> Cluster:
        """The cluster that the request is about; only for operations that have found one."""
        assert self.cluster is not None
        return self.cluster

    @property
    def there(self) -> Pool:
        """The pool that the request is about; only for operations that have found one."""
        assert self.pool is not None
        return self.pool

    @property
    def account(self) -> Subscription:
        """The subscription, once it was admitted."""
        assert self.home is not None
        return self.home

    @property
    def work(self) -> Job:
        assert self.job is not None
        return self.job

    def asked(self, path: str) -> t.Any:
        """Return a member of the request's properties, by dotted path."""
        return dig(self.body.get("properties"), path)


def dig(value: t.Any, path: str) -> t.Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


Rule: t.TypeAlias = rules.Rule[Store, Call, Refusal]
Table: t.TypeAlias = rules.Table[Store, Call, Refusal]

CLUSTER_PUT, CLUSTER_DELETE = "ManagedClusters_CreateOrUpdate", "ManagedClusters_Delete"
CLUSTER_TAGS = "ManagedClusters_UpdateTags"
POOL_PUT, POOL_DELETE = "AgentPools_CreateOrUpdate", "AgentPools_Delete"
CLUSTER_WRITES = (CLUSTER_PUT, CLUSTER_TAGS, CLUSTER_DELETE)
POOL_WRITES = (POOL_PUT, POOL_DELETE)
PUTS = (CLUSTER_PUT, POOL_PUT)
LONG = (*CLUSTER_WRITES, *POOL_WRITES)
BESIDE_WRITES = tuple(
    f"{kind}_{verb}"
    for kind in ("MaintenanceConfigurations", "ManagementLocks", "DiagnosticSettings")
    for verb in ("CreateOrUpdate", "Delete")
)
WRITES = (*LONG, *BESIDE_WRITES)


def bad(code: str, message: str, target: str = "") -> Refusal:
    return Refusal(400, code, message, target)
