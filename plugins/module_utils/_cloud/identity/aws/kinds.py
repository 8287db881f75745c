# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and the OIDC provider of a cluster in IAM: how each is made, read, changed and deleted. Pure.

Source: the IAM model of botocore. Trust and inline policies are compared as documents, not as texts.
"""

from __future__ import annotations

import json
import typing as t

from ...foundation.parts import Call, Change, Document, Found, Kind, Part, PartField, Tags
from ...network.aws.kinds import tag_list, tags_of

INLINE = "seaworthy"
"""Name of the one inline policy that is ours; others stay."""
MODEL = "IAM model"


def iam(operation: str, **arguments: t.Any) -> Call:
    return Call("iam", operation, arguments)


def _same_document(seen: t.Any, wanted: t.Any) -> bool:
    return bool(seen) == bool(wanted) and (not wanted or json.loads(seen) == json.loads(wanted))


def _holds(seen: t.Any, wanted: t.Any) -> bool:
    return set(wanted) <= set(seen or ())


def _create_role(part: Part) -> Call:
    bound = part.fields.get("boundary")
    return iam(
        "create_role",
        RoleName=part.fields["name"],
        Path=part.fields["path"],
        AssumeRolePolicyDocument=part.fields["trust"],
        Tags=tag_list(part.tags),
        **({"PermissionsBoundary": bound} if bound else {}),
    )


def _blank_role(part: Part) -> Document:
    return {
        "RoleName": part.fields["name"],
        "Trust": part.fields["trust"],
        "Boundary": part.fields.get("boundary"),
        "Inline": {},
        "Attached": [],
    }


def _role_name(change: Change) -> str:
    return str(change.part.fields["name"])


def _put_inline(change: Change) -> list[Call]:
    return [iam("put_role_policy", RoleName=_role_name(change), PolicyName=INLINE, PolicyDocument=change.after)]


def _delete_role(found: Found) -> list[Call]:
    name = found.document["RoleName"]
    attached = [iam("detach_role_policy", RoleName=name, PolicyArn=arn) for arn in found.document["Attached"]]
    inline = [iam("delete_role_policy", RoleName=name, PolicyName=policy) for policy in found.document["Inline"]]
    return [*attached, *inline, iam("delete_role", RoleName=name)]


ROLE = Kind(
    name="role",
    title="role",
    rank=1,
    id=lambda role: str(role["Arn"]),
    create=_create_role,
    created=lambda answer: answer["Role"],
    blank=_blank_role,
    fields=(
        PartField(
            path="trust",
            read=lambda role: role["Trust"],
            change=lambda c: [
                iam("update_assume_role_policy", RoleName=_role_name(c), PolicyDocument=c.after),
            ],
            equal=_same_document,
            source=MODEL,
        ),
        PartField(
            path="boundary",
            read=lambda role: role.get("Boundary"),
            change=lambda c: [
                iam("put_role_permissions_boundary", RoleName=_role_name(c), PermissionsBoundary=c.after),
            ],
            source=MODEL,
        ),
        PartField(
            path="policy",
            read=lambda role: role["Inline"].get(INLINE),
            change=_put_inline,
            equal=_same_document,
            source=MODEL,
        ),
        PartField(
            path="managed",
            read=lambda role: role["Attached"],
            change=lambda c: [iam("attach_role_policy", RoleName=_role_name(c), PolicyArn=arn) for arn in c.after],
            equal=_holds,
            each=True,
            source=MODEL,
        ),
    ),
    delete=_delete_role,
    tags=tags_of,
    tag=lambda arn, tags: iam("tag_role", RoleName=arn.rpartition("/")[2], Tags=tag_list(tags)),
)


def _tag_provider(arn: str, tags: Tags) -> Call:
    return iam("tag_open_id_connect_provider", OpenIDConnectProviderArn=arn, Tags=tag_list(tags))


PROVIDER = Kind(
    name="oidc",
    title="OIDC provider",
    rank=2,
    id=lambda provider: str(provider["OpenIDConnectProviderArn"]),
    create=lambda part: iam(
        "create_open_id_connect_provider",
        Url=part.fields["issuer"],
        ClientIDList=part.fields["audiences"],
        Tags=tag_list(part.tags),
    ),
    created=lambda answer: answer,
    blank=lambda part: {"Audiences": part.fields["audiences"]},
    fields=(
        PartField(
            path="audiences",
            read=lambda provider: sorted(provider.get("Audiences") or ()),
            change=lambda c: [
                iam("add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=c.id, ClientID=name)
                for name in c.after
            ],
            equal=_holds,
            each=True,
            source="IAM: the URL is fixed at creation; thumbprints are optional and never compared",
        ),
    ),
    delete=lambda found: [iam("delete_open_id_connect_provider", OpenIDConnectProviderArn=found.id)],
    tags=tags_of,
    tag=_tag_provider,
)
KINDS = (ROLE, PROVIDER)
