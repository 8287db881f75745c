# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules say a cluster carries is what a twin's new cluster carries."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.providers import PROVIDERS
from drydock.clouds.aks.furniture import PIECES as AKS
from drydock.clouds.eks.furniture import PIECES as EKS
from drydock.clouds.furniture import Pieces
from drydock.clouds.gke.furniture import PIECES as GKE

DEFAULT = "storageclass.kubernetes.io/is-default-class"
CARRIED: dict[str, Pieces] = {"eks": tuple(piece for some in EKS.values() for piece in some), "aks": AKS, "gke": GKE}


@pytest.mark.parametrize("cloud", CARRIED)
def test_table_of_what_a_cloud_provides_is_what_its_clusters_carry(cloud: str) -> None:
    row = PROVIDERS[cloud].cloud.provides["standard"]
    classes = {piece.name: piece.body for piece in CARRIED[cloud] if piece.body["kind"] == "StorageClass"}
    workloads = {piece.name for piece in CARRIED[cloud] if piece.body["kind"] in ("Deployment", "DaemonSet")}
    default = [name for name, body in classes.items() if DEFAULT in body["metadata"].get("annotations", {})]
    assert row["storage_classes"] == sorted(classes)
    assert [row["default_storage_class"]] == (default or [""])
    assert row["storage_driver"] == (classes[default[0]]["provisioner"] if default else "")
    assert row["dns"] in workloads
    assert row["metrics_server"] == ("metrics-server" in workloads)


@pytest.mark.parametrize("cloud", CARRIED)
def test_each_mode_says_the_same_names(cloud: str) -> None:
    rows: t.Mapping[str, t.Mapping[str, t.Any]] = PROVIDERS[cloud].cloud.provides
    assert set(rows) == {"standard", "auto"}
    assert rows["standard"].keys() == rows["auto"].keys()
