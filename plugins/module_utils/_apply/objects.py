# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the engine: an object, who it is, what we want of it, and the marks that make it ours.

A Kubernetes object is a plain dictionary. Everything here is pure.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import json
import typing as t

Object = dict[str, t.Any]

PART_OF = "applyset.kubernetes.io/part-of"
"""Label of every member of a set (KEP-3659), so that other tools see the set as well."""
DESIRED = "seaworthy.dev/desired"
"""Annotation: digest of what we last asked for. 32 hexadecimal characters, never a copy of the object."""
APPLIED = "seaworthy.dev/applied"
"""Annotation: digests of the fields that we last applied, see ``memory``."""
MANAGED_BY = "app.kubernetes.io/managed-by"
HOME = "seaworthy-system"
"""Namespace of what we keep about our sets: a ConfigMap for its record (the set's parent, KEP-3659) and a Lease.

A set spans namespaces, and a parent must stand somewhere. kube-system is closed on some managed clusters; a parent
of a kind of our own would put a CustomResourceDefinition in front of the first apply on every cluster.
"""
COLLECTION = "seaworthy.platform"

CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")
NAMESPACE = ("", "Namespace")
SECRET = ("", "Secret")


class Identity(t.NamedTuple):
    """Which object, whatever its API version: one name can hold only one of these."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def label(self) -> str:
        """Kind/name or Kind/namespace/name, as people write it."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)

    @property
    def group_kind(self) -> tuple[str, str]:
        return (self.group, self.kind)


class Kind(t.NamedTuple):
    """Group, version and kind: what one LIST and one WATCH speak about."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_kind(self) -> tuple[str, str]:
        return (self.group, self.kind)


@dataclasses.dataclass(frozen=True)
class Desired:
    """One object of the set, cleaned and marked; ``source`` is where a person finds it (file, item).

    ``left`` are fields that were taken out of the payload, since somebody else rules them.
    """

    payload: Object
    identity: Identity
    kind: Kind
    source: str
    left: tuple[t.Any, ...] = ()

    @property
    def mark(self) -> str:
        return str(self.payload["metadata"]["annotations"][DESIRED])

    @property
    def label(self) -> str:
        return self.identity.label


@dataclasses.dataclass(frozen=True)
class Observed:
    """Live objects by identity. ``ours`` carry the set's label (metadata only for ``DATA_KINDS``); ``others``
    exist without it (metadata only). ``version``: no older than this resource version of the cluster."""

    ours: dict[Identity, Object]
    others: dict[Identity, Object]
    version: int = 0

    def has_namespace(self, name: str) -> bool:
        key = Identity("", "Namespace", "", name)
        return key in self.ours or key in self.others

    def loses_namespace(self, name: str) -> bool:
        """Say whether a namespace is being deleted, with everything in it."""
        key = Identity("", "Namespace", "", name)
        return terminating(self.ours.get(key) or self.others.get(key) or {})


def split_api_version(api_version: str) -> tuple[str, str]:
    """Return group ("" for the core group) and version."""
    group, _slash, version = api_version.rpartition("/")
    return group, version


def identity_of(obj: t.Mapping[str, t.Any]) -> Identity:
    """Return who an object with apiVersion, kind and name is."""
    metadata = obj["metadata"]
    group, _version = split_api_version(obj["apiVersion"])
    return Identity(group, obj["kind"], metadata.get("namespace") or "", metadata["name"])


def kind_of(obj: t.Mapping[str, t.Any]) -> Kind:
    group, version = split_api_version(obj["apiVersion"])
    return Kind(group, version, obj["kind"])


def labels_of(obj: t.Mapping[str, t.Any]) -> dict[str, str]:
    return obj.get("metadata", {}).get("labels") or {}


def annotations_of(obj: t.Mapping[str, t.Any]) -> dict[str, str]:
    return obj.get("metadata", {}).get("annotations") or {}


def terminating(obj: t.Mapping[str, t.Any]) -> bool:
    return bool(obj.get("metadata", {}).get("deletionTimestamp"))


def parent_name(set_name: str) -> str:
    """Return the name of the set's ConfigMap and Lease in ``HOME``."""
    return f"set-{set_name}"


@functools.lru_cache(maxsize=64)
def applyset_id(set_name: str) -> str:
    """Return the set's id by the rule of KEP-3659: a digest of its parent's name, namespace, kind and group."""
    digest = hashlib.sha256(f"{parent_name(set_name)}.{HOME}.ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"


def field_manager(set_name: str) -> str:
    """Return the name under which the server records our fields: one per set, used by nobody else."""
    return f"{COLLECTION}/{set_name}"


def digest(payload: Object) -> str:
    """Return the change mark of a payload that does not carry it yet.

    Values of a Secret are left out: a digest of a weak secret could be guessed offline. Whether they changed
    is seen by comparing them with the live ones.
    """
    return hashlib.sha256(canonical(without_secret_values(payload)).encode()).hexdigest()[:32]


def canonical(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def without_secret_values(payload: Object) -> Object:
    if payload.get("kind") != "Secret" or not isinstance(payload.get("data"), dict):
        return payload
    return {**payload, "data": dict.fromkeys(payload["data"], "")}


def marked(payload: Object, set_name: str) -> Object:
    """Return the payload with the set's labels and its own digest; the input is left as it was."""
    metadata = dict(payload["metadata"])
    labels = {MANAGED_BY: COLLECTION, **(metadata.get("labels") or {}), PART_OF: applyset_id(set_name)}
    return remarked({**payload, "metadata": {**metadata, "labels": labels}})


def remarked(payload: Object) -> Object:
    """Return the payload with its own digest, and without what an older run wrote about it."""
    metadata = payload["metadata"]
    given = metadata.get("annotations") or {}
    annotations = {name: text for name, text in given.items() if name not in (DESIRED, APPLIED)}
    plain = {**payload, "metadata": {**metadata, "annotations": annotations}}
    if not annotations:
        del plain["metadata"]["annotations"]
    mark = digest(plain)
    return {**plain, "metadata": {**plain["metadata"], "annotations": {**annotations, DESIRED: mark}}}
