# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each rule both ways on the real API server: what keeps it gets in, what breaks it is refused by that rule."""

from __future__ import annotations

import copy
import datetime
import re
import typing as t

import pytest
import yaml

from drydock.kube import Object
from tests.integration.harbours import ROOT, until
from tests.integration.layers.planes import Island, verdict
from tests.unit.roles.test_anatomy import pins
from tests.unit.roles.test_rendering import CASES, rendered

pytestmark = pytest.mark.xdist_group("island")

RULES = yaml.safe_load((ROOT / "roles/policy/vars/main.yml").read_text(encoding="utf-8"))["__policy_rules"]
GOOD = {
    "name": "main",
    "image": "registry.example/web:1.0",
    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
GOOD_POD: Object = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [GOOD],
}
PRIVILEGED = {"securityContext": {"privileged": True, "allowPrivilegeEscalation": True}}
EXCEPTION = {"namespace": "plain", "rules": ["pods-restricted"], "owner": "shop@example.com", "reason": "runs as root"}
ENDS = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def guarded(island: Island) -> Island:
    """The island with every rule enforced, a team's namespace, a plain one and one for load balancers."""
    island.namespace("plain")
    island.namespace("edge")
    island.namespace("agents", {"pod-security.kubernetes.io/enforce": "privileged"})
    island.play("policy", policy_state="absent").passed()
    until(lambda: not said(island, OLD), 30)  # the server reads changed policies each second
    island.admin.create(PATHS["Deployment"].format("plain"), OLD)
    island.namespace("cart-dev", {"seaworthy.dev/team": "cart"}, **{"seaworthy.dev/secrets": "pull-secret,ca-bundle"})
    island.play(
        "policy",
        policy_mode="enforce",
        policy_load_balancer_namespaces=["edge"],
        policy_exceptions={"old": {**EXCEPTION, "workloads": ["legacy"], "expires": ENDS}},
    ).passed()
    until(lambda: "platform-images-pinned" in said(island, OLD), 30)
    return island


def pod(name: str = "web", container: Object | None = None, **spec: t.Any) -> Object:
    """Return a pod that keeps every rule but for what is given: fields of its container, fields of its spec."""
    whole = copy.deepcopy(GOOD_POD) | spec
    if container:
        whole["containers"] = [merged(GOOD, container)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": whole}


def merged(base: Object, over: Object) -> Object:
    both = {key: merged(base[key], value) for key, value in over.items() if isinstance(base.get(key), dict) and value}
    return {**base, **over, **both}


def deployment(template: Object, name: str = "web") -> Object:
    labels = {"app": name}
    inner = {"metadata": {"labels": labels}, "spec": template["spec"]}
    spec = {"selector": {"matchLabels": labels}, "template": inner}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def cron_job(template: Object) -> Object:
    inner = {"spec": {**template["spec"], "restartPolicy": "Never"}}
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": inner}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "web"}, "spec": spec}


def service(kind: str, **spec: t.Any) -> Object:
    whole = {"type": kind, "ports": [{"port": 80}], "selector": {"app": "web"}, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": whole}


def role(*resources: str, verbs: t.Sequence[str] = ("get",), name: str = "mine", **rule: t.Any) -> Object:
    rules = [{"apiGroups": [""], "resources": [*resources], "verbs": [*verbs], **rule}]
    api = "rbac.authorization.k8s.io/v1"
    return {"apiVersion": api, "kind": "Role", "metadata": {"name": name}, "rules": rules}


def binding(target: str, subject: str, kind: str = "ClusterRole", subject_kind: str = "Group") -> Object:
    group = "rbac.authorization.k8s.io"
    who = {"kind": subject_kind, "name": subject}
    who |= {"namespace": "cart-dev"} if subject_kind == "ServiceAccount" else {"apiGroup": group}
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "mine"},
        "roleRef": {"apiGroup": group, "kind": kind, "name": target},
        "subjects": [who],
    }


OLD = deployment(pod(container={"image": "registry.example/web"}), "old")
PATHS = {
    "Pod": "/api/v1/namespaces/{}/pods",
    "Service": "/api/v1/namespaces/{}/services",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "CronJob": "/apis/batch/v1/namespaces/{}/cronjobs",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
}


def said(island: Island, obj: Object, namespace: str = "plain") -> str:
    return verdict(island.admin, "POST", PATHS[obj["kind"]].format(namespace), obj)


def env(name: str) -> Object:
    return {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": name, "key": "a"}}}]}


def volume(**source: t.Any) -> Object:
    return {"volumes": [{"name": "v", **source}]}


ALLOWED: dict[str, tuple[Object, str]] = {
    "a restricted pod": (pod(), "plain"),
    "its deployment": (deployment(pod()), "plain"),
    "its cron job": (cron_job(pod()), "plain"),
    "a digest": (pod(container={"image": f"registry.example:5000/web@sha256:{'0' * 64}"}), "plain"),
    "a port in the registry's name": (pod(container={"image": "registry.example:5000/web:1.0"}), "plain"),
    "one capability": (pod(container={"securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}), "plain"),
    "a service": (service("ClusterIP"), "plain"),
    "a load balancer at the edge": (service("LoadBalancer"), "edge"),
    "a team's role": (role("configmaps"), "cart-dev"),
    "a team's binding": (binding("platform:developer", "cart-devs"), "cart-dev"),
    "the store's token": (role("serviceaccounts/token", verbs=["create"], name="secret-store",
                               resourceNames=["secret-store"]), "cart-dev"),
    "the store's binding": (binding("secret-store", "external-secrets", "Role", "ServiceAccount"), "cart-dev"),
    "a team's secret": (pod(container=env("cart-db")), "cart-dev"),
    "a listed secret": (pod(imagePullSecrets=[{"name": "pull-secret"}]), "cart-dev"),
    "no team, no rule of teams": (pod(container=env("other")), "plain"),
    "an agent of the nodes": (pod(hostNetwork=True, **volume(hostPath={"path": "/"})), "agents"),
    "a privileged pod of the system": (pod(container=PRIVILEGED), "kube-system"),
}  # fmt: skip

REFUSED: dict[str, tuple[str, str, Object, str]] = {
    "privileged": ("pods-unprivileged", "is privileged",
                   pod("legacy", PRIVILEGED), "plain"),
    "host network": ("pods-unprivileged", "namespace of its node", pod(hostNetwork=True), "plain"),
    "host port": ("pods-unprivileged", "port of its node",
                  pod(container={"ports": [{"containerPort": 80, "hostPort": 80}]}), "plain"),
    "capability": ("pods-unprivileged", "adds a capability",
                   pod(container={"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}), "plain"),
    "unmasked proc": ("pods-unprivileged", "unmasks /proc", pod(hostUsers=False, container={
        "securityContext": {"procMount": "Unmasked"}}), "plain"),
    "may be root": ("pods-restricted", "may run as root",
                    pod(securityContext={"seccompProfile": {"type": "RuntimeDefault"}}), "plain"),
    "user 0": ("pods-restricted", "runs as user 0", pod(container={"securityContext": {"runAsUser": 0}}), "plain"),
    "escalation": ("pods-restricted", "may gain rights",
                   pod(container={"securityContext": {"allowPrivilegeEscalation": True}}), "plain"),
    "capabilities kept": ("pods-restricted", "keeps capabilities",
                          pod(container={"securityContext": {"capabilities": None}}), "plain"),
    "no seccomp": ("pods-restricted", "no seccomp profile", pod(securityContext={"runAsNonRoot": True}), "plain"),
    "foreign volume": ("pods-restricted", "mounts foreign storage",
                       pod(**volume(nfs={"server": "nfs.example", "path": "/"})), "plain"),
    "init container": ("pods-restricted", "may gain rights", pod(initContainers=[
        merged(GOOD, {"name": "init", "securityContext": {"allowPrivilegeEscalation": True}})]), "plain"),
    "in a deployment": ("pods-restricted", "may gain rights",
                        deployment(pod(container={"securityContext": {"allowPrivilegeEscalation": True}})), "plain"),
    "in a cron job": ("pods-restricted", "may gain rights",
                      cron_job(pod(container={"securityContext": {"allowPrivilegeEscalation": True}})), "plain"),
    "host path": ("pods-no-host-path", "path of the node", pod(**volume(hostPath={"path": "/"})), "plain"),
    "latest": ("images-pinned", "no tag or the tag latest",
               pod(container={"image": "registry.example/web:latest"}), "plain"),
    "no tag": ("images-pinned", "no tag or the tag latest",
               pod(container={"image": "registry.example:5000/web"}), "plain"),
    "no request": ("pods-resources", "requests no cpu", pod(container={"resources": {"requests": None}}), "plain"),
    "no limit": ("pods-resources", "no memory limit", pod(container={"resources": {"limits": None}}), "plain"),
    "node port": ("services-no-node-port", "opens a port on every node", service("NodePort"), "plain"),
    "external ip": ("services-no-node-port", "CVE-2020-8554", service("ClusterIP", externalIPs=["192.0.2.7"]), "plain"),
    "load balancer": ("services-load-balancer", "only in edge", service("LoadBalancer"), "plain"),
    "binding above": ("team-roles", "may name only Roles and", binding("cluster-admin", "cart-devs"), "cart-dev"),
    "binding everybody": ("team-roles", "group of the system",
                          binding("platform:viewer", "system:authenticated"), "cart-dev"),
    "store's token for people": ("team-roles", "external-secrets alone",
                                 binding("secret-store", "cart-devs", "Role"), "cart-dev"),
    "role over secrets": ("team-roles", "may not hold secrets", role("secrets"), "cart-dev"),
    "role over tokens": ("team-roles", "may not hold secrets, tokens",
                         role("serviceaccounts/token", verbs=["create"]), "cart-dev"),
    "role over exec": ("team-roles", "exec", role("pods/exec", verbs=["create"]), "cart-dev"),
    "role over all": ("team-roles", "or everything", role("*"), "cart-dev"),
    "role that impersonates": ("team-roles", "impersonate", role("users", verbs=["impersonate"]), "cart-dev"),
    "env of another": ("team-secrets", "env reads a Secret of somebody else",
                       pod(container=env("bank-db")), "cart-dev"),
    "all env of another": ("team-secrets", "envFrom reads a Secret",
                           pod(container={"envFrom": [{"secretRef": {"name": "bank-db"}}]}), "cart-dev"),
    "mount of another": ("team-secrets", "a volume mounts a Secret",
                         pod(**volume(secret={"secretName": "bank-db"})), "cart-dev"),
    "projection of another": ("team-secrets", "a projected volume", pod(
        **volume(projected={"sources": [{"secret": {"name": "bank-db"}}]})), "cart-dev"),
    "pull secret of another": ("team-secrets", "imagePullSecrets",
                               pod(imagePullSecrets=[{"name": "bank"}]), "cart-dev"),
    "csi secret": ("team-secrets", "past External Secrets",
                   pod(**volume(csi={"driver": "secrets-store.csi.k8s.io"})), "cart-dev"),
    "store's account": ("team-secrets", "reads the store for External Secrets alone",
                        deployment(pod(serviceAccountName="secret-store")), "cart-dev"),
}  # fmt: skip


@pytest.mark.parametrize("case", ALLOWED)
def test_what_keeps_the_rules_gets_in(guarded: Island, case: str) -> None:
    assert said(guarded, *ALLOWED[case]) == ""


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_a_rule_is_refused_by_that_rule(guarded: Island, case: str) -> None:
    rule, reason, obj, namespace = REFUSED[case]
    message = said(guarded, obj, namespace)
    assert f"ValidatingAdmissionPolicy 'platform-{rule}'" in message, message
    assert reason in message


def test_every_validation_of_every_rule_has_refused_something() -> None:
    """Rule team-external-secrets needs its kind and is judged with the layer that brings it."""
    refused = [(rule, reason) for rule, reason, _obj, _namespace in REFUSED.values()]
    for name, row in RULES.items():
        if name == "team-external-secrets":
            continue
        for validation in row["validations"]:
            text = str(validation.get("message") or validation.get("messageExpression"))
            text = re.sub(r"policy_load_balancer_namespaces.*", "edge", text).replace("' ~ (", "")
            assert any(rule == name and reason in text for rule, reason in refused), (name, text)


def test_exception_holds_for_its_workload_and_no_other(guarded: Island) -> None:
    rooted = {"securityContext": {"runAsNonRoot": True}}
    assert said(guarded, pod("legacy", **rooted)) == ""
    assert said(guarded, pod("legacy-5d9c7-x2x9q", **rooted)) == ""
    assert "platform-pods-restricted" in said(guarded, pod("legacies", **rooted))
    assert "platform-pods-restricted" in said(guarded, pod("legacy", **rooted), "edge")
    assert "platform-pods-unprivileged" in said(guarded, pod("legacy", hostNetwork=True, **rooted))


def test_label_of_what_existed_before_the_rules_may_change_and_its_content_may_not(guarded: Island) -> None:
    path = PATHS["Deployment"].format("plain") + "/old"
    assert verdict(guarded.admin, "PATCH", path, {"metadata": {"labels": {"a": "b"}}}) == ""
    assert "platform-images-pinned" in verdict(guarded.admin, "PATCH", path, {"spec": {"paused": True}})


WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


def pods_of_our_layers() -> dict[str, tuple[Object, str]]:
    """Return a pod of every workload that our layers render, and where it is to be let in.

    That is the place for agents of nodes where the layer itself makes such a namespace for it, else a plain one.
    """
    found: dict[str, tuple[Object, str]] = {}
    for case, (layer, over) in CASES.items():
        if not any("images" in pin for pin in pins(ROOT / "roles" / layer).values()):
            continue
        objects = rendered(layer, over)
        levels = {obj["metadata"]["name"]: level(obj) for obj in objects if obj["kind"] == "Namespace"}
        for obj in (obj for obj in objects if obj["kind"] in WORKLOADS):
            name, spec = obj["metadata"]["name"], dict(obj["spec"]["template"]["spec"])
            spec |= {"serviceAccountName": "default", "priorityClassName": ""}
            agent = levels.get(obj["metadata"]["namespace"]) == "privileged"
            found[f"{case} {name}"] = ({**pod(name), "spec": spec}, "agents" if agent else "plain")
    return found


def level(namespace: Object) -> str:
    return str(namespace["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce", ""))


def test_every_workload_of_our_own_layers_keeps_every_rule(guarded: Island) -> None:
    found = pods_of_our_layers()
    assert len(found) >= 6
    assert {name for name, (_obj, place) in found.items() if place == "agents"} == {"monitoring-whole node-exporter"}
    refused = {name: refusal for name, (obj, place) in found.items() if (refusal := said(guarded, obj, place))}
    assert refused == {}


def test_audit_lets_in_and_reports_what_would_be_refused(guarded: Island) -> None:
    """On a cluster that somebody else made nothing is refused at first; the report names object, rule and remedy."""
    guarded.namespace("theirs")
    audited = guarded.play("policy").passed()
    bad = pod("loose", container={"image": "registry.example/web"})
    until(lambda: said(guarded, bad, "theirs") == "", 30)
    guarded.admin.create(PATHS["Pod"].format("theirs"), bad)
    mark = guarded.writes_of_the_runner()
    again = guarded.play("policy").passed()
    assert "Pod/theirs/loose: an image has no tag or the tag latest" in again.output
    assert "platform-images-pinned" in again.output
    assert again.changed == 0
    assert guarded.writes_of_the_runner() == mark
    assert audited.rc == 0


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ({"owner": ""}, "policy_exceptions.mine has no owner"),
        ({"expires": "2020-01-01"}, "policy_exceptions.mine ended on 2020-01-01"),
        ({"rules": ["pods-restrictd"]}, "policy_exceptions.mine.rules: there is no rule pods-restrictd"),
    ],
)
def test_bad_exception_is_refused_before_any_write(guarded: Island, over: Object, reason: str) -> None:
    mark = guarded.writes_of_the_runner()
    said_ = guarded.play("policy", policy_exceptions={"mine": {**EXCEPTION, "expires": ENDS, **over}}).refused()
    assert reason in said_
    assert guarded.writes_of_the_runner() == mark


def test_absent_takes_every_policy_away(guarded: Island) -> None:
    """Last of this module: it leaves the island bare."""
    guarded.play("policy", policy_state="absent").passed()
    root = "/apis/admissionregistration.k8s.io/v1"
    for kind in ("validatingadmissionpolicies", "validatingadmissionpolicybindings"):
        assert [o["metadata"]["name"] for o in guarded.admin.items(f"{root}/{kind}")] == []
