# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's token endpoint, impersonation, and the token webhook of GKE clusters."""

from __future__ import annotations

import json
import time
import typing as t
import urllib.error
import urllib.parse
import urllib.request

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, exceptions, impersonated_credentials, jwt
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from drydock.clouds.gke import project
from drydock.harbour import Harbour
from drydock.identity.google_token import AUDIENCE, CLOUD_PLATFORM, GRANT, LIFETIME, TokenProblem

from .gke_steps import HERE, running_cluster


def signed(harbour: Harbour, name: str = "runner", *, key: rsa.RSAPrivateKey | None = None, **claims: t.Any) -> str:
    """Return a JWT that google-auth signs, the independent hand here."""
    account = harbour.google.person(name)
    pem = (key or account.key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer: t.Any = crypt.RSASigner.from_string(pem, account.key_id)  # type: ignore[no-untyped-call]
    now = int(time.time())
    base = {"iss": account.email, "sub": account.email, "aud": AUDIENCE, "scope": CLOUD_PLATFORM}
    token: bytes = jwt.encode(signer, {**base, "iat": now, "exp": now + 3600, **claims})  # type: ignore[no-untyped-call]
    return token.decode()


def granted(harbour: Harbour, assertion: str, grant: str = GRANT) -> tuple[int, dict[str, t.Any]]:
    """Ask the token endpoint as a client without a library would."""
    body = urllib.parse.urlencode({"grant_type": grant, "assertion": assertion}).encode()
    try:
        with urllib.request.urlopen(f"{harbour.google_endpoint}/token", body, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def test_key_buys_an_access_token_for_an_hour(harbour: Harbour) -> None:
    status, answer = granted(harbour, signed(harbour))
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", LIFETIME)
    bearer = harbour.google.office.bearer(answer["access_token"])
    assert bearer.email == "runner@seaworthy-demo.iam.gserviceaccount.com"
    line = harbour.journal.read()[-1]
    assert (line.target, line.operation, line.principal, line.wrote) == ("oauth2", "Token", bearer.email, False)
    with pytest.raises(TokenProblem, match="expired"):
        harbour.google.office.bearer(answer["access_token"], now=time.time() + LIFETIME + 1)


def test_assertion_that_is_not_right_refused(harbour: Harbour) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    old = int(time.time()) - 7200
    cases = [
        (signed(harbour, key=other), "invalid_grant", "Signature"),
        (signed(harbour, "expired"), "invalid_grant", "Signature"),
        (signed(harbour, iss="nobody@example.com"), "invalid_grant", "account not found"),
        (signed(harbour, aud="https://example.com/token"), "invalid_grant", "audience"),
        (signed(harbour, iat=old, exp=old + 3600), "invalid_grant", "short-lived"),
        (signed(harbour, exp=int(time.time()) + 90000), "invalid_grant", "short-lived"),
        (signed(harbour, scope=""), "invalid_scope", "scope"),
        ("no-jwt", "invalid_grant", "not a JWT"),
    ]
    for assertion, code, words in cases:
        status, answer = granted(harbour, assertion)
        assert (status, answer["error"]) == (400, code), answer
        assert words in answer["error_description"]
        assert assertion not in answer["error_description"]
    assert granted(harbour, signed(harbour), "password")[1]["error"] == "unsupported_grant_type"


def ask(harbour: Harbour, authorization: str) -> tuple[int, dict[str, t.Any]]:
    headers = {"Authorization": authorization} if authorization else {}
    request = urllib.request.Request(f"{harbour.google_endpoint}/v1/{HERE}/clusters", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def test_api_takes_access_tokens_and_self_signed_ones_and_nothing_else(harbour: Harbour) -> None:
    assert ask(harbour, f"Bearer {harbour.google.token()}")[0] == 200
    assert ask(harbour, f"Bearer {signed(harbour)}")[0] == 200
    for wrong in ("", "Bearer ya29.nothing", "Basic cnVubmVyOg==", f"Bearer {signed(harbour, 'expired')}"):
        status, answer = ask(harbour, wrong)
        assert (status, answer["error"]["status"]) == (401, "UNAUTHENTICATED")
    narrow = granted(harbour, signed(harbour, scope="https://www.googleapis.com/auth/userinfo.email"))[1]
    assert ask(harbour, f"Bearer {narrow['access_token']}")[0] == 403


def impersonated(harbour: Harbour, name: str, target: str) -> t.Any:
    untyped: t.Any = impersonated_credentials.Credentials
    source: t.Any = Credentials
    return untyped(
        source_credentials=source(harbour.google.token(name)),
        target_principal=f"{target}@{project.PROJECT}.iam.gserviceaccount.com",
        target_scopes=[CLOUD_PLATFORM],
        iam_endpoint_override=(
            f"{harbour.google_endpoint}/v1/projects/-/serviceAccounts/"
            f"{target}@{project.PROJECT}.iam.gserviceaccount.com:generateAccessToken"
        ),
    )


def test_account_is_impersonated_only_where_that_is_granted(harbour: Harbour) -> None:
    keys = impersonated(harbour, "runner", "deployer")
    keys.refresh(Request())
    assert ask(harbour, f"Bearer {keys.token}")[0] == 200
    assert harbour.google.office.bearer(keys.token).email.startswith("deployer@")
    assert harbour.journal.read()[-1].principal == f"deployer@{project.PROJECT}.iam.gserviceaccount.com"
    with pytest.raises(exceptions.RefreshError, match="iam.serviceAccounts.getAccessToken"):
        impersonated(harbour, "colleague", "deployer").refresh(Request())


def review(harbour: Harbour, token: str, cluster: str = "demo") -> dict[str, t.Any]:
    """Ask the webhook as an API server does."""
    url = f"{harbour.admin_endpoint}/google-token/{project.PROJECT}/{project.REGION}/{cluster}"
    body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode()), timeout=10) as response:
        answer = json.load(response)
    assert (answer["apiVersion"], answer["kind"]) == ("authentication.k8s.io/v1", "TokenReview")
    status: dict[str, t.Any] = answer["status"]
    return status


def test_creator_is_admin_and_others_are_only_themselves(harbour: Harbour) -> None:
    running_cluster(harbour)
    user = review(harbour, harbour.google.token())["user"]
    assert (user["username"], user["groups"]) == (harbour.google.person("runner").email, ["system:masters"])
    user = review(harbour, harbour.google.token("colleague"))["user"]
    assert (user["username"], user["groups"]) == (harbour.google.person("colleague").email, [])


def test_cluster_takes_access_tokens_of_the_right_scope_only(harbour: Harbour) -> None:
    running_cluster(harbour)
    assert review(harbour, signed(harbour))["authenticated"] is False
    narrow = granted(harbour, signed(harbour, scope="https://www.googleapis.com/auth/userinfo.email"))[1]
    assert "scope" in review(harbour, narrow["access_token"])["error"]
    gone = review(harbour, harbour.google.token(), "gone")
    assert gone == {"authenticated": False, "error": "there is no cluster gone"}
    assert "minted" in review(harbour, "ya29.forged")["error"]
