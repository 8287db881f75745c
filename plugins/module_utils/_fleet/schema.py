# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table as JSON Schema (2020-12), for editors and for whoever checks a fleet without us."""

from __future__ import annotations

import typing as t

from .shapes import Anything, Field, Flag, Group, Kind, ListOf, MapOf, Number, Shape, Text

Schema = dict[str, t.Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: Kind) -> Schema:
    """Return the schema of one kind of file."""
    head = {"$schema": DIALECT, "title": f"Fleet: {kind.title}", "description": f"{kind.doc} File: {kind.path}."}
    return {**head, **_shape(kind.shape)}


def _shape(shape: Shape) -> Schema:
    return WRITERS[type(shape)](shape)


def _text(shape: Text) -> Schema:
    if shape.choices:
        return {"type": "string", "enum": list(shape.choices)}
    pattern = {"pattern": f"^({shape.pattern})$"} if shape.pattern else {}
    return {"type": "string", "minLength": 1, "description": _sentence(shape.wanted), **pattern}


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _number(shape: Number) -> Schema:
    return {"type": "integer" if shape.whole else "number", "minimum": shape.least, "maximum": shape.most}


def _list(shape: ListOf) -> Schema:
    return {"type": "array", "items": _shape(shape.of), **({"minItems": shape.least} if shape.least else {})}


def _map(shape: MapOf) -> Schema:
    return {"type": "object", "propertyNames": _text(shape.keys), "additionalProperties": _shape(shape.of)}


def _group(shape: Group) -> Schema:
    required = [field.name for field in shape.fields if field.required]
    properties = {field.name: _field(field) for field in shape.fields}
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needed}


def _field(field: Field) -> Schema:
    schema = _shape(field.shape)
    default = {} if field.default is None or field.required else {"default": field.default}
    return {**schema, "description": field.doc, **default}


WRITERS: dict[type, t.Callable[[t.Any], Schema]] = {
    Text: _text,
    Flag: lambda _shape: {"type": "boolean"},
    Number: _number,
    ListOf: _list,
    MapOf: _map,
    Group: _group,
    Anything: lambda _shape: {},
}
