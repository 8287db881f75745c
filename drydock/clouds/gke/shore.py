# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's side of the harbour: projects, tokens and the GKE twin behind one port, started when first asked."""

from __future__ import annotations

import datetime
import json
import threading
import typing as t
import urllib.parse

from ...clock import CloudClock
from ...errors import DrydockError
from ...faults import Faults
from ...identity import google_token
from ...identity.google_token import TokenOffice
from ...journal import Journal
from ...state import State
from ...web import LoopbackServer, Request, Response
from . import project
from .project import ServiceAccount, key_file_name

if t.TYPE_CHECKING:
    from .endpoint import GoogleEndpoint
    from .plant import Plant
    from .store import Cluster
    from .twin import GkeTwin
    from .wire import WireServer


class GoogleShore:
    """The port listens at once; the protos, slow to import, are loaded with the first request or use of ``twin``."""

    def __init__(self, state: State, clock: CloudClock, faults: Faults, journal: Journal) -> None:
        self.seed = project.seed()
        self.office = TokenOffice(self.seed)
        self.real = False
        self.webhook_base = ""
        self._clients: dict[str, t.Any] = {}
        self._state, self._clock, self._faults, self._journal = state, clock, faults, journal
        self._lock = threading.Lock()
        self._twin: GkeTwin | None = None
        self._app: GoogleEndpoint | None = None
        self._wire: WireServer | None = None
        self._server = LoopbackServer(self._serve)
        self.url = self._server.url

    def _serve(self, request: Request) -> Response:
        if self._app is None:
            from .endpoint import GoogleEndpoint

            app = GoogleEndpoint(lambda: self.twin, self.office, self._faults, self._journal)
            app.url = self.url
            self._app = app
        return self._app(request)

    @property
    def grpc_url(self) -> str:
        """The same service over gRPC, which listens from the first time that somebody asks where."""
        with self._lock:
            if self._wire is None:
                from .wire import WireServer

                self._wire = WireServer(lambda: self.twin, self.office, self._faults, self._journal)
            return f"http://{self._wire.address}"

    @property
    def twin(self) -> GkeTwin:
        with self._lock:
            if self._twin is None:
                from .twin import GkeTwin

                self._twin = GkeTwin(self._clock, self._faults, self.seed, self._plant())
            return self._twin

    def _plant(self) -> Plant:
        from .fleet import RealPlant
        from .plant import PaperPlant

        return RealPlant(self._state.clusters, self._journal, self._webhook, cloud="gke") if self.real else PaperPlant()

    def _webhook(self, cluster: Cluster) -> str:
        return f"{self.webhook_base}/google-token/{'/'.join(cluster.key)}"

    def use_control_planes(self, real: bool) -> None:
        """Say whether clusters created from now on are real control planes."""
        changed, self.real = self.real != real, real
        if changed and self._twin is not None:
            self._twin.plant.stop_all()
            self._twin.plant = self._plant()

    def person(self, name: str) -> ServiceAccount:
        if name not in self.seed.people:
            raise DrydockError(f"service account {name!r} is unknown; choose one of {', '.join(self.seed.people)}")
        return self.seed.people[name]

    def publish(self) -> dict[str, t.Any]:
        """Write the key files; return what seed.json says of Google."""
        for name, account in self.seed.people.items():
            self._state.write(key_file_name(name), account.key_file(f"{self.url}/token"))
        return self.seed.document(self.url, self._state.dir)

    def environment(self, name: str = "runner") -> dict[str, str]:
        """Return the variables that give Google's clients a person's key, and no other."""
        self.person(name)
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(self._state.dir / key_file_name(name)),
            "GOOGLE_CLOUD_PROJECT": project.PROJECT,
            "NO_GCE_CHECK": "true",
        }

    def token(self, name: str = "runner") -> str:
        """Return an access token of one of the seeded accounts, minted as Google's own library mints it."""
        from google.auth.transport.requests import Request as AuthRequest
        from google.oauth2 import service_account

        info = json.loads(self.person(name).key_file(f"{self.url}/token"))
        credentials: t.Any = service_account.Credentials
        keys = credentials.from_service_account_info(info, scopes=[google_token.CLOUD_PLATFORM])
        keys.refresh(AuthRequest())
        return str(keys.token)

    def client(self, name: str = "runner") -> t.Any:
        """Return a real ClusterManagerClient over REST that calls as one of the seeded accounts.

        It gets a token, not the key: with a key the library looks up the account's allowed locations at
        iamcredentials.googleapis.com behind the caller's back, and nothing here may dial out.
        """
        if name not in self._clients:
            from google.cloud import container_v1
            from google.oauth2.credentials import Credentials

            def renewed(request: t.Any, scopes: t.Any) -> tuple[str, datetime.datetime]:
                lasts = datetime.timedelta(seconds=google_token.LIFETIME)
                return self.token(name), datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + lasts

            untyped: t.Any = Credentials
            self._clients[name] = container_v1.ClusterManagerClient(
                credentials=untyped(token=None, refresh_handler=renewed),
                transport="rest",
                client_options={"api_endpoint": self.url},
            )
        return self._clients[name]

    def without(self, *rules: str) -> GkeTwin:
        """Leave rules out until the next reset; return the twin."""
        unknown = set(rules) - {row.id for row in self.twin.rules}
        if unknown:
            raise DrydockError(f"there is no rule {sorted(unknown)[0]}")
        self.twin.rules = tuple(row for row in self.twin.rules if row.id not in rules)
        return self.twin

    def token_review(self, place: tuple[str, str, str], request: Request) -> Response:
        """Answer the token webhook of one cluster's API server."""
        name = urllib.parse.unquote(place[2])
        found = google_token.review(
            request.json() or {}, name, self.office, lambda email: self.twin.groups_on(place, email)
        )
        return Response.of_json(found)

    def settle(self) -> int:
        return self._twin.settle() if self._twin is not None else 0

    def document(self) -> list[dict[str, t.Any]]:
        return self._twin.document() if self._twin is not None else []

    def reset(self) -> None:
        if self._twin is not None:
            self._twin.reset()

    def stop(self) -> None:
        self.reset()
        self._server.stop()
        if self._wire is not None:
            self._wire.stop()
