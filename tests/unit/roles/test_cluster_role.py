# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables and the module's options are one vocabulary: what is checked is what is passed."""

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.action.resolve import (
    PROVIDERS,
    cluster_document,
    minor_of,
    nowhere,
    refuse_options_of_other_clouds,
    variables_of,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import spec_options
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.providers import PROVIDERS as CLOUDS
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from ansible_collections.seaworthy.platform.plugins.plugin_utils._variables import (
    merged_maps,
    option_values,
    role_options,
)

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
OPTIONS = role_options(ROLES)["cluster"]
NOT_FOR_A_PLAYBOOK = {"wait"}
ADDED = {f"{name}_{level}" for name in ("node_pools", "access", "addons") for level in ("group", "host")}
REACHING = {"provider", "managed", "api", "kubeconfig", "context", *ADDED}


def module_options(provider: str) -> set[str]:
    return {row.path.partition(".")[0] for row in spec_options(CLOUDS[provider].cloud)} - NOT_FOR_A_PLAYBOOK


def passed(provider: str) -> set[str]:
    tasks = yaml.safe_load((ROLES / f"cluster/tasks/{provider}.yml").read_text(encoding="utf-8"))
    return set(tasks[0][f"seaworthy.platform.{provider}_cluster"])


def test_every_option_of_the_modules_is_a_variable_of_the_role() -> None:
    documented = {name.removeprefix("cluster_") for name in OPTIONS}
    assert documented - REACHING == set().union(*map(variables_of, CLOUDS)) - NOT_FOR_A_PLAYBOOK


@pytest.mark.parametrize("provider", CLOUDS)
def test_the_role_passes_every_option(provider: str) -> None:
    assert passed(provider) == module_options(provider)


@pytest.mark.parametrize("provider", CLOUDS)
def test_the_document_that_is_checked_is_the_one_that_is_passed(provider: str) -> None:
    variables = {name: name for name in OPTIONS if OPTIONS[name]["type"] != "dict"}
    values = merged_maps(option_values(OPTIONS, variables, lambda value, ours: value))
    assert set(cluster_document({**values, "cluster_provider": provider})) <= passed(provider)


def test_variable_that_another_cloud_alone_knows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cluster_maintenance is given, which EKS has no use for"):
        refuse_options_of_other_clouds(
            {"cluster_provider": "eks", "cluster_maintenance": {"channel": "stable"}, "cluster_addons": {}}
        )


def test_gke_reads_project_and_location_from_the_variables_of_every_cloud() -> None:
    values = {"cluster_provider": "gke", "cluster_account": "my-project", "cluster_region": "europe-west1"}
    assert cluster_document(values) == {"project": "my-project", "location": "europe-west1"}


def test_aks_reads_subscription_and_location_from_the_variables_of_every_cloud() -> None:
    values = {"cluster_account": "s", "cluster_region": "westeurope", "cluster_resource_group": "platform"}
    wanted = {"subscription": "s", "location": "westeurope", "resource_group": "platform"}
    assert cluster_document({**values, "cluster_provider": "aks"}) == wanted


def test_every_provider_of_the_role_can_be_resolved() -> None:
    assert set(OPTIONS["cluster_provider"]["choices"]) == set(PROVIDERS)
    managed = {path.stem for path in (ROLES / "cluster/tasks").glob("*.yml")} - {"main"}
    assert managed == set(PROVIDERS) - {"kubeconfig"}


def test_the_fact_holds_no_secret() -> None:
    values = option_values(OPTIONS, {"cluster_provider": "eks", "cluster_token": "secret"}, lambda value, ours: value)
    assert set(nowhere(values)) == {
        *("provider", "name", "location", "account", "endpoint", "ca", "exists", "version", "provides", "auth", "api"),
        *("kubeconfig", "context", "resource_group", "managed"),
    }


@pytest.mark.parametrize("minor", ["36", "36+"])
def test_version_is_read_as_clouds_write_it(minor: str) -> None:
    assert minor_of({"major": "1", "minor": minor}) == "1.36"


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_example_inventory_says_nothing_that_its_cloud_refuses(cloud: str) -> None:
    folder = ROLES.parent / "inventories" / cloud
    variables = {"inventory_hostname": "demo-eu-1", "cluster_name": "demo-eu-1"}
    for path in (folder / "group_vars/platform_clusters/cluster.yml", folder / "host_vars/demo-eu-1.yml"):
        variables.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    values = merged_maps({"cluster_auth": {}, **variables})
    PROVIDERS[values["cluster_provider"]].check(values)
