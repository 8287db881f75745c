# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions about fleets share: options that the task leaves out and the inventory knows."""

from __future__ import annotations

import typing as t

from ._estate import clusters_of, environments_of
from ._inprocess import InProcessAction, plain

Variables = t.Mapping[str, t.Any]
Options = dict[str, t.Any]


class FleetAction(InProcessAction):
    """An action with the options ``path``, ``environments`` and ``clusters``."""

    def module_args(self, raw: Options, task_vars: Variables) -> Options:
        return self.with_estate(raw, task_vars)

    def located(self, options: Options, task_vars: Variables) -> Options:
        """Return the options with every default, and the path as the playbook means it."""
        return self.with_estate({**options, "path": self._loader.path_dwim(options["path"])}, task_vars)

    def with_estate(self, options: Options, task_vars: Variables) -> Options:
        given = task_vars.get("platform_environments")
        values = {} if given is None else {"platform_environments": plain(self._templar.template(given))}
        known = {"environments": environments_of(values), "clusters": clusters_of(task_vars)}
        return {**options, **{name: value for name, value in known.items() if options.get(name) is None}}
