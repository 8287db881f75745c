# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows V*: what makes a request valid at all."""

from __future__ import annotations

import uuid
from typing import Any

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
    with_body,
)

INVALID = ("InvalidParameterException", 400)


def test_V1_model_is_enforced(harbour: Harbour) -> None:
    active_cluster(harbour)
    bad: list[tuple[dict[str, object], str]] = [
        ({"deletionProtection": "yes"}, "deletionProtection must be of type boolean"),
        ({"accessConfig": {"authenticationMode": "NONE"}}, "must be one of API, API_AND_CONFIG_MAP, CONFIG_MAP"),
        ({"logging": {"clusterLogging": [{"types": "api"}]}}, "logging.clusterLogging[0].types must be of type list"),
        ({"remoteNetworkConfig": {"remoteNodeNetworks": [{}, {}]}}, "the most is 1"),
    ]
    for body, expected in bad:
        client = with_body(harbour.client(), lambda _, body=body: body)  # type: ignore[misc]
        assert expected in refused(*INVALID, client.update_cluster_config, name="demo", logging=ONE_LOG)
    client = harbour.client()
    text = refused(*INVALID, client.create_cluster, **cluster_request(harbour, name="-bad name"))
    assert "must match" in text
    text = refused(*INVALID, client.create_cluster, **cluster_request(harbour, name="x" * 101))
    assert "the most is 100" in text


def test_V2_request_token_answered_once(harbour: Harbour) -> None:
    client = harbour.client()
    request = cluster_request(harbour, clientRequestToken=str(uuid.uuid4()))
    first = client.create_cluster(**request)["cluster"]
    assert client.create_cluster(**request)["cluster"] == first
    assert [line.wrote for line in harbour.journal.read() if line.operation == "CreateCluster"] == [True, False]
    refused(*INVALID, client.create_cluster, **{**request, "name": "another"})


def test_V3_subnets_exist_in_two_zones_of_one_network(harbour: Harbour) -> None:
    client, ec2 = harbour.client(), harbour.client("ec2")

    def attempt(*subnets: str, **more: object) -> str:
        network = {"subnetIds": list(subnets), **more}
        return refused(*INVALID, client.create_cluster, **cluster_request(harbour, resourcesVpcConfig=network))

    one, two = harbour.seed.subnets["a"], harbour.seed.subnets["b"]
    assert attempt(one, "subnet-0123456789abcdef0") == "The subnet ID 'subnet-0123456789abcdef0' does not exist"
    assert "two different AZs" in attempt(one)
    vpc = ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    far = ec2.create_subnet(VpcId=vpc, CidrBlock="10.60.0.0/24", AvailabilityZone="eu-west-1b")["Subnet"]["SubnetId"]
    assert "same VPC" in attempt(one, far)
    assert "security group" in attempt(one, two, securityGroupIds=["sg-0123456789abcdef0"])


def test_V4_pool_subnets_are_the_clusters(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    refused(*INVALID, client.create_nodegroup, **pool_request(harbour, subnets=["subnet-0123456789abcdef0"]))


def test_V5_role_exists(harbour: Harbour) -> None:
    client = harbour.client()
    missing = "arn:aws:iam::111122223333:role/nobody"
    text = refused(*INVALID, client.create_cluster, **cluster_request(harbour, roleArn=missing))
    assert "could not be assumed" in text
    active_cluster(harbour)
    refused(*INVALID, client.create_nodegroup, **pool_request(harbour, nodeRole=missing))


def test_V6_version_is_offered(harbour: Harbour) -> None:
    client = harbour.client()
    for version in ("1.30", "1.3", "2.0", "latest"):
        text = refused(*INVALID, client.create_cluster, **cluster_request(harbour, version=version))
        assert text == "unsupported Kubernetes version"


def test_V7_service_block_is_legal(harbour: Harbour) -> None:
    client = harbour.client()
    for block, expected in {
        "10.100.0.1/16": "not a valid",
        "10.100.0.0/25": "between /24 and /12",
        "8.8.0.0/16": "must be a private block",
        "10.20.128.0/20": "overlaps with the VPC's CIDR 10.20.0.0/16",
    }.items():
        request = cluster_request(harbour, kubernetesNetworkConfig={"serviceIpv4Cidr": block})
        assert expected in refused(*INVALID, client.create_cluster, **request), block


def test_V8_quotas_hold(harbour: Harbour) -> None:
    harbour.twin.limits = {"Cluster": 1, "Nodegroup": 1}
    active_cluster(harbour)
    active_pool(harbour)
    client = harbour.client()
    refused("ResourceLimitExceededException", 400, client.create_cluster, **cluster_request(harbour, name="two"))
    request = pool_request(harbour, nodegroupName="two")
    refused("ResourceLimitExceededException", 400, client.create_nodegroup, **request)


def test_V9_sizes_are_in_order(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour, scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2})
    client = harbour.client()
    pool: dict[str, Any] = {"clusterName": "demo", "nodegroupName": "general"}
    text = refused(*INVALID, client.update_nodegroup_config, **pool, scalingConfig={"minSize": 3})
    assert text == "Minimum capacity 3 can't be greater than desired size 2"
    refused(*INVALID, client.update_nodegroup_config, **pool, scalingConfig={"desiredSize": 4})


def test_V10_unsettled_resource_not_changed(harbour: Harbour) -> None:
    create_cluster(harbour)
    client = harbour.client()
    refused("InvalidRequestException", 400, client.update_cluster_version, name="demo", version="1.35")
    refused("ResourceInUseException", 409, client.delete_cluster, name="demo")


def test_V11_pool_never_leads(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    refused(*INVALID, client.create_nodegroup, **pool_request(harbour, version="1.35"))
    active_pool(harbour)
    refused(*INVALID, client.update_nodegroup_version, clusterName="demo", nodegroupName="general", version="1.36")


def test_V12_endpoint_stays_reachable(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    shut = {"endpointPublicAccess": False}
    refused(*INVALID, client.update_cluster_config, name="demo", resourcesVpcConfig=shut)
    odd = {"publicAccessCidrs": ["203.0.113.9/24"]}
    refused(*INVALID, client.update_cluster_config, name="demo", resourcesVpcConfig=odd)


def test_V13_tags_are_legal(harbour: Harbour) -> None:
    client = harbour.client()
    text = refused(*INVALID, client.create_cluster, **cluster_request(harbour, tags={"aws:x": "1"}))
    assert "reserved" in text
    arn = active_cluster(harbour, tags={"kept": "yes"})["arn"]
    many = {f"tag{i}": "x" for i in range(50)}
    refused("BadRequestException", 400, client.tag_resource, resourceArn=arn, tags=many)
    assert describe_cluster(harbour)["tags"] == {"kept": "yes"}


def test_V14_instance_types_exist_and_fit(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    text = refused(*INVALID, client.create_nodegroup, **pool_request(harbour, instanceTypes=["m99.huge"]))
    assert text == "The following supplied instance types do not exist: [m99.huge]"
    refused(*INVALID, client.create_nodegroup, **pool_request(harbour, instanceTypes=["m7g.large"]))


def test_V15_update_asks_for_something(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    refused(*INVALID, client.update_cluster_config, name="demo")
    pass_time(harbour)
