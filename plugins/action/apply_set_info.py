# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at one set of objects on one cluster, from this process; rendered as ``apply_set`` renders it."""

from __future__ import annotations

import typing as t

from ..module_utils._apply.arguments import INFO_ARGUMENTS, UNASKED
from ..module_utils._apply.engine import SetRequest, inspect_set
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.credentials import CredentialSource
from ..module_utils._common.outcome import Result
from ..module_utils._common.progress import silent
from ..plugin_utils._inprocess import Request
from .apply_set import ActionModule as ApplySet


class ActionModule(ApplySet):
    """The set of ``apply_set``, with a look instead of a run."""

    ARGUMENTS = INFO_ARGUMENTS
    MODULE = "seaworthy.platform.apply_set_info"

    def perform(self, request: Request) -> Result:
        return super().perform(Request({**UNASKED, **request.options}, request.task_vars, True, request.diff))

    def _on_foreign(self, task_vars: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> str:
        return str(options.get("on_foreign") or "yield")

    def _engine(self, request: Request, wanted: SetRequest, credentials: CredentialSource | None) -> Result:
        return inspect_set(wanted, credentials, diff=request.diff, progress=silent(wanted.name), clock=SystemClock())
