# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the layers promise, read with a client that is not ours.   verify.py KUBECONFIG DOMAIN"""

from __future__ import annotations

import base64
import sys
import typing as t

from cryptography import x509
from kubernetes import client, config

NAMESPACE = "cert-manager"
REPLICAS = {"cert-manager": 2, "cert-manager-webhook": 3, "cert-manager-cainjector": 2}
GROUP = {"group": "cert-manager.io", "version": "v1"}


def is_ready(obj: dict[str, t.Any]) -> bool:
    conditions = obj.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def check_workloads(apps: t.Any, policy: t.Any) -> None:
    for name, replicas in REPLICAS.items():
        deployment = apps.read_namespaced_deployment(name, NAMESPACE)
        pod = deployment.spec.template.spec
        assert deployment.status.available_replicas == replicas, f"{name}: {deployment.status.available_replicas}"
        assert pod.priority_class_name == "platform-critical", name
        assert pod.security_context.run_as_non_root, name
        assert pod.containers[0].security_context.read_only_root_filesystem, name
        assert policy.read_namespaced_pod_disruption_budget(name, NAMESPACE).spec.max_unavailable == 1, name


def check_issuers(custom: t.Any) -> None:
    issuers = custom.list_cluster_custom_object(plural="clusterissuers", **GROUP)["items"]
    assert {issuer["metadata"]["name"] for issuer in issuers} == {"selfsigned", "private-ca"}
    assert all(is_ready(issuer) for issuer in issuers), issuers


def check_wildcard(core: t.Any, domain: str) -> None:
    secret = core.read_namespaced_secret(f"wildcard-{domain.replace('.', '-')}", NAMESPACE)
    leaf, authority = (x509.load_pem_x509_certificate(base64.b64decode(secret.data[k])) for k in ("tls.crt", "ca.crt"))
    leaf.verify_directly_issued_by(authority)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert set(names) == {domain, f"*.{domain}"}, names


def check_bad_certificate_is_refused(custom: t.Any) -> None:
    """The webhook answers, and it is the real one: it knows rules that the schema does not."""
    bad = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "bad", "namespace": NAMESPACE},
        "spec": {"secretName": "bad", "dnsNames": ["bad.test"], "duration": "30m", "issuerRef": {"name": "private-ca"}},
    }
    place = {**GROUP, "namespace": NAMESPACE, "plural": "certificates"}
    said = ""
    try:
        custom.create_namespaced_custom_object(body=bad, dry_run="All", **place)
    except client.ApiException as error:
        said = error.body or ""
    assert "admission webhook" in said, f"a certificate of half an hour was not refused by the webhook: {said}"


def check_guarded_namespace(core: t.Any, network: t.Any) -> None:
    labels = core.read_namespace("shop").metadata.labels
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert core.read_namespaced_resource_quota("platform", "shop").spec.hard == {"requests.cpu": "20"}
    assert network.read_namespaced_network_policy("default-deny", "shop").spec.policy_types == ["Ingress", "Egress"]


def main(kubeconfig: str, domain: str) -> None:
    config.load_kube_config(kubeconfig)
    core, custom = client.CoreV1Api(), client.CustomObjectsApi()
    check_workloads(client.AppsV1Api(), client.PolicyV1Api())
    check_issuers(custom)
    check_wildcard(core, domain)
    check_bad_certificate_is_refused(custom)
    check_guarded_namespace(core, client.NetworkingV1Api())


if __name__ == "__main__":
    main(*sys.argv[1:])
