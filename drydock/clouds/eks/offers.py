# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EKS offers, and how long it takes: tables, in cloud seconds."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import typing as t

# Rounded from public experience reports; only their order and rough size matter to a client.
DURATIONS: dict[str, float] = {
    "CreateCluster": 600.0,
    "DeleteCluster": 300.0,
    "UpdateClusterVersion": 480.0,
    "UpdateClusterConfig": 180.0,
    "CreateNodegroup": 180.0,
    "DeleteNodegroup": 180.0,
    "UpdateNodegroupVersion": 300.0,
    "UpdateNodegroupConfig": 180.0,
    "CreateAddon": 180.0,
    "UpdateAddon": 180.0,
    "DeleteAddon": 120.0,
    "AssociateEncryptionConfig": 1500.0,
    "AssociateIdentityProviderConfig": 900.0,
    "DisassociateIdentityProviderConfig": 600.0,
}
CLUSTERS_PER_REGION = 100
POOLS_PER_CLUSTER = 30
KUBELET_SKEW = 3
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
SERVICE_CIDRS = ("10.100.0.0/16", "172.20.0.0/16")


@dataclasses.dataclass(frozen=True)
class Version:
    """One Kubernetes minor that EKS knows. Dates are days in UTC."""

    minor: str
    patch: str
    platform: int
    released: str
    standard_end: str
    extended_end: str
    support: t.Literal["STANDARD_SUPPORT", "EXTENDED_SUPPORT", "UNSUPPORTED"]
    default: bool = False

    @property
    def offered(self) -> bool:
        return self.support != "UNSUPPORTED"

    def document(self) -> dict[str, t.Any]:
        """Return a ClusterVersionInformation."""
        return {
            "clusterVersion": self.minor,
            "clusterType": "eks",
            "defaultPlatformVersion": f"eks.{self.platform}",
            "defaultVersion": self.default,
            "releaseDate": _day(self.released),
            "endOfStandardSupportDate": _day(self.standard_end),
            "endOfExtendedSupportDate": _day(self.extended_end),
            "status": self.support,
            "versionStatus": self.support,
            "kubernetesPatchVersion": self.patch,
        }


def _day(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


# Dates up to 1.34: recordings/eks/c7n-cluster-versions.json. Support as on 2026-11-22.
# 1.35 and 1.36 are not in any recording: EKS's rule of 14 + 12 months from an assumed release day.
VERSIONS: tuple[Version, ...] = (
    Version("1.36", "1.36.3", 4, "2026-06-03", "2027-08-03", "2028-08-03", "STANDARD_SUPPORT"),
    Version("1.35", "1.35.4", 12, "2026-01-28", "2027-03-28", "2028-03-28", "STANDARD_SUPPORT", default=True),
    Version("1.34", "1.34.2", 10, "2025-10-02", "2026-12-02", "2027-12-02", "STANDARD_SUPPORT"),
    Version("1.33", "1.33.6", 24, "2025-05-29", "2026-07-29", "2027-07-29", "EXTENDED_SUPPORT"),
    Version("1.32", "1.32.10", 31, "2025-01-23", "2026-03-23", "2027-03-23", "EXTENDED_SUPPORT"),
    Version("1.31", "1.31.14", 47, "2024-09-26", "2025-11-26", "2026-11-26", "EXTENDED_SUPPORT"),
    Version("1.30", "1.30.14", 55, "2024-05-23", "2025-07-23", "2026-07-23", "UNSUPPORTED"),
    Version("1.29", "1.29.15", 58, "2024-01-23", "2025-03-23", "2026-03-23", "UNSUPPORTED"),
)
DEFAULT_VERSION = next(v.minor for v in VERSIONS if v.default)


@dataclasses.dataclass(frozen=True)
class Addon:
    """One add-on; ``versions`` newest first for each minor, of which the second, if any, is the default."""

    name: str
    versions: t.Mapping[str, tuple[str, ...]]
    settings: tuple[str, ...]


def _row(name: str, versions: t.Mapping[str, str], *settings: str) -> Addon:
    return Addon(name, {minor: tuple(text.split()) for minor, text in versions.items()}, settings)


MINORS = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
# Source: names and the shape of versions, recordings/eks/docs-addon-and-access.json; the numbers are drydock's own.
ADDONS: dict[str, Addon] = {
    addon.name: addon
    for addon in (
        _row(
            "vpc-cni",
            dict.fromkeys(MINORS, "v1.20.5-eksbuild.1 v1.20.4-eksbuild.2"),
            *("enableNetworkPolicy", "env", "resources", "tolerations", "nodeAgent", "init"),
        ),
        _row("kube-proxy", {m: f"v{m}.3-eksbuild.5 v{m}.2-eksbuild.4" for m in MINORS}, "ipvs", "mode", "resources"),
        _row(
            "coredns",
            dict.fromkeys(MINORS, "v1.12.4-eksbuild.1 v1.12.3-eksbuild.1"),
            *("replicaCount", "resources", "tolerations", "corefile", "autoScaling", "affinity", "podDisruptionBudget"),
        ),
        _row(
            "eks-pod-identity-agent",
            dict.fromkeys(MINORS, "v1.3.10-eksbuild.1 v1.3.9-eksbuild.3"),
            *("agent", "resources"),
        ),
        _row(
            "aws-ebs-csi-driver",
            dict.fromkeys(MINORS, "v1.50.1-eksbuild.1 v1.49.0-eksbuild.1"),
            *("controller", "node", "sidecars", "defaultStorageClass"),
        ),
        _row(
            "metrics-server",
            dict.fromkeys(MINORS, "v0.8.0-eksbuild.3 v0.8.0-eksbuild.2"),
            "replicas",
            "resources",
            "args",
        ),
    )
}
POLICIES = (
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
ACCESS_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def addon_versions(name: str, minor: str) -> tuple[str, ...]:
    """Return the versions of an add-on that fit a minor, newest first."""
    return ADDONS[name].versions.get(minor, ()) if name in ADDONS else ()


def default_addon_version(name: str, minor: str) -> str:
    found = addon_versions(name, minor)
    return found[1] if len(found) > 1 else found[0]


def offered(minor: str) -> Version | None:
    return next((v for v in VERSIONS if v.minor == minor and v.offered), None)


def minor_number(version: str) -> int:
    """Return 36 for "1.36"."""
    return int(version.split(".")[1])


def release_of(minor: str) -> str:
    """Return the newest node image release of a minor."""
    found = offered(minor)
    return f"{found.patch}-20261112" if found else f"{minor}.0-20260101"


def overlaps(one: str, other: str) -> bool:
    """Tell whether two IPv4 blocks share an address; a block that is none overlaps nothing."""
    try:
        return ipaddress.ip_network(one, strict=False).overlaps(ipaddress.ip_network(other, strict=False))
    except (ValueError, TypeError):
        return False
