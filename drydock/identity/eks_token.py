# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies the bearer token of EKS, a pre-signed STS request, and says who its bearer is.

Source: kubernetes-sigs/aws-iam-authenticator pkg/token/token.go (prefix, host, path, parameters, limits).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
import time
import typing as t
import urllib.parse

from ..clouds.aws import sigv4
from ..clouds.aws.principals import Principal, authenticate
from ..web import Request

PREFIX = "k8s-aws-v1."
MAX_LENGTH = 4096
# Pre-signed GetCallerIdentity requests are good for this long, whatever X-Amz-Expires says.
LIFETIME = 900
CLUSTER_HEADER = "x-k8s-aws-id"
STS_HOST = re.compile(r"^sts(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$")
PARAMETERS = frozenset(
    [
        "Action",
        "Version",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ]
)


class TokenProblem(Exception):
    """Why a token is not accepted, in words; never holds the token."""


def verify_token(token: str, cluster: str, own_host: str, *, now: float | None = None) -> Principal:
    """Return the bearer. ``own_host`` is the harbour's own STS, host and port; raise TokenProblem otherwise."""
    url = _decoded(token)
    request = _request(url, cluster, own_host)
    try:
        signed = sigv4.read(request)
        if signed.service != "sts":
            raise TokenProblem(f"the token is signed for {signed.service}, not sts")
        if CLUSTER_HEADER not in signed.headers:
            raise TokenProblem(f"the header {CLUSTER_HEADER} is not signed")
        if (signed.expires or 0) > LIFETIME:
            raise TokenProblem(f"X-Amz-Expires {signed.expires} is more than {LIFETIME}")
        lasting = dataclasses.replace(signed, expires=LIFETIME)
        return authenticate(request, lasting, now=time.time() if now is None else now)
    except sigv4.SignatureProblem as problem:
        raise TokenProblem(problem.message) from None


def _decoded(token: str) -> urllib.parse.SplitResult:
    if not token.startswith(PREFIX):
        raise TokenProblem(f"the token does not begin with {PREFIX}")
    if len(token) > MAX_LENGTH:
        raise TokenProblem(f"the token is longer than {MAX_LENGTH} bytes")
    text = token[len(PREFIX) :]
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return urllib.parse.urlsplit(raw.decode("ascii"))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise TokenProblem("the token is not base64url of a URL") from None


def _request(url: urllib.parse.SplitResult, cluster: str, own_host: str) -> Request:
    """Return the request that the token stands for, with the cluster's name in its header."""
    ours = url.scheme == "http" and url.netloc == own_host
    if not ours and not (url.scheme == "https" and STS_HOST.match(url.netloc)):
        raise TokenProblem(f"the token's host {url.netloc!r} is not STS")
    if url.path not in ("", "/") or url.fragment:
        raise TokenProblem("the token's URL has a path")
    query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
    bad = sorted(set(query) - PARAMETERS) or sorted(name for name, values in query.items() if len(values) != 1)
    if bad:
        raise TokenProblem(f"the token's URL has an unwanted parameter {bad[0]}")
    if query.get("Action") != ["GetCallerIdentity"]:
        raise TokenProblem("the token's action is not GetCallerIdentity")
    headers = {"host": url.netloc, CLUSTER_HEADER: cluster}
    return Request("GET", url.path or "/", url.query, headers)


Groups = t.Callable[[Principal], "list[str] | None"]


def review(document: t.Mapping[str, t.Any], cluster: str, own_host: str, groups: Groups) -> dict[str, t.Any]:
    """Answer one TokenReview (authentication.k8s.io/v1). ``groups`` returns None for a cluster that is gone."""
    token = str((document.get("spec") or {}).get("token", ""))
    try:
        principal = verify_token(token, cluster, own_host)
        found = groups(principal)
        if found is None:
            raise TokenProblem(f"there is no cluster {cluster}")
        status: dict[str, t.Any] = {"authenticated": True, "user": user_info(principal, found)}
    except TokenProblem as problem:
        status = {"authenticated": False, "error": str(problem)}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}


def user_info(principal: Principal, groups: list[str]) -> dict[str, t.Any]:
    """Return the user as EKS names it: the ARN of the caller, its role and session in ``extra``."""
    return {
        "username": principal.arn,
        "uid": f"aws-iam-authenticator:{principal.account}:{principal.access_key_id}",
        "groups": groups,
        "extra": {
            "accessKeyId": [principal.access_key_id],
            "arn": [principal.arn],
            "canonicalArn": [principal.canonical],
            "sessionName": [principal.arn.rpartition("/")[2] if ":assumed-role/" in principal.arn else ""],
        },
    }
