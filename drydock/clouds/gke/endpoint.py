# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's doors on one port: the token endpoint, IAM credentials, and Kubernetes Engine behind a bearer token."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import typing as t

from ...faults import Fault, Faults
from ...identity.google_token import CLOUD_PLATFORM, Bearer, TokenOffice, TokenProblem
from ...journal import Journal, Line, mark
from ...web import RESET, Request, Response
from . import protocol
from .twin import Answer, GkeTwin

GENERIC = ("answer", "reset", "kill")
TOKEN_PATH = "/token"
IMPERSONATE = re.compile(r"^/v1/projects/-/serviceAccounts/([^/:]+):generateAccessToken$")
NO_CREDENTIAL = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
BAD_CREDENTIAL = NO_CREDENTIAL.replace("is missing required", "had invalid").replace("credential.", "credentials.", 1)
LONGEST_LIFE = 3600
GENERAL = frozenset({CLOUD_PLATFORM})
ACCEPTED = {"iamcredentials": GENERAL | {"https://www.googleapis.com/auth/iam"}}
"""Scopes of which a token needs one. Source: IAM Credentials API, authorization scopes of generateAccessToken."""


class GoogleEndpoint:
    """An app for a server: client_options.api_endpoint and the key file's token_uri point at it."""

    def __init__(self, twin: t.Callable[[], GkeTwin], office: TokenOffice, faults: Faults, journal: Journal) -> None:
        self._twin = twin
        self.office = office
        self.faults = faults
        self.journal = journal
        self.url = ""

    def __call__(self, request: Request) -> Response:
        began, who = mark(), ""
        service, operation = self._named(request)
        try:
            if service == "oauth2":
                granted = self.office.grant(request.body.decode(errors="replace"), self.url + TOKEN_PATH)
                who = self.office.bearer(granted["access_token"]).email
                answer = Answer(Response.of_json(granted))
            else:
                bearer = self._caller(request)
                who = bearer.email
                answer = self._faulted(request, bearer, service, operation)
        except TokenProblem as problem:
            answer = Answer(self._unauthenticated(request, service, problem))
        response = answer.response
        error = protocol.error_code(response) or ("ConnectionReset" if response.reset else "")
        agent = request.headers.get("x-goog-api-client") or request.headers.get("user-agent", "")
        line = Line(began, service, who, agent, request.method, operation, response.status, answer.wrote, error)
        self.journal.record(line)
        return response

    def _named(self, request: Request) -> tuple[str, str]:
        """Return which service a request is for, and which of its operations."""
        if request.path == TOKEN_PATH:
            return "oauth2", "Token"
        if IMPERSONATE.match(request.path):
            return "iamcredentials", "GenerateAccessToken"
        return "gke", self._twin().operation(request)

    def _caller(self, request: Request) -> Bearer:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise TokenProblem(NO_CREDENTIAL, "missing")
        return self.office.caller(token)

    def _unauthenticated(self, request: Request, service: str, problem: TokenProblem) -> Response:
        if service == "oauth2":
            return Response.of_json({"error": problem.code, "error_description": str(problem)}, 400)
        return protocol.refusal("UNAUTHENTICATED", NO_CREDENTIAL if problem.code == "missing" else BAD_CREDENTIAL)

    def _faulted(self, request: Request, bearer: Bearer, service: str, operation: str) -> Answer:
        before = self.faults.take(service, operation, GENERIC)
        if before is not None and before.effect != "kill":
            return Answer(_effect(before))
        if before is not None:
            _kill(before)
        answer = self._dispatch(request, bearer, service)
        after = self.faults.take(service, operation, GENERIC, "after")
        if after is None:
            return answer
        if after.effect == "kill":
            _kill(after)
            return answer
        return Answer(_effect(after), answer.wrote)

    def _dispatch(self, request: Request, bearer: Bearer, service: str) -> Answer:
        if not bearer.scopes & ACCEPTED.get(service, GENERAL):
            return Answer(protocol.refusal("PERMISSION_DENIED", "Request had insufficient authentication scopes."))
        if service == "iamcredentials":
            return Answer(self._impersonated(request, bearer))
        return self._twin().answer(request, bearer)

    def _impersonated(self, request: Request, bearer: Bearer) -> Response:
        """Mint a token of another service account. Source: IAM Credentials API, generateAccessToken."""
        match = IMPERSONATE.match(request.path)
        email = match[1] if match else ""
        account = self.office.account(email)
        if account is None or email not in bearer.account.impersonates:
            text = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
            return protocol.refusal("PERMISSION_DENIED", text)
        asked = json.loads(request.body or b"{}")
        life = int(str(asked.get("lifetime", "3600s")).rstrip("s"))
        if not 0 < life <= LONGEST_LIFE or not asked.get("scope"):
            return protocol.refusal("INVALID_ARGUMENT", "The lifetime or the scope of the token is not valid.")
        now = time.time()
        token = self.office.mint(account, frozenset(asked["scope"]), by=bearer.email, life=life, now=now)
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + life))
        return Response.of_json({"accessToken": token, "expireTime": expires})


def _effect(fault: Fault) -> Response:
    if fault.effect == "reset":
        return RESET
    status = fault.code if fault.code in protocol.CODES else _status_of(fault.status)
    return protocol.refusal(status, fault.message)


def _status_of(http: int) -> str:
    return next((name for name, row in protocol.CODES.items() if row[1] == http), "INTERNAL")


def _kill(fault: Fault) -> None:
    """End the client that a test named, as a machine failure would."""
    try:
        os.kill(fault.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
