# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checked fleet and one cluster become that cluster's files. Pure: the same fleet, the same files, in the same order.

Every file holds what one team, project or application alone decides, so that a change of one application changes its
own files and no other.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .compiled.argocd import argocd_files
from .compiled.flux import flux_files
from .compiled.namespaces import namespace_files
from .compiled.releases import releases_of
from .compiled.room import Files, Object, rooms_of
from .compiled.secrets import secret_files
from .compiled.team_data import data_files
from .emit import text_of
from .model import Cluster, Fleet

PARTS = ("tenancy", "secrets", "argocd", "app-groups", "flux", "alerting", "dashboards", "logging", "catalogue")
"""First folder of every file. Objects for the API server stand in the first three and in flux; the rest is data."""


@dataclasses.dataclass(frozen=True)
class Compiled:
    """``files`` maps a path below rendered/<cluster>/ to what the file holds."""

    cluster: str
    files: Files

    def part(self, name: str) -> list[tuple[Object, str]]:
        """Return what the files of one part hold, each with its file."""
        return [(obj, file) for file, found in self.files.items() if file.startswith(f"{name}/") for obj in found]

    def texts(self) -> dict[str, str]:
        """Return the files as YAML text."""
        return {file: text_of(found) for file, found in self.files.items()}


def compile_cluster(fleet: Fleet, cluster: Cluster) -> Compiled:
    """Return what one cluster gets of a fleet that ``check`` has passed."""
    rooms = rooms_of(fleet, cluster)
    releases = releases_of(fleet, rooms)
    engine: t.Callable[[], Files] = (
        (lambda: argocd_files(fleet, rooms, releases))
        if fleet.platform.engine == "argocd"
        else (lambda: flux_files(fleet, releases))
    )
    files: Files = {
        **namespace_files(rooms),
        **secret_files(rooms, releases),
        **engine(),
        **data_files(rooms, releases),
    }
    return Compiled(cluster.name, {file: files[file] for file in sorted(files)})
