# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables tell the truth: about the vendor's API, and as the only source of arguments and documentation."""

from __future__ import annotations

import subprocess
import sys
import typing as t

import botocore.session
import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.doc_fragments import (
    _aws_place,
    _eks_cluster_fields,
    _eks_cluster_run,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.cloud import EKS as CLOUD
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.fields import (
    CLUSTER_FIELDS,
    GROUP_ORDER,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.eks.pools import POOL_FIELDS
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.options import Field
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import spec_arguments
from ansible_collections.seaworthy.platform.plugins.modules import eks_cluster
from tests.unit.house.checkout import ROOT

EKS = botocore.session.get_session().get_service_model("eks")
FIELDS = [*(("Cluster", field) for field in CLUSTER_FIELDS), *(("Nodegroup", field) for field in POOL_FIELDS)]
CREATE = {"Cluster": "CreateCluster", "Nodegroup": "CreateNodegroup"}


def has(shape: t.Any, path: str) -> bool:
    for name in path.split("."):
        if name not in shape.members:
            return False
        shape = shape.members[name]
    return True


def operation(call: str) -> t.Any:
    return EKS.operation_model("".join(part.capitalize() for part in call.split("_")))


@pytest.mark.parametrize(("thing", "field"), FIELDS, ids=[f"{thing}.{field.path}" for thing, field in FIELDS])
def test_field_is_in_the_api_where_its_row_says(thing: str, field: Field) -> None:
    assert field.api or field.path == "zones", "zones are those of a pool's subnets"
    if field.api:
        assert has(EKS.shape_for(thing), field.api), "read back"
        assert has(EKS.operation_model(CREATE[thing]).input_shape, field.api), "given at creation"
    changes = field.kind in ("update", "one_way")
    assert bool(field.call) == bool(field.group) == changes
    if changes:
        assert has(operation(field.call).input_shape, field.api), "changed by its call"
    assert field.source


def test_every_group_that_is_one_call_has_its_place_in_the_order() -> None:
    groups = {field.group for field in CLUSTER_FIELDS if field.group}
    assert groups == {*GROUP_ORDER, "version", "protection"}


def test_every_option_is_documented_once() -> None:
    paths = [field.path for field in CLUSTER_FIELDS]
    assert len(paths) == len(set(paths))
    assert all(field.doc and all(text.endswith(".") for text in field.doc) for _, field in FIELDS)


def test_generated_documentation_is_fresh() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate_fragments.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_arguments_are_what_the_module_documents() -> None:
    fragments = (_aws_place, _eks_cluster_run, _eks_cluster_fields)
    documented: dict[str, t.Any] = {}
    for fragment in fragments:
        documented.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
        name = fragment.__name__.rpartition(".")[2]
        assert f"seaworthy.platform.{name}\n" in eks_cluster.DOCUMENTATION
    assert simplified(documented, "suboptions") == simplified(spec_arguments(CLOUD), "options")


def simplified(options: dict[str, t.Any], below: str) -> dict[str, t.Any]:
    kept = ("type", "elements", "choices", "default", "required")
    return {
        name: {
            **{key: option[key] for key in kept if key in option},
            "below": simplified(option.get(below) or {}, below),
        }
        for name, option in options.items()
    }
