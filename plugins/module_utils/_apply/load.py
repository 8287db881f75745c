# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may enter the engine: text becomes objects, objects become the set, every fault at once."""

from __future__ import annotations

import base64
import binascii
import json
import re
import typing as t

from .._common.errors import InvalidInput
from .objects import CRD, Desired, Identity, Object, identity_of, kind_of, marked
from .order import NUMBER, WAVE

NAME = re.compile(r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")
"""Set names: they stand in a field manager (at most 128 characters) and in log lines."""

# Sizes that the API server or etcd refuse (measured on 1.36): request body, all annotations, data of a
# ConfigMap or Secret, one stored object.
MAX_OBJECT = 1_500_000
MAX_ANNOTATIONS = 262_144
MAX_DATA = 1_048_576

SERVER_FIELDS = ("managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink")


def parse(text: str, source: str) -> list[Object]:
    """Return the objects of YAML or JSON text; a ``List`` is opened, an empty document is skipped.

    Raises ``InvalidInput`` with ``source`` and the line.
    """
    return [obj for document in _documents(text, source) for obj in opened(document)]


def _documents(text: str, source: str) -> list[t.Any]:
    if source.endswith(".json"):
        try:
            return [json.loads(text)]
        except ValueError as error:
            raise InvalidInput([f"{source}: {error}"]) from error
    from .yaml_text import Faulty, documents

    try:
        return documents(text)
    except Faulty as fault:
        where = f" line {fault.line}" if fault.line else ""
        raise InvalidInput([f"{source}{where}: {fault.why}"]) from fault


def opened(document: t.Any) -> list[t.Any]:
    """Return the objects of one document: none of an empty one, the items of a List, else itself."""
    if document is None:
        return []
    if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
        return list(document["items"] or [])
    return [document]


def load(set_name: str, objects: t.Sequence[tuple[t.Any, str]]) -> list[Desired]:
    """Return the set: (object, source) pairs cleaned, checked against each other, and marked as ours.

    Raises ``InvalidInput`` naming every fault: identity missing, duplicate, too large, not plain data.
    """
    problems: list[str] = []
    if not NAME.match(set_name) or len(set_name) > 63:
        problems.append(f'the set name "{set_name}" must be lower case letters, digits, "-" and "." (at most 63)')
    members: dict[Identity, Desired] = {}
    for obj, source in objects:
        found = faults(obj)
        if found:
            problems.extend(f"{source}: {fault}" for fault in found)
            continue
        try:
            member = _member(obj, source, set_name)
        except (TypeError, ValueError) as error:
            problems.append(f"{source}: holds a value that JSON cannot carry ({error})")
            continue
        other = members.setdefault(member.identity, member)
        if other is not member:
            problems.append(f"{member.label} stands twice in the set: {other.source} and {source}")
        problems.extend(oversize(member))
    if problems:
        raise InvalidInput(problems)
    return list(members.values())


def _member(obj: Object, source: str, set_name: str) -> Desired:
    payload = marked(clean(obj), set_name)
    return Desired(payload, identity_of(payload), kind_of(payload), source)


def faults(obj: t.Any) -> list[str]:
    """Return what keeps this from being an object that can be applied."""
    if not isinstance(obj, dict):
        return [f"a {type(obj).__name__} stands where an object with apiVersion, kind and metadata is wanted"]
    found = [f'"{key}" is missing' for key in ("apiVersion", "kind") if not _text(obj.get(key))]
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return [*found, '"metadata" is missing']
    if not _text(metadata.get("name")):
        generated = "; generateName would make a new object at each run" if metadata.get("generateName") else ""
        found.append(f'"metadata.name" is missing or no text{generated}')
    found += [fault for key in ("labels", "annotations") for fault in _not_text(metadata.get(key), f"metadata.{key}")]
    notes = metadata.get("annotations")
    wave = notes.get(WAVE) if isinstance(notes, dict) else None
    if isinstance(wave, str) and not NUMBER.match(wave):
        found.append(f'annotation {WAVE} is "{wave}", wanted a whole number')
    if obj.get("kind") == "Secret":
        found += _secret_faults(obj)
    return found


def _text(value: t.Any) -> bool:
    return isinstance(value, str) and bool(value)


def _not_text(value: t.Any, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, dict):
        return [f'"{path}" is {type(value).__name__}, wanted a map of texts']
    return [
        f'"{path}.{key}" is {type(item).__name__} {json.dumps(item, default=str)}, wanted text: quote it'
        for key, item in value.items()
        if not isinstance(item, str)
    ]


def _secret_faults(obj: Object) -> list[str]:
    found = []
    for field in ("data", "stringData"):
        values = obj.get(field)
        if values is not None and not isinstance(values, dict):
            found.append(f'"{field}" of a Secret must be a map')
            continue
        for key, value in (values or {}).items():
            if not isinstance(value, str):
                found.append(f'"{field}.{key}" of a Secret is {type(value).__name__}, wanted text')
            elif field == "data" and not _is_base64(value):
                found.append(f'"data.{key}" of a Secret is not base64; put plain text under stringData')
    return found


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def clean(obj: Object) -> Object:
    """Return the object as plain data without what only the server writes, a Secret's stringData as data."""
    body = {key: value for key, value in obj.items() if key != "status"}
    body["metadata"] = {key: value for key, value in obj["metadata"].items() if key not in SERVER_FIELDS}
    if body["kind"] == "Secret" and obj["apiVersion"] == "v1":
        body = _with_data(body)
    return t.cast(Object, json.loads(json.dumps(body, allow_nan=False)))


def _with_data(secret: Object) -> Object:
    data = {key: "".join(value.split()) for key, value in (secret.get("data") or {}).items()}
    for key, value in (secret.get("stringData") or {}).items():
        data[key] = base64.b64encode(value.encode()).decode()
    body = {key: value for key, value in secret.items() if key not in ("data", "stringData")}
    return {**body, "data": data} if data else body


def oversize(member: Desired) -> list[str]:
    """Return which of the server's size limits the object breaks; asked before the first write."""
    size = len(json.dumps(member.payload, separators=(",", ":")))
    if size < min(MAX_ANNOTATIONS, MAX_DATA):
        return []
    annotations = member.payload["metadata"].get("annotations") or {}
    rows = [
        ("the object", size, MAX_OBJECT),
        ("its annotations", sum(len(k) + len(v) for k, v in annotations.items()), MAX_ANNOTATIONS),
        ("its data", _data_size(member.payload), MAX_DATA),
    ]
    return [
        f"{member.source}: {member.label}: {what} has {has} bytes, the API server takes at most {limit}"
        for what, has, limit in rows
        if has > limit
    ]


def _data_size(payload: Object) -> int:
    if payload["kind"] not in ("ConfigMap", "Secret"):
        return 0
    scale = 0.75 if payload["kind"] == "Secret" else 1.0
    return sum(int(len(str(value)) * scale) for value in (payload.get("data") or {}).values())


def defined_kinds(members: t.Iterable[Desired]) -> dict[tuple[str, str], bool]:
    """Return group and kind -> namespaced, for the CustomResourceDefinitions that the set brings."""
    specs = [member.payload.get("spec") or {} for member in members if member.identity.group_kind == CRD]
    return {
        (str(spec.get("group", "")), str((spec.get("names") or {}).get("kind", ""))): spec.get("scope") == "Namespaced"
        for spec in specs
    }
