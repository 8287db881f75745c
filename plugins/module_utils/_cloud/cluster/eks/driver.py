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
from ..driver import ClusterDriver, moved_meanwhile, unless_missing
from ..observed import CONTROL_PLANE, Document, Observed
from ..spec import Spec
from .cloud import EKS
from .meanwhile import value_of
from .reading import Reading, issuer_of, needs_versions, of_part
from .remains import Leftovers

READERS = 12
"""Threads of one observation; at most six of them wait for others."""
TOKENED = {
    "create_cluster",
    "update_cluster_config",
    "update_cluster_version",
    "create_nodegroup",
    "update_nodegroup_config",
    "update_nodegroup_version",
    "associate_encryption_config",
    "associate_identity_provider_config",
    "disassociate_identity_provider_config",
    "create_addon",
    "update_addon",
    "create_access_entry",
    "update_access_entry",
}
AT_ONCE = {
    "tag_resource",
    "untag_resource",
    "create_access_entry",
    "update_access_entry",
    "delete_access_entry",
    "associate_access_policy",
    "disassociate_access_policy",
}
"""Operations of EKS that are done when they are answered, as those of other services are."""
OF_CLUSTER = {"node_pools", "addons", "access", "oidc_providers"}
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
        self.principal = ""

    def of(self, name: str) -> EksDriver:
        """Return the same driver for another cluster of the account and region."""
        other = copy.copy(self)
        other.name = name
        return other

    def identify(self) -> str:
        identity = self.session.check_account()
        self.principal = identity.arn
        return identity.account

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

    def addon(self, name: str) -> Document | None:
        answer = self.found("describe_addon", clusterName=self.name, addonName=name)
        return answer["addon"] if answer else None

    def addon_with_roles(self, name: str) -> Document | None:
        """Return an add-on with the roles of its service accounts, which it names by the ids of associations."""
        addon = self.addon(name)
        if addon is None or not addon.get("podIdentityAssociations"):
            return addon
        pods = {}
        for arn in addon["podIdentityAssociations"]:
            ident = arn.rpartition("/")[2]
            answer = self.found("describe_pod_identity_association", clusterName=self.name, associationId=ident)
            if answer:
                pods[answer["association"]["serviceAccount"]] = answer["association"]["roleArn"]
        return {**addon, "pods": pods}

    def entry(self, principal: str) -> Document | None:
        """Return an access entry with the scopes of its policies."""
        own = {"clusterName": self.name, "principalArn": principal}
        answer = self.found("describe_access_entry", **own)
        if answer is None:
            return None
        policies = unless_missing(
            lambda: self.pages("list_associated_access_policies", "associatedAccessPolicies", **own)
        )
        scopes = {row["policyArn"]: list(row["accessScope"].get("namespaces") or ()) for row in policies or ()}
        return {**answer["accessEntry"], "policies": scopes}

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
            addons, access = pool.submit(reading.addons), pool.submit(reading.access)
            pools = reading.pools()
            return Observed(
                account=self.account,
                cluster=document,
                pools=pools,
                versions=versions.result(),
                findings=findings.result(),
                parts={"addons": addons.result(), "access": access.result()},
                unknown=frozenset(reading.unknown),
            )

    def observe(self, spec: Spec, *, suspicious: bool = False) -> Observed:
        """Read in two rounds: the cluster beside the lists of what it has, then each of these."""
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            reading = Reading(self, pool, self.name)
            started = {part: pool.submit(read) for part, read in reading.first_round(spec).items()}
            document = started.pop("cluster").result()
            pools = started.pop("node_pools").result() if document else {}
            parts = {part: future.result() for part, future in started.items()} if document else {}
            updates = reading.updates(document, pools, suspicious) if document else {}
            versions = pool.submit(reading.versions) if needs_versions(spec, document) else None
            offered = reading.addon_versions(spec, document, parts)
            iam = reading.iam_provider(document) if "identity.workload" in spec.options and document else {}
            subnets, ranges = reading.network(spec, document, pools)
            remains = Leftovers(self, self.name)
            left = remains.read() if spec.absent else None
            known = {**parts, "leftovers": left, "addon_versions": offered, "iam_providers": iam}
            return Observed(
                account=self.account,
                principal=self.principal,
                cluster=document,
                pools=reading.with_zones(pools, subnets or {}),
                updates=updates,
                versions=versions.result() if versions else None,
                subnets=subnets,
                vpc_ranges=ranges if document is None else (),
                parts={part: found for part, found in known.items() if found is not None},
                unknown=frozenset((reading.unknown - (set() if document else OF_CLUSTER)) | remains.unknown),
            )

    # -- writing

    def start(self, action: Action) -> Handle | None:
        arguments = dict(action.arguments)
        if action.verb in ("update", "tag"):
            self._refuse_moved(action)
        if action.call in TOKENED:
            # One token for all tries of this action, new for every action: the same change made again later
            # (there, back, and there again; delete and create anew) must not be answered from memory.
            arguments["clientRequestToken"] = str(uuid.uuid4())
        service, _dot, operation = action.call.rpartition(".")
        if operation == "create_open_id_connect_provider":
            arguments["Url"] = issuer_of(self.cluster() or {})
        answer = self.call(operation, service=service or "eks", **arguments)
        return None if service or operation in AT_ONCE else handle_of(action, answer)

    def _refuse_moved(self, action: Action) -> None:
        """Read what an action changes once more: what another run did since the plan was made is not done again."""
        thing, _space, name = action.target.partition(" ")
        reads = {"pool": self.pool, "addon": self.addon_with_roles, "access": self.entry}
        document = (reads[thing](name) if thing in reads else self.cluster()) or {}
        if any(value_of(action.target, document, path) != seen for path, seen in action.before.items()):
            raise moved_meanwhile(self.session.place, action)

    # -- looking

    def look(self, handle: Handle) -> Look:
        if handle.kind == "update":
            return self._look_at_update(handle)
        thing, _space, name = handle.target.partition(" ")
        reads: dict[str, t.Callable[[str], Document | None]] = {"pool": self.pool, "addon": self.addon}
        return look_at(handle, reads[thing](name) if thing in reads else self.cluster())

    def _look_at_update(self, handle: Handle) -> Look:
        arguments = {"name": self.name, "updateId": handle.id, **of_part(handle.target)}
        found = self.found("describe_update", **arguments)
        if found is None:
            return Look("gone", True)
        update = found["update"]
        return Look(update["status"], update["status"] != "InProgress", update_error(handle, update))


def handle_of(action: Action, answer: t.Mapping[str, t.Any]) -> Handle | None:
    """Return by what the started action is known; tags are done at once."""
    if "update" in answer:
        return Handle("update", action.target, answer["update"]["id"])
    thing = "cluster" if action.target == CONTROL_PLANE else action.target.partition(" ")[0]
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
        within = f"eks/{document.get('clusterName') or document.get('name')}"
        names = {"node pool": document.get("nodegroupName"), "add-on": document.get("addonName")}
        subject = next((f"{within}: {kind} {name}" for kind, name in names.items() if name), within)
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
