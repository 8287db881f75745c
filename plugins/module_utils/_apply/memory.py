# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields we applied the last time: asked when somebody else holds one now that the payload has changed, too.

The server forgets that a field was ours as soon as somebody else writes it. So a digest of each path (24 bits, as
four characters) stands in an annotation. A path that was never ours is mistaken for one of 100 with a chance of
one in 170,000. Values are no part of it.
"""

from __future__ import annotations

import base64
import hashlib
import typing as t

from .objects import APPLIED, Object, annotations_of
from .ownership import owned_fields, paths

MAX_FIELDS = 1000
"""An object with more fields (a large definition) carries no memory."""
WIDTH = 4


def _short(path: str) -> str:
    return base64.b64encode(hashlib.sha256(path.encode()).digest()[:3]).decode()


def memory(applied: Object, manager: str, left: t.Iterable[str] = ()) -> str:
    """Return what to remember of an object as the server would keep it after our apply; "" for too many fields.

    ``left`` are fields that somebody else rules for now: they were ours and may be again.
    """
    found = paths(owned_fields(applied, manager) or {}) | set(left)
    return "".join(sorted({_short(path) for path in found})) if len(found) <= MAX_FIELDS else ""


def remembers(live: Object, path: str) -> bool:
    """Say whether the last apply held this field; ``path`` as the server writes it in conflicts."""
    text = annotations_of(live).get(APPLIED, "")
    return _short(path) in {text[at : at + WIDTH] for at in range(0, len(text), WIDTH)}


def with_memory(payload: Object, applied: Object | None, manager: str, left: t.Iterable[str] = ()) -> Object:
    """Return the payload with the memory of a dry run of itself."""
    text = memory(applied, manager, left) if applied is not None else ""
    if not text:
        return payload
    metadata = payload["metadata"]
    return {**payload, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), APPLIED: text}}}
