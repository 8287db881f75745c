# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed while the cloud is creating; run again: adopted, finished, never created twice."""

from __future__ import annotations

import os
import signal
import subprocess
import typing as t

import pytest

from tests.integration.harbours import Demo, kill_group, until


def created(demo: Demo, mark: str) -> int:
    return sum(line["operation"] == "CreateCluster" for line in demo.writes(mark, target="eks"))


def begin(demo: Demo) -> subprocess.Popen[str]:
    """Start the site in a process group of its own."""
    return subprocess.Popen(
        demo.command("site.yml"),
        env=demo.full_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def kill_main_only(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@pytest.mark.parametrize("kill", [kill_group, kill_main_only])
def test_killed_while_creating_then_adopted(empty: Demo, kill: t.Callable[[subprocess.Popen[str]], None]) -> None:
    mark = empty.mark()
    process = begin(empty)
    try:
        until(lambda: created(empty, mark) == 1, 60)
    finally:
        kill(process)
    again = empty.play().passed()
    assert "adopt" in again.output or "CREATING" in again.output or "ACTIVE" in again.output
    assert created(empty, mark) == 1
    settled = empty.mark()
    assert empty.play().passed().changed == 0
    assert empty.writes(settled) == []
