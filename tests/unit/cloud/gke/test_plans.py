# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans as a person reads them. After a wanted change: `REWRITE_GOLDEN=1 python -m pytest`, then read the diff."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.cloud import GKE
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed, Update
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.plan import plan
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import (
    plan_id,
    render,
    summary,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.unit.cloud.gke.model import (
    OFFERED,
    OWNED,
    cluster,
    document,
    manual,
    node_pool,
    observed,
    pool,
    two_pools,
)

GOLDEN = pathlib.Path(__file__).parent / "golden"
Case = tuple[dict[str, t.Any], Observed]

CASES: dict[str, Case] = {
    "create": (document(), observed()),
    "create-autopilot": (document(mode="auto", node_pools=None), observed()),
    "nothing-to-do": (document(), observed(cluster(), two_pools())),
    "floor-on-a-channel": (document(version="1.33"), observed(cluster(), two_pools())),
    "two-hops": (document(version="1.36"), observed(cluster(), manual(two_pools()), versions=OFFERED)),
    "hops-of-pools-that-upgrade-themselves": (
        document(version="1.36"),
        observed(cluster(), two_pools(), versions=OFFERED),
    ),
    "exact-build": (document(version="1.34.9-gke.1"), observed(cluster(), two_pools())),
    "control-plane-only": (
        document(version="1.36", upgrade={"pools": "manual"}),
        observed(cluster(), manual(two_pools())),
    ),
    "every-setting": (
        document(
            logging=["api", "audit"],
            support="extended",
            maintenance={"window": {"start": "03:00"}},
            endpoint={"public": False, "dns": True, "allowed_cidrs": []},
            identity={"workload": True, "google_group": "gke-security-groups@example.com"},
            encryption={"kms_key": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
            oidc_provider={"enabled": True},
            addons={"dns_cache": {"state": "absent"}, "backup_agent": {"state": "present"}},
            deletion_protection=True,
            tags={"team": "a"},
        ),
        observed(cluster(resource_labels={**OWNED, "team": "b", "old": "x", "goog-y": "z"}), two_pools()),
    ),
    "pool-settings": (
        document(
            node_pools={
                "general": pool(
                    size={"min": 6, "max": 12},
                    labels={"team": "a"},
                    taints=[{"key": "gpu", "value": "true", "effect": "NoSchedule"}],
                    surge={"max_surge": 2, "max_unavailable": 1},
                    tags={"team": "a"},
                ),
                "system": {"size": {"desired": 6}, "instance_types": ["e2-standard-4"], "disk": {"size_gb": 50}},
            }
        ),
        observed(cluster(), two_pools()),
    ),
    "pool-moves-to-fewer-zones": (
        document(node_pools={"system": {"size": {"desired": 2}, "zones": ["europe-west1-b", "europe-west1-c"]}}),
        observed(cluster(), two_pools()),
    ),
    "autoscaling-off": (
        document(node_pools={"general": {"size": {"desired": 6}}}),
        observed(cluster(), two_pools()),
    ),
    "pools-come-and-go": (
        document(node_pools={"general": pool(), "new": pool(), "old": {"state": "absent"}}, purge_node_pools=True),
        observed(cluster(), [*two_pools(), node_pool("old"), node_pool("foreign", config={"resource_labels": {}})]),
    ),
    "adopt-any": (
        document(adopt="any"),
        observed(cluster(resource_labels={"x": "y"}), two_pools(config={"resource_labels": {}})),
    ),
    "resume-a-creation": (document(), observed(cluster(status="PROVISIONING"), two_pools(status="PROVISIONING"))),
    "resume-an-operation": (
        document(logging=["api"]),
        observed(
            cluster(status="RECONCILING"),
            two_pools(),
            updates={"control plane": Update("operation-1-c0ffee", "UPGRADE_MASTER")},
        ),
    ),
    "create-after-a-deletion": (document(), observed(cluster(status="STOPPING"))),
    "delete": (document(state="absent"), observed(cluster(), two_pools())),
    "delete-protected": (
        document(state="absent", deletion_protection=False),
        observed(cluster(resource_labels={**OWNED, "seaworthy-deletion-protection": "true"}), two_pools()),
    ),
    "delete-nothing": (document(state="absent"), observed()),
}


@pytest.mark.parametrize("case", CASES)
def test_plan_reads_as_approved(case: str) -> None:
    wanted, found = CASES[case]
    actions = plan(parse_spec(GKE, wanted), found)
    text = f"{summary(actions)}\n{render(actions)}" if actions else "nothing to do\n"
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_plan_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_same_plan_has_the_same_id(case: str) -> None:
    wanted, found = CASES[case]
    assert plan_id(plan(parse_spec(GKE, wanted), found)) == plan_id(plan(parse_spec(GKE, wanted), found))


@pytest.mark.parametrize("case", CASES)
def test_work_on_the_control_plane_shares_its_time_with_nothing(case: str) -> None:
    """GKE runs one operation on a cluster, or one on each of its pools."""
    wanted, found = CASES[case]
    actions = plan(parse_spec(GKE, wanted), found)
    before: dict[str, set[str]] = {}
    for action in actions:
        before[action.id] = set(action.after_ids).union(*(before[name] for name in action.after_ids))
    for number, action in enumerate(actions):
        for earlier in actions[:number]:
            if "control plane" in (action.target, earlier.target):
                assert earlier.id in before[action.id]


REFUSED: dict[str, tuple[dict[str, t.Any], Observed, str, str]] = {
    "foreign cluster": (
        document(),
        observed(cluster(resource_labels={})),
        "foreign",
        "gke/prod exists but is not ours: it has no label seaworthy-owner",
    ),
    "cluster of another owner": (
        document(owner="team.a"),
        observed(cluster(resource_labels={"seaworthy-owner": "staging"})),
        "foreign",
        'its label seaworthy-owner is "staging", ours is "team-a"',
    ),
    "foreign pool": (
        document(),
        observed(cluster(), two_pools(config={"resource_labels": {}})),
        "foreign",
        "node pool general exists but",
    ),
    "protected": (
        document(state="absent"),
        observed(cluster(resource_labels={**OWNED, "seaworthy-deletion-protection": "true"})),
        "protected",
        "Set deletion_protection: false to delete it.",
    ),
    "all immutables at once": (
        document(
            mode="standard",
            network={"network": "other", "subnets": ["there"], "pod_cidr": "10.8.0.0/14"},
            node_pools={"general": pool(spot=True, max_pods=64)},
        ),
        observed(cluster(), two_pools()),
        "immutable",
        "network.network is platform, declared other; network.subnets is ['nodes'], declared ['there']; "
        "network.pod_cidr is 10.0.0.0/14, declared 10.8.0.0/14; node_pools.general.spot is False, declared True; "
        "node_pools.general.max_pods is 110, declared 64. Restore the declared values",
    ),
    "autopilot asked of a standard cluster": (
        document(mode="auto", node_pools=None),
        observed(cluster(), two_pools()),
        "immutable",
        "mode is standard, declared auto",
    ),
    "pools of an Autopilot cluster": (
        document(),
        observed(cluster(autopilot={"enabled": True})),
        "invalid",
        "is an Autopilot cluster, where Google runs the nodes",
    ),
    "downgrade off the channels": (
        document(version="1.33"),
        observed(cluster(release_channel={}), manual(two_pools())),
        "version",
        'runs 1.34.3-gke.1000, declared is 1.33; it never moves back. Set version: "1.34.3-gke.1000".',
    ),
    "pool downgrade": (
        document(node_pools={"general": pool(version="1.33")}),
        observed(cluster(), two_pools()),
        "version",
        'node_pools.general.version is "1.33", but the pool runs 1.34.3-gke.1000 and never moves back',
    ),
    "version that is not offered": (
        document(version="1.37"),
        observed(cluster(), two_pools(), versions={"1.35.1-gke.2": {}, "1.36.1-gke.9": {}}),
        "version",
        'version is "1.37"; GKE offers 1.35.1-gke.2, 1.36.1-gke.9 in europe-west1. Nearest: "1.36.1-gke.9".',
    ),
    "unmanaged pool left too far behind": (
        document(version="1.36"),
        observed(cluster(), [*two_pools(), node_pool("other", config={"resource_labels": {}})], versions=OFFERED),
        "version",
        "would leave node pools more than 1 minor behind: other (1.34.3-gke.1000)",
    ),
    "no pool to create with": (
        document(node_pools={}),
        observed(),
        "invalid",
        "cannot be created: node_pools names none, and a GKE cluster is made with at least one",
    ),
    "pool without size": (
        document(node_pools={"a": {}}),
        observed(cluster()),
        "invalid",
        "node_pools.a.size is missing",
    ),
    "uneven size": (
        document(node_pools={"system": {"size": {"desired": 4}}}),
        observed(cluster(), two_pools()),
        "invalid",
        "node_pools.system.size.desired is 4; must be a multiple of 3, its number of zones",
    ),
    "zone of another region": (
        document(node_pools={"a": pool(zones=["us-central1-a"])}),
        observed(cluster()),
        "invalid",
        'node_pools.a.zones names "us-central1-a"; must be zones of europe-west1, like europe-west1-b',
    ),
    "nodes that do not upgrade themselves on a channel": (
        document(node_pools={"general": pool(auto_upgrade=False)}),
        observed(cluster(), two_pools()),
        "invalid",
        "node_pools.general.auto_upgrade is false, but the cluster is on release channel regular",
    ),
    "failed cluster": (
        document(),
        observed(cluster(status="ERROR", conditions=[{"code": "GCE_STOCKOUT", "message": "no capacity"}])),
        "not_converged",
        "is ERROR (GCE_STOCKOUT: no capacity); GKE has no call that repairs it. Correct the cause, delete",
    ),
    "failed pool": (
        document(),
        observed(cluster(), [node_pool("general", status="ERROR"), *two_pools()[1:]]),
        "not_converged",
        "node pool general is ERROR (no reason is given). Correct the cause, set node_pools.general.state: absent",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_done_is_refused_while_planning(case: str) -> None:
    wanted, found, kind, said = REFUSED[case]
    with pytest.raises(PlatformError) as caught:
        plan(parse_spec(GKE, wanted), found)
    assert said in str(caught.value)
    assert caught.value.kind == kind
    assert caught.value.remedy or caught.value.details
