# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One description of where people sign in, and what gateway, Argo CD and Grafana make of it."""

from __future__ import annotations

import json
import typing as t

import jmespath
import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from ansible_collections.seaworthy.platform.plugins.plugin_utils._identity import client_of, faults, role_path
from tests.unit.roles.test_rendering import ALERTING, WAY_IN, of_kind, rendered

REALM = "https://sso.example.com/realms/platform"
SAID: dict[str, t.Any] = {
    "provider": "keycloak",
    "issuer": REALM,
    "clients": {
        "gateway": {"id": "gateway", "secret": "not-a-secret"},
        "argocd": {"id": "argocd"},
        "grafana": {"id": "grafana", "secret": "not-one-either"},
    },
    "groups": {"admin": ["platform-admins"], "viewer": ["auditors"]},
}
ENTRA = "https://login.microsoftonline.com/0f3a5b8e-2f1d-4a57-9c11-6d2f0b7e4a10"


@pytest.mark.parametrize(
    ("over", "authorization", "userinfo", "claim"),
    [
        ({}, f"{REALM}/protocol/openid-connect/auth", f"{REALM}/protocol/openid-connect/userinfo", "groups"),
        (
            {"provider": "entra", "issuer": f"{ENTRA}/v2.0"},
            f"{ENTRA}/oauth2/v2.0/authorize",
            "https://graph.microsoft.com/oidc/userinfo",
            "groups",
        ),
        (
            {
                "provider": "cognito",
                "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/p",
                "domain": "in.example.com",
            },
            "https://in.example.com/oauth2/authorize",
            "https://in.example.com/oauth2/userInfo",
            "cognito:groups",
        ),
        (
            {
                "provider": "generic",
                "endpoints": {"authorization": "https://a", "token": "https://t", "userinfo": "https://u"},
            },
            "https://a",
            "https://u",
            "groups",
        ),
        (
            {"groups_claim": "roles"},
            f"{REALM}/protocol/openid-connect/auth",
            f"{REALM}/protocol/openid-connect/userinfo",
            "roles",
        ),
    ],
)
def test_each_provider_says_where_its_endpoints_are(
    over: dict[str, t.Any], authorization: str, userinfo: str, claim: str
) -> None:
    found = client_of(SAID | over, "grafana")
    assert found["endpoints"]["authorization"] == authorization
    assert found["endpoints"]["userinfo"] == userinfo
    assert found["groups_claim"] == claim


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"provider": "okta"}, 'provider is "okta"; must be one of keycloak, entra, cognito, generic'),
        ({"issuer": "http://sso.example.com"}, 'issuer is "http://sso.example.com"; must be the https:// address'),
        ({"issuer": f"{REALM}/"}, "without a slash at the end"),
        ({"provider": "cognito"}, "platform_identity.domain is empty; provider cognito says it nowhere else"),
        ({"provider": "generic"}, "platform_identity.endpoints is empty; provider generic says it nowhere else"),
        ({"client": {}}, "platform_identity.client is not known (did you mean clients?)"),
        ({"clients": {"grafanna": {"id": "x"}}}, "clients.grafanna is not known (did you mean grafana?)"),
        ({"clients": {"argocd": {}}}, "platform_identity.clients.argocd has no id; give the client id"),
        (
            {"clients": {"argocd": {"id": "x", "password": "y"}}},
            "platform_identity.clients.argocd.password is not known",
        ),
        ({"groups": {"admins": []}}, "platform_identity.groups.admins is not known (did you mean admin?)"),
    ],
)
def test_description_that_cannot_work_is_one_sentence(over: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        client_of(SAID | over, "gateway")
    assert sentence in str(refused.value)
    assert "not-a-secret" not in str(refused.value)


def test_nothing_described_or_no_such_client_is_nothing() -> None:
    assert client_of({}, "gateway") == {}
    assert client_of(SAID | {"clients": {}}, "gateway") == {}
    assert faults(SAID) == []


@pytest.mark.parametrize(
    ("token", "role"),
    [
        ({"cognito:groups": ["ops' team", "other"]}, "Admin"),
        ({"cognito:groups": ["readers"]}, "Viewer"),
        ({"cognito:groups": ["others"]}, False),
    ],
)
def test_role_in_grafana_follows_from_the_groups_of_the_token(token: dict[str, list[str]], role: t.Any) -> None:
    """Read by a library of the language that Grafana uses; whatever is no text is no role there."""
    path = role_path("cognito:groups", {"admin": ["ops' team"], "viewer": ["readers"]})
    assert jmespath.search(path, token) == role


def test_gateway_argo_cd_and_grafana_are_told_the_same() -> None:
    way_in = rendered("ingress", WAY_IN | {"ingress_sign_in": {}, "platform_identity": SAID})
    policy = of_kind(way_in, "SecurityPolicy")["prometheus"]["spec"]["oidc"]
    assert (policy["provider"]["issuer"], policy["clientID"]) == (REALM, "gateway")
    delivery = rendered("gitops", {"gitops_url": "https://argocd.example.com", "platform_identity": SAID})
    settings = of_kind(delivery, "ConfigMap")["argocd-cm"]["data"]
    told = json.loads(settings["oidc.config"])
    assert (told["issuer"], told["clientID"], told["enablePKCEAuthentication"]) == (REALM, "argocd", True)
    policy_csv = of_kind(delivery, "ConfigMap")["argocd-rbac-cm"]["data"]["policy.csv"]
    assert 'g, "platform-admins", role:platform-admin' in policy_csv
    assert 'g, "auditors", role:readonly' in policy_csv
    ini = of_kind(rendered("monitoring", ALERTING | {"platform_identity": SAID}), "ConfigMap")["grafana"]["data"][
        "grafana.ini"
    ]
    assert f"auth_url = {REALM}/protocol/openid-connect/auth" in ini
    assert "client_id = grafana" in ini
    assert "not-one-either" not in ini


def test_variable_of_a_role_wins_as_a_whole() -> None:
    own = {"issuer": "https://other.example.com", "client_id": "cd"}
    over = {"gitops_url": "https://argocd.example.com", "gitops_sso": own, "platform_identity": SAID}
    settings = of_kind(rendered("gitops", over), "ConfigMap")
    assert json.loads(settings["argocd-cm"]["data"]["oidc.config"])["issuer"] == "https://other.example.com"
    assert "platform-admins" not in settings["argocd-rbac-cm"]["data"]["policy.csv"]


def test_faults_of_the_description_stop_a_layer_before_it_renders() -> None:
    with pytest.raises(AssertionError, match='platform_identity.provider is "okta"'):
        rendered("gitops", {"platform_identity": {"provider": "okta"}})
