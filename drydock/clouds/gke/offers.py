# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GKE offers, and how long it takes: tables, in cloud seconds."""

from __future__ import annotations

import dataclasses
import re

# Rounded from public experience reports; only their order and rough size matter to a client.
DURATIONS: dict[str, float] = {
    "CREATE_CLUSTER": 480.0,
    "DELETE_CLUSTER": 300.0,
    "UPGRADE_MASTER": 600.0,
    "UPDATE_CLUSTER": 240.0,
    "SET_LABELS": 30.0,
    "SET_MAINTENANCE_POLICY": 30.0,
    "CREATE_NODE_POOL": 120.0,
    "DELETE_NODE_POOL": 150.0,
    "UPGRADE_NODES": 300.0,
    "SET_NODE_POOL_SIZE": 240.0,
    "SET_NODE_POOL_MANAGEMENT": 30.0,
}
LONGEST = max(DURATIONS.values())
POOL_SKEW = 2  # cloud.google.com/kubernetes-engine/docs/concepts/kubernetes-engine-upgrades
VERSION = re.compile(r"^1\.(\d+)(?:\.(\d+)(?:-gke\.(\d+))?)?$")
IMAGES = ("COS_CONTAINERD", "UBUNTU_CONTAINERD", "WINDOWS_LTSC_CONTAINERD", "WINDOWS_SAC_CONTAINERD")
DISKS = ("pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced")


@dataclasses.dataclass(frozen=True)
class Channel:
    """One release channel; versions newest first."""

    name: str
    default: str
    valid: tuple[str, ...]
    target: str


# 1.34.9-gke.1131000, 1.35.5-gke.1241004, 1.35.6-gke.1127000 and 1.35.6-gke.1250000 are in the recordings, with the
# channels that they were seen in; 1.33 and 1.36 builds are of our making.
NEWEST_36, FIRST_36 = "1.36.2-gke.1104000", "1.36.1-gke.1207000"
NEWEST_35, OLDER_35, FIRST_35 = "1.35.6-gke.1250000", "1.35.6-gke.1127000", "1.35.5-gke.1241004"
NEWEST_34, FIRST_34, ONLY_33 = "1.34.9-gke.1131000", "1.34.9-gke.1065000", "1.33.12-gke.1089000"
CHANNELS: dict[str, Channel] = {
    row.name: row
    for row in (
        Channel("RAPID", NEWEST_36, (NEWEST_36, FIRST_36, NEWEST_35, OLDER_35), NEWEST_36),
        Channel("REGULAR", FIRST_35, (FIRST_36, OLDER_35, FIRST_35, NEWEST_34, FIRST_34), OLDER_35),
        Channel("STABLE", NEWEST_34, (FIRST_36, FIRST_35, NEWEST_34, FIRST_34), FIRST_35),
        Channel("EXTENDED", FIRST_35, (FIRST_36, OLDER_35, FIRST_35, NEWEST_34, ONLY_33), OLDER_35),
    )
}
# Support lasts 14 months, extended support 24 (GKE release schedule); from when on is of our making.
SUPPORT_ENDS: dict[str, tuple[str, str]] = {
    "1.33": ("2026-08-10T00:00:00Z", "2027-06-10T00:00:00Z"),
    "1.34": ("2026-12-22T00:00:00Z", "2027-10-22T00:00:00Z"),
    "1.35": ("2027-04-24T00:00:00Z", "2028-02-24T00:00:00Z"),
    "1.36": ("2027-08-30T00:00:00Z", "2028-06-30T00:00:00Z"),
}
DEFAULT_CHANNEL = "REGULAR"
ALL_VERSIONS = (NEWEST_36, FIRST_36, NEWEST_35, OLDER_35, FIRST_35, NEWEST_34, FIRST_34, ONLY_33)


def minor_number(version: str) -> int:
    """Return 36 for "1.36.2-gke.1104000"; -1 for what is no version."""
    found = VERSION.match(version)
    return int(found[1]) if found else -1


def order(version: str) -> tuple[int, ...]:
    """Return what sorts versions: minor, patch and GKE's own number."""
    found = VERSION.match(version)
    return tuple(int(part or 0) for part in found.groups()) if found else (-1,)


def minor_of(version: str) -> str:
    return f"1.{minor_number(version)}"


def offered(channel: str) -> tuple[str, ...]:
    """Return the versions of a channel, or all of them for a cluster on none."""
    return CHANNELS[channel].valid if channel in CHANNELS else ALL_VERSIONS


def resolved(alias: str, channel: str, master: str = "") -> str | None:
    """Return the full version that an alias means, or None if the channel has none.

    Source: Cluster.initial_cluster_version and ClusterUpdate.desired_node_version in cluster_service.proto:
    latest, 1.X, 1.X.Y, 1.X.Y-gke.N, and "-" for the default (of nodes: the control plane's).
    """
    valid = offered(channel)
    if alias in ("", "-"):
        return master or CHANNELS[channel if channel in CHANNELS else DEFAULT_CHANNEL].default
    if alias == "latest":
        return valid[0]
    found = VERSION.match(alias)
    if found is None:
        return None
    if alias == master:
        return master
    ends = ("",) if found[3] else ("-",) if found[2] else (".",)
    return next((v for v in valid if v == alias or (ends[0] and v.startswith(alias + ends[0]))), None)


def channel_for(alias: str) -> str:
    """Return the channel of a cluster created without one: that whose default is of the minor, REGULAR first.

    Source: recordings/gke: "1.34" without a channel became STABLE, nothing at all became REGULAR.
    """
    wanted = minor_number(alias)
    ranked = (DEFAULT_CHANNEL, "STABLE", "EXTENDED", "RAPID")
    return next((name for name in ranked if minor_number(CHANNELS[name].default) == wanted), DEFAULT_CHANNEL)


# google.rpc.Code of a failure, by the condition that shows it. Source: StatusCondition.canonical_code.
CANONICAL: dict[str, str] = {
    "GCE_STOCKOUT": "RESOURCE_EXHAUSTED",
    "GCE_QUOTA_EXCEEDED": "RESOURCE_EXHAUSTED",
    "GKE_SERVICE_ACCOUNT_DELETED": "FAILED_PRECONDITION",
    "CLOUD_KMS_KEY_ERROR": "FAILED_PRECONDITION",
}
