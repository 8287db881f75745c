# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of Azure Resource Manager that change a cluster, its pools and what stands beside it. Pure.

A creation says its whole ``body``. A change says what to ``set``, by path: the driver lays it over what it reads at
that moment, so that what we do not manage, and what this release has never heard of, goes back as it came.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..observed import Document
from ..options import Field, get_path, set_path
from ..passed import merged
from ..spec import Place, PoolSpec, Spec
from ..tags import created_fields, owned_tags
from . import codecs
from .fields import CLUSTER_FIELDS, NODE_IMAGES, UPGRADES
from .passed import spread
from .pools import POOL_FIELDS

Request = dict[str, t.Any]
Settings = t.Mapping[str, t.Any]
CLUSTERS = "2025-08-01"
LOCKS = "2020-05-01"
DIAGNOSTICS = "2021-05-01-preview"
AUTOMATIC_POOL = {"name": "systempool", "mode": "System", "count": 3}
"""The pool that AKS Automatic is made with. Source: AKS Automatic, quickstart template."""


def container_service(place: Place) -> str:
    return f"/subscriptions/{place.account}/providers/Microsoft.ContainerService"


def clusters_url(place: Place) -> str:
    """Return where the clusters of a resource group are listed, without a group those of the subscription."""
    group = f"/resourceGroups/{place.group}" if place.group else ""
    kind = "providers/Microsoft.ContainerService/managedClusters"
    return f"/subscriptions/{place.account}{group}/{kind}?api-version={CLUSTERS}"


def cluster_id(place: Place) -> str:
    group = f"/subscriptions/{place.account}/resourceGroups/{place.group}"
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{place.name}"


def cluster_url(place: Place, below: str = "") -> str:
    return f"{cluster_id(place)}{below}?api-version={CLUSTERS}"


def pool_url(place: Place, name: str) -> str:
    return cluster_url(place, f"/agentPools/{name}")


def locks_url(place: Place, name: str = "") -> str:
    return f"{cluster_id(place)}/providers/Microsoft.Authorization/locks{name and f'/{name}'}?api-version={LOCKS}"


def diagnostics_url(place: Place, name: str = "") -> str:
    kind = f"{cluster_id(place)}/providers/Microsoft.Insights/diagnosticSettings"
    return f"{kind}{name and f'/{name}'}?api-version={DIAGNOSTICS}"


# -- the cluster


def create_cluster(spec: Spec, pools: t.Mapping[str, Settings]) -> Request:
    fields = created_fields(spec)
    automatic = fields.get("mode") == "auto"
    body: Request = {
        "location": spec.place.location,
        "tags": owned_tags(spec, spec.tags),
        "identity": {"type": "SystemAssigned"},
        "sku": {"name": "Automatic" if automatic else "Base", "tier": "Standard" if automatic else "Free"},
        "properties": {
            "dnsPrefix": dns_prefix(spec.place.name),
            "enableRBAC": True,
            "aadProfile": {"managed": True},
            "networkProfile": {"networkPlugin": "azure", "networkPluginMode": "overlay"},
        },
    }
    own = [field for field in CLUSTER_FIELDS if field.path in fields and field.call in ("", "edit_cluster")]
    for path, value in written([*own, *spec.passed], fields).items():
        set_path(body, path, value)
    _complete_network(body["properties"]["networkProfile"])
    profiles = [agent_pool(name, row) for name, row in pools.items()]
    body["properties"]["agentPoolProfiles"] = [dict(AUTOMATIC_POOL)] if automatic else profiles
    return {"url": cluster_url(spec.place), "body": body}


def dns_prefix(name: str) -> str:
    """Return a prefix of the API server's name: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9-]", "-", name)[:54].strip("-")


def _complete_network(network: Request) -> None:
    """AKS wants the DNS address with a range of Services, and every range of a family in its list."""
    if "serviceCidr" in network and "dnsServiceIP" not in network:
        network["dnsServiceIP"] = str(ipaddress.ip_network(network["serviceCidr"])[10])


def written(fields: t.Iterable[Field], changes: Settings) -> dict[str, t.Any]:
    """Return what to set, by path in the resource, with what a value cannot be without."""
    found: dict[str, t.Any] = {}
    for field in fields:
        value = changes[field.path]
        if field.path.startswith("extra."):
            found.update(spread(field.api, value))
            continue
        found[field.create_api or field.update_api or field.api] = field.codec.write(value)
        for path, companion in COMPANIONS.get((field.path, value if isinstance(value, (str, bool)) else None), ()):
            found.setdefault(path, companion)
        if field.api.startswith("properties.aadProfile."):
            found["properties.aadProfile.managed"] = True
    return found


COMPANIONS: dict[tuple[str, t.Any], tuple[tuple[str, t.Any], ...]] = {
    ("identity.workload", True): (("properties.oidcIssuerProfile.enabled", True),),
    ("support", "extended"): (("sku.tier", "Premium"),),
    ("network.policy_engine", "cilium"): (("properties.networkProfile.networkDataplane", "cilium"),),
}
"""What AKS insists on beside a value. Source: AKS documentation of workload identity, long-term support, Cilium."""


def edit_cluster(spec: Spec, changes: t.Mapping[str, t.Any]) -> Request:
    return {"url": cluster_url(spec.place), "set": dict(changes)}


def retag(url: str, path: str, added: t.Mapping[str, str], removed: t.Sequence[str]) -> Request:
    """Return what changes of the tags at a path; the driver lays it over those of that moment."""
    return {"url": url, "tags": path, "added": dict(added), "removed": list(removed)}


# -- what stands beside it


def lock(spec: Spec, protected: bool) -> tuple[str, Request]:
    url = locks_url(spec.place, codecs.LOCK)
    notes = f"deletion_protection of {spec.owner}"
    body = {"properties": {"level": "CanNotDelete", "notes": notes}}
    return ("put", {"url": url, "body": body}) if protected else ("remove", {"url": url})


def diagnostics(spec: Spec, cluster: Document, changes: Settings) -> tuple[str, Request]:
    """The whole setting goes; what is not declared is repeated. Without any log there is none."""
    url = diagnostics_url(spec.place, codecs.SETTING)
    now = get_path(cluster, f"diagnosticSettings.{codecs.SETTING}") or {}
    logs = changes.get("logging", codecs.LOGGING.read(cluster.get("diagnosticSettings")))
    workspace = changes.get("logging_workspace") or spec.fields.get("logging_workspace") or now.get("workspaceId")
    if not logs:
        return "remove", {"url": url}
    rows = [{"category": codecs.LOGS[name], "enabled": True} for name in sorted(logs)]
    others = [row for row in now.get("logs") or () if row.get("category") not in codecs.LOGS.values()]
    properties = {**now, "workspaceId": workspace, "logAnalyticsDestinationType": "Dedicated", "logs": [*rows, *others]}
    return "put", {"url": url, "body": {"properties": properties}}


WINDOWS = {
    "upgrade_window": (UPGRADES, "maintenance.window"),
    "node_window": (NODE_IMAGES, "maintenance.node_window"),
}


def maintenance(spec: Spec, cluster: Document, group: str, changes: Settings) -> tuple[str, Request]:
    """One maintenance configuration: a window and, for upgrades, the days on which it does not open."""
    place, path = WINDOWS[group]
    url = cluster_url(spec.place, f"/{place.replace('.', '/')}")
    now = get_path(cluster, f"{place}.maintenanceWindow") or {}
    window = changes.get(path, codecs.WINDOW.read(now))
    if not window:
        return "remove", {"url": url}
    merged = {**now, **codecs.write_window(window)}
    if "maintenance.exclusions" in changes:
        merged["notAllowedDates"] = codecs.write_dates(changes["maintenance.exclusions"])
    return "put", {"url": url, "body": {"properties": {"maintenanceWindow": merged}}}


# -- pools


def pool_fields(spec: Spec, wanted: PoolSpec, version: str) -> dict[str, t.Any]:
    """Return every field of a pool to create, with what it takes from its cluster."""
    inherited = {
        "mode": "system" if (wanted.stands_for or wanted.name) == "system" else "user",
        "subnets": spec.options.get("network.subnets"),
        "version": version,
    }
    fields = {**{path: value for path, value in inherited.items() if value}, **wanted.fields}
    if wanted.initial_size is not None:
        fields["size.desired"] = wanted.initial_size
    return fields


def agent_pool(name: str, fields: Settings) -> Request:
    """Return a pool as a cluster to create holds it: its name beside its properties."""
    profile: Request = {"name": name, "osType": "Linux", "type": "VirtualMachineScaleSets"}
    for field in POOL_FIELDS:
        if field.path in fields:
            set_path(profile, field.create_api or field.api, field.codec.write(fields[field.path]))
    for path, value in fields.items():
        if path.startswith("extra."):
            name = path.removeprefix("extra.")
            profile[name] = merged(profile.get(name), value)
    if fields.get("spot"):
        profile.update(scaleSetEvictionPolicy="Delete", spotMaxPrice=-1)
    if not fields.get("autoscaling"):
        profile = {path: value for path, value in profile.items() if path not in ("minCount", "maxCount")}
    return {**profile, "tags": dict(fields["tags"])}


def create_pool(spec: Spec, name: str, fields: Settings) -> Request:
    profile = agent_pool(name, fields)
    del profile["name"]
    return {"url": pool_url(spec.place, name), "body": {"properties": profile}}


def edit_pool(spec: Spec, document: Document, fields: t.Sequence[Field], changes: Settings) -> Request:
    """A fixed number of nodes has no bounds; a number outside new bounds moves to the nearest."""
    found = {f"properties.{path}": value for path, value in written(fields, changes).items()}
    if changes.get("autoscaling") is False:
        found.update({"properties.minCount": None, "properties.maxCount": None})
    elif changes.get("autoscaling", document.get("enableAutoScaling")):
        found.update(_within(document, changes))
    return {"url": pool_url(spec.place, str(document["name"])), "set": found}


def _within(document: Document, changes: Settings) -> dict[str, int]:
    count = int(document.get("count") or 0)
    least = changes.get("size.min", document.get("minCount"))
    most = changes.get("size.max", document.get("maxCount"))
    near = min(max(count, least or 0), most if most is not None else count)
    return {} if near == count else {"properties.count": near}


def upgrade_pool(spec: Spec, name: str, version: str) -> Request:
    return {"url": pool_url(spec.place, name), "set": {"properties.orchestratorVersion": version}}


# -- what comes back


OF_RESOURCES = ("id", "name", "type", "kind", "eTag", "systemData")
OF_PROPERTIES = (
    *("provisioningState", "powerState", "maxAgentPools", "currentKubernetesVersion", "fqdn", "privateFQDN"),
    *("azurePortalFQDN", "resourceUID", "eTag", "currentOrchestratorVersion", "status", "privateLinkResources"),
)
"""Members that only Azure writes. Source: the readOnly marks of the reference."""


def editable(resource: Document) -> Request:
    """Return what may go back of what was read."""
    kept = {name: value for name, value in resource.items() if name not in OF_RESOURCES}
    properties = resource["properties"].items()
    kept["properties"] = {name: value for name, value in properties if name not in OF_PROPERTIES}
    if "identity" in kept:
        identity = kept["identity"].items()
        kept["identity"] = {name: value for name, value in identity if name not in ("principalId", "tenantId")}
    return kept


def etag_of(resource: Document) -> str:
    return str(resource.get("eTag") or get_path(resource, "properties.eTag") or "")


def laid_over(resource: Document, changes: Settings) -> Request:
    """Return the resource with changes laid over it; None takes a member away."""
    body = _copied(editable(resource))
    for path, value in changes.items():
        if value is None:
            *parents, name = path.split(".")
            (get_path(body, ".".join(parents)) or {}).pop(name, None)
        else:
            set_path(body, path, value)
    return t.cast(Request, body)


def _copied(value: t.Any) -> t.Any:
    if isinstance(value, t.Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def cluster_document(resource: Document) -> Request:
    """Return a cluster with its ``status`` (what its provisioning does, or that it is stopped) and its ``problem``."""
    status = str(get_path(resource, "properties.provisioningState") or "")
    stopped = status == "Succeeded" and get_path(resource, "properties.powerState.code") == "Stopped"
    problem = get_path(resource, "properties.status.provisioningError")
    return {**resource, "status": "Stopped" if stopped else status, "problem": problem}


def pool_document(profile: Document) -> Request:
    problem = get_path(profile, "status.provisioningError")
    return {**profile, "status": str(profile.get("provisioningState") or ""), "problem": problem}


def pools_of(cluster: Document | None) -> dict[str, Document]:
    """Return the pools by name. Those of AKS Automatic are Azure's own and nobody else's business."""
    if cluster is None or get_path(cluster, "sku.name") == "Automatic":
        return {}
    profiles = get_path(cluster, "properties.agentPoolProfiles") or ()
    return {profile["name"]: pool_document(profile) for profile in profiles}


def created_pools(spec: Spec) -> dict[str, Settings]:
    wanted = {name: pool for name, pool in (spec.pools or {}).items() if not pool.absent}
    return {
        name: {**pool_fields(spec, pool, str(pool.fields.get("version", ""))), "tags": owned_tags(spec, pool.tags)}
        for name, pool in wanted.items()
    }
