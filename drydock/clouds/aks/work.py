# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operation runs: it begins, takes its time, and ends with or without an error."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ...errors import DrydockError
from .. import plant
from ..timeline import Transition
from . import offers
from .protocol import FOREIGN_VERSION, Json
from .rules import Call, Refusal
from .store import Cluster, Job, Pool, Store, new_job, stamp

Failure = tuple[str, str]
Finish = t.Callable[[], None]
Plant: t.TypeAlias = plant.Plant[Cluster, Pool]
PaperPlant: t.TypeAlias = plant.PaperPlant[Cluster, Pool]
REST = 20.0
"""Cloud seconds between the end of a creation and the work of Azure's own that follows it."""


class Refused(Exception):
    """A refusal found while a request is performed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclasses.dataclass(frozen=True)
class Reply:
    """What is answered: no body for None. ``Azure_AsyncOperation`` and its like are header names."""

    body: t.Any
    status: int = 200
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


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
    url: str

    def later(self, seconds: float, finish: Finish, ready: t.Callable[[], bool] | None = None) -> None:
        self.store.schedule(Transition(self.now() + seconds, finish, ready or (lambda: True)))

    def addresses(self, job: Job, *, result: bool) -> dict[str, str]:
        """Return the headers that say where to look at an operation."""
        base = f"{self.url}/subscriptions/{job.subscription}/providers/Microsoft.ContainerService"
        query = f"api-version={FOREIGN_VERSION}{job.query and f'&{job.query}'}"
        at = f"{base}/locations/{job.location}"
        found = {"Azure_AsyncOperation": f"{at}/operations/{job.id}?{query}"}
        return {**found, "Location": f"{at}/operationresults/{job.id}?{query}"} if result else found


def begin(world: World, call: Call, kind: str, pool: str = "") -> Job:
    """Open the operation that a write answers with, and let the rules shape it and the call's drafts."""
    location = str((call.cluster.record if call.cluster else call.draft)["location"])
    call.job = new_job(kind, call.place.subscription, location.replace(" ", "").lower(), world.today(), pool)
    call.takes = offers.DURATIONS[kind]
    world.shape(call)
    return call.job


def run(
    world: World,
    call: Call,
    cluster: Cluster,
    finish: Finish,
    broken: Finish,
    ready: t.Callable[[], bool] | None = None,
) -> None:
    """Let the call's operation run. ``finish`` is what it leaves behind, ``broken`` what a failure does."""
    job = call.work
    world.store.keep(cluster, job)

    def done() -> None:
        failure = call.failure or trouble(finish)
        if failure is not None:
            job.error = {"code": failure[0], "message": failure[1]}
            broken()
        job.status, job.ended = "Failed" if failure else "Succeeded", stamp(world.today())

    world.later(call.takes, done, ready)


def trouble(work: Finish) -> Failure | None:
    """Do work on what stands behind a cluster; return the failure that the API will show, if any."""
    try:
        work()
    except DrydockError as exc:
        return "InternalOperationError", str(exc)
    return None


def own_work(world: World, cluster: Cluster, kind: str) -> None:
    """Let Azure work on a cluster by itself for a while."""

    def start() -> None:
        if cluster.running() or cluster.state != "Succeeded":
            return
        job = new_job(kind, cluster.subscription, str(cluster.record["location"]), world.today())
        world.store.keep(cluster, job)
        cluster.state = "Updating"
        world.later(offers.DURATIONS[kind], lambda: end(job))

    def end(job: Job) -> None:
        job.status, job.ended = "Succeeded", stamp(world.today())
        cluster.state = "Succeeded"
        cluster.seal()

    world.later(REST, start)


WHOLE = ("nodeLabels", "tags", "userAssignedIdentities")
"""Maps that are replaced and not merged."""


def merged(base: Json, above: t.Mapping[str, t.Any]) -> Json:
    """Return a record with a request laid over it. None and what is not said keep what is there."""
    found = dict(base)
    for name, value in above.items():
        if value is None:
            continue
        inner = found.get(name)
        if isinstance(value, dict) and isinstance(inner, dict) and name not in WHOLE:
            found[name] = merged(inner, value)
        else:
            found[name] = value
    return found
