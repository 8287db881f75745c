# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from a mirror: every pinned image keeps its whole name below the mirror's."""

from __future__ import annotations

import typing as t

from ..module_utils._common.errors import InvalidInput

Pins = dict[str, t.Any]


def mirrored(pins: Pins, mirror: str) -> Pins:
    """Return the pins with ``quay.io/a/b`` as ``MIRROR/quay.io/a/b``; what lies on the mirror already stays.

    Raises ``InvalidInput`` where the mirror is no registry host with an optional path.
    """
    base = mirror.rstrip("/")
    if not base:
        return pins
    if "://" in base or " " in base:
        raise InvalidInput([f'platform_registry_mirror is "{mirror}"; must be HOST[:PORT][/PATH], without a scheme'])

    def moved(image: str) -> str:
        return image if image.startswith(f"{base}/") else f"{base}/{image}"

    return {name: _with_images(pin, moved) for name, pin in pins.items()}


def _with_images(pin: t.Any, moved: t.Callable[[str], str]) -> t.Any:
    if not isinstance(pin, dict) or not isinstance(pin.get("images"), dict):
        return pin
    return {**pin, "images": {part: moved(str(image)) for part, image in pin["images"].items()}}
