# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables tell the truth: about the vendor's protos, and as the only source of arguments and documentation."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from google.cloud import container_v1

from ansible_collections.seaworthy.platform.plugins.doc_fragments import (
    _gke_cluster_fields,
    _gke_cluster_run,
    _google_place,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke import passed
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.gke.cloud import GKE
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Field
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import spec_arguments
from ansible_collections.seaworthy.platform.plugins.modules import gke_cluster
from tests.unit.cloud.eks.test_fields import simplified

FIELDS = [*(("Cluster", field) for field in GKE.cluster_fields), *(("NodePool", field) for field in GKE.pool_fields)]
MADE_BY_HAND = {"maintenance.window", "maintenance.exclusions", "deletion_protection", "autoscaling"}
"""Fields whose request holds them in another shape; their calls are covered by what the twin accepts."""


def has(message: str, path: str) -> bool:
    """Tell whether a dotted path leads somewhere in a message; below a map every key is."""
    descriptor = getattr(container_v1, message).pb().DESCRIPTOR
    for name in path.split("."):
        if descriptor.GetOptions().map_entry:
            return True
        if name not in descriptor.fields_by_name:
            return False
        descriptor = descriptor.fields_by_name[name].message_type or descriptor
    return True


def camel(call: str) -> str:
    return "".join(part.capitalize() for part in call.split("_"))


@pytest.mark.parametrize(("thing", "field"), FIELDS, ids=[f"{thing}.{field.path}" for thing, field in FIELDS])
def test_field_is_in_the_protos_where_its_row_says(thing: str, field: Field) -> None:
    assert has(thing, field.create_api or field.api), "given at creation"
    assert not field.api or has(thing, field.api), "read back"
    changes = field.kind == "update"
    assert bool(field.call) == bool(field.group) == changes
    if changes and field.path not in MADE_BY_HAND:
        request = "ClusterUpdate" if field.call == "update_cluster" else f"{camel(field.call)}Request"
        assert has(request, field.update_api), "changed by its call"
    assert field.source


def test_every_group_of_the_cluster_is_one_field_of_an_update() -> None:
    """GKE takes exactly one desired_* field a request."""
    groups: dict[str, set[str]] = {}
    for field in GKE.cluster_fields:
        if field.call == "update_cluster":
            groups.setdefault(field.group, set()).add(field.update_api.partition(".")[0])
    assert {group: names for group, names in groups.items() if len(names) != 1} == {}


def test_every_group_has_its_place_in_the_order() -> None:
    assert {field.group for field in GKE.cluster_fields if field.group} == {*GKE.group_order, "version", "protection"}
    assert {field.group for field in GKE.pool_fields if field.group} == {*GKE.pool_group_order, "version"} - {"extra"}


def members(message: str) -> set[str]:
    return set(getattr(container_v1, message).pb().DESCRIPTOR.fields_by_name)


def test_what_is_passed_through_is_changed_where_the_protos_say_so() -> None:
    assert {name for name in members("Cluster") if f"desired_{name}" in members("ClusterUpdate")} == passed.CHANGED
    assert members("NodeConfig") & members("UpdateNodePoolRequest") == passed.CHANGED_OF_POOL


def test_every_option_is_documented_once() -> None:
    paths = [field.path for field in GKE.cluster_fields]
    assert len(paths) == len(set(paths))
    assert all(field.doc and all(text.endswith(".") for text in field.doc) for _, field in FIELDS)


def test_arguments_are_what_the_module_documents() -> None:
    documented: dict[str, t.Any] = {}
    for fragment in (_google_place, _gke_cluster_run, _gke_cluster_fields):
        documented.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
        name = fragment.__name__.rpartition(".")[2]
        assert f"seaworthy.platform.{name}\n" in gke_cluster.DOCUMENTATION
    assert simplified(documented, "suboptions") == simplified(spec_arguments(GKE), "options")
