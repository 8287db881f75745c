# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a run that deletes what left the set, and keeps the set's record true around it."""

from __future__ import annotations

import dataclasses

from .._common.errors import PlatformError
from . import prune, record, report
from .apply import Hands, together
from .delete import remove
from .discovery import Resources
from .objects import Desired, Observed
from .observe import get
from .record import Record
from .run import Run

LOST = "the record of the set was lost; it is written anew, and the next run prunes"


class Pruning:
    """Decides, asks, and at the end deletes. ``found`` is the set's record as it was read, None without one."""

    def __init__(self, run: Run, members: list[Desired], observed: Observed, found: Record | None) -> None:
        self._run, self._members, self._observed, self._found = run, members, observed, found
        self._unknown: set[tuple[str, str]] = set()

    def decide(self, resources: Resources) -> None:
        """Note what left the set; raise where that is too much to be meant."""
        run, request = self._run, self._run.request
        rules = prune.Rules(run.manager, request.prune_kinds, request.prune_max)
        run.left = prune.leaving(self._members, self._observed, resources, rules)
        if self._found is None:
            run.left = [dataclasses.replace(victim, kept=victim.kept or LOST) for victim in run.left]
        else:
            self._unknown = set(self._found.kinds - {kind.group_kind for kind in resources})
        prune.refuse_many(self._members, run.pruned(), len(self._observed.ours), rules)
        run.refiled = self._final() != self._found and bool(self._members or run.left or self._found)

    def ask(self, hands: Hands) -> None:
        """Let the server judge each delete; read what goes where the difference is to be shown."""
        run = self._run
        run.left, refused = prune.asked(hands, run.left)
        if refused and not run.check_mode:
            raise together(refused, "Nothing was written.")
        if run.diff:
            going = run.pruned()
            lives = hands.pool.map(lambda victim: get(hands.client, victim.resource, victim.identity), going)
            run.gone = {v.identity: live for v, live in zip(going, lives, strict=True) if live is not None}
            report.learn(run.redactor, run.gone.values())

    def _final(self) -> Record:
        kept = [victim for victim in self._run.left if victim.kept]
        return prune.needed(self._members, kept, self._unknown)

    def widen(self, hands: Hands) -> None:
        """Before the first write: the record covers what was and what comes."""
        found = self._found or Record()
        wide = found.with_(prune.needed(self._members, self._run.left, self._unknown))
        if self._found is None or not found.covers(wide):
            record.write(hands.client, self._run.request.name, wide)
            self._found = wide

    def finish(self, hands: Hands) -> None:
        """After all is ready: delete what left, then narrow the record."""
        run = self._run
        try:
            if run.pruned():
                run.left = remove(hands, run.left, run.deadline, run.progress)
            if self._final() != self._found:
                record.write(hands.client, run.request.name, self._final())
        except PlatformError as error:
            raise run.half_done(error, run.changing()) from error
