# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing one STS request where the environment alone says with which keys and for which address: no SDK is loaded.

Every layer mints a token in a process of its own, and there the SDK's import and its client would cost more than
all the rest of an unchanged layer. Pure; whatever else decides (a profile, a role, a config file, another kind of
endpoint) is left to the SDK.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import pathlib
import re
import time
import typing as t
import urllib.parse

Environment = t.Mapping[str, str]

DECIDING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)
"""Variables with which the SDK may come to other keys or another address."""
USUAL_CONFIG = "~/.aws/config"
REGION = re.compile(r"^(us|us-gov|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$")
"""Regions whose STS address ends in amazonaws.com (partitions aws and aws-us-gov in botocore's endpoints.json)."""


@dataclasses.dataclass(frozen=True)
class Signer:
    """Static keys, and the STS endpoint that they are for."""

    key_id: str
    secret: str = dataclasses.field(repr=False)
    session_token: str = dataclasses.field(repr=False)
    region: str
    endpoint: str


def plain_signer(region: str, auth: t.Mapping[str, str], environment: Environment) -> Signer | None:
    """Return who signs, None where the environment is not all that decides."""
    key_id, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    config = pathlib.Path(environment.get("AWS_CONFIG_FILE") or USUAL_CONFIG).expanduser()
    if not key_id or not secret or any(environment.get(name) for name in DECIDING):
        return None
    if auth.get("profile") or auth.get("role_arn") or config.is_file():
        return None
    named = [auth.get("endpoint_url"), environment.get("AWS_ENDPOINT_URL_STS"), environment.get("AWS_ENDPOINT_URL")]
    usual = f"https://sts.{region}.amazonaws.com" if REGION.match(region) else ""
    endpoint = next(filter(None, [*named, usual]), "")
    session_token = environment.get("AWS_SESSION_TOKEN") or environment.get("AWS_SECURITY_TOKEN") or ""
    return Signer(key_id, secret, session_token, region, endpoint) if endpoint else None


def presigned(
    signer: Signer, query: t.Mapping[str, str], headers: t.Mapping[str, str], now: float, expires: int
) -> str:
    """Return the URL of a GET on the endpoint's root that carries its own signature (Signature Version 4, query)."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    scope = f"{stamp[:8]}/{signer.region}/sts/aws4_request"
    host = urllib.parse.urlsplit(signer.endpoint).netloc
    signed = {"host": host, **{name.lower(): value for name, value in headers.items()}}
    names = ";".join(sorted(signed))
    asked = {
        **query,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{signer.key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": names,
        **({"X-Amz-Security-Token": signer.session_token} if signer.session_token else {}),
    }
    text = "&".join(f"{_quoted(name)}={_quoted(asked[name])}" for name in sorted(asked))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join(["GET", "/", text, lines, names, hashlib.sha256(b"").hexdigest()])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    wanted = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest])
    signature = hmac.new(_key(signer.secret, scope), wanted.encode(), hashlib.sha256).hexdigest()
    return f"{signer.endpoint.rstrip('/')}/?{text}&X-Amz-Signature={signature}"


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")


def _key(secret: str, scope: str) -> bytes:
    """Return the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
