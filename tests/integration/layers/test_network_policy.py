# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer ``network_policy`` through its playbook, on a cluster whose policies something enforces."""

from __future__ import annotations

import pytest

from tests.integration.layers.planes import Island

pytestmark = pytest.mark.xdist_group("island")


def test_listed_namespace_is_closed_and_an_empty_list_opens_it_again(island: Island) -> None:
    island.namespace("closed")
    place = "/apis/networking.k8s.io/v1/namespaces/closed/networkpolicies"
    given = {"network_policy_engine": "calico", "network_policy_namespaces": {"closed": {"allow": ["dns"]}}}
    assert island.play("network_policy", **given).passed().changed == 1
    assert {obj["metadata"]["name"] for obj in island.admin.items(place)} == {"platform-deny-all", "platform-allow-dns"}
    mark = island.writes_of_the_runner()
    assert island.play("network_policy", **given).passed().changed == 0
    assert island.writes_of_the_runner() == mark
    assert island.play("network_policy").passed().changed == 1
    assert island.admin.items(place) == []
