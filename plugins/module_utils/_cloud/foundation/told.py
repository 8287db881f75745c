# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every document of the foundation is told by alike: its terms, its diff, whose it is. Pure."""

from __future__ import annotations

import typing as t

from ..._common.errors import PlatformError
from ..reconcile.converge import Terms
from .options import Base
from .parts import Found, resolve
from .plan import Wish, ids_of


def terms(spec: Base, thing: str) -> Terms:
    return Terms(
        subject=spec.place.subject,
        thing=thing,
        idle="ABSENT" if spec.absent else "ACTIVE",
        wait=spec.wait,
        wait_timeout=spec.wait_timeout,
        poll_interval=spec.poll_interval,
    )


def diff(wish: Wish, found: t.Mapping[str, Found]) -> dict[str, t.Any]:
    """Return the managed fields before and after, by role."""
    before = {
        part.role: {
            field.path: field.read(found[part.role].document) for field in part.kind.fields if field.path in part.fields
        }
        for part in wish.parts
        if part.role in found
    }
    after = {part.role: resolve(part.fields, ids_of(wish, found)) for part in wish.parts}
    return {"before": {**before, **{one.role: {"id": one.id} for one in wish.surplus}}, "after": after}


def refuse_other_owner(spec: Base, found: t.Mapping[str, Found]) -> None:
    """What carries the name of our document under another owner is somebody else's."""
    for one in found.values():
        owner = one.kind.tags(one.document).get("seaworthy:owner", "")
        if owner != spec.owner:
            raise PlatformError(
                f"{spec.place.subject}: {one.target} ({one.id}) belongs to owner {owner or 'nobody'}, "
                f"not to {spec.owner}.",
                kind="foreign",
                remedy="Choose another name, or set owner to that one if both are you.",
            )
