# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the GKE twin does beyond its rules: the transport, the journal, faults, and what it does not do."""

from __future__ import annotations

import datetime
import json
import pathlib
import stat
import typing as t

import google.auth
import pytest
from google.api_core import exceptions

from drydock.clouds.gke import changes, offers, project, protocol, windows
from drydock.faults import Fault
from drydock.harbour import Harbour
from drydock.journal import Filter, mark

from .gke_steps import (
    DEMO,
    GENERAL,
    HERE,
    create_cluster,
    deployed,
    finished,
    get_cluster,
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


def test_G17_rest_errors_are_rpc_statuses_without_a_grpc_code(harbour: Harbour) -> None:
    with pytest.raises(exceptions.NotFound) as caught:
        get_cluster(harbour)
    error = caught.value.response.json()["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert error["message"] == f"Not found: {DEMO}."
    assert error["errors"][0]["reason"] == "notFound"
    assert error["details"][-1]["@type"] == "type.googleapis.com/google.rpc.RequestInfo"
    create_cluster(harbour)
    with pytest.raises(exceptions.BadRequest) as conflict:  # FailedPrecondition over gRPC
        harbour.google.client().delete_cluster(name=DEMO)
    assert conflict.value.grpc_status_code is None
    assert conflict.value.response.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_enums_are_numbers_only_when_asked_for(harbour: Harbour) -> None:
    running_cluster(harbour)
    session = harbour.google.client().transport._session
    words = session.get(f"{harbour.google_endpoint}/v1/{DEMO}?alt=json", timeout=10).json()
    numbers = session.get(f"{harbour.google_endpoint}/v1/{DEMO}?%24alt=json%3Benum-encoding%3Dint", timeout=10).json()
    assert (words["status"], numbers["status"]) == ("RUNNING", 2)


def test_zonal_names_say_zones(harbour: Harbour) -> None:
    zonal = f"projects/{project.PROJECT}/locations/europe-west1-b"
    client = harbour.google.client()
    client.create_cluster(parent=zonal, cluster={"name": "demo", "initial_node_count": 1})
    pass_time(harbour)
    cluster = get_cluster(harbour, f"{zonal}/clusters/demo")
    assert "/zones/europe-west1-b/clusters/demo" in cluster.self_link
    with pytest.raises(exceptions.NotFound, match="/zones/europe-west1-b/clusters/other"):
        get_cluster(harbour, f"{zonal}/clusters/other")
    everywhere = client.list_clusters(parent=f"projects/{project.PROJECT}/locations/-").clusters
    assert [found.location for found in everywhere] == ["europe-west1-b"]
    assert not client.list_clusters(parent=HERE).clusters


def test_projects_are_apart(harbour: Harbour) -> None:
    for person, home in (("runner", project.PROJECT), ("stage", project.STAGE), ("stranger", project.FOREIGN)):
        parent = f"projects/{home}/locations/{project.REGION}"
        request = {"parent": parent, "cluster": {"name": "demo", "initial_node_count": 1}}
        assert harbour.google.client(person).create_cluster(request).status.name == "RUNNING"
    pass_time(harbour)
    for person, home in (("stage", project.STAGE), ("stranger", project.FOREIGN)):
        clusters = harbour.google.client(person).list_clusters(parent=f"projects/{home}/locations/-").clusters
        assert [c.self_link.split("/projects/")[1].split("/")[0] for c in clusters] == [home]


def test_project_may_be_named_by_its_number(harbour: Harbour) -> None:
    running_cluster(harbour)
    by_number = DEMO.replace(project.PROJECT, project.NUMBER)
    assert get_cluster(harbour, by_number).name == "demo"


def test_server_config_lists_channels_and_versions(harbour: Harbour) -> None:
    config = harbour.google.client().get_server_config(name=HERE)
    channels = {row.channel.name: row for row in config.channels}
    assert set(channels) == {"RAPID", "REGULAR", "STABLE", "EXTENDED"}
    assert config.default_cluster_version == channels["REGULAR"].default_version
    assert set(channels["REGULAR"].valid_versions) <= set(config.valid_master_versions)
    assert {offers.minor_of(v) for v in config.valid_master_versions} >= {"1.34", "1.35", "1.36"}


def test_upgrade_takes_two_hops_of_the_control_plane_and_one_roll_of_a_pool(harbour: Harbour) -> None:
    running_cluster(harbour, initial_cluster_version="1.34")
    running_pool(harbour)
    before = deployed(harbour)["version"]
    for version in ("1.35", "1.36"):
        operation = update_cluster(harbour, desired_master_version=version)
        assert operation.operation_type.name == "UPGRADE_MASTER"
        pass_time(harbour)
    assert get_pool(harbour).version == before == offers.NEWEST_34
    assert updated_pool(harbour, node_version="-").version == offers.FIRST_36
    assert deployed(harbour)["version"] == offers.FIRST_36
    by_cluster = update_cluster(harbour, desired_node_version="-", desired_node_pool_id="default-pool")
    assert by_cluster.operation_type.name == "UPGRADE_NODES"
    finished(harbour, by_cluster)
    assert get_cluster(harbour).current_node_version == offers.FIRST_36


def test_autoscaler_keeps_the_size_within_its_bounds(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    bounds = {"enabled": True, "total_min_node_count": 5, "total_max_node_count": 9}
    client.set_node_pool_autoscaling({"name": GENERAL, "autoscaling": bounds})
    pass_time(harbour)
    assert get_cluster(harbour).current_node_count == 3 + 5
    client.set_node_pool_management({"name": GENERAL, "management": {"auto_upgrade": True}})
    pass_time(harbour)
    assert not get_pool(harbour).management.auto_repair
    by_cluster = {"desired_node_pool_id": "general", "desired_node_pool_autoscaling": {"enabled": False}}
    assert not updated_cluster(harbour, **by_cluster).node_pools[1].autoscaling.enabled


def test_every_row_of_the_change_tables_is_a_field_of_the_protos(harbour: Harbour) -> None:
    update, cluster = protocol.new("ClusterUpdate").DESCRIPTOR.fields_by_name, protocol.new("Cluster")
    for name, path in changes.CLUSTER_FIELDS.items():
        head, _, last = path.rpartition(".")
        holder = changes.place(cluster, head) if head else cluster
        assert name in update
        assert last in holder.DESCRIPTOR.fields_by_name, path
    request, pool = protocol.new("UpdateNodePoolRequest").DESCRIPTOR.fields_by_name, protocol.new("NodePool")
    for name, (path, member, _) in changes.POOL_FIELDS.items():
        head, _, last = path.rpartition(".")
        holder = changes.place(pool, head) if head else pool
        assert last in holder.DESCRIPTOR.fields_by_name, path
        assert not member or member in request[name].message_type.fields_by_name


def test_in_place_changes_reach_nodes_that_stay(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    pool = harbour.google.twin.store.clusters[project.PROJECT, project.REGION, "demo"].pools["general"]
    taint = {"key": "only", "value": "us", "effect": "NO_SCHEDULE"}
    found = updated_pool(harbour, taints={"taints": [taint]}, tags={"tags": ["a"]})
    assert [(x.key, x.effect.name) for x in found.config.taints] == [("only", "NO_SCHEDULE")]
    assert (list(found.config.tags), pool.generation) == (["a"], 0)
    found = updated_pool(harbour, resource_labels={"labels": {"cost": "a"}})
    assert dict(found.config.resource_labels) == {"cost": "a", "goog-gke-node-pool-provisioning-model": "on-demand"}
    assert updated_pool(harbour, disk_size_gb=50).config.boot_disk.size_gb == 50
    assert pool.generation == 1
    assert updated_pool(harbour, upgrade_settings={"max_surge": 2, "strategy": "SURGE"}).upgrade_settings.max_surge == 2
    assert updated_pool(harbour, locations=["europe-west1-c"]).instance_group_urls[0].count("europe-west1-c") == 1
    assert pool.generation == 1


def test_field_that_the_twin_does_not_apply_says_so(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    client = harbour.google.client()
    update = {"name": DEMO, "update": {"desired_auto_ipam_config": {"enabled": True}}}
    assert "desired_auto_ipam_config" in refused("UNIMPLEMENTED", 501, client.update_cluster, update)
    request = pool_update(storage_pools=["projects/p/zones/z/storagePools/s"])
    assert "storage_pools" in refused("UNIMPLEMENTED", 501, client.update_node_pool, request)
    assert "StartIPRotation" in refused("UNIMPLEMENTED", 501, client.start_ip_rotation, {"name": DEMO})


def test_failed_update_leaves_the_cluster_as_it_was(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    harbour.faults.add(Fault("fail", operation="UpdateCluster", code="INTERNAL", message="try again"))
    done = finished(harbour, update_cluster(harbour, desired_vertical_pod_autoscaling={"enabled": True}))
    assert done.error.code == 13
    cluster = get_cluster(harbour)
    assert (cluster.status.name, cluster.vertical_pod_autoscaling.enabled) == ("RUNNING", False)
    harbour.faults.add(Fault("fail", operation="SetNodePoolSize", code="GCE_STOCKOUT", message="no machines"))
    finished(harbour, harbour.google.client().set_node_pool_size({"name": GENERAL, "node_count": 9}))
    pool = get_pool(harbour)
    assert (pool.status.name, pool.initial_node_count) == ("RUNNING_WITH_ERROR", 1)


def test_journal_tells_reads_from_writes_and_who_made_them(harbour: Harbour) -> None:
    since = mark()
    running_cluster(harbour)
    client = harbour.google.client()
    refused("ALREADY_EXISTS", 409, client.create_cluster, {"parent": HERE, "cluster": {"name": "demo"}})
    lines = harbour.journal.read(Filter(since=since, target="gke"))
    assert [(x.operation, x.status, x.wrote, x.error) for x in lines] == [
        ("CreateCluster", 200, True, ""),
        ("GetCluster", 200, False, ""),
        ("CreateCluster", 409, False, "ALREADY_EXISTS"),
    ]
    assert {x.principal for x in lines} == {f"runner@{project.PROJECT}.iam.gserviceaccount.com"}


def test_faults_break_requests_before_or_after_they_count(harbour: Harbour) -> None:
    client = harbour.google.client()
    harbour.faults.add(Fault("reset", service="gke", operation="CreateCluster", phase="after"))
    with pytest.raises(Exception, match=r"(?i)connection"):
        create_cluster(harbour)
    assert [c.name for c in client.list_clusters(parent=HERE).clusters] == ["demo"]
    line = harbour.journal.read(Filter(target="gke", operation="CreateCluster"))[-1]
    assert (line.wrote, line.error) == (True, "ConnectionReset")
    harbour.faults.add(Fault("answer", operation="CreateNodePool", code="UNAVAILABLE", message="later"))
    assert refused("UNAVAILABLE", 503, client.create_node_pool, pool_request()) == "later"


def test_seed_and_environment_lead_a_client_to_the_twin(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = json.loads((harbour.state.dir / "seed.json").read_text())["google"]
    assert (seed["project"], seed["endpoint_url"]) == (project.PROJECT, harbour.google_endpoint)
    environment = harbour.environment()
    path = pathlib.Path(environment["GOOGLE_APPLICATION_CREDENTIALS"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) == seed["accounts"]["runner"]["credentials_file"]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    untyped: t.Any = google.auth.default
    credentials, found = untyped(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    assert (found, credentials.service_account_email) == (seed["project"], seed["accounts"]["runner"]["email"])
    assert "PRIVATE KEY" not in (harbour.state.dir / "seed.json").read_text()


def policy(**window: object) -> protocol.Message:
    return protocol.message("MaintenancePolicy", {"window": window})


def test_windows_open_daily_weekly_and_not_during_exclusions() -> None:
    def at(text: str) -> datetime.datetime:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)

    now = at("2026-11-25T12:00")  # a Wednesday
    assert windows.opening(policy(), now) == now
    daily = {"startTime": "03:00"}
    assert windows.opening(policy(dailyMaintenanceWindow=daily), now) == at("2026-11-26T03:00")
    assert windows.opening(policy(dailyMaintenanceWindow={"startTime": "10:00"}), now) == now
    span = {"startTime": "2026-01-03T01:00:00Z", "endTime": "2026-01-03T07:00:00Z"}
    weekly = {"window": span, "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU"}
    assert windows.opening(policy(recurringWindow=weekly), now) == at("2026-11-28T01:00")
    excluded = {"freeze": {"startTime": "2026-11-26T00:00:00Z", "endTime": "2026-11-27T00:00:00Z"}}
    frozen = policy(dailyMaintenanceWindow=daily, maintenanceExclusions=excluded)
    assert windows.opening(frozen, now) == at("2026-11-27T03:00")
