# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the engine in a process of its own: prints wall and CPU seconds, requests and peak memory as JSON."""

from __future__ import annotations

import json
import pathlib
import resource
import sys
import time

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.auth import kubeconfig_credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.engine import SetRequest, apply_set
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import silent


def main(name: str, manifest: str, kubeconfig: str, mode: str) -> None:
    objects = [(obj, "bench") for obj in json.loads(pathlib.Path(manifest).read_text(encoding="utf-8"))["items"]]
    started, spent = time.perf_counter(), time.process_time()
    result = apply_set(
        SetRequest(name, objects, wait=False),
        kubeconfig_credentials(kubeconfig),
        check_mode=mode == "check",
        diff=mode == "check",
        progress=silent(name),
        clock=SystemClock(),
    )
    told = {
        "wall": time.perf_counter() - started,
        "cpu": time.process_time() - spent,
        "requests": sum(result["requests"].values()),
        "changed": result["changed"],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:5])
