# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AKS twin: one request in, one answer out, all rules asked in between."""

from __future__ import annotations

import dataclasses
import datetime
import json
import threading
import typing as t

from ...clock import CloudClock
from ...faults import Faults
from ...identity.entra_token import Bearer
from ...web import Request, Response
from .. import furniture
from ..rules import Stage, judge
from . import beside, catalogue, clusters, pools, protocol, schema, shaping, validity
from .protocol import Json, Route
from .rules import CLUSTER_PUT, POOL_PUT, WRITES, Call, Place, Refusal, Rule
from .store import Store
from .subscription import CLUSTER_ADMIN, AzureSeed
from .work import PaperPlant, Plant, Refused, Reply, World

ALL: t.Sequence[Rule] = (*validity.RULES, *catalogue.RULES, *shaping.RULES)
OPERATIONS: dict[str, t.Callable[[World, Call], Reply]] = {
    "Subscriptions_Get": clusters.get_subscription,
    "ResourceGroups_Get": clusters.get_group,
    "ManagedClusters_List": clusters.list_clusters,
    "ManagedClusters_ListByResourceGroup": clusters.list_clusters,
    "ManagedClusters_Get": clusters.get_cluster,
    "ManagedClusters_CreateOrUpdate": clusters.put_cluster,
    "ManagedClusters_UpdateTags": clusters.patch_tags,
    "ManagedClusters_Delete": clusters.delete_cluster,
    "ManagedClusters_ListClusterUserCredentials": clusters.user_credentials,
    "ManagedClusters_GetUpgradeProfile": clusters.upgrade_profile,
    "ManagedClusters_ListKubernetesVersions": clusters.list_versions,
    "AgentPools_List": pools.list_pools,
    "AgentPools_Get": pools.get_pool,
    "AgentPools_CreateOrUpdate": pools.put_pool,
    "AgentPools_Delete": pools.delete_pool,
    "Operations_Get": clusters.get_operation,
    "OperationResults_Get": clusters.get_operation,
    "MaintenanceConfigurations_ListByManagedCluster": beside.listed,
    "MaintenanceConfigurations_Get": beside.get,
    "ManagementLocks_ListAtScope": beside.listed,
    "DiagnosticSettings_List": beside.listed,
    **{f"{kind}_CreateOrUpdate": beside.put for kind in beside.KINDS},
    **{f"{kind}_Delete": beside.delete for kind in beside.KINDS},
}


@dataclasses.dataclass(frozen=True)
class Answer:
    response: Response
    wrote: bool = False


class AksTwin:
    """A strict twin of Azure Kubernetes Service. ``rules`` may be any part of the table; tests leave one out."""

    def __init__(self, clock: CloudClock, faults: Faults, seed: AzureSeed, plant: Plant | None = None) -> None:
        self.clock = clock
        self.faults = faults
        self.seed = seed
        self.plant: Plant = plant or PaperPlant()
        self.rules: t.Sequence[Rule] = ALL
        self.store = Store()
        self.url = ""
        self._origin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=clock.now())
        self._lock = threading.RLock()

    def today(self) -> datetime.datetime:
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
            resting = [cluster for cluster in self.store.clusters.values() if cluster.state == "Succeeded"]
            furniture.tend(resting, self.clock.now(), self.plant.furnish)
            return done

    def document(self) -> list[Json]:
        with self._lock:
            return self.store.document()

    def groups_on(self, place: tuple[str, str, str], bearer: Bearer) -> list[str] | None:
        """Return the groups of a caller on a cluster, or None where its tokens are not taken."""
        cluster = self.store.clusters.get(place)
        entra = (cluster.properties.get("aadProfile") or {}) if cluster else {}
        if not entra.get("managed"):
            return None
        groups, person = list(bearer.application.groups), bearer.application
        administers = set(groups) & set(entra.get("adminGroupObjectIDs") or ())
        by_role = entra.get("enableAzureRBAC") and CLUSTER_ADMIN in person.roles
        return [*groups, "system:masters"] if administers or by_role else groups

    def operation(self, request: Request) -> str:
        found = protocol.route(request)
        return found[0].operation if found else f"{request.method} {request.path}"

    def answer(self, request: Request, bearer: Bearer) -> Answer:
        """Answer one authenticated request; ``wrote`` says whether it changed the store."""
        found = protocol.route(request)
        if found is None:
            text = f"drydock's Azure has no resource at {request.path}"
            return Answer(protocol.gateway_error(404, "InvalidResourceType", text))
        with self._lock:
            self.clock.tick()
            self.settle()
            try:
                call = self._call(*found, request, bearer)
                reply = self._perform(call)
            except Refused as exc:
                return Answer(exc.refusal.response())
            return Answer(protocol.answer(reply.body, reply.status, reply.headers), call.operation in WRITES)

    def _call(self, route: Route, labels: t.Mapping[str, str], request: Request, bearer: Bearer) -> Call:
        query, body = request.parameters(), _body(request)
        shape = schema.BODIES.get(route.operation)
        return Call(
            operation=route.operation,
            right=route.right,
            api_version=query.get("api-version", [""])[0],
            versions=route.versions,
            place=Place(**labels),
            body=body,
            problem=schema.problem(body, shape) if shape else "",
            headers=request.headers,
            query=request.query,
            bearer=bearer.application,
            home=self.seed.subscriptions.get(labels["subscription"].lower()),
            faults=self.faults,
            now=self.clock.now(),
            today=self.today(),
        )

    def _perform(self, call: Call) -> Reply:
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
            url=self.url,
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
        call.cluster = self.store.find(place.subscription, place.group, place.cluster)
        if call.cluster is None and call.operation != CLUSTER_PUT:
            text = f"The Resource 'Microsoft.ContainerService/managedClusters/{place.cluster}' under resource group "
            raise Refused(Refusal(404, "ResourceNotFound", f"{text}'{place.group}' was not found.", gateway=True))
        if place.pool and call.cluster is not None:
            call.pool = call.cluster.pools.get(place.pool)
            if call.pool is None and call.operation != POOL_PUT:
                raise Refused(Refusal(404, "NotFound", f"Could not find the agentpool: {place.pool}."))


def _body(request: Request) -> Json:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError:
        return {"": "not JSON"}
    return found if isinstance(found, dict) else {"": "not an object"}
