# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a GKE cluster is made of: one row a field. Argument spec, diff, payload and documentation come from here.

A ``group`` is what one request may change at once: UpdateCluster takes one ``desired_*`` field a request, and
UpdateNodePool one group of settings that replace nodes. ``GROUP_ORDER`` and ``POOL_GROUP_ORDER`` are the order.
Paths are those of the protos (google.container.v1): ``api`` in Cluster or NodePool, ``update_api`` in the request.
"""

from __future__ import annotations

from .. import compare, rules
from ..options import Field, Option
from . import codecs
from . import rules as gke_rules

CREATE = "GKE CreateCluster"
UPDATE = "GKE UpdateCluster, one desired_* field a request"
POOL_CREATE = "GKE CreateNodePool"
POOL_UPDATE = "GKE UpdateNodePool"
IP = "control_plane_endpoints_config.ip_endpoints_config"
DNS = "control_plane_endpoints_config.dns_endpoint_config"
ROLLING = 600

GROUP_ORDER = (
    "channel",
    "encryption",
    "workload_identity",
    "google_group",
    "oidc",
    "stack",
    "private_nodes",
    "logging",
    "addons",
    "endpoint",
    "maintenance",
)


def addon(name: str, member: str, *, switch: str = "enabled", title: str) -> Field:
    return Field(
        path=f"addons.{name}.state",
        type="str",
        kind="update",
        api=f"addons_config.{member}.{switch}",
        update_api=f"desired_addons_config.{member}.{switch}",
        group="addons",
        call="update_cluster",
        source=UPDATE + ": desired_addons_config",
        codec=codecs.ENABLED if switch == "enabled" else codecs.NOT_DISABLED,
        choices=("present", "absent"),
        doc=(f"Whether {title} runs.",),
    )


ADDONS = (
    addon(
        "http_load_balancing", "http_load_balancing", switch="disabled", title="the controller of Ingress and Gateway"
    ),
    addon(
        "horizontal_pod_autoscaling",
        "horizontal_pod_autoscaling",
        switch="disabled",
        title="the horizontal pod autoscaler",
    ),
    addon("dns_cache", "dns_cache_config", title="NodeLocal DNSCache"),
    addon("filestore_csi_driver", "gcp_filestore_csi_driver_config", title="the CSI driver of Filestore"),
    addon("gcs_fuse_csi_driver", "gcs_fuse_csi_driver_config", title="the CSI driver of Cloud Storage"),
    addon("config_connector", "config_connector_config", title="Config Connector"),
    addon("backup_agent", "gke_backup_agent_config", title="the agent of Backup for GKE"),
    addon("stateful_ha", "stateful_ha_config", title="the Stateful HA operator"),
)

CLUSTER_FIELDS: tuple[Field, ...] = (
    Field(
        path="version",
        type="version",
        kind="update",
        api="current_master_version",
        create_api="initial_cluster_version",
        update_api="desired_master_version",
        group="version",
        call="update_cluster",
        source=UPDATE + ": desired_master_version, one minor at a time",
        rule=gke_rules.version,
        doc=(
            'Kubernetes version, in quotes: a minor, V("1.36"), or an exact one, V("1.36.1-gke.1207000").',
            "A newer one upgrades the control plane hop by hop, then each node pool once.",
            "On a release channel it is a floor, since GKE itself moves the cluster on; elsewhere an older minor is "
            "refused. Unset at creation, GKE chooses.",
        ),
    ),
    Field(
        path="mode",
        type="str",
        kind="immutable",
        api="autopilot.enabled",
        source=CREATE,
        codec=codecs.AUTO,
        choices=("standard", "auto"),
        doc=("V(auto) is Autopilot: Google runs the nodes, and O(node_pools) is refused.",),
    ),
    Field(
        path="network.network",
        type="str",
        kind="immutable",
        api="network",
        source=CREATE,
        compare=codecs.same_name,
        rule=gke_rules.network,
        doc=("VPC network, by name or path.",),
    ),
    Field(
        path="network.subnets",
        type="list",
        elements="str",
        kind="immutable",
        api="subnetwork",
        source=CREATE,
        compare=codecs.same_names,
        codec=codecs.ONE,
        rule=gke_rules.network,
        doc=("The subnetwork, by name or path: a list of one.",),
    ),
    Field(
        path="network.pod_cidr",
        type="str",
        kind="immutable",
        api="ip_allocation_policy.cluster_ipv4_cidr_block",
        source=CREATE,
        compare=compare.as_range,
        rule=rules.cidr,
        doc=("IPv4 range of Pod addresses.",),
    ),
    Field(
        path="network.service_cidr",
        type="str",
        kind="immutable",
        api="ip_allocation_policy.services_ipv4_cidr_block",
        source=CREATE,
        compare=compare.as_range,
        rule=rules.cidr,
        doc=("IPv4 range of Service addresses.",),
    ),
    Field(
        path="network.pod_range",
        type="str",
        kind="immutable",
        api="ip_allocation_policy.cluster_secondary_range_name",
        source=CREATE,
        rule=gke_rules.range_name,
        doc=("Secondary range of the subnetwork for Pods, in place of O(network.pod_cidr).",),
    ),
    Field(
        path="network.service_range",
        type="str",
        kind="immutable",
        api="ip_allocation_policy.services_secondary_range_name",
        source=CREATE,
        rule=gke_rules.range_name,
        doc=("Secondary range of the subnetwork for Services, in place of O(network.service_cidr).",),
    ),
    Field(
        path="network.ip_family",
        type="str",
        kind="update",
        api="ip_allocation_policy.stack_type",
        update_api="desired_stack_type",
        group="stack",
        call="update_cluster",
        source=UPDATE + ": desired_stack_type",
        codec=codecs.STACK,
        choices=("ipv4", "dual"),
        doc=("Address families of Pods and Services.",),
    ),
    Field(
        path="network.policy_engine",
        type="str",
        kind="immutable",
        api="network_config.datapath_provider",
        source=CREATE,
        codec=codecs.DATAPATH,
        choices=("dataplane_v2", "none"),
        doc=("What enforces network policies. V(dataplane_v2) is Cilium as Google runs it.",),
    ),
    Field(
        path="network.private_nodes",
        type="bool",
        kind="update",
        api="network_config.default_enable_private_nodes",
        update_api="desired_default_enable_private_nodes",
        group="private_nodes",
        call="update_cluster",
        source=UPDATE + ": desired_default_enable_private_nodes",
        codec=compare.SWITCH,
        doc=("Whether nodes of new pools have private addresses only.",),
    ),
    Field(
        path="endpoint.public",
        type="bool",
        kind="update",
        api=f"{IP}.enable_public_endpoint",
        update_api=f"desired_{IP}.enable_public_endpoint",
        group="endpoint",
        call="update_cluster",
        source=UPDATE + ": desired_control_plane_endpoints_config",
        codec=compare.SWITCH,
        doc=("Whether the API server answers on a public address.",),
    ),
    Field(
        path="endpoint.private",
        type="bool",
        kind="update",
        api=f"{IP}.enabled",
        update_api=f"desired_{IP}.enabled",
        group="endpoint",
        call="update_cluster",
        source=UPDATE + ": desired_control_plane_endpoints_config",
        codec=compare.SWITCH,
        doc=("Whether the API server answers on addresses at all, of which one is private. The public one needs it.",),
    ),
    Field(
        path="endpoint.dns",
        type="bool",
        kind="update",
        api=f"{DNS}.allow_external_traffic",
        update_api=f"desired_{DNS}.allow_external_traffic",
        group="endpoint",
        call="update_cluster",
        source=UPDATE + ": desired_control_plane_endpoints_config",
        codec=compare.SWITCH,
        doc=("Whether the API server answers on its DNS name, which asks for IAM alone and reaches private clusters.",),
    ),
    Field(
        path="endpoint.allowed_cidrs",
        type="list",
        elements="str",
        kind="update",
        api=f"{IP}.authorized_networks_config",
        update_api=f"desired_{IP}.authorized_networks_config",
        group="endpoint",
        call="update_cluster",
        source=UPDATE + ": desired_control_plane_endpoints_config; enabled without blocks denies all",
        compare=codecs.same_ranges,
        codec=codecs.NETWORKS,
        rule=rules.cidr,
        doc=("Ranges that may reach the addresses of the API server. An empty list allows nobody.",),
    ),
    Field(
        path="encryption.kms_key",
        type="str",
        kind="update",
        api="database_encryption",
        update_api="desired_database_encryption",
        group="encryption",
        call="update_cluster",
        source=UPDATE + ": desired_database_encryption",
        codec=codecs.KEY,
        rule=gke_rules.kms_key,
        doc=("Cloud KMS key that Secrets are encrypted with, beneath Google's own. An empty text removes it.",),
    ),
    Field(
        path="logging",
        type="list",
        elements="str",
        kind="update",
        api="logging_config.component_config.enable_components",
        update_api="desired_logging_config.component_config.enable_components",
        group="logging",
        call="update_cluster",
        source=UPDATE + ": desired_logging_config",
        compare=codecs.same_logs,
        codec=codecs.LOGGING,
        choices=codecs.LOG_TYPES,
        doc=(
            "Control plane logs that are written. Logs of the system and of workloads are left as they are.",
            "V(audit) is always written, to Cloud Audit Logs, and may be named or not.",
        ),
    ),
    Field(
        path="support",
        type="str",
        kind="update",
        api="release_channel.channel",
        update_api="desired_release_channel.channel",
        group="channel",
        call="update_cluster",
        source=UPDATE + ": desired_release_channel; EXTENDED is billed once standard support of the version ends",
        codec=codecs.SUPPORT,
        choices=("standard", "extended"),
        doc=(
            "Whether the version may enter extended support, which costs extra: V(extended) is the release channel of "
            "that name. V(standard) moves a cluster off it, to V(regular) unless O(maintenance.channel) says where.",
        ),
    ),
    Field(
        path="maintenance.channel",
        type="str",
        kind="update",
        api="release_channel.channel",
        update_api="desired_release_channel.channel",
        group="channel",
        call="update_cluster",
        source=UPDATE + ": desired_release_channel",
        codec=codecs.CHANNEL,
        choices=codecs.CHANNELS,
        doc=("Release channel. Unset at creation, GKE chooses V(regular) or what fits O(version).",),
    ),
    Field(
        path="maintenance.window",
        type="dict",
        kind="update",
        api="maintenance_policy.window",
        group="maintenance",
        call="set_maintenance_policy",
        source="GKE SetMaintenancePolicy, with the resource_version of the last read",
        compare=codecs.same_window,
        codec=codecs.WINDOW,
        rule=gke_rules.window,
        doc=(
            'When GKE may change the cluster on its own: C({start: "03:00"}) every day in UTC, or C(start), C(end) '
            "and C(recurrence) (RFC 5545) for a window that recurs. An empty map lifts the window.",
        ),
    ),
    Field(
        path="maintenance.exclusions",
        type="map",
        kind="update",
        api="maintenance_policy.window.maintenance_exclusions",
        group="maintenance",
        call="set_maintenance_policy",
        source="GKE SetMaintenancePolicy, with the resource_version of the last read",
        compare=codecs.same_exclusions,
        codec=codecs.EXCLUSIONS,
        rows=(
            Option(path="start", type="str", required=True, rule=gke_rules.moment, doc=("From when, in RFC 3339.",)),
            Option(path="end", type="str", required=True, rule=gke_rules.moment, doc=("Until when.",)),
            Option(path="scope", type="str", choices=codecs.SCOPES, doc=("What is held; unset, everything.",)),
        ),
        doc=("Times in which GKE leaves the cluster alone, keyed by name; the whole of them.",),
    ),
    Field(
        path="identity.workload",
        type="bool",
        kind="update",
        api="workload_identity_config.workload_pool",
        update_api="desired_workload_identity_config.workload_pool",
        group="workload_identity",
        call="update_cluster",
        source=UPDATE + ": desired_workload_identity_config",
        codec=codecs.FILLED,
        doc=(
            "Whether service accounts of Kubernetes may act as those of Google. Pools made before need "
            "C(workload_metadata) too.",
        ),
    ),
    Field(
        path="identity.google_group",
        type="str",
        kind="update",
        api="authenticator_groups_config",
        update_api="desired_authenticator_groups_config",
        group="google_group",
        call="update_cluster",
        source=UPDATE + ": desired_authenticator_groups_config",
        codec=codecs.GROUP,
        rule=rules.matches(r"|gke-security-groups@[^\s@]+", "gke-security-groups@ and your domain, or an empty text"),
        doc=("Google group whose member groups RBAC may name, C(gke-security-groups@example.com).",),
    ),
    Field(
        path="oidc_provider.enabled",
        type="bool",
        kind="update",
        api="identity_service_config.enabled",
        update_api="desired_identity_service_config.enabled",
        group="oidc",
        call="update_cluster",
        source=UPDATE + ": desired_identity_service_config",
        codec=compare.SWITCH,
        doc=("Whether Identity Service for GKE runs, which lets users of another OIDC provider in.",),
    ),
    *ADDONS,
    Field(
        path="deletion_protection",
        type="bool",
        kind="update",
        api=f"resource_labels.{gke_rules.PROTECTION_LABEL}",
        group="protection",
        call="set_labels",
        source="GKE has none: provider-google#10168; we write a label and heed it",
        codec=compare.SWITCH,
        doc=(
            "Whether this module refuses to delete the cluster, by the label "
            f"C({gke_rules.PROTECTION_LABEL}). GKE itself does not heed it. "
            "O(state=absent) needs V(false) here if it is on.",
        ),
    ),
)
