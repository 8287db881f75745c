# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of one EKS cluster, and its uniform description. Pure: the reading is done by the driver."""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from .fields import CLUSTER_FIELDS, POOL_FIELDS
from .options import Field, get_path
from .rules import OWNER_TAG
from .spec import Place

Document = t.Mapping[str, t.Any]
CONTROL_PLANE = "control plane"


@dataclasses.dataclass(frozen=True)
class Update:
    """An update in flight. ``params`` are the vendor's, values as texts."""

    id: str
    type: str
    params: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Observed:
    """The vendor's documents, verbatim.

    ``cluster`` is None where there is none. ``updates`` is keyed by target ("control plane", "pool general").
    ``versions`` and ``subnets`` are read only when a plan needs them, else None. ``unknown`` names what could
    not be read for want of a permission; that is never the same as absent.
    """

    account: str
    cluster: Document | None = None
    pools: t.Mapping[str, Document] = dataclasses.field(default_factory=dict)
    updates: t.Mapping[str, Update] = dataclasses.field(default_factory=dict)
    versions: t.Mapping[str, Document] | None = None
    subnets: t.Mapping[str, Document] | None = None
    vpc_ranges: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()

    @property
    def status(self) -> str:
        return str(self.cluster["status"]) if self.cluster else ""


STATES = {
    "CREATING": "creating",
    "PENDING": "creating",
    "ACTIVE": "ready",
    "UPDATING": "updating",
    "DELETING": "deleting",
    "FAILED": "failed",
    "DEGRADED": "degraded",
    "CREATE_FAILED": "failed",
    "DELETE_FAILED": "failed",
}


def owner_of(document: Document) -> str:
    """Return the value of the ownership tag, or an empty string."""
    return str((document.get("tags") or {}).get(OWNER_TAG, ""))


def read_field(field: Field, document: Document) -> t.Any:
    return field.codec.read(get_path(document, field.api))


def describe(place: Place, observed: Observed) -> dict[str, t.Any]:
    """Return the ``cluster`` value of a result: the same shape on every cloud."""
    base = {"cloud": "eks", "name": place.name, "location": place.region, "account": observed.account}
    cluster = observed.cluster
    if cluster is None:
        return {**base, "state": "absent", "exists": False, "node_pools": []}
    fields = {field.path: read_field(field, cluster) for field in CLUSTER_FIELDS}
    return {
        **base,
        "id": cluster.get("arn", ""),
        "exists": True,
        "state": STATES.get(observed.status, observed.status.lower()),
        "raw_status": observed.status,
        "version": fields["version"],
        "support": _support(fields["support"], observed),
        "endpoint": cluster.get("endpoint") or "",
        "endpoint_access": {name: fields[f"endpoint.{name}"] for name in ("public", "private", "allowed_cidrs")},
        "ca_data": get_path(cluster, "certificateAuthority.data") or "",
        "ca": pem(get_path(cluster, "certificateAuthority.data") or ""),
        "oidc_issuer": get_path(cluster, "identity.oidc.issuer") or "",
        "network": _network(cluster, fields),
        "logging": fields["logging"],
        "tags": dict(cluster.get("tags") or {}),
        "owner": owner_of(cluster),
        "deletion_protection": fields["deletion_protection"],
        "node_pools": [describe_pool(name, pool) for name, pool in sorted(observed.pools.items())],
        "health": health(cluster),
        "unknown": sorted(observed.unknown),
    }


def pem(data: str) -> str:
    """Return the authority's certificate as PEM text."""
    return base64.b64decode(data).decode("ascii") if data else ""


def _network(cluster: Document, fields: Document) -> dict[str, t.Any]:
    network = {name: fields[f"network.{name}"] for name in ("subnets", "security_groups", "service_cidr", "ip_family")}
    return {
        **network,
        "vpc": get_path(cluster, "resourcesVpcConfig.vpcId") or "",
        "cluster_security_group": get_path(cluster, "resourcesVpcConfig.clusterSecurityGroupId") or "",
    }


def _support(tier: str, observed: Observed) -> dict[str, t.Any]:
    version = (observed.cluster or {}).get("version", "")
    dates = (observed.versions or {}).get(version, {})
    return {
        "tier": tier,
        "standard_end": str(dates.get("endOfStandardSupportDate", "")),
        "extended_end": str(dates.get("endOfExtendedSupportDate", "")),
    }


def describe_pool(name: str, pool: Document) -> dict[str, t.Any]:
    fields = {field.path: read_field(field, pool) for field in POOL_FIELDS}
    return {
        "name": name,
        "state": STATES.get(pool["status"], pool["status"].lower()),
        "version": fields["version"],
        "image": fields["image_type"],
        "instance_types": list(fields["instance_types"] or ()),
        "size": {size: fields[f"size.{size}"] for size in ("min", "max", "desired")},
        "labels": fields["labels"],
        "taints": fields["taints"],
        "spot": fields["spot"],
        "subnets": fields["subnets"],
        "owner": owner_of(pool),
        "health": health(pool),
    }


def health(document: Document) -> list[dict[str, t.Any]]:
    issues = get_path(document, "health.issues") or []
    return [
        {
            "code": issue.get("code", ""),
            "message": issue.get("message", ""),
            "resources": list(issue.get("resourceIds") or ()),
        }
        for issue in issues
    ]
