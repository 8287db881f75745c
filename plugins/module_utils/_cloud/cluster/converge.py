# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters in the loop of observe, plan, execute. Cloud-neutral."""

from __future__ import annotations

import typing as t

from ..._common.clock import Clock
from ..._common.progress import Progress
from ..reconcile.actions import Plan, render, summary
from ..reconcile.converge import Result, Terms, converge
from .documents import documents
from .driver import ClusterDriver
from .guard import guard_warnings
from .observed import Observed
from .parts import Undeclared, part_drift
from .plan import plan as make_plan
from .preflight import drift, is_ours
from .replace import settled
from .spec import Spec


def converge_cluster(
    driver: ClusterDriver, spec: Spec, *, check_mode: bool, progress: Progress, clock: Clock
) -> Result:
    """Bring the cluster to the desired state and return the uniform result. Check mode reads and plans only.

    Raises PlatformError; its details then hold ``changed`` and the ``actions`` so far.
    """
    return converge(ClusterCase(driver, spec), check_mode=check_mode, progress=progress, clock=clock)


class ClusterCase:
    def __init__(self, driver: ClusterDriver, spec: Spec) -> None:
        self.driver = driver
        self.spec = spec
        self.terms = Terms(
            subject=spec.place.subject,
            thing="cluster",
            idle="ABSENT" if spec.absent else "ACTIVE",
            wait=spec.wait,
            wait_timeout=spec.wait_timeout,
            poll_interval=spec.poll_interval,
            first_pause=spec.cloud.first_pause,
        )

    def observe(self, suspicious: bool) -> Observed:
        return self.driver.observe(self.spec, suspicious=suspicious)

    def plan(self, observed: Observed) -> Plan:
        return make_plan(self.spec, observed)

    def summary(self, plan: Plan) -> str:
        return summary(plan)

    def told(self, first: Observed, last: Observed) -> dict[str, t.Any]:
        spec = settled(self.spec, first)
        kept = undeclared(spec, first)
        return {
            "cluster": spec.cloud.describe(spec.place, last),
            "diff": documents(spec, first),
            "drift": drifted(spec, first),
            "plan_text": render(self.plan(first)) + kept_text(kept),
            "leftovers": spec.cloud.leftovers(last) if spec.absent else [],
            "undeclared": [thing.public() for thing in kept],
            "warnings": warnings(spec, last),
        }


def drifted(spec: Spec, observed: Observed) -> list[dict[str, t.Any]]:
    """Return every difference of the cluster, of its pools and of its parts."""
    parts = spec.cloud.parts(spec, observed) if observed.cluster and not spec.absent else ()
    return [*(item.public() for item in drift(spec, observed)), *part_drift(parts, spec.label)]


def undeclared(spec: Spec, observed: Observed) -> list[Undeclared]:
    """Return what is ours, in a section that the document declares, without being declared."""
    if spec.absent or observed.cluster is None:
        return []
    pools = [
        Undeclared(f"pool {name}", f"{spec.label}purge_node_pools")
        for name, pool in sorted(observed.pools.items())
        if spec.pools is not None and name not in spec.pools and not spec.purge_pools and is_ours(spec, pool)
    ]
    return pools + spec.cloud.undeclared(spec, observed)


def kept_text(kept: t.Sequence[Undeclared]) -> str:
    return "".join(f"- keep {thing.target}   {thing.public()['reason']}\n" for thing in kept)


def warnings(spec: Spec, observed: Observed) -> list[str]:
    said = [f"{spec.place.subject}: {name} could not be read for want of a permission" for name in observed.unknown]
    said += guard_warnings(spec, observed)
    said += [f"{spec.place.subject}: {text}" for text in spec.cloud.complaints(observed)]
    for name, pool in sorted(observed.pools.items()):
        if spec.cloud.state(pool) == "degraded":
            issues = spec.cloud.issues(pool)
            why = "; ".join(f"{issue['code']}: {issue['message']}" for issue in issues)
            said.append(f"{spec.place.subject}: node pool {name} is {pool['status']} ({why or 'no reason given'})")
    return sorted(said)
