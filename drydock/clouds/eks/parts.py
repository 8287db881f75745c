# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of what a cluster has by name beside its pools: rows of the catalogue (E*) and of validity (V*)."""

from __future__ import annotations

import json
import re

from ..rules import Stage
from . import offers
from .rules import Call, Refusal, Table
from .store import Store

RULES = Table()
rule = RULES.rule
ON_ENTRIES = ("CreateAccessEntry", "AssociateAccessPolicy", "UpdateAccessEntry", "ListAccessEntries")
ON_ADDONS = ("CreateAddon", "UpdateAddon", "DeleteAddon")
OF_CLUSTER = ("AssociateEncryptionConfig", "AssociateIdentityProviderConfig", "DisassociateIdentityProviderConfig")


@rule(
    "E11",
    "the authentication mode moves from CONFIG_MAP to both to API, and never back",
    source="EKS UpdateAccessConfigRequest; EKS user guide, access entries",
    on=("UpdateClusterConfig",),
)
def authentication_mode_moves_on(store: Store, call: Call) -> Refusal | None:
    wanted = (call.params.get("accessConfig") or {}).get("authenticationMode")
    if wanted is None or call.cluster is None:
        return None
    now = call.cluster.record["accessConfig"]["authenticationMode"]
    if offers.ACCESS_MODES.index(wanted) >= offers.ACCESS_MODES.index(now):
        return None
    return Refusal("InvalidParameterException", f"Unsupported authentication mode update from {now} to {wanted}")


@rule(
    "E12",
    "a cluster that reads its ConfigMap knows no access entries",
    source="EKS CreateAccessEntry InvalidRequestException; recordings/eks/quoted-errors.json",
    on=ON_ENTRIES,
)
def entries_need_their_mode(store: Store, call: Call) -> Refusal | None:
    if call.cluster is None or call.cluster.record["accessConfig"]["authenticationMode"] != "CONFIG_MAP":
        return None
    text = (
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
    )
    return Refusal("InvalidRequestException", text, call.names())


@rule(
    "E19",
    "coredns is DEGRADED while no node can run it",
    source="terraform-aws-eks#3446, #2820; recordings/eks/c7n-addon-health.json",
    on=("DescribeAddon",),
    stage=Stage.SHAPE,
)
def coredns_needs_nodes(store: Store, call: Call) -> Refusal | None:
    nodes = call.cluster is not None and any(p.record["status"] == "ACTIVE" for p in call.cluster.pools.values())
    auto = call.cluster is not None and (call.cluster.record.get("computeConfig") or {}).get("enabled")
    if call.draft["addonName"] == "coredns" and call.draft["status"] == "ACTIVE" and not nodes and not auto:
        issue = {"code": "InsufficientNumberOfReplicas", "message": "The add-on is unhealthy", "resourceIds": []}
        call.draft.update(status="DEGRADED", health={"issues": [issue]})
    return None


@rule(
    "V16",
    "an add-on, an entry and a provider exist once, and there is one provider a cluster",
    source="EKS ResourceInUseException of CreateAddon, CreateAccessEntry, AssociateIdentityProviderConfig",
    on=("CreateAddon", "CreateAccessEntry", "AssociateIdentityProviderConfig"),
)
def part_is_new(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    texts = {
        "CreateAddon": ("Addon already exists.", call.params.get("addonName") in call.cluster.addons),
        "CreateAccessEntry": (
            "The specified access entry resource is already in use on this cluster.",
            call.params.get("principalArn") in call.cluster.entries,
        ),
        "AssociateIdentityProviderConfig": (
            "Cluster already has an identity provider config associated",
            bool(call.cluster.providers),
        ),
    }
    text, taken = texts[call.operation]
    return Refusal("ResourceInUseException", text, call.names()) if taken else None


@rule(
    "V17",
    "an add-on and its version are among those that fit the cluster's version",
    source="EKS DescribeAddonVersions; recordings/eks/docs-addon-and-access.json",
    on=("CreateAddon", "UpdateAddon"),
)
def addon_is_offered(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    name, version = call.params["addonName"], call.params.get("addonVersion")
    fitting = offers.addon_versions(name, call.cluster.record["version"])
    if not fitting:
        return Refusal("InvalidParameterException", f"Addon {name} specified is not supported", call.names())
    if version is not None and version not in fitting:
        return Refusal("InvalidParameterException", "Addon version specified is not supported", call.names())
    return None


@rule(
    "V18",
    "configuration values are a JSON object of settings that the add-on has",
    source="EKS CreateAddon configurationValues; DescribeAddonConfiguration",
    on=("CreateAddon", "UpdateAddon"),
)
def configuration_fits(store: Store, call: Call) -> Refusal | None:
    text = call.params.get("configurationValues")
    if not text:
        return None
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    known = offers.ADDONS[call.params["addonName"]].settings
    unknown = sorted(set(values) - set(known)) if isinstance(values, dict) else ["$"]
    if not unknown:
        return None
    said = "ConfigurationValue provided in request is not supported: Json schema validation failed with error:"
    text = f"{said} [$.{unknown[0]}: is not defined in the schema]"
    return Refusal("InvalidParameterException", text, call.names())


@rule(
    "V19",
    "what is being made, changed or deleted is not changed at the same time; a running update is named",
    source="EKS ResourceInUseException of UpdateAddon and of the updates of a cluster",
    on=(*ON_ADDONS[1:], *OF_CLUSTER),
)
def part_rests(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    name = call.params.get("addonName", "")
    running = call.cluster.running_update(addon=name)
    if running is not None:
        subject = f"addon {name}" if name else f"cluster {call.cluster.name}"
        text = f"Cannot {call.operation} because {subject} currently has update {running.id} in progress"
        return Refusal("ResourceInUseException", text, call.names())
    record = call.cluster.addons.get(name, {}) if name else call.cluster.record
    if record.get("status") in ("CREATING", "DELETING"):
        return Refusal(
            "InvalidRequestException", f"Cannot {call.operation}: its status is {record['status']}", call.names()
        )
    return None


@rule(
    "V20",
    "a policy is one of EKS's own, and its scope names namespaces or the cluster",
    source="EKS AssociateAccessPolicy; recordings/eks/docs-addon-and-access.json",
    on=("AssociateAccessPolicy",),
)
def policy_is_known(store: Store, call: Call) -> Refusal | None:
    arn, scope = call.params["policyArn"], call.params["accessScope"]
    if arn.rpartition("/")[2] not in offers.POLICIES or not arn.startswith("arn:aws:eks::aws:cluster-access-policy/"):
        return Refusal("InvalidParameterException", "The policyArn parameter format is not valid", call.names())
    if (scope.get("type") == "namespace") != bool(scope.get("namespaces")):
        return Refusal("InvalidParameterException", "The accessScope namespaces do not fit its type", call.names())
    return None


@rule(
    "V21",
    "an entry is for a principal of IAM, and its groups are not Kubernetes' own",
    source="EKS CreateAccessEntry; EKS user guide, creating access entries",
    on=("CreateAccessEntry", "UpdateAccessEntry"),
)
def entry_is_legal(store: Store, call: Call) -> Refusal | None:
    if not re.fullmatch(r"arn:aws:iam::[0-9]{12}:(user|role)/.+", call.params["principalArn"]):
        return call.invalid("The principalArn parameter format is not valid")
    reserved = [group for group in call.params.get("kubernetesGroups") or [] if group.startswith("system:")]
    return (
        call.invalid(f"The kubernetes group name {reserved[0]} is invalid, it cannot start with system:")
        if reserved
        else None
    )


@rule(
    "V22",
    "Secrets get a key once, and keep it",
    source="recordings/eks/c7n-associate-encryption-config-invalid.json; EKS AssociateEncryptionConfig",
    on=("AssociateEncryptionConfig",),
)
def encryption_is_new(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    if not call.cluster.record.get("encryptionConfig"):
        return None
    return Refusal("InvalidParameterException", "Encryption is already enabled for the cluster", call.names())


@rule(
    "V23",
    "compute, storage and load balancing of Auto Mode are switched together",
    source="EKS user guide, enable EKS Auto Mode; EKS ComputeConfigRequest",
    on=("CreateCluster", "UpdateClusterConfig"),
)
def auto_mode_is_whole(store: Store, call: Call) -> Refusal | None:
    asked = call.params
    switches = {
        "computeConfig": (asked.get("computeConfig") or {}).get("enabled"),
        "storageConfig": ((asked.get("storageConfig") or {}).get("blockStorage") or {}).get("enabled"),
        "kubernetesNetworkConfig": ((asked.get("kubernetesNetworkConfig") or {}).get("elasticLoadBalancing") or {}).get(
            "enabled"
        ),
    }
    if (
        len({bool(value) for value in switches.values()}) < 2
        and len({value is None for value in switches.values()}) < 2
    ):
        return None
    return call.invalid(
        "For EKS Auto Mode, please ensure that all required configs, including computeConfig, "
        "kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled."
    )
