# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GKE as the loop sees it: who we are, what there is, start an action, look at what runs."""

from __future__ import annotations

import concurrent.futures
import copy
import typing as t

from ...._common.errors import InvalidInput, PlatformError
from ...google.errors import NUMBERS, failed_work
from ...google.session import GoogleSession
from ...reconcile.actions import Action, Handle
from ...reconcile.execute import Look
from ..cloud import pool_of
from ..driver import ClusterDriver, Parts, moved_meanwhile, unless_missing
from ..observed import CONTROL_PLANE, Document, Observed, Update, read_field
from ..options import Field, get_path
from ..spec import Place, Spec
from . import payload
from .cloud import GKE
from .codecs import CHANNEL

READERS = 3
RUNNING = ("PENDING", "RUNNING", "ABORTING")
Request = dict[str, t.Any]


class GkeDriver(ClusterDriver):
    patience = {
        "throttled": "for Google to take more requests",
        "unreachable": "for Google to answer again",
    }

    def __init__(self, session: GoogleSession) -> None:
        super().__init__()
        self.session = session
        self.place = session.place

    def of(self, place: Place) -> GkeDriver:
        """Return the same driver for another cluster of the project."""
        other = copy.copy(self)
        other.place = place
        return other

    def identify(self) -> str:
        return self.session.check_principal()

    def call(self, operation: str, **request: t.Any) -> dict[str, t.Any]:
        return self.retrying(lambda: self.session.call(operation, request))

    # -- reading

    def cluster(self) -> Document | None:
        return unless_missing(lambda: self.call("get_cluster", name=payload.cluster_path(self.place)))

    def pool(self, name: str) -> Document | None:
        return unless_missing(lambda: self.call("get_node_pool", name=payload.pool_path(self.place, name)))

    def names(self) -> list[str]:
        """Return the names of the project's clusters in the location."""
        found = self.call("list_clusters", parent=payload.parent(self.place)).get("clusters", ())
        return sorted(cluster["name"] for cluster in found)

    def survey(self) -> Observed:
        """Return all that can be read of the cluster, for people who want to know; a denied part is unknown."""
        document = self.cluster()
        if document is None:
            return Observed(self.account)
        reading = Reading(self)
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            versions, ends = pool.submit(reading.offered, document), pool.submit(reading.upgrades)
        return Observed(
            account=self.account,
            cluster=document,
            pools=pools_of(document),
            versions={**(versions.result() or {}), GKE.version_of(document): ends.result() or {}},
            unknown=frozenset(reading.unknown),
        )

    def observe(self, spec: Spec, *, suspicious: bool = False) -> Observed:
        """A cluster is read with its pools in one request; what else a plan needs is read beside each other."""
        self._check_passed(spec)
        document = self.cluster()
        pools = pools_of(document)
        reading = Reading(self)
        busy = document is not None and (suspicious or any(map(is_busy, (document, *pools.values()))))
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            updates = pool.submit(reading.operations) if busy else None
            versions = pool.submit(reading.versions, spec, document) if needs_versions(spec, document) else None
        return Observed(
            account=self.account,
            cluster=document,
            pools=pools,
            updates=updates.result() if updates else {},
            versions=versions.result() if versions else None,
            unknown=frozenset(reading.unknown),
        )

    def _check_passed(self, spec: Spec) -> None:
        """Refuse what the protos do not have, before any request is made of it."""
        rows = [("Cluster", f"{spec.label}extra", spec.passed, spec.fields)]
        rows += [
            ("NodeConfig", f"{spec.label}node_pools.{name}.extra", pool.passed, pool.fields)
            for name, pool in (spec.pools or {}).items()
        ]
        said = {
            path: self.session.misfit(message, {row.path.removeprefix("extra."): fields[row.path] for row in passed})
            for message, path, passed, fields in rows
            if passed
        }
        problems = [f"{path} does not fit the API: {fault}" for path, fault in said.items() if fault]
        if problems:
            raise InvalidInput(problems)

    # -- writing

    def start(self, action: Action) -> Handle | None:
        request = dict(action.arguments)
        if action.verb in ("update", "tag"):
            request = PREPARED.get(action.call, as_planned)(self._as_it_was(action), request)
        return Handle("operation", action.target, self._write(action.call, request)["name"])

    def _as_it_was(self, action: Action) -> Document:
        """Read what an action changes once more: what another run did since the plan was made is not done again."""
        name = pool_of(action.target)
        document = (self.pool(name) if name else self.cluster()) or {}
        fields = GKE.pool_fields if name else GKE.cluster_fields
        if all(current(fields, document, path) == seen for path, seen in action.before.items()):
            return document
        raise moved_meanwhile(self.place, action)

    def _write(self, operation: str, request: Request) -> dict[str, t.Any]:
        """GKE knows no token that makes a write safe to repeat: one that got lost is looked for, not sent again."""
        try:
            return self.retrying(lambda: self._once(operation, request))
        except PlatformError as error:
            if error.details.get("retry") != "lost":
                raise
            self.retries.network += 1
            error.kind = "conflict"
            raise

    def _once(self, operation: str, request: Request) -> dict[str, t.Any]:
        try:
            return self.session.call(operation, request)
        except PlatformError as error:
            if error.kind == "unreachable":
                error.kind, error.details["retry"] = "unclassified", "lost"
            raise

    # -- looking

    def look(self, handle: Handle) -> Look:
        if handle.kind == "operation":
            return self._look_at_operation(handle)
        pool = pool_of(handle.target)
        return look_at(handle, self.pool(pool) if pool else self.cluster())

    def _look_at_operation(self, handle: Handle) -> Look:
        path = f"{payload.parent(self.place)}/operations/{handle.id}"
        found = unless_missing(lambda: self.call("get_operation", name=path))
        if found is None:
            return Look("gone", True)
        done = found.get("status") == "DONE"
        return Look(str(found.get("status", "")), done, operation_error(handle, found) if done else None)


class Reading(Parts):
    """The reads of one observation beside that of the cluster."""

    def __init__(self, driver: GkeDriver) -> None:
        super().__init__()
        self.driver = driver

    def operations(self) -> dict[str, Update]:
        """Return what is in flight on the cluster and its pools, by target."""
        return self.allowed("operations", self._operations, {})

    def _operations(self) -> dict[str, Update]:
        found = self.driver.call("list_operations", parent=payload.parent(self.driver.place)).get("operations", ())
        ours = [(target_of(operation, self.driver.place.name), operation) for operation in found]
        return {
            target: Update(operation["name"], operation.get("operation_type", ""))
            for target, operation in ours
            if target and operation.get("status") in RUNNING
        }

    def versions(self, spec: Spec, document: Document | None) -> dict[str, Document] | None:
        """Return what the release channel offers: the one that is declared, else the one that the cluster is on."""
        return self.allowed("versions", lambda: self._versions(channel_of(spec, document), document), None)

    def offered(self, document: Document) -> dict[str, Document] | None:
        """Return what the release channel of a cluster offers."""
        channel = str(get_path(document, "release_channel.channel") or "")
        return self.allowed("versions", lambda: self._versions(channel, document), None)

    def upgrades(self) -> Document | None:
        """Return what GKE says of a cluster's upgrades: until when its version is supported."""
        path = payload.cluster_path(self.driver.place)
        return self.allowed("upgrades", lambda: self.driver.call("fetch_cluster_upgrade_info", name=path), None)

    def _versions(self, channel: str, document: Document | None) -> dict[str, Document]:
        config = self.driver.call("get_server_config", name=payload.parent(self.driver.place))
        offered = {row["channel"]: row.get("valid_versions", ()) for row in config.get("channels", ())}
        if channel in offered:
            return {version: {} for version in offered[channel]}
        everywhere = [version for versions in offered.values() for version in versions] if document is None else ()
        return {version: {} for version in (*config.get("valid_master_versions", ()), *everywhere)}


def channel_of(spec: Spec, document: Document | None) -> str:
    """Return the channel as the API spells it, an empty text where that is GKE's choice."""
    wanted = spec.fields.get("maintenance.channel")
    if wanted:
        return str(CHANNEL.write(wanted))
    if spec.fields.get("support") == "extended":
        return "EXTENDED"
    return str(get_path(document or {}, "release_channel.channel") or "")


def needs_versions(spec: Spec, cluster: Document | None) -> bool:
    if spec.absent or not spec.version:
        return False
    return cluster is None or GKE.is_behind(GKE.version_of(cluster), spec.version)


def pools_of(document: Document | None) -> dict[str, Document]:
    """Return the pools by name. Those of Autopilot are Google's own and nobody else's business."""
    if document is None or get_path(document, "autopilot.enabled"):
        return {}
    return {pool["name"]: pool for pool in document.get("node_pools", ())}


def is_busy(document: Document) -> bool:
    return GKE.state(document) in ("creating", "updating", "deleting")


def target_of(operation: Document, cluster: str) -> str:
    """Return what an operation works on, an empty text if that is another cluster.

    Links name projects by number and may say zones for locations, so only their end is compared.
    """
    _project, found, rest = str(operation.get("target_link", "")).partition("/clusters/")
    name, _slash, below = rest.partition("/")
    if not found or name != cluster:
        return ""
    return f"pool {below.removeprefix('nodePools/')}" if below.startswith("nodePools/") else CONTROL_PLANE


# -- what a request repeats from the last read


def current(fields: t.Iterable[Field], document: Document, path: str) -> t.Any:
    """Return the value that an option of a cluster or pool has, a label where the path begins with tags."""
    group, _dot, key = path.partition(".")
    if group == "tags":
        return GKE.tags_of(document).get(key)
    if group == "extra":
        return get_path(document, f"config.{key}" if "config" in document else key)
    return next(read_field(field, document) for field in fields if field.path == path)


def as_planned(document: Document, request: Request) -> Request:
    return request


def with_etag(document: Document, request: Request) -> Request:
    """GKE refuses a change whose reading is out of date."""
    return {**request, "update": {**request["update"], "etag": document.get("etag", "")}}


def with_fingerprint(document: Document, request: Request) -> Request:
    """Lay the change over the labels of this moment; GKE refuses it if somebody else was faster."""
    labels = laid_over(document.get("resource_labels"), request)
    fingerprint = document.get("label_fingerprint", "")
    return {"name": request["name"], "resource_labels": labels, "label_fingerprint": fingerprint}


def laid_over(labels: t.Mapping[str, str] | None, request: Request) -> dict[str, str]:
    """Return labels with a change made, without those that are Google's own."""
    kept = {key: value for key, value in (labels or {}).items() if not key.startswith("goog")}
    return {**{key: value for key, value in kept.items() if key not in request["remove"]}, **request["set"]}


def with_resource_version(document: Document, request: Request) -> Request:
    version = get_path(document, "maintenance_policy.resource_version") or ""
    return {**request, "maintenance_policy": {**request["maintenance_policy"], "resource_version": version}}


def with_version_and_image(document: Document, request: Request) -> Request:
    """UpdateNodePool wants both, changed or not. Labels are laid over those of this moment."""
    image = get_path(document, "config.image_type") or ""
    now = {"node_version": document.get("version", "-"), "image_type": image, "etag": document.get("etag", "")}
    if "set" in request:
        labels = laid_over(get_path(document, "config.resource_labels"), request)
        request = {"name": request["name"], "resource_labels": {"labels": labels}}
    return {**now, **request}


PREPARED: dict[str, t.Callable[[Document, Request], Request]] = {
    "update_cluster": with_etag,
    "set_labels": with_fingerprint,
    "set_maintenance_policy": with_resource_version,
    "update_node_pool": with_version_and_image,
}


# -- how work ends

STILL = {"creation": ("creating",), "change": ("updating",), "deletion": ("deleting", "ready", "updating", "degraded")}


def look_at(handle: Handle, document: Document | None) -> Look:
    """Judge a creation, change or deletion that has no operation by the status of its resource."""
    what = handle.kind.split()[-1]
    if document is None:
        return Look("absent", done=what != "creation")
    state, status = GKE.state(document), str(document.get("status", ""))
    if state in STILL[what]:
        return Look(status, False)
    if state == "failed":
        issues = GKE.issues(document)
        message = str(document.get("status_message", ""))
        return Look(status, True, failed_work(f"{handle.target} is {status}", "", message, issues))
    return Look(status, done=what != "deletion")


def operation_error(handle: Handle, operation: Document) -> PlatformError | None:
    """DONE is no success: an operation that failed is DONE with an error, or with a status message."""
    error = operation.get("error") or {}
    message = str(error.get("message") or operation.get("status_message") or "")
    if not error and not message:
        return None
    conditions = [*operation.get("cluster_conditions", ()), *operation.get("nodepool_conditions", ())]
    what = f"{handle.target}: operation {handle.id} ({operation.get('operation_type', 'unknown')}) failed"
    status = NUMBERS.get(int(error.get("code", 0)), "")
    return failed_work(what, status, message, GKE.issues({"conditions": conditions}), handle.id)
