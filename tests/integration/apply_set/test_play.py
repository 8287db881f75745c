# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set engine through its public door: a playbook with an apply_set task, against the shared control plane."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from drydock.kube import Object

from .a_set import ASet, config_map, manifest

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHANGED = re.compile(r"changed=(\d+)")


@dataclasses.dataclass
class Play:
    """A play of one apply_set task. ``run`` returns what ansible-playbook printed."""

    folder: pathlib.Path
    a_set: ASet

    def run(self, *flags: str, keywords: Object | None = None, variables: Object | None = None, **task: t.Any) -> str:
        done = self._done(flags, keywords or {}, variables or {}, task)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def refused(
        self, *flags: str, keywords: Object | None = None, variables: Object | None = None, **task: t.Any
    ) -> str:
        done = self._done(flags, keywords or {}, variables or {}, task)
        assert done.returncode == 2, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    def run_all(self, tasks: t.Sequence[Object], **keywords: t.Any) -> str:
        """Run many tasks in one play."""
        done = self._playbook((), {}, [self._step(task, keywords) for task in tasks])
        assert done.returncode == 0, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    def _done(
        self, flags: tuple[str, ...], keywords: Object, variables: Object, task: dict[str, t.Any]
    ) -> subprocess.CompletedProcess[str]:
        return self._playbook(flags, variables, [self._step(task, keywords)])

    def _step(self, task: Object, keywords: Object) -> Object:
        options = {"name": self.a_set.name, "cluster": self.cluster(), **task}
        given = {name: value for name, value in options.items() if value is not None}
        return {"name": "Apply", "seaworthy.platform.apply_set": given, **keywords}

    def _playbook(
        self, flags: tuple[str, ...], variables: Object, steps: list[Object]
    ) -> subprocess.CompletedProcess[str]:
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "connection": "local",
            "vars": {"ansible_python_interpreter": sys.executable, **variables},
            "tasks": steps,
        }
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        environment = os.environ | {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_HOME": str(self.folder / "home"),
        }
        program = str(pathlib.Path(sys.executable).with_name("ansible-playbook"))
        return subprocess.run(
            [program, "play.yml", *flags],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def cluster(self) -> Object:
        return {"provider": "kubeconfig", "kubeconfig": str(self.a_set.plane.kubeconfig)}


@pytest.fixture
def play(tmp_path: pathlib.Path, a_set: ASet) -> Play:
    return Play(tmp_path, a_set)


@pytest.fixture
def manifests(tmp_path: pathlib.Path, namespace: str) -> pathlib.Path:
    """A folder with two manifests, one of them a Secret."""
    folder = tmp_path / "manifests"
    folder.mkdir()
    secret = manifest("Secret", "password", namespace, stringData={"password": "correct horse battery"})
    (folder / "a.yaml").write_text(yaml.safe_dump_all([config_map(namespace), secret]), encoding="utf-8")
    return folder


def changed(output: str) -> int:
    found = CHANGED.search(output)
    assert found, output
    return int(found[1])


def test_second_playbook_run_changes_nothing_and_sends_no_write(play: Play, manifests: pathlib.Path) -> None:
    checked = play.run("--check", "--diff", src="manifests")
    assert changed(checked) == 1
    assert play.a_set.writes() == []
    first = play.run("--diff", src="manifests")
    assert f"  {play.a_set.name:<15} plan      2 objects: 2 to create" in first
    writes = play.a_set.writes()
    second = play.run(src="manifests")
    assert (changed(first), changed(second)) == (1, 0)
    assert play.a_set.writes() == writes
    assert "correct horse battery" not in checked + first + second
    assert "<hmac:" in first


def test_components_of_a_role_shaped_folder_are_rendered(play: Play, tmp_path: pathlib.Path, namespace: str) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "layer" / "templates" / name
        folder.mkdir(parents=True)
        text = (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: {{ space }}}\ndata: {v: {{ pins.v }}}\n"
        )
        (folder / "map.yaml.j2").write_text(text % name, encoding="utf-8")
    task: Object = {"src": "layer", "pins": {"v": "1.30"}, "components": {"one": True, "two": False}}
    play.run(variables={"space": namespace}, **task)
    assert play.a_set.live(config_map(namespace, "one"))["data"] == {"v": "1.30"}
    assert play.a_set.find(config_map(namespace, "two")) is None


def test_inline_definition_and_removal(play: Play, namespace: str) -> None:
    play.run(definition=[config_map(namespace)])
    assert play.a_set.find(config_map(namespace)) is not None
    play.run(state="absent")
    assert play.a_set.find(config_map(namespace)) is None


def test_cluster_and_foreign_rule_come_from_the_play(play: Play, namespace: str) -> None:
    play.a_set.reader.create(f"/api/v1/namespaces/{namespace}/configmaps", config_map(namespace, color="green"))
    variables = {"platform_cluster": play.cluster()}
    refused = play.refused(cluster=None, variables=variables, definition=[config_map(namespace)])
    assert "belongs to field manager" in refused
    play.run(cluster=None, variables={**variables, "platform_on_foreign": "adopt"}, definition=[config_map(namespace)])
    assert play.a_set.live(config_map(namespace))["data"] == {"color": "blue"}


def test_cluster_that_is_still_to_be_made(play: Play, namespace: str) -> None:
    cluster = {**play.cluster(), "exists": False, "kubeconfig": "/nonexistent"}
    output = play.run("--check", cluster=cluster, definition=[config_map(namespace)])
    assert "1 object to create (not validated: no cluster yet)" in output
    refused = play.refused(cluster=cluster, definition=[config_map(namespace)])
    assert "the cluster does not exist yet" in refused


def test_background_task_runs_the_same_engine_as_a_module(play: Play, namespace: str) -> None:
    output = play.run(keywords={"async": 60, "poll": 1}, definition=[config_map(namespace)])
    assert changed(output) == 1
    assert play.a_set.find(config_map(namespace)) is not None
    assert changed(play.run(keywords={"async": 60, "poll": 1}, definition=[config_map(namespace)])) == 0


def test_background_task_on_a_cloud_cluster_is_refused(play: Play, namespace: str) -> None:
    cluster = {"provider": "eks", "name": "demo", "location": "eu-west-1"}
    output = play.refused(cluster=cluster, keywords={"async": 60, "poll": 1}, definition=[config_map(namespace)])
    assert "this cluster's provider is eks; set connection: local" in output


MISTAKES: tuple[tuple[Object, str], ...] = (
    ({"src": "nowhere"}, "is no folder"),
    ({}, "this task stands in no role; set src to a folder, or definition to a list of objects"),
    ({"cluster": None, "definition": []}, "there is no platform_cluster; run the role resolve first"),
    ({"definition": [{"kind": "A"}]}, 'definition[0]: \\"apiVersion\\" is missing'),
    ({"definition": [], "state": "gone"}, "value of state must be one of: managed, external, absent"),
    ({"definition": [], "replicas": 3}, "Unsupported parameters"),
    ({"definition": [], "cluster": {"provider": "eksx"}}, "provider is 'eksx'; known are aks, eks, gke, kubeconfig"),
    ({"definition": [], "cluster": {"provider": "kubeconfig", "kubeconfig": "/no/file"}}, "cannot be read"),
)


def test_each_mistake_is_one_sentence(play: Play) -> None:
    output = play.run_all([task for task, _ in MISTAKES], ignore_errors=True)
    assert output.count("...ignoring") == len(MISTAKES)
    for task, sentence in MISTAKES:
        assert sentence in output, task


def test_broken_manifest_is_refused_with_file_and_line(play: Play, manifests: pathlib.Path) -> None:
    (manifests / "b.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    assert 'b.yaml line 2: the key \\"a\\" stands twice' in play.refused(src="manifests")
    assert play.a_set.writes() == []


def test_unreachable_cluster_is_one_sentence(play: Play, tmp_path: pathlib.Path, namespace: str) -> None:
    config = yaml.safe_load(play.a_set.plane.kubeconfig.read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (tmp_path / "config").write_text(yaml.safe_dump(config), encoding="utf-8")
    cluster = {"provider": "kubeconfig", "kubeconfig": str(tmp_path / "config")}
    output = play.refused(cluster=cluster, definition=[config_map(namespace)])
    assert "https://127.0.0.1:1 cannot be reached: connection refused." in output


def test_info_looks_through_the_same_door_and_as_a_module(play: Play, namespace: str) -> None:
    options = {"name": play.a_set.name, "cluster": play.cluster(), "definition": [config_map(namespace)]}
    step: Object = {"name": "Look", "seaworthy.platform.apply_set_info": options}
    for keywords in ({}, {"async": 60, "poll": 1}):
        done = play._playbook(("-v",), {}, [{**step, **keywords}])
        assert done.returncode == 0, done.stdout
        assert '"in_sync": false' in done.stdout
        assert "changed=0" in done.stdout
    assert play.a_set.all_writes() == []
