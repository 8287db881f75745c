# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure's side of the harbour: subscriptions, tokens and the AKS twin behind one TLS port."""

from __future__ import annotations

import json
import typing as t
import urllib.parse

import requests

from ...certificates import self_signed
from ...clock import CloudClock
from ...errors import DrydockError
from ...faults import Faults
from ...identity import entra_token
from ...identity.entra_token import EntraOffice
from ...journal import Journal
from ...state import State
from ...web import LoopbackServer, Request, Response
from . import subscription
from .endpoint import AzureEndpoint
from .fleet import RealPlant
from .store import Cluster
from .subscription import CA_FILE, Application
from .twin import AksTwin
from .work import PaperPlant, Plant

Json = dict[str, t.Any]


class AzureShore:
    """The one port, and what tests and the command line want of it."""

    def __init__(self, state: State, clock: CloudClock, faults: Faults, journal: Journal) -> None:
        self.seed = subscription.seed()
        self.office = EntraOffice(self.seed)
        self.twin = AksTwin(clock, faults, self.seed)
        self.webhook_base = ""
        self._state, self._journal = state, journal
        self._pair = self_signed("127.0.0.1")
        self._real = RealPlant(state.clusters, journal, self._webhook, cloud="aks")
        app = AzureEndpoint(self.twin, self.office, faults, journal)
        self._server = LoopbackServer(app, tls=self._pair)
        self.url = self.office.url = self.twin.url = self._server.url

    def _webhook(self, cluster: Cluster) -> str:
        return f"{self.webhook_base}/entra-token/{'/'.join(urllib.parse.quote(part) for part in cluster.key)}"

    def use_control_planes(self, real: bool) -> None:
        """Say whether clusters created from now on are real control planes."""
        wanted: Plant = self._real if real else PaperPlant()
        if type(wanted) is not type(self.twin.plant):
            self.twin.plant.stop_all()
            self.twin.plant = wanted

    def person(self, name: str) -> Application:
        if name not in self.seed.people:
            raise DrydockError(f"application {name!r} is unknown; choose one of {', '.join(self.seed.people)}")
        return self.seed.people[name]

    def publish(self) -> Json:
        """Write the authority's certificate; return what seed.json says of Azure."""
        self._state.write(CA_FILE, self._pair.certificate.decode(), 0o644)
        return self.seed.document(self.url, self._state.dir)

    def environment(self, name: str = "runner") -> dict[str, str]:
        """Return the variables that give Azure's libraries a person's secret, and no other."""
        person = self.person(name)
        return {
            "AZURE_AUTHORITY_HOST": self.url,
            "AZURE_TENANT_ID": person.tenant,
            "AZURE_CLIENT_ID": person.client_id,
            "AZURE_CLIENT_SECRET": person.secret,
        }

    def token(self, name: str = "runner", scope: str = "") -> str:
        """Return a token of one of the seeded applications, as the token endpoint gives it."""
        person = self.person(name)
        form = {
            "grant_type": "client_credentials",
            "client_id": person.client_id,
            "client_secret": person.secret,
            "scope": scope or f"{self.url}/.default",
        }
        return str(self.office.grant(person.tenant, urllib.parse.urlencode(form))["access_token"])

    def client(self, name: str = "runner") -> ArmClient:
        return ArmClient(self, name)

    def without(self, *rules: str) -> AksTwin:
        """Leave rules out until the next reset; return the twin."""
        unknown = set(rules) - {row.id for row in self.twin.rules}
        if unknown:
            raise DrydockError(f"there is no rule {sorted(unknown)[0]}")
        self.twin.rules = tuple(row for row in self.twin.rules if row.id not in rules)
        return self.twin

    def token_review(self, place: tuple[str, str, str], request: Request) -> Response:
        """Answer the token webhook of one cluster's API server."""
        here = (place[0], urllib.parse.unquote(place[1]), urllib.parse.unquote(place[2]))
        found = entra_token.review(
            request.json() or {}, here[2], self.office, lambda bearer: self.twin.groups_on(here, bearer)
        )
        return Response.of_json(found)

    def settle(self) -> int:
        return self.twin.settle()

    def document(self) -> list[Json]:
        return self.twin.document()

    def reset(self) -> None:
        self.twin.reset()

    def stop(self) -> None:
        self.reset()
        self._server.stop()


class ArmRefusal(Exception):
    """An answer of 400 and above: its status, code and the whole of it."""

    def __init__(self, status: int, body: Json, headers: t.Mapping[str, str]) -> None:
        inner = body.get("error", body)
        super().__init__(f"{status} {inner}")
        self.status, self.body, self.headers = status, body, headers
        self.code, self.message = str(inner.get("code", "")), str(inner.get("message", ""))


class ArmClient:
    """A client of its own for tests and people: it asks once and says what was answered. No part of any SDK."""

    def __init__(self, shore: AzureShore, name: str) -> None:
        self._shore, self._name = shore, name

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        url = path if "://" in path else f"{self._shore.url}{path}"
        sent = {"Authorization": f"Bearer {self._shore.token(self._name)}", "Content-Type": "application/json"}
        return requests.request(
            method,
            url,
            data=None if body is None else json.dumps(body),
            headers={**sent, **{name.replace("_", "-"): value for name, value in headers.items()}},
            verify=str(self._shore._state.dir / CA_FILE),
            timeout=60,
        )

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Json:
        """Return the body of an answer; raise ArmRefusal."""
        answer = self.ask(method, path, body, **headers)
        found: Json = answer.json() if answer.content else {}
        if answer.status_code >= 400:
            raise ArmRefusal(answer.status_code, found, answer.headers)
        return found
