# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of tests that meet the add-on manager of a twin's cluster."""

from __future__ import annotations

from drydock.clouds.furniture import EVERY, MANAGER
from drydock.harbour import Harbour
from drydock.kube import KubeClient

DEFAULT = "storageclass.kubernetes.io/is-default-class"


def takes_back_what_others_change(harbour: Harbour, client: KubeClient, workload: str, storage_class: str) -> None:
    """What it keeps goes back or comes again; of what it only makes sure of, others have the say."""
    chosen = f"/apis/storage.k8s.io/v1/storageclasses/{storage_class}"
    kept = client.get(workload)
    assert MANAGER in {row["manager"] for row in kept["metadata"]["managedFields"]}
    assert client.get(chosen)["metadata"]["annotations"][DEFAULT] == "true"
    client.merge(workload, {"spec": {"replicas": 5, "template": {"spec": {"priorityClassName": ""}}}})
    client.merge(chosen, {"metadata": {"annotations": {DEFAULT: "false"}}})
    client.delete("/api/v1/namespaces/kube-system/services/kube-dns")
    _look(harbour)
    found = client.get(workload)["spec"]
    assert found["template"]["spec"]["priorityClassName"] == kept["spec"]["template"]["spec"]["priorityClassName"]
    assert found["replicas"] == 5, "the autoscaler's field is nobody's to take back"
    assert client.find("/api/v1/namespaces/kube-system/services/kube-dns")
    assert client.get(chosen)["metadata"]["annotations"][DEFAULT] == "false"
    client.delete(chosen)
    _look(harbour)
    assert client.get(chosen)["metadata"]["annotations"][DEFAULT] == "true"


def _look(harbour: Harbour) -> None:
    harbour.clock.advance(EVERY)
    harbour.settle()
