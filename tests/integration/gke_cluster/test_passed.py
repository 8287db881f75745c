# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no option passes through, what cannot be changed is replaced on request, and rails hold."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from tests.integration.gke_cluster.conftest import Json, Project
from tests.integration.grounds import changed

CLUSTER: Json = {
    "vertical_pod_autoscaling": {"enabled": True},
    "security_posture_config": {"mode": "BASIC"},
    "default_max_pods_constraint": {"max_pods_per_node": 64},
}
POOL: Json = {"kubelet_config": {"pod_pids_limit": 4096}, "min_cpu_platform": "Intel Ice Lake"}


def with_extra(project: Project) -> Json:
    return changed({**project.document, "extra": CLUSTER}, "node_pools.system.extra", POOL)


def test_what_has_no_option_is_created_compared_and_kept(project: Project) -> None:
    project.run(with_extra(project))
    record, pool = project.cluster(), project.pool("system")
    assert record.vertical_pod_autoscaling.enabled is True
    assert record.default_max_pods_constraint.max_pods_per_node == 64
    assert (pool.config.kubelet_config.pod_pids_limit, pool.config.min_cpu_platform) == (4096, "Intel Ice Lake")
    result = project.run(with_extra(project))
    assert (result["changed"], project.writes(), result["diff"]["before"]) == (False, [], result["diff"]["after"])


def test_each_member_is_changed_by_itself_and_the_rest_of_it_stays(made: Project) -> None:
    wanted = changed({**made.document, "extra": {"vertical_pod_autoscaling": {"enabled": True}}}, "endpoint.dns", True)
    wanted = changed(wanted, "node_pools.system.extra", {"kubelet_config": {"pod_pids_limit": 2048}})
    before = made.pool("system").config.kubelet_config.max_parallel_image_pulls
    foreseen = made.run(wanted, check=True)
    assert made.run(wanted)["plan_id"] == foreseen["plan_id"]
    assert made.writes() == ["UpdateCluster", "UpdateCluster", "UpdateNodePool"]
    found = made.pool("system").config.kubelet_config
    assert (found.pod_pids_limit, found.max_parallel_image_pulls) == (2048, before)
    assert made.run(wanted)["changed"] is False


REFUSED: dict[str, tuple[Json, str]] = {
    "unknown member": ({"vertical_pod_autoscalng": {}}, "extra does not fit the API: "),
    "unknown part": ({"fleet": {"projet": "x"}}, 'has no field named "projet"'),
    "what has an option": (
        {"identity_service_config": {"enabled": True}},
        "extra.identity_service_config.enabled has an option of its own; set oidc_provider.enabled instead",
    ),
    "what is ours": (
        {"resource_labels": {"a": "b"}},
        "extra.resource_labels.a has an option of its own; it is set",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("check", [True, False])
def test_what_the_api_lacks_or_an_option_has_is_refused_before_any_write(
    project: Project, case: str, check: bool
) -> None:
    extra, said = REFUSED[case]
    with pytest.raises(InvalidInput) as caught:
        project.run(extra=extra, check=check)
    assert said in str(caught.value)
    assert project.writes() == []


def test_member_that_cannot_be_changed_is_refused(made: Project) -> None:
    with pytest.raises(PlatformError, match="extra.default_max_pods_constraint is ") as caught:
        made.run(extra={"default_max_pods_constraint": {"max_pods_per_node": 32}})
    assert (caught.value.kind, made.writes()) == ("immutable", [])


def test_pool_that_cannot_be_changed_is_replaced_on_request_and_found_again(made: Project) -> None:
    wanted = changed({**made.document, "replace": "pools"}, "node_pools.system.spot", True)
    result = made.run(wanted)
    assert made.writes() == ["CreateNodePool", "DeleteNodePool"]
    (name,) = [pool.name for pool in made.cluster().node_pools if pool.name.startswith("system")]
    assert name != "system"
    assert (made.pool(name).config.spot, made.pool(name).config.resource_labels["seaworthy-pool"]) == (True, "system")
    again = made.run(wanted)
    assert (again["changed"], made.writes()) == (False, []), result["plan_text"]


def test_pool_of_the_longest_name_is_replaced_under_a_legal_one(project: Project) -> None:
    project.document["node_pools"] = {"p" * 40: {"size": {"desired": 3}}}
    project.run()
    project.run(changed({**project.document, "replace": "pools"}, f"node_pools.{'p' * 40}.spot", True))
    assert [len(pool.name) for pool in project.cluster().node_pools] == [40]


RAILS: dict[str, tuple[t.Callable[[Json], Json], Json, str]] = {
    "nodes": (lambda document: document, {"max_nodes": 11}, "the pools may grow to 12 nodes, guard.max_nodes is 11"),
    "support": (
        lambda document: {**document, "support": "extended"},
        {"extended_support": "deny"},
        "extended support is on, which costs extra",
    ),
    "open": (lambda document: document, {"public_without_cidrs": "deny"}, "the API server is open to everybody"),
}


@pytest.mark.parametrize("rail", RAILS)
@pytest.mark.parametrize("there", [True, False])
def test_rail_holds_before_any_write(project: Project, rail: str, there: bool) -> None:
    change, guard, said = RAILS[rail]
    if there:
        project.run()
    with pytest.raises(PlatformError) as caught:
        project.run({**change(project.document), "guard": guard})
    assert said in str(caught.value)
    assert (caught.value.kind, project.writes()) == ("protected", [])


def test_rail_lets_pass_what_is_within_it(made: Project) -> None:
    closed = changed(made.document, "endpoint.allowed_cidrs", [])
    guard = {"max_nodes": 12, "public_without_cidrs": "deny", "extended_support": "deny"}
    assert made.run({**closed, "guard": guard})["warnings"] == []
    assert made.run()["warnings"] == []
    made.run(changed(made.document, "endpoint.allowed_cidrs", ["0.0.0.0/0"]))
    assert "is open to everybody" in made.run()["warnings"][0]
