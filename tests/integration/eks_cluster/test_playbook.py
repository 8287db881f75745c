# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public doors: tasks of a playbook, run by ansible-playbook against the twin."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import sys
import typing as t

import pytest
import yaml

from drydock.harbour import Harbour
from drydock.identity.eks_token import verify_token
from drydock.journal import Filter
from tests.integration.eks_cluster.conftest import Account, Json
from tests.unit.house.checkout import ROOT


class Play:
    """One task in a play of its own. ``result`` is what the task returned."""

    def __init__(self, account: Account, folder: pathlib.Path) -> None:
        self.account = account
        self.folder = folder
        self.output = ""
        self.code = 0
        self.result: Json = {}

    def run(self, task: Json, *arguments: str, connection: str = "local") -> Play:
        self.account.harbour.journal.clear()
        saved = self.folder / "result.json"
        saved.unlink(missing_ok=True)
        keep: Json = {"ansible.builtin.copy": {"dest": str(saved), "content": "{{ done | to_json }}"}}
        keep |= {"check_mode": False, "diff": False, "connection": "local", "no_log": True}
        tasks = [{**task, "register": "done", "ignore_errors": True}, keep]
        variables = {"ansible_python_interpreter": sys.executable}
        play = {"hosts": "all", "gather_facts": False, "connection": connection, "vars": variables, "tasks": tasks}
        book = self.folder / "play.yml"
        book.write_text(yaml.safe_dump([play]), encoding="utf-8")
        program = str(pathlib.Path(sys.executable).with_name("ansible-playbook"))
        done = subprocess.run(
            [program, "-i", "prod,", str(book), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        self.code, self.output = done.returncode, done.stdout + done.stderr
        assert saved.exists(), self.output
        self.result = json.loads(saved.read_text(encoding="utf-8"))
        return self

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.account.harbour.environment(),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(self.folder / "async"),
            "ANSIBLE_FORCE_COLOR": "0",
        }


@pytest.fixture
def play(account: Account, tmp_path: pathlib.Path) -> Play:
    account.document["poll_interval"] = 0.05
    return Play(account, tmp_path)


def converge(play: Play, **changes: t.Any) -> Json:
    return {"seaworthy.platform.eks_cluster": {**play.account.document, **changes}}


def test_task_creates_shows_progress_and_is_quiet_the_second_time(play: Play) -> None:
    first = play.run(converge(play))
    assert first.result["changed"] is True
    assert "  eks/prod        plan      create control plane 1.35, 2 node pools (about 14 min)\n" in first.output
    assert "  eks/prod        ACTIVE    control plane" in first.output
    second = play.run(converge(play))
    assert second.result["changed"] is False
    assert play.account.writes() == []


def test_check_with_diff_shows_what_would_change_and_writes_nothing(play: Play) -> None:
    play.run(converge(play), "--check", "--diff")
    assert play.result["changed"] is True
    assert play.account.writes() == []
    assert '+    "version": "1.35"' in play.output


def test_module_in_the_background_does_the_same(play: Play) -> None:
    play.run({**converge(play), "async": 120, "poll": 1})
    assert play.result["changed"] is True, play.output
    assert play.account.writes() == ["CreateCluster", "CreateNodegroup", "CreateNodegroup"]


@pytest.mark.parametrize("background", [False, True])
def test_bad_document_is_one_sentence_on_every_way_in(play: Play, background: bool) -> None:
    task = converge(play, version=1.30, node_poolz={})
    play.run({**task, "async": 60, "poll": 1} if background else task)
    assert play.result["failed"] is True
    assert 'version is 1.3; must be text in quotes: write "1.30"' in play.result["msg"]
    assert "node_poolz is not an option (did you mean node_pools?)" in play.result["msg"]
    assert play.result["failure"]["class"] == "invalid"
    assert "Traceback" not in play.output
    assert play.account.asked() == []


def test_failure_of_the_cloud_is_one_sentence(play: Play) -> None:
    play.run(converge(play, account="999988887777", identity={}))
    assert play.result["failed"] is True
    assert play.result["failure"]["class"] == "wrong_account"
    assert "the cluster to account 999988887777; nothing was read or written" in play.result["msg"]
    assert "Traceback" not in play.output
    assert play.account.asked() == ["GetCallerIdentity"]


def bearer(harbour: Harbour, token: str, cluster: str) -> str:
    return verify_token(token, cluster, harbour.aws_endpoint.removeprefix("http://")).arn


def test_credentials_are_in_the_file_and_nowhere_else(play: Play, made: Account, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kubeconfig"
    place = {name: made.document[name] for name in ("name", "region", "account")}
    play.run({"seaworthy.platform.cluster_credentials": {**place, "path": str(path)}}, "-vvv", "--diff")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = yaml.safe_load(path.read_text(encoding="utf-8"))["users"][0]["user"]["token"]
    assert bearer(made.harbour, token, "prod") == made.harbour.seed.people["runner"][0]
    assert token not in play.output
    assert token not in json.dumps(play.result)
    assert play.result["endpoint"] == made.cluster()["endpoint"]
    assert made.harbour.journal.read(Filter(writes=True)) == []


def test_credentials_of_a_cluster_that_is_not_there(play: Play) -> None:
    place = {name: play.account.document[name] for name in ("name", "region", "account")}
    play.run({"seaworthy.platform.cluster_credentials": place})
    assert play.result["failed"] is True
    assert play.result["msg"].startswith("eks/prod does not exist.")
    play.run({"seaworthy.platform.cluster_credentials": place}, "--check")
    assert play.result["exists"] is False


def test_lookup_mints_a_token_for_the_named_cluster(play: Play, tmp_path: pathlib.Path) -> None:
    path, region = tmp_path / "token", play.account.document["region"]
    lookup = f"{{{{ lookup('seaworthy.platform.cluster_credentials', 'prod', region='{region}') }}}}"
    play.run({"ansible.builtin.copy": {"dest": str(path), "content": lookup, "mode": "0600"}, "no_log": True})
    harbour = play.account.harbour
    assert bearer(harbour, path.read_text(encoding="utf-8"), "prod") == harbour.seed.people["runner"][0]
