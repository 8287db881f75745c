# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EKS clusters of an account and region, for whoever only wants to know."""

from __future__ import annotations

from ...._common.clock import Deadline
from ...._common.progress import Progress
from ...aws.session import AwsSession
from ..info import ClusterReader, place_in
from ..observed import Observed
from ..spec import Place
from .driver import EksDriver


class EksReader(ClusterReader):
    def __init__(self, session: AwsSession) -> None:
        self.scope = session.place
        self.driver = EksDriver(session)

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        self.driver.begin(deadline, progress)

    def places(self) -> list[Place]:
        return [place_in(self.scope, name) for name in self.driver.names()]

    def read(self, place: Place) -> Observed:
        return self.driver.of(place.name).survey()
