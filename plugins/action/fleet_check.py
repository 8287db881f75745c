# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a fleet where the play runs, with the clusters of the inventory."""

from __future__ import annotations

import typing as t

from ..module_utils._fleet.run import FLEET_CHECK, fleet_check
from ..plugin_utils._estate import clusters_of, environments_of
from ..plugin_utils._inprocess import InProcessAction, Request, Result, plain

Variables = t.Mapping[str, t.Any]


class ActionModule(InProcessAction):
    """Adds what the task does not say and the inventory knows: environments and clusters."""

    ARGUMENTS = FLEET_CHECK
    MODULE = "seaworthy.platform.fleet_check"

    def perform(self, request: Request) -> Result:
        options = {**request.options, "path": self._loader.path_dwim(request.options["path"])}
        return fleet_check(self._with_estate(options, request.task_vars))

    def module_args(self, raw: dict[str, t.Any], task_vars: Variables) -> dict[str, t.Any]:
        return self._with_estate(raw, task_vars)

    def _with_estate(self, options: dict[str, t.Any], task_vars: Variables) -> dict[str, t.Any]:
        given = task_vars.get("platform_environments")
        values = {} if given is None else {"platform_environments": plain(self._templar.template(given))}
        known = {"environments": environments_of(values), "clusters": clusters_of(task_vars)}
        return {**options, **{name: value for name, value in known.items() if options.get(name) is None}}
