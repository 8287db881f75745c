# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each row of the tables: what differs is changed by one call and then rests, or is refused before the first write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.fields import CLUSTER_FIELDS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.pools import POOL_FIELDS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Field, set_path
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.plan import plan
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import parse_spec
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.unit.cloud.eks.model import ACCOUNT, ROLE, SUBNETS, Json, applied, cluster, document, nodegroup, observed

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"

# path: what there is (as declared earlier), and another value
CLUSTER: dict[str, tuple[t.Any, t.Any]] = {
    "version": ("1.34", "1.35"),
    "mode": ("standard", "auto"),
    "auto.node_pools": (["system"], ["general-purpose", "system"]),
    "auto.node_role": (ROLE, OTHER),
    "access_mode": ("api", "config_map"),
    "encryption.kms_key": (KEY, f"{KEY}2"),
    "identity.role": (ROLE, OTHER),
    "network.subnets": (SUBNETS[:2], SUBNETS),
    "network.security_groups": (["sg-00000001"], ["sg-00000002"]),
    "network.service_cidr": ("172.20.0.0/16", "10.101.0.0/16"),
    "network.ip_family": ("ipv4", "ipv6"),
    "endpoint.public": (True, False),
    "endpoint.private": (True, False),
    "endpoint.allowed_cidrs": (["203.0.113.0/24"], ["198.51.100.0/24"]),
    "logging": (["api"], ["api", "audit"]),
    "support": ("standard", "extended"),
    "deletion_protection": (True, False),
}
POOL: dict[str, tuple[t.Any, t.Any]] = {
    "version": ("1.33", "1.34"),
    "release_version": ("1.34.1-20260101", "1.34.2-20260202"),
    "size.min": (1, 2),
    "size.max": (5, 6),
    "size.desired": (2, 3),
    "labels": ({"a": "b"}, {"a": "c"}),
    "taints": ([{"key": "a", "effect": "NoSchedule", "value": ""}], []),
    "repair": (False, True),
    "surge.strategy": ("default", "minimal"),
    "surge.max_unavailable": (1, 2),
    "surge.max_unavailable_percentage": (10, 20),
    "instance_types": (["m7i.large"], ["m7i.xlarge"]),
    "subnets": (SUBNETS[:1], SUBNETS[:2]),
    "zones": (["eu-west-1a"], ["eu-west-1b"]),
    "role": (ROLE, OTHER),
    "image_type": ("AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64"),
    "spot": (False, True),
    "disk.size_gb": (20, 50),
}
BASE: Json = {"node_pools": None, "version": None, "network": {"subnets": SUBNETS[:2]}}


def field(fields: t.Iterable[Field], path: str) -> Field:
    return next(row for row in fields if row.path == path)


def written(record: Json, row: Field, value: t.Any) -> Json:
    """Return a document of the API with a field set, in its own spelling."""
    set_path(record, row.api or "zones", row.codec.write(value))
    return record


def test_every_field_of_the_tables_has_a_case() -> None:
    assert set(CLUSTER) == {row.path for row in CLUSTER_FIELDS}
    assert set(POOL) == {row.path for row in POOL_FIELDS}


def wanted_cluster(path: str, value: t.Any) -> Json:
    document_ = document(**BASE)
    if path.startswith("network."):
        document_["network"] = {}
    set_path(document_, path, value)
    return document_


def there(path: str) -> Json:
    record = cluster(computeConfig={"enabled": path.startswith("auto.")}, accessConfig={"authenticationMode": "API"})
    record["resourcesVpcConfig"]["endpointPrivateAccess"] = path != "endpoint.private"
    return written(record, field(CLUSTER_FIELDS, path), CLUSTER[path][0])


@pytest.mark.parametrize("path", CLUSTER)
def test_field_of_a_cluster_is_changed_once_or_refused(path: str) -> None:
    row, (now, then) = field(CLUSTER_FIELDS, path), CLUSTER[path]
    found = observed(there(path))
    assert plan(parse_spec(EKS, wanted_cluster(path, now)), found) == (), "as it is"
    spec = parse_spec(EKS, wanted_cluster(path, then))
    if row.kind == "immutable" or (row.kind == "one_way" and not row.forward(now, then)):
        with pytest.raises(PlatformError, match=f"{path} is ") as caught:
            plan(spec, found)
        assert caught.value.kind == "immutable"
        return
    (action,) = plan(spec, found)
    assert (action.call, action.after, action.before) == (row.call, {path: then}, {path: now})
    assert plan(spec, applied(action, found)) == (), "and then it rests"


@pytest.mark.parametrize("path", [row.path for row in CLUSTER_FIELDS if row.kind == "one_way"])
def test_field_that_goes_one_way_can_be_set(path: str) -> None:
    row, value = field(CLUSTER_FIELDS, path), CLUSTER[path][0]
    record = cluster(computeConfig={"enabled": True}, accessConfig={"authenticationMode": "CONFIG_MAP"})
    found = observed(record)
    spec = parse_spec(EKS, wanted_cluster(path, value))
    (action,) = plan(spec, found)
    assert (action.call, action.after) == (row.call, {path: value})
    assert plan(spec, applied(action, found)) == ()


@pytest.mark.parametrize("path", POOL)
def test_field_of_a_pool_is_changed_once_or_refused(path: str) -> None:
    row, (now, then) = field(POOL_FIELDS, path), POOL[path]
    group = nodegroup(
        "general", version="1.34", updateConfig={}, scalingConfig={"minSize": 1, "maxSize": 5, "desiredSize": 2}
    )
    found = observed(cluster(), [written(group, row, now)])

    def wanted(value: t.Any) -> t.Any:
        pool: Json = {}
        set_path(pool, path, value)
        return parse_spec(EKS, document(**{**BASE, "node_pools": {"general": pool}}))

    if path == "size.desired":  # alone it fixes the number
        found = observed(cluster(), [{**group, "scalingConfig": {"minSize": 2, "maxSize": 2, "desiredSize": 2}}])
    assert plan(wanted(now), found) == (), "as it is"
    if row.kind == "recreate":
        with pytest.raises(PlatformError, match=f"node_pools.general.{path} is ") as caught:
            plan(wanted(then), found)
        assert caught.value.kind == "immutable"
        return
    (action,) = plan(wanted(then), found)
    assert action.call == row.call
    assert action.after[path] == then
    assert plan(wanted(then), applied(action, found)) == (), "and then it rests"
