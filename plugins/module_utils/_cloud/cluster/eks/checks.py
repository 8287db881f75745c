# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of options of EKS that cannot both hold. Pure."""

from __future__ import annotations

from ..passed import check_passed, options_by_api
from ..rules import planned
from ..schema import Reader, Values
from . import rules as eks_rules
from .fields import CLUSTER_FIELDS
from .pools import POOL_FIELDS


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


def check_auto(reader: Reader, values: Values, label: str) -> None:
    auto = values.get("mode") == "auto"
    if values.get("mode") == "standard":
        for path in ("auto.node_pools", "auto.node_role"):
            if path in values:
                reader.problems.append(f"{label}{path} is given while {label}mode is standard; give one of them")
    if auto and values.get("auto.node_pools") and not values.get("auto.node_role"):
        reader.problems.append(f"{label}auto.node_role is missing; the built-in node pools need it")
    if auto and values.get("network.policy_engine"):
        reader.problems.append(
            f"{label}network.policy_engine is given while {label}mode is auto, "
            "where a NodeClass says what enforces NetworkPolicy; leave it out"
        )


def check_access(reader: Reader, values: Values, label: str) -> None:
    if values.get("access") and values.get("access_mode") == "config_map":
        reader.problems.append(
            f"{label}access is given while {label}access_mode is config_map; set it to api_and_config_map or api"
        )
    for principal, entry in (values.get("access") or {}).items():
        path = f"{label}access.{principal}"
        wanted = eks_rules.principal(principal)
        if wanted:
            reader.wrong(path, principal, f"keyed by {wanted}")
        for name in entry.get("policies") or {}:
            if eks_rules.policy_name(name):
                reader.wrong(f"{path}.policies", name, f"keyed by {eks_rules.policy_name(name)}")
        of_nodes = entry.get("type", "standard") != "standard"
        if of_nodes and (entry.get("policies") or entry.get("groups")):
            reader.problems.append(f"{path} is of type {entry['type']}, to which EKS gives neither policies nor groups")
        for group in entry.get("groups") or ():
            if group.startswith("system:"):
                reader.wrong(f"{path}.groups", group, "without the prefix system:, which EKS refuses; use a policy")


def check_addons(reader: Reader, values: Values, label: str) -> None:
    for name in values.get("addons") or {}:
        if eks_rules.addon_name(name):
            reader.wrong(f"{label}addons", name, f"keyed by {eks_rules.addon_name(name)}")
    cni = (values.get("addons") or {}).get("vpc-cni", {})
    if values.get("network.policy_engine") == "vpc-cni" and cni.get("state") == "absent":
        reader.problems.append(
            f"{label}network.policy_engine is vpc-cni while {label}addons.vpc-cni.state is absent; give one of them"
        )


def check_oidc_provider(reader: Reader, values: Values, label: str) -> None:
    given = [path for path in values if path.startswith("oidc_provider.")]
    if not given or values.get("oidc_provider.state") == "absent":
        return
    for path in ("oidc_provider.issuer_url", "oidc_provider.client_id"):
        wrong = any(problem.startswith(f"{label}{path} is ") for problem in reader.problems)
        if not values.get(path) and not wrong:
            reader.problems.append(f"{label}{path} is missing; a provider of users needs it")


def check_extra(reader: Reader, values: Values, label: str) -> None:
    own = ("name", "tags", "clientRequestToken")
    check_passed(reader, values.get("extra"), options_by_api(CLUSTER_FIELDS), own, f"{label}extra")


def check_pool_extra(reader: Reader, pool: Values, path: str) -> None:
    own = ("clusterName", "nodegroupName", "tags", "clientRequestToken")
    check_passed(reader, pool.get("extra"), options_by_api(POOL_FIELDS), own, f"{path}.extra")


def check_pool_place(reader: Reader, pool: Values, path: str) -> None:
    if "zones" in pool and "subnets" in pool:
        reader.problems.append(f"{path}.zones and {path}.subnets are both given; give one")


def check_release(reader: Reader, pool: Values, path: str) -> None:
    version, release = pool.get("version"), pool.get("release_version")
    if version and release and not release.startswith(f"{version}."):
        reader.wrong(f"{path}.release_version", release, f"a release of {path}.version, which is {version}")
