# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what we keep on a cluster is well, from this process, shown live."""

from __future__ import annotations

from ..module_utils._apply.health import ARGUMENTS, question, wait_well
from ..module_utils._common.clock import SystemClock
from ..plugin_utils._access import credential_source
from ..plugin_utils._cluster_action import ClusterAction, subject
from ..plugin_utils._inprocess import Request, Result


class ActionModule(ClusterAction):
    """Reads only; what it waits for is made by others."""

    ARGUMENTS = ARGUMENTS
    MODULE = "seaworthy.platform.platform_health"

    def perform(self, request: Request) -> Result:
        asked = question(request.options)
        cluster = self.cluster(request.options, request.task_vars)
        source = credential_source(cluster) if cluster.get("exists", True) else None
        progress = request.progress(subject("health", request.task_vars))
        return wait_well(source, asked, check_mode=request.check_mode, progress=progress, clock=SystemClock())
