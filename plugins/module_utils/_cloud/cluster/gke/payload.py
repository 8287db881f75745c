# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of the GKE operations that change something, in the protos' own names. Pure.

What a request must repeat from the last read (fingerprints, resource versions, the version of a pool) is not here:
the driver adds it when it sends the request, since earlier actions of the same plan change it.
"""

from __future__ import annotations

import math
import typing as t

from ..observed import Document, Observed
from ..options import Field, get_path, set_path
from ..passed import merged
from ..spec import Place, PoolSpec, Spec
from ..tags import created_fields, owned_tags
from . import codecs
from .fields import CLUSTER_FIELDS
from .pools import POOL_FIELDS
from .rules import PROTECTION_LABEL

Request = dict[str, t.Any]
Settings = t.Mapping[str, t.Any]
REGIONAL_ZONES = 3
"""Zones that GKE chooses in a region (CreateCluster, locations)."""
LOGGED_ANYWAY = ("SYSTEM_COMPONENTS", "WORKLOADS")


def parent(place: Place) -> str:
    return f"projects/{place.account}/locations/{place.location}"


def cluster_path(place: Place) -> str:
    return f"{parent(place)}/clusters/{place.name}"


def pool_path(place: Place, name: str) -> str:
    return f"{cluster_path(place)}/nodePools/{name}"


def create_cluster(spec: Spec, pools: t.Mapping[str, Settings]) -> Request:
    """A cluster is made with its pools: without any, GKE adds one of its own."""
    fields = created_fields(spec)
    cluster: Request = {"name": spec.place.name}
    for field in CLUSTER_FIELDS:
        if field.path in fields and field.call != "set_labels":
            set_path(cluster, field.create_api or field.api, written(spec, field, fields[field.path], {}))
    _fill_window(cluster, fields)
    if "network.pod_cidr" in fields or "network.pod_range" in fields or "network.service_cidr" in fields:
        cluster["ip_allocation_policy"]["use_ip_aliases"] = True
    cluster["resource_labels"] = owned_tags(spec, spec.tags)
    if fields.get("deletion_protection"):
        cluster["resource_labels"][PROTECTION_LABEL] = "true"
    if pools:
        nowhere = Observed(spec.place.account)
        cluster["node_pools"] = [pool(name, row, zone_count(spec, row, nowhere)) for name, row in pools.items()]
    elif fields.get("mode") != "auto":
        cluster["initial_node_count"] = 1
    passed = {field.api: fields[field.path] for field in spec.passed}
    return {"parent": parent(spec.place), "cluster": merged(cluster, passed)}


def _fill_window(cluster: Request, fields: Settings) -> None:
    exclusions = fields.get("maintenance.exclusions") or {}
    if "maintenance.window" in fields or exclusions:
        cluster["maintenance_policy"] = {
            "window": maintenance_window(fields.get("maintenance.window") or {}, exclusions)
        }


def maintenance_window(window: t.Mapping[str, str], exclusions: t.Mapping[str, t.Mapping[str, str]]) -> Request:
    found = codecs.write_window(window)
    if exclusions:
        found["maintenance_exclusions"] = codecs.write_exclusions(exclusions)
    return found


def written(spec: Spec, field: Field, value: t.Any, cluster: Document) -> t.Any:
    """Return a field's value as a request says it; a few need more than the value."""
    if field.path.startswith("extra."):
        return merged(cluster.get(field.api), value)
    if field.path == "identity.workload":
        return f"{spec.place.account}.svc.id.goog" if value else ""
    if field.path == "logging":
        return _components(value, cluster)
    return field.codec.write(value)


def _components(logs: t.Sequence[str], cluster: Document) -> list[str]:
    """The components that are no part of the control plane stay as they are."""
    now = get_path(cluster, "logging_config.component_config.enable_components")
    others = LOGGED_ANYWAY if now is None and not cluster else now or ()
    wanted = [codecs.CONTROL_PLANE_LOGS[name] for name in logs if name in codecs.CONTROL_PLANE_LOGS]
    ours = codecs.CONTROL_PLANE_LOGS.values()
    return [*(name for name in others if name not in ours), *sorted(wanted)]


def update_cluster(spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Request:
    """One desired_* field, whole where GKE replaces it, in part where it keeps the rest."""
    update: Request = {}
    for field in fields:
        set_path(update, field.update_api, written(spec, field, changes[field.path], cluster))
    return {"name": cluster_path(spec.place), "update": update}


def set_maintenance_policy(spec: Spec, cluster: Document, changes: Settings) -> Request:
    """The whole policy goes; what is not declared is repeated."""
    window, exclusions = (next(f for f in CLUSTER_FIELDS if f.path == f"maintenance.{name}") for name in PARTS)
    policy = {
        "window": maintenance_window(
            changes.get(window.path, window.codec.read(get_path(cluster, window.api))),
            changes.get(exclusions.path, exclusions.codec.read(get_path(cluster, exclusions.api))),
        )
    }
    return {"name": cluster_path(spec.place), "maintenance_policy": policy}


PARTS = ("window", "exclusions")


def set_labels(spec: Spec, added: t.Mapping[str, str], removed: t.Sequence[str]) -> Request:
    """What changes; the driver lays it over the labels of that moment, under their fingerprint."""
    return {"name": cluster_path(spec.place), "set": dict(added), "remove": list(removed)}


def protect(spec: Spec, protected: bool) -> Request:
    return set_labels(spec, {PROTECTION_LABEL: "true"} if protected else {}, [] if protected else [PROTECTION_LABEL])


def zone_count(spec: Spec, fields: Settings, observed: Observed) -> int:
    """Return in how many zones the nodes of a pool to create are."""
    zones = fields.get("zones") or (observed.cluster or {}).get("locations")
    if zones:
        return len(zones)
    return 1 if spec.place.location.count("-") == 2 else REGIONAL_ZONES


def pool_fields(spec: Spec, wanted: PoolSpec, observed: Observed) -> dict[str, t.Any]:
    """Return every field of a pool to create; ``size.desired`` is for all zones, as people say it."""
    inherited = {"service_account": spec.options.get("identity.service_account")}
    fields = {**{path: value for path, value in inherited.items() if value}, **wanted.fields}
    if wanted.initial_size is not None:
        zones = zone_count(spec, fields, observed)
        fields["size.desired"] = math.ceil(wanted.initial_size / zones) * zones
    return fields


def pool(name: str, fields: Settings, zones: int) -> Request:
    document: Request = {"name": name}
    for field in POOL_FIELDS:
        if field.path in fields and field.path not in BY_HAND:
            set_path(document, field.create_api or field.api, field.codec.write(fields[field.path]))
    if fields.get("size.desired"):
        document["initial_node_count"] = fields["size.desired"] // zones
    if "gpu.type" in fields:
        set_path(document, "config.accelerators", accelerators(fields["gpu.type"], fields.get("gpu.count", 1)))
    if fields.get("autoscaling") is False:
        del document["autoscaling"]
    set_path(document, "config.resource_labels", dict(fields["tags"]))
    passed = {path.removeprefix("extra."): value for path, value in fields.items() if path.startswith("extra.")}
    document["config"] = merged(document["config"], passed)
    return document


BY_HAND = ("size.desired", "gpu.type", "gpu.count")


def accelerators(kind: str, count: int) -> list[Request]:
    return [{"accelerator_type": kind, "accelerator_count": count}]


def create_pool(spec: Spec, name: str, fields: Settings, observed: Observed) -> Request:
    zones = zone_count(spec, fields, observed)
    return {"parent": cluster_path(spec.place), "node_pool": pool(name, fields, zones)}


def update_pool(spec: Spec, document: Document, fields: t.Sequence[Field], changes: Settings) -> Request:
    """Settings of one message are repeated where they are not declared: GKE replaces the whole of it."""
    request: Request = {"name": pool_path(spec.place, document["name"])}
    group = fields[0].group
    if group in WHOLE:
        member, keep = WHOLE[group]
        request[member] = {name: value for name, value in (document.get(member) or {}).items() if name in keep}
    if group == "size":
        zones = len(spec.pools[document["name"]].fields.get("zones") or ()) if spec.pools else 0
        return {**request, "node_count": changes["size.desired"] // (zones or codecs.zones_of(document))}
    if group == "autoscaling":
        return {**request, "autoscaling": _autoscaling(document, changes)}
    if group == "gpu":
        return {**request, "accelerators": _gpu(document, changes)}
    for field in fields:
        value = field.codec.write(changes[field.path])
        if group == "extra":
            value = merged(get_path(document, field.api), value)
        set_path(request, field.update_api, value)
    return request


WHOLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "surge": ("upgrade_settings", ("max_surge", "max_unavailable", "strategy")),
    "drain": ("node_drain_config", ("grace_termination_duration", "respect_pdb_during_node_pool_deletion")),
    "management": ("management", ("auto_upgrade", "auto_repair")),
}


def _autoscaling(document: Document, changes: Settings) -> Request:
    now = {field.path: field.codec.read(document) for field in POOL_FIELDS if field.path in ("size.min", "size.max")}
    on = changes.get("autoscaling", bool(get_path(document, "autoscaling.enabled")))
    if not on:
        return {"enabled": False}
    policy = get_path(document, "autoscaling.location_policy")
    bounds = {
        "enabled": True,
        "total_min_node_count": changes.get("size.min", now["size.min"]),
        "total_max_node_count": changes.get("size.max", now["size.max"]),
    }
    return {**bounds, "location_policy": policy} if policy else bounds


def _gpu(document: Document, changes: Settings) -> list[Request]:
    now = get_path(document, "config.accelerators")
    kind = changes.get("gpu.type") or codecs.GPU_TYPE.read(now)
    return accelerators(kind, changes.get("gpu.count") or codecs.GPU_COUNT.read(now) or 1)


def label_pool(spec: Spec, document: Document, added: t.Mapping[str, str], removed: t.Sequence[str]) -> Request:
    """What changes; the driver lays it over the labels of that moment, under the pool's etag."""
    return {"name": pool_path(spec.place, document["name"]), "set": dict(added), "remove": list(removed)}
