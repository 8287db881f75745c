# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the collection: a sentence for a person, fields for a machine."""

from __future__ import annotations

import difflib
import typing as t

Kind = t.Literal[
    "invalid",
    "version",
    "immutable",
    "foreign",
    "protected",
    "wrong_account",
    "credentials",
    "permission",
    "not_found",
    "conflict",
    "in_use",
    "throttled",
    "quota",
    "capacity",
    "unreachable",
    "timeout",
    "not_converged",
    "canceled",
    "unclassified",
]


class PlatformError(Exception):
    """What went wrong, in one sentence: where, what was observed, what was wanted, what to do.

    ``kind`` is the class a caller dispatches on; ``code``, ``request_id`` and ``operation_id`` are the
    vendor's own, verbatim. ``resumable`` says that running the same command again continues the work.
    ``details`` holds only plain data and never a secret.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: Kind,
        remedy: str = "",
        code: str = "",
        request_id: str = "",
        operation_id: str = "",
        action_id: str = "",
        resumable: bool = False,
        details: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind: Kind = kind
        self.remedy = remedy
        self.code = code
        self.request_id = request_id
        self.operation_id = operation_id
        self.action_id = action_id
        self.resumable = resumable
        self.details: dict[str, t.Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def as_failure(self) -> dict[str, t.Any]:
        """Return the ``failure`` value of a result."""
        return {
            "class": self.kind,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
            "operation_id": self.operation_id,
            "action_id": self.action_id,
            "remedy": self.remedy,
            "resumable": self.resumable,
            "details": self.details,
        }


class InvalidInput(PlatformError):
    """Every fault of one input document at once; refused before anything is read or written."""

    def __init__(self, problems: t.Sequence[str]) -> None:
        super().__init__(". ".join(problems), kind="invalid", details={"problems": list(problems)})
        self.problems = tuple(problems)


def did_you_mean(word: str, known: t.Iterable[str]) -> str:
    """Return " (did you mean X?)" for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""
