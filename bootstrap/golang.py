# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Go side of lint and test: each go.mod's folder in turn, with the toolchain that the builds use."""

from __future__ import annotations

import pathlib
import subprocess

from .builds import BIN
from .cache import ROOT, SetupError
from .toolchain import go_environment, go_modules

END_TO_END = ROOT / "drydock" / "controlplane" / "e2e"


def lint_go() -> None:
    """Run gofmt and go vet over every module; all faults are printed before the first is raised."""
    env = go_environment()
    faults = []
    for folder in _folders():
        shown = str(folder.relative_to(ROOT))
        sources = [str(path.relative_to(folder)) for path in folder.rglob("*.go") if is_ours(path, folder)]
        unformatted = subprocess.run(
            ["gofmt", "-l", *sources], cwd=folder, env=env, capture_output=True, text=True, check=True
        )
        if unformatted.stdout:
            print("not formatted:", *(f"{shown}/{name}" for name in unformatted.stdout.split()))
            faults.append(f"gofmt in {shown}")
        if subprocess.run(["go", "vet", "./..."], cwd=folder, env=env, check=False).returncode:
            faults.append(f"go vet in {shown}")
    _raise_if(faults)


def run_go_tests() -> None:
    """Run the tests of every module that has any, but for those that start whole control planes."""
    env = go_environment()
    faults = []
    for folder in _folders():
        tests = [path for path in folder.rglob("*_test.go") if is_ours(path, folder) and path.parent != END_TO_END]
        packages = sorted({f"./{path.parent.relative_to(folder)}" for path in tests})
        if packages and subprocess.run(["go", "test", *packages], cwd=folder, env=env, check=False).returncode:
            faults.append(f"go test in {folder.relative_to(ROOT)}")
    _raise_if(faults)


def prove_binary() -> None:
    """Run the tests that start the built control plane and look at it from outside."""
    command = ["go", "test", "-count=1", "-tags", "e2e", ".", "-binary", str(BIN / "drydock-controlplane")]
    if subprocess.run(command, cwd=END_TO_END, env=go_environment(), check=False).returncode:
        raise SetupError(f"go test in {END_TO_END.relative_to(ROOT)} failed; see above.")


def is_ours(path: pathlib.Path, folder: pathlib.Path) -> bool:
    """Tell a source of the module from what a build has put beside it, in hidden folders as Go itself ignores them."""
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _folders() -> list[pathlib.Path]:
    """Return the folder of each module, with what its go.mod replaces in place."""
    folders = [module.parent for module in go_modules()]
    for folder in folders:
        if (folder / "prepare.sh").exists():
            subprocess.run(["sh", str(folder / "prepare.sh")], env=go_environment(), check=True)
    return folders


def _raise_if(faults: list[str]) -> None:
    if faults:
        raise SetupError("; ".join(faults) + " failed; see above.")
