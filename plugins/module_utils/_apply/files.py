# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set as files of a repository: one object a file, the same text for the same object, no mark of ours in it.

What a Git controller applies from there is that controller's, so label and change mark of the set are left out.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tempfile
import typing as t
import urllib.parse

from .._common.errors import InvalidInput, PlatformError
from .objects import COLLECTION, DESIRED, MANAGED_BY, PART_OF, SECRET, Desired, Object
from .yaml_text import dumped

CLUSTER = "_cluster"
"""Folder of what lives in no namespace; no namespace can be called so."""
Files = dict[str, str]


def header(set_name: str) -> str:
    """Return the first line of each file; a file without it is not ours to change."""
    return f"# {COLLECTION}, set {set_name}: generated, change its templates instead\n"


def file_name(member: Desired) -> str:
    """Return NAMESPACE/KIND[.GROUP]-NAME.yaml."""
    who = member.identity
    kind = f"{who.kind}.{who.group}" if who.group else who.kind
    return f"{who.namespace or CLUSTER}/{kind.lower()}-{urllib.parse.quote(who.name, safe='')}.yaml"


def rendered(set_name: str, members: t.Iterable[Desired]) -> Files:
    """Return the set as path -> text. Raises ``InvalidInput`` for Secrets with values."""
    members = list(members)
    secrets = [m for m in members if m.identity.group_kind == SECRET and m.payload.get("data")]
    if secrets:
        raise InvalidInput(
            [
                f"{m.source}: {m.label} holds values, which do not belong into a repository; "
                "let an ExternalSecret or the like make it"
                for m in secrets
            ]
        )
    return {file_name(member): header(set_name) + dumped(unmarked(member.payload)) for member in members}


def unmarked(payload: Object) -> Object:
    """Return the payload as its template says it."""
    metadata = dict(payload["metadata"])
    for name, ours in (("labels", {PART_OF: None, MANAGED_BY: COLLECTION}), ("annotations", {DESIRED: None})):
        kept = {k: v for k, v in (metadata.pop(name, None) or {}).items() if k not in ours or ours[k] not in (None, v)}
        if kept:
            metadata[name] = kept
    return {**payload, "metadata": metadata}


@dataclasses.dataclass(frozen=True)
class Change:
    """One file that differs; ``before`` or ``after`` is empty where it comes or goes."""

    path: str
    before: str
    after: str

    @property
    def action(self) -> str:
        return "created" if not self.before else "deleted" if not self.after else "configured"


def present(folder: pathlib.Path, set_name: str, wanted: t.Iterable[str]) -> Files:
    """Return the files of the set that are there. Raises where a file that is not ours stands in the way."""
    found = {}
    for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else ():
        text = path.read_text(encoding="utf-8", errors="replace")
        if text.startswith(header(set_name)):
            found[path.relative_to(folder).as_posix()] = text
    strange = [name for name in wanted if name not in found and (folder / name).exists()]
    if strange:
        raise PlatformError(
            f"{folder / strange[0]} is there and was not written by the set {set_name}.",
            kind="foreign",
            remedy="Nothing was written. Move it, or name another directory.",
        )
    return found


def changes(wanted: Files, there: Files) -> list[Change]:
    """Return what differs, by path. Pure."""
    paths = sorted({*wanted, *there})
    rows = (Change(path, there.get(path, ""), wanted.get(path, "")) for path in paths)
    return [row for row in rows if row.before != row.after]


def write(folder: pathlib.Path, rows: t.Iterable[Change]) -> None:
    """Make the folder so; each file is replaced as a whole."""
    for row in rows:
        path = folder / row.path
        if not row.after:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as stream:
            stream.write(row.after)
        os.chmod(stream.name, 0o644)  # as git keeps it; the temporary file is its owner's alone
        os.replace(stream.name, path)
