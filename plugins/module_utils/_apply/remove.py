# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opposite of applying: the set's own objects go, newest stage first; data and definitions stay.

Nothing is deleted that does not carry the set's label, nor anything that was made anew since it was read (its
UID is the precondition). A CustomResourceDefinition would take everybody's resources with it, a volume its data,
a Namespace whatever else lives in it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.clock import Deadline
from .._common.errors import PlatformError
from .._common.progress import Progress
from .answers import failure
from .apply import Hands, stuck
from .discovery import Resource, Resources
from .http import Client
from .objects import NAMESPACE, PART_OF, Identity, Object, applyset_id, identity_of, terminating
from .observe import get, list_objects
from .order import GroupKind, Stage, stage_of

# Never deleted with a set, and why.
KEPT: dict[GroupKind, str] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "its resources of other owners would go with it",
    ("", "PersistentVolumeClaim"): "it holds data",
    ("", "PersistentVolume"): "it holds data",
}

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


@dataclasses.dataclass(frozen=True)
class Victim:
    """One live object of the set (metadata only) and what happens to it; ``kept`` says why it stays."""

    identity: Identity
    resource: Resource
    uid: str
    stage: Stage
    kept: str = ""


def victims(hands: Hands, set_name: str) -> list[Victim]:
    """Return everything that carries the set's label, whatever its kind, newest stage first."""
    selector = f"{PART_OF}={applyset_id(set_name)}"
    kinds = deletable(hands.resources)

    def listed(resource: Resource) -> list[tuple[Resource, Object]]:
        try:
            found, _version = list_objects(hands.client, resource, selector=selector, metadata=True)
        except PlatformError as error:
            if error.kind in ("permission", "not_found", "invalid"):
                return []  # a kind that we may not even list is none that we applied
            raise
        return [(resource, obj) for obj in found if not _made_by_another(obj)]

    pairs = [pair for found in hands.pool.map(listed, kinds) for pair in found]
    defined = {_defined(obj) for resource, obj in pairs if resource.kind.kind == "CustomResourceDefinition"}
    groups = {group for group in defined if group}
    return sorted((_victim(*pair, groups) for pair in pairs), key=lambda victim: -victim.stage)


def deletable(resources: Resources) -> list[Resource]:
    """Return one resource a group and kind, of those that can be listed and deleted."""
    chosen: dict[GroupKind, Resource] = {}
    for resource in resources.values():
        if {"list", "delete"} <= resource.verbs and resource.kind.group_kind not in PASSING:
            chosen.setdefault(resource.kind.group_kind, resource)
    return list(chosen.values())


def _made_by_another(obj: Object) -> bool:
    """A controller copied our label to what it made; that goes with its owner."""
    return any(owner.get("controller") for owner in obj["metadata"].get("ownerReferences") or [])


def _defined(definition: Object) -> str:
    """Return the API group of a definition; its name is PLURAL.GROUP."""
    return str(definition["metadata"]["name"]).partition(".")[2]


def _victim(resource: Resource, obj: Object, groups: t.Container[str]) -> Victim:
    identity = identity_of(obj)
    group_kind = resource.kind.group_kind
    stage = Stage.RESOURCES if resource.kind.group in groups else stage_of(group_kind, ())
    return Victim(identity, resource, obj["metadata"]["uid"], stage, KEPT.get(group_kind, ""))


def remove(hands: Hands, found: t.Sequence[Victim], deadline: Deadline, progress: Progress) -> list[Victim]:
    """Delete stage by stage and wait until each is gone; return all with the reason of those that stayed."""
    done: list[Victim] = []
    for stage in sorted({victim.stage for victim in found}, reverse=True):
        rows = [victim for victim in found if victim.stage == stage]
        spaces = [victim for victim in rows if victim.identity.group_kind == NAMESPACE]
        rest = [victim for victim in rows if victim not in spaces]
        _delete_all(hands, rest, deadline, progress)
        judged = [_judged(hands, space, {v.identity for v in found}) for space in spaces]
        _delete_all(hands, judged, deadline, progress)
        done += rest + judged
    return done


def _judged(hands: Hands, space: Victim, ours: t.Container[Identity]) -> Victim:
    """Return the namespace, kept if it holds what is not ours."""
    content = foreign_content(hands, space.identity.name, ours)
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


def _delete_all(hands: Hands, rows: list[Victim], deadline: Deadline, progress: Progress) -> None:
    going = [victim for victim in rows if not victim.kept]
    list(hands.pool.map(lambda victim: _delete(hands.client, victim), going))
    while going:
        still = [v for v in going if _present(hands.client, v) is not None]
        if not still:
            return
        if deadline.expired():
            live = _present(hands.client, still[0])
            raise stuck(still[0].identity.label, live or {})
        progress.waiting("deleting", f"{len(still)} of {len(rows)}: {still[0].identity.label}", deadline)
        going = still
        deadline.sleep(0.5)


def _delete(client: Client, victim: Victim) -> None:
    who = victim.identity
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": victim.uid},
        "propagationPolicy": "Foreground" if victim.stage == Stage.WORKLOADS else "Background",
    }
    reply = client.send("DELETE", victim.resource.path(who.namespace, who.name), body=body)
    # 404: gone already; 409: another object of that name by now, which is not ours to delete.
    if not reply.ok and reply.status not in (404, 409):
        raise failure(reply, f"{who.label}: delete")


def _present(client: Client, victim: Victim) -> Object | None:
    live = get(client, victim.resource, victim.identity)
    return live if live is not None and live["metadata"]["uid"] == victim.uid else None
