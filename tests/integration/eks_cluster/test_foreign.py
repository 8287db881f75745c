# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not ours stays as it is, byte for byte: clusters, pools, parts, tags, and fields that no option knows."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.eks_cluster.conftest import NAME, Account
from tests.integration.eks_cluster.test_converge import OWNED
from tests.integration.eks_cluster.test_crash import STORIES, change, made_full
from tests.integration.eks_cluster.test_vocabulary import TEAM, VIEW

THEIRS = f"{TEAM}-theirs"
UNKNOWN: tuple[dict[str, t.Any], ...] = (
    {"remoteNetworkConfig": {"remoteNodeNetworks": [{"cidrs": ["10.80.0.0/16"]}]}},
    {"controlPlaneScalingConfig": {"tier": "tier-xl"}},
)
UNKNOWN_OF_POOL: tuple[dict[str, t.Any], ...] = (
    {"nodeRepairConfig": {"enabled": True, "maxParallelNodesRepairedCount": 2}},
    {"warmPoolConfig": {"enabled": True}},
)


@pytest.fixture
def crowded(account: Account) -> Account:
    """Our cluster with pools, add-ons, entries, tags and settings of others, beside a cluster of theirs."""
    made_full(account)
    eks, own, role = account.eks(), {"clusterName": NAME}, account.harbour.seed.node_role
    subnets = account.document["network"]["subnets"]
    eks.create_cluster(
        name="legacy", roleArn=account.harbour.seed.cluster_role, resourcesVpcConfig={"subnetIds": subnets}
    )
    eks.create_nodegroup(**own, nodegroupName="theirs", subnets=subnets, nodeRole=role, labels={"who": "them"})
    eks.create_addon(**own, addonName="aws-ebs-csi-driver", configurationValues='{"controller": {"a":  1}}')
    eks.create_access_entry(**own, principalArn=role, type="EC2_LINUX")
    eks.create_access_entry(**own, principalArn=THEIRS, kubernetesGroups=["theirs"])
    eks.associate_access_policy(**own, principalArn=THEIRS, policyArn=VIEW, accessScope={"type": "cluster"})
    eks.tag_resource(resourceArn=account.cluster()["arn"], tags={"theirs": "x"})
    account.pass_time()
    for update in UNKNOWN:
        eks.update_cluster_config(name=NAME, **update)
        account.pass_time()
    for update in UNKNOWN_OF_POOL:
        eks.update_nodegroup_config(**own, nodegroupName="system", **update)
        account.pass_time()
    return account


def theirs(account: Account) -> dict[str, bytes]:
    """Return what others made, as bytes."""
    found = {row["cluster"]["name"]: row for row in account.harbour.twin.document()}
    ours, system = found[NAME], account.pool("system")
    settings = {name: ours["cluster"][name] for update in UNKNOWN for name in update}
    settings |= {name: system[name] for update in UNKNOWN_OF_POOL for name in update}
    parts = {
        "pools": [group for group in ours["nodegroups"] if group["nodegroupName"] == "theirs"],
        "addons": [addon for addon in ours["addons"] if not addon["tags"]],
        "entries": [entry for entry in ours["access"] if not entry["tags"]],
        "tag": ours["cluster"]["tags"].get("theirs"),
    }
    things = {**settings, **parts, "legacy": found["legacy"]}
    return {name: json.dumps(thing, default=str).encode() for name, thing in things.items()}


@pytest.mark.parametrize("purge", [True, False])
def test_what_others_made_is_the_same_to_the_byte(crowded: Account, purge: bool) -> None:
    before = theirs(crowded)
    assert all(text not in (b"[]", b"null") for text in before.values())
    purges = {f"purge_{what}": purge for what in ("node_pools", "addons", "access")}
    wanted = change(crowded)
    crowded.run(wanted, **purges, purge_tags=False, upgrade={"pools": "after"})
    assert len(crowded.writes()) == STORIES["change"].writes
    assert theirs(crowded) == before
    assert crowded.run(wanted, **purges, purge_tags=False)["changed"] is False


def test_cluster_of_others_is_left_to_the_byte_when_it_is_refused(crowded: Account) -> None:
    before = theirs(crowded)
    for state in ("present", "absent"):
        with pytest.raises(Exception, match="eks/legacy exists but is not ours"):
            crowded.run(change(crowded), name="legacy", state=state)
        assert crowded.writes() == []
    assert theirs(crowded) == before


def test_what_others_do_between_plan_and_write_is_not_done_again(made: Account) -> None:
    arn = made.cluster()["arn"]
    made.heard = lambda: made.eks("colleague").tag_resource(resourceArn=arn, tags={"ours": "y", "theirs": "x"})
    result = made.run(tags={"ours": "y"}, purge_tags=False, logging=["api"])
    assert result["retries"]["conflict"] == 1
    assert [row["id"] for row in result["actions"]] == ["control-plane.logging"]
    assert made.cluster()["tags"] == {**OWNED, "ours": "y", "theirs": "x"}
