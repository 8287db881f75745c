# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the engine in a process of its own, to be killed: ``python -m tests.integration.apply_set.one_run``.

Reads one line of JSON (kubeconfig, set, objects, options), runs, and prints the result or the failure as JSON.
"""

from __future__ import annotations

import json
import sys
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.auth import kubeconfig_credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.engine import SetRequest, apply_set
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import silent


def run(order: dict[str, t.Any]) -> dict[str, t.Any]:
    sources = [(obj, f"item {place}") for place, obj in enumerate(order["objects"])]
    try:
        return apply_set(
            SetRequest(order["set"], sources, **order["options"]),
            kubeconfig_credentials(order["kubeconfig"]),
            check_mode=False,
            diff=False,
            progress=silent(order["set"]),
            clock=SystemClock(),
        )
    except PlatformError as error:
        return {"failure": error.as_failure()}


if __name__ == "__main__":
    print("ready", flush=True)
    print(json.dumps(run(json.loads(sys.stdin.readline()))), flush=True)
