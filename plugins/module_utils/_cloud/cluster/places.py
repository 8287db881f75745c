# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of options that names a cluster of any cloud: for doors that serve all of them. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .cloud import Cloud
from .options import Option
from .spec import Place, parse_place


def any_place_options(clouds: t.Sequence[Cloud]) -> tuple[Option, ...]:
    """Return every option that names a place on one of the clouds; required is what all of them require."""
    rows: dict[str, list[tuple[Cloud, Option]]] = {}
    for cloud in clouds:
        for option in cloud.place_options:
            rows.setdefault(option.path, []).append((cloud, option))
    return tuple(_merged(found, len(clouds)) for found in rows.values())


def _merged(found: t.Sequence[tuple[Cloud, Option]], clouds: int) -> Option:
    first = found[0][1]
    everywhere = len(found) == clouds
    alike = everywhere and all(option.doc == first.doc for _cloud, option in found)
    doc = tuple(f"{cloud.title} - {text}" for cloud, option in found for text in option.doc)
    required = everywhere and all(option.required for _cloud, option in found)
    return dataclasses.replace(first, doc=first.doc if alike else doc, required=required, rule=None)


def any_place(cloud: Cloud, options: t.Mapping[str, t.Any], *, label: str = "") -> Place:
    """Return the place that options for any cloud name on one. Raises InvalidInput for those of another cloud."""
    return parse_place(cloud, given(options), label=label)


def given(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options that are set, within maps too: Ansible fills in null for all others."""
    found = {name: given(value) if isinstance(value, t.Mapping) else value for name, value in options.items()}
    return {name: value for name, value in found.items() if value not in (None, {})}
