# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is built from Go modules: a row each, built once per content, linked or copied into the checkout."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import subprocess
import time
import typing as t

from .cache import ROOT, SetupError, cached_folder, content_key, say
from .toolchain import go_environment

BIN = ROOT / "build" / "bin"


@dataclasses.dataclass(frozen=True)
class Build:
    """One thing that a folder of the checkout builds.

    ``command`` runs in ``source``; "{folder}" in it stands for a fresh folder of the cache, and ``install`` brings
    what then lies there to its place in the checkout.
    """

    name: str
    what: str
    source: str
    command: tuple[str, ...]
    install: t.Callable[[pathlib.Path], None]


def link_binaries(folder: pathlib.Path) -> None:
    """Link each file of ``folder`` into build/bin, in one step each, so that no reader finds it missing."""
    BIN.mkdir(parents=True, exist_ok=True)
    for binary in folder.iterdir():
        _replace_link(BIN / binary.name, binary)


def copy_crds(folder: pathlib.Path) -> None:
    """Copy <role>/files/crds to the checkout's roles, where the built collection takes it from."""
    for made in folder.glob("*/files/crds"):
        target = ROOT / "roles" / made.relative_to(folder)
        if _contents(made) != _contents(target):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(made, target)


BUILDS = {
    "controlplane": Build(
        "controlplane",
        "the Kubernetes control plane from Go modules (about 10 minutes once; reused from the cache next time)",
        "drydock/controlplane",
        ("sh", "build.sh", "{folder}/drydock-controlplane"),
        link_binaries,
    ),
    "crew": Build(
        "crew",
        "the real controllers from Go modules (about 23 minutes once; reused from the cache next time)",
        "drydock/crew",
        ("sh", "build.sh", "{folder}"),
        link_binaries,
    ),
    "crds": Build(
        "crds",
        "custom resource definitions from their Go types (about 2 minutes once; reused from the cache next time)",
        "crds",
        ("go", "run", ".", "-roles", "{folder}"),
        copy_crds,
    ),
}


def build(name: str) -> None:
    """Bring one row of BUILDS into the checkout, from the cache where it has it."""
    row = BUILDS[name]

    def make(folder: pathlib.Path) -> None:
        _compile(row, folder)

    row.install(cached_folder(name, content_key(sources(ROOT / row.source)), make))


def sources(folder: pathlib.Path) -> list[pathlib.Path]:
    """Return the files that can change what is built: no tests, no prose, nothing hidden."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("_test.go", ".md"))]
    return [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _compile(row: Build, folder: pathlib.Path) -> None:
    """Run the row's command, which reports its own progress."""
    say(row.name, "builds", row.what)
    started = time.monotonic()
    command = [word.format(folder=folder) for word in row.command]
    code = subprocess.run(command, cwd=ROOT / row.source, env=go_environment(), check=False).returncode
    if code:
        raise SetupError(
            f"the build in {row.source} ended with {code} after {_minutes(started)}; its lines above say why."
        )
    say(row.name, "built", f"in {_minutes(started)}")


def _minutes(started: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    return f"{minutes}m{seconds:02d}s"


def _replace_link(link: pathlib.Path, target: pathlib.Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(link)


def _contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
