# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every request to Google's services passes, over whatever transport: who calls, which fault is due."""

from __future__ import annotations

import dataclasses
import typing as t

from ...faults import Fault, Faults
from ...identity.google_token import CLOUD_PLATFORM, Bearer, TokenOffice, TokenProblem
from . import protocol
from .rules import Refusal

NO_CREDENTIAL = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
BAD_CREDENTIAL = NO_CREDENTIAL.replace("is missing required", "had invalid").replace("credential.", "credentials.", 1)
GENERAL = frozenset({CLOUD_PLATFORM})
ACCEPTED = {"iamcredentials": GENERAL | {"https://www.googleapis.com/auth/iam"}}
"""Scopes of which a token needs one. Source: IAM Credentials API, authorization scopes of generateAccessToken."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a request comes to: a message (or plain JSON), a refusal, or a connection that breaks."""

    found: protocol.Message = None
    refusal: Refusal | None = None
    reset: bool = False
    wrote: bool = False

    @property
    def error(self) -> str:
        """The name of the error, empty on success."""
        if self.reset:
            return "ConnectionReset"
        return self.refusal.status if self.refusal else ""


Work = t.Callable[[Bearer], Answer]


class Door:
    def __init__(self, office: TokenOffice, faults: Faults) -> None:
        self.office = office
        self.faults = faults

    def caller(self, authorization: str) -> Bearer:
        """Return whose request it is; raise TokenProblem."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise TokenProblem(NO_CREDENTIAL, "missing")
        return self.office.caller(token)

    def admitted(self, bearer: Bearer, service: str, operation: str, work: Work) -> Answer:
        """Do the work of a request, unless a fault says otherwise before it or after."""
        return self.faults.around(service, operation, lambda: self._scoped(bearer, service, work), effect)

    def _scoped(self, bearer: Bearer, service: str, work: Work) -> Answer:
        if bearer.scopes & ACCEPTED.get(service, GENERAL):
            return work(bearer)
        return Answer(refusal=Refusal("PERMISSION_DENIED", "Request had insufficient authentication scopes."))


def unauthenticated(problem: TokenProblem) -> Answer:
    text = NO_CREDENTIAL if problem.code == "missing" else BAD_CREDENTIAL
    return Answer(refusal=Refusal("UNAUTHENTICATED", text))


def effect(fault: Fault, wrote: bool) -> Answer:
    if fault.breaks:
        return Answer(reset=True, wrote=wrote)
    status = fault.code if fault.code in protocol.CODES else _status_of(fault.status)
    return Answer(refusal=Refusal(status, fault.message), wrote=wrote)


def _status_of(http: int) -> str:
    return next((name for name, row in protocol.CODES.items() if row[1] == http), "INTERNAL")
