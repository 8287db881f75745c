# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role gitops promises of Argo CD, judged by what it renders."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.compiled import argocd
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.compiled.namespaces import SERVICE_ACCOUNT
from tests.unit.roles.test_rendering import GITOPS, Objects, of_kind, rendered

WORKLOADS = ("Deployment", "StatefulSet")


def rules(objects: Objects) -> t.Iterator[tuple[str, str, dict[str, t.Any]]]:
    for obj in objects:
        if obj["kind"] in ("Role", "ClusterRole"):
            for rule in obj["rules"]:
                yield obj["kind"], obj["metadata"]["name"], rule


def test_nobody_signs_in_without_an_identity_provider_and_nobody_gets_a_shell() -> None:
    settings = of_kind(rendered("gitops", {}), "ConfigMap")["argocd-cm"]["data"]
    assert settings["admin.enabled"] == settings["exec.enabled"] == settings["users.anonymous.enabled"] == "false"
    assert "oidc.config" not in settings


def test_groups_come_from_the_identity_provider_and_nobody_else_has_a_right() -> None:
    maps = of_kind(rendered("gitops", GITOPS | {"gitops_groups_claim": "cognito:groups"}), "ConfigMap")
    rights = maps["argocd-rbac-cm"]["data"]
    assert rights["policy.default"] == ""
    assert rights["scopes"] == "[cognito:groups]"
    assert 'g, "platform-admins", role:platform-admin\n' in rights["policy.csv"]
    assert not [line for line in rights["policy.csv"].splitlines() if "exec" in line or "delete" in line]


def test_a_client_secret_stands_in_a_secret_alone() -> None:
    over = GITOPS | {"gitops_sso": GITOPS["gitops_sso"] | {"client_secret": "not-one-either"}}
    objects = rendered("gitops", over)
    holding = [obj for obj in objects if "not-one-either" in json.dumps(obj)]
    assert [(obj["kind"], obj["metadata"]["name"]) for obj in holding] == [("Secret", "argocd-oidc")]
    oidc = json.loads(of_kind(objects, "ConfigMap")["argocd-cm"]["data"]["oidc.config"])
    assert oidc["clientSecret"] == "$argocd-oidc:clientSecret"
    assert "enablePKCEAuthentication" not in oidc


def test_no_secret_of_a_team_can_be_read() -> None:
    for kind, name, rule in rules(rendered("gitops", GITOPS)):
        assert kind == "Role" or "secrets" not in rule["resources"], name


def test_nothing_is_written_outside_of_its_namespace_but_as_a_deployer() -> None:
    for kind, name, rule in rules(rendered("gitops", GITOPS)):
        if kind == "ClusterRole" and set(rule["verbs"]) - {"get", "list", "watch"}:
            assert (rule["resources"], rule["verbs"]) == (["serviceaccounts"], ["impersonate"]), name
            assert rule["resourceNames"] == [SERVICE_ACCOUNT], name


def test_impersonation_has_no_way_around_it() -> None:
    objects = rendered("gitops", GITOPS)
    settings = of_kind(objects, "ConfigMap")["argocd-cm"]["data"]
    assert settings["application.sync.impersonation.enabled"] == "true"
    assert settings["application.sync.impersonation.enforced"] == "true"
    project = of_kind(objects, "AppProject")["platform"]["spec"]
    accounts = {row["defaultServiceAccount"] for row in project["destinationServiceAccounts"]}
    assert accounts <= set(of_kind(objects, "ServiceAccount"))


def test_the_project_that_every_installation_has_is_closed_before_the_server_could_open_it() -> None:
    objects = rendered("gitops", {})
    closed = of_kind(objects, "AppProject")["default"]["spec"]
    assert closed["sourceRepos"] == closed["destinations"] == closed["clusterResourceWhitelist"] == []
    assert of_kind(objects, "Deployment")["argocd-server"]["metadata"]["annotations"] == {"seaworthy.dev/wave": "1"}


def test_root_delivers_where_the_fleet_is_compiled_to() -> None:
    root = of_kind(rendered("gitops", GITOPS), "Application")["fleet"]["spec"]
    assert root["source"]["path"] == "rendered/demo/argocd"
    assert root["destination"] == {"server": argocd.SERVER, "namespace": argocd.NAMESPACE}
    assert root["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


def test_without_a_fleet_there_is_nothing_to_deliver() -> None:
    assert of_kind(rendered("gitops", {}), "Application") == {}


def test_what_answers_people_and_renders_runs_twice() -> None:
    objects = rendered("gitops", {})
    replicas = {
        o["metadata"]["name"]: o["spec"]["replicas"] for kind in WORKLOADS for o in of_kind(objects, kind).values()
    }
    assert replicas == {
        "argocd-redis": 1,
        "argocd-repo-server": 2,
        "argocd-application-controller": 1,
        "argocd-applicationset-controller": 2,
        "argocd-server": 2,
    }
    assert set(of_kind(objects, "PodDisruptionBudget")) == {name for name, count in replicas.items() if count > 1}


def test_every_pod_may_speak_to_those_that_it_needs_and_each_policy_finds_its_pods() -> None:
    objects = rendered("gitops", GITOPS)
    pods = {
        name: obj["spec"]["template"]["metadata"]["labels"]
        for kind in WORKLOADS
        for name, obj in of_kind(objects, kind).items()
    }
    for name, policy in of_kind(objects, "NetworkPolicy").items():
        wanted = policy["spec"]["podSelector"].get("matchLabels", {})
        assert any(wanted.items() <= labels.items() for labels in pods.values()), name
        for peer in re.findall(r'"argocd-[a-z-]+"', json.dumps(policy["spec"])):
            assert json.loads(peer) in pods, name


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"gitops_engine": "flux"}, "gitops_engine is flux, which this role does not run yet; set it to argocd"),
        ({"gitops_engine": "jenkins"}, "gitops_engine is jenkins, which this role does not run yet"),
        (
            {"gitops_sso": {"issuer": "https://sso.example.com"}},
            "gitops_sso lacks client_id; name the identity provider",
        ),
        ({"gitops_sso": GITOPS["gitops_sso"]}, "gitops_url is empty; single sign-on leads people back to it"),
        ({"gitops_admin_groups": ["admins"]}, "gitops_sso is empty, so nobody of gitops_admin_groups"),
        ({"gitops_push": {"token": "a", "deploy_key_file": "b"}}, "gitops_push names a token and a deploy_key_file"),
        ({"gitops_credentials": {"shop": {"password": "a"}}}, "gitops_credentials.shop has no url"),
        ({"gitops_notifications": {"services": {}}}, "gitops_notifications.subscriptions is missing"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(over: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(sentence)):
        rendered("gitops", over)
