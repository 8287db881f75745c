# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-lived Kubernetes tokens of EKS, minted here: no vendor program is run and nothing is stored.

A token is a pre-signed STS GetCallerIdentity request that the cluster's name is signed into, as
aws-iam-authenticator defines it (pkg/token/token.go).
"""

from __future__ import annotations

import base64

from ..token import Token
from .errors import classify
from .session import AwsSession

PREFIX = "k8s-aws-v1."
LIFETIME = 14 * 60.0
"""Seconds; the cluster accepts a token for 15 minutes, less one for clocks that differ."""


def mint(session: AwsSession, cluster: str, now: float) -> Token:
    """Return a new token for the cluster. Raises PlatformError where there are no usable credentials."""
    return Token(PREFIX + _encoded(_presigned(session, cluster)), now + LIFETIME)


def _encoded(url: str) -> str:
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def _presigned(session: AwsSession, cluster: str) -> str:
    import botocore.exceptions
    import botocore.signers

    boto, region = session.session(), session.place.location
    try:
        client = session.client("sts")
        signer = botocore.signers.RequestSigner(
            client.meta.service_model.service_id, region, "sts", "v4", boto.get_credentials(), boto.events
        )
        request = {
            "method": "GET",
            "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
            "body": {},
            "headers": {"x-k8s-aws-id": cluster},
            "context": {},
        }
        url: str = signer.generate_presigned_url(request, region_name=region, expires_in=60, operation_name="")
    except botocore.exceptions.BotoCoreError as error:
        raise classify(error, f"eks/{cluster}: a token") from None
    return url
