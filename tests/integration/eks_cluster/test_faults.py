# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between us and EKS: each fault has its class, its sentence, and an end."""

from __future__ import annotations

import socket
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.clouds.aws.account import VPC_CIDR
from drydock.faults import Fault
from tests.integration.eks_cluster.conftest import NAME, Account, act_as
from tests.integration.grounds import changed


def refused(account: Account, **changes: t.Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        account.run(**changes)
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_wrong_account_is_refused_before_anything_else_is_asked(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(account.harbour, monkeypatch, "stranger")
    error = refused(account)
    assert error.kind == "wrong_account"
    assert f"the cluster to account {account.harbour.seed.account}; nothing was read or written" in str(error)
    assert account.asked() == ["GetCallerIdentity"]


def test_expired_session_is_told_as_such(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(account.harbour, monkeypatch, "expired")
    error = refused(account)
    assert (error.kind, error.code) == ("credentials", "ExpiredToken")
    assert "Renew the credentials" in str(error)


def test_missing_credentials_are_told_as_such(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    error = refused(account)
    assert error.kind == "credentials"
    assert "no AWS credentials were found" in str(error)


def test_unknown_key_is_told_as_such(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS1")
    assert refused(account).kind == "credentials"


def test_unreachable_endpoint_is_told_as_such(account: Account) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = refused(account, auth={"endpoint_url": url})
    assert error.kind == "unreachable"
    assert url in str(error)
    assert "Check the region, the endpoint, the proxy" in str(error)


def test_subnet_that_does_not_exist_is_refused_before_any_write(account: Account) -> None:
    known = account.document["network"]["subnets"][0]
    error = refused(account, network={"subnets": [known, "subnet-00000000000000000"]})
    assert error.kind == "not_found"
    assert "network.subnets names subnet-00000000000000000, which account 111122223333 does not have" in str(error)
    assert account.writes() == []


def test_subnet_of_a_pool_is_checked_too(made: Account) -> None:
    lost = {"size": {"desired": 1}, "subnets": ["subnet-00000000000000000"]}
    with pytest.raises(PlatformError, match="node_pools.extra.subnets names subnet-00000000000000000"):
        made.run(changed(made.document, "node_pools.extra", lost))
    assert made.writes() == []


def test_service_range_inside_the_network_is_refused_before_any_write(account: Account) -> None:
    error = refused(account, network={**account.document["network"], "service_cidr": VPC_CIDR})
    assert error.kind == "invalid"
    assert f"network.service_cidr {VPC_CIDR} overlaps the VPC's range" in str(error)
    assert account.writes() == []


@pytest.mark.parametrize("version", ["1.29", "1.77"])
def test_unknown_version_is_refused_with_the_nearest(account: Account, version: str) -> None:
    error = refused(account, version=version)
    assert error.kind == "version"
    assert f'version is "{version}"; EKS offers 1.31, ' in str(error)
    assert "Nearest: " in str(error)
    assert account.writes() == []


def test_bad_document_is_refused_without_a_request(account: Account) -> None:
    with pytest.raises(InvalidInput):
        account.run(version=1.36)
    assert account.asked() == []


def test_throttling_is_waited_out_and_counted(account: Account) -> None:
    account.harbour.faults.add(Fault("throttle", operation="DescribeCluster", nth=1, times=3))
    account.harbour.faults.add(Fault("throttle", operation="CreateCluster", nth=1, times=2))
    result = account.run()
    assert result["retries"]["throttle"] == 5
    assert account.writes().count("CreateCluster") == 1


@pytest.mark.parametrize("operation", ["CreateCluster", "CreateNodegroup"])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_lost_connection_creates_nothing_twice(account: Account, operation: str, phase: str) -> None:
    account.harbour.faults.add(Fault("reset", operation=operation, phase=phase))  # type: ignore[arg-type]
    result = account.run()
    assert result["retries"]["network"] == 1
    assert account.writes().count(operation) == {"CreateCluster": 1, "CreateNodegroup": 2}[operation]
    assert account.run()["changed"] is False


@pytest.mark.parametrize("phase", ["before", "after"])
def test_lost_connection_during_an_upgrade_hops_once(made: Account, phase: str) -> None:
    made.harbour.faults.add(Fault("reset", operation="UpdateClusterVersion", phase=phase))  # type: ignore[arg-type]
    made.run(version="1.36")
    assert made.writes().count("UpdateClusterVersion") == 1
    assert made.run(version="1.36")["changed"] is False


def test_update_of_somebody_else_is_waited_for(made: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time goes slowly: reads side by side must not end the update before the cluster itself is read."""
    monkeypatch.setattr(made.harbour.clock, "step", 1.0)
    logs = {"clusterLogging": [{"types": ["audit"], "enabled": True}]}
    made.eks().update_cluster_config(name=NAME, logging=logs)
    result = made.run(endpoint={"private": True})
    assert [action["verb"] for action in result["plan"]] == ["wait", "update"]
    assert made.cluster()["resourcesVpcConfig"]["endpointPrivateAccess"] is True


def test_update_that_a_stale_read_hides_is_found_waited_for_and_planned_around(
    made: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = {"clusterLogging": [{"types": ["audit"], "enabled": True}]}
    made.eks().update_cluster_config(name=NAME, logging=logs)
    monkeypatch.setattr(made.harbour.clock, "step", 1.0)
    made.harbour.faults.add(Fault("stale", operation="DescribeCluster", times=1))
    result = made.run(logging=["audit"], endpoint={"private": True})
    assert result["retries"]["conflict"] == 1
    assert made.writes() == ["UpdateClusterConfig"], "the logging was already on its way"
    assert made.run(logging=["audit"], endpoint={"private": True})["changed"] is False


def test_upgrade_of_an_earlier_run_is_resumed(made: Account) -> None:
    made.eks().update_cluster_version(name=NAME, version="1.36")
    result = made.run(version="1.36")
    assert made.writes() == ["UpdateNodegroupVersion", "UpdateNodegroupVersion"]
    assert result["plan"][0]["verb"] == "wait"


def test_creation_of_an_earlier_run_is_resumed(account: Account) -> None:
    account.run(wait=False)
    account.run()
    assert account.writes() == ["CreateNodegroup", "CreateNodegroup"]


def test_deletion_that_still_runs_is_waited_for_before_a_new_creation(made: Account) -> None:
    for name in ("general", "system"):
        made.eks().delete_nodegroup(clusterName=NAME, nodegroupName=name)
    made.pass_time()
    made.eks().delete_cluster(name=NAME)
    made.run()
    assert made.writes() == ["CreateCluster", "CreateNodegroup", "CreateNodegroup"]


@pytest.mark.parametrize("operation", ["DeleteNodegroup", "DeleteCluster", "DescribeNodegroup"])
def test_what_is_gone_meanwhile_is_no_error(made: Account, operation: str) -> None:
    gone = Fault("answer", operation=operation, nth=1, status=404, code="ResourceNotFoundException")
    made.harbour.faults.add(gone)
    made.run(state="absent")
    assert gone.hits == 1
    assert made.eks().list_clusters()["clusters"] == []


def test_denied_read_is_unknown_and_not_absent(made: Account) -> None:
    def deny() -> None:
        made.harbour.faults.add(
            Fault("answer", operation="ListNodegroups", times=9, status=403, code="AccessDeniedException")
        )

    deny()
    error = refused(made)
    assert (error.kind, made.writes()) == ("permission", [])
    made.harbour.faults.clear()
    deny()
    result = made.run({name: made.document[name] for name in ("name", "region")}, logging=["api"])
    assert result["changed"] is True
    assert result["cluster"]["unknown"] == ["node_pools"]
    assert any("node_pools could not be read" in warning for warning in result["warnings"])


def test_refused_write_names_the_call_the_reason_and_the_request(account: Account) -> None:
    denied = Fault("answer", operation="CreateCluster", status=403, code="AccessDeniedException", message="not yours")
    account.harbour.faults.add(denied)
    error = refused(account)
    assert str(error) == (
        "eks/prod: CreateCluster: AWS answered AccessDeniedException: not yours. "
        "Grant this action to the credentials that are used."
    )
    assert (error.kind, error.action_id) == ("permission", "control-plane.create")
    assert error.request_id
    assert error.details["changed"] is False


def test_time_over_is_resumable_and_the_next_run_finishes(account: Account) -> None:
    error = refused(account, wait_timeout=1, poll_interval=1)
    assert (error.kind, error.resumable) == ("timeout", True)
    assert "eks/prod: cluster creation is still running (control plane" in str(error)
    assert error.details["changed"] is True
    account.run()
    assert account.writes() == ["CreateNodegroup", "CreateNodegroup"]


def test_role_that_iam_still_spreads_is_waited_for(account: Account) -> None:
    for operation in ("CreateCluster", "CreateNodegroup"):
        account.harbour.faults.add(Fault("unknown_role", operation=operation, times=2))
    result = account.run()
    assert result["retries"]["propagation"] == 4
    assert account.run()["changed"] is False


def test_role_that_eks_does_not_know_is_waited_for_two_minutes_and_then_named(account: Account) -> None:
    role = f"arn:aws:iam::{account.harbour.seed.account}:role/not-there"
    error = refused(account, identity={**account.document["identity"], "role": role})
    assert error.kind == "permission"
    assert f"Role with arn: {role}, could not be assumed" in str(error)
    assert "trusts eks.amazonaws.com" in error.remedy
    assert account.writes() == []
    assert any("for IAM to make the role known to EKS" in line for line in account.lines)
