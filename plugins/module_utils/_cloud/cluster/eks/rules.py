# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of single values of EKS. Each returns what the value must be, or an empty string if it already is."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..rules import cidr, matches, planned_or

OWNER_TAG = "seaworthy:owner"
SERVICE_RANGES = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

cluster_name = matches(
    r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}",
    "1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit",
)
pool_name = matches(
    r"[0-9A-Za-z][A-Za-z0-9_-]{0,62}",
    "1 to 63 letters, digits, hyphens and underscores, beginning with a letter or digit",
)
region = matches(r"[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}", "the name of an AWS region, like eu-west-1")
account = matches(r"[0-9]{12}", "the 12 digits of an AWS account, in quotes")
role_arn = planned_or(
    matches(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}",
        "the ARN of an IAM role, like arn:aws:iam::111122223333:role/name",
    )
)
subnet = planned_or(matches(r"subnet-[0-9a-f]{8,17}", "the id of a subnet, like subnet-0123456789abcdef0"))
security_group = planned_or(matches(r"sg-[0-9a-f]{8,17}", "the id of a security group, like sg-0123456789abcdef0"))
instance_type = matches(r"[a-z0-9-]+\.[a-z0-9-]+", "an EC2 instance type, like m7i.large")


def minor_version(value: str) -> str:
    if re.fullmatch(r"1\.[2-9][0-9]", value):
        return ""
    if re.fullmatch(r"1\.[2-9][0-9]\.[0-9]+.*", value):
        return f'a minor version, since EKS chooses the patch: write "{".".join(value.split(".")[:2])}"'
    return 'a Kubernetes minor version, like "1.36"'


def service_cidr(value: str) -> str:
    """EKS CreateCluster, serviceIpv4Cidr: a private IPv4 range between /24 and /12."""
    wrong = cidr(value)
    if wrong:
        return wrong
    network = ipaddress.ip_network(value)
    inside = any(network.version == 4 and network.subnet_of(whole) for whole in SERVICE_RANGES)  # type: ignore[arg-type]
    if not inside or not 12 <= network.prefixlen <= 24:
        return "within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, between /12 and /24"
    return ""


def tags(value: t.Mapping[str, str]) -> str:
    """EKS TagResource: keys up to 128 and values up to 256 characters, at most 50, the aws: prefix reserved."""
    if len(value) > 49:
        return "at most 49 tags (one more is the ownership tag)"
    for key, text in value.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            return f"keyed by 1 to 128 characters that do not begin with aws: (the key {key[:40]!r} does not fit)"
        if key == OWNER_TAG:
            return f"without {OWNER_TAG}, which is the ownership tag: set owner instead"
        if len(text) > 256:
            return f"made of values of at most 256 characters (that of {key} is longer)"
    return ""
