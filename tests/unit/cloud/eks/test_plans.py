# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans as a person reads them. After a wanted change: `REWRITE_GOLDEN=1 python -m pytest`, then read the diff."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed, Update
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.plan import plan
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import (
    plan_id,
    render,
    summary,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.unit.cloud.eks.model import OWNED, ROLE, SUBNETS, cluster, document, nodegroup, observed, pool, two_pools

GOLDEN = pathlib.Path(__file__).parent / "golden"
Case = tuple[dict[str, t.Any], Observed]

KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
TEAM = "arn:aws:iam::111122223333:role/team"
OTHER = "arn:aws:iam::111122223333:role/other"


def an_addon(name: str, **changes: t.Any) -> dict[str, t.Any]:
    base = {"addonName": name, "addonArn": f"arn:{name}", "status": "ACTIVE", "addonVersion": "v1.0.0-eksbuild.1"}
    return {**base, "tags": dict(OWNED), **changes}


def an_entry(principal: str, **changes: t.Any) -> dict[str, t.Any]:
    base = {"principalArn": principal, "accessEntryArn": f"arn:{principal}", "type": "STANDARD", "policies": {}}
    return {**base, "kubernetesGroups": ["a"], "username": principal, "tags": dict(OWNED), **changes}


PARTS = {
    "addons": {
        "foreign": an_addon("foreign", tags={}),
        "old": an_addon("old"),
        "surplus": an_addon("surplus"),
        "vpc-cni": an_addon("vpc-cni"),
    },
    "access": {
        TEAM: an_entry(TEAM),
        OTHER: an_entry(OTHER),
        f"{OTHER}-node": an_entry(f"{OTHER}-node", type="EC2_LINUX"),
        f"{OTHER}-theirs": an_entry(f"{OTHER}-theirs", tags={}),
    },
}
LEFT = {
    "vol-1": {"kind": "disk", "busy": False},
    "vol-2": {"kind": "disk", "busy": True},
    "arn:lb": {"kind": "load_balancer", "busy": False},
    "/aws/eks/prod/cluster": {"kind": "log_group", "busy": False},
}

CASES: dict[str, Case] = {
    "create": (document(), observed()),
    "nothing-to-do": (document(), observed(cluster(), two_pools())),
    "two-hops": (document(version="1.36"), observed(cluster(), two_pools())),
    "hops-with-pools-in-between": (
        document(version="1.36"),
        observed(cluster(), [nodegroup("general", version="1.31"), *two_pools()[1:]]),
    ),
    "control-plane-only": (
        document(version="1.36", upgrade={"pools": "manual"}),
        observed(cluster(), two_pools()),
    ),
    "every-setting": (
        document(
            logging=["api", "audit"],
            support="extended",
            endpoint={"public": True, "private": True, "allowed_cidrs": ["203.0.113.0/24"]},
            network={"subnets": SUBNETS, "security_groups": ["sg-00000001"]},
            deletion_protection=True,
            tags={"team": "a"},
        ),
        observed(cluster(tags={**OWNED, "team": "b", "old": "x", "aws:cloudformation": "y"}), two_pools()),
    ),
    "pool-settings": (
        document(
            node_pools={
                "general": pool(
                    size={"min": 3, "max": 9},
                    labels={"team": "a"},
                    taints=[{"key": "gpu", "value": "true", "effect": "NoSchedule"}],
                    surge={"max_unavailable_percentage": 20},
                    tags={"team": "a"},
                ),
                "system": {"size": {"desired": 4}},
            }
        ),
        observed(
            cluster(),
            [
                nodegroup("general", labels={"old": "x"}, taints=[{"key": "gpu", "value": "", "effect": "NO_EXECUTE"}]),
                *two_pools()[1:],
            ],
        ),
    ),
    "pools-come-and-go": (
        document(node_pools={"general": pool(), "new": pool(), "old": {"state": "absent"}}, purge_node_pools=True),
        observed(cluster(), [*two_pools(), nodegroup("old"), nodegroup("foreign", tags={})]),
    ),
    "a-failed-pool-is-made-again": (
        document(),
        observed(cluster(), [nodegroup("general", status="CREATE_FAILED"), *two_pools()[1:]]),
    ),
    "adopt-any": (document(adopt="any"), observed(cluster(tags={"x": "y"}), two_pools(tags={}))),
    "resume-a-creation": (document(), observed(cluster(status="CREATING"))),
    "resume-a-hop": (
        document(version="1.36"),
        observed(
            cluster(status="UPDATING"),
            two_pools(),
            updates={"control plane": Update("c0ffee", "VersionUpdate", {"Version": "1.35"})},
        ),
    ),
    "create-after-a-deletion": (document(), observed(cluster(status="DELETING"))),
    "create-with-parts": (
        document(
            encryption={"kms_key": KEY},
            access={TEAM: {"policies": {"AmazonEKSViewPolicy": {"namespaces": ["a"]}}}},
            oidc_provider={"issuer_url": "https://issuer.example.com", "client_id": "kubernetes"},
            addons={"vpc-cni": {}, "coredns": {"config": {"replicaCount": 3}}},
            identity={"role": ROLE, "node_role": ROLE, "workload": True},
        ),
        observed(),
    ),
    "parts-come-and-go": (
        document(
            access={TEAM: {"groups": ["b"]}},
            addons={"vpc-cni": {"config": {"env": {"A": "1"}}}, "old": {"state": "absent"}},
            purge_addons=True,
            purge_access=True,
        ),
        observed(cluster(), two_pools(), parts=PARTS),
    ),
    "auto-mode": (
        document(mode="auto", auto={"node_pools": ["system"], "node_role": ROLE}),
        observed(cluster(), two_pools()),
    ),
    "pool-replaced": (
        document(node_pools={"general": pool(instance_types=["m7i.large"]), "system": {}}, replace="pools"),
        observed(cluster(), two_pools()),
    ),
    "pool-replaced-and-half-done": (
        document(node_pools={"general": pool(instance_types=["m7i.large"]), "system": {}}, replace="pools"),
        observed(
            cluster(),
            [
                *two_pools(),
                nodegroup("general-x", instanceTypes=["m7i.large"], tags={**OWNED, "seaworthy:pool": "general"}),
            ],
        ),
    ),
    "delete-with-orphans": (
        document(state="absent", delete_orphans=["disks", "log_group"]),
        observed(cluster(), two_pools(), parts={"leftovers": LEFT}),
    ),
    "delete": (document(state="absent"), observed(cluster(), two_pools())),
    "delete-protected": (
        document(state="absent", deletion_protection=False),
        observed(cluster(deletionProtection=True), two_pools()),
    ),
    "delete-what-goes-already": (document(state="absent"), observed(cluster(status="DELETING"))),
    "delete-nothing": (document(state="absent"), observed()),
}


@pytest.mark.parametrize("case", CASES)
def test_plan_reads_as_approved(case: str) -> None:
    wanted, found = CASES[case]
    actions = plan(parse_spec(EKS, wanted), found)
    text = f"{summary(actions)}\n{render(actions)}" if actions else "nothing to do\n"
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_plan_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_same_plan_has_the_same_id(case: str) -> None:
    wanted, found = CASES[case]
    assert plan_id(plan(parse_spec(EKS, wanted), found)) == plan_id(plan(parse_spec(EKS, wanted), found))


REFUSED: dict[str, tuple[dict[str, t.Any], Observed, str, str]] = {
    "foreign cluster": (
        document(),
        observed(cluster(tags={})),
        "foreign",
        "eks/prod exists but is not ours: it has no tag seaworthy:owner",
    ),
    "cluster of another owner": (
        document(),
        observed(cluster(tags={"seaworthy:owner": "staging"})),
        "foreign",
        'its tag seaworthy:owner is "staging", ours is "seaworthy.platform"',
    ),
    "foreign pool": (document(), observed(cluster(), two_pools(tags={})), "foreign", "node pool general exists but"),
    "deletion of a foreign cluster": (document(state="absent"), observed(cluster(tags={})), "foreign", "is not ours"),
    "foreign pool in the way of a deletion": (
        document(state="absent"),
        observed(cluster(), [nodegroup("other", tags={})]),
        "foreign",
        "node pool other exists but is not ours",
    ),
    "protected": (
        document(state="absent"),
        observed(cluster(deletionProtection=True)),
        "protected",
        "Set deletion_protection: false to delete it.",
    ),
    "all immutables at once": (
        document(
            identity={"role": f"{ROLE}2", "node_role": ROLE},
            network={"subnets": SUBNETS[:2], "service_cidr": "10.100.0.0/16", "ip_family": "ipv6"}
            | {"ip_family": "ipv4"},
            node_pools={"general": pool(instance_types=["m7i.large"], spot=True)},
        ),
        observed(cluster(), two_pools()),
        "immutable",
        "identity.role is arn:aws:iam::111122223333:role/cluster, declared arn:aws:iam::111122223333:role/cluster2; "
        "network.service_cidr is 172.20.0.0/16, declared 10.100.0.0/16; "
        "node_pools.general.instance_types is ['t3.medium'], declared ['m7i.large']; "
        "node_pools.general.spot is False, declared True. Restore the declared values",
    ),
    "downgrade": (
        document(version="1.33"),
        observed(cluster(), two_pools()),
        "version",
        'the control plane runs 1.34, declared is 1.33; it never moves back. Set version: "1.34".',
    ),
    "pool downgrade": (
        document(node_pools={"general": pool(version="1.33")}),
        observed(cluster(), two_pools()),
        "version",
        'node_pools.general.version is "1.33", but the pool runs 1.34 and never moves back',
    ),
    "version that is not offered": (
        document(version="1.39"),
        observed(cluster(), two_pools(), versions={"1.35": {}, "1.36": {}, "1.34": {}}),
        "version",
        'version is "1.39"; EKS offers 1.34, 1.35, 1.36 in eu-west-1. Nearest: "1.36".',
    ),
    "unmanaged pool left too far behind": (
        document(version="1.36"),
        observed(cluster(), [*two_pools(), nodegroup("other", version="1.32", tags={})]),
        "version",
        "would leave node pools more than 3 minors behind: other (1.32)",
    ),
    "nothing to create from": (
        document(identity=None, network=None, node_pools=None),
        observed(),
        "invalid",
        "cannot be created: identity.role is missing, network.subnets is missing",
    ),
    "pool without size": (
        document(node_pools={"a": {}}),
        observed(cluster()),
        "invalid",
        "node_pools.a.size is missing",
    ),
    "failed cluster": (
        document(),
        observed(cluster(status="FAILED", health={"issues": [{"code": "VpcNotFound", "message": "gone"}]})),
        "not_converged",
        "is FAILED (VpcNotFound: gone); EKS has no call that repairs it. Correct the cause, delete",
    ),
    "subnet that does not exist": (
        document(),
        observed(subnets={SUBNETS[0]: {"AvailabilityZone": "a"}}),
        "not_found",
        "network.subnets names subnet-0000000b, which account 111122223333 does not have in eu-west-1",
    ),
    "one zone": (
        document(),
        observed(subnets={subnet: {"AvailabilityZone": "a"} for subnet in SUBNETS}),
        "invalid",
        "network.subnets are all in a; EKS wants at least two zones",
    ),
    "service range inside the network": (
        document(network={"subnets": SUBNETS[:2], "service_cidr": "10.100.0.0/16"}),
        observed(
            subnets={SUBNETS[0]: {"AvailabilityZone": "a"}, SUBNETS[1]: {"AvailabilityZone": "b"}},
            vpc_ranges=("10.0.0.0/8",),
        ),
        "invalid",
        "network.service_cidr 10.100.0.0/16 overlaps the VPC's range 10.0.0.0/8. Choose a range apart from it, "
        "like 172.20.0.0/16.",
    ),
    "unreadable pools": (
        document(),
        observed(cluster(), unknown=frozenset({"node_pools"})),
        "permission",
        "Grant eks:ListNodegroups and eks:DescribeNodegroup.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_done_is_refused_while_planning(case: str) -> None:
    wanted, found, kind, said = REFUSED[case]
    with pytest.raises(PlatformError) as caught:
        plan(parse_spec(EKS, wanted), found)
    assert said in str(caught.value)
    assert caught.value.kind == kind
    assert caught.value.remedy or caught.value.details


def test_immutable_differences_are_listed_for_programs_too() -> None:
    wanted, found, _, _ = REFUSED["all immutables at once"]
    with pytest.raises(PlatformError) as caught:
        plan(parse_spec(EKS, wanted, label="cluster_"), found)
    assert [row["path"] for row in caught.value.details["drift"]] == [
        "cluster_identity.role",
        "cluster_network.service_cidr",
        "cluster_node_pools.general.instance_types",
        "cluster_node_pools.general.spot",
    ]
