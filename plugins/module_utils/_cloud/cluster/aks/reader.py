# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AKS clusters of a subscription and location, for whoever only wants to know."""

from __future__ import annotations

import dataclasses
import re

from ...._common.clock import Deadline
from ...._common.progress import Progress
from ...azure.session import AzureSession
from ..info import ClusterReader, place_in
from ..observed import Document, Observed
from ..spec import Place
from .driver import AksDriver

GROUP = re.compile(r"/resourceGroups/([^/]+)/", re.IGNORECASE)


class AksReader(ClusterReader):
    def __init__(self, session: AzureSession) -> None:
        self.scope = session.place
        self.driver = AksDriver(session)

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        self.driver.begin(deadline, progress)

    def places(self) -> list[Place]:
        found = [self._place(row) for row in self.driver.listed() if is_in(row, self.scope.location)]
        return sorted(found, key=lambda place: (place.name, place.group))

    def _place(self, row: Document) -> Place:
        group = GROUP.search(str(row["id"]))
        return dataclasses.replace(place_in(self.scope, row["name"]), group=group[1] if group else "")

    def read(self, place: Place) -> Observed:
        return self.driver.of(place).survey()


def is_in(row: Document, location: str) -> bool:
    """Azure spells a location as "West Europe" and as westeurope."""
    return str(row.get("location", "")).replace(" ", "").lower() == location.replace(" ", "").lower()
