# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Git repositories on this machine: a fleet in one, its rendering in a bare one."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import subprocess
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.publish_run import FLEET_PUBLISH, fleet_publish
from tests.unit.fleet.fleets import base

ESTATE: dict[str, t.Any] = {
    "environments": ["dev", "prod"],
    "clusters": {
        "dev-1": {"provider": "kubeconfig", "environments": ["dev"]},
        "prod-1": {"provider": "eks", "environments": ["prod"]},
    },
}
DEFAULTS = {name: option.get("default") for name, option in FLEET_PUBLISH.options.items()}


def git(folder: pathlib.Path, *words: str, **environment: str) -> str:
    settings = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "init.defaultBranch=main")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *settings, *words],
        cwd=folder,
        env=clean | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclasses.dataclass
class Forge:
    """``fleet`` is a working tree of a fleet; ``bare`` is where it is rendered to."""

    folder: pathlib.Path

    def __post_init__(self) -> None:
        self.fleet.mkdir()
        self.bare.mkdir()
        git(self.bare, "init", "--bare", "--quiet")
        git(self.fleet, "init", "--quiet")
        self.commit("A fleet", base())

    @property
    def fleet(self) -> pathlib.Path:
        return self.folder / "fleet"

    @property
    def bare(self) -> pathlib.Path:
        return self.folder / "rendered.git"

    def commit(self, why: str, files: t.Mapping[str, str]) -> str:
        """Commit changes of the fleet and return the commit's id; a file without text is taken away."""
        for name, text in files.items():
            path = self.fleet / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8") if text else path.unlink()
        git(self.fleet, "add", "--all")
        git(self.fleet, "commit", "--quiet", "-m", why)
        return git(self.fleet, "rev-parse", "HEAD").strip()

    def publish(self, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given = {"path": str(self.fleet), "repository": str(self.bare), "branch": "main"}
        return fleet_publish({**DEFAULTS, **ESTATE, **given, **options}, check_mode=check_mode)

    def refused(self, **options: t.Any) -> PlatformError:
        try:
            result = self.publish(**options)
        except PlatformError as error:
            return error
        raise AssertionError(f"was not refused: {result}")

    def refs(self) -> str:
        return git(self.bare, "for-each-ref")

    def log(self) -> list[str]:
        return git(self.bare, "log", "--format=%s", "main").splitlines()

    def files(self, commit: str = "main") -> dict[str, str]:
        names = git(self.bare, "ls-tree", "-r", "--name-only", commit).splitlines()
        return {name: git(self.bare, "show", f"{commit}:{name}") for name in names}

    def clone(self) -> pathlib.Path:
        """Return somebody's working tree of the rendered repository."""
        place = self.folder / "clone"
        git(self.folder, "clone", "--quiet", str(self.bare), str(place))
        return place

    def hook(self, name: str, script: str) -> None:
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
