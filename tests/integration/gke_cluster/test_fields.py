# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the tables keeps its word against the twin: what it says may change does, and nothing else does.

The cases come from the tables. A switch is flipped, a choice becomes another one; ``SAMPLES`` has a value for what
no table can guess, and a row that has neither fails here.
"""

from __future__ import annotations

import typing as t

import pytest
from google.protobuf import json_format

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.cloud import GKE
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.observed import read_field
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Field
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.integration.gke_cluster.conftest import Json, Project
from tests.integration.grounds import changed

POOL = "node_pools.system"
KEY = "projects/seaworthy-demo/locations/europe-west1/keyRings/platform/cryptoKeys/clusters"
SAMPLES: dict[str, t.Any] = {
    "version": "1.36",
    "network.network": "default",
    "network.subnets": ["default"],
    "network.pod_cidr": "10.8.0.0/14",
    "network.service_cidr": "10.9.0.0/20",
    "network.pod_range": "other",
    "network.service_range": "other",
    "endpoint.allowed_cidrs": ["203.0.113.0/24"],
    "encryption.kms_key": KEY,
    "logging": ["api"],
    "maintenance.channel": "stable",
    "maintenance.window": {"start": "03:00"},
    "maintenance.exclusions": {"freeze": {"start": "2026-12-20T00:00:00Z", "end": "2027-01-04T00:00:00Z"}},
    "identity.google_group": "gke-security-groups@example.com",
    f"{POOL}.autoscaling": True,
    f"{POOL}.size.min": 3,
    f"{POOL}.size.max": 9,
    f"{POOL}.size.desired": 6,
    f"{POOL}.zones": ["europe-west1-b", "europe-west1-c"],
    f"{POOL}.labels": {"team": "a"},
    f"{POOL}.taints": [{"key": "team", "value": "a", "effect": "NoSchedule"}],
    f"{POOL}.network_tags": ["web"],
    f"{POOL}.surge.max_surge": 2,
    f"{POOL}.surge.max_unavailable": 1,
    f"{POOL}.surge.drain_timeout": 600,
    f"{POOL}.instance_types": ["e2-standard-2"],
    f"{POOL}.disk.size_gb": 50,
    f"{POOL}.disk.type": "pd-ssd",
    f"{POOL}.image_type": "UBUNTU_CONTAINERD",
    f"{POOL}.gpu.type": "nvidia-l4",
    f"{POOL}.gpu.count": 2,
    f"{POOL}.service_account": "other@seaworthy-demo.iam.gserviceaccount.com",
    f"{POOL}.max_pods": 64,
}
BESIDE: dict[str, tuple[str, t.Any]] = {
    f"{POOL}.autoscaling": (f"{POOL}.size", {"min": 3, "max": 6}),
    f"{POOL}.size.min": (POOL, {"autoscaling": True, "size": {"max": 6}}),
    f"{POOL}.size.max": (POOL, {"autoscaling": True, "size": {"min": 3}}),
    f"{POOL}.zones": (f"{POOL}.size", {"desired": 2}),
    f"{POOL}.gpu.count": (f"{POOL}.gpu", {"type": "nvidia-l4"}),
    "mode": ("node_pools", None),
    "network.pod_cidr": ("network.pod_range", None),
    "network.service_cidr": ("network.service_range", None),
    "endpoint.private": ("endpoint", {"public": False, "dns": True}),
    f"{POOL}.auto_upgrade": ("maintenance.channel", "none"),
}
"""What else a document must say so that the value of a row makes sense."""

ROWS = [*(("", field) for field in GKE.cluster_fields), *((f"{POOL}.", field) for field in GKE.pool_fields)]
CASES = {prefix + field.path: field for prefix, field in ROWS}
CHANGED = [path for path, field in CASES.items() if field.kind == "update" and path != f"{POOL}.version"]
FIXED = [path for path, field in CASES.items() if field.kind != "update"]


def value_for(path: str, field: Field, now: Json) -> t.Any:
    """Return a value of the row that is another one than it has."""
    if path in SAMPLES:
        return SAMPLES[path]
    seen = read_field(field, now)
    if field.type == "bool":
        return not seen
    assert field.choices, f"{path}: give a value in SAMPLES"
    return next(choice for choice in field.choices if choice != seen)


def documents(project: Project) -> dict[str, Json]:
    """Return cluster and pool as the API shows them, in the protos' own names."""
    client = project.client()
    found = client.get_cluster(name=project.path, retry=None)
    pool = client.get_node_pool(name=f"{project.path}/nodePools/system", retry=None)
    plain = json_format.MessageToDict
    return {
        name: plain(type(message).pb(message), preserving_proto_field_name=True)
        for name, message in (("", found), (f"{POOL}.", pool))
    }


def wanted(project: Project, path: str) -> Json:
    field = CASES[path]
    now = documents(project)[f"{POOL}." if path.startswith(POOL) else ""]
    document = changed(project.document, *BESIDE[path]) if path in BESIDE else project.document
    return changed(document, path, value_for(path, field, now))


@pytest.mark.parametrize("path", CHANGED)
def test_row_that_may_change_is_changed_by_its_call_and_rests(made: Project, path: str) -> None:
    document = wanted(made, path)
    foreseen = made.run(document, check=True)
    assert made.writes() == []
    assert path in {row["path"] for row in foreseen["drift"]}
    result = made.run(document)
    assert (result["plan_id"], result["diff"]) == (foreseen["plan_id"], foreseen["diff"])
    operation = "".join(part.capitalize() for part in CASES[path].call.split("_"))
    assert operation in made.writes(), made.writes()
    again = made.run(document)
    assert (again["changed"], made.writes(), again["drift"]) == (False, [], [])


def test_version_of_one_pool_is_its_own(made: Project) -> None:
    made.run(version="1.36", upgrade={"pools": "manual"})
    document = changed({**made.document, "version": "1.36", "upgrade": {"pools": "manual"}}, f"{POOL}.version", "1.36")
    foreseen = made.run(document, check=True)
    assert made.run(document)["plan_id"] == foreseen["plan_id"]
    assert made.writes() == ["UpdateNodePool"]
    found = {name: made.pool(name).version.rpartition("-")[0][:4] for name in ("system", "general")}
    assert found == {"system": "1.36", "general": "1.35"}
    assert made.run(document)["changed"] is False


@pytest.mark.parametrize("path", FIXED)
@pytest.mark.parametrize("check", [True, False])
def test_row_that_is_fixed_is_refused_with_both_values_and_a_way_out(made: Project, path: str, check: bool) -> None:
    with pytest.raises(PlatformError) as caught:
        made.run(wanted(made, path), check=check)
    error = caught.value
    assert (error.kind, made.writes()) == ("immutable", [])
    assert f"{path} is " in str(error)
    assert ", declared " in str(error)
    assert error.remedy
    assert path in {row["path"] for row in error.details["drift"]}
