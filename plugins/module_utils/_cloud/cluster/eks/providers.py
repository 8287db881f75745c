# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else vouches for people and pods: an external OIDC provider, and IAM's trust in the cluster's own issuer. Pure.

Sources: EKS AssociateIdentityProviderConfig (one a cluster, replaced, never changed); IAM CreateOpenIDConnectProvider.
"""

from __future__ import annotations

import typing as t

from ...aws.tags import pairs
from ..observed import Document, Observed
from ..parts import Part
from ..preflight import is_ours
from ..spec import Spec
from ..tags import owned_tags
from .leftovers import CLUSTER_TAG
from .steps import adoption, in_control_plane, step

AUDIENCE = "sts.amazonaws.com"
MEMBERS = {
    "issuer_url": "issuerUrl",
    "client_id": "clientId",
    "username_claim": "usernameClaim",
    "username_prefix": "usernamePrefix",
    "groups_claim": "groupsClaim",
    "groups_prefix": "groupsPrefix",
    "required_claims": "requiredClaims",
}
SECONDS = 900
IRSA = "identity provider"


def is_managed(spec: Spec) -> bool:
    return any(path.startswith("oidc_provider.") for path in spec.options)


def oidc_parts(spec: Spec, observed: Observed) -> list[Part]:
    """EKS has one provider of users a cluster: another one, or one with other settings, takes its place."""
    if not is_managed(spec):
        return []
    found = next(iter(observed.parts.get("oidc_providers", {}).values()), None)
    wanted = {
        path: spec.options[f"oidc_provider.{path}"] for path in MEMBERS if f"oidc_provider.{path}" in spec.options
    }
    absent = spec.options.get("oidc_provider.state") == "absent"
    seen = {path: found.get(member) for path, member in MEMBERS.items()} if found else {}
    before = {path: seen[path] for path in (seen if absent else wanted)} if found else None
    if found and found.get("status") != "DELETING" and (absent or before != wanted):
        reason = "declared absent" if absent else "cannot be changed, made anew"
        steps = [_leave(spec, found, reason), *([] if absent else [_join(spec, wanted)])]
    elif not found and not absent:
        steps = [_join(spec, wanted)]
    elif found:
        steps = adoption(spec, "oidc provider", found["identityProviderConfigArn"], found.get("tags") or {})
    else:
        steps = []
    if not steps and not found:
        return []
    actions = tuple(in_control_plane(action) for action in steps)
    return [Part("oidc_provider", "", before, None if absent else wanted, actions, "control")]


def _join(spec: Spec, wanted: t.Mapping[str, t.Any]) -> t.Any:
    name = spec.options.get("oidc_provider.name", "oidc")
    oidc = {"identityProviderConfigName": name, **{MEMBERS[path]: value for path, value in wanted.items()}}
    arguments = {"clusterName": spec.place.name, "oidc": oidc, "tags": owned_tags(spec, None)}
    call = "associate_identity_provider_config"
    return step(
        "create", "oidc provider", "create", call, arguments, after=wanted, reason="does not exist", seconds=SECONDS
    )


def _leave(spec: Spec, found: Document, reason: str) -> t.Any:
    config = {"type": "oidc", "name": found["identityProviderConfigName"]}
    arguments = {"clusterName": spec.place.name, "identityProviderConfig": config}
    call = "disassociate_identity_provider_config"
    return step("delete", "oidc provider", "delete", call, arguments, reason=reason, seconds=SECONDS)


def issuer_host(issuer: str) -> str:
    """Return what IAM names a provider by: the URL without its scheme."""
    return issuer.partition("://")[2]


def workload_parts(spec: Spec, observed: Observed) -> list[Part]:
    """The URL of a new cluster's issuer is known when the cluster is: the driver fills it in."""
    wanted = spec.options.get("identity.workload")
    if wanted is None:
        return []
    found = observed.parts.get("iam_providers", {}).get("issuer")
    target = "IAM OIDC provider"
    if wanted and not found:
        arguments = {
            "ClientIDList": [AUDIENCE],
            "Tags": pairs({**owned_tags(spec, None), CLUSTER_TAG: spec.place.name}),
        }
        call = "iam.create_open_id_connect_provider"
        after = {"identity.workload": True}
        steps = [step("create", target, "create", call, arguments, after=after, reason="does not exist")]
    elif not wanted and found and is_ours(spec, found):
        arguments = {"OpenIDConnectProviderArn": found["arn"]}
        call = "iam.delete_open_id_connect_provider"
        steps = [step("delete", target, "delete", call, arguments, reason="declared absent")]
    else:
        steps = []
    return [Part("identity", "workload", bool(found) if observed.cluster else None, bool(wanted), tuple(steps))]
