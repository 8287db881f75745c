# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows G* of the rule catalogue, each kept by Google's real client against the running twin."""

from __future__ import annotations

import datetime

from drydock.clouds.gke import offers, project
from drydock.faults import Fault
from drydock.harbour import Harbour

from .gke_steps import (
    DEMO,
    GENERAL,
    HERE,
    NO_CHANNEL,
    cluster_request,
    create_cluster,
    deployed,
    finished,
    get_cluster,
    get_operation,
    get_pool,
    pass_time,
    pool_request,
    pool_update,
    refused,
    running_cluster,
    running_pool,
    update_cluster,
    updated_cluster,
    updated_pool,
)


def test_G1_write_answers_a_running_operation_and_done_may_carry_an_error(harbour: Harbour) -> None:
    operation = create_cluster(harbour)
    assert (operation.status.name, operation.operation_type.name) == ("RUNNING", "CREATE_CLUSTER")
    assert get_operation(harbour, operation).status.name == "RUNNING"
    assert get_cluster(harbour).status.name == "PROVISIONING"
    assert not get_cluster(harbour).endpoint
    done = finished(harbour, operation)
    assert done.end_time > done.start_time
    assert not done.error.code
    assert get_cluster(harbour).status.name == "RUNNING"
    harbour.faults.add(Fault("fail", operation="CreateNodePool", code="INTERNAL", message="the API does not answer"))
    done = finished(harbour, harbour.google.client().create_node_pool(pool_request()))
    assert (done.error.code, done.error.message) == (13, "the API does not answer")
    assert done.status_message == "the API does not answer"
    assert get_pool(harbour).status.name == "ERROR"


def test_G2_two_desired_fields_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    client = harbour.google.client()
    two = {"desired_release_channel": {"channel": "STABLE"}, "desired_vertical_pod_autoscaling": {"enabled": True}}
    text = refused("INVALID_ARGUMENT", 400, client.update_cluster, {"name": DEMO, "update": two})
    assert "desired_release_channel" in text
    etag = get_cluster(harbour).etag
    cluster = updated_cluster(harbour, desired_vertical_pod_autoscaling={"enabled": True}, etag=etag)
    assert cluster.vertical_pod_autoscaling.enabled
    cluster = updated_cluster(harbour, desired_logging_service="none", desired_monitoring_service="none")
    assert (cluster.logging_service, cluster.monitoring_service) == ("none", "none")


def test_G3_cluster_operation_excludes_all_pool_operations_do_not(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    mark = get_cluster(harbour).label_fingerprint
    running = update_cluster(harbour, desired_vertical_pod_autoscaling={"enabled": True})
    text = refused("FAILED_PRECONDITION", 400, client.create_node_pool, pool_request(name="second"))
    assert text == f"Cluster is running incompatible operation {running.name}."
    labels = {"name": DEMO, "resource_labels": {"a": "b"}, "label_fingerprint": mark}
    refused("FAILED_PRECONDITION", 400, client.set_labels, labels)
    assert get_cluster(harbour).status.name == "RECONCILING"
    finished(harbour, running)
    client.create_node_pool(pool_request(name="second"))
    busy = client.set_node_pool_size({"name": GENERAL, "node_count": 2})
    assert busy.status.name == "PENDING"
    assert get_operation(harbour, busy).status.name == "RUNNING"
    text = refused("FAILED_PRECONDITION", 400, client.set_node_pool_size, {"name": GENERAL, "node_count": 3})
    assert busy.name in text
    update = {"name": DEMO, "update": {"desired_vertical_pod_autoscaling": {"enabled": False}}}
    refused("FAILED_PRECONDITION", 400, client.update_cluster, update)
    pass_time(harbour)
    upgrade = update_cluster(harbour, desired_master_version="1.36")
    text = refused("FAILED_PRECONDITION", 400, client.delete_node_pool, {"name": GENERAL})
    assert text.startswith(f"Operation {upgrade.name} is currently upgrading cluster demo.")
    create_cluster(harbour, name="young")
    young = {**update, "name": f"{HERE}/clusters/young"}
    text = refused("FAILED_PRECONDITION", 400, client.update_cluster, young)
    assert text == "Cluster is currently being created, deleted, updated or repaired and cannot be updated."


def test_G4_too_much_at_once_changes_nothing_and_names_the_operation_in_the_way(harbour: Harbour) -> None:
    harbour.faults.add(Fault("throttle", operation="CreateCluster", times=2))
    client = harbour.google.client()
    for _ in range(2):
        assert "Quota exceeded" in refused("RESOURCE_EXHAUSTED", 429, client.create_cluster, cluster_request())
        assert not client.list_clusters(parent=HERE).clusters
    running_cluster(harbour)
    running = update_cluster(harbour, desired_vertical_pod_autoscaling={"enabled": True})
    harbour.faults.add(Fault("throttle", operation="CreateNodePool"))
    text = refused("RESOURCE_EXHAUSTED", 429, client.create_node_pool, pool_request())
    assert text == f"Cluster is running incompatible operation {running.name}."


def test_G5_outdated_reading_refused(harbour: Harbour) -> None:
    cluster = running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    request = {"name": DEMO, "resource_labels": {"team": "a"}, "label_fingerprint": cluster.label_fingerprint}
    client.set_labels(request)
    pass_time(harbour)
    text = refused("FAILED_PRECONDITION", 400, client.set_labels, request)
    now = get_cluster(harbour)
    assert f'supplied was "{cluster.label_fingerprint}", the expected one is "{now.label_fingerprint}"' in text
    assert dict(now.resource_labels) == {"team": "a"}
    window = {"daily_maintenance_window": {"start_time": "03:00"}}
    policy = {"window": window, "resource_version": now.maintenance_policy.resource_version}
    client.set_maintenance_policy({"name": DEMO, "maintenance_policy": policy})
    pass_time(harbour)
    stale = {"name": DEMO, "maintenance_policy": policy}
    assert "resource version" in refused("FAILED_PRECONDITION", 400, client.set_maintenance_policy, stale)
    old = {"name": DEMO, "update": {"desired_vertical_pod_autoscaling": {"enabled": True}, "etag": cluster.etag}}
    refused("ABORTED", 409, client.update_cluster, old)
    etag = get_pool(harbour).etag
    updated_pool(harbour, labels={"labels": {"a": "b"}}, etag=etag)
    refused("ABORTED", 409, client.update_node_pool, pool_update(labels={"labels": {"a": "c"}}, etag=etag))


def test_G6_alias_is_resolved_and_the_channel_upgrades_between_reads(harbour: Harbour) -> None:
    cluster = running_cluster(harbour, initial_cluster_version="1.34")
    assert cluster.current_master_version == cluster.initial_cluster_version == offers.NEWEST_34
    assert cluster.node_pools[0].version == offers.NEWEST_34
    cluster = updated_cluster(harbour, desired_master_version="1.35")
    assert cluster.current_master_version == offers.OLDER_35
    assert running_pool(harbour, version="1.34").version == offers.NEWEST_34
    assert updated_pool(harbour, node_version="-").version == offers.OLDER_35
    other = running_cluster(harbour, name="other", initial_cluster_version="latest", release_channel=NO_CHANNEL)
    assert other.current_master_version == offers.NEWEST_36
    third = running_cluster(harbour, name="third", initial_cluster_version=offers.FIRST_35)
    assert third.current_master_version == offers.FIRST_35
    harbour.faults.add(Fault("upgrade", operation="GetCluster"))
    found = get_cluster(harbour, f"{HERE}/clusters/third")
    assert found.current_master_version == offers.CHANNELS["REGULAR"].target == offers.OLDER_35


def test_G7_pool_ahead_of_or_too_far_behind_its_control_plane_refused(harbour: Harbour) -> None:
    running_cluster(harbour, initial_cluster_version="1.33", release_channel={"channel": "EXTENDED"})
    client = harbour.google.client()
    text = refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request(version="1.35"))
    assert "must not have a greater minor version than master version" in text
    running_pool(harbour)
    refused("INVALID_ARGUMENT", 400, client.update_node_pool, pool_update(node_version="1.34"))
    for version in ("1.34", "1.35"):
        updated_cluster(harbour, desired_master_version=version)
    hop = {"name": DEMO, "update": {"desired_master_version": "1.36"}}
    assert "default-pool, general" in refused("FAILED_PRECONDITION", 400, client.update_cluster, hop)
    for name in ("default-pool", "general"):
        client.update_node_pool({**pool_update(), "name": f"{DEMO}/nodePools/{name}"})
        pass_time(harbour)
    updated_cluster(harbour, desired_master_version="1.36")
    text = refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request(name="old", version="1.33"))
    assert "within two minor versions" in text


def test_G8_pool_update_without_version_or_image_refused(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    labels = {"labels": {"a": "b"}}
    for missing in ("node_version", "image_type"):
        request = {name: value for name, value in pool_update(labels=labels).items() if name != missing}
        assert refused("INVALID_ARGUMENT", 400, client.update_node_pool, request) == f"{missing} must be specified."
    assert dict(updated_pool(harbour, labels=labels).config.labels) == {"a": "b"}


def test_G9_overrides_and_mirrors(harbour: Harbour) -> None:
    path = f"projects/{project.PROJECT}/regions/{project.REGION}/subnetworks/{project.SUBNETWORK}"
    cluster = running_cluster(
        harbour,
        subnetwork=path,
        ip_allocation_policy={"use_ip_aliases": False},
        addons_config={"gce_persistent_disk_csi_driver_config": {"enabled": False}},
        database_encryption={"state": "ENCRYPTED", "key_name": f"{HERE}/keyRings/platform/cryptoKeys/clusters"},
    )
    assert cluster.subnetwork == project.SUBNETWORK
    assert cluster.network_config.subnetwork == path
    assert cluster.ip_allocation_policy.use_ip_aliases
    assert cluster.addons_config.gce_persistent_disk_csi_driver_config.enabled
    assert cluster.database_encryption.current_state.name == "CURRENT_STATE_ALL_OBJECTS_ENCRYPTION_ENABLED"
    networks = {"enabled": True, "cidr_blocks": [{"cidr_block": "192.0.2.0/24"}]}
    cluster = updated_cluster(harbour, desired_master_authorized_networks_config=networks)
    endpoints = cluster.control_plane_endpoints_config.ip_endpoints_config
    assert [b.cidr_block for b in endpoints.authorized_networks_config.cidr_blocks] == ["192.0.2.0/24"]
    assert cluster.master_authorized_networks_config == endpoints.authorized_networks_config
    closed = {"ip_endpoints_config": {"enabled": True, "enable_public_endpoint": False}}
    cluster = updated_cluster(harbour, desired_control_plane_endpoints_config=closed)
    assert cluster.private_cluster_config.enable_private_endpoint
    assert cluster.master_authorized_networks_config.enabled
    assert updated_cluster(
        harbour, desired_default_enable_private_nodes=True
    ).private_cluster_config.enable_private_nodes


def test_G10_links_of_operations_carry_the_projects_number(harbour: Harbour) -> None:
    operation = create_cluster(harbour)
    host = "https://container.googleapis.com/v1/projects"
    assert operation.target_link == f"{host}/{project.NUMBER}/locations/{project.REGION}/clusters/demo"
    assert operation.self_link.startswith(f"{host}/{project.NUMBER}/locations/")
    pass_time(harbour)
    assert get_cluster(harbour).self_link == f"{host}/{project.PROJECT}/locations/{project.REGION}/clusters/demo"


def test_G11_autopilot_pools_are_out_of_reach(harbour: Harbour) -> None:
    cluster = running_cluster(harbour, autopilot={"enabled": True}, initial_node_count=None)
    assert cluster.autopilot.enabled
    client = harbour.google.client()
    message = "Autopilot node pools cannot be accessed or modified."
    assert refused("INVALID_ARGUMENT", 400, client.create_node_pool, pool_request()) == message
    assert refused("INVALID_ARGUMENT", 400, client.list_node_pools, {"parent": DEMO}) == message
    size = {"name": f"{DEMO}/nodePools/default-pool", "node_count": 1}
    assert refused("INVALID_ARGUMENT", 400, client.set_node_pool_size, size) == message


def test_G12_number_of_nodes_is_per_zone(harbour: Harbour) -> None:
    assert running_cluster(harbour).current_node_count == 3
    running_pool(harbour, initial_node_count=2, locations=["europe-west1-b"])
    assert get_cluster(harbour).current_node_count == 5
    client = harbour.google.client()
    client.set_node_pool_size({"name": f"{DEMO}/nodePools/default-pool", "node_count": 2})
    pass_time(harbour)
    assert get_cluster(harbour).current_node_count == 8
    updated_pool(harbour, locations=["europe-west1-b", "europe-west1-c"])
    assert get_cluster(harbour).current_node_count == 10
    zonal = cluster_request(subnetwork=None, network=None)
    client.create_cluster({**zonal, "parent": f"projects/{project.PROJECT}/locations/europe-west1-c"})
    pass_time(harbour)
    found = get_cluster(harbour, f"projects/{project.PROJECT}/locations/europe-west1-c/clusters/demo")
    assert (found.current_node_count, list(found.locations)) == (1, ["europe-west1-c"])


def test_G13_stock_out_and_quota_show_in_conditions(harbour: Harbour) -> None:
    running_cluster(harbour)
    text = "the zone europe-west1-b does not have enough resources"
    harbour.faults.add(Fault("fail", operation="CreateNodePool", code="GCE_STOCKOUT", message=text))
    operation = harbour.google.client().create_node_pool(pool_request())
    done = finished(harbour, operation)
    assert done.error.code == 8
    assert [c.code.name for c in done.nodepool_conditions] == ["GCE_STOCKOUT"]
    pool = get_pool(harbour)
    assert (pool.status.name, pool.status_message) == ("ERROR", text)
    assert [(c.code.name, c.message) for c in pool.conditions] == [("GCE_STOCKOUT", text)]
    harbour.faults.add(Fault("fail", operation="CreateCluster", code="GCE_QUOTA_EXCEEDED", message="CPUS: 24 of 24"))
    cluster = running_cluster(harbour, name="other")
    assert cluster.status.name == "ERROR"
    assert [c.code.name for c in cluster.conditions] == ["GCE_QUOTA_EXCEEDED"]


def test_G14_disabled_service_is_named(harbour: Harbour) -> None:
    client = harbour.google.client()
    request = {"parent": f"projects/{project.DORMANT}/locations/-"}
    text = refused("PERMISSION_DENIED", 403, client.list_clusters, request)
    assert "has not been used in project 210987654321" in text
    try:
        client.list_clusters(request)
    except Exception as exc:
        details = exc.response.json()["error"]["details"]  # type: ignore[attr-defined]
        assert details[0]["reason"] == "SERVICE_DISABLED"


def test_G15_cluster_is_not_deleted_while_an_operation_runs(harbour: Harbour) -> None:
    client = harbour.google.client()
    operation = create_cluster(harbour)
    text = refused("FAILED_PRECONDITION", 400, client.delete_cluster, {"name": DEMO})
    assert text == f"Cluster is running incompatible operation {operation.name}."
    pass_time(harbour)
    running = client.create_node_pool(pool_request())
    assert running.name in refused("FAILED_PRECONDITION", 400, client.delete_cluster, {"name": DEMO})
    pass_time(harbour)
    assert client.delete_cluster(name=DEMO).operation_type.name == "DELETE_CLUSTER"
    assert get_cluster(harbour).status.name == "STOPPING"
    pass_time(harbour)
    assert not client.list_clusters(parent=HERE).clusters


def test_G16_replaced_nodes_wait_for_the_window_and_the_operation_does_not(harbour: Harbour) -> None:
    cluster = running_cluster(harbour)
    running_pool(harbour)
    opens = harbour.google.twin.today() + datetime.timedelta(hours=6)
    window = {"daily_maintenance_window": {"start_time": opens.strftime("%H:%M")}}
    policy = {"window": window, "resource_version": cluster.maintenance_policy.resource_version}
    client = harbour.google.client()
    client.set_maintenance_policy({"name": DEMO, "maintenance_policy": policy})
    pass_time(harbour)
    operation = client.update_node_pool(pool_update(machine_type="n2-standard-4"))
    assert not finished(harbour, operation).error.code
    assert get_pool(harbour).config.machine_type == "n2-standard-4"
    assert deployed(harbour)["config"]["machineType"] == "e2-medium"
    pass_time(harbour, 6 * 3600)
    assert deployed(harbour)["config"]["machineType"] == "n2-standard-4"
    updated_pool(harbour, labels={"labels": {"a": "b"}})
    assert deployed(harbour)["config"]["labels"] == {"a": "b"}


def test_G18_place_that_does_not_exist_is_not_found(harbour: Harbour) -> None:
    client = harbour.google.client()
    nowhere = f"projects/{project.PROJECT}/locations/atlantis-south1"
    assert "atlantis-south1" in refused("NOT_FOUND", 404, client.list_clusters, {"parent": nowhere})
    request = {"name": f"{HERE}/operations/operation-1-2"}
    assert refused("NOT_FOUND", 404, client.get_operation, request) == f"Not found: {request['name']}."


def test_G19_cluster_without_pools_gets_a_default_pool(harbour: Harbour) -> None:
    config = {"machine_type": "n2-standard-4"}
    cluster = running_cluster(harbour, initial_node_count=2, node_config=config)
    assert [pool.name for pool in cluster.node_pools] == ["default-pool"]
    pool = cluster.node_pools[0]
    assert (pool.initial_node_count, pool.config.machine_type) == (2, "n2-standard-4")
    assert (cluster.initial_node_count, cluster.node_config.machine_type) == (2, "n2-standard-4")
    named = running_cluster(harbour, name="other", initial_node_count=None, node_pools=[pool_request()["node_pool"]])
    assert [pool.name for pool in named.node_pools] == ["general"]


def test_G20_done_operations_stay_listed_with_their_target(harbour: Harbour) -> None:
    operation = create_cluster(harbour)
    finished(harbour, operation)
    running = harbour.google.client().create_node_pool(pool_request())
    found = {o.name: o for o in harbour.google.client().list_operations(parent=HERE).operations}
    assert set(found) == {operation.name, running.name}
    assert found[operation.name].status.name == "DONE"
    assert found[operation.name].target_link == operation.target_link
    assert found[running.name].target_link.endswith("/clusters/demo/nodePools/general")


def test_G21_new_cluster_carries_what_gke_installs(harbour: Harbour) -> None:
    running_cluster(harbour)
    installed = harbour.google.document()[0]["installed"]
    assert {"kube-dns", "kube-dns-autoscaler", "metrics-server", "konnectivity-agent", "standard-rwo"} <= set(installed)
