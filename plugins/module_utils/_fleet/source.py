# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML text becomes plain data that knows the line of each value. The only room of the wing that needs PyYAML."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._common.errors import PlatformError
from .faults import Fault

if t.TYPE_CHECKING:
    import yaml

Path: t.TypeAlias = "tuple[str | int, ...]"

MERGE = "tag:yaml.org,2002:merge"
DEEPEST = 40
AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", MERGE)
"""What a plain scalar is text for us, although YAML gives it a type of its own."""


@dataclasses.dataclass(frozen=True)
class Document:
    """One file: its path inside the fleet, what it holds, and the line of each value by its path."""

    file: str
    data: t.Any
    lines: t.Mapping[Path, int] = dataclasses.field(default_factory=dict, repr=False)

    def line(self, path: Path) -> int:
        """Return the line of a value, or of the nearest thing that holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1 if self.lines else 0

    def fault(self, path: Path, value: str, remedy: str) -> Fault:
        return Fault(self.file, self.line(path), dotted(path) or "the file", value, remedy)


class Unreadable(Exception):
    """A file that holds no single plain document."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def dotted(path: Path) -> str:
    """Return a path as people write it: namespaces.dev, promotion[1]."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def read_text(file: str, text: str) -> Document:
    """Return the document of a text; raises ``Unreadable``."""
    library = _library()
    loader = None
    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        reader = _Reader(file, loader)
        data = reader.value(node, ()) if node is not None else None
    except (library.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(_not_yaml(file, error)) from error
    finally:
        if loader is not None:
            loader.dispose()
    return Document(file, data, reader.lines or {(): 1})


def _not_yaml(file: str, error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None)
    why = str(getattr(error, "problem", None) or error).splitlines()[0]
    return Fault(file, mark.line + 1 if mark else 1, "the file", f"not readable as YAML ({why})", "correct that line")


class _Reader:
    """Walks the nodes of one document and notes where each value stands."""

    def __init__(self, file: str, loader: t.Any) -> None:
        self.file, self.loader = file, loader
        self.lines: dict[Path, int] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> t.Any:
        library = _library()
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, library.ScalarNode):
            return node.value if node.tag in AS_TEXT else self.loader.construct_object(node)
        if id(node) in self._seen or len(path) > DEEPEST:
            raise self._refusal(path, self.lines[path], "a YAML alias", "write the value out where it is meant")
        self._seen.add(id(node))
        if isinstance(node, library.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        for key, item in node.value:
            name = str(key.value)
            if name in found:
                raise self._refusal((*path, name), key.start_mark.line + 1, "given twice", "keep one of the two")
            self.lines[(*path, name)] = key.start_mark.line + 1
            found[name] = self.value(item, (*path, name))
        return found

    def _refusal(self, path: Path, line: int, value: str, remedy: str) -> Unreadable:
        return Unreadable(Fault(self.file, line, dotted(path) or "the file", value, remedy))


@functools.cache
def _library() -> t.Any:
    try:
        import yaml
    except ImportError as error:
        raise PlatformError(
            "PyYAML is not installed for the Python that runs this.",
            kind="invalid",
            remedy="Install the Python package PyYAML there, or set ansible_python_interpreter to one that has it.",
        ) from error
    return yaml


@functools.cache
def _loader() -> t.Any:
    # The C loader is 8 times faster, and absent from few builds.
    library = _library()
    return getattr(library, "CSafeLoader", library.SafeLoader)
