# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Template sources, read with Jinja's own lexer: each output expression is passed through ``yaml_value``.

Left as they are: text between ``{% set x %}`` and ``{% endset %}`` (a configuration file that becomes one
value), and calls of macros, whose text is YAML already.
"""

from __future__ import annotations

import re
import typing as t

from jinja2 import Environment, TemplateSyntaxError, nodes

from ..module_utils._common.errors import InvalidInput
from ._yaml_values import Expression

FILTER = "seaworthy.platform.yaml_value"
OVERRIDES: t.Final = {"trim_blocks": True, "lstrip_blocks": True}
"""So that ``{% if %}`` on a line of its own leaves no line behind."""

Token = tuple[int, str, str]

_ENVIRONMENT = Environment(keep_trailing_newline=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
_TEXT_CALLS = frozenset({"caller", "super"})
_ENDS = {"variable_begin": "variable_end", "block_begin": "block_end"}


def rewritten(source: str, file: str, table: list[Expression]) -> str:
    """Return the source with every output expression framed; adds each to ``table``, whose index is its place.

    Raises ``InvalidInput`` (file, line) on a source that Jinja cannot read.
    """
    try:
        tokens: list[Token] = list(_ENVIRONMENT.lex(source, file))
    except TemplateSyntaxError as error:
        raise InvalidInput([f"{file} line {error.lineno}: {error.message}"]) from error
    return "".join(_Rewriter(file, table).pieces(tokens))


class _Rewriter:
    def __init__(self, file: str, table: list[Expression]) -> None:
        self._file = file
        self._table = table
        self._macros: set[str] = set(_TEXT_CALLS)
        self._depth = 0

    def pieces(self, tokens: list[Token]) -> t.Iterator[str]:
        rest = iter(tokens)
        for line, kind, text in rest:
            if kind not in _ENDS:
                yield text
                continue
            inner, close = self._until(rest, _ENDS[kind])
            if kind == "block_begin":
                self._note_block(inner)
            body = "".join(word for _line, _kind, word in inner)
            yield self._output(line, text, body, close) if self._frames(kind, body) else f"{text}{body}{close}"

    @staticmethod
    def _until(rest: t.Iterator[Token], end: str) -> tuple[list[Token], str]:
        inner: list[Token] = []
        for token in rest:
            if token[1] == end:
                return inner, token[2]
            inner.append(token)
        return inner, ""

    def _frames(self, kind: str, body: str) -> bool:
        """Whether this is an output whose value is data: not inside a set block, not the text of a macro."""
        if kind != "variable_begin" or self._depth or not body.strip():
            return False
        called = re.match(r"\s*([A-Za-z_]\w*)(?:\.\w+)?\s*\(", body)
        return called is None or called[1] not in self._macros

    def _output(self, line: int, begin: str, body: str, end: str) -> str:
        self._table.append(Expression(self._file, line, " ".join(body.split())))
        return f"{begin}({body}) | {FILTER}({len(self._table) - 1}){end}"

    def _note_block(self, inner: list[Token]) -> None:
        words = [word for _line, kind, word in inner if kind not in ("whitespace", "comment")]
        if words[:1] == ["set"] and "=" not in words[: words.index("|") if "|" in words else None]:
            self._depth += 1
        elif words[:1] == ["endset"]:
            self._depth -= 1
        elif words[:1] == ["macro"]:
            self._macros.add(words[1])
        elif words[:1] in (["import"], ["from"]) and "import" in words:
            self._macros.update(word for word in words[1:] if word.isidentifier())


def parsed(source: str, file: str) -> nodes.Template:
    """Return the syntax tree; raises ``InvalidInput`` (file, line) where it is none."""
    try:
        return _ENVIRONMENT.parse(source, file)
    except TemplateSyntaxError as error:
        raise InvalidInput([f"{file} line {error.lineno}: {error.message}"]) from error


def names_in(tree: nodes.Template) -> dict[str, int]:
    """Return each variable that the template reads -> its first line, in order of appearance."""
    found = [(node.lineno, node.name) for node in tree.find_all(nodes.Name) if node.ctx == "load"]
    lines: dict[str, int] = {}
    for line, name in sorted(found):
        lines.setdefault(name, line)
    return lines


def attribute_line(tree: nodes.Template, attribute: str) -> int | None:
    """Return the first line that asks for an attribute or key of this name."""
    lines = [node.lineno for node in tree.find_all(nodes.Getattr) if node.attr == attribute]
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.arg, nodes.Const) and item.arg.value == attribute:
            lines.append(item.lineno)
    return min(lines, default=None)
