# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole harbour with its own state, driven only through the two public doors: ansible-playbook and drydock."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import typing as t

from drydock.control_plane import unbuilt

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+).*?failed=(?P<failed>\d+)", re.M)


@dataclasses.dataclass(frozen=True)
class Run:
    """One finished ansible-playbook: its return code, what it printed, and the recap line of the first host."""

    rc: int
    output: str

    @property
    def changed(self) -> int:
        found = RECAP.search(self.output)
        assert found, self.output
        return int(found["changed"])

    def passed(self) -> Run:
        assert self.rc == 0, self.output
        return self

    def refused(self) -> str:
        """Return the output of a run that failed as a person should see it: no traceback."""
        assert self.rc != 0, self.output
        assert "Traceback" not in self.output, self.output
        return self.output


def exported(text: str) -> dict[str, str]:
    """Return what a shell that reads these lines would export."""
    lines = (line.removeprefix("export ") for line in text.splitlines() if line.startswith("export "))
    return {name: value.strip("'\"") for name, value in (line.split("=", 1) for line in lines)}


HOUSE = {
    "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
    "ANSIBLE_NOCOLOR": "1",
}
"""What ansible-playbook is told in every test."""


def played(*words: str, environment: t.Mapping[str, str] | None = None, timeout: float = 400) -> Run:
    """Run ansible-playbook with these words from the checkout, its two streams in one."""
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), *words],
        cwd=ROOT,
        env={**os.environ, **HOUSE, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Run(done.returncode, done.stdout)


class Demo:
    """One harbour in its own state folder, and the demo's playbooks against one of its clusters."""

    def __init__(self, state: pathlib.Path, host: str = "demo") -> None:
        self.state = state
        self.host = host
        self.inventory = "inventories/drydock"

    def drydock(self, *args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "drydock", *args],
            cwd=ROOT,
            env=os.environ | {"DRYDOCK_STATE": str(self.state)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        return exported((self.state / "environment").read_text(encoding="utf-8"))

    def environment_of(self, principal: str) -> dict[str, str]:
        return exported(self.drydock("env", "--principal", principal))

    def command(self, playbook: str, *args: str) -> list[str]:
        ansible = pathlib.Path(sys.executable).with_name("ansible-playbook")
        inventory = ["-i", str(ROOT / self.inventory), "--limit", self.host]
        return [str(ansible), *inventory, str(ROOT / playbook), *args]

    def full_environment(self, **extra: str) -> dict[str, str]:
        return os.environ | HOUSE | self.environment() | extra

    def play(
        self,
        playbook: str = "site.yml",
        *args: str,
        timeout: float = 400,
        environment: t.Mapping[str, str] | None = None,
    ) -> Run:
        words = self.command(playbook, *args)[1:]
        return played(*words, environment={**self.environment(), **(environment or {})}, timeout=timeout)

    def mark(self) -> str:
        return self.drydock("mark").strip()

    def writes(self, since: str, **filters: str) -> list[dict[str, t.Any]]:
        """Return our own writes to clouds and clusters since ``since``."""
        flags = [part for name, value in filters.items() for part in (f"--{name}", value)]
        text = self.drydock("journal", "--writes", "--since", since, "--principal", "*runner*", *flags, "--json")
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def kubeconfig(self) -> pathlib.Path:
        return self.state / "clusters" / self.host / "admin.kubeconfig"

    def kubectl(self, *args: str) -> str:
        done = subprocess.run(
            [str(ROOT / "build/bin/kubectl"), "--kubeconfig", str(self.kubeconfig()), *args],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, *args: str) -> dict[str, t.Any]:
        found: dict[str, t.Any] = json.loads(self.kubectl("get", *args, "-o", "json"))
        return found


def start(state: pathlib.Path, host: str = "demo", *flags: str) -> Demo:
    assert not unbuilt(), f"{', '.join(unbuilt())} would only seem to run; build the crew with make crew"
    demo = Demo(state, host)
    demo.drydock("up", "--clock", "instant", "--detach", "--state", str(state), *flags)
    return demo


def until(condition: t.Callable[[], bool], seconds: float) -> None:
    """Return when the condition holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.1)


def kill_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
