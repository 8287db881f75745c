# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a cluster could go, and what is in the way, told from what was read."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.info import upgrade
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_scope
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from tests.unit.cloud.eks.model import Json, cluster, nodegroup, observed

VERSIONS: dict[str, Json] = {
    f"1.{number}": {
        "clusterVersion": f"1.{number}",
        "versionStatus": "STANDARD_SUPPORT" if number > 33 else "EXTENDED_SUPPORT",
        "endOfStandardSupportDate": datetime.datetime(2026, number - 30, 1, tzinfo=datetime.UTC),
        "endOfExtendedSupportDate": datetime.datetime(2027, number - 30, 1, tzinfo=datetime.UTC),
    }
    for number in range(31, 37)
}


def test_targets_are_the_newer_versions_with_hops_and_dates() -> None:
    found = upgrade(EKS, observed(cluster(version="1.34"), versions=VERSIONS))
    assert found["targets"] == [
        {"version": "1.35", "hops": 1, "tier": "standard", "standard_end": "2026-05-01", "extended_end": "2027-05-01"},
        {"version": "1.36", "hops": 2, "tier": "standard", "standard_end": "2026-06-01", "extended_end": "2027-06-01"},
    ]
    assert found["blockers"] == []


def test_support_of_the_present_version_is_told() -> None:
    said = EKS.support_of("1.33", observed(cluster(version="1.33"), versions=VERSIONS))
    assert said == {"tier": "extended", "standard_end": "2026-03-01", "extended_end": "2027-03-01"}


def test_pool_that_the_next_hop_would_leave_behind_is_a_blocker() -> None:
    pools = [nodegroup("general", version="1.31"), nodegroup("system", version="1.32")]
    found = upgrade(EKS, observed(cluster(version="1.34"), pools, versions=VERSIONS))
    assert [(row["code"], row["resources"]) for row in found["blockers"]] == [("PoolTooOld", ["node pool general"])]
    newest = upgrade(EKS, observed(cluster(version="1.36"), [nodegroup("a", version="1.33")], versions=VERSIONS))
    assert newest == {"targets": [], "blockers": []}, "without a next version nothing is in its way"


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING", "CREATE_FAILED"])
def test_what_does_not_rest_is_a_blocker(status: str) -> None:
    found = upgrade(EKS, observed(cluster(), [nodegroup("general", status=status)], versions=VERSIONS))
    assert [row["message"] for row in found["blockers"]] == [f"the node pool general is {status}"]


def test_findings_of_the_cloud_are_blockers() -> None:
    finding = {"id": "f1", "name": "Deprecated APIs", "insightStatus": {"status": "WARNING", "reason": "in use"}}
    found = upgrade(EKS, observed(cluster(), findings=(finding,), versions=VERSIONS))
    assert found["blockers"] == [{"code": "InsightWarning", "message": "Deprecated APIs: in use", "resources": ["f1"]}]


def test_scope_is_one_cluster_or_a_region() -> None:
    assert parse_scope(EKS, {"region": "eu-west-1"}).subject == "eks/eu-west-1"
    assert parse_scope(EKS, {"region": "eu-west-1", "name": "prod"}).subject == "eks/prod"
    with pytest.raises(InvalidInput, match="name is"):
        parse_scope(EKS, {"region": "eu-west-1", "name": "-"})
