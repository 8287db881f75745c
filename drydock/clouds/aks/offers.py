# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AKS offers, and how long it takes: tables, in cloud seconds."""

from __future__ import annotations

import re

# Rounded from public experience reports and the times in recordings/aks; only order and rough size matter to a client.
DURATIONS: dict[str, float] = {
    "create cluster": 300.0,
    "delete cluster": 240.0,
    "update cluster": 120.0,
    "upgrade cluster": 480.0,
    "create pool": 150.0,
    "delete pool": 150.0,
    "update pool": 90.0,
    "upgrade pool": 300.0,
    "PutExtensionAddonHandler": 60.0,
}
LONGEST = max(DURATIONS.values())
POOL_SKEW = 3  # learn.microsoft.com/azure/aks/supported-kubernetes-versions
STANDARD, LONG_TERM = "KubernetesOfficial", "AKSLongTermSupport"
# Minors with their patches, newest first, and the support plans that they are offered with. 1.35.7 is in the recorded
# answer of research/cloud-clusters.md 2.2; the other patches are of our making.
VERSIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "1.36": (("1.36.2", "1.36.1"), (STANDARD, LONG_TERM)),
    "1.35": (("1.35.7", "1.35.5"), (STANDARD, LONG_TERM)),
    "1.34": (("1.34.9", "1.34.8"), (STANDARD, LONG_TERM)),
    "1.33": (("1.33.12",), (LONG_TERM,)),
}
DEFAULT_VERSION = "1.34"
VERSION = re.compile(r"^1\.(\d+)(?:\.(\d+))?$")
NODE_IMAGE = "AKSUbuntu-2204gen2containerd-202611.02.0"
# Source: learn.microsoft.com/azure/aks/quotas-skus-regions, request limits: a burst, and what comes back each minute.
BURST, REFILL_SECONDS = 20, 60.0
RETRY_AFTER = 60


def order(version: str) -> tuple[int, ...]:
    found = VERSION.match(version)
    return tuple(int(part or 0) for part in found.groups()) if found else (-1, -1)


def minor(version: str) -> int:
    """Return 36 for "1.36.2"; -1 for what is no version."""
    return order(version)[0]


def minor_of(version: str) -> str:
    return f"1.{minor(version)}"


def patch(alias: str) -> str | None:
    """Return the patch that a version means: the newest of a minor, an offered one itself, else None."""
    patches = VERSIONS.get(minor_of(alias), ((), ()))[0]
    if VERSION.match(alias) and alias.count(".") == 1:
        return patches[0] if patches else None
    return alias if alias in patches else None


def plans(version: str) -> tuple[str, ...]:
    return VERSIONS.get(minor_of(version), ((), ()))[1]
