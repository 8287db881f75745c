# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors of this wing for others: find a cluster, and get into its Kubernetes API."""

from __future__ import annotations

import time
import typing as t

from .._common.clock import Clock, Deadline, SystemClock
from .._common.credentials import Credentials, CredentialSource
from .._common.errors import PlatformError
from .._common.progress import silent
from .cluster.observed import Observed
from .cluster.spec import Place, parse_place
from .providers import PROVIDERS
from .token import TokenSource

Cluster = t.Mapping[str, t.Any]
FIND_SECONDS = 60.0


def place_of(cluster: Cluster) -> Place:
    """Return the place of a ``platform_cluster`` value."""
    cloud = PROVIDERS[cluster["provider"]].cloud
    return parse_place(cloud, cloud.place_document(cluster), label="cluster_")


def find_cluster(place: Place, *, clock: Clock | None = None) -> dict[str, t.Any]:
    """Return the uniform ``cluster`` value of a place (without node pools), after the check of the account.

    ``state`` is "absent" where there is none. Two reads, no write.
    """
    provider = PROVIDERS[place.cloud]
    driver = provider.driver(place)
    driver.begin(Deadline(clock or SystemClock(), FIND_SECONDS), silent(place.subject))
    return provider.cloud.describe(place, Observed(driver.account, driver.cluster()))


def cloud_credentials(cluster: Cluster, now: t.Callable[[], float] = time.time) -> CredentialSource:
    """Return a source of credentials for a ``platform_cluster`` value of a cloud.

    Tokens live in memory and are minted anew before they end. ``api`` overrides how the server is reached.
    """
    endpoint = cluster.get("endpoint") or ""
    api = {name: value for name, value in (cluster.get("api") or {}).items() if value}
    if not endpoint and not api.get("server"):
        raise PlatformError(
            f"{cluster['provider']}/{cluster['name']} has no endpoint yet.",
            kind="not_found",
            remedy="Create it first (playbook cluster), or wait until it is ready.",
        )
    tokens = TokenSource(PROVIDERS[cluster["provider"]].mint(place_of(cluster)), now)

    def current() -> Credentials:
        token = tokens()
        return Credentials(
            server=api.get("server") or endpoint,
            ca_data=api.get("ca") or cluster.get("ca") or "",
            token=token.text,
            tls_server_name=api.get("tls_server_name", ""),
            proxy=api.get("proxy", ""),
            expires_at=token.expires_at,
        )

    return current
