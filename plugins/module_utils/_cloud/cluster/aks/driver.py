# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AKS as the loop sees it: who we are, what there is, start an action, look at what runs."""

from __future__ import annotations

import base64
import binascii
import concurrent.futures
import copy
import re
import typing as t
import urllib.parse

from ...._common.errors import PlatformError
from ...azure.errors import failed_work, seconds
from ...azure.session import AzureSession, Reply
from ...reconcile.actions import Action, Handle
from ...reconcile.execute import Look
from ..cloud import pool_of
from ..driver import ClusterDriver, Parts, unless_missing
from ..observed import Document, Observed
from ..options import get_path
from ..spec import Place, Spec
from . import payload
from .cloud import AKS

READERS = 6
ENDED = ("Succeeded", "Failed", "Canceled")
Request = t.Mapping[str, t.Any]


class AksDriver(ClusterDriver):
    patience = {
        "throttled": "for Azure to take more requests",
        "unreachable": "for Azure to answer again",
        "propagation": "for Microsoft Entra ID to make an identity known",
    }

    def __init__(self, session: AzureSession) -> None:
        super().__init__()
        self.session = session
        self.place = session.place
        self.work: dict[str, Work] = {}

    def of(self, place: Place) -> AksDriver:
        """Return the same driver for another cluster of the subscription."""
        other = copy.copy(self)
        other.place, other.work = place, {}
        return other

    def identify(self) -> str:
        return self.session.check_subscription()

    def call(self, method: str, url: str, body: t.Any = None, **headers: str) -> Reply:
        """A PUT under an etag, a DELETE and a GET may all be sent twice: the second meets what the first did."""
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.retrying(lambda: self.session.call(method, url, body, spelt))

    def get(self, url: str) -> Document:
        return self.call("GET", url).body

    # -- reading

    def resource(self) -> Document | None:
        found = unless_missing(lambda: self.get(payload.cluster_url(self.place)))
        return None if found is None else payload.cluster_document(found)

    def cluster(self) -> Document | None:
        """Return the cluster with the way into its API, which AKS tells in a request of its own."""
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            return Reading(self, pool).cluster(children=False)

    def pool(self, name: str) -> Document | None:
        found = unless_missing(lambda: self.get(payload.pool_url(self.place, name)))
        return None if found is None else payload.pool_document({**found["properties"], "name": name})

    def listed(self) -> list[Document]:
        """Return the clusters of the resource group, without one those of the subscription."""
        found: list[Document] = []
        url = payload.clusters_url(self.place)
        while url:
            page = self.get(url)
            found += page.get("value") or ()
            url = page.get("nextLink") or ""
        return found

    def survey(self) -> Observed:
        """Return all that can be read of the cluster, for people who want to know; a denied part is unknown."""
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            reading = Reading(self, pool)
            versions = pool.submit(reading.versions)
            document = reading.cluster(children=True)
            return Observed(
                account=self.account,
                cluster=document,
                pools=payload.pools_of(document),
                versions=versions.result() if document else None,
                unknown=frozenset(reading.unknown),
            )

    def observe(self, spec: Spec, *, suspicious: bool = False) -> Observed:
        """The cluster holds its pools; what stands beside it is read at the same time, versions only when needed."""
        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            reading = Reading(self, pool)
            document = reading.cluster(children=True)
            versions = reading.versions() if needs_versions(spec, document) else None
        return Observed(
            account=self.account,
            cluster=document,
            pools=payload.pools_of(document),
            versions=versions,
            unknown=frozenset(reading.unknown),
        )

    # -- writing

    def start(self, action: Action) -> Handle | None:
        reply = VERBS[action.call](self, action.arguments)
        return self._handle(action.target, reply)

    def _handle(self, target: str, reply: Reply) -> Handle | None:
        """Azure tells where to look; a signed address is kept as it is, and out of results."""
        url = reply.headers.get("Azure-AsyncOperation") or reply.headers.get("Location")
        if not url or reply.status == 204:
            return None
        name = urllib.parse.urlsplit(url).path.rpartition("/")[2]
        self.work[name] = Work(url, rests_until=self._soonest(reply))
        return Handle("operation", target, name)

    def _soonest(self, reply: Reply) -> float:
        return self.elapsed() + seconds(reply.headers.get("Retry-After", ""))

    def elapsed(self) -> float:
        return self._deadline.elapsed() if self._deadline else 0.0

    # -- looking

    def look(self, handle: Handle) -> Look:
        if handle.id in self.work:
            return self._look_at_work(handle, self.work[handle.id])
        name = pool_of(handle.target)
        return look_at(handle, self.pool(name) if name else self.resource())

    def _look_at_work(self, handle: Handle, work: Work) -> Look:
        """Any word but three is under way; an error beside one of those is a remark. Source: recordings/aks."""
        if self.elapsed() < work.rests_until:
            return Look(work.status, False)
        reply = unless_missing(lambda: self.call("GET", work.url))
        if reply is None:
            return Look("gone", True)
        work.rests_until = self._soonest(reply)
        work.status = str(reply.body.get("status") or ("InProgress" if reply.status == 202 else "Succeeded"))
        failed = work.status in ENDED[1:]
        return Look(work.status, work.status in ENDED, work_error(handle, reply.body) if failed else None)


class Work:
    """Work under way by the address that Azure gave for it; not looked at again before ``rests_until``."""

    def __init__(self, url: str, rests_until: float) -> None:
        self.url = url
        self.rests_until = rests_until
        self.status = "InProgress"


class Reading(Parts):
    """The parallel reads of one observation."""

    def __init__(self, driver: AksDriver, pool: concurrent.futures.Executor) -> None:
        super().__init__()
        self.driver = driver
        self.place = driver.place
        self.pool = pool

    def cluster(self, *, children: bool) -> Document | None:
        """Return the cluster with what stands beside it."""
        found = self.pool.submit(self.driver.resource)
        way_in = self.pool.submit(self.credentials)
        beside = {name: self.pool.submit(read, self) for name, read in BESIDE.items()} if children else {}
        document = found.result()
        if document is None:
            return None
        known = {name: future.result() for name, future in beside.items()}
        return {**document, "credentials": way_in.result() or _named(document), **known}

    def credentials(self) -> Document:
        """Return server and authority of the API. No secret of the answer is kept."""
        url = payload.cluster_url(self.place, "/listClusterUserCredential")
        answer = self.allowed("credentials", lambda: self._unless_early(url), None)
        configs = answer.body.get("kubeconfigs") if answer else None
        return _way_in(str(configs[0].get("value", ""))) if configs else {}

    def _unless_early(self, url: str) -> Reply | None:
        """A cluster in the making has no way in yet."""
        try:
            return unless_missing(lambda: self.driver.call("POST", url))
        except PlatformError as error:
            if error.kind in ("conflict", "invalid", "unclassified"):
                return None
            raise

    def listed(self, part: str, url: str) -> list[Document]:
        found = self.allowed(part, lambda: unless_missing(lambda: self.driver.get(url)), None)
        return list((found or {}).get("value") or ())

    def locks(self) -> Document:
        """Those of the cluster itself; a lock of its group or subscription is somebody else's business."""
        here = f"{payload.cluster_id(self.place)}/providers/".lower()
        rows = self.listed("locks", payload.locks_url(self.place))
        return {row["name"]: row["properties"] for row in rows if str(row.get("id", "")).lower().startswith(here)}

    def maintenance(self) -> Document:
        rows = self.listed("maintenance", payload.cluster_url(self.place, "/maintenanceConfigurations"))
        return {SCHEDULES.get(str(row["name"]).lower(), str(row["name"])): row["properties"] for row in rows}

    def diagnostics(self) -> Document:
        rows = self.listed("diagnostics", payload.diagnostics_url(self.place))
        return {row["name"]: row["properties"] for row in rows}

    def versions(self) -> dict[str, Document] | None:
        return self.allowed("versions", self._versions, None)

    def _versions(self) -> dict[str, Document]:
        kinds = f"{payload.container_service(self.place)}/locations/{self.place.location}/kubernetesVersions"
        rows = self.driver.get(f"{kinds}?api-version={payload.CLUSTERS}").get("values") or ()
        return {
            patch: {"plans": get_path(row, "capabilities.supportPlan") or ()}
            for row in rows
            for patch in row.get("patchVersions") or ()
        }


BESIDE: dict[str, t.Callable[[Reading], Document]] = {
    "locks": Reading.locks,
    "maintenanceConfigurations": Reading.maintenance,
    "diagnosticSettings": Reading.diagnostics,
}
SCHEDULES = {
    name.lower(): name for name in ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
}
"""Names of maintenance configurations, which come back in the letters in which they were first written."""


def _way_in(value: str) -> Document:
    """Return server and authority of a kubeconfig in base64, as AKS writes it."""
    try:
        text = base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return {}
    server = re.search(r"^\s*server: (\S+)$", text, re.MULTILINE)
    authority = re.search(r"^\s*certificate-authority-data: (\S+)$", text, re.MULTILINE)
    return {"server": server[1] if server else "", "ca": authority[1] if authority else ""}


def _named(cluster: Document) -> Document:
    """Return the way in by name alone, where we may not ask for more; not for a cluster that is still made."""
    name = get_path(cluster, "properties.fqdn") or get_path(cluster, "properties.privateFQDN")
    return {"server": f"https://{name}:443", "ca": ""} if name and AKS.state(cluster) != "creating" else {}


def needs_versions(spec: Spec, cluster: Document | None) -> bool:
    if spec.absent or not spec.version:
        return False
    return cluster is None or AKS.is_behind(AKS.version_of(cluster), spec.version)


# -- the verbs of Azure Resource Manager


def create(driver: AksDriver, request: Request) -> Reply:
    """Make what must not be there yet."""
    return driver.call("PUT", request["url"], request["body"], If_None_Match="*")


def edit(driver: AksDriver, request: Request) -> Reply:
    """Lay a change over what is there at this moment; Azure refuses it if somebody else was faster."""
    now = driver.get(request["url"])
    return driver.call("PUT", request["url"], payload.laid_over(now, changes_of(request, now)), **_matching(now))


def patch(driver: AksDriver, request: Request) -> Reply:
    """A PATCH changes tags alone, and takes the whole of them."""
    now = driver.get(request["url"])
    body = {"tags": changes_of(request, now)[request["tags"]]}
    return driver.call("PATCH", request["url"], body, **_matching(now))


def put(driver: AksDriver, request: Request) -> Reply:
    return driver.call("PUT", request["url"], request["body"])


def remove(driver: AksDriver, request: Request) -> Reply:
    """What stands beside a cluster may be gone already."""
    return unless_missing(lambda: delete(driver, request)) or Reply(204, {}, {})


def delete(driver: AksDriver, request: Request) -> Reply:
    return driver.call("DELETE", request["url"])


def changes_of(request: Request, now: Document) -> dict[str, t.Any]:
    """Return what to set, tags laid over those of this moment."""
    changes = dict(request.get("set") or {})
    if "tags" in request:
        tags = get_path(now, request["tags"]) or {}
        kept = {key: value for key, value in tags.items() if key not in request["removed"]}
        changes[request["tags"]] = {**kept, **request["added"]}
    return changes


def _matching(resource: Document) -> dict[str, str]:
    etag = payload.etag_of(resource)
    return {"If_Match": etag} if etag else {}


VERBS: dict[str, t.Callable[[AksDriver, Request], Reply]] = {
    "create": create,
    "edit": edit,
    "patch": patch,
    "put": put,
    "delete": delete,
    "remove": remove,
}


# -- how work ends

STILL = {
    "creation": ("creating",),
    "change": ("updating",),
    "deletion": ("deleting", "ready", "updating", "stopped"),
}


def look_at(handle: Handle, document: Document | None) -> Look:
    """Judge work whose operation nobody knows by the state of its resource. What failed is for the next plan."""
    what = handle.kind.split()[-1]
    if document is None:
        return Look("absent", done=what != "creation")
    state, status = AKS.state(document), str(document.get("status", ""))
    return Look(status, done=state not in STILL[what])


def work_error(handle: Handle, body: Document) -> PlatformError:
    status = str(body.get("status"))
    what = f"{handle.target}: operation {handle.id} {'was cancelled' if status == 'Canceled' else 'failed'}"
    error = failed_work(what, body.get("error") or {}, handle.id)
    if status == "Canceled":
        error.kind, error.remedy = "canceled", "Run again if it is still wanted."
    return error
