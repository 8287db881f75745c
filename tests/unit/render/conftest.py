# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real ansible-playbook run per core renders every case; the tests read what came out.

``DRYDOCK_ANSIBLE_CORES`` names further virtual environments (separated like PATH) to run the same in.
"""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest

from .cases import AWKWARD, CASES, SPEED, Case

ROOT = pathlib.Path(__file__).resolve().parents[3]
Outcome = dict[str, t.Any]

PROBE = """\
from __future__ import annotations

import json
import time

from ansible.plugins.action import ActionBase
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from ansible_collections.seaworthy.platform.plugins.plugin_utils._render import render_set


def is_plain(value):
    if type(value) is dict:
        return all(type(key) is str and is_plain(item) for key, item in value.items())
    if type(value) is list:
        return all(map(is_plain, value))
    return type(value) in (str, int, float, bool, type(None))


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        args = self._task.args
        spent = []
        for _ in range(int(args["rounds"])):
            outcome = {"objects": [], "sources": [], "problems": []}
            started = time.perf_counter()
            try:
                found = render_set(args["role"], args["components"], self._templar, task_vars, args["extra"])
                outcome["objects"] = [item.object for item in found]
                outcome["sources"] = [item.source for item in found]
            except InvalidInput as fault:
                outcome["problems"] = list(fault.problems)
            spent.append(1000 * (time.perf_counter() - started))
        outcome["plain"] = is_plain(outcome["objects"]) and is_plain(outcome["sources"])
        outcome["milliseconds"] = sorted(spent)[len(spent) // 2]
        with open(args["out"], "w", encoding="utf-8") as stream:
            json.dump(outcome, stream)
        return {"changed": False}
"""


def cores() -> list[str]:
    found = [sys.prefix, *os.environ.get("DRYDOCK_ANSIBLE_CORES", "").split(os.pathsep)]
    return [path for path in found if path]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "core" in metafunc.fixturenames:
        metafunc.parametrize("core", cores(), ids=lambda path: pathlib.Path(path).name, scope="session")


def collections(place: pathlib.Path) -> pathlib.Path:
    """Return a collections path with this repository and a throw-away probe in it."""
    ours = place / "collections/ansible_collections/seaworthy"
    ours.mkdir(parents=True)
    (ours / "platform").symlink_to(ROOT)
    actions = place / "collections/ansible_collections/probe/render/plugins/action"
    actions.mkdir(parents=True)
    (actions / "objects.py").write_text(PROBE, encoding="utf-8")
    return place / "collections"


def task(case: Case, place: pathlib.Path, number: int) -> dict[str, t.Any]:
    role = place / f"roles/r{number}"
    for name, text in case.files.items():
        path = role / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (role / "templates").mkdir(parents=True, exist_ok=True)
    return {
        "name": case.name,
        "probe.render.objects": {
            "role": str(role),
            "components": list(case.components),
            "extra": case.extra,
            "out": str(place / f"{number}.json"),
            "rounds": 5 if case is SPEED else 1,
        },
        "vars": {name: value for name, value in case.variables.items() if value != "!unsafe"},
    }


def run_all(core: str, place: pathlib.Path) -> None:
    path = collections(place)
    tasks = [task(case, place, number) for number, case in enumerate((*CASES, SPEED))]
    rows = "".join(f'  "{name}": {_quoted(value)}\n' for name, value in AWKWARD.items())
    (place / "awkward.yml").write_text(f"awkward:\n{rows}", encoding="utf-8")
    play = [{"hosts": "localhost", "gather_facts": False, "vars_files": [str(place / "awkward.yml")], "tasks": tasks}]
    (place / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    (place / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(place / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(path),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    command = [f"{core}/bin/ansible-playbook", "-i", "localhost,", "-c", "local", str(place / "play.yml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    (place / "output").write_text(done.stdout + done.stderr, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _quoted(value: t.Any) -> str:
    """Return a value as YAML; one with braces is data, as it would be in a fact, not a template."""
    if isinstance(value, str):
        escaped = "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value
        )
        return f'{"!unsafe " if "{{" in value else ""}"{escaped}"'
    return "1.0e+22" if value == AWKWARD["float"] else json.dumps(value)


@pytest.fixture(scope="session")
def outcomes(core: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came out of each case, by name; xdist workers share one run."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    place = shared / f"render-{pathlib.Path(core).name}"
    with (shared / f"render-{pathlib.Path(core).name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            place.mkdir()
            run_all(core, place)
    results = {
        case.name: json.loads((place / f"{number}.json").read_text(encoding="utf-8"))
        for number, case in enumerate((*CASES, SPEED))
    }
    results["output"] = {"text": (place / "output").read_text(encoding="utf-8")}
    return results
