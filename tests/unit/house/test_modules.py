# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module: documented whole, and able to start on a machine that has nothing but Python."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from tests.unit.house.checkout import ROOT

FQCN = "seaworthy.platform."
Documentation = dict[str, dict[str, t.Any]]
FILES = sorted(path for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
NAMES = [path.stem for path in FILES]
RUNNABLE = [path.stem for path in FILES if "def main(" in path.read_text(encoding="utf-8")]
"""The others are the documentation of an action plugin of the same name."""
PACK = """
import sys
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar
init_plugin_loader()
found = module_loader.find_plugin_with_context(sys.argv[1])
packed = modify_module(
    module_name=found.resolved_fqcn,
    module_path=found.plugin_resolved_path,
    module_args={"no_such_option": 1},
    templar=Templar(loader=DataLoader()),
    task_vars={"ansible_python_interpreter": sys.executable},
)
data = packed.b_module_data if hasattr(packed, "b_module_data") else packed[0]
sys.stdout.buffer.write(data)
"""
"""Packs a module as ansible-core packs it for a host (AnsiballZ), with one argument that no module knows."""


def run(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def documentation() -> Documentation:
    """Return what `ansible-doc --json` says of all our modules, fragments merged."""
    program = str(pathlib.Path(sys.executable).with_name("ansible-doc"))
    told = run(program, "--type", "module", "--json", *(FQCN + name for name in NAMES))
    assert told.returncode == 0, told.stderr.decode()
    return t.cast(Documentation, json.loads(told.stdout))


def test_there_are_modules() -> None:
    assert {"apply_set", "eks_cluster", "cluster_credentials"} <= set(NAMES)


def test_documentation_without_code_belongs_to_an_action() -> None:
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert set(NAMES) - set(RUNNABLE) <= actions


@pytest.mark.parametrize("name", RUNNABLE)
def test_module_packs_and_refuses_an_unknown_option_cleanly(name: str) -> None:
    packed = run(sys.executable, "-c", PACK, FQCN + name)
    assert packed.returncode == 0, packed.stderr.decode()
    # -I -S: neither this environment's packages nor this checkout can stand in for what was not packed.
    started = run(sys.executable, "-I", "-S", "-", stdin=packed.stdout)
    answer = json.loads(started.stdout)
    assert answer["failed"] is True, answer
    assert re.search("no_such_option|missing required arguments", answer["msg"]), answer
    assert b"Traceback" not in started.stdout + started.stderr


@pytest.mark.parametrize("name", NAMES)
def test_module_says_how_it_behaves(name: str, documentation: Documentation) -> None:
    attributes = documentation[FQCN + name]["doc"].get("attributes", {})
    assert {"check_mode", "diff_mode", "idempotent"} <= set(attributes), attributes.keys()
    assert all(attribute.get("support") and attribute.get("description") for attribute in attributes.values())


@pytest.mark.parametrize("name", NAMES)
def test_module_describes_every_option_and_return_value(name: str, documentation: Documentation) -> None:
    entry = documentation[FQCN + name]
    fields = [*_fields(entry["doc"]["options"], "suboptions"), *_fields(entry["return"], "contains")]
    assert fields
    assert [path for path, field in fields if not field.get("description")] == []
    assert [key for key, value in entry["return"].items() if not value.get("returned")] == []


@pytest.mark.parametrize("name", NAMES)
def test_module_examples_are_named_tasks_that_use_it(name: str, documentation: Documentation) -> None:
    examples = yaml.safe_load(documentation[FQCN + name]["examples"])
    assert examples
    assert all(example.get("name") for example in examples)
    tasks = [task for example in examples for task in example.get("tasks", [example])]
    assert any(FQCN + name in task for task in tasks)


def _fields(options: dict[str, t.Any], inner: str, place: str = "") -> list[tuple[str, dict[str, t.Any]]]:
    found = []
    for key, value in options.items():
        found.append((f"{place}{key}", value))
        found += _fields(value.get(inner) or {}, inner, f"{place}{key}.")
    return found
