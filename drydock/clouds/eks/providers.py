# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity providers of a cluster, and the key that its Secrets are encrypted with: each an update of the cluster."""

from __future__ import annotations

import copy
import uuid

from ..aws.principals import Principal
from ..aws.protocol import Json, to_json
from .operations import Operation, Refused, World, page, run_update
from .rules import Call, Refusal
from .store import Record, new_update


def associate_provider(world: World, call: Call, caller: Principal) -> Json:
    cluster, oidc = call.cluster, call.params["oidc"]
    assert cluster is not None
    name = oidc["identityProviderConfigName"]
    path = f"identityproviderconfig/{cluster.name}/oidc/{name}/{uuid.uuid4()}"
    record = {
        **oidc,
        "identityProviderConfigArn": f"arn:aws:eks:{cluster.region}:{cluster.account}:{path}",
        "clusterName": cluster.name,
        "tags": dict(call.params.get("tags") or {}),
        "status": "CREATING",
    }
    cluster.providers[name] = record
    params = {"IdentityProviderConfig": to_json([{"type": "oidc", "name": name}])}
    update = new_update("AssociateIdentityProviderConfig", params)
    answer = run_update(world, call, update, lambda: record.update(status="ACTIVE"))
    return {**answer, "tags": record["tags"]}


def disassociate_provider(world: World, call: Call, caller: Principal) -> Json:
    cluster, record = call.cluster, _found(call)
    assert cluster is not None
    name = record["identityProviderConfigName"]
    record["status"] = "DELETING"
    params = {"IdentityProviderConfig": to_json([{"type": "oidc", "name": name}])}
    update = new_update("DisassociateIdentityProviderConfig", params)
    return run_update(world, call, update, lambda: cluster.providers.pop(name, None))


def _found(call: Call) -> Record:
    assert call.cluster is not None
    name = call.params["identityProviderConfig"]["name"]
    if name not in call.cluster.providers:
        raise Refused(Refusal("ResourceNotFoundException", f"Identity provider config {name} not found", call.names()))
    return call.cluster.providers[name]


def describe_provider(world: World, call: Call, caller: Principal) -> Json:
    return {"identityProviderConfig": {"oidc": _found(call)}}


def list_providers(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    rows = [{"type": "oidc", "name": name} for name in sorted(call.cluster.providers)]
    return page(call, "identityProviderConfigs", rows)


def associate_encryption(world: World, call: Call, caller: Principal) -> Json:
    cluster = call.cluster
    assert cluster is not None
    wanted = copy.deepcopy(call.params["encryptionConfig"])
    update = new_update("AssociateEncryptionConfig", {"EncryptionConfig": to_json(wanted)})
    return run_update(world, call, update, lambda: cluster.record.update(encryptionConfig=wanted))


OPERATIONS: dict[str, Operation] = {
    "AssociateIdentityProviderConfig": Operation(associate_provider, True),
    "DisassociateIdentityProviderConfig": Operation(disassociate_provider, True),
    "DescribeIdentityProviderConfig": Operation(describe_provider, False),
    "ListIdentityProviderConfigs": Operation(list_providers, False),
    "AssociateEncryptionConfig": Operation(associate_encryption, True),
}
