# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wing against the AKS twin, with the real SDK over TLS; the journal is the witness."""

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
from tests.twin.aks_steps import stopped

Json = dict[str, t.Any]
NAME = "prod"
OWN = ("eTag", "resourceUID", "systemData", "issuerURL", "fqdn", "azurePortalFQDN", "startDate")


@dataclasses.dataclass
class Subscription:
    """One subscription of the harbour without a cluster, and the cluster document that a test starts from."""

    cloud: t.ClassVar[str] = "aks"
    services: t.ClassVar[tuple[str, ...]] = ("aks",)
    harbour: Harbour
    document: Json
    lines: list[str] = dataclasses.field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return self.harbour.azure.environment()

    def fresh(self) -> None:
        """Return to a subscription without a cluster."""
        self.harbour.reset()
        os.environ.update(self.environment())
        self.document = first_document(self.harbour)

    def end(self) -> t.Any:
        """Return what the subscription holds, without what is another one each time."""
        self.pass_time()
        return [
            shape({"cluster": row["cluster"], "beside": row["beside"]}, OWN, name_of)
            for row in self.harbour.azure.document()
        ]

    def run(self, document: Json | None = None, *, check: bool = False, **changes: t.Any) -> Json:
        """Converge the document, or another one, with options changed; forget earlier requests."""
        wanted = {**copy.deepcopy(self.document if document is None else document), **changes}
        self.harbour.journal.clear()
        self.lines = []
        clock = TwinClock(self.harbour)
        progress = Progress(f"aks/{wanted['name']}", self.lines.append, clock=clock)
        with stopped(self.harbour):
            return managed_cluster("aks", wanted, check_mode=check, progress=progress, clock=clock)

    def writes(self) -> list[str]:
        """Return the operations of the last run that changed something, in order."""
        return [line.operation for line in self.harbour.journal.read(Filter(writes=True)) if line.target == "aks"]

    def asked(self) -> list[str]:
        return [line.operation for line in self.harbour.journal.read() if line.target == "aks"]

    @property
    def path(self) -> str:
        group = f"/subscriptions/{self.document['subscription']}/resourceGroups/{self.document['resource_group']}"
        return f"{group}/providers/Microsoft.ContainerService/managedClusters/{NAME}"

    def call(self, method: str, below: str = "", body: Json | None = None, person: str = "runner") -> Json:
        return self.harbour.azure.client(person).call(method, f"{self.path}{below}?api-version=2025-08-01", body)

    def cluster(self) -> Json:
        return self.call("GET")

    def pool(self, name: str) -> Json:
        found: Json = self.call("GET", f"/agentPools/{name}")["properties"]
        return found

    def beside(self) -> Json:
        found: Json = self.harbour.azure.document()[0]["beside"]
        return found

    def pass_time(self, seconds: float = 7200.0) -> None:
        self.harbour.clock.advance(seconds)
        self.harbour.settle()
        self.harbour.clock.advance(seconds)
        self.harbour.settle()


def name_of(item: t.Any) -> str:
    return str(item.get("name")) if isinstance(item, dict) else ""


def first_document(harbour: Harbour) -> Json:
    seed = harbour.azure.publish()
    return {
        "name": NAME,
        "subscription": seed["subscription"],
        "resource_group": seed["resource_group"],
        "location": seed["location"],
        "auth": {"endpoint_url": seed["endpoint_url"], "ca_bundle": seed["ca_bundle"]},
        "version": "1.35",
        "tier": "standard",
        "network": {"subnets": [seed["subnets"]["nodes"]]},
        "identity": {"entra_admin_groups": [seed["admin_group"]]},
        "node_pools": {
            "general": {
                "autoscaling": True,
                "size": {"min": 2, "max": 6},
                "instance_types": ["Standard_D4s_v5"],
            },
            "system": {"size": {"desired": 3}, "instance_types": ["Standard_D2s_v5"]},
        },
    }


def act_as(harbour: Harbour, monkeypatch: pytest.MonkeyPatch, person: str = "runner") -> None:
    for name, value in harbour.azure.environment(person).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def subscription(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> Subscription:
    act_as(harbour, monkeypatch)
    return Subscription(harbour, first_document(harbour))


@pytest.fixture
def made(subscription: Subscription) -> Subscription:
    """The same subscription with its cluster made."""
    subscription.run()
    subscription.pass_time()
    return subscription
