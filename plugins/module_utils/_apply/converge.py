# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main way of a run: look, decide, ask, write what differs, wait until the whole set is ready."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._common.credentials import CredentialSource
from .._common.errors import InvalidInput, PlatformError
from . import record, report
from .apply import Hands
from .delete import labelled
from .discovery import Resources, discover
from .harden import PROFILES, harden_set
from .http import Client
from .immutable import check_kinds
from .load import defined_kinds, load
from .objects import SECRET, Desired, Object, Observed, identity_of
from .observe import get, list_objects, observe
from .order import GroupKind
from .plan import headline, objects, plan
from .preflight import Permits, unvalidated
from .prune import recorded_resources
from .pruning import Pruning
from .record import Record
from .report import Entry
from .run import Run, SetRequest
from .survey import Survey
from .writing import Writing
from .yields import AUTOSCALER, Ignored, scaled, yielding


@dataclasses.dataclass(frozen=True)
class _Look:
    """One look at the cluster, and what is to be pruned by it."""

    observed: Observed
    pruning: Pruning | None


class Convergence:
    """One run that keeps a set as desired."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._request = run.request

    def imagined(self) -> Entry:
        """The cluster is still to be made: everything would be created, nothing can be validated."""
        run, name = self._run, self._request.name
        if not run.check_mode and self._request.state == "managed":
            raise PlatformError(
                "the cluster does not exist yet, so nothing can be applied to it.",
                kind="not_found",
                remedy="Create it first: run the playbook without --tags, or seaworthy.platform.cluster.",
            )
        if self._request.state not in ("managed", "verified"):
            return {"changed": False, "set": name, "state": self._request.state, "objects": []}
        members = self._members(None)
        defined = defined_kinds(members)
        empty = Observed({}, {})
        run.steps = plan(members, empty, manager=run.manager, on_foreign="fail", defined=defined)
        for step in run.steps:
            run.note(unvalidated(step, "the cluster does not exist yet"))
        run.progress.say("plan", f"{objects(len(members))} to create (not validated: no cluster yet)")
        return run.result(None)

    def converged(self, credentials: CredentialSource) -> Entry:
        """Do it on a cluster that exists."""
        run = self._run
        check_kinds(self._request.recreate)
        with run.watch.phase("load"):
            members = self._members(None)
        client = run.client(credentials)
        try:
            with concurrent.futures.ThreadPoolExecutor(self._request.threads) as pool:
                return self._converged(client, pool, members)
        finally:
            client.close()

    def _converged(self, client: Client, pool: concurrent.futures.Executor, members: list[Desired]) -> Entry:
        run = self._run
        with run.watch.phase("discovery"):
            filed = pool.submit(record.read, client, self._request.name) if self._request.prune else None
            kinds = discover(client, pool.map)
            hands = Hands(client, run.manager, pool, kinds, _permits(self._request))
            found = filed.result() if filed else None
        members = self._placed(members, hands.resources)
        _check_scopes(members, hands.resources)
        look = self._looked(hands, members, found)
        if self._request.state == "verified":
            run.refuse_differences()
        elif run.check_mode:
            return run.result(client)
        if not (run.changing() or run.pruned() or run.refiled):
            self._settle(hands)
            return run.result(client)
        with run.locked(client, look.observed.version) as stale:
            if stale:
                run.forget()
                look = self._looked(hands, members, record.read(client, run.request.name) if found else None)
            self._do(hands, look.pruning)
        return run.result(client)

    def _looked(self, hands: Hands, members: list[Desired], found: Record | None) -> _Look:
        """Look at the cluster, decide what to do, and let the server judge that."""
        run = self._run
        with run.watch.phase("list"):
            observed = self._observed(hands, members, found)
        with run.watch.phase("compare"):
            members = self._settled(hands, members, observed)
            members = yielding(members, Ignored(self._request.ignore_fields))
            self._plan(members, observed)
            members = self._under_scalers(hands, members, observed)
        pruning = Pruning(run, members, observed, found) if self._request.prune else None
        if pruning:
            pruning.decide(hands.resources)
        self._ask(hands, observed, pruning)
        return _Look(observed, pruning)

    def _observed(self, hands: Hands, members: list[Desired], found: Record | None) -> Observed:
        """Look at the kinds of the members and of the record; where that was lost, at all kinds there are."""
        request = self._request
        whole = request.drift_check == "values"
        recorded = recorded_resources(found, hands.resources)
        observed = observe(hands.client, hands.pool, hands.resources, members, request.name, recorded, whole=whole)
        if request.prune and found is None and observed.ours:
            for _resource, obj in labelled(hands, request.name):
                observed.ours.setdefault(identity_of(obj), obj)
        return observed

    def _ask(self, hands: Hands, observed: Observed, pruning: Pruning | None) -> None:
        """Let the server judge what is to be written and deleted, before the first write."""
        run = self._run
        if not run.pruned() and not any(step.dirty for step in run.steps):
            return
        run.progress.say("plan", headline(run.steps, len(run.pruned())))
        with run.watch.phase("preflight"):
            for verdict in Survey(hands, run.steps, observed, check_mode=run.check_mode).verdicts():
                run.note(verdict)
            if pruning:
                pruning.ask(hands)

    def _do(self, hands: Hands, pruning: Pruning | None) -> None:
        """Write what differs, wait until all is ready, then let go what left the set."""
        run = self._run
        changing = run.changing()
        if pruning:
            pruning.widen(hands)
        if changing:
            with run.watch.phase("apply"):
                hands = Writing(run, hands).apply(changing)
        self._settle(hands)
        if pruning:
            with run.watch.phase("prune"):
                run.still_locked()
                pruning.finish(hands)

    def _settle(self, hands: Hands) -> None:
        """Wait until all is ready."""
        run = self._run
        changed = bool(run.changing())
        if self._request.wait:
            with run.watch.phase("wait"):
                self._wait(hands, changed=changed)
        run.say_end(changed or bool(run.pruned()))

    def desired(self) -> list[Desired]:
        """Return the set as it is wanted on a cluster of which nothing is known."""
        return self._members(None)

    def _placed(self, members: list[Desired], resources: Resources) -> list[Desired]:
        """Put what is namespaced and names no namespace into the set's."""
        space = self._request.namespace
        if not space:
            return members
        defined = defined_kinds(members)
        homeless = {m.identity for m in members if not m.identity.namespace and _namespaced(m, defined, resources)}
        objects = [
            ({**obj, "metadata": {**obj["metadata"], "namespace": space}} if identity_of(obj) in homeless else obj, at)
            for obj, at in self._request.objects
        ]
        self._request = dataclasses.replace(self._request, objects=objects)
        return self._members(None)

    def _members(self, existing: t.Callable[[Object], Object | None] | None) -> list[Desired]:
        """Return the set, hardened and marked; ``existing`` gives the live object of an identity."""
        request = self._request
        if request.harden not in PROFILES:
            raise InvalidInput([f'harden is "{request.harden}"; must be one of {", ".join(PROFILES)}'])
        members = load(request.name, request.objects)
        if request.harden == "none":
            self._learn(members)
            return members
        places = {member.identity: member.source for member in members}
        hardened = harden_set([obj for obj, _source in request.objects], request.harden, existing)
        sources = [(obj, places.get(identity_of(obj), "harden")) for obj in hardened]
        members = load(request.name, sources)
        self._learn(members)
        return members

    def _learn(self, members: t.Iterable[Desired]) -> None:
        report.learn(self._run.redactor, (m.payload for m in members if m.identity.group_kind == SECRET))

    def _settled(self, hands: Hands, members: list[Desired], observed: Observed) -> list[Desired]:
        """Harden again where a workload exists with a selector of its own: selectors never change."""
        if self._request.harden == "none":
            return members
        workloads = [member for member in members if "template" in _spec(member.payload)]
        live = {member.identity: self._whole(hands, member, observed) for member in workloads}
        if any(_other_selector(member.payload, live[member.identity]) for member in workloads):
            return self._members(lambda obj: live.get(identity_of(obj)))
        return members

    def _whole(self, hands: Hands, member: Desired, observed: Observed) -> Object | None:
        ours = observed.ours.get(member.identity)
        if ours is not None or member.identity not in observed.others:
            return ours
        return get(hands.client, hands.resources[member.kind], member.identity)

    def _plan(self, members: list[Desired], observed: Observed) -> None:
        self._run.known = dict(observed.ours)
        report.learn(self._run.redactor, (obj for obj in observed.ours.values() if obj["kind"] == "Secret"))
        self._run.steps = plan(
            members,
            observed,
            manager=self._run.manager,
            on_foreign=self._request.on_foreign,
            check=self._request.drift_check,
            defined=defined_kinds(members),
        )

    def _under_scalers(self, hands: Hands, members: list[Desired], observed: Observed) -> list[Desired]:
        """Where a workload with replicas differs, an autoscaler of the cluster may rule them: look, decide again."""
        dirty = {step.member.identity for step in self._run.steps if step.dirty and step.live is not None}
        if not any(member.identity in dirty for member in scaled(members)):
            return members
        kind = next((kind for kind in hands.resources if kind.group_kind == AUTOSCALER), None)
        scalers = list_objects(hands.client, hands.resources[kind])[0] if kind else []
        members = yielding(members, Ignored(), scalers)
        self._plan(members, observed)
        return members

    def _wait(self, hands: Hands, *, changed: bool) -> None:
        run = self._run
        members = [step.member for step in run.steps if step.action != "yield"]
        try:
            run.wait_for(hands, members, grace=None if changed else 0.0)
        except PlatformError as error:
            raise run.half_done(error, run.changing()) from error


def _permits(request: SetRequest) -> Permits:
    return Permits(frozenset(request.migrate_managers), frozenset(request.recreate))


def _spec(obj: Object) -> Object:
    return obj.get("spec") or {}


def _other_selector(payload: Object, live: Object | None) -> bool:
    return live is not None and _spec(live).get("selector") != _spec(payload).get("selector")


def _check_scopes(members: t.Iterable[Desired], resources: Resources) -> None:
    """Refuse a namespaced object without a namespace, and a cluster-wide one with."""
    members = list(members)
    defined = defined_kinds(members)
    problems = []
    for member in members:
        namespaced = _namespaced(member, defined, resources)
        if namespaced is None or namespaced == bool(member.identity.namespace):
            continue
        rule = "needs a metadata.namespace" if namespaced else "is cluster-wide and takes no metadata.namespace"
        problems.append(f"{member.source}: {member.label} {rule}")
    if problems:
        raise InvalidInput(problems)


def _namespaced(member: Desired, defined: t.Mapping[GroupKind, bool], resources: Resources) -> bool | None:
    """Return whether its kind is namespaced; None for one that neither the cluster knows nor the set defines."""
    known = resources.get(member.kind)
    return known.namespaced if known else defined.get(member.identity.group_kind)
