# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments from hashed requirement files: pip installs uv once, uv installs all the rest."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from .cache import ROOT, SetupError, cached_folder, content_key, say

REQUIREMENTS = ROOT / "requirements"
COLLECTIONS = ROOT / "build" / "collections"
KEY_FILE = "seaworthy-key"
# Where PYTHONDONTWRITEBYTECODE is set, as in many a CI, each start of Ansible would compile all that it imports.
COMPILED = "--compile-bytecode"


def link_collection() -> None:
    """Make the checkout importable as ansible_collections.seaworthy.platform."""
    link = COLLECTIONS / "ansible_collections" / "seaworthy" / "platform"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(pathlib.Path("../../../.."))


def make_environment(
    folder: pathlib.Path, requirements: str, interpreter: str, *, paths: tuple[pathlib.Path, ...] = ()
) -> None:
    """Bring the virtual environment ``folder`` to exactly ``requirements`` (a file name), with ``paths`` importable.

    Nothing happens when its key (requirements, interpreter, place) is unchanged.
    """
    key = content_key([REQUIREMENTS / requirements], interpreter, str(folder), COMPILED, *map(str, paths))
    if _read(folder / KEY_FILE) == key and (folder / "bin" / "python").exists():
        return
    uv = _uv(interpreter)
    say(folder.name, "installs", f"hashed packages of requirements/{requirements} (about a minute once)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run([uv, "venv", "--quiet", "--python", interpreter, "--prompt", "seaworthy", str(folder)], f"make {folder.name}")
    packages = [
        *_pip(uv, "sync"),
        COMPILED,
        "--python",
        str(folder / "bin" / "python"),
        str(REQUIREMENTS / requirements),
    ]
    _run(packages, f"install requirements/{requirements}")
    _add_paths(folder, paths)
    (folder / KEY_FILE).write_text(key, encoding="utf-8")


def main_environment() -> None:
    """Make .venv: the one that demo, test and lint use."""
    link_collection()
    make_environment(ROOT / ".venv", "dev.txt", base_interpreter(), paths=(COLLECTIONS, ROOT))


def install_into(folder: pathlib.Path, requirements: str) -> None:
    """Unpack the packages of a hashed requirement file into a plain folder."""
    interpreter = base_interpreter()
    packages = [*_pip(_uv(interpreter), "install"), "--python", interpreter, "--target", str(folder)]
    _run([*packages, "-r", str(REQUIREMENTS / requirements)], f"install requirements/{requirements}")


def compile_requirements() -> None:
    """Write requirements/*.txt anew from the *.in files: for every Python from 3.11, with hashes, naming no index."""
    for source in sorted(REQUIREMENTS.glob("*.in")):
        if source.name == "runtime.in":
            continue
        say("requirements", "resolves", source.name)
        choices = ["--universal", "--python-version", "3.11", "--upgrade", "--generate-hashes"]
        quiet = ["--quiet", "--no-emit-index-url", "--no-header", "--no-annotate"]
        uv = [_uv(base_interpreter()), "pip", "compile", *choices, *quiet]
        _run([*uv, str(source), "--output-file", str(source.with_suffix(".txt"))], f"resolve {source.name}")


def base_interpreter() -> str:
    """Return the interpreter that runs us, or the one its virtual environment was made from."""
    return str(getattr(sys, "_base_executable", sys.executable))


def find_interpreter(*versions: str) -> str:
    """Return the path of the first of ``versions`` ("3.12") that this machine has."""
    script = [str(ROOT / "bootstrap" / "find_python.sh"), *versions]
    found = subprocess.run(["sh", *script], capture_output=True, text=True, check=False)
    if found.returncode:
        raise SetupError(found.stderr.strip())
    return found.stdout.strip()


def _uv(interpreter: str) -> str:
    """Return the path of uv, which lives in a small environment of its own in the cache."""
    pins = REQUIREMENTS / "boot.txt"

    def make(folder: pathlib.Path) -> None:
        say("uv", "installs", "the package installer, from a hashed pin")
        _run([interpreter, "-m", "venv", str(folder)], "create an environment for uv")
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "-r", str(pins)], "install uv")

    return str(cached_folder("uv", content_key([pins], interpreter), make) / "bin" / "uv")


def _pip(uv: str, verb: str) -> list[str]:
    return [uv, "pip", verb, "--quiet", "--require-hashes"]


def _add_paths(folder: pathlib.Path, paths: tuple[pathlib.Path, ...]) -> None:
    """Make ``paths`` importable in the environment, after its own packages."""
    for site in folder.glob("lib/python3*/site-packages"):
        (site / "seaworthy.pth").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")


def _read(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _run(command: list[str], purpose: str) -> None:
    """Run an installer quietly; on failure show what it said last."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    env.pop("VIRTUAL_ENV", None)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise SetupError(f"could not {purpose}: `{command[0]}` ended with {done.returncode}:\n{last}")
