# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signs in as a developer cannot get at a Secret that is not theirs: each link of the chain, for its own reason.

A real API server judges people whose ID tokens a real OpenID Connect issuer has signed. No test impersonates.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses

import pytest

from drydock.kube import KubeClient, KubeError, Object
from tests.integration.harbours import until
from tests.integration.layers.planes import Island, verdict
from tests.integration.layers.test_policy import binding, deployment, env, merged, pod, volume
from tests.unit.roles.access import VERBS, allows, resources_of
from tests.unit.roles.test_rendering import TEAMS, of_kind, rendered

pytestmark = pytest.mark.xdist_group("island")

GROUPS: dict[str, tuple[str, str]] = {
    name: (ids["keycloak"], ids["entra"]) for name, ids in TEAMS["rbac_groups"].items()
}
PROVIDERS = {"names": 0, "object-ids": 1}


@dataclasses.dataclass
class Town:
    """The island with two teams, their Secrets, a running pod, all rules enforced and all roles bound."""

    island: Island
    names: int

    def person(self, name: str, *groups: str) -> KubeClient:
        return self.island.person(name, *(GROUPS[group][self.names] for group in groups))

    @property
    def developer(self) -> KubeClient:
        return self.person("dora", "cart-devs")

    @property
    def lead(self) -> KubeClient:
        return self.person("lea", "cart-leads")


@pytest.fixture(scope="module", params=["names", pytest.param("object-ids", marks=pytest.mark.prove)])
def town(island: Island, request: pytest.FixtureRequest) -> Town:
    for name, team in (("cart-dev", "cart"), ("cart-prod", "cart"), ("bank-dev", "bank"), ("platform-tools", "")):
        island.namespace(name, {"seaworthy.dev/team": team} if team else {})
        for secret in (f"{team or 'platform'}-db", "wildcard-tls"):
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret}, "stringData": {"a": "b"}}
            island.admin.apply(f"/api/v1/namespaces/{name}/secrets/{secret}", body)
    for name in ("cart-dev", "cart-prod"):
        island.admin.apply(f"/api/v1/namespaces/{name}/pods/app", pod("app"))
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "secret-store"}}
        island.admin.apply(f"/api/v1/namespaces/{name}/serviceaccounts/secret-store", account)
    names = PROVIDERS[request.param]
    provider = {"rbac_identity_provider": ("keycloak", "entra")[names]}
    island.play("policy", policy_mode="enforce").passed()
    island.play("rbac", **TEAMS, **provider).passed()
    made = Town(island, names)
    until(lambda: "platform-team-secrets" in verdict(island.admin, "POST", PODS, pod(container=env("bank-db"))), 30)
    until(lambda: not verdict(made.developer, "GET", "/api/v1/namespaces/cart-dev/pods"), 30)
    return made


CORE = "/api/v1/namespaces"
PODS = f"{CORE}/cart-dev/pods"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
EPHEMERAL = {"spec": {"ephemeralContainers": [{"name": "look", "image": "registry.example/sh:1", "stdin": True}]}}
TOKEN = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "mine"}, "rules": []}
CSR = {
    "apiVersion": "certificates.k8s.io/v1",
    "kind": "CertificateSigningRequest",
    "metadata": {"name": "mine"},
    "spec": {"request": "LS0t", "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]},
}
NOTHING: Object = {}

# What somebody tries -> (method, path, body, the reason in the refusal).
BY_RIGHTS: dict[str, tuple[str, str, Object | None, str]] = {
    "list all secrets": ("GET", "/api/v1/secrets", None, 'cannot list resource "secrets"'),
    "list the team's secrets": ("GET", f"{CORE}/cart-dev/secrets", None, 'cannot list resource "secrets"'),
    "watch secrets": ("GET", f"{CORE}/cart-dev/secrets?watch=true", None, 'cannot watch resource "secrets"'),
    "get a secret": ("GET", f"{CORE}/cart-dev/secrets/cart-db", None, 'cannot get resource "secrets"'),
    "get a secret of another team": ("GET", f"{CORE}/bank-dev/secrets/bank-db", None, 'cannot get resource "secrets"'),
    "make a secret": ("POST", f"{CORE}/cart-dev/secrets", NOTHING, 'cannot create resource "secrets"'),
    "change a secret": ("PATCH", f"{CORE}/cart-dev/secrets/cart-db", NOTHING, 'cannot patch resource "secrets"'),
    "delete secrets": ("DELETE", f"{CORE}/cart-dev/secrets", None, 'cannot deletecollection resource "secrets"'),
    "enter a pod": ("GET", f"{CORE}/cart-prod/pods/app/exec?command=env", None, 'cannot get resource "pods/exec"'),
    "enter a pod by POST": ("POST", f"{CORE}/cart-prod/pods/app/exec?command=env", None,
                            'cannot create resource "pods/exec"'),
    "attach to a pod": ("GET", f"{CORE}/cart-prod/pods/app/attach", None, 'cannot get resource "pods/attach"'),
    "forward a port": ("GET", f"{CORE}/cart-prod/pods/app/portforward", None, 'cannot get resource "pods/portforward"'),
    "add a container to a pod": ("PATCH", f"{CORE}/cart-prod/pods/app/ephemeralcontainers", EPHEMERAL,
                                 'cannot patch resource "pods/ephemeralcontainers"'),
    "speak through a pod": ("GET", f"{CORE}/cart-prod/pods/app/proxy", None, 'cannot get resource "pods/proxy"'),
    "a token of an account": ("POST", f"{CORE}/cart-dev/serviceaccounts/default/token", TOKEN,
                              'cannot create resource "serviceaccounts/token"'),
    "an account with a cloud's identity": ("POST", f"{CORE}/cart-dev/serviceaccounts", {"metadata": {"name": "x"}},
                                           'cannot create resource "serviceaccounts"'),
    "a store changed": ("PATCH", "/apis/external-secrets.io/v1/namespaces/cart-dev/secretstores/team", NOTHING,
                        'cannot patch resource "secretstores"'),
    "a store of one's own": ("POST", "/apis/external-secrets.io/v1/namespaces/cart-dev/secretstores", NOTHING,
                             'cannot create resource "secretstores"'),
    "secrets pushed out": ("POST", "/apis/external-secrets.io/v1alpha1/namespaces/cart-dev/pushsecrets", NOTHING,
                           'cannot create resource "pushsecrets"'),
    "secrets for all namespaces": ("POST", "/apis/external-secrets.io/v1/clusterexternalsecrets", NOTHING,
                                   'cannot create resource "clusterexternalsecrets"'),
    "a generator": ("POST", "/apis/generators.external-secrets.io/v1alpha1/namespaces/cart-dev/webhooks", NOTHING,
                    'cannot create resource "webhooks"'),
    "a certificate into a secret": ("POST", "/apis/cert-manager.io/v1/namespaces/cart-dev/certificates", NOTHING,
                                    'cannot create resource "certificates"'),
    "an application past the project": ("POST", "/apis/argoproj.io/v1alpha1/namespaces/cart-dev/applications", NOTHING,
                                        'cannot create resource "applications"'),
    "a restore of another's backup": ("POST", "/apis/velero.io/v1/namespaces/velero/restores", NOTHING,
                                      'cannot create resource "restores"'),
    "a role": ("POST", f"{RBAC}/namespaces/cart-dev/roles", ROLE, 'cannot create resource "roles"'),
    "a binding": ("POST", f"{RBAC}/namespaces/cart-dev/rolebindings", binding("admin", "cart-devs"),
                  'cannot create resource "rolebindings"'),
    "a role of the cluster": ("POST", f"{RBAC}/clusterroles", NOTHING, 'cannot create resource "clusterroles"'),
    "a client certificate": ("POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests", CSR,
                             'cannot create resource "certificatesigningrequests"'),
    "the kubelet": ("GET", "/api/v1/nodes/one/proxy/pods", None, 'cannot get resource "nodes/proxy"'),
    "another team's namespace": ("GET", f"{CORE}/bank-dev/pods", None, 'cannot list resource "pods"'),
    "the platform's configuration": ("GET", f"{CORE}/kube-system/configmaps", None,
                                     'cannot list resource "configmaps"'),
    "the namespace's labels": ("PATCH", f"{CORE}/cart-dev", {"metadata": {"labels": {"seaworthy.dev/team": "bank"}}},
                               'cannot patch resource "namespaces"'),
    "the rules themselves": ("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", None,
                             'cannot deletecollection resource "validatingadmissionpolicybindings"'),
}  # fmt: skip

# What somebody runs -> (pod, the reason in the refusal).
BY_POLICY: dict[str, tuple[Object, str]] = {
    "a pod with the platform's certificate": (pod(**volume(secret={"secretName": "wildcard-tls"})), "a volume mounts"),
    "a pod with another's secret in env": (pod(container=env("wildcard-tls")), "env reads a Secret"),
    "a pod with all keys of another's secret": (
        pod(container={"envFrom": [{"secretRef": {"name": "wildcard-tls"}}]}), "envFrom reads a Secret"),
    "an init container with it": (
        pod(initContainers=[merged(pod()["spec"]["containers"][0], {"name": "init", **env("wildcard-tls")})]),
        "env reads a Secret"),
    "a pod that projects it": (
        pod(**volume(projected={"sources": [{"secret": {"name": "wildcard-tls"}}]})), "a projected volume"),
    "a pod of the store's account": (pod(serviceAccountName="secret-store"), "reads the store for External Secrets"),
    "a pod with the node's files": (pod(**volume(hostPath={"path": "/var/lib/kubelet"})), "path of the node"),
    "a pod in the node's network": (pod(hostNetwork=True), "namespace of its node"),
}  # fmt: skip


@pytest.mark.parametrize("attempt", BY_RIGHTS)
def test_developer_is_denied_by_rights(town: Town, attempt: str) -> None:
    method, path, body, reason = BY_RIGHTS[attempt]
    said = verdict(town.developer, method, path, body)
    assert said.startswith("403 Forbidden"), said
    assert 'User "oidc:dora"' in said
    assert reason in said


@pytest.mark.parametrize("attempt", BY_POLICY)
def test_developer_is_denied_by_policy(town: Town, attempt: str) -> None:
    obj, reason = BY_POLICY[attempt]
    for namespace in ("cart-dev", "cart-prod"):
        said = verdict(town.developer, "POST", f"{CORE}/{namespace}/pods", obj)
        assert "ValidatingAdmissionPolicy 'platform-" in said, said
        assert reason in said
    in_a_template = verdict(town.developer, "POST", "/apis/apps/v1/namespaces/cart-dev/deployments", deployment(obj))
    assert reason in in_a_template, in_a_template


@pytest.mark.parametrize("header", ["Impersonate_User", "Impersonate_Group"])
def test_developer_may_be_nobody_else(town: Town, header: str) -> None:
    headers = {"Impersonate_User": "admin"} | {header: "admin"}
    with pytest.raises(KubeError, match="cannot impersonate"):
        town.developer.request("GET", "/api/v1/secrets", **headers)


def test_nobody_without_a_token_of_the_issuer_gets_in(town: Town) -> None:
    ca = town.island.plane.ca_file.read_text()
    token = town.island.issuer.token("dora", ["system:masters"])
    forged = KubeClient.with_token(town.island.plane.server, ca, token[:-8] + "AAAAAAAA")
    assert verdict(forged, "GET", "/api/v1/namespaces").startswith("401")
    expired = town.island.issuer.token("dora", [], exp=1)
    assert verdict(KubeClient.with_token(town.island.plane.server, ca, expired), "GET", "/version").startswith("401")


def test_same_developer_deploys_an_app_that_uses_its_secret(town: Town) -> None:
    """The positive side: everything that the work needs."""
    dora = town.developer
    app = deployment(pod(container=env("cart-db")), "shop")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop"}, "data": {"a": "b"}}
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}},
    }
    for namespace in ("cart-dev", "cart-prod"):
        place = f"/apis/apps/v1/namespaces/{namespace}/deployments"
        assert verdict(dora, "POST", place, app) == ""
        assert verdict(dora, "POST", f"{CORE}/{namespace}/configmaps", config) == ""
        assert (
            verdict(dora, "POST", f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers", scaler) == ""
        )
        assert verdict(dora, "GET", f"{CORE}/{namespace}/events") == ""
        assert verdict(dora, "DELETE", f"{CORE}/{namespace}/pods/app") == ""
        assert may(dora, "get", ("", "pods/log"), namespace)
    assert may(dora, "create", ("", "pods/exec"), "cart-dev")
    assert not may(dora, "create", ("", "pods/exec"), "cart-prod")


def may(who: KubeClient, verb: str, resource: tuple[str, str], namespace: str) -> bool:
    """Ask the API server whether the bearer may do it."""
    group, _, name = resource[0], "", resource[1]
    plural, _, sub = name.partition("/")
    asked = {"verb": verb, "group": group, "resource": plural, "subresource": sub, "namespace": namespace}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    answer = who.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


def test_lead_binds_colleagues_to_roles_of_the_catalogue_and_no_other(town: Town) -> None:
    place = f"{RBAC}/namespaces/cart-prod/rolebindings"
    assert verdict(town.lead, "POST", place, binding("platform:viewer", "guests")) == ""
    for above in ("cluster-admin", "admin", "platform:developer-debug", "platform:platform-admin"):
        said = verdict(town.lead, "POST", place, binding(above, "cart-leads"))
        assert said.startswith("403 Forbidden"), said
        assert "is attempting to grant RBAC permissions not currently held" in said or "platform-team-roles" in said


def test_runner_with_all_rights_cannot_bind_above_the_catalogue_in_a_team_namespace(town: Town) -> None:
    """A deploy tool with all rights does not become the way around: the policy asks nobody's name."""
    place = f"{RBAC}/namespaces/cart-prod/rolebindings"
    assert "platform-team-roles" in verdict(town.island.admin, "POST", place, binding("cluster-admin", "cart-devs"))


@pytest.mark.parametrize(
    ("role", "group"), [("platform:developer", "cart-devs"), ("platform:team-admin", "cart-leads")]
)
def test_server_grants_what_the_access_matrix_says_and_nothing_else(town: Town, role: str, group: str) -> None:
    roles = {name: obj["rules"] for name, obj in of_kind(rendered("rbac", TEAMS), "ClusterRole").items()}
    cells = [(verb, resource) for resource in resources_of(roles) for verb in VERBS]

    def differs(cell: tuple[str, tuple[str, str]]) -> bool:
        return may(town.person("ann", group), *cell, "cart-prod") != allows(roles[role], *cell)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = [cell for cell, bad in zip(cells, pool.map(differs, cells), strict=True) if bad]
    assert wrong == []
    assert len(cells) > 500


def test_second_run_of_rights_sends_no_write(town: Town) -> None:
    provider = {"rbac_identity_provider": ("keycloak", "entra")[town.names]}
    mark = town.island.writes_of_the_runner()
    assert town.island.play("rbac", **TEAMS, **provider).passed().changed == 0
    assert town.island.writes_of_the_runner() == mark
