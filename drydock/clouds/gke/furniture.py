# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GKE puts into a cluster: DNS with its autoscaler, metrics, the tunnel to the nodes, its agents, and volumes.

Sources: GKE documentation of kube-dns, of the metrics server, of konnectivity, of the persistent disk CSI driver and
its classes, of Workload Identity Federation.
"""

from __future__ import annotations

from ..furniture import Pieces, dns_service, labelled, names, storage_class, workload

REGISTRY = "gke.gcr.io"
DISK = "pd.csi.storage.gke.io"
PIECES: Pieces = labelled(
    (
        workload("Deployment", "kube-dns", f"{REGISTRY}/k8s-dns-kube-dns:1.24.1", "kube-dns"),
        dns_service(),
        workload(
            "Deployment", "kube-dns-autoscaler", f"{REGISTRY}/cluster-proportional-autoscaler:v1.9.0", "dns-autoscaler"
        ),
        workload("Deployment", "metrics-server", f"{REGISTRY}/metrics-server:v0.8.0", "metrics-server"),
        workload("Deployment", "konnectivity-agent", f"{REGISTRY}/proxy-agent:v0.33.0", "konnectivity-agent"),
        workload("DaemonSet", "gke-metadata-server", f"{REGISTRY}/gke-metadata-server:0.4.303", "gke-metadata-server"),
        workload("DaemonSet", "pdcsi-node", f"{REGISTRY}/gcp-compute-persistent-disk-csi-driver:v1.22.0", "pdcsi-node"),
        storage_class("standard-rwo", DISK, {"type": "pd-balanced"}, default=True),
        storage_class("premium-rwo", DISK, {"type": "pd-ssd"}),
        storage_class("standard", "kubernetes.io/gce-pd", {"type": "pd-standard"}, waits=False),
    )
)
NAMES = names(PIECES)
