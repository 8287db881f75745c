# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m bootstrap STEP...: what each step makes is in STEPS. `make help` lists the targets that people use."""

from __future__ import annotations

import sys
import typing as t

from . import builds, cores, environment, golang, tree
from .cache import SetupError

STEPS: dict[str, t.Callable[[], object]] = {
    "environment": environment.main_environment,
    "controlplane": lambda: builds.build("controlplane"),
    "crew": lambda: builds.build("crew"),
    "crds": lambda: builds.build("crds"),
    "cores": cores.core_environments,
    "go-lint": golang.lint_go,
    "go-test": golang.run_go_tests,
    "go-prove": golang.prove_binary,
    "collection": tree.build_collection,
    "sanity": tree.run_sanity,
    "requirements": environment.compile_requirements,
}


def main(steps: list[str]) -> int:
    try:
        for step in steps:
            STEPS[step]()
    except SetupError as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make: stopped; the next run goes on from what is whole", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
