# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Argo CD delivers a fleet from real repositories, behind https and a token, to a real API server."""

from __future__ import annotations

import contextlib
import pathlib
import re
import typing as t

import pytest
import yaml

from drydock.kube import Object
from tests.integration.harbours import Run, until
from tests.integration.layers.planes import Island
from tests.unit.alerts.metrics import EXPOSED
from tests.unit.fleet.https_forge import NAME, TOKEN, https
from tests.unit.fleet.repositories import Forge, git

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("gitops")]

PATIENCE = 120
PROXY = "http://10.244.128.1:3128"
DEPLOYMENTS = "/apis/apps/v1/namespaces/front-dev/deployments"
CONFIG_MAPS = "/api/v1/namespaces/front-dev/configmaps"
ARGO = "/apis/argoproj.io/v1alpha1/namespaces/argocd"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller"


def web(message: str = "hello") -> str:
    """Return what team shop keeps in its repository."""
    container = {
        "name": "web",
        "image": "registry.test/web:1.0",
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    labels = {"app": "web"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"message": message}}
    return yaml.safe_dump_all([deployment, settings])


class Delivery:
    """A cluster with teams and Argo CD, the fleet, and the forge that both repositories lie on."""

    def __init__(self, island: Island, forge: Forge, url: str, authority: str) -> None:
        self.island, self.forge, self.url, self.authority = island, forge, url, authority
        self.shop = forge.folder / "shop"
        git(forge.folder, "init", "--quiet", "--bare", "front.git")
        git(forge.folder, "init", "--quiet", str(self.shop))
        self.push(web(), "The first release")
        self.forge.commit("The teams of this cluster", self._fleet())

    def _fleet(self) -> dict[str, str]:
        """Return what differs from the base: the repositories lie on this forge."""
        front = f"{self.url}/front.git"
        platform = (self.forge.fleet / "platform.yaml").read_text(encoding="utf-8")
        return {
            "platform.yaml": re.sub("https://git.example.com/platform/rendered", f"{self.url}/rendered.git", platform),
            "teams/shop/projects/front.yaml": yaml.safe_dump({"repos": [front], "namespaces": {"dev": "front-dev"}}),
            "teams/shop/apps/web/app.yaml": yaml.safe_dump(
                {
                    "project": "front",
                    "source": {"repo": front, "path": "deploy", "revision": "main"},
                    "promotion": ["dev"],
                }
            ),
            "teams/pay/projects/money.yaml": yaml.safe_dump({"repos": [front], "namespaces": {"dev": "money-dev"}}),
        }

    def push(self, manifests: str, why: str, **further: str) -> None:
        """Commit what team shop deploys, and push it as its people do."""
        folder = self.shop / "deploy"
        folder.mkdir(exist_ok=True)
        for name, text in {"web": manifests, **further}.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        git(self.shop, "add", "--all")
        git(self.shop, "commit", "--quiet", "-m", why)
        git(self.shop, "push", "--quiet", str(self.forge.folder / "front.git"), "HEAD:refs/heads/main")

    def play(self, playbook: str, *args: str, **over: t.Any) -> Run:
        said = {
            "platform_environments": ["dev", "prod"],
            "platform_environment": "dev",
            "tenancy_fleet": str(self.forge.fleet),
            "gitops_fleet": str(self.forge.fleet),
            "gitops_push": {"token": TOKEN, "ca_file": self.authority},
            "gitops_credentials": {
                "forge": {"url": self.url, "username": "git", "password": TOKEN, "proxy": PROXY},
            },
            "gitops_ca_certificates": {NAME: public(self.authority)},
            "policy_mode": "enforce",
            "gitops_interval": 4,
            "gitops_notifications": {
                "services": {"webhook.deploy": {"url": "https://deploy.example.com/hook"}},
                "subscriptions": [{"recipients": ["webhook:deploy"], "triggers": ["on-sync-failed"]}],
            },
        }
        return self.island.play(playbook, *args, **said | over)

    def get(self, path: str) -> Object | None:
        return self.island.admin.find(path)

    def state(self, application: str) -> tuple[str, str]:
        """Return what Argo CD says of an application: whether it is as Git says, and whether it is well."""
        status = (self.get(f"{ARGO}/applications/{application}") or {}).get("status", {})
        return status.get("sync", {}).get("status", ""), status.get("health", {}).get("status", "")

    def may(self, user: str, verb: str, resource: str, group: str = "", namespace: str = "front-dev") -> bool:
        asked = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": asked},
        }
        return bool(self.island.admin.create(REVIEWS, review)["status"]["allowed"])


def public(file: str) -> str:
    """Return the certificate of a file that holds its key as well."""
    text = pathlib.Path(file).read_text(encoding="utf-8")
    return text[text.index("-----BEGIN CERTIFICATE") :]


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Delivery]:
    folder = tmp_path_factory.mktemp("delivery")
    with contextlib.ExitStack() as stack:
        forge = Forge(folder)
        url, authority, _seen = stack.enter_context(https(folder, folder))
        island = Island.start(tmp_path_factory.mktemp("gitops"))
        stack.callback(island.stop)
        made = Delivery(island, forge, url.replace("127.0.0.1", NAME), str(authority))
        for layer in ("base", "certificates", "rbac", "policy", "tenancy", "gitops"):
            made.play(layer).passed()
        yield made


def test_what_the_fleet_says_is_delivered(delivery: Delivery) -> None:
    until(lambda: delivery.state("fleet") == ("Synced", "Healthy"), PATIENCE)
    until(lambda: delivery.state("shop-web-dev") == ("Synced", "Healthy"), PATIENCE)
    found = delivery.get(f"{DEPLOYMENTS}/web")
    assert found
    assert "argocd-controller" in {entry["manager"] for entry in found["metadata"]["managedFields"]}
    projects = {project["metadata"]["name"] for project in delivery.island.admin.get(f"{ARGO}/appprojects")["items"]}
    assert projects == {"default", "platform", "pay-money", "shop-front"}


def test_second_run_pushes_nothing_and_sends_no_write(delivery: Delivery) -> None:
    mark, refs = delivery.island.writes_of_the_runner(), delivery.forge.refs()
    assert delivery.play("gitops").passed().changed == 0
    assert delivery.play("gitops", "--check", "--diff").passed().changed == 0
    assert (delivery.island.writes_of_the_runner(), delivery.forge.refs()) == (mark, refs)


def test_a_manual_change_is_put_right(delivery: Delivery) -> None:
    admin = delivery.island.admin
    admin.merge(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 5}})
    admin.merge(f"{CONFIG_MAPS}/web", {"data": {"message": "edited by hand"}})

    def as_git_says() -> bool:
        deployment, settings = delivery.get(f"{DEPLOYMENTS}/web"), delivery.get(f"{CONFIG_MAPS}/web")
        assert deployment
        assert settings
        return (deployment["spec"]["replicas"], settings["data"]) == (2, {"message": "hello"})

    until(as_git_says, PATIENCE)


def test_what_was_deleted_by_hand_comes_back(delivery: Delivery) -> None:
    before = delivery.get(f"{CONFIG_MAPS}/web")
    assert before
    delivery.island.admin.delete(f"{CONFIG_MAPS}/web")
    until(
        lambda: (delivery.get(f"{CONFIG_MAPS}/web") or before)["metadata"]["uid"] != before["metadata"]["uid"], PATIENCE
    )


def test_a_commit_of_the_team_is_delivered(delivery: Delivery) -> None:
    delivery.push(web("hello again"), "Say it again")
    until(lambda: (delivery.get(f"{CONFIG_MAPS}/web") or {}).get("data") == {"message": "hello again"}, PATIENCE)


def test_a_team_that_joins_the_fleet_is_delivered_and_nothing_else_changes(delivery: Delivery) -> None:
    before = delivery.forge.files()
    text = (delivery.forge.fleet / "teams/shop/apps/web/app.yaml").read_text(encoding="utf-8")
    app = yaml.safe_dump({**yaml.safe_load(text), "project": "money"})
    delivery.forge.commit("Payments deploy the same", {"teams/pay/apps/till/app.yaml": app})
    assert delivery.play("gitops").passed().changed == 1
    after = delivery.forge.files()
    assert {name: text for name, text in after.items() if name in before} == before
    until(lambda: delivery.state("pay-till-dev") == ("Synced", "Healthy"), PATIENCE)
    assert delivery.get("/apis/apps/v1/namespaces/money-dev/deployments/web")


def test_argo_cd_reads_no_secret_of_a_team_and_writes_nothing_as_itself(delivery: Delivery) -> None:
    assert delivery.may(CONTROLLER, "list", "deployments", "apps")
    for verb, resource, group in (
        ("get", "secrets", ""),
        ("list", "secrets", ""),
        ("patch", "deployments", "apps"),
        ("create", "pods", ""),
        ("create", "rolebindings", "rbac.authorization.k8s.io"),
    ):
        assert not delivery.may(CONTROLLER, verb, resource, group), f"{verb} {resource}"


def test_metrics_that_alerts_ask_for_are_really_exposed(delivery: Delivery) -> None:
    controller = ("argocd", "argocd-application-controller", 8082)
    until(lambda: EXPOSED["Argo CD"] <= delivery.island.metrics(*controller), PATIENCE)


def test_a_secret_in_a_teams_repository_is_not_delivered(delivery: Delivery) -> None:
    secret = yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "stolen"}, "stringData": {"a": "b"}}
    )
    delivery.push(web("with a secret"), "A Secret", secret=secret)

    def told() -> str:
        status = (delivery.get(f"{ARGO}/applications/shop-web-dev") or {}).get("status", {})
        return str(status.get("conditions"))

    until(lambda: 'secrets "stolen" is forbidden' in told(), PATIENCE)
    assert delivery.get("/api/v1/namespaces/front-dev/secrets/stolen") is None


@pytest.mark.parametrize(
    ("push", "sentence"),
    [
        ({"token": "withdrawn"}, "the credentials are refused"),
        ({"token": TOKEN, "ca_file": ""}, "its certificate is not trusted"),
    ],
)
def test_a_push_that_is_refused_is_one_sentence_and_writes_nothing(
    delivery: Delivery, push: dict[str, str], sentence: str
) -> None:
    mark, refs = delivery.island.writes_of_the_runner(), delivery.forge.refs()
    output = delivery.play("gitops", "-vvv", gitops_push={"ca_file": delivery.authority, **push}).refused()
    assert sentence in output
    assert "withdrawn" not in output
    assert (delivery.island.writes_of_the_runner(), delivery.forge.refs()) == (mark, refs)


def test_without_argo_cd_what_it_delivered_stays(delivery: Delivery) -> None:
    before = delivery.get(f"{DEPLOYMENTS}/web")
    assert before
    delivery.play("gitops", gitops_state="absent").passed()
    until(lambda: delivery.island.admin.items("/apis/apps/v1/namespaces/argocd/deployments") == [], PATIENCE)
    after = delivery.get(f"{DEPLOYMENTS}/web")
    assert after
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert delivery.get(f"{ARGO}/applications/shop-web-dev")
    assert delivery.get(f"{ARGO}/applications/fleet") is None
