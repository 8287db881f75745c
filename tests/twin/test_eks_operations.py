# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operations do when every rule agrees, and the wire format around them."""

from __future__ import annotations

import http.client
import json
import typing as t
import urllib.parse

import pytest

from drydock.clouds.aws.protocol import RestJson
from drydock.clouds.eks.twin import ALL, OPERATIONS
from drydock.harbour import Harbour

from .eks_steps import (
    ONE_LOG,
    active_cluster,
    active_pool,
    cluster_request,
    create_cluster,
    describe_cluster,
    describe_pool,
    pass_time,
    refused,
    update_config,
    update_pool,
)


def test_time_passes_by_a_step_with_each_request(harbour: Harbour) -> None:
    create_cluster(harbour)
    statuses = [describe_cluster(harbour)["status"] for _ in range(12)]
    assert statuses == ["CREATING"] * 9 + ["ACTIVE"] * 3


def test_config_update_shows_only_when_it_is_done(harbour: Harbour) -> None:
    active_cluster(harbour)
    update = update_config(harbour, resourcesVpcConfig={"endpointPrivateAccess": True})
    assert (update["type"], update["status"]) == ("EndpointAccessUpdate", "InProgress")
    assert update["params"] == [{"type": "EndpointPrivateAccess", "value": "true"}]
    during = describe_cluster(harbour)
    assert (during["status"], during["resourcesVpcConfig"]["endpointPrivateAccess"]) == ("UPDATING", False)
    pass_time(harbour)
    client = harbour.client()
    assert client.describe_update(name="demo", updateId=update["id"])["update"]["status"] == "Successful"
    after = describe_cluster(harbour)
    assert (after["status"], after["resourcesVpcConfig"]["endpointPrivateAccess"]) == ("ACTIVE", True)
    assert client.list_updates(name="demo")["updateIds"] == [update["id"]]


def test_logging_update_keeps_what_it_does_not_name(harbour: Harbour) -> None:
    active_cluster(harbour, logging={"clusterLogging": [{"types": ["audit"], "enabled": True}]})
    update_config(harbour, logging=ONE_LOG)
    pass_time(harbour)
    rows = describe_cluster(harbour)["logging"]["clusterLogging"]
    assert rows[0] == {"types": ["api", "audit"], "enabled": True}
    assert rows[1]["enabled"] is False
    assert len(rows[1]["types"]) == 3


def test_cluster_then_pool_move_up_one_minor(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour)
    client = harbour.client()
    client.update_cluster_version(name="demo", version="1.35")
    pass_time(harbour)
    assert describe_cluster(harbour)["version"] == "1.35"
    assert describe_pool(harbour)["version"] == "1.34"
    pool = {"clusterName": "demo", "nodegroupName": "general"}
    update = client.update_nodegroup_version(**pool, version="1.35")["update"]
    pass_time(harbour)
    assert describe_pool(harbour)["version"] == "1.35"
    asked = {"name": "demo", "updateId": update["id"]}
    assert client.describe_update(**asked, nodegroupName="general")["update"]["type"] == "VersionUpdate"
    refused("ResourceNotFoundException", 404, client.describe_update, **asked)
    assert client.list_updates(name="demo", nodegroupName="general")["updateIds"] == [update["id"]]


def test_pool_scales_and_relabels(harbour: Harbour) -> None:
    active_cluster(harbour)
    active_pool(harbour, labels={"team": "a", "old": "x"})
    labels = {"addOrUpdateLabels": {"team": "b"}, "removeLabels": ["old"]}
    pool = update_pool(harbour, labels=labels, scalingConfig={"minSize": 1, "maxSize": 5, "desiredSize": 4})
    assert pool["labels"] == {"team": "b"}
    assert pool["scalingConfig"] == {"minSize": 1, "maxSize": 5, "desiredSize": 4}


def test_accounts_and_regions_do_not_see_each_other(harbour: Harbour) -> None:
    active_cluster(harbour)
    stranger = harbour.client("eks", "stranger")
    assert stranger.list_clusters()["clusters"] == []
    text = refused("ResourceNotFoundException", 404, stranger.describe_cluster, name="demo")
    assert text == "No cluster found for name: demo."


def test_listings_come_in_pages(harbour: Harbour) -> None:
    client = harbour.client()
    for name in ("c", "a", "b"):
        client.create_cluster(**cluster_request(harbour, name=name))
    first = client.list_clusters(maxResults=2)
    assert first["clusters"] == ["a", "b"]
    assert client.list_clusters(maxResults=2, nextToken=first["nextToken"])["clusters"] == ["c"]
    refused("InvalidParameterException", 400, client.list_clusters, nextToken="made-up")


def test_tags_change_at_once_also_during_an_update(harbour: Harbour) -> None:
    arn = active_cluster(harbour, tags={"seaworthy:owner": "me"})["arn"]
    update_config(harbour, logging=ONE_LOG)
    client = harbour.client()
    client.tag_resource(resourceArn=arn, tags={"Cost Centre": "4 2"})
    client.untag_resource(resourceArn=arn, tagKeys=["seaworthy:owner", "absent"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"Cost Centre": "4 2"}
    refused("NotFoundException", 404, client.list_tags_for_resource, resourceArn=arn + "2")
    refused("BadRequestException", 400, client.list_tags_for_resource, resourceArn="arn:aws:s3:::bucket")


def test_versions_say_what_is_offered(harbour: Harbour) -> None:
    client = harbour.client()
    rows = client.describe_cluster_versions()["clusterVersions"]
    assert [row["clusterVersion"] for row in rows][:3] == ["1.36", "1.35", "1.34"]
    default = client.describe_cluster_versions(defaultOnly=True)["clusterVersions"]
    assert [row["clusterVersion"] for row in default] == ["1.35"]
    everything = client.describe_cluster_versions(includeAll=True)["clusterVersions"]
    assert {row["versionStatus"] for row in everything} == {"STANDARD_SUPPORT", "EXTENDED_SUPPORT", "UNSUPPORTED"}


def test_operation_that_the_twin_lacks_says_so(harbour: Harbour) -> None:
    active_cluster(harbour)
    text = refused("ServerException", 500, harbour.client().list_fargate_profiles, clusterName="demo")
    assert text == "drydock's EKS twin has no operation ListFargateProfiles"
    assert harbour.journal.read()[-1].error == "ServerException"


def test_error_body_has_the_models_members(harbour: Harbour) -> None:
    client = harbour.client()
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.describe_cluster(name="none")
    assert caught.value.response["clusterName"] == "none"
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_every_declared_operation_is_the_models_own() -> None:
    protocol = RestJson("eks")
    assert set(OPERATIONS) <= set(protocol.model.operation_names)
    assert len(OPERATIONS) == 40


def test_every_rule_has_a_source_and_its_own_id() -> None:
    ids = [row.id for row in ALL]
    assert len(ids) == len(set(ids))
    assert all(row.source and row.promise for row in ALL)


def _raw(harbour: Harbour, method: str, path: str, headers: dict[str, str]) -> tuple[int, t.Any, str]:
    address = urllib.parse.urlsplit(harbour.aws_endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body, response.headers.get("x-amzn-ErrorType", "")


def test_unsigned_request_refused(harbour: Harbour) -> None:
    status, _, code = _raw(harbour, "GET", "/clusters", {})
    assert (status, code) == (403, "MissingAuthenticationTokenException")


def test_forged_signature_refused(harbour: Harbour) -> None:
    client = harbour.client()
    assert client.list_clusters()["clusters"] == []

    def forge(request: t.Any, **_: t.Any) -> None:
        request.url = request.url.replace("/clusters", "/clusters/demo")

    client.meta.events.register("before-send.eks", forge)
    refused("InvalidSignatureException", 403, client.list_clusters)


def test_unknown_key_and_expired_session_refused(harbour: Harbour) -> None:
    refused("ExpiredTokenException", 403, harbour.client("eks", "expired").list_clusters)
    refused("ExpiredToken", 403, harbour.client("sts", "expired").get_caller_identity)
    harbour.client("iam").delete_access_key(
        UserName="colleague", AccessKeyId=harbour.credentials("colleague").access_key_id
    )
    refused("UnrecognizedClientException", 403, harbour.client("eks", "colleague").list_clusters)


def test_caller_identity_is_the_signers(harbour: Harbour) -> None:
    found = harbour.client("sts").get_caller_identity()
    assert (found["Account"], found["Arn"]) == ("111122223333", "arn:aws:iam::111122223333:user/runner")
    assert harbour.client("sts", "stranger").get_caller_identity()["Account"] == "444455556666"


def test_assumed_role_signs_as_itself(harbour: Harbour) -> None:
    from drydock.clouds.aws.account import new_client
    from drydock.clouds.aws.principals import Credentials

    role = "arn:aws:iam::111122223333:role/seaworthy-node"
    keys = harbour.client("sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    own = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    client = new_client("sts", own, harbour.seed.region, endpoint_url=harbour.aws_endpoint)
    expected = "arn:aws:sts::111122223333:assumed-role/seaworthy-node/night"
    assert client.get_caller_identity()["Arn"] == expected
    bare = Credentials(own.access_key_id, own.secret_access_key)
    refused(
        "InvalidClientTokenId",
        403,
        new_client("sts", bare, "eu-west-1", endpoint_url=harbour.aws_endpoint).get_caller_identity,
    )
