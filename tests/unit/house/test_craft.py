# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bars of craft: small typed functions, small files, names that say something."""

from __future__ import annotations

import ast
import pathlib
import statistics
import typing as t

import pytest

from tests.unit.house.checkout import ROOT, python_files, tracked

AREAS = ["plugins", "drydock", "tests", "bootstrap"]
VAGUE = {"utils", "util", "helpers", "helper", "misc", "manager", "stuff", "functions", "tools"}


class Function(t.NamedTuple):
    place: str
    lines: int
    typed: bool


def functions(source: str, place: str) -> list[Function]:
    """Return every function of a source with its length (its docstring not counted) and whether it is fully typed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = [argument for argument in arguments if argument.arg not in ("self", "cls")]
            typed = node.returns is not None and all(argument.annotation for argument in named)
            found.append(Function(f"{place}:{node.lineno} {node.name}", _lines(node) - _docstring_lines(node), typed))
    return found


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _lines(node.body[0]) if ast.get_docstring(node, clean=False) is not None else 0


def all_functions(area: str) -> list[Function]:
    return [
        function
        for path in python_files(area)
        for function in functions(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]


@pytest.mark.parametrize("area", AREAS)
def test_functions_are_small(area: str) -> None:
    found = all_functions(area)
    sizes = sorted(function.lines for function in found)
    assert [function.place for function in found if function.lines > 80] == []
    assert statistics.median(sizes) <= 12
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 35


@pytest.mark.parametrize("area", AREAS)
def test_every_function_is_typed(area: str) -> None:
    assert [function.place for function in all_functions(area) if not function.typed] == []


@pytest.mark.parametrize("area", AREAS)
def test_files_are_under_600_lines(area: str) -> None:
    def lines(path: pathlib.Path) -> int:
        return len(path.read_text(encoding="utf-8").splitlines())

    assert [str(path) for path in python_files(area) if lines(path) >= 600] == []


def test_names_say_what_is_inside() -> None:
    named = [path for path in tracked() if path.suffix in (".py", ".go", ".sh")]
    folders = {
        part
        for path in named
        for part in path.relative_to(ROOT).parts[:-1]
        if part not in ("module_utils", "plugin_utils")
    }
    assert [path for path in named if path.stem in VAGUE] == []
    assert folders & VAGUE == set()


def test_a_long_untyped_function_is_seen() -> None:
    source = 'def f(a, b: int) -> int:\n    """One.\n\n    Two.\n    """\n' + "    a += b\n" * 90 + "    return a\n"
    assert functions(source, "x.py") == [Function("x.py:1 f", 92, False)]
