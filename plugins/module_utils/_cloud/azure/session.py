# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way into Azure: credentials by azure-identity, ARM by azure-core's pipeline with plain dictionaries.

No service's own SDK: what a GET says goes back in the PUT, also where this release has never heard of it.
The libraries are imported where they are first used, so that a run without Azure never pays for them.
``load`` imports them ahead.
"""

from __future__ import annotations

import os
import threading
import typing as t
import urllib.parse

from ..._common.errors import PlatformError
from ..cluster.spec import Place
from .errors import answer_of, classify, refusal

Json = dict[str, t.Any]
USER_AGENT = "seaworthy.platform"
CONNECT_SECONDS = 10
READ_SECONDS = 90
SUBSCRIPTIONS = "2022-12-01"
PUBLIC = "https://management.azure.com"
# Source: azure-identity, AzureAuthorityHosts; azure-mgmt-core, tools.get_arm_endpoints.
CLOUDS = {
    "login.microsoftonline.com": PUBLIC,
    "login.microsoftonline.us": "https://management.usgovcloudapi.net",
    "login.chinacloudapi.cn": "https://management.chinacloudapi.cn",
    "login.partner.microsoftonline.cn": "https://management.chinacloudapi.cn",
}


def load() -> str:
    """Import the SDK; return the name of what is missing, an empty string if nothing is."""
    try:
        import azure.core.pipeline.transport
        import azure.identity
        import azure.mgmt.core  # noqa: F401
    except ImportError as missing:
        return missing.name or "azure-identity"
    return ""


class Reply(t.NamedTuple):
    """``body`` is empty where there was none; ``headers`` are found by any spelling."""

    status: int
    body: Json
    headers: t.Mapping[str, str]


class AzureSession:
    """A credential and one pipeline for one place. Made lazily, once, whatever thread asks first."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.RLock()
        self._credential: t.Any = None
        self._pipeline: t.Any = None

    # -- who we are

    def check_subscription(self) -> str:
        """Return the subscription. Raises PlatformError, kind "wrong_account", if we cannot be at home in it."""
        place, wanted = self.place, self.place.auth.get("tenant_id")
        try:
            found = self.call("GET", f"/subscriptions/{place.account}?api-version={SUBSCRIPTIONS}").body
        except PlatformError as error:
            if error.kind in ("not_found", "permission"):
                error.kind = "wrong_account"
            raise
        tenant = str(found.get("tenantId") or "")
        if wanted and tenant and wanted.lower() != tenant.lower() and "." not in wanted:
            raise PlatformError(
                f"{place.subject}: subscription {place.account} is of tenant {tenant}, it must be of {wanted}; "
                "nothing was read or written.",
                kind="wrong_account",
                remedy="Correct the subscription, or auth.tenant_id.",
            )
        return place.account

    def token(self, scope: str) -> t.Any:
        """Return a token for a scope, as azure-core has it: ``token`` and ``expires_on``, in seconds of the epoch."""
        return self._guarded("a token", lambda: self.credential().get_token(scope))

    def credential(self) -> t.Any:
        with self._lock:
            if self._credential is None:
                require(self.place)
                self._credential = self._made_credential()
            return self._credential

    def _made_credential(self) -> t.Any:
        try:
            return self._guarded("credentials", self._find_credential)
        except ValueError as error:
            raise _unusable(self.place, error) from None

    def _find_credential(self) -> t.Any:
        from azure import identity

        auth, common = self.place.auth, self._common()
        named: Json = {"tenant_id": auth.get("tenant_id"), "client_id": auth.get("client_id")}
        if auth.get("certificate_file"):
            return identity.CertificateCredential(**named, certificate_path=auth["certificate_file"], **common)
        if auth.get("secret_file"):
            secret = _first_line(self.place, auth["secret_file"])
            return identity.ClientSecretCredential(**named, client_secret=secret, **common)
        if auth.get("token_file"):
            return identity.WorkloadIdentityCredential(**named, token_file_path=auth["token_file"], **common)
        if auth.get("managed_identity"):
            return identity.ManagedIdentityCredential(client_id=auth.get("client_id"))
        return self._chain(common)

    def _chain(self, common: Json) -> t.Any:
        """Return what the environment says: a service principal, a workload identity, the machine, a login."""
        from azure import identity

        found: list[t.Any] = [identity.EnvironmentCredential(**common)]
        if os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
            found.append(identity.WorkloadIdentityCredential(**common))
        tenant = self.place.auth.get("tenant_id") or ""
        found += [identity.ManagedIdentityCredential(), identity.AzureCliCredential(tenant_id=tenant)]
        return identity.ChainedTokenCredential(*found)

    def _common(self) -> Json:
        """An authority that is not Microsoft's own is not known to Microsoft's list of authorities."""
        common: Json = {"authority": self.authority, "retry_total": 0}
        if urllib.parse.urlsplit(self.authority).hostname not in CLOUDS:
            common["disable_instance_discovery"] = True
        if self.place.auth.get("ca_bundle"):
            common["connection_verify"] = self.place.auth["ca_bundle"]
        return common

    @property
    def authority(self) -> str:
        said = self.place.auth.get("authority_host") or os.environ.get("AZURE_AUTHORITY_HOST") or next(iter(CLOUDS))
        return said if "://" in said else f"https://{said}"

    @property
    def endpoint(self) -> str:
        own = CLOUDS.get(urllib.parse.urlsplit(self.authority).hostname or "", PUBLIC)
        return str(self.place.auth.get("endpoint_url") or own).rstrip("/")

    # -- requests

    def call(self, method: str, url: str, body: t.Any = None, headers: t.Mapping[str, str] | None = None) -> Reply:
        """Return the answer of one request, sent once. ``url`` may be a path below the endpoint.

        Raises PlatformError.
        """
        doing = f"{method} {_what(url)}"
        whole = url if "://" in url else f"{self.endpoint}{url}"
        answer = self._guarded(doing, lambda: self._send(method, whole, body, headers or {}))
        if answer.status >= 400:
            told = answer_of(answer.status, answer.body, answer.headers)
            raise refusal(told, f"{self.place.subject}: {doing}")
        return t.cast(Reply, answer)

    def _send(self, method: str, url: str, body: t.Any, headers: t.Mapping[str, str]) -> Reply:
        from azure.core.rest import HttpRequest

        request = HttpRequest(method, url, json=body, headers={"Accept": "application/json", **headers})
        response = self.pipeline().send_request(request)
        try:
            found = response.json() if response.content else {}
        except ValueError:
            found = {}
        return Reply(response.status_code, found if isinstance(found, dict) else {"value": found}, response.headers)

    def pipeline(self) -> t.Any:
        """Return azure-core's client, which repeats nothing by itself: our caller knows what is worth another try."""
        with self._lock:
            if self._pipeline is None:
                self._pipeline = self._make_pipeline()
            return self._pipeline

    def _make_pipeline(self) -> t.Any:
        credential = self.credential()
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import RequestIdPolicy, UserAgentPolicy
        from azure.core.pipeline.transport import RequestsTransport
        from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

        transport = RequestsTransport(
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            connection_verify=self.place.auth.get("ca_bundle") or True,
        )
        scope = f"{CLOUDS.get(urllib.parse.urlsplit(self.authority).hostname or '', self.endpoint)}/.default"
        policies = [
            RequestIdPolicy(),
            UserAgentPolicy(USER_AGENT),
            ARMChallengeAuthenticationPolicy(credential, scope),
        ]
        return PipelineClient(self.endpoint, policies=policies, transport=transport)

    def _guarded(self, doing: str, work: t.Callable[[], t.Any]) -> t.Any:
        """Return what the work returns; whatever the libraries raise becomes one sentence."""
        import azure.core.exceptions

        try:
            return work()
        except azure.core.exceptions.AzureError as error:
            raise classify(error, f"{self.place.subject}: {doing}") from None


def require(place: Place) -> None:
    missing = load()
    if missing:
        raise PlatformError(
            f"{place.subject}: the Python package {missing} is not installed for this interpreter.",
            kind="invalid",
            remedy="Install azure-identity and azure-mgmt-core, or use the collection's execution environment.",
        )


def _unusable(place: Place, error: ValueError) -> PlatformError:
    """azure-identity refuses what it cannot be made of: no tenant, no client, a certificate without its key."""
    return PlatformError(
        f"{place.subject}: the Azure credentials cannot be used ({str(error).splitlines()[0].rstrip('.')}).",
        kind="credentials",
        remedy="Give auth.tenant_id and auth.client_id with the file that proves them.",
    )


def _first_line(place: Place, path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().strip()
    except OSError as error:
        raise PlatformError(
            f"{place.subject}: {path} cannot be read ({error.strerror}).",
            kind="credentials",
            remedy="Correct auth.secret_file.",
        ) from None


def _what(url: str) -> str:
    """Return the end of a URL's path, which names what it is about; its query may be signed."""
    return "/".join(urllib.parse.urlsplit(url).path.rsplit("/", 2)[-2:])
