# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is declared and whatever is there: the plan reaches it, in steps that GKE accepts, and then is empty."""

from __future__ import annotations

import typing as t

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.cloud import GKE
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.plan import plan
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from tests.unit.cloud.gke.model import (
    OFFERED,
    OWNED,
    ZONES,
    applied,
    cluster,
    document,
    minor,
    node_pool,
    observed,
)

VERSIONS = ["1.33", "1.34", "1.35", "1.36"]
words = st.sampled_from(["a", "b", "c"])
labels = st.dictionaries(words, words, max_size=3)
effects = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
taints = st.dictionaries(st.tuples(words, st.sampled_from(sorted(effects))), words, max_size=3)
logs = st.lists(st.sampled_from(["api", "audit", "scheduler"]), unique=True)
ranges = st.lists(st.sampled_from(["203.0.113.0/24", "198.51.100.0/24"]), unique=True)
sizes = st.integers(0, 4).flatmap(lambda low: st.tuples(st.just(low), st.integers(max(low, 1), 6)))
states = st.sampled_from(["present", "absent"])
windows = st.sampled_from([{}, {"start": "03:00"}, {"start": "04:30"}])


def optional(strategy: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    return st.none() | strategy


@st.composite
def pools_wanted(draw: st.DrawFn) -> dict[str, t.Any]:
    wanted: dict[str, t.Any] = {
        "labels": draw(optional(labels)),
        "tags": draw(optional(labels)),
        "surge": draw(optional(st.just({"max_surge": 2}))),
        "image_type": draw(optional(st.sampled_from(["COS_CONTAINERD", "ubuntu_containerd"]))),
        "zones": draw(optional(st.sampled_from([ZONES[:2], ZONES]))),
        "auto_repair": draw(optional(st.booleans())),
    }
    found = draw(optional(taints))
    if found is not None:
        wanted["taints"] = [{"key": key, "effect": effect, "value": value} for (key, effect), value in found.items()]
    low, high = draw(sizes)
    if draw(st.booleans()):
        return {**wanted, "autoscaling": True, "size": {"min": low, "max": high}}
    return {**wanted, "size": {"desired": draw(st.sampled_from([0, 6, 12]))}}


@st.composite
def clusters_wanted(draw: st.DrawFn) -> dict[str, t.Any]:
    endpoint = {"public": draw(optional(st.booleans())), "allowed_cidrs": draw(optional(ranges))}
    return document(
        version=draw(st.sampled_from(VERSIONS)),
        logging=draw(optional(logs)),
        endpoint=draw(optional(st.just(endpoint))),
        maintenance={"window": draw(optional(windows))},
        identity={"workload": draw(optional(st.booleans()))},
        addons={
            "dns_cache": {"state": draw(optional(states))},
            "http_load_balancing": {"state": draw(optional(states))},
        },
        tags=draw(optional(labels)),
        purge_tags=draw(st.booleans()),
        deletion_protection=draw(optional(st.booleans())),
        purge_node_pools=draw(st.booleans()),
        node_pools=draw(optional(st.dictionaries(st.sampled_from(["p", "q"]), pools_wanted(), min_size=1, max_size=2))),
    )


@st.composite
def pools_found(draw: st.DrawFn, name: str) -> dict[str, t.Any]:
    low, high = draw(sizes)
    bounds = {"enabled": True, "total_min_node_count": low, "total_max_node_count": high}
    management = draw(st.sampled_from([{"auto_upgrade": True}, {}]))
    return node_pool(
        name,
        version=draw(st.sampled_from(VERSIONS)),
        autoscaling=draw(st.sampled_from([bounds, {}])),
        initial_node_count=draw(st.integers(0, 3)),
        management={"auto_repair": draw(st.booleans()), **management},
        config={
            "labels": draw(labels),
            "taints": [{"key": k, "effect": effects[e], "value": v} for (k, e), v in draw(taints).items()],
            "resource_labels": {**draw(labels), **OWNED},
        },
    )


@st.composite
def situations(draw: st.DrawFn) -> Observed:
    if draw(st.booleans()):
        return observed(versions=OFFERED)
    names = draw(st.sets(st.sampled_from(["p", "q", "r"])))
    found = [draw(pools_found(name)) for name in sorted(names)]
    control = draw(st.sampled_from(VERSIONS))
    assume(all(0 <= minor(control) - minor(pool["version"]) <= skew(pool) for pool in found))
    record = cluster(version=control, resource_labels={**draw(labels), **OWNED})
    return observed(record, found, versions=OFFERED)


def skew(pool: dict[str, t.Any]) -> int:
    return 1 if pool["management"].get("auto_upgrade") else 2


def acceptable(wanted: dict[str, t.Any], found: Observed) -> bool:
    """Leave out what is refused on purpose: unmanaged pools that would fall too far behind."""
    if found.cluster is None:
        return True
    target, named = minor(wanted["version"]), set(wanted.get("node_pools") or {})
    return all(
        target - minor(pool["version"]) <= skew(dict(pool)) for name, pool in found.pools.items() if name not in named
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(clusters_wanted(), situations())
def test_applied_plan_leaves_nothing_to_plan(wanted: dict[str, t.Any], found: Observed) -> None:
    assume(acceptable(wanted, found))
    spec = parse_spec(GKE, wanted)
    actions = plan(spec, found)
    done: set[str] = set()
    for action in actions:
        assert set(action.after_ids) <= done, "an action comes after what it waits for"
        done.add(action.id)
        found = applied(action, found)
    assert plan(spec, found) == ()
    assert len(done) == len(actions), "ids are unique"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(clusters_wanted(), situations())
def test_a_run_cut_short_anywhere_is_finished_by_the_next(wanted: dict[str, t.Any], found: Observed) -> None:
    assume(acceptable(wanted, found))
    spec = parse_spec(GKE, wanted)
    for _ in range(60):
        actions = plan(spec, found)
        if not actions:
            break
        found = applied(actions[0], found)
    assert plan(spec, found) == ()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(situations())
def test_deletion_leaves_nothing(found: Observed) -> None:
    spec = parse_spec(GKE, document(state="absent", deletion_protection=False))
    for action in plan(spec, found):
        found = applied(action, found)
    assert found.cluster is None
    assert plan(spec, found) == ()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(clusters_wanted(), situations())
def test_labels_and_logs_of_others_are_never_written_away(wanted: dict[str, t.Any], found: Observed) -> None:
    assume(acceptable(wanted, found) and found.cluster is not None)
    spec = parse_spec(GKE, {**wanted, "purge_tags": False})
    before = found.cluster or {}
    for action in plan(spec, found):
        found = applied(action, found)
    after = found.cluster or {}
    assert set(after["resource_labels"]) >= set(before["resource_labels"])
    assert {"SYSTEM_COMPONENTS", "WORKLOADS"} <= set(after["logging_config"]["component_config"]["enable_components"])
