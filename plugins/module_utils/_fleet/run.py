# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doors of the fleet do: read a folder, check it on an estate, say or return what it becomes."""

from __future__ import annotations

import datetime
import typing as t

from .._common.argspec import ArgumentSpec
from .._common.errors import InvalidInput, did_you_mean
from .check import check
from .compile import PARTS, Compiled, compile_cluster
from .estate import estate_of
from .load import load, read_folder
from .model import Estate, Fleet

Params = t.Mapping[str, t.Any]

ESTATE = ArgumentSpec({"environments": {"type": "list", "elements": "str"}, "clusters": {"type": "dict"}})
FLEET_CHECK = ESTATE.merged(ArgumentSpec({"path": {"type": "path", "required": True}}))


def checked(path: str, environments: t.Any, clusters: t.Any) -> tuple[Fleet, Estate]:
    """Return the fleet of a folder and its estate. Raises ``InvalidInput`` with every fault."""
    estate = estate_of(environments, clusters)
    fleet = load(read_folder(path))
    check(fleet, estate, datetime.date.today())
    return fleet, estate


def fleet_check(params: Params) -> dict[str, t.Any]:
    """Return what a fleet holds and how much each cluster gets of it. Never writes."""
    fleet, estate = checked(params["path"], params["environments"], params["clusters"])
    compiled = [compile_cluster(fleet, cluster) for cluster in estate.clusters]
    return {
        "changed": False,
        "summary": {
            "teams": len(fleet.teams),
            "projects": len(fleet.projects),
            "applications": len(fleet.applications),
            "app_groups": len(fleet.app_groups),
        },
        "clusters": {result.cluster: counts(result) for result in compiled},
    }


def counts(result: Compiled) -> dict[str, int]:
    """Return how many files a cluster gets, by part."""
    found = dict.fromkeys(PARTS, 0)
    for file in result.files:
        found[file.partition("/")[0]] += 1
    return {part: number for part, number in found.items() if number}


def compiled_for(path: str, environments: t.Any, clusters: t.Any, name: str) -> Compiled:
    """Return what one cluster of the inventory gets."""
    fleet, estate = checked(path, environments, clusters)
    cluster = estate.cluster(name)
    if cluster is None:
        known = [each.name for each in estate.clusters]
        raise InvalidInput([f'cluster is "{name}"; must be one of {", ".join(known)}{did_you_mean(name, known)}'])
    return compile_cluster(fleet, cluster)
