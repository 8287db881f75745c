# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Kubernetes reads it. The only room that needs PyYAML, which is loaded when text is read, not before."""

from __future__ import annotations

import functools
import typing as t

from .._common.errors import PlatformError

if t.TYPE_CHECKING:
    import yaml

MAX_VALUES = 1_000_000
"""More than any set of one file holds; written out it would be refused by its size anyway."""
MERGE = "tag:yaml.org,2002:merge"


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
    """Return the loader class: timestamps stay text, a bare ``=`` is text, a key stands once."""
    library = _library()
    # The C loader is 8 times faster, and absent from few builds.
    loader: t.Any = type("_Loader", (getattr(library, "CSafeLoader", library.SafeLoader),), {})
    loader.add_constructor("tag:yaml.org,2002:map", _mapping)
    loader.add_constructor("tag:yaml.org,2002:value", _text)
    loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
    return loader


def _mapping(loader: t.Any, node: yaml.MappingNode) -> t.Iterator[dict[t.Any, t.Any]]:
    library = _library()
    seen: set[str] = set()
    for key, _value in node.value:
        if key.tag != MERGE and isinstance(key, library.ScalarNode):
            if key.value in seen:
                why = f'the key "{key.value}" stands twice'
                raise library.constructor.ConstructorError(None, None, why, key.start_mark)
            seen.add(key.value)
    made: dict[t.Any, t.Any] = {}
    yield made
    made.update(loader.construct_mapping(node))


def _text(loader: t.Any, node: yaml.ScalarNode) -> t.Any:
    return loader.construct_scalar(node)


class Faulty(Exception):
    """What is wrong with a text, and in which line (0: unknown)."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.why, self.line = why, line


def documents(text: str) -> list[t.Any]:
    """Return the documents of a text; raise ``Faulty``."""
    library = _library()
    try:
        found = list(library.load_all(text, Loader=_loader()))
        if "&" in text and "*" in text:
            refuse_bomb(found)
        return found
    except (library.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise Faulty(why, mark.line + 1 if mark is not None else 0) from error


def refuse_bomb(value: t.Any) -> None:
    """Raise ``Faulty`` where aliases make few bytes mean very many values, or a value hold itself."""
    sizes: dict[int, int] = {}

    def size(node: t.Any) -> int:
        if not isinstance(node, (dict, list)):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = MAX_VALUES  # what is met again while it is measured holds itself
            items = node.values() if isinstance(node, dict) else node
            sizes[id(node)] = min(MAX_VALUES, 1 + sum(map(size, items)))
        return sizes[id(node)]

    if size(value) >= MAX_VALUES:
        raise Faulty(f"its aliases (*name) stand for more than {MAX_VALUES} values")


def dumped(value: t.Any) -> str:
    """Return plain data as YAML: block style, keys sorted, the same text for the same data."""
    library = _library()
    dumper = getattr(library, "CSafeDumper", library.SafeDumper)
    text = library.dump(value, Dumper=dumper, sort_keys=True, default_flow_style=False, allow_unicode=True, width=1000)
    return str(text)
