# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of the EKS operations that change something. Pure."""

from __future__ import annotations

import typing as t

from .. import compare
from ..observed import Document, Observed
from ..options import Field, get_path, set_path
from ..passed import merged
from ..spec import PoolSpec, Spec
from ..tags import created_fields, owned_tags
from .addons import bootstraps
from .fields import CLUSTER_FIELDS
from .pools import POOL_FIELDS

Arguments = dict[str, t.Any]
Settings = t.Mapping[str, t.Any]


def create_cluster(spec: Spec) -> Arguments:
    """Access entries need authentication mode API; the API's own default, CONFIG_MAP, can only be left one way."""
    arguments: Arguments = {"name": spec.place.name}
    _fill(arguments, CLUSTER_FIELDS, created_fields(spec))
    arguments["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] = True
    if spec.fields.get("mode") == "auto":
        arguments = merged({**arguments, "bootstrapSelfManagedAddons": False}, auto_mode(spec, {}))
    elif not bootstraps(spec):
        arguments["bootstrapSelfManagedAddons"] = False
    arguments["tags"] = owned_tags(spec, spec.tags)
    return t.cast(Arguments, merged(arguments, {field.api: spec.fields[field.path] for field in spec.passed}))


def auto_mode(spec: Spec, cluster: Document) -> Arguments:
    """Compute, block storage and load balancing are switched together, whichever of them is to change."""
    now = cluster.get("computeConfig") or {}
    enabled = spec.fields["mode"] == "auto" if "mode" in spec.fields else bool(now.get("enabled"))
    pools = spec.fields.get("auto.node_pools", now.get("nodePools"))
    role = spec.fields.get("auto.node_role", now.get("nodeRoleArn"))
    compute = {"nodePools": pools, "nodeRoleArn": role} if enabled else {}
    return {
        "computeConfig": {"enabled": enabled, **{name: value for name, value in compute.items() if value is not None}},
        "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": enabled}},
        "storageConfig": {"blockStorage": {"enabled": enabled}},
    }


def update_cluster(spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Arguments:
    if fields[0].call == "associate_encryption_config":
        arguments: Arguments = {"clusterName": spec.place.name}
    else:
        arguments = {"name": spec.place.name}
    if fields[0].group == "mode":
        return {**arguments, **auto_mode(spec, cluster)}
    _fill(arguments, fields, changes)
    return arguments


def _fill(arguments: Arguments, fields: t.Iterable[Field], values: Settings) -> None:
    for field in fields:
        if field.path in values and field.api:
            set_path(arguments, field.api, field.codec.write(values[field.path]))


def pool_fields(spec: Spec, pool: PoolSpec, observed: Observed, version: str) -> dict[str, t.Any]:
    """Return every field of a pool to create, with what it takes from its cluster."""
    cluster_subnets = get_path(observed.cluster or {}, "resourcesVpcConfig.subnetIds") or []
    inherited = {
        "subnets": _subnets_in(pool, observed, list(spec.fields.get("network.subnets") or cluster_subnets)),
        "role": spec.options.get("identity.node_role"),
        "version": version,
        "size.desired": pool.initial_size,
    }
    fields = {**{path: value for path, value in inherited.items() if value}, **pool.fields}
    if pool.initial_size is not None:
        fields["size.desired"] = pool.initial_size
    return fields


def _subnets_in(pool: PoolSpec, observed: Observed, subnets: list[str]) -> list[str]:
    """Return the subnets that lie in the pool's zones; all of them where it names no zone."""
    zones, known = pool.fields.get("zones"), observed.subnets or {}
    return (
        [subnet for subnet in subnets if known.get(subnet, {}).get("AvailabilityZone") in zones] if zones else subnets
    )


def create_pool(spec: Spec, pool: PoolSpec, fields: Settings) -> Arguments:
    arguments: Arguments = {"clusterName": spec.place.name, "nodegroupName": pool.name}
    _fill(arguments, POOL_FIELDS, {path: value for path, value in fields.items() if value not in ({}, [])})
    arguments["tags"] = owned_tags(spec, pool.tags)
    return t.cast(Arguments, merged(arguments, {row.api: fields[row.path] for row in pool.passed}))


def update_pool(spec: Spec, name: str, document: Document, fields: t.Sequence[Field], changes: Settings) -> Arguments:
    """Labels and taints go as what to set and what to remove; the three sizes always go together."""
    arguments: Arguments = {"clusterName": spec.place.name, "nodegroupName": name}
    if "labels" in changes:
        arguments["labels"] = _label_changes(document.get("labels") or {}, changes["labels"])
    if "taints" in changes:
        arguments["taints"] = _taint_changes(compare.read_taints(document.get("taints")), changes["taints"])
    whole = [field for field in fields if field.path.partition(".")[0] in ("surge", "repair", "release_version")]
    _fill(arguments, whole, changes)
    if any(path.startswith("size.") for path in changes):
        arguments["scalingConfig"] = scaling(document, changes)
    passed = {field.api: changes[field.path] for field in fields if field.path.startswith("extra.")}
    return t.cast(Arguments, merged(arguments, passed))


def scaling(document: Document, changes: Settings) -> dict[str, int]:
    """Return the three sizes. A size that nobody declares stays, moved only where the new bounds exclude it."""
    wanted = dict(document["scalingConfig"])
    for field in POOL_FIELDS:
        if field.path.startswith("size.") and field.path in changes:
            wanted[field.api.removeprefix("scalingConfig.")] = changes[field.path]
    wanted["desiredSize"] = min(max(wanted["desiredSize"], wanted["minSize"]), wanted["maxSize"])
    return wanted


def _label_changes(observed: t.Mapping[str, str], desired: t.Mapping[str, str]) -> Arguments:
    changed = {key: value for key, value in desired.items() if observed.get(key) != value}
    return _without_empty({"addOrUpdateLabels": changed, "removeLabels": sorted(set(observed) - set(desired))})


def _taint_changes(observed: list[compare.Taint], desired: list[compare.Taint]) -> Arguments:
    now, then = compare.keyed(observed), compare.keyed(desired)
    changed = [_taint(identity, value) for identity, value in then.items() if now.get(identity) != value]
    gone = [_taint(identity, value) for identity, value in now.items() if identity not in then]
    return _without_empty(
        {"addOrUpdateTaints": compare.write_taints(changed), "removeTaints": compare.write_taints(gone)}
    )


def _taint(identity: tuple[str, str], value: str) -> compare.Taint:
    return {"key": identity[0], "value": value, "effect": identity[1]}


def _without_empty(arguments: Arguments) -> Arguments:
    return {name: value for name, value in arguments.items() if value}
