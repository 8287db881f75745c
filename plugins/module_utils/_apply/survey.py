# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight of a whole set: ask the server about all it can be asked about; refuse all that is wrong at once."""

from __future__ import annotations

from .._common.errors import PlatformError
from .apply import Hands, split, together
from .discovery import Resources, unknown_kind
from .load import defined_kinds
from .objects import CRD, NAMESPACE, Observed
from .order import GroupKind, Stage
from .plan import Step
from .preflight import Verdict, missing_namespace, unvalidated


class Survey:
    """Examines the steps of a plan before the first write. ``check_mode``: what cannot be had is noted, not refused."""

    def __init__(self, hands: Hands, steps: tuple[Step, ...], observed: Observed, *, check_mode: bool) -> None:
        self._hands, self._steps, self._observed, self._check_mode = hands, steps, observed, check_mode

    def verdicts(self) -> list[Verdict]:
        """Return one verdict for each step that is not exactly so; raise for all refusals together."""
        found, askable = [], []
        for step in (step for step in self._steps if step.dirty):
            note = self._not_askable(step)
            if note:
                found.append(unvalidated(step, note))
            else:
                askable.append(step)
        verdicts, refused = split(self._hands.examine(askable))
        if self._check_mode:
            verdicts += [unvalidated(*pair) for pair in self._unpermitted(askable, refused)]
            refused = [error for error in refused if error.code != "Forbidden"]
        else:
            refused += [error for verdict in verdicts if (error := self._homeless(verdict))]
            refused += self._strangers(self._hands.resources)
        if refused:
            raise together(refused, "Nothing was written.")
        return found + verdicts

    def _not_askable(self, step: Step) -> str:
        """Return why the server cannot judge this step before an earlier stage is written, or ""."""
        who = step.member.identity
        if step.member.kind not in self._hands.resources:
            return "its kind is not in the cluster yet"
        if who.namespace and self._brings(NAMESPACE, who.namespace):
            if not self._observed.has_namespace(who.namespace):
                return f'namespace "{who.namespace}" does not exist yet'
            if self._observed.loses_namespace(who.namespace):
                return f'namespace "{who.namespace}" is being deleted'
        if step.stage == Stage.RESOURCES and self._definition_changes(who.group_kind):
            return "its definition changes in this run"
        return ""

    def _brings(self, group_kind: GroupKind, name: str) -> bool:
        return any(s.member.identity.group_kind == group_kind and s.member.identity.name == name for s in self._steps)

    def _definition_changes(self, group_kind: GroupKind) -> bool:
        changing = [s.member for s in self._steps if s.dirty and s.member.identity.group_kind == CRD]
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
        defined = defined_kinds(step.member for step in self._steps)
        kinds = {step.member.kind for step in self._steps if step.dirty}
        missing = [kind for kind in kinds if kind not in resources and kind.group_kind not in defined]
        return [unknown_kind(resources, kind) for kind in sorted(missing)]

    def _unpermitted(self, asked: list[Step], refused: list[PlatformError]) -> list[tuple[Step, str]]:
        """In check mode a reader without the right to write still gets a plan."""
        labels = {error.message.partition(" (")[0] for error in refused if error.code == "Forbidden"}
        return [(step, "this identity may not dry-run it") for step in asked if step.label in labels]
