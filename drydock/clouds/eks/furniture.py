# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EKS puts into a cluster: its network, proxy and DNS, and a class of volumes.

Sources: EKS user guide (networking add-ons; storage classes: gp2 is made and, since 1.30, not the default);
amazon-vpc-cni-k8s. Only what a layer might meet is drawn: names, labels, images.
"""

from __future__ import annotations

import typing as t

from .store import Cluster, Record

MANAGER = "eks"
SELF_MANAGED = ("aws-node", "kube-proxy", "coredns", "gp2")
OF_ADDON = {"vpc-cni": ("aws-node",), "kube-proxy": ("kube-proxy",), "coredns": ("coredns",)}
EVERY = 900.0
"""Cloud seconds between two looks of the add-on manager."""
REGISTRY = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks"


def _workload(kind: str, name: str, image: str, label: str, **spec: t.Any) -> Record:
    labels = {"k8s-app": label}
    container = {"name": name, "image": image}
    body = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [container], "priorityClassName": CRITICAL},
        },
    }
    metadata = {"name": name, "namespace": "kube-system", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {**spec, **body}}


CRITICAL = "system-node-critical"
DNS_PORTS = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
OBJECTS: dict[str, tuple[tuple[str, Record], ...]] = {
    "aws-node": (
        (
            "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node",
            _workload("DaemonSet", "aws-node", f"{REGISTRY}/amazon-k8s-cni:v1.20.4", "aws-node"),
        ),
    ),
    "kube-proxy": (
        (
            "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy",
            _workload("DaemonSet", "kube-proxy", f"{REGISTRY}/kube-proxy:minimal", "kube-proxy"),
        ),
    ),
    "coredns": (
        (
            "/apis/apps/v1/namespaces/kube-system/deployments/coredns",
            _workload("Deployment", "coredns", f"{REGISTRY}/coredns:v1.12.3", "kube-dns", replicas=2),
        ),
        (
            "/api/v1/namespaces/kube-system/services/kube-dns",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
                "spec": {"selector": {"k8s-app": "kube-dns"}, "ports": DNS_PORTS},
            },
        ),
    ),
    "gp2": (
        (
            "/apis/storage.k8s.io/v1/storageclasses/gp2",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "gp2"},
                "provisioner": "kubernetes.io/aws-ebs",
                "parameters": {"type": "gp2", "fsType": "ext4"},
                "volumeBindingMode": "WaitForFirstConsumer",
            },
        ),
    ),
}


def kept(cluster: Cluster) -> tuple[str, ...]:
    """Return what the add-on manager keeps as it is: the objects of add-ons, not what is self-managed."""
    return tuple(name for addon in cluster.addons for name in OF_ADDON.get(addon, ()))


def objects(cluster: Cluster) -> list[tuple[str, Record]]:
    """Return the objects that EKS applies now, with their addresses."""
    first = cluster.installed if not cluster.tended else ()
    return [pair for name in dict.fromkeys((*first, *kept(cluster))) for pair in OBJECTS[name]]
