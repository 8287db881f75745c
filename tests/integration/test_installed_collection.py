# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users install is the archive, not the checkout: it must run on its own."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.integration.harbours import RECAP, ROOT, Demo

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("installed")]
SCRIPTS = pathlib.Path(sys.executable).parent
ONLY_A_CHECKOUT_NEEDS = (
    "drydock",
    "tests",
    "crds",
    "bootstrap",
    "build",
    "molecule",
    "extensions",
    ".venv",
    "Makefile",
)


def run(*words: str, cwd: pathlib.Path, env: dict[str, str]) -> str:
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alone(folder: pathlib.Path, collections: pathlib.Path) -> dict[str, str]:
    """Return variables under which Ansible sees one collections path, and no settings of a checkout or a person."""
    settings = folder / "ansible.cfg"
    settings.touch()
    return {
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "0",
        "HOME": str(folder),
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A collections path that holds the built archive and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    collections = folder / "collections"
    env = os.environ | alone(folder, collections)
    galaxy = [str(SCRIPTS / "ansible-galaxy"), "collection"]
    run(*galaxy, "build", "--output-path", str(folder), str(ROOT), cwd=ROOT, env=env)
    archive = next(folder.glob("seaworthy-platform-*.tar.gz"))
    run(*galaxy, "install", str(archive), "--offline", "-p", str(collections), cwd=folder, env=env)
    return collections


def test_the_archive_holds_compiled_crds_and_nothing_of_the_workshop(installed: pathlib.Path) -> None:
    tree = installed / "ansible_collections" / "seaworthy" / "platform"
    assert [name for name in ONLY_A_CHECKOUT_NEEDS if (tree / name).exists()] == []
    assert list(tree.glob("roles/certificates/files/crds/**/*.json")), "run `make crds`"


def test_the_installed_collection_runs_the_demo_by_its_full_name(
    installed: pathlib.Path, empty: Demo, tmp_path: pathlib.Path
) -> None:
    env = empty.full_environment(**alone(tmp_path, installed))
    env.pop("PYTHONPATH", None)
    playbook = [str(SCRIPTS / "ansible-playbook"), "-i", str(ROOT / "inventories" / "drydock"), "--limit", "demo"]
    first = run(*playbook, "seaworthy.platform.site", cwd=tmp_path, env=env)
    recap = RECAP.search(first)
    assert recap, first
    assert int(recap["changed"]) >= 3, first
    assert "demo" in empty.drydock("journal", "--writes"), "the run did not reach this harbour"
