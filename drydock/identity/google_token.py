# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's tokens: mints access tokens for service account keys, and says who the bearer of one is.

Sources: RFC 7523 as Google's token endpoint speaks it (developers.google.com/identity/protocols/oauth2/
service-account), google.aip.dev/auth/4111 for self-signed tokens, IAM Credentials generateAccessToken.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import secrets
import time
import typing as t
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ..clouds.gke.project import GoogleSeed, ServiceAccount

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME = 3599
LONGEST = 3600 + 60  # an assertion's life, and the clock skew that Google forgives
PREFIX = "ya29."
AUDIENCE = "https://oauth2.googleapis.com/token"  # what Google's library writes, whatever the key's token_uri is


class TokenProblem(Exception):
    """Why a token or an assertion is not accepted: an OAuth error code and words; never holds the token."""

    def __init__(self, message: str, code: str = "invalid_grant") -> None:
        super().__init__(message)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Bearer:
    """Who a token stands for. ``by`` is the account that asked for it when it impersonates another."""

    account: ServiceAccount
    scopes: frozenset[str]
    expires: float
    by: str = ""

    @property
    def email(self) -> str:
        return self.account.email


class TokenOffice:
    """Mints and remembers access tokens. They are opaque: only who minted one can tell what it means."""

    def __init__(self, seed: GoogleSeed) -> None:
        self._seed = seed
        self._issued: dict[str, Bearer] = {}

    def account(self, email: str) -> ServiceAccount | None:
        return self._seed.account(email)

    def grant(self, form: str, token_uri: str, *, now: float | None = None) -> dict[str, t.Any]:
        """Answer the token endpoint: ``form`` is the request's urlencoded body; raise TokenProblem."""
        asked = urllib.parse.parse_qs(form)
        if asked.get("grant_type") != [GRANT]:
            raise TokenProblem("Invalid grant_type: only the JWT bearer grant is known here", "unsupported_grant_type")
        moment = time.time() if now is None else now
        claims, account = self._verified((asked.get("assertion") or [""])[0], moment)
        if claims.get("aud") not in (token_uri, AUDIENCE):
            raise TokenProblem("Invalid JWT: Failed audience check.")
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise TokenProblem("Missing required parameter: scope", "invalid_scope")
        token = self.mint(account, scopes, now=moment)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def mint(
        self, account: ServiceAccount, scopes: frozenset[str], *, by: str = "", life: int = LIFETIME, now: float
    ) -> str:
        token = PREFIX + secrets.token_urlsafe(96)
        self._issued[token] = Bearer(account, scopes, now + life, by)
        return token

    def bearer(self, token: str, *, now: float | None = None) -> Bearer:
        """Return who an opaque access token stands for; raise TokenProblem."""
        found = self._issued.get(token)
        if found is None:
            raise TokenProblem("the token is not one that this token endpoint minted", "invalid_token")
        if found.expires < (time.time() if now is None else now):
            raise TokenProblem("the token has expired", "invalid_token")
        return found

    def caller(self, token: str, *, now: float | None = None) -> Bearer:
        """Return who may call Google's APIs with a token: an access token, or a JWT that the caller signed itself."""
        if token.count(".") != 2 or token.startswith(PREFIX):
            return self.bearer(token, now=now)
        moment = time.time() if now is None else now
        claims, account = self._verified(token, moment)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes and not str(claims.get("aud", "")).startswith("https://container.googleapis.com/"):
            raise TokenProblem("the JWT has neither a scope nor this service as its audience", "invalid_token")
        return Bearer(account, scopes or frozenset({CLOUD_PLATFORM}), float(claims["exp"]))

    def _verified(self, token: str, now: float) -> tuple[dict[str, t.Any], ServiceAccount]:
        """Return the claims of a JWT and the service account whose key signed it."""
        try:
            head, body, signature = token.encode().split(b".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
            raw = _decoded(signature)
        except (ValueError, binascii.Error, UnicodeDecodeError):
            raise TokenProblem("Bad Request: the assertion is not a JWT") from None
        account = self._seed.account(str(claims.get("iss", "")))
        if account is None:
            raise TokenProblem("Invalid grant: account not found")
        if header.get("alg") != "RS256" or header.get("kid") != account.key_id or account.key_deleted:
            raise TokenProblem("Invalid JWT Signature.")
        try:
            account.key.public_key().verify(raw, head + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise TokenProblem("Invalid JWT Signature.") from None
        _check_times(claims, now)
        return claims, account


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _check_times(claims: t.Mapping[str, t.Any], now: float) -> None:
    issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
    if not issued - 300 <= now <= expires or expires - issued > LONGEST:
        text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
        raise TokenProblem(text + "Check your iat and exp values in the JWT claim.")


Groups = t.Callable[[str], "list[str] | None"]


def review(document: t.Mapping[str, t.Any], cluster: str, office: TokenOffice, groups: Groups) -> dict[str, t.Any]:
    """Answer one TokenReview of a GKE cluster. ``groups`` returns None for a cluster that is gone.

    Only access tokens open a cluster: a JWT that its bearer signed is for Google's own APIs.
    """
    token = str((document.get("spec") or {}).get("token", ""))
    try:
        bearer = office.bearer(token)
        if CLOUD_PLATFORM not in bearer.scopes:
            raise TokenProblem(f"the token has not the scope {CLOUD_PLATFORM}")
        found = groups(bearer.email)
        if found is None:
            raise TokenProblem(f"there is no cluster {cluster}")
        user = {"username": bearer.email, "uid": bearer.account.unique_id, "groups": found}
        status: dict[str, t.Any] = {"authenticated": True, "user": user}
    except TokenProblem as problem:
        status = {"authenticated": False, "error": str(problem)}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}
