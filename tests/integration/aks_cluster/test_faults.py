# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between us and Azure: each fault has its class, its sentence, and an end."""

from __future__ import annotations

import pathlib
import socket
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.clouds.aks import subscription as azure
from drydock.faults import Fault
from tests.integration.aks_cluster.conftest import Json, Subscription, act_as
from tests.integration.aks_cluster.test_converge import EDIT, POOL, TAG
from tests.integration.grounds import changed


def refused(subscription: Subscription, /, **changes: t.Any) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        subscription.run(**changes)
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def auth(subscription: Subscription, **more: t.Any) -> Json:
    return {**subscription.document["auth"], **more}


def fault(subscription: Subscription, effect: str, operation: str, **more: t.Any) -> None:
    subscription.harbour.faults.add(Fault(effect, operation=operation, service="aks", **more))


def test_subscription_of_another_tenant_is_refused_before_anything_else(
    subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(subscription.harbour, monkeypatch, "stranger")
    error = refused(subscription)
    assert (error.kind, error.code) == ("wrong_account", "InvalidAuthenticationTokenTenant")
    assert set(subscription.asked()) == {"Subscriptions_Get"}


def test_subscription_that_gives_us_no_role_is_refused_before_anything_else(
    subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(subscription.harbour, monkeypatch, "stage")
    assert refused(subscription).kind == "wrong_account"
    assert subscription.asked() == ["Subscriptions_Get"]


def test_declared_tenant_must_be_that_of_the_subscription(subscription: Subscription) -> None:
    error = refused(subscription, auth=auth(subscription, tenant_id=azure.OTHER_TENANT))
    assert error.kind == "wrong_account"
    assert f"is of tenant {azure.TENANT}, it must be of {azure.OTHER_TENANT}" in str(error)


def test_secret_file_of_the_document_wins_over_the_environment(
    subscription: Subscription, tmp_path: pathlib.Path
) -> None:
    person = subscription.harbour.azure.person("deployer")
    file = tmp_path / "secret"
    file.write_text(person.secret + "\n")
    ours = auth(subscription, tenant_id=person.tenant, client_id=person.client_id, secret_file=str(file))
    subscription.run(auth=ours)
    lines = [line for line in subscription.harbour.journal.read() if line.operation == EDIT]
    assert [line.principal for line in lines] == ["deployer"]


def test_federated_token_of_a_pipeline_opens_the_subscription(
    subscription: Subscription, tmp_path: pathlib.Path
) -> None:
    person = subscription.harbour.azure.person("deployer")
    file = tmp_path / "token"
    file.write_text(subscription.harbour.azure.office.federated(person))
    ours = auth(subscription, tenant_id=person.tenant, client_id=person.client_id, token_file=str(file))
    subscription.run(auth=ours)
    assert subscription.writes() == [EDIT]


def test_credentials_that_lack_a_part_say_which_options_give_it(
    subscription: Subscription, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    error = refused(subscription, auth=auth(subscription, secret_file=str(file)))
    assert error.kind == "credentials"
    assert "auth.tenant_id and auth.client_id" in error.remedy
    assert refused(subscription, auth=auth(subscription, secret_file="/nonexistent")).kind == "credentials"


@pytest.mark.parametrize(("person", "number"), [("expired", "AADSTS7000222"), ("runner", "AADSTS7000215")])
def test_secret_that_is_not_taken_is_told_with_the_number_of_entra_and_never_shown(
    subscription: Subscription, monkeypatch: pytest.MonkeyPatch, person: str, number: str
) -> None:
    act_as(subscription.harbour, monkeypatch, person)
    if person == "runner":
        monkeypatch.setenv("AZURE_CLIENT_SECRET", "canary-secret")
    error = refused(subscription)
    assert (error.kind, error.code) == ("credentials", number)
    assert "canary" not in str(error)
    assert "Trace ID" not in str(error)


def test_untrusted_certificate_is_told_with_the_option_that_trusts_it(subscription: Subscription) -> None:
    error = refused(subscription, auth={"endpoint_url": subscription.document["auth"]["endpoint_url"]})
    assert error.kind == "unreachable"
    assert "auth.ca_bundle" in error.remedy


def test_unreachable_endpoint_is_told_as_such(subscription: Subscription) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
        error = refused(subscription, auth=auth(subscription, endpoint_url=url))
    assert error.kind in ("unreachable", "credentials")


@pytest.mark.parametrize("version", ["1.29", "1.77"])
def test_unknown_version_is_refused_with_the_nearest(subscription: Subscription, version: str) -> None:
    error = refused(subscription, version=version)
    assert error.kind == "version"
    assert f'version is "{version}"; AKS offers 1.33, 1.34, 1.35, 1.36 in westeurope' in str(error)
    assert subscription.writes() == []


def test_bad_document_is_refused_without_a_request(subscription: Subscription) -> None:
    with pytest.raises(InvalidInput):
        subscription.run(version=1.36)
    assert subscription.asked() == []


def test_missing_resource_group_says_so(subscription: Subscription) -> None:
    error = refused(subscription, resource_group="nothing")
    assert (error.kind, error.code) == ("not_found", "ResourceGroupNotFound")
    assert "Create the resource group first" in error.remedy


def test_throttling_is_waited_out_as_long_as_azure_asks(subscription: Subscription) -> None:
    fault(subscription, "throttle", EDIT, times=2)
    result = subscription.run()
    assert result["retries"]["throttle"] == 2
    assert subscription.writes() == [EDIT]


@pytest.mark.parametrize("code", ["GetVnetError", "GatewayTimeout"])
def test_bad_moment_of_azure_is_tried_again(subscription: Subscription, code: str) -> None:
    fault(subscription, "answer", EDIT, status=500, code=code)
    fault(subscription, "answer", "Operations_Get", status=504, code="GatewayTimeout")
    result = subscription.run()
    assert result["retries"]["network"] == 2
    assert subscription.writes() == [EDIT]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_lost_connection_creates_nothing_twice(subscription: Subscription, phase: str) -> None:
    fault(subscription, "reset", EDIT, phase=phase)
    subscription.run()
    assert subscription.writes() == [EDIT]
    subscription.pass_time()
    assert subscription.run()["changed"] is False


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("operation", [EDIT, POOL])
def test_lost_connection_during_an_upgrade_does_nothing_twice(made: Subscription, operation: str, phase: str) -> None:
    fault(made, "reset", operation, phase=phase)
    made.run(version="1.36")
    assert made.writes() == [EDIT, POOL, POOL]
    assert made.run(version="1.36")["changed"] is False


def test_change_of_somebody_else_is_waited_for(made: Subscription) -> None:
    cluster = made.cluster()
    cluster["properties"]["disableLocalAccounts"] = False
    made.call("PUT", body=cluster)
    result = made.run(identity={"azure_rbac": True})
    assert result["plan"][0]["verb"] == "wait"
    assert made.cluster()["properties"]["aadProfile"]["enableAzureRBAC"] is True
    assert made.cluster()["properties"]["disableLocalAccounts"] is False


def test_work_of_azures_own_after_a_creation_is_waited_for(subscription: Subscription) -> None:
    subscription.run()
    subscription.harbour.clock.advance(30.0)
    subscription.harbour.settle()
    result = subscription.run(identity={"azure_rbac": True})
    assert [action["verb"] for action in result["plan"]][0] == "wait"
    assert subscription.writes() == [EDIT]


def test_conflict_that_no_status_explains_is_waited_out_and_planned_around(made: Subscription) -> None:
    busy = "Operation is not allowed: Another operation (prod - Updating) is in progress, please wait for it to finish."
    fault(made, "answer", EDIT, status=409, code="OperationNotAllowed", message=busy)
    result = made.run(identity={"azure_rbac": True})
    assert result["retries"]["conflict"] == 1
    assert made.writes() == [EDIT]


def test_etag_that_somebody_else_moved_is_read_again(made: Subscription) -> None:
    fault(made, "answer", TAG, status=409, code="EtagMismatch", message="Operation is not allowed")
    result = made.run(tags={"team": "a"})
    assert result["retries"]["conflict"] == 1
    assert made.cluster()["tags"]["team"] == "a"


def test_upgrade_of_an_earlier_run_is_resumed(made: Subscription) -> None:
    cluster = made.cluster()
    cluster["properties"]["kubernetesVersion"] = "1.36"
    made.call("PUT", body=cluster)
    result = made.run(version="1.36")
    assert made.writes() == [POOL, POOL]
    assert result["plan"][0]["verb"] == "wait"


def test_deletion_that_still_runs_is_waited_for_before_a_new_creation(made: Subscription) -> None:
    made.call("DELETE")
    made.run()
    assert made.writes() == [EDIT]


def test_deletion_waits_for_what_runs(made: Subscription) -> None:
    cluster = made.cluster()
    made.call("PUT", body=cluster)
    made.run(state="absent")
    assert made.writes() == ["ManagedClusters_Delete"]
    assert made.harbour.azure.document() == []


def extra(made: Subscription, **changes: t.Any) -> Json:
    pool = {"size": {"desired": 1}, "instance_types": ["Standard_D4s_v5"], **changes}
    return changed(made.document, "node_pools.extra", pool)


@pytest.mark.parametrize(
    ("pool", "kind", "code"),
    [
        ({"size": {"desired": 200}}, "quota", "ErrCode_InsufficientVCPUQuota"),
        ({"instance_types": ["Standard_NC6s_v3"]}, "capacity", "SkuNotAvailable"),
    ],
)
def test_shortage_ends_with_its_class_and_the_operation(made: Subscription, pool: Json, kind: str, code: str) -> None:
    error = refused(made, **extra(made, **pool))
    assert (error.kind, error.code) == (kind, code)
    assert str(error).startswith("pool extra: operation ")
    assert error.operation_id
    assert error.details["changed"] is True


def test_small_subnet_is_a_quota(made: Subscription) -> None:
    small = made.harbour.azure.publish()["subnets"]["small"]
    error = refused(made, **extra(made, subnets=[small], size={"desired": 12}))
    assert (error.kind, error.code) == ("quota", "InsufficientSubnetSize")


def test_what_failed_is_repaired_by_the_next_run(made: Subscription) -> None:
    fault(made, "fail", EDIT, code="InternalOperationError", message="a bad day")
    error = refused(made, identity={"azure_rbac": True})
    assert (error.kind, error.code) == ("not_converged", "InternalOperationError")
    assert made.cluster()["properties"]["provisioningState"] == "Failed"
    result = made.run(identity={"azure_rbac": True})
    assert result["plan"][0]["id"] == "control-plane.repair"
    assert made.cluster()["properties"]["provisioningState"] == "Succeeded"
    assert made.run(identity={"azure_rbac": True})["changed"] is False


def test_failed_pool_is_repaired_and_not_made_anew(made: Subscription) -> None:
    fault(made, "fail", POOL, code="InternalOperationError", message="a bad day")
    refused(made, **extra(made))
    made.run(**extra(made))
    assert made.writes() == [POOL]
    assert made.pool("extra")["provisioningState"] == "Succeeded"


def test_refused_write_names_the_request_the_reason_and_its_id(
    subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(subscription.harbour, monkeypatch, "viewer")
    error = refused(subscription)
    assert str(error).startswith("aks/prod: PUT managedClusters/prod: Azure answered AuthorizationFailed: ")
    assert (error.kind, error.action_id) == ("permission", "control-plane.create")
    assert error.request_id
    assert error.details["changed"] is False


def test_lock_that_may_not_be_written_is_a_permission(made: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    act_as(made.harbour, monkeypatch, "colleague")
    error = refused(made, deletion_protection=True)
    assert (error.kind, error.action_id) == ("permission", "control-plane.protection")


def test_time_over_is_resumable_and_the_next_run_finishes(subscription: Subscription) -> None:
    error = refused(subscription, wait_timeout=1, poll_interval=1)
    assert (error.kind, error.resumable) == ("timeout", True)
    assert "aks/prod: operation " in str(error)
    assert "is still running (control plane" in str(error)
    assert error.details["changed"] is True
    subscription.run()
    assert subscription.writes() == []
