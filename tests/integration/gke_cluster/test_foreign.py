# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not ours stays as it is, byte for byte: clusters, pools, labels, and fields that no option knows."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.gke_cluster.conftest import Json, Project
from tests.integration.gke_cluster.test_converge import UPDATES
from tests.integration.grounds import changed

EVERYTHING = (
    *(
        "machine",
        "version",
        "allow-list",
        "logging",
        "weekly window",
        "add-ons",
        "workload identity",
        "tags",
        "labels",
        "taints",
    ),
    *("surge", "auto-repair", "new pool"),
)
LEGACY = {"name": "legacy", "initial_node_count": 1, "initial_cluster_version": "1.35"}
POOL = {"name": "theirs", "initial_node_count": 1, "config": {"labels": {"who": "them"}, "preemptible": True}}
UNKNOWN: tuple[Json, ...] = (
    {"desired_vertical_pod_autoscaling": {"enabled": True}},
    {"desired_cost_management_config": {"enabled": True}},
    {"desired_security_posture_config": {"mode": "BASIC"}},
    {"desired_binary_authorization": {"evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE"}},
)
UNKNOWN_OF_POOL: tuple[Json, ...] = (
    {"kubelet_config": {"pod_pids_limit": 4096}},
    {"linux_node_config": {"sysctls": {"net.core.somaxconn": "2048"}}},
    {"logging_config": {"variant_config": {"variant": "MAX_THROUGHPUT"}}},
)


def everything(project: Project) -> Json:
    """Return a document that changes nearly all there is to change."""
    wanted = project.document
    for case in EVERYTHING:
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    return wanted


def raw(message: t.Any) -> bytes:
    return bytes(type(message).pb(message).SerializeToString(deterministic=True))


@pytest.fixture
def crowded(made: Project) -> Project:
    """Our cluster with a pool, settings and labels of others, beside a cluster of theirs."""
    client = made.client()
    client.create_cluster(request={"parent": made.parent, "cluster": LEGACY}, retry=None)
    client.create_node_pool(request={"parent": made.path, "node_pool": POOL}, retry=None)
    made.pass_time()
    for update in UNKNOWN:
        client.update_cluster(request={"name": made.path, "update": update}, retry=None)
        made.pass_time()
    for change in UNKNOWN_OF_POOL:
        now = {"name": f"{made.path}/nodePools/system", "node_version": "-", "image_type": "COS_CONTAINERD"}
        client.update_node_pool(request={**now, **change}, retry=None)
        made.pass_time()
    return made


def theirs(project: Project) -> dict[str, bytes]:
    """Return what others made, as bytes."""
    legacy = project.client().get_cluster(name=f"{project.parent}/clusters/legacy", retry=None)
    record, system = project.cluster(), project.pool("system")
    settings = {name: getattr(record, name) for name in ("vertical_pod_autoscaling", "cost_management_config")}
    settings |= {name: getattr(record, name) for name in ("security_posture_config", "binary_authorization")}
    settings |= {name: getattr(system.config, name) for name in ("kubelet_config", "linux_node_config")}
    settings |= {"legacy": legacy, "theirs": project.pool("theirs"), "variant": system.config.logging_config}
    return {name: raw(found) for name, found in settings.items()}


@pytest.mark.parametrize("purge", [True, False])
def test_what_others_made_is_the_same_to_the_byte(crowded: Project, purge: bool) -> None:
    before = theirs(crowded)
    assert all(before.values())
    crowded.run(everything(crowded), purge_node_pools=purge, upgrade={"pools": "after"})
    assert len(crowded.writes()) >= len(EVERYTHING)
    assert theirs(crowded) == before
    crowded.run(state="absent", adopt="any")
    found = list(crowded.client().list_clusters(parent=crowded.parent).clusters)
    assert [raw(cluster) for cluster in found] == [before["legacy"]]


def test_cluster_of_others_is_left_to_the_byte_when_it_is_refused(crowded: Project) -> None:
    before = theirs(crowded)
    for state in ("present", "absent"):
        with pytest.raises(Exception, match="gke/legacy exists but is not ours"):
            crowded.run(everything(crowded), name="legacy", state=state)
        assert crowded.writes() == []
    assert theirs(crowded) == before


def test_labels_that_others_add_between_plan_and_write_stay(crowded: Project) -> None:
    record = crowded.cluster()
    labels = {**record.resource_labels, "theirs": "x"}
    crowded.client().set_labels(
        request={"name": crowded.path, "resource_labels": labels, "label_fingerprint": record.label_fingerprint},
        retry=None,
    )
    crowded.pass_time()
    crowded.run(tags={"ours": "y"}, purge_tags=False)
    assert crowded.cluster().resource_labels["theirs"] == "x"
    assert crowded.cluster().resource_labels["ours"] == "y"
