# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once: one works, the other waits or says whose turn it is; what a dead run held is free by itself."""

from __future__ import annotations

import concurrent.futures
import pathlib
import time

from drydock.fault_proxy import FaultProxy
from drydock.kube import Object

from .a_set import ASet, config_map
from .test_converge import read_only

LEASES = "/apis/coordination.k8s.io/v1/namespaces/seaworthy-system/leases"


def lease(a_set: ASet) -> Object | None:
    return a_set.reader.find(f"{LEASES}/set-{a_set.name}")


def hold(a_set: ASet, seconds: int, age: float = 0.0) -> None:
    """Take the lease as another run that does not renew it."""
    found = lease(a_set)
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - age))
    spec = {"holderIdentity": "another-host/42", "leaseDurationSeconds": seconds, "renewTime": now, "acquireTime": now}
    assert found is not None
    a_set.reader.merge(f"{LEASES}/set-{a_set.name}", {"spec": spec})


def test_changing_run_gives_its_lease_back(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    found = lease(a_set)
    assert found is not None
    assert found["spec"].get("holderIdentity", "") == ""


def test_second_run_names_the_holder(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    hold(a_set, 60)
    error = a_set.refused(config_map(namespace, color="red"), lock_timeout=0.0)
    assert (error.kind, error.details["holder"]) == ("conflict", "another-host/42")
    assert "another-host/42" in str(error)
    assert a_set.live(config_map(namespace))["data"] == {"color": "blue"}


def test_run_that_changes_nothing_does_not_mind_the_lease(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    hold(a_set, 60)
    assert a_set.apply(config_map(namespace), lock_timeout=0.0)["changed"] is False
    assert a_set.apply(config_map(namespace, color="red"), lock_timeout=0.0, check_mode=True)["changed"] is True


def test_lease_of_a_dead_run_is_free_after_its_time(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    hold(a_set, 30, age=40)
    a_set.apply(config_map(namespace, color="red"), lock_timeout=0.0)
    hold(a_set, 2)
    a_set.apply(config_map(namespace, color="green"), lock_timeout=20.0)
    assert a_set.live(config_map(namespace))["data"] == {"color": "green"}
    assert any("locked" in line and "another-host/42" in line for line in a_set.lines)


def test_two_runs_at_once_leave_one_whole_state(a_set: ASet, namespace: str, tmp_path: pathlib.Path) -> None:
    def objects(color: str) -> list[Object]:
        return [config_map(namespace, f"c-{place}", color=color) for place in range(12)]

    a_set.apply(*objects("blue"))
    with FaultProxy(a_set.plane.kubeconfig, tmp_path) as road:
        road.add("slow", only="writes", seconds=0.05, times=1000)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [
                pool.submit(ASet(a_set.plane, a_set.name).apply, *objects(color), kubeconfig=str(road.kubeconfig))
                for color in ("red", "green")
            ]
            assert all(run.result()["changed"] for run in runs)
    colors = {a_set.live(obj)["data"]["color"] for obj in objects("")}
    assert len(colors) == 1


def test_set_that_is_gone_leaves_no_lease(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    a_set.apply(state="absent")
    assert lease(a_set) is None


def test_identity_without_leases_is_warned_and_goes_on(a_set: ASet, namespace: str, tmp_path: pathlib.Path) -> None:
    kubeconfig = read_only(a_set, namespace, tmp_path)
    api = "rbac.authorization.k8s.io"
    ref = {"apiGroup": api, "kind": "ClusterRole", "name": "edit"}
    subject = {"kind": "ServiceAccount", "name": "looker", "namespace": namespace}
    binding = {"metadata": {"name": "looker"}, "roleRef": ref, "subjects": [subject]}
    a_set.reader.create(f"/apis/{api}/v1/namespaces/{namespace}/rolebindings", binding)
    result = a_set.apply(config_map(namespace), kubeconfig=kubeconfig, prune=False)
    assert result["summary"]["created"] == 1
    assert "may not keep Leases" in result["warnings"][0]
    error = a_set.refused(config_map(namespace, color="red"), kubeconfig=kubeconfig)
    assert "set prune to false" in error.remedy
