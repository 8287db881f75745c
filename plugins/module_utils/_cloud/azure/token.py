# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-lived Kubernetes tokens of AKS: an Entra token for the API servers of AKS, good for about an hour.

No vendor program is run and nothing is stored. Source: kubelogin, the server application of AKS.
"""

from __future__ import annotations

from ..token import Token
from .session import AzureSession

SERVER_APP = "6dae42f8-4368-4678-94ff-3960e28e3630"


def mint(session: AzureSession, now: float) -> Token:
    """Return a new token. Raises PlatformError where there are no usable credentials."""
    found = session.token(f"{SERVER_APP}/.default")
    return Token(str(found.token), float(found.expires_on))
