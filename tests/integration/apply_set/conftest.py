# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the set engine share: a set of one's own, and a node for its pods."""

from __future__ import annotations

import pytest

from drydock.control_plane import ControlPlane
from drydock.kube import KubeError

from .a_set import ASet

NODE = "apply-set-node"


@pytest.fixture
def a_set(control_plane: ControlPlane) -> ASet:
    return ASet(control_plane)


@pytest.fixture(scope="session")
def node(control_plane: ControlPlane) -> str:
    """A node for the pods of these tests; other tests may use it as well."""
    if control_plane.admin().find(f"/api/v1/nodes/{NODE}") is None:
        try:
            control_plane.add_node(NODE, cpu="64", memory="256Gi", pods="500")
        except KubeError as error:
            if error.status != 409:  # another worker was first
                raise
    return NODE
