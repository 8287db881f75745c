# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish a rendered fleet from where the play runs, with the clusters of the inventory."""

from __future__ import annotations

from ..module_utils._fleet.publish_run import FLEET_PUBLISH, fleet_publish
from ..plugin_utils._fleet_action import FleetAction
from ..plugin_utils._inprocess import Request, Result


class ActionModule(FleetAction):
    ARGUMENTS = FLEET_PUBLISH
    MODULE = "seaworthy.platform.fleet_publish"

    def perform(self, request: Request) -> Result:
        options = self.located(request.options, request.task_vars)
        result = fleet_publish(options, check_mode=request.check_mode)
        return result if request.diff else {name: value for name, value in result.items() if name != "diff"}
