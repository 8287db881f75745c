# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting what is ours: newest stage first, nothing that was made anew since it was read, nobody else's."""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.clock import Deadline
from .._common.errors import PlatformError
from .._common.progress import Progress
from .answers import Reply, failure
from .apply import Hands, stuck
from .discovery import Resource, Resources
from .http import Client
from .objects import NAMESPACE, PART_OF, Identity, Object, applyset_id, identity_of, labels_of, terminating
from .observe import get, list_objects
from .order import GroupKind, Stage, stage_of

# What every namespace holds by itself.
FURNITURE: frozenset[tuple[GroupKind, str]] = frozenset(
    {(("", "ConfigMap"), "kube-root-ca.crt"), (("", "ServiceAccount"), "default")}
)
PASSING: frozenset[GroupKind] = frozenset(
    {
        ("", "Event"),
        ("events.k8s.io", "Event"),
        ("", "Endpoints"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("coordination.k8s.io", "Lease"),
        ("metrics.k8s.io", "PodMetrics"),
    }
)


ATTEMPTS = 5
"""How often a delete is sent again for an object that its controller keeps writing."""


@dataclasses.dataclass(frozen=True)
class Victim:
    """One live object of the set and what happens to it; ``kept`` says why it stays.

    ``version``: it is deleted only as it was read, or read again and found to be still of the set.
    """

    identity: Identity
    resource: Resource
    uid: str
    stage: Stage
    kept: str = ""
    version: str = ""


def victim_of(resource: Resource, obj: Object, groups: t.Container[str], kept: str = "", version: str = "") -> Victim:
    """Return a live object as a victim; resources of ``groups`` (those of the set's definitions) go first."""
    own = resource.kind.group in groups
    stage = Stage.RESOURCES if own else stage_of(resource.kind.group_kind, ())
    return Victim(identity_of(obj), resource, obj["metadata"]["uid"], stage, kept, version)


def defined_groups(objects: t.Iterable[Object]) -> set[str]:
    """Return the API groups of the definitions among live objects; a definition's name is PLURAL.GROUP."""
    definitions = (obj for obj in objects if obj["kind"] == "CustomResourceDefinition")
    return {str(obj["metadata"]["name"]).partition(".")[2] for obj in definitions} - {""}


def labelled(hands: Hands, set_name: str) -> list[tuple[Resource, Object]]:
    """Return everything that carries the set's label, whatever its kind (metadata only): one LIST a kind."""
    selector = f"{PART_OF}={applyset_id(set_name)}"

    def listed(resource: Resource) -> list[tuple[Resource, Object]]:
        try:
            found, _version = list_objects(hands.client, resource, selector=selector, metadata=True)
        except PlatformError as error:
            if error.kind in ("permission", "not_found", "invalid"):
                return []  # a kind that we may not even list is none that we applied
            raise
        return [(resource, obj) for obj in found if not made_by_another(obj)]

    return [pair for found in hands.pool.map(listed, deletable(hands.resources)) for pair in found]


def deletable(resources: Resources) -> list[Resource]:
    """Return one resource a group and kind, of those that can be listed and deleted."""
    chosen: dict[GroupKind, Resource] = {}
    for resource in resources.values():
        if {"list", "delete"} <= resource.verbs and resource.kind.group_kind not in PASSING:
            chosen.setdefault(resource.kind.group_kind, resource)
    return list(chosen.values())


def made_by_another(obj: Object) -> bool:
    """A controller copied our label to what it made; that goes with its owner."""
    return any(owner.get("controller") for owner in obj["metadata"].get("ownerReferences") or [])


def remove(hands: Hands, found: t.Sequence[Victim], deadline: Deadline, progress: Progress) -> list[Victim]:
    """Delete stage by stage and wait until each is gone; return all with the reason of those that stayed."""
    done: list[Victim] = []
    for stage in sorted({victim.stage for victim in found}, reverse=True):
        rows = [victim for victim in found if victim.stage == stage]
        spaces = [victim for victim in rows if victim.identity.group_kind == NAMESPACE]
        rest = [victim for victim in rows if victim not in spaces]
        done += _delete_all(hands, rest, deadline, progress)
        done += _delete_all(hands, judged(hands, spaces, found), deadline, progress)
    return done


def judged(hands: Hands, spaces: t.Iterable[Victim], found: t.Iterable[Victim]) -> list[Victim]:
    """Return the namespaces; those which hold what is not among ``found`` are kept."""
    ours = {victim.identity for victim in found}
    return [_judged(hands, space, ours) for space in spaces]


def _judged(hands: Hands, space: Victim, ours: t.Container[Identity]) -> Victim:
    """Return the namespace, kept if it holds what is not ours."""
    content = [] if space.kept else foreign_content(hands, space.identity.name, ours)
    if not content:
        return space
    more = f" and {len(content) - 3} more" if len(content) > 3 else ""
    return dataclasses.replace(space, kept=f"it holds {', '.join(content[:3])}{more}, which this set did not make")


def foreign_content(hands: Hands, namespace: str, ours: t.Container[Identity]) -> list[str]:
    """Return what lives in a namespace beside ours: not what others own there, nor what Kubernetes puts there."""

    def listed(resource: Resource) -> list[Object]:
        return list_objects(hands.client, resource, namespace=namespace, metadata=True)[0]

    kinds = [resource for resource in deletable(hands.resources) if resource.namespaced]
    found = [obj for objects in hands.pool.map(listed, kinds) for obj in objects]
    return [
        who.label
        for obj in found
        if (who := identity_of(obj)) not in ours
        and (who.group_kind, who.name) not in FURNITURE
        and not obj["metadata"].get("ownerReferences")
        and not terminating(obj)
    ]


def _delete_all(hands: Hands, rows: list[Victim], deadline: Deadline, progress: Progress) -> list[Victim]:
    """Delete the rows and wait until they are gone; return them, some kept after all."""
    settled = list(hands.pool.map(lambda victim: victim if victim.kept else _delete(hands.client, victim), rows))
    going = [victim for victim in settled if not victim.kept]
    while going := [victim for victim in going if _present(hands.client, victim) is not None]:
        if deadline.expired():
            raise stuck(going[0].identity.label, _present(hands.client, going[0]) or {})
        progress.waiting("deleting", f"{len(going)} of {len(rows)}: {going[0].identity.label}", deadline)
        deadline.sleep(0.5)
    return settled


def _delete(client: Client, victim: Victim) -> Victim:
    """Delete it as it was read; what changed meanwhile is read again and deleted only if it is still of the set."""
    for _attempt in range(ATTEMPTS):
        reply = send_delete(client, victim)
        if reply.status != 409 or not victim.version:
            break
        live = _present(client, victim)
        if live is None:
            break
        if not labels_of(live).get(PART_OF):
            return dataclasses.replace(victim, kept="somebody took it out of the set meanwhile")
        victim = dataclasses.replace(victim, version=live["metadata"]["resourceVersion"])
    # 404: gone already; 409: another object of that name by now, which is not ours to delete.
    if not reply.ok and reply.status not in (404, 409):
        raise failure(reply, f"{victim.identity.label}: delete")
    return victim


def send_delete(client: Client, victim: Victim, *, dry_run: bool = False) -> Reply:
    """Send one delete, on condition that the object is the one that was read."""
    who = victim.identity
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": victim.uid} | ({"resourceVersion": victim.version} if victim.version else {}),
        "propagationPolicy": "Foreground" if victim.stage == Stage.WORKLOADS else "Background",
    }
    if dry_run:
        # The server reads the body; whoever reads its audit log sees the query.
        body["dryRun"] = ["All"]
    query = {"dryRun": "All"} if dry_run else None
    path = victim.resource.path(who.namespace, who.name)
    return client.send("DELETE", path, query=query, body=body, count="DRY-RUN" if dry_run else "DELETE")


def _present(client: Client, victim: Victim) -> Object | None:
    live = get(client, victim.resource, victim.identity)
    return live if live is not None and live["metadata"]["uid"] == victim.uid else None
