# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated nodes: Node objects as a cloud's kubelet would register them."""

from __future__ import annotations

import dataclasses
import typing as t

Object = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class NodePlan:
    """One node. Quantities as Kubernetes writes them."""

    name: str
    zone: str
    capacity: t.Mapping[str, str]
    allocatable: t.Mapping[str, str]
    version: str
    address: str = "10.20.0.10"
    arch: str = "amd64"
    instance_type: str = "m7i.xlarge"
    instance_id: str = "i-0123456789abcdef0"
    labels: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    taints: t.Sequence[t.Mapping[str, str]] = ()

    @property
    def region(self) -> str:
        return self.zone.rstrip("abcdef")

    def all_labels(self) -> dict[str, str]:
        return {
            "kubernetes.io/arch": self.arch,
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": self.instance_type,
            "topology.kubernetes.io/region": self.region,
            "topology.kubernetes.io/zone": self.zone,
            **self.labels,
        }


def node_object(plan: NodePlan) -> Object:
    """Return the Node, status included: a kubelet registers with both."""
    status = {
        "capacity": dict(plan.capacity),
        "allocatable": dict(plan.allocatable),
        "addresses": [
            {"type": "InternalIP", "address": plan.address},
            {"type": "InternalDNS", "address": plan.name},
            {"type": "Hostname", "address": plan.name},
        ],
        "nodeInfo": {
            "architecture": plan.arch,
            "operatingSystem": "linux",
            "osImage": "Amazon Linux 2023",
            "kernelVersion": "6.12.55",
            "containerRuntimeVersion": "containerd://2.1.4",
            "kubeletVersion": f"v{plan.version}.0",
            "kubeProxyVersion": "",
            "bootID": "",
            "machineID": "",
            "systemUUID": "",
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": plan.name,
            "labels": plan.all_labels(),
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "spec": {
            "providerID": f"aws:///{plan.zone}/{plan.instance_id}",
            "taints": [dict(taint) for taint in plan.taints],
        },
        "status": status,
    }
