# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused before anything is read: path, value, rule and remedy in one sentence each."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.pools import POOL_OPTIONS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Option, set_path
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import (
    parse_place,
    parse_spec,
    spec_options,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import check_document
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from tests.unit.cloud.eks.model import ROLE, SUBNETS, document, pool

BAD: dict[str, tuple[dict[str, t.Any], str]] = {
    "unquoted version": (
        {"version": 1.30},
        'c_version is 1.3; must be text in quotes: write "1.30" (without quotes YAML reads a number)',
    ),
    "unquoted version with two digits": ({"version": 1.36}, 'c_version is 1.36; must be text in quotes: write "1.36"'),
    "patch version": ({"version": "1.36.2"}, 'must be a minor version, since EKS chooses the patch: write "1.36"'),
    "no version at all": ({"version": "latest"}, 'c_version is "latest"; must be a Kubernetes minor version'),
    "unknown key": ({"node_poolz": {}}, "c_node_poolz is not an option (did you mean node_pools?)"),
    "unknown key below": ({"endpoint": {"pubic": True}}, "c_endpoint.pubic is not an option (did you mean public?)"),
    "nothing like it": (
        {"endpoint": {"zzz": 1}},
        "c_endpoint.zzz is not an option; known here: allowed_cidrs, private",
    ),
    "text for a switch": (
        {"endpoint": {"public": "yes"}},
        'c_endpoint.public is "yes"; must be true or false, without',
    ),
    "text for a list": ({"logging": "api"}, 'c_logging is "api"; must be a list: write ["api"]'),
    "list for a map": ({"node_pools": [{"name": "a"}]}, 'c_node_pools is [{"name": "a"}]; must be a mapping'),
    "number for a name": ({"name": 7}, 'c_name is 7; must be text: write "7" in quotes'),
    "too long a name": ({"name": "x" * 101}, "must be 1 to 100 letters, digits, hyphens and underscores"),
    "illegal name": ({"name": "prod.eu"}, 'c_name is "prod.eu"; must be 1 to 100 letters'),
    "missing name": ({"name": None}, "c_name is missing; it must be given"),
    "no region": ({"region": "europe"}, 'c_region is "europe"; must be the name of an AWS region, like eu-west-1'),
    "unquoted account": ({"account": 111122223333}, 'c_account is 111122223333; must be text: write "111122223333"'),
    "short account": ({"account": "1234"}, 'c_account is "1234"; must be the 12 digits of an AWS account'),
    "foreign role": (
        {"account": "999988887777", "identity": {"role": ROLE}},
        "c_identity.role is of account 111122223333, while c_account is 999988887777",
    ),
    "no ARN": ({"identity": {"role": "cluster"}}, 'c_identity.role is "cluster"; must be the ARN of an IAM role'),
    "one subnet": ({"network": {"subnets": SUBNETS[:1]}}, "must be at least two subnets, in different zones"),
    "no subnet id": ({"network": {"subnets": ["a", SUBNETS[0]]}}, 'c_network.subnets[0] is "a"; must be the id of a'),
    "host bits": (
        {"network": {"service_cidr": "172.20.1.0/16"}},
        'c_network.service_cidr is "172.20.1.0/16"; must be a range without host bits: write 172.20.0.0/16',
    ),
    "no range": ({"network": {"service_cidr": "172.20/16"}}, "must be an IP range in CIDR notation"),
    "public service range": ({"network": {"service_cidr": "8.8.0.0/16"}}, "must be within 10.0.0.0/8"),
    "too small a service range": ({"network": {"service_cidr": "10.9.0.0/28"}}, "between /12 and /24"),
    "overlap": (
        {"network": {"service_cidr": "10.100.0.0/16", "routed_cidrs": ["10.0.0.0/8"]}},
        "c_network.service_cidr 10.100.0.0/16 overlaps c_network.routed_cidrs[0] 10.0.0.0/8; "
        "choose a range apart from it, like 172.20.0.0/16",
    ),
    "service range on ipv6": (
        {"network": {"service_cidr": "10.100.0.0/16", "ip_family": "ipv6"}},
        "c_network.service_cidr is given while c_network.ip_family is ipv6",
    ),
    "nobody allowed": (
        {"endpoint": {"allowed_cidrs": []}},
        "c_endpoint.allowed_cidrs is empty; EKS cannot express that nobody may reach the public endpoint: "
        "set c_endpoint.public to false",
    ),
    "allowed on a closed endpoint": (
        {"endpoint": {"public": False, "allowed_cidrs": ["203.0.113.0/24"]}},
        "c_endpoint.allowed_cidrs is given while c_endpoint.public is false",
    ),
    "nobody reaches it": (
        {"endpoint": {"public": False, "private": False}},
        "c_endpoint.public and c_endpoint.private are both false",
    ),
    "address without prefix": ({"endpoint": {"allowed_cidrs": ["203.0.113.7"]}}, "write 203.0.113.7/32"),
    "unknown log": ({"logging": ["apis"]}, 'c_logging[0] is "apis"; must be api, audit,'),
    "taint effect": (
        {"node_pools": {"a": pool(), "b": pool(taints=[{"key": "k", "effect": "NoSchedual"}])}},
        'c_node_pools.b.taints[0].effect is "NoSchedual"; must be NoSchedule, PreferNoSchedule or NoExecute '
        "(did you mean NoSchedule?)",
    ),
    "taint without effect": ({"node_pools": {"a": pool(taints=[{"key": "k"}])}}, "taints[0].effect is missing"),
    "taint twice": (
        {"node_pools": {"a": pool(taints=[{"key": "k", "effect": "NoExecute"}] * 2)}},
        "c_node_pools.a.taints[1] repeats key k with effect NoExecute",
    ),
    "switch as label": (
        {"node_pools": {"a": pool(labels={"gpu": True})}},
        'c_node_pools.a.labels.gpu is true; must be text: write "true" in quotes',
    ),
    "illegal label": ({"node_pools": {"a": pool(labels={"team": "a b"})}}, "that of team must be at most 63 letters"),
    "label over two lines": ({"node_pools": {"a": pool(labels={"team": "a\nb"})}}, "text without control characters"),
    "pool name": ({"node_pools": {"a b": pool()}}, "must be named by 1 to 63 letters"),
    "long pool name": ({"node_pools": {"x" * 64: pool()}}, "must be named by 1 to 63 letters"),
    "min over max": (
        {"node_pools": {"a": {"size": {"min": 3, "max": 2}}}},
        "c_node_pools.a.size.min is 3; must be at most c_node_pools.a.size.max, which is 2",
    ),
    "desired over max": ({"node_pools": {"a": {"size": {"min": 1, "max": 2, "desired": 3}}}}, "size.desired is 3"),
    "autoscaling without bounds": (
        {"node_pools": {"a": {"autoscaling": True, "size": {"desired": 2}}}},
        "c_node_pools.a.autoscaling is true without bounds",
    ),
    "both surges": (
        {"node_pools": {"a": pool(surge={"max_unavailable": 1, "max_unavailable_percentage": 5})}},
        "max_unavailable_percentage are both given; give one",
    ),
    "leading pool": ({"node_pools": {"a": pool(version="1.35")}}, 'version is "1.35"; must be at most c_version'),
    "trailing pool": ({"node_pools": {"a": pool(version="1.30")}}, "within 3 minors of c_version, which is 1.34"),
    "ownership as a tag": ({"tags": {"seaworthy:owner": "me"}}, "which is the ownership tag: set owner instead"),
    "reserved tag": ({"tags": {"aws:x": "y"}}, "characters that do not begin with aws:"),
    "number as tag": ({"tags": {"CostCenter": 4711}}, 'c_tags.CostCenter is 4711; must be text: write "4711"'),
    "mode": ({"mode": "autopilot"}, 'c_mode is "autopilot"; must be standard or auto'),
    "auto without a role": ({"mode": "auto", "auto": {"node_pools": ["system"]}}, "c_auto.node_role is missing; the"),
    "auto of a standard cluster": (
        {"mode": "standard", "auto": {"node_pools": []}},
        "c_auto.node_pools is given while c_mode is standard",
    ),
    "policy engine in auto": (
        {"mode": "auto", "network": {"policy_engine": "vpc-cni"}},
        "where a NodeClass says what enforces NetworkPolicy",
    ),
    "no key": ({"encryption": {"kms_key": "my-key"}}, 'c_encryption.kms_key is "my-key"; must be the ARN of a KMS key'),
    "no principal": ({"access": {"team-a": {}}}, "must be keyed by the ARN of an IAM user or role"),
    "session as principal": (
        {"access": {"arn:aws:sts::111122223333:assumed-role/a/b": {}}},
        "must be keyed by the ARN of an IAM user or role",
    ),
    "no policy": ({"access": {ROLE: {"policies": {"cluster admin": {}}}}}, "must be keyed by the name or ARN of an"),
    "policy as a list": ({"access": {ROLE: {"policies": ["AmazonEKSViewPolicy"]}}}, "must be a mapping of names to"),
    "reserved group": ({"access": {ROLE: {"groups": ["system:masters"]}}}, "without the prefix system:, which EKS"),
    "policy of nodes": (
        {"access": {ROLE: {"type": "ec2_linux", "policies": {"AmazonEKSViewPolicy": {}}}}},
        "is of type ec2_linux, to which EKS gives neither policies nor groups",
    ),
    "access without entries": (
        {"access": {ROLE: {}}, "access_mode": "config_map"},
        "c_access is given while c_access_mode is config_map",
    ),
    "no namespace": (
        {"access": {ROLE: {"policies": {"AmazonEKSViewPolicy": {"namespaces": ["A B"]}}}}},
        'namespaces[0] is "A B"; must be the name of a namespace',
    ),
    "add-on name": ({"addons": {"vpc cni": {}}}, "must be keyed by 1 to 100 letters"),
    "add-on version": ({"addons": {"coredns": {"version": "1.12"}}}, "must be default, latest, or one like v1.20.4"),
    "add-on setting as text": ({"addons": {"coredns": {"config": "{}"}}}, "must be a mapping of names to values"),
    "add-on conflict": ({"addons": {"coredns": {"on_conflict": "force"}}}, "must be none, overwrite or preserve"),
    "add-on role": ({"addons": {"a": {"identity": {"pods": {"x": "role"}}}}}, "must be made of the ARN of an IAM role"),
    "engine of an absent add-on": (
        {"network": {"policy_engine": "vpc-cni"}, "addons": {"vpc-cni": {"state": "absent"}}},
        "c_network.policy_engine is vpc-cni while c_addons.vpc-cni.state is absent",
    ),
    "half a provider": ({"oidc_provider": {"issuer_url": "https://a.example"}}, "c_oidc_provider.client_id is missing"),
    "plain issuer": (
        {"oidc_provider": {"issuer_url": "http://a.example", "client_id": "x"}},
        "must be an https URL without query",
    ),
    "passed through twice": (
        {"extra": {"resourcesVpcConfig": {"endpointPublicAccess": True}}},
        "c_extra.resourcesVpcConfig.endpointPublicAccess has an option of its own; set endpoint.public instead",
    ),
    "passed through name": ({"extra": {"name": "x"}}, "c_extra.name has an option of its own; it is set for you"),
    "pool passed through twice": (
        {"node_pools": {"a": pool(extra={"amiType": "CUSTOM"})}},
        "c_node_pools.a.extra.amiType has an option of its own; set image_type instead",
    ),
    "zones and subnets": (
        {"node_pools": {"a": pool(zones=["eu-west-1a"], subnets=SUBNETS[:1])}},
        "c_node_pools.a.zones and c_node_pools.a.subnets are both given",
    ),
    "no zone": ({"node_pools": {"a": pool(zones=["a"])}}, "must be the name of a zone, like eu-west-1a"),
    "release of another minor": (
        {"node_pools": {"a": pool(version="1.33", release_version="1.34.1-20260101")}},
        "must be a release of c_node_pools.a.version, which is 1.33",
    ),
    "no release": ({"node_pools": {"a": pool(release_version="latest")}}, "must be like 1.36.3-20261112"),
    "no rail": ({"guard": {"extended_support": "refuse"}}, "must be allow, warn or deny"),
    "negative rail": ({"guard": {"max_nodes": -1}}, "c_guard.max_nodes is -1; must be at least 0"),
    "unknown orphan": ({"delete_orphans": ["dns"]}, 'c_delete_orphans[0] is "dns"; must be load_balancers, enis'),
    "replacing clusters": ({"replace": "cluster"}, 'c_replace is "cluster"; must be never or pools'),
    "mark of a replacement": (
        {"tags": {"seaworthy:pool": "a"}},
        "which says of a replacement which pool it",
    ),
    "no time at all": ({"wait_timeout": 0}, "c_wait_timeout is 0; must be at least 1"),
    "unknown adopt": ({"adopt": "all"}, 'c_adopt is "all"; must be same_owner or any'),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_path_value_rule_and_remedy(case: str) -> None:
    changes, said = BAD[case]
    with pytest.raises(InvalidInput) as caught:
        parse_spec(EKS, document(**changes), label="c_")
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1, caught.value.problems


WRONG = {
    "str": 7,
    "version": 1.5,
    "bool": "yes",
    "int": "3",
    "float": "0.5",
    "list": "x",
    "dict": [1],
    "json": [1],
    "map": [1],
}
"""A value of another type than each."""
ROWS = [*((row, row.path) for row in spec_options(EKS)), *((row, f"node_pools.a.{row.path}") for row in POOL_OPTIONS)]


@pytest.mark.parametrize(("row", "path"), ROWS, ids=[path for _, path in ROWS])
def test_every_option_refuses_another_type_by_its_path(row: Option, path: str) -> None:
    wanted = document()
    if path.startswith("node_pools."):
        wanted["node_pools"] = {"a": {}}
    set_path(wanted, path, WRONG[row.type])
    with pytest.raises(InvalidInput) as caught:
        parse_spec(EKS, wanted)
    assert any(problem.startswith(f"{path} is ") and "; must be " in problem for problem in caught.value.problems)


def test_there_are_enough_bad_inputs() -> None:
    assert len(BAD) + len(ROWS) >= 150


def test_number_from_a_template_of_an_older_core_is_a_number() -> None:
    check_document("eks", document(wait_timeout="3600", poll_interval="0.5"))
    with pytest.raises(InvalidInput, match='wait_timeout is "soon"; must be a whole number'):
        check_document("eks", document(wait_timeout="soon"))


def test_every_fault_is_told_at_once() -> None:
    wrong = document(version=1.3, logging="api", node_poolz={}, endpoint={"public": "yes", "allowed_cidrs": []})
    with pytest.raises(InvalidInput) as caught:
        parse_spec(EKS, wrong)
    assert len(caught.value.problems) == 5


def test_place_alone_is_as_strict() -> None:
    with pytest.raises(InvalidInput, match="auth.profil is not an option .did you mean profile"):
        parse_place(EKS, {"name": "a", "region": "eu-west-1", "auth": {"profil": "x"}})


def test_unset_and_null_are_unmanaged() -> None:
    spec = parse_spec(EKS, {"name": "prod", "region": "eu-west-1", "tags": None, "node_pools": None, "version": None})
    assert (spec.fields, spec.tags, spec.pools) == ({}, None, None)


def test_empty_is_explicitly_empty() -> None:
    spec = parse_spec(EKS, document(logging=[], tags={}, node_pools={"a": {"labels": {}, "taints": []}}))
    assert spec.pools is not None
    assert spec.fields["logging"] == []
    assert spec.tags == {}
    assert spec.pools["a"].fields == {"labels": {}, "taints": []}


def test_desired_alone_fixes_the_size() -> None:
    spec = parse_spec(EKS, document(node_pools={"a": {"size": {"desired": 3}}}))
    assert spec.pools is not None
    assert spec.pools["a"].fields == {"size.desired": 3, "size.min": 3, "size.max": 3}


def test_with_autoscaling_desired_is_for_creation_only() -> None:
    spec = parse_spec(
        EKS, document(node_pools={"a": {"autoscaling": True, "size": {"min": 1, "max": 5, "desired": 3}}})
    )
    assert spec.pools is not None
    assert spec.pools["a"].fields == {"size.min": 1, "size.max": 5}
    assert spec.pools["a"].initial_size == 3


def test_a_role_of_the_right_account_is_accepted() -> None:
    assert parse_spec(EKS, document(account=ROLE.split(":")[4])).place.account == ROLE.split(":")[4]
