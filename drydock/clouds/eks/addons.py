# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons: what may be installed, and the operations on it."""

from __future__ import annotations

import copy
import json
import typing as t
import uuid

from ..aws.principals import Principal
from ..aws.protocol import Json
from . import offers
from .operations import Operation, Refused, World, page
from .rules import Call, Refusal
from .store import Cluster, Record, Update, new_update, timestamp


def describe_addon_versions(world: World, call: Call, caller: Principal) -> Json:
    asked = call.params
    minors = [asked["kubernetesVersion"]] if asked.get("kubernetesVersion") else list(offers.MINORS)
    names = [asked["addonName"]] if asked.get("addonName") else sorted(offers.ADDONS)
    rows = [_versions(name, minors) for name in names if name in offers.ADDONS]
    return page(call, "addons", [row for row in rows if row["addonVersions"]])


def _versions(name: str, minors: t.Sequence[str]) -> Record:
    fitting: dict[str, list[str]] = {}
    for minor in minors:
        for version in offers.addon_versions(name, minor):
            fitting.setdefault(version, []).append(minor)
    return {
        "addonName": name,
        "type": "networking",
        "publisher": "eks",
        "owner": "aws",
        "addonVersions": [
            {
                "addonVersion": version,
                "architecture": ["amd64", "arm64"],
                "compatibilities": [
                    {
                        "clusterVersion": minor,
                        "platformVersions": ["*"],
                        "defaultVersion": version == offers.default_addon_version(name, minor),
                    }
                    for minor in found
                ],
                "requiresConfiguration": False,
                "requiresIamPermissions": False,
            }
            for version, found in fitting.items()
        ],
    }


def create_addon(world: World, call: Call, caller: Principal) -> Json:
    cluster, name, asked = call.cluster, call.params["addonName"], call.params
    assert cluster is not None
    arn = f"arn:aws:eks:{cluster.region}:{cluster.account}:addon/{cluster.name}/{name}/{uuid.uuid4()}"
    record = {
        "addonName": name,
        "clusterName": cluster.name,
        "status": "CREATING",
        "addonVersion": asked.get("addonVersion") or offers.default_addon_version(name, cluster.record["version"]),
        "health": {"issues": []},
        "addonArn": arn,
        "createdAt": timestamp(),
        "modifiedAt": timestamp(),
        "tags": dict(asked.get("tags") or {}),
        "publisher": "eks",
        "owner": "aws",
        **{member: asked[member] for member in ("serviceAccountRoleArn", "configurationValues") if asked.get(member)},
    }
    cluster.addons[name] = record
    _associate(cluster, record, asked.get("podIdentityAssociations"))
    call.draft = record
    world.shape(call)
    answer = copy.deepcopy(record)

    def finish() -> None:
        record["status"] = "ACTIVE"
        if call.failure is not None:
            _broken(record, "CREATE_FAILED", *call.failure)

    world.later(offers.DURATIONS[call.operation], finish)
    return {"addon": answer}


def _broken(record: Record, status: str, code: str, message: str) -> None:
    record.update(status=status, health={"issues": [{"code": code, "message": message, "resourceIds": []}]})


def _associate(cluster: Cluster, record: Record, wanted: t.Sequence[Record] | None) -> None:
    """Make the associations what is asked: absent keeps, an empty list removes. Source: EKS UpdateAddon."""
    if wanted is None:
        return
    for arn in record.pop("podIdentityAssociations", []):
        cluster.associations.pop(arn.rpartition("/")[2], None)
    arns = []
    for row in wanted:
        ident = f"a-{uuid.uuid4().hex[:17]}"
        arn = f"arn:aws:eks:{cluster.region}:{cluster.account}:podidentityassociation/{cluster.name}/{ident}"
        arns.append(arn)
        cluster.associations[ident] = {
            **row,
            "clusterName": cluster.name,
            "namespace": "kube-system",
            "associationArn": arn,
            "associationId": ident,
            "ownerArn": record["addonArn"],
        }
    if arns:
        record["podIdentityAssociations"] = arns


def describe_addon(world: World, call: Call, caller: Principal) -> Json:
    call.draft = copy.deepcopy(_found(call))
    world.shape(call)
    return {"addon": call.draft}


def _found(call: Call) -> Record:
    assert call.cluster is not None
    name = call.params["addonName"]
    if name not in call.cluster.addons:
        text = f"No addon: {name} found in cluster: {call.cluster.name}"
        raise Refused(Refusal("ResourceNotFoundException", text, {**call.names(), "addonName": name}))
    return call.cluster.addons[name]


def list_addons(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    return page(call, "addons", sorted(call.cluster.addons))


UPDATED = {
    "addonVersion": "AddonVersion",
    "serviceAccountRoleArn": "ServiceAccountRoleArn",
    "configurationValues": "ConfigurationValues",
    "resolveConflicts": "ResolveConflicts",
}


def update_addon(world: World, call: Call, caller: Principal) -> Json:
    record, cluster, asked = _found(call), call.cluster, call.params
    assert cluster is not None
    params = {name: asked[member] for member, name in UPDATED.items() if asked.get(member)}
    if asked.get("podIdentityAssociations") is not None:
        params["PodIdentityAssociations"] = json.dumps(asked["podIdentityAssociations"])
    update = new_update("AddonUpdate", params, addon=record["addonName"])
    cluster.updates[update.id] = update
    record["status"] = "UPDATING"
    world.shape(call)
    world.later(offers.DURATIONS[call.operation], lambda: _updated(call, cluster, record, update))
    return {"update": copy.deepcopy(update.record)}


def _updated(call: Call, cluster: Cluster, record: Record, update: Update) -> None:
    if call.failure is not None:
        code, message = call.failure
        row = {"errorCode": code, "errorMessage": message, "resourceIds": [record["addonName"]]}
        update.record.update(status="Failed", errors=[row])
        _broken(record, "UPDATE_FAILED", code, message)
        return
    members = [member for member in UPDATED if member != "resolveConflicts" and call.params.get(member)]
    record.pop("serviceAccountRoleArn", None)  # terraform-provider-aws addon.go: an update without it takes it away
    record.update({member: call.params[member] for member in members}, status="ACTIVE", modifiedAt=timestamp())
    record["health"] = {"issues": []}
    _associate(cluster, record, call.params.get("podIdentityAssociations"))
    update.record["status"] = "Successful"


def delete_addon(world: World, call: Call, caller: Principal) -> Json:
    record, cluster = _found(call), call.cluster
    assert cluster is not None
    record["status"] = "DELETING"

    def finish() -> None:
        _associate(cluster, record, [])
        cluster.addons.pop(record["addonName"], None)

    world.later(offers.DURATIONS[call.operation], finish)
    return {"addon": copy.deepcopy(record)}


def describe_association(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    found = call.cluster.associations.get(call.params["associationId"])
    if found is None:
        text = f"No association found for id: {call.params['associationId']}"
        raise Refused(Refusal("ResourceNotFoundException", text))
    return {"association": found}


OPERATIONS: dict[str, Operation] = {
    "DescribeAddonVersions": Operation(describe_addon_versions, False),
    "CreateAddon": Operation(create_addon, True),
    "DescribeAddon": Operation(describe_addon, False),
    "ListAddons": Operation(list_addons, False),
    "UpdateAddon": Operation(update_addon, True),
    "DeleteAddon": Operation(delete_addon, True),
    "DescribePodIdentityAssociation": Operation(describe_association, False),
}
