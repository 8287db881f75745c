# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kinds the cluster knows, and where each lives: two requests, read once a run, nothing kept on disk."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from .._common.errors import PlatformError
from .answers import failure
from .http import JSON, Client
from .objects import Kind, Object

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," + JSON
)


@dataclasses.dataclass(frozen=True)
class Resource:
    """One kind as the server offers it."""

    kind: Kind
    plural: str
    namespaced: bool
    verbs: frozenset[str]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the URL path of the collection (no name) or of one object; no namespace means all of them."""
        root = f"/apis/{self.kind.group}/{self.kind.version}" if self.kind.group else f"/api/{self.kind.version}"
        where = f"/namespaces/{urllib.parse.quote(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{where}/{self.plural}" + (f"/{urllib.parse.quote(name)}" if name else "")


Resources = dict[Kind, Resource]


def discover(client: Client, map_: t.Callable[..., t.Iterable[t.Any]] = map) -> Resources:
    """Return every kind of the cluster, by the aggregated document, or group by group on old servers.

    Kinds of an aggregated API whose backend does not answer are absent.
    """
    roots = list(map_(lambda path: _read(client, path), ("/api", "/apis")))
    if all(root.get("kind") == "APIGroupDiscoveryList" for root in roots):
        return {r.kind: r for root in roots for group in root.get("items") or [] for r in _of_group(group)}
    return _classic(client, roots, map_)


def _read(client: Client, path: str) -> Object:
    return client.call("GET", path, accept=AGGREGATED, doing="the cluster's list of kinds", count="DISCOVER")


def _of_group(group: Object) -> t.Iterator[Resource]:
    name = (group.get("metadata") or {}).get("name") or ""
    for version in group.get("versions") or []:
        for entry in version.get("resources") or []:
            kind = entry.get("responseKind") or {}
            # The kind of an entry may live in another group than its path (scale): those are subresources.
            yield Resource(
                Kind(name, str(version["version"]), str(kind.get("kind", ""))),
                str(entry["resource"]),
                entry.get("scope") == "Namespaced",
                frozenset(entry.get("verbs") or ()),
            )


def _classic(client: Client, roots: list[Object], map_: t.Callable[..., t.Iterable[t.Any]]) -> Resources:
    core = [("", str(version)) for version in roots[0].get("versions") or []]
    groups = [
        (str(group["name"]), str(version["version"]))
        for group in roots[1].get("groups") or []
        for version in group.get("versions") or []
    ]
    lists = map_(lambda at: _classic_list(client, *at), core + groups)
    return {resource.kind: resource for found in lists for resource in found}


def _classic_list(client: Client, group: str, version: str) -> list[Resource]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    reply = client.send("GET", path, count="DISCOVER")
    if reply.status in (404, 503):
        return []
    if not reply.ok:
        raise failure(reply, f"the cluster's list of kinds of {group}/{version}")
    return [
        Resource(
            Kind(group, version, str(entry["kind"])),
            str(entry["name"]),
            bool(entry.get("namespaced")),
            frozenset(entry.get("verbs") or ()),
        )
        for entry in reply.json().get("resources") or []
        if "/" not in str(entry["name"])
    ]


def wanted(resources: Resources, kind: Kind) -> Resource:
    """Return the resource of a kind; raise one sentence when the cluster does not know it."""
    found = resources.get(kind)
    if found is None:
        raise unknown_kind(resources, kind)
    return found


def unknown_kind(resources: Resources, kind: Kind) -> PlatformError:
    served = sorted(known.version for known in resources if known.group_kind == kind.group_kind)
    if served:
        return PlatformError(
            f"the cluster serves {kind.kind} ({kind.group or 'core'}) as {', '.join(served)}, not as {kind.version}.",
            kind="invalid",
            remedy=f"Write its apiVersion with {served[-1]}.",
        )
    return PlatformError(
        f"the cluster does not know {kind.kind} of {kind.api_version}.",
        kind="not_found",
        remedy="Apply the layer that brings its CustomResourceDefinition first (base brings the shared ones).",
    )
