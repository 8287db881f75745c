# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pure model of GKE: documents before, one accepted call, documents after. Its own code, none of the plugins'."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import Observed
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.reconcile.actions import Action

PROJECT = "my-project"
ZONES = ["europe-west1-b", "europe-west1-c", "europe-west1-d"]
OWNED = {"seaworthy-owner": "seaworthy-platform"}
BUILDS = {f"1.{number}": f"1.{number}.3-gke.1000" for number in range(31, 37)}
Json = dict[str, t.Any]


def document(**changes: t.Any) -> Json:
    """Return what a user writes, with some of it changed; None leaves an option out."""
    base: Json = {
        "name": "prod",
        "project": PROJECT,
        "location": "europe-west1",
        "version": "1.34",
        "network": {"network": "platform", "subnets": ["nodes"]},
        "node_pools": {"general": pool(), "system": pool(size={"desired": 3})},
    }
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def pool(**changes: t.Any) -> Json:
    if "desired" in changes.get("size", {}):
        return changes
    return {"size": {"min": 3, "max": 9}, "autoscaling": True, **changes}


def build(version: str) -> str:
    return BUILDS.get(version, version)


def node_pool(name: str, **changes: t.Any) -> Json:
    config = {
        "machine_type": "e2-medium",
        "disk_size_gb": 100,
        "disk_type": "pd-balanced",
        "image_type": "COS_CONTAINERD",
        "service_account": "default",
        "resource_labels": {**OWNED, "goog-gke-node-pool-provisioning-model": "on-demand"},
        **changes.pop("config", {}),
    }
    base = {
        "name": name,
        "config": config,
        "status": "RUNNING",
        "version": build(changes.pop("version", "1.34")),
        "initial_node_count": 1,
        "locations": list(ZONES),
        "autoscaling": {"enabled": True, "total_min_node_count": 3, "total_max_node_count": 9},
        "management": {"auto_repair": True, "auto_upgrade": True},
        "max_pods_constraint": {"max_pods_per_node": "110"},
        "upgrade_settings": {"max_surge": 1, "strategy": "SURGE"},
    }
    return {**base, **changes}


def two_pools(**changes: t.Any) -> list[Json]:
    return [
        node_pool("general", **copy.deepcopy(changes)),
        node_pool("system", autoscaling={}, **copy.deepcopy(changes)),
    ]


def manual(pools: t.Iterable[Json]) -> list[Json]:
    """Return the pools with their upgrades in our hands."""
    return [{**found, "management": {"auto_repair": True}} for found in pools]


def cluster(**changes: t.Any) -> Json:
    base = {
        "name": "prod",
        "self_link": "https://container.googleapis.com/v1/projects/1234/locations/europe-west1/clusters/prod",
        "status": "RUNNING",
        "location": "europe-west1",
        "locations": list(ZONES),
        "network": "platform",
        "subnetwork": "nodes",
        "current_master_version": build(changes.pop("version", "1.34")),
        "endpoint": "203.0.113.7",
        "release_channel": {"channel": "REGULAR"},
        "ip_allocation_policy": {"cluster_ipv4_cidr_block": "10.0.0.0/14", "services_ipv4_cidr_block": "10.4.0.0/20"},
        "logging_config": {"component_config": {"enable_components": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
        "addons_config": {"dns_cache_config": {"enabled": True}},
        "control_plane_endpoints_config": {
            "ip_endpoints_config": {"enabled": True, "enable_public_endpoint": True},
            "dns_endpoint_config": {"endpoint": "gke-1.europe-west1.gke.goog", "allow_external_traffic": False},
        },
        "maintenance_policy": {"resource_version": "e3b0c442"},
        "resource_labels": dict(OWNED),
        "label_fingerprint": "a9dc16a7",
    }
    return {**base, **changes}


def observed(record: Json | None = None, pools: t.Iterable[Json] = (), **changes: t.Any) -> Observed:
    return Observed(account=PROJECT, cluster=record, pools={found["name"]: found for found in pools}, **changes)


OFFERED: Json = {name: {} for name in BUILDS.values()}


def applied(action: Action, before: Observed) -> Observed:
    """Return what is observed after the cloud has done one action."""
    after = dataclasses.replace(
        before, cluster=copy.deepcopy(before.cluster), pools=copy.deepcopy(dict(before.pools)), updates={}
    )
    return CALLS[action.call](after, copy.deepcopy(dict(action.arguments)))


def _create_cluster(state: Observed, asked: Json) -> Observed:
    assert state.cluster is None
    assert asked["parent"] == f"projects/{PROJECT}/locations/europe-west1"
    wanted = asked["cluster"]
    pools = wanted.pop("node_pools", None) or [{"name": "default-pool"}]
    version = build(wanted.pop("initial_cluster_version", "1.36"))
    record = merged(cluster(version=version, resource_labels={}, release_channel={"channel": "REGULAR"}), wanted)
    made = dataclasses.replace(state, cluster=record)
    for found in pools:
        made = _with_pool(made, _made_pool(made, found))
    return made


def _made_pool(state: Observed, asked: Json) -> Json:
    assert state.cluster is not None
    base = node_pool(asked["name"], version=state.cluster["current_master_version"], autoscaling={})
    base["config"]["resource_labels"] = {}
    base["initial_node_count"] = 0
    return t.cast(Json, merged(base, asked))


def merged(base: t.Any, above: t.Any) -> t.Any:
    if not isinstance(base, dict) or not isinstance(above, dict):
        return above
    return {**base, **{key: merged(base.get(key), value) for key, value in above.items()}}


PLACES = {
    "desired_addons_config": "addons_config",
    "desired_control_plane_endpoints_config": "control_plane_endpoints_config",
    "desired_logging_config": "logging_config",
    "desired_release_channel": "release_channel",
    "desired_database_encryption": "database_encryption",
    "desired_workload_identity_config": "workload_identity_config",
    "desired_identity_service_config": "identity_service_config",
    "desired_authenticator_groups_config": "authenticator_groups_config",
}


def _update_cluster(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    assert len(asked["update"]) == 1, "one desired field a request"
    (name, value), record = next(iter(asked["update"].items())), dict(state.cluster)
    if name == "desired_master_version":
        old, new = minor(record["current_master_version"]), minor(value)
        assert new - old in (0, 1), "one minor a hop"
        for found in state.pools.values():
            allowed = 1 if found["management"].get("auto_upgrade") else 2
            assert new - minor(found["version"]) <= allowed, "skew of pools"
        record["current_master_version"] = build(value)
    else:
        record[PLACES[name]] = merged(record.get(PLACES[name], {}), value)
    return dataclasses.replace(state, cluster=record)


def _set_labels(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    now = {key: value for key, value in state.cluster["resource_labels"].items() if key not in asked["remove"]}
    return dataclasses.replace(state, cluster={**state.cluster, "resource_labels": {**now, **asked["set"]}})


def _set_maintenance_policy(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    policy = {"resource_version": "c442e3b0", **asked["maintenance_policy"]}
    return dataclasses.replace(state, cluster={**state.cluster, "maintenance_policy": policy})


def _create_node_pool(state: Observed, asked: Json) -> Observed:
    assert asked["node_pool"]["name"] not in state.pools
    return _with_pool(state, _made_pool(state, asked["node_pool"]))


def _update_node_pool(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    found = copy.deepcopy(dict(state.pools[asked.pop("name").rpartition("/")[2]]))
    version = asked.pop("node_version", None)
    if version:
        found["version"] = state.cluster["current_master_version"] if version == "-" else build(version)
        assert minor(found["version"]) <= minor(state.cluster["current_master_version"]), "nodes never lead"
    if "set" in asked:
        labels = found["config"]["resource_labels"]
        gone = asked.pop("remove")
        kept = {key: value for key, value in labels.items() if key not in gone}
        found["config"]["resource_labels"] = {**kept, **asked.pop("set")}
    for name, value in asked.items():
        if name in ("locations", "upgrade_settings"):
            found[name] = value
        else:
            member = {"labels": "labels", "taints": "taints", "tags": "tags", "resource_labels": "labels"}.get(name)
            found["config"][name] = value[member] if member else value
    return _with_pool(state, found)


def _set_size(state: Observed, asked: Json) -> Observed:
    found = state.pools[asked["name"].rpartition("/")[2]]
    return _with_pool(state, {**found, "initial_node_count": asked["node_count"]})


def _set_part(part: str) -> t.Callable[[Observed, Json], Observed]:
    def change(state: Observed, asked: Json) -> Observed:
        return _with_pool(state, {**state.pools[asked["name"].rpartition("/")[2]], part: asked[part]})

    return change


def _delete_node_pool(state: Observed, asked: Json) -> Observed:
    gone = asked["name"].rpartition("/")[2]
    return dataclasses.replace(state, pools={name: found for name, found in state.pools.items() if name != gone})


def _delete_cluster(state: Observed, asked: Json) -> Observed:
    assert state.cluster is not None
    return dataclasses.replace(state, cluster=None, pools={})


def _with_pool(state: Observed, found: Json) -> Observed:
    return dataclasses.replace(state, pools={**state.pools, found["name"]: found})


def minor(version: str) -> int:
    return int(version.split(".")[1])


CALLS: dict[str, t.Callable[[Observed, Json], Observed]] = {
    "create_cluster": _create_cluster,
    "update_cluster": _update_cluster,
    "delete_cluster": _delete_cluster,
    "set_labels": _set_labels,
    "set_maintenance_policy": _set_maintenance_policy,
    "create_node_pool": _create_node_pool,
    "update_node_pool": _update_node_pool,
    "delete_node_pool": _delete_node_pool,
    "set_node_pool_size": _set_size,
    "set_node_pool_autoscaling": _set_part("autoscaling"),
    "set_node_pool_management": _set_part("management"),
}
