# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is declared and whatever is there: the plan reaches it, in steps that EKS accepts, and then is empty."""

from __future__ import annotations

import typing as t

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.plan import plan
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from tests.unit.cloud.eks.model import OWNED, ROLE, SUBNETS, applied, cluster, document, minor, nodegroup, observed

VERSIONS = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36"]
words = st.sampled_from(["a", "b", "c"])
labels = st.dictionaries(words, words, max_size=3)
effects = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
taints = st.dictionaries(st.tuples(words, st.sampled_from(sorted(effects))), words, max_size=3)
logs = st.lists(st.sampled_from(["api", "audit", "scheduler"]), unique=True)
ranges = st.lists(st.sampled_from(["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]), min_size=1, unique=True)
sizes = st.integers(0, 4).flatmap(lambda low: st.tuples(st.just(low), st.integers(max(low, 1), 6)))


def optional(strategy: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    return st.none() | strategy


@st.composite
def pools_wanted(draw: st.DrawFn) -> dict[str, t.Any]:
    low, high = draw(sizes)
    wanted: dict[str, t.Any] = {
        "size": {"min": low, "max": high},
        "autoscaling": draw(st.booleans()),
        "labels": draw(optional(labels)),
        "tags": draw(optional(labels)),
        "surge": draw(optional(st.just({"max_unavailable": 2}))),
    }
    found = draw(optional(taints))
    if found is not None:
        wanted["taints"] = [{"key": key, "effect": effect, "value": value} for (key, effect), value in found.items()]
    if not wanted["autoscaling"]:
        wanted["size"]["desired"] = draw(optional(st.integers(low, high)))
    return wanted


KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
PRINCIPALS = [f"arn:aws:iam::111122223333:role/{name}" for name in ("p", "q")]
states = st.sampled_from(["present", "present", "absent"])
addons_wanted = st.fixed_dictionaries(
    {"state": states},
    optional={
        "config": st.dictionaries(words, words, max_size=2),
        "identity": st.fixed_dictionaries({"pods": st.dictionaries(words, st.just(ROLE), max_size=2)}),
    },
)
scopes = st.fixed_dictionaries({}, optional={"namespaces": st.lists(words, min_size=1, unique=True)})
access_wanted = st.fixed_dictionaries(
    {"state": states},
    optional={
        "groups": st.lists(words, unique=True),
        "policies": st.dictionaries(st.sampled_from(["AmazonEKSViewPolicy", "AmazonEKSEditPolicy"]), scopes),
    },
)


@st.composite
def clusters_wanted(draw: st.DrawFn) -> dict[str, t.Any]:
    public = draw(st.booleans())
    endpoint = {"public": public, "private": True, "allowed_cidrs": draw(optional(ranges)) if public else None}
    return document(
        version=draw(st.sampled_from(VERSIONS)),
        logging=draw(optional(logs)),
        support=draw(optional(st.sampled_from(["standard", "extended"]))),
        endpoint=draw(optional(st.just(endpoint))),
        network={"subnets": draw(st.sampled_from([SUBNETS[:2], SUBNETS]))},
        tags=draw(optional(labels)),
        purge_tags=draw(st.booleans()),
        deletion_protection=draw(optional(st.booleans())),
        purge_node_pools=draw(st.booleans()),
        purge_addons=draw(st.booleans()),
        purge_access=draw(st.booleans()),
        addons=draw(optional(st.dictionaries(st.sampled_from(["vpc-cni", "coredns", "x"]), addons_wanted, max_size=2))),
        access=draw(optional(st.dictionaries(st.sampled_from(PRINCIPALS), access_wanted, max_size=2))),
        encryption=draw(optional(st.just({"kms_key": KEY}))),
        extra=draw(optional(st.just({"zonalShiftConfig": {"enabled": True}}))),
        node_pools=draw(optional(st.dictionaries(st.sampled_from(["p", "q"]), pools_wanted(), max_size=2))),
    )


@st.composite
def nodegroups(draw: st.DrawFn, name: str) -> dict[str, t.Any]:
    low, high = draw(sizes)
    return nodegroup(
        name,
        version=draw(st.sampled_from(VERSIONS)),
        scalingConfig={"minSize": low, "maxSize": high, "desiredSize": draw(st.integers(low, high))},
        labels=draw(labels),
        taints=[{"key": k, "effect": effects[e], "value": v} for (k, e), v in draw(taints).items()],
        tags={**draw(labels), **OWNED},
        status=draw(st.sampled_from(["ACTIVE", "ACTIVE", "DEGRADED", "CREATE_FAILED"])),
    )


@st.composite
def situations(draw: st.DrawFn) -> Observed:
    if draw(st.booleans()):
        return observed()
    names = draw(st.sets(st.sampled_from(["p", "q", "r"])))
    found = [draw(nodegroups(name)) for name in sorted(names)]
    control = draw(st.sampled_from(VERSIONS))
    assume(all(0 <= minor(control) - minor(group["version"]) <= 3 for group in found))
    record = cluster(
        version=control,
        tags={**draw(labels), **OWNED},
        deletionProtection=draw(st.booleans()),
        logging={"clusterLogging": [{"types": draw(logs), "enabled": True}]},
        roleArn=ROLE,
    )
    return observed(record, found)


def acceptable(wanted: dict[str, t.Any], found: Observed) -> bool:
    """Leave out what is refused on purpose: a step back, and unmanaged pools that would fall too far behind."""
    if found.cluster is None:
        return True
    target = minor(wanted["version"])
    named = set(wanted.get("node_pools") or {})
    behind = [
        group for name, group in found.pools.items() if name not in named and target - minor(group["version"]) > 3
    ]
    return target >= minor(found.cluster["version"]) and not behind


@settings(max_examples=300, deadline=None, derandomize=True)
@given(clusters_wanted(), situations())
def test_applied_plan_leaves_nothing_to_plan(wanted: dict[str, t.Any], found: Observed) -> None:
    assume(acceptable(wanted, found))
    spec = parse_spec(EKS, wanted)
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
    spec = parse_spec(EKS, wanted)
    for _ in range(60):
        actions = plan(spec, found)
        if not actions:
            break
        found = applied(actions[0], found)
    assert plan(spec, found) == ()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(situations())
def test_deletion_leaves_nothing(found: Observed) -> None:
    spec = parse_spec(EKS, document(state="absent", deletion_protection=False))
    for action in plan(spec, found):
        found = applied(action, found)
    assert found.cluster is None
    assert plan(spec, found) == ()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(clusters_wanted(), situations())
def test_the_size_that_an_autoscaler_owns_is_written_only_where_the_bounds_force_it(
    wanted: dict[str, t.Any], found: Observed
) -> None:
    assume(acceptable(wanted, found))
    for action in plan(parse_spec(EKS, wanted), found):
        pool = (wanted.get("node_pools") or {}).get(action.target.removeprefix("pool "), {})
        sizes_sent = action.arguments.get("scalingConfig")
        if action.call == "update_nodegroup_config" and sizes_sent and pool["autoscaling"]:
            now = found.pools[action.arguments["nodegroupName"]]["scalingConfig"]["desiredSize"]
            inside = sizes_sent["minSize"] <= now <= sizes_sent["maxSize"]
            assert sizes_sent["desiredSize"] == now or not inside
