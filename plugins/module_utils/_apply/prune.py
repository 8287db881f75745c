# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What left the set: found in the LISTs that the comparison needs anyway, judged here, deleted after all is ready.

Pure but for ``dry_run``. In doubt an object stays and the result says why.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.errors import PlatformError
from .answers import failure
from .apply import Hands
from .delete import Victim, defined_groups, judged, made_by_another, send_delete, victim_of
from .discovery import Resource, Resources
from .objects import NAMESPACE, Desired, Identity, Object, Observed, annotations_of, kind_of, terminating
from .order import GroupKind
from .ownership import owned_fields
from .record import Record

KEEP = "seaworthy.dev/keep"

# Annotations by which an object asks to be left, and how each tool says it.
KEEP_WORDS: tuple[tuple[str, str], ...] = (
    (KEEP, "true"),
    ("helm.sh/resource-policy", "keep"),
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
    ("argocd.argoproj.io/sync-options", "Prune=false"),
)

# Deleted only where the task names them, and why.
GUARDED: dict[str, tuple[GroupKind, str]] = {
    "Namespace": (NAMESPACE, "everything in it would go with it"),
    "CustomResourceDefinition": (
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        "all resources of its kind would go with it",
    ),
    "PersistentVolumeClaim": (("", "PersistentVolumeClaim"), "it holds data"),
    "PersistentVolume": (("", "PersistentVolume"), "it holds data"),
    "StatefulSet": (("apps", "StatefulSet"), "its volume claims hold data"),
}

FEW, MANY, SHARE = 5, 20, 0.3
"""Up to FEW objects always may go; without ``prune_max`` at most MANY, and no more than this SHARE of the set."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a task says about pruning. ``maximum`` None: see ``FEW``."""

    manager: str
    kinds: frozenset[str] = frozenset()
    maximum: int | None = None


def recorded_resources(record: Record | None, resources: Resources) -> list[Resource]:
    """Return how to list each kind of the record, in the version that the server prefers."""
    found: dict[GroupKind, Resource] = {}
    for resource in resources.values():
        group_kind = resource.kind.group_kind
        if record is not None and group_kind in record.kinds and {"list", "delete"} <= resource.verbs:
            found.setdefault(group_kind, resource)
    return list(found.values())


def leaving(members: t.Sequence[Desired], observed: Observed, resources: Resources, rules: Rules) -> list[Victim]:
    """Return what carries the set's label and is not in it any more; each that has to stay says why.

    One object may be known under two API groups: it is compared by UID as well.
    """
    wanted = {member.identity for member in members}
    uids = {observed.ours[who]["metadata"]["uid"] for who in wanted if who in observed.ours}
    groups = defined_groups(observed.ours.values())
    found = []
    for who, obj in observed.ours.items():
        if who in wanted or obj["metadata"]["uid"] in uids or terminating(obj) or made_by_another(obj):
            continue
        resource = resources[kind_of(obj)]
        version = str(obj["metadata"]["resourceVersion"])
        found.append(victim_of(resource, obj, groups, _kept(who, obj, rules), version))
    return sorted(found, key=lambda victim: (-victim.stage, victim.identity))


def _kept(who: Identity, obj: Object, rules: Rules) -> str:
    """Return why an object stays although it left the set, or ""."""
    notes = annotations_of(obj)
    for name, word in KEEP_WORDS:
        if word in [part.strip() for part in notes.get(name, "").split(",")]:
            return f"its annotation {name} says so"
    if owned_fields(obj, rules.manager) is None:
        return "it carries the label of the set but was never applied by it"
    for kind, (group_kind, why) in GUARDED.items():
        if who.group_kind == group_kind and kind not in rules.kinds and _holds_data(obj):
            return f"{why}; a {kind} is pruned only if prune_kinds lists it"
    return ""


def _holds_data(obj: Object) -> bool:
    return obj["kind"] != "StatefulSet" or bool((obj.get("spec") or {}).get("volumeClaimTemplates"))


def refuse_many(members: t.Sequence[Desired], going: t.Sequence[Victim], total: int, rules: Rules) -> None:
    """Raise where so much would go that a mistake is likelier than an intention."""
    if going and not members:
        raise PlatformError(
            f"the set is empty, so all {len(going)} object(s) of it would be deleted.",
            kind="protected",
            remedy="Nothing was written. Set state to absent to remove the set, or prune to false to keep them.",
        )
    limit = rules.maximum if rules.maximum is not None else max(FEW, min(MANY, int(total * SHARE)))
    if len(going) > limit:
        shown = ", ".join(victim.identity.label for victim in going[:8])
        more = f" and {len(going) - 8} more" if len(going) > 8 else ""
        raise PlatformError(
            f"{len(going)} of {total} objects left the set and would be deleted, at most {limit} may: {shown}{more}.",
            kind="protected",
            remedy=f"Nothing was written. Set prune_max to {len(going)} if that is meant.",
            details={"prune": [victim.identity.label for victim in going[:100]]},
        )


def asked(hands: Hands, found: t.Sequence[Victim]) -> tuple[list[Victim], list[PlatformError]]:
    """Ask the server about each delete before the first write; return the victims and its refusals."""
    spaces = [victim for victim in found if victim.identity.group_kind == NAMESPACE]
    settled = [victim for victim in found if victim not in spaces] + judged(hands, spaces, found)
    going = [victim for victim in settled if not victim.kept]
    replies = hands.pool.map(lambda victim: send_delete(hands.client, victim, dry_run=True), going)
    refused = [
        failure(reply, f"{victim.identity.label}: delete (dry run)")
        for victim, reply in zip(going, replies, strict=True)
        if not reply.ok and reply.status not in (404, 409)
    ]
    return sorted(settled, key=lambda victim: -victim.stage), refused


def needed(members: t.Sequence[Desired], found: t.Iterable[Victim], unknown: t.Iterable[GroupKind] = ()) -> Record:
    """Return the record that finds these members and victims; ``unknown`` kinds cannot be listed now, so they stay."""
    everyone = [member.identity for member in members] + [victim.identity for victim in found]
    kinds = {who.group_kind for who in everyone} | set(unknown)
    return Record(frozenset(kinds), frozenset(who.namespace for who in everyone if who.namespace))
