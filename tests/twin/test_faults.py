# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults hit exactly the requests they name, before or after the commit."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ConnectionClosedError

from drydock.errors import DrydockError
from drydock.faults import Fault, Faults, Phase, fault_from
from drydock.harbour import Harbour

from .eks_steps import cluster_request, create_cluster, describe_cluster, refused


def test_answer_before_commit_changes_nothing(harbour: Harbour) -> None:
    harbour.faults.add(
        Fault("answer", service="eks", operation="CreateCluster", status=503, code="ServiceUnavailableException")
    )
    client = harbour.client()
    refused("ServiceUnavailableException", 503, client.create_cluster, **cluster_request(harbour))
    assert client.list_clusters()["clusters"] == []
    assert client.create_cluster(**cluster_request(harbour))["cluster"]["name"] == "demo"


def test_reset_after_commit_leaves_the_write(harbour: Harbour) -> None:
    harbour.faults.add(Fault("reset", operation="CreateCluster", phase="after"))
    client = harbour.client()
    with pytest.raises(ConnectionClosedError):
        client.create_cluster(**cluster_request(harbour))
    assert client.list_clusters()["clusters"] == ["demo"]
    line = next(x for x in harbour.journal.read() if x.operation == "CreateCluster")
    assert (line.status, line.wrote, line.error) == (0, True, "ConnectionReset")


def test_lost_answer_is_replayed_to_the_sdks_own_retry(harbour: Harbour) -> None:
    harbour.faults.add(Fault("reset", operation="CreateCluster", phase="after"))
    client = harbour.client(attempts=3)
    assert client.create_cluster(**cluster_request(harbour))["cluster"]["status"] == "CREATING"
    assert [x.wrote for x in harbour.journal.read() if x.operation == "CreateCluster"] == [True, False]


def test_nth_and_times_count_matching_requests_only(harbour: Harbour) -> None:
    create_cluster(harbour)
    harbour.faults.add(Fault("answer", operation="DescribeCluster", nth=2, times=1))
    client = harbour.client()
    assert describe_cluster(harbour)
    client.list_clusters()
    refused("ServerException", 500, client.describe_cluster, name="demo")
    assert describe_cluster(harbour)


def test_other_services_fail_in_their_own_words(harbour: Harbour) -> None:
    harbour.faults.add(Fault("answer", service="ec2", code="RequestLimitExceeded", status=503))
    refused("RequestLimitExceeded", 503, harbour.client("ec2").describe_vpcs)
    harbour.faults.add(Fault("answer", service="iam", code="Throttling", status=400))
    refused("Throttling", 400, harbour.client("iam").list_users)


@pytest.mark.parametrize(("phase", "left"), [("before", []), ("after", ["demo"])])
def test_kill_ends_the_client_it_names_before_or_after_the_commit(
    harbour: Harbour, phase: Phase, left: list[str]
) -> None:
    client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    harbour.faults.add(Fault("kill", operation="CreateCluster", phase=phase, pid=client.pid))
    with pytest.raises(ConnectionClosedError):
        create_cluster(harbour)
    assert client.wait(10) == -9
    assert harbour.client().list_clusters()["clusters"] == left


def test_unknown_effect_or_field_refused() -> None:
    with pytest.raises(DrydockError, match="effect 'explode' is unknown"):
        fault_from({"effect": "explode"})
    with pytest.raises(DrydockError, match="unknown or missing: \\['when'\\]"):
        fault_from({"effect": "reset", "when": "now"})
    assert Faults().take("eks", "ListClusters", ("reset",)) is None


def _admin(harbour: Harbour, method: str, path: str, body: object = None) -> object:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(harbour.admin_endpoint + path, data, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_admin_port_advances_the_clock_and_injects_faults(harbour: Harbour) -> None:
    create_cluster(harbour)
    assert _admin(harbour, "POST", "/clock/advance", {"seconds": 600})["ended"] == 1  # type: ignore[index]
    assert describe_cluster(harbour)["status"] == "ACTIVE"
    _admin(harbour, "POST", "/faults", {"effect": "throttle", "operation": "ListClusters"})
    refused("ThrottlingException", 429, harbour.client().list_clusters)
    found = _admin(harbour, "GET", "/store")
    assert found[0]["cluster"]["name"] == "demo"  # type: ignore[index]
    with pytest.raises(urllib.error.HTTPError) as caught:
        _admin(harbour, "POST", "/faults", {"effect": "explode"})
    assert caught.value.code == 400
    assert "explode" in json.load(caught.value)["error"]
