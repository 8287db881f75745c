# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input through the public door: one clear sentence, before any request, and no traceback."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.action.resolve import refuse_unconfirmed
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

ROOT = pathlib.Path(__file__).resolve().parents[3]
EKS = {
    "cluster_provider": "eks",
    "cluster_region": "eu-west-1",
    # Whoever sends a request is seen: nothing answers there.
    "cluster_auth": {"endpoint_url": "http://127.0.0.1:9"},
}


class Inventory:
    """A cluster of one's own, and what a play says of it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.variables = folder / "group_vars/platform_clusters/main.yml"
        self.variables.parent.mkdir(parents=True)
        (folder / "hosts.yml").write_text("platform_clusters:\n  hosts:\n    demo:\n")

    def says(self, **variables: t.Any) -> Inventory:
        self.variables.write_text(yaml.safe_dump(variables, sort_keys=False))
        return self

    def refusal(self, playbook: str, *args: str) -> str:
        """Return the one sentence of a play that must fail."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE", "PYTHONPATH"))
        }
        environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_HOME": str(self.folder / "home"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            [
                str(pathlib.Path(sys.executable).with_name("ansible-playbook")),
                *("-i", str(self.folder), str(ROOT / "playbooks" / f"{playbook}.yml"), *args),
            ],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 2, output
        assert "Traceback" not in output
        return str(json.loads(done.stdout.split("FAILED! => ", 1)[1].split("\n\n", 1)[0])["msg"])


@pytest.fixture
def inventory(tmp_path: pathlib.Path) -> Inventory:
    return Inventory(tmp_path / "inventory")


def test_unknown_variable_is_refused_with_its_place(inventory: Inventory) -> None:
    said = inventory.says(**EKS, certificates_wildcrd_domains=["a.test"]).refusal("site")
    assert "certificates_wildcrd_domains (in group_vars/platform_clusters/main.yml:5)" in said
    assert "did you mean certificates_wildcard_domains?" in said


def test_unknown_variable_of_the_command_line_is_refused(inventory: Inventory) -> None:
    said = inventory.says(**EKS).refusal("certificates", "-e", "certificates_stat=absent")
    assert "certificates_stat (given with -e)" in said


def test_version_without_quotes_is_refused_with_the_quoted_form(inventory: Inventory) -> None:
    said = inventory.says(**EKS, cluster_version=1.3).refusal("cluster")
    assert "cluster_version" in said
    assert '"1.30"' in said


def test_fault_in_a_pool_of_one_host_is_named_by_its_path(inventory: Inventory) -> None:
    taint = {"key": "gpu", "effect": "NoSchedual"}
    said = inventory.says(**EKS, cluster_node_pools_host={"general": {"taints": [taint]}}).refusal("cluster")
    assert "cluster_node_pools.general.taints[0].effect" in said
    assert "did you mean NoSchedule?" in said


def test_every_fault_is_told_at_once(inventory: Inventory) -> None:
    said = inventory.says(
        **EKS, cluster_account="12", cluster_support="gold", cluster_endpoint={"pubic": True}
    ).refusal("site")
    assert all(path in said for path in ("cluster_account", "cluster_support", "cluster_endpoint.pubic"))


def test_unknown_provider_is_refused(inventory: Inventory) -> None:
    said = inventory.says(cluster_provider="eksctl").refusal("site")
    assert said == 'cluster_provider is "eksctl"; must be one of aks, eks, gke, kubeconfig'


def test_missing_kubeconfig_names_the_file_and_the_variable(inventory: Inventory) -> None:
    said = inventory.says(cluster_provider="kubeconfig", cluster_kubeconfig="/nowhere/config").refusal("base")
    assert "/nowhere/config" in said
    assert "cluster_kubeconfig" in said


def test_a_host_on_another_connection_is_refused(inventory: Inventory) -> None:
    said = inventory.says(**EKS, ansible_connection="ssh").refusal("base")
    assert "connection: local" in said


def test_destroy_needs_the_limit_and_the_name(inventory: Inventory) -> None:
    said = inventory.says(**EKS).refusal("destroy", "-e", "destroy_confirm=demo")
    assert said == (
        "demo is not destroyed: no --limit was given. "
        "If you mean it, run again with --limit demo -e destroy_confirm=demo."
    )


@pytest.mark.parametrize(("given", "reason"), [(None, "no destroy_confirm"), ("dmo", "destroy_confirm 'dmo'")])
def test_destroy_with_another_name_is_refused(given: str | None, reason: str) -> None:
    with pytest.raises(PlatformError, match=f"{reason} was given"):
        refuse_unconfirmed("prod", {"inventory_hostname": "demo", "destroy_confirm": given}, "demo")


def test_destroy_with_limit_and_name_goes_on() -> None:
    refuse_unconfirmed("prod", {"inventory_hostname": "demo", "destroy_confirm": "prod"}, "demo")
