# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a run, stage by stage: definitions are waited for, guarded resources wait for their webhook."""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.clock import Deadline
from .._common.errors import PlatformError
from . import order
from .apply import Hands, split, together
from .discovery import Resources, discover
from .load import defined_kinds
from .objects import CRD, Desired, Object
from .observe import get
from .order import GroupKind, Stage
from .plan import Step
from .preflight import Verdict
from .ready import assess
from .run import Run

ESTABLISH_SECONDS = 60.0
SCHEMA_SECONDS = 5.0
"""How long the API server may go on judging by a definition that was just replaced: it follows by a watch."""


class Writing:
    """Applies what differs. ``hands`` are renewed when definitions of the set have become kinds of the cluster."""

    def __init__(self, run: Run, hands: Hands) -> None:
        self._run, self.hands = run, hands
        self._redefined: frozenset[GroupKind] = frozenset()

    def apply(self, changing: list[Verdict]) -> Hands:
        """Apply wave by wave, and in each stage by stage; return hands that know the kinds which came with the set."""
        done: list[Verdict] = []
        waves = order.waves(changing, lambda verdict: verdict.step.member)
        for number, rows in waves.items():
            try:
                self._await_waves_before(number)
                for stage in Stage:
                    self._write([verdict for verdict in rows if verdict.step.stage == stage], stage, done)
            except PlatformError as error:
                raise self._run.half_done(error, done) from error
        return self.hands

    def _write(self, rows: list[Verdict], stage: Stage, done: list[Verdict]) -> None:
        if not rows:
            return
        if stage == Stage.RESOURCES:
            self._establish(self._unserved(rows))
            self._await_guards(rows)
        written = self._apply_stage(rows, done)
        if stage == Stage.DEFINITIONS:
            self._establish([v.step.member for v in written if v.step.member.identity.group_kind == CRD])

    def _await_waves_before(self, number: int) -> None:
        """A wave starts when all objects of the waves before it, changed or not, are ready."""
        before = [s.member for s in self._run.steps if order.wave_of(s.member) < number and s.action != "yield"]
        if before and self._run.request.wait:
            self._run.wait_for(self.hands, before)

    def _unserved(self, rows: list[Verdict]) -> list[Desired]:
        """Return the set's definitions of kinds not served yet: a run that was killed may just have written them."""
        wanted = {v.step.member.identity.group_kind for v in rows if v.step.member.kind not in self.hands.resources}
        members = (step.member for step in self._run.steps)
        return [m for m in members if m.identity.group_kind == CRD and wanted & defined_kinds([m]).keys()]

    def _apply_stage(self, rows: list[Verdict], done: list[Verdict]) -> list[Verdict]:
        """Validate what could not be validated before, then write; ``done`` grows by what was written."""
        run = self._run
        run.still_locked()
        rows = [v for v in rows if v.validated] + self._examine([v.step for v in rows if not v.validated])
        for verdict in rows:
            run.note(verdict)
        written, refused = split(self.hands.apply([v for v in rows if v.changes], run.deadline))
        done += written
        for verdict in written:
            run.note(verdict)
            run.known[verdict.step.member.identity] = t.cast(Object, verdict.after)
        if refused:
            raise together(refused, "Run the same command again once it is put right; what was written stays.")
        return written

    def _examine(self, steps: list[Step]) -> list[Verdict]:
        """Return verdicts on what could not be asked about before. Raises what is refused, all of it at once."""
        limit = Deadline(self._run.clock, min(SCHEMA_SECONDS, self._run.deadline.remaining()))
        found: list[Verdict] = []
        while True:
            attempts = self.hands.examine(steps, self._run.deadline)
            ready, refused = split(attempts)
            found += ready
            steps = [step for step, told in zip(steps, attempts, strict=True) if isinstance(told, PlatformError)]
            if not refused:
                return found
            if limit.expired() or any(s.member.identity.group_kind not in self._redefined for s in steps):
                raise together(refused, "Nothing of this stage was written.")
            limit.sleep(0.2)

    def _establish(self, names: list[Desired]) -> None:
        """Wait until these definitions are served; read the list of kinds again."""
        if not names:
            return
        run = self._run
        self._redefined = frozenset(defined_kinds(names))
        limit = Deadline(run.clock, min(ESTABLISH_SECONDS, max(run.deadline.remaining(), 5.0)))
        while True:
            resources = discover(self.hands.client, self.hands.pool.map)
            missing = [m for m in names if not _served(m.payload, resources)]
            if not missing:
                self.hands = dataclasses.replace(self.hands, resources=resources)
                return
            if limit.expired():
                raise self._unestablished(missing)
            limit.sleep(0.05)

    def _unestablished(self, missing: list[Desired]) -> PlatformError:
        hands = self.hands
        live = get(hands.client, hands.resources[missing[0].kind], missing[0].identity)
        return PlatformError(
            f"{missing[0].label} is not served: {assess(live or missing[0].payload).message}.",
            kind="not_converged",
            remedy="Another definition may hold its names; see its conditions.",
        )

    def _await_guards(self, rows: list[Verdict]) -> None:
        """Resources behind a webhook of this set come when its pods are ready and it lets one of them pass."""
        members = [step.member for step in self._run.steps]
        webhooks = order.guards(members)
        groups = {verdict.step.member.kind.group for verdict in rows}
        guarding = [hook for group in groups for hook in order.guarding(webhooks, group)]
        if not guarding or not self._run.request.wait:
            return
        hooks = [member for member in members if member.identity.group_kind in order.WEBHOOKS]
        self._run.wait_for(self.hands, order.backing(guarding, members) + hooks)
        verdicts, refused = split(self.hands.examine([rows[0].step], self._run.deadline))
        if refused:
            raise together(refused, "Nothing of this stage was written.")
        self._run.note(verdicts[0])


def _served(definition: Object, resources: Resources) -> bool:
    spec = definition["spec"]
    versions = [str(v["name"]) for v in spec.get("versions") or [] if v.get("served", True)]
    wanted = {(str(spec["group"]), version, str(spec["names"]["kind"])) for version in versions}
    return wanted <= {tuple(kind) for kind in resources}
