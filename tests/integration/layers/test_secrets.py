# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer ``secrets`` with the real External Secrets: controller and webhook run with our manifests' arguments."""

from __future__ import annotations

import base64
import typing as t

import pytest

from drydock.kube import Object
from tests.integration.harbours import until
from tests.integration.layers.planes import Island, verdict
from tests.unit.alerts.metrics import EXPOSED
from tests.unit.roles.test_rendering import TEAMS

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("island")]

API = "/apis/external-secrets.io/v1/namespaces"
STORE = {"identity": "arn:aws:iam::111122223333:role/mail-dev-secrets", "backend": "aws", "region": "eu-west-1"}


@pytest.fixture(scope="module")
def fetching(island: Island) -> Island:
    """The island with all rules, rights and the operator, and a team's namespace."""
    island.namespace("cart-dev", {"seaworthy.dev/team": "cart"})
    for namespace in ("cart-prod", "bank-dev", "platform-tools"):
        island.namespace(namespace)
    for layer in ("base", "certificates", "secrets"):
        island.play(layer).passed()
    island.play("policy", policy_mode="enforce").passed()
    island.play("rbac", **TEAMS).passed()
    wrong = external_secret("cart-x", "bank/db")
    until(lambda: "platform-" in verdict(island.person("dora", "cart-devs"), "POST", PLACE, wrong), 30)
    return island


PLACE = f"{API}/cart-dev/externalsecrets"


def external_secret(name: str, key: str, store: str = "team", **spec: t.Any) -> Object:
    entry = {"secretKey": "password", "remoteRef": {"key": key}}
    whole = {"refreshInterval": "1h", "secretStoreRef": {"name": store}, "data": [entry], **spec}
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name},
        "spec": {key: value for key, value in whole.items() if value is not None},
    }


def test_second_run_with_the_operator_at_work_sends_no_write(fetching: Island) -> None:
    mark = fetching.writes_of_the_runner()
    assert fetching.play("secrets").passed().changed == 0
    assert fetching.play("secrets", "--check", "--diff").passed().changed == 0
    assert fetching.writes_of_the_runner() == mark


def test_real_controller_fetches_what_a_developer_asks_for(fetching: Island) -> None:
    """The store holds its values itself (upstream's own for tests); the way from there is that of every store."""
    value = {"key": "cart/db", "value": "from-the-store", "version": ""}
    store = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": {"name": "own", "namespace": "cart-dev"},
        "spec": {"provider": {"fake": {"data": [value]}}},
    }
    fetching.admin.create(f"{API}/cart-dev/secretstores", store)
    dora = fetching.person("dora", "cart-devs")
    dora.create(PLACE, external_secret("cart-fetched", "cart/db", "own"))
    secret = "/api/v1/namespaces/cart-dev/secrets/cart-fetched"
    until(lambda: bool((fetching.admin.find(secret) or {}).get("data")), 60)
    data = fetching.admin.get(secret)["data"]
    assert base64.b64decode(data["password"]) == b"from-the-store"
    assert verdict(dora, "GET", secret).startswith("403 Forbidden")


WRONG: dict[str, tuple[Object, str]] = {
    "a key of another team": (external_secret("cart-x", "bank/db"), "every remote key must begin with cart/"),
    "everything that a pattern finds": (
        external_secret("cart-x", "", data=None, dataFrom=[{"find": {"name": {"regexp": ".*"}}}]),
        "dataFrom may only extract",
    ),
    "a whole document of another team": (
        external_secret("cart-x", "", data=None, dataFrom=[{"extract": {"key": "bank/all"}}]),
        "every remote key must begin with cart/",
    ),
    "a store of the cluster": (
        external_secret("cart-x", "cart/db", secretStoreRef={"name": "all", "kind": "ClusterSecretStore"}),
        "only SecretStores of this namespace",
    ),
    "a generator": (
        external_secret(
            "cart-x",
            "",
            data=None,
            dataFrom=[{"sourceRef": {"generatorRef": {"kind": "Password", "name": "x"}}, "extract": {"key": "cart/"}}],
        ),
        "remove sourceRef",
    ),
    "the name of another's Secret": (
        external_secret("wildcard-tls", "cart/db"),
        "the name of the Secret must begin with cart-",
    ),
    "a target of another name": (
        external_secret("cart-x", "cart/db", target={"name": "bank-db"}),
        "the name of the Secret must begin with cart-",
    ),
}


@pytest.mark.parametrize("attempt", WRONG)
def test_external_secret_outside_the_team_is_refused(fetching: Island, attempt: str) -> None:
    obj, reason = WRONG[attempt]
    said = verdict(fetching.person("dora", "cart-devs"), "POST", PLACE, obj)
    assert "ValidatingAdmissionPolicy 'platform-team-external-secrets'" in said, said
    assert reason in said


def test_external_secret_under_the_prefix_gets_in(fetching: Island) -> None:
    dora = fetching.person("dora", "cart-devs")
    assert verdict(dora, "POST", PLACE, external_secret("cart-x", "cart/db")) == ""
    whole = external_secret("cart-x", "", data=None, dataFrom=[{"extract": {"key": "cart/all"}}])
    assert verdict(dora, "POST", PLACE, whole) == ""


def test_real_webhook_refuses_what_the_schema_lets_pass(fetching: Island) -> None:
    empty = external_secret("cart-x", "", data=None)
    assert "admission webhook" in verdict(fetching.admin, "POST", PLACE, empty)


def test_operator_gets_the_token_of_the_store_s_account_and_asks_the_cloud_with_it(fetching: Island) -> None:
    """Last of this module. No cloud can be reached from here: the run says which store is not ready, and why."""
    fetching.namespace("mail-dev", {"seaworthy.dev/team": "mail"})
    said = fetching.play("secrets", secrets_stores={"mail-dev": STORE}, secrets_wait_timeout=25).refused()
    assert "SecretStore/mail-dev/team" in said, said
    assert "AssumeRoleWithWebIdentity" in said, said
    logged = fetching.plane.audit_log.read_text()
    assert "/api/v1/namespaces/mail-dev/serviceaccounts/secret-store/token" in logged
    until(lambda: EXPOSED["External Secrets"] <= fetching.metrics("external-secrets", "external-secrets", 8080), 60)
