# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read clusters and say what each is, in the same shape on every cloud, and how it could be upgraded. Cloud-neutral."""

from __future__ import annotations

import abc
import concurrent.futures
import dataclasses
import typing as t

from ..._common.clock import Clock, Deadline
from ..._common.progress import Progress
from .cloud import Cloud
from .observed import Observed
from .spec import Place, minor

Info = dict[str, t.Any]
READ_SECONDS = 120.0
READERS = 4
RESTING = ("ready", "degraded")
"""States from which an upgrade can begin."""


class ClusterReader(abc.ABC):
    """Reads of one account and location. Nothing is written."""

    @abc.abstractmethod
    def begin(self, deadline: Deadline, progress: Progress) -> None:
        """Check who we are, before anything else is read. Raises PlatformError, kind "wrong_account"."""

    @abc.abstractmethod
    def places(self) -> list[Place]:
        """Return the clusters that there are, in the order of their names."""

    @abc.abstractmethod
    def read(self, place: Place) -> Observed:
        """Return all that can be known of one cluster, with versions and findings."""


def read_clusters(reader: ClusterReader, cloud: Cloud, scope: Place, *, clock: Clock, progress: Progress) -> list[Info]:
    """Return the cluster of a scope, or all of them where it has no name; none where there is none."""
    reader.begin(Deadline(clock, READ_SECONDS), progress)
    places = [scope] if scope.name else reader.places()
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(reader.read, places))
    return [describe(cloud, place, seen) for place, seen in zip(places, found, strict=True) if seen.cluster]


def describe(cloud: Cloud, place: Place, observed: Observed) -> Info:
    """Return the uniform ``cluster`` value with ``upgrade``."""
    return {**cloud.describe(place, observed), "upgrade": upgrade(cloud, observed)}


def upgrade(cloud: Cloud, observed: Observed) -> Info:
    """Return where the control plane could go, until when each version is supported, and what is in the way."""
    now = cloud.version_of(observed.cluster)
    targets = [
        {"version": version, "hops": max(1, minor(version) - minor(now)), **cloud.support_of(version, observed)}
        for version in cloud.targets(observed)
    ]
    return {"targets": targets, "blockers": blockers(cloud, observed, bool(targets))}


def blockers(cloud: Cloud, observed: Observed, upgradable: bool) -> list[Info]:
    """Return what has to be done before the next hop: each with code, message and resources."""
    found = [*_unsettled(cloud, observed)]
    if upgradable:
        found += _lagging(cloud, observed)
    return found + cloud.findings(observed)


def _unsettled(cloud: Cloud, observed: Observed) -> t.Iterator[Info]:
    targets = {"control plane": observed.cluster or {}}
    targets.update({f"node pool {name}": pool for name, pool in sorted(observed.pools.items())})
    for target, document in targets.items():
        if cloud.state(document) not in RESTING:
            said = f"the {target} is {document.get('status', 'in an unknown state')}"
            yield {"code": "NotReady", "message": said, "resources": [target]}


def _lagging(cloud: Cloud, observed: Observed) -> list[Info]:
    """A pool that the next hop would leave too many minors behind has to be rolled first."""
    following = minor(cloud.version_of(observed.cluster)) + 1
    return [
        {
            "code": "PoolTooOld",
            "message": f"node pool {name} runs {cloud.pool_version(pool)}; "
            f"1.{following} allows {cloud.max_skew(pool, None)} minors less at most",
            "resources": [f"node pool {name}"],
        }
        for name, pool in sorted(observed.pools.items())
        if following - minor(cloud.pool_version(pool)) > cloud.max_skew(pool, None)
    ]


def place_in(scope: Place, name: str, location: str = "") -> Place:
    """Return a cluster of a scope; ``location`` where it differs from the scope's."""
    return dataclasses.replace(scope, name=name, location=location or scope.location)
