# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders keyed by content under the user's cache directory: made once, whole or not at all, shared by checkouts."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import time
import typing as t

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAY = 86400.0


class SetupError(Exception):
    """One sentence for a person: what is missing, where, and what to do."""


def say(subject: str, state: str, text: str) -> None:
    """Print one line of progress, in the columns that the collection's own progress has."""
    print(f"  {subject:<15} {state:<9} {text}", flush=True)


def cache_root() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "seaworthy"


def content_key(files: t.Iterable[pathlib.Path], *extra: str) -> str:
    """Return the sha256 over names and contents of files, the machine's kind, and ``extra``."""
    digest = hashlib.sha256("\0".join((sys.platform, platform.machine(), *extra)).encode())
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\0{path.relative_to(ROOT)}\0{content}".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def locked(path: pathlib.Path, subject: str) -> t.Iterator[None]:
    """Hold an exclusive lock on ``path``; say so once if another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(subject, "waiting", "another make is at the same work; its result will be used")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached_folder(thing: str, key: str, make: t.Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Return the folder of ``thing`` with ``key``, made by ``make(folder)`` if no earlier run has made it.

    ``make`` fills a folder beside the final place, which is then renamed: a killed run leaves no half result.
    """
    home = cache_root() / thing
    final = home / key
    with locked(home / ".lock", thing):
        if not final.is_dir():
            forming = pathlib.Path(tempfile.mkdtemp(prefix=".forming-", dir=home))
            try:
                make(forming)
                forming.chmod(0o755)
                forming.rename(final)
            finally:
                shutil.rmtree(forming, ignore_errors=True)
        os.utime(final)
        _forget_unused(home, keep=final)
    return final


def _forget_unused(home: pathlib.Path, *, keep: pathlib.Path, days: float = 30.0) -> None:
    """Remove folders that no run has used for ``days``, and what killed runs left half made a day ago."""
    now = time.time()
    for folder in home.iterdir():
        limit = 1.0 if folder.name.startswith(".forming-") else days
        if folder.is_dir() and folder != keep and now - folder.stat().st_mtime > limit * DAY:
            shutil.rmtree(folder, ignore_errors=True)
