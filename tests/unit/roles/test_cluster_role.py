# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables and the module's options are one vocabulary: what is checked is what is passed."""

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.action.resolve import PROVIDERS, cluster_document, minor_of, nowhere
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import spec_options
from ansible_collections.seaworthy.platform.plugins.plugin_utils._variables import (
    merged_maps,
    option_values,
    role_options,
)

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
OPTIONS = role_options(ROLES)["cluster"]
MODULE_OPTIONS = {row.path.partition(".")[0] for row in spec_options(EKS)}
NOT_FOR_A_PLAYBOOK = {"wait"}
REACHING = {"provider", "managed", "api", "kubeconfig", "context", "node_pools_group", "node_pools_host"}


def passed() -> set[str]:
    tasks = yaml.safe_load((ROLES / "cluster/tasks/eks.yml").read_text(encoding="utf-8"))
    return set(tasks[0]["seaworthy.platform.eks_cluster"])


def test_every_option_of_the_module_is_a_variable_of_the_role() -> None:
    documented = {name.removeprefix("cluster_") for name in OPTIONS}
    assert documented - REACHING == MODULE_OPTIONS - NOT_FOR_A_PLAYBOOK


def test_the_role_passes_every_option() -> None:
    assert passed() == MODULE_OPTIONS - NOT_FOR_A_PLAYBOOK


def test_the_document_that_is_checked_is_the_one_that_is_passed() -> None:
    variables = {name: name for name in OPTIONS if OPTIONS[name]["type"] != "dict"}
    values = merged_maps(option_values(OPTIONS, variables, lambda value, ours: value))
    assert set(cluster_document({**values, "cluster_provider": "eks"})) <= passed()


def test_every_provider_of_the_role_can_be_resolved() -> None:
    assert set(OPTIONS["cluster_provider"]["choices"]) == set(PROVIDERS)
    managed = {path.stem for path in (ROLES / "cluster/tasks").glob("*.yml")} - {"main"}
    assert managed == set(PROVIDERS) - {"kubeconfig"}


def test_the_fact_holds_no_secret() -> None:
    values = option_values(OPTIONS, {"cluster_provider": "eks", "cluster_token": "secret"}, lambda value, ours: value)
    assert set(nowhere(values)) == {
        *("provider", "name", "location", "account", "endpoint", "ca", "exists", "version", "auth", "api"),
        *("kubeconfig", "context"),
    }


@pytest.mark.parametrize("minor", ["36", "36+"])
def test_version_is_read_as_clouds_write_it(minor: str) -> None:
    assert minor_of({"major": "1", "minor": minor}) == "1.36"
