# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict reading of a document against an option table: every fault at once, nothing is coerced."""

from __future__ import annotations

import json
import typing as t

from ..._common.errors import did_you_mean
from .options import Branch, Leaf, Option, get_path, tree

Values = dict[str, t.Any]


class Reader:
    """Collects the faults of one document. ``problems`` are sentences without their final stop."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, document: t.Any, rows: t.Iterable[Option], where: str = "") -> Values:
        """Return the values that are set, keyed by the path of their row. None counts as not set."""
        values: Values = {}
        self._branch(document, tree(rows), where, "", values)
        for row in rows:
            if row.required and get_path(document, row.path) is None:
                self.problems.append(f"{where}{row.path} is missing; it must be given")
        return values

    def wrong(self, path: str, value: t.Any, wanted: str) -> None:
        self.problems.append(f"{path} is {shown(value)}; must be {wanted}")

    def _branch(self, value: t.Any, branch: Branch, where: str, path: str, values: Values) -> None:
        if not isinstance(value, t.Mapping):
            self.wrong((where + path).rstrip(".") or "the document", value, "a mapping of names to values")
            return
        for name, item in value.items():
            child = branch.children.get(str(name))
            if child is None:
                near = did_you_mean(str(name), branch.children)
                known = "" if near else f"; known here: {', '.join(sorted(branch.children))}"
                self.problems.append(f"{where}{path}{name} is not an option{near}{known}")
            elif item is not None:
                self._node(item, child, where, f"{path}{name}", values)

    def _node(self, value: t.Any, node: Leaf | Branch, where: str, path: str, values: Values) -> None:
        if isinstance(node, Branch):
            self._branch(value, node, where, f"{path}.", values)
            return
        before = len(self.problems)
        read = self._value(value, node.option, where + path)
        if len(self.problems) == before:
            values[node.option.path] = read

    def _value(self, value: t.Any, option: Option, path: str) -> t.Any:
        wanted = TYPES[option.type](value)
        if wanted:
            self.wrong(path, value, wanted)
            return None
        if option.type == "list":
            return self._list(value, option, path)
        if option.type == "map":
            return {str(name): self.read(item or {}, option.rows, f"{path}.{name}.") for name, item in value.items()}
        before = len(self.problems)
        if option.type == "dict":
            value = self._texts(value, path)
        if len(self.problems) == before:
            self._rules(value, option, path)
        return value

    def _list(self, value: list[t.Any], option: Option, path: str) -> list[t.Any]:
        if option.rows:
            return [self.read(item, option.rows, f"{path}[{number}].") for number, item in enumerate(value)]
        check = TYPES[option.elements or "str"]
        for number, item in enumerate(value):
            wanted = check(item)
            if not wanted and option.choices:
                wanted = not_one_of(item, option.choices)
            if not wanted and option.rule:
                wanted = option.rule(item)
            if wanted:
                self.wrong(f"{path}[{number}]", item, wanted)
        return list(value)

    def _texts(self, value: t.Mapping[t.Any, t.Any], path: str) -> dict[str, str]:
        for key, item in value.items():
            wanted = text(key) or text(item)
            if wanted:
                self.wrong(f"{path}.{key}", item if text(item) else key, wanted)
        return {str(key): item if isinstance(item, str) else "" for key, item in value.items()}

    def _rules(self, value: t.Any, option: Option, path: str) -> None:
        wanted = not_one_of(value, option.choices) if option.choices else ""
        if not wanted and option.rule:
            wanted = option.rule(value)
        if wanted:
            self.wrong(path, value, wanted)


def shown(value: t.Any, most: int = 80) -> str:
    """Return a value as it would be typed in YAML or JSON, cut to a readable length."""
    said = json.dumps(value, ensure_ascii=True, default=str)
    return said if len(said) <= most else said[: most - 3] + "..."


def not_one_of(value: t.Any, choices: tuple[str, ...]) -> str:
    if value in choices:
        return ""
    return f"{', '.join(choices[:-1])}{' or ' if choices[1:] else ''}{choices[-1]}{did_you_mean(str(value), choices)}"


def text(value: t.Any) -> str:
    if isinstance(value, str):
        return "" if value.isprintable() else "text without control characters or line breaks"
    if isinstance(value, (bool, int, float)):
        return f'text: write "{json.dumps(value)}" in quotes'
    return "text"


def version(value: t.Any) -> str:
    """YAML reads an unquoted 1.30 as the number 1.3; Kubernetes minors have had two digits since 1.10."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float):
        whole, _dot, minor = str(value).partition(".")
        return f'text in quotes: write "{whole}.{minor:0<2}" (without quotes YAML reads a number)'
    return 'text in quotes, like "1.36"'


def boolean(value: t.Any) -> str:
    if isinstance(value, bool):
        return ""
    return "true or false, without quotes (on the command line pass JSON: -e '{\"name\": true}')"


def whole(value: t.Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return ""
    return "a whole number, without quotes"


def number(value: t.Any) -> str:
    return "" if isinstance(value, (int, float)) and not isinstance(value, bool) else "a number, without quotes"


def listing(value: t.Any) -> str:
    return "" if isinstance(value, (list, tuple)) else f"a list: write [{shown(value, 40)}]"


def mapping(value: t.Any) -> str:
    return "" if isinstance(value, t.Mapping) else "a mapping of names to values"


TYPES: dict[str, t.Callable[[t.Any], str]] = {
    "str": text,
    "version": version,
    "bool": boolean,
    "int": whole,
    "float": number,
    "list": listing,
    "dict": mapping,
    "json": mapping,
    "map": mapping,
    "row": mapping,
}
