# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SDK is imported where its cloud is used, once a run, before Ansible forks its workers."""

from __future__ import annotations

import collections
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest

from drydock.harbour import Harbour
from tests.integration.harbours import ROOT

WITNESS = '''
"""Notes each import of an SDK with the process that it happens in."""
import os
import sys


class Witness:
    def find_spec(self, name, path=None, target=None):
        if name in ("boto3", "google.cloud.container_v1"):
            with open(os.environ["IMPORT_NOTES"], "a", encoding="utf-8") as notes:
                notes.write(f"{name} {os.getpid()}\\n")


sys.meta_path.insert(0, Witness())
'''
HOSTS = {
    "eks": "amazon cluster_provider=eks cluster_region=eu-central-1",
    "gke": "google cluster_provider=gke cluster_region=europe-west1 cluster_account=seaworthy-demo",
    "kubeconfig": "kind cluster_provider=kubeconfig cluster_kubeconfig=/nonexistent/kubeconfig",
}
Imports = dict[str, list[int]]


def imported(harbour: Harbour, folder: pathlib.Path, *clouds: str, limit: str = "") -> Imports:
    """Run the playbook cluster in check mode on hosts of these clouds; return the processes that imported each SDK."""
    (folder / "sitecustomize.py").write_text(WITNESS, encoding="utf-8")
    hosts = "\n".join(["[platform_clusters]", *(HOSTS[cloud] for cloud in clouds)])
    (folder / "hosts.ini").write_text(hosts + "\n", encoding="utf-8")
    notes = folder / "notes"
    notes.write_text("", encoding="utf-8")
    environment = {
        **harbour.environment(),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
        "PYTHONPATH": str(folder),
        "IMPORT_NOTES": str(notes),
    }
    auth = f'{{"endpoint_url": "{harbour.google_endpoint}"}}'
    google = f'{{"cluster_auth": {auth}}}' if clouds == ("gke",) else "{}"
    command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "hosts.ini")]
    command += [str(ROOT / "playbooks/cluster.yml"), "--check", "-e", google, *(["--limit", limit] if limit else [])]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, timeout=120, check=False)
    found: Imports = collections.defaultdict(list)
    for line in notes.read_text(encoding="utf-8").splitlines():
        name, process = line.split()
        found[name].append(int(process))
    return found


@pytest.mark.parametrize(
    ("cloud", "sdk"), [("eks", ["boto3"]), ("gke", ["google.cloud.container_v1"]), ("kubeconfig", [])]
)
def test_one_cloud_imports_its_own_sdk_once(harbour: Harbour, tmp_path: pathlib.Path, cloud: str, sdk: t.Any) -> None:
    found = imported(harbour, tmp_path, cloud)
    assert {name: len(processes) for name, processes in found.items()} == dict.fromkeys(sdk, 1)


def test_limit_to_one_host_leaves_the_sdk_of_the_other_alone(harbour: Harbour, tmp_path: pathlib.Path) -> None:
    assert sorted(imported(harbour, tmp_path, "eks", "gke", limit="amazon")) == ["boto3"]


def test_two_clouds_import_both_in_one_process(harbour: Harbour, tmp_path: pathlib.Path) -> None:
    found = imported(harbour, tmp_path, "eks", "gke")
    assert sorted(found) == ["boto3", "google.cloud.container_v1"]
    assert found["boto3"] == found["google.cloud.container_v1"]
