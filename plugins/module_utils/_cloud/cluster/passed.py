# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``extra`` passes through to the vendor's API: laid over a request, and never what has an option. Pure."""

from __future__ import annotations

import typing as t

from .options import Field
from .schema import Reader


def merged(arguments: t.Any, extra: t.Any) -> t.Any:
    """Return a request with what is passed through laid over it, deeply."""
    if not isinstance(arguments, t.Mapping) or not isinstance(extra, t.Mapping):
        return extra
    return {**arguments, **{key: merged(arguments.get(key), item) for key, item in extra.items()}}


def holds(observed: t.Any, desired: t.Any) -> bool:
    """Tell whether what is there has everything that is written, whatever else it has.

    What is false, zero or empty may be left out, and a long number may be a text, as in the protos' JSON.
    """
    if isinstance(desired, t.Mapping):
        found = observed or {}
        return isinstance(found, t.Mapping) and all(holds(found.get(key), item) for key, item in desired.items())
    if observed is None:
        return not desired
    return bool(observed == desired) or (isinstance(desired, int) and str(observed) == str(desired))


def options_by_api(fields: t.Iterable[Field]) -> dict[str, str]:
    """Return the options that fields have, by their path in the API."""
    return {field.api: field.path for field in fields if field.api}


def check_passed(reader: Reader, extra: t.Any, options: t.Mapping[str, str], own: t.Iterable[str], path: str) -> None:
    """One value has one place. ``options`` are the options by their path in the API; ``own`` is set by us anyhow."""
    for leaf in _leaves(extra, "") if extra else ():
        taken = next((api for api in (*options, *own) if leaf == api or leaf.startswith(f"{api}.")), None)
        if taken is not None:
            said = f"set {options[taken]} instead" if taken in options else "it is set for you"
            reader.problems.append(f"{path}.{leaf} has an option of its own; {said}")


def _leaves(value: t.Any, path: str) -> t.Iterator[str]:
    if not isinstance(value, t.Mapping) or not value:
        yield path
        return
    for name, item in value.items():
        yield from _leaves(item, f"{path}.{name}" if path else str(name))
