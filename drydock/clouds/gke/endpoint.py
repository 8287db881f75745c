# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's doors on one port: the token endpoint, IAM credentials, and Kubernetes Engine behind a bearer token."""

from __future__ import annotations

import json
import re
import time
import typing as t

from ...faults import Faults
from ...identity.google_token import Bearer, TokenOffice, TokenProblem
from ...journal import Journal, Line, mark
from ...web import RESET, Request, Response
from . import protocol
from .door import Answer, Door, unauthenticated
from .rules import Refusal
from .twin import GkeTwin

TOKEN_PATH = "/token"
IMPERSONATE = re.compile(r"^/v1/projects/-/serviceAccounts/([^/:]+):generateAccessToken$")
LONGEST_LIFE = 3600


class GoogleEndpoint:
    """An app for a server: client_options.api_endpoint and the key file's token_uri point at it."""

    def __init__(self, twin: t.Callable[[], GkeTwin], office: TokenOffice, faults: Faults, journal: Journal) -> None:
        self._twin = twin
        self.office = office
        self.door = Door(office, faults)
        self.journal = journal
        self.url = ""

    def __call__(self, request: Request) -> Response:
        began, who = mark(), ""
        service, operation = self._named(request)
        if service == "oauth2":
            response, who = self._granted(request)
            wrote, error = False, protocol.error_code(response)
        else:
            answer, who = self._answered(request, service, operation)
            response, wrote, error = rendered(answer, request), answer.wrote, answer.error
        agent = request.headers.get("x-goog-api-client") or request.headers.get("user-agent", "")
        self.journal.record(Line(began, service, who, agent, request.method, operation, response.status, wrote, error))
        return response

    def _named(self, request: Request) -> tuple[str, str]:
        """Return which service a request is for, and which of its operations."""
        if request.path == TOKEN_PATH:
            return "oauth2", "Token"
        if IMPERSONATE.match(request.path):
            return "iamcredentials", "GenerateAccessToken"
        return "gke", self._twin().operation(request)

    def _granted(self, request: Request) -> tuple[Response, str]:
        """Answer the token endpoint; return whom it knows, too."""
        try:
            granted = self.office.grant(request.body.decode(errors="replace"), self.url + TOKEN_PATH)
        except TokenProblem as problem:
            return Response.of_json({"error": problem.code, "error_description": str(problem)}, 400), ""
        return Response.of_json(granted), self.office.bearer(granted["access_token"]).email

    def _answered(self, request: Request, service: str, operation: str) -> tuple[Answer, str]:
        try:
            bearer = self.door.caller(request.headers.get("authorization", ""))
        except TokenProblem as problem:
            return unauthenticated(problem), ""

        def work(caller: Bearer) -> Answer:
            return self._impersonated(request, caller) if service == "iamcredentials" else self._asked(request, caller)

        return self.door.admitted(bearer, service, operation, work), bearer.email

    def _asked(self, request: Request, bearer: Bearer) -> Answer:
        route = protocol.route(request)
        if route is None:
            return Answer(refusal=Refusal("NOT_FOUND", f"The requested URL {request.path} was not found."))
        method, labels = route
        parsed = protocol.parse(method, labels, request)
        return self._twin().answer(method.name, parsed, next(iter(labels.values())), bearer)

    def _impersonated(self, request: Request, bearer: Bearer) -> Answer:
        """Mint a token of another service account. Source: IAM Credentials API, generateAccessToken."""
        match = IMPERSONATE.match(request.path)
        email = match[1] if match else ""
        account = self.office.account(email)
        if account is None or email not in bearer.account.impersonates:
            text = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
            return Answer(refusal=Refusal("PERMISSION_DENIED", text))
        asked = json.loads(request.body or b"{}")
        life = int(str(asked.get("lifetime", "3600s")).rstrip("s"))
        if not 0 < life <= LONGEST_LIFE or not asked.get("scope"):
            text = "The lifetime or the scope of the token is not valid."
            return Answer(refusal=Refusal("INVALID_ARGUMENT", text))
        now = time.time()
        token = self.office.mint(account, frozenset(asked["scope"]), by=bearer.email, life=life, now=now)
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + life))
        return Answer({"accessToken": token, "expireTime": expires})


def rendered(answer: Answer, request: Request) -> Response:
    """Return an answer as REST gives it."""
    if answer.reset:
        return RESET
    if answer.refusal is not None:
        return protocol.refusal(answer.refusal.status, answer.refusal.message, answer.refusal.details)
    if isinstance(answer.found, dict):
        return Response.of_json(answer.found)
    return Response.of_json(protocol.document(answer.found, protocol.wants_integers(request)))
