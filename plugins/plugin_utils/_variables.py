# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of ours that nobody knows: a misspelled one would otherwise be silence, not an error.

What is known comes from ``meta/argument_specs.yml`` of every role, so that a new role needs no Python. A prefix
that is an everyday word (``base_``) is refused only where the name nearly is one of ours; ``base_url`` is not.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import functools
import os
import pathlib
import re
import typing as t

import yaml

from ..module_utils._common.errors import did_you_mean

Options = dict[str, dict[str, t.Any]]
Template = t.Callable[[t.Any, bool], t.Any]
"""Returns a value with its templates filled in; the flag says that the text is ours, not the inventory's."""

PLATFORM = "platform_"
FACTS = frozenset({"platform_cluster", "foundation_attach"})
EVERYDAY_WORDS = frozenset({"base_", "resolve_"})
NEARLY = 0.8
ADDITIONS = ("_group", "_host")
SWITCH = {"true": True, "yes": True, "false": False, "no": False}
REMEDY = "correct it, remove it, or list it in platform_ignored_variables if it is yours"

_LOADER: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def role_options(roles: pathlib.Path) -> dict[str, Options]:
    """Return the documented options of each role below the folder, by role name."""
    found: dict[str, Options] = {}
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        specs = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)["argument_specs"]
        options: Options = {}
        for entry_point in specs.values():
            options.update(entry_point.get("options") or {})
        found[path.parent.parent.name] = options
    return found


def known_names(roles: t.Mapping[str, Options]) -> frozenset[str]:
    return FACTS.union(*roles.values())


def unknown_names(
    names: t.Iterable[str], roles: t.Mapping[str, Options], ignored: t.Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the names with one of our prefixes that no role documents, sorted; ``ignored`` are shell patterns."""
    known = known_names(roles)
    prefixes = (PLATFORM, *(f"{role}_" for role in roles))
    suspects = (name for name in names if name.startswith(prefixes) and name not in known)
    return tuple(sorted(name for name in suspects if not _is_ignored(name, ignored) and _is_ours(name, known)))


def _is_ignored(name: str, patterns: t.Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _is_ours(name: str, known: t.Iterable[str]) -> bool:
    return not name.startswith(tuple(EVERYDAY_WORDS)) or nearly_known(name, known)


def nearly_known(name: str, known: t.Iterable[str]) -> bool:
    return bool(difflib.get_close_matches(name, known, n=1, cutoff=NEARLY))


def option_values(options: Options, variables: t.Mapping[str, t.Any], template: Template) -> dict[str, t.Any]:
    """Return each option's value, templated: the inventory's, else its default. Options with neither are absent."""
    values: dict[str, t.Any] = {}
    for name, option in options.items():
        if name in variables:
            values[name] = _typed(template(variables[name], False), option)
        elif "default" in option:
            values[name] = template(option["default"], True)
    return values


def _typed(value: t.Any, option: dict[str, t.Any]) -> t.Any:
    """``-e name=value`` can only say text: read the words that a switch may be given as."""
    if isinstance(value, str) and option.get("type") == "bool" and value.lower() in SWITCH:
        return SWITCH[value.lower()]
    return value


def merged_maps(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with each ``<map>_group`` and ``<map>_host`` merged, in that order, over its map."""
    merged = {name: value for name, value in values.items() if not _addition_of(name, values)}
    for suffix in ADDITIONS:
        for name, value in values.items():
            target = name.removesuffix(suffix)
            if target != name and target in merged and value:
                merged[target] = overlaid(merged[target] or {}, value)
    return merged


def _addition_of(name: str, values: t.Mapping[str, t.Any]) -> bool:
    return any(name.endswith(suffix) and name.removesuffix(suffix) in values for suffix in ADDITIONS)


def overlaid(base: t.Any, above: t.Any) -> t.Any:
    """Return two maps as one, deeply, as the filter ``combine(recursive=true)`` does; anything else is replaced."""
    if not isinstance(base, t.Mapping) or not isinstance(above, t.Mapping):
        return above
    return {**base, **{key: overlaid(base.get(key), value) for key, value in above.items()}}


@dataclasses.dataclass(frozen=True)
class Sources:
    """Where a person may have written a variable, in the order of who wins."""

    extra_vars: tuple[str, ...] = ()
    files: tuple[pathlib.Path, ...] = ()

    def place_of(self, name: str) -> str:
        """Return ``path:line``, ``-e``, or an empty string (a task, a plugin, an encrypted file)."""
        mention = re.compile(rf"(?<![\w.]){re.escape(name)}[\"']?\s*[:=]")
        for given in self.extra_vars:
            if given.startswith("@"):
                place = _place_in(pathlib.Path(given[1:]), mention)
            else:
                place = "-e" if mention.search(given) else ""
            if place:
                return place
        return next(filter(None, (_place_in(path, mention) for path in self.files)), "")


def _place_in(path: pathlib.Path, mention: re.Pattern[str]) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    for number, line in enumerate(lines, 1):
        if mention.search(line) and not line.lstrip().startswith(("#", ";")):
            return f"{_as_typed(path)}:{number}"
    return ""


def _as_typed(path: pathlib.Path) -> str:
    """Return the path as a person in the working directory would type it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def sources(inventories: t.Sequence[str], playbook_dir: str, extra_vars: t.Sequence[str]) -> Sources:
    """Return the files of one run: hosts files and the group_vars and host_vars beside them and the playbook."""
    files: list[pathlib.Path] = []
    for source in map(pathlib.Path, inventories):
        folder = source if source.is_dir() else source.parent
        files += sorted(filter(pathlib.Path.is_file, folder.iterdir())) if source.is_dir() else [source]
        files += _variable_files(folder)
    playbooks = pathlib.Path(playbook_dir)
    files += [*_variable_files(playbooks), *sorted(playbooks.glob("*.yml"))]
    return Sources(tuple(extra_vars), tuple(dict.fromkeys(files)))


def _variable_files(folder: pathlib.Path) -> list[pathlib.Path]:
    found = [path for name in ("host_vars", "group_vars") for path in (folder / name).rglob("*")]
    return sorted(path for path in found if path.is_file())


def refusals(names: t.Iterable[str], roles: t.Mapping[str, Options], where: Sources) -> list[str]:
    """Return one sentence for each unknown name. One that stands nowhere we can see must at least look like ours."""
    known = known_names(roles)
    placed = [(name, where.place_of(name)) for name in names]
    return [_sentence(name, place, known) for name, place in placed if place or nearly_known(name, known)]


def _sentence(name: str, place: str, known: t.Iterable[str]) -> str:
    at = {"": "set by a play, a task or an inventory plugin", "-e": "given with -e"}.get(place, f"in {place}")
    return f"{name} ({at}) is not a variable of seaworthy.platform{did_you_mean(name, known)}; {REMEDY}"
