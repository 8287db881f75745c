# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wing against the EKS twin, with the real SDK over the wire; the journal is the witness."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._common.progress import Progress
from drydock.clouds.aws.account import holdings
from drydock.harbour import Harbour
from drydock.journal import Filter
from tests.integration.grounds import TwinClock, shape

Json = dict[str, t.Any]
NAME = "prod"
OWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(sg|vpc|a)-[0-9a-f]{17}|(?<=/id/)[0-9A-F]{32}")
MOMENTS = ("createdAt", "modifiedAt", "associatedAt", "endpoint", "certificateAuthority")
DIARY = ("updates",)
"""What EKS remembers of requests: two runs at once may say the same twice, which the journal counts."""


@dataclasses.dataclass
class Account:
    """One empty account of the harbour, and the cluster document that a test starts from."""

    cloud: t.ClassVar[str] = "eks"
    services: t.ClassVar[tuple[str, ...]] = ("eks", "iam")
    harbour: Harbour
    document: Json
    lines: list[str] = dataclasses.field(default_factory=list)
    heard: t.Callable[[], object] = lambda: None
    """What happens beside a run, whenever it says something."""

    def environment(self) -> dict[str, str]:
        return self.harbour.environment()

    def fresh(self) -> None:
        """Return to an account without a cluster, seeded anew; ids and keys are others then."""
        self.harbour.reset()
        os.environ.update(self.environment())
        self.document = first_document(self.harbour)

    def end(self) -> t.Any:
        """Return what the account holds, without what is another one each time."""
        self.pass_time()
        held = {"eks": self.harbour.twin.document(), "iam": holdings()["OpenIDConnectProviderList"]}
        text = json.dumps(held, default=str)
        for zone, subnet in self.harbour.seed.subnets.items():
            text = text.replace(subnet, f"subnet-{zone}")
        return shape(json.loads(OWN.sub("ID", text)), (*MOMENTS, *DIARY), lambda item: json.dumps(item, sort_keys=True))

    def run(self, document: Json | None = None, *, check: bool = False, **changes: t.Any) -> Json:
        """Converge the account's document, or another one, with options changed; forget earlier requests."""
        wanted = {**copy.deepcopy(self.document if document is None else document), **changes}
        self.harbour.journal.clear()
        self.lines = []
        clock = TwinClock(self.harbour)
        progress = Progress(f"eks/{wanted['name']}", self._hear, clock=clock)
        return managed_cluster("eks", wanted, check_mode=check, progress=progress, clock=clock)

    def _hear(self, line: str) -> None:
        self.lines.append(line)
        self.heard()

    def writes(self) -> list[str]:
        """Return the operations of the last run that changed something, in order."""
        return [line.operation for line in self.harbour.journal.read(Filter(writes=True))]

    def asked(self) -> list[str]:
        return [line.operation for line in self.harbour.journal.read()]

    def eks(self, principal: str = "runner") -> t.Any:
        return self.harbour.client("eks", principal)

    def cluster(self) -> Json:
        return t.cast(Json, self.eks().describe_cluster(name=NAME)["cluster"])

    def pool(self, name: str) -> Json:
        return t.cast(Json, self.eks().describe_nodegroup(clusterName=NAME, nodegroupName=name)["nodegroup"])

    def pass_time(self, seconds: float = 3600.0) -> None:
        self.harbour.clock.advance(seconds)
        self.harbour.twin.settle()


def first_document(harbour: Harbour) -> Json:
    seed = harbour.seed
    zones = sorted(seed.subnets)[:2]
    return {
        "name": NAME,
        "region": seed.region,
        "account": seed.account,
        "version": "1.35",
        "identity": {"role": seed.cluster_role, "node_role": seed.node_role},
        "network": {"subnets": sorted(seed.subnets[zone] for zone in zones), "service_cidr": "172.20.0.0/16"},
        "node_pools": {
            "general": {"autoscaling": True, "size": {"min": 1, "max": 4}, "instance_types": ["m7i.large"]},
            "system": {"size": {"desired": 2}},
        },
    }


def act_as(harbour: Harbour, monkeypatch: pytest.MonkeyPatch, principal: str = "runner") -> None:
    for name in ("AWS_SESSION_TOKEN", *harbour.environment()):
        monkeypatch.delenv(name, raising=False)
    for name, value in harbour.environment(principal).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def account(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> Account:
    act_as(harbour, monkeypatch)
    return Account(harbour, first_document(harbour))


@pytest.fixture
def made(account: Account) -> Account:
    """The same account with its cluster made."""
    account.run()
    return account
