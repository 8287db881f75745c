# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the twin holds: clusters, their pools and updates, and what is still on its way."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from ..timeline import Timeline

Record = dict[str, t.Any]


def timestamp() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclasses.dataclass
class Update:
    """One asynchronous update of a cluster, of one of its pools or of an add-on; ``record`` is the API's own shape."""

    record: Record
    nodegroup: str = ""
    addon: str = ""

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def running(self) -> bool:
        return bool(self.record["status"] == "InProgress")


def new_update(kind: str, params: t.Mapping[str, str], nodegroup: str = "", addon: str = "") -> Update:
    rows = [{"type": name, "value": value} for name, value in params.items()]
    record = {"id": str(uuid.uuid4()), "status": "InProgress", "type": kind, "params": rows}
    return Update({**record, "createdAt": timestamp(), "errors": []}, nodegroup, addon)


@dataclasses.dataclass
class Pool:
    """One managed node group. ``generation`` grows when its nodes are replaced."""

    record: Record
    generation: int = 0

    @property
    def name(self) -> str:
        return str(self.record["nodegroupName"])


@dataclasses.dataclass
class Entry:
    """One access entry; ``policies`` are its associations by ARN."""

    record: Record
    policies: dict[str, Record] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Cluster:
    """One cluster. ``admins`` are canonical ARNs that get system:masters, never shown by the API.

    ``installed`` names what the service itself put into it, ``tended`` is when its add-on manager last looked.
    ``insights`` are what the service found out about it; tests and people put them there.
    """

    record: Record
    account: str
    region: str
    admins: frozenset[str] = frozenset()
    pools: dict[str, Pool] = dataclasses.field(default_factory=dict)
    updates: dict[str, Update] = dataclasses.field(default_factory=dict)
    insights: dict[str, Record] = dataclasses.field(default_factory=dict)
    addons: dict[str, Record] = dataclasses.field(default_factory=dict)
    associations: dict[str, Record] = dataclasses.field(default_factory=dict)
    entries: dict[str, Entry] = dataclasses.field(default_factory=dict)
    providers: dict[str, Record] = dataclasses.field(default_factory=dict)
    installed: tuple[str, ...] = ()
    tended: float = 0.0

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def key(self) -> tuple[str, str, str]:
        return self.account, self.region, self.name

    @property
    def vpc(self) -> str:
        return str(self.record["resourcesVpcConfig"].get("vpcId", ""))

    def running_update(self, nodegroup: str = "", addon: str = "") -> Update | None:
        """Return the update in flight on the cluster itself, on one of its pools or on an add-on."""
        of_one = (u for u in self.updates.values() if (u.nodegroup, u.addon) == (nodegroup, addon))
        return next((u for u in of_one if u.running), None)


def new_entry(cluster: Cluster, principal: str, **members: t.Any) -> Entry:
    kind, _, name = principal.rpartition(":")[2].partition("/")
    path = f"access-entry/{cluster.name}/{kind}/{cluster.account}/{name.rpartition('/')[2]}/{uuid.uuid4()}"
    record = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": [],
        "accessEntryArn": f"arn:aws:eks:{cluster.region}:{cluster.account}:{path}",
        "createdAt": timestamp(),
        "modifiedAt": timestamp(),
        "tags": {},
        "username": principal,
        "type": "STANDARD",
        **{name: value for name, value in members.items() if value is not None},
    }
    return Entry(record)


class Store(Timeline):
    """Everything, in memory. The twin's lock guards it."""

    def __init__(self) -> None:
        super().__init__()
        self.clusters: dict[tuple[str, str, str], Cluster] = {}
        self.answered: dict[tuple[str, ...], tuple[Record, Record]] = {}

    def find(self, account: str, region: str, name: str) -> Cluster | None:
        return self.clusters.get((account, region, name))

    def of_account(self, account: str, region: str) -> list[Cluster]:
        return [c for c in self.clusters.values() if (c.account, c.region) == (account, region)]

    def document(self) -> list[Record]:
        """Return the whole store as plain data, for tests and people."""
        return [
            {
                "cluster": c.record,
                "nodegroups": [p.record for p in c.pools.values()],
                "installed": list(c.installed),
                "addons": list(c.addons.values()),
                "access": [{**e.record, "policies": list(e.policies.values())} for e in c.entries.values()],
                "identityProviders": list(c.providers.values()),
                "updates": [u.record for u in c.updates.values()],
            }
            for c in self.clusters.values()
        ]
