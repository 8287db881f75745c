# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows which wing opens which cluster."""

from __future__ import annotations

import typing as t

from ..module_utils._apply.auth import overridden_kubeconfig
from ..module_utils._cloud.access import cloud_credentials
from ..module_utils._cloud.providers import PROVIDERS as CLOUDS
from ..module_utils._common.credentials import CredentialSource
from ..module_utils._common.errors import PlatformError

Cluster = t.Mapping[str, t.Any]


def credential_source(cluster: Cluster) -> CredentialSource:
    """Return how to get into the API of a ``platform_cluster`` value."""
    provider = str(cluster.get("provider", ""))
    if provider not in PROVIDERS:
        raise PlatformError(
            f"the cluster's provider is {provider!r}; known are {', '.join(sorted(PROVIDERS))}.", kind="invalid"
        )
    return PROVIDERS[provider](cluster)


PROVIDERS: dict[str, t.Callable[[Cluster], CredentialSource]] = {
    **dict.fromkeys(CLOUDS, cloud_credentials),
    "kubeconfig": overridden_kubeconfig,
}
