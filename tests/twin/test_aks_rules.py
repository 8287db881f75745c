# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows A* of the rule catalogue, each kept over the wire against the running twin."""

from __future__ import annotations

from drydock.clouds.aks import offers
from drydock.faults import Fault
from drydock.harbour import Harbour

from .aks_steps import (
    DEMO,
    GENERAL,
    LOCK,
    SYSTEM,
    begun,
    call,
    changed,
    cluster_body,
    create_cluster,
    finished,
    get_cluster,
    get_pool,
    pass_time,
    pool_body,
    put_pool,
    refused,
    running_cluster,
    running_pool,
    stopped,
    update_cluster,
    updated_cluster,
)


def test_A1_write_answers_a_signed_address_with_an_api_version_of_its_own(harbour: Harbour) -> None:
    url = begun(harbour, "PUT", DEMO, cluster_body())
    assert "api-version=2025-03-01&t=" in url
    client = harbour.azure.client()
    first = client.call("GET", url)
    assert first["status"] == "ProvisioningControlPlane"
    assert "endTime" not in first
    refused(403, "AuthorizationFailed", client.call, "GET", url.partition("&")[0])
    assert finished(harbour, url)["status"] == "Succeeded"
    answer = client.ask("DELETE", f"{DEMO}?api-version=2025-08-01")
    assert answer.status_code == 202
    assert "operationresults" in answer.headers["Location"]


def test_A2_changing_cluster_takes_no_other_change(harbour: Harbour) -> None:
    create_cluster(harbour)
    said = refused(409, "OperationNotAllowed", put_pool, harbour).message
    assert "Another operation" in said
    assert "is in progress" in said
    refused(409, "OperationNotAllowed", call, harbour, "DELETE", DEMO)


def test_A3_changing_pool_holds_itself_and_its_cluster_and_no_other_pool(harbour: Harbour) -> None:
    running_cluster(harbour)
    with stopped(harbour):
        put_pool(harbour)
        assert "general - Creating" in refused(409, "OperationNotAllowed", update_cluster, harbour).message
        refused(409, "OperationNotAllowed", put_pool, harbour, count=2)
        put_pool(harbour, f"{DEMO}/agentPools/other")


def test_A4_azure_goes_on_working_on_a_cluster_that_was_just_made(harbour: Harbour) -> None:
    seen = []
    with stopped(harbour):
        create_cluster(harbour)
        for _ in range(60):
            harbour.clock.advance(10.0)
            seen.append(get_cluster(harbour)["properties"]["provisioningState"])
    changes = [state for state, before in zip(seen, ["", *seen], strict=False) if state != before]
    assert changes == ["Creating", "Succeeded", "Updating", "Succeeded"]


def test_A5_etag_that_is_out_of_date_is_a_conflict(harbour: Harbour) -> None:
    read = running_cluster(harbour)
    updated_cluster(harbour, disableLocalAccounts=True)
    said = refused(409, "EtagMismatch", call, harbour, "PUT", DEMO, read, If_Match=read["eTag"])
    assert said.body["subcode"] == "PutManagedClusterAndComponents_FailedPrecondition"
    call(harbour, "PUT", DEMO, read, If_Match=get_cluster(harbour)["eTag"])
    refused(412, "PreconditionFailed", call, harbour, "PUT", GENERAL, pool_body(), If_Match="made-up")


def test_A6_if_none_match_makes_and_never_changes(harbour: Harbour) -> None:
    call(harbour, "PUT", DEMO, cluster_body(), If_None_Match="*")
    pass_time(harbour)
    refused(412, "PreconditionFailed", call, harbour, "PUT", DEMO, cluster_body(), If_None_Match="*")


def test_A7_what_cannot_change_is_refused_by_its_name(harbour: Harbour) -> None:
    running_cluster(harbour)
    network = {**get_cluster(harbour)["properties"]["networkProfile"], "serviceCidr": "10.9.0.0/16"}
    said = refused(400, "PropertyChangeNotAllowed", update_cluster, harbour, networkProfile=network)
    assert said.body["target"] == "properties.networkProfile.serviceCidr"
    running_pool(harbour)
    assert (
        refused(400, "PropertyChangeNotAllowed", put_pool, harbour, vmSize="Standard_D4s_v5").body["target"] == "vmSize"
    )


def test_A8_versions_go_up_one_minor_at_a_time_and_pools_keep_near(harbour: Harbour) -> None:
    refused(400, "K8sVersionNotSupported", create_cluster, harbour, properties={"kubernetesVersion": "1.29"})
    refused(400, "K8sVersionNotSupported", create_cluster, harbour, properties={"kubernetesVersion": "1.33"})
    running_cluster(harbour, properties={"kubernetesVersion": "1.34"})
    refused(400, "OperationNotAllowed", update_cluster, harbour, kubernetesVersion="1.36")
    refused(400, "NodePoolMcVersionIncompatible", put_pool, harbour, orchestratorVersion="1.35")
    refused(400, "AgentPoolK8sVersionNotSupported", put_pool, harbour, orchestratorVersion="1.22")
    updated_cluster(harbour, kubernetesVersion="1.35")
    updated_cluster(harbour, kubernetesVersion="1.36")
    system = f"{DEMO}/agentPools/system"
    refused(
        400, "AgentPoolUpgradeVersionNotAllowed", put_pool, harbour, system, mode="System", orchestratorVersion="1.36"
    )
    put_pool(harbour, system, mode="System", orchestratorVersion="1.35")


def test_A9_pool_that_a_cluster_put_does_not_mention_stays(harbour: Harbour) -> None:
    running_cluster(harbour)
    running_pool(harbour)
    assert len(updated_cluster(harbour, agentPoolProfiles=[SYSTEM])["properties"]["agentPoolProfiles"]) == 2


def test_A10_cluster_put_says_all_pool_versions_or_none(harbour: Harbour) -> None:
    code = "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged"
    cluster = running_cluster(harbour)
    running_pool(harbour)
    profiles = get_cluster(harbour)["properties"]["agentPoolProfiles"]
    del profiles[0]["orchestratorVersion"]
    refused(400, code, call, harbour, "PUT", DEMO, changed(cluster, agentPoolProfiles=profiles))
    profiles = [{**profile, "orchestratorVersion": "1.34"} for profile in profiles]
    refused(400, code, call, harbour, "PUT", DEMO, changed(cluster, agentPoolProfiles=profiles))
    update_cluster(harbour)


def test_A11_last_system_pool_neither_goes_nor_becomes_another(harbour: Harbour) -> None:
    running_cluster(harbour)
    system = f"{DEMO}/agentPools/system"
    refused(400, "OperationNotAllowed", call, harbour, "DELETE", system)
    refused(400, "InvalidParameter", put_pool, harbour, system, mode="User")
    running_pool(harbour, mode="System")
    call(harbour, "DELETE", system)


def test_A12_what_has_failed_is_repaired_by_sending_it_again(harbour: Harbour) -> None:
    running_cluster(harbour)
    harbour.faults.add(Fault("fail", service="aks", code="InternalOperationError", message="a bad day"))
    assert updated_cluster(harbour)["properties"]["provisioningState"] == "Failed"
    assert updated_cluster(harbour)["properties"]["provisioningState"] == "Succeeded"


def test_A13_alias_stays_and_what_runs_is_said_beside_it(harbour: Harbour) -> None:
    cluster = running_cluster(harbour)["properties"]
    assert (cluster["kubernetesVersion"], cluster.get("currentKubernetesVersion")) == ("1.35", "1.35.7")
    pool = cluster["agentPoolProfiles"][0]
    assert (pool["orchestratorVersion"], pool["currentOrchestratorVersion"]) == ("1.35", "1.35.7")
    assert updated_cluster(harbour, kubernetesVersion="1.35")["properties"]["currentKubernetesVersion"] == "1.35.7"


def test_A14_recorded_defaults_are_filled_in(harbour: Harbour) -> None:
    cluster = running_cluster(harbour)
    properties, pool = cluster["properties"], cluster["properties"]["agentPoolProfiles"][0]
    network = properties.get("networkProfile", {})
    assert {
        "networkPluginMode": "overlay",
        "podCidr": "10.244.0.0/16",
        "dnsServiceIP": "10.0.0.10",
    }.items() <= network.items()
    assert (cluster["sku"], properties["supportPlan"]) == ({"name": "Base", "tier": "Free"}, "KubernetesOfficial")
    assert (pool["osDiskSizeGB"], pool["maxPods"], pool["upgradeSettings"]["maxSurge"]) == (128, 250, "10%")


def test_A15_ids_and_locations_come_back_in_other_letters(harbour: Harbour) -> None:
    cluster = running_cluster(harbour, location="West Europe")
    assert "/resourcegroups/" in cluster["id"]
    assert cluster["location"] == "westeurope"


def test_A16_writes_come_from_a_bucket_that_refills_slowly(harbour: Harbour) -> None:
    running_cluster(harbour)
    with stopped(harbour):
        client, url = harbour.azure.client(), f"{GENERAL}?api-version=2025-08-01"
        answers = [client.ask("PUT", url, pool_body()) for _ in range(offers.BURST + 1)]
    assert [answer.status_code for answer in answers] == [201, *[409] * (offers.BURST - 1), 429]
    assert answers[-1].headers["Retry-After"] == "60"
    pass_time(harbour)
    put_pool(harbour)


def test_A17_shortage_shows_in_the_operation_and_not_in_the_answer(harbour: Harbour) -> None:
    running_cluster(harbour)
    url = begun(harbour, "PUT", GENERAL, pool_body(count=500))
    done = finished(harbour, url)
    assert (done["status"], done.get("error", {}).get("code")) == ("Failed", "ErrCode_InsufficientVCPUQuota")
    assert get_pool(harbour)["provisioningState"] == "Failed"
    other = begun(harbour, "PUT", f"{DEMO}/agentPools/gpu", pool_body(vmSize="Standard_NC6s_v3"))
    assert finished(harbour, other)["error"]["code"] == "SkuNotAvailable"


def test_A18_patch_of_tags_replaces_all_of_them(harbour: Harbour) -> None:
    running_cluster(harbour, tags={"a": "1", "b": "2"})
    call(harbour, "PATCH", DEMO, {"tags": {"b": "3"}})
    assert get_cluster(harbour)["tags"] == {"b": "3"}


def test_A19_child_of_what_does_not_exist_misses_its_parent(harbour: Harbour) -> None:
    refused(404, "ParentResourceNotFound", put_pool, harbour)
    refused(404, "ResourceNotFound", get_cluster, harbour)


def test_A20_what_is_locked_is_not_deleted(harbour: Harbour) -> None:
    running_cluster(harbour)
    call(harbour, "PUT", LOCK, {"properties": {"level": "CanNotDelete"}})
    refused(409, "ScopeLocked", call, harbour, "DELETE", DEMO)
    updated_cluster(harbour, disableLocalAccounts=True)
    call(harbour, "DELETE", LOCK)
    call(harbour, "DELETE", DEMO)


def test_A21_new_cluster_carries_what_aks_installs(harbour: Harbour) -> None:
    running_cluster(harbour)
    installed = harbour.azure.document()[0]["installed"]
    assert {"coredns", "coredns-autoscaler", "metrics-server", "konnectivity-agent", "managed-csi"} <= set(installed)
