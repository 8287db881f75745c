# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows AV*: what makes a request to the AKS twin valid at all."""

from __future__ import annotations

import typing as t

import pytest

from drydock.clouds.aks import subscription
from drydock.harbour import Harbour

from .aks_steps import (
    DEMO,
    GENERAL,
    GROUP,
    HOME,
    LOGS,
    SYSTEM,
    VERSION,
    call,
    cluster_body,
    create_cluster,
    pool_body,
    put_pool,
    refused,
    running_cluster,
    update_cluster,
    updated_cluster,
)


def test_AV1_api_version_is_one_that_the_provider_has(harbour: Harbour) -> None:
    refused(400, "MissingApiVersionParameter", call, harbour, "GET", f"{DEMO}?x=y")
    refused(400, "InvalidApiVersionParameter", call, harbour, "GET", f"{DEMO}?api-version=2016-03-30")


def test_AV2_subscription_of_another_tenant_is_as_good_as_none(harbour: Harbour) -> None:
    home = f"{HOME}?api-version=2022-12-01"
    refused(401, "InvalidAuthenticationTokenTenant", call, harbour, "GET", home, person="stranger")
    nowhere = f"/subscriptions/{subscription.guid('nowhere')}?api-version=2022-12-01"
    refused(404, "SubscriptionNotFound", call, harbour, "GET", nowhere)


def test_AV3_caller_does_what_its_roles_allow(harbour: Harbour) -> None:
    refused(403, "AuthorizationFailed", call, harbour, "PUT", DEMO, cluster_body(), person="viewer")
    refused(403, "AuthorizationFailed", call, harbour, "GET", DEMO, person="stage")


def test_AV4_resource_group_exists_before_what_is_in_it(harbour: Harbour) -> None:
    elsewhere = DEMO.replace("/resourceGroups/platform/", "/resourceGroups/nothing/")
    refused(404, "ResourceGroupNotFound", call, harbour, "PUT", elsewhere, cluster_body())
    assert call(harbour, "GET", f"{GROUP}?api-version=2021-04-01")["name"] == "platform"


UNKNOWN: list[tuple[dict[str, t.Any], str]] = [
    ({"agentPoolProfile": []}, 'unknown field "properties.agentPoolProfile"'),
    ({"enableRBAC": "yes"}, "properties.enableRBAC: a boolean is expected"),
    ({"networkProfile": {"networkPolicy": "weave"}}, "'weave' is none of azure, calico, cilium, none"),
    ({"agentPoolProfiles": [{"name": "a", "count": "three"}]}, "count: a number is expected"),
    ({"aadProfile": []}, "properties.aadProfile: an object is expected"),
]


def test_AV5_request_holds_what_the_reference_knows(harbour: Harbour) -> None:
    for properties, said in UNKNOWN:
        assert said in refused(400, "UnmarshalError", create_cluster, harbour, properties=properties).message
    refused(400, "UnmarshalError", call, harbour, "PATCH", DEMO, {"labels": {}})


def test_AV6_names_are_short_and_plain(harbour: Harbour) -> None:
    refused(400, "InvalidParameter", call, harbour, "PUT", f"{DEMO}_", cluster_body())
    running_cluster(harbour)
    refused(400, "InvalidParameter", put_pool, harbour, f"{DEMO}/agentPools/toolongforapool")


def test_AV7_some_things_go_one_way(harbour: Harbour) -> None:
    running_cluster(harbour, properties={"oidcIssuerProfile": {"enabled": True}})
    refused(400, "PropertyChangeNotAllowed", update_cluster, harbour, oidcIssuerProfile={"enabled": False})


def test_AV8_new_cluster_has_a_dns_name_and_a_system_pool(harbour: Harbour) -> None:
    refused(400, "InvalidParameter", create_cluster, harbour, properties={"dnsPrefix": None})
    user = [{**SYSTEM, "mode": "User"}]
    refused(400, "InvalidParameter", create_cluster, harbour, properties={"agentPoolProfiles": user})


def test_AV9_location_is_one_that_there_is(harbour: Harbour) -> None:
    refused(400, "LocationNotAvailableForResourceType", create_cluster, harbour, location="atlantis")


def test_AV10_pools_come_to_a_cluster_by_their_own_requests(harbour: Harbour) -> None:
    running_cluster(harbour)
    more = [SYSTEM, {**SYSTEM, "name": "more"}]
    refused(400, "BadRequest", update_cluster, harbour, agentPoolProfiles=more)


def test_AV11_sizes_and_zones_are_ones_that_the_location_has(harbour: Harbour) -> None:
    running_cluster(harbour)
    refused(400, "InvalidParameter", put_pool, harbour, vmSize="Standard_Z1")
    refused(400, "AvailabilityZoneNotSupported", put_pool, harbour, availabilityZones=["9"])


def test_AV12_number_of_nodes_fits_its_bounds(harbour: Harbour) -> None:
    running_cluster(harbour)
    refused(400, "InvalidParameter", put_pool, harbour, minCount=1, maxCount=3)
    refused(400, "InvalidParameter", put_pool, harbour, enableAutoScaling=True, minCount=2, maxCount=3, count=1)


def test_AV13_taints_and_labels_are_those_of_kubernetes(harbour: Harbour) -> None:
    running_cluster(harbour)
    refused(400, "InvalidTaint", put_pool, harbour, nodeTaints=["a=b:Sometimes"])
    refused(400, "LabelKeyReservedPrefix", put_pool, harbour, nodeLabels={"kubernetes.azure.com/mode": "x"})


def test_AV14_subnets_and_identities_exist(harbour: Harbour) -> None:
    running_cluster(harbour)
    subnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/platform/subnets/none"
    refused(400, "LinkedInvalidPropertyId", put_pool, harbour, vnetSubnetID=subnet)


def test_AV15_ranges_do_not_overlap(harbour: Harbour) -> None:
    network = {"serviceCidr": "10.40.0.0/16", "dnsServiceIP": "10.40.0.10"}
    code = "ServiceCidrOverlapExistingSubnetsCidr"
    refused(400, code, create_cluster, harbour, properties={"networkProfile": network})


def test_AV16_plans_tiers_and_engines_agree(harbour: Harbour) -> None:
    long_term = {"supportPlan": "AKSLongTermSupport"}
    refused(400, "BadRequest", create_cluster, harbour, properties=long_term)
    refused(400, "BadRequest", create_cluster, harbour, properties={"networkProfile": {"networkPolicy": "cilium"}})
    create_cluster(harbour, properties=long_term, sku={"name": "Base", "tier": "Premium"})


def test_AV17_tags_are_few_and_plain(harbour: Harbour) -> None:
    refused(400, "InvalidTagNameCharacters", create_cluster, harbour, tags={"a/b": "c"})


def window(**changes: t.Any) -> dict[str, t.Any]:
    base = {"schedule": {"daily": {"intervalDays": 1}}, "durationHours": 4, "startTime": "03:00"}
    return {"properties": {"maintenanceWindow": {**base, **changes}}}


def test_AV18_window_lasts_four_hours_under_one_of_three_names(harbour: Harbour) -> None:
    running_cluster(harbour)
    windows = f"{DEMO}/maintenanceConfigurations"
    refused(400, "InvalidParameter", call, harbour, "PUT", f"{windows}/mine", window())
    schedule = f"{windows}/aksManagedAutoUpgradeSchedule"
    refused(400, "InvalidParameter", call, harbour, "PUT", schedule, window(durationHours=1))
    found = call(harbour, "PUT", schedule, window())["properties"]["maintenanceWindow"]
    assert found["utcOffset"] == "+00:00"
    assert found["startDate"]


def test_AV19_logs_go_to_a_workspace_that_exists_in_categories_that_aks_has(harbour: Harbour) -> None:
    running_cluster(harbour)
    home = harbour.azure.seed.subscriptions[subscription.SUBSCRIPTION]
    logs = [{"category": "kube-audit", "enabled": True}]
    refused(404, "ResourceNotFound", call, harbour, "PUT", LOGS, {"properties": {"workspaceId": "/x", "logs": logs}})
    there = {"workspaceId": home.workspace_id("platform"), "logs": [{"category": "everything", "enabled": True}]}
    refused(400, "BadRequest", call, harbour, "PUT", LOGS, {"properties": there})


def test_get_can_be_sent_back_as_it_came(harbour: Harbour) -> None:
    before, after = running_cluster(harbour), updated_cluster(harbour)
    for cluster in (before, after):
        del cluster["eTag"], cluster["properties"]["agentPoolProfiles"][0]["eTag"]
    assert after == before


@pytest.mark.parametrize("path", [f"{DEMO}/pause{VERSION}", f"{HOME}/providers/Microsoft.Compute/disks{VERSION}"])
def test_unknown_resource_is_no_resource(harbour: Harbour, path: str) -> None:
    refused(404, "InvalidResourceType", call, harbour, "GET", path)


def test_pool_is_deleted_by_its_name(harbour: Harbour) -> None:
    running_cluster(harbour)
    call(harbour, "PUT", GENERAL, pool_body())
    refused(404, "NotFound", call, harbour, "GET", f"{DEMO}/agentPools/absent")
