# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the machine-owned folder of a repository, and what of it changes. Pure.

Every file and every object in it names the commit of the fleet that last changed it. So a commit that concerns others
leaves a file as it is, byte by byte, and the same fleet once more changes nothing at all. A file also carries the
checksum of what we wrote: an edit by hand is seen, not overwritten.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from .compile import Compiled
from .compiled.room import Object
from .emit import block

ROOT = "rendered"
COMMIT = "seaworthy.dev/commit"
"""Annotation of an object: the commit of the fleet that last changed it."""
TITLE = "# Rendered by seaworthy.platform from the fleet: change that, not this file."
HEADER = re.compile(rf"{re.escape(TITLE)}\n# commit: ([0-9a-f]{{7,64}})\n# sha256: ([0-9a-f]{{64}})\n")
MARK = re.compile(rf'^    {re.escape(COMMIT)}: "?([0-9a-f]+)"?$', re.MULTILINE)
KEEP = {
    "argocd": {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"},
    "flux": {"kustomize.toolkit.fluxcd.io/prune": "disabled"},
}
"""What keeps an engine from deleting a namespace, with all that teams have in it, because a file is gone."""

Texts = t.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Change:
    """What a commit of the repository does: paths with their new text, and paths that go."""

    added: Texts
    changed: Texts
    removed: tuple[str, ...]

    @property
    def writes(self) -> dict[str, str]:
        return {**self.added, **self.changed}

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def of(self, cluster: str) -> tuple[int, int, int]:
        """Return how many files of a cluster are added, changed and removed."""
        prefix = f"{ROOT}/{cluster}/"
        groups = (self.added, self.changed, self.removed)
        return t.cast("tuple[int, int, int]", tuple(sum(f.startswith(prefix) for f in group) for group in groups))


def edited(existing: Texts) -> list[str]:
    """Return the files that somebody else wrote: their checksum, or the whole header, is not ours."""
    return sorted(path for path, text in existing.items() if not _is_ours(text))


def _is_ours(text: str) -> bool:
    header = HEADER.match(text)
    return header is not None and header[2] == _checksum(text[header.end() :])


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def change(compiled: t.Iterable[Compiled], existing: Texts, commit: str, engine: str) -> Change:
    """Return what changes in the folders of some clusters.

    ``existing`` maps the paths below these folders to their text, all of it ours; ``commit`` is the commit of the
    fleet that was compiled.
    """
    added: dict[str, str] = {}
    changed: dict[str, str] = {}
    wanted: set[str] = set()
    for result in compiled:
        for file, objects in result.files.items():
            path = f"{ROOT}/{result.cluster}/{file}"
            wanted.add(path)
            before = existing.get(path)
            text = file_text([_kept(obj, engine) for obj in objects], before or "", commit)
            if text != before:
                (added if before is None else changed)[path] = text
    return Change(added, changed, tuple(sorted(existing.keys() - wanted)))


def _kept(obj: Object, engine: str) -> Object:
    return annotated(obj, KEEP[engine]) if obj.get("kind") == "Namespace" else obj


def file_text(objects: t.Sequence[Object], before: str, commit: str) -> str:
    """Return the text of a file; ``before`` is what it holds now, and what of it did not change keeps its commit."""
    header = HEADER.match(before)
    old = before[header.end() :] if header else ""
    body = "".join(f"---\n{part}" for part in _blocks(objects, old, commit))
    if header and body == old:
        return before
    return f"{TITLE}\n# commit: {commit}\n# sha256: {_checksum(body)}\n{body}"


def _blocks(objects: t.Sequence[Object], old: str, commit: str) -> t.Iterator[str]:
    known = set(old.split("---\n")[1:])
    commits = sorted(set(MARK.findall(old)))
    for obj in objects:
        candidates = (block(marked(obj, earlier)) for earlier in commits)
        yield next((text for text in candidates if text in known), None) or block(marked(obj, commit))


def marked(obj: Object, commit: str) -> Object:
    """Return an object with its commit; data that is no object has it in the head of its file alone."""
    return annotated(obj, {COMMIT: commit}) if "apiVersion" in obj else obj


def annotated(obj: Object, annotations: Texts) -> Object:
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **annotations}}}


def message(found: Change, clusters: t.Iterable[str], commit: str, subject: str) -> str:
    """Return a commit message: why (the fleet's commit) and what (by cluster, who is concerned)."""
    lines = [f"Fleet {commit[:12]}: {subject}", ""]
    for cluster in sorted(clusters):
        added, changed, removed = found.of(cluster)
        if added or changed or removed:
            concerned = ", ".join(_concerned(found, cluster))
            lines.append(f"{cluster}: {added} added, {changed} changed, {removed} removed ({concerned})")
    return "\n".join([*lines, "", f"Fleet-Commit: {commit}", ""])


def _concerned(found: Change, cluster: str, most: int = 6) -> list[str]:
    """Return whose files change: each by its name and the folder that it is in."""
    prefix = f"{ROOT}/{cluster}/"
    paths = [path.removeprefix(prefix) for path in (*found.writes, *found.removed) if path.startswith(prefix)]
    names = sorted({"/".join(path.removesuffix(".yaml").split("/")[-2:]) for path in paths})
    return names if len(names) <= most else [*names[:most], f"and {len(names) - most} more"]
