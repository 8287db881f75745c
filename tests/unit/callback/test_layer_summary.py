# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a run: what there is, what changed, what to type next; from real ansible-playbook runs."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.callback.layer_summary import Row, lines

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORES = [path for path in (sys.prefix, *os.environ.get("DRYDOCK_ANSIBLE_CORES", "").split(os.pathsep)) if path]
TYPED = ["/usr/bin/ansible-playbook", "-i", "inventories/aws", "seaworthy.platform.site"]

each_core = pytest.mark.parametrize("core", CORES, ids=lambda path: pathlib.Path(path).name)


def configmap(name: str) -> dict[str, t.Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}}


def apply(name: str, **more: t.Any) -> dict[str, t.Any]:
    arguments = {
        "name": name,
        "cluster": {"provider": "kubeconfig", "exists": False},
        "definition": [configmap(letter) for letter in "ab"],
        **more,
    }
    return {"name": f"Apply {name}", "seaworthy.platform.apply_set": arguments}


def play(place: pathlib.Path, core: str, tasks: list[dict[str, t.Any]], *flags: str) -> tuple[int, list[str]]:
    ours = place / "collections/ansible_collections/seaworthy"
    ours.mkdir(parents=True)
    (ours / "platform").symlink_to(ROOT)
    (place / "ansible.cfg").write_text("[defaults]\ncallbacks_enabled = seaworthy.platform.layer_summary\n")
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    document = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}]
    (place / "play.yml").write_text(json.dumps(document), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(place / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(place / "collections"),
    }
    command = [f"{core}/bin/ansible-playbook", "-i", "prod-eu-1,prod-eu-22,", "play.yml", *flags]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    assert "layer_summary" not in done.stderr, done.stderr
    after = done.stdout.partition("PLAY RECAP")[2].splitlines()
    return done.returncode, [line.rstrip() for line in after[3:] if line.strip()]


@each_core
def test_a_check_lists_each_layer_and_says_how_to_do_it(core: str, tmp_path: pathlib.Path) -> None:
    tasks = [apply("base"), apply("certificates", definition=[configmap("a")])]
    code, shown = play(tmp_path, core, tasks, "--check", "-e", "password=canary")
    assert code == 0, shown
    assert [line.rsplit("  ", 1)[0].rstrip() for line in shown[:4]] == [
        "prod-eu-1   base          2 objects  2 to change",
        "prod-eu-1   certificates   1 object  1 to change",
        "prod-eu-22  base          2 objects  2 to change",
        "prod-eu-22  certificates   1 object  1 to change",
    ]
    assert shown[4:] == ["next, to do it: ansible-playbook -i prod-eu-1,prod-eu-22, play.yml -e ..."]


@each_core
def test_a_failed_layer_is_named_with_the_command_that_resumes(core: str, tmp_path: pathlib.Path) -> None:
    code, shown = play(tmp_path, core, [apply("base")], "--limit", "prod-eu-22")
    assert code != 0
    assert shown[0].split()[:2] == ["prod-eu-22", "base"]
    assert "failed" in shown[0]
    assert shown[1].endswith("ansible-playbook -i prod-eu-1,prod-eu-22, play.yml --limit prod-eu-22")


@each_core
def test_a_playbook_without_layers_ends_as_always(core: str, tmp_path: pathlib.Path) -> None:
    code, shown = play(tmp_path, core, [{"ansible.builtin.debug": {"msg": "hello"}}])
    assert (code, shown) == (0, [])


def test_nothing_changed_is_one_line() -> None:
    rows = [Row("a", "base", 23), Row("a", "certificates", 41), Row("b", "base", 1)]
    assert lines(rows, TYPED, check=False) == ["all as wished: 3 layers, 65 objects on 2 clusters"]


def test_a_change_is_followed_by_the_command_that_proves_it() -> None:
    rows = [Row("prod-eu-1", "base", 23, 0, 0.42), Row("prod-eu-1", "certificates", 41, 40, 98)]
    assert lines(rows, [*TYPED, "-e", "@vars.yml", "-eignored=1", "--extra-vars=x=y"], check=False) == [
        "prod-eu-1  base          23 objects   0 changed    0.4s",
        "prod-eu-1  certificates  41 objects  40 changed   1m38s",
        "next, to see that nothing is left: ansible-playbook -i inventories/aws seaworthy.platform.site "
        "-e @vars.yml -e ... -e ... --check --diff",
    ]


def test_a_limit_is_narrowed_to_what_failed() -> None:
    rows = [Row("a", "base", 1, 1), Row("b", "base", 1, 0, failed=True)]
    shown = lines(rows, [*TYPED, "--limit", "a,b", "--limit=a", "-D"], check=False)
    assert shown[-1].endswith("ansible-playbook -i inventories/aws seaworthy.platform.site -D --limit b")
