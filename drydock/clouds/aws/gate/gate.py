# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The strict gate in front of moto: rules on the way in, AWS's delays on the way out."""

from __future__ import annotations

import threading
import typing as t
import urllib.parse

from moto.backends import get_backend

from ....clock import CloudClock
from ....web import Request, Response
from .. import protocol
from ..principals import MOTO_LOCK, Principal
from ..sigv4 import Signed
from . import network
from .rules import Ask, Book, Refusal, Rule

ALL: t.Sequence[Rule] = tuple(network.RULES)
Forward = t.Callable[[], Response]


class Gate:
    """Judges requests to EC2. ``rules`` may be any part of the table; tests leave one out."""

    def __init__(self, clock: CloudClock) -> None:
        self.clock = clock
        self.rules: t.Sequence[Rule] = ALL
        self.book = Book()
        self._lock = threading.RLock()

    def reset(self) -> None:
        with self._lock:
            self.book = Book()
            self.rules = ALL

    def break_nat_gateway(self, account: str, region: str, name: str) -> None:
        """Fail a NAT gateway: it keeps its mark and gives its address back."""
        with self._lock, MOTO_LOCK:
            store: t.Any = get_backend("ec2")[account][region]
            network.fail_nat(store, self.book, name)

    def settle(self) -> int:
        with self._lock, MOTO_LOCK:
            return self.book.settle(self.clock.now())

    def answer(
        self, operation: str, request: Request, principal: Principal, signed: Signed, forward: Forward
    ) -> Response:
        """Return the answer to one authenticated request, of moto or of a rule."""
        if signed.service != "ec2":
            return forward()
        with self._lock:
            self.clock.tick()
            self.settle()
            ask = self._ask(operation, request, principal.account, signed.region)
            verdict = self._judge(ask, after=False)
            if isinstance(verdict, Response):
                return verdict
            if verdict is not None:
                return protocol.refusal("ec2", verdict.code, verdict.message, verdict.status)
            ask.answer = forward()
            if ask.answer.status < 300:
                self._judge(ask, after=True)
            return ask.answer

    def _ask(self, operation: str, request: Request, account: str, region: str) -> Ask:
        form = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
        store = get_backend("ec2")[account][region]
        return Ask(operation, form, account, region, store, self.book, self.clock.now())

    def _judge(self, ask: Ask, *, after: bool) -> Refusal | Response | None:
        """Return the first verdict on a request; a rule on an answer may put another in its place."""
        for rule in self.rules:
            if rule.applies(ask.operation, after):
                verdict = rule.check(ask)
                if verdict is not None and not after:
                    return verdict
                if isinstance(verdict, Response):
                    ask.answer = verdict
        return None
