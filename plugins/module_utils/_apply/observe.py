# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster holds of a set: one label-selected LIST a kind, and a look for what the label does not find."""

from __future__ import annotations

import collections
import concurrent.futures
import typing as t

from .answers import Reply, failure
from .discovery import Resource, Resources
from .http import JSON, JSON_PATCH, METADATA, METADATA_LIST, Client
from .objects import NAMESPACE, PART_OF, Desired, Identity, Kind, Object, Observed, applyset_id, identity_of
from .ownership import DATA_KINDS

PAGE = "500"
FEW = 10
"""Up to this many missing objects of a kind are asked for by name; more by one LIST of their kind."""


def list_objects(
    client: Client, resource: Resource, *, selector: str = "", namespace: str = "", metadata: bool = False
) -> tuple[list[Object], str]:
    """Return all objects of a kind, page by page, and the resource version to watch from.

    Each carries apiVersion and kind, which the server leaves out of the items of a list.
    """
    found: list[Object] = []
    query = {"limit": PAGE} | ({"labelSelector": selector} if selector else {})
    while True:
        path = resource.path(namespace)
        accept = METADATA_LIST if metadata else JSON
        reply = client.send("GET", path, query=query, accept=accept, count="LIST")
        if not reply.ok:
            raise failure(reply, f"{resource.kind.kind}: list")
        page = reply.json()
        for item in page.get("items") or []:
            found.append({**item, "apiVersion": resource.kind.api_version, "kind": resource.kind.kind})
        about = page.get("metadata") or {}
        if not about.get("continue"):
            return found, str(about.get("resourceVersion") or "")
        query["continue"] = str(about["continue"])


def observe(
    client: Client,
    pool: concurrent.futures.Executor,
    resources: Resources,
    members: t.Sequence[Desired],
    set_name: str,
    recorded: t.Iterable[Resource] = (),
    *,
    whole: bool = False,
) -> Observed:
    """Return what exists of the members' kinds and of the ``recorded`` ones, which the set had before.

    Kinds that the cluster does not know hold nothing. ``whole``: never metadata only.
    """
    selector = f"{PART_OF}={applyset_id(set_name)}"
    kinds = [resources[kind] for kind in dict.fromkeys(member.kind for member in members) if kind in resources]
    present = {resource.kind.group_kind for resource in kinds}
    kinds += [resource for resource in recorded if resource.kind.group_kind not in present]

    def listed(resource: Resource) -> tuple[list[Object], str]:
        metadata = resource.kind.group_kind in DATA_KINDS and not whole
        return list_objects(client, resource, selector=selector, metadata=metadata)

    lists = list(pool.map(listed, kinds))
    ours = {identity_of(obj): obj for found, _version in lists for obj in found}
    missing = [member for member in members if member.identity not in ours and member.kind in resources]
    version = min((int(text) for _found, text in lists if text.isdigit()), default=0)
    return Observed(ours, _unmarked(client, pool, resources, missing), version)


def _unmarked(
    client: Client,
    pool: concurrent.futures.Executor,
    resources: Resources,
    missing: list[Desired],
) -> dict[Identity, Object]:
    """Return the objects that exist without our label. What is in a namespace that does not exist cannot."""
    spaces = [member for member in missing if member.identity.group_kind == NAMESPACE]
    found = _look(client, pool, resources, spaces)
    absent = {member.identity.name for member in spaces if member.identity not in found}
    rest = [m for m in missing if m.identity.group_kind != NAMESPACE and m.identity.namespace not in absent]
    return found | _look(client, pool, resources, rest)


def _look(
    client: Client, pool: concurrent.futures.Executor, resources: Resources, missing: list[Desired]
) -> dict[Identity, Object]:
    by_kind: dict[Kind, list[Desired]] = collections.defaultdict(list)
    for member in missing:
        by_kind[member.kind].append(member)
    jobs: list[concurrent.futures.Future[list[Object]]] = []
    for kind, members in by_kind.items():
        if len(members) > FEW:
            jobs.append(pool.submit(_all, client, resources[kind], {m.identity for m in members}))
        else:
            jobs += [pool.submit(_one, client, resources[kind], member.identity) for member in members]
    return {identity_of(obj): obj for job in jobs for obj in job.result()}


def _all(client: Client, resource: Resource, wanted: set[Identity]) -> list[Object]:
    return [obj for obj in list_objects(client, resource, metadata=True)[0] if identity_of(obj) in wanted]


def _one(client: Client, resource: Resource, identity: Identity) -> list[Object]:
    found = get(client, resource, identity, accept=METADATA)
    return [found] if found is not None else []


def get(client: Client, resource: Resource, identity: Identity, accept: str = JSON) -> Object | None:
    """Return one object, or None when there is none."""
    reply = client.send("GET", resource.path(identity.namespace, identity.name), accept=accept)
    if reply.status == 404:
        return None
    if not reply.ok:
        raise failure(reply, f"{identity.label}: read")
    return {**reply.json(), "apiVersion": resource.kind.api_version, "kind": resource.kind.kind}


def send_patch(client: Client, resource: Resource, who: Identity, patch: list[Object], manager: str) -> Reply:
    """Send a JSON patch of one object."""
    path = resource.path(who.namespace, who.name)
    return client.send("PATCH", path, query={"fieldManager": manager}, body=patch, content=JSON_PATCH)
