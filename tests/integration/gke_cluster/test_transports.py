# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""REST and gRPC are two ways to say the same: same plan, same writes, same classes of errors."""

from __future__ import annotations

import socket
import typing as t

import pytest

from drydock.faults import Fault
from drydock.journal import Filter
from tests.integration.gke_cluster.conftest import Project, act_as
from tests.integration.gke_cluster.test_converge import UPDATES
from tests.integration.gke_cluster.test_faults import auth, refused
from tests.integration.grounds import changed


@pytest.fixture
def wired(project: Project) -> Project:
    """The project, its cluster spoken of over gRPC."""
    project.document["auth"] = {"endpoint_url": project.harbour.google.grpc_url, "transport": "grpc"}
    return project


def verbs(project: Project) -> set[str]:
    return {line.verb for line in project.harbour.journal.read(Filter()) if line.target == "gke"}


def test_whole_life_of_a_cluster_goes_over_grpc(wired: Project) -> None:
    foreseen = wired.run(check=True)
    result = wired.run()
    assert (result["plan_id"], wired.writes(), verbs(wired)) == (foreseen["plan_id"], ["CreateCluster"], {"GRPC"})
    assert wired.run()["changed"] is False
    assert wired.asked() == ["GetCluster"]
    for case in ("version", "tags", "daily window", "scale", "bounds"):
        path, value, operations = UPDATES[case]
        wired.document = changed(wired.document, path, value)
        wired.run()
        assert wired.writes() == operations
    wired.run(state="absent")
    assert wired.writes() == ["DeleteCluster"]


def test_plan_is_the_same_over_both_transports(made: Project) -> None:
    wanted = changed(made.document, "node_pools.system.labels", {"team": "a"})
    by_rest = made.run(wanted, check=True)
    wire = {"endpoint_url": made.harbour.google.grpc_url, "transport": "grpc"}
    by_grpc = made.run({**wanted, "auth": wire}, check=True)
    assert (by_grpc["plan_id"], by_grpc["cluster"]) == (by_rest["plan_id"], by_rest["cluster"])


def test_refusal_over_grpc_has_reason_and_request_id(wired: Project) -> None:
    error = refused(wired, project="seaworthy-dormant")
    assert (error.kind, error.code) == ("permission", "PERMISSION_DENIED")
    assert "gcloud services enable container.googleapis.com" in error.remedy
    assert error.request_id.startswith("0x")


def test_stranger_over_grpc_is_told_what_is_missing(wired: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(wired.harbour, monkeypatch, "stranger")
    assert refused(wired).kind == "permission"


@pytest.mark.parametrize("phase", ["before", "after"])
def test_lost_connection_over_grpc_creates_nothing_twice(wired: Project, phase: t.Any) -> None:
    wired.harbour.faults.add(Fault("reset", operation="CreateCluster", service="gke", phase=phase))
    result = wired.run()
    assert (result["retries"]["network"], wired.writes().count("CreateCluster")) == (1, 1)


def test_throttling_and_conflict_over_grpc_are_waited_out(wired: Project) -> None:
    wired.run()
    wired.harbour.faults.add(Fault("throttle", operation="GetCluster", service="gke", times=2))
    busy = "Cluster is running incompatible operation operation-1718024305921-fd4f65ea."
    wired.harbour.faults.add(
        Fault("answer", operation="UpdateCluster", service="gke", code="FAILED_PRECONDITION", message=busy)
    )
    result = wired.run(endpoint={"dns": True})
    assert (result["retries"]["throttle"], result["retries"]["conflict"]) == (2, 1)
    assert wired.writes() == ["UpdateCluster"]


def test_address_where_nobody_listens_is_told_as_such(project: Project) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = refused(project, auth={"endpoint_url": nobody, "transport": "grpc"})
    assert error.kind == "unreachable"


def test_unknown_transport_is_refused(project: Project) -> None:
    error = refused(project, auth=auth(project, transport="soap"))
    assert 'auth.transport is "soap"; must be rest or grpc' in str(error)
