# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenID Connect issuer of the harbour's own: discovery, keys and ID tokens that a real API server verifies.

Sources: openid-connect-discovery-1_0 section 4, RFC 7517 (keys), RFC 7515 (ES256 signatures).
"""

from __future__ import annotations

import base64
import json
import time
import typing as t

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ..certificates import self_signed
from ..web import LoopbackServer, Request, Response

KEY_ID = "harbour"
LIFETIME = 3600
Claims = dict[str, t.Any]


class OidcIssuer:
    """Serves ``url`` over TLS until ``stop``; ``audience`` is the client that tokens are made out to."""

    def __init__(self, audience: str = "kubernetes") -> None:
        pair = self_signed("127.0.0.1")
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca, self.audience = pair.certificate.decode(), audience
        self._server = LoopbackServer(self._answer, tls=pair)
        self.url = self._server.url

    def _answer(self, request: Request) -> Response:
        documents = {"/.well-known/openid-configuration": self._discovery, "/keys": self._keys}
        document = documents.get(request.path)
        return Response.of_json(document()) if document and request.method == "GET" else Response(404)

    def _discovery(self) -> Claims:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def _keys(self) -> Claims:
        numbers = self._key.public_key().public_numbers()
        place = {name: _text(number.to_bytes(32, "big")) for name, number in (("x", numbers.x), ("y", numbers.y))}
        return {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID, **place}]}

    def token(self, subject: str, groups: t.Sequence[str], **claims: t.Any) -> str:
        """Return an ID token of this issuer for one person, good for an hour."""
        now = int(time.time())
        whole = {"iss": self.url, "aud": self.audience, "sub": subject, "iat": now, "exp": now + LIFETIME}
        head = {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (head, {**whole, "groups": [*groups], **claims}))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def trust(self, *, user_prefix: str = "oidc:", group_prefix: str = "") -> Claims:
        """Return how an API server is told to trust it: one entry of ``jwt`` of an AuthenticationConfiguration."""
        return {
            "issuer": {"url": self.url, "audiences": [self.audience], "certificateAuthority": self.ca},
            "claimMappings": {
                "username": {"claim": "sub", "prefix": user_prefix},
                "groups": {"claim": "groups", "prefix": group_prefix},
            },
        }

    def stop(self) -> None:
        self._server.stop()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
