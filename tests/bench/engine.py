# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set engine against kubectl on identical sets: unchanged, checked, first installed, far away, very large."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import typing as t

from drydock.control_plane import ControlPlane
from drydock.fault_proxy import FaultProxy
from tests.bench.measure import Row, compare
from tests.bench.sets import layer
from tests.integration.harbours import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
Figures = dict[str, float]
Show = t.Callable[[str], None]
PLAY = """
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - seaworthy.platform.apply_set:
        name: {name}
        cluster: {{provider: kubeconfig, kubeconfig: {kubeconfig}}}
        src: {folder}
        wait: false
"""


@dataclasses.dataclass
class Rig:
    """One control plane, one set on it as a file, and how each contender applies it."""

    plane: ControlPlane
    folder: pathlib.Path
    name: str
    times: int = 1
    kubeconfig: str = ""

    def __post_init__(self) -> None:
        self.kubeconfig = self.kubeconfig or str(self.plane.kubeconfig)
        self.sources = self.folder / self.name
        self.sources.mkdir(parents=True, exist_ok=True)
        self.manifest = self.sources / "set.json"
        self.objects = layer(self.name, self.times)
        items = {"apiVersion": "v1", "kind": "List", "items": self.objects}
        self.manifest.write_text(json.dumps(items), encoding="utf-8")

    def engine(self, mode: str = "run") -> Figures:
        command = [sys.executable, "-m", "tests.bench.one_run", self.name, str(self.manifest), self.kubeconfig, mode]
        return self._measured(command, lambda done: json.loads(done.stdout))

    def playbook(self) -> Figures:
        play = self.folder / f"{self.name}.yml"
        play.write_text(PLAY.format(name=self.name, kubeconfig=self.kubeconfig, folder=self.sources), encoding="utf-8")
        return self._measured([str(pathlib.Path(sys.executable).with_name("ansible-playbook")), str(play)])

    def kubectl(self, verb: str = "apply") -> Figures:
        """Return what kubectl took; of ``diff`` the return code says only whether there is a difference."""
        flags = ["--server-side", "--force-conflicts", "--field-manager=bench", "-f", str(self.manifest)]
        program = str(ROOT / "build" / "bin" / "kubectl")
        return self._measured([program, "--kubeconfig", self.kubeconfig, verb, *flags], strict=False)

    def _measured(
        self,
        command: list[str],
        read: t.Callable[[subprocess.CompletedProcess[str]], Figures] = lambda done: {},
        *,
        strict: bool = True,
    ) -> Figures:
        before, server, lines = os.times(), self._server_seconds(), self._requests()
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=600, check=False
        )
        wall, after = time.perf_counter() - started, os.times()
        if strict and done.returncode:
            raise RuntimeError(f"{' '.join(command[:4])}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        found = {"wall": wall, "cpu": cpu, "requests": float(self._requests() - lines), "rc": float(done.returncode)}
        return {**found, "server": self._server_seconds() - server, **read(done)}

    def _server_seconds(self) -> float:
        """Return the CPU seconds of the whole control plane so far."""
        ready = json.loads((self.plane.dir / "ready.json").read_text(encoding="utf-8"))
        fields = pathlib.Path(f"/proc/{ready['pid']}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _requests(self) -> int:
        with self.plane.audit_log.open("rb") as log:
            return sum(1 for line in log if b'"userAgent":"kubectl' in line)


def _environment() -> dict[str, str]:
    """Compiled code is kept, as it is for everybody who runs this twice."""
    house = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_INVENTORY": "localhost,",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'build' / 'collections'}",
    }
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | house


def rounds(work: t.Mapping[str, t.Callable[[], Figures]], runs: int, show: Show) -> dict[str, Figures]:
    """Return the medians of each contender's figures; they take turns, and one more round first is not counted."""
    taken: dict[str, list[Figures]] = {name: [] for name in work}
    for turn in range(runs + 1):
        for name, one in work.items():
            found = one()
            if turn:
                taken[name].append(found)
        show(f"round {turn} of {runs}: " + ", ".join(f"{n} {v[-1]['wall']:.2f} s" for n, v in taken.items() if v))
    return {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]} for name, found in taken.items()
    }


def unchanged(rig: Rig, runs: int, label: str, show: Show) -> list[Row]:
    """Return the rows of a set to which nothing is to be done."""
    contenders: dict[str, t.Callable[[], Figures]] = {
        "engine": rig.engine,
        "playbook": rig.playbook,
        "check": lambda: rig.engine("check"),
        "kubectl": rig.kubectl,
        "diff": lambda: rig.kubectl("diff"),
    }
    found = rounds(contenders, runs, show)
    engine, kubectl, apply = found["engine"], found["kubectl"], "kubectl apply --server-side"
    rows = [
        compare(f"{label}, the engine", "seconds", engine["wall"], kubectl["wall"], apply, runs),
        compare(f"{label}, whole playbook", "seconds", found["playbook"]["wall"], kubectl["wall"], apply, runs),
        compare(
            f"{label}, check mode with diff", "seconds", found["check"]["wall"], found["diff"]["wall"],
            "kubectl diff --server-side", runs,
        ),
        compare(f"{label}, control plane", "CPU seconds", engine["server"], kubectl["server"], apply, runs),
        compare(f"{label}, client", "CPU seconds", engine["cpu"], kubectl["cpu"], apply, runs),
        compare(f"{label}, requests", "requests", engine["requests"], kubectl["requests"], apply, runs),
    ]  # fmt: skip
    return [*rows, compare(f"{label}, peak memory", "MiB (peer: the limit)", engine["peak"], 120.0, "limit", runs)]


def first_install(plane: ControlPlane, folder: pathlib.Path, runs: int, show: Show) -> Row:
    """Compare first installs of fresh sets; kubectl is run again until its definitions are served."""
    ours, theirs = [], []
    for turn in range(runs):
        ours.append(Rig(plane, folder, f"new{turn}").engine()["wall"])
        rig, spent = Rig(plane, folder, f"old{turn}"), 0.0
        for _attempt in range(5):
            one = rig.kubectl()
            spent += one["wall"]
            if not one["rc"]:
                break
        theirs.append(spent)
        show(f"first install {turn + 1} of {runs}: engine {ours[-1]:.2f} s, kubectl {spent:.2f} s")
    pair = statistics.median(ours), statistics.median(theirs)
    return compare("first install of 500 with CRDs", "seconds", *pair, "kubectl, until it passes", runs)


def measure_engine(scratch: pathlib.Path, runs: int, show: Show, *, long: bool) -> list[Row]:
    """Return the rows of the engine; ``long`` adds far away clusters and the set of 5,000."""
    plane = ControlPlane.start(scratch / "plane", name="bench")
    try:
        rig = Rig(plane, scratch, "lone")
        rig.engine()
        rows = unchanged(rig, runs, "500 unchanged", show)
        rows.append(first_install(plane, scratch, 3 if long else 1, show))
        if long:
            for milliseconds in (20, 50):
                with FaultProxy(plane.kubeconfig, scratch, delay=milliseconds / 1000) as road:
                    far = Rig(plane, scratch, "lone", kubeconfig=str(road.kubeconfig))
                    rows += unchanged(far, 2, f"500 unchanged, {milliseconds} ms away", show)[:3]
            large = Rig(plane, scratch, "large", times=10)
            large.engine()
            rows += unchanged(large, 2, "4,820 unchanged", show)
        return rows
    finally:
        plane.stop()
