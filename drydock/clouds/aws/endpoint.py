# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one door to all simulated AWS services: authenticates, applies faults, dispatches, keeps the journal."""

from __future__ import annotations

import functools

from ...faults import Fault, Faults
from ...journal import Journal, Line, mark
from ...web import RESET, Request, Response
from ..eks.twin import Answer, EksTwin
from . import account, protocol, sigv4
from .gate.gate import Gate
from .principals import Principal, authenticate


class AwsEndpoint:
    """An app for a server: the value of AWS_ENDPOINT_URL points at it. Services are told apart by the signature."""

    def __init__(self, twin: EksTwin, gate: Gate, faults: Faults, journal: Journal) -> None:
        self.twin = twin
        self.gate = gate
        self.faults = faults
        self.journal = journal
        self.moto = account.MotoService()
        self.touched = False
        """Whether anybody wrote into an account, beside its clusters, since it was seeded."""
        self.grants: dict[str, frozenset[str]] = {}
        """Actions that a principal may take, by its ARN; who is not here may do everything."""

    def __call__(self, request: Request) -> Response:
        began, who, service, operation = mark(), "", "unsigned", f"{request.method} {request.path}"
        try:
            signed = sigv4.read(request)
            service = signed.service
            eks = service == "eks"
            operation = self.twin.operation(request) if eks else self.moto.operation(request, service)
            principal = authenticate(request, signed)
            who = principal.arn
            answer = self._denied(principal, signed.service, operation) or self._faulted(
                request, principal, signed, operation
            )
        except sigv4.SignatureProblem as problem:
            code, status = protocol.SIGNATURE_ERRORS[protocol.dialect(service)][problem.fault]
            answer = Answer(protocol.refusal(service, code, problem.message, status))
        response = answer.response
        agent = request.headers.get("user-agent", "")
        error = protocol.error_code(response) or ("ConnectionReset" if response.reset else "")
        line = Line(began, service, who, agent, request.method, operation, response.status, answer.wrote, error)
        self.journal.record(line)
        return response

    def _denied(self, principal: Principal, service: str, operation: str) -> Answer | None:
        """Refuse what an identity policy does not grant. Source: EC2 and query error codes of IAM denials."""
        granted = self.grants.get(principal.arn)
        action = f"{service}:{operation}"
        if granted is None or action in granted:
            return None
        code = "UnauthorizedOperation" if service == "ec2" else "AccessDenied"
        text = f"User: {principal.arn} is not authorized to perform: {action}"
        return Answer(protocol.refusal(service, code, text, 403))

    def _faulted(self, request: Request, principal: Principal, signed: sigv4.Signed, operation: str) -> Answer:
        return self.faults.around(
            signed.service,
            operation,
            lambda: self._dispatch(request, principal, signed, operation),
            lambda fault, wrote: Answer(_effect(fault, signed.service), wrote),
        )

    def _dispatch(self, request: Request, principal: Principal, signed: sigv4.Signed, operation: str) -> Answer:
        if signed.service == "eks":
            return self.twin.answer(request, principal, signed)
        forward = functools.partial(self.moto.answer, request, principal, signed)
        response = self.gate.answer(operation, request, principal, signed, forward)
        wrote = self.moto.writes(operation) and 200 <= response.status < 300
        self.touched = self.touched or wrote
        return Answer(response, wrote)


def _effect(fault: Fault, service: str) -> Response:
    return RESET if fault.breaks else protocol.refusal(service, fault.code, fault.message, fault.status)
