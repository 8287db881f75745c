# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wing against the GKE twin, with the real SDK over the wire; the journal is the witness."""

from __future__ import annotations

import copy
import dataclasses
import os
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress
from drydock.harbour import Harbour
from drydock.journal import Filter
from tests.integration.grounds import TwinClock, shape

Json = dict[str, t.Any]
NAME = "prod"
OWN = ("id", "createTime", "etag", "labelFingerprint", "instanceGroupUrls", "resourceVersion", "endpoint", "selfLink")


@dataclasses.dataclass
class Project:
    """One empty project of the harbour, and the cluster document that a test starts from."""

    cloud: t.ClassVar[str] = "gke"
    services: t.ClassVar[tuple[str, ...]] = ("gke",)
    harbour: Harbour
    document: Json
    lines: list[str] = dataclasses.field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return self.harbour.google.environment()

    def fresh(self) -> None:
        """Return to a project without a cluster."""
        self.harbour.reset()
        os.environ.update(self.environment())
        self.document = first_document(self.harbour)

    def end(self) -> t.Any:
        """Return what the project holds, without what is another one each time."""
        self.pass_time()
        return [
            shape({"cluster": row["cluster"], "nodes": row["deployed"]}, OWN) for row in self.harbour.google.document()
        ]

    def run(self, document: Json | None = None, *, check: bool = False, **changes: t.Any) -> Json:
        """Converge the project's document, or another one, with options changed; forget earlier requests."""
        wanted = {**copy.deepcopy(self.document if document is None else document), **changes}
        self.harbour.journal.clear()
        self.lines = []
        clock = TwinClock(self.harbour)
        progress = Progress(f"gke/{wanted['name']}", self.lines.append, clock=clock)
        return managed_cluster("gke", wanted, check_mode=check, progress=progress, clock=clock)

    def writes(self) -> list[str]:
        """Return the operations of the last run that changed something, in order."""
        return [line.operation for line in self.harbour.journal.read(Filter(writes=True)) if line.target == "gke"]

    def asked(self) -> list[str]:
        return [line.operation for line in self.harbour.journal.read() if line.target == "gke"]

    def client(self, person: str = "runner") -> t.Any:
        return self.harbour.google.client(person)

    @property
    def parent(self) -> str:
        return f"projects/{self.document['project']}/locations/{self.document['location']}"

    @property
    def path(self) -> str:
        return f"{self.parent}/clusters/{NAME}"

    def cluster(self) -> t.Any:
        return self.client().get_cluster(name=self.path, retry=None)

    def pool(self, name: str) -> t.Any:
        return self.client().get_node_pool(name=f"{self.path}/nodePools/{name}", retry=None)

    def pass_time(self, seconds: float = 7200.0) -> None:
        self.harbour.clock.advance(seconds)
        self.harbour.settle()


def first_document(harbour: Harbour) -> Json:
    seed = harbour.google.publish()
    return {
        "name": NAME,
        "project": seed["project"],
        "location": seed["region"],
        "auth": {"endpoint_url": seed["endpoint_url"]},
        "version": "1.35",
        "network": {
            "network": seed["network"],
            "subnets": [seed["subnetwork"]],
            "pod_range": seed["pods_range"],
            "service_range": seed["services_range"],
        },
        "identity": {"service_account": seed["node_service_account"]},
        "node_pools": {
            "general": {"autoscaling": True, "size": {"min": 3, "max": 9}, "instance_types": ["e2-standard-4"]},
            "system": {"size": {"desired": 3}},
        },
    }


def act_as(harbour: Harbour, monkeypatch: pytest.MonkeyPatch, person: str = "runner") -> None:
    for name, value in harbour.google.environment(person).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def project(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> Project:
    act_as(harbour, monkeypatch)
    return Project(harbour, first_document(harbour))


@pytest.fixture
def made(project: Project) -> Project:
    """The same project with its cluster made."""
    project.run()
    return project
