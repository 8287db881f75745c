# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS Signature Version 4, from the verifier's side. Source: AWS General Reference, "Signature Version 4"."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import hmac
import posixpath
import re
import typing as t
import urllib.parse

from ...web import Request

ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
CLOCK_SKEW = 300.0
EMPTY = hashlib.sha256(b"").hexdigest()

Fault = t.Literal["missing", "incomplete", "unknown_key", "mismatch", "expired_request", "expired_token", "bad_token"]


class SignatureProblem(Exception):
    """Why a request's signature is not accepted; ``fault`` picks the vendor's error code."""

    def __init__(self, fault: Fault, message: str, service: str = "") -> None:
        super().__init__(message)
        self.fault: Fault = fault
        self.message = message
        self.service = service


@dataclasses.dataclass(frozen=True)
class Signed:
    """What a request says about its own signature. ``expires`` is set for pre-signed requests, in seconds."""

    access_key_id: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str
    stamp: str
    token: str = ""
    expires: int | None = None

    @property
    def at(self) -> float:
        """Return when it was signed, in seconds since the epoch."""
        moment = datetime.datetime.strptime(self.stamp, STAMP)
        return moment.replace(tzinfo=datetime.UTC).timestamp()


def read(request: Request) -> Signed:
    """Return the claim of a request signed by header or by query; raise SignatureProblem if it has none."""
    authorization = request.headers.get("authorization", "")
    if authorization.startswith(ALGORITHM):
        return _from_header(request, authorization)
    query = {name: values[0] for name, values in request.parameters().items()}
    if query.get("X-Amz-Algorithm") == ALGORITHM:
        return _from_query(query)
    raise SignatureProblem("missing", "Missing Authentication Token")


def _from_header(request: Request, authorization: str) -> Signed:
    parts = dict(p.strip().partition("=")[::2] for p in authorization[len(ALGORITHM) :].split(","))
    return _claim(
        credential=parts.get("Credential", ""),
        headers=parts.get("SignedHeaders", ""),
        signature=parts.get("Signature", ""),
        stamp=request.headers.get("x-amz-date", ""),
        token=request.headers.get("x-amz-security-token", ""),
    )


def _from_query(query: t.Mapping[str, str]) -> Signed:
    expires = query.get("X-Amz-Expires", "")
    if not expires.isdigit():
        raise SignatureProblem("incomplete", "X-Amz-Expires must be a number of seconds")
    return _claim(
        credential=query.get("X-Amz-Credential", ""),
        headers=query.get("X-Amz-SignedHeaders", ""),
        signature=query.get("X-Amz-Signature", ""),
        stamp=query.get("X-Amz-Date", ""),
        token=query.get("X-Amz-Security-Token", ""),
        expires=int(expires),
    )


def _claim(credential: str, headers: str, signature: str, stamp: str, token: str, expires: int | None = None) -> Signed:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or not headers or not signature:
        raise SignatureProblem("incomplete", "Authorization header requires Credential, SignedHeaders and Signature")
    signed = Signed(scope[0], scope[1], scope[2], scope[3], tuple(headers.split(";")), signature, stamp, token, expires)
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp):
        raise SignatureProblem("incomplete", f"the request's date {stamp!r} is not like 20261122T120000Z", scope[3])
    if not stamp.startswith(signed.date) or "host" not in signed.headers:
        raise SignatureProblem("mismatch", "Credential date and request date differ, or host is not signed", scope[3])
    return signed


def verify(request: Request, signed: Signed, secret: str, now: float) -> None:
    """Raise SignatureProblem unless the request was signed with ``secret`` and is fresh at ``now``."""
    lasts = CLOCK_SKEW if signed.expires is None else signed.expires
    if now > signed.at + lasts or signed.at > now + CLOCK_SKEW:
        text = f"Signature expired: {signed.stamp} is outside the accepted time of {lasts:.0f} seconds"
        raise SignatureProblem("expired_request", text, signed.service)
    if not hmac.compare_digest(signature(request, signed, secret), signed.signature):
        text = "The request signature we calculated does not match the signature you provided."
        raise SignatureProblem("mismatch", text, signed.service)


def signature(request: Request, signed: Signed, secret: str) -> str:
    """Return the signature that the request must carry."""
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, signed).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (signed.date, signed.region, signed.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, "\n".join((ALGORITHM, signed.stamp, scope, digest)).encode(), "sha256").hex()


def _canonical(request: Request, signed: Signed) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed.headers)
    return "\n".join(
        (
            request.method,
            _path(request.path, signed.service),
            _query(request.query),
            headers,
            ";".join(signed.headers),
            _payload(request, signed),
        )
    )


def _path(path: str, service: str) -> str:
    """Every service but S3 signs the normalised path, encoded once more."""
    if service == "s3":
        return path or "/"
    plain = posixpath.normpath(path or "/").replace("//", "/")
    if path.endswith("/") and plain != "/":
        plain += "/"
    return urllib.parse.quote(plain, safe="/~")


def _query(query: str) -> str:
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    encoded = sorted((_encode(name), _encode(value)) for name, value in pairs if name != "X-Amz-Signature")
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encode(text: str) -> str:
    return urllib.parse.quote(text, safe="-_.~")


def _payload(request: Request, signed: Signed) -> str:
    if signed.service == "s3":
        return request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    return hashlib.sha256(request.body).hexdigest() if request.body else EMPTY
