# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one environment to the next: in their order, and no further than where something is not well."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from drydock.control_plane import ControlPlane
from drydock.kube import KubeError, Object
from tests.integration.harbours import ROOT, Run, played

pytestmark = [pytest.mark.xdist_group("promotion"), pytest.mark.prove]

LAYERS = "base,rbac"
ORDER = {"late": "prod", "early": "dev"}
"""Hosts and their environments; the inventory names them in the wrong order."""


class Company:
    """Two bare clusters, one for each environment."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.planes = {host: ControlPlane.start(folder / host, name=host) for host in ORDER}

    def stop(self) -> None:
        for plane in self.planes.values():
            plane.stop()

    def play(self, playbook: str, *args: str, **variables: t.Any) -> Run:
        hosts = {
            host: {"cluster_kubeconfig": str(self.planes[host].kubeconfig), "platform_environment": environment}
            for host, environment in ORDER.items()
        }
        common = {
            "cluster_provider": "kubeconfig",
            "cluster_managed": False,
            "monitoring_state": "external",
            "promotion_soak": 0,
            "promotion_timeout": 3,
        }
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"platform_clusters": {"hosts": hosts, "vars": {**common, **variables}}}))
        return played("-i", str(inventory), str(ROOT / f"playbooks/{playbook}.yml"), "--tags", LAYERS, *args)

    def has_namespace(self, host: str, name: str) -> bool:
        try:
            self.planes[host].admin("tests").get(f"/api/v1/namespaces/{name}")
        except KubeError:
            return False
        return True


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Company]:
    started = Company(tmp_path_factory.mktemp("company"))
    try:
        yield started
    finally:
        started.stop()


def stuck() -> Object:
    """Return a Deployment that no node ever runs: there is none."""
    pod = {"labels": {"app": "stuck"}}
    container = {"name": "main", "image": "registry.example.com/stuck:1"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "stuck", "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": pod["labels"]},
            "template": {"metadata": pod, "spec": {"containers": [container]}},
        },
    }


def apply(company: Company, host: str, objects: list[Object], state: str = "managed") -> None:
    """Make a set of somebody's own on one cluster, and do not wait for it."""
    task = {"name": "extra", "definition": objects, "wait": False, "state": state}
    task["cluster"] = {"provider": "kubeconfig", "kubeconfig": str(company.planes[host].kubeconfig)}
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": [{"seaworthy.platform.apply_set": task}],
    }
    book = company.folder / "extra.yml"
    book.write_text(yaml.safe_dump([play]))
    played("-i", "localhost,", str(book)).passed()


def test_environments_follow_each_other_in_their_order(company: Company) -> None:
    lines = company.play("promote").passed().output.splitlines()
    told = [line.split()[0] for line in lines if re.search(r"^  (early|late)/\S+ +(ready|healthy) ", line)]
    assert told == [f"{host}/{what}" for host in ("early", "late") for what in ("base", "rbac", "health")]


def test_second_run_changes_nothing(company: Company) -> None:
    run = company.play("promote").passed()
    assert "changed=1" not in run.output, run.output


def test_what_is_not_well_keeps_the_next_environment_as_it_is(company: Company) -> None:
    apply(company, "early", [stuck()])
    try:
        output = company.play("promote", base_namespaces={"shop": {}}).refused()
        assert "Deployment/default/stuck (0/1 ready)" in output
        assert "Nothing that comes after it was touched" in output
        assert company.has_namespace("early", "shop")
        assert not company.has_namespace("late", "shop")
    finally:
        apply(company, "early", [], "absent")
    company.play("promote", base_namespaces={"shop": {}}).passed()
    assert company.has_namespace("late", "shop")


def test_check_looks_once_and_fails_nothing(company: Company) -> None:
    apply(company, "early", [stuck()])
    try:
        output = company.play("promote", "--check").passed().output
        assert "unhealthy" in output
        assert "Deployment/default/stuck" in output
    finally:
        apply(company, "early", [], "absent")


def test_cluster_without_environment_is_refused_before_anything_is_done(company: Company) -> None:
    output = company.play("promote", platform_environments=["dev", "staging"], base_namespaces={"late": {}}).refused()
    assert 'platform_environment of late is "prod"; must be one of platform_environments (dev, staging)' in output
    assert not company.has_namespace("early", "late")


def test_gate_that_could_never_open_is_refused(company: Company) -> None:
    output = company.play("promote", promotion_soak=10).refused()
    assert "timeout is 3 and soak 10 seconds; timeout must be the longer one" in output
