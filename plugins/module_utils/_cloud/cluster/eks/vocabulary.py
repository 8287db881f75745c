# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of an EKS cluster: its fields, and what it has by name beside them."""

from __future__ import annotations

from .. import rules
from ..guard import GUARD_OPTIONS
from ..options import Option
from . import rules as eks_rules
from .fields import CLUSTER_FIELDS
from .pools import EXTRA, POOL_OPTIONS

STATE = Option(
    path="state", type="str", choices=("present", "absent"), default="present", doc=("V(absent) removes it.",)
)

ADDON_ROWS: tuple[Option, ...] = (
    STATE,
    Option(
        path="version",
        type="version",
        rule=eks_rules.addon_version,
        doc=(
            "V(default) or V(latest) of those that fit the cluster's version, or an exact one. Unset, EKS's default at "
            "creation and left alone later.",
        ),
    ),
    Option(path="config", type="json", doc=("Configuration values of the add-on; the whole of them.",)),
    Option(
        path="on_conflict",
        type="str",
        choices=("none", "overwrite", "preserve"),
        default="none",
        doc=(
            "What EKS does with fields of the add-on that somebody else changed: fail, take them back, or keep them.",
        ),
    ),
    Option(path="identity.role", type="str", rule=eks_rules.role_arn, doc=("IAM role of its service account (IRSA).",)),
    Option(
        path="identity.pods",
        type="dict",
        rule=eks_rules.roles_by_account,
        doc=("IAM roles by service account (EKS Pod Identity); the whole of them.",),
    ),
    Option(
        path="before_pools",
        type="bool",
        doc=("Whether nodes wait for it. Unset, so for vpc-cni, kube-proxy and eks-pod-identity-agent.",),
    ),
    Option(
        path="preserve", type="bool", default=False, doc=("Whether its removal leaves its software in the cluster.",)
    ),
)

POLICY_ROWS: tuple[Option, ...] = (
    Option(
        path="namespaces",
        type="list",
        elements="str",
        rule=eks_rules.namespace,
        doc=("Namespaces that it holds in; unset, the whole cluster.",),
    ),
)

ACCESS_ROWS: tuple[Option, ...] = (
    STATE,
    Option(
        path="type",
        type="str",
        choices=("standard", "ec2_linux", "ec2_windows", "fargate_linux", "ec2", "hybrid_linux"),
        default="standard",
        doc=("What enters: people and programs, or nodes of a kind. Cannot be changed.",),
    ),
    Option(path="groups", type="list", elements="str", doc=("Kubernetes groups; the whole of them.",)),
    Option(path="username", type="str", doc=("Kubernetes user name; unset, EKS makes one of the ARN.",)),
    Option(
        path="policies",
        type="map",
        rows=POLICY_ROWS,
        doc=("Access policies of EKS by name, like V(AmazonEKSViewPolicy); the whole of them.",),
    ),
)

PROVIDER_OPTIONS: tuple[Option, ...] = (
    Option(
        path="oidc_provider.state",
        type="str",
        choices=("present", "absent"),
        doc=("V(absent) takes our provider away.",),
    ),
    Option(
        path="oidc_provider.name",
        type="str",
        rule=rules.matches(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", "1 to 100 letters, digits, hyphens and underscores"),
        doc=("Name of the provider in EKS; unset, V(oidc).",),
    ),
    Option(path="oidc_provider.issuer_url", type="str", rule=eks_rules.https_url, doc=("URL of the issuer.",)),
    Option(path="oidc_provider.client_id", type="str", doc=("Audience that tokens must be for.",)),
    Option(path="oidc_provider.username_claim", type="str", doc=("Claim that is the user name; unset, V(sub).",)),
    Option(path="oidc_provider.username_prefix", type="str", doc=("Prefix of user names.",)),
    Option(path="oidc_provider.groups_claim", type="str", doc=("Claim that holds the groups.",)),
    Option(path="oidc_provider.groups_prefix", type="str", doc=("Prefix of groups.",)),
    Option(
        path="oidc_provider.required_claims", type="dict", doc=("Claims that a token must have, with their values.",)
    ),
)

CLUSTER_OPTIONS: tuple[Option, ...] = (
    *CLUSTER_FIELDS,
    Option(
        path="identity.node_role",
        type="str",
        rule=eks_rules.role_arn,
        doc=("ARN of the IAM role of the nodes of pools that name none.",),
    ),
    Option(
        path="identity.workload",
        type="bool",
        doc=(
            "Whether IAM trusts the cluster's own issuer, so that roles can be given to service accounts (IRSA).",
            "V(false) removes the IAM OIDC provider if it is ours.",
        ),
    ),
    Option(
        path="network.policy_engine",
        type="str",
        choices=("none", "vpc-cni"),
        doc=("What enforces NetworkPolicy. V(vpc-cni) runs the add-on vpc-cni with its agent on.",),
    ),
    Option(
        path="network.routed_cidrs",
        type="list",
        elements="str",
        rule=rules.cidr,
        doc=("Ranges that nodes must reach (peered networks, offices). O(network.service_cidr) may not overlap them.",),
    ),
    Option(
        path="access",
        type="map",
        rows=ACCESS_ROWS,
        doc=("Who may enter, keyed by the ARN of an IAM user or role. Entries that are not named are left alone.",),
    ),
    *PROVIDER_OPTIONS,
    Option(
        path="addons",
        type="map",
        rows=ADDON_ROWS,
        doc=("EKS add-ons, keyed by name. Add-ons that are not named are left alone.",),
    ),
    Option(
        path="node_pools",
        type="map",
        rows=POOL_OPTIONS,
        doc=("Managed node groups, keyed by name. Pools that are not named here are left alone.",),
    ),
    *GUARD_OPTIONS,
    EXTRA,
    Option(
        path="tags",
        type="dict",
        rule=eks_rules.tags,
        doc=("Tags of the cluster. They do not reach the nodes.",),
    ),
)
