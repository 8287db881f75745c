# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows E* of the rule catalogue, each kept by real boto3 against the running twin."""

from __future__ import annotations

import uuid

from drydock.clouds.eks.insights import add_insight
from drydock.faults import Fault
from drydock.harbour import Harbour

from .eks_steps import (
    ONE_LOG,
    active_cluster,
    active_pool,
    cluster_request,
    create_cluster,
    describe_cluster,
    pass_time,
    pool_request,
    refused,
    update_config,
    update_pool,
    with_body,
)


def test_E1_created_cluster_is_creating_until_its_time_has_come(harbour: Harbour) -> None:
    created = create_cluster(harbour)
    assert created["status"] == "CREATING"
    early = describe_cluster(harbour)
    assert early["status"] == "CREATING"
    assert "endpoint" not in early
    pass_time(harbour)
    late = describe_cluster(harbour)
    assert late["status"] == "ACTIVE"
    assert late["endpoint"].startswith("https://")
    assert late["certificateAuthority"]["data"]
    assert late["resourcesVpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def test_E2_taken_name_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour)
    client = harbour.client()
    text = refused("ResourceInUseException", 409, client.create_cluster, **cluster_request(harbour))
    assert text == "Cluster already exists with name: demo"
    text = refused("ResourceInUseException", 409, client.create_nodegroup, **pool_request(harbour))
    assert text == "NodeGroup already exists with name general and cluster name demo"


def test_E3_pool_on_cluster_not_active_refused(harbour: Harbour) -> None:
    create_cluster(harbour)
    text = refused("InvalidRequestException", 400, harbour.client().create_nodegroup, **pool_request(harbour))
    assert "CREATING" in text


def test_E4_two_kinds_of_change_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    asked = {"logging": ONE_LOG, "resourcesVpcConfig": {"endpointPrivateAccess": True}}
    text = refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", **asked)
    assert text == "Only one type of update can be allowed."


def test_E5_second_update_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour)
    client = harbour.client()
    update = update_config(harbour, logging=ONE_LOG)
    asked = {"name": "demo", "accessConfig": {"authenticationMode": "API"}}
    text = refused("ResourceInUseException", 409, client.update_cluster_config, **asked)
    assert text == f"Cannot AccessConfigUpdate because cluster demo currently has update {update['id']} in progress"
    refused("ResourceInUseException", 409, client.update_cluster_version, name="demo", version="1.35")
    pass_time(harbour)
    pool = {"clusterName": "demo", "nodegroupName": "general"}
    running = client.update_nodegroup_version(**pool)["update"]
    text = refused(
        "ResourceInUseException", 409, client.update_nodegroup_config, **pool, labels={"removeLabels": ["a"]}
    )
    assert running["id"] in text


def test_E6_update_without_a_change_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    same = {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}
    text = refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", resourcesVpcConfig=same)
    assert text == (
        "Cluster is already at the desired configuration with endpointPrivateAccess: false , "
        "endpointPublicAccess: true, and Public Endpoint Restrictions: [0.0.0.0/0]"
    )
    off = {"clusterLogging": [{"types": ["api"], "enabled": False}]}
    refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", logging=off)
    text = refused("InvalidParameterException", 400, client.update_cluster_version, name="demo", version="1.34")
    assert "already at the desired configuration" in text


def test_E7_version_skip_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    text = refused("InvalidParameterException", 400, client.update_cluster_version, name="demo", version="1.36")
    assert text == "Unsupported Kubernetes minor version update from 1.34 to 1.36"
    text = refused("InvalidParameterException", 400, client.update_cluster_version, name="demo", version="1.33")
    assert text == "Unsupported Kubernetes minor version update from 1.34 to 1.33"


def test_E8_hop_that_leaves_pools_too_far_behind_refused(harbour: Harbour) -> None:
    client = harbour.client()
    active_cluster(harbour, version="1.32")
    active_pool(harbour)
    for version in ("1.33", "1.34", "1.35"):
        client.update_cluster_version(name="demo", version=version)
        pass_time(harbour)
    text = refused("InvalidParameterException", 400, client.update_cluster_version, name="demo", version="1.36")
    assert "Nodegroups general must be updated" in text


def test_E9_finding_holds_a_hop_unless_forced(harbour: Harbour) -> None:
    active_cluster(harbour)
    cluster = next(iter(harbour.twin.store.clusters.values()))
    add_insight(cluster, "ERROR", ident="f1", name="Deprecated APIs", version="1.35", reason="in use")
    client = harbour.client()
    text = refused("InvalidStateException", 400, client.update_cluster_version, name="demo", version="1.35")
    assert "insight f1" in text
    assert client.list_insights(clusterName="demo", filter={"statuses": ["ERROR"]})["insights"][0]["id"] == "f1"
    assert client.list_insights(clusterName="demo", filter={"statuses": ["PASSING"]})["insights"] == []
    assert client.describe_insight(clusterName="demo", id="f1")["insight"]["insightStatus"]["reason"] == "in use"
    assert client.update_cluster_version(name="demo", version="1.35", force=True)["update"]["status"] == "InProgress"


def test_E10_immutable_member_of_an_update_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    smuggler = with_body(harbour.client(), lambda body: {**body, "roleArn": "arn:aws:iam::111122223333:role/other"})
    text = refused("InvalidParameterException", 400, smuggler.update_cluster_config, name="demo", logging=ONE_LOG)
    assert "roleArn is not a member of UpdateClusterConfigRequest" in text
    block = {"serviceIpv4Cidr": "10.96.0.0/16"}
    client = harbour.client()
    refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", kubernetesNetworkConfig=block)


def test_E13_cluster_with_pools_or_protection_not_deleted(harbour: Harbour) -> None:
    active_cluster(harbour, deletionProtection=True)
    active_pool(harbour)
    client = harbour.client()
    refused("InvalidRequestException", 400, client.delete_cluster, name="demo")
    update_config(harbour, deletionProtection=False)
    pass_time(harbour)
    text = refused("ResourceInUseException", 409, client.delete_cluster, name="demo")
    assert text == "Cluster has nodegroups attached"
    client.delete_nodegroup(clusterName="demo", nodegroupName="general")
    pass_time(harbour)
    assert client.delete_cluster(name="demo")["cluster"]["status"] == "DELETING"
    pass_time(harbour)
    assert client.list_clusters()["clusters"] == []


def test_E14_stale_read_says_active_and_the_update_then_conflicts(harbour: Harbour) -> None:
    active_cluster(harbour)
    update = update_config(harbour, logging=ONE_LOG)
    harbour.faults.add(Fault("stale", operation="DescribeCluster"))
    assert describe_cluster(harbour)["status"] == "ACTIVE"
    client = harbour.client()
    text = refused("ResourceInUseException", 409, client.update_cluster_version, name="demo", version="1.35")
    assert update["id"] in text


def test_E15_accepted_work_may_fail_and_says_why(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour)
    client = harbour.client()
    harbour.faults.add(Fault("fail", operation="UpdateNodegroupVersion", code="PodEvictionFailure", message="web-0"))
    pool = {"clusterName": "demo", "nodegroupName": "general"}
    update = client.update_nodegroup_version(**pool)["update"]
    pass_time(harbour)
    asked = {"name": "demo", "nodegroupName": "general", "updateId": update["id"]}
    found = client.describe_update(**asked)["update"]
    assert found["status"] == "Failed"
    assert found["errors"] == [{"errorCode": "PodEvictionFailure", "errorMessage": "web-0", "resourceIds": ["general"]}]
    harbour.faults.add(
        Fault("fail", operation="CreateNodegroup", code="AsgInstanceLaunchFailures", message="no capacity")
    )
    failed = active_pool(harbour, nodegroupName="second")
    assert failed["status"] == "CREATE_FAILED"
    assert failed["health"]["issues"][0]["code"] == "AsgInstanceLaunchFailures"
    harbour.faults.add(Fault("fail", operation="CreateCluster", code="VpcNotFound", message="the VPC is gone"))
    assert active_cluster(harbour, name="other")["status"] == "FAILED"


def test_E16_new_role_is_unknown_for_a_while(harbour: Harbour) -> None:
    harbour.faults.add(Fault("unknown_role", operation="CreateCluster", times=2))
    client = harbour.client()
    for _ in range(2):
        text = refused("InvalidParameterException", 400, client.create_cluster, **cluster_request(harbour))
        assert "could not be assumed" in text
    assert client.create_cluster(**cluster_request(harbour))["cluster"]["status"] == "CREATING"


def test_E21_new_cluster_carries_what_eks_installs(harbour: Harbour) -> None:
    active_cluster(harbour)
    assert harbour.twin.document()[0]["installed"] == ["aws-node", "kube-proxy", "coredns", "gp2"]
    active_cluster(harbour, name="bare", bootstrapSelfManagedAddons=False)
    assert harbour.twin.document()[1]["installed"] == []


def test_E17_defaults_are_the_services_own(harbour: Harbour) -> None:
    request = cluster_request(harbour)
    del request["version"]
    created = harbour.client().create_cluster(**request)["cluster"]
    assert created.get("version") == "1.35"
    assert created["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert created["accessConfig"] == {"authenticationMode": "CONFIG_MAP"}
    assert created["deletionProtection"] is False
    network = created["resourcesVpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (True, False)
    assert network["publicAccessCidrs"] == ["0.0.0.0/0"]
    assert created["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "10.100.0.0/16"
    kinds = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    assert created["logging"] == {"clusterLogging": [{"types": kinds, "enabled": False}]}
    pass_time(harbour)
    pool = active_pool(harbour)
    assert (pool["amiType"], pool["capacityType"], pool["instanceTypes"]) == (
        "AL2023_x86_64_STANDARD",
        "ON_DEMAND",
        ["t3.medium"],
    )


def test_E18_taints_are_keyed_by_key_and_effect(harbour: Harbour) -> None:
    active_cluster(harbour)
    first = {"key": "team", "value": "a", "effect": "NO_SCHEDULE"}
    second = {"key": "team", "value": "a", "effect": "NO_EXECUTE"}
    active_pool(harbour, taints=[first])
    pool = update_pool(harbour, taints={"addOrUpdateTaints": [second]})
    assert pool["taints"] == [first, second]
    changed = {**second, "value": "b"}
    pool = update_pool(harbour, taints={"addOrUpdateTaints": [changed], "removeTaints": [first]})
    assert pool["taints"] == [changed]


def test_E20_throttled_request_changes_nothing(harbour: Harbour) -> None:
    harbour.faults.add(Fault("throttle", operation="CreateCluster", times=2))
    client = harbour.client()
    request = {**cluster_request(harbour), "clientRequestToken": str(uuid.uuid4())}
    for _ in range(2):
        refused("ThrottlingException", 429, client.create_cluster, **request)
        assert client.list_clusters()["clusters"] == []
    assert client.create_cluster(**request)["cluster"]["status"] == "CREATING"
