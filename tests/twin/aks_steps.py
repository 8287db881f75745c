# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that the AKS twin's tests take over its TLS port."""

from __future__ import annotations

import contextlib
import copy
import typing as t

import pytest

from drydock.clock import SteppedClock
from drydock.clouds.aks import subscription
from drydock.clouds.aks.shore import ArmRefusal
from drydock.harbour import Harbour

Json = dict[str, t.Any]
HOME = f"/subscriptions/{subscription.SUBSCRIPTION}"
GROUP = f"{HOME}/resourceGroups/{subscription.GROUP}"
DEMO = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/demo"
GENERAL = f"{DEMO}/agentPools/general"
VERSION = "?api-version=2025-08-01"
LOCK = f"{DEMO}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"
LOGS = f"{DEMO}/providers/Microsoft.Insights/diagnosticSettings/ours?api-version=2021-05-01-preview"
SYSTEM = {"name": "system", "mode": "System", "count": 1, "vmSize": "Standard_D2s_v5"}
LONG_AGO = 7200.0


def cluster_body(*, properties: Json | None = None, **changes: t.Any) -> Json:
    inner = {
        "dnsPrefix": "demo",
        "kubernetesVersion": "1.35",
        "agentPoolProfiles": [dict(SYSTEM)],
        **(properties or {}),
    }
    return {"location": "westeurope", "properties": inner, **changes}


def pool_body(**changes: t.Any) -> Json:
    return {"properties": {"count": 1, "vmSize": "Standard_D2s_v5", **changes}}


def call(
    harbour: Harbour, method: str, path: str, body: object = None, *, person: str = "runner", **headers: str
) -> Json:
    return harbour.azure.client(person).call(method, path if "?" in path else path + VERSION, body, **headers)


def pass_time(harbour: Harbour, seconds: float = LONG_AGO) -> None:
    """Let time pass until nothing that was begun runs any more, also what begins by itself."""
    for _ in range(3):
        harbour.clock.advance(seconds)
        harbour.azure.settle()


def create_cluster(harbour: Harbour, **changes: t.Any) -> Json:
    return call(harbour, "PUT", DEMO, cluster_body(**changes))


def get_cluster(harbour: Harbour) -> Json:
    return call(harbour, "GET", DEMO)


def running_cluster(harbour: Harbour, **changes: t.Any) -> Json:
    create_cluster(harbour, **changes)
    pass_time(harbour)
    return get_cluster(harbour)


def changed(cluster: Json, **properties: t.Any) -> Json:
    """Return the body that a client sends that lays a change over what it read."""
    body = copy.deepcopy(cluster)
    body["properties"].update(properties)
    return body


def update_cluster(harbour: Harbour, **properties: t.Any) -> Json:
    return call(harbour, "PUT", DEMO, changed(get_cluster(harbour), **properties))


def updated_cluster(harbour: Harbour, **properties: t.Any) -> Json:
    update_cluster(harbour, **properties)
    pass_time(harbour)
    return get_cluster(harbour)


def get_pool(harbour: Harbour, path: str = GENERAL) -> Json:
    found: Json = call(harbour, "GET", path)["properties"]
    return found


def put_pool(harbour: Harbour, path: str = GENERAL, **changes: t.Any) -> Json:
    return call(harbour, "PUT", path, pool_body(**changes))


def running_pool(harbour: Harbour, **changes: t.Any) -> Json:
    put_pool(harbour, **changes)
    pass_time(harbour)
    return get_pool(harbour)


def begun(harbour: Harbour, method: str, path: str, body: object = None) -> str:
    """Send a write and return the address at which its operation is to be looked at."""
    answer = harbour.azure.client().ask(method, path + VERSION, body)
    assert answer.status_code < 300, answer.text
    return str(answer.headers["Azure-AsyncOperation"])


def finished(harbour: Harbour, url: str) -> Json:
    pass_time(harbour)
    return harbour.azure.client().call("GET", url)


def refused(status: int, code: str, work: t.Callable[..., t.Any], *args: t.Any, **named: t.Any) -> ArmRefusal:
    """Demand that a request is refused so; return the refusal."""
    with pytest.raises(ArmRefusal) as caught:
        work(*args, **named)
    assert (caught.value.status, caught.value.code) == (status, code), caught.value
    return caught.value


@contextlib.contextmanager
def stopped(harbour: Harbour) -> t.Iterator[None]:
    """Stop the clock for a while: requests do not move it."""
    clock = t.cast(SteppedClock, harbour.clock)
    step, clock.step = clock.step, 0.0
    try:
        yield
    finally:
        clock.step = step
