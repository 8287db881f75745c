# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at any write, or run twice at once: the same end, nothing twice, and what is not ours as it was."""

from __future__ import annotations

import collections
import concurrent.futures
import copy
import json
import os
import re
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from drydock.faults import Fault
from drydock.journal import Filter
from tests.integration.eks_cluster.conftest import NAME, Account, Json
from tests.integration.eks_cluster.test_vocabulary import TEAM, full
from tests.integration.harbours import ROOT

RUN = """
import json, sys
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
managed_cluster("eks", json.loads(sys.stdin.readline()), check_mode=False)
"""
WRITES = (
    *(("CreateCluster", 1), ("CreateOpenIDConnectProvider", 1), ("CreateAccessEntry", 1), ("AssociateAccessPolicy", 1)),
    *(("CreateAddon", 1), ("CreateAddon", 2), ("CreateAddon", 3), ("CreateNodegroup", 1), ("CreateNodegroup", 2)),
    ("AssociateIdentityProviderConfig", 1),
)
"""The writes that make a whole cluster, each with its number among those of its name."""
VOLATILE = {"updates", "identity", "createdAt", "modifiedAt", "associatedAt", "endpoint", "certificateAuthority"}
IDENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|sg-[0-9a-f]{17}|a-[0-9a-f]{17}")


def settled(value: t.Any) -> t.Any:
    """Return a document without what differs between any two runs: moments, and ids that the service makes up."""
    if isinstance(value, dict):
        return {name: settled(item) for name, item in sorted(value.items()) if name not in VOLATILE}
    if isinstance(value, list):
        return [settled(item) for item in value]
    return IDENT.sub("ID", value) if isinstance(value, str) else value


def end_of(account: Account) -> t.Any:
    found = settled(account.harbour.twin.document())
    for row in found:
        row["nodegroups"] = sorted(row["nodegroups"], key=lambda group: group["nodegroupName"])
        row["addons"] = sorted(row["addons"], key=lambda addon: addon["addonName"])
        for group in row["nodegroups"]:
            group["resources"] = "made" if group.get("resources") else "none"
    return found


def begin(account: Account, document: Json) -> subprocess.Popen[str]:
    """Start a run in a process of its own; it waits for its document."""
    environment = os.environ | account.harbour.environment() | {"PYTHONPATH": str(ROOT / "build/collections")}
    return subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_a_whole_cluster_is_made_by_the_writes_that_are_enumerated(account: Account) -> None:
    account.run(full(account))
    counted = collections.Counter(account.writes())
    assert counted == collections.Counter(name for name, _ in WRITES)


@pytest.mark.prove
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(("operation", "number"), WRITES)
def test_killed_at_a_write_the_next_run_ends_the_same(
    account: Account, operation: str, number: int, phase: t.Literal["before", "after"]
) -> None:
    wanted = {**full(account), "poll_interval": 0.01}
    account.run(wanted)
    undisturbed = end_of(account)
    account.harbour.reset()
    process = begin(account, wanted)
    account.harbour.faults.add(Fault("kill", operation=operation, nth=number, phase=phase, pid=process.pid))
    process.communicate(json.dumps(wanted) + "\n", timeout=60)
    assert process.returncode == -9
    done = [line.operation for line in account.harbour.journal.read(Filter(writes=True))]
    account.run(wanted)
    assert end_of(account) == undisturbed
    both = collections.Counter([*done, *account.writes()])
    adopted = both.pop("TagResource", 0)
    assert both == collections.Counter(name for name, _ in WRITES), "nothing was made twice"
    assert adopted == 0
    assert account.run(wanted)["changed"] is False


def test_two_runs_at_once_both_end_well_and_write_nothing_twice(account: Account) -> None:
    wanted = {**full(account), "poll_interval": 0.01}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(managed_cluster, "eks", copy.deepcopy(wanted), check_mode=False) for _ in range(2)]
        results = [run.result(timeout=120) for run in runs]
    assert all(result["cluster"]["state"] == "ready" for result in results)
    done = [line.operation for line in account.harbour.journal.read(Filter(writes=True))]
    assert collections.Counter(done) == collections.Counter(name for name, _ in WRITES)
    assert account.run(wanted)["changed"] is False


def test_what_is_not_ours_stays_byte_for_byte(account: Account) -> None:
    account.run(full(account))
    eks, subnets = account.eks(), account.document["network"]["subnets"]
    role = account.harbour.seed.node_role
    eks.create_nodegroup(clusterName=NAME, nodegroupName="theirs", subnets=subnets, nodeRole=role, labels={"a": "b"})
    eks.create_addon(clusterName=NAME, addonName="metrics-server", configurationValues='{"replicas": 2}')
    eks.create_access_entry(clusterName=NAME, principalArn=role, type="EC2_LINUX")
    eks.create_access_entry(clusterName=NAME, principalArn=f"{TEAM}-theirs", kubernetesGroups=["a"])
    eks.tag_resource(resourceArn=account.cluster()["arn"], tags={"theirs": "x"})
    account.pass_time()
    before = foreign(account)
    purges = {"purge_node_pools": True, "purge_addons": True, "purge_access": True, "purge_tags": False}
    wanted = {**full(account), "version": "1.36", "tags": {"ours": "y"}, "logging": ["api"], **purges}
    account.run(wanted)
    assert account.writes() != []
    assert foreign(account) == before


def foreign(account: Account) -> str:
    """Return all that is not ours, as one text."""
    (found,) = account.harbour.twin.document()
    groups = [group for group in found["nodegroups"] if group["nodegroupName"] == "theirs"]
    addons = [addon for addon in found["addons"] if addon["addonName"] == "metrics-server"]
    entries = [entry for entry in found["access"] if not entry["tags"]]
    return json.dumps([groups, addons, entries, found["cluster"]["tags"]["theirs"]], default=str)
