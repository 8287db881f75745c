# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a fleet where the play runs, with the clusters of the inventory."""

from __future__ import annotations

from ..module_utils._fleet.run import FLEET_CHECK, fleet_check
from ..plugin_utils._fleet_action import FleetAction
from ..plugin_utils._inprocess import Request, Result


class ActionModule(FleetAction):
    ARGUMENTS = FLEET_CHECK
    MODULE = "seaworthy.platform.fleet_check"

    def perform(self, request: Request) -> Result:
        return fleet_check(self.located(request.options, request.task_vars))
