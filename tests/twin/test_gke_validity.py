# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows GV*: what makes a request to GKE valid at all, kept by Google's real client against the running twin."""

from __future__ import annotations

import json
import typing as t

from drydock.clouds.gke import offers, project
from drydock.harbour import Harbour

from .gke_steps import (
    DEMO,
    GENERAL,
    HERE,
    NO_CHANNEL,
    cluster_request,
    create_cluster,
    get_cluster,
    pass_time,
    pool_request,
    pool_update,
    refused,
    running_cluster,
    running_pool,
    updated_cluster,
)


def test_GV1_caller_does_what_its_roles_allow(harbour: Harbour) -> None:
    running_cluster(harbour)
    viewer = harbour.google.client("viewer")
    assert viewer.get_cluster(name=DEMO).name == "demo"
    text = refused("PERMISSION_DENIED", 403, viewer.delete_cluster, {"name": DEMO})
    assert text == 'Required "container.clusters.delete" permission(s) for "projects/seaworthy-demo".'
    stranger = harbour.google.client("stranger")
    refused("PERMISSION_DENIED", 403, stranger.list_clusters, {"parent": HERE})
    client = harbour.google.client()
    foreign = {"parent": f"projects/{project.FOREIGN}/locations/-"}
    refused("PERMISSION_DENIED", 403, client.list_clusters, foreign)
    refused("PERMISSION_DENIED", 403, client.list_clusters, {"parent": "projects/no-such-project/locations/-"})


def raw(harbour: Harbour, method: str, path: str, body: object) -> tuple[int, dict[str, t.Any]]:
    """Send what Google's client would not let through."""
    session = harbour.google.client().transport._session
    answer = session.request(method, f"{harbour.google_endpoint}/v1/{path}", data=json.dumps(body), timeout=10)
    return answer.status_code, answer.json()


def test_GV2_request_that_the_proto_does_not_know_refused(harbour: Harbour) -> None:
    cluster = {**cluster_request()["cluster"], "release_channel": {"channel": "REGULAR"}}
    status, answer = raw(harbour, "POST", f"{HERE}/clusters", {"cluster": {**cluster, "nodeTypo": 1}})
    assert status == 400, answer
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
    words = "Invalid JSON payload received. Unknown name \"nodeTypo\" at 'cluster': Cannot find field."
    assert answer["error"]["message"] == words
    status, _ = raw(harbour, "POST", f"{HERE}/clusters", {"cluster": {**cluster, "initialNodeCount": "many"}})
    assert status == 400
    status, _ = raw(harbour, "POST", f"{HERE}/clusters", {"cluster": {**cluster, "releaseChannel": {"channel": "NO"}}})
    assert status == 400
    assert raw(harbour, "POST", f"{HERE}/clusters", {"cluster": cluster})[0] == 200


def test_GV3_taken_name_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    text = refused("ALREADY_EXISTS", 409, client.create_cluster, cluster_request())
    assert text == f"Already exists: {DEMO}."
    text = refused("ALREADY_EXISTS", 409, client.create_node_pool, pool_request())
    assert text == f"Already exists: {GENERAL}."


def test_GV4_illegal_name_refused(harbour: Harbour) -> None:
    client = harbour.google.client()
    for name in ("Demo", "1demo", "demo-", "d" * 41, "under_score"):
        assert name in refused("INVALID_ARGUMENT", 400, client.create_cluster, cluster_request(name=name))
    running_cluster(harbour, name="d" * 40)
    pool = {"parent": f"{HERE}/clusters/{'d' * 40}", "node_pool": {"name": "Pool", "initial_node_count": 1}}
    assert '"node_pool.name": "Pool"' in refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool)


def test_GV5_version_that_the_channel_does_not_offer_refused(harbour: Harbour) -> None:
    client = harbour.google.client()
    rapid = cluster_request(release_channel={"channel": "RAPID"}, initial_cluster_version="1.34")
    text = refused("INVALID_ARGUMENT", 400, client.create_cluster, rapid)
    listed = ", ".join(reversed(offers.CHANNELS["RAPID"].valid))
    assert text == f'Master version must be one of "RAPID" channel supported versions [{listed}].'
    old = cluster_request(release_channel=NO_CHANNEL, initial_cluster_version="1.20")
    assert refused("INVALID_ARGUMENT", 400, client.create_cluster, old) == 'Master version "1.20" is unsupported.'
    running_cluster(harbour)
    update = {"name": DEMO, "update": {"desired_master_version": "1.35.99"}}
    refused("INVALID_ARGUMENT", 400, client.update_cluster, update)
    refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request(version="one"))


def test_GV6_control_plane_skips_no_minor_and_never_goes_down(harbour: Harbour) -> None:
    running_cluster(harbour, initial_cluster_version="1.34")
    client = harbour.google.client()
    for version in ("1.36", offers.FIRST_34):
        update = {"name": DEMO, "update": {"desired_master_version": version}}
        refused("INVALID_ARGUMENT", 400, client.update_cluster, update)
    assert updated_cluster(harbour, desired_master_version="1.35").current_master_version == offers.OLDER_35


def test_GV7_update_of_nothing_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    client = harbour.google.client()
    empty = {"name": DEMO, "update": {}}
    assert refused("INVALID_ARGUMENT", 400, client.update_cluster, empty) == "Must specify a field to update."


def test_GV8_network_that_does_not_exist_refused(harbour: Harbour) -> None:
    cases: list[tuple[dict[str, t.Any], str]] = [
        ({"subnetwork": "elsewhere"}, "subnetworks/elsewhere' was not found"),
        ({"network": "elsewhere"}, "networks/elsewhere' was not found"),
        ({"network": "default"}, "is not in network"),
        ({"ip_allocation_policy": {"cluster_secondary_range_name": "other"}}, '"other" not found'),
    ]
    client = harbour.google.client()
    for changes, expected in cases:
        assert expected in refused("INVALID_ARGUMENT", 400, client.create_cluster, cluster_request(**changes))
    ranges = {"cluster_secondary_range_name": project.PODS, "services_secondary_range_name": project.SERVICES}
    cluster = running_cluster(harbour, ip_allocation_policy=ranges)
    assert (cluster.cluster_ipv4_cidr, cluster.services_ipv4_cidr) == ("10.64.0.0/14", "10.68.0.0/20")


def test_GV9_nodes_are_described_once(harbour: Harbour) -> None:
    client = harbour.google.client()
    text = refused("INVALID_ARGUMENT", 400, client.create_cluster, cluster_request(initial_node_count=None))
    assert text == "Cluster.initial_node_count must be greater than zero."
    both = cluster_request(node_pools=[{"name": "general", "initial_node_count": 1}])
    refused("INVALID_ARGUMENT", 400, client.create_cluster, both)
    autopilot = cluster_request(autopilot={"enabled": True}, node_config={"machine_type": "e2-medium"})
    refused("INVALID_ARGUMENT", 400, client.create_cluster, autopilot)


def test_GV10_machine_image_or_disk_that_does_not_exist_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    for config in ({"machine_type": "m7i.large"}, {"image_type": "WINDOWS_95"}, {"disk_type": "floppy"}):
        refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request(name="second", config=config))
    text = refused("INVALID_ARGUMENT", 400, client.update_node_pool, pool_update(machine_type="e2-tiny"))
    assert text == 'Machine type with name "e2-tiny" does not exist.'


def test_GV11_autoscaling_bounds_out_of_order_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    for bounds in (
        {"min_node_count": 3, "max_node_count": 2},
        {"min_node_count": 1},
        {"min_node_count": 1, "max_node_count": 2, "total_max_node_count": 5},
    ):
        request = {"name": GENERAL, "autoscaling": {"enabled": True, **bounds}}
        refused("INVALID_ARGUMENT", 400, client.set_node_pool_autoscaling, request)


def test_GV12_defaults_are_the_services_own(harbour: Harbour) -> None:
    minimal = {"name": "demo", "initial_node_count": 1}
    harbour.google.client().create_cluster(parent=HERE, cluster=minimal)
    pass_time(harbour)
    cluster = get_cluster(harbour)
    assert (cluster.network, cluster.subnetwork, cluster.release_channel.channel.name) == (
        "default",
        "default",
        "REGULAR",
    )
    assert cluster.monitoring_config.managed_prometheus_config.enabled
    assert cluster.autoscaling.autoscaling_profile.name == "BALANCED"
    assert cluster.control_plane_endpoints_config.ip_endpoints_config.enable_public_endpoint
    pool = cluster.node_pools[0]
    assert (pool.config.machine_type, pool.config.disk_size_gb, pool.config.disk_type) == (
        "e2-medium",
        100,
        "pd-balanced",
    )
    assert (pool.management.auto_upgrade, pool.max_pods_constraint.max_pods_per_node) == (True, 110)
    assert (pool.upgrade_settings.max_surge, pool.config.image_type) == (1, "COS_CONTAINERD")
    addons = {"dns_cache_config": {"enabled": False}}
    named = running_cluster(
        harbour, name="other", initial_cluster_version="1.34", release_channel=None, addons_config=addons
    )
    assert named.release_channel.channel.name == "STABLE"
    assert not named.addons_config.dns_cache_config.enabled
    assert named.addons_config.kubernetes_dashboard.disabled


def test_GV13_channel_insists_on_auto_upgrade(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    request = {"name": GENERAL, "management": {"auto_upgrade": False, "auto_repair": True}}
    text = refused("INVALID_ARGUMENT", 400, client.set_node_pool_management, request)
    assert text == "Auto_upgrade cannot be false when release_channel REGULAR is set."
    repair = pool_request(name="second", management={"auto_repair": True})
    refused("INVALID_ARGUMENT", 400, client.create_node_pool, repair)
    free = cluster_request(
        name="free", release_channel=NO_CHANNEL, initial_node_count=None, node_pools=[repair["node_pool"]]
    )
    assert client.create_cluster(free).status.name == "RUNNING"


def test_GV14_illegal_label_refused(harbour: Harbour) -> None:
    client = harbour.google.client()
    for labels in ({"Team": "a"}, {"team": "A"}, {f"l{n}": "" for n in range(65)}):
        refused("INVALID_ARGUMENT", 400, client.create_cluster, cluster_request(resource_labels=labels))


def test_GV15_zone_of_another_region_refused(harbour: Harbour) -> None:
    client = harbour.google.client()
    elsewhere = ["europe-west1-b", "us-central1-a"]
    text = refused("INVALID_ARGUMENT", 400, client.create_cluster, cluster_request(locations=elsewhere))
    assert text == 'Location "us-central1-a" is not a zone of region europe-west1.'
    create_cluster(harbour, locations=["europe-west1-b"])
    pass_time(harbour)
    refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request(locations=elsewhere))


def test_GV16_broken_cluster_can_only_be_deleted(harbour: Harbour) -> None:
    from drydock.faults import Fault

    harbour.faults.add(Fault("fail", operation="CreateCluster", code="GCE_STOCKOUT", message="no machines"))
    assert running_cluster(harbour).status.name == "ERROR"
    client = harbour.google.client()
    update = {"name": DEMO, "update": {"desired_vertical_pod_autoscaling": {"enabled": True}}}
    refused("FAILED_PRECONDITION", 400, client.update_cluster, update)
    client.delete_cluster(name=DEMO)
    pass_time(harbour)
    assert not client.list_clusters(parent=HERE).clusters


def test_GV17_authorized_network_that_is_no_block_refused(harbour: Harbour) -> None:
    client = harbour.google.client()
    networks = {"enabled": True, "cidr_blocks": [{"cidr_block": "192.0.2.1/24"}]}
    request = cluster_request(master_authorized_networks_config=networks)
    refused("INVALID_ARGUMENT", 400, client.create_cluster, request)
    running_cluster(harbour)
    endpoints = {"ip_endpoints_config": {"authorized_networks_config": networks}}
    update = {"name": DEMO, "update": {"desired_control_plane_endpoints_config": endpoints}}
    refused("INVALID_ARGUMENT", 400, client.update_cluster, update)
