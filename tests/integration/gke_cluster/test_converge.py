# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change, take over and delete a GKE cluster; a second run sends no write."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from tests.integration.gke_cluster.conftest import NAME, Json, Project
from tests.integration.grounds import changed

OWNER = {"seaworthy-owner": "seaworthy-platform"}


def test_check_on_an_empty_project_says_what_would_be_made_and_writes_nothing(project: Project) -> None:
    result = project.run(check=True)
    assert result["changed"] is True
    assert project.writes() == []
    assert [action["id"] for action in result["plan"]] == ["control-plane.create"]
    assert result["cluster"]["exists"] is False
    assert result["diff"]["before"] == {"name": NAME, "state": "absent"}
    assert "create control plane 1.35 with 2 node pools" in project.lines[0]


def test_run_does_what_check_said(project: Project) -> None:
    foreseen = project.run(check=True)
    result = project.run()
    assert (result["plan_id"], result["diff"]) == (foreseen["plan_id"], foreseen["diff"])
    assert project.writes() == ["CreateCluster"]


def test_created_cluster_is_ours_with_its_pools_and_sizes_for_all_zones_together(made: Project) -> None:
    record = made.cluster()
    assert record.resource_labels["seaworthy-owner"] == "seaworthy-platform"
    assert [pool.name for pool in record.node_pools] == ["general", "system"]
    general, system = made.pool("general"), made.pool("system")
    assert (general.autoscaling.total_min_node_count, general.autoscaling.total_max_node_count) == (3, 9)
    assert (system.initial_node_count, len(system.locations)) == (1, 3)
    assert general.config.resource_labels["seaworthy-owner"] == "seaworthy-platform"
    assert general.config.service_account == made.document["identity"]["service_account"]


def test_uniform_result_describes_what_was_made(made: Project) -> None:
    cluster = made.run()["cluster"]
    assert (cluster["state"], cluster["cloud"], cluster["account"]) == ("ready", "gke", made.document["project"])
    assert cluster["version"].startswith("1.35.")
    assert cluster["endpoint"].startswith("https://")
    assert cluster["ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert [(pool["name"], pool["size"]["desired"]) for pool in cluster["node_pools"]] == [
        ("general", 3),
        ("system", 3),
    ]


def test_second_run_is_one_read_no_write_and_one_line(made: Project) -> None:
    result = made.run()
    assert (result["changed"], made.asked(), result["plan"]) == (False, ["GetCluster"], [])
    assert result["diff"]["before"] == result["diff"]["after"]
    assert len(made.lines) == 1


def minimal(project: Project) -> Json:
    return {name: project.document[name] for name in ("name", "project", "location", "auth")}


def test_minimal_document_touches_nothing_that_it_does_not_name(made: Project) -> None:
    result = made.run(minimal(made))
    assert (result["changed"], made.writes()) == (False, [])


def test_minimal_document_makes_a_cluster_and_rests(project: Project) -> None:
    project.run(minimal(project))
    assert [pool.name for pool in project.cluster().node_pools] == ["default-pool"]
    assert project.run(minimal(project))["changed"] is False


UPDATES: dict[str, tuple[str, t.Any, list[str]]] = {
    "version": ("version", "1.36", ["UpdateCluster", "UpdateNodePool", "UpdateNodePool"]),
    "closed endpoint": ("endpoint.public", False, ["UpdateCluster"]),
    "DNS endpoint": ("endpoint.dns", True, ["UpdateCluster"]),
    "allow-list": ("endpoint.allowed_cidrs", ["203.0.113.0/24", "198.51.100.0/24"], ["UpdateCluster"]),
    "nobody allowed": ("endpoint.allowed_cidrs", [], ["UpdateCluster"]),
    "logging": ("logging", ["scheduler", "api"], ["UpdateCluster"]),
    "channel": ("maintenance.channel", "stable", ["UpdateCluster"]),
    "support": ("support", "extended", ["UpdateCluster"]),
    "daily window": ("maintenance.window", {"start": "03:00"}, ["SetMaintenancePolicy"]),
    "weekly window": (
        "maintenance.window",
        {"start": "2026-01-03T02:00:00Z", "end": "2026-01-03T08:00:00Z", "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU"},
        ["SetMaintenancePolicy"],
    ),
    "exclusions": (
        "maintenance.exclusions",
        {"holidays": {"start": "2026-12-20T00:00:00Z", "end": "2027-01-04T00:00:00Z"}},
        ["SetMaintenancePolicy"],
    ),
    "workload identity": ("identity.workload", True, ["UpdateCluster"]),
    "Google group": ("identity.google_group", "gke-security-groups@example.com", ["UpdateCluster"]),
    "OIDC": ("oidc_provider.enabled", True, ["UpdateCluster"]),
    "add-ons": ("addons", {"dns_cache": {"state": "absent"}, "backup_agent": {"state": "present"}}, ["UpdateCluster"]),
    "inverted add-on": ("addons", {"http_load_balancing": {"state": "absent"}}, ["UpdateCluster"]),
    "deletion protection": ("deletion_protection", True, ["SetLabels"]),
    "tags": ("tags", {"team": "a"}, ["SetLabels"]),
    "scale": ("node_pools.system.size", {"desired": 6}, ["SetNodePoolSize"]),
    "bounds": ("node_pools.general.size", {"min": 3, "max": 12}, ["SetNodePoolAutoscaling"]),
    "autoscaling off": (
        "node_pools.general",
        {"size": {"desired": 6}, "instance_types": ["e2-standard-4"]},
        ["SetNodePoolAutoscaling", "SetNodePoolSize"],
    ),
    "labels": ("node_pools.system.labels", {"team": "a"}, ["UpdateNodePool"]),
    "taints": (
        "node_pools.system.taints",
        [{"key": "gpu", "value": "true", "effect": "NoSchedule"}],
        ["UpdateNodePool"],
    ),
    "network tags": ("node_pools.system.network_tags", ["web"], ["UpdateNodePool"]),
    "surge": ("node_pools.system.surge", {"max_surge": 2, "max_unavailable": 1}, ["UpdateNodePool"]),
    "auto-repair": ("node_pools.system.auto_repair", False, ["SetNodePoolManagement"]),
    "machine": (
        "node_pools.system",
        {"size": {"desired": 3}, "instance_types": ["e2-standard-2"], "disk": {"size_gb": 50, "type": "pd-ssd"}},
        ["UpdateNodePool"],
    ),
    "image": ("node_pools.system.image_type", "ubuntu_containerd", ["UpdateNodePool"]),
    "metadata": ("node_pools.system.workload_metadata", True, ["UpdateNodePool"]),
    "zones": (
        "node_pools.system",
        {"size": {"desired": 2}, "zones": ["europe-west1-b", "europe-west1-c"]},
        ["UpdateNodePool"],
    ),
    "pool tags": ("node_pools.system.tags", {"team": "a"}, ["UpdateNodePool"]),
    "new pool": ("node_pools.extra", {"size": {"desired": 3}, "spot": True}, ["CreateNodePool"]),
    "removed pool": ("node_pools.system", {"state": "absent"}, ["DeleteNodePool"]),
}


SEVERAL = (
    *("version", "nobody allowed", "weekly window", "support", "add-ons", "inverted add-on", "tags", "pool tags"),
    *("autoscaling off", "machine", "zones", "new pool", "removed pool"),
)
"""What is more than one row of the tables, or more than one value of a row; each row alone is in test_fields."""


@pytest.mark.parametrize("case", SEVERAL)
def test_change_is_made_by_its_call_alone_and_then_rests(made: Project, case: str) -> None:
    path, value, operations = UPDATES[case]
    wanted = changed(made.document, path, value)
    foreseen = made.run(wanted, check=True)
    assert foreseen["changed"] is True
    assert made.writes() == []
    result = made.run(wanted)
    assert (result["changed"], made.writes(), result["plan_id"]) == (True, operations, foreseen["plan_id"])
    assert made.run(wanted)["changed"] is False
    assert made.writes() == []


TAKEN_BACK: dict[str, t.Any] = {
    "logging": [],
    "allow-list": ["0.0.0.0/0"],
    "daily window": {},
    "exclusions": {},
    "tags": {},
    "labels": {},
    "taints": [],
    "network tags": [],
    "pool tags": {},
    "support": "standard",
    "workload identity": False,
    "Google group": "",
    "deletion protection": False,
}


@pytest.mark.parametrize("case", TAKEN_BACK)
def test_change_can_be_taken_back(made: Project, case: str) -> None:
    path, value, _ = UPDATES[case]
    made.run(changed(made.document, path, value))
    back = changed(made.document, path, TAKEN_BACK[case])
    made.run(back)
    assert len(made.writes()) == 1
    assert made.run(back)["changed"] is False


def test_encryption_comes_and_goes(made: Project) -> None:
    key = made.harbour.google.publish()["kms_key"]
    for value in (key, ""):
        assert made.run(encryption={"kms_key": value})["changed"] is True
        assert made.writes() == ["UpdateCluster"]
        assert made.run(encryption={"kms_key": value})["changed"] is False


def test_logs_of_workloads_stay_when_those_of_the_control_plane_change(made: Project) -> None:
    before = set(made.cluster().logging_config.component_config.enable_components)
    made.run(logging=["api", "audit"])
    after = set(made.cluster().logging_config.component_config.enable_components)
    assert before < after
    assert len(after) == len(before) + 1


def test_many_kinds_of_change_go_one_after_another_and_meet_no_conflict(made: Project) -> None:
    wanted = copy.deepcopy(made.document)
    for case in (
        "version",
        "allow-list",
        "logging",
        "daily window",
        "tags",
        "deletion protection",
        "labels",
        "new pool",
    ):
        wanted = changed(wanted, UPDATES[case][0], UPDATES[case][1])
    result = made.run(wanted)
    assert made.writes()[0] == "UpdateCluster"
    assert made.writes()[-1] == "SetLabels", "protection comes last"
    assert made.writes().count("UpdateCluster") == 3
    assert result["retries"]["conflict"] == 0
    assert made.run(wanted)["changed"] is False


def test_upgrade_takes_the_control_plane_through_every_minor(project: Project) -> None:
    off = {"channel": "none"}
    pools = {name: {**pool, "auto_upgrade": False} for name, pool in project.document["node_pools"].items()}
    project.run(version="1.34", maintenance=off, node_pools=pools)
    result = project.run(version="1.36", maintenance=off, node_pools=pools)
    assert project.writes() == ["UpdateCluster"] * 2 + ["UpdateNodePool"] * 2, "each pool once"
    assert project.cluster().current_master_version.startswith("1.36.")
    assert {pool.version for pool in project.cluster().node_pools} == {project.cluster().current_master_version}
    assert "first of two hops to 1.36" in result["plan_text"]


def test_pools_that_upgrade_themselves_are_rolled_before_they_fall_two_minors_behind(project: Project) -> None:
    project.run(version="1.34")
    project.run(version="1.36")
    assert project.writes() == ["UpdateCluster", *["UpdateNodePool"] * 2, "UpdateCluster", *["UpdateNodePool"] * 2]
    assert project.run(version="1.36")["changed"] is False


def test_pools_may_be_left_for_later(project: Project) -> None:
    project.run(version="1.34")
    project.run(version="1.35", upgrade={"pools": "manual"})
    assert project.writes() == ["UpdateCluster"]
    assert project.pool("system").version.startswith("1.34.")
    assert project.run(version="1.35", upgrade={"pools": "manual"})["changed"] is False


def test_version_on_a_channel_is_a_floor(made: Project) -> None:
    made.run(version="1.36")
    result = made.run(version="1.35")
    assert (result["changed"], result["plan"], made.writes()) == (False, [], [])


def test_exact_version_is_reached(project: Project) -> None:
    project.run(version="1.35.5-gke.1241004")
    assert project.cluster().current_master_version == "1.35.5-gke.1241004"
    project.run(version="1.35.6-gke.1127000")
    assert project.cluster().current_master_version == "1.35.6-gke.1127000"
    assert project.run(version="1.35.6-gke.1127000")["changed"] is False


def test_size_that_the_autoscaler_chose_is_left_alone(made: Project) -> None:
    made.client().set_node_pool_size(request={"name": f"{made.path}/nodePools/general", "node_count": 2}, retry=None)
    made.pass_time()
    assert made.run()["changed"] is False


def test_labels_of_others_stay_where_purging_is_off_and_go_where_it_is_on(made: Project) -> None:
    record = made.cluster()
    labels = {**record.resource_labels, "theirs": "x"}
    made.client().set_labels(
        request={"name": made.path, "resource_labels": labels, "label_fingerprint": record.label_fingerprint},
        retry=None,
    )
    made.pass_time()
    made.run(tags={"ours": "y"}, purge_tags=False)
    assert {**made.cluster().resource_labels}.items() >= {**OWNER, "ours": "y", "theirs": "x"}.items()
    assert made.run()["changed"] is False, "unset is unmanaged"
    made.run(tags={"ours": "y"})
    assert "theirs" not in made.cluster().resource_labels


def test_unnamed_pools_stay_unless_purged(made: Project) -> None:
    only = {"general": made.document["node_pools"]["general"]}
    assert made.run(node_pools=only)["changed"] is False
    made.run(node_pools=only, purge_node_pools=True)
    assert made.writes() == ["DeleteNodePool"]


def foreign_cluster(project: Project) -> None:
    cluster = {"name": NAME, "initial_node_count": 1, "initial_cluster_version": "1.35"}
    cluster |= {"network": project.document["network"]["network"]}
    cluster |= {"subnetwork": project.document["network"]["subnets"][0]}
    ranges = {"cluster_secondary_range_name": "pods", "services_secondary_range_name": "services"}
    cluster |= {"ip_allocation_policy": {"use_ip_aliases": True, **ranges}}
    project.client().create_cluster(request={"parent": project.parent, "cluster": cluster}, retry=None)
    project.pass_time()


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("check", [True, False])
def test_foreign_cluster_is_refused_before_any_write(project: Project, state: str, check: bool) -> None:
    foreign_cluster(project)
    with pytest.raises(
        PlatformError, match="gke/prod exists but is not ours: it has no label seaworthy-owner"
    ) as caught:
        project.run(state=state, check=check)
    assert (caught.value.kind, project.writes()) == ("foreign", [])


def test_foreign_cluster_is_taken_over_on_request_and_labelled_first(project: Project) -> None:
    foreign_cluster(project)
    project.run(adopt="any")
    assert project.writes()[0] == "SetLabels"
    assert sorted(project.writes()[1:]) == ["CreateNodePool", "CreateNodePool"]
    assert project.run()["changed"] is False, "ours now"


def test_foreign_pool_is_refused(made: Project) -> None:
    request = {"parent": made.path, "node_pool": {"name": "theirs", "initial_node_count": 1}}
    made.client().create_node_pool(request=request, retry=None)
    made.pass_time()
    with pytest.raises(PlatformError, match="node pool theirs exists but is not ours"):
        made.run(changed(made.document, "node_pools.theirs", {"size": {"desired": 9}}))
    assert made.writes() == []
    assert made.run(purge_node_pools=True)["changed"] is False, "purging is for ours"


def test_deletion_takes_pools_along_and_leaves_nothing(made: Project) -> None:
    result = made.run(state="absent")
    assert made.writes() == ["DeleteCluster"]
    assert "node pools general, system go with it" in result["plan_text"]
    assert result["cluster"]["state"] == "absent"
    assert made.run(state="absent")["changed"] is False
    assert made.writes() == []


def test_protected_cluster_is_deleted_only_where_the_same_document_lifts_the_protection(made: Project) -> None:
    made.run(deletion_protection=True)
    with pytest.raises(PlatformError, match="is protected from deletion") as caught:
        made.run(state="absent", deletion_protection=True)
    assert (caught.value.kind, made.writes()) == ("protected", [])
    made.run(state="absent", deletion_protection=False)
    assert made.writes() == ["DeleteCluster"]


@pytest.mark.parametrize("check", [True, False])
def test_immutable_differences_are_refused_all_at_once(made: Project, check: bool) -> None:
    wanted = changed(made.document, "network.policy_engine", "dataplane_v2")
    wanted = changed(wanted, "network.subnets", ["other"])
    wanted = changed(wanted, "node_pools.system.spot", True)
    with pytest.raises(PlatformError) as caught:
        made.run(wanted, check=check)
    assert caught.value.kind == "immutable"
    assert [row["path"] for row in caught.value.details["drift"]] == [
        "network.subnets",
        "network.policy_engine",
        "node_pools.system.spot",
    ]
    assert made.writes() == []


def test_autopilot_has_no_pools_of_ours(project: Project) -> None:
    wanted = {name: value for name, value in project.document.items() if name != "node_pools"}
    project.run(wanted, mode="auto")
    assert project.writes() == ["CreateCluster"]
    assert project.cluster().autopilot.enabled is True
    assert project.run(wanted, mode="auto")["changed"] is False
    with pytest.raises(InvalidInput, match="is an Autopilot cluster, where Google runs the nodes"):
        project.run()
    with pytest.raises(InvalidInput, match="node_pools is given while mode is auto"):
        project.run(mode="auto")


def test_zonal_cluster_counts_one_zone(project: Project) -> None:
    wanted = {**project.document, "location": "europe-west1-b"}
    wanted["node_pools"] = {"only": {"size": {"desired": 2}}}
    project.run(wanted)
    project.document = wanted
    assert project.pool("only").initial_node_count == 2
    assert project.run()["changed"] is False


def test_number_that_zones_cannot_share_is_refused(made: Project) -> None:
    with pytest.raises(InvalidInput, match="node_pools.system.size.desired is 4; must be a multiple of 3"):
        made.run(changed(made.document, "node_pools.system.size", {"desired": 4}))
    assert made.writes() == []


def test_without_waiting_the_next_run_continues(project: Project) -> None:
    result = project.run(wait=False)
    assert project.writes() == ["CreateCluster"]
    assert [operation["kind"] for operation in result["operations"]] == ["operation"]
    assert project.run()["plan"][0]["verb"] == "wait"
    assert project.writes() == []
