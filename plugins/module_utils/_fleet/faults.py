# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a fleet: for a person one sentence, for an editor or a reviewer the place."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from .._common.errors import InvalidInput

PASSWORD = re.compile(r"(://[^:/@\s]*:)[^/\s]*@")


@dataclasses.dataclass(frozen=True, order=True)
class Fault:
    """One fault. ``line`` is counted from 1; 0 where there is no line, as for what the inventory says.

    ``value`` is what stands there as it would be typed, or "missing".
    """

    file: str
    line: int
    field: str
    value: str
    remedy: str

    @property
    def sentence(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field} is {self.value}; {self.remedy}"

    def as_dict(self) -> dict[str, t.Any]:
        return {**dataclasses.asdict(self), "message": self.sentence}


class FleetFaults(InvalidInput):
    """Every fault of one fleet at once. ``details.faults`` of the failure holds them with their places."""

    def __init__(self, faults: t.Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__([fault.sentence for fault in self.faults])
        self.details["faults"] = [fault.as_dict() for fault in self.faults]


def shown(value: t.Any, most: int = 80) -> str:
    """Return a value as it would be typed, cut to a readable length; a password in a URL is left out."""
    said = PASSWORD.sub(r"\1…@", json.dumps(value, ensure_ascii=False, default=str))
    return said if len(said) <= most else f"{said[: most - 3]}..."


def listed(words: t.Iterable[str], most: int = 8) -> str:
    """Return words as people list them: a, b or c."""
    known = sorted(words)
    if not known:
        return "(there is none yet)"
    if len(known) > most:
        return f"{', '.join(known[:most])} or one of {len(known) - most} more"
    return f"{', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else known[0]
