# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of change that UpdateClusterConfig and UpdateNodegroupConfig know, as rows."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ..aws.protocol import to_json
from .store import Record

ENDPOINT_MEMBERS = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
VPC_MEMBERS = ("subnetIds", "securityGroupIds")
AUTO_MEMBERS = ("computeConfig", "storageConfig", "kubernetesNetworkConfig")
COMPONENT_MEMBERS = ("kubeApiServerConfig", "kubeSchedulerConfig", "kubeControllerManagerConfig")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of update: ``type`` as the API names it, and the members (under ``under``) that ask for it.

    ``params`` maps members to the names of update parameters; source: the model's UpdateParamType.
    """

    type: str
    members: tuple[str, ...]
    params: t.Mapping[str, str]
    under: str = ""

    def asked(self, params: Record) -> Record:
        """Return the part of a request that asks for this kind."""
        place = params.get(self.under, {}) if self.under else params
        return {name: place[name] for name in self.members if place.get(name) is not None}

    def parameters(self, asked: Record) -> dict[str, str]:
        """Return what the update lists: every value is text, also of booleans and objects."""
        return {self.params[name]: value if isinstance(value, str) else to_json(value) for name, value in asked.items()}

    def applied(self, record: Record, asked: Record) -> Record:
        """Return the cluster's record with the change made."""
        changed = copy.deepcopy(record)
        place = changed.setdefault(self.under, {}) if self.under else changed
        for name, value in asked.items():
            place[name] = _merged(name, place.get(name), value)
        return changed


# Source: EKS UpdateClusterConfig and the model's UpdateType; behaviour.md for the text values.
KINDS: tuple[Kind, ...] = (
    Kind(
        "EndpointAccessUpdate",
        ENDPOINT_MEMBERS,
        dict(
            zip(ENDPOINT_MEMBERS, ("EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs"), strict=True)
        ),
        under="resourcesVpcConfig",
    ),
    Kind(
        "VpcConfigUpdate",
        VPC_MEMBERS,
        dict(zip(VPC_MEMBERS, ("Subnets", "SecurityGroups"), strict=True)),
        "resourcesVpcConfig",
    ),
    Kind(
        "ControlPlaneEgressUpdate",
        ("controlPlaneEgressMode",),
        {"controlPlaneEgressMode": "ControlPlaneEgressMode"},
        under="resourcesVpcConfig",
    ),
    Kind("LoggingUpdate", ("logging",), {"logging": "ClusterLogging"}),
    Kind("AccessConfigUpdate", ("accessConfig",), {"accessConfig": "AuthenticationMode"}),
    Kind("UpgradePolicyUpdate", ("upgradePolicy",), {"upgradePolicy": "UpgradePolicy"}),
    Kind("ZonalShiftConfigUpdate", ("zonalShiftConfig",), {"zonalShiftConfig": "ZonalShiftConfig"}),
    Kind(
        "AutoModeUpdate",
        AUTO_MEMBERS,
        dict(zip(AUTO_MEMBERS, ("ComputeConfig", "StorageConfig", "KubernetesNetworkConfig"), strict=True)),
    ),
    Kind("RemoteNetworkConfigUpdate", ("remoteNetworkConfig",), {"remoteNetworkConfig": "RemoteNetworkConfig"}),
    Kind("DeletionProtectionUpdate", ("deletionProtection",), {"deletionProtection": "DeletionProtection"}),
    Kind(
        "ControlPlaneScalingConfigUpdate", ("controlPlaneScalingConfig",), {"controlPlaneScalingConfig": "UpdatedTier"}
    ),
    Kind(
        "ControlPlaneComponentConfigUpdate",
        COMPONENT_MEMBERS,
        dict(
            zip(
                COMPONENT_MEMBERS,
                ("KubeApiServerConfig", "KubeSchedulerConfig", "KubeControllerManagerConfig"),
                strict=True,
            )
        ),
    ),
)


def kinds_asked(params: Record) -> list[tuple[Kind, Record]]:
    """Return the kinds of change that one UpdateClusterConfig asks for."""
    found = [(kind, kind.asked(params)) for kind in KINDS]
    return [(kind, asked) for kind, asked in found if asked]


def _merged(name: str, old: t.Any, new: t.Any) -> t.Any:
    if name == "logging":
        return {"clusterLogging": merged_logging((old or {}).get("clusterLogging", []), new.get("clusterLogging", []))}
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def merged_logging(old: list[Record], new: list[Record]) -> list[Record]:
    """Return log set-ups as the service lists them: what is on, then what is off."""
    state = {kind: row.get("enabled", False) for row in (*old, *new) for kind in row.get("types", [])}
    rows = [{"types": sorted(k for k, on in state.items() if on is flag), "enabled": flag} for flag in (True, False)]
    return [row for row in rows if row["types"]]


def same(old: t.Any, new: t.Any) -> bool:
    """Compare two records as the service does: the order of a list means nothing."""
    return bool(_sorted(old) == _sorted(new))


def _sorted(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {k: _sorted(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(v) for v in value), key=to_json)
    return value


def merged_taints(old: list[Record], payload: Record) -> list[Record]:
    """Return the taints after a change: keyed by (key, effect), so one key may have several effects."""
    removed = {(x.get("key"), x.get("effect")) for x in payload.get("removeTaints", [])}
    kept = {(x.get("key"), x.get("effect")): x for x in old}
    kept = {key: x for key, x in kept.items() if key not in removed}
    for taint in payload.get("addOrUpdateTaints", []):
        kept[(taint.get("key"), taint.get("effect"))] = taint
    return list(kept.values())


def merged_labels(old: t.Mapping[str, str], payload: Record) -> dict[str, str]:
    removed = set(payload.get("removeLabels", []))
    added: dict[str, str] = payload.get("addOrUpdateLabels", {})
    return {k: v for k, v in old.items() if k not in removed} | added


def _merged_surge(old: Record, new: Record) -> Record:
    """A number and a percentage exclude each other."""
    limits = {"maxUnavailable", "maxUnavailablePercentage"}
    kept = {k: v for k, v in old.items() if not (k in limits and limits & set(new))}
    return {**kept, **new}


# Source: docs-nodegroup-lifecycle.json: the order and spelling of a pool's update parameters.
POOL_PARAMS: tuple[tuple[str, str, str], ...] = (
    ("scalingConfig", "minSize", "MinSize"),
    ("scalingConfig", "maxSize", "MaxSize"),
    ("scalingConfig", "desiredSize", "DesiredSize"),
    ("labels", "addOrUpdateLabels", "LabelsToAdd"),
    ("labels", "removeLabels", "LabelsToRemove"),
    ("taints", "addOrUpdateTaints", "TaintsToAdd"),
    ("taints", "removeTaints", "TaintsToRemove"),
    ("updateConfig", "maxUnavailable", "MaxUnavailable"),
    ("updateConfig", "maxUnavailablePercentage", "MaxUnavailablePercentage"),
    ("updateConfig", "updateStrategy", "UpdateStrategy"),
    ("nodeRepairConfig", "enabled", "NodeRepairEnabled"),
    ("warmPoolConfig", "enabled", "WarmPoolEnabled"),
)


def pool_parameters(params: Record) -> dict[str, str]:
    """Return the parameters that a pool's ConfigUpdate lists."""
    found = ((name, params.get(group, {}).get(member)) for group, member, name in POOL_PARAMS)
    return {name: v if isinstance(v, str) else to_json(v) for name, v in found if v not in (None, [], {})}


def changed_pool(record: Record, params: Record) -> Record:
    """Return the pool's record after UpdateNodegroupConfig, taints aside (rule E18 merges those)."""
    changed = copy.deepcopy(record)
    for group in ("scalingConfig", "nodeRepairConfig", "warmPoolConfig"):
        changed[group] = {**changed.get(group, {}), **params.get(group, {})}
    changed["updateConfig"] = _merged_surge(changed.get("updateConfig", {}), params.get("updateConfig", {}))
    changed["labels"] = merged_labels(changed.get("labels", {}), params.get("labels", {}))
    if "taints" in params:
        changed["taints"] = params["taints"].get("addOrUpdateTaints", [])
    return {name: value for name, value in changed.items() if value != {} or name in record}
