# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GKE clusters of a project and location, for whoever only wants to know."""

from __future__ import annotations

from ...._common.clock import Deadline
from ...._common.progress import Progress
from ...google.session import GoogleSession
from ..info import ClusterReader, place_in
from ..observed import Observed
from ..spec import Place
from .driver import GkeDriver


class GkeReader(ClusterReader):
    def __init__(self, session: GoogleSession) -> None:
        self.scope = session.place
        self.driver = GkeDriver(session)

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        self.driver.begin(deadline, progress)

    def places(self) -> list[Place]:
        return [place_in(self.scope, name) for name in self.driver.names()]

    def read(self, place: Place) -> Observed:
        return self.driver.of(place).survey()
