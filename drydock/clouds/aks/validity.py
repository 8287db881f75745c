# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows AV*: what makes a request valid at all, beyond what the catalogue names."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..rules import Stage
from .protocol import Json
from .rules import (
    CLUSTER_PUT,
    LONG,
    POOL_DELETE,
    POOL_PUT,
    PUTS,
    Call,
    Refusal,
    Table,
    bad,
    dig,
)
from .store import Store
from .subscription import LOCATIONS, SIZES

NAME = re.compile(r"^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$")
POOL_NAME = re.compile(r"^[a-z][a-z0-9]{0,11}$")
TAINT = re.compile(r"^([a-z0-9.-]+/)?[A-Za-z0-9._-]+=[A-Za-z0-9._-]*:(NoSchedule|PreferNoSchedule|NoExecute)$")
TAGS_AT_MOST = 50
RULES = Table()
rule = RULES.rule


@rule("AV1", "a request names an api-version that its provider has", source="ARM: api-version", stage=Stage.ADMIT)
def api_version_is_known(store: Store, call: Call) -> Refusal | None:
    if not call.api_version:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        return Refusal(400, "MissingApiVersionParameter", text, gateway=True)
    if call.api_version in call.versions:
        return None
    text = f"The api-version '{call.api_version}' is invalid. The supported versions are '{','.join(call.versions)}'."
    return Refusal(400, "InvalidApiVersionParameter", text, gateway=True)


@rule(
    "AV2",
    "a subscription of another tenant is as good as none",
    source="azure-resource-manager common errors: InvalidAuthenticationTokenTenant, SubscriptionNotFound",
    stage=Stage.ADMIT,
)
def subscription_is_home(store: Store, call: Call) -> Refusal | None:
    if call.home is None:
        text = f"The subscription '{call.place.subscription}' could not be found."
        return Refusal(404, "SubscriptionNotFound", text, gateway=True)
    if call.home.tenant == call.bearer.tenant:
        return None
    text = (
        f"The access token is from the wrong issuer; it must match the tenant '{call.home.tenant}' of the subscription."
    )
    return Refusal(401, "InvalidAuthenticationTokenTenant", text, gateway=True)


@rule("AV3", "a caller does what its roles allow", source="Azure built-in roles", stage=Stage.ADMIT)
def caller_may(store: Store, call: Call) -> Refusal | None:
    if call.bearer.subscription == call.place.subscription and call.bearer.may(call.right):
        return None
    who, what = call.bearer.client_id, call.operation.replace("_", "/")
    text = f"The client '{who}' does not have authorization to perform action '{what}/{call.right}' over scope"
    return Refusal(
        403, "AuthorizationFailed", f"{text} '{call.place.cluster_id}' or the scope is invalid.", gateway=True
    )


@rule("AV4", "a resource group exists before what is in it", source="ResourceGroupNotFound", stage=Stage.ADMIT)
def group_exists(store: Store, call: Call) -> Refusal | None:
    if not call.place.group or call.home is None or call.home.group(call.place.group) is not None:
        return None
    text = f"Resource group '{call.place.group}' could not be found."
    return Refusal(404, "ResourceGroupNotFound", text, gateway=True)


@rule(
    "AV5",
    "a request holds what the reference knows, of the types and words that it names",
    source="Microsoft.ContainerService reference 2025-08-01; UnmarshalError",
    stage=Stage.ADMIT,
)
def follows_the_reference(store: Store, call: Call) -> Refusal | None:
    return bad("UnmarshalError", f"UnmarshalEntity encountered error: {call.problem}.") if call.problem else None


@rule("AV6", "names are short and plain", source="AKS naming rules (aka.ms/aks-naming-rules)", on=PUTS)
def name_is_legal(store: Store, call: Call) -> Refusal | None:
    names = [call.place.pool] if call.operation == POOL_PUT else []
    names += [str(p.get("name", "")) for p in call.asked("agentPoolProfiles") or ()]
    wrong = [name for name in names if not POOL_NAME.match(name)]
    if not NAME.match(call.place.cluster):
        return bad("InvalidParameter", f"The value of parameter resourceName '{call.place.cluster}' is invalid.")
    return bad("InvalidParameter", f"The value of parameter agentPoolName '{wrong[0]}' is invalid.") if wrong else None


@rule("AV7", "some things go one way", source="research/cloud-clusters.md 2.2 (one-way)", on=(CLUSTER_PUT,))
def never_goes_back(store: Store, call: Call) -> Refusal | None:
    if call.cluster is None:
        return None
    now = call.here.properties
    for path in ("oidcIssuerProfile.enabled", "aadProfile.managed"):
        if dig(now, path) and call.asked(path) is False:
            return bad("PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.", path)
    path = "networkProfile.networkPolicy"
    if call.asked(path) not in (None, dig(now, path), "cilium"):
        return bad("PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.", path)
    return None


@rule("AV8", "a new cluster has a name in DNS and a system pool", source="managedClusters reference", on=(CLUSTER_PUT,))
def new_cluster_is_whole(store: Store, call: Call) -> Refusal | None:
    if call.cluster is not None:
        return None
    if not call.asked("dnsPrefix") and not call.asked("fqdnSubdomain"):
        return bad("InvalidParameter", "Required parameter dnsPrefix is missing (null).", "properties.dnsPrefix")
    profiles = call.asked("agentPoolProfiles") or []
    if any(profile.get("mode") == "System" for profile in profiles):
        return None
    return bad("InvalidParameter", "There has to be at least one agent pool of mode System.", "agentPoolProfiles")


@rule(
    "AV9",
    "a cluster is made in a location that there is",
    source="LocationNotAvailableForResourceType",
    on=(CLUSTER_PUT,),
)
def location_exists(store: Store, call: Call) -> Refusal | None:
    asked = str(call.body.get("location") or (call.cluster.record["location"] if call.cluster else ""))
    if asked.replace(" ", "").lower() in LOCATIONS:
        return None
    text = f"The provided location '{asked}' is not available for resource type 'managedClusters'."
    return Refusal(400, "LocationNotAvailableForResourceType", text, gateway=True)


@rule(
    "AV10",
    "pools come to a cluster by their own requests",
    source="recordings/aks/quoted-errors.json 3",
    on=(CLUSTER_PUT,),
)
def no_pool_is_new(store: Store, call: Call) -> Refusal | None:
    if call.cluster is None:
        return None
    new = [p for p in call.asked("agentPoolProfiles") or () if p.get("name") not in call.here.pools]
    if not new:
        return None
    text = "A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through managed"
    return bad("BadRequest", f"{text} cluster operations. Please use per agent pool operations.")


def profiles_of(call: Call) -> list[Json]:
    """Return the pools that a request speaks of, each with what it has already."""
    if call.operation == POOL_PUT:
        return [{**(call.pool.record if call.pool else {}), **_given(call.body.get("properties") or {})}]
    known = call.cluster.pools if call.cluster else {}
    given = call.asked("agentPoolProfiles") or []
    return [{**(known[p["name"]].record if p.get("name") in known else {}), **_given(p)} for p in given]


def _given(values: t.Mapping[str, t.Any]) -> Json:
    return {name: value for name, value in values.items() if value is not None}


@rule("AV11", "sizes and zones are ones that the location has", source="VM sizes; availability zones", on=PUTS)
def size_exists(store: Store, call: Call) -> Refusal | None:
    location = str(call.body.get("location") or (call.cluster.record["location"] if call.cluster else ""))
    zones = LOCATIONS.get(location.replace(" ", "").lower(), ())
    for profile in profiles_of(call):
        size = profile.get("vmSize", "Standard_DS2_v2")
        if size not in SIZES:
            return bad("InvalidParameter", f"The VM size of {size} is not allowed in your subscription in {location}.")
        if not set(profile.get("availabilityZones") or ()) <= set(zones):
            return bad("AvailabilityZoneNotSupported", f"The zone(s) are not supported in {location}.")
    return None


@rule("AV12", "the number of nodes fits its bounds", source="managedClusters agentPools: minCount, maxCount", on=PUTS)
def size_fits(store: Store, call: Call) -> Refusal | None:
    asked = [call.body.get("properties") or {}] if call.operation == POOL_PUT else call.asked("agentPoolProfiles") or []
    for profile, given in zip(profiles_of(call), asked, strict=True):
        low, high, count = (profile.get(name) for name in ("minCount", "maxCount", "count"))
        if profile.get("enableAutoScaling"):
            if low is None or high is None or low > high or not low <= (low if count is None else count) <= high:
                text = "The value of parameter agentPoolProfile.count must be between minCount and maxCount."
                return bad("InvalidParameter", text, "count")
        elif given.get("minCount") is not None or given.get("maxCount") is not None:
            text = "minCount and maxCount must be null when enableAutoScaling is false."
            return bad("InvalidParameter", text, "minCount")
        if profile.get("mode") == "System" and count == 0:
            return bad("InvalidParameter", "A System agent pool has at least one node.", "count")
    return None


@rule("AV13", "taints and labels are those of Kubernetes", source="AKS use-labels, use-node-taints", on=PUTS)
def taints_are_legal(store: Store, call: Call) -> Refusal | None:
    for profile in profiles_of(call):
        wrong = [text for text in profile.get("nodeTaints") or () if not TAINT.match(text)]
        if wrong:
            return bad("InvalidTaint", f"The taint '{wrong[0]}' is invalid.", "nodeTaints")
        if any(key.startswith("kubernetes.azure.com/") for key in profile.get("nodeLabels") or ()):
            return bad("LabelKeyReservedPrefix", "Labels under kubernetes.azure.com are AKS's own.", "nodeLabels")
    return None


@rule("AV14", "subnets and identities exist", source="managedClusters reference: ids of other resources", on=PUTS)
def other_resources_exist(store: Store, call: Call) -> Refusal | None:
    for profile in profiles_of(call):
        subnet = profile.get("vnetSubnetID")
        if subnet and call.account.subnet(subnet) is None:
            return bad("LinkedInvalidPropertyId", f"Property id '{subnet}' at path 'vnetSubnetID' is invalid.")
    for identity in (call.body.get("identity") or {}).get("userAssignedIdentities") or {}:
        if not call.account.holds(identity):
            return bad("FailedIdentityOperation", f"The user assigned identity '{identity}' does not exist.")
    return None


@rule("AV15", "ranges do not overlap", source="AKS networking: service and pod ranges", on=(CLUSTER_PUT,))
def ranges_are_apart(store: Store, call: Call) -> Refusal | None:
    network = call.asked("networkProfile") or {}
    if call.cluster is not None or not network.get("serviceCidr"):
        return None
    service = ipaddress.ip_network(network["serviceCidr"])
    taken = [network.get("podCidr") or "10.244.0.0/16", *(subnet.cidr for subnet in call.account.subnets)]
    if any(service.overlaps(ipaddress.ip_network(text)) for text in taken):
        return bad("ServiceCidrOverlapExistingSubnetsCidr", f"serviceCidr {service} overlaps another range.")
    dns = network.get("dnsServiceIP")
    if not dns or ipaddress.ip_address(dns) not in service:
        return bad("InvalidParameter", "dnsServiceIP must be given, within serviceCidr.", "networkProfile.dnsServiceIP")
    return None


@rule(
    "AV16", "plans, tiers and engines agree", source="AKS long-term support; AKS Automatic; Cilium", on=(CLUSTER_PUT,)
)
def plans_agree(store: Store, call: Call) -> Refusal | None:
    now = call.cluster.record if call.cluster else {}
    tier = dig(call.body, "sku.tier") or dig(now, "sku.tier") or "Free"
    plan = call.asked("supportPlan") or dig(now, "properties.supportPlan")
    if plan == "AKSLongTermSupport" and tier != "Premium":
        return bad("BadRequest", "Long Term Support is only available with sku.tier Premium.", "properties.supportPlan")
    if dig(call.body, "sku.name") == "Automatic" and tier == "Free":
        return bad("BadRequest", "sku.tier Free is not allowed with sku.name Automatic.", "sku.tier")
    if call.asked("metricsProfile.costAnalysis.enabled") and tier == "Free":
        return bad("BadRequest", "Cost analysis needs sku.tier Standard or Premium.", "metricsProfile.costAnalysis")
    network = {**(dig(now, "properties.networkProfile") or {}), **_given(call.asked("networkProfile") or {})}
    if network.get("networkPolicy") == "cilium" and network.get("networkDataplane") != "cilium":
        return bad(
            "BadRequest", "networkPolicy cilium needs networkDataplane cilium.", "networkProfile.networkDataplane"
        )
    issuer = call.asked("oidcIssuerProfile.enabled") or dig(now, "properties.oidcIssuerProfile.enabled")
    if call.asked("securityProfile.workloadIdentity.enabled") and not issuer:
        return bad(
            "BadRequest", "Workload identity needs oidcIssuerProfile.enabled.", "securityProfile.workloadIdentity"
        )
    return None


@rule("AV17", "tags are few and plain", source="Azure resource tags, limitations", on=(*LONG, POOL_DELETE))
def tags_are_legal(store: Store, call: Call) -> Refusal | None:
    tags = call.body.get("tags") or {}
    if len(tags) > TAGS_AT_MOST or any(re.search(r"[<>%&\\?/]", key) or len(key) > 512 for key in tags):
        return Refusal(400, "InvalidTagNameCharacters", "The tag names have reserved characters.", gateway=True)
    return None


@rule(
    "AV18",
    "a window lasts four hours at least, and its configuration has one of three names",
    source="AKS planned maintenance; recordings/aks/maintenance-configuration.json",
    on=("MaintenanceConfigurations_CreateOrUpdate",),
)
def window_is_legal(store: Store, call: Call) -> Refusal | None:
    names = ("default", "aksmanagedautoupgradeschedule", "aksmanagednodeosupgradeschedule")
    if call.place.child.lower() not in names:
        return bad("InvalidParameter", f"The name of the maintenance configuration is none of {', '.join(names)}.")
    window = call.asked("maintenanceWindow") or {}
    if not 4 <= int(window.get("durationHours") or 0) <= 24 or len(window.get("schedule") or {}) != 1:
        return bad("InvalidParameter", "durationHours is from 4 to 24, with one schedule.", "maintenanceWindow")
    return None


@rule(
    "AV19",
    "logs go to a workspace that exists, in categories that AKS has",
    source="AKS monitoring reference: resource logs; diagnosticSettings reference",
    on=("DiagnosticSettings_CreateOrUpdate",),
)
def logs_have_a_place(store: Store, call: Call) -> Refusal | None:
    if not call.account.holds(str(call.asked("workspaceId") or "")):
        return Refusal(404, "ResourceNotFound", "The workspace was not found.", gateway=True)
    wrong = [row for row in call.asked("logs") or () if row.get("category") not in CATEGORIES]
    return bad("BadRequest", f"Category '{wrong[0].get('category')}' is not supported.") if wrong else None


CATEGORIES = (
    *("kube-apiserver", "kube-audit", "kube-audit-admin", "kube-controller-manager", "kube-scheduler"),
    *("cluster-autoscaler", "cloud-controller-manager", "guard"),
)
