# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value travels from a Jinja expression into a YAML document without being read as YAML.

The filter ``yaml_value`` writes each value as JSON inside a frame of three characters that no manifest holds
(private use, plane 15). After rendering, each frame becomes a placeholder; YAML is parsed; a scalar that is
exactly one placeholder becomes the value again. So a string stays a string ("1.10", "no", "a: b"), and text
glued to an expression is seen by what YAML itself made of it: in quotes, in a block, beside other text.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import re
import typing as t
from collections.abc import Iterable, Mapping

from jinja2 import Undefined, UndefinedError

START, MIDDLE, END = "\U000f0000", "\U000f0001", "\U000f0002"
_FRAME = re.compile(f"{START}([0-9]+){MIDDLE}([=!])([^{END}]*){END}")
_PLACEHOLDER = re.compile(f"{START}([0-9]+){END}")
_QUOTES = ("'", '"')
MAX_REMEDY = 120
_OMIT_2_16 = "__omit_place_holder__"


class Unusable(Exception):
    """A value that no YAML document can hold, or one that is not there; the text says which."""


@dataclasses.dataclass(frozen=True)
class Expression:
    """Where an expression stands: file (relative to the role), line, and its text."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {{{{ {self.text} }}}}"


def framed(value: t.Any, place: int) -> str:
    """Return the value in its frame; ``place`` is the expression's index. A bad value becomes a framed fault."""
    try:
        return f"{START}{place}{MIDDLE}={json.dumps(plain(value))}{END}"
    except (Unusable, UndefinedError) as fault:
        return f"{START}{place}{MIDDLE}!{json.dumps(str(fault))}{END}"


def plain(value: t.Any) -> t.Any:
    """Return what ``json`` can write: no lazy containers, nothing undefined. Raises ``Unusable``."""
    if isinstance(value, Undefined):
        raise Unusable(_undefined_message(value))
    if value is None or isinstance(value, bool):
        return value
    if hasattr(value, "__ENCRYPTED__"):
        return _text(str(value))
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    raise Unusable(_no_place(value))


def _undefined_message(value: Undefined) -> str:
    try:
        value._fail_with_undefined_error()
    except Exception as error:
        return str(error).removeprefix("A captured exception marker was tripped: ")


def _no_place(value: t.Any) -> str:
    name = type(value).__name__
    if "omit" in name.lower():
        return "omit has no meaning in a template; put the field inside {% if ... %}"
    return f"a value of type {name} has no place in YAML"


def _text(value: str) -> str:
    if value.startswith(_OMIT_2_16):
        raise Unusable("omit has no meaning in a template; put the field inside {% if ... %}")
    if START in value:
        raise Unusable("the text of a macro or block is used as a value; write {{ macro(...) }} with nothing around it")
    return value


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise Unusable(f"{value} is no number that JSON knows")
    return float(value)


def _refuse(value: t.Any) -> t.NoReturn:
    raise Unusable(_no_place(value))


_CONVERSIONS: t.Final[tuple[tuple[type, t.Callable[[t.Any], t.Any]], ...]] = (
    (str, _text),
    (int, int),
    (float, _number),
    (datetime.datetime, lambda value: value.isoformat()),
    (datetime.date, lambda value: value.isoformat()),
    (Mapping, lambda value: {key: plain(value[key]) for key in value}),
    (bytes, _refuse),
    (set, _refuse),
    (Iterable, lambda value: [plain(item) for item in value]),
)


@dataclasses.dataclass
class Unframed:
    """A rendered text with placeholders, and what they stand for: (index of the expression, value)."""

    text: str
    values: list[tuple[int, t.Any]]
    faults: list[tuple[int, str]]
    quoted: list[int]


def unframe(text: str) -> Unframed:
    """Return the text with each frame replaced by a placeholder, and what was in the frames."""
    found = Unframed("", [], [], [])
    parts: list[str] = []
    end = 0
    for match in _FRAME.finditer(text):
        place, content = int(match[1]), json.loads(match[3])
        parts += [text[end : match.start()], f"{START}{len(found.values)}{END}"]
        end = match.end()
        found.values.append((place, content))
        if match[2] == "!":
            found.faults.append((place, content))
        if text[match.start() - 1 : match.start()] in _QUOTES or text[end : end + 1] in _QUOTES:
            found.quoted.append(place)
    found.text = "".join([*parts, text[end:]])
    return found


Scalar = list[str | int]
"""A scalar in pieces: text, and the indexes of the expressions in it."""


class Refill:
    """Puts the values back into parsed documents, and notes where an expression is no whole value."""

    def __init__(self, values: t.Sequence[tuple[int, t.Any]]) -> None:
        self._values = values
        self.glued: list[Scalar] = []
        self.doubled: list[tuple[int, str]] = []

    def value(self, node: t.Any) -> t.Any:
        if isinstance(node, str):
            return self._scalar(node)
        if isinstance(node, dict):
            return self._mapping(node)
        if isinstance(node, list):
            return [self.value(item) for item in node]
        return node

    def _scalar(self, text: str) -> t.Any:
        if START not in text:
            return text
        whole = _PLACEHOLDER.fullmatch(text)
        if whole:
            return self._values[int(whole[1])][1]
        # split: text, index, text, index, text
        pieces = enumerate(_PLACEHOLDER.split(text))
        self.glued.append([self._values[int(piece)][0] if odd % 2 else piece for odd, piece in pieces])
        return text

    def _mapping(self, node: dict[t.Any, t.Any]) -> dict[t.Any, t.Any]:
        filled: dict[t.Any, t.Any] = {}
        for key, item in node.items():
            name = self._scalar(key) if isinstance(key, str) else key
            if isinstance(name, (dict, list)) or (name is not key and name in filled):
                place = self._values[int(_PLACEHOLDER.findall(key)[0])][0]
                self.doubled.append((place, str(name)))
                continue
            filled[name] = self.value(item)
        return filled


def shown(text: str, most: int = 80) -> str:
    """Return text for an error, with an ellipsis for each value: values may be secret."""
    flat = _PLACEHOLDER.sub("…", text).strip()
    return flat if len(flat) <= most else f"{flat[:most]}…"


def glued_problems(scalar: Scalar, table: t.Sequence[Expression]) -> list[str]:
    """Return one sentence for each expression in the scalar, with how to write what was meant."""
    text = "".join(piece for piece in scalar if isinstance(piece, str))
    words = [_word(table[piece].text if isinstance(piece, int) else json.dumps(piece), isinstance(piece, int))
             for piece in scalar if piece != ""]  # fmt: skip
    remedy = f"write {{{{ {' ~ '.join(words)} }}}}"
    if "\n" in text.strip() or len(remedy) > MAX_REMEDY:
        remedy = "set the text first: {% set text %}...{% endset %}, then write {{ text }} as the whole value"
    return [f"{table[piece]} is glued to other text; {remedy}" for piece in scalar if isinstance(piece, int)]


def _word(text: str, is_expression: bool) -> str:
    return f"({text})" if is_expression and not re.fullmatch(r"[\w.]+", text) else text
