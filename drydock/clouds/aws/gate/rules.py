# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule of the gate is: it refuses what moto would take, or makes moto's store behave as AWS does."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ....web import Response

Later = t.Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Refusal:
    code: str
    message: str
    status: int = 400


@dataclasses.dataclass
class Book:
    """What the gate remembers beside moto's store: answers under a token, and what is due when."""

    tokens: dict[tuple[str, ...], tuple[dict[str, str], Response]] = dataclasses.field(default_factory=dict)
    due: list[tuple[float, Later]] = dataclasses.field(default_factory=list)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)

    def after(self, moment: float, work: Later) -> None:
        self.due.append((moment, work))

    def settle(self, now: float) -> int:
        """Do what is due, in order; return how much that was."""
        ready = sorted((row for row in self.due if row[0] <= now), key=lambda row: row[0])
        self.due = [row for row in self.due if row[0] > now]
        for _moment, work in ready:
            work()
        return len(ready)


@dataclasses.dataclass
class Ask:
    """One request to EC2 on its way through the gate: its form, the account's store, the time, the answer."""

    operation: str
    form: dict[str, str]
    account: str
    region: str
    store: t.Any
    book: Book
    now: float
    answer: Response | None = None

    def get(self, name: str) -> str:
        return self.form.get(name, "")

    def many(self, name: str) -> list[str]:
        """Return the values of a list: Name.1, Name.2."""
        found = {int(key[len(name) + 1 :]): value for key, value in self.form.items() if _numbered(name, key)}
        return [found[number] for number in sorted(found)]

    def given(self, *names: str) -> list[str]:
        """Return which of these arguments, or groups of them, the request has."""
        return [name for name in names if any(key == name or key.startswith(f"{name}.") for key in self.form)]

    def told(self, tag: str) -> str:
        """Return the text of the first such element of the answer."""
        body = self.answer.body if self.answer else b""
        found = re.search(rf"<{tag}>([^<]*)</{tag}>".encode(), body)
        return found[1].decode() if found else ""


def _numbered(name: str, key: str) -> bool:
    return key.startswith(f"{name}.") and key[len(name) + 1 :].isdigit()


Verdict = Refusal | Response | None
Check = t.Callable[[Ask], Verdict]


@dataclasses.dataclass(frozen=True)
class Rule:
    """``after`` says that it works on moto's answer and store, not on the request."""

    id: str
    promise: str
    source: str
    on: tuple[str, ...]
    check: Check
    after: bool = False

    def applies(self, operation: str, after: bool) -> bool:
        return self.after is after and (not self.on or operation in self.on)


class Table(list[Rule]):
    def rule(
        self, id: str, promise: str, *, source: str, on: tuple[str, ...] = (), after: bool = False
    ) -> t.Callable[[Check], Check]:
        """Add a row. One id may have several: what is refused, and what is done afterwards."""

        def add(check: Check) -> Check:
            self.append(Rule(id, promise, source, on, check, after))
            return check

        return add
