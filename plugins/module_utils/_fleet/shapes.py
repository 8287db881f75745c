# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a value of a fleet file may look like. Shapes feed reading, the published schema and the documentation."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Text:
    """Text that matches ``pattern`` as a whole (empty: any), or is one of ``choices``; ``wanted`` says so in words."""

    wanted: str = "text"
    pattern: str = ""
    choices: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A number between two bounds, both included; ``whole`` ones have no fraction."""

    least: float
    most: float
    whole: bool = False


@dataclasses.dataclass(frozen=True)
class ListOf:
    """A list; ``least`` is how many entries it has at least."""

    of: Shape
    least: int = 0


@dataclasses.dataclass(frozen=True)
class MapOf:
    """A mapping whose keys people choose."""

    of: Shape
    keys: Text = Text("a name")


@dataclasses.dataclass(frozen=True)
class Group:
    """A mapping with the keys that its fields name."""

    fields: tuple[Field, ...]


@dataclasses.dataclass(frozen=True)
class Anything:
    """What somebody else reads, like the values of a chart."""


Shape: t.TypeAlias = "Text | Flag | Number | ListOf | MapOf | Group | Anything"


@dataclasses.dataclass(frozen=True)
class Field:
    """One key of a group. A field that is not given has ``default``; None means that it is not set at all."""

    name: str
    shape: Shape
    doc: str
    required: bool = False
    default: t.Any = None


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of fleet file.

    ``path`` is where its files stand, with a name in braces for each part that people choose; ``shape`` is what a
    file holds.
    """

    name: str
    title: str
    path: str
    shape: Shape
    doc: str
