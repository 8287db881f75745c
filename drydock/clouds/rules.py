# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule of any twin is: a row with an id, a promise and a source. A test can run a twin without any of them.

A rule of stage ``admit`` judges a request before its resources are looked at, ``refuse`` judges it against
what exists, ``shape`` changes the draft of what will be stored or answered, ``settle`` what a change leaves
behind. Each twin says what its store, its call and its refusal are.
"""

from __future__ import annotations

import dataclasses
import enum
import typing as t


class Stage(enum.Enum):
    ADMIT = "admit"
    REFUSE = "refuse"
    SHAPE = "shape"
    SETTLE = "settle"


class Asked(t.Protocol):
    """A request on its way through a twin."""

    operation: str


StoreT = t.TypeVar("StoreT")
CallT = t.TypeVar("CallT", bound=Asked)
RefusalT = t.TypeVar("RefusalT")
Check = t.Callable[[StoreT, CallT], "RefusalT | None"]


@dataclasses.dataclass(frozen=True)
class Rule(t.Generic[StoreT, CallT, RefusalT]):
    """``on`` names the operations that it holds for; empty, all of them."""

    id: str
    promise: str
    source: str
    stage: Stage
    on: frozenset[str]
    check: Check[StoreT, CallT, RefusalT]

    def applies(self, operation: str, stage: Stage) -> bool:
        return self.stage is stage and (not self.on or operation in self.on)


class Table(list[Rule[StoreT, CallT, RefusalT]]):
    """The rules of one module, in the order of its text."""

    def rule(
        self, id: str, promise: str, *, source: str, on: t.Iterable[str] = (), stage: Stage = Stage.REFUSE
    ) -> t.Callable[[Check[StoreT, CallT, RefusalT]], Check[StoreT, CallT, RefusalT]]:
        """Add a row. Without ``on`` the rule holds for every operation."""

        def add(check: Check[StoreT, CallT, RefusalT]) -> Check[StoreT, CallT, RefusalT]:
            self.append(Rule(id, promise, source, stage, frozenset(on), check))
            return check

        return add


def judge(
    rules: t.Iterable[Rule[StoreT, CallT, RefusalT]], stage: Stage, store: StoreT, call: CallT
) -> RefusalT | None:
    """Return the first refusal of a stage's rules, in the order of the table."""
    for row in rules:
        if row.applies(call.operation, stage):
            refusal = row.check(store, call)
            if refusal is not None:
                return refusal
    return None
