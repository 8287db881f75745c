# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access entries and their policies: done when they are answered."""

from __future__ import annotations

import copy

from ..aws.principals import Principal
from ..aws.protocol import Json
from .operations import Operation, Refused, World, page
from .rules import Call, Refusal
from .store import Entry, new_entry, timestamp


def create_entry(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    members = {name: call.params.get(name) for name in ("kubernetesGroups", "tags", "username", "type")}
    entry = new_entry(call.cluster, call.params["principalArn"], **members)
    call.cluster.entries[call.params["principalArn"]] = entry
    return {"accessEntry": copy.deepcopy(entry.record)}


def _found(call: Call) -> Entry:
    assert call.cluster is not None
    principal = call.params["principalArn"]
    if principal not in call.cluster.entries:
        text = f"The specified principalArn could not be found. You can view your available access entries: {principal}"
        raise Refused(Refusal("ResourceNotFoundException", text, call.names()))
    return call.cluster.entries[principal]


def describe_entry(world: World, call: Call, caller: Principal) -> Json:
    return {"accessEntry": _found(call).record}


def list_entries(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    return page(call, "accessEntries", sorted(call.cluster.entries))


def update_entry(world: World, call: Call, caller: Principal) -> Json:
    entry = _found(call)
    members = ("kubernetesGroups", "username")
    changed = {name: call.params[name] for name in members if call.params.get(name) is not None}
    entry.record.update(changed, modifiedAt=timestamp())
    return {"accessEntry": copy.deepcopy(entry.record)}


def delete_entry(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    call.cluster.entries.pop(_found(call).record["principalArn"])
    return {}


def associate_policy(world: World, call: Call, caller: Principal) -> Json:
    entry, arn, scope = _found(call), call.params["policyArn"], call.params["accessScope"]
    row = {
        "policyArn": arn,
        "accessScope": {"type": scope["type"], "namespaces": list(scope.get("namespaces") or ())},
        "associatedAt": timestamp(),
        "modifiedAt": timestamp(),
    }
    entry.policies[arn] = row
    names = {"clusterName": call.names()["clusterName"], "principalArn": entry.record["principalArn"]}
    return {**names, "associatedAccessPolicy": row}


def disassociate_policy(world: World, call: Call, caller: Principal) -> Json:
    entry, arn = _found(call), call.params["policyArn"]
    if arn not in entry.policies:
        raise Refused(Refusal("ResourceNotFoundException", f"The policy {arn} is not associated", call.names()))
    entry.policies.pop(arn)
    return {}


def list_policies(world: World, call: Call, caller: Principal) -> Json:
    entry = _found(call)
    found = page(call, "associatedAccessPolicies", list(entry.policies.values()))
    return {"clusterName": call.names()["clusterName"], "principalArn": entry.record["principalArn"], **found}


OPERATIONS: dict[str, Operation] = {
    "CreateAccessEntry": Operation(create_entry, True),
    "DescribeAccessEntry": Operation(describe_entry, False),
    "ListAccessEntries": Operation(list_entries, False),
    "UpdateAccessEntry": Operation(update_entry, True),
    "DeleteAccessEntry": Operation(delete_entry, True),
    "AssociateAccessPolicy": Operation(associate_policy, True),
    "DisassociateAccessPolicy": Operation(disassociate_policy, True),
    "ListAssociatedAccessPolicies": Operation(list_policies, False),
}
