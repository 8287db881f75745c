# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deleted cluster leaves in the account is reported, and removed only where that is asked."""

from __future__ import annotations

import typing as t

import pytest

from drydock.faults import Fault
from tests.integration.eks_cluster.conftest import NAME, Account, Json

OWNED = [{"Key": f"kubernetes.io/cluster/{NAME}", "Value": "owned"}]
ALL = ["load_balancers", "enis", "disks", "log_group", "oidc_provider"]


class Shore:
    """What controllers inside a cluster would have made, and the same of another cluster."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.subnets = sorted(account.harbour.seed.subnets.values())
        self.made = {kind: make(self, OWNED) for kind, make in MAKERS.items()}
        other = [{"Key": "kubernetes.io/cluster/other", "Value": "owned"}]
        self.theirs = {kind: make(self, other) for kind, make in MAKERS.items() if kind != "log_group"}

    def client(self, service: str) -> t.Any:
        return self.account.harbour.client(service)

    def there(self) -> set[str]:
        """Return which of both there still are."""
        arns = [row["LoadBalancerArn"] for row in self.client("elbv2").describe_load_balancers()["LoadBalancers"]]
        classic = self.client("elb").describe_load_balancers()["LoadBalancerDescriptions"]
        interfaces = self.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
        disks = self.client("ec2").describe_volumes()["Volumes"]
        groups = self.client("logs").describe_log_groups(logGroupNamePrefix="/aws/eks/")["logGroups"]
        found = {*arns, *(row["LoadBalancerName"] for row in classic)}
        found |= {row["NetworkInterfaceId"] for row in interfaces} | {row["VolumeId"] for row in disks}
        found |= {row["logGroupName"] for row in groups}
        return found & {*self.made.values(), *self.theirs.values()}


Tags = list[dict[str, str]]


def balancer(shore: Shore, tags: Tags) -> str:
    name = f"k8s-{tags[0]['Key'][-5:]}"
    made = shore.client("elbv2").create_load_balancer(Name=name, Type="network", Subnets=shore.subnets[:1], Tags=tags)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def classic(shore: Shore, tags: Tags) -> str:
    name = f"a0123-{tags[0]['Key'][-5:]}"
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 30080}
    zone = ["eu-west-1a"]
    shore.client("elb").create_load_balancer(
        LoadBalancerName=name, Listeners=[listener], AvailabilityZones=zone, Tags=tags
    )
    return name


def interface(shore: Shore, tags: Tags) -> str:
    name = tags[0]["Key"].rpartition("/")[2]
    marks = [{"Key": "cluster.k8s.amazonaws.com/name", "Value": name}]
    spec = [{"ResourceType": "network-interface", "Tags": marks}]
    made = shore.client("ec2").create_network_interface(SubnetId=shore.subnets[0], TagSpecifications=spec)
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def disk(shore: Shore, tags: Tags) -> str:
    spec = [{"ResourceType": "volume", "Tags": tags}]
    made = shore.client("ec2").create_volume(AvailabilityZone="eu-west-1a", Size=1, TagSpecifications=spec)
    return str(made["VolumeId"])


def logs(shore: Shore, tags: Tags) -> str:
    name = f"/aws/eks/{NAME}/cluster"
    shore.client("logs").create_log_group(logGroupName=name)
    shore.client("logs").create_log_group(logGroupName=f"{name}-of-somebody")
    return name


MAKERS: dict[str, t.Callable[[Shore, Tags], str]] = {
    "load_balancer": balancer,
    "classic_load_balancer": classic,
    "eni": interface,
    "disk": disk,
    "log_group": logs,
}


@pytest.fixture
def shore(made: Account) -> Shore:
    made.run(identity={**made.document["identity"], "workload": True})
    return Shore(made)


def kinds(result: Json) -> list[str]:
    return sorted(row["kind"] for row in result["leftovers"])


def test_deletion_reports_what_it_leaves_and_touches_none_of_it(shore: Shore) -> None:
    account = shore.account
    before = shore.there()
    result = account.run(state="absent")
    assert account.writes() == ["DeleteNodegroup", "DeleteNodegroup", "DeleteCluster"]
    assert kinds(result) == sorted([*MAKERS, "oidc_provider"])
    assert shore.there() == before


def test_deletion_removes_after_the_cluster_what_is_asked_and_nothing_of_others(shore: Shore) -> None:
    account = shore.account
    foreseen = account.run(state="absent", delete_orphans=ALL, check=True)
    assert account.writes() == []
    result = account.run(state="absent", delete_orphans=ALL)
    writes = account.writes()
    assert writes[:3] == ["DeleteNodegroup", "DeleteNodegroup", "DeleteCluster"]
    assert sorted(writes[3:]) == [
        *("DeleteLoadBalancer", "DeleteLoadBalancer", "DeleteLogGroup", "DeleteNetworkInterface"),
        *("DeleteOpenIDConnectProvider", "DeleteVolume"),
    ]
    assert result["plan_id"] == foreseen["plan_id"]
    assert kinds(result) == []
    assert shore.there() == set(shore.theirs.values())
    assert account.run(state="absent", delete_orphans=ALL)["changed"] is False


def test_what_was_left_can_be_removed_later(shore: Shore) -> None:
    account = shore.account
    account.run(state="absent")
    account.run(state="absent", delete_orphans=["disks", "oidc_provider"])
    assert sorted(account.writes()) == ["DeleteOpenIDConnectProvider", "DeleteVolume"]
    assert shore.made["disk"] not in shore.there()
    assert shore.made["load_balancer"] in shore.there()


def test_service_that_may_not_be_asked_does_not_hold_the_deletion(shore: Shore) -> None:
    account = shore.account
    denied = Fault(
        "answer", operation="DescribeVolumes", service="ec2", times=9, status=403, code="UnauthorizedOperation"
    )
    account.harbour.faults.add(denied)
    result = account.run(state="absent", delete_orphans=["log_group"])
    assert "disk" not in kinds(result)
    assert account.writes()[-1] == "DeleteLogGroup"
    assert any("disks could not be read" in warning for warning in result["warnings"])
