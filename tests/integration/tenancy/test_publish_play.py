# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet is checked and published by a play, with environments and clusters of the play's inventory."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml

from tests.integration.harbours import RECAP, ROOT
from tests.unit.fleet.repositories import ESTATE, Forge

TOKEN = "s3cr3t-token"


class Pipeline:
    """A play of one task in an inventory of two clusters."""

    def __init__(self, folder: pathlib.Path, forge: Forge) -> None:
        self.folder, self.forge = folder, forge

    def run(self, module: str, *flags: str, **options: t.Any) -> str:
        hosts = {
            name: {"cluster_provider": entry["provider"], "platform_environment": entry["environments"][0]}
            for name, entry in ESTATE["clusters"].items()
        }
        inventory = {
            "platform_clusters": {"hosts": hosts, "vars": {"platform_environments": ESTATE["environments"]}},
            "ungrouped": {"hosts": {"localhost": {"ansible_python_interpreter": sys.executable}}},
        }
        task = {"name": "Fleet", f"seaworthy.platform.{module}": {"path": "fleet", **options}}
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        environment = os.environ | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.folder / "home"),
        }
        done = subprocess.run(
            [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.yml", "play.yml", *flags],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout


@pytest.fixture
def pipeline(tmp_path: pathlib.Path) -> Pipeline:
    return Pipeline(tmp_path, Forge(tmp_path))


def recap(output: str) -> tuple[str, str]:
    found = RECAP.search(output)
    assert found, output
    return found["changed"], found["failed"]


def test_a_fleet_is_published_once_for_every_cluster_of_the_inventory(pipeline: Pipeline) -> None:
    options = {"repository": str(pipeline.forge.bare), "token": TOKEN}
    checked = pipeline.run("fleet_publish", "--check", "--diff", **options)
    assert recap(checked) == ("1", "0")
    assert "+++ after: rendered/" in checked
    assert pipeline.forge.refs() == ""
    first = pipeline.run("fleet_publish", "-vvv", **options)
    assert recap(first) == ("1", "0")
    assert {name.split("/")[1] for name in pipeline.forge.files()} == set(ESTATE["clusters"])
    assert recap(pipeline.run("fleet_publish", **options)) == ("0", "0")
    assert TOKEN not in checked + first


def test_a_pull_request_with_a_fault_is_told_file_line_and_remedy(pipeline: Pipeline) -> None:
    assert '"prod-1"' in pipeline.run("fleet_check", "-v")
    team = pipeline.forge.fleet / "teams/shop/team.yaml"
    team.write_text(team.read_text(encoding="utf-8").replace("shop-devs", "shop-dev"), encoding="utf-8")
    output = pipeline.run("fleet_check")
    assert recap(output) == ("0", "1")
    assert 'teams/shop/team.yaml:4: groups.developer is "shop-dev"; must be a group' in output
    assert "did you mean shop-devs?" in output
