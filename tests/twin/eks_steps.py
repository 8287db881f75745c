# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that the twin's tests take with real boto3 clients."""

from __future__ import annotations

import json
import typing as t

import pytest
from botocore.exceptions import ClientError

from drydock.clouds.eks import offers
from drydock.harbour import Harbour

Json = dict[str, t.Any]
LONGEST = max(offers.DURATIONS.values())


def cluster_request(harbour: Harbour, **changes: t.Any) -> Json:
    base = {
        "name": "demo",
        "version": "1.34",
        "roleArn": harbour.seed.cluster_role,
        "resourcesVpcConfig": {"subnetIds": list(harbour.seed.subnets.values())},
    }
    return {**base, **changes}


def pool_request(harbour: Harbour, **changes: t.Any) -> Json:
    base = {
        "clusterName": "demo",
        "nodegroupName": "general",
        "nodeRole": harbour.seed.node_role,
        "subnets": list(harbour.seed.subnets.values()),
    }
    return {**base, **changes}


def pass_time(harbour: Harbour, seconds: float = LONGEST) -> None:
    harbour.clock.advance(seconds)


def create_cluster(harbour: Harbour, **changes: t.Any) -> Json:
    answer: Json = harbour.client().create_cluster(**cluster_request(harbour, **changes))["cluster"]
    return answer


def active_cluster(harbour: Harbour, **changes: t.Any) -> Json:
    created = create_cluster(harbour, **changes)
    pass_time(harbour)
    return describe_cluster(harbour, created["name"])


def describe_cluster(harbour: Harbour, name: str = "demo") -> Json:
    answer: Json = harbour.client().describe_cluster(name=name)["cluster"]
    return answer


def active_pool(harbour: Harbour, **changes: t.Any) -> Json:
    harbour.client().create_nodegroup(**pool_request(harbour, **changes))
    pass_time(harbour)
    return describe_pool(harbour, changes.get("nodegroupName", "general"))


def describe_pool(harbour: Harbour, name: str = "general") -> Json:
    answer: Json = harbour.client().describe_nodegroup(clusterName="demo", nodegroupName=name)["nodegroup"]
    return answer


def update_pool(harbour: Harbour, **changes: t.Any) -> Json:
    """Update the pool's configuration, let the time pass, and return the pool."""
    harbour.client().update_nodegroup_config(clusterName="demo", nodegroupName="general", **changes)
    pass_time(harbour)
    return describe_pool(harbour)


def refused(code: str, status: int, call: t.Callable[..., t.Any], **request: t.Any) -> str:
    """Demand that a call is refused with this code and HTTP status; return the message."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), answer
    return answer["Error"]["Message"]


def with_body(client: t.Any, change: t.Callable[[Json], Json]) -> t.Any:
    """Let the client send a changed body, past its own validation and before it signs."""

    def edit(params: Json, **_: t.Any) -> None:
        params["body"] = json.dumps(change(json.loads(params["body"]))).encode()

    client.meta.events.register("before-call.eks", edit)
    return client


def update_config(harbour: Harbour, **changes: t.Any) -> Json:
    answer: Json = harbour.client().update_cluster_config(name="demo", **changes)["update"]
    return answer


ONE_LOG: Json = {"clusterLogging": [{"types": ["api"], "enabled": True}]}
