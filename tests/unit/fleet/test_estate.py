# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of clusters is read as strictly as a file of the fleet."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.estate import estate_of
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.faults import FleetFaults
from ansible_collections.seaworthy.platform.plugins.plugin_utils._estate import clusters_of, environments_of
from tests.unit.fleet.fleets import STORE

RIGHT: dict[str, t.Any] = {"provider": "eks", "environments": ["dev"]}


def test_clusters_come_from_the_hosts_of_the_group() -> None:
    hosts = {
        "one": {"cluster_provider": "eks", "platform_environment": "prod", "platform_domain": "one.example.com"},
        "two": {"cluster_provider": "aks", "platform_environment": "dev", "tenancy_environments": ["dev", "staging"]},
        "jump": {},
    }
    found = clusters_of({"groups": {"platform_clusters": ["one", "two"]}, "hostvars": hosts})
    estate = estate_of(environments_of({}), found)
    assert estate.environments == ("dev", "staging", "prod")
    told = {c.name: (c.environments, c.identity, c.api_identity, c.domain) for c in estate.clusters}
    assert told == {
        "one": (("prod",), "keycloak", "keycloak", "one.example.com"),
        "two": (("dev", "staging"), "entra", "entra", ""),
    }


@pytest.mark.parametrize(
    ("cluster", "says"),
    [
        ({**RIGHT, "environments": ["qa"]}, 'environment of cluster one is "qa"; must be one of platform_environments'),
        ({"environments": ["dev"]}, "clusters.one.provider is missing; give it: its provider"),
        ({**RIGHT, "provider": "esk"}, "did you mean eks?"),
        ({"provider": "eks"}, "clusters.one.environments is missing"),
        (
            {**RIGHT, "secret_stores": {"vault": {"server": "https://vault:8200"}}},
            "secret_stores.vault.identity of cluster one",
        ),
        ({**RIGHT, "secret_stores": {"aws": STORE}}, "its name must be aws-secrets-manager, azure-key-vault"),
    ],
)
def test_what_is_wrong_with_a_cluster_is_one_sentence(cluster: dict[str, t.Any], says: str) -> None:
    with pytest.raises(FleetFaults) as caught:
        estate_of(["dev", "prod"], {"one": cluster})
    (fault,) = caught.value.faults
    assert says in fault.sentence
