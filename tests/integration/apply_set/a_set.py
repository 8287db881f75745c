# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set on the shared control plane: applied by the engine, read by another client, writes from the audit log."""

from __future__ import annotations

import dataclasses
import json
import typing as t
import urllib.parse
import uuid

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.auth import kubeconfig_credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.engine import SetRequest, apply_set, inspect_set
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import HOME, applyset_id, field_manager
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from ansible_collections.seaworthy.platform.plugins.module_utils._common.credentials import CredentialSource
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress
from drydock.control_plane import ControlPlane
from drydock.kube import KubeClient, Object

PLURALS = {
    "NetworkPolicy": "networkpolicies",
    "PriorityClass": "priorityclasses",
    "StorageClass": "storageclasses",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
}
WRITES = ("create", "update", "patch", "delete", "deletecollection")


def manifest(kind: str, name: str, namespace: str = "", api: str = "v1", **body: t.Any) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **body}


def config_map(namespace: str, name: str = "settings", **data: str) -> Object:
    return manifest("ConfigMap", name, namespace, data=data or {"color": "blue"})


def deployment(namespace: str, name: str = "web", replicas: int = 1, **pod: t.Any) -> Object:
    labels = {"app": name}
    container = {"name": "main", "image": "registry.example/web:1.0", "ports": [{"containerPort": 8080}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return manifest("Deployment", name, namespace, api="apps/v1", spec=spec)


def definition(group: str, kind: str = "Berth", scope: str = "Namespaced") -> Object:
    """A definition whose resources have ``spec.size`` (a number from 1 on) and ``spec.ropes`` (known by name)."""
    plural = f"{kind.lower()}s"
    rope = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "length": {"type": "integer"}},
    }
    ropes = {"type": "array", "items": rope, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    spec = {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}, "ropes": ropes}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return manifest(
        "CustomResourceDefinition",
        f"{plural}.{group}",
        api="apiextensions.k8s.io/v1",
        spec={"group": group, "scope": scope, "names": names, "versions": [version]},
    )


def path_of(obj: Object) -> str:
    root = f"/apis/{obj['apiVersion']}" if "/" in obj["apiVersion"] else f"/api/{obj['apiVersion']}"
    space = obj["metadata"].get("namespace")
    plural = PLURALS.get(obj["kind"], obj["kind"].lower() + "s")
    return f"{root}{f'/namespaces/{space}' if space else ''}/{plural}/{obj['metadata']['name']}"


@dataclasses.dataclass
class ASet:
    """A set with a name of its own. ``lines`` are the progress lines of its last run."""

    plane: ControlPlane
    name: str = dataclasses.field(default_factory=lambda: f"set-{uuid.uuid4().hex[:8]}")
    lines: list[str] = dataclasses.field(default_factory=list)

    @property
    def manager(self) -> str:
        return field_manager(self.name)

    @property
    def label(self) -> str:
        return applyset_id(self.name)

    @property
    def reader(self) -> KubeClient:
        return self.plane.admin("reader")

    def apply(
        self, *objects: Object, check_mode: bool = False, diff: bool = False, kubeconfig: str = "", **options: t.Any
    ) -> dict[str, t.Any]:
        """Run the engine once and return its result."""
        source = kubeconfig_credentials(kubeconfig or str(self.plane.kubeconfig))
        return self._run(objects, source, check_mode, diff, options)

    def look(self, *objects: Object, **options: t.Any) -> dict[str, t.Any]:
        """Look at the set without a run."""
        request = SetRequest(self.name, self._sources(objects), **{"on_foreign": "yield", "wait": False, **options})
        source = kubeconfig_credentials(str(self.plane.kubeconfig))
        return inspect_set(request, source, diff=False, progress=Progress(self.name, print), clock=SystemClock())

    def _sources(self, objects: t.Sequence[Object]) -> list[tuple[Object, str]]:
        return [(obj, f"item {place}") for place, obj in enumerate(objects)]

    def apply_nowhere(self, *objects: Object, check_mode: bool, **options: t.Any) -> dict[str, t.Any]:
        """Run the engine without a way into any cluster."""
        return self._run(objects, None, check_mode, False, options)

    def _run(
        self,
        objects: t.Sequence[Object],
        source: CredentialSource | None,
        check_mode: bool,
        diff: bool,
        options: dict[str, t.Any],
    ) -> dict[str, t.Any]:
        self.lines = []
        return apply_set(
            SetRequest(self.name, **{"objects": self._sources(objects), "wait_timeout": 60.0, **options}),
            source,
            check_mode=check_mode,
            diff=diff,
            progress=Progress(self.name, self.lines.append),
            clock=SystemClock(),
        )

    def refused(self, *objects: Object, **options: t.Any) -> PlatformError:
        """Run the engine, which must fail, and return why."""
        try:
            result = self.apply(*objects, **options)
        except PlatformError as error:
            return error
        raise AssertionError(f"was not refused: {result}")

    def refused_from(self, sources: t.Sequence[tuple[t.Any, str]], *, check_mode: bool) -> PlatformError:
        """Run the engine on objects with their places, which must fail, and return why."""
        objects = [obj for obj, _source in sources]
        try:
            result = self._run(
                objects,
                kubeconfig_credentials(str(self.plane.kubeconfig)),
                check_mode,
                False,
                {"objects": list(sources)},
            )
        except PlatformError as error:
            return error
        raise AssertionError(f"was not refused: {result}")

    def live(self, obj: Object) -> Object:
        return self.reader.get(path_of(obj))

    def find(self, obj: Object) -> Object | None:
        return self.reader.find(path_of(obj))

    def patch(self, obj: Object, change: Object, by: str = "kubectl-edit") -> Object:
        """Change an object as somebody else."""
        return self.plane.admin(by).merge(f"{path_of(obj)}?fieldManager={by}", change)

    def versions(self, *objects: Object) -> list[str]:
        return [self.live(obj)["metadata"]["resourceVersion"] for obj in objects]

    def all_writes(self) -> list[str]:
        """Return what this set's runs wrote so far, from the API server's audit log, as ``verb path``."""
        return [f"{entry['verb']} {entry['requestURI'].partition('?')[0]}" for entry in self._entries()]

    def writes(self) -> list[str]:
        """Return the same without what is kept about the set itself."""
        return [write for write in self.all_writes() if f"/{HOME}" not in write]

    def record(self) -> Object | None:
        """Return the set's parent."""
        return self.reader.find(f"/api/v1/namespaces/{HOME}/configmaps/set-{self.name}")

    def recorded_kinds(self) -> list[str]:
        parent = self.record()
        assert parent is not None
        return str(parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"]).split(",")

    def _entries(self) -> t.Iterator[dict[str, t.Any]]:
        with self.plane.audit_log.open(encoding="utf-8") as log:
            for line in log:
                if self.manager not in line:
                    continue
                entry = json.loads(line)
                if self._wrote(entry):
                    yield entry

    def _wrote(self, entry: dict[str, t.Any]) -> bool:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(entry["requestURI"]).query)
        ours = entry.get("userAgent") == self.manager
        passed = entry.get("responseStatus", {}).get("code", 500) < 400
        return ours and passed and entry["verb"] in WRITES and "dryRun" not in query
