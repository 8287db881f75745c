# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token webhook verifies what EKS tokens are: pre-signed STS requests for one cluster."""

from __future__ import annotations

import base64
import json
import time
import typing as t
import urllib.request

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from drydock.harbour import Harbour
from drydock.identity import eks_token
from drydock.identity.eks_token import TokenProblem, verify_token

from .eks_steps import active_cluster

OWN = "127.0.0.1:9"
STS = "https://sts.eu-west-1.amazonaws.com/"
ACTION = "?Action=GetCallerIdentity&Version=2011-06-15"


def presigned(
    harbour: Harbour,
    cluster: str = "demo",
    *,
    principal: str = "runner",
    base: str = STS + ACTION,
    expires: int = 60,
    service: str = "sts",
    headers: dict[str, str] | None = None,
) -> str:
    """Return a URL signed as botocore signs it, the independent hand here."""
    keys = harbour.credentials(principal)
    signer = SigV4QueryAuth(
        Keys(keys.access_key_id, keys.secret_access_key, keys.session_token or None), service, "eu-west-1", expires
    )
    request = AWSRequest("GET", base, headers=headers if headers is not None else {"x-k8s-aws-id": cluster})
    signer.add_auth(request)
    return str(request.url)


def token_of(url: str) -> str:
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def problem(token: str, cluster: str = "demo", now: float | None = None) -> str:
    with pytest.raises(TokenProblem) as caught:
        verify_token(token, cluster, OWN, now=now)
    assert not token or token not in str(caught.value)
    return str(caught.value)


def test_token_of_a_seeded_principal_accepted(harbour: Harbour) -> None:
    principal = verify_token(token_of(presigned(harbour)), "demo", OWN)
    assert (principal.arn, principal.account) == ("arn:aws:iam::111122223333:user/runner", "111122223333")
    own = presigned(harbour, base=f"http://{OWN}/{ACTION}")
    assert verify_token(token_of(own), "demo", OWN).arn == principal.arn


def test_token_accepted_for_fifteen_minutes_whatever_it_says(harbour: Harbour) -> None:
    token = token_of(presigned(harbour, expires=60))
    assert verify_token(token, "demo", OWN, now=time.time() + 890).account == harbour.seed.account
    assert "expired" in problem(token, now=time.time() + 910)
    assert "expired" in problem(token, now=time.time() - 600)


def test_token_for_another_cluster_refused(harbour: Harbour) -> None:
    assert "does not match" in problem(token_of(presigned(harbour, "demo")), cluster="other")


def test_tampered_signature_refused(harbour: Harbour) -> None:
    url = presigned(harbour)
    last = "0" if url[-1] != "0" else "1"
    assert "does not match" in problem(token_of(url[:-1] + last))
    assert "does not match" in problem(token_of(url.replace("Version=2011-06-15", "Version=2011-06-16")))
    assert "unwanted parameter Action" in problem(token_of(url + "&Action=GetCallerIdentity"))


def test_unknown_key_and_expired_session_refused(harbour: Harbour) -> None:
    url = presigned(harbour)
    key = harbour.credentials().access_key_id
    assert "invalid" in problem(token_of(url.replace(key, "AKIA" + "X" * 16)))
    assert "expired" in problem(token_of(presigned(harbour, principal="expired")))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"headers": {}}, "x-k8s-aws-id is not signed"),
        ({"expires": 901}, "more than 900"),
        ({"service": "s3"}, "signed for s3"),
        ({"base": "https://sts.example.com/" + ACTION}, "is not STS"),
        ({"base": "http://sts.eu-west-1.amazonaws.com/" + ACTION}, "is not STS"),
        ({"base": "https://sts.eu-west-1.amazonaws.com/x" + ACTION}, "has a path"),
        ({"base": STS + "?Action=AssumeRole&Version=2011-06-15"}, "not GetCallerIdentity"),
        ({"base": STS + ACTION + "&Extra=1"}, "unwanted parameter Extra"),
    ],
)
def test_url_that_is_not_just_caller_identity_refused(
    harbour: Harbour, options: dict[str, t.Any], expected: str
) -> None:
    assert expected in problem(token_of(presigned(harbour, **options)))


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", "does not begin"),
        ("eyJhbGciOiJSUzI1NiJ9", "does not begin"),
        ("k8s-aws-v1.%%%", "not base64url"),
        ("k8s-aws-v1." + "A" * 4096, "longer than 4096"),
        ("k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8", "not GetCallerIdentity"),
    ],
)
def test_token_of_another_kind_refused(token: str, expected: str) -> None:
    assert expected in problem(token)


def review(harbour: Harbour, token: str, cluster: str = "demo") -> dict[str, t.Any]:
    """Ask the webhook as an API server does."""
    url = f"{harbour.admin_endpoint}/token/{harbour.seed.account}/{harbour.seed.region}/{cluster}"
    body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode()), timeout=10) as response:
        answer = json.load(response)
    assert (answer["apiVersion"], answer["kind"]) == ("authentication.k8s.io/v1", "TokenReview")
    status: dict[str, t.Any] = answer["status"]
    return status


def test_creator_is_admin_and_others_are_only_themselves(harbour: Harbour) -> None:
    active_cluster(harbour)
    creator = review(harbour, token_of(presigned(harbour)))
    assert creator["user"]["groups"] == ["system:masters"]
    assert creator["user"]["username"] == "arn:aws:iam::111122223333:user/runner"
    colleague = review(harbour, token_of(presigned(harbour, principal="colleague")))
    assert colleague["authenticated"]
    assert colleague["user"]["groups"] == []


def test_creator_without_bootstrap_permission_is_no_admin(harbour: Harbour) -> None:
    access = {"bootstrapClusterCreatorAdminPermissions": False, "authenticationMode": "API"}
    active_cluster(harbour, accessConfig=access)
    assert review(harbour, token_of(presigned(harbour)))["user"]["groups"] == []


def test_review_of_a_bad_token_says_why(harbour: Harbour) -> None:
    active_cluster(harbour)
    assert review(harbour, "k8s-aws-v1.x")["authenticated"] is False
    gone = review(harbour, token_of(presigned(harbour, "gone")), "gone")
    assert gone == {"authenticated": False, "error": "there is no cluster gone"}


def test_role_session_is_known_by_its_role(harbour: Harbour) -> None:
    from drydock.clouds.aws.principals import Principal

    session = Principal("arn:aws:sts::111122223333:assumed-role/operator/night", "111122223333", "ASIA")
    assert session.canonical == "arn:aws:iam::111122223333:role/operator"
    assert eks_token.user_info(session, [])["extra"]["sessionName"] == ["night"]
