# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an unchanged cluster of ten pools costs: requests, how many of them one after another, and our own time.

Peers by their source: Terraform reads the cluster (aws_eks_cluster: DescribeCluster; google_container_cluster: Get) and
then each node pool, a resource of its own, by a request of its own (resourceNodeGroupRead: DescribeNodegroup;
resourceContainerNodePoolRead: NodePools.Get), the pools beside each other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import statistics
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.aws.session import AwsSession
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.google.session import GoogleSession
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import managed_cluster
from drydock.harbour import Harbour
from tests.bench.measure import Row, compare

POOLS = 10
DISTANCE = 0.05  # seconds that a request is away, so that what goes out together is seen to
PEER = "Terraform, by its source: the cluster, then a request for each pool resource"
PEER_DEPTH = 2
Json = dict[str, t.Any]
Span = tuple[float, float]


@dataclasses.dataclass
class Watched:
    """When each request to a service began and ended."""

    spans: dict[str, list[Span]] = dataclasses.field(default_factory=dict)

    def note(self, service: str, span: Span) -> None:
        self.spans.setdefault(service, []).append(span)

    def requests(self) -> int:
        return sum(map(len, self.spans.values()))

    def depth(self) -> int:
        """Return the most requests to one API that went out one after another."""
        return max(map(longest_chain, self.spans.values()), default=0)

    def waited(self) -> float:
        """Return the seconds in which any request was under way."""
        total, end = 0.0, 0.0
        for began, ended in sorted(span for spans in self.spans.values() for span in spans):
            total += max(0.0, ended - max(began, end))
            end = max(end, ended)
        return total


def longest_chain(spans: t.Iterable[Span]) -> int:
    """Return how many of the spans follow one another at most."""
    count, end = 0, float("-inf")
    for began, ended in sorted(spans, key=lambda span: span[1]):
        if began >= end:
            count, end = count + 1, ended
    return count


@contextlib.contextmanager
def watching() -> t.Iterator[Watched]:
    """Watch the requests of both clouds; each is a little away."""
    watched = Watched()

    def around(original: t.Callable[..., t.Any], service_of: t.Callable[..., str]) -> t.Callable[..., t.Any]:
        def call(session: t.Any, *args: t.Any, **keywords: t.Any) -> t.Any:
            began = time.perf_counter()
            time.sleep(DISTANCE)
            try:
                return original(session, *args, **keywords)
            finally:
                watched.note(service_of(*args), (began, time.perf_counter()))

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AwsSession, "call", around(AwsSession.call, lambda service, *rest: str(service)))
        patch.setattr(GoogleSession, "call", around(GoogleSession.call, lambda *rest: "container"))
        yield watched


def eks(harbour: Harbour) -> Json:
    seed = harbour.seed
    size = {"desired": 2}
    return {
        "name": "prod",
        "region": seed.region,
        "account": seed.account,
        "auth": {"endpoint_url": harbour.aws_endpoint},
        "version": "1.36",
        "identity": {"role": seed.cluster_role, "node_role": seed.node_role},
        "network": {"subnets": sorted(seed.subnets.values())},
        "node_pools": {f"pool-{n}": {"size": size, "instance_types": ["m7i.large"]} for n in range(POOLS)},
    }


def gke(harbour: Harbour) -> Json:
    seed = harbour.google.publish()
    return {
        "name": "prod",
        "project": seed["project"],
        "location": seed["region"],
        "auth": {"endpoint_url": seed["endpoint_url"]},
        "version": "1.35",
        "network": {"network": seed["network"], "subnets": [seed["subnetwork"]]},
        "node_pools": {f"pool-{n}": {"size": {"desired": 3}} for n in range(POOLS)},
    }


DOCUMENTS: dict[str, t.Callable[[Harbour], Json]] = {"eks": eks, "gke": gke}


def unchanged(cloud: str, document: Json) -> tuple[Watched, float]:
    """Converge what is already so; return its requests and the seconds in which none was under way."""
    with watching() as watched:
        began = time.perf_counter()
        result = managed_cluster(cloud, document, check_mode=False)
        own = time.perf_counter() - began - watched.waited()
    assert result["changed"] is False, result["plan_text"]
    return watched, own


def reads(harbour: Harbour, runs: int) -> list[Row]:
    """Return the rows of both clouds."""
    rows = []
    for cloud, document_of in DOCUMENTS.items():
        document = document_of(harbour)
        managed_cluster(cloud, {**document, "poll_interval": 0.05}, check_mode=False)
        taken = [unchanged(cloud, document) for _ in range(runs + 1)][1:]
        watched, own = taken[-1][0], statistics.median(own for _, own in taken)
        what = f"unchanged {cloud.upper()} cluster of {POOLS} pools"
        rows += [
            compare(f"{what}, reads", "requests", watched.requests(), POOLS + 1, PEER, runs),
            compare(f"{what}, depth", "requests to one API in sequence", watched.depth(), PEER_DEPTH, PEER, runs),
            compare(f"{what}, our time", "seconds, no request under way", own, 1.5, "the budget of 1.5 s", runs),
        ]
    return rows


IMPORTS = {
    "EKS": "import boto3",
    "GKE": "import google.cloud.container_v1",
    "a kubeconfig alone": "import yaml",
}


def start_up(runs: int) -> list[Row]:
    """Return what importing each cloud's SDK costs, once a run, beside a bare Python."""
    bare = fresh("pass", runs)
    return [
        compare(f"start-up, {name}", "seconds, a Python process", fresh(code, runs), bare, "an empty Python", runs)
        for name, code in IMPORTS.items()
    ]


def fresh(code: str, runs: int) -> float:
    """Return the median seconds of a new process that runs the code."""
    taken = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])
