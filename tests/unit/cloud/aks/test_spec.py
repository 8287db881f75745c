# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document that AKS cannot mean is refused before any request, with every fault at once."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.aks.cloud import AKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput

GUID = "00000000-0000-0000-0000-000000000001"
Json = dict[str, t.Any]
BASE: Json = {"name": "prod", "subscription": GUID, "resource_group": "platform", "location": "westeurope"}
POOL: Json = {"instance_types": ["Standard_D4s_v5"], "size": {"desired": 1}}


def document(path: str, value: t.Any) -> Json:
    wanted = copy.deepcopy(BASE)
    place = wanted
    *parents, name = path.split(".")
    for parent in parents:
        place = place.setdefault(parent, {})
    place[name] = value
    return wanted


BAD: list[tuple[str, t.Any, str]] = [
    ("name", "-prod", 'name is "-prod"; must be 1 to 63 letters'),
    ("subscription", "platform", "must be the id of an Azure subscription, a GUID"),
    ("resource_group", "a/b", "must be 1 to 90 letters"),
    ("location", "West Europe", "must be the name of an Azure location, like westeurope"),
    ("auth.client_id", "me", "must be the client id of an application"),
    ("auth.endpoint_url", "http://example.com", "must be an https URL"),
    ("auth.secret", "x", "auth.secret is not an option (did you mean"),
    ("version", 1.36, 'must be text in quotes: write "1.36"'),
    ("version", "1.36.1-gke.2", 'must be a Kubernetes version: a minor like "1.36"'),
    ("tier", "gold", "must be free, standard or premium"),
    ("mode", "autopilot", "must be standard or auto"),
    ("network.subnets", ["nodes"], "must be the resource id of a subnet"),
    ("network.policy_engine", "weave", "must be none, azure, calico or cilium"),
    ("network.service_cidr", "10.0.0.1/16", "must be a range without host bits: write 10.0.0.0/16"),
    ("network.dns_service_ip", "10.0.0.10", "network.dns_service_ip is given without network.service_cidr"),
    ("network", {"service_cidr": "10.1.0.0/16", "dns_service_ip": "10.0.0.10"}, "must be within network.service_cidr"),
    ("network", {"service_cidr": "10.1.0.0/16", "routed_cidrs": ["10.1.2.0/24"]}, "overlaps network.routed_cidrs[0]"),
    ("endpoint", {"public": True, "private": True}, "are both true"),
    ("endpoint", {"public": False, "private": False}, "are both false"),
    ("endpoint.allowed_cidrs", [], "endpoint.allowed_cidrs is empty; AKS cannot express"),
    ("endpoint.allowed_cidrs", ["0.0.0.0/0", "10.0.0.0/8"], "must be 0.0.0.0/0 alone"),
    ("endpoint", {"private": True, "allowed_cidrs": ["10.0.0.0/8"]}, "while the API server is private"),
    ("endpoint.private_dns_zone", "system", "is given without endpoint.private"),
    ("encryption.kms_key", "my-key", "must be the URL of a key"),
    ("identity.control_plane", "me", "must be the resource id of a userAssignedIdentitie"),
    ("identity.entra_admin_groups", ["admins"], "must be the object id of a Microsoft Entra group"),
    ("logging", ["api"], "logging is given without logging_workspace"),
    ("logging", ["etcd"], "must be api, audit"),
    ("logging_workspace", "logs", "must be the resource id of a workspace"),
    ("maintenance.window", {"start": "3am"}, 'must be a window with a start like "03:00"'),
    ("maintenance.window", {"start": "03:00", "hours": "2"}, "must be a window of 4 to 24 hours"),
    ("maintenance.window", {"start": "03:00", "day": "Caturday"}, "must be a window on a day of the week"),
    ("maintenance.window", {"at": "03:00"}, "must be made of start, hours and day (at is none of them)"),
    ("maintenance.exclusions", {"x": {"start": "2026-12-20"}}, "maintenance.exclusions.x.end is missing"),
    ("maintenance.exclusions", {"x": {"start": "2026-12-20", "end": "2026-12-01"}}, "must be not before 2026-12-20"),
    ("maintenance.exclusions", {"x": {"start": "Xmas", "end": "2026-12-01"}}, 'must be a day, like "2026-12-24"'),
    ("addons.keda", {"state": "on"}, "must be present or absent"),
    ("addons.istio", {"state": "present"}, "addons.istio is not an option"),
    ("tags", {"a/b": "c"}, "none of <>%&"),
    ("tags", {"seaworthy-owner": "me"}, "which is the ownership tag: set owner instead"),
    ("tags", {"azure-thing": "x"}, "not Azure's own"),
    ("node_pools.General", POOL, "must be named by 1 to 12 lower-case letters"),
    ("node_pools.averylongpool", POOL, "must be named by 1 to 12 lower-case letters"),
    ("node_pools.a", {"size": {"min": 1, "max": 3}}, "is given without autoscaling"),
    ("node_pools.a", {"autoscaling": True, "size": {"desired": 3}}, "autoscaling is true without bounds"),
    ("node_pools.a", {"autoscaling": True, "size": {"min": 5, "max": 3}}, "must be at most node_pools.a.size.max"),
    ("node_pools.a.instance_types", ["a", "b"], "an Azure VM size"),
    ("node_pools.a.instance_types", ["Standard_D2s_v5", "Standard_D4s_v5"], "must be a list of one VM size"),
    ("node_pools.a.zones", ["westeurope-1"], "must be the number of an availability zone"),
    ("node_pools.a.zones", [], "must be at least one zone"),
    ("node_pools.a", {"mode": "system", "spot": True}, "only user pools may be spot"),
    ("node_pools.a", {"mode": "system", "size": {"desired": 0}}, "such a pool has one at least"),
    ("node_pools.a.surge", {"max_surge": 1, "max_surge_percentage": 33}, "are both given; give one"),
    ("node_pools.a.surge", {"max_surge": 0, "max_unavailable": 0}, "no node could ever be replaced"),
    ("node_pools.a.taints", [{"key": "k", "effect": "NoSchedual"}], "did you mean NoSchedule?"),
    ("node_pools.a.disk", {"size_gb": 8}, "must be between 30 and 4096"),
    ("node_pools.a.image_type", "COS", "must be Ubuntu"),
    ("node_pools.a.max_pods", 500, "must be between 10 and 250"),
    ("support", "forever", "must be standard or extended"),
]


@pytest.mark.parametrize(
    ("path", "value", "said"), BAD, ids=[f"{path}-{number}" for number, (path, _, _) in enumerate(BAD)]
)
def test_bad_value_is_one_sentence_with_path_and_rule(path: str, value: t.Any, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_spec(AKS, document(path, value))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


PAIRS: list[tuple[Json, str]] = [
    ({"support": "extended", "tier": "standard"}, "long-term support needs tier premium"),
    ({"mode": "auto", "node_pools": {"a": POOL}}, "where AKS makes the nodes; leave it out"),
    ({"mode": "auto", "tier": "free"}, "AKS Automatic is of tier standard"),
    ({"tier": "free", "addons": {"cost_analysis": {"state": "present"}}}, "it needs standard"),
    ({"version": "1.34", "node_pools": {"a": {"version": "1.35"}}}, "nodes never lead"),
    ({"version": "1.36", "node_pools": {"a": {"version": "1.32"}}}, "within 3 minors of version"),
    (
        {"maintenance": {"window": {}, "exclusions": {"x": {"start": "2026-01-01", "end": "2026-01-02"}}}},
        "give a window",
    ),
]


@pytest.mark.parametrize(("changes", "said"), PAIRS)
def test_options_that_cannot_both_hold_are_refused(changes: Json, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_spec(AKS, {**BASE, **changes})


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_spec(AKS, {**BASE, "tier": "gold", "version": 1.3, "tags": {"a/b": "c"}})
    assert len(caught.value.problems) == 3
