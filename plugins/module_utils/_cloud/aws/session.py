# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way into AWS: credentials by the SDK's own chain, endpoints, and the check of whose account it is.

The SDK is imported where it is first used, so that a run without AWS never pays for it. ``load`` imports it ahead,
with the descriptions of services and endpoints: every process that is forked afterwards has them, and makes a client
in a twentieth of the time.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
import typing as t

from ..._common.errors import PlatformError
from ..cluster.spec import Place
from .errors import classify

USER_AGENT = "seaworthy.platform"
CONNECT_SECONDS = 5
READ_SECONDS = 60


DESCRIBED = ("endpoints", "partitions", "sdk-default-configuration", "_retry")
"""What botocore reads for a client of any service, beside the service's own two documents."""
DESCRIBED_SERVICES = ("sts", "eks")
DOCUMENTS = ("service-2", "endpoint-rule-set-1")

Auth = t.Mapping[str, str]


@functools.cache
def load() -> str:
    """Import the SDK; return the name of what is missing, an empty string if nothing is."""
    try:
        import boto3  # noqa: F401
        import botocore.config
        import botocore.credentials
        import botocore.exceptions  # noqa: F401
    except ImportError as missing:
        return missing.name or "boto3"
    for name in DESCRIBED:
        descriptions().load_data(name)
    for service in DESCRIBED_SERVICES:
        for document in DOCUMENTS:
            descriptions().load_service_model(service, document)
    return ""


@functools.cache
def descriptions() -> t.Any:
    """Return botocore's reader of its own data. It keeps what it has read; each session would have one of its own."""
    import botocore.session

    return botocore.session.Session().get_component("data_loader")


@dataclasses.dataclass(frozen=True)
class Identity:
    account: str
    arn: str


class AwsSession:
    """Clients for one place. Clients are safe to share between threads; making them is not, hence the lock."""

    def __init__(self, place: Place) -> None:
        missing = load()
        if missing:
            raise PlatformError(
                f"{place.subject}: the Python package {missing} is not installed for this interpreter.",
                kind="invalid",
                remedy="Install boto3, or use the collection's execution environment.",
            )
        self.place = place
        self._lock = threading.Lock()
        self._clients: dict[str, t.Any] = {}
        self._session: t.Any = None

    def client(self, service: str) -> t.Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def session(self) -> t.Any:
        """Return the boto3 session; one that assumes a role renews it before it ends."""
        if self._session is None:
            import boto3
            import botocore.exceptions
            import botocore.session

            auth, core = self.place.auth, botocore.session.Session()
            core.register_component("data_loader", descriptions())
            try:
                self._session = boto3.Session(
                    profile_name=auth.get("profile"), region_name=self.place.location, botocore_session=core
                )
            except botocore.exceptions.BotoCoreError as error:
                raise classify(error, self.place.subject) from None
            if auth.get("role_arn"):
                _assume(self._session, auth, self.place.location)
        return self._session

    def call(self, service: str, operation: str, **arguments: t.Any) -> dict[str, t.Any]:
        """Return the answer of one request, sent once. Raises PlatformError."""
        import botocore.exceptions

        doing = f"{self.place.subject}: {_camel(operation)}"
        try:
            answer: dict[str, t.Any] = getattr(self.client(service), operation)(**arguments)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise classify(error, doing) from None
        except ValueError as error:
            raise _bad_endpoint(self.place, error) from None
        return answer

    def identity(self) -> Identity:
        answer = self.call("sts", "get_caller_identity")
        return Identity(answer["Account"], answer["Arn"])

    def check_account(self) -> Identity:
        """Return who we are. Raises PlatformError, kind "wrong_account", if that is not who we must be."""
        identity, wanted = self.identity(), self.place.account
        if wanted and identity.account != wanted:
            raise PlatformError(
                f"{self.place.subject}: the credentials belong to account {identity.account} ({identity.arn}), "
                f"the cluster to account {wanted}; nothing was read or written.",
                kind="wrong_account",
                remedy="Use the profile or role of that account, or correct the expected account.",
            )
        return identity

    def _make_client(self, service: str) -> t.Any:
        return self.session().client(service, **_client_options(self.place.auth))


def _client_options(auth: Auth) -> dict[str, t.Any]:
    """The SDK sends each request once: repeating, with its pauses and its limit, is ours."""
    import botocore.config

    config = botocore.config.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        user_agent_extra=USER_AGENT,
        max_pool_connections=16,
    )
    options: dict[str, t.Any] = {"config": config}
    if auth.get("endpoint_url"):
        options["endpoint_url"] = auth["endpoint_url"]
    if auth.get("ca_bundle"):
        options["verify"] = auth["ca_bundle"]
    return options


def _assume(session: t.Any, auth: Auth, region: str) -> None:
    """Replace the session's credentials by those of the role, fetched when first used and again before they end."""
    import botocore.credentials

    core = session._session
    options = {**_client_options(auth), "region_name": region}
    fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
        client_creator=functools.partial(_create_client, core, options),
        source_credentials=session.get_credentials(),
        role_arn=auth["role_arn"],
        extra_args={"ExternalId": auth["external_id"]} if auth.get("external_id") else {},
    )
    core._credentials = botocore.credentials.DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )


def _create_client(core: t.Any, options: t.Mapping[str, t.Any], service: str, **keywords: t.Any) -> t.Any:
    """The fetcher passes its own config and credentials; place and trust come from the options."""
    return core.create_client(service, **{**options, **keywords})


def _bad_endpoint(place: Place, error: ValueError) -> PlatformError:
    return PlatformError(
        f"{place.subject}: {error}.",
        kind="invalid",
        remedy="Correct auth.endpoint_url, AWS_ENDPOINT_URL or the region.",
    )


def _camel(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("_"))
