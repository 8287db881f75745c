# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teams come, change and go on a real API server, by the role's own playbook."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from drydock.control_plane import ControlPlane
from tests.integration.apply_set.a_set import ASet

pytestmark = pytest.mark.xdist_group("tenancy")

ROOT = pathlib.Path(__file__).resolve().parents[3]
BASE = ROOT / "tests" / "unit" / "fleet" / "base"
NEW = {
    "teams/ship/team.yaml": """title: Shipping
owners: [shop-leads]
groups: {developer: shop-devs}
receivers: {critical: "pagerduty:ship", warning: "slack:#ship"}
secrets: {prefix: ship/}
""",
    "teams/ship/projects/parcels.yaml": "namespaces: {dev: parcels-dev, prod: parcels-prod}\n",
}


@dataclasses.dataclass
class Company:
    """A fleet of one's own on one cluster, and the playbook that applies it."""

    folder: pathlib.Path
    plane: ControlPlane

    @property
    def a_set(self) -> ASet:
        return ASet(self.plane, name="tenancy")

    @property
    def fleet(self) -> pathlib.Path:
        return self.folder / "fleet"

    def prepare(self) -> Company:
        shutil.copytree(BASE, self.fleet)
        host = {
            "cluster_provider": "kubeconfig",
            "cluster_kubeconfig": str(self.plane.kubeconfig),
            "platform_environment": "dev",
            "platform_environments": ["dev", "prod"],
            "tenancy_environments": ["dev", "prod"],
            "tenancy_fleet": str(self.fleet),
        }
        inventory = {"platform_clusters": {"hosts": {"one": host}}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        return self

    def run(self, *flags: str, playbook: str = "tenancy") -> tuple[int, str]:
        """Return the return code and what was printed."""
        environment = os.environ | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.folder / "home"),
        }
        done = subprocess.run(
            [
                str(pathlib.Path(sys.executable).with_name("ansible-playbook")),
                *("-i", str(self.folder / "hosts.yml"), str(ROOT / "playbooks" / f"{playbook}.yml"), *flags),
            ],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        return done.returncode, done.stdout

    def passed(self, *flags: str, playbook: str = "tenancy") -> str:
        code, output = self.run(*flags, playbook=playbook)
        assert code == 0, output
        return output

    def writes(self, *flags: str) -> tuple[str, list[str]]:
        """Run, and return what was printed and what this run wrote."""
        before = len(self.a_set.all_writes())
        output = self.passed(*flags)
        return output, self.a_set.all_writes()[before:]

    def namespaces(self) -> set[str]:
        found = self.a_set.reader.get("/api/v1/namespaces?labelSelector=seaworthy.dev/team")["items"]
        alive = [item for item in found if "deletionTimestamp" not in item["metadata"]]
        return {item["metadata"]["name"] for item in alive}

    def add(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.fleet / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, control_plane: ControlPlane) -> Company:
    return Company(tmp_path_factory.mktemp("company"), control_plane).prepare()


def of_team(write: str, *namespaces: str) -> bool:
    return bool(re.search(rf"/namespaces/({'|'.join(namespaces)}|seaworthy-system)(/|$)", write))


def test_a_fleet_with_a_fault_is_refused_before_any_write_also_in_check_mode(company: Company) -> None:
    team = company.fleet / "teams" / "shop" / "team.yaml"
    right = team.read_text(encoding="utf-8")
    team.write_text(right.replace("developer: shop-devs", "develper: shop-devs"), encoding="utf-8")
    try:
        before = len(company.a_set.all_writes())
        for flags in ((), ("--check",)):
            code, output = company.run(*flags)
            assert code == 2, output
            assert 'teams/shop/team.yaml:4: groups.develper is "develper"' in output
            assert "did you mean developer?" in output
            assert "Traceback" not in output
        assert company.a_set.all_writes()[before:] == []
    finally:
        team.write_text(right, encoding="utf-8")


def test_teams_come_change_and_go_and_only_their_own_objects_are_written(company: Company) -> None:
    company.passed()
    everybody = {"front-dev", "front-prod", "money-dev", "money-prod"}
    assert company.namespaces() == everybody
    quota = company.a_set.reader.get("/api/v1/namespaces/front-prod/resourcequotas/platform")
    assert quota["spec"]["hard"] == {"requests.cpu": "4", "requests.memory": "8Gi"}

    _output, writes = company.writes()
    assert writes == [], "a second run writes nothing"

    company.add(NEW)
    _output, writes = company.writes()
    assert company.namespaces() == everybody | {"parcels-dev", "parcels-prod"}
    assert writes
    assert [write for write in writes if not of_team(write, "parcels-dev", "parcels-prod")] == []

    shutil.rmtree(company.fleet / "teams" / "ship")
    output, writes = company.writes("-v")
    assert company.namespaces() == everybody | {"parcels-dev", "parcels-prod"}, "a namespace holds data: it stays"
    assert "Namespace/parcels-dev" in output
    assert [write for write in writes if not of_team(write, "parcels-dev", "parcels-prod")] == []

    _output, writes = company.writes("-e", "tenancy_delete_namespaces=true")
    assert company.namespaces() == everybody
    assert [write for write in writes if not of_team(write, "parcels-dev", "parcels-prod")] == []


def test_a_pod_that_breaks_the_teams_level_is_refused_where_it_is_enforced(company: Company) -> None:
    company.passed()
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "root"},
        "spec": {"containers": [{"name": "main", "image": "registry.example/web:1.0"}]},
    }
    client = company.plane.admin("somebody")
    with pytest.raises(Exception, match="violates PodSecurity"):
        client.create("/api/v1/namespaces/front-prod/pods?dryRun=All", pod)
    client.create("/api/v1/namespaces/front-dev/pods?dryRun=All", pod)


def test_destroying_takes_the_teams_objects_and_keeps_a_namespace_that_holds_somebodys(company: Company) -> None:
    """The cluster is not ours: it stays, and so does what a team put on it."""
    company.passed()
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs"}, "data": {"kept": "yes"}}
    company.plane.admin("somebody").create("/api/v1/namespaces/front-prod/configmaps", theirs)
    company.passed("--limit", "one", "--tags", "tenancy", "-e", "destroy_confirm=one", playbook="destroy")
    reader = company.a_set.reader
    assert reader.find("/api/v1/namespaces/front-prod/resourcequotas/platform") is None
    assert reader.get("/api/v1/namespaces/front-prod/configmaps/theirs")["data"] == {"kept": "yes"}
    assert reader.find("/api/v1/namespaces/money-prod") is None
