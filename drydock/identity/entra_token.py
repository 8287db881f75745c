# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Entra ID's tokens: mints them for applications, and says who the bearer of one is.

Sources: learn.microsoft.com/entra/identity-platform (v2 client credentials flow, access tokens, error codes AADSTS*);
kubelogin for the server application of AKS.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import time
import typing as t
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ..clouds.aks.subscription import Application, AzureSeed, signing_key
from ..journal import CALLED

SERVER_APP = "6dae42f8-4368-4678-94ff-3960e28e3630"
ARM = "https://management.azure.com"
LIFETIME = 3599
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "api://AzureADTokenExchange"


class TokenProblem(Exception):
    """Why no token is given, or one is not accepted: an OAuth error, Entra's number and words; never the token."""

    def __init__(self, number: int, message: str, code: str = "invalid_client", status: int = 401) -> None:
        super().__init__(message)
        self.number = number
        self.code = code
        self.status = status

    def document(self) -> dict[str, t.Any]:
        text = f"AADSTS{self.number}: {self} Trace ID: 0 Correlation ID: 0"
        return {"error": self.code, "error_description": text, "error_codes": [self.number]}


@dataclasses.dataclass(frozen=True)
class Bearer:
    """Who a token stands for, and for whom it is (``audience``)."""

    application: Application
    audience: str
    expires: float

    @property
    def name(self) -> str:
        return self.application.name


class EntraOffice:
    """Mints signed tokens and reads them again. ``url`` is where it answers, as authority and as ARM."""

    def __init__(self, seed: AzureSeed) -> None:
        self.seed = seed
        self.url = ""

    def configuration(self, tenant: str) -> dict[str, t.Any]:
        base = f"{self.url}/{tenant}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "issuer": f"{base}/v2.0",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def grant(self, tenant: str, form: str) -> dict[str, t.Any]:
        """Answer the token endpoint; raise TokenProblem."""
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(form).items()}
        if asked.get("grant_type") != "client_credentials":
            raise TokenProblem(70003, "The app requested an unsupported grant type.", "unsupported_grant_type", 400)
        application = self._application(tenant, asked)
        audience = asked.get("scope", "").removesuffix("/.default")
        if audience not in (ARM, self.url, SERVER_APP) or not asked.get("scope", "").endswith("/.default"):
            text = f"The resource principal named {audience} was not found in the tenant."
            raise TokenProblem(500011, text, "invalid_resource", 400)
        token = self.mint(application, audience)
        return {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}

    def _application(self, tenant: str, asked: t.Mapping[str, str]) -> Application:
        found = self.seed.application(asked.get("client_id", ""))
        if tenant not in {person.tenant for person in self.seed.people.values()}:
            raise TokenProblem(90002, f"Tenant '{tenant}' not found.", "invalid_request", 400)
        if found is None or found.tenant != tenant:
            text = f"Application with identifier '{asked.get('client_id', '')}' was not found in the directory."
            raise TokenProblem(700016, text, "unauthorized_client", 400)
        if asked.get("client_assertion_type") == ASSERTION:
            self._check_assertion(found, asked.get("client_assertion", ""))
        elif found.secret_expired:
            raise TokenProblem(7000222, "The provided client secret keys are expired.")
        elif asked.get("client_secret") != found.secret:
            raise TokenProblem(7000215, "Invalid client secret provided.")
        return found

    def _check_assertion(self, application: Application, assertion: str) -> None:
        """A federated token: of an issuer and a subject that the application trusts."""
        claims = self._claims(assertion, 700027)
        wanted = {"iss": f"{self.url}/federation", "sub": application.federated_subject, "aud": EXCHANGE}
        if {name: claims.get(name) for name in wanted} != wanted:
            raise TokenProblem(700213, "No matching federated identity record found for presented assertion.")

    def federated(self, application: Application) -> str:
        """Return a token as a pipeline's own OIDC issuer would sign it."""
        now = int(time.time())
        return self._signed(
            {
                "iss": f"{self.url}/federation",
                "sub": application.federated_subject,
                "aud": EXCHANGE,
                "iat": now,
                "nbf": now,
                "exp": now + 600,
            }
        )

    def mint(self, application: Application, audience: str, *, life: int = LIFETIME) -> str:
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{application.tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + life,
            "appid": application.client_id,
            "oid": application.object_id,
            "tid": application.tenant,
            "groups": list(application.groups),
            "ver": "1.0",
        }
        return self._signed(claims)

    def _signed(self, claims: t.Mapping[str, t.Any]) -> str:
        head = _encoded(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "drydock"}).encode())
        body = _encoded(json.dumps(claims).encode())
        signature = signing_key().sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{body}.{_encoded(signature)}"

    def bearer(self, token: str, audiences: t.Collection[str]) -> Bearer:
        """Return who a token stands for, if it is for one of the audiences; raise TokenProblem."""
        claims = self._claims(token, 50013)
        application = self.seed.by_object(str(claims.get("oid", "")))
        if application is None or claims.get("tid") != application.tenant:
            raise TokenProblem(50020, "The token is of nobody that is known here.", "InvalidAuthenticationToken")
        if claims.get("aud") not in audiences:
            text = "The access token has been obtained for wrong audience or resource."
            raise TokenProblem(50013, text, "InvalidAuthenticationTokenAudience")
        return Bearer(application, str(claims["aud"]), float(claims["exp"]))

    def arm_bearer(self, token: str) -> Bearer:
        return self.bearer(token, (ARM, f"{ARM}/", self.url))

    def _claims(self, token: str, number: int) -> dict[str, t.Any]:
        try:
            head, body, signature = token.encode().split(b".")
            claims: dict[str, t.Any] = json.loads(_decoded(body))
            signing_key().public_key().verify(
                _decoded(signature), head + b"." + body, padding.PKCS1v15(), hashes.SHA256()
            )
        except (ValueError, binascii.Error, UnicodeDecodeError, InvalidSignature):
            raise TokenProblem(number, "The token's signature is not valid.", "InvalidAuthenticationToken") from None
        if float(claims.get("exp", 0)) < time.time():
            raise TokenProblem(number, "The access token expiry time is in the past.", "ExpiredAuthenticationToken")
        return claims


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


Groups = t.Callable[[Bearer], "list[str] | None"]


def review(document: t.Mapping[str, t.Any], cluster: str, office: EntraOffice, groups: Groups) -> dict[str, t.Any]:
    """Answer one TokenReview of an AKS cluster: only tokens for the server application of AKS open it."""
    token = str((document.get("spec") or {}).get("token", ""))
    try:
        bearer = office.bearer(token, (SERVER_APP,))
        found = groups(bearer)
        if found is None:
            raise TokenProblem(0, f"cluster {cluster} takes no tokens of Entra ID")
        name = bearer.application.object_id
        user = {"username": name, "uid": name, "groups": found, "extra": {CALLED: [bearer.name]}}
        status: dict[str, t.Any] = {"authenticated": True, "user": user}
    except TokenProblem as problem:
        status = {"authenticated": False, "error": str(problem)}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}
