# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of options of EKS that cannot both hold. Pure."""

from __future__ import annotations

from ..rules import planned
from ..schema import Reader, Values


def check_endpoint(reader: Reader, values: Values, label: str) -> None:
    allowed = values.get("endpoint.allowed_cidrs")
    if allowed is not None and not allowed:
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is empty; EKS cannot express that nobody may reach the public endpoint: "
            f"set {label}endpoint.public to false, or leave the list out"
        )
    public = values.get("endpoint.public")
    if allowed and public is False:
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is given while {label}endpoint.public is false; give one of them"
        )
    if public is False and values.get("endpoint.private") is False:
        reader.problems.append(
            f"{label}endpoint.public and {label}endpoint.private are both false; "
            "nobody could reach the cluster: set one to true"
        )


def check_family(reader: Reader, values: Values, label: str) -> None:
    if values.get("network.service_cidr") and values.get("network.ip_family") == "ipv6":
        reader.problems.append(
            f"{label}network.service_cidr is given while {label}network.ip_family is ipv6, "
            "where EKS chooses the range; leave it out"
        )


def check_accounts(reader: Reader, values: Values, label: str) -> None:
    account = values.get("account")
    for path in ("identity.role", "identity.node_role"):
        role = values.get(path)
        if account and role and not planned(role) and role.split(":")[4] != account:
            reader.problems.append(
                f"{label}{path} is of account {role.split(':')[4]}, while {label}account is {account}; "
                "a cluster's roles must be of its own account"
            )


def check_zones(reader: Reader, values: Values, label: str) -> None:
    subnets = values.get("network.subnets")
    if subnets is not None and len(set(subnets)) < 2:
        reader.wrong(f"{label}network.subnets", subnets, "at least two subnets, in different zones")


def check_surge(reader: Reader, pool: Values, path: str) -> None:
    if "surge.max_unavailable" in pool and "surge.max_unavailable_percentage" in pool:
        reader.problems.append(
            f"{path}.surge.max_unavailable and {path}.surge.max_unavailable_percentage are both given; give one"
        )
