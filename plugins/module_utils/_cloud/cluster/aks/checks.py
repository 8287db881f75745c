# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AKS cannot mean: pairs of options that cannot both hold, and what must not be done to what is there. Pure."""

from __future__ import annotations

import ipaddress

from ...._common.errors import InvalidInput, PlatformError
from ..observed import Observed
from ..options import get_path
from ..passed import check_passed, options_by_api
from ..schema import Reader, Values
from ..spec import Spec, minor
from . import codecs
from .fields import CLUSTER_FIELDS
from .pools import POOL_FIELDS


def check_endpoint(reader: Reader, values: Values, label: str) -> None:
    """Source: apiServerAccessProfile: enablePrivateCluster decides where the one address is."""
    public, private = values.get("endpoint.public"), values.get("endpoint.private")
    if public is not None and private is not None and public == private:
        said = "true" if public else "false"
        reader.problems.append(
            f"{label}endpoint.public and {label}endpoint.private are both {said}; "
            "an AKS cluster answers in one of both places: give one of them"
        )
    allowed = values.get("endpoint.allowed_cidrs")
    if allowed is not None and not allowed:
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is empty; AKS cannot express that nobody may reach the public endpoint: "
            f"set {label}endpoint.private to true, or leave the list out"
        )
    if allowed and codecs.EVERYBODY in allowed and len(set(allowed)) > 1:
        reader.wrong(f"{label}endpoint.allowed_cidrs", allowed, f"{codecs.EVERYBODY} alone, or ranges without it")
    if allowed and (private or public is False):
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is given while the API server is private; leave the list out"
        )
    if values.get("endpoint.private_dns_zone") and not private:
        reader.problems.append(f"{label}endpoint.private_dns_zone is given without {label}endpoint.private; give both")


def check_mode(reader: Reader, values: Values, label: str) -> None:
    if values.get("mode") != "auto":
        return
    if values.get("node_pools"):
        reader.problems.append(
            f"{label}node_pools is given while {label}mode is auto, where AKS makes the nodes; leave it out"
        )
    if values.get("tier") == "free":
        reader.problems.append(f"{label}tier is free while {label}mode is auto; AKS Automatic is of tier standard")


def check_support(reader: Reader, values: Values, label: str) -> None:
    tier = values.get("tier")
    if values.get("support") == "extended" and tier not in (None, "premium"):
        reader.problems.append(
            f"{label}support is extended while {label}tier is {tier}; long-term support needs tier premium"
        )
    if values.get("addons.cost_analysis.state") == "present" and tier == "free":
        reader.problems.append(f"{label}addons.cost_analysis is present while {label}tier is free; it needs standard")


def check_network(reader: Reader, values: Values, label: str) -> None:
    service, dns = values.get("network.service_cidr"), values.get("network.dns_service_ip")
    if dns and not service:
        reader.problems.append(f"{label}network.dns_service_ip is given without {label}network.service_cidr; give both")
    elif service and dns and ipaddress.ip_address(dns) not in ipaddress.ip_network(service):
        reader.wrong(f"{label}network.dns_service_ip", dns, f"within {label}network.service_cidr, which is {service}")
    subnets = values.get("network.subnets")
    if subnets is not None and len(set(subnets)) != 1:
        reader.wrong(f"{label}network.subnets", subnets, "a list of one subnet: a pool of AKS has one")


def check_logging(reader: Reader, values: Values, label: str) -> None:
    if values.get("logging") and not values.get("logging_workspace"):
        reader.problems.append(
            f"{label}logging is given without {label}logging_workspace; AKS writes logs nowhere by itself: give both"
        )


def check_maintenance(reader: Reader, values: Values, label: str) -> None:
    if values.get("maintenance.exclusions") and values.get("maintenance.window") == {}:
        reader.problems.append(
            f"{label}maintenance.exclusions is given while {label}maintenance.window is lifted; give a window"
        )
    for name, span in (values.get("maintenance.exclusions") or {}).items():
        if str(span.get("end", "")) < str(span.get("start", "")):
            reader.wrong(f"{label}maintenance.exclusions.{name}.end", span.get("end"), f"not before {span['start']}")


OWN = (
    *("agentPoolProfiles", "kubernetesVersion", "dnsPrefix", "enableRBAC", "aadProfile.managed"),
    *("networkProfile.networkPlugin", "networkProfile.networkPluginMode", "networkProfile.networkDataplane"),
    "oidcIssuerProfile.enabled",
)
"""Members of a cluster that we set by ourselves, beside what has an option."""
OWN_OF_POOL = ("orchestratorVersion", "osType", "type", "tags", "scaleSetEvictionPolicy", "spotMaxPrice")


def check_extra(reader: Reader, values: Values, label: str) -> None:
    options = {api.removeprefix("properties."): option for api, option in options_by_api(CLUSTER_FIELDS).items()}
    check_passed(reader, values.get("extra"), options, OWN, f"{label}extra")


def check_pool_extra(reader: Reader, pool: Values, path: str) -> None:
    check_passed(reader, pool.get("extra"), options_by_api(POOL_FIELDS), OWN_OF_POOL, f"{path}.extra")


def check_pool_size(reader: Reader, pool: Values, path: str) -> None:
    bounds = [name for name in ("size.min", "size.max") if name in pool]
    if bounds and not pool.get("autoscaling"):
        reader.problems.append(
            f"{path}.{bounds[0]} is given without autoscaling; AKS has bounds only with it: "
            f"set {path}.autoscaling to true, or give {path}.size.desired alone"
        )
    if pool.get("mode") == "system" and 0 in (pool.get("size.min"), pool.get("size.desired")):
        reader.problems.append(f"{path} is of mode system and may have no node; such a pool has one at least")


def check_pool_single(reader: Reader, pool: Values, path: str) -> None:
    for name, said in (("instance_types", "VM size"), ("subnets", "subnet")):
        given = pool.get(name)
        if given is not None and len(set(given)) != 1:
            reader.wrong(f"{path}.{name}", given, f"a list of one {said}: an AKS pool has one")
    if pool.get("zones") == []:
        reader.wrong(f"{path}.zones", [], "at least one zone; leave it out where none is wanted")


def check_pool_spot(reader: Reader, pool: Values, path: str) -> None:
    if pool.get("spot") and pool.get("mode") == "system":
        reader.problems.append(f"{path}.spot is true while {path}.mode is system; only user pools may be spot")


def check_pool_surge(reader: Reader, pool: Values, path: str) -> None:
    if "surge.max_surge" in pool and "surge.max_surge_percentage" in pool:
        reader.problems.append(f"{path}.surge.max_surge and {path}.surge.max_surge_percentage are both given; give one")
    if pool.get("surge.max_surge") == 0 and pool.get("surge.max_unavailable") == 0:
        reader.problems.append(
            f"{path}.surge.max_surge and {path}.surge.max_unavailable are both 0; no node could ever be replaced"
        )


def refuse_stopped(spec: Spec, observed: Observed) -> None:
    if observed.status == "Stopped":
        raise PlatformError(
            f"{spec.place.subject} is stopped, and takes no change.",
            kind="invalid",
            remedy="Start it first: az aks start.",
        )


def refuse_elsewhere(spec: Spec, observed: Observed) -> None:
    there = str((observed.cluster or {}).get("location") or "").replace(" ", "").lower()
    if there and there != spec.place.location:
        raise InvalidInput([f"{spec.place.subject} is in {there}, but {spec.label}location is {spec.place.location}"])


def refuse_pools_of_automatic(spec: Spec, observed: Observed) -> None:
    if observed.cluster is not None and get_path(observed.cluster, "sku.name") == "Automatic" and spec.pools:
        raise InvalidInput(
            [
                f"{spec.place.subject} is an AKS Automatic cluster, where AKS makes the nodes; "
                f"leave {spec.label}node_pools out"
            ]
        )


PARTS = {"locks": "protection", "maintenance": "_window", "diagnostics": "logging"}
"""What is read beside the cluster, and the end of the groups of fields that need it."""


def refuse_unread(spec: Spec, observed: Observed) -> None:
    """A field that could not be read is not planned for: it may be as declared already."""
    for part in sorted(observed.unknown & PARTS.keys()):
        concerned = [f.path for f in CLUSTER_FIELDS if f.path in spec.fields and f.group.endswith(PARTS[part])]
        if concerned:
            raise PlatformError(
                f"{spec.place.subject}: {spec.label}{concerned[0]} is declared, but the {part} could not be read.",
                kind="permission",
                remedy=f"Grant the right to read {part}, or leave {spec.label}{concerned[0]} out.",
            )


def refuse_unsupported(spec: Spec, observed: Observed) -> None:
    """A minor past its standard support needs the long-term plan."""
    plans = {minor(version): offer.get("plans") or () for version, offer in (observed.versions or {}).items()}
    offered = plans.get(minor(spec.version)) if spec.version else None
    plan = spec.fields.get("support") or codecs.SUPPORT.read(get_path(observed.cluster or {}, "properties.supportPlan"))
    if offered and codecs.SUPPORT.write(plan) not in offered:
        raise PlatformError(
            f"{spec.label}version {spec.version} is offered with long-term support alone.",
            kind="version",
            remedy=f"Choose a newer version, or set {spec.label}support: extended (which costs extra).",
        )
