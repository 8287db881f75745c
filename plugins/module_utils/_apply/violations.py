# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What exists on a cluster and would be refused if its admission policies were enforced.

The API server itself judges: each object is created once more as a dry run, under a name of its own, and the
server answers with the warnings of the policies that are only audited (or its refusal). Nothing is written.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import re
import typing as t

from .._common.argspec import ArgumentSpec
from .._common.clock import Clock
from .._common.credentials import CredentialSource
from .._common.errors import PlatformError
from .._common.progress import Progress
from .answers import Reply
from .http import Client
from .objects import Object

ARGUMENTS = ArgumentSpec({"cluster": {"type": "dict"}, "policies": {"type": "str", "default": ""}})

COLLECTIONS: t.Final[tuple[tuple[str, str, str], ...]] = (
    ("Pod", "/api/v1", "pods"),
    ("Deployment", "/apis/apps/v1", "deployments"),
    ("StatefulSet", "/apis/apps/v1", "statefulsets"),
    ("DaemonSet", "/apis/apps/v1", "daemonsets"),
    ("Job", "/apis/batch/v1", "jobs"),
    ("CronJob", "/apis/batch/v1", "cronjobs"),
    ("Service", "/api/v1", "services"),
    ("Role", "/apis/rbac.authorization.k8s.io/v1", "roles"),
    ("RoleBinding", "/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
)
"""Kind, API root, plural: what the policies of role ``policy`` are about."""

WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
VIOLATION = re.compile(r"ValidatingAdmissionPolicy '([^']+)' with binding '[^']+'(?: denied request)?: (.+)", re.S)
SHOWN = 200
"""Violations in a result; more are counted."""


@dataclasses.dataclass(frozen=True, order=True)
class Violation:
    """One rule that one object breaks. ``policy`` is the policy's name, ``message`` says what and the remedy."""

    namespace: str
    kind: str
    name: str
    policy: str
    message: str

    @property
    def object(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


def copy_of(obj: Object, kind: str, api_version: str) -> Object:
    """Return the object as somebody would create it anew: a name of its own, nothing that the server has set."""
    metadata = obj["metadata"]
    kept = {key: metadata[key] for key in ("namespace", "labels", "annotations") if key in metadata}
    base = metadata.get("generateName") or f"{metadata['name']}-"
    body = {key: value for key, value in obj.items() if key not in ("metadata", "status", "apiVersion", "kind")}
    if kind in SERVER_SET:
        spec = {key: value for key, value in body["spec"].items() if key not in SERVER_SET[kind]}
        body["spec"] = _without_generated_labels(spec) if kind == "Job" else spec
    if kind == "Job":
        kept["labels"] = _plain_labels(kept.get("labels") or {})
    return {"apiVersion": api_version, "kind": kind, "metadata": {**kept, "generateName": base}, **body}


SERVER_SET: t.Final[dict[str, frozenset[str]]] = {
    "Pod": frozenset({"nodeName", "priority", "preemptionPolicy", "ephemeralContainers"}),
    "Service": frozenset({"clusterIP", "clusterIPs", "healthCheckNodePort", "loadBalancerIP"}),
    "Job": frozenset({"selector"}),
}
"""Fields of ``spec`` that the server or the scheduler sets, and that a new object may not bring."""

_JOB_LABELS = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")


def _plain_labels(labels: Object) -> Object:
    return {name: value for name, value in labels.items() if name not in _JOB_LABELS}


def _without_generated_labels(spec: Object) -> Object:
    template = spec["template"]
    metadata = template.get("metadata") or {}
    plain = {**metadata, "labels": _plain_labels(metadata.get("labels") or {})}
    return {**spec, "template": {**template, "metadata": plain}}


def found_in(obj: Object, kind: str, texts: t.Iterable[str], prefix: str) -> list[Violation]:
    """Return the violations that the server's sentences tell, of policies whose name begins with the prefix."""
    matches = (VIOLATION.search(text) for text in texts)
    pairs = ((match[1], match[2].strip()) for match in matches if match)
    place = (str(obj["metadata"].get("namespace", "")), kind, str(obj["metadata"]["name"]))
    return [Violation(*place, policy, message) for policy, message in pairs if policy.startswith(prefix)]


def sentences(reply: Reply) -> list[str]:
    """Return the warnings of an answer, and its message if it is a refusal."""
    warned = [re.sub(r"\\(.)", r"\1", text) for text in WARNING.findall(reply.headers.get("warning", ""))]
    return warned if reply.ok else [*warned, str(reply.json().get("message", ""))]


def is_its_own(obj: Object) -> bool:
    """Whether nobody else makes it: what a controller made is told once, as its template."""
    owners = obj["metadata"].get("ownerReferences") or []
    return not any(owner.get("controller") for owner in owners)


class Inspection:
    """Asks one API server about everything of ``COLLECTIONS``; ``prefix`` picks the policies by name."""

    def __init__(self, client: Client, prefix: str, workers: int = 8) -> None:
        self._client, self._prefix, self._workers = client, prefix, workers
        self.asked = 0

    def violations(self) -> list[Violation]:
        found: list[Violation] = []
        with concurrent.futures.ThreadPoolExecutor(self._workers) as pool:
            for kind, root, plural in COLLECTIONS:
                objects = [obj for obj in self._listed(root, plural) if is_its_own(obj)]
                self.asked += len(objects)
                jobs = [pool.submit(self._judged, obj, kind, root, plural) for obj in objects]
                found += [violation for job in jobs for violation in job.result()]
        return sorted(set(found))

    def _listed(self, root: str, plural: str) -> t.Iterator[Object]:
        query = {"limit": "500"}
        while True:
            page = self._client.call(
                "GET", f"{root}/{plural}", query=query, doing=f"the list of {plural}", count="LIST"
            )
            yield from page.get("items") or []
            more = (page.get("metadata") or {}).get("continue")
            if not more:
                return
            query = {"limit": "500", "continue": more}

    def _judged(self, obj: Object, kind: str, root: str, plural: str) -> list[Violation]:
        api_version = root.removeprefix("/apis/").removeprefix("/api/")
        path = f"{root}/namespaces/{obj['metadata']['namespace']}/{plural}"
        body = copy_of(obj, kind, api_version)
        reply = self._client.send("POST", path, query={"dryRun": "All"}, body=body, count="DRY-RUN")
        if reply.status == 403 and "cannot create" in str(reply.json().get("message", "")):
            raise PlatformError(
                f"this identity may not create {plural} even as a dry run, so nobody can be asked about them.",
                kind="permission",
                remedy="Run the report with the identity that applies the layers.",
            )
        return found_in(obj, kind, sentences(reply), self._prefix)


def report(credentials: CredentialSource | None, prefix: str, progress: Progress, clock: Clock) -> dict[str, t.Any]:
    """Return ``violations`` (at most ``SHOWN``), ``counts`` by policy and how many objects were ``asked`` about.

    Without credentials there is no cluster yet, and nothing to report.
    """
    if credentials is None:
        return {"changed": False, "violations": [], "total": 0, "counts": {}, "asked": 0}
    client = Client(credentials, clock=clock)
    try:
        inspection = Inspection(client, prefix)
        found = inspection.violations()
    finally:
        client.close()
    counts: dict[str, int] = {}
    for violation in found:
        counts[violation.policy] = counts.get(violation.policy, 0) + 1
    _tell(found, inspection.asked, progress)
    rows = [{"object": v.object, "policy": v.policy, "message": v.message} for v in found[:SHOWN]]
    return {"changed": False, "violations": rows, "total": len(found), "counts": counts, "asked": inspection.asked}


def _tell(found: t.Sequence[Violation], asked: int, progress: Progress) -> None:
    if not found:
        progress.say("clean", f"{asked} objects: none would be refused")
        return
    objects = len({violation.object for violation in found})
    progress.say("audit", f"{asked} objects: {objects} would be refused if the rules were enforced")
    for violation in found[:SHOWN]:
        progress.say("would not", f"{violation.object}: {violation.message} ({violation.policy})")
