# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GKE fills in where a request is silent, and the fields that it keeps in step with each other.

Source: the answers in recordings/gke that are marked real (1.34 and 1.35, 2026).
"""

from __future__ import annotations

import functools
import typing as t

from . import offers, protocol
from .project import Project, region_of, zones_of
from .protocol import Json, Message
from .store import enum, enum_name

SCOPES = [
    f"https://www.googleapis.com/auth/{name}"
    for name in (
        "devstorage.read_only",
        "logging.write",
        "monitoring",
        "service.management.readonly",
        "servicecontrol",
        "trace.append",
    )
]
MANAGED = {"autoRepair": True, "autoUpgrade": True}
NODE: Json = {
    "diskSizeGb": 100,
    "diskType": "pd-balanced",
    "effectiveCgroupMode": "EFFECTIVE_CGROUP_MODE_V2",
    "imageType": "COS_CONTAINERD",
    "kubeletConfig": {"insecureKubeletReadonlyPortEnabled": False, "maxParallelImagePulls": 2},
    "machineType": "e2-medium",
    "metadata": {"disable-legacy-endpoints": "true"},
    "oauthScopes": SCOPES,
    "resourceLabels": {"goog-gke-node-pool-provisioning-model": "on-demand"},
    "serviceAccount": "default",
    "shieldedInstanceConfig": {"enableIntegrityMonitoring": True},
    "windowsNodeConfig": {},
}
POOL: Json = {
    "config": NODE,
    "management": MANAGED,
    "maxPodsConstraint": {"maxPodsPerNode": "110"},
    "networkConfig": {"networkTierConfig": {"networkTier": "NETWORK_TIER_DEFAULT"}},
    "podIpv4CidrSize": 24,
    "upgradeSettings": {"maxSurge": 1, "strategy": "SURGE"},
}
CLUSTER: Json = {
    "addonsConfig": {
        "dnsCacheConfig": {"enabled": True},
        "gcePersistentDiskCsiDriverConfig": {"enabled": True},
        "kubernetesDashboard": {"disabled": True},
        "networkPolicyConfig": {"disabled": True},
    },
    "autopilot": {},
    "autoscaling": {
        "autoprovisioningNodePoolDefaults": {
            "imageType": "COS_CONTAINERD",
            "management": MANAGED,
            "oauthScopes": SCOPES,
            "serviceAccount": "default",
        },
        "autoscalingProfile": "BALANCED",
    },
    "binaryAuthorization": {},
    "controlPlaneEgress": {"mode": "VIA_CONTROL_PLANE"},
    "controlPlaneEndpointsConfig": {
        "dnsEndpointConfig": {
            "allowExternalTraffic": False,
            "enableK8sCertsViaDns": False,
            "enableK8sTokensViaDns": False,
        },
        "ipEndpointsConfig": {
            "authorizedNetworksConfig": {"gcpPublicCidrsAccessEnabled": True},
            "enablePublicEndpoint": True,
            "enabled": True,
        },
    },
    "databaseEncryption": {"currentState": "CURRENT_STATE_DECRYPTED", "state": "DECRYPTED"},
    "defaultMaxPodsConstraint": {"maxPodsPerNode": "110"},
    "enterpriseConfig": {"clusterTier": "STANDARD"},
    "ipAllocationPolicy": {
        "clusterIpv4CidrBlock": "10.112.0.0/14",
        "servicesIpv4CidrBlock": "34.118.224.0/20",
        "networkTierConfig": {"networkTier": "NETWORK_TIER_DEFAULT"},
        "podCidrOverprovisionConfig": {},
        "stackType": "IPV4",
        "useIpAliases": True,
    },
    "legacyAbac": {},
    "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
    "loggingService": "logging.googleapis.com/kubernetes",
    "masterAuth": {"clientCertificateConfig": {}},
    "monitoringConfig": {
        "advancedDatapathObservabilityConfig": {},
        "componentConfig": {
            "enableComponents": [
                "SYSTEM_COMPONENTS",
                "STORAGE",
                "HPA",
                "POD",
                "DAEMONSET",
                "DEPLOYMENT",
                "STATEFULSET",
                "CADVISOR",
                "KUBELET",
                "DCGM",
                "JOBSET",
            ]
        },
        "managedPrometheusConfig": {"enabled": True},
    },
    "monitoringService": "monitoring.googleapis.com/kubernetes",
    "network": "default",
    "networkConfig": {"defaultSnatStatus": {}, "serviceExternalIpsConfig": {}},
    "nodePoolAutoConfig": {"nodeKubeletConfig": {"insecureKubeletReadonlyPortEnabled": False}},
    "nodePoolDefaults": {
        "nodeConfigDefaults": {
            "loggingConfig": {"variantConfig": {"variant": "DEFAULT"}},
            "nodeKubeletConfig": {"insecureKubeletReadonlyPortEnabled": False},
        }
    },
    "notificationConfig": {"pubsub": {}},
    "podAutoscaling": {"hpaProfile": "PERFORMANCE"},
    "rbacBindingConfig": {
        "enableInsecureBindingSystemAuthenticated": True,
        "enableInsecureBindingSystemUnauthenticated": True,
    },
    "securityPostureConfig": {"mode": "BASIC"},
    "shieldedNodes": {"enabled": True},
    "subnetwork": "default",
    "userManagedKeysConfig": {},
}
# What the defaults of a minor add. Source: the same recordings, of 1.34 and of 1.35.
OLDER: Json = {"anonymousAuthenticationConfig": {"mode": "ENABLED"}}
NEWER: Json = {
    "addonsConfig": {"nodeReadinessConfig": {}},
    "anonymousAuthenticationConfig": {"mode": "LIMITED"},
    "nodeCreationConfig": {"nodeCreationMode": "VIA_KUBELET"},
}
NEWER_FROM = 35
AUTOPILOT: Json = {
    "autopilot": {"enabled": True},
    "autoscaling": {"enableNodeAutoprovisioning": True, "autoscalingProfile": "OPTIMIZE_UTILIZATION"},
    "networkConfig": {"datapathProvider": "ADVANCED_DATAPATH", "enableIntraNodeVisibility": True},
    "verticalPodAutoscaling": {"enabled": True},
}
# Blocks whose members are filled in one by one; any other block that a request sets is its own business.
OPEN = frozenset(
    [
        "addons_config",
        "authorized_networks_config",
        "autoscaling",
        "config",
        "control_plane_endpoints_config",
        "dns_endpoint_config",
        "ip_allocation_policy",
        "ip_endpoints_config",
        "kubelet_config",
        "monitoring_config",
        "network_config",
    ]
)


Template = t.Literal["Cluster", "NodePool", "Autopilot", "Older", "Newer"]
DOCUMENTS: dict[Template, Json] = {
    "Cluster": CLUSTER,
    "NodePool": POOL,
    "Autopilot": AUTOPILOT,
    "Older": OLDER,
    "Newer": NEWER,
}


@functools.cache
def template(kind: Template) -> Message:
    return protocol.message("NodePool" if kind == "NodePool" else "Cluster", DOCUMENTS[kind])


def fill(found: Message, model: Message) -> None:
    """Set what ``found`` leaves open to what the model says."""
    for field, value in model.ListFields():
        if field.is_repeated:
            _fill_list(found, field, value)
        elif field.message_type is not None:
            if not found.HasField(field.name):
                getattr(found, field.name).CopyFrom(value)
                getattr(found, field.name).SetInParent()
            elif field.name in OPEN:
                fill(getattr(found, field.name), value)
        elif not (found.HasField(field.name) if field.has_presence else getattr(found, field.name)):
            setattr(found, field.name, value)


def _fill_list(found: Message, field: t.Any, value: t.Any) -> None:
    mapped = field.message_type is not None and field.message_type.GetOptions().map_entry
    if mapped:
        for key, item in value.items():
            _keep(getattr(found, field.name), key, item)
    elif not getattr(found, field.name):
        getattr(found, field.name).extend(value)


def _keep(mapping: t.Any, key: str, item: t.Any) -> None:
    if key not in mapping:
        mapping[key] = item


def short(name: str) -> str:
    """Return the last part of a network's or subnetwork's path."""
    return name.rpartition("/")[2]


def fill_cluster(record: Message, location: str, project: Project) -> None:
    """Fill in a cluster that is being created."""
    if record.autopilot.enabled:
        fill(record, template("Autopilot"))
        record.workload_identity_config.workload_pool = f"{project.id}.svc.id.goog"
    channel = enum_name(record.release_channel, "channel")
    minor = offers.minor_number(offers.resolved(record.initial_cluster_version, channel) or "")
    fill(record, template("Newer" if minor >= NEWER_FROM else "Older"))
    fill(record, template("Cluster"))
    if not record.release_channel.channel and not record.HasField("release_channel"):
        channel = offers.channel_for(record.initial_cluster_version)
        record.release_channel.channel = enum("ReleaseChannel", "channel", channel)
    _addresses(record, location, project)


def _addresses(record: Message, location: str, project: Project) -> None:
    """Give pods and services the blocks of the ranges that were named, or generated ones."""
    policy = record.ip_allocation_policy
    found = project.subnetwork(region_of(location), short(record.subnetwork))
    ranges = found.secondary if found else {}
    for field, base in (("cluster_ipv4_cidr_block", "10.112.0.0"), ("services_ipv4_cidr_block", "34.118.224.0")):
        asked = getattr(policy, field)
        setattr(policy, field, f"{base}{asked}" if asked.startswith("/") else asked)  # a size alone: any block of it
    pods = ranges.get(policy.cluster_secondary_range_name)
    if pods:
        policy.cluster_ipv4_cidr_block = pods
    else:
        policy.cluster_secondary_range_name = f"gke-{record.name}-pods-9bba598d"
    services = ranges.get(policy.services_secondary_range_name)
    if services:
        policy.services_ipv4_cidr_block = services
    for holder in (policy, record):  # the same two blocks, three times in all
        holder.cluster_ipv4_cidr = policy.cluster_ipv4_cidr_block
        holder.services_ipv4_cidr = policy.services_ipv4_cidr_block


def fill_pool(record: Message, cluster: Message, location: str) -> None:
    """Fill in a pool that is being created."""
    if record.config.spot:
        record.config.resource_labels["goog-gke-node-pool-provisioning-model"] = "spot"
    fill(record, template("NodePool"))
    if not record.locations:
        record.locations.extend(cluster.locations or zones_of(location)[:3])
    config = record.config
    if config.HasField("boot_disk"):
        config.disk_type = config.boot_disk.disk_type or config.disk_type
        config.disk_size_gb = int(config.boot_disk.size_gb or config.disk_size_gb)
    config.boot_disk.disk_type, config.boot_disk.size_gb = config.disk_type, config.disk_size_gb
    record.network_config.subnetwork = cluster.network_config.subnetwork
    record.network_config.pod_range = (
        record.network_config.pod_range or cluster.ip_allocation_policy.cluster_secondary_range_name
    )
    record.network_config.pod_ipv4_cidr_block = cluster.ip_allocation_policy.cluster_ipv4_cidr_block
    if record.autoscaling.enabled and not record.initial_node_count:
        record.initial_node_count = max(record.autoscaling.min_node_count, 1)


def override(record: Message, project: str, location: str) -> None:
    """Make what the service insists on so, whatever was asked."""
    record.addons_config.gce_persistent_disk_csi_driver_config.enabled = True
    record.ip_allocation_policy.use_ip_aliases = True
    network, subnetwork = short(record.network), short(record.subnetwork)
    record.network, record.subnetwork = network, subnetwork
    record.network_config.network = f"projects/{project}/global/networks/{network}"
    region = region_of(location)
    record.network_config.subnetwork = f"projects/{project}/regions/{region}/subnetworks/{subnetwork}"
    _encryption(record)
    _drop_empty(record)


def _drop_empty(record: Message) -> None:
    """Blocks that a client sent empty are not there when it reads."""
    for holder, name in ((record, "network_policy"), (record.maintenance_policy, "window")):
        if not getattr(holder, name).ListFields():
            holder.ClearField(name)
    endpoints = record.control_plane_endpoints_config.ip_endpoints_config
    if not endpoints.global_access:
        endpoints.ClearField("global_access")


def _encryption(record: Message) -> None:
    """Source: research/cloud-clusters.md 2.3: from 1.35 on, all objects are encrypted once a key is set."""
    found = record.database_encryption
    state = enum_name(found, "state")
    all_objects = offers.minor_number(record.current_master_version or record.initial_cluster_version) >= 35
    shown = {
        "ENCRYPTED": "CURRENT_STATE_ALL_OBJECTS_ENCRYPTION_ENABLED" if all_objects else "CURRENT_STATE_ENCRYPTED",
        "ALL_OBJECTS_ENCRYPTION_ENABLED": "CURRENT_STATE_ALL_OBJECTS_ENCRYPTION_ENABLED",
    }
    found.current_state = enum("DatabaseEncryption", "current_state", shown.get(state, "CURRENT_STATE_DECRYPTED"))


def adopt_older_names(record: Message) -> None:
    """Take what a request said in the older fields into controlPlaneEndpointsConfig, which rules."""
    endpoints, private = record.control_plane_endpoints_config.ip_endpoints_config, record.private_cluster_config
    if record.HasField("master_authorized_networks_config") and not endpoints.HasField("authorized_networks_config"):
        endpoints.authorized_networks_config.CopyFrom(record.master_authorized_networks_config)
    if private.enable_private_endpoint and not endpoints.HasField("enable_public_endpoint"):
        endpoints.enable_public_endpoint = False
    if private.enable_private_nodes and not record.network_config.HasField("default_enable_private_nodes"):
        record.network_config.default_enable_private_nodes = True


def mirror(record: Message) -> None:
    """Repeat controlPlaneEndpointsConfig and the private nodes in the older fields, as the service does."""
    endpoints, private = record.control_plane_endpoints_config.ip_endpoints_config, record.private_cluster_config
    if not endpoints.authorized_networks_config.HasField("gcp_public_cidrs_access_enabled"):
        endpoints.authorized_networks_config.gcp_public_cidrs_access_enabled = True
    record.master_authorized_networks_config.CopyFrom(endpoints.authorized_networks_config)
    private.enable_private_endpoint = not endpoints.enable_public_endpoint
    private.enable_private_nodes = record.network_config.default_enable_private_nodes
    private.public_endpoint, private.private_endpoint = endpoints.public_endpoint, endpoints.private_endpoint
