# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EKS as the planner sees it."""

from __future__ import annotations

import typing as t

from ...reconcile.actions import Action
from ..cloud import Call, Cloud, Settings, State, Tags, TagStep
from ..guard import refuse_unguarded
from ..observed import Document, Observed, pem, read_field
from ..options import Field, get_path
from ..parts import Part, Undeclared
from ..schema import Values
from ..spec import Place, PoolSpec, Spec, check_service_range, minor
from . import checks, payload
from . import rules as eks_rules
from .access import access_parts, refuse_access, undeclared_access
from .addons import addon_parts, refuse_addons, undeclared_addons
from .fields import CLUSTER_FIELDS, GROUP_ORDER
from .leftovers import leftovers, orphan_steps
from .network import refuse_network
from .options import MARKS, PLACE_OPTIONS, RUN_OPTIONS
from .passed import passed_field, passed_pool_field
from .pools import POOL_FIELDS, POOL_GROUP_ORDER
from .providers import oidc_parts, workload_parts
from .refusals import refuse_foreign_parts, refuse_unread_parts
from .vocabulary import CLUSTER_OPTIONS

STATES: dict[str, State] = {
    "CREATING": "creating",
    "PENDING": "creating",
    "ACTIVE": "ready",
    "UPDATING": "updating",
    "DELETING": "deleting",
    "FAILED": "failed",
    "DEGRADED": "degraded",
    "CREATE_FAILED": "failed",
    "DELETE_FAILED": "failed",
    "UPDATE_FAILED": "degraded",
}


# Source: EKS user guide, networking add-ons; EKS Auto Mode (what it runs outside the cluster); storage classes.
PROVIDES = {
    "standard": {
        "dns": "coredns",
        "network": "vpc-cni",
        "metrics_server": False,
        "storage_driver": "",
        "storage_classes": ["gp2"],
        "default_storage_class": "",
        "node_autoscaler": False,
    },
    "auto": {
        "dns": "coredns",
        "network": "vpc-cni",
        "metrics_server": False,
        "storage_driver": "ebs.csi.eks.amazonaws.com",
        "storage_classes": [],
        "default_storage_class": "",
        "node_autoscaler": True,
    },
}


class Eks(Cloud):
    name = "eks"
    title = "EKS"
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
        checks.check_family,
        check_service_range,
        checks.check_accounts,
        checks.check_zones,
        checks.check_auto,
        checks.check_access,
        checks.check_addons,
        checks.check_oidc_provider,
        checks.check_extra,
    )
    pool_checks = (checks.check_surge, checks.check_pool_place, checks.check_release, checks.check_pool_extra)
    states = STATES
    refusals = (
        refuse_network,
        refuse_unguarded,
        refuse_unread_parts,
        refuse_foreign_parts,
        refuse_addons,
        refuse_access,
    )
    provides = PROVIDES
    read_permissions = "Grant eks:ListNodegroups and eks:DescribeNodegroup."
    widest_skew = 3  # Kubernetes version skew policy
    work = "update"

    # -- reading

    def place(self, values: Values) -> Place:
        auth = {path.removeprefix("auth."): value for path, value in values.items() if path.startswith("auth.")}
        return Place(self.name, values["name"], values["region"], values.get("account") or "", auth)

    def place_document(self, cluster: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {
            "name": cluster["name"],
            "region": cluster["location"],
            "account": cluster.get("account") or None,
            "auth": cluster.get("auth") or {},
        }

    def tags_of(self, document: Document) -> Tags:
        return document.get("tags") or {}

    def is_vendors(self, tag: str) -> bool:
        return tag.startswith("aws:") or tag == eks_rules.POOL_TAG

    def issues(self, document: Document) -> list[dict[str, t.Any]]:
        found = get_path(document, "health.issues") or []
        return [
            {
                "code": issue.get("code", ""),
                "message": issue.get("message", ""),
                "resources": list(issue.get("resourceIds") or ()),
            }
            for issue in found
        ]

    def describe(self, place: Place, observed: Observed) -> dict[str, t.Any]:
        base = {"cloud": self.name, "name": place.name, "location": place.location, "account": observed.account}
        cluster = observed.cluster
        if cluster is None:
            return {**base, "state": "absent", "exists": False, "node_pools": []}
        fields = {field.path: read_field(field, cluster) for field in CLUSTER_FIELDS}
        return {
            **base,
            "id": cluster.get("arn", ""),
            "exists": True,
            "state": self.state(cluster),
            "raw_status": observed.status,
            "version": fields["version"],
            "support": {**self.support_of(fields["version"], observed), "tier": fields["support"]},
            "endpoint": cluster.get("endpoint") or "",
            "endpoint_access": {name: fields[f"endpoint.{name}"] for name in ("public", "private", "allowed_cidrs")},
            "ca_data": get_path(cluster, "certificateAuthority.data") or "",
            "ca": pem(get_path(cluster, "certificateAuthority.data") or ""),
            "oidc_issuer": get_path(cluster, "identity.oidc.issuer") or "",
            "network": _network(cluster, fields),
            "mode": fields["mode"],
            "provides": dict(PROVIDES[fields["mode"]]),
            "access_mode": fields["access_mode"],
            "encryption": {"kms_key": fields["encryption.kms_key"]},
            "logging": fields["logging"],
            "tags": dict(self.tags_of(cluster)),
            "owner": self.owner_of(cluster),
            "deletion_protection": fields["deletion_protection"],
            "node_pools": [self.describe_pool(name, pool) for name, pool in sorted(observed.pools.items())],
            "addons": [describe_addon(name, found) for name, found in sorted(observed.parts.get("addons", {}).items())],
            "access": sorted(observed.parts.get("access", {})),
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
            "release_version": fields["release_version"],
            "stands_for": self.tags_of(pool).get(eks_rules.POOL_TAG, ""),
            "instance_types": list(fields["instance_types"] or ()),
            "size": {size: fields[f"size.{size}"] for size in ("min", "max", "desired")},
            "labels": fields["labels"],
            "taints": fields["taints"],
            "spot": fields["spot"],
            "subnets": fields["subnets"],
            "owner": self.owner_of(pool),
            "health": self.issues(pool),
        }

    # -- deciding

    def passed_field(self, name: str) -> Field:
        return passed_field(name)

    def passed_pool_field(self, name: str) -> Field:
        return passed_pool_field(name)

    def parts(self, spec: Spec, observed: Observed) -> list[Part]:
        made = (oidc_parts, workload_parts, access_parts, addon_parts)
        return [part for parts in made for part in parts(spec, observed)]

    def leftovers(self, observed: Observed) -> list[dict[str, t.Any]]:
        return leftovers(observed)

    def orphan_steps(self, spec: Spec, observed: Observed) -> list[Action]:
        return orphan_steps(spec, observed)

    def complaints(self, observed: Observed) -> list[str]:
        return [
            f"add-on {name} is {addon['status']} ({'; '.join(row['message'] for row in self.issues(addon))})"
            for name, addon in sorted(observed.parts.get("addons", {}).items())
            if self.state(addon) == "degraded"
        ]

    def undeclared(self, spec: Spec, observed: Observed) -> list[Undeclared]:
        return [*undeclared_access(spec, observed), *undeclared_addons(spec, observed)]

    def pool_name_rule(self, name: str) -> str:
        return eks_rules.pool_name(name)

    def fixed_size(self, desired: int) -> Settings:
        return {"size.min": desired, "size.max": max(1, desired)}

    def missing_in_cluster(self, spec: Spec) -> list[str]:
        wanted = ("identity.role", "network.subnets")
        return [f"{spec.label}{path} is missing" for path in wanted if not spec.fields.get(path)]

    def missing_in_pool(self, spec: Spec, pool: PoolSpec) -> list[str]:
        path = f"{spec.label}node_pools.{pool.name}"
        missing = []
        if not pool.fields.get("role") and not spec.options.get("identity.node_role"):
            missing.append(f"{path}.role is missing (or {spec.label}identity.node_role for all)")
        if "size.min" not in pool.fields or "size.max" not in pool.fields:
            missing.append(f"{path}.size is missing (desired, or min and max)")
        return missing

    def current_version(self, observed: Observed) -> str:
        update = observed.updates.get("control plane")
        running_to = update.params.get("Version", "") if update and update.type == "VersionUpdate" else ""
        return running_to or self.version_of(observed.cluster)

    def support_of(self, version: str, observed: Observed) -> dict[str, str]:
        dates = (observed.versions or {}).get(version, {})
        return {
            "tier": str(dates.get("versionStatus", "")).partition("_")[0].lower(),
            "standard_end": _day(dates.get("endOfStandardSupportDate")),
            "extended_end": _day(dates.get("endOfExtendedSupportDate")),
        }

    def findings(self, observed: Observed) -> list[dict[str, t.Any]]:
        return [
            {
                "code": f"Insight{get_path(found, 'insightStatus.status').capitalize()}",
                "message": f"{found['name']}: {get_path(found, 'insightStatus.reason') or found.get('description')}",
                "resources": [found["id"]],
            }
            for found in observed.findings or ()
        ]

    # -- requests

    def create_cluster(self, spec: Spec) -> Call:
        return Call("create_cluster", payload.create_cluster(spec))

    def update_cluster(self, spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        return Call(fields[0].call, payload.update_cluster(spec, cluster, fields, changes))

    def upgrade_cluster(self, spec: Spec, version: str) -> Call:
        return Call("update_cluster_version", {"name": spec.place.name, "version": version, **_forced(spec)})

    def delete_cluster(self, spec: Spec) -> Call:
        return Call("delete_cluster", {"name": spec.place.name})

    def new_pool(self, spec: Spec, pool: PoolSpec, observed: Observed, version: str) -> dict[str, t.Any]:
        return payload.pool_fields(spec, pool, observed, version)

    def create_pool(self, spec: Spec, pool: PoolSpec, fields: Settings, observed: Observed) -> Call:
        return Call("create_nodegroup", payload.create_pool(spec, pool, fields))

    def update_pool(self, spec: Spec, pool: Document, fields: t.Sequence[Field], changes: Settings) -> Call:
        return Call(fields[0].call, payload.update_pool(spec, pool["nodegroupName"], pool, fields, changes))

    def upgrade_pool(self, spec: Spec, name: str, version: str) -> Call:
        target = {"clusterName": spec.place.name, "nodegroupName": name}
        release = (spec.pools or {})[name].fields.get("release_version", "")
        fits = {"releaseVersion": release} if release.startswith(f"1.{minor(version)}.") else {}
        return Call("update_nodegroup_version", {**target, "version": f"1.{minor(version)}", **fits, **_forced(spec)})

    def delete_pool(self, spec: Spec, name: str) -> Call:
        return Call("delete_nodegroup", {"clusterName": spec.place.name, "nodegroupName": name})

    def tag(self, spec: Spec, target: str, document: Document, added: Tags, removed: t.Sequence[str]) -> list[TagStep]:
        arn = document.get("arn") or document.get("nodegroupArn")
        steps = []
        if added:
            call = Call("tag_resource", {"resourceArn": arn, "tags": dict(added)})
            steps.append(TagStep("tags", call, added, ()))
        if removed:
            call = Call("untag_resource", {"resourceArn": arn, "tagKeys": list(removed)})
            steps.append(TagStep("untag", call, {}, removed))
        return steps


def describe_addon(name: str, addon: Document) -> dict[str, t.Any]:
    return {
        "name": name,
        "version": addon.get("addonVersion", ""),
        "state": STATES.get(addon["status"], "unknown"),
        "health": EKS.issues(addon),
    }


def _forced(spec: Spec) -> dict[str, bool]:
    return {"force": True} if spec.force else {}


def _network(cluster: Document, fields: Document) -> dict[str, t.Any]:
    network = {name: fields[f"network.{name}"] for name in ("subnets", "security_groups", "service_cidr", "ip_family")}
    return {
        **network,
        "vpc": get_path(cluster, "resourcesVpcConfig.vpcId") or "",
        "cluster_security_group": get_path(cluster, "resourcesVpcConfig.clusterSecurityGroupId") or "",
    }


def _day(moment: t.Any) -> str:
    """Return the day of a moment, like 2027-03-28; an empty string for none."""
    return str(moment or "")[:10]


EKS = Eks()
