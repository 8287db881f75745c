# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What UpdateCluster and UpdateNodePool may change, as rows: a field of the update, its place in the resource."""

from __future__ import annotations

import typing as t

from .protocol import Message

ENDPOINTS = "control_plane_endpoints_config.ip_endpoints_config"
NODE_DEFAULTS = "node_pool_defaults.node_config_defaults"
NODE_AUTO = "node_pool_auto_config"

# Fields of ClusterUpdate by their place in Cluster. Source: the comments of cluster_service.proto.
CLUSTER_FIELDS: dict[str, str] = {
    "desired_addons_config": "addons_config",
    "desired_anonymous_authentication_config": "anonymous_authentication_config",
    "desired_authenticator_groups_config": "authenticator_groups_config",
    "desired_binary_authorization": "binary_authorization",
    "desired_cluster_autoscaling": "autoscaling",
    "desired_compliance_posture_config": "compliance_posture_config",
    "desired_containerd_config": f"{NODE_DEFAULTS}.containerd_config",
    "desired_control_plane_egress": "control_plane_egress",
    "desired_control_plane_endpoints_config": "control_plane_endpoints_config",
    "desired_cost_management_config": "cost_management_config",
    "desired_database_encryption": "database_encryption",
    "desired_datapath_provider": "network_config.datapath_provider",
    "desired_default_enable_private_nodes": "network_config.default_enable_private_nodes",
    "desired_default_snat_status": "network_config.default_snat_status",
    "desired_disable_l4_lb_firewall_reconciliation": "network_config.disable_l4_lb_firewall_reconciliation",
    "desired_dns_config": "network_config.dns_config",
    "desired_enable_cilium_clusterwide_network_policy": "network_config.enable_cilium_clusterwide_network_policy",
    "desired_enable_fqdn_network_policy": "network_config.enable_fqdn_network_policy",
    "desired_enable_multi_networking": "network_config.enable_multi_networking",
    "desired_fleet": "fleet",
    "desired_gateway_api_config": "network_config.gateway_api_config",
    "desired_gcfs_config": f"{NODE_DEFAULTS}.gcfs_config",
    "desired_identity_service_config": "identity_service_config",
    "desired_in_transit_encryption_config": "network_config.in_transit_encryption_config",
    "desired_k8s_beta_apis": "enable_k8s_beta_apis",
    "desired_locations": "locations",
    "desired_logging_config": "logging_config",
    "desired_logging_service": "logging_service",
    "desired_master_authorized_networks_config": f"{ENDPOINTS}.authorized_networks_config",
    "desired_mesh_certificates": "mesh_certificates",
    "desired_monitoring_config": "monitoring_config",
    "desired_monitoring_service": "monitoring_service",
    "desired_network_performance_config": "network_config.network_performance_config",
    "desired_node_kubelet_config": f"{NODE_DEFAULTS}.node_kubelet_config",
    "desired_node_pool_auto_config_kubelet_config": f"{NODE_AUTO}.node_kubelet_config",
    "desired_node_pool_auto_config_linux_node_config": f"{NODE_AUTO}.linux_node_config",
    "desired_node_pool_auto_config_network_tags": f"{NODE_AUTO}.network_tags",
    "desired_node_pool_auto_config_resource_manager_tags": f"{NODE_AUTO}.resource_manager_tags",
    "desired_node_pool_logging_config": f"{NODE_DEFAULTS}.logging_config",
    "desired_notification_config": "notification_config",
    "desired_pod_autoscaling": "pod_autoscaling",
    "desired_private_cluster_config": "private_cluster_config",
    "desired_private_ipv6_google_access": "network_config.private_ipv6_google_access",
    "desired_rbac_binding_config": "rbac_binding_config",
    "desired_release_channel": "release_channel",
    "desired_resource_usage_export_config": "resource_usage_export_config",
    "desired_secret_manager_config": "secret_manager_config",
    "desired_secret_sync_config": "secret_sync_config",
    "desired_security_posture_config": "security_posture_config",
    "desired_service_external_ips_config": "network_config.service_external_ips_config",
    "desired_shielded_nodes": "shielded_nodes",
    "desired_stack_type": "ip_allocation_policy.stack_type",
    "desired_user_managed_keys_config": "user_managed_keys_config",
    "desired_vertical_pod_autoscaling": "vertical_pod_autoscaling",
    "desired_workload_identity_config": "workload_identity_config",
    "gke_auto_upgrade_config": "gke_auto_upgrade_config",
}
# Each block inside these is set by itself: what the update leaves out stays.
MERGED = frozenset(
    [
        "desired_addons_config",
        "desired_cluster_autoscaling",
        "desired_control_plane_endpoints_config",
        "desired_monitoring_config",
        "desired_private_cluster_config",
    ]
)
# A message in the update, one boolean in the cluster.
UNWRAPPED: dict[str, tuple[str, str]] = {
    "desired_intra_node_visibility_config": ("enabled", "network_config.enable_intra_node_visibility"),
    "desired_l4ilb_subsetting_config": ("enabled", "network_config.enable_l4ilb_subsetting"),
}
SPECIAL = ("desired_master_version", "desired_enable_private_endpoint")
# Fields that go together and count as one. Source: the comments of cluster_service.proto;
# recordings/gke/cluster-create-update-labels.json for the two services.
COMPANIONS: tuple[frozenset[str], ...] = (
    frozenset(
        [
            "desired_node_version",
            "desired_node_pool_id",
            "desired_image_type",
            "desired_image",
            "desired_image_project",
        ]
    ),
    frozenset(["desired_node_pool_autoscaling", "desired_node_pool_id"]),
    frozenset(["desired_logging_service", "desired_monitoring_service"]),
)
POOL_BY_CLUSTER = ("desired_node_version", "desired_image_type", "desired_node_pool_autoscaling")


def asked(update: Message) -> list[str]:
    """Return the fields that an update sets, its etag aside."""
    return [field.name for field, _ in update.ListFields() if field.name != "etag"]


def kinds(update: Message) -> int:
    """Return how many changes an update asks for, companions counted as one."""
    names = set(asked(update))
    if not names:
        return 0
    return 1 if any(names <= group for group in COMPANIONS) else len(names)


def known(name: str) -> bool:
    return name in CLUSTER_FIELDS or name in UNWRAPPED or name in SPECIAL or any(name in group for group in COMPANIONS)


def apply_to_cluster(record: Message, update: Message) -> None:
    """Make an update's change in a cluster's record; versions and pools are not its business."""
    for name in asked(update):
        if name in UNWRAPPED:
            member, path = UNWRAPPED[name]
            put(record, path, getattr(getattr(update, name), member))
        elif name == "desired_enable_private_endpoint":
            put(record, f"{ENDPOINTS}.enable_public_endpoint", not update.desired_enable_private_endpoint)
        elif name in MERGED:
            lay_over(place(record, CLUSTER_FIELDS[name]), getattr(update, name))
        elif name in CLUSTER_FIELDS:
            put(record, CLUSTER_FIELDS[name], getattr(update, name))


def place(record: Message, path: str) -> Message:
    """Return the message at a dotted path."""
    for part in path.split("."):
        record = getattr(record, part)
    return record


def put(record: Message, path: str, value: t.Any) -> None:
    """Set the field at a dotted path, of whatever kind it is."""
    head, _, name = path.rpartition(".")
    holder = place(record, head) if head else record
    field = holder.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        holder.ClearField(name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(holder, name).update(value)
        else:
            getattr(holder, name).extend(value)
    elif field.message_type is not None:
        getattr(holder, name).CopyFrom(value)
        getattr(holder, name).SetInParent()
    else:
        setattr(holder, name, value)


def lay_over(target: Message, desired: Message) -> None:
    """Set every field that ``desired`` sets, whole; keep the others."""
    for field, value in desired.ListFields():
        if field.name == "ip_endpoints_config":
            lay_over(target.ip_endpoints_config, value)
        else:
            put(target, field.name, value)


# Fields of UpdateNodePoolRequest: place in NodePool, the member that holds the value, and whether nodes are replaced.
# Source: the comments of cluster_service.proto; GKE "Update node labels and taints for existing node pools".
POOL_FIELDS: dict[str, tuple[str, str, bool]] = {
    "image_type": ("config.image_type", "", True),
    "machine_type": ("config.machine_type", "", True),
    "disk_type": ("config.disk_type", "", True),
    "disk_size_gb": ("config.disk_size_gb", "", True),
    "boot_disk": ("config.boot_disk", "", True),
    "workload_metadata_config": ("config.workload_metadata_config", "", True),
    "linux_node_config": ("config.linux_node_config", "", True),
    "kubelet_config": ("config.kubelet_config", "", True),
    "gcfs_config": ("config.gcfs_config", "", True),
    "confidential_nodes": ("config.confidential_nodes", "", True),
    "gvnic": ("config.gvnic", "", True),
    "fast_socket": ("config.fast_socket", "", True),
    "logging_config": ("config.logging_config", "", True),
    "windows_node_config": ("config.windows_node_config", "", True),
    "accelerators": ("config.accelerators", "", True),
    "containerd_config": ("config.containerd_config", "", True),
    "resource_manager_tags": ("config.resource_manager_tags", "", False),
    "labels": ("config.labels", "labels", False),
    "taints": ("config.taints", "taints", False),
    "tags": ("config.tags", "tags", False),
    "resource_labels": ("config.resource_labels", "labels", False),
    "upgrade_settings": ("upgrade_settings", "", False),
    "locations": ("locations", "", False),
    "node_network_config": ("network_config", "", False),
    "queued_provisioning": ("queued_provisioning", "", False),
    "node_drain_config": ("node_drain_config", "", False),
    "maintenance_policy": ("maintenance_policy", "", False),
}
POOL_NAMES = frozenset(["name", "project_id", "zone", "cluster_id", "node_pool_id", "etag", "node_version"])


def apply_to_pool(record: Message, request: Message) -> bool:
    """Make the changes of an UpdateNodePool in a pool's record; return whether nodes must be replaced for them."""
    before, rolls = type(record)(), False
    before.CopyFrom(record)
    for field, value in request.ListFields():
        if field.name in POOL_FIELDS:
            path, member, replaces = POOL_FIELDS[field.name]
            put(record, path, getattr(value, member) if member else value)
            rolls = rolls or (replaces and before.config != record.config)
    _keep_own_labels(record, before)
    _one_disk(record, request)
    return rolls


def _keep_own_labels(record: Message, before: Message) -> None:
    """The service's own resource labels stay, whatever a client sends instead of all of them."""
    for key, value in before.config.resource_labels.items():
        if key.startswith("goog-"):
            record.config.resource_labels[key] = value


def _one_disk(record: Message, request: Message) -> None:
    """The boot disk stands in the record twice."""
    config = record.config
    if request.HasField("boot_disk"):
        config.disk_type = config.boot_disk.disk_type or config.disk_type
        config.disk_size_gb = int(config.boot_disk.size_gb or config.disk_size_gb)
    config.boot_disk.disk_type, config.boot_disk.size_gb = config.disk_type, config.disk_size_gb


def unknown_to_pools(request: Message) -> list[str]:
    """Return what an UpdateNodePool asks for that the twin does not do."""
    names = [field.name for field, _ in request.ListFields()]
    return [name for name in names if name not in POOL_FIELDS and name not in POOL_NAMES]
