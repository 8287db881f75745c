# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Kubernetes reads it. The only room that needs PyYAML; import it where text is read, not before."""

from __future__ import annotations

import typing as t

try:
    import yaml
except ImportError as error:
    from .._common.errors import PlatformError

    raise PlatformError(
        "PyYAML is not installed for the Python that runs this.",
        kind="invalid",
        remedy="Install the Python package PyYAML there, or set ansible_python_interpreter to one that has it.",
    ) from error

# The C loader is 8 times faster, and absent from few builds.
_Base: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MERGE = "tag:yaml.org,2002:merge"


class _Loader(_Base):  # type: ignore[misc]
    """Timestamps stay text, a bare ``=`` is text, a key stands once."""


def _mapping(loader: t.Any, node: yaml.MappingNode) -> t.Iterator[dict[t.Any, t.Any]]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag != MERGE and isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                why = f'the key "{key.value}" stands twice'
                raise yaml.constructor.ConstructorError(None, None, why, key.start_mark)
            seen.add(key.value)
    made: dict[t.Any, t.Any] = {}
    yield made
    made.update(loader.construct_mapping(node))


def _text(loader: t.Any, node: yaml.ScalarNode) -> t.Any:
    return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:value", _text)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


class Faulty(Exception):
    """What is wrong with a text, and in which line (0: unknown)."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.why, self.line = why, line


def documents(text: str) -> list[t.Any]:
    """Return the documents of a text; raise ``Faulty``."""
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise Faulty(why, mark.line + 1 if mark is not None else 0) from error
