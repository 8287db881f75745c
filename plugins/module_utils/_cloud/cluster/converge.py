# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters in the loop of observe, plan, execute. Cloud-neutral."""

from __future__ import annotations

import typing as t

from ..._common.clock import Clock
from ..._common.progress import Progress
from ..reconcile.actions import Plan, summary
from ..reconcile.converge import Result, Terms, converge
from .documents import documents
from .driver import ClusterDriver
from .observed import Observed
from .plan import plan as make_plan
from .preflight import drift
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
        return {
            "cluster": self.spec.cloud.describe(self.spec.place, last),
            "diff": documents(self.spec, first),
            "drift": [item.public() for item in drift(self.spec, first)],
            "warnings": warnings(self.spec, last),
        }


def warnings(spec: Spec, observed: Observed) -> list[str]:
    said = [f"{spec.place.subject}: {name} could not be read for want of a permission" for name in observed.unknown]
    for name, pool in sorted(observed.pools.items()):
        if spec.cloud.state(pool) == "degraded":
            issues = spec.cloud.issues(pool)
            why = "; ".join(f"{issue['code']}: {issue['message']}" for issue in issues)
            said.append(f"{spec.place.subject}: node pool {name} is {pool['status']} ({why or 'no reason given'})")
    return sorted(said)
