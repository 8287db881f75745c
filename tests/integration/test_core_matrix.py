# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oldest ansible-core that we support and the newest run the demo's playbook, and find nothing to do again."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.integration.harbours import RECAP, ROOT, Demo

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("cores")]
CORES = {"2.16": ROOT / "build" / "cores" / "2.16" / "bin", "newest": pathlib.Path(sys.executable).parent}


def play(core: str, demo: Demo) -> tuple[int, str]:
    """Run the demo's playbook with a core's own environment; return tasks changed, and the output."""
    program = CORES[core] / "ansible-playbook"
    assert program.exists(), f"{program} is missing: run `make cores`"
    env = demo.full_environment()
    env.pop("PYTHONPATH", None)
    command = [str(program), "-i", str(ROOT / "inventories" / "drydock"), "--limit", demo.host, str(ROOT / "site.yml")]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    recap = RECAP.search(done.stdout)
    assert recap, done.stdout
    return int(recap["changed"]), done.stdout


@pytest.mark.parametrize("core", sorted(CORES))
def test_core_runs_the_demo_and_the_second_run_sends_no_write(core: str, empty: Demo) -> None:
    changed, output = play(core, empty)
    assert changed >= 3, output
    mark = empty.mark()
    again, output = play(core, empty)
    assert again == 0, output
    assert empty.writes(mark) == []


def test_the_oldest_core_is_the_one_that_meta_runtime_names() -> None:
    program = CORES["2.16"] / "ansible-playbook"
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
    assert "[core 2.16." in told.splitlines()[0]
    assert 'requires_ansible: ">=2.16.0"' in (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
