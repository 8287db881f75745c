# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an AKS cluster is made of: one row a field. Argument spec, diff, payload and documentation come from here.

A ``group`` is what travels in one request: everything of the cluster's own record goes in one PUT, since Azure takes
few of them; what is a resource of its own (lock, diagnostic setting, maintenance configuration) goes in its own.
Paths are those of the ARM resource, with its child resources beside its own members.
"""

from __future__ import annotations

import typing as t

from .. import compare, rules
from ..options import Field, Option
from . import codecs
from . import rules as aks_rules

CREATE = "AKS managedClusters PUT, at creation"
UPDATE = "AKS managedClusters PUT"
NETWORK = "properties.networkProfile"
SECURITY = "properties.securityProfile"
ENTRA = "properties.aadProfile"
UPGRADES = "maintenanceConfigurations.aksManagedAutoUpgradeSchedule"
NODE_IMAGES = "maintenanceConfigurations.aksManagedNodeOSUpgradeSchedule"
MAINTENANCE = "AKS maintenanceConfigurations PUT"

GROUP_ORDER = ("config", "logging", "upgrade_window", "node_window")


def addon(name: str, path: str, title: str) -> Field:
    return Field(
        path=f"addons.{name}.state",
        type="str",
        kind="update",
        api=f"properties.{path}.enabled",
        group="config",
        call="edit_cluster",
        source=UPDATE + f": {path}",
        codec=codecs.ENABLED,
        choices=("present", "absent"),
        doc=(f"Whether {title} runs.",),
    )


ADDONS = (
    addon("azure_policy", "addonProfiles.azurepolicy", "Azure Policy for Kubernetes"),
    addon("key_vault", "addonProfiles.azureKeyvaultSecretsProvider", "the Key Vault provider of the secrets store"),
    addon("app_routing", "ingressProfile.webAppRouting", "the application routing add-on (ingress)"),
    addon("keda", "workloadAutoScalerProfile.keda", "KEDA"),
    addon("vertical_pod_autoscaling", "workloadAutoScalerProfile.verticalPodAutoscaler", "the vertical Pod autoscaler"),
    addon("image_cleaner", "securityProfile.imageCleaner", "the image cleaner"),
    addon("blob_csi_driver", "storageProfile.blobCSIDriver", "the CSI driver of Blob storage"),
    addon("file_csi_driver", "storageProfile.fileCSIDriver", "the CSI driver of Azure Files"),
    addon("cost_analysis", "metricsProfile.costAnalysis", "cost analysis (not on tier free)"),
)


def network(path: str, api: str, doc: str, **options: t.Any) -> Field:
    """Return a row of the network that only a creation sets."""
    place = f"{NETWORK}.{api}"
    return Field(path=f"network.{path}", type="str", kind="immutable", api=place, source=CREATE, doc=(doc,), **options)


NETWORKING = (
    network("pod_cidr", "podCidr", "IPv4 range of Pod addresses.", compare=compare.as_range, rule=rules.cidr),
    network("service_cidr", "serviceCidr", "IPv4 range of Services.", compare=compare.as_range, rule=rules.cidr),
    network(
        "dns_service_ip",
        "dnsServiceIP",
        "Address of the cluster's DNS within O(network.service_cidr); unset with that range, its tenth.",
        rule=rules.matches(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", "an IPv4 address"),
    ),
    network(
        "ip_family",
        "ipFamilies",
        "Address families of Pods and Services.",
        codec=codecs.FAMILIES,
        choices=("ipv4", "dual"),
    ),
)

CLUSTER_FIELDS: tuple[Field, ...] = (
    Field(
        path="version",
        type="version",
        kind="update",
        api="properties.currentKubernetesVersion",
        create_api="properties.kubernetesVersion",
        update_api="properties.kubernetesVersion",
        group="version",
        call="edit_cluster",
        source=UPDATE + ": kubernetesVersion alone, one minor at a time; pools by their own",
        rule=aks_rules.version,
        doc=(
            'Kubernetes version, in quotes: a minor, V("1.36"), or an exact one, V("1.36.2").',
            "A newer one upgrades the control plane hop by hop, then each node pool once. An older one is refused, "
            "unless O(maintenance.channel) moves the cluster on, where it is a floor. Unset at creation, AKS chooses.",
        ),
    ),
    Field(
        path="mode",
        type="str",
        kind="immutable",
        api="sku.name",
        source=CREATE,
        codec=codecs.AUTO,
        choices=("standard", "auto"),
        doc=("V(auto) is AKS Automatic, which makes the nodes of workloads itself.",),
    ),
    Field(
        path="tier",
        type="str",
        kind="update",
        api="sku.tier",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": sku.tier",
        codec=codecs.TIER,
        choices=("free", "standard", "premium"),
        doc=("Pricing tier of the control plane. V(free) has no SLA; V(premium) is what extended support needs.",),
    ),
    Field(
        path="support",
        type="str",
        kind="update",
        api="properties.supportPlan",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": supportPlan; AKSLongTermSupport needs sku.tier Premium",
        codec=codecs.SUPPORT,
        choices=("standard", "extended"),
        doc=("V(extended) is long-term support of the version, which costs extra and makes O(tier) V(premium).",),
    ),
    *NETWORKING,
    Field(
        path="network.policy_engine",
        type="str",
        kind="one_way",
        api=f"{NETWORK}.networkPolicy",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": networkPolicy may become cilium, never anything else",
        codec=codecs.ENGINE,
        forward=lambda _observed, desired: desired == "cilium",
        choices=("none", "azure", "calico", "cilium"),
        doc=("What enforces network policies. It may become V(cilium) later, with its data plane, and nothing else.",),
    ),
    Field(
        path="network.outbound",
        type="str",
        kind="update",
        api=f"{NETWORK}.outboundType",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": outboundType",
        codec=codecs.OUTBOUND_TYPE,
        choices=tuple(codecs.OUTBOUND),
        doc=("How nodes reach the internet. V(routing) and V(user_nat_gateway) need a subnet that is prepared so.",),
    ),
    Field(
        path="endpoint.private",
        type="bool",
        kind="immutable",
        api="properties.apiServerAccessProfile.enablePrivateCluster",
        source=CREATE,
        codec=compare.SWITCH,
        doc=("Whether the API server answers on a private address only.",),
    ),
    Field(
        path="endpoint.public",
        type="bool",
        kind="immutable",
        api="properties.apiServerAccessProfile.enablePrivateCluster",
        source=CREATE,
        codec=codecs.NOT,
        doc=("The opposite of O(endpoint.private): an AKS cluster answers in one of both places.",),
    ),
    Field(
        path="endpoint.private_dns_zone",
        type="str",
        kind="immutable",
        api="properties.apiServerAccessProfile.privateDNSZone",
        source=CREATE,
        compare=codecs.same_name,
        rule=aks_rules.private_zone,
        doc=("Where the name of a private API server is kept: V(system), V(none), or the id of a zone of yours.",),
    ),
    Field(
        path="endpoint.allowed_cidrs",
        type="list",
        elements="str",
        kind="update",
        api="properties.apiServerAccessProfile.authorizedIPRanges",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": authorizedIPRanges; an empty list is no restriction",
        compare=compare.as_ranges,
        codec=codecs.NETWORKS,
        rule=rules.cidr,
        doc=(
            "Ranges that may reach a public API server; V(0.0.0.0/0) lifts the restriction.",
            "AKS cannot express none: an empty list is refused.",
        ),
    ),
    Field(
        path="encryption.kms_key",
        type="str",
        kind="update",
        api=f"{SECURITY}.azureKeyVaultKms",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": securityProfile.azureKeyVaultKms",
        compare=codecs.same_name,
        codec=codecs.KEY,
        rule=aks_rules.kms_key,
        doc=("Key Vault key that etcd's data is encrypted with. An empty text removes it.",),
    ),
    Field(
        path="identity.control_plane",
        type="str",
        kind="update",
        api="identity",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": identity",
        compare=codecs.same_name,
        codec=codecs.IDENTITY,
        rule=aks_rules.identity,
        doc=("User-assigned identity of the control plane, by id; unset at creation, AKS makes one of its own.",),
    ),
    Field(
        path="identity.workload",
        type="bool",
        kind="update",
        api=f"{SECURITY}.workloadIdentity.enabled",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": securityProfile.workloadIdentity; its OIDC issuer stays on once it is",
        codec=compare.SWITCH,
        doc=("Whether service accounts of Kubernetes may act as identities of Azure. Switches the OIDC issuer on.",),
    ),
    Field(
        path="identity.entra_admin_groups",
        type="list",
        elements="str",
        kind="update",
        api=f"{ENTRA}.adminGroupObjectIDs",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": aadProfile.adminGroupObjectIDs",
        compare=codecs.same_names,
        codec=compare.SORTED,
        rule=aks_rules.object_id,
        doc=("Entra groups whose members are administrators of the cluster, by object id; the whole of them.",),
    ),
    Field(
        path="identity.azure_rbac",
        type="bool",
        kind="update",
        api=f"{ENTRA}.enableAzureRBAC",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": aadProfile.enableAzureRBAC",
        codec=compare.SWITCH,
        doc=("Whether role assignments of Azure give rights in the cluster, beside Kubernetes' own RBAC.",),
    ),
    Field(
        path="identity.local_accounts",
        type="bool",
        kind="update",
        api="properties.disableLocalAccounts",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": disableLocalAccounts",
        codec=codecs.NOT,
        create_default=False,
        doc=(
            "Whether AKS gives out certificates of a built-in administrator. We need none: tokens of Microsoft Entra "
            "ID open the cluster. Unset at creation it is V(false); unset later it is left alone.",
        ),
    ),
    Field(
        path="maintenance.channel",
        type="str",
        kind="update",
        api="properties.autoUpgradeProfile.upgradeChannel",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": autoUpgradeProfile.upgradeChannel",
        codec=codecs.CHANNEL,
        choices=codecs.CHANNELS,
        doc=("What AKS upgrades on its own: V(patch) versions, minors (V(stable), V(rapid)), V(node-image), V(none).",),
    ),
    Field(
        path="maintenance.node_channel",
        type="str",
        kind="update",
        api="properties.autoUpgradeProfile.nodeOSUpgradeChannel",
        group="config",
        call="edit_cluster",
        source=UPDATE + ": autoUpgradeProfile.nodeOSUpgradeChannel",
        codec=codecs.NODE_CHANNEL,
        choices=tuple(codecs.NODE_CHANNELS),
        doc=("How the operating system of nodes is updated.",),
    ),
    *ADDONS,
    Field(
        path="logging",
        type="list",
        elements="str",
        kind="update",
        api="diagnosticSettings",
        group="logging",
        call="put_diagnostics",
        source="Azure Monitor diagnosticSettings PUT, a resource beside the cluster",
        compare=compare.as_set,
        codec=codecs.LOGGING,
        choices=codecs.LOG_TYPES,
        doc=(
            "Control plane logs that are written to O(logging_workspace), by a diagnostic setting of ours. An empty "
            "list removes that setting; those of others are left alone.",
        ),
    ),
    Field(
        path="logging_workspace",
        type="str",
        kind="update",
        api=f"diagnosticSettings.{codecs.SETTING}.workspaceId",
        group="logging",
        call="put_diagnostics",
        source="Azure Monitor diagnosticSettings PUT: workspaceId",
        compare=codecs.same_name,
        rule=aks_rules.workspace,
        doc=("Log Analytics workspace that O(logging) is written to, by id.",),
    ),
    Field(
        path="maintenance.window",
        type="dict",
        kind="update",
        api=f"{UPGRADES}.maintenanceWindow",
        group="upgrade_window",
        call="put_maintenance",
        source=MAINTENANCE + ": aksManagedAutoUpgradeSchedule, synchronous",
        compare=codecs.same_window,
        codec=codecs.WINDOW,
        rule=aks_rules.window,
        doc=(
            'When AKS may upgrade versions on its own, in UTC: C({start: "03:00", hours: "4"}) every day, with C(day) '
            "on one day of the week. An empty map lifts the window.",
        ),
    ),
    Field(
        path="maintenance.exclusions",
        type="map",
        kind="update",
        api=f"{UPGRADES}.maintenanceWindow.notAllowedDates",
        group="upgrade_window",
        call="put_maintenance",
        source=MAINTENANCE + ": notAllowedDates",
        compare=codecs.same_dates,
        codec=codecs.DATES,
        rows=(
            Option(path="start", type="str", required=True, rule=aks_rules.day, doc=("First day.",)),
            Option(path="end", type="str", required=True, rule=aks_rules.day, doc=("Last day.",)),
        ),
        doc=("Days on which O(maintenance.window) does not open, keyed by name; the whole of them.",),
    ),
    Field(
        path="maintenance.node_window",
        type="dict",
        kind="update",
        api=f"{NODE_IMAGES}.maintenanceWindow",
        group="node_window",
        call="put_maintenance",
        source=MAINTENANCE + ": aksManagedNodeOSUpgradeSchedule, synchronous",
        compare=codecs.same_window,
        codec=codecs.WINDOW,
        rule=aks_rules.window,
        doc=("When AKS may update the operating system of nodes, as in O(maintenance.window).",),
    ),
    Field(
        path="deletion_protection",
        type="bool",
        kind="update",
        api="locks",
        group="protection",
        call="put_lock",
        source="Azure Resource Manager locks PUT (CanNotDelete), a resource beside the cluster",
        codec=codecs.LOCKED,
        doc=(
            "Whether Azure refuses to delete the cluster, by a lock of ours. O(state=absent) needs V(false) here if "
            "there is one. Needs the right to write locks.",
        ),
    ),
)
