# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as users get it: an archive, and ansible-test's sanity tests over exactly what is in it."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile

from .cache import ROOT, SetupError, cache_root

ARCHIVES = ROOT / "build" / "collection"
SANITY = ROOT / "build" / "sanity"
PLACE = pathlib.Path("ansible_collections") / "seaworthy" / "platform"
SCRIPTS = pathlib.Path(sys.executable).parent
PIP_STARTER = '''"""Give an empty environment the pip that ships with Python, then what ansible-test asks for."""
import ensurepip, subprocess, sys
ensurepip.bootstrap()
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted]).returncode)
'''


def build_collection() -> pathlib.Path:
    """Build the archive into build/collection, alone there, and return its path."""
    shutil.rmtree(ARCHIVES, ignore_errors=True)
    command = [str(SCRIPTS / "ansible-galaxy"), "collection", "build", "--output-path", str(ARCHIVES), str(ROOT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"ansible-galaxy collection build: {done.stderr.strip()}")
    archive = next(ARCHIVES.glob("seaworthy-platform-*.tar.gz"))
    print(f"  collection      built     {archive.relative_to(ROOT)} ({archive.stat().st_size // 1024} KiB)")
    return archive


def run_sanity() -> None:
    """Unpack the archive and run every sanity test that can run on this machine; see tests/sanity/README.md."""
    tree = SANITY / PLACE
    shutil.rmtree(SANITY, ignore_errors=True)
    tree.mkdir(parents=True)
    with tarfile.open(build_collection()) as archive:
        archive.extractall(tree, filter="data")
    shutil.copytree(ROOT / "tests" / "sanity", tree / "tests" / "sanity")
    shutil.copy(ROOT / "tests" / "config.yml", tree / "tests" / "config.yml")
    # Without a repository of its own the tree would count as ignored files of ours.
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    command = [str(SCRIPTS / "ansible-test"), "sanity", "--local", "--python", "default", "--color", "no"]
    if subprocess.run(command, cwd=tree, env=_sanity_environment(), stdin=subprocess.DEVNULL, check=False).returncode:
        raise SetupError("ansible-test sanity found faults; they are listed above.")


def _sanity_environment() -> dict[str, str]:
    """Return an environment in which ansible-test keeps its own virtual environments in our cache.

    ansible-test starts each of them with a downloaded script; it takes a file of that name in its cache instead.
    """
    home = cache_root() / "ansible-test"
    starter = home / ".ansible" / "test" / "cache" / f"get_pip_{_pip_version().replace('.', '_')}.py"
    starter.parent.mkdir(parents=True, exist_ok=True)
    starter.write_text(PIP_STARTER, encoding="utf-8")
    settings = home / ".config" / "pip"
    if not settings.is_symlink():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.symlink_to(pathlib.Path.home() / ".config" / "pip")
    return {**os.environ, "HOME": str(home), "PATH": _path_without_shims()}


def _path_without_shims() -> str:
    """Return the PATH with ours first and without version managers' shims, which stand for Pythons that do not run."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([str(SCRIPTS), *(folder for folder in folders if pathlib.Path(folder).name != "shims")])


def _pip_version() -> str:
    """Return the version of pip that this ansible-test starts its environments with."""
    packages = pathlib.Path(sysconfig.get_path("purelib"))
    source = packages / "ansible_test" / "_internal" / "python_requirements.py"
    found = re.search(r"pip='([\d.]+)'", source.read_text(encoding="utf-8"))
    if not found:
        raise SetupError(f"{source}: no version of pip found; ansible-test has changed how it starts its environments.")
    return found[1]
