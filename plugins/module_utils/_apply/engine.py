# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set, converged: look, decide, ask, write what differs, wait. The rooms beside this one do each of it."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._common.clock import Clock, Deadline
from .._common.credentials import CredentialSource
from .._common.errors import InvalidInput, PlatformError
from .._common.progress import Progress
from . import order, report
from .apply import Hands, split, together
from .discovery import Resources, discover, unknown_kind
from .harden import PROFILES, harden_set
from .http import Client
from .load import defined_kinds, load
from .objects import CRD, NAMESPACE, SECRET, Desired, Identity, Object, Observed, field_manager, identity_of
from .observe import get, observe
from .order import GroupKind, Stage
from .plan import OnForeign, Step, headline, objects, plan
from .preflight import Verdict, missing_namespace, unvalidated
from .ready import assess
from .redact import Redactor
from .remove import Victim, remove, victims
from .report import Entry, Watchmaker
from .wait import Waiting, wait_ready

Source = tuple[t.Any, str]
"""An object and where a person finds it."""
State = t.Literal["managed", "external", "absent"]

STATES: tuple[State, ...] = ("managed", "external", "absent")
ON_FOREIGN: tuple[OnForeign, ...] = ("fail", "adopt", "yield")
THREADS = 8
ESTABLISH_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class SetRequest:
    """One set as a task asks for it. ``wait_timeout`` in seconds, for the whole set; ``threads`` requests at once."""

    name: str
    objects: t.Sequence[Source] = ()
    state: State = "managed"
    harden: str = "none"
    on_foreign: OnForeign = "fail"
    wait: bool = True
    wait_timeout: float = 600.0
    threads: int = THREADS


def apply_set(
    request: SetRequest,
    credentials: CredentialSource | None,
    *,
    check_mode: bool,
    diff: bool,
    progress: Progress,
    clock: Clock,
) -> Entry:
    """Converge one set on one cluster and return what happened, at most 64 KB and without any secret value.

    ``credentials`` None means that the cluster does not exist yet: then check mode tells what would be created,
    and a run is refused. Raises ``PlatformError``; after a failed write its details hold what was done.
    """
    run = Run(request, check_mode=check_mode, diff=diff, progress=progress, clock=clock)
    try:
        if request.state == "external":
            return run.left_alone()
        if credentials is None:
            return run.imagined()
        return run.removed(credentials) if request.state == "absent" else run.converged(credentials)
    except PlatformError as error:
        raise run.redacted(error) from error


class Run:
    """One call of ``apply_set``."""

    def __init__(self, request: SetRequest, *, check_mode: bool, diff: bool, progress: Progress, clock: Clock) -> None:
        self.request, self.check_mode, self.diff = request, check_mode, diff
        self.progress, self.clock = progress, clock
        self.manager = field_manager(request.name)
        self.redactor = Redactor()
        self.watch = Watchmaker(clock)
        self.deadline = Deadline(clock, request.wait_timeout)
        self.steps: tuple[Step, ...] = ()
        self.verdicts: dict[Identity, Verdict] = {}
        self.known: dict[Identity, Object] = {}

    # What needs no cluster --------------------------------------------------------------------------------------

    def left_alone(self) -> Entry:
        """Somebody else runs this layer here."""
        return {"changed": False, "set": self.request.name, "state": "external", "objects": []}

    def imagined(self) -> Entry:
        """The cluster is still to be made: everything would be created, nothing can be validated."""
        name = self.request.name
        if not self.check_mode and self.request.state == "managed":
            raise PlatformError(
                "the cluster does not exist yet, so nothing can be applied to it.",
                kind="not_found",
                remedy="Create it first: run the playbook without --tags, or seaworthy.platform.cluster.",
            )
        if self.request.state == "absent":
            return {"changed": False, "set": name, "state": "absent", "objects": []}
        members = self._members(None)
        defined = defined_kinds(members)
        empty = Observed({}, {})
        self.steps = plan(members, empty, manager=self.manager, on_foreign="fail", defined=defined)
        for step in self.steps:
            self._note(unvalidated(step, "the cluster does not exist yet"))
        self.progress.say("plan", f"{objects(len(members))} to create (not validated: no cluster yet)")
        return self._result(None)

    # The main way -----------------------------------------------------------------------------------------------

    def converged(self, credentials: CredentialSource) -> Entry:
        with self.watch.phase("load"):
            members = self._members(None)
        client = Client(credentials, clock=self.clock, agent=self.manager)
        try:
            with concurrent.futures.ThreadPoolExecutor(self.request.threads) as pool:
                return self._converged(client, pool, members)
        finally:
            client.close()

    def _converged(self, client: Client, pool: concurrent.futures.Executor, members: list[Desired]) -> Entry:
        with self.watch.phase("discovery"):
            hands = Hands(client, self.manager, pool, discover(client, pool.map))
        _check_scopes(members, hands.resources)
        with self.watch.phase("list"):
            observed = observe(client, pool, hands.resources, members, self.request.name)
        with self.watch.phase("compare"):
            members = self._settled(hands, members, observed)
            self._plan(members, observed)
        dirty = [step for step in self.steps if step.dirty]
        if dirty:
            self.progress.say("plan", headline(self.steps))
            with self.watch.phase("preflight"):
                self._preflight(hands, dirty, observed)
        if self.check_mode:
            return self._result(client)
        changing = self._changing()
        if changing:
            with self.watch.phase("apply"):
                hands = self._apply(hands, changing)
        if self.request.wait:
            with self.watch.phase("wait"):
                self._wait(hands, changed=bool(changing))
        self._say_end(bool(changing))
        return self._result(client)

    def _members(self, existing: t.Callable[[Object], Object | None] | None) -> list[Desired]:
        """Return the set, hardened and marked; ``existing`` gives the live object of an identity."""
        request = self.request
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
        report.learn(self.redactor, (m.payload for m in members if m.identity.group_kind == SECRET))

    def _settled(self, hands: Hands, members: list[Desired], observed: Observed) -> list[Desired]:
        """Harden again where a workload exists with a selector of its own: selectors never change."""
        if self.request.harden == "none":
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
        self.known = dict(observed.ours)
        report.learn(self.redactor, (obj for obj in observed.ours.values() if obj["kind"] == "Secret"))
        self.steps = plan(
            members,
            observed,
            manager=self.manager,
            on_foreign=self.request.on_foreign,
            defined=defined_kinds(members),
        )

    def _preflight(self, hands: Hands, dirty: list[Step], observed: Observed) -> None:
        """Ask the server about everything it can be asked about; refuse all that is wrong before any write."""
        askable = []
        for step in dirty:
            note = self._not_askable(step, hands.resources, observed)
            if note:
                self._note(unvalidated(step, note))
            else:
                askable.append(step)
        verdicts, refused = split(hands.examine(askable))
        if not self.check_mode:
            refused += [error for verdict in verdicts if (error := self._homeless(verdict))]
            refused += self._strangers(hands.resources)
        if self.check_mode:
            verdicts += [unvalidated(*pair) for pair in self._unpermitted(askable, refused)]
            refused = [error for error in refused if error.code != "Forbidden"]
        if refused:
            raise together(refused, "Nothing was written.")
        for verdict in verdicts:
            self._note(verdict)

    def _not_askable(self, step: Step, resources: Resources, observed: Observed) -> str:
        """Return why the server cannot judge this step before an earlier stage is written, or ""."""
        who = step.member.identity
        if step.member.kind not in resources:
            return "its kind is not in the cluster yet"
        if who.namespace and not observed.has_namespace(who.namespace) and self._brings(NAMESPACE, who.namespace):
            return f'namespace "{who.namespace}" does not exist yet'
        if step.stage == Stage.RESOURCES and self._definition_changes(who.group_kind):
            return "its definition changes in this run"
        return ""

    def _brings(self, group_kind: GroupKind, name: str) -> bool:
        return any(s.member.identity.group_kind == group_kind and s.member.identity.name == name for s in self.steps)

    def _definition_changes(self, group_kind: GroupKind) -> bool:
        changing = [s.member for s in self.steps if s.dirty and s.member.identity.group_kind == CRD]
        return group_kind in defined_kinds(changing)

    def _homeless(self, verdict: Verdict) -> PlatformError | None:
        """An object of a namespace that neither exists nor comes with this set."""
        space = verdict.step.member.identity.namespace
        if verdict.validated or not missing_namespace(verdict.note, space) or self._brings(NAMESPACE, space):
            return None
        return PlatformError(
            f'{verdict.step.label} ({verdict.step.member.source}): namespace "{space}" does not exist.',
            kind="not_found",
            remedy="Add the Namespace to the set, or apply what brings it first.",
        )

    def _strangers(self, resources: Resources) -> list[PlatformError]:
        """Members of a kind that neither the cluster knows nor this set defines."""
        defined = defined_kinds(step.member for step in self.steps)
        kinds = {step.member.kind for step in self.steps if step.dirty}
        missing = [kind for kind in kinds if kind not in resources and kind.group_kind not in defined]
        return [unknown_kind(resources, kind) for kind in sorted(missing)]

    def _unpermitted(self, asked: list[Step], refused: list[PlatformError]) -> list[tuple[Step, str]]:
        """In check mode a reader without the right to write still gets a plan."""
        labels = {error.message.partition(" (")[0] for error in refused if error.code == "Forbidden"}
        return [(step, "this identity may not dry-run it") for step in asked if step.label in labels]

    def _note(self, verdict: Verdict) -> None:
        self.verdicts[verdict.step.member.identity] = verdict
        report.learn(self.redactor, (verdict.before, verdict.after))

    def _changing(self) -> list[Verdict]:
        return [v for step in self.steps if (v := self.verdicts.get(step.member.identity)) and v.changes]

    # Writing ----------------------------------------------------------------------------------------------------

    def _apply(self, hands: Hands, changing: list[Verdict]) -> Hands:
        """Apply stage by stage; return hands that know the kinds which came with the set."""
        done: list[Verdict] = []
        for stage in Stage:
            rows = [verdict for verdict in changing if verdict.step.stage == stage]
            if not rows:
                continue
            try:
                if stage == Stage.RESOURCES:
                    self._await_guards(hands, rows)
                written = self._apply_stage(hands, rows, done)
            except PlatformError as error:
                raise self._half_done(error, done) from error
            if stage == Stage.DEFINITIONS:
                hands = self._established(hands, written)
        return hands

    def _apply_stage(self, hands: Hands, rows: list[Verdict], done: list[Verdict]) -> list[Verdict]:
        """Validate what could not be validated before, then write; ``done`` grows by what was written."""
        ready, refused = split(hands.examine([v.step for v in rows if not v.validated], self.deadline))
        if refused:
            raise together(refused, "Nothing of this stage was written.")
        rows = [v for v in rows if v.validated] + ready
        for verdict in rows:
            self._note(verdict)
        written, refused = split(hands.apply([v for v in rows if v.changes], self.deadline))
        done += written
        for verdict in written:
            self._note(verdict)
            self.known[verdict.step.member.identity] = t.cast(Object, verdict.after)
        if refused:
            raise together(refused, "Run the same command again once it is put right; what was written stays.")
        return written

    def _half_done(self, error: PlatformError, done: list[Verdict]) -> PlatformError:
        """Add to the error what was written before it."""
        error.details["changed"] = bool(done)
        error.details["objects"] = [report.entry(verdict) for verdict in done][:100]
        reached = {verdict.step.member.identity for verdict in done}
        left = [v.step.label for v in self._changing() if v.step.member.identity not in reached]
        error.details["not_attempted"] = left[:100]
        return error

    def _established(self, hands: Hands, written: list[Verdict]) -> Hands:
        """Wait until the definitions just written are served; read the list of kinds again."""
        names = [v.step.member for v in written if v.step.member.identity.group_kind == CRD]
        if not names:
            return hands
        limit = Deadline(self.clock, min(ESTABLISH_SECONDS, max(self.deadline.remaining(), 5.0)))
        while True:
            resources = discover(hands.client, hands.pool.map)
            missing = [m for m in names if not _served(m.payload, resources)]
            if not missing:
                return dataclasses.replace(hands, resources=resources)
            if limit.expired():
                raise self._unestablished(hands, missing)
            limit.sleep(0.05)

    def _unestablished(self, hands: Hands, missing: list[Desired]) -> PlatformError:
        live = get(hands.client, hands.resources[missing[0].kind], missing[0].identity)
        return PlatformError(
            f"{missing[0].label} is not served: {assess(live or missing[0].payload).message}.",
            kind="not_converged",
            remedy="Another definition may hold its names; see its conditions.",
        )

    def _await_guards(self, hands: Hands, rows: list[Verdict]) -> None:
        """Resources behind a webhook of this set come when its pods are ready and it lets one of them pass."""
        members = [step.member for step in self.steps]
        webhooks = order.guards(members)
        groups = {verdict.step.member.kind.group for verdict in rows}
        guarding = [hook for group in groups for hook in order.guarding(webhooks, group)]
        if not guarding or not self.request.wait:
            return
        hooks = [member for member in members if member.identity.group_kind in order.WEBHOOKS]
        self._wait_for(hands, order.backing(guarding, members) + hooks)
        verdicts, refused = split(hands.examine([rows[0].step], self.deadline))
        if refused:
            raise together(refused, "Nothing of this stage was written.")
        self._note(verdicts[0])

    # Waiting ----------------------------------------------------------------------------------------------------

    def _wait(self, hands: Hands, *, changed: bool) -> None:
        members = [step.member for step in self.steps if step.action != "yield"]
        try:
            self._wait_for(hands, members, grace=None if changed else 0.0)
        except PlatformError as error:
            raise self._half_done(error, self._changing()) from error

    def _wait_for(self, hands: Hands, members: list[Desired], grace: float | None = None) -> None:
        waiting = Waiting(members, self.known)
        rest = {} if grace is None else {"grace": grace}
        wait_ready(
            hands.client,
            hands.resources,
            waiting,
            set_name=self.request.name,
            total=len(self.steps),
            deadline=self.deadline,
            progress=self.progress,
            **rest,
        )

    def _say_end(self, changed: bool) -> None:
        words = "ready" if self.request.wait and changed else "applied" if changed else "unchanged"
        self.progress.say(words, objects(len(self.steps)), took=self.watch.total())

    # Removing ---------------------------------------------------------------------------------------------------

    def removed(self, credentials: CredentialSource) -> Entry:
        client = Client(credentials, clock=self.clock, agent=self.manager)
        try:
            with concurrent.futures.ThreadPoolExecutor(self.request.threads) as pool:
                hands = Hands(client, self.manager, pool, discover(client, pool.map))
                found = victims(hands, self.request.name)
                going = [victim for victim in found if not victim.kept]
                if going:
                    self.progress.say("plan", f"{objects(len(found))}: {len(going)} to delete")
                if going and not self.check_mode:
                    found = remove(hands, found, self.deadline, self.progress)
                    self.progress.say("deleted", objects(len(going)), took=self.watch.total())
                return self._removal(client, found)
        finally:
            client.close()

    def _removal(self, client: Client, found: list[Victim]) -> Entry:
        gone = [victim for victim in found if not victim.kept]
        kept = [victim for victim in found if victim.kept]
        result: Entry = {
            "changed": bool(gone),
            "set": self.request.name,
            "state": "absent",
            "summary": {"deleted": len(gone), "kept": len(kept)},
            "objects": [{"object": v.identity.label, "action": "deleted"} for v in gone]
            + [{"object": v.identity.label, "action": "kept", "reason": v.kept} for v in kept],
            "timing": self.watch.rounded(),
            "requests": dict(client.requests),
        }
        if self.diff:
            result["diff"] = [
                {"before": {"object": v.identity.label}, "after": {}, "before_header": v.identity.label} for v in gone
            ]
        return report.shown(result, self.redactor)

    # Telling ----------------------------------------------------------------------------------------------------

    def _result(self, client: Client | None) -> Entry:
        changing = self._changing()
        verdicts = list(self.verdicts.values())
        result: Entry = {
            "changed": bool(changing),
            "set": self.request.name,
            "state": self.request.state,
            "summary": report.summary(self.steps, verdicts, not self.check_mode),
            "objects": [report.entry(verdict) for verdict in changing],
            "timing": self.watch.rounded(),
            "requests": dict(client.requests) if client else {},
        }
        yielded = [step for step in self.steps if step.action == "yield"]
        if yielded:
            result["yielded"] = [{"object": step.label, "owner": step.reason} for step in yielded]
        if self.diff:
            result["diff"] = [report.difference(verdict) for verdict in changing]
        return report.shown(result, self.redactor)

    def redacted(self, error: PlatformError) -> PlatformError:
        """Return the error with every secret value that this run has seen masked."""
        if isinstance(error, InvalidInput):
            return InvalidInput([f"{self.request.name}: {self.redactor.text(text)}" for text in error.problems])
        clean = self.redactor
        return PlatformError(
            f"{self.request.name}: {clean.text(error.message)}",
            kind=error.kind,
            remedy=clean.text(error.remedy),
            code=error.code,
            request_id=error.request_id,
            operation_id=error.operation_id,
            action_id=error.action_id,
            resumable=error.resumable,
            details=clean.clean(error.details),
        )


def _spec(obj: Object) -> Object:
    return obj.get("spec") or {}


def _other_selector(payload: Object, live: Object | None) -> bool:
    return live is not None and _spec(live).get("selector") != _spec(payload).get("selector")


def _served(definition: Object, resources: Resources) -> bool:
    spec = definition["spec"]
    versions = [str(v["name"]) for v in spec.get("versions") or [] if v.get("served", True)]
    wanted = {(str(spec["group"]), version, str(spec["names"]["kind"])) for version in versions}
    return wanted <= {tuple(kind) for kind in resources}


def _check_scopes(members: t.Iterable[Desired], resources: Resources) -> None:
    """Refuse a namespaced object without a namespace, and a cluster-wide one with."""
    members = list(members)
    defined = defined_kinds(members)
    problems = []
    for member in members:
        known = resources.get(member.kind)
        namespaced = known.namespaced if known else defined.get(member.identity.group_kind)
        if namespaced is None or namespaced == bool(member.identity.namespace):
            continue
        rule = "needs a metadata.namespace" if namespaced else "is cluster-wide and takes no metadata.namespace"
        problems.append(f"{member.source}: {member.label} {rule}")
    if problems:
        raise InvalidInput(problems)
