# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows for what ``extra`` passes through: members of Cluster and of NodeConfig, in the protos' own names."""

from __future__ import annotations

from ..options import Field
from ..passed import holds

CHANGED = frozenset(
    (
        *("addons_config", "anonymous_authentication_config", "authenticator_groups_config", "binary_authorization"),
        *("compliance_posture_config", "control_plane_egress", "control_plane_endpoints_config"),
        *("cost_management_config", "database_encryption", "enterprise_config", "fleet", "identity_service_config"),
        *("locations", "logging_config", "logging_service", "managed_machine_learning_diagnostics_config"),
        *("managed_opentelemetry_config", "master_authorized_networks_config", "mesh_certificates"),
        *("monitoring_config", "monitoring_service", "node_creation_config", "notification_config"),
        *("pod_autoscaling", "private_cluster_config", "rbac_binding_config", "release_channel"),
        *("resource_usage_export_config", "rollback_safe_upgrade", "secret_manager_config", "secret_sync_config"),
        *("security_posture_config", "shielded_nodes", "user_managed_keys_config", "vertical_pod_autoscaling"),
        "workload_identity_config",
    )
)
"""Members of Cluster that UpdateCluster has as desired_*; any other stays as it was made."""
CHANGED_OF_POOL = frozenset(
    (
        *("accelerators", "boot_disk", "confidential_nodes", "consolidation_delay", "containerd_config"),
        *("disk_size_gb", "disk_type", "fast_socket", "flex_start", "gcfs_config", "gvnic", "image_type"),
        *("kubelet_config", "labels", "linux_node_config", "logging_config", "machine_type", "max_run_duration"),
        *("resource_labels", "resource_manager_tags", "storage_pools", "tags", "taint_config", "taints"),
        *("windows_node_config", "workload_metadata_config"),
    )
)
"""Members of NodeConfig that UpdateNodePool has, too."""
ROLLING = 600
DOC = ("Passed to the API as it is.",)


def passed_field(name: str) -> Field:
    changes = name in CHANGED
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="update" if changes else "immutable",
        api=name,
        update_api=f"desired_{name}",
        group=f"extra.{name}" if changes else "",
        call="update_cluster" if changes else "",
        source="GKE UpdateCluster, one desired_* field a request",
        compare=holds,
        doc=DOC,
    )


def passed_pool_field(name: str) -> Field:
    changes = name in CHANGED_OF_POOL
    return Field(
        path=f"extra.{name}",
        type="json",
        kind="update" if changes else "recreate",
        api=f"config.{name}",
        update_api=name,
        group="extra" if changes else "",
        call="update_node_pool" if changes else "",
        source="GKE UpdateNodePool",
        compare=holds,
        est_seconds=ROLLING,
        doc=DOC,
    )
