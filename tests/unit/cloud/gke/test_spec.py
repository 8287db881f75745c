# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused before anything is read: path, value, rule and remedy in one sentence each."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.cloud import GKE
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.pools import POOL_OPTIONS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Option, set_path
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import (
    parse_place,
    parse_spec,
    spec_options,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import check_document
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from tests.unit.cloud.gke.model import document, pool


def pools(**changes: t.Any) -> dict[str, t.Any]:
    return {"node_pools": {"a": pool(**changes)}}


def window(**changes: str) -> dict[str, t.Any]:
    return {"maintenance": {"window": changes}}


BAD: dict[str, tuple[dict[str, t.Any], str]] = {
    "unquoted version": ({"version": 1.30}, 'c_version is 1.3; must be text in quotes: write "1.30"'),
    "version that is a word": ({"version": "latest"}, 'c_version is "latest"; must be a Kubernetes version: a minor'),
    "half a build": ({"version": "1.36.1-gke"}, "or an exact one like"),
    "unknown key": ({"node_poolz": {}}, "c_node_poolz is not an option (did you mean node_pools?)"),
    "region for location": ({"region": "europe-west1"}, "c_region is not an option"),
    "unknown key below": ({"endpoint": {"pubic": True}}, "c_endpoint.pubic is not an option (did you mean public?)"),
    "missing project": ({"project": None}, "c_project is missing; it must be given"),
    "number of a project": (
        {"project": "123456789012"},
        'c_project is "123456789012"; must be the id of a Google Cloud',
    ),
    "title of a project": ({"project": "My Project"}, "must be the id of a Google Cloud project"),
    "no location": ({"location": "europe"}, 'c_location is "europe"; must be a Google Cloud region or zone'),
    "AWS region": ({"location": "eu-west-1"}, "must be a Google Cloud region or zone, like europe-west1"),
    "upper-case name": ({"name": "Prod"}, 'c_name is "Prod"; must be 1 to 40 lower-case letters'),
    "too long a name": ({"name": "x" * 41}, "must be 1 to 40 lower-case letters"),
    "name that ends with a hyphen": ({"name": "prod-"}, "not ending with a hyphen"),
    "unknown mode": ({"mode": "autopilot"}, 'c_mode is "autopilot"; must be standard or auto'),
    "pools on Autopilot": ({"mode": "auto"}, "c_node_pools is given while c_mode is auto"),
    "two subnetworks": ({"network": {"subnets": ["a", "b"]}}, "must be a list of one subnetwork"),
    "id of a subnet": ({"network": {"subnets": ["Subnet_1"]}}, "must be the name of a network or subnetwork"),
    "range and block": (
        {"network": {"pod_cidr": "10.0.0.0/14", "pod_range": "pods"}},
        "c_network.pod_cidr and c_network.pod_range are both given; give one",
    ),
    "host bits": ({"network": {"service_cidr": "10.0.1.0/20"}}, "a range without host bits: write 10.0.0.0/20"),
    "overlap": (
        {"network": {"service_cidr": "10.100.0.0/20", "routed_cidrs": ["10.0.0.0/8"]}},
        "c_network.service_cidr 10.100.0.0/20 overlaps c_network.routed_cidrs[0] 10.0.0.0/8",
    ),
    "IPv6 alone": ({"network": {"ip_family": "ipv6"}}, 'c_network.ip_family is "ipv6"; must be ipv4 or dual'),
    "public without private": (
        {"endpoint": {"public": True, "private": False}},
        "GKE has no public address without the private one: set private to true",
    ),
    "nobody reaches it": (
        {"endpoint": {"public": False, "private": False}},
        "c_endpoint.private is false without c_endpoint.dns; nobody could reach the cluster: set dns to true",
    ),
    "address without prefix": ({"endpoint": {"allowed_cidrs": ["203.0.113.7"]}}, "write 203.0.113.7/32"),
    "log of EKS": ({"logging": ["authenticator"]}, 'c_logging[0] is "authenticator"; must be api, audit,'),
    "support against channel": (
        {"support": "extended", "maintenance": {"channel": "stable"}},
        "c_support is extended while c_maintenance.channel is stable",
    ),
    "unknown channel": (
        {"maintenance": {"channel": "fast"}},
        'c_maintenance.channel is "fast"; must be rapid, regular',
    ),
    "window that is a time": ({"maintenance": {"window": "03:00"}}, "must be a mapping of names to values"),
    "window with a key too many": (window(start="03:00", hours="4"), "must be made of start, end and recurrence"),
    "hour of day": (window(start="3am"), 'must be a start like "03:00" (UTC), where it is daily'),
    "window without an end": (
        window(start="2026-01-03T02:00:00Z", recurrence="FREQ=DAILY"),
        "must be start alone for every day, or start, end and recurrence together",
    ),
    "recurrence in words": (
        window(start="2026-01-03T02:00:00Z", end="2026-01-03T08:00:00Z", recurrence="weekly"),
        "must be a recurrence of RFC 5545, like FREQ=WEEKLY;BYDAY=SA,SU",
    ),
    "unquoted hour": ({"maintenance": {"window": {"start": 180}}}, 'write "180" in quotes'),
    "exclusion without an end": (
        {"maintenance": {"exclusions": {"x": {"start": "2026-12-20T00:00:00Z"}}}},
        "c_maintenance.exclusions.x.end is missing",
    ),
    "exclusion of a day": (
        {"maintenance": {"exclusions": {"x": {"start": "2026-12-20", "end": "2027-01-04T00:00:00Z"}}}},
        'c_maintenance.exclusions.x.start is "2026-12-20"; must be a moment in RFC 3339',
    ),
    "unknown scope": (
        {
            "maintenance": {
                "exclusions": {"x": {"start": "2026-12-20T00:00:00Z", "end": "2027-01-04T00:00:00Z", "scope": "all"}}
            }
        },
        'c_maintenance.exclusions.x.scope is "all"; must be no_upgrades,',
    ),
    "key that is no path": ({"encryption": {"kms_key": "my-key"}}, "must be the path of a key (projects/P/locations/L"),
    "any group": ({"identity": {"google_group": "admins@example.com"}}, "must be gke-security-groups@ and your domain"),
    "account that is no address": (
        {"identity": {"service_account": "nodes"}},
        "must be the e-mail address of a service",
    ),
    "unknown add-on": ({"addons": {"istio": {"state": "present"}}}, "c_addons.istio is not an option"),
    "switch for an add-on": ({"addons": {"dns_cache": True}}, "c_addons.dns_cache is true; must be a mapping"),
    "principal without a domain": (
        {"auth": {"principal": "me"}},
        'c_auth.principal is "me"; must be an e-mail address',
    ),
    "owner in capitals": ({"owner": "Team A"}, 'c_owner is "Team A"; must be 1 to 63 lower-case letters'),
    "capitals in a label": ({"tags": {"CostCenter": "x"}}, "must be keyed by lower-case letters, digits, - and _"),
    "capitals in a value": ({"tags": {"team": "A"}}, "(that of team does not fit)"),
    "label of Google's": ({"tags": {"goog-x": "y"}}, "not beginning with goog"),
    "ownership as a label": ({"tags": {"seaworthy-owner": "me"}}, "which is ours: set owner instead"),
    "protection as a label": (
        {"tags": {"seaworthy-deletion-protection": "true"}},
        "which is ours: set deletion_protection instead",
    ),
    "too many labels": ({"tags": {f"k{n}": "v" for n in range(62)}}, "must be at most 61 labels"),
    "pool name": ({"node_pools": {"A": pool()}}, "must be named by 1 to 40 lower-case letters"),
    "bounds without autoscaling": (
        {"node_pools": {"a": {"size": {"min": 3, "max": 6}}}},
        "c_node_pools.a.size.min is given without autoscaling; GKE has bounds only with it",
    ),
    "autoscaling without bounds": (
        {"node_pools": {"a": {"autoscaling": True, "size": {}}}},
        "c_node_pools.a.autoscaling is true without bounds",
    ),
    "min over max": (pools(size={"min": 9, "max": 3}), "c_node_pools.a.size.min is 9; must be at most"),
    "uneven over its zones": (
        pools(size={"desired": 3}, zones=["europe-west1-b", "europe-west1-c"]),
        "c_node_pools.a.size.desired is 3; must be a multiple of 2, the number of c_node_pools.a.zones",
    ),
    "region for a zone": (pools(zones=["europe-west1"]), 'c_node_pools.a.zones[0] is "europe-west1"; must be a Google'),
    "no zone at all": (pools(zones=[]), "must be at least one zone"),
    "two machine types": (pools(instance_types=["e2-medium", "e2-small"]), "must be a list of one machine type"),
    "instance type of AWS": (pools(instance_types=["m7i.large"]), "must be a machine type, like e2-standard-4"),
    "GPUs of no type": (pools(gpu={"count": 1}), "c_node_pools.a.gpu.count is given without c_node_pools.a.gpu.type"),
    "no way to replace a node": (
        pools(surge={"max_surge": 0, "max_unavailable": 0}),
        "are both 0; no node could ever be replaced",
    ),
    "tiny disk": (pools(disk={"size_gb": 5}), "c_node_pools.a.disk.size_gb is 5; must be between 10 and 65536"),
    "leading pool": (pools(version="1.35"), 'version is "1.35"; must be at most c_version'),
    "trailing pool": (pools(version="1.31"), "within 2 minors of c_version, which is 1.34"),
    "subnets of a pool": (pools(subnets=["x"]), "c_node_pools.a.subnets is not an option"),
    "taint effect": (
        pools(taints=[{"key": "k", "effect": "NO_SCHEDULE"}]),
        'c_node_pools.a.taints[0].effect is "NO_SCHEDULE"; must be NoSchedule',
    ),
    "forced upgrade": ({"upgrade": {"force": True}}, "c_upgrade.force is not an option"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_path_value_rule_and_remedy(case: str) -> None:
    changes, said = BAD[case]
    with pytest.raises(InvalidInput) as caught:
        parse_spec(GKE, document(**changes), label="c_")
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1, caught.value.problems


def test_every_fault_is_told_at_once() -> None:
    wrong = document(version=1.3, logging="api", node_poolz={}, tags={"A": "b"}, endpoint={"private": False})
    with pytest.raises(InvalidInput) as caught:
        check_document("gke", wrong)
    assert len(caught.value.problems) == 5


def test_place_alone_is_as_strict() -> None:
    with pytest.raises(InvalidInput, match="auth.credentials_fil is not an option .did you mean credentials_file"):
        parse_place(
            GKE, {"name": "a", "project": "my-project", "location": "europe-west1", "auth": {"credentials_fil": "x"}}
        )


def test_unset_and_null_are_unmanaged() -> None:
    spec = parse_spec(GKE, document(version=None, network=None, tags=None, node_pools=None))
    assert (spec.fields, spec.tags, spec.pools) == ({}, None, None)


def test_empty_is_explicitly_empty() -> None:
    spec = parse_spec(GKE, document(logging=[], tags={}, maintenance={"window": {}, "exclusions": {}}))
    assert (spec.fields["logging"], spec.fields["maintenance.window"], spec.tags) == ([], {}, {})
    assert spec.fields["maintenance.exclusions"] == {}


def test_desired_alone_fixes_the_size_and_switches_the_autoscaler_off() -> None:
    spec = parse_spec(GKE, document(node_pools={"a": {"size": {"desired": 3}}}))
    assert spec.pools is not None
    assert spec.pools["a"].fields == {"size.desired": 3, "autoscaling": False}


def test_a_pool_that_says_nothing_of_its_size_leaves_it_alone() -> None:
    spec = parse_spec(GKE, document(node_pools={"a": {}}))
    assert spec.pools is not None
    assert spec.pools["a"].fields == {}


WRONG = {
    "str": 5,
    "version": 1.36,
    "bool": "maybe",
    "int": "3",
    "float": "0.5s",
    "list": "one",
    "dict": ["one"],
    "json": "one",
    "map": "one",
}
"""A value of another type, for each type of option."""
ROWS = [
    *((row.path, row) for row in spec_options(GKE)),
    *((f"node_pools.general.{row.path}", row) for row in POOL_OPTIONS),
]


@pytest.mark.parametrize(("path", "row"), ROWS, ids=[path for path, _ in ROWS])
def test_value_of_the_wrong_type_is_one_sentence_with_path_value_and_rule(path: str, row: Option) -> None:
    wanted = document(mode=None)
    set_path(wanted, path, WRONG[row.type])
    with pytest.raises(InvalidInput) as caught:
        parse_spec(GKE, wanted, label="c_")
    said = [problem for problem in caught.value.problems if problem.startswith(f"c_{path} is ")]
    assert len(said) == 1, caught.value.problems
    assert f"c_{path} is {json.dumps(WRONG[row.type])}; must be " in said[0]


def test_table_of_bad_input_is_long_enough() -> None:
    assert len(BAD) + len(ROWS) >= 100
