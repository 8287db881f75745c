# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that can be killed: a process that has imported one cloud's SDK forks one child for each order.

Each line of standard input is an order: a document, and the variables of the environment that it is for. The child's
pid is printed, then it waits for a second line before it converges, so that a fault can be aimed at it. How it ended
is printed: its exit code, -9 if it was killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.providers import PROVIDERS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from tests.integration.harbours import ROOT


class Impatient:
    """Time that passes as soon as somebody waits for it; the twin's own moves on with each request."""

    def __init__(self) -> None:
        self._moment = 0.0

    def now(self) -> float:
        return self._moment

    def sleep(self, seconds: float) -> None:
        self._moment += seconds


class Runner:
    """The forking process, seen from a test."""

    def __init__(self, cloud: str) -> None:
        paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "build/collections")])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, cloud],
            env={**os.environ, **paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def prepare(self, document: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> int:
        """Return the pid of a child that will converge the document when told to go on."""
        return int(self._said(json.dumps([document, dict(environment)])))

    def go_on(self) -> int:
        """Let the child converge; return its exit code."""
        return int(self._said("go"))

    def _said(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


def serve(cloud: str) -> None:
    PROVIDERS[cloud].load()
    while line := sys.stdin.readline():
        wakes, wake = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(wakes, 1)
            converge(cloud, *json.loads(line))
            os._exit(0)
        print(child, flush=True)
        sys.stdin.readline()
        os.write(wake, b"!")
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        os.close(wakes)
        os.close(wake)


def converge(cloud: str, document: dict[str, t.Any], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    managed_cluster(cloud, document, check_mode=False, clock=Impatient())


if __name__ == "__main__":
    serve(sys.argv[1])
