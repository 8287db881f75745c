# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading of one document against its shape: every fault with its line, nothing is coerced."""

from __future__ import annotations

import re
import typing as t

from .._common.errors import did_you_mean
from .faults import Fault, listed, shown
from .shapes import Anything, Field, Flag, Group, ListOf, MapOf, Number, Shape, Text
from .source import Document, Path


class Reader:
    """Collects the faults of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def read(self, shape: Shape) -> t.Any:
        """Return the document's values with defaults filled in; what is faulty is left out."""
        return self._value(self.document.data, shape, ())

    def _wrong(self, path: Path, value: t.Any, wanted: str) -> None:
        self.faults.append(self.document.fault(path, shown(value), f"must be {wanted}"))

    def _value(self, value: t.Any, shape: Shape, path: Path) -> t.Any:
        return READERS[type(shape)](self, value, shape, path)

    def _text(self, value: t.Any, shape: Text, path: Path) -> t.Any:
        wanted = not_text(value, shape)
        if wanted:
            self._wrong(path, value, wanted)
        return value

    def _flag(self, value: t.Any, _shape: Flag, path: Path) -> t.Any:
        if not isinstance(value, bool):
            self._wrong(path, value, "true or false, without quotes")
        return value

    def _number(self, value: t.Any, shape: Number, path: Path) -> t.Any:
        kinds = int if shape.whole else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool) or not shape.least <= value <= shape.most:
            self._wrong(path, value, f"{bounds(shape)}, without quotes")
        return value

    def _list(self, value: t.Any, shape: ListOf, path: Path) -> t.Any:
        if not isinstance(value, list):
            self._wrong(path, value, f"a list: write [{shown(value, 40)}]")
            return []
        if len(value) < shape.least:
            self._wrong(path, value, f"a list of at least {shape.least}")
        return [self._value(item, shape.of, (*path, number)) for number, item in enumerate(value)]

    def _map(self, value: t.Any, shape: MapOf, path: Path) -> t.Any:
        if not isinstance(value, dict):
            self._wrong(path, value, "a mapping of names to values")
            return {}
        for key in value:
            wanted = not_text(key, shape.keys)
            if wanted:
                self.faults.append(
                    self.document.fault((*path, key), f"named {shown(key)}", f"its name must be {wanted}")
                )
        return {key: self._value(item, shape.of, (*path, key)) for key, item in value.items()}

    def _group(self, value: t.Any, shape: Group, path: Path) -> t.Any:
        if not isinstance(value, dict):
            self._wrong(path, value, "a mapping of names to values")
            return {}
        fields = {field.name: field for field in shape.fields}
        for name in value.keys() - fields.keys():
            self._unknown((*path, name), value[name], fields)
        return {name: self._field(value, field, path) for name, field in fields.items()}

    def _field(self, holder: dict[str, t.Any], field: Field, path: Path) -> t.Any:
        given = holder.get(field.name)
        if given is not None:
            return self._value(given, field.shape, (*path, field.name))
        if field.required:
            at = (*path, field.name)
            self.faults.append(self.document.fault(at, "missing", f"give it: {field.doc[0].lower()}{field.doc[1:-1]}"))
        return field.default

    def _unknown(self, path: Path, value: t.Any, fields: t.Mapping[str, Field]) -> None:
        near = did_you_mean(str(path[-1]), fields)
        remedy = f"no such field is known here{near}, known are {listed(fields, 20)}"
        self.faults.append(self.document.fault(path, shown(value), remedy))

    def _anything(self, value: t.Any, _shape: Anything, _path: Path) -> t.Any:
        return value


READERS: dict[type, t.Callable[[Reader, t.Any, t.Any, Path], t.Any]] = {
    Text: Reader._text,
    Flag: Reader._flag,
    Number: Reader._number,
    ListOf: Reader._list,
    MapOf: Reader._map,
    Group: Reader._group,
    Anything: Reader._anything,
}


def bounds(shape: Number) -> str:
    if shape.least == shape.most:
        return f"{shape.least:g}"
    return f"a{' whole' if shape.whole else ''} number from {shape.least:g} to {shape.most:g}"


def not_text(value: t.Any, shape: Text) -> str:
    """Return what the value must be, or an empty string if it is."""
    if isinstance(value, (bool, int, float)):
        return f"{shape.wanted}, in quotes"
    if not isinstance(value, str) or not value or not value.isprintable():
        return shape.wanted
    if shape.choices and value not in shape.choices:
        return f"{listed(shape.choices)}{did_you_mean(value, shape.choices)}"
    if shape.pattern and not re.fullmatch(shape.pattern, value):
        return shape.wanted
    return ""
