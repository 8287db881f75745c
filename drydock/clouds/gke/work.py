# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operation runs: it begins, takes its time, and ends with or without an error."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ...errors import DrydockError
from ..timeline import Transition
from . import offers, protocol
from .plant import Plant
from .protocol import Message
from .rules import Call, Refusal
from .store import Cluster, Job, Pool, Store, enum, new_job, stamp

Failure = tuple[str, str]
Finish = t.Callable[[], None]


class Refused(Exception):
    """A refusal found while a request is performed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclasses.dataclass
class World:
    """What operations work on; ``shape`` and ``settle`` run the rules of those stages on a call's drafts."""

    store: Store
    plant: Plant
    now: t.Callable[[], float]
    today: t.Callable[[], datetime.datetime]
    shape: t.Callable[[Call], None]
    settle: t.Callable[[Call], None]
    waits: bool

    def later(self, seconds: float, finish: Finish, ready: t.Callable[[], bool] | None = None) -> None:
        """Finish after ``seconds`` of cloud time, at once if there are none."""
        if seconds <= 0 and ready is None:
            finish()
        else:
            self.store.schedule(Transition(self.now() + seconds, finish, ready or (lambda: True)))


def begin(world: World, call: Call, kind: str, pool: str = "") -> Job:
    """Open the operation that a write answers with, and let the rules shape it and the call's drafts."""
    call.job = new_job(kind, call.here, pool, world.today())
    world.shape(call)
    return call.job


def run(
    world: World,
    call: Call,
    finish: Finish,
    broken: t.Callable[[Failure], None] | None = None,
    ready: t.Callable[[], bool] | None = None,
) -> Message:
    """Let the call's operation run and return it as first answered. ``broken`` says what a failure leaves behind."""
    job, cluster = call.job, call.here
    assert job is not None
    world.store.keep(cluster, job)
    cluster.settle_status()

    def done() -> None:
        failure = call.failure or trouble(finish)
        if failure is not None and broken is not None:
            broken(failure)
        _close(job, failure if failure is not None else None, call.condition, world.today())
        cluster.settle_status()

    first = protocol.copied(job.record)
    if job.pool and call.takes > 0:  # recordings/gke/nodepool-swap-update.json: those of pools may wait first
        first.status = enum("Operation", "status", "PENDING")
    world.later(call.takes, done, ready)
    return first if job.running else protocol.copied(job.record)


def trouble(work: Finish) -> Failure | None:
    """Do work on what stands behind a cluster; return the failure that the API will show, if any."""
    try:
        work()
    except DrydockError as exc:
        return "INTERNAL", str(exc)
    return None


# What a finished operation counts. Source: recordings/gke/nodepool-swap-update.json.
PROGRESS: dict[str, tuple[tuple[str, int], ...]] = {
    "CREATE_CLUSTER": (
        ("CLUSTER_CONFIGURING", 8),
        ("CLUSTER_CONFIGURING_TOTAL", 8),
        ("CLUSTER_DEPLOYING", 10),
        ("CLUSTER_DEPLOYING_TOTAL", 10),
        ("CLUSTER_HEALTHCHECKING", 1),
        ("CLUSTER_HEALTHCHECKING_TOTAL", 2),
    ),
    "UPGRADE_NODES": (("NODES_TOTAL", 1), ("NODES_FAILED", 0), ("NODES_COMPLETE", 1), ("NODES_DONE", 1)),
}


def _close(job: Job, failure: Failure | None, condition: bool, now: datetime.datetime) -> None:
    record = job.record
    record.status = enum("Operation", "status", "DONE")
    record.end_time = stamp(now)
    for name, count in PROGRESS.get(job.kind, ()):
        record.progress.metrics.add(name=name, int_value=count)
    if failure is None:
        return
    name = offers.CANONICAL.get(failure[0], failure[0])
    record.error.code = protocol.CODES[name if name in protocol.CODES else "INTERNAL"][0]
    record.error.message = record.status_message = failure[1]
    if condition:
        conditions = record.nodepool_conditions if job.pool else record.cluster_conditions
        conditions.append(condition_of(failure))


def condition_of(failure: Failure) -> Message:
    """Return a failure as the API shows it on a resource; codes that are no condition's are UNKNOWN."""
    found = protocol.new("StatusCondition")
    codes = found.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_name
    found.code = codes[failure[0]].number if failure[0] in codes else codes["UNKNOWN"].number
    name = offers.CANONICAL.get(failure[0], failure[0])
    found.canonical_code = protocol.CODES[name if name in protocol.CODES else "INTERNAL"][0]
    found.message = failure[1]
    return found


def mark_broken(subject: Cluster | Pool, status: str, failure: Failure, condition: bool) -> None:
    """Show a failure on a cluster or a pool."""
    message = "Cluster" if isinstance(subject, Cluster) else "NodePool"
    subject.record.status = enum(message, "status", status)
    subject.record.status_message = failure[1]
    if condition:
        del subject.record.conditions[:]
        subject.record.conditions.append(condition_of(failure))


def mark_sound(subject: Cluster | Pool) -> None:
    """Show that a cluster or a pool runs, without what an earlier failure left."""
    message = "Cluster" if isinstance(subject, Cluster) else "NodePool"
    subject.record.status = enum(message, "status", "RUNNING")
    subject.record.status_message = ""
    del subject.record.conditions[:]
    subject.seal()
