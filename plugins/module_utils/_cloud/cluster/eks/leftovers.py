# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deleted EKS cluster leaves in the account, and how each of it goes. Pure.

Sources of the tags: cloud-provider-aws, aws-load-balancer-controller, aws-ebs-csi-driver, amazon-vpc-cni-k8s.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...reconcile.actions import Action
from ..observed import Document, Observed
from ..options import Option
from ..spec import Spec
from .steps import step

CLUSTER_TAG = "seaworthy:cluster"
"""On what we make beside a cluster, so that it is found when the cluster is gone."""


NAMING = ("elbv2.k8s.aws/cluster", "eks:eks-cluster-name", "KubernetesCluster", "cluster.k8s.amazonaws.com/name")
"""Tags whose value is the name of the one cluster that something was made for."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """``call`` removes one, whose id is the argument ``by``."""

    option: str
    said: str
    call: str
    by: str


KINDS: dict[str, Kind] = {
    "load_balancer": Kind("load_balancers", "load balancer", "elbv2.delete_load_balancer", "LoadBalancerArn"),
    "classic_load_balancer": Kind("load_balancers", "load balancer", "elb.delete_load_balancer", "LoadBalancerName"),
    "eni": Kind("enis", "network interface", "ec2.delete_network_interface", "NetworkInterfaceId"),
    "disk": Kind("disks", "disk", "ec2.delete_volume", "VolumeId"),
    "log_group": Kind("log_group", "log group", "logs.delete_log_group", "logGroupName"),
    "oidc_provider": Kind(
        "oidc_provider", "IAM OIDC provider", "iam.delete_open_id_connect_provider", "OpenIDConnectProviderArn"
    ),
}

DELETE_ORPHANS = Option(
    path="delete_orphans",
    type="list",
    elements="str",
    choices=tuple(dict.fromkeys(kind.option for kind in KINDS.values())),
    default=[],
    doc=(
        "What O(state=absent) removes of what the cluster leaves behind. What is not named here is only reported, in "
        "RV(leftovers).",
        "Disks hold data. Load balancers, network interfaces and disks are known by the tags that controllers of the "
        "cluster put on them.",
    ),
)


def is_of(cluster: str, tags: t.Mapping[str, str]) -> bool:
    """Tell by its tags whether something was made from inside a cluster, for that cluster alone."""
    return tags.get(f"kubernetes.io/cluster/{cluster}") == "owned" or cluster in (tags.get(key) for key in NAMING)


def log_group(cluster: str) -> str:
    return f"/aws/eks/{cluster}/cluster"


def leftovers(observed: Observed) -> list[dict[str, t.Any]]:
    """Return what there is, each with kind and id; ``busy`` says that something still holds it."""
    found = observed.parts.get("leftovers", {})
    return [{"kind": thing["kind"], "id": ident, "busy": thing["busy"]} for ident, thing in sorted(found.items())]


def orphan_steps(spec: Spec, observed: Observed) -> list[Action]:
    """Return the steps that remove what was asked for; what something still holds waits for the next look."""
    wanted = spec.run["delete_orphans"]
    found = sorted(observed.parts.get("leftovers", {}).items())
    chosen = [(ident, thing) for ident, thing in found if KINDS[thing["kind"]].option in wanted and not thing["busy"]]
    return [_removal(ident, thing) for ident, thing in chosen]


def _removal(ident: str, thing: Document) -> Action:
    kind = KINDS[thing["kind"]]
    reason = "left by the cluster, delete_orphans"
    return step("delete", f"{kind.said} {ident}", "delete", kind.call, {kind.by: ident}, reason=reason)
