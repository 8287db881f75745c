# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GKE as the planner sees it."""

from __future__ import annotations

import re
import typing as t

from ..builds import BuildsCloud
from ..cloud import EVERYWHERE, Call, Settings, State, Tags, TagStep, pool_of
from ..guard import refuse_unguarded
from ..observed import Document, Observed, pem, read_field
from ..options import Field, get_path
from ..schema import Values
from ..spec import Place, PoolSpec, Spec, check_service_range
from ..tags import owned_tags
from . import checks, payload
from . import rules as gke_rules
from .fields import CLUSTER_FIELDS, GROUP_ORDER
from .options import MARKS, PLACE_OPTIONS, RUN_OPTIONS
from .passed import passed_field, passed_pool_field
from .pools import CLUSTER_OPTIONS, POOL_FIELDS, POOL_GROUP_ORDER

STATES: dict[str, State] = {
    "PROVISIONING": "creating",
    "RUNNING": "ready",
    "RECONCILING": "updating",
    "STOPPING": "deleting",
    "ERROR": "failed",
    "DEGRADED": "degraded",
    "RUNNING_WITH_ERROR": "degraded",
}

# Source: GKE documentation of kube-dns, metrics-server, the Compute Engine persistent disk CSI driver and its classes,
# the cluster autoscaler, GKE Dataplane V2 (always on in Autopilot).
IN_EVERY_CLUSTER = {
    "dns": "kube-dns",
    "metrics_server": True,
    "storage_driver": "pd.csi.storage.gke.io",
    "storage_classes": ["premium-rwo", "standard", "standard-rwo"],
    "default_storage_class": "standard-rwo",
    "node_autoscaler": True,
}
PROVIDES = {
    "standard": {**IN_EVERY_CLUSTER, "network": "gke"},
    "auto": {**IN_EVERY_CLUSTER, "dns": "cloud-dns", "network": "dataplane-v2"},
}


class Gke(BuildsCloud):
    name = "gke"
    title = "GKE"
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
        checks.check_channel,
        checks.check_ranges,
        checks.check_single,
        checks.check_extra,
        check_service_range,
    )
    pool_checks = (
        checks.check_pool_size,
        checks.check_pool_zones,
        checks.check_pool_gpu,
        checks.check_pool_surge,
        checks.check_pool_extra,
    )
    states = STATES
    variables: t.ClassVar[t.Mapping[str, str]] = {"project": "account", "location": "region"}
    refusals = (
        checks.refuse_pools_of_autopilot,
        checks.refuse_foreign_zones,
        checks.refuse_uneven,
        checks.refuse_manual_nodes,
        refuse_unguarded,
    )
    provides = PROVIDES
    read_permissions = "Grant container.clusters.get."
    widest_skew = 2  # cloud.google.com/kubernetes-engine/versioning
    work = "operation"
    first_pause = 2.0
    exclusive = True
    pools_go_with_cluster = True
    guards_deletion = False
    remakes_pools = False

    # -- reading

    def place(self, values: Values) -> Place:
        auth = {path.removeprefix("auth."): value for path, value in values.items() if path.startswith("auth.")}
        return Place(self.name, values["name"], values["location"], values["project"], auth)

    def place_document(self, cluster: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        names = {"name": "name", "location": "location", "project": "account"}
        return {**{option: cluster[name] for option, name in names.items()}, "auth": cluster.get("auth") or {}}

    def tags_of(self, document: Document) -> Tags:
        return document.get("resource_labels") or get_path(document, "config.resource_labels") or {}

    def is_vendors(self, tag: str) -> bool:
        return tag.startswith("goog") or tag == gke_rules.PROTECTION_LABEL

    def mark(self, owner: str) -> str:
        """Labels have no dots."""
        return re.sub(r"[^a-z0-9_-]", "-", owner.lower())

    def issues(self, document: Document) -> list[dict[str, t.Any]]:
        return [
            {
                "code": condition.get("code") or condition.get("canonical_code", ""),
                "message": condition.get("message", ""),
                "resources": [],
            }
            for condition in document.get("conditions") or ()
        ]

    def describe(self, place: Place, observed: Observed) -> dict[str, t.Any]:
        base = {"cloud": self.name, "name": place.name, "location": place.location, "account": observed.account}
        cluster = observed.cluster
        if cluster is None:
            return {**base, "state": "absent", "exists": False, "node_pools": []}
        fields = {field.path: read_field(field, cluster) for field in CLUSTER_FIELDS}
        endpoint, authority = way_in(cluster)
        return {
            **base,
            "id": cluster.get("self_link", ""),
            "exists": True,
            "state": self.state(cluster),
            "raw_status": observed.status,
            "version": fields["version"],
            "support": {**self.support_of(fields["version"] or "", observed), "tier": fields["support"]},
            "channel": fields["maintenance.channel"],
            "mode": fields["mode"],
            "provides": dict(PROVIDES[fields["mode"]]),
            "endpoint": endpoint,
            "endpoint_access": _under("endpoint", fields),
            "ca_data": authority,
            "ca": pem(authority),
            "oidc_issuer": _issuer(cluster),
            "network": _under("network", fields),
            "encryption": _under("encryption", fields),
            "logging": fields["logging"],
            "tags": dict(self.tags_of(cluster)),
            "owner": self.owner_of(cluster),
            "deletion_protection": fields["deletion_protection"],
            "node_pools": [self.describe_pool(name, pool) for name, pool in sorted(observed.pools.items())],
            "health": self.issues(cluster),
            "unknown": sorted(observed.unknown),
        }

    def describe_pool(self, name: str, pool: Document) -> dict[str, t.Any]:
        fields = {field.path: read_field(field, pool) for field in POOL_FIELDS}
        return {
            "name": name,
            "state": self.state(pool),
            "version": fields["version"],
            "image": fields["image_type"],
            "instance_types": fields["instance_types"],
            "size": _under("size", fields),
            "labels": fields["labels"],
            "taints": fields["taints"],
            "spot": fields["spot"],
            "zones": fields["zones"],
            "owner": self.owner_of(pool),
            "health": self.issues(pool),
        }

    # -- deciding

    def passed_field(self, name: str) -> Field:
        return passed_field(name)

    def passed_pool_field(self, name: str) -> Field:
        return passed_pool_field(name)

    def pool_limit(self, pool: Document) -> int:
        """A pool of a fixed size has no bounds."""
        return super().pool_limit(pool) if get_path(pool, "autoscaling.enabled") else self.pool_size(pool)

    def declared_limit(self, fields: Settings, now: int) -> int:
        return int(fields.get("size.max", fields.get("size.desired", now)))

    def is_open(self, cidrs: t.Sequence[str] | None, new: bool) -> bool:
        """No list at all lets everybody in, and an empty one nobody."""
        return cidrs is None or any(cidr in EVERYWHERE for cidr in cidrs)

    def pool_name_rule(self, name: str) -> str:
        return gke_rules.pool_name(name)

    def fixed_size(self, desired: int) -> Settings:
        return {"autoscaling": False}

    def missing_in_cluster(self, spec: Spec) -> list[str]:
        declared = spec.pools is not None and spec.fields.get("mode") != "auto"
        if declared and all(pool.absent for pool in (spec.pools or {}).values()):
            return [f"{spec.label}node_pools names none, and a GKE cluster is made with at least one"]
        return []

    def missing_in_pool(self, spec: Spec, pool: PoolSpec) -> list[str]:
        if "size.desired" in pool.fields or "size.min" in pool.fields:
            return []
        return [f"{spec.label}node_pools.{pool.name}.size is missing (desired, or min and max with autoscaling)"]

    def max_skew(self, pool: Document, wanted: PoolSpec | None) -> int:
        """Source: the answer "node version must be within one minor version of master", with auto-upgrade on."""
        declared = wanted.fields.get("auto_upgrade") if wanted else None
        automatic = get_path(pool, "management.auto_upgrade") if declared is None else declared
        return 1 if automatic else self.widest_skew

    def read(self, field: Field, document: Document, wanted: Settings) -> t.Any:
        """A size is that for the zones that the pool will have: moving it keeps the number in each."""
        if not field.api and wanted.get("zones"):
            document = {**document, "locations": wanted["zones"]}
        return read_field(field, document)

    def leads(self, spec: Spec, observed: Observed) -> bool:
        channel = spec.fields.get("maintenance.channel") or read_field(
            self.field("maintenance.channel"), observed.cluster or {}
        )
        return bool(channel != "none")

    def support_of(self, version: str, observed: Observed) -> dict[str, str]:
        """GKE tells the days of the version that a cluster is on, and of no other."""
        found = (observed.versions or {}).get(version, {})
        ends = {
            tier: str(found.get(f"end_of_{tier}_support_timestamp") or "")[:10] for tier in ("standard", "extended")
        }
        return {"tier": "", "standard_end": ends["standard"], "extended_end": ends["extended"]}

    def targets(self, observed: Observed) -> list[str]:
        """Return newer builds, too: GKE offers several of a minor."""
        now = self.version_of(observed.cluster)
        return [version for version in self.offered(observed) if self.is_behind(now, version)]

    # -- requests

    def create_cluster(self, spec: Spec) -> Call:
        nowhere = Observed(spec.place.account)
        wanted = {name: pool for name, pool in (spec.pools or {}).items() if not pool.absent}
        pools = {
            name: {**payload.pool_fields(spec, pool, nowhere), "tags": owned_tags(spec, pool.tags)}
            for name, pool in wanted.items()
        }
        return Call("create_cluster", payload.create_cluster(spec, pools))

    def update_cluster(self, spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        if fields[0].call == "set_labels":
            return Call("set_labels", payload.protect(spec, bool(changes["deletion_protection"])))
        if fields[0].call == "set_maintenance_policy":
            return Call("set_maintenance_policy", payload.set_maintenance_policy(spec, cluster, changes))
        return Call("update_cluster", payload.update_cluster(spec, cluster, fields, changes))

    def upgrade_cluster(self, spec: Spec, version: str) -> Call:
        update = {"desired_master_version": version}
        return Call("update_cluster", {"name": payload.cluster_path(spec.place), "update": update})

    def delete_cluster(self, spec: Spec) -> Call:
        return Call("delete_cluster", {"name": payload.cluster_path(spec.place)})

    def new_pool(self, spec: Spec, pool: PoolSpec, observed: Observed, version: str) -> dict[str, t.Any]:
        return payload.pool_fields(spec, pool, observed)

    def create_pool(self, spec: Spec, pool: PoolSpec, fields: Settings, observed: Observed) -> Call:
        return Call("create_node_pool", payload.create_pool(spec, pool.name, fields, observed))

    def update_pool(self, spec: Spec, pool: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        return Call(fields[0].call, payload.update_pool(spec, pool, fields, changes))

    def upgrade_pool(self, spec: Spec, name: str, version: str) -> Call:
        """A pool follows the control plane ("-"), unless its own version says otherwise."""
        pool = (spec.pools or {}).get(name)
        own = str(pool.fields.get("version", "")) if pool else ""
        path = payload.pool_path(spec.place, name)
        return Call("update_node_pool", {"name": path, "node_version": own if own == version else "-"})

    def delete_pool(self, spec: Spec, name: str) -> Call:
        return Call("delete_node_pool", {"name": payload.pool_path(spec.place, name)})

    def tag(self, spec: Spec, target: str, document: Document, added: Tags, removed: t.Sequence[str]) -> list[TagStep]:
        if pool_of(target):
            call = Call("update_node_pool", payload.label_pool(spec, document, added, removed))
        else:
            call = Call("set_labels", payload.set_labels(spec, added, removed))
        return [TagStep("tags", call, added, removed)]


def way_in(cluster: Document) -> tuple[str, str]:
    """Return URL and authority (base64) of the API: its address, else its DNS name under public authorities."""
    addresses = get_path(cluster, "control_plane_endpoints_config.ip_endpoints_config")
    name = get_path(cluster, "control_plane_endpoints_config.dns_endpoint_config.endpoint")
    if addresses is not None and not addresses.get("enabled") and name:
        return f"https://{name}", ""
    address = str(cluster.get("endpoint") or "")
    return (f"https://{address}" if address else ""), str(get_path(cluster, "master_auth.cluster_ca_certificate") or "")


def _issuer(cluster: Document) -> str:
    """Source: GKE workload identity: the issuer is the cluster's own path."""
    link = str(cluster.get("self_link") or "")
    return link if get_path(cluster, "workload_identity_config.workload_pool") else ""


def _under(group: str, fields: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {path.partition(".")[2]: value for path, value in fields.items() if path.partition(".")[0] == group}


GKE = Gke()
