# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet is published into a real repository: one commit with what and why, or nothing at all."""

from __future__ import annotations

import json
import pathlib
import re
import shlex

import pytest
import yaml

from tests.unit.fleet.repositories import ESTATE, Forge, git

APP = "teams/shop/apps/web/app.yaml"
OLD = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def forge(tmp_path: pathlib.Path) -> Forge:
    return Forge(tmp_path)


def commits_in(text: str) -> set[str]:
    return set(re.findall(r"(?:# commit:|seaworthy.dev/commit:) \"?([0-9a-f]{40})", text))


def test_first_run_makes_the_branch_and_the_second_pushes_nothing(forge: Forge) -> None:
    first = forge.publish()
    assert first["changed"]
    assert first["before"] == ""
    assert first["commit"] == git(forge.bare, "rev-parse", "main").strip()
    assert forge.log() == [f"Fleet {first['fleet_commit'][:12]}: A fleet"]
    before = forge.refs()
    second = forge.publish()
    assert (second["changed"], second["commit"], second["message"]) == (False, first["commit"], "")
    assert forge.refs() == before


def test_the_same_fleet_makes_the_same_commit_wherever_it_is_rendered(forge: Forge, tmp_path: pathlib.Path) -> None:
    elsewhere = tmp_path / "elsewhere.git"
    elsewhere.mkdir()
    git(elsewhere, "init", "--bare", "--quiet")
    assert forge.publish()["commit"] == forge.publish(repository=str(elsewhere))["commit"]


def test_every_file_and_object_names_the_commit_of_the_fleet(forge: Forge) -> None:
    fleet = forge.publish()["fleet_commit"]
    for name, text in forge.files().items():
        assert commits_in(text) == {fleet}, name
        for obj in yaml.safe_load_all(text):
            if "apiVersion" in obj:
                assert obj["metadata"]["annotations"]["seaworthy.dev/commit"] == fleet


def test_a_commit_about_one_application_leaves_every_other_byte_alone(forge: Forge) -> None:
    first = forge.publish()
    before = forge.files()
    text = (forge.fleet / APP).read_text(encoding="utf-8")
    new = forge.commit("Web goes to its release branch", {APP: text.replace("revision: main", "revision: release")})
    second = forge.publish()
    after = forge.files()
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert touched == {
        "rendered/dev-1/argocd/applications/shop/web-dev.yaml",
        "rendered/dev-1/catalogue/shop/web.yaml",
        "rendered/prod-1/argocd/applications/shop/web-prod.yaml",
        "rendered/prod-1/catalogue/shop/web.yaml",
    }
    assert all(commits_in(after[name]) == {new} for name in touched)
    assert second["summary"] == {"added": 0, "changed": 4, "removed": 0}
    assert second["before"] == first["commit"]
    assert "prod-1: 0 added, 2 changed, 0 removed (shop/web, shop/web-prod)" in second["message"]
    assert "Web goes to its release branch" in forge.log()[0]


def test_in_a_file_of_many_objects_only_those_that_changed_name_the_new_commit(forge: Forge) -> None:
    old = forge.publish()["fleet_commit"]
    project = "teams/shop/projects/front.yaml"
    text = (forge.fleet / project).read_text(encoding="utf-8")
    new = forge.commit(
        "Front calls money", {project: f"{text}peers: {{egress: [{{project: money, ports: [8080]}}]}}\n"}
    )
    forge.publish()
    objects = list(yaml.safe_load_all(forge.files()["rendered/prod-1/tenancy/shop/front-prod.yaml"]))
    named = {
        f"{o['kind']}/{o['metadata']['name']}": o["metadata"]["annotations"]["seaworthy.dev/commit"] for o in objects
    }
    assert {name for name, commit in named.items() if commit == new} == {"NetworkPolicy/allow-egress-peers"}
    assert {commit for name, commit in named.items() if name != "NetworkPolicy/allow-egress-peers"} == {old}


def test_a_commit_that_concerns_no_cluster_pushes_nothing(forge: Forge) -> None:
    forge.publish()
    before = forge.refs()
    policy = (forge.fleet / "policies/baseline.yaml").read_text(encoding="utf-8")
    forge.commit("Only a comment", {"policies/baseline.yaml": f"{policy}# Reviewed in November.\n"})
    assert not forge.publish()["changed"]
    assert forge.refs() == before


def test_a_team_that_leaves_takes_its_files_along_and_no_others(forge: Forge) -> None:
    forge.publish()
    before = forge.files()
    forge.commit("Payments is dissolved", {"teams/pay/team.yaml": "", "teams/pay/projects/money.yaml": ""})
    forge.publish()
    after = forge.files()
    gone = before.keys() - after.keys()
    assert gone
    assert all("/pay" in name for name in gone)
    assert {name: before[name] for name in after} == after


def test_check_mode_says_what_the_commit_would_be_and_pushes_nothing(forge: Forge) -> None:
    before = forge.refs()
    checked = forge.publish(check_mode=True)
    assert checked["changed"]
    assert "Fleet-Commit:" in checked["message"]
    assert checked["diff"][0]["before"] == ""
    assert forge.refs() == before == ""


def test_what_people_keep_beside_the_rendered_folder_is_not_touched(forge: Forge) -> None:
    forge.publish()
    clone = forge.clone()
    (clone / "README.md").write_text("How to read this.\n", encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "A readme")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    text = (forge.fleet / APP).read_text(encoding="utf-8")
    forge.commit("Release", {APP: text.replace("revision: main", "revision: release")})
    forge.publish()
    assert forge.files()["README.md"] == "How to read this.\n"
    assert len(forge.log()) == 3


def test_the_folder_of_a_cluster_that_the_inventory_lacks_stays_and_is_named(forge: Forge) -> None:
    forge.publish()
    before = forge.files()
    fewer = {**ESTATE, "clusters": {"dev-1": ESTATE["clusters"]["dev-1"]}}
    result = forge.publish(**fewer)
    assert not result["changed"]
    assert result["clusters_left"] == ["prod-1"]
    assert "prod-1" in result["warnings"][0]
    assert forge.files() == before


@pytest.mark.parametrize("engine", ["argocd", "flux"])
def test_an_engine_never_deletes_a_namespace_because_a_file_is_gone(forge: Forge, engine: str) -> None:
    platform = (forge.fleet / "platform.yaml").read_text(encoding="utf-8")
    forge.commit("Choose the engine", {"platform.yaml": f"{platform}engine: {engine}\n"})
    forge.publish()
    text = forge.files()["rendered/prod-1/tenancy/shop/front-prod.yaml"]
    (namespace,) = [obj for obj in yaml.safe_load_all(text) if obj["kind"] == "Namespace"]
    kept = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
    if engine == "flux":
        kept = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
    assert kept.items() <= namespace["metadata"]["annotations"].items()


# Bad input: each leaves every reference of the repository as it was.


@pytest.mark.parametrize("how", ["a line by hand", "a file of somebody's own"])
def test_a_machine_owned_folder_that_somebody_edited_is_refused_with_file_and_author(forge: Forge, how: str) -> None:
    forge.publish()
    clone = forge.clone()
    file = clone / "rendered/prod-1/tenancy/shop/front-prod.yaml"
    if how == "a line by hand":
        file.write_text(file.read_text(encoding="utf-8").replace('"4"', '"400"'), encoding="utf-8")
    else:
        file = file.with_name("extra.yaml")
        file.write_text("kind: ConfigMap\n", encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "Quick fix")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    before = forge.refs()
    error = forge.refused()
    assert error.kind == "foreign"
    assert file.relative_to(clone).as_posix() in str(error)
    assert "by Somebody (Quick fix)" in str(error)
    assert forge.refs() == before


def test_an_uncommitted_fleet_is_refused(forge: Forge) -> None:
    (forge.fleet / "teams/shop/projects/front.yaml").write_text("namespaces: {dev: front-dev, prod: front-prod}\n"
        "repos: [https://git.example.com/shop/front]\n", encoding="utf-8")  # fmt: skip
    error = forge.refused()
    assert error.kind == "conflict"
    assert "teams/shop/projects/front.yaml" in str(error)
    assert forge.refs() == ""


def test_a_fleet_with_a_fault_is_refused(forge: Forge) -> None:
    forge.commit("A typo", {APP: (forge.fleet / APP).read_text(encoding="utf-8").replace("front\n", "frnot\n", 1)})
    assert "did you mean front?" in str(forge.refused())
    assert forge.refs() == ""


def test_a_fleet_in_no_repository_is_refused(forge: Forge, tmp_path: pathlib.Path) -> None:
    loose = tmp_path / "loose"
    git(tmp_path, "clone", "--quiet", str(forge.fleet), str(loose))
    for path in sorted((loose / ".git").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (loose / ".git").rmdir()
    error = forge.refused(path=str(loose))
    assert error.kind == "not_found"
    assert "there is no repository" in str(error)


def test_a_repository_that_is_not_there_is_refused(forge: Forge, tmp_path: pathlib.Path) -> None:
    error = forge.refused(repository=str(tmp_path / "nowhere.git"))
    assert error.kind == "not_found"
    assert "nowhere.git" in str(error)


def test_a_server_that_does_not_answer_is_named(forge: Forge) -> None:
    error = forge.refused(repository="https://127.0.0.1:9/rendered.git")
    assert error.kind == "unreachable"
    assert "https://127.0.0.1:9/rendered.git" in str(error)


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_protected_branch_is_refused_whole(forge: Forge, hook: str) -> None:
    forge.publish()
    before = forge.refs()
    text = (forge.fleet / APP).read_text(encoding="utf-8")
    forge.commit("Release", {APP: text.replace("revision: main", "revision: release")})
    forge.hook(hook, "echo 'GH006: Protected branch update failed for refs/heads/main.' >&2; exit 1")
    error = forge.refused()
    assert error.kind == "protected"
    assert "branch main" in str(error)
    assert "merged by review" in error.remedy
    assert forge.refs() == before


def moving(forge: Forge, times: int) -> str:
    """Return a hook that commits to the branch while somebody pushes, so many times."""
    count, bare = shlex.quote(str(forge.folder / "count")), shlex.quote(str(forge.bare))
    plumbing = "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a"
    return f"""
n=$(cat {count} 2>/dev/null || echo 0); n=$((n + 1)); echo $n > {count}
[ $n -gt {times} ] && exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
new=$({plumbing} git --git-dir={bare} commit-tree -p main -m "Somebody else $n" "main^{{tree}}")
git --git-dir={bare} update-ref refs/heads/main $new
"""


def test_a_branch_that_moves_meanwhile_is_read_again_and_nothing_is_lost(forge: Forge) -> None:
    forge.publish()
    text = (forge.fleet / APP).read_text(encoding="utf-8")
    forge.commit("Release", {APP: text.replace("revision: main", "revision: release")})
    forge.hook("pre-receive", moving(forge, 1))
    assert forge.publish()["changed"]
    assert [line.partition(": ")[2] or line for line in forge.log()] == ["Release", "Somebody else 1", "A fleet"]


def test_a_branch_that_keeps_moving_is_left_to_the_others(forge: Forge) -> None:
    forge.publish()
    text = (forge.fleet / APP).read_text(encoding="utf-8")
    forge.commit("Release", {APP: text.replace("revision: main", "revision: release")})
    forge.hook("pre-receive", moving(forge, 99))
    error = forge.refused()
    assert (error.kind, error.resumable) == ("conflict", True)
    assert forge.log()[:3] == ["Somebody else 3", "Somebody else 2", "Somebody else 1"]
    assert not any("Release" in line for line in forge.log())


def test_no_error_shows_a_credential(forge: Forge) -> None:
    error = forge.refused(repository="https://ci:hunter2@127.0.0.1:9/rendered.git", token="s3cr3t-token")
    told = json.dumps(error.as_failure()) + str(error)
    assert "hunter2" not in told
    assert "s3cr3t-token" not in told
