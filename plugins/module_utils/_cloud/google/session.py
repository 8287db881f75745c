# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way into Google Cloud: credentials by google-auth's own chain, the endpoint, and the check of who we are.

The libraries are imported where they are first used, so that a run without Google Cloud never pays for them.
``load`` imports them ahead.
"""

from __future__ import annotations

import threading
import typing as t
import urllib.parse
import warnings

from ..._common.errors import PlatformError
from ..cluster.spec import Place
from .errors import classify

Json = dict[str, t.Any]
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
USER_AGENT = "seaworthy.platform"
SECONDS = 60.0
LIFETIME = 3600
HOST = "container.googleapis.com"
CHANNEL = (("grpc.primary_user_agent", USER_AGENT), ("grpc.enable_retries", 0))
"""A write is sent once: the channel repeats nothing behind our back."""


def load() -> str:
    """Import the SDK; return the name of what is missing, an empty string if nothing is."""
    try:
        import google.auth.transport.requests
        import google.cloud.container_v1  # noqa: F401
    except ImportError as missing:
        return missing.name or "google-cloud-container"
    return ""


class GoogleSession:
    """Credentials and one client for one place. Made lazily, once, whatever thread asks first."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.RLock()
        self._credentials: t.Any = None
        self._client: t.Any = None

    # -- who we are

    def credentials(self) -> t.Any:
        """Return google-auth credentials, which renew their token before it ends."""
        with self._lock:
            if self._credentials is None:
                self._credentials = self._guarded("credentials", self._find_credentials)
            return self._credentials

    def _find_credentials(self) -> t.Any:
        require(self.place, _load_auth())
        import google.auth

        auth = self.place.auth
        if auth.get("credentials_file"):
            found, _project = _from_file(self.place, auth["credentials_file"])
        else:
            found, _project = google.auth.default(scopes=SCOPES, request=self._request())
        return self._impersonated(found) if auth.get("impersonate") else found

    def _impersonated(self, source: t.Any) -> t.Any:
        from google.auth import impersonated_credentials

        auth = self.place.auth
        base = auth.get("iam_endpoint_url")
        path = f"v1/projects/-/serviceAccounts/{auth['impersonate']}:generateAccessToken"
        return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
            source_credentials=source,
            target_principal=auth["impersonate"],
            target_scopes=list(SCOPES),
            lifetime=LIFETIME,
            iam_endpoint_override=f"{base.rstrip('/')}/{path}" if base else None,
        )

    def check_principal(self) -> str:
        """Return the project. Raises PlatformError, kind "wrong_account", if we are not who we must be."""
        found, wanted = self.credentials(), self.place.auth.get("principal")
        if wanted:
            principal = self._principal(found)
            if principal != wanted:
                raise PlatformError(
                    f"{self.place.subject}: the credentials are of {principal or 'somebody without a name'}, "
                    f"they must be of {wanted}; nothing was read or written.",
                    kind="wrong_account",
                    remedy="Use the credentials of that service account, or correct auth.principal.",
                )
        return self.place.account

    def _principal(self, found: t.Any) -> str:
        """The metadata server's credentials know their name only once they have a token."""
        if getattr(found, "service_account_email", "") == "default":
            self.refresh()
        return str(getattr(found, "service_account_email", "") or "")

    def refresh(self) -> t.Any:
        """Return the credentials with a token that was just given."""
        found = self.credentials()
        with self._lock:
            self._guarded("a token", lambda: found.refresh(self._request()))
        return found

    def _request(self) -> t.Any:
        import google.auth.transport.requests
        import requests

        session = requests.Session()
        if self.place.auth.get("ca_bundle"):
            session.verify = self.place.auth["ca_bundle"]
        return google.auth.transport.requests.Request(session)

    # -- requests

    def call(self, operation: str, request: t.Mapping[str, t.Any]) -> Json:
        """Return the answer of one request, sent once, in the proto's own names. Raises PlatformError."""
        return t.cast(Json, self._guarded(_camel(operation), lambda: self._send(operation, request)))

    def _send(self, operation: str, request: t.Mapping[str, t.Any]) -> Json:
        from google.cloud import container_v1
        from google.protobuf import json_format

        kind = getattr(container_v1, f"{_camel(operation)}Request")
        message = json_format.ParseDict(dict(request), kind.pb()())
        call = getattr(self.client(), operation)
        answer = call(request=kind(message), retry=None, timeout=SECONDS, metadata=self._metadata())
        found: Json = json_format.MessageToDict(type(answer).pb(answer), preserving_proto_field_name=True)
        return found

    def misfit(self, message: str, document: Json) -> str:
        """Return what a message of the protos cannot hold of a document, an empty string if it holds all of it."""
        require(self.place, load())
        from google.cloud import container_v1
        from google.protobuf import json_format

        try:
            json_format.ParseDict(document, getattr(container_v1, message).pb()())
        except json_format.ParseError as error:
            return str(error).splitlines()[0].rstrip(".")
        return ""

    def client(self) -> t.Any:
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def _make_client(self) -> t.Any:
        require(self.place, load())
        from google.cloud import container_v1

        endpoint = urllib.parse.urlsplit(self.place.auth.get("endpoint_url") or f"https://{HOST}")
        transport = self._grpc(endpoint) if self._by_grpc else self._rest(endpoint)
        return container_v1.ClusterManagerClient(transport=transport)

    @property
    def _by_grpc(self) -> bool:
        return self.place.auth.get("transport") == "grpc"

    def _rest(self, endpoint: urllib.parse.SplitResult) -> t.Any:
        from google.api_core.gapic_v1.client_info import ClientInfo
        from google.cloud.container_v1.services.cluster_manager.transports.rest import ClusterManagerRestTransport

        transport = ClusterManagerRestTransport(
            host=endpoint.netloc,
            url_scheme=endpoint.scheme,
            credentials=self._bearer(),
            client_info=ClientInfo(user_agent=USER_AGENT),  # type: ignore[no-untyped-call]
        )
        if self.place.auth.get("ca_bundle"):
            transport._session.verify = self.place.auth["ca_bundle"]
            transport._session._auth_request = self._request()
        return transport

    def _grpc(self, endpoint: urllib.parse.SplitResult) -> t.Any:
        """Return a transport with a channel of its own, opened here: none may exist before a process forks."""
        import grpc  # type: ignore[import-untyped]
        from google.cloud.container_v1.services.cluster_manager.transports.grpc import ClusterManagerGrpcTransport

        if endpoint.scheme == "https":
            trusted = grpc.ssl_channel_credentials(_content(self.place, self.place.auth.get("ca_bundle")))
            channel = grpc.secure_channel(endpoint.netloc, trusted, CHANNEL)
        else:
            channel = grpc.insecure_channel(endpoint.netloc, CHANNEL)
        return ClusterManagerGrpcTransport(channel=channel)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what a call over gRPC carries; over REST the client carries our token itself."""
        if not self._by_grpc:
            return ()
        found = self.credentials()
        with self._lock:
            if not found.valid:
                self.refresh()
        return (("authorization", f"Bearer {found.token}"),)

    def _bearer(self) -> t.Any:
        """Return our token for the client to carry, and nothing else of the credentials.

        Given these themselves, the library asks iamcredentials.googleapis.com where the account may be used, in a
        thread of its own: a host that a private network may not reach.
        """
        from google.oauth2.credentials import Credentials

        def renewed(request: t.Any, scopes: t.Any) -> tuple[str, t.Any]:
            found = self.refresh()
            return found.token, found.expiry

        bearer: t.Any = Credentials
        return bearer(token=None, refresh_handler=renewed)

    def _guarded(self, doing: str, work: t.Callable[[], t.Any]) -> t.Any:
        """Return what the work returns; whatever the libraries raise becomes one sentence."""
        import google.api_core.exceptions
        import google.auth.exceptions
        import requests

        expected = (
            google.api_core.exceptions.GoogleAPIError,
            google.auth.exceptions.GoogleAuthError,
            requests.RequestException,
        )
        try:
            return work()
        except expected as error:
            raise classify(error, f"{self.place.subject}: {doing}") from None


def _load_auth() -> str:
    try:
        import google.auth
        import google.auth.transport.requests  # noqa: F401
    except ImportError as missing:
        return missing.name or "google-auth"
    return ""


def require(place: Place, missing: str) -> None:
    if missing:
        raise PlatformError(
            f"{place.subject}: the Python package {missing} is not installed for this interpreter.",
            kind="invalid",
            remedy="Install google-cloud-container and requests, or use the collection's execution environment.",
        )


def _content(place: Place, path: str | None) -> bytes | None:
    """Return what a file holds, None where none is named."""
    if not path:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise PlatformError(
            f"{place.subject}: {path} cannot be read ({error.strerror}).",
            kind="invalid",
            remedy="Correct auth.ca_bundle.",
        ) from None


def _from_file(place: Place, path: str) -> tuple[t.Any, t.Any]:
    """The libraries warn of files from untrusted hands; this one is named by whoever runs the play."""
    import google.auth

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found = google.auth.load_credentials_from_file(path, scopes=SCOPES)  # type: ignore[no-untyped-call]
        return t.cast(tuple[t.Any, t.Any], found)
    except (OSError, ValueError) as error:
        raise PlatformError(
            f"{place.subject}: {path} cannot be read as credentials ({type(error).__name__}).",
            kind="credentials",
            remedy="Correct auth.credentials_file.",
        ) from None


def _camel(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("_"))
