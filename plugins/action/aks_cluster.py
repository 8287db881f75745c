# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge an AKS cluster inside the worker, so that its progress is seen while it happens."""

from __future__ import annotations

import typing as t

from ..module_utils._cloud.azure.session import load
from ..module_utils._cloud.run import AKS_CLUSTER, check_document, managed_cluster
from ..module_utils._common.outcome import Result
from ..plugin_utils._inprocess import InProcessAction, Request

load()  # in the parent of all workers: once a run, and only where a task names this action


class ActionModule(InProcessAction):
    ARGUMENTS = AKS_CLUSTER
    MODULE = "seaworthy.platform.aks_cluster"

    def prepare(self, raw: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> None:
        """Ansible would coerce first: an unquoted 1.30 must still be a number here, to be refused."""
        check_document("aks", raw)

    def perform(self, request: Request) -> Result:
        progress = request.progress(f"aks/{request.options['name']}")
        return managed_cluster("aks", request.options, check_mode=request.check_mode, progress=progress)
