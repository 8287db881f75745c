# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short-lived token, kept in memory and minted anew before it ends."""

from __future__ import annotations

import dataclasses
import threading
import time
import typing as t

RENEW_BEFORE = 60.0


@dataclasses.dataclass(frozen=True)
class Token:
    """``expires_at`` is in seconds since the epoch."""

    text: str = dataclasses.field(repr=False)
    expires_at: float


Mint = t.Callable[[float], Token]
"""Returns a new token; told the seconds since the epoch."""


class TokenSource:
    """The current token of one cluster, minted anew when less than a minute of it is left. Thread-safe."""

    def __init__(self, mint: Mint, now: t.Callable[[], float] = time.time) -> None:
        self._mint = mint
        self._now = now
        self._lock = threading.Lock()
        self._token: Token | None = None

    def __call__(self) -> Token:
        with self._lock:
            now = self._now()
            if self._token is None or self._token.expires_at - now < RENEW_BEFORE:
                self._token = self._mint(now)
            return self._token
