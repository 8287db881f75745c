# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GKE cannot mean: pairs of options that cannot both hold, and what must not be done to what is there. Pure."""

from __future__ import annotations

import re

from ...._common.errors import InvalidInput, PlatformError
from ..observed import Observed
from ..options import get_path
from ..passed import check_passed, options_by_api
from ..schema import Reader, Values
from ..spec import PoolSpec, Spec
from . import payload
from .fields import CLUSTER_FIELDS
from .pools import POOL_FIELDS


def check_endpoint(reader: Reader, values: Values, label: str) -> None:
    """Source: ControlPlaneEndpointsConfig: the public endpoint is one of the IP endpoints."""
    public, private, dns = (values.get(f"endpoint.{name}") for name in ("public", "private", "dns"))
    if public and private is False:
        reader.problems.append(
            f"{label}endpoint.public is true while {label}endpoint.private is false; "
            "GKE has no public address without the private one: set private to true"
        )
    elif private is False and not dns:
        reader.problems.append(
            f"{label}endpoint.private is false without {label}endpoint.dns; "
            "nobody could reach the cluster: set dns to true"
        )


def check_mode(reader: Reader, values: Values, label: str) -> None:
    if values.get("mode") == "auto" and values.get("node_pools"):
        reader.problems.append(
            f"{label}node_pools is given while {label}mode is auto, where Google runs the nodes; leave it out"
        )


def check_channel(reader: Reader, values: Values, label: str) -> None:
    support, channel = values.get("support"), values.get("maintenance.channel")
    if support and channel and (support == "extended") != (channel == "extended"):
        reader.problems.append(
            f"{label}support is {support} while {label}maintenance.channel is {channel}; "
            "extended support is the channel extended: give one of them"
        )


def check_ranges(reader: Reader, values: Values, label: str) -> None:
    for name in ("pod", "service"):
        if values.get(f"network.{name}_cidr") and values.get(f"network.{name}_range"):
            reader.problems.append(
                f"{label}network.{name}_cidr and {label}network.{name}_range are both given; give one"
            )


def check_single(reader: Reader, values: Values, label: str) -> None:
    subnets = values.get("network.subnets")
    if subnets is not None and len(set(subnets)) != 1:
        reader.wrong(f"{label}network.subnets", subnets, "a list of one subnetwork: a GKE cluster has one")


def check_pool_size(reader: Reader, pool: Values, path: str) -> None:
    """Source: NodePoolAutoscaling and SetNodePoolSize: bounds are the autoscaler's, sizes are for each zone."""
    bounds = [name for name in ("size.min", "size.max") if name in pool]
    if bounds and not pool.get("autoscaling"):
        reader.problems.append(
            f"{path}.{bounds[0]} is given without autoscaling; GKE has bounds only with it: "
            f"set {path}.autoscaling to true, or give {path}.size.desired alone"
        )
    zones, desired = pool.get("zones"), pool.get("size.desired")
    if zones and desired is not None and not pool.get("autoscaling") and desired % len(set(zones)):
        reader.wrong(f"{path}.size.desired", desired, f"a multiple of {len(set(zones))}, the number of {path}.zones")


def check_pool_zones(reader: Reader, pool: Values, path: str) -> None:
    if pool.get("zones") == []:
        reader.wrong(f"{path}.zones", [], "at least one zone; leave it out for those of the cluster")
    types = pool.get("instance_types")
    if types is not None and len(set(types)) != 1:
        reader.wrong(f"{path}.instance_types", types, "a list of one machine type: a GKE pool has one")


def check_pool_gpu(reader: Reader, pool: Values, path: str) -> None:
    if "gpu.count" in pool and "gpu.type" not in pool:
        reader.problems.append(f"{path}.gpu.count is given without {path}.gpu.type; give both")


def check_pool_surge(reader: Reader, pool: Values, path: str) -> None:
    if pool.get("surge.max_surge") == 0 and pool.get("surge.max_unavailable") == 0:
        reader.problems.append(
            f"{path}.surge.max_surge and {path}.surge.max_unavailable are both 0; no node could ever be replaced"
        )


def check_extra(reader: Reader, values: Values, label: str) -> None:
    own = ("name", "node_pools", "initial_node_count", "resource_labels", "autopilot")
    check_passed(reader, values.get("extra"), options_by_api(CLUSTER_FIELDS), own, f"{label}extra")


def check_pool_extra(reader: Reader, pool: Values, path: str) -> None:
    options = {api.removeprefix("config."): option for api, option in options_by_api(POOL_FIELDS).items()}
    check_passed(reader, pool.get("extra"), options, ("resource_labels",), f"{path}.extra")


def refuse_pools_of_autopilot(spec: Spec, observed: Observed) -> None:
    if observed.cluster is not None and get_path(observed.cluster, "autopilot.enabled") and spec.pools:
        raise InvalidInput(
            [
                f"{spec.place.subject} is an Autopilot cluster, where Google runs the nodes; "
                f"leave {spec.label}node_pools out"
            ]
        )


def refuse_uneven(spec: Spec, observed: Observed) -> None:
    """A fixed number of nodes is spread evenly over the zones, or not at all."""
    problems = [
        f"{spec.label}node_pools.{name}.size.desired is {desired}; must be a multiple of {zones}, its number of zones "
        f"(or name fewer in {spec.label}node_pools.{name}.zones)"
        for name, pool in (spec.pools or {}).items()
        for desired, zones in _fixed(spec, pool, observed)
        if desired % zones
    ]
    if problems:
        raise InvalidInput(problems)


def _fixed(spec: Spec, pool: PoolSpec, observed: Observed) -> list[tuple[int, int]]:
    desired = pool.fields.get("size.desired")
    if pool.absent or desired is None:
        return []
    document = observed.pools.get(pool.name)
    there = len(pool.fields.get("zones") or (document or {}).get("locations") or ())
    return [(desired, there or payload.zone_count(spec, pool.fields, observed))]


def refuse_manual_nodes(spec: Spec, observed: Observed) -> None:
    """Source: the answer "Auto_upgrade cannot be false when release_channel REGULAR is set"."""
    channel = spec.fields.get("maintenance.channel") or _channel(observed)
    manual = [name for name, pool in (spec.pools or {}).items() if pool.fields.get("auto_upgrade") is False]
    if manual and channel != "none":
        raise PlatformError(
            f"{spec.label}node_pools.{manual[0]}.auto_upgrade is false, but the cluster is on release channel "
            f"{channel or 'regular'}, which upgrades its nodes.",
            kind="invalid",
            remedy=f"Leave it out, or set {spec.label}maintenance.channel: none.",
        )


def _channel(observed: Observed) -> str:
    found = get_path(observed.cluster or {}, "release_channel.channel") or ""
    return "none" if observed.cluster is not None and not found else str(found).lower().replace("unspecified", "none")


def zonal(location: str) -> bool:
    return re.fullmatch(r"[a-z]+-[a-z]+[0-9]+-[a-z]", location) is not None


def refuse_foreign_zones(spec: Spec, observed: Observed) -> None:
    region = spec.place.location.rpartition("-")[0] if zonal(spec.place.location) else spec.place.location
    for name, pool in (spec.pools or {}).items():
        for zone in pool.fields.get("zones") or ():
            if not zone.startswith(f"{region}-"):
                raise InvalidInput(
                    [f'{spec.label}node_pools.{name}.zones names "{zone}"; must be zones of {region}, like {region}-b']
                )
