# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters of the AKS twin that are real control planes."""

from __future__ import annotations

import pytest

from drydock.harbour import Harbour
from drydock.kube import KubeClient

from .aks_steps import running_cluster
from .furniture_steps import takes_back_what_others_change


@pytest.mark.control_planes
def test_add_on_manager_of_aks_takes_back_what_others_change(harbour: Harbour) -> None:
    running_cluster(harbour)
    client = KubeClient.from_kubeconfig(harbour.state.clusters / "demo" / "admin.kubeconfig")
    takes_back_what_others_change(
        harbour, client, "/apis/apps/v1/namespaces/kube-system/deployments/coredns", "default"
    )
