# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real API server of its own with people that an OIDC issuer names, driven by the layers' own playbooks."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import typing as t

import yaml

from drydock.control_plane import ControlPlane, bin_dir, crew, unbuilt
from drydock.identity.oidc_issuer import OidcIssuer
from drydock.kube import KubeClient, KubeError, Object
from tests.integration.harbours import ROOT, Run, played

LIMIT = 300.0
WRITES = ("create", "update", "patch", "delete", "deletecollection")


@dataclasses.dataclass
class Island:
    """One control plane without a cloud, its inventory, and the issuer whose tokens it takes."""

    plane: ControlPlane
    issuer: OidcIssuer
    folder: pathlib.Path

    @classmethod
    def start(cls, folder: pathlib.Path) -> Island:
        assert not unbuilt(), f"{', '.join(unbuilt())} would only seem to run; build the crew with make crew"
        issuer = OidcIssuer()
        plane = ControlPlane.start(folder / "plane", name="island", crew=crew(), jwt=[issuer.trust()])
        for number in range(3):
            plane.add_node(f"node-{number}")
        island = cls(plane, issuer, folder)
        (folder / "inventory").mkdir()
        (folder / "inventory/hosts.yml").write_text("platform_clusters:\n  hosts:\n    island:\n")
        return island

    def stop(self) -> None:
        self.plane.stop()
        self.issuer.stop()

    def play(self, playbook: str, *args: str, **variables: t.Any) -> Run:
        """Run one playbook; ``variables`` are what the inventory says of this cluster."""
        said = {"cluster_provider": "kubeconfig", "cluster_kubeconfig": str(self.plane.kubeconfig), **variables}
        given = self.folder / "inventory/group_vars/platform_clusters.yml"
        given.parent.mkdir(exist_ok=True)
        given.write_text(yaml.safe_dump(said))
        inventory = str(self.folder / "inventory")
        return played("-i", inventory, str(ROOT / f"playbooks/{playbook}.yml"), *args, timeout=LIMIT)

    @property
    def admin(self) -> KubeClient:
        return self.plane.admin("tests")

    def person(self, name: str, *groups: str) -> KubeClient:
        """Return a client of a person who has signed in at the issuer."""
        ca = self.plane.ca_file.read_text()
        return KubeClient.with_token(self.plane.server, ca, self.issuer.token(name, groups), f"person/{name}")

    def kubeconfig_of(self, namespace: str, account: str) -> pathlib.Path:
        """Return a kubeconfig with a token of a service account, for a program that runs outside its pod."""
        place = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
        token = self.admin.create(place, asked)["status"]["token"]
        cluster = {"server": self.plane.server, "certificate-authority": str(self.plane.ca_file)}
        text = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": {"token": token}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        }
        path = self.folder / f"{namespace}-{account}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(text))
        return path

    def metrics(self, namespace: str, app: str, port: int) -> set[str]:
        """Return the names of the metrics that the pods of an app show, asked through the API server."""
        place = f"/api/v1/namespaces/{namespace}/pods"
        found = set[str]()
        for pod in self.admin.items(f"{place}?labelSelector=app.kubernetes.io/name={app}"):
            path = f"{place}/{pod['metadata']['name']}:{port}/proxy/metrics"
            command = [str(bin_dir() / "kubectl"), f"--kubeconfig={self.plane.kubeconfig}", "get", "--raw", path]
            text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
            found |= {line.partition("{")[0] for line in text.splitlines()}
        return found

    def namespace(self, name: str, labels: dict[str, str] | None = None, **annotations: str) -> None:
        metadata = {"name": name, "labels": labels or {}, "annotations": annotations}
        self.admin.apply(f"/api/v1/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def writes_of_the_runner(self) -> int:
        """Return how many writes the collection has sent to this cluster so far (a dry run is none)."""
        entries = (json.loads(line) for line in self.plane.audit_log.read_text().splitlines() if line)
        return sum(
            entry["verb"] in WRITES
            and "dryRun=" not in entry["requestURI"]
            and str(entry.get("userAgent", "")).startswith("seaworthy.platform")
            for entry in entries
        )


def verdict(client: KubeClient, method: str, path: str, body: Object | None = None) -> str:
    """Return "" where the server would do it (a dry run where it is a write), else its sentence with the status."""
    dry = "" if method == "GET" else ("&" if "?" in path else "?") + "dryRun=All"
    content = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        client.request(method, path + dry, body, content)
    except KubeError as error:
        return str(error)
    return ""
