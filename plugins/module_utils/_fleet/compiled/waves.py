# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications go in order: the waves of an app group that holds in an environment."""

from __future__ import annotations

import typing as t

from ..model import AppGroup, Fleet
from .releases import Release

Step = tuple[str, str, int]
"""Environment, app group, wave from 0."""


class Waves:
    """The releases of one cluster by their place in the app groups."""

    def __init__(self, fleet: Fleet, releases: t.Iterable[Release]) -> None:
        self._groups = fleet.app_groups
        self._places = {
            label: (group, number)
            for group in fleet.app_groups.values()
            for number, wave in enumerate(group.waves)
            for label in wave
        }
        self._steps: dict[Step, list[Release]] = {}
        for release in releases:
            place = self.place(release)
            if place:
                step = (release.room.environment, place[0].name, place[1])
                self._steps.setdefault(step, []).append(release)

    def place(self, release: Release) -> tuple[AppGroup, int] | None:
        """Return group and wave of a release; None if no order holds for it where it is."""
        place = self._places.get(release.app.label)
        if place is None or (place[0].environments and release.room.environment not in place[0].environments):
            return None
        return place

    def groups(self) -> list[tuple[AppGroup, str]]:
        """Return each group with each environment that it has a release in, by name."""
        found = sorted({(name, environment) for environment, name, _wave in self._steps})
        return [(self._groups[name], environment) for name, environment in found]

    def depth(self, group: AppGroup) -> int:
        """Return how many groups come before, one after the other."""
        return max((self.depth(self._groups[name]) + 1 for name in group.after), default=0)

    def before(self, release: Release) -> list[Release]:
        """Return what must be healthy first: the wave before, or for a first wave the last one of earlier groups."""
        place = self.place(release)
        if place is None:
            return []
        group, wave = place
        steps = (
            [(group.name, wave - 1)] if wave else [(name, len(self._groups[name].waves) - 1) for name in group.after]
        )
        return [other for name, number in steps for other in self._at(release.room.environment, name, number)]

    def _at(self, environment: str, group: str, wave: int) -> list[Release]:
        return self._steps.get((environment, group, wave), [])
