# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one Kubernetes API is reached and who we are there. Lives in memory only."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Credentials:
    """One way into one API server.

    ``server`` is an https URL; ``ca_data`` PEM text (empty: the system's trust); ``token`` a bearer token,
    or ``client_cert``/``client_key`` PEM texts. ``expires_at`` is in seconds since the epoch, None for
    never. Secrets are kept out of ``repr``.
    """

    server: str
    ca_data: str = ""
    token: str = dataclasses.field(default="", repr=False)
    client_cert: str = dataclasses.field(default="", repr=False)
    client_key: str = dataclasses.field(default="", repr=False)
    tls_server_name: str = ""
    proxy: str = ""
    expires_at: float | None = None
    insecure: bool = False

    def expires_within(self, seconds: float, now: float) -> bool:
        return self.expires_at is not None and self.expires_at - now < seconds


CredentialSource = t.Callable[[], Credentials]
