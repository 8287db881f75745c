# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of EKS: what is signed, for how long they count, and that nothing of them leaks."""

from __future__ import annotations

import base64
import functools
import urllib.parse

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.access import cloud_credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.aws.session import AwsSession
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.aws.token import mint
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import Place
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.token import TokenSource
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

PLACE = Place("eks", "prod", "eu-west-1")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")
    return AwsSession(PLACE)


def opened(token: str) -> urllib.parse.SplitResult:
    text = token.removeprefix("k8s-aws-v1.")
    return urllib.parse.urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())


def test_token_is_a_presigned_regional_identity_request_bound_to_the_cluster(session: AwsSession) -> None:
    token = mint(session, "prod", 0.0)
    url = opened(token.text)
    query = dict(urllib.parse.parse_qsl(url.query))
    assert (url.scheme, url.netloc, url.path) == ("https", "sts.eu-west-1.amazonaws.com", "/")
    assert (query["Action"], query["Version"]) == ("GetCallerIdentity", "2011-06-15")
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert query["X-Amz-Expires"] == "60"
    assert len(token.text) <= 4096
    assert "=" not in token.text


def test_another_cluster_gets_another_signature(session: AwsSession) -> None:
    one, other = (dict(urllib.parse.parse_qsl(opened(mint(session, name, 0.0).text).query)) for name in ("a", "b"))
    assert one["X-Amz-Signature"] != other["X-Amz-Signature"]


def test_token_is_kept_until_less_than_a_minute_is_left_and_then_minted_anew(session: AwsSession) -> None:
    moment = 1000.0
    source = TokenSource(functools.partial(mint, session, "prod"), lambda: moment)
    first = source()
    assert first.expires_at == 1000.0 + 14 * 60
    moment += 13 * 60
    assert source() is first
    moment += 0.5
    assert source().expires_at == moment + 14 * 60


def test_credentials_carry_the_way_in_and_no_secret_in_their_text(session: AwsSession) -> None:
    cluster = {
        "provider": "eks",
        "name": "prod",
        "location": "eu-west-1",
        "endpoint": "https://example.invalid",
        "ca": "PEM",
        "api": {"proxy": "http://proxy:3128", "tls_server_name": "kubernetes", "server": None},
        "auth": {},
    }
    found = cloud_credentials(cluster, lambda: 5.0)()
    assert (found.server, found.ca_data, found.proxy) == ("https://example.invalid", "PEM", "http://proxy:3128")
    assert found.tls_server_name == "kubernetes"
    assert found.expires_at == 5.0 + 14 * 60
    assert found.token not in repr(found)


def test_cluster_without_an_endpoint_is_said_to_have_none() -> None:
    with pytest.raises(PlatformError, match="eks/prod has no endpoint yet") as caught:
        cloud_credentials({"provider": "eks", "name": "prod", "location": "eu-west-1", "endpoint": ""})
    assert caught.value.kind == "not_found"


def test_missing_credentials_are_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(PlatformError, match="no AWS credentials were found") as caught:
        mint(AwsSession(PLACE), "prod", 0.0)
    assert caught.value.kind == "credentials"


def test_unknown_profile_is_named() -> None:
    with pytest.raises(PlatformError, match="profile was not found .*nobody") as caught:
        AwsSession(Place("eks", "prod", "eu-west-1", auth={"profile": "nobody"})).identity()
    assert caught.value.kind == "credentials"
