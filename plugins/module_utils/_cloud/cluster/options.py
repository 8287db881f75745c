# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of an option table is. Tables feed the argument spec, parsing, diff, payload and documentation."""

from __future__ import annotations

import dataclasses
import typing as t

Type = t.Literal["str", "version", "bool", "int", "float", "list", "dict", "json", "map", "row"]
"""``dict`` holds texts only, ``json`` any plain data; ``map`` and ``row`` have rows of their own."""
Kind = t.Literal["update", "create_only", "immutable", "one_way", "recreate", "own_call", "read_only"]

Rule = t.Callable[[t.Any], str]
"""Returns what a value must be ("at most 100 characters"), or an empty string if it is."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Option:
    """One option. ``path`` is dotted ("endpoint.public"); ``rows`` are those of each entry of a list or map."""

    path: str
    type: Type
    doc: tuple[str, ...]
    elements: Type | None = None
    choices: tuple[str, ...] = ()
    default: t.Any = None
    required: bool = False
    rule: Rule | None = None
    rows: tuple[Option, ...] = ()


@dataclasses.dataclass(frozen=True)
class Codec:
    """How one value is spelt here and in the vendor's API. ``read`` also takes None: the field is not there."""

    read: t.Callable[[t.Any], t.Any]
    write: t.Callable[[t.Any], t.Any]


def same(value: t.Any) -> t.Any:
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field(Option):
    """An option that is a field of a cloud resource.

    ``api`` is its dotted path in the vendor's document; ``compare`` tells whether observed and desired are
    equal; rows of one ``group`` travel in one call; ``source`` cites where kind and call come from.
    ``create_api`` and ``update_api`` are its paths in the request that creates or changes it, where those differ;
    ``est_seconds`` is what a change of it usually takes, 0 where that is nothing special. ``forward`` tells of a
    ``one_way`` field whether the API lets the observed value become the desired one.
    """

    kind: Kind
    api: str
    source: str
    compare: t.Callable[[t.Any, t.Any], bool] = lambda observed, desired: bool(observed == desired)
    codec: Codec = Codec(same, same)
    group: str = ""
    call: str = ""
    create_default: t.Any = None
    create_api: str = ""
    update_api: str = ""
    est_seconds: int = 0
    forward: t.Callable[[t.Any, t.Any], bool] = lambda observed, desired: observed is None


@dataclasses.dataclass(frozen=True)
class Leaf:
    option: Option


@dataclasses.dataclass(frozen=True)
class Branch:
    children: dict[str, Leaf | Branch]


def tree(rows: t.Iterable[Option]) -> Branch:
    """Return the rows as nested names."""
    root = Branch({})
    for row in rows:
        *parents, name = row.path.split(".")
        branch = root
        for parent in parents:
            below = branch.children.setdefault(parent, Branch({}))
            if not isinstance(below, Branch):
                raise TypeError(f"{row.path}: {parent} is a value, not a group")
            branch = below
        branch.children[name] = Leaf(row)
    return root


def argument_options(rows: t.Iterable[Option]) -> dict[str, dict[str, t.Any]]:
    """Return the rows in the form of Ansible's ``argument_spec``."""
    return _arguments(tree(rows))


ANSIBLE_TYPES: dict[str, str] = {"version": "str", "map": "dict", "row": "dict", "json": "dict"}


def _arguments(branch: Branch) -> dict[str, dict[str, t.Any]]:
    return {name: _argument(child) | _harmless(name) for name, child in branch.children.items()}


NAMES_OF_SECRETS = ("keys", "secrets", "key_vault")


def _harmless(name: str) -> dict[str, bool]:
    """What is called like a secret is the name of a key that the cloud keeps, or of a file: not what it holds."""
    return {"no_log": False} if name.endswith(("_key", "_file")) or name in NAMES_OF_SECRETS else {}


def _argument(node: Leaf | Branch) -> dict[str, t.Any]:
    if isinstance(node, Branch):
        return {"type": "dict", "options": _arguments(node)}
    option = node.option
    argument: dict[str, t.Any] = {"type": ANSIBLE_TYPES.get(option.type, option.type)}
    if option.elements:
        argument["elements"] = ANSIBLE_TYPES.get(option.elements, option.elements)
    if option.choices:
        argument["choices"] = list(option.choices)
    if option.default is not None:
        argument["default"] = option.default
    if option.required:
        argument["required"] = True
    if option.rows and option.type == "list":
        argument["options"] = _arguments(tree(option.rows))
    return argument


def get_path(document: t.Any, path: str) -> t.Any:
    """Return the value at a dotted path, None if any part is missing."""
    value = document
    for name in path.split("."):
        if not isinstance(value, t.Mapping):
            return None
        value = value.get(name)
    return value


def set_path(document: dict[str, t.Any], path: str, value: t.Any) -> None:
    """Set the value at a dotted path, with the groups on its way."""
    *parents, name = path.split(".")
    for parent in parents:
        document = document.setdefault(parent, {})
    document[name] = value
