# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between us and GKE: each fault has its class, its sentence, and an end."""

from __future__ import annotations

import socket
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.gke_cluster.conftest import Project, act_as
from tests.integration.grounds import changed


def refused(project: Project, /, **changes: t.Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        project.run(**changes)
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def auth(project: Project, **more: str) -> dict[str, str]:
    return {**project.document["auth"], **more}


def email(project: Project, person: str) -> str:
    return str(project.harbour.google.person(person).email)


def test_wrong_principal_is_refused_before_any_request(project: Project) -> None:
    error = refused(project, auth=auth(project, principal=email(project, "colleague")))
    assert error.kind == "wrong_account"
    assert f"the credentials are of {email(project, 'runner')}, they must be of {email(project, 'colleague')}" in str(
        error
    )
    assert project.asked() == []


def test_right_principal_goes_on(project: Project) -> None:
    project.run(auth=auth(project, principal=email(project, "runner")))
    assert project.writes() == ["CreateCluster"]


def test_account_that_may_not_be_impersonated_is_named_with_the_role_that_is_missing(project: Project) -> None:
    endpoint = project.document["auth"]["endpoint_url"]
    who = email(project, "colleague")
    error = refused(project, auth=auth(project, impersonate=who, iam_endpoint_url=endpoint))
    assert error.kind == "permission"
    assert "Service Account Token Creator" in error.remedy
    assert "{" not in str(error), "a sentence and no document"


def test_credentials_file_of_the_document_wins_over_the_environment(project: Project) -> None:
    path = project.harbour.google.publish()["accounts"]["colleague"]["credentials_file"]
    project.run(auth=auth(project, credentials_file=path, principal=email(project, "colleague")))
    assert project.writes() == ["CreateCluster"]


def test_stranger_is_told_what_is_missing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(project.harbour, monkeypatch, "stranger")
    error = refused(project)
    assert (error.kind, error.code) == ("permission", "PERMISSION_DENIED")
    assert "roles/container.admin" in error.remedy


def test_deleted_key_is_told_as_such(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(project.harbour, monkeypatch, "expired")
    error = refused(project)
    assert error.kind == "credentials"
    assert "Google did not give a token" in str(error)


def test_missing_credentials_are_told_as_such(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json")
    error = refused(project)
    assert error.kind == "credentials"


def test_disabled_api_says_how_to_enable_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(project, project="seaworthy-dormant")
    assert error.kind == "permission"
    assert "gcloud services enable container.googleapis.com" in error.remedy


def test_unreachable_endpoint_is_told_as_such(project: Project) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = refused(project, auth={"endpoint_url": f"http://127.0.0.1:{free.getsockname()[1]}"})
    assert error.kind == "unreachable"
    assert "Check the endpoint, the proxy" in str(error)


@pytest.mark.parametrize("version", ["1.29", "1.77"])
def test_unknown_version_is_refused_with_the_nearest(project: Project, version: str) -> None:
    error = refused(project, version=version)
    assert error.kind == "version"
    assert f'version is "{version}"; GKE offers 1.' in str(error)
    assert "Nearest: " in str(error)
    assert project.writes() == []


def test_bad_document_is_refused_without_a_request(project: Project) -> None:
    with pytest.raises(InvalidInput):
        project.run(version=1.36)
    assert project.asked() == []


def test_throttling_is_waited_out_and_counted(project: Project) -> None:
    project.harbour.faults.add(Fault("throttle", operation="GetCluster", service="gke", nth=1, times=3))
    project.harbour.faults.add(Fault("throttle", operation="CreateCluster", service="gke", nth=1, times=2))
    result = project.run()
    assert result["retries"]["throttle"] == 5
    assert project.writes().count("CreateCluster") == 1


@pytest.mark.parametrize("phase", ["before", "after"])
def test_lost_connection_creates_nothing_twice(project: Project, phase: str) -> None:
    project.harbour.faults.add(Fault("reset", operation="CreateCluster", service="gke", phase=phase))  # type: ignore[arg-type]
    result = project.run()
    assert result["retries"]["network"] == 1
    assert project.writes().count("CreateCluster") == 1
    assert project.run()["changed"] is False


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("operation", ["UpdateCluster", "UpdateNodePool"])
def test_lost_connection_during_an_upgrade_does_nothing_twice(made: Project, operation: str, phase: str) -> None:
    made.harbour.faults.add(Fault("reset", operation=operation, service="gke", phase=phase))  # type: ignore[arg-type]
    made.run(version="1.36")
    assert made.writes().count("UpdateCluster") == 1
    assert made.writes().count("UpdateNodePool") == 2
    assert made.run(version="1.36")["changed"] is False


def test_operation_of_somebody_else_is_waited_for(made: Project) -> None:
    update = {"desired_identity_service_config": {"enabled": True}}
    made.client().update_cluster(request={"name": made.path, "update": update}, retry=None)
    result = made.run(endpoint={"dns": True})
    assert [action["verb"] for action in result["plan"]] == ["wait", "update"]
    assert made.cluster().control_plane_endpoints_config.dns_endpoint_config.allow_external_traffic is True


def test_operation_on_one_pool_does_not_hold_up_another(made: Project) -> None:
    request = {"name": f"{made.path}/nodePools/general", "node_count": 2}
    made.client().set_node_pool_size(request=request, retry=None)
    made.run(changed(made.document, "node_pools.system.size", {"desired": 6}))
    assert made.pool("system").initial_node_count == 2
    assert made.run(changed(made.document, "node_pools.system.size", {"desired": 6}))["changed"] is False


def test_conflict_that_no_status_explains_is_waited_out_and_planned_around(made: Project) -> None:
    busy = "Cluster is running incompatible operation operation-1718024305921-fd4f65ea."
    made.harbour.faults.add(
        Fault("answer", operation="UpdateCluster", service="gke", status=400, code="FAILED_PRECONDITION", message=busy)
    )
    result = made.run(endpoint={"dns": True})
    assert result["retries"]["conflict"] == 1
    assert made.writes() == ["UpdateCluster"]


def test_labels_that_somebody_changed_meanwhile_are_read_again(made: Project) -> None:
    stale = "Labels could not be set due to fingerprint mismatch."
    made.harbour.faults.add(
        Fault("answer", operation="SetLabels", service="gke", status=400, code="FAILED_PRECONDITION", message=stale)
    )
    result = made.run(tags={"team": "a"})
    assert result["retries"]["conflict"] == 1
    assert made.cluster().resource_labels["team"] == "a"


def test_upgrade_of_an_earlier_run_is_resumed(made: Project) -> None:
    update = {"desired_master_version": "1.36"}
    made.client().update_cluster(request={"name": made.path, "update": update}, retry=None)
    result = made.run(version="1.36")
    assert made.writes() == ["UpdateNodePool", "UpdateNodePool"]
    assert result["plan"][0]["verb"] == "wait"


def test_deletion_that_still_runs_is_waited_for_before_a_new_creation(made: Project) -> None:
    made.client().delete_cluster(request={"name": made.path}, retry=None)
    made.run()
    assert made.writes() == ["CreateCluster"]


def test_deletion_waits_for_what_runs(made: Project) -> None:
    update = {"desired_identity_service_config": {"enabled": True}}
    made.client().update_cluster(request={"name": made.path, "update": update}, retry=None)
    made.run(state="absent")
    assert made.writes() == ["DeleteCluster"]
    assert list(made.client().list_clusters(parent=made.parent).clusters) == []


def test_operation_that_is_done_with_an_error_is_a_failure(made: Project) -> None:
    fault = Fault("fail", operation="CreateNodePool", service="gke", code="GCE_STOCKOUT")
    made.harbour.faults.add(fault)
    error = refused(made, **changed(made.document, "node_pools.extra", {"size": {"desired": 3}}))
    assert error.kind == "capacity"
    assert "pool extra: operation operation-" in str(error)
    assert error.operation_id.startswith("operation-")
    assert error.details["changed"] is True


def test_cloud_that_upgrades_the_cluster_itself_is_no_drift(project: Project) -> None:
    project.run(version="1.34")
    project.harbour.faults.add(Fault("upgrade", operation="GetCluster", service="gke"))
    project.run(version="1.34")
    project.pass_time()
    assert project.run(version="1.34")["changed"] is False


def test_refused_write_names_the_call_the_reason_and_the_request(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(project.harbour, monkeypatch, "viewer")
    error = refused(project)
    assert str(error).startswith("gke/prod: CreateCluster: Google answered PERMISSION_DENIED: ")
    assert (error.kind, error.action_id) == ("permission", "control-plane.create")
    assert error.request_id
    assert error.details["changed"] is False


def test_time_over_is_resumable_and_the_next_run_finishes(project: Project) -> None:
    error = refused(project, wait_timeout=1, poll_interval=1)
    assert (error.kind, error.resumable) == ("timeout", True)
    assert "gke/prod: operation-" in str(error)
    assert "is still running (control plane" in str(error)
    assert error.details["changed"] is True
    project.run()
    assert project.writes() == []
