# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rendered fleet goes into a repository: read, compare, one commit, one push. Whole or not at all.

Everything starts from what the branch holds at this moment, in a scratch repository that is thrown away. A branch that
moves meanwhile is read again; nothing is ever forced.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import tempfile
import typing as t

from .._common.errors import PlatformError
from .compile import Compiled
from .git import Access, Git, failure_of, without_secret
from .rendered import ROOT, Change, change, edited, message

ATTEMPTS = 3
MOVED = re.compile(r"\[rejected\]|fetch first|non-fast-forward|cannot lock ref|incorrect old value")


@dataclasses.dataclass(frozen=True)
class Source:
    """The commit of the fleet that is rendered: its id, its first line, and when it was made (git's raw date)."""

    commit: str
    subject: str
    date: str


@dataclasses.dataclass(frozen=True)
class Push:
    """What is pushed where. ``author`` is "NAME <MAIL>"."""

    access: Access
    branch: str
    author: str
    compiled: tuple[Compiled, ...]
    engine: str
    source: Source
    timeout: float = 300.0


@dataclasses.dataclass(frozen=True)
class Pushed:
    """``head`` is the branch's commit now (empty: it does not exist yet); ``before`` is what it was.

    ``left`` are clusters that have a folder there and are not in the inventory.
    """

    change: Change
    before: str
    head: str
    message: str
    texts: t.Mapping[str, str]
    left: tuple[str, ...]


def source_of(folder: pathlib.Path, timeout: float) -> Source:
    """Return the last commit that touched a fleet. Raises ``PlatformError`` where the folder holds what is in none."""
    git = Git(folder, Access(str(folder)), timeout)
    changed = git.need("read the fleet's history", "status", "--porcelain", "--", ".").decode()
    if changed.strip():
        files = [line[3:] for line in changed.splitlines()]
        raise PlatformError(
            f"{folder}: {len(files)} files of the fleet are not committed, like {files[0]}.",
            kind="conflict",
            remedy="Commit them first: every rendered object names the commit that it comes from.",
        )
    told = git.need("read the fleet's history", "log", "-1", "--format=%H%n%s%n%cd", "--date=raw", "--", ".").decode()
    if not told.strip():
        raise PlatformError(
            f"{folder}: no commit holds the fleet.", kind="not_found", remedy="Commit it to a repository of yours."
        )
    commit, subject, date = told.splitlines()[:3]
    return Source(commit, subject, date)


def publish(push: Push, *, check_mode: bool) -> Pushed:
    """Bring the branch to what the fleet compiles to. Raises ``PlatformError``; then the branch is as it was."""
    with tempfile.TemporaryDirectory(prefix="seaworthy-fleet-") as scratch:
        git = Git(pathlib.Path(scratch), push.access, push.timeout)
        git.need("prepare", "init", "--quiet", "--bare", ".")
        for _attempt in range(ATTEMPTS):
            found = _compared(git, push)
            if check_mode or not found.change:
                return found
            head = _commit(git, push, found)
            output = _push(git, push, head)
            if not output:
                return dataclasses.replace(found, head=head)
        reason = without_secret(push.access, output).strip().splitlines()[-1]
        raise PlatformError(
            f"{push.access.shown}: branch {push.branch} moved {ATTEMPTS} times while it was written ({reason}).",
            kind="conflict",
            remedy="Nothing was pushed; run the same command again when others are done.",
            resumable=True,
        )


def _compared(git: Git, push: Push) -> Pushed:
    head = _head(git, push)
    existing = _texts(git, head) if head else {}
    clusters = {result.cluster for result in push.compiled}
    ours = {path: text for path, text in existing.items() if path.split("/")[1] in clusters}
    _refuse_edited(git, push, head, edited(ours))
    found = change(push.compiled, ours, push.source.commit, push.engine)
    said = message(found, clusters, push.source.commit, push.source.subject)
    left = sorted({path.split("/")[1] for path in existing} - clusters)
    return Pushed(found, head, head, said, ours, tuple(left))


def _head(git: Git, push: Push) -> str:
    """Return the branch's commit, fetched; empty if there is no such branch."""
    ref = f"refs/heads/{push.branch}"
    listed = git.need(f"read branch {push.branch}", "ls-remote", push.access.url, ref).decode().split()
    if not listed:
        return ""
    git.need(f"fetch branch {push.branch}", "fetch", "--quiet", "--depth=1", push.access.url, f"+{ref}:refs/heads/base")
    return git.need("read the branch", "rev-parse", "refs/heads/base").decode().strip()


def _texts(git: Git, head: str) -> dict[str, str]:
    """Return the text of every file below rendered/ by its path."""
    listing = git.need("read the branch", "ls-tree", "-r", "-z", "--full-tree", head, f"{ROOT}/").decode()
    entries = [entry.partition("\t") for entry in listing.split("\0") if entry]
    rows = [(path, meta.split()[2]) for meta, _tab, path in entries]
    wanted = "".join(f"{blob}\n" for _path, blob in rows).encode()
    answer, place, found = git.need("read the branch", "cat-file", "--batch", stdin=wanted), 0, {}
    for path, _blob in rows:
        end = answer.index(b"\n", place)
        size = int(answer[place:end].split()[2])
        found[path] = answer[end + 1 : end + 1 + size].decode(errors="replace")
        place = end + 1 + size + 1
    return {path: text for path, text in found.items() if path.count("/") >= 2}


def _refuse_edited(git: Git, push: Push, head: str, paths: t.Sequence[str]) -> None:
    if not paths:
        return
    who = git.need("read the branch", "log", "-1", "--format=%h by %an (%s)", head).decode().strip()
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    raise PlatformError(
        f"{push.access.shown}: {paths[0]}{more} was edited by hand, its checksum is not ours; last commit is {who}.",
        kind="foreign",
        remedy=f"Move the edit into the fleet and revert it here: only this module writes below {ROOT}/.",
        details={"files": list(paths[:100])},
    )


def _commit(git: Git, push: Push, found: Pushed) -> str:
    """Make the commit by one stream, and return its id. The same change makes the same commit."""
    text = found.message.encode()
    parts = [
        b"commit refs/heads/next\n",
        f"author {push.author} {push.source.date}\ncommitter {push.author} {push.source.date}\n".encode(),
        b"data %d\n%s\n" % (len(text), text),
        f"from {found.before}\n".encode() if found.before else b"",
        *(f'D "{path}"\n'.encode() for path in found.change.removed),
        *(_modified(path, body) for path, body in sorted(found.change.writes.items())),
        b"\ndone\n",
    ]
    git.need("write the commit", "fast-import", "--quiet", "--force", "--done", stdin=b"".join(parts))
    return git.need("write the commit", "rev-parse", "refs/heads/next").decode().strip()


def _modified(path: str, body: str) -> bytes:
    data = body.encode()
    return b'M 100644 inline "%s"\ndata %d\n%s\n' % (path.encode(), len(data), data)


def _push(git: Git, push: Push, head: str) -> str:
    """Push without force; return git's words if the branch moved meanwhile, an empty string if it is done."""
    done = git.run("push", "--porcelain", push.access.url, f"{head}:refs/heads/{push.branch}")
    if done.returncode == 0:
        return ""
    output = (done.stderr + done.stdout).decode(errors="replace")
    if MOVED.search(output):
        return output
    raise failure_of(push.access, f"push to branch {push.branch}", output)
