# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permissions that a document of the foundation needs, from the table of its calls. Pure."""

from __future__ import annotations

import typing as t

SPELT = {
    "s3.head_bucket": "s3:ListBucket",
    "s3.put_public_access_block": "s3:PutBucketPublicAccessBlock",
    "s3.get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "s3.put_bucket_encryption": "s3:PutEncryptionConfiguration",
    "s3.get_bucket_encryption": "s3:GetEncryptionConfiguration",
    "s3.put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
    "s3.get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
    "resourcegroupstaggingapi.get_resources": "tag:GetResources",
}
"""Actions that are not called like their operation. Source: service authorization reference."""
WORDS = {"open_id_connect": "OpenIDConnect", "vpc": "Vpc", "dnssec": "DNSSEC"}


def action(call: str) -> str:
    """Return "ec2:CreateVpc" for "ec2.create_vpc"."""
    if call in SPELT:
        return SPELT[call]
    service, operation = call.split(".", 1)
    for words, spelt in WORDS.items():
        operation = operation.replace(words, spelt)
    return f"{service}:{''.join(part[:1].upper() + part[1:] for part in operation.split('_'))}"


def policy(calls: t.Iterable[str]) -> dict[str, t.Any]:
    """Return the IAM policy document of some calls."""
    actions = sorted({action(call) for call in calls})
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


def policies(phases: t.Mapping[str, t.Sequence[str]]) -> dict[str, dict[str, t.Any]]:
    """Return the policy of each phase; each later phase needs the earlier ones beside it."""
    return {phase: policy(calls) for phase, calls in phases.items()}
