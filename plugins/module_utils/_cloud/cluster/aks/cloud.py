# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AKS as the planner sees it."""

from __future__ import annotations

import typing as t

from ..builds import BuildsCloud, parts
from ..cloud import EVERYWHERE, Call, Settings, State, Tags, TagStep, pool_of
from ..guard import refuse_unguarded
from ..observed import Document, Observed, pem, read_field
from ..options import Field, get_path
from ..schema import Values
from ..spec import Place, PoolSpec, Spec, check_service_range, minor
from . import checks, payload
from . import rules as aks_rules
from .fields import CLUSTER_FIELDS, GROUP_ORDER
from .options import MARKS, PLACE_OPTIONS, RUN_OPTIONS
from .passed import passed_field, passed_pool_field
from .pools import CLUSTER_OPTIONS, POOL_FIELDS, POOL_GROUP_ORDER

STATES: dict[str, State] = {
    "Creating": "creating",
    "Succeeded": "ready",
    "Deleting": "deleting",
    "Failed": "failed",
    "Canceled": "failed",
    "Stopped": "stopped",
    "": "unknown",
}
"""Every other word (Updating, Upgrading, Scaling, RotatingClusterCertificates, ...) is work under way."""
MOVING = ("rapid", "stable", "patch")
STANDARD_PLAN = "KubernetesOfficial"

# Source: AKS concepts (managed components): CoreDNS with its autoscaler, metrics-server, CSI drivers and their classes
# in every cluster; AKS Automatic: node autoprovisioning, and Cilium as its network.
IN_EVERY_CLUSTER = {
    "dns": "coredns",
    "metrics_server": True,
    "storage_driver": "disk.csi.azure.com",
    "storage_classes": ["azurefile-csi", "azurefile-csi-premium", "default", "managed-csi", "managed-csi-premium"],
    "default_storage_class": "default",
}
PROVIDES = {
    "standard": {**IN_EVERY_CLUSTER, "network": "azure", "node_autoscaler": True},
    "auto": {**IN_EVERY_CLUSTER, "network": "cilium", "node_autoscaler": True},
}


class Aks(BuildsCloud):
    name = "aks"
    title = "AKS"
    marks = MARKS
    place_options = PLACE_OPTIONS
    run_options = RUN_OPTIONS
    cluster_fields = CLUSTER_FIELDS
    cluster_options = CLUSTER_OPTIONS
    pool_fields = POOL_FIELDS
    group_order = GROUP_ORDER
    pool_group_order = POOL_GROUP_ORDER
    cross_checks = (
        checks.check_endpoint,
        checks.check_mode,
        checks.check_support,
        checks.check_network,
        checks.check_logging,
        checks.check_maintenance,
        checks.check_extra,
        check_service_range,
    )
    pool_checks = (
        checks.check_pool_size,
        checks.check_pool_single,
        checks.check_pool_spot,
        checks.check_pool_surge,
        checks.check_pool_extra,
    )
    states = STATES
    variables: t.ClassVar[t.Mapping[str, str]] = {"subscription": "account", "location": "region"}
    refusals = (
        checks.refuse_stopped,
        checks.refuse_elsewhere,
        checks.refuse_pools_of_automatic,
        checks.refuse_unread,
        checks.refuse_unsupported,
        refuse_unguarded,
    )
    provides = PROVIDES
    narrowing = ("name", "resource_group")
    read_permissions = "Grant Microsoft.ContainerService/managedClusters/read."
    widest_skew = 3  # Kubernetes version skew policy, which AKS follows
    work = "operation"
    first_pause = 2.0
    exclusive = True
    pools_go_with_cluster = True
    remakes_pools = False
    repairs = True
    beside = ("logging", "upgrade_window", "node_window", "protection")

    # -- reading

    def place(self, values: Values) -> Place:
        auth = {path.removeprefix("auth."): value for path, value in values.items() if path.startswith("auth.")}
        return Place(
            self.name,
            values["name"],
            values["location"],
            values["subscription"],
            auth,
            values.get("resource_group", ""),
        )

    def place_document(self, cluster: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        names = {"name": "name", "location": "location", "subscription": "account", "resource_group": "resource_group"}
        return {**{option: cluster.get(name) for option, name in names.items()}, "auth": cluster.get("auth") or {}}

    def state(self, document: Document) -> State:
        return self.states.get(str(document.get("status", "")), "updating")

    def tags_of(self, document: Document) -> Tags:
        return document.get("tags") or {}

    def is_vendors(self, tag: str) -> bool:
        return tag.lower().startswith(aks_rules.RESERVED)

    def issues(self, document: Document) -> list[dict[str, t.Any]]:
        found = document.get("problem") or {}
        told = {name: str(found.get(name) or "") for name in ("code", "message")}
        return [{**told, "resources": []}] if found else []

    def describe(self, place: Place, observed: Observed) -> dict[str, t.Any]:
        base = {
            "cloud": self.name,
            "name": place.name,
            "location": place.location,
            "account": observed.account,
            "resource_group": place.group,
        }
        cluster = observed.cluster
        if cluster is None:
            return {**base, "state": "absent", "exists": False, "node_pools": []}
        fields = {field.path: read_field(field, cluster) for field in CLUSTER_FIELDS}
        way_in = cluster.get("credentials") or {}
        return {
            **base,
            "id": cluster.get("id", ""),
            "exists": True,
            "state": self.state(cluster),
            "raw_status": observed.status,
            "version": fields["version"],
            "support": {**self.support_of(fields["version"], observed), "tier": fields["support"]},
            "tier": fields["tier"],
            "mode": fields["mode"],
            "provides": dict(PROVIDES[fields["mode"]]),
            "endpoint": way_in.get("server", ""),
            "endpoint_access": _under("endpoint", fields),
            "ca_data": way_in.get("ca", ""),
            "ca": pem(way_in.get("ca", "")),
            "oidc_issuer": get_path(cluster, "properties.oidcIssuerProfile.issuerURL") or "",
            "network": _under("network", fields),
            "identity": {**_under("identity", fields), "kubelet": _kubelet(cluster)},
            "encryption": _under("encryption", fields),
            "logging": fields["logging"],
            "maintenance": _under("maintenance", fields),
            "tags": dict(self.tags_of(cluster)),
            "owner": self.owner_of(cluster),
            "deletion_protection": fields["deletion_protection"],
            "node_pools": [self.describe_pool(name, pool) for name, pool in sorted(observed.pools.items())],
            "health": self.issues(cluster),
            "unknown": sorted(observed.unknown),
        }

    def describe_pool(self, name: str, pool: Document) -> dict[str, t.Any]:
        fields = {field.path: read_field(field, pool) for field in POOL_FIELDS}
        plain = ("version", "mode", "instance_types", "labels", "taints", "spot", "zones")
        return {
            "name": name,
            "state": self.state(pool),
            **{path: fields[path] for path in plain},
            "image": fields["image_type"],
            "size": _under("size", fields),
            "owner": self.owner_of(pool),
            "health": self.issues(pool),
        }

    def pool_version(self, pool: Document) -> str:
        return str(pool.get("currentOrchestratorVersion") or pool.get("orchestratorVersion") or "")

    # -- deciding

    def pool_name_rule(self, name: str) -> str:
        return aks_rules.pool_name(name)

    def passed_field(self, name: str) -> Field:
        return passed_field(name)

    def passed_pool_field(self, name: str) -> Field:
        return passed_pool_field(name)

    def replacement(self, name: str, digest: str) -> str:
        return f"{name[:6]}{digest}"

    def pool_limit(self, pool: Document) -> int:
        """A pool of a fixed size has no bounds."""
        return super().pool_limit(pool) if pool.get("enableAutoScaling") else self.pool_size(pool)

    def declared_limit(self, fields: Settings, now: int) -> int:
        return int(fields.get("size.max", fields.get("size.desired", now)))

    def is_open(self, cidrs: t.Sequence[str] | None, new: bool) -> bool:
        """No list at all lets everybody in."""
        return not cidrs or any(cidr in EVERYWHERE for cidr in cidrs)

    def fixed_size(self, desired: int) -> Settings:
        return {"autoscaling": False}

    def missing_in_cluster(self, spec: Spec) -> list[str]:
        """Source: AKS system node pools: a cluster has one at all times."""
        if spec.fields.get("mode") == "auto":
            return []
        modes = {row.get("mode") for row in payload.created_pools(spec).values()}
        if "system" in modes:
            return []
        return [f"{spec.label}node_pools names no pool of mode system (one that is named system is one)"]

    def missing_in_pool(self, spec: Spec, pool: PoolSpec) -> list[str]:
        path = f"{spec.label}node_pools.{pool.name}"
        missing = [] if pool.fields.get("instance_types") else [f"{path}.instance_types is missing"]
        if pool.initial_size is None:
            missing.append(f"{path}.size is missing (desired, or min and max with autoscaling)")
        return missing

    def leads(self, spec: Spec, observed: Observed) -> bool:
        declared = spec.fields.get("maintenance.channel")
        field = self.field("maintenance.channel")
        return (declared or read_field(field, observed.cluster or {})) in MOVING

    def pool_steps(self, at: str, wanted: str) -> list[str]:
        """Source: Azure/AKS#1697: a pool, too, goes up one minor at a time."""
        return [*(f"1.{number}" for number in range(minor(at) + 1, minor(wanted))), wanted]

    def resolved(self, alias: str, observed: Observed) -> str:
        """AKS itself takes a minor and finds its newest patch."""
        return alias

    def plans(self, version: str, observed: Observed) -> set[str]:
        """Return the support plans that a version is offered with."""
        offers = observed.versions or {}
        return {str(plan) for build in self.fitting(version, observed) for plan in offers[build].get("plans") or ()}

    def support_of(self, version: str, observed: Observed) -> dict[str, str]:
        """AKS says with which plans it offers a version, and of no version when that ends."""
        plans = self.plans(version, observed)
        tier = "standard" if STANDARD_PLAN in plans else "extended" if plans else ""
        return {"tier": tier, "standard_end": "", "extended_end": ""}

    def targets(self, observed: Observed) -> list[str]:
        """Only versions that are offered with the cluster's own support plan."""
        plan = str(get_path(observed.cluster or {}, "properties.supportPlan") or STANDARD_PLAN)
        return [version for version in super().targets(observed) if plan in self.plans(version, observed)]

    def offered(self, observed: Observed) -> list[str]:
        return sorted({version.rpartition(".")[0] for version in observed.versions or {}}, key=parts)

    # -- requests

    def create_cluster(self, spec: Spec) -> Call:
        return Call("create", payload.create_cluster(spec, payload.created_pools(spec)))

    def update_cluster(self, spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        if fields[0].call == "put_lock":
            return Call(*payload.lock(spec, bool(changes["deletion_protection"])))
        if fields[0].call == "put_diagnostics":
            return Call(*payload.diagnostics(spec, cluster, changes))
        if fields[0].call == "put_maintenance":
            return Call(*payload.maintenance(spec, cluster, fields[0].group, changes))
        return Call("edit", payload.edit_cluster(spec, payload.written(fields, changes)))

    def upgrade_cluster(self, spec: Spec, version: str) -> Call:
        return Call("edit", payload.edit_cluster(spec, {"properties.kubernetesVersion": version}))

    def delete_cluster(self, spec: Spec) -> Call:
        return Call("delete", {"url": payload.cluster_url(spec.place)})

    def repair(self, spec: Spec, target: str) -> Call:
        """Source: Azure/AKS#4674: what has failed is sent again as it is."""
        return Call("edit", {"url": target_url(spec.place, target), "set": {}})

    def new_pool(self, spec: Spec, pool: PoolSpec, observed: Observed, version: str) -> dict[str, t.Any]:
        return payload.pool_fields(spec, pool, version)

    def create_pool(self, spec: Spec, pool: PoolSpec, fields: Settings, observed: Observed) -> Call:
        return Call("create", payload.create_pool(spec, pool.name, fields))

    def update_pool(self, spec: Spec, pool: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        return Call("edit", payload.edit_pool(spec, pool, fields, changes))

    def upgrade_pool(self, spec: Spec, name: str, version: str) -> Call:
        return Call("edit", payload.upgrade_pool(spec, name, version))

    def delete_pool(self, spec: Spec, name: str) -> Call:
        return Call("delete", {"url": payload.pool_url(spec.place, name)})

    def tag(self, spec: Spec, target: str, document: Document, added: Tags, removed: t.Sequence[str]) -> list[TagStep]:
        """A cluster's tags have a request of their own, a pool's are a part of it."""
        name, path = ("edit", "properties.tags") if pool_of(target) else ("patch", "tags")
        call = Call(name, payload.retag(target_url(spec.place, target), path, added, removed))
        return [TagStep("tags", call, added, removed)]


def target_url(place: Place, target: str) -> str:
    return payload.pool_url(place, pool_of(target)) if pool_of(target) else payload.cluster_url(place)


def _kubelet(cluster: Document) -> str:
    """Return the object id that pull rights on a registry are given to."""
    return str(get_path(cluster, "properties.identityProfile.kubeletidentity.objectId") or "")


def _under(group: str, fields: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {path.partition(".")[2]: value for path, value in fields.items() if path.partition(".")[0] == group}


AKS = Aks()
