# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data as YAML that people review: block style, keys in the order given, the same text for the same data.

PyYAML's emitter takes 30 times as long, which a fleet of ten thousand files notices.
"""

from __future__ import annotations

import functools
import json
import re
import typing as t

PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@=-]*(:[A-Za-z0-9_/][A-Za-z0-9_./@:-]*[A-Za-z0-9_/-])?")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def text_of(objects: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Return objects as one YAML text of several documents."""
    return "".join(f"---\n{block(obj)}" for obj in objects)


def block(obj: t.Mapping[str, t.Any]) -> str:
    lines: list[str] = []
    _mapping(obj, "", lines)
    return "\n".join(lines) + "\n"


def _mapping(value: t.Mapping[str, t.Any], pad: str, lines: list[str]) -> None:
    for key, item in value.items():
        _entry(f"{pad}{scalar(key)}:", item, f"{pad}  ", lines)


def _entry(head: str, item: t.Any, pad: str, lines: list[str]) -> None:
    if isinstance(item, dict) and item:
        lines.append(head)
        _mapping(item, pad, lines)
    elif isinstance(item, (list, tuple)) and item:
        lines.append(head)
        for member in item:
            _member(member, pad, lines)
    else:
        lines.append(f"{head} {scalar(item)}")


def _member(member: t.Any, pad: str, lines: list[str]) -> None:
    """Write one entry of a list: its first line stands behind the dash."""
    if not isinstance(member, (dict, list, tuple)) or not member:
        lines.append(f"{pad}- {scalar(member)}")
        return
    inner: list[str] = []
    if isinstance(member, dict):
        _mapping(member, f"{pad}  ", inner)
    else:
        for item in member:
            _member(item, f"{pad}  ", inner)
    inner[0] = f"{pad}- {inner[0][len(pad) + 2 :]}"
    lines += inner


def scalar(value: t.Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    said = json.dumps(value)
    # YAML takes 1e+16 for text; a number has a point before its exponent.
    return said.replace("e", ".0e") if isinstance(value, float) and "e" in said and "." not in said else said


@functools.lru_cache(maxsize=65536)
def _quoted(text: str) -> str:
    """Quote whatever a reader of YAML could take for something else than text."""
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
