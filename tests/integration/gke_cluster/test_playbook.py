# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public doors: a task of a playbook against the twin, and the way into the cluster that it made."""

from __future__ import annotations

import json
import pathlib
import stat
import typing as t

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.action.resolve import find
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.http import Client
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from ansible_collections.seaworthy.platform.plugins.plugin_utils._access import credential_source
from drydock.journal import Filter
from tests.integration.eks_cluster.test_playbook import Play
from tests.integration.gke_cluster.conftest import NAME, Json, Project


@pytest.fixture
def play(project: Project, tmp_path: pathlib.Path) -> Play:
    project.document["poll_interval"] = 0.05
    return Play(t.cast(t.Any, project), tmp_path)


def converge(play: Play, **changes: t.Any) -> Json:
    return {"seaworthy.platform.gke_cluster": {**play.account.document, **changes}}


def test_task_creates_shows_progress_and_is_quiet_the_second_time(play: Play) -> None:
    first = play.run(converge(play))
    assert first.result["changed"] is True, first.output
    assert "  gke/prod        plan      create control plane 1.35 with 2 node pools (about 10 min)\n" in first.output
    assert "  gke/prod        ACTIVE    control plane" in first.output
    second = play.run(converge(play))
    assert second.result["changed"] is False
    assert play.account.writes() == []


def test_check_with_diff_shows_what_would_change_and_writes_nothing(play: Play) -> None:
    play.run(converge(play), "--check", "--diff")
    assert play.result["changed"] is True
    assert play.account.writes() == []
    assert '+    "version": "1.35"' in play.output


@pytest.mark.parametrize("background", [False, True])
def test_bad_document_is_one_sentence_on_every_way_in(play: Play, background: bool) -> None:
    task = converge(play, version=1.30, node_poolz={})
    play.run({**task, "async": 60, "poll": 1} if background else task)
    assert play.result["failed"] is True
    assert 'version is 1.3; must be text in quotes: write "1.30"' in play.result["msg"]
    assert "node_poolz is not an option (did you mean node_pools?)" in play.result["msg"]
    assert "Traceback" not in play.output
    assert play.account.asked() == []


def test_module_in_the_background_does_the_same(play: Play) -> None:
    play.run({**converge(play), "async": 120, "poll": 1})
    assert play.result["changed"] is True, play.output
    assert play.account.writes() == ["CreateCluster"]


def place(project: Project) -> Json:
    return {name: project.document[name] for name in ("name", "project", "location", "auth")}


def test_credentials_are_in_the_file_and_nowhere_else(play: Play, made: Project, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kubeconfig"
    task = {**place(made), "provider": "gke", "path": str(path)}
    play.run({"seaworthy.platform.cluster_credentials": task}, "-vvvv", "--diff")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    token = config["users"][0]["user"]["token"]
    assert made.harbour.google.office.bearer(token).email == made.harbour.google.person("runner").email
    assert token not in play.output + json.dumps(play.result)
    assert config["clusters"][0]["cluster"]["server"] == play.result["endpoint"] == f"https://{made.cluster().endpoint}"
    assert play.result["ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert play.result["expires_at"] > 0
    assert [line.operation for line in made.harbour.journal.read(Filter(writes=True))] == []


def test_credentials_of_a_cluster_that_is_not_there(play: Play, project: Project) -> None:
    task = {"seaworthy.platform.cluster_credentials": {**place(project), "provider": "gke"}}
    play.run(task)
    assert play.result["msg"].startswith("gke/prod does not exist.")
    play.run(task, "--check")
    assert play.result["exists"] is False


def test_credentials_refuse_what_only_another_cloud_knows(play: Play, project: Project) -> None:
    play.run({"seaworthy.platform.cluster_credentials": {**place(project), "provider": "gke", "region": "eu-west-1"}})
    assert "region is not an option" in play.result["msg"]


def test_lookup_mints_a_token_for_the_named_cluster(play: Play, project: Project, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "token"
    where = f"provider='gke', project='{project.document['project']}', location='{project.document['location']}'"
    lookup = f"{{{{ lookup('seaworthy.platform.cluster_credentials', 'prod', {where}) }}}}"
    play.run({"ansible.builtin.copy": {"dest": str(path), "content": lookup, "mode": "0600"}, "no_log": True}, "-vvvv")
    token = path.read_text(encoding="utf-8")
    assert project.harbour.google.office.bearer(token).email == project.harbour.google.person("runner").email
    assert token not in play.output


def variables(project: Project) -> Json:
    """Return what an inventory says of the cluster."""
    document = project.document
    return {
        "cluster_provider": "gke",
        "cluster_name": NAME,
        "cluster_account": document["project"],
        "cluster_region": document["location"],
        "cluster_auth": document["auth"],
        "cluster_api": {},
    }


def test_fact_of_a_cluster_that_is_not_there_says_so(project: Project) -> None:
    fact = find(variables(project))
    assert (fact["provider"], fact["exists"], fact["endpoint"]) == ("gke", False, "")
    assert project.writes() == []


@pytest.mark.control_planes
def test_minted_token_opens_the_cluster_that_was_made(project: Project) -> None:
    project.run(node_pools={"system": {"size": {"desired": 3}}})
    fact = find(variables(project))
    assert fact["exists"] is True
    assert "canary" not in str(fact)
    source = credential_source(fact)
    assert source().token not in repr(source()), "no secret in texts"
    client = Client(source, clock=SystemClock())
    try:
        nodes = client.call("GET", "/api/v1/nodes", doing="the nodes")["items"]
    finally:
        client.close()
    assert len(nodes) == 3
    assert {node["metadata"]["labels"]["cloud.google.com/gke-nodepool"] for node in nodes} == {"system"}
