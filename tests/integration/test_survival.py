# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed while the cloud is creating; run again: adopted, finished, never created twice."""

from __future__ import annotations

import os
import pathlib
import shlex
import signal
import subprocess
import typing as t

import pytest

from tests.integration.harbours import Demo, kill_group, until

pytestmark = pytest.mark.prove


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


OVERTAKEN = """
- hosts: "{{{{ platform_hosts | default('platform_clusters') }}}}"
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
  tasks:
    - name: Find no cluster yet
      ansible.builtin.import_role: {{name: seaworthy.platform.resolve}}
    - name: Let another run make it
      ansible.builtin.command: {{cmd: {other}}}
      changed_when: false
    - name: Find it made
      ansible.builtin.import_role: {{name: seaworthy.platform.cluster}}
    - name: Put a layer on it
      ansible.builtin.import_role: {{name: seaworthy.platform.base}}
"""


def test_cluster_made_by_another_run_meanwhile_gets_its_layers(empty: Demo, tmp_path: pathlib.Path) -> None:
    empty.inventory = "inventories/drydock-existing"
    other = shlex.join(empty.command("playbooks/cluster.yml"))
    playbook = tmp_path / "overtaken.yml"
    playbook.write_text(OVERTAKEN.format(other=repr(other)), encoding="utf-8")
    mark = empty.mark()
    run = empty.play(str(playbook)).passed()
    assert created(empty, mark) == 1
    assert empty.get("priorityclasses", "-l", "applyset.kubernetes.io/part-of")["items"], run.output
