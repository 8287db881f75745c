# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-lived Kubernetes tokens of GKE: the access token of whoever we are in Google Cloud, good for an hour.

No vendor program is run and nothing is stored. The GKE client is not imported: google-auth suffices.
"""

from __future__ import annotations

import datetime

from ..token import Token
from .session import LIFETIME, GoogleSession


def mint(session: GoogleSession, now: float) -> Token:
    """Return a new token. Raises PlatformError where there are no usable credentials."""
    found = session.refresh()
    ends: datetime.datetime | None = found.expiry
    return Token(str(found.token), ends.replace(tzinfo=datetime.UTC).timestamp() if ends else now + LIFETIME)
