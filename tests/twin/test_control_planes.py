# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin's clusters as real control planes, and control planes of their own and shared."""

from __future__ import annotations

import base64
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from drydock.control_plane import ControlPlane, Ready, recorded_process
from drydock.errors import DrydockError
from drydock.harbour import Harbour
from drydock.journal import Filter
from drydock.kube import KubeClient, KubeError
from drydock.processes import Identity

from .eks_steps import active_cluster, active_pool, describe_cluster, pass_time, update_pool
from .test_eks_token import presigned, token_of

ROOT = pathlib.Path(__file__).resolve().parents[2]


def client_of(harbour: Harbour, cluster: dict[str, t.Any], principal: str = "runner") -> KubeClient:
    """Return a client as any user of EKS builds it: endpoint and CA from DescribeCluster, a minted token."""
    ca = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    return KubeClient.with_token(cluster["endpoint"], ca, token_of(presigned(harbour, principal=principal)), "tests")


def nodes_of(client: KubeClient) -> dict[str, dict[str, t.Any]]:
    return {node["metadata"]["name"]: node for node in client.items("/api/v1/nodes")}


def until(what: t.Callable[[], bool], seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "not so in time"
        time.sleep(0.1)


@pytest.mark.control_planes
def test_cluster_of_the_twin_from_create_to_delete(harbour: Harbour) -> None:
    cluster = active_cluster(harbour, version="1.35")
    client = client_of(harbour, cluster)
    _creator_is_admin_and_strangers_are_not(harbour, cluster, client)
    _pools_are_nodes(harbour, client)
    _journal_tells_the_writes(harbour, client)
    _upgrade_keeps_objects_and_address(harbour, cluster)
    _delete_leaves_nothing(harbour)


def _creator_is_admin_and_strangers_are_not(harbour: Harbour, cluster: dict[str, t.Any], client: KubeClient) -> None:
    assert client.get("/version")["emulationMinor"] == "35"
    with pytest.raises(KubeError) as forbidden:
        client_of(harbour, cluster, "colleague").items("/api/v1/nodes")
    assert forbidden.value.status == 403
    ca = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    wrong = token_of(presigned(harbour, "another-cluster"))
    with pytest.raises(KubeError) as unauthorized:
        KubeClient.with_token(cluster["endpoint"], ca, wrong).items("/api/v1/nodes")
    assert unauthorized.value.status == 401


def _pools_are_nodes(harbour: Harbour, client: KubeClient) -> None:
    active_pool(
        harbour,
        instanceTypes=["m7i.large"],
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 3},
        labels={"team": "a"},
        taints=[{"key": "only", "value": "us", "effect": "NO_SCHEDULE"}],
    )
    nodes = nodes_of(client)
    labels = [node["metadata"]["labels"] for node in nodes.values()]
    assert [x["eks.amazonaws.com/nodegroup"] for x in labels] == ["general"] * 3
    assert sorted(x["topology.kubernetes.io/zone"] for x in labels) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    node = next(iter(nodes.values()))
    assert node["metadata"]["labels"]["node.kubernetes.io/instance-type"] == "m7i.large"
    assert node["spec"]["providerID"].startswith("aws:///eu-west-1")
    assert node["status"]["capacity"]["pods"] == "29"
    assert node["status"]["allocatable"]["cpu"] == "1930m"
    until(lambda: all(_ready(node) for node in nodes_of(client).values()))
    wanted = {"key": "only", "value": "us", "effect": "NoSchedule"}
    assert all(wanted in node["spec"]["taints"] for node in nodes_of(client).values())
    update_pool(
        harbour,
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
        labels={"addOrUpdateLabels": {"tier": "web"}, "removeLabels": ["team"]},
        taints={"removeTaints": [{"key": "only", "value": "us", "effect": "NO_SCHEDULE"}]},
    )
    fewer = nodes_of(client)
    assert len(fewer) == 2
    assert set(fewer) < set(nodes)
    for node in fewer.values():
        assert node["metadata"]["labels"]["tier"] == "web"
        assert "team" not in node["metadata"]["labels"]
        assert wanted not in node["spec"].get("taints", [])


def _ready(node: dict[str, t.Any]) -> bool:
    return any(x["type"] == "Ready" and x["status"] == "True" for x in node["status"].get("conditions", []))


def _journal_tells_the_writes(harbour: Harbour, client: KubeClient) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine"}}
    client.apply("/api/v1/namespaces/mine", namespace)
    dry = {**namespace, "metadata": {"name": "dry"}}
    path = "/api/v1/namespaces/dry?fieldManager=x&dryRun=All"
    client.request("PATCH", path, dry, "application/apply-patch+yaml")
    lines = harbour.journal.read(Filter(writes=True, target="kubernetes/demo", principal="arn:*"))
    assert [(x.verb, x.operation.partition("?")[0], x.agent) for x in lines] == [
        ("patch", "/api/v1/namespaces/mine", "tests")
    ]


def _upgrade_keeps_objects_and_address(harbour: Harbour, before: dict[str, t.Any]) -> None:
    eks = harbour.client()
    eks.update_cluster_version(name="demo", version="1.36")
    pass_time(harbour)
    after = describe_cluster(harbour)
    assert (after["version"], after["endpoint"]) == ("1.36", before["endpoint"])
    client = client_of(harbour, after)
    assert client.get("/version")["emulationMinor"] == "36"
    assert client.find("/api/v1/namespaces/mine")
    old = set(nodes_of(client))
    eks.update_nodegroup_version(clusterName="demo", nodegroupName="general")
    pass_time(harbour)
    eks.describe_cluster(name="demo")
    new = nodes_of(client)
    assert len(new) == 2
    assert not old & set(new)


def _delete_leaves_nothing(harbour: Harbour) -> None:
    folder = harbour.state.clusters / "demo"
    process = recorded_process(folder)
    assert process is not None
    assert process.alive()
    eks = harbour.client()
    eks.delete_nodegroup(clusterName="demo", nodegroupName="general")
    pass_time(harbour)
    eks.delete_cluster(name="demo")
    pass_time(harbour)
    assert eks.list_clusters()["clusters"] == []
    assert not process.alive()
    assert not folder.exists()
    kept = harbour.journal.read(Filter(writes=True, target="kubernetes/demo", principal="arn:*"))
    assert len(kept) == 1


def test_control_plane_resets_to_how_it_became_ready(tmp_path: pathlib.Path) -> None:
    plane = ControlPlane.start(tmp_path / "plane", name="own")
    try:
        client = plane.admin()
        client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gone"}})
        plane.add_node("n1", zone="eu-west-1b")
        plane.reset()
        assert client.find("/api/v1/namespaces/gone") is None
        assert client.items("/api/v1/nodes") == []
        assert client.find("/api/v1/namespaces/default")
    finally:
        plane.stop()
    assert Ready.read(plane.dir) is None


@pytest.mark.parametrize("begin", [ControlPlane.start, ControlPlane.share])
def test_control_plane_that_ends_at_once_is_one_clear_error(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, begin: t.Callable[..., ControlPlane]
) -> None:
    broken = tmp_path / "bin" / "drydock-controlplane"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("DRYDOCK_BIN_DIR", str(broken.parent))
    with pytest.raises(DrydockError, match=r"ended with status 3.*no room"):
        begin(tmp_path / "plane")
    monkeypatch.setenv("DRYDOCK_BIN_DIR", str(tmp_path / "none"))
    with pytest.raises(DrydockError, match="build it with make"):
        begin(tmp_path / "other")


HOLD = """
import sys
from drydock.control_plane import ControlPlane
plane = ControlPlane.share(sys.argv[1])
print(plane.ready.pid, flush=True)
sys.stdin.read()
plane.stop()
"""


def _holder(folder: pathlib.Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLD, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def _pid_of(holder: subprocess.Popen[str]) -> int:
    assert holder.stdout is not None
    return int(holder.stdout.readline())


def test_shared_control_plane_outlives_its_starter_and_ends_with_its_last_user(tmp_path: pathlib.Path) -> None:
    first, second = _holder(tmp_path / "plane"), None
    try:
        server = Identity.of(_pid_of(first))
        second = _holder(tmp_path / "plane")
        assert server is not None
        assert _pid_of(second) == server.pid
        first.send_signal(signal.SIGKILL)
        first.wait()
        time.sleep(0.5)
        assert server.alive()
        second.communicate(timeout=30)
        assert not server.alive()
        assert not (tmp_path / "plane").exists()
    finally:
        for holder in (first, second):
            if holder is not None and holder.poll() is None:
                holder.kill()
                holder.wait()


def test_shared_control_plane_ends_when_its_last_user_is_killed(tmp_path: pathlib.Path) -> None:
    holder = _holder(tmp_path / "plane")
    server = Identity.of(_pid_of(holder))
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert server is not None
    assert server.wait(15)
    again = ControlPlane.share(tmp_path / "plane")
    try:
        assert again.ready.pid != server.pid
    finally:
        again.stop()


def test_namespace_fixture_is_ones_own(control_plane: ControlPlane, namespace: str) -> None:
    assert control_plane.admin().find(f"/api/v1/namespaces/{namespace}")


@pytest.mark.control_planes
def test_cluster_carries_what_eks_installs_and_an_addon_takes_back_what_others_change(harbour: Harbour) -> None:
    cluster = active_cluster(harbour)
    client = client_of(harbour, cluster)
    address = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"
    found = client.get(address)
    assert "eks" in {row["manager"] for row in found["metadata"]["managedFields"]}
    assert client.get("/apis/storage.k8s.io/v1/storageclasses/gp2")["provisioner"] == "kubernetes.io/aws-ebs"
    image = found["spec"]["template"]["spec"]["containers"][0]["image"]
    ours = {"spec": {"template": {"spec": {"containers": [{"name": "kube-proxy", "image": "registry.invalid/ours"}]}}}}
    client.merge(address, ours)
    pass_time(harbour, 3600.0)
    describe_cluster(harbour)
    assert client.get(address)["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.invalid/ours"
    harbour.client().create_addon(clusterName="demo", addonName="kube-proxy", resolveConflicts="OVERWRITE")
    pass_time(harbour, 3600.0)
    describe_cluster(harbour)
    assert client.get(address)["spec"]["template"]["spec"]["containers"][0]["image"] == image
