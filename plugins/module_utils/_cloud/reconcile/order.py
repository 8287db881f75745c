# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which actions of a plan may start now. Pure."""

from __future__ import annotations

import typing as t

from .actions import Action, Plan


def ready(plan: Plan, done: t.Collection[str], started: t.Collection[str], busy: t.Collection[str]) -> list[Action]:
    """Return the actions whose predecessors are done and whose slot is free, in plan order, one for each slot.

    A predecessor that is not part of the plan (a wait that an earlier round finished) counts as done.
    """
    known = {action.id for action in plan}
    taken = set(busy)
    chosen: list[Action] = []
    for action in plan:
        waiting = any(name in known and name not in done for name in action.after_ids)
        if action.id in started or waiting or action.group in taken:
            continue
        taken.add(action.group)
        chosen.append(action)
    return chosen
