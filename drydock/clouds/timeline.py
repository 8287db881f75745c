# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a twin has still to do: each thing at its time, which is the cloud's."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass
class Transition:
    """Something that ends at ``due``; ``ready`` may hold it back (a real process still starts)."""

    due: float
    finish: t.Callable[[], None]
    ready: t.Callable[[], bool] = lambda: True


class Timeline:
    """The transitions of one twin."""

    def __init__(self) -> None:
        self.transitions: list[Transition] = []

    def schedule(self, transition: Transition) -> None:
        self.transitions.append(transition)

    def settle(self, now: float) -> int:
        """Finish what is due and ready, oldest first; return how many."""
        due = sorted((x for x in self.transitions if x.due <= now), key=lambda x: x.due)
        done = [x for x in due if x.ready()]
        for transition in done:
            self.transitions.remove(transition)
            transition.finish()
        return len(done)
