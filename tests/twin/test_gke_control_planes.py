# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters of the GKE twin that are real control planes: their pools, their callers, their upgrades, their end."""

from __future__ import annotations

import base64
import typing as t

import pytest

from drydock.harbour import Harbour
from drydock.kube import KubeClient, KubeError

from .furniture_steps import takes_back_what_others_change
from .gke_steps import DEMO, GENERAL, deployed, get_cluster, pass_time, running_cluster, running_pool, updated_cluster

NODES = "/api/v1/nodes"
DNS = "/apis/apps/v1/namespaces/kube-system/deployments/kube-dns"


def client_of(harbour: Harbour, cluster: t.Any, person: str = "runner") -> KubeClient:
    ca = base64.b64decode(cluster.master_auth.cluster_ca_certificate).decode()
    return KubeClient.with_token(f"https://{cluster.endpoint}", ca, harbour.google.token(person))


@pytest.mark.control_planes
def test_cluster_of_the_twin_from_create_to_delete(harbour: Harbour) -> None:
    cluster = running_cluster(harbour, initial_cluster_version="1.35")
    client = client_of(harbour, cluster)
    _creator_is_admin_and_others_are_not(harbour, cluster, client)
    takes_back_what_others_change(harbour, client, DNS, "standard-rwo")
    _pools_are_nodes(harbour, client)
    _upgrade_keeps_objects_and_address(harbour, cluster, client)
    _delete_leaves_nothing(harbour)


def _creator_is_admin_and_others_are_not(harbour: Harbour, cluster: t.Any, client: KubeClient) -> None:
    assert client.get("/version")["emulationMinor"] == "35"
    with pytest.raises(KubeError) as forbidden:
        client_of(harbour, cluster, "colleague").items(NODES)
    assert forbidden.value.status == 403
    assert harbour.google.person("colleague").email in str(forbidden.value)
    ca = base64.b64decode(cluster.master_auth.cluster_ca_certificate).decode()
    with pytest.raises(KubeError) as unauthorized:
        KubeClient.with_token(f"https://{cluster.endpoint}", ca, "ya29.forged").items(NODES)
    assert unauthorized.value.status == 401


def _pools_are_nodes(harbour: Harbour, client: KubeClient) -> None:
    assert len(client.items(NODES)) == 3
    taint = {"key": "only", "value": "us", "effect": "NO_SCHEDULE"}
    config = {"machine_type": "n2-standard-4", "labels": {"team": "a"}, "taints": [taint], "spot": True}
    running_pool(harbour, config=config, initial_node_count=1)
    nodes = _of_pool(client)
    assert {n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in nodes} == {
        "europe-west1-b",
        "europe-west1-c",
        "europe-west1-d",
    }
    labels, spec = nodes[0]["metadata"]["labels"], nodes[0]["spec"]
    assert labels["topology.kubernetes.io/region"] == "europe-west1"
    assert (labels["node.kubernetes.io/instance-type"], labels["team"]) == ("n2-standard-4", "a")
    assert labels["cloud.google.com/gke-spot"] == "true"
    assert {"key": "only", "value": "us", "effect": "NoSchedule"} in spec["taints"]
    assert spec["providerID"].startswith("gce://seaworthy-demo/europe-west1-")
    names = {n["metadata"]["name"] for n in nodes}
    harbour.google.client().set_node_pool_size({"name": GENERAL, "node_count": 2})
    pass_time(harbour)
    harbour.google.settle()
    assert len(names & {n["metadata"]["name"] for n in _of_pool(client)}) == 3
    assert len(_of_pool(client)) == 6
    harbour.google.client().delete_node_pool(name=GENERAL)
    pass_time(harbour)
    harbour.google.settle()
    assert _of_pool(client) == []


def _of_pool(client: KubeClient, pool: str = "general") -> list[dict[str, t.Any]]:
    return client.items(f"{NODES}?labelSelector=cloud.google.com/gke-nodepool%3D{pool}")


def _upgrade_keeps_objects_and_address(harbour: Harbour, cluster: t.Any, client: KubeClient) -> None:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}}
    client.create("/api/v1/namespaces", made)
    after = updated_cluster(harbour, desired_master_version="1.36")
    assert after.endpoint == cluster.endpoint
    client = client_of(harbour, after)
    assert client.get("/version")["emulationMinor"] == "36"
    assert client.find("/api/v1/namespaces/kept")
    old = {n["metadata"]["name"] for n in client.items(NODES)}
    pool = f"{DEMO}/nodePools/default-pool"
    request = {"name": pool, "node_version": "-", "image_type": "COS_CONTAINERD"}
    harbour.google.client().update_node_pool(request)
    pass_time(harbour)
    assert deployed(harbour, "default-pool")["version"] == get_cluster(harbour).current_master_version
    nodes = client.items(NODES)
    assert {n["status"]["nodeInfo"]["kubeletVersion"] for n in nodes} == {f"v{after.current_master_version}"}
    assert not old & {n["metadata"]["name"] for n in nodes}


def _delete_leaves_nothing(harbour: Harbour) -> None:
    harbour.google.client().delete_cluster(name=DEMO)
    pass_time(harbour)
    harbour.google.settle()
    assert list(harbour.state.clusters.iterdir()) == []
