# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EKS puts into a cluster: its network, proxy and DNS, and a class of volumes.

Sources: EKS user guide (networking add-ons; storage classes: gp2 is made and, since 1.30, not the default);
amazon-vpc-cni-k8s.
"""

from __future__ import annotations

from ..furniture import Pieces, dns_service, storage_class, workload
from .store import Cluster

MANAGER = "eks"
SELF_MANAGED = ("aws-node", "kube-proxy", "coredns", "gp2")
OF_ADDON = {"vpc-cni": ("aws-node",), "kube-proxy": ("kube-proxy",), "coredns": ("coredns",)}
REGISTRY = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks"
PIECES: dict[str, Pieces] = {
    "aws-node": (workload("DaemonSet", "aws-node", f"{REGISTRY}/amazon-k8s-cni:v1.20.4", "aws-node"),),
    "kube-proxy": (workload("DaemonSet", "kube-proxy", f"{REGISTRY}/kube-proxy:minimal", "kube-proxy"),),
    "coredns": (
        workload("Deployment", "coredns", f"{REGISTRY}/coredns:v1.12.3", "kube-dns", replicas=2),
        dns_service(),
    ),
    "gp2": (storage_class("gp2", "kubernetes.io/aws-ebs", {"type": "gp2", "fsType": "ext4"}, expands=False),),
}


def kept(cluster: Cluster) -> tuple[str, ...]:
    """Return what the add-on manager keeps as it is: the objects of add-ons, not what is self-managed."""
    return tuple(name for addon in cluster.addons for name in OF_ADDON.get(addon, ()))


def pieces(cluster: Cluster) -> Pieces:
    """Return what EKS applies now."""
    first = cluster.installed if not cluster.tended else ()
    return tuple(piece for name in dict.fromkeys((*first, *kept(cluster))) for piece in PIECES[name])
