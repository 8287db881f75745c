# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables tell the truth: about the public reference, and as the only source of arguments and documentation."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.doc_fragments import (
    _aks_cluster_fields,
    _aks_cluster_run,
    _azure_place,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.aks.cloud import AKS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Field
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import spec_arguments
from ansible_collections.seaworthy.platform.plugins.modules import aks_cluster
from drydock.clouds.aks import schema
from tests.unit.cloud.eks.test_fields import simplified

SHAPES = {"cluster": schema.CLUSTER, "pool": schema.POOL_PROPERTIES}
FIELDS = [*(("cluster", field) for field in AKS.cluster_fields), *(("pool", field) for field in AKS.pool_fields)]
BESIDE = ("locks", "diagnosticSettings", "maintenanceConfigurations")


def has(shape: t.Any, path: str) -> bool:
    """Tell whether a dotted path leads somewhere in the shapes that were written from the reference."""
    for name in path.split("."):
        if not isinstance(shape, dict):
            return shape is schema.ANY
        shape = shape.get(name, shape.get("*"))
        if shape is None:
            return False
    return True


@pytest.mark.parametrize(("thing", "field"), FIELDS, ids=[f"{thing}.{field.path}" for thing, field in FIELDS])
def test_field_is_in_the_reference_where_its_row_says(thing: str, field: Field) -> None:
    if not field.api.startswith(BESIDE):
        for path in (field.api, field.create_api or field.api, field.update_api or field.api):
            assert has(SHAPES[thing], path), path
    changes = field.kind in ("update", "one_way")
    assert bool(field.call) == bool(field.group) == changes
    assert field.source


def test_every_group_has_its_place_in_the_order() -> None:
    assert {field.group for field in AKS.cluster_fields if field.group} == {*AKS.group_order, "version", "protection"}
    assert {field.group for field in AKS.pool_fields if field.group} == {*AKS.pool_group_order, "version"}
    assert set(AKS.beside) < {*AKS.group_order, "protection"}


def test_every_option_is_documented_once() -> None:
    paths = [field.path for field in AKS.cluster_fields]
    assert len(paths) == len(set(paths))
    assert all(field.doc and all(text.endswith(".") for text in field.doc) for _, field in FIELDS)


def test_arguments_are_what_the_module_documents() -> None:
    documented: dict[str, t.Any] = {}
    for fragment in (_azure_place, _aks_cluster_run, _aks_cluster_fields):
        documented.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
        name = fragment.__name__.rpartition(".")[2]
        assert f"seaworthy.platform.{name}\n" in aks_cluster.DOCUMENTATION
    assert simplified(documented, "suboptions") == simplified(spec_arguments(AKS), "options")
