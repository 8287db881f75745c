# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's doors on one TLS port: Entra's token endpoint, and Resource Manager behind a bearer token."""

from __future__ import annotations

import re

from ...faults import Fault, Faults
from ...identity.entra_token import Bearer, EntraOffice, TokenProblem
from ...journal import Journal, Line, mark
from ...web import RESET, Request, Response
from . import protocol
from .twin import AksTwin, Answer

CONFIGURATION = re.compile(r"^/([^/]+)(?:/v2\.0)?/\.well-known/openid-configuration$")
TOKEN = re.compile(r"^/([^/]+)/oauth2/v2\.0/token$")
CHALLENGE = 'Bearer authorization_uri="{url}/common", error="invalid_token", error_description="{why}"'


class AzureEndpoint:
    """An app for a server: auth.endpoint_url and auth.authority_host point at it."""

    def __init__(self, twin: AksTwin, office: EntraOffice, faults: Faults, journal: Journal) -> None:
        self.twin = twin
        self.office = office
        self.faults = faults
        self.journal = journal

    def __call__(self, request: Request) -> Response:
        began, who = mark(), ""
        service, operation = self._named(request)
        try:
            if service == "entra":
                answer = Answer(self._entra(request))
            else:
                bearer = self._caller(request)
                who = bearer.name
                answer = self._faulted(request, bearer, operation)
        except TokenProblem as problem:
            answer = Answer(self._unauthenticated(service, problem))
        response = answer.response
        error = protocol.error_code(response) or ("ConnectionReset" if response.reset else "")
        agent = request.headers.get("user-agent", "")
        line = Line(began, service, who, agent, request.method, operation, response.status, answer.wrote, error)
        self.journal.record(line)
        return response

    def _named(self, request: Request) -> tuple[str, str]:
        """Return which service a request is for, and which of its operations."""
        if TOKEN.match(request.path):
            return "entra", "Token"
        if CONFIGURATION.match(request.path):
            return "entra", "OpenIdConfiguration"
        return "aks", self.twin.operation(request)

    def _entra(self, request: Request) -> Response:
        configuration, token = CONFIGURATION.match(request.path), TOKEN.match(request.path)
        if configuration:
            return Response.of_json(self.office.configuration(configuration[1]))
        assert token is not None
        return Response.of_json(self.office.grant(token[1], request.body.decode(errors="replace")))

    def _caller(self, request: Request) -> Bearer:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            text = "Authentication failed. The 'Authorization' header is missing."
            raise TokenProblem(50058, text, "AuthenticationFailed")
        return self.office.arm_bearer(token)

    def _unauthenticated(self, service: str, problem: TokenProblem) -> Response:
        if service == "entra":
            return Response.of_json(problem.document(), problem.status)
        why = str(problem).replace('"', "'")
        challenge = {"WWW_Authenticate": CHALLENGE.format(url=self.office.url, why=why)}
        return protocol.gateway_error(401, problem.code, str(problem), **challenge)

    def _faulted(self, request: Request, bearer: Bearer, operation: str) -> Answer:
        return self.faults.around(
            "aks",
            operation,
            lambda: self.twin.answer(request, bearer),
            lambda fault, wrote: Answer(_effect(fault), wrote),
        )


def _effect(fault: Fault) -> Response:
    return RESET if fault.breaks else protocol.gateway_error(fault.status, fault.code, fault.message)
