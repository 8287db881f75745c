# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AKS puts into a cluster: proxy, DNS with its autoscaler, metrics, the tunnel to the nodes, and volumes.

Sources: AKS documentation of CoreDNS, of the metrics server, of konnectivity and of the CSI drivers with their classes.
"""

from __future__ import annotations

from ..furniture import Pieces, dns_service, labelled, names, storage_class, workload

REGISTRY = "mcr.microsoft.com/oss/v2/kubernetes"
DISK, FILE = "disk.csi.azure.com", "file.csi.azure.com"
PIECES: Pieces = labelled(
    (
        workload("DaemonSet", "kube-proxy", f"{REGISTRY}/kube-proxy:v1.35.7", "kube-proxy", key="component"),
        workload("Deployment", "coredns", f"{REGISTRY}/coredns:v1.12.1", "kube-dns"),
        dns_service(),
        workload("Deployment", "coredns-autoscaler", f"{REGISTRY}/autoscaler/cpa:v1.9.0", "coredns-autoscaler"),
        workload("Deployment", "metrics-server", f"{REGISTRY}/metrics-server:v0.7.2", "metrics-server", replicas=2),
        workload(
            "Deployment",
            "konnectivity-agent",
            f"{REGISTRY}/apiserver-network-proxy/agent:v0.31.4",
            "konnectivity",
            key="app",
            replicas=2,
        ),
        workload(
            "DaemonSet", "csi-azuredisk-node", f"{REGISTRY}-csi/azuredisk-csi:v1.33.5", "csi-azuredisk-node", key="app"
        ),
        storage_class("default", DISK, {"skuname": "StandardSSD_LRS"}, default=True),
        storage_class("managed-csi", DISK, {"skuname": "StandardSSD_LRS"}),
        storage_class("managed-csi-premium", DISK, {"skuname": "Premium_LRS"}),
        storage_class("azurefile-csi", FILE, {"skuName": "Standard_LRS"}, waits=False),
        storage_class("azurefile-csi-premium", FILE, {"skuName": "Premium_LRS"}, waits=False),
    )
)
NAMES = names(PIECES)
