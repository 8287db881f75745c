# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m drydock as people use it: its own process, its own state folder, and no trace afterwards."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest

from drydock.processes import Identity

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Shell:
    """Runs drydock on one state folder."""

    def __init__(self, state: pathlib.Path) -> None:
        self.state = state

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "drydock", *arguments]
        environment = {**os.environ, "DRYDOCK_STATE": str(self.state), "AWS_PROFILE": "a-profile-of-mine"}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def good(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def bad(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        return done.stderr

    def endpoint_by_the_advice_of(self, output: str) -> str:
        """Do in a shell what the last line says, and return where AWS is then."""
        advice = output.strip().splitlines()[-1].partition("use it")[2]
        environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
        words = ["sh", "-euc", f'{advice}\nprintf %s "$AWS_ENDPOINT_URL"']
        return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    def daemon(self) -> Identity:
        found = json.loads((self.state / "drydock.json").read_text())
        identity = Identity.of(found["pid"])
        assert identity is not None
        assert identity.started == found["process"]
        return identity


@pytest.fixture
def shell(tmp_path: pathlib.Path) -> t.Iterator[Shell]:
    shell = Shell(tmp_path / "the state")
    yield shell
    shell.run("down")


def test_up_use_down_leaves_no_trace(shell: Shell) -> None:
    assert "is up: AWS at http://127.0.0.1:" in shell.good(
        "up", "--detach", "--clock", "instant", "--no-control-planes"
    )
    again = shell.good("up", "--detach")
    assert "is up already" in again
    assert shell.endpoint_by_the_advice_of(again).startswith("http://127.0.0.1:")
    daemon = shell.daemon()
    assert {p.name for p in shell.state.iterdir()} >= {
        "drydock.json",
        "seed.json",
        "environment",
        "journal.jsonl",
        "clusters",
    }
    assert (shell.state / "environment").stat().st_mode & 0o777 == 0o600
    assert shell.good("env") == (shell.state / "environment").read_text()
    assert "AWS_SESSION_TOKEN" in shell.good("env", "--principal", "expired")
    seed = json.loads((shell.state / "seed.json").read_text())
    assert set(seed) == {
        "account",
        "region",
        "vpc",
        "subnets",
        "cluster_role",
        "node_role",
        "runner",
        "azure",
        "google",
    }
    assert pathlib.Path(seed["google"]["accounts"]["runner"]["credentials_file"]).stat().st_mode & 0o777 == 0o600
    assert sorted(seed["subnets"]) == ["a", "b", "c"]
    assert "secret" not in json.dumps(seed)
    assert "private_key" not in json.dumps(seed)
    since = shell.good("mark").strip()
    assert shell.good("journal", "--writes", "--since", since) == "0 requests, 0 writes\n"
    assert "clock instant" in shell.good("status")
    assert f"stopped drydock (pid {daemon.pid})" in shell.good("down")
    assert not daemon.alive()
    assert not shell.state.exists()


def test_crashed_harbour_is_cleaned_by_the_next(shell: Shell) -> None:
    shell.good("up", "--detach", "--no-control-planes")
    daemon = shell.daemon()
    daemon.signal(signal.SIGKILL)
    assert daemon.wait(10)
    assert "no drydock runs" in shell.bad("status")
    assert "stale     removed" in shell.good("up", "--detach", "--no-control-planes")
    assert shell.daemon().pid != daemon.pid


def test_down_never_ends_a_stranger(shell: Shell) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        shell.state.mkdir()
        record = {"pid": stranger.pid, "process": "another start", "aws_endpoint": "", "admin_endpoint": ""}
        (shell.state / "drydock.json").write_text(json.dumps(record))
        assert "stopped" not in shell.good("down")
        assert stranger.poll() is None
        assert not shell.state.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_foreign_folder_is_never_used_nor_emptied(shell: Shell) -> None:
    shell.state.mkdir()
    (shell.state / "thesis.txt").write_text("mine")
    assert "thesis.txt, which is not drydock's" in shell.bad("up", "--detach")
    shell.good("down")
    assert (shell.state / "thesis.txt").read_text() == "mine"


def test_errors_are_one_line(shell: Shell) -> None:
    assert "start one: python -m drydock up --detach" in shell.bad("env")
    assert "there is no journal" in shell.bad("journal")
    assert "there are: none" in shell.bad("cluster", "kubeconfig", "demo")
    assert shell.good("down") == "  nothing to stop\n"
    assert "journal" in shell.good("--help")
