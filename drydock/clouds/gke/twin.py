# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GKE twin: one request in, one answer out, all rules asked in between."""

from __future__ import annotations

import dataclasses
import datetime
import threading
import typing as t

from ...clock import CloudClock
from ...faults import Faults
from ...identity.google_token import Bearer
from ...web import Request
from .. import furniture
from ..rules import Stage, judge
from . import catalogue, clusters, pools, protocol, shaping, validity
from .door import Answer
from .plant import PaperPlant, Plant
from .project import GoogleSeed
from .protocol import Json, Message
from .rules import Call, Place, Refusal, Rule
from .store import Store
from .work import Refused, World

ALL: t.Sequence[Rule] = (*catalogue.RULES, *validity.RULES, *shaping.RULES)
Handler = t.Callable[[World, Call], Message]
OPERATIONS: dict[str, Handler] = {
    "CreateCluster": clusters.create_cluster,
    "GetCluster": clusters.get_cluster,
    "ListClusters": clusters.list_clusters,
    "DeleteCluster": clusters.delete_cluster,
    "UpdateCluster": clusters.update_cluster,
    "SetLabels": clusters.set_labels,
    "SetMaintenancePolicy": clusters.set_maintenance_policy,
    "GetOperation": clusters.get_operation,
    "ListOperations": clusters.list_operations,
    "GetServerConfig": clusters.get_server_config,
    "FetchClusterUpgradeInfo": clusters.fetch_upgrade_info,
    "CreateNodePool": pools.create_node_pool,
    "GetNodePool": pools.get_node_pool,
    "ListNodePools": pools.list_node_pools,
    "UpdateNodePool": pools.update_node_pool,
    "DeleteNodePool": pools.delete_node_pool,
    "SetNodePoolSize": pools.set_size,
    "SetNodePoolAutoscaling": pools.set_autoscaling,
    "SetNodePoolManagement": pools.set_management,
}
SEGMENTS = {"projects": "project", "locations": "location", "clusters": "cluster", "nodePools": "pool"}
SEGMENTS |= {"operations": "operation"}


class GkeTwin:
    """A strict twin of Google Kubernetes Engine. ``rules`` may be any part of the table; tests leave one out."""

    def __init__(self, clock: CloudClock, faults: Faults, seed: GoogleSeed, plant: Plant | None = None) -> None:
        self.clock = clock
        self.faults = faults
        self.seed = seed
        self.plant: Plant = plant or PaperPlant()
        self.rules: t.Sequence[Rule] = ALL
        self.store = Store()
        self._origin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=clock.now())
        self._lock = threading.RLock()

    def today(self) -> datetime.datetime:
        """Return cloud time as a date: maintenance windows and the times of operations follow it."""
        return self._origin + datetime.timedelta(seconds=self.clock.now())

    def reset(self) -> None:
        """Forget everything; what stands behind the clusters is stopped."""
        with self._lock:
            self.plant.stop_all()
            self.store = Store()
            self.rules = ALL

    def settle(self) -> int:
        """Finish what is due; return how many transitions ended."""
        with self._lock:
            done = self.store.settle(self.clock.now())
            resting = [cluster for cluster in self.store.clusters.values() if cluster.status == "RUNNING"]
            furniture.tend(resting, self.clock.now(), self.plant.furnish)
            return done

    def document(self) -> list[Json]:
        with self._lock:
            return self.store.document()

    def groups_on(self, place: tuple[str, str, str], email: str) -> list[str] | None:
        """Return the groups of a caller on the cluster at (project, location, name), or None if there is none."""
        cluster = self.store.clusters.get(place)
        if cluster is None:
            return None
        return ["system:masters"] if email == cluster.creator else []

    def operation(self, request: Request) -> str:
        route = protocol.route(request)
        return route[0].name if route else f"{request.method} {request.path}"

    def answer(self, operation: str, parsed: protocol.Parsed, name: str, bearer: Bearer) -> Answer:
        """Answer one authenticated request about the resource of a name, whatever transport it came over."""
        if operation not in OPERATIONS:
            text = f"drydock's GKE twin has no method {operation}"
            return Answer(refusal=Refusal("UNIMPLEMENTED", text))
        with self._lock:
            self.clock.tick()
            self.settle()
            try:
                found = self._perform(self._call(operation, parsed, place_of(name), bearer))
            except Refused as exc:
                return Answer(refusal=exc.refusal)
            return Answer(found, wrote=operation in shaping.WRITES)

    def _call(self, operation: str, parsed: protocol.Parsed, place: Place, bearer: Bearer) -> Call:
        project = self.seed.projects.get(place.project) or self._by_number(place.project)
        if project is not None:
            place = dataclasses.replace(place, project=project.id)
        return Call(operation, parsed.request, parsed.problem, place, bearer, project, self.faults, self.today())

    def _by_number(self, number: str) -> t.Any:
        return next((p for p in self.seed.projects.values() if p.number == number), None)

    def _perform(self, call: Call) -> Message:
        self._ask(Stage.ADMIT, call)
        self._find(call)
        self._ask(Stage.REFUSE, call)
        world = World(
            store=self.store,
            plant=self.plant,
            now=self.clock.now,
            today=self.today,
            shape=lambda c: self._ask(Stage.SHAPE, c),
            settle=lambda c: self._ask(Stage.SETTLE, c),
            waits=self.clock.waits,
        )
        return OPERATIONS[call.operation](world, call)

    def _ask(self, stage: Stage, call: Call) -> None:
        refusal = judge(self.rules, stage, self.store, call)
        if refusal is not None:
            raise Refused(refusal)

    def _find(self, call: Call) -> None:
        """Look up what the request is about; raise Refused if it is not there."""
        place = call.place
        if not place.cluster:
            return
        call.cluster = self.store.find(place.project, place.location, place.cluster)
        if call.cluster is None:
            raise Refused(Refusal("NOT_FOUND", f"Not found: {call.path()}."))
        if place.pool and not call.cluster.record.autopilot.enabled:
            call.pool = call.cluster.pools.get(place.pool)
            if call.pool is None:
                raise Refused(Refusal("NOT_FOUND", f'Not found: node pool "{place.pool}" not found.'))


def place_of(name: str) -> Place:
    """Return the parts of a resource name, like projects/p/locations/l/clusters/c."""
    parts = name.split("/")
    return Place(**{SEGMENTS[kind]: value for kind, value in zip(parts[::2], parts[1::2], strict=True)})
