# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each layer applies, as files that a person reviews.

After a wanted change: ``REWRITE_GOLDEN=1 python -m pytest tests/unit/roles/test_rendering.py``, then read the diff.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = pathlib.Path(__file__).parent / "golden"
Objects = list[dict[str, t.Any]]

ROUTE53 = {
    "certificates_dns01_provider": "route53",
    "certificates_dns01_config": {"region": "eu-west-1", "hostedZoneID": "Z0123"},
    "certificates_dns01_zones": ["example.com"],
    "certificates_dns01_nameservers": ["192.0.2.53:53"],
    "certificates_acme_email": "platform@example.com",
    "certificates_private_ca": "absent",
    "certificates_wildcard_domains": ["*.example.com", "example.org"],
    "certificates_monitoring": False,
}
POLICY: dict[str, t.Any] = {
    "policy_mode": "enforce",
    "policy_rules": {"images-pinned": "audit", "services-load-balancer": "off"},
    "policy_exceptions": {
        "old-shop": {
            "namespace": "shop",
            "workloads": ["legacy"],
            "rules": ["pods-restricted"],
            "owner": "shop@example.com",
            "expires": "2099-12-31",
            "reason": "its image runs as root",
        }
    },
}
NETWORK: dict[str, t.Any] = {
    "network_policy_engine": "cilium",
    "network_policy_namespaces": {
        "cart-prod": {"allow": ["dns", "same-namespace", "gateway", "prometheus"], "to": {"bank-prod": [8443]}},
        "bank-prod": {"allow": ["dns", "api", "internet"], "from": {"cart-prod": [8443, "grpc"]}},
        "jobs": {"allow": ["cloud-identity"]},
    },
}
STORES: dict[str, t.Any] = {
    "secrets_environment": {"HTTPS_PROXY": "http://proxy.example:3128"},
    "secrets_stores": {
        "cart-prod": {"identity": "arn:aws:iam::111122223333:role/cart-prod-secrets", "region": "eu-west-1"},
        "bank-prod": {
            "backend": "azure",
            "identity": "5d1f4c9e-8f43-4d0e-9b53-3f0a6f6f2a11",
            "vault_url": "https://bank.vault.azure.net",
        },
        "mail-prod": {"backend": "gcp", "identity": "mail@demo.iam.gserviceaccount.com", "project": "demo"},
        "data-prod": {"backend": "vault", "identity": "data-prod", "server": "https://vault.example:8200", "ca": "PEM"},
    },
}
TEAMS: dict[str, t.Any] = {
    "rbac_groups": {
        "platform": {"keycloak": "platform-admins", "entra": "0f3a5b8e-2f1d-4a57-9c11-6d2f0b7e4a10"},
        "cart-devs": {"keycloak": "cart-devs", "entra": "5d1f4c9e-8f43-4d0e-9b53-3f0a6f6f2a11"},
        "cart-leads": {"keycloak": "cart-leads", "entra": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
        "bank-devs": {"keycloak": "bank-devs", "entra": "16fd2706-8baf-433b-82eb-8c7fada847da"},
    },
    "rbac_cluster_bindings": {"platform-admin": ["platform"], "security-auditor": []},
    "rbac_platform_namespaces": ["platform-tools"],
    "rbac_team_bindings": {
        "cart-dev": {"developer": ["cart-devs"], "developer-debug": ["cart-devs"], "team-admin": ["cart-leads"]},
        "cart-prod": {"developer": ["cart-devs"], "team-admin": ["cart-leads"]},
        "bank-dev": {"developer": ["bank-devs"]},
    },
}
ALERTING: dict[str, t.Any] = {
    "monitoring_receivers": {
        "pager": {"pagerduty_configs": [{"routing_key": "not-a-key"}]},
        "chat": {"slack_configs": [{"api_url": "https://chat.example.com/hook", "channel": "#alerts"}]},
        "heartbeat": {"webhook_configs": [{"url": "https://heartbeat.example.com/ping", "send_resolved": False}]},
    },
    "monitoring_routes": {"critical": "pager", "warning": "chat"},
    "monitoring_dead_man_receiver": "heartbeat",
}
MONITORING_WHOLE = {
    "monitoring_receivers": ALERTING["monitoring_receivers"]
    | {"payments-pager": {"webhook_configs": [{"url": "https://payments.example.com/page"}]}},
    "monitoring_team_routes": {
        "payments": {
            "namespaces": ["checkout-prod", "ledger-prod"],
            "receivers": {"critical": "payments-pager", "warning": "chat"},
        },
    },
    "monitoring_proxy_url": "http://proxy.example.com:3128",
    "monitoring_receiver_ports": [3128],
    "monitoring_probes": ["https://shop.example.com/healthz"],
    "monitoring_storage_class": "gp3",
    "monitoring_remote_write": [{"url": "https://metrics.example.com/api/v1/push"}],
    "monitoring_urls": {
        "prometheus": "https://prometheus.example.com",
        "alertmanager": "https://alertmanager.example.com",
        "grafana": "https://grafana.example.com",
    },
    "monitoring_grafana_sso": {
        "auth_url": "https://sso.example.com/auth",
        "token_url": "https://sso.example.com/token",
        "api_url": "https://sso.example.com/userinfo",
        "client_id": "grafana",
        "client_secret": "not-a-secret",
        "role_attribute_path": "contains(groups[*], 'platform-admin') && 'Admin' || 'Viewer'",
    },
    "monitoring_grafana_database": {
        "host": "db.example.com:5432",
        "name": "grafana",
        "user": "grafana",
        "password": "not-a-password",
    },
    "monitoring_grafana_secret_key": "not-a-key",
}
WAY_IN: dict[str, t.Any] = {
    "platform_domain": "demo.example.com",
    "ingress_domains": ["demo.example.com", "example.org"],
    "ingress_certificates": {"example.org": {"name": "example-org", "namespace": "shared"}},
    "ingress_source_ranges": ["192.0.2.0/24"],
    "ingress_interfaces": {
        "prometheus": {
            "host": "prometheus.demo.example.com",
            "namespace": "monitoring",
            "service": "prometheus-operated",
            "port": 9090,
            "pods": {"app.kubernetes.io/name": "prometheus"},
        },
        "grafana": {
            "host": "grafana.demo.example.com",
            "namespace": "monitoring",
            "service": "grafana",
            "port": 80,
            "sign_in": "own",
        },
        "logs": {
            "host": "logs.demo.example.com",
            "namespace": "logging",
            "service": "platform-kb-http",
            "port": 5601,
            "ca_secret": "platform-kb-http-certs-public",
        },
    },
    "ingress_sign_in": {
        "issuer": "https://sso.example.com/realms/platform",
        "client_id": "gateway",
        "client_secret": "not-a-secret",
    },
}
NAMES: dict[str, t.Any] = {
    "external_dns_domains": ["demo.example.com"],
    "external_dns_zones": ["Z0123456789ABCDEFGHIJ"],
    "external_dns_identity": "arn:aws:iam::111122223333:role/external-dns",
    "external_dns_policy": "sync",
}
AZURE_NAMES: dict[str, t.Any] = {
    "platform_domain": "demo.example.com",
    "external_dns_provider": "azure",
    "external_dns_visibility": "private",
    "external_dns_identity": "5d1f4c9e-8f43-4d0e-9b53-3f0a6f6f2a11",
    "external_dns_azure": {
        "tenant_id": "0f3a5b8e-2f1d-4a57-9c11-6d2f0b7e4a10",
        "subscription_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "resource_group": "dns",
    },
    "external_dns_monitoring": False,
}
GITOPS: dict[str, t.Any] = {
    "__gitops_published": {"repository": "https://git.example.com/platform/rendered", "branch": "main"},
    "gitops_credentials": {"platform": {"url": "https://git.example.com", "username": "argocd", "password": "not-one"}},
    "gitops_url": "https://argocd.example.com",
    "gitops_sso": {"issuer": "https://sso.example.com/realms/example", "client_id": "argocd"},
    "gitops_admin_groups": ["platform-admins"],
    "gitops_viewer_groups": ["auditors"],
    "gitops_watched": {"postgresql.cnpg.io": ["clusters"]},
    "gitops_notifications": {
        "services": {"webhook.deploy": {"url": "https://deploy.example.com/hook"}},
        "subscriptions": [{"recipients": ["webhook:deploy"], "triggers": ["on-sync-failed"]}],
    },
}
LOGS: dict[str, t.Any] = {
    "logging_storage_class": "gp3",
    "logging_team_delete_days": {"payments": 90},
    "logging_snapshots": {
        "type": "s3",
        "bucket": "logs",
        "identity": "arn:aws:iam::111122223333:role/logs",
        "region": "eu-1",
    },
    "logging_processors": [{"decode_json_fields": {"fields": ["message"], "target": "app"}}],
    "logging_url": "https://logs.example.com",
}
LOGS_AZURE: dict[str, t.Any] = {
    "logging_snapshots": {
        "type": "azure",
        "account": "examplelogs",
        "container": "prod",
        "identity": "5d1f4c9e-8f43-4d0e-9b53-3f0a6f6f2a11",
        "tenant_id": "0f3a5b8e-2f1d-4a57-9c11-6d2f0b7e4a10",
        "keep_days": 60,
    },
    "logging_zone_aware": False,
    "logging_kibana": False,
    "logging_monitoring": False,
}
CASES: dict[str, tuple[str, dict[str, t.Any]]] = {
    "base-eks": (
        "base",
        {
            "base_namespaces": {
                "shop": {"quota": {"requests.cpu": "20"}},
                "legacy": {"default_deny": False, "pod_security": "baseline"},
            }
        },
    ),
    "certificates-private-ca": ("certificates", {"platform_domain": "demo.seaworthy.test"}),
    "certificates-route53": ("certificates", ROUTE53),
    "external-dns-azure": ("external_dns", AZURE_NAMES),
    "external-dns-route53": ("external_dns", NAMES),
    "gitops-alone": ("gitops", {}),
    "gitops-fleet": ("gitops", GITOPS),
    "logging-azure": ("logging", LOGS_AZURE),
    "logging-whole": ("logging", LOGS),
    "ingress-whole": ("ingress", WAY_IN),
    "network-policy-teams": ("network_policy", NETWORK),
    "policy-enforce": ("policy", POLICY),
    "rbac-two-teams": ("rbac", TEAMS),
    "secrets-every-store": ("secrets", STORES),
    "monitoring-small": ("monitoring", ALERTING | {"monitoring_grafana": False, "monitoring_node_exporter": False}),
    "monitoring-whole": ("monitoring", ALERTING | MONITORING_WHOLE),
}


def rendered(role: str, over: dict[str, t.Any], provider: str = "eks") -> Objects:
    """Return the hardened objects of a layer without its compiled definitions."""
    variables = {"inventory_hostname": "demo", "ansible_facts": {"platform_cluster": {"provider": provider}}} | over
    found: Objects = json.loads(_printed(role, json.dumps(variables)))
    return found


@functools.cache
def _printed(role: str, variables: str) -> str:
    command = [sys.executable, str(pathlib.Path(__file__).with_name("render_layer.py")), role, variables]
    without_path = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=without_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("case", CASES)
def test_layer_renders_as_reviewed(case: str) -> None:
    role, over = CASES[case]
    text = yaml.safe_dump_all(rendered(role, over), sort_keys=False, width=120, explicit_start=True)
    golden = GOLDEN / f"{case}.yaml"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def of_kind(objects: Objects, kind: str) -> dict[str, dict[str, t.Any]]:
    return {obj["metadata"]["name"]: obj for obj in objects if obj["kind"] == kind}


def images(objects: Objects) -> set[str]:
    pods = [deployment["spec"]["template"]["spec"] for deployment in of_kind(objects, "Deployment").values()]
    return {container["image"] for pod in pods for container in pod["containers"]}


def test_one_line_changes_the_version_of_all_images() -> None:
    objects = rendered("certificates", {"certificates_versions": {"cert_manager": {"version": "1.21.1"}}})
    assert {image.rpartition(":")[2] for image in images(objects)} == {"v1.21.1"}
    args = of_kind(objects, "Deployment")["cert-manager"]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--acme-http01-solver-image=quay.io/jetstack/cert-manager-acmesolver:v1.21.1" in args


def test_no_issuer_of_the_internet_unless_a_dns_service_is_named() -> None:
    assert set(of_kind(rendered("certificates", {}), "ClusterIssuer")) == {"selfsigned", "private-ca"}


def test_ca_bundle_of_the_webhooks_is_left_to_the_injector() -> None:
    objects = rendered("certificates", {})
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        (configuration,) = of_kind(objects, kind).values()
        assert "caBundle" not in configuration["webhooks"][0]["clientConfig"]
        assert configuration["metadata"]["annotations"]["cert-manager.io/inject-ca-from-secret"]


def test_every_selector_of_a_service_or_policy_meets_pods() -> None:
    objects = rendered("certificates", ROUTE53)
    labels = [d["spec"]["template"]["metadata"]["labels"] for d in of_kind(objects, "Deployment").values()]
    services = [service["spec"]["selector"] for service in of_kind(objects, "Service").values()]
    policies = [
        policy["spec"]["podSelector"].get("matchLabels", {}) for policy in of_kind(objects, "NetworkPolicy").values()
    ]
    for selector in (*services, *policies):
        assert any(selector.items() <= given.items() for given in labels), selector


def test_no_role_of_ours_grants_everything() -> None:
    for case in CASES.values():
        for obj in rendered(*case):
            for rule in obj.get("rules") or [] if obj["kind"] in ("Role", "ClusterRole") else []:
                granted = (*rule["verbs"], *rule.get("resources", []), *rule.get("apiGroups", []))
                assert "*" not in granted, obj["metadata"]["name"]


def containers(objects: Objects) -> t.Iterator[dict[str, t.Any]]:
    """Give every container of the workloads, also those that come before others."""
    for obj in objects:
        pod = obj.get("spec", {}).get("template", {}).get("spec", {})
        yield from [*pod.get("initContainers", []), *pod.get("containers", [])]


def test_no_secret_stands_in_a_list_of_processes() -> None:
    seen = 0
    for container in (container for case in CASES.values() for container in containers(rendered(*case))):
        secrets = [e["name"] for e in container.get("env", []) if "secretKeyRef" in e.get("valueFrom", {})]
        words = " ".join([*container.get("command", []), *container.get("args", [])])
        assert not [name for name in secrets if f"$({name})" in words], container["name"]
        seen += len(secrets)
    assert seen > 0


def test_group_is_called_as_its_identity_provider_calls_it() -> None:
    objects = rendered("rbac", TEAMS | {"rbac_group_prefix": "oidc:"}, provider="aks")
    bindings = {(o["metadata"].get("namespace"), o["metadata"]["name"]): o for o in objects if "subjects" in o}
    subject = bindings["cart-dev", "platform:developer"]["subjects"][0]
    assert subject["name"] == "oidc:5d1f4c9e-8f43-4d0e-9b53-3f0a6f6f2a11"


@pytest.mark.parametrize(
    ("over", "provider", "reason"),
    [
        ({"rbac_groups": {}}, "eks", "rbac_groups.platform.keycloak is missing; set it to the name of the group"),
        ({}, "gke", "rbac_groups.platform.google is missing; set it to the address of a Google group"),
        (
            {"rbac_groups": {"platform": {"entra": "platform-admins"}}},
            "aks",
            "rbac_groups.platform.entra is platform-admins; set it to an object id of Entra",
        ),
        ({"rbac_cluster_bindings": {"developer": ["cart-devs"]}}, "eks", "role developer cannot be bound there"),
        (
            {"rbac_team_bindings": {"cart-dev": {"break-glass": ["cart-devs"]}}},
            "eks",
            "role break-glass cannot be bound",
        ),
    ],
)
def test_group_that_the_server_would_never_hear_is_refused(over: dict[str, t.Any], provider: str, reason: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(reason)):
        rendered("rbac", TEAMS | over, provider=provider)


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        ({"region": "eu-west-1"}, "secrets_stores.cart has no identity"),
        ({"identity": "x"}, "secrets_stores.cart has no region"),
        ({"identity": "x", "backend": "azure"}, "secrets_stores.cart has no vault_url"),
        ({"identity": "x", "backend": "gcp"}, "secrets_stores.cart has no project"),
        ({"backend": "vault", "server": "https://vault.example:8200"}, "secrets_stores.cart has no identity"),
        ({"identity": "x", "backend": "vault"}, "secrets_stores.cart has no server"),
        (
            {"identity": "x", "backend": "s3"},
            "secrets_stores.cart.backend is s3; must be one of aws, azure, gcp, vault",
        ),
    ],
)
def test_store_without_what_it_needs_is_refused(store: dict[str, str], reason: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(reason)):
        rendered("secrets", {"secrets_stores": {"cart": store}})


INTERFACE = {"host": "dash.demo.example.com", "namespace": "tools", "service": "dash", "port": 80}
SIGN_IN = WAY_IN["ingress_sign_in"]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"platform_domain": ""}, "ingress_domains is empty; name the domains that come in, or set platform_domain"),
        (
            {"ingress_interfaces": {"a": INTERFACE, "b": INTERFACE}, "ingress_sign_in": SIGN_IN},
            "two entries of ingress_interfaces claim the host dash.demo.example.com; give each its own",
        ),
        (
            {"ingress_interfaces": {"a": INTERFACE}},
            "ingress_sign_in lacks issuer, client_id, client_secret, and a would be open to everybody",
        ),
        (
            {"ingress_interfaces": {"a": INTERFACE}, "ingress_sign_in": {"issuer": "https://sso.example.com"}},
            "ingress_sign_in lacks client_id, client_secret",
        ),
        (
            {"ingress_interfaces": {"a": INTERFACE}, "ingress_sign_in": SIGN_IN | {"issuer": "http://sso.example.com"}},
            "ingress_sign_in.issuer is http://sso.example.com; must be an https:// address",
        ),
        (
            {"ingress_interfaces": {"a": {**INTERFACE, "sign_in": "none"}}},
            "ingress_interfaces.a.sign_in is none; must be gateway or own",
        ),
        (
            {"ingress_interfaces": {"a": {**INTERFACE, "host": "a.b.demo.example.com", "sign_in": "own"}}},
            "ingress_interfaces.a.host is a.b.demo.example.com, which no certificate of ingress_domains covers",
        ),
        (
            {"ingress_interfaces": {"a": {"host": "a.demo.example.com", "sign_in": "own"}}},
            "ingress_interfaces.a has no service; name the Service behind it",
        ),
        ({"certificates_state": "absent"}, "certificates_state is absent, and controller and proxies know each"),
    ],
)
def test_way_in_that_leads_nowhere_or_lets_everybody_in_is_refused(over: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(sentence)):
        rendered("ingress", {"platform_domain": "demo.example.com", **over})


@pytest.mark.parametrize(
    ("over", "provider", "sentence"),
    [
        ({"platform_domain": ""}, "eks", "external_dns_domains is empty; name the domains whose records may"),
        ({}, "eks", "external_dns_identity is empty; name an IAM role, or on EKS in external_dns_zones"),
        ({}, "aks", "external_dns_identity is empty; name the client id of the managed identity"),
        ({}, "kubeconfig", "external_dns_provider is auto, and this cluster is in no cloud that has a DNS service"),
        (
            {"external_dns_identity": "5d1f4c9e", "external_dns_azure": {"tenant_id": "0f3a5b8e"}},
            "aks",
            "external_dns_azure has no subscription_id",
        ),
        ({"external_dns_identity": "external"}, "aks", "external_dns_azure has no tenant_id"),
    ],
)
def test_names_that_nobody_could_write_are_refused(over: dict[str, t.Any], provider: str, sentence: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(sentence)):
        rendered("external_dns", {"platform_domain": "demo.example.com", **over}, provider=provider)


def test_names_on_google_cloud_need_no_identity_beside_the_service_account() -> None:
    (account,) = of_kind(
        rendered("external_dns", {"platform_domain": "demo.example.com"}, provider="gke"), "ServiceAccount"
    ).values()
    assert account["metadata"]["annotations"] == {}


@pytest.mark.parametrize(
    ("provider", "exposure", "told"),
    [
        ("eks", "public", "aws-load-balancer-scheme: internet-facing"),
        ("eks", "private", "aws-load-balancer-scheme: internal"),
        ("aks", "private", "azure-load-balancer-internal: 'true'"),
        ("gke", "public", "cloud.google.com/l4-rbs: enabled"),
        ("gke", "private", "networking.gke.io/load-balancer-type: Internal"),
    ],
)
def test_each_cloud_s_load_balancer_is_told_who_may_reach_it(provider: str, exposure: str, told: str) -> None:
    over = {"platform_domain": "demo.example.com", "ingress_exposure": exposure}
    proxy = of_kind(rendered("ingress", over, provider=provider), "EnvoyProxy")["public"]
    annotations = proxy["spec"]["provider"]["kubernetes"]["envoyService"]["annotations"]
    assert told in yaml.safe_dump(annotations)


def test_no_store_is_shared_and_none_has_a_static_key() -> None:
    objects = rendered("secrets", STORES)
    assert not of_kind(objects, "ClusterSecretStore")
    assert not of_kind(objects, "Secret")
    stores = [obj for obj in objects if obj["kind"] == "SecretStore"]
    assert len(stores) == len(STORES["secrets_stores"])
    for store in stores:
        assert "secretRef" not in json.dumps(store)
        assert '"serviceAccountRef": {"name": "secret-store"}' in json.dumps(store)


def test_operator_makes_tokens_of_the_stores_accounts_alone() -> None:
    for obj in rendered("secrets", STORES):
        for rule in obj.get("rules") or [] if obj["kind"] in ("Role", "ClusterRole") else []:
            if "serviceaccounts/token" in rule["resources"]:
                assert (obj["kind"], rule["resourceNames"], rule["verbs"]) == ("Role", ["secret-store"], ["create"])


def test_no_right_of_ours_flows_into_the_cluster_s_own_roles() -> None:
    for case in CASES.values():
        for obj in rendered(*case):
            labels = obj["metadata"].get("labels", {})
            assert not [label for label in labels if label.startswith("rbac.authorization.k8s.io/aggregate-to")]


def test_what_a_cluster_brings_itself_is_not_brought_again() -> None:
    assert set(of_kind(rendered("base", {}), "StorageClass")) == {"gp3"}
    assert of_kind(rendered("base", {}, provider="kubeconfig"), "StorageClass") == {}
    marked = {"platform_cluster": {"provider": "eks", "provides": {"default_storage_class": "theirs"}}}
    assert of_kind(rendered("base", {"ansible_facts": marked}), "StorageClass") == {}


def test_no_namespace_is_touched_that_is_not_listed() -> None:
    assert of_kind(rendered("base", {}), "Namespace") == {}


def test_a_provided_ca_needs_its_certificate_and_key() -> None:
    with pytest.raises(AssertionError, match=r"certificates_private_ca_key.*is empty; must be PEM text"):
        rendered("certificates", {"certificates_private_ca": "provided", "certificates_private_ca_certificate": "PEM"})


def test_a_wildcard_of_lets_encrypt_needs_a_dns_service() -> None:
    over = {"platform_domain": "demo.example.com", "certificates_wildcard_issuer": "letsencrypt-production"}
    with pytest.raises(AssertionError, match="signs wildcards by DNS-01 only, and certificates_dns01_provider is none"):
        rendered("certificates", over)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({}, "alerts of severity critical would reach nobody; name a receiver in monitoring_routes.critical"),
        ({**ALERTING, "monitoring_dead_man_receiver": ""}, "nobody would learn that alerting itself has died"),
        (
            {**ALERTING, "monitoring_routes": {"critical": "pager", "warning": "chta"}},
            "a route names the receiver chta, which monitoring_receivers does not have",
        ),
        (
            {**ALERTING, "monitoring_receivers": {**ALERTING["monitoring_receivers"], "pager": {}}},
            "monitoring_receivers.pager has no integration",
        ),
        (
            {**ALERTING, "monitoring_team_routes": {"a": {"receivers": {"critical": "a-pager"}}}},
            "a route names the receiver a-pager",
        ),
        (
            {**ALERTING, "monitoring_grafana_sso": {"client_id": "grafana"}},
            "monitoring_grafana_sso lacks auth_url, client_secret",
        ),
        (
            {**ALERTING, "monitoring_grafana_database": {"host": "db"}},
            "monitoring_grafana_database lacks name, password, user",
        ),
    ],
)
def test_alerting_that_reaches_nobody_is_refused_in_a_sentence(over: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        rendered("monitoring", over)


def test_a_deliberate_gap_is_accepted() -> None:
    assert of_kind(rendered("monitoring", {"monitoring_unreceived": "accept"}), "Alertmanager")


@pytest.mark.parametrize(
    ("provider", "scraped"),
    [
        ("eks", {"apiserver", "kubelet", "cadvisor", "coredns", "kube-controller-manager", "kube-scheduler"}),
        ("aks", {"apiserver", "kubelet", "cadvisor", "coredns"}),
        ("gke", {"apiserver", "kubelet", "cadvisor", "kube-dns"}),
    ],
)
def test_each_cloud_is_asked_for_what_it_shows(provider: str, scraped: set[str]) -> None:
    objects = rendered("monitoring", ALERTING, provider=provider)
    jobs = json.loads(of_kind(objects, "Secret")["prometheus-scrapes"]["stringData"]["scrapes.yaml"])
    names = {job["job_name"] for job in jobs} | set(of_kind(objects, "PodMonitor")) & {"coredns", "kube-dns"}
    assert names == scraped


def test_no_monitor_of_a_team_can_have_the_token_of_prometheus() -> None:
    spec = of_kind(rendered("monitoring", ALERTING), "Prometheus")["main"]["spec"]
    assert spec["arbitraryFSAccessThroughSMs"] == {"deny": True}
    assert "scrapeClasses" not in spec


def test_pods_that_the_operator_makes_are_hardened_too() -> None:
    objects = rendered("monitoring", ALERTING)
    for kind in ("Prometheus", "Alertmanager"):
        spec = of_kind(objects, kind)["main"]["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["priorityClassName"] == "platform-critical"
        assert spec["topologySpreadConstraints"]
