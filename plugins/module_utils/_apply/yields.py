# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that somebody else rules once the object exists: replicas under an autoscaler, injected CA bundles. Pure.

Such a field is no part of what we check and mark. It is sent when the object is created. Later, where we still
own it because nobody has changed it, its live value is sent along: leaving it out would make the server remove
it (a Deployment without replicas falls to one).
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.errors import InvalidInput
from .objects import Desired, Object, annotations_of, labels_of, remarked
from .ownership import Fields, owned_fields
from .paths import Item, Key, Path, matches, parse, show, value_at, with_value, without

REPLICAS: Path = (Key("spec"), Key("replicas"))
SCALABLE = frozenset({("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet")})
AUTOSCALER = ("autoscaling", "HorizontalPodAutoscaler")
Target = tuple[str, str, str]
"""Namespace, kind and name of what an autoscaler scales."""


@dataclasses.dataclass(frozen=True)
class Left:
    """One field that is left to somebody else: the value for a new object, and who rules it."""

    path: Path
    value: t.Any
    owner: str


class Injected(t.NamedTuple):
    """A row of what injects into which kind: a mark (annotation or label) and the field."""

    mark: str
    owner: str


INJECTORS = (
    Injected("cert-manager.io/inject-ca-from", "cert-manager"),
    Injected("cert-manager.io/inject-ca-from-secret", "cert-manager"),
    Injected("cert-manager.io/inject-apiserver-ca", "cert-manager"),
    Injected("external-secrets.io/component", "external-secrets"),
    Injected("service.beta.openshift.io/inject-cabundle", "the service CA"),
)

_CLIENT = (Key("clientConfig"), Key("caBundle"))
BUNDLES: dict[str, Path] = {
    "ValidatingWebhookConfiguration": (Key("webhooks"), Item("*"), *_CLIENT),
    "MutatingWebhookConfiguration": (Key("webhooks"), Item("*"), *_CLIENT),
    "CustomResourceDefinition": (Key("spec"), Key("conversion"), Key("webhook"), *_CLIENT),
    "APIService": (Key("spec"), Key("caBundle")),
}
PLACEHOLDERS = ("", "Cg==", "Cgo=")
"""What upstream manifests carry where a bundle will be injected: nothing, or a line feed."""


def targets(scalers: t.Iterable[Object]) -> set[Target]:
    """Return what the autoscalers scale."""
    found = set()
    for scaler in scalers:
        ref = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        found.add((str(scaler["metadata"].get("namespace")), str(ref.get("kind")), str(ref.get("name"))))
    return found


def scaled(members: t.Iterable[Desired]) -> list[Desired]:
    """Return the members whose payload gives a number of replicas."""
    return [m for m in members if m.identity.group_kind in SCALABLE and value_at(m.payload, REPLICAS) is not None]


def yielding(members: t.Sequence[Desired], ignored: Ignored, scalers: t.Iterable[Object] = ()) -> list[Desired]:
    """Return the members without the fields that somebody else rules; each remembers them in ``left``.

    ``scalers`` are autoscalers of the cluster; those of the set are found in it.
    """
    own = [member.payload for member in members if member.identity.group_kind == AUTOSCALER]
    under = targets([*own, *scalers])
    return [_yielding(member, [*_replicas(member, under), *_bundle(member), *ignored.of(member)]) for member in members]


def _replicas(member: Desired, under: set[Target]) -> list[tuple[Path, str]]:
    who = member.identity
    here = who.group_kind in SCALABLE and (who.namespace, who.kind, who.name) in under
    return [(REPLICAS, "a HorizontalPodAutoscaler")] if here else []


def _bundle(member: Desired) -> list[tuple[Path, str]]:
    path = BUNDLES.get(member.identity.kind)
    if path is None:
        return []
    marks = labels_of(member.payload).keys() | annotations_of(member.payload).keys()
    owner = next((row.owner for row in INJECTORS if row.mark in marks), "")
    if owner:
        return [(path, owner)]
    places = matches(member.payload, path)
    return [(place, "whoever injects it") for place in places if value_at(member.payload, place) in PLACEHOLDERS]


def _yielding(member: Desired, patterns: t.Iterable[tuple[Path, str]]) -> Desired:
    payload, left = member.payload, list(member.left)
    for pattern, owner in patterns:
        for path in matches(payload, pattern):
            left.append(Left(path, value_at(payload, path), owner))
            payload = without(payload, path)
    if payload is member.payload:
        return member
    return dataclasses.replace(member, payload=remarked(payload), left=tuple(left))


def payload_for(member: Desired, live: Object | None, manager: str) -> Object:
    """Return what to send: for a new object all of it, else with the live value of each left field that is ours."""
    payload = member.payload
    fields = owned_fields(live, manager) if live is not None else None
    for left in member.left:
        if live is None:
            payload = with_value(payload, left.path, left.value)
        elif fields and _owned(fields, left.path):
            payload = with_value(payload, left.path, value_at(live, left.path))
    return payload


def _owned(node: Fields, path: Path) -> bool:
    for part in path:
        if isinstance(part, Key):
            child = node.get(f"f:{part.name}")
        else:
            child = next((node[key] for key in node if key.startswith("k:") and f'"{part.name}"' in key), None)
        if child is None:
            return False
        if not child:
            return True
        node = child
    return True


class Ignored:
    """What a task says to ignore: kind, ``KIND.GROUP`` or one object's label -> paths."""

    def __init__(self, rules: t.Mapping[str, t.Sequence[str]] | None = None) -> None:
        self._rules: dict[str, list[Path]] = {}
        problems = []
        for name, texts in (rules or {}).items():
            for text in texts:
                path = parse(text)
                if path is None or path[0] in (Key("apiVersion"), Key("kind"), Key("status")) or _identity(path):
                    problems.append(f'ignore_fields.{name}: "{text}" is no path of a field, like spec.replicas')
                else:
                    self._rules.setdefault(name, []).append(path)
        if problems:
            raise InvalidInput(problems)

    def of(self, member: Desired) -> list[tuple[Path, str]]:
        who = member.identity
        names = (who.kind, f"{who.kind}.{who.group}", who.label)
        return [(path, "ignore_fields") for name in names for path in self._rules.get(name, ())]


def _identity(path: Path) -> bool:
    return path in ((Key("metadata"),), (Key("metadata"), Key("name")), (Key("metadata"), Key("namespace")))


def shown(members: t.Iterable[Desired]) -> list[dict[str, str]]:
    """Return the left fields as a result lists them."""
    return [
        {"object": member.label, "field": show(left.path), "owner": left.owner}
        for member in members
        for left in member.left
    ]
