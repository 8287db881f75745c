# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a set comes from and goes to besides templates and a cluster: a chart as helm renders it, a directory."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import pytest
import yaml

from drydock.kube import Object

from .a_set import ASet, config_map, manifest
from .test_play import Play, changed, play

__all__ = ["play"]

HOOK = {"helm.sh/hook": "pre-install"}


@pytest.fixture
def helm(tmp_path: pathlib.Path) -> t.Callable[..., str]:
    """Return a way to make a stand-in for the helm program: it prints these objects and keeps how it was called."""

    def made(*objects: Object) -> str:
        (tmp_path / "rendered.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")
        script = (
            "import json, sys\n"
            f"open({str(tmp_path / 'call.json')!r}, 'w').write(json.dumps([sys.argv[1:], sys.stdin.read()]))\n"
            f"print(open({str(tmp_path / 'rendered.yaml')!r}).read())\n"
        )
        (tmp_path / "helm.py").write_text(script, encoding="utf-8")
        program = tmp_path / "helm"
        # A shell in between: the interpreter's own path may hold a space, which a first line cannot.
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/helm.py" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        return str(program)

    return made


def hooked(name: str, when: str = "pre-install") -> Object:
    job = manifest("Job", name, api="batch/v1", spec={})
    job["metadata"]["annotations"] = {"helm.sh/hook": when}
    return job


def test_chart_is_applied_into_the_namespace_of_the_set(
    play: Play, namespace: str, tmp_path: pathlib.Path, helm: t.Callable[..., str]
) -> None:
    program = helm(manifest("ConfigMap", "plain", data={"a": "b"}), hooked("probe", "test"))
    chart: Object = {
        "chart": "oci://charts.invalid/web",
        "version": "1.2.3",
        "values": {"password": "canary-in-values"},
    }
    task: Object = {"namespace": namespace, "helm_template": {**chart, "binary": program}}
    first = play.run("-v", **task)
    assert (changed(first), changed(play.run(**task))) == (1, 0)
    assert play.a_set.find(config_map(namespace, "plain")) is not None
    words, given = json.loads((tmp_path / "call.json").read_text())
    assert words[:3] == ["template", play.a_set.name, "oci://charts.invalid/web"]
    assert ("--version", "1.2.3") in zip(words, words[1:], strict=False)
    assert "canary" not in " ".join(words)
    assert json.loads(given) == chart["values"]


def test_hooks_of_a_chart_are_refused_by_name_unless_they_are_to_be_left_out(
    play: Play, namespace: str, helm: t.Callable[..., str]
) -> None:
    program = helm(manifest("ConfigMap", "plain"), hooked("migrate"))
    chart: Object = {"chart": "web", "binary": program}
    told = play.refused(namespace=namespace, helm_template=chart)
    assert "chart web: Job/migrate is a hook (pre-install), which only Helm runs" in told
    assert play.a_set.all_writes() == []
    play.run(namespace=namespace, helm_template={**chart, "hooks": "leave_out"})
    assert [write for write in play.a_set.writes() if "jobs" in write] == []


def test_helm_is_needed_only_where_a_chart_is_named(play: Play, namespace: str) -> None:
    told = play.refused(helm_template={"chart": "web", "binary": "no-such-helm"})
    assert "chart web: the program no-such-helm is not installed here." in told


def files(folder: pathlib.Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_directory_gets_the_same_files_each_time_and_no_cluster_is_asked(play: Play, tmp_path: pathlib.Path) -> None:
    objects = [manifest("Namespace", "shop"), config_map("shop", "settings", color="blue", answer="42")]
    out = tmp_path / "repository"
    task: Object = {"cluster": None, "target": "directory", "directory": str(out)}
    assert changed(play.run("--check", "--diff", definition=objects, **task)) == 1
    assert not out.exists()
    assert changed(play.run(definition=objects, **task)) == 1
    first = files(out)
    assert set(first) == {"_cluster/namespace-shop.yaml", "shop/configmap-settings.yaml"}
    assert yaml.safe_load(first["shop/configmap-settings.yaml"]) == objects[1]
    assert changed(play.run(definition=list(reversed(objects)), **task)) == 0
    assert files(out) == first
    (out / "README.md").write_text("mine", encoding="utf-8")
    assert changed(play.run(definition=objects[:1], **task)) == 1
    assert set(files(out)) == {"_cluster/namespace-shop.yaml", "README.md"}
    assert play.a_set.all_writes() == []


def test_directory_takes_no_secret_and_no_file_of_others(play: Play, tmp_path: pathlib.Path) -> None:
    task: Object = {"cluster": None, "target": "directory", "directory": str(tmp_path / "out")}
    secret = manifest("Secret", "login", "shop", stringData={"password": "canary-password"})
    told = play.refused(definition=[secret], **task)
    assert "Secret/shop/login holds values, which do not belong into a repository" in told
    assert "canary-password" not in told
    theirs = tmp_path / "out" / "shop" / "configmap-settings.yaml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("kind: Other", encoding="utf-8")
    assert "was not written by the set" in play.refused(definition=[config_map("shop")], **task)
    assert theirs.read_text() == "kind: Other"


def test_namespace_of_the_set_is_for_namespaced_objects_that_name_none(a_set: ASet, namespace: str) -> None:
    wanted = [
        manifest("ConfigMap", "plain"),
        manifest("PriorityClass", a_set.name, api="scheduling.k8s.io/v1", value=1),
    ]
    a_set.apply(*wanted, namespace=namespace)
    assert a_set.find(config_map(namespace, "plain")) is not None
    assert a_set.apply(*wanted, namespace=namespace)["changed"] is False
    a_set.apply(state="absent")
