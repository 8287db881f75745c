# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network policies of all layers: each allow meets a real port; the node's credentials are reached by name only."""

from __future__ import annotations

import functools
import ipaddress
import typing as t

import pytest

from tests.unit.roles.test_rendering import CASES, NETWORK, Objects, of_kind, rendered

METADATA = ipaddress.ip_address("169.254.169.254")
NAMED_FOR_METADATA = ("cloud-identity",)
Policy = dict[str, t.Any]


@functools.cache
def everything() -> tuple[tuple[str, Objects], ...]:
    return tuple((name, rendered(*case)) for name, case in CASES.items())


def policies() -> list[tuple[str, Objects, Policy]]:
    return [(name, objects, obj) for name, objects in everything() for obj in objects if obj["kind"] == "NetworkPolicy"]


def reaches_metadata(rule: Policy) -> bool:
    """Whether an egress rule lets a pod ask the metadata service, which listens on port 80 (GKE: also 988)."""
    ports = rule.get("ports")
    if ports and not any(port.get("port") in (80, 988, None) for port in ports):
        return False
    peers = rule.get("to")
    return not peers or any(_holds(peer["ipBlock"]) for peer in peers if "ipBlock" in peer)


def _holds(block: dict[str, t.Any]) -> bool:
    inside = METADATA in ipaddress.ip_network(block["cidr"])
    return inside and not any(METADATA in ipaddress.ip_network(out) for out in block.get("except", ()))


def test_metadata_address_is_reached_only_where_a_policy_names_it() -> None:
    found = [
        (case, policy["metadata"]["name"])
        for case, _objects, policy in policies()
        for rule in policy["spec"].get("egress", [])
        if reaches_metadata(rule)
    ]
    assert all(name.endswith(NAMED_FOR_METADATA) for _case, name in found), found
    assert ("network-policy-teams", "platform-allow-cloud-identity") in found


def test_rule_without_a_limit_reaches_the_metadata_address() -> None:
    """What the test above must find."""
    assert reaches_metadata({})
    assert reaches_metadata({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})
    assert not reaches_metadata({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]})


def test_namespace_with_an_allow_denies_the_rest() -> None:
    """A layer may open another's namespace for itself (ingress an interface's); the other layer denies the rest."""
    ours = [policy for _case, _objects, policy in policies()]
    denied = {p["metadata"]["namespace"] for p in ours if not {"ingress", "egress"} & set(p["spec"])}
    assert {p["metadata"]["namespace"] for p in ours} == denied


WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
MADE_BY_OPERATOR = {
    "Prometheus": (9090,),
    "Alertmanager": (9093, 9094),
    "EnvoyProxy": (10080, 10443, 19001),
    "Elasticsearch": (9200, 9300),
    "Kibana": (5601,),
    "Beat": (5066,),
}
"""Kinds whose pods an operator makes, and what these listen on. Sources: prometheus-operator, pkg/*/statefulset.go;
Envoy Gateway, internal/gatewayapi/translator.go, whose proxies listen on the Gateway's ports plus 10000; ECK,
pkg/controller/*/labels.go and network.go (a Beat listens where its configuration says)."""
MADE_LABELS = {
    **{kind: {"common.k8s.elastic.co/type": kind.lower()} for kind in ("Elasticsearch", "Kibana", "Beat")},
    "EnvoyProxy": {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/managed-by": "envoy-gateway"},
}


def pod_of(obj: Policy) -> Policy:
    """Return labels and container ports of the pods that an object stands for."""
    if obj["kind"] in WORKLOADS:
        return dict(obj["spec"]["template"])
    ports = [{"containerPort": port} for port in MADE_BY_OPERATOR[obj["kind"]]]
    common = {"app.kubernetes.io/name": obj["kind"].lower(), "app.kubernetes.io/instance": obj["metadata"]["name"]}
    labels = MADE_LABELS.get(obj["kind"], common)
    return {"metadata": {"labels": labels}, "spec": {"containers": [{"ports": ports}]}}


def pods_in(objects: Objects, namespace: str) -> list[Policy]:
    kinds = (*WORKLOADS, *MADE_BY_OPERATOR)
    return [pod_of(obj) for obj in objects if obj["kind"] in kinds and obj["metadata"]["namespace"] == namespace]


def test_every_port_that_a_layer_lets_in_is_a_port_of_its_pods() -> None:
    """Policies of namespaces that teams fill are left out: their pods are not ours."""
    seen = 0
    for case, objects, policy in policies():
        pods = pods_in(objects, policy["metadata"]["namespace"])
        if not pods:
            continue
        wanted = policy["spec"]["podSelector"].get("matchLabels", {})
        chosen = [pod for pod in pods if wanted.items() <= pod["metadata"]["labels"].items()]
        assert chosen, (case, policy["metadata"]["name"])
        open_ports = {
            value
            for pod in chosen
            for container in pod["spec"]["containers"]
            for port in container.get("ports", [])
            for value in (port["containerPort"], port.get("name"))
        }
        for rule in policy["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                seen += 1
                assert port["port"] in open_ports, (case, policy["metadata"]["name"], port)
    assert seen >= 3


@pytest.mark.parametrize("engine", ["auto", "none"])
def test_cluster_on_which_nothing_enforces_policies_is_refused(engine: str) -> None:
    with pytest.raises(AssertionError, match="nothing is known to enforce NetworkPolicies on demo; name what does"):
        rendered("network_policy", NETWORK | {"network_policy_engine": engine})


def test_engine_that_the_inventory_describes_is_believed() -> None:
    over = NETWORK | {"network_policy_engine": "auto", "cluster_network": {"policy_engine": "dataplane_v2"}}
    assert of_kind(rendered("network_policy", over, provider="gke"), "NetworkPolicy")


def test_unknown_allow_is_refused_with_what_there_is() -> None:
    over = NETWORK | {"network_policy_namespaces": {"jobs": {"allow": ["dnss"]}}}
    with pytest.raises(
        AssertionError, match=r"network_policy_namespaces.jobs.allow: there is no dnss; must be one of dns"
    ):
        rendered("network_policy", over)
