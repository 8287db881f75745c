# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge a DNS zone inside the worker, so that its progress is seen while it happens."""

from __future__ import annotations

import typing as t

from ..module_utils._cloud.aws.session import load
from ..module_utils._cloud.foundations import FOUNDATIONS, check_foundation, converge_foundation
from ..module_utils._common.outcome import Result
from ..plugin_utils._inprocess import InProcessAction, Request

load()  # in the parent of all workers: once a run, and only where a task names this action


class ActionModule(InProcessAction):
    ARGUMENTS = FOUNDATIONS["cluster_dns_zone"].arguments()
    MODULE = "seaworthy.platform.cluster_dns_zone"

    def prepare(self, raw: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> None:
        """Ansible would coerce first: every fault is told at once, in the words that were written."""
        check_foundation("cluster_dns_zone", raw)

    def perform(self, request: Request) -> Result:
        progress = request.progress(f"{FOUNDATIONS['cluster_dns_zone'].noun}/{request.options['name']}")
        return converge_foundation(
            "cluster_dns_zone", request.options, check_mode=request.check_mode, progress=progress
        )
