# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud puts into its clusters, as far as a layer might meet it: names, labels, images.

AKS and GKE keep theirs with Kubernetes' own add-on manager, whose label says how. Source: kubernetes/kubernetes,
cluster/addons/addon-manager/README.md: Reconcile takes back what others change, EnsureExists only makes what is not
there. Here it applies server-side, under its own name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ..kube import KubeError

Json = dict[str, t.Any]
EVERY = 900.0
"""Cloud seconds between two looks of an add-on manager."""
MANAGER = "kube-addon-manager"
MODE = "addonmanager.kubernetes.io/mode"
PLURALS = {
    "DaemonSet": "daemonsets",
    "Deployment": "deployments",
    "Service": "services",
    "StorageClass": "storageclasses",
}
DNS_PORTS = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]


@dataclasses.dataclass(frozen=True)
class Piece:
    """One object; ``kept`` says that the cloud takes back what others change of it."""

    body: Json
    kept: bool = True

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    @property
    def path(self) -> str:
        group, metadata = self.body["apiVersion"], self.body["metadata"]
        root = f"/apis/{group}" if "/" in group else f"/api/{group}"
        within = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        return f"{root}{within}/{PLURALS[self.body['kind']]}/{self.name}"


Pieces = tuple[Piece, ...]


def workload(kind: str, name: str, image: str, label: str, *, key: str = "k8s-app", **spec: t.Any) -> Piece:
    """Return one of kube-system. Whose number an autoscaler sets says none, lest the add-on manager take it back."""
    labels = {key: label}
    container = {"name": name, "image": image}
    pod = {"containers": [container], "priorityClassName": "system-node-critical"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    metadata = {"name": name, "namespace": "kube-system", "labels": labels}
    whole = {**spec, "selector": {"matchLabels": labels}, "template": template}
    return Piece({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": whole})


def dns_service() -> Piece:
    labels = {"k8s-app": "kube-dns"}
    metadata = {"name": "kube-dns", "namespace": "kube-system", "labels": labels}
    spec = {"selector": labels, "ports": DNS_PORTS}
    return Piece({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})


def storage_class(
    name: str, provisioner: str, parameters: Json, *, default: bool = False, expands: bool = True, waits: bool = True
) -> Piece:
    """``expands`` says that its volumes may grow, ``waits`` that one is made where its first pod runs."""
    marked = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}} if default else {}
    body = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, **marked},
        "provisioner": provisioner,
        "parameters": parameters,
        "allowVolumeExpansion": expands,
        "volumeBindingMode": "WaitForFirstConsumer" if waits else "Immediate",
    }
    return Piece(body, kept=False)


def labelled(pieces: t.Iterable[Piece]) -> Pieces:
    """Return the pieces with the label by which the add-on manager knows what to do with them."""
    return tuple(dataclasses.replace(piece, body=_labelled(piece)) for piece in pieces)


def _labelled(piece: Piece) -> Json:
    metadata = piece.body["metadata"]
    labels = {**metadata.get("labels", {}), MODE: "Reconcile" if piece.kept else "EnsureExists"}
    return {**piece.body, "metadata": {**metadata, "labels": labels}}


def names(pieces: Pieces) -> tuple[str, ...]:
    """Return the name of each, once."""
    return tuple(dict.fromkeys(piece.name for piece in pieces))


class Home(t.Protocol):
    """A cluster: what was ``installed`` in it, by name, and when its add-on manager last ``tended`` it."""

    installed: tuple[str, ...]
    tended: float


HomeT = t.TypeVar("HomeT", bound=Home)


def move_in(cluster: HomeT, installs: tuple[str, ...], now: float, furnish: t.Callable[[HomeT], None]) -> None:
    """Put into a new cluster what its cloud installs, if anything."""
    cluster.installed, cluster.tended = installs, now
    if installs:
        furnish(cluster)


def tend(clusters: t.Iterable[HomeT], now: float, furnish: t.Callable[[HomeT], None]) -> None:
    """Let the add-on manager of each of these clusters, which are at rest, look at what it keeps.

    What a cluster refuses then (its own admission may) is tried again at the next look.
    """
    for cluster in clusters:
        if cluster.installed and now - cluster.tended >= EVERY:
            cluster.tended = now
            with contextlib.suppress(KubeError):
                furnish(cluster)
