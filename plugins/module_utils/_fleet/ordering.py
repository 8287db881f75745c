# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order among named things that come after one another."""

from __future__ import annotations

import typing as t

After = t.Mapping[str, t.Sequence[str]]
"""Name -> names that come before it."""


def cycle(after: After) -> list[str]:
    """Return the names of one ring, from its first in the alphabet on; empty if there is none."""
    done: set[str] = set()
    for start in sorted(after):
        trail: list[str] = []
        found = _walk(start, after, trail, done)
        if found:
            least = found.index(min(found))
            return found[least:] + found[:least]
    return []


def _walk(name: str, after: After, trail: list[str], done: set[str]) -> list[str]:
    if name in trail:
        return trail[trail.index(name) :]
    if name in done:
        return []
    trail.append(name)
    for other in after.get(name, ()):
        found = _walk(other, after, trail, done)
        if found:
            return found
    done.add(trail.pop())
    return []
