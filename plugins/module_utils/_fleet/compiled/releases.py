# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One application in one namespace: what every engine delivers, whatever words it has for it."""

from __future__ import annotations

import dataclasses
import typing as t

from ..model import Application, Fleet
from .room import Room


@dataclasses.dataclass(frozen=True)
class Release:
    room: Room
    app: Application

    @property
    def name(self) -> str:
        """Its name inside its namespace."""
        return f"{self.app.name}-{self.room.environment}"

    @property
    def full_name(self) -> str:
        """Its name where all teams stand side by side."""
        return f"{self.app.team}-{self.name}"

    @property
    def revision(self) -> str:
        own = self.app.environments.get(self.room.environment)
        return own.revision if own and own.revision else str(self.app.source["revision"])

    @property
    def values(self) -> t.Any:
        own = self.app.environments.get(self.room.environment)
        return overlaid(self.app.source["values"], own.values) if own else self.app.source["values"]


def overlaid(base: t.Any, above: t.Any) -> t.Any:
    """Return two maps as one, deeply; anything else is replaced."""
    if not isinstance(base, dict) or not isinstance(above, dict):
        return above
    return {**base, **{key: overlaid(base.get(key), value) for key, value in above.items()}}


def releases_of(fleet: Fleet, rooms: t.Iterable[Room]) -> list[Release]:
    """Return what runs in some namespaces: the applications of each whose promotion reaches its environment."""
    by_project: dict[str, list[Application]] = {}
    for label in sorted(fleet.applications):
        app = fleet.applications[label]
        by_project.setdefault(app.project, []).append(app)
    return [
        Release(room, app)
        for room in rooms
        for app in by_project.get(room.project.name, ())
        if room.environment in app.promotion
    ]
