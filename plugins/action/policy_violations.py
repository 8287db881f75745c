# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What exists and would be refused, from this process, shown live."""

from __future__ import annotations

from ..module_utils._apply.violations import ARGUMENTS, report
from ..module_utils._common.clock import SystemClock
from ..plugin_utils._access import credential_source
from ..plugin_utils._cluster_action import ClusterAction
from ..plugin_utils._inprocess import Request, Result


class ActionModule(ClusterAction):
    """Asks the API server about every workload, as a dry run; it never writes."""

    ARGUMENTS = ARGUMENTS
    MODULE = "seaworthy.platform.policy_violations"

    def perform(self, request: Request) -> Result:
        cluster = self.cluster(request.options, request.task_vars)
        source = credential_source(cluster) if cluster.get("exists", True) else None
        return report(source, request.options["policies"], request.progress("policy"), SystemClock())
