# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows E1 to E20 of the rule catalogue, as far as the twin's operations reach."""

from __future__ import annotations

import copy
import typing as t

from ..rules import Stage
from . import changes, furniture, insights, offers
from .rules import Call, Refusal, Table
from .store import Cluster, Record, Store

UPDATES_OF_CLUSTER = ("UpdateClusterConfig", "UpdateClusterVersion")
UPDATES_OF_POOL = ("UpdateNodegroupConfig", "UpdateNodegroupVersion")
IMMUTABLE_ALTHOUGH_IN_THE_SHAPE = ("serviceIpv4Cidr", "ipFamily")
RULES = Table()
rule = RULES.rule


@rule(
    "E20", "a throttled request is refused with 429 and changes nothing", source="EKS Common Errors", stage=Stage.ADMIT
)
def throttled(store: Store, call: Call) -> Refusal | None:
    if call.faults.take("eks", call.operation, ("throttle",)) is None:
        return None
    return Refusal("ThrottlingException", "Rate exceeded", call.names())


@rule(
    "E10",
    "what cannot change is no member of an update",
    source="EKS UpdateClusterConfig, UpdateNodegroupConfig (shapes)",
    stage=Stage.ADMIT,
)
def immutables_are_unknown(store: Store, call: Call) -> Refusal | None:
    unknown = [p.text for p in call.problems if p.unknown]
    if call.operation == "UpdateClusterConfig":
        network = call.params.get("kubernetesNetworkConfig") or {}
        asked = [name for name in IMMUTABLE_ALTHOUGH_IN_THE_SHAPE if name in network]
        unknown += [f"kubernetesNetworkConfig.{name} cannot be updated" for name in asked]
    return call.invalid("; ".join(unknown)) if unknown else None


@rule("E2", "a name is taken once", source="recordings/eks/quoted-errors.json", on=("CreateCluster", "CreateNodegroup"))
def name_is_free(store: Store, call: Call) -> Refusal | None:
    if call.operation == "CreateCluster":
        name = call.params["name"]
        if store.find(call.account.account, call.account.region, name) is None:
            return None
        return Refusal("ResourceInUseException", f"Cluster already exists with name: {name}", {"clusterName": name})
    pool = call.params["nodegroupName"]
    if call.cluster is None or pool not in call.cluster.pools:
        return None
    text = f"NodeGroup already exists with name {pool} and cluster name {call.cluster.name}"
    return Refusal("ResourceInUseException", text, call.names())


@rule("E3", "a pool needs an ACTIVE cluster", source="EKS CreateNodegroup; catalogue E3", on=("CreateNodegroup",))
def pool_needs_active_cluster(store: Store, call: Call) -> Refusal | None:
    status = call.cluster.record["status"] if call.cluster else "ACTIVE"
    if status == "ACTIVE":
        return None
    return Refusal("InvalidRequestException", f"Cluster must be in ACTIVE status, it is {status}", call.names())


@rule(
    "E4",
    "one kind of change per call",
    source="recordings/eks/quoted-errors.json; CAPA#4918",
    on=("UpdateClusterConfig",),
)
def one_kind_of_change(store: Store, call: Call) -> Refusal | None:
    if len(changes.kinds_asked(call.params)) < 2:
        return None
    return Refusal("InvalidParameterException", "Only one type of update can be allowed.", call.names())


@rule(
    "E5",
    "a second update while one runs is refused with its id",
    source="EKS UpdateClusterConfig; recordings/eks/quoted-errors.json",
    on=(*UPDATES_OF_CLUSTER, *UPDATES_OF_POOL, "DeleteCluster"),
)
def one_update_at_a_time(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    running = call.cluster.running_update(call.pool.name if call.pool else "")
    if running is None:
        return None
    subject = f"nodegroup {call.pool.name}" if call.pool else f"cluster {call.cluster.name}"
    text = f"Cannot {_kind_of(call)} because {subject} currently has update {running.id} in progress"
    return Refusal("ResourceInUseException", text, call.names())


def _kind_of(call: Call) -> str:
    if call.operation == "UpdateClusterConfig":
        return next((kind.type for kind, _ in changes.kinds_asked(call.params)), "ConfigUpdate")
    return {"DeleteCluster": "delete", "UpdateNodegroupConfig": "ConfigUpdate"}.get(call.operation, "VersionUpdate")


@rule(
    "E6",
    "an update that changes nothing is an error",
    source="recordings/eks/quoted-errors.json; behaviour.md",
    on=UPDATES_OF_CLUSTER,
)
def something_changes(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    record = call.cluster.record
    if call.operation == "UpdateClusterVersion":
        version = record.get("version")
        if call.params["version"] != version:
            return None
        return call.invalid(f"Cluster is already at the desired configuration with version: {version}")
    kind, asked = next(iter(changes.kinds_asked(call.params)), (None, {}))
    if kind is None or not changes.same(record, kind.applied(record, asked)):
        return None
    if kind.type == "LoggingUpdate":
        return call.invalid("No changes needed for the logging config provided")
    return call.invalid(f"Cluster is already at the desired configuration with {_configuration(kind, record)}")


def _configuration(kind: changes.Kind, record: Record) -> str:
    network = record["resourcesVpcConfig"]
    if kind.type != "EndpointAccessUpdate":
        return ", ".join(f"{name}: {record.get(name, network.get(name))}" for name in kind.members)
    private, public = (str(network[x]).lower() for x in ("endpointPrivateAccess", "endpointPublicAccess"))
    cidrs = ", ".join(network["publicAccessCidrs"])
    return (
        f"endpointPrivateAccess: {private} , endpointPublicAccess: {public}, "
        f"and Public Endpoint Restrictions: [{cidrs}]"
    )


@rule(
    "E7",
    "the control plane moves up one minor at a time",
    source="terraform-aws-eks#2607; recordings/eks/quoted-errors.json",
    on=("UpdateClusterVersion",),
)
def one_minor_at_a_time(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    old, new = call.cluster.record["version"], call.params["version"]
    if offers.minor_number(new) - offers.minor_number(old) in (0, 1):
        return None
    return call.invalid(f"Unsupported Kubernetes minor version update from {old} to {new}")


@rule(
    "E8",
    "a hop never leaves a pool more than three minors behind",
    source="Kubernetes version skew policy; containers-roadmap#2250",
    on=("UpdateClusterVersion",),
)
def pools_keep_within_skew(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    target = offers.minor_number(call.params["version"])
    behind = [p.name for p in call.cluster.pools.values() if target - _minor_of(p.record) > offers.KUBELET_SKEW]
    if not behind:
        return None
    return call.invalid(
        f"Nodegroups {', '.join(behind)} must be updated to match cluster version before updating cluster"
    )


def _minor_of(record: Record) -> int:
    return offers.minor_number(record["version"])


@rule(
    "E9",
    "a finding that says the cluster is not ready holds a hop unless it is forced",
    source="EKS UpdateClusterVersion InvalidStateException; recordings/eks/quoted-errors.json",
    on=("UpdateClusterVersion",),
)
def findings_hold_a_hop(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    found = insights.blocking(call.cluster, call.params["version"])
    if found is None or call.params.get("force"):
        return None
    text = f"Upgrade blocked by insight {found['id']}: {found['name']}. Use the force flag to override"
    return Refusal("InvalidStateException", text, call.names())


@rule(
    "E13",
    "a cluster with pools or deletion protection is not deleted",
    source="recordings/eks/quoted-errors.json; EKS DeleteCluster",
    on=("DeleteCluster",),
)
def nothing_holds_the_cluster(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    if call.cluster.record.get("deletionProtection"):
        text = f"Cannot delete cluster {call.cluster.name} because it has deletion protection enabled"
        return Refusal("InvalidRequestException", text, call.names())
    if call.cluster.pools:
        names = {**call.names(), "nodegroupName": next(iter(call.cluster.pools))}
        return Refusal("ResourceInUseException", "Cluster has nodegroups attached", names)
    return None


@rule(
    "E1",
    "what is created is CREATING until its time has come",
    source="EKS CreateCluster, CreateNodegroup; recordings/eks/docs-cluster-lifecycle.json",
    on=("CreateCluster", "CreateNodegroup"),
    stage=Stage.SHAPE,
)
def creation_takes_time(store: Store, call: Call) -> Refusal | None:
    call.draft["status"] = "CREATING"
    call.takes = offers.DURATIONS[call.operation]
    return None


@rule(
    "E14",
    "a stale read says ACTIVE while an update still runs",
    source="ACK community#1192",
    on=("DescribeCluster", "DescribeNodegroup"),
    stage=Stage.SHAPE,
)
def stale_read(store: Store, call: Call) -> Refusal | None:
    if call.faults.take("eks", call.operation, ("stale",)) is not None:
        call.draft["status"] = "ACTIVE"
    return None


@rule(
    "E15",
    "what was accepted may still fail, and then says why",
    source="EKS Update.errors, Nodegroup.health; terraform-provider-aws#35242",
    on=("CreateCluster", "CreateNodegroup", "CreateAddon", "UpdateAddon", *UPDATES_OF_CLUSTER, *UPDATES_OF_POOL),
    stage=Stage.SHAPE,
)
def work_may_fail(store: Store, call: Call) -> Refusal | None:
    fault = call.faults.take("eks", call.operation, ("fail",))
    if fault is not None:
        call.failure = (fault.code, fault.message)
    return None


@rule(
    "E16",
    "a role that IAM has just made is unknown to the service for a while",
    source="recordings/eks/quoted-errors.json; terraform-provider-aws cluster.go, retry on InvalidParameterException",
    on=("CreateCluster", "CreateNodegroup"),
)
def roles_take_time(store: Store, call: Call) -> Refusal | None:
    if call.faults.take("eks", call.operation, ("unknown_role",)) is None:
        return None
    arn = call.params["roleArn" if call.operation == "CreateCluster" else "nodeRole"]
    text = f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
    return call.invalid(text)


@rule(
    "E21",
    "a new cluster carries what EKS installs, and its add-on manager reverts what others change of it",
    source="EKS user guide, bootstrapSelfManagedAddons and add-on field management; catalogue addendum",
    on=("CreateCluster",),
    stage=Stage.SHAPE,
)
def furnished(store: Store, call: Call) -> Refusal | None:
    auto = (call.draft.get("computeConfig") or {}).get("enabled")
    if not auto and call.params.get("bootstrapSelfManagedAddons", True):
        call.installs = furniture.SELF_MANAGED
    return None


@rule(
    "E17",
    "what is not asked for gets the service's defaults, the costly ones too",
    source="EKS CreateCluster, CreateNodegroup; recordings/eks/c7n-addon-health.json",
    on=("CreateCluster", "CreateNodegroup"),
    stage=Stage.SHAPE,
)
def defaults(store: Store, call: Call) -> Refusal | None:
    table = cluster_defaults(call) if call.operation == "CreateCluster" else pool_defaults(call.cluster)
    call.draft.update(with_defaults(call.draft, table))
    if call.operation == "CreateCluster":
        off = {"types": list(offers.LOG_TYPES), "enabled": False}
        asked = call.draft.get("logging", {}).get("clusterLogging", [])
        call.draft["logging"] = {"clusterLogging": changes.merged_logging([off], asked)}
    return None


def with_defaults(record: Record, table: Record) -> Record:
    """Return the record with every member of the table that it does not set, at any depth."""
    result = copy.deepcopy(record)
    for name, value in table.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = with_defaults(result[name], value)
        elif result.get(name) is None:
            result[name] = copy.deepcopy(value)
    return result


def cluster_defaults(call: Call) -> Record:
    vpc = call.draft["resourcesVpcConfig"].get("vpcId", "")
    return {
        "version": offers.DEFAULT_VERSION,
        "resourcesVpcConfig": {
            "securityGroupIds": [],
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": _free_service_cidr(call.account.vpc_cidrs(vpc) if vpc else []),
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
        },
        "accessConfig": {"authenticationMode": "CONFIG_MAP"},
        "upgradePolicy": {"supportType": "EXTENDED"},
        "zonalShiftConfig": {"enabled": False},
        "controlPlaneScalingConfig": {"tier": "standard"},
        "deletionProtection": False,
        "tags": {},
    }


def _free_service_cidr(taken: t.Sequence[str]) -> str:
    """EKS picks 10.100.0.0/16, or 172.20.0.0/16 where the network already uses the first."""
    return next(
        (c for c in offers.SERVICE_CIDRS if not any(offers.overlaps(c, x) for x in taken)), offers.SERVICE_CIDRS[1]
    )


def pool_defaults(cluster: Cluster | None) -> Record:
    version = cluster.record.get("version", offers.DEFAULT_VERSION) if cluster else offers.DEFAULT_VERSION
    return {
        "version": version,
        "capacityType": "ON_DEMAND",
        "amiType": "AL2023_x86_64_STANDARD",
        "instanceTypes": ["t3.medium"],
        "diskSize": 20,
        "scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 2},
        "updateConfig": {"maxUnavailable": 1, "updateStrategy": "DEFAULT"},
        "labels": {},
        "tags": {},
    }


@rule(
    "E18",
    "taints are added and removed one by one, by key and effect",
    source="EKS UpdateNodegroupConfig; recordings/eks/docs-nodegroup-lifecycle.json",
    on=("UpdateNodegroupConfig",),
    stage=Stage.SHAPE,
)
def taints_are_keyed(store: Store, call: Call) -> Refusal | None:
    if call.pool is not None and "taints" in call.params:
        call.draft["taints"] = changes.merged_taints(call.pool.record.get("taints", []), call.params["taints"])
    return None
