# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action about the inside of a cluster begins with: which one."""

from __future__ import annotations

import typing as t

from ..module_utils._common.errors import InvalidInput
from ._inprocess import InProcessAction, plain

Variables = t.Mapping[str, t.Any]
Options = t.Mapping[str, t.Any]


class ClusterAction(InProcessAction):
    """An action whose option ``cluster`` falls back to what role ``resolve`` has found."""

    def known_cluster(self, options: Options, task_vars: Variables) -> t.Any:
        """Return the cluster as the task or the play names it; None where neither does."""
        facts = task_vars.get("ansible_facts") or {}
        known = task_vars.get("platform_cluster") or facts.get("platform_cluster")
        return options.get("cluster") or plain(self.templated(known))

    def cluster(self, options: Options, task_vars: Variables) -> dict[str, t.Any]:
        found = self.known_cluster(options, task_vars)
        if not isinstance(found, dict):
            raise InvalidInput(
                ["cluster is not set and there is no platform_cluster; run the role resolve first, or set cluster"]
            )
        return found

    def templated(self, value: t.Any) -> t.Any:
        return self._templar.template(value) if value is not None else None


def subject(name: str, task_vars: Variables) -> str:
    """Return what the lines of progress are about; where a play has several clusters, also on which one."""
    several = len(task_vars.get("ansible_play_hosts_all") or ()) > 1
    return f"{task_vars['inventory_hostname']}/{name}" if several else name
