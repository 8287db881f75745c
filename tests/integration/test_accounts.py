# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several accounts of several clouds in one run: each call goes out under its own host's identity, and no other's."""

from __future__ import annotations

import collections
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from drydock.clouds.aws import account as aws
from drydock.clouds.gke import project as google
from drydock.harbour import Harbour
from tests.integration.harbours import ROOT

Json = dict[str, t.Any]
Calls = dict[str, list[str]]
GOOGLE = {
    "g-demo": ("runner", google.PROJECT),
    "g-stage": ("stage", google.STAGE),
    "g-other": ("stranger", google.FOREIGN),
}
AMAZON = {"a-one": ("runner", aws.ACCOUNT), "a-two": ("stranger", aws.STRANGER), "a-three": ("colleague", aws.ACCOUNT)}


def amazon(person: str, account: str) -> Json:
    """Return a cluster that somebody else manages: finding it is all that is done."""
    return {
        "cluster_provider": "eks",
        "cluster_managed": False,
        "cluster_region": aws.REGION,
        "cluster_account": account,
        "cluster_auth": {"profile": person},
    }


def of_google(harbour: Harbour, person: str, project: str) -> Json:
    """Return a cluster that the run makes."""
    return {
        "cluster_provider": "gke",
        "cluster_region": google.REGION,
        "cluster_account": project,
        "cluster_poll_interval": 0.05,
        "cluster_auth": {
            "endpoint_url": harbour.google_endpoint,
            "credentials_file": str(harbour.state.dir / google.key_file_name(person)),
            "principal": harbour.google.person(person).email,
        },
        "cluster_node_pools": {"only": {"size": {"desired": 3}}},
    }


def six_hosts(harbour: Harbour) -> dict[str, Json]:
    hosts = {name: amazon(*identity) for name, identity in AMAZON.items()}
    return hosts | {name: of_google(harbour, *identity) for name, identity in GOOGLE.items()}


def profiles(harbour: Harbour, folder: pathlib.Path) -> dict[str, str]:
    """Write a credentials file with a profile for each person; return the variables that name it, and no keys."""
    lines = []
    for person in ("runner", "colleague", "stranger"):
        keys = harbour.credentials(person)
        lines += [f"[{person}]", f"aws_access_key_id = {keys.access_key_id}"]
        lines += [f"aws_secret_access_key = {keys.secret_access_key}", ""]
    path = folder / "credentials"
    path.write_text("\n".join(lines), encoding="utf-8")
    return {
        "AWS_SHARED_CREDENTIALS_FILE": str(path),
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_ENDPOINT_URL": harbour.aws_endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def run(harbour: Harbour, folder: pathlib.Path, hosts: dict[str, Json]) -> str:
    """Run the playbook cluster on the hosts; return what it printed."""
    inventory = folder / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"platform_clusters": {"hosts": hosts}}), encoding="utf-8")
    house = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_FORKS": "6", "ANSIBLE_NOCOLOR": "1"}
    house["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / "build/collections")
    command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory)]
    done = subprocess.run(
        [*command, str(ROOT / "playbooks/cluster.yml")],
        cwd=ROOT,
        env=os.environ | house | profiles(harbour, folder),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.stdout + done.stderr


def calls(harbour: Harbour) -> Calls:
    """Return what each principal asked the clouds for, tokens aside."""
    found: Calls = collections.defaultdict(list)
    for line in harbour.journal.read():
        if line.target in ("eks", "gke", "sts"):
            found[line.principal].append(line.operation)
    return found


def failed(output: str) -> set[str]:
    return {name for name, count in re.findall(r"^(\S+)\s+: ok=.* failed=(\d+)", output, re.M) if int(count)}


def arn(harbour: Harbour, person: str) -> str:
    return harbour.seed.people[person][0]


def email(harbour: Harbour, person: str) -> str:
    return str(harbour.google.person(person).email)


def test_each_call_goes_out_under_its_own_hosts_identity(harbour: Harbour, tmp_path: pathlib.Path) -> None:
    output = run(harbour, tmp_path, six_hosts(harbour))
    assert failed(output) == set(), output
    found = calls(harbour)
    people = {arn(harbour, person) for person, _ in AMAZON.values()}
    assert {who for who in found if who.startswith("arn:")} == people
    assert all(sorted(found[who]) == ["DescribeCluster", "GetCallerIdentity"] for who in people), found
    accounts = {email(harbour, person): project for person, project in GOOGLE.values()}
    assert {who for who in found if "@" in who} == set(accounts)
    assert all(found[who].count("CreateCluster") == 1 for who in accounts), found
    made = {row["cluster"]["name"]: row["cluster"]["selfLink"] for row in harbour.google.document()}
    assert sorted(made) == sorted(GOOGLE)
    numbers = {name: harbour.google.seed.projects[project] for name, (_, project) in GOOGLE.items()}
    assert all(numbers[name].id in link or numbers[name].number in link for name, link in made.items())


@pytest.mark.parametrize("host", ["a-three", "g-demo"])
def test_wrong_identity_is_refused_before_any_request_but_the_check_of_it(
    harbour: Harbour, tmp_path: pathlib.Path, host: str
) -> None:
    hosts = six_hosts(harbour)
    wrong = "stranger" if host in AMAZON else "colleague"
    if host in AMAZON:
        hosts = {host: hosts[host] | {"cluster_auth": {"profile": wrong}}, "a-one": hosts["a-one"]}
    else:
        path = str(harbour.state.dir / google.key_file_name(wrong))
        hosts[host] = hosts[host] | {"cluster_auth": hosts[host]["cluster_auth"] | {"credentials_file": path}}
        hosts = {host: hosts[host], "g-stage": hosts["g-stage"]}
    output = run(harbour, tmp_path, hosts)
    assert failed(output) == {host}, output
    assert "nothing was read or written" in output
    assert "Traceback" not in output
    who = arn(harbour, wrong) if host in AMAZON else email(harbour, wrong)
    assert calls(harbour)[who] == (["GetCallerIdentity"] if host in AMAZON else [])
