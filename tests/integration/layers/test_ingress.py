# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers ``ingress`` and ``external_dns``: the real Envoy Gateway and ExternalDNS, run with our own arguments."""

from __future__ import annotations

import os
import pathlib
import subprocess
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.identity.aws.presets import Scope, external_dns
from drydock.harbour import Harbour
from drydock.kube import Object
from tests.integration.harbours import ROOT, until
from tests.integration.layers.planes import Island

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("island")]

DOMAIN = "island.seaworthy.test"
PLAIN: dict[str, t.Any] = {"platform_domain": DOMAIN, "monitoring_state": "external"}
INTERFACES: dict[str, t.Any] = {
    "ingress_interfaces": {
        "dash": {
            "host": f"dash.{DOMAIN}",
            "namespace": "platform-tools",
            "service": "dash",
            "port": 80,
            "ca_secret": "dash-ca",
        }
    },
    "ingress_sign_in": {
        "issuer": "https://sso.example.com",
        "client_id": "gateway",
        "client_secret": "not-a-secret",
        # No issuer can be asked from here.
        "authorization_endpoint": "https://sso.example.com/auth",
        "token_endpoint": "https://sso.example.com/token",
    },
}
GATEWAYS = "/apis/gateway.networking.k8s.io/v1"
WRITTEN = ("A", "AAAA", "TXT")
NAMES = {"external_dns_provider": "aws", "external_dns_identity": "external", "external_dns_policy": "sync"}


@pytest.fixture(scope="module")
def open_island(island: Island) -> Island:
    """The island with a way in, judged by the rules that it enforces elsewhere."""
    for layer in ("base", "certificates"):
        island.play(layer, **PLAIN).passed()
    island.play("policy", **PLAIN, policy_mode="enforce").passed()
    island.namespace("cart-dev", {"seaworthy.dev/team": "cart"})
    for namespace in ("platform-tools", "stranger"):
        island.namespace(namespace)
    for namespace, name in (("platform-tools", "dash"), ("cart-dev", "cart"), ("stranger", "cart")):
        island.admin.apply(f"/api/v1/namespaces/{namespace}/services/{name}", service(namespace, name))
    authority = island.admin.get("/api/v1/namespaces/cert-manager/secrets/private-ca")["data"]["ca.crt"]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "dash-ca"}, "data": {"ca.crt": authority}}
    island.admin.apply("/api/v1/namespaces/platform-tools/secrets/dash-ca", secret)
    island.play("ingress", **PLAIN).passed()
    return island


def service(namespace: str, name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"ports": [{"port": 80}], "selector": {"app": name}},
    }


def route(namespace: str, host: str, section: str = "https") -> Object:
    parent = {"name": "public", "namespace": "ingress", "sectionName": section}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": f"cart-{section}", "namespace": namespace},
        "spec": {
            "parentRefs": [parent],
            "hostnames": [f"{host}.{DOMAIN}"],
            "rules": [{"backendRefs": [{"name": "cart", "port": 80}]}],
        },
    }


def conditions(rows: t.Iterable[Object]) -> dict[str, str]:
    return {row["type"]: row["status"] for row in rows}


def answer(island: Island, obj: Object) -> Object:
    """Apply a route and return what the real controller says of its being attached."""
    place = f"{GATEWAYS}/namespaces/{obj['metadata']['namespace']}/httproutes/{obj['metadata']['name']}"
    island.admin.apply(place, obj)
    said: dict[str, Object] = {}

    def heard() -> bool:
        for parent in (island.admin.get(place).get("status") or {}).get("parents") or ():
            said.update({row["type"]: row for row in parent["conditions"]})
        return "Accepted" in said

    until(heard, 60)
    return said["Accepted"]


def test_real_controller_accepts_the_class_and_programs_the_gateway(open_island: Island) -> None:
    assert conditions(open_island.admin.get(f"{GATEWAYS}/gatewayclasses/envoy")["status"]["conditions"]) == {
        "Accepted": "True"
    }
    gateway = open_island.admin.get(f"{GATEWAYS}/namespaces/ingress/gateways/public")
    assert gateway["status"]["addresses"]
    assert conditions(gateway["status"]["conditions"]) == {"Accepted": "True", "Programmed": "True"}
    for listener in gateway["status"]["listeners"]:
        wanted = {"Accepted": "True", "Programmed": "True", "ResolvedRefs": "True"}
        assert conditions(listener["conditions"]) == wanted, "HTTP/2 is spoken only where no certificates overlap"


def test_proxies_that_it_makes_keep_the_rules_of_every_workload(open_island: Island) -> None:
    """They were let in by the policies that are enforced; here is what the policies do not ask for."""
    found = open_island.admin.get("/apis/apps/v1/namespaces/ingress/deployments")["items"]
    (proxies,) = [obj for obj in found if obj["metadata"]["name"].startswith("envoy-ingress-public-")]
    pod = proxies["spec"]["template"]["spec"]
    assert pod["priorityClassName"] == "platform-critical"
    assert {c["topologyKey"] for c in pod["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }
    assert all(container["resources"]["limits"]["memory"] for container in pod["containers"])
    name = proxies["metadata"]["name"]
    scaler = open_island.admin.get(f"/apis/autoscaling/v2/namespaces/ingress/horizontalpodautoscalers/{name}")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 10)
    budget = open_island.admin.get(f"/apis/policy/v1/namespaces/ingress/poddisruptionbudgets/{name}")
    assert budget["spec"]["maxUnavailable"] == 1


def test_second_run_with_the_gateway_at_work_sends_no_write(open_island: Island) -> None:
    mark = open_island.writes_of_the_runner()
    assert open_island.play("ingress", **PLAIN).passed().changed == 0
    assert open_island.play("ingress", "--check", "--diff", **PLAIN).passed().changed == 0
    assert open_island.writes_of_the_runner() == mark


def test_route_of_a_team_attaches_and_nobody_elses_does(open_island: Island) -> None:
    assert answer(open_island, route("cart-dev", "cart"))["status"] == "True"
    assert answer(open_island, route("stranger", "cart"))["reason"] == "NotAllowedByListeners"


def test_real_external_dns_writes_the_name_of_a_route_and_of_no_other(
    open_island: Island, tmp_path: pathlib.Path
) -> None:
    """The real program with the arguments of our Deployment and the rights of the preset; Route 53 is the twin's."""
    answer(open_island, route("cart-dev", "cart"))
    answer(open_island, route("stranger", "stolen"))
    harbour = Harbour.start(tmp_path / "harbour")
    try:
        dns = harbour.client("route53")
        zone = dns.create_hosted_zone(Name=DOMAIN, CallerReference="once")["HostedZone"]["Id"].rpartition("/")[2]
        open_island.play("external_dns", **PLAIN, **NAMES, external_dns_zones=[zone]).passed()
        scope = Scope("aws", harbour.seed.region, harbour.seed.account, "island", zones=(zone,))
        harbour.grant([action for statement in external_dns(scope) for action in statement["Action"]])
        run_external_dns(open_island, harbour)
        rows = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        found = {(row["Name"], row["Type"]): row for row in rows if row["Type"] in WRITTEN}
        names = {(f"cart.{DOMAIN}.", "A"), (f"cart.{DOMAIN}.", "AAAA")}
        assert set(found) == names | {(f"{kind}-owner.cart.{DOMAIN}.", "TXT") for kind in ("a", "aaaa")}
        assert "elb." in found[f"cart.{DOMAIN}.", "A"]["AliasTarget"]["DNSName"]
        owner = found[f"a-owner.cart.{DOMAIN}.", "TXT"]["ResourceRecords"][0]["Value"]
        assert "external-dns/owner=island" in owner
        open_island.admin.delete(f"{GATEWAYS}/namespaces/cart-dev/httproutes/cart-https")
        run_external_dns(open_island, harbour)
        left = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        assert not [row for row in left if row["Type"] in WRITTEN], "policy sync takes what nothing asks for"
    finally:
        harbour.stop()


def run_external_dns(island: Island, harbour: Harbour) -> None:
    """Run one round of it outside its pod, which reaches no cloud, as the service account that it has there."""
    deployment = island.admin.get("/apis/apps/v1/namespaces/external-dns/deployments/external-dns")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    arguments = [word for word in container["args"] if word != "--events"]
    kubeconfig = island.kubeconfig_of("external-dns", "external-dns")
    done = subprocess.run(
        [str(ROOT / "build/bin/external-dns"), *arguments, "--once", f"--kubeconfig={kubeconfig}"],
        env=os.environ | harbour.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_interface_without_a_sign_in_of_its_own_gets_one_on_a_listener_that_no_team_can_use(
    open_island: Island,
) -> None:
    """Last of this module: the Gateway has one more listener afterwards."""
    open_island.play("ingress", **PLAIN, **INTERFACES).passed()
    policies = "/apis/gateway.envoyproxy.io/v1alpha1/namespaces/ingress/securitypolicies"
    status = open_island.admin.get(f"{policies}/dash")["status"]
    assert conditions(status["ancestors"][0]["conditions"])["Accepted"] == "True"
    assert open_island.admin.get("/api/v1/namespaces/ingress/secrets/envoy-oidc-hmac")["data"]["hmac-secret"]
    judged = open_island.admin.get(f"{GATEWAYS}/namespaces/platform-tools/backendtlspolicies/public-dash")["status"]
    said = conditions(judged["ancestors"][0]["conditions"])
    assert (said["Accepted"], said["ResolvedRefs"]) == ("True", "True"), "it speaks TLS itself"
    stolen = answer(open_island, route("cart-dev", "dash", "interface-dash"))
    assert stolen["reason"] == "NotAllowedByListeners"
    mark = open_island.writes_of_the_runner()
    assert open_island.play("ingress", **PLAIN, **INTERFACES).passed().changed == 0
    assert open_island.writes_of_the_runner() == mark
