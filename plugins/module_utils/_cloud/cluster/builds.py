# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters whose versions have builds below the minor: "1.36" wanted is any "1.36.x" there. Pure."""

from __future__ import annotations

import re
import typing as t

from .cloud import Cloud
from .observed import Document, Observed
from .options import Field
from .spec import Spec, minor


def parts(version: str) -> tuple[int, ...]:
    """Return (1, 36, 1, 1207000) for "1.36.1-gke.1207000"."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version))


class BuildsCloud(Cloud):
    """``observed.versions`` is keyed by builds."""

    def equal(self, field: Field, seen: t.Any, wanted: t.Any, document: Document) -> bool:
        if field.group == "version":
            return bool(seen) and not self.is_behind(str(seen), str(wanted))
        return field.compare(seen, wanted)

    def is_behind(self, at: str, wanted: str) -> bool:
        """An older minor, or an older build where the wanted version says one."""
        then = parts(wanted)
        return parts(at)[: len(then)] < then

    def steps(self, spec: Spec, observed: Observed) -> list[str]:
        current = self.current_version(observed)
        if not self.is_behind(current, spec.version):
            return []
        start, target = minor(current), minor(spec.version)
        return [
            self.resolved(spec.version if number == target else f"1.{number}", observed)
            for number in range(start + 1 if target > start else target, target + 1)
        ]

    def resolved(self, alias: str, observed: Observed) -> str:
        """Return the newest offered version that an alias means; the alias itself where the offer is not known."""
        return max(self.fitting(alias, observed), key=parts, default=alias)

    def fitting(self, alias: str, observed: Observed) -> list[str]:
        return [offer for offer in observed.versions or {} if parts(offer)[: len(parts(alias))] == parts(alias)]

    def is_offered(self, wanted: str, observed: Observed) -> bool:
        """A floor that the cluster has passed needs no offer."""
        current = self.version_of(observed.cluster)
        passed = bool(current) and not self.is_behind(current, wanted)
        return passed or bool(self.fitting(wanted, observed))

    def offered(self, observed: Observed) -> list[str]:
        return sorted(observed.versions or {}, key=parts)
