# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pure model of EKS: documents before, one accepted call, documents after. Its own code, none of the plugins'."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import Action

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cluster"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/node"
SUBNETS = ["subnet-0000000a", "subnet-0000000b", "subnet-0000000c"]
OWNED = {"seaworthy:owner": "seaworthy.platform"}
Json = dict[str, t.Any]


def document(**changes: t.Any) -> Json:
    """Return what a user writes, with some of it changed; None leaves an option out."""
    base: Json = {
        "name": "prod",
        "region": "eu-west-1",
        "version": "1.34",
        "identity": {"role": ROLE, "node_role": NODE_ROLE},
        "network": {"subnets": SUBNETS[:2], "service_cidr": "172.20.0.0/16"},
        "node_pools": {"general": pool(), "system": pool(size={"desired": 2})},
    }
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def pool(**changes: t.Any) -> Json:
    return {"size": {"min": 1, "max": 5}, "autoscaling": "desired" not in changes.get("size", {}), **changes}


def nodegroup(name: str, **changes: t.Any) -> Json:
    base = {
        "nodegroupName": name,
        "clusterName": "prod",
        "nodegroupArn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:nodegroup/prod/{name}/1",
        "status": "ACTIVE",
        "version": "1.34",
        "nodeRole": NODE_ROLE,
        "subnets": SUBNETS[:2],
        "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 2},
        "capacityType": "ON_DEMAND",
        "amiType": "AL2023_x86_64_STANDARD",
        "instanceTypes": ["t3.medium"],
        "diskSize": 20,
        "labels": {},
        "updateConfig": {"maxUnavailable": 1},
        "health": {"issues": []},
        "tags": dict(OWNED),
    }
    return {**base, **changes}


def cluster(**changes: t.Any) -> Json:
    base = {
        "name": "prod",
        "arn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod",
        "status": "ACTIVE",
        "version": "1.34",
        "roleArn": ROLE,
        "endpoint": "https://example.invalid",
        "resourcesVpcConfig": {
            "subnetIds": SUBNETS[:2],
            "securityGroupIds": [],
            "vpcId": "vpc-00000001",
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
        "logging": {"clusterLogging": [{"types": ["api", "audit"], "enabled": False}]},
        "accessConfig": {"authenticationMode": "API"},
        "upgradePolicy": {"supportType": "STANDARD"},
        "deletionProtection": False,
        "tags": dict(OWNED),
    }
    return {**base, **changes}


def observed(record: Json | None = None, pools: t.Iterable[Json] = (), **changes: t.Any) -> Observed:
    return Observed(
        account=ACCOUNT, cluster=record, pools={found["nodegroupName"]: found for found in pools}, **changes
    )


def two_pools(**changes: t.Any) -> list[Json]:
    fixed = {"scalingConfig": {"minSize": 2, "maxSize": 2, "desiredSize": 2}}
    return [nodegroup("general", **changes), nodegroup("system", **{**fixed, **changes})]


def applied(action: Action, before: Observed) -> Observed:
    """Return what is observed after the cloud has done one action."""
    after = dataclasses.replace(
        before, cluster=copy.deepcopy(before.cluster), pools=copy.deepcopy(dict(before.pools)), updates={}
    )
    arguments = copy.deepcopy(dict(action.arguments))
    return CALLS[action.call](after, arguments)


def _create_cluster(state: Observed, asked: Json) -> Observed:
    assert state.cluster is None
    made = cluster(tags={}, logging={})
    network = {**made["resourcesVpcConfig"], **asked.pop("resourcesVpcConfig")}
    asked["accessConfig"].pop("bootstrapClusterCreatorAdminPermissions")
    asked.pop("bootstrapSelfManagedAddons", None)
    return dataclasses.replace(state, cluster={**made, **asked, "resourcesVpcConfig": network})


def _update_cluster_config(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    del asked["name"]
    assert len(asked) == 1 or set(asked) == AUTO_MODE, "one kind of change a call"
    record = dict(state.cluster)
    network = {**record["resourcesVpcConfig"], **asked.pop("resourcesVpcConfig", {})}
    services = {**record["kubernetesNetworkConfig"], **asked.pop("kubernetesNetworkConfig", {})}
    changed = {"resourcesVpcConfig": network, "kubernetesNetworkConfig": services}
    return dataclasses.replace(state, cluster={**record, **asked, **changed})


def _associate_encryption_config(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    assert not state.cluster.get("encryptionConfig"), "once"
    return dataclasses.replace(state, cluster={**state.cluster, "encryptionConfig": asked["encryptionConfig"]})


def _create_addon(state: Observed, asked: Json) -> Observed:
    name = asked["addonName"]
    assert name not in state.parts.get("addons", {})
    made = {**asked, "status": "ACTIVE", "addonArn": f"arn:aws:eks:eu-west-1:{ACCOUNT}:addon/prod/{name}/1"}
    made["pods"] = {row["serviceAccount"]: row["roleArn"] for row in asked.get("podIdentityAssociations") or ()}
    return _with_part(state, "addons", name, made)


def _update_addon(state: Observed, asked: Json) -> Observed:
    name = asked["addonName"]
    roles = asked.pop("podIdentityAssociations", None)
    pods = {} if roles is None else {"pods": {row["serviceAccount"]: row["roleArn"] for row in roles}}
    return _with_part(state, "addons", name, {**state.parts["addons"][name], **asked, **pods})


def _delete_addon(state: Observed, asked: Json) -> Observed:
    return _with_part(state, "addons", asked["addonName"], None)


def _create_access_entry(state: Observed, asked: Json) -> Observed:
    principal = asked["principalArn"]
    assert principal not in state.parts.get("access", {})
    arn = f"arn:aws:eks:eu-west-1:{ACCOUNT}:access-entry/prod/{principal}"
    return _with_part(state, "access", principal, {"accessEntryArn": arn, "policies": {}, **asked})


def _update_access_entry(state: Observed, asked: Json) -> Observed:
    principal = asked["principalArn"]
    return _with_part(state, "access", principal, {**state.parts["access"][principal], **asked})


def _delete_access_entry(state: Observed, asked: Json) -> Observed:
    return _with_part(state, "access", asked["principalArn"], None)


def _associate_access_policy(state: Observed, asked: Json) -> Observed:
    entry = state.parts["access"][asked["principalArn"]]
    scope = list(asked["accessScope"].get("namespaces") or ())
    assert bool(scope) == (asked["accessScope"]["type"] == "namespace")
    policies = {**entry["policies"], asked["policyArn"]: scope}
    return _with_part(state, "access", asked["principalArn"], {**entry, "policies": policies})


def _disassociate_access_policy(state: Observed, asked: Json) -> Observed:
    entry = state.parts["access"][asked["principalArn"]]
    policies = {arn: scope for arn, scope in entry["policies"].items() if arn != asked["policyArn"]}
    return _with_part(state, "access", asked["principalArn"], {**entry, "policies": policies})


def _with_part(state: Observed, section: str, name: str, found: Json | None) -> Observed:
    others = {key: value for key, value in state.parts.get(section, {}).items() if key != name}
    parts = {**state.parts, section: others if found is None else {**others, name: found}}
    return dataclasses.replace(state, parts=parts)


def _update_cluster_version(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    old, new = minor(state.cluster["version"]), minor(asked["version"])
    assert new == old + 1, "one minor a hop"
    assert all(new - minor(found["version"]) <= 3 for found in state.pools.values()), "kubelet skew"
    return dataclasses.replace(state, cluster={**state.cluster, "version": asked["version"]})


def _create_nodegroup(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    assert asked["nodegroupName"] not in state.pools
    made = nodegroup(asked["nodegroupName"], version=state.cluster["version"])
    del asked["clusterName"]
    return _with_pool(state, {**made, **asked})


def _update_nodegroup_config(state: Observed, asked: Json) -> Observed:
    found = dict(state.pools[asked["nodegroupName"]])
    labels = asked.get("labels", {})
    kept = {key: value for key, value in found["labels"].items() if key not in labels.get("removeLabels", [])}
    found["labels"] = {**kept, **labels.get("addOrUpdateLabels", {})}
    taints = asked.get("taints", {})
    gone = [(taint["key"], taint["effect"]) for taint in taints.get("removeTaints", [])]
    by_key = {(taint["key"], taint["effect"]): taint for taint in found.get("taints", [])}
    by_key |= {(taint["key"], taint["effect"]): taint for taint in taints.get("addOrUpdateTaints", [])}
    found["taints"] = [taint for key, taint in by_key.items() if key not in gone]
    sizes = found["scalingConfig"] = {**found["scalingConfig"], **asked.get("scalingConfig", {})}
    assert sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"]
    limits = {"maxUnavailable", "maxUnavailablePercentage"}
    surge = asked.get("updateConfig", {})
    kept = {k: v for k, v in found["updateConfig"].items() if not (k in limits and limits & set(surge))}
    found["updateConfig"] = {**kept, **surge}
    found |= {member: {**found.get(member, {}), **asked[member]} for member in MERGED if member in asked}
    return _with_pool(state, found)


def _update_nodegroup_version(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    found = state.pools[asked["nodegroupName"]]
    version = str(asked.get("version", found["version"]))
    assert minor(version) <= minor(state.cluster["version"]), "nodes never lead"
    release = asked.get("releaseVersion", f"{version}.9-20261112")
    assert release.startswith(f"{version}."), "a release is of its minor"
    return _with_pool(state, {**found, "version": version, "releaseVersion": release})


def _delete_nodegroup(state: Observed, asked: Json) -> Observed:
    left = {name: found for name, found in state.pools.items() if name != asked["nodegroupName"]}
    return dataclasses.replace(state, pools=left)


def _delete_cluster(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    assert not state.pools, "pools first"
    assert not state.cluster["deletionProtection"]
    return dataclasses.replace(state, cluster=None)


def _tag(state: Observed, asked: Json) -> Observed:
    return _tagged(state, asked["resourceArn"], lambda tags: {**tags, **asked["tags"]})


def _untag(state: Observed, asked: Json) -> Observed:
    keys = asked["tagKeys"]
    return _tagged(state, asked["resourceArn"], lambda tags: {k: v for k, v in tags.items() if k not in keys})


def _tagged(state: Observed, arn: str, change: t.Callable[[Json], Json]) -> Observed:
    if state.cluster and state.cluster["arn"] == arn:
        return dataclasses.replace(state, cluster={**state.cluster, "tags": change(state.cluster["tags"])})
    for section, member in (("addons", "addonArn"), ("access", "accessEntryArn")):
        for name, part in state.parts.get(section, {}).items():
            if part[member] == arn:
                return _with_part(state, section, name, {**part, "tags": change(part.get("tags") or {})})
    found = next(found for found in state.pools.values() if found["nodegroupArn"] == arn)
    return _with_pool(state, {**found, "tags": change(found["tags"])})


def _with_pool(state: Observed, found: t.Mapping[str, t.Any]) -> Observed:
    return dataclasses.replace(state, pools={**state.pools, found["nodegroupName"]: found})


def minor(version: str) -> int:
    return int(version.partition(".")[2])


AUTO_MODE = {"computeConfig", "storageConfig", "kubernetesNetworkConfig"}
MERGED = ("nodeRepairConfig", "warmPoolConfig")
CALLS: dict[str, t.Callable[[Observed, Json], Observed]] = {
    "create_cluster": _create_cluster,
    "update_cluster_config": _update_cluster_config,
    "update_cluster_version": _update_cluster_version,
    "delete_cluster": _delete_cluster,
    "associate_encryption_config": _associate_encryption_config,
    "create_addon": _create_addon,
    "update_addon": _update_addon,
    "delete_addon": _delete_addon,
    "create_access_entry": _create_access_entry,
    "update_access_entry": _update_access_entry,
    "delete_access_entry": _delete_access_entry,
    "associate_access_policy": _associate_access_policy,
    "disassociate_access_policy": _disassociate_access_policy,
    "create_nodegroup": _create_nodegroup,
    "update_nodegroup_config": _update_nodegroup_config,
    "update_nodegroup_version": _update_nodegroup_version,
    "delete_nodegroup": _delete_nodegroup,
    "tag_resource": _tag,
    "untag_resource": _untag,
}
