# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that the GKE twin's tests take with Google's real client over REST."""

from __future__ import annotations

import typing as t

import pytest
from google.api_core import exceptions

from drydock.clouds.gke import offers, project
from drydock.harbour import Harbour

Json = dict[str, t.Any]
HERE = f"projects/{project.PROJECT}/locations/{project.REGION}"
DEMO = f"{HERE}/clusters/demo"
GENERAL = f"{DEMO}/nodePools/general"
REGULAR, NO_CHANNEL = {"channel": "REGULAR"}, {"channel": "UNSPECIFIED"}


def cluster_request(**changes: t.Any) -> Json:
    cluster: Json = {
        "name": "demo",
        "initial_node_count": 1,
        "initial_cluster_version": "1.35",
        "network": project.NETWORK,
        "subnetwork": project.SUBNETWORK,
        "release_channel": REGULAR,
    }
    cluster = {name: value for name, value in {**cluster, **changes}.items() if value is not None}
    return {"parent": HERE, "cluster": cluster}


def pool_request(**changes: t.Any) -> Json:
    return {"parent": DEMO, "node_pool": {"name": "general", "initial_node_count": 1, **changes}}


def pass_time(harbour: Harbour, seconds: float = offers.LONGEST) -> None:
    harbour.clock.advance(seconds)


def create_cluster(harbour: Harbour, **changes: t.Any) -> t.Any:
    return harbour.google.client().create_cluster(cluster_request(**changes))


def get_cluster(harbour: Harbour, name: str = DEMO) -> t.Any:
    return harbour.google.client().get_cluster(name=name)


def running_cluster(harbour: Harbour, **changes: t.Any) -> t.Any:
    create_cluster(harbour, **changes)
    pass_time(harbour)
    return get_cluster(harbour, f"{HERE}/clusters/{changes.get('name', 'demo')}")


def get_pool(harbour: Harbour, name: str = GENERAL) -> t.Any:
    return harbour.google.client().get_node_pool(name=name)


def running_pool(harbour: Harbour, **changes: t.Any) -> t.Any:
    harbour.google.client().create_node_pool(pool_request(**changes))
    pass_time(harbour)
    return get_pool(harbour, f"{DEMO}/nodePools/{changes.get('name', 'general')}")


def update_cluster(harbour: Harbour, **update: t.Any) -> t.Any:
    return harbour.google.client().update_cluster({"name": DEMO, "update": update})


def updated_cluster(harbour: Harbour, **update: t.Any) -> t.Any:
    """Update the cluster, let the time pass, and return it."""
    update_cluster(harbour, **update)
    pass_time(harbour)
    return get_cluster(harbour)


def pool_update(**changes: t.Any) -> Json:
    """Return an UpdateNodePool that keeps version and image."""
    return {"name": GENERAL, "node_version": "-", "image_type": "COS_CONTAINERD", **changes}


def updated_pool(harbour: Harbour, **changes: t.Any) -> t.Any:
    harbour.google.client().update_node_pool(pool_update(**changes))
    pass_time(harbour)
    return get_pool(harbour)


def get_operation(harbour: Harbour, operation: t.Any) -> t.Any:
    return harbour.google.client().get_operation(name=f"{HERE}/operations/{operation.name}")


def finished(harbour: Harbour, operation: t.Any) -> t.Any:
    """Let the time pass and return the operation, which must be DONE."""
    pass_time(harbour)
    found = get_operation(harbour, operation)
    assert found.status.name == "DONE"
    return found


def refused(status: str, http: int, call: t.Callable[..., t.Any], request: Json) -> str:
    """Demand that a call is refused with this google.rpc code and HTTP status; return the message."""
    with pytest.raises(exceptions.GoogleAPICallError) as caught:
        call(request)
    error = caught.value.response.json()["error"]
    assert (error["status"], error["code"], caught.value.code) == (status, http, http), error
    return str(error["message"])


def deployed(harbour: Harbour, pool: str = "general") -> Json:
    """Return what the nodes of a pool follow at this moment, which the API does not show."""
    harbour.google.settle()
    found: Json = harbour.google.document()[0]["deployed"][pool]
    return found
