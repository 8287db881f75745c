# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EKS twin: one request in, one answer out, all rules asked in between."""

from __future__ import annotations

import copy
import dataclasses
import threading
import typing as t
import uuid

from botocore.model import OperationModel

from ...clock import CloudClock
from ...faults import Faults
from ...web import Request, Response
from ..aws.account import AccountView
from ..aws.principals import Principal
from ..aws.protocol import Json, RestJson
from ..aws.sigv4 import Signed
from ..furniture import tend
from ..rules import Stage, judge
from . import addons, catalogue, entries, furniture, insights, offers, operations, parts, providers, validity
from .operations import Refused, World
from .plant import PaperPlant, Plant
from .rules import Call, Refusal, Rule
from .store import Cluster, Pool, Record, Store

# Source: EKS answers ResourceNotFoundException also where an operation's own list does not name it.
NOT_FOUND = "ResourceNotFoundException"
ALL: t.Sequence[Rule] = (*catalogue.RULES, *parts.RULES, *validity.RULES)
OPERATIONS = {
    **operations.OPERATIONS,
    **addons.OPERATIONS,
    **entries.OPERATIONS,
    **providers.OPERATIONS,
    **insights.OPERATIONS,
}
TAGGED = ("cluster", "nodegroup", "addon", "access-entry", "identityproviderconfig")
TAGGING = ("TagResource", "UntagResource", "ListTagsForResource")


@dataclasses.dataclass(frozen=True)
class Answer:
    response: Response
    wrote: bool = False


class EksTwin:
    """A strict twin of Amazon EKS. ``rules`` may be any part of the table; tests leave one out."""

    def __init__(self, clock: CloudClock, faults: Faults, plant: Plant | None = None) -> None:
        self.protocol = RestJson("eks")
        self.clock = clock
        self.faults = faults
        self.plant: Plant = plant or PaperPlant()
        self.rules: t.Sequence[Rule] = ALL
        self.limits = {"Cluster": offers.CLUSTERS_PER_REGION, "Nodegroup": offers.POOLS_PER_CLUSTER}
        self.store = Store()
        self._views: dict[tuple[str, str], AccountView] = {}
        self._lock = threading.RLock()

    def reset(self) -> None:
        """Forget everything; what stands behind the clusters is stopped."""
        with self._lock:
            self.plant.stop_all()
            self.store = Store()
            self.limits = {"Cluster": offers.CLUSTERS_PER_REGION, "Nodegroup": offers.POOLS_PER_CLUSTER}

    def settle(self) -> int:
        """Finish what is due; return how many transitions ended."""
        with self._lock:
            done = self.store.settle(self.clock.now())
            resting = [c for c in self.store.clusters.values() if c.record["status"] == "ACTIVE" and furniture.kept(c)]
            tend(resting, self.clock.now(), self.plant.furnish)
            return done

    def document(self) -> list[Json]:
        with self._lock:
            return self.store.document()

    def forget_accounts(self) -> None:
        """Look at the accounts afresh: they were seeded anew."""
        self._views.clear()

    def groups_on(self, place: tuple[str, str, str], canonical: str) -> list[str] | None:
        """Return the groups of a caller on the cluster at (account, region, name), or None if there is none."""
        cluster = self.store.clusters.get(place)
        if cluster is None:
            return None
        if canonical in cluster.admins:
            return ["system:masters"]
        entry = cluster.entries.get(canonical)
        if entry is None:
            return []
        whole = {
            arn.rpartition("/")[2] for arn, row in entry.policies.items() if row["accessScope"]["type"] == "cluster"
        }
        admin = ["system:masters"] if offers.POLICIES[0] in whole else []
        return [*admin, *entry.record["kubernetesGroups"]]

    def operation(self, request: Request) -> str:
        route = self.protocol.route(request)
        return route[0].name if route else f"{request.method} {request.path}"

    def writes(self, operation: str) -> bool:
        return operation in OPERATIONS and OPERATIONS[operation].writes

    def answer(self, request: Request, principal: Principal, signed: Signed) -> Answer:
        """Answer one authenticated request; ``wrote`` says whether it changed the store."""
        request_id = str(uuid.uuid4())
        route = self.protocol.route(request)
        if route is None:
            text = "no operation has this address"
            return Answer(self.protocol.refuse("UnknownOperationException", text, request_id))
        operation, labels = route
        if operation.name not in OPERATIONS:
            text = f"drydock's EKS twin has no operation {operation.name}"
            return Answer(self.protocol.refuse("ServerException", text, request_id))
        with self._lock:
            self.clock.tick()
            self.settle()
            try:
                result, wrote = self._perform(operation, labels, request, principal, signed.region)
            except Refused as exc:
                refusal = exc.refusal
                return Answer(self.protocol.refuse(refusal.code, refusal.message, request_id, **refusal.members))
            return Answer(self.protocol.answer(operation, result, request_id), wrote)

    def _perform(
        self, operation: OperationModel, labels: t.Mapping[str, str], request: Request, caller: Principal, region: str
    ) -> tuple[Json, bool]:
        call = self._call(operation, labels, request, caller.account, region)
        self._ask(Stage.ADMIT, call)
        if call.replay is not None:
            return copy.deepcopy(call.replay), False
        self._find(call)
        self._ask(Stage.REFUSE, call)
        row = OPERATIONS[call.operation]
        asked = copy.deepcopy(call.params)
        world = World(self.store, self.plant, self.clock.now, lambda c: self._ask(Stage.SHAPE, c), self.clock.waits)
        result = row.handler(world, call, caller)
        if "clientRequestToken" in asked:
            self.store.answered[validity.token_key(call)] = (asked, copy.deepcopy(result))
        return result, row.writes

    def _call(
        self, operation: OperationModel, labels: t.Mapping[str, str], request: Request, account: str, region: str
    ) -> Call:
        params, faults = self.protocol.parse(operation, labels, request)
        call = Call(
            operation=operation.name,
            params=params,
            problems=self.protocol.problems(operation, params),
            declared=frozenset(shape.name for shape in operation.error_shapes),
            account=self._view(account, region),
            faults=self.faults,
            limits=self.limits,
        )
        if faults:
            raise Refused(call.invalid("; ".join(faults)))
        return call

    def _ask(self, stage: Stage, call: Call) -> None:
        refusal = judge(self.rules, stage, self.store, call)
        if refusal is not None:
            raise Refused(refusal)

    def _view(self, account: str, region: str) -> AccountView:
        key = account, region
        if key not in self._views:
            self._views[key] = AccountView(account, region)
        return self._views[key]

    def _find(self, call: Call) -> None:
        """Look up what the request is about; raise Refused if it is not there."""
        if call.operation in TAGGING:
            call.cluster, call.pool, call.part = self._tagged(call)
            return
        name = call.params.get("clusterName", call.params.get("name"))
        if name is None or call.operation == "CreateCluster":
            return
        call.cluster = self.store.find(call.account.account, call.account.region, name)
        if call.cluster is None:
            raise Refused(Refusal(NOT_FOUND, f"No cluster found for name: {name}.", {"clusterName": name}))
        pool = call.params.get("nodegroupName")
        if pool is None or call.operation == "CreateNodegroup":
            return
        call.pool = call.cluster.pools.get(pool)
        if call.pool is None:
            names = {"clusterName": name, "nodegroupName": pool}
            raise Refused(Refusal(NOT_FOUND, f"No node group found for name: {pool}.", names))

    def _tagged(self, call: Call) -> tuple[Cluster, Pool | None, Record | None]:
        arn = call.params["resourceArn"]
        head, _, path = arn.partition(f":{call.account.account}:")
        kind, *names = path.split("/")
        if head != f"arn:aws:eks:{call.account.region}" or kind not in TAGGED or len(names) < 1:
            raise Refused(Refusal("BadRequestException", f"Invalid resourceArn: {arn}"))
        cluster = self.store.find(call.account.account, call.account.region, names[0])
        if cluster is not None and kind == "cluster" and cluster.record["arn"] == arn:
            return cluster, None, None
        pools = {pool.record["nodegroupArn"]: pool for pool in cluster.pools.values()} if cluster else {}
        if cluster is not None and arn in pools:
            return cluster, pools[arn], None
        found = _parts(cluster).get(arn) if cluster else None
        if cluster is None or found is None:
            raise Refused(Refusal("NotFoundException", f"Resource Not Found: {arn}"))
        return cluster, None, found


def _parts(cluster: Cluster) -> dict[str, Record]:
    """Return what a cluster has that tags can be on, by ARN."""
    found = {addon["addonArn"]: addon for addon in cluster.addons.values()}
    found.update({entry.record["accessEntryArn"]: entry.record for entry in cluster.entries.values()})
    found.update({provider["identityProviderConfigArn"]: provider for provider in cluster.providers.values()})
    return found
