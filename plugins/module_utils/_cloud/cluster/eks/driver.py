# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EKS as the loop sees it: who we are, what there is, start an action, look at what runs."""

from __future__ import annotations

import concurrent.futures
import copy
import typing as t
import uuid

from ...._common.errors import PlatformError
from ...aws.errors import failed_work
from ...aws.session import AwsSession
from ...reconcile.actions import Action, Handle
from ...reconcile.execute import Look
from ..cloud import pool_of
from ..driver import ClusterDriver, Parts, unless_missing
from ..observed import CONTROL_PLANE, Document, Observed, Update
from ..preflight import to_create
from ..spec import Spec
from .cloud import EKS
from .network import wanted_subnets

READERS = 8
TOKENED = {
    "create_cluster",
    "update_cluster_config",
    "update_cluster_version",
    "create_nodegroup",
    "update_nodegroup_config",
    "update_nodegroup_version",
}
Network: t.TypeAlias = "tuple[dict[str, Document] | None, tuple[str, ...]]"
T = t.TypeVar("T")


class EksDriver(ClusterDriver):
    patience = {
        "propagation": "for IAM to make the role known to EKS",
        "throttled": "for AWS to take more requests",
        "unreachable": "for AWS to answer again",
    }

    def __init__(self, session: AwsSession) -> None:
        super().__init__()
        self.session = session
        self.name = session.place.name

    def of(self, name: str) -> EksDriver:
        """Return the same driver for another cluster of the account and region."""
        other = copy.copy(self)
        other.name = name
        return other

    def identify(self) -> str:
        return self.session.check_account().account

    def call(self, operation: str, *, service: str = "eks", **arguments: t.Any) -> dict[str, t.Any]:
        return self.retrying(lambda: self.session.call(service, operation, **arguments))

    def found(self, operation: str, **arguments: t.Any) -> dict[str, t.Any] | None:
        return unless_missing(lambda: self.call(operation, **arguments))

    # -- reading

    def cluster(self) -> Document | None:
        answer = self.found("describe_cluster", name=self.name)
        return answer["cluster"] if answer else None

    def pool(self, name: str) -> Document | None:
        answer = self.found("describe_nodegroup", clusterName=self.name, nodegroupName=name)
        return answer["nodegroup"] if answer else None

    def names(self) -> list[str]:
        """Return the names of the account's clusters in the region."""
        return sorted(self.pages("list_clusters", "clusters"))

    def pages(self, operation: str, member: str, **arguments: t.Any) -> list[t.Any]:
        items: list[t.Any] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, **arguments, **token)
            items += answer[member]
            if not answer.get("nextToken"):
                return items
            token = {"nextToken": answer["nextToken"]}

    def survey(self) -> Observed:
        """Return all that can be read of the cluster, for people who want to know; a denied part is unknown."""
        document = self.cluster()
        if document is None:
            return Observed(self.account)
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            reading = Reading(self, pool, self.name)
            versions, findings = pool.submit(reading.versions), pool.submit(reading.findings)
            pools = reading.pools()
            return Observed(
                account=self.account,
                cluster=document,
                pools=pools,
                versions=versions.result(),
                findings=findings.result(),
                unknown=frozenset(reading.unknown),
            )

    def observe(self, spec: Spec, *, suspicious: bool = False) -> Observed:
        document = self.cluster()
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            reading = Reading(self, pool, spec.place.name)
            pools = reading.pools() if document else {}
            updates = reading.updates(document, pools, suspicious) if document else {}
            versions = reading.versions() if needs_versions(spec, document) else None
            subnets, ranges = reading.network(spec) if needs_network(spec, document, pools) else (None, ())
        return Observed(
            account=self.account,
            cluster=document,
            pools=pools,
            updates=updates,
            versions=versions,
            subnets=subnets,
            vpc_ranges=ranges if document is None else (),
            unknown=frozenset(reading.unknown),
        )

    # -- writing

    def start(self, action: Action) -> Handle | None:
        arguments = dict(action.arguments)
        if action.call in TOKENED:
            # One token for all tries of this action, new for every action: the same change made again later
            # (there, back, and there again; delete and create anew) must not be answered from memory.
            arguments["clientRequestToken"] = str(uuid.uuid4())
        return handle_of(action, self.call(action.call, **arguments))

    # -- looking

    def look(self, handle: Handle) -> Look:
        if handle.kind == "update":
            return self._look_at_update(handle)
        pool = pool_of(handle.target)
        return look_at(handle, self.pool(pool) if pool else self.cluster())

    def _look_at_update(self, handle: Handle) -> Look:
        arguments = {"name": self.name, "updateId": handle.id, **_of_pool(handle.target)}
        found = self.found("describe_update", **arguments)
        if found is None:
            return Look("gone", True)
        update = found["update"]
        return Look(update["status"], update["status"] != "InProgress", update_error(handle, update))


class Reading(Parts):
    """The parallel reads of one observation."""

    def __init__(self, driver: EksDriver, pool: concurrent.futures.Executor, name: str) -> None:
        super().__init__()
        self.driver = driver
        self.pool = pool
        self.name = name

    def pools(self) -> dict[str, Document]:
        return self.allowed("node_pools", self._pools, {})

    def _pools(self) -> dict[str, Document]:
        names = self.driver.pages("list_nodegroups", "nodegroups", clusterName=self.name)
        found = self.pool.map(self.driver.pool, names)
        return {name: document for name, document in zip(names, found, strict=True) if document}

    def updates(self, cluster: Document, pools: t.Mapping[str, Document], suspicious: bool) -> dict[str, Update]:
        """Return what is in flight; asked only where a status says so, or after a conflict that no status explains."""
        statuses = {
            CONTROL_PLANE: cluster["status"],
            **{f"pool {name}": pool["status"] for name, pool in pools.items()},
        }
        targets = [target for target, status in statuses.items() if suspicious or status == "UPDATING"]
        found = self.pool.map(self._update, targets)
        return {target: update for target, update in zip(targets, found, strict=True) if update}

    def _update(self, target: str) -> Update | None:
        return self.allowed(f"updates of {target}", lambda: self._in_flight(target), None)

    def _in_flight(self, target: str) -> Update | None:
        own = _of_pool(target)
        ids = self.driver.call("list_updates", name=self.name, maxResults=10, **own)["updateIds"]
        for update_id in ids:
            update = self.driver.call("describe_update", name=self.name, updateId=update_id, **own)["update"]
            if update["status"] == "InProgress":
                params = {param["type"]: param["value"] for param in update.get("params", ())}
                return Update(update_id, update["type"], params)
        return None

    def versions(self) -> dict[str, Document] | None:
        return self.allowed("versions", self._versions, None)

    def _versions(self) -> dict[str, Document]:
        offered = self.driver.pages("describe_cluster_versions", "clusterVersions")
        return {row["clusterVersion"]: row for row in offered if row.get("versionStatus") != "UNSUPPORTED"}

    def findings(self) -> tuple[Document, ...] | None:
        return self.allowed("findings", self._findings, None)

    def _findings(self) -> tuple[Document, ...]:
        wanted = {"categories": ["UPGRADE_READINESS"], "statuses": ["ERROR", "WARNING"]}
        return tuple(self.driver.pages("list_insights", "insights", clusterName=self.name, filter=wanted))

    def network(self, spec: Spec) -> Network:
        unread: Network = (None, ())
        return self.allowed("subnets", lambda: self._network(spec), unread)

    def _network(self, spec: Spec) -> Network:
        wanted = sorted({subnet for _pool, subnets in wanted_subnets(spec) for subnet in subnets})
        answer = self.driver.call("describe_subnets", service="ec2", Filters=[{"Name": "subnet-id", "Values": wanted}])
        subnets = {subnet["SubnetId"]: subnet for subnet in answer["Subnets"]}
        vpcs = sorted({subnet["VpcId"] for subnet in subnets.values()})
        return subnets, self._ranges(vpcs) if vpcs and "network.service_cidr" in spec.fields else ()

    def _ranges(self, vpcs: list[str]) -> tuple[str, ...]:
        answer = self.driver.call("describe_vpcs", service="ec2", VpcIds=vpcs)
        return tuple(
            block["CidrBlock"] for vpc in answer["Vpcs"] for block in vpc.get("CidrBlockAssociationSet") or [vpc]
        )


def needs_versions(spec: Spec, cluster: Document | None) -> bool:
    return not spec.absent and bool(spec.version) and (cluster is None or cluster["version"] != spec.version)


def needs_network(spec: Spec, cluster: Document | None, pools: t.Mapping[str, Document]) -> bool:
    """Subnets are read before they are used: for a new cluster, a new pool, or other subnets."""
    if spec.absent or not any(subnets for _pool, subnets in wanted_subnets(spec)):
        return False
    if cluster is None:
        return True
    wanted = spec.fields.get("network.subnets")
    moved = wanted is not None and set(wanted) != set(cluster["resourcesVpcConfig"].get("subnetIds") or ())
    observed = Observed("", cluster, pools)
    return moved or any(
        pool.fields.get("subnets") and to_create(EKS, observed, name)
        for name, pool in (spec.pools or {}).items()
        if not pool.absent
    )


def _of_pool(target: str) -> dict[str, str]:
    return {"nodegroupName": pool_of(target)} if pool_of(target) else {}


def handle_of(action: Action, answer: t.Mapping[str, t.Any]) -> Handle | None:
    """Return by what the started action is known; tags are done at once."""
    if "update" in answer:
        return Handle("update", action.target, answer["update"]["id"])
    if action.verb == "tag":
        return None
    thing = "cluster" if action.target == CONTROL_PLANE else "pool"
    return Handle(f"{thing} {'creation' if action.verb == 'create' else 'deletion'}", action.target)


RUNNING = {
    "creation": ("CREATING", "PENDING"),
    "change": ("UPDATING",),
    "deletion": ("DELETING", "ACTIVE", "UPDATING", "DEGRADED"),
}


def look_at(handle: Handle, document: Document | None) -> Look:
    """Judge a creation, change or deletion by the status of its resource; a read may lag behind the request."""
    what = handle.kind.split()[-1]
    if document is None:
        return Look("absent", done=what != "creation")
    status = document["status"]
    if status in RUNNING[what]:
        return Look(status, False)
    failed = status.endswith("FAILED") and not (what == "deletion" and status in ("FAILED", "CREATE_FAILED"))
    if failed:
        name = document.get("nodegroupName")
        subject = f"eks/{document['clusterName']}: node pool {name}" if name else f"eks/{document['name']}"
        return Look(status, True, failed_work(f"{subject} is {status}", EKS.issues(document)))
    return Look(status, done=what != "deletion")


def update_error(handle: Handle, update: Document) -> PlatformError | None:
    status = update["status"]
    if status in ("InProgress", "Successful"):
        return None
    if status == "Cancelled":
        return PlatformError(
            f"{handle.target}: update {handle.id} ({update['type']}) was cancelled by somebody.",
            kind="canceled",
            remedy="Run again if it is still wanted.",
            operation_id=handle.id,
        )
    issues = [
        {
            "code": error.get("errorCode", ""),
            "message": error.get("errorMessage", ""),
            "resources": list(error.get("resourceIds") or ()),
        }
        for error in update.get("errors") or ()
    ]
    return failed_work(f"{handle.target}: update {handle.id} ({update['type']}) failed", issues, handle.id)
