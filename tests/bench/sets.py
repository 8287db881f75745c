# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sets that are measured: L500 (500 objects of 24 kinds), the same ten times as large, and large definitions."""

from __future__ import annotations

import json
import pathlib
import typing as t

Object = dict[str, t.Any]

GROUP = "bench.seaworthy.dev"
KINDS = 10
APPS = 40
SPACES = 10
ROLES = 20


def manifest(api: str, kind: str, name: str, space: str = "", **body: t.Any) -> Object:
    metadata: Object = {"name": name} | ({"namespace": space} if space else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **body}


def layer(name: str, times: int = 1) -> list[Object]:
    """Return 20 + 480 * ``times`` objects: definitions and namespaces once, applications and roles ``times`` over."""
    spaces = [f"{name}-{number}" for number in range(SPACES)]
    found = [definition(name, number) for number in range(KINDS)]
    found += [manifest("v1", "Namespace", space) for space in spaces]
    for number in range(APPS * times):
        found += application(name, number, spaces[number % SPACES])
    for number in range(ROLES * times):
        found += cluster_role(f"{name}-{number}", f"{name}-app-{number}", spaces[number % SPACES])
    return found


def definition(name: str, number: int) -> Object:
    kind = f"Bench{name.title()}{number}"
    spec = {"type": "object", "properties": {"size": {"type": "integer"}, "owner": {"type": "string"}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower(), "listKind": f"{kind}List"}
    body = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]}
    api = "apiextensions.k8s.io/v1"
    return manifest(api, "CustomResourceDefinition", f"{names['plural']}.{GROUP}", spec=body)


def application(name: str, number: int, space: str) -> list[Object]:
    """Return eleven objects of one application. It runs no pod: what is measured is the applying."""
    app, rbac = f"{name}-app-{number}", "rbac.authorization.k8s.io/v1"
    labels = {"app": app}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": app}
    ports = [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "metrics", "port": 9090}]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": app}
    usage = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
    custom = f"Bench{name.title()}{number % KINDS}"
    return [
        manifest("v1", "ServiceAccount", app, space),
        manifest("v1", "ConfigMap", app, space, data={f"key-{n}": f"value {n} of {app}" * 3 for n in range(6)}),
        manifest("v1", "Secret", app, space, stringData={"password": f"not-a-secret-{app}"}),
        manifest(rbac, "Role", app, space, rules=rules),
        manifest(rbac, "RoleBinding", app, space, roleRef=role, subjects=[account(app, space)]),
        manifest("v1", "Service", app, space, spec={"selector": labels, "ports": ports}),
        manifest("apps/v1", "Deployment", app, space, spec=workload(app, labels)),
        manifest(
            "policy/v1", "PodDisruptionBudget", app, space,
            spec={"maxUnavailable": 1, "selector": {"matchLabels": labels}},
        ),
        manifest(
            "networking.k8s.io/v1", "NetworkPolicy", app, space,
            spec={"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"], "ingress": [{}]},
        ),
        manifest(
            "autoscaling/v2", "HorizontalPodAutoscaler", app, space,
            spec={"minReplicas": 1, "maxReplicas": 5, "scaleTargetRef": target, "metrics": [usage]},
        ),
        manifest(f"{GROUP}/v1", custom, app, space, spec={"size": number, "owner": app}),
    ]  # fmt: skip


def account(app: str, space: str) -> Object:
    return {"kind": "ServiceAccount", "name": app, "namespace": space}


def workload(app: str, labels: Object) -> Object:
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10}
    container = {
        "name": "main",
        "image": f"registry.example/{app}:1.0",
        "args": ["--listen=:8080", "--log=json"],
        "env": [{"name": f"SETTING_{n}", "value": str(n)} for n in range(8)],
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
        "readinessProbe": probe,
        "livenessProbe": probe,
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
    }
    pod = {
        "serviceAccountName": app,
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": app}}],
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}


def cluster_role(name: str, app: str, space: str) -> list[Object]:
    rbac = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list", "watch"]}]
    ref = {"apiGroup": rbac, "kind": "ClusterRole", "name": name}
    return [
        manifest(f"{rbac}/v1", "ClusterRole", name, rules=rules),
        manifest(f"{rbac}/v1", "ClusterRoleBinding", name, roleRef=ref, subjects=[account(app, space)]),
    ]


def large_definitions(roles: pathlib.Path) -> list[Object]:
    """Return the compiled definitions of all roles: those of Gateway API, the Prometheus operator, cert-manager."""
    files = sorted(roles.glob("*/files/crds/**/*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]
