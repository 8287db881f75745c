# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of requests, written from the public reference (Microsoft.ContainerService 2025-08-01 and its like).

A shape is a type of JSON, a list of one shape, a mapping of members to shapes (``*``: any name), or a set of the
words that a text may be. Members that only Azure writes are known and left aside: clients send back what they read.
"""

from __future__ import annotations

import typing as t

Shape = t.Any
ID, TEXT, BOOL, NUMBER, ANY = str, str, bool, int, object
TEXTS = [str]
ENABLED = {"enabled": BOOL}
MAP = {"*": TEXT}
POWER = {"code": {"Running", "Stopped"}}
STATUS = {"provisioningError": ANY}
IDENTITY = {"resourceId": ID, "clientId": TEXT, "objectId": TEXT}

UPGRADE_SETTINGS = {
    "maxSurge": TEXT,
    "maxUnavailable": TEXT,
    "drainTimeoutInMinutes": NUMBER,
    "nodeSoakDurationInMinutes": NUMBER,
    "undrainableNodeBehavior": {"Cordon", "Schedule"},
}
POOL_PROPERTIES: dict[str, Shape] = {
    "eTag": TEXT,
    "count": NUMBER,
    "vmSize": TEXT,
    "osDiskSizeGB": NUMBER,
    "osDiskType": {"Managed", "Ephemeral"},
    "kubeletDiskType": {"OS", "Temporary"},
    "workloadRuntime": {"OCIContainer", "WasmWasi", "KataVmIsolation"},
    "messageOfTheDay": TEXT,
    "vnetSubnetID": ID,
    "podSubnetID": ID,
    "podIPAllocationMode": {"DynamicIndividual", "StaticBlock"},
    "maxPods": NUMBER,
    "osType": {"Linux", "Windows"},
    "osSKU": {"Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux", "AzureLinux3", "CBLMariner", "Windows2022"},
    "maxCount": NUMBER,
    "minCount": NUMBER,
    "enableAutoScaling": BOOL,
    "scaleDownMode": {"Delete", "Deallocate"},
    "type": {"VirtualMachineScaleSets", "AvailabilitySet", "VirtualMachines"},
    "mode": {"System", "User", "Gateway"},
    "orchestratorVersion": TEXT,
    "currentOrchestratorVersion": TEXT,
    "nodeImageVersion": TEXT,
    "upgradeStrategy": {"Rolling", "BlueGreen"},
    "upgradeSettings": UPGRADE_SETTINGS,
    "provisioningState": TEXT,
    "powerState": POWER,
    "availabilityZones": TEXTS,
    "enableNodePublicIP": BOOL,
    "nodePublicIPPrefixID": ID,
    "scaleSetPriority": {"Regular", "Spot"},
    "scaleSetEvictionPolicy": {"Delete", "Deallocate"},
    "spotMaxPrice": NUMBER,
    "tags": MAP,
    "nodeLabels": MAP,
    "nodeTaints": TEXTS,
    "proximityPlacementGroupID": ID,
    "kubeletConfig": ANY,
    "linuxOSConfig": ANY,
    "enableEncryptionAtHost": BOOL,
    "enableUltraSSD": BOOL,
    "enableFIPS": BOOL,
    "gpuInstanceProfile": {"MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"},
    "creationData": {"sourceResourceId": ID},
    "capacityReservationGroupID": ID,
    "hostGroupID": ID,
    "networkProfile": ANY,
    "windowsProfile": ANY,
    "securityProfile": {"enableVTPM": BOOL, "enableSecureBoot": BOOL, "sshAccess": {"LocalUser", "Disabled"}},
    "gpuProfile": {"driver": {"Install", "None"}},
    "gatewayProfile": ANY,
    "localDNSProfile": ANY,
    "virtualMachinesProfile": ANY,
    "virtualMachineNodesStatus": ANY,
    "status": STATUS,
}
NETWORK = {
    "networkPlugin": {"azure", "kubenet", "none"},
    "networkPluginMode": {"overlay"},
    "networkPolicy": {"none", "calico", "azure", "cilium"},
    "networkMode": {"transparent", "bridge"},
    "networkDataplane": {"azure", "cilium"},
    "advancedNetworking": ANY,
    "podCidr": TEXT,
    "serviceCidr": TEXT,
    "dnsServiceIP": TEXT,
    "outboundType": {
        "loadBalancer",
        "userDefinedRouting",
        "managedNATGateway",
        "userAssignedNATGateway",
        "none",
    },
    "loadBalancerSku": {"standard", "basic"},
    "loadBalancerProfile": ANY,
    "natGatewayProfile": ANY,
    "staticEgressGatewayProfile": ANY,
    "podCidrs": TEXTS,
    "serviceCidrs": TEXTS,
    "ipFamilies": [{"IPv4", "IPv6"}],
    "podLinkLocalAccess": TEXT,
}
ENTRA = {
    "managed": BOOL,
    "enableAzureRBAC": BOOL,
    "adminGroupObjectIDs": TEXTS,
    "tenantID": TEXT,
    "clientAppID": TEXT,
    "serverAppID": TEXT,
    "serverAppSecret": TEXT,
}
ACCESS = {
    "authorizedIPRanges": TEXTS,
    "enablePrivateCluster": BOOL,
    "privateDNSZone": TEXT,
    "enablePrivateClusterPublicFQDN": BOOL,
    "disableRunCommand": BOOL,
    "enableVnetIntegration": BOOL,
    "subnetId": ID,
}
KMS = {"enabled": BOOL, "keyId": TEXT, "keyVaultNetworkAccess": {"Public", "Private"}, "keyVaultResourceId": ID}
CLUSTER_PROPERTIES: dict[str, Shape] = {
    "provisioningState": TEXT,
    "powerState": POWER,
    "maxAgentPools": NUMBER,
    "kubernetesVersion": TEXT,
    "currentKubernetesVersion": TEXT,
    "dnsPrefix": TEXT,
    "fqdnSubdomain": TEXT,
    "fqdn": TEXT,
    "privateFQDN": TEXT,
    "azurePortalFQDN": TEXT,
    "agentPoolProfiles": [{"name": TEXT, **POOL_PROPERTIES}],
    "linuxProfile": ANY,
    "windowsProfile": ANY,
    "servicePrincipalProfile": {"clientId": TEXT, "secret": TEXT},
    "addonProfiles": {"*": {"enabled": BOOL, "config": MAP, "identity": IDENTITY}},
    "podIdentityProfile": ANY,
    "oidcIssuerProfile": {"issuerURL": TEXT, "enabled": BOOL},
    "nodeResourceGroup": TEXT,
    "nodeResourceGroupProfile": {"restrictionLevel": {"Unrestricted", "ReadOnly"}},
    "enableRBAC": BOOL,
    "supportPlan": {"KubernetesOfficial", "AKSLongTermSupport"},
    "networkProfile": NETWORK,
    "aadProfile": ENTRA,
    "autoUpgradeProfile": {
        "upgradeChannel": {"rapid", "stable", "patch", "node-image", "none"},
        "nodeOSUpgradeChannel": {"None", "Unmanaged", "NodeImage", "SecurityPatch"},
    },
    "upgradeSettings": ANY,
    "autoScalerProfile": ANY,
    "apiServerAccessProfile": ACCESS,
    "diskEncryptionSetID": ID,
    "identityProfile": {"*": IDENTITY},
    "privateLinkResources": ANY,
    "disableLocalAccounts": BOOL,
    "httpProxyConfig": ANY,
    "securityProfile": {
        "defender": ANY,
        "azureKeyVaultKms": KMS,
        "workloadIdentity": ENABLED,
        "imageCleaner": {"enabled": BOOL, "intervalHours": NUMBER},
        "customCATrustCertificates": TEXTS,
    },
    "storageProfile": {
        "diskCSIDriver": {"enabled": BOOL, "version": TEXT},
        "fileCSIDriver": ENABLED,
        "snapshotController": ENABLED,
        "blobCSIDriver": ENABLED,
    },
    "ingressProfile": {"webAppRouting": ANY},
    "publicNetworkAccess": {"Enabled", "Disabled"},
    "workloadAutoScalerProfile": {"keda": ENABLED, "verticalPodAutoscaler": ENABLED},
    "azureMonitorProfile": ANY,
    "serviceMeshProfile": ANY,
    "resourceUID": TEXT,
    "metricsProfile": {"costAnalysis": ENABLED},
    "nodeProvisioningProfile": {"mode": {"Manual", "Auto"}, "defaultNodePools": {"None", "Auto"}},
    "bootstrapProfile": {"artifactSource": {"Direct", "Cache"}, "containerRegistryId": ID},
    "aiToolchainOperatorProfile": ENABLED,
    "status": STATUS,
}
CLUSTER: dict[str, Shape] = {
    "id": ID,
    "name": TEXT,
    "type": TEXT,
    "kind": TEXT,
    "eTag": TEXT,
    "location": TEXT,
    "tags": MAP,
    "sku": {"name": {"Base", "Automatic"}, "tier": {"Free", "Standard", "Premium"}},
    "extendedLocation": ANY,
    "identity": {
        "type": {"SystemAssigned", "UserAssigned", "None"},
        "principalId": TEXT,
        "tenantId": TEXT,
        "userAssignedIdentities": {"*": ANY},
        "delegatedResources": ANY,
    },
    "properties": CLUSTER_PROPERTIES,
    "systemData": ANY,
}
POOL: dict[str, Shape] = {"id": ID, "name": TEXT, "type": TEXT, "properties": POOL_PROPERTIES}
WINDOW = {
    "schedule": {
        "daily": {"intervalDays": NUMBER},
        "weekly": {
            "intervalWeeks": NUMBER,
            "dayOfWeek": {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
        },
        "absoluteMonthly": {"intervalMonths": NUMBER, "dayOfMonth": NUMBER},
        "relativeMonthly": {"intervalMonths": NUMBER, "weekIndex": TEXT, "dayOfWeek": TEXT},
    },
    "durationHours": NUMBER,
    "utcOffset": TEXT,
    "startDate": TEXT,
    "startTime": TEXT,
    "notAllowedDates": [{"start": TEXT, "end": TEXT}],
}
MAINTENANCE: dict[str, Shape] = {
    "id": ID,
    "name": TEXT,
    "type": TEXT,
    "properties": {"maintenanceWindow": WINDOW, "timeInWeek": ANY, "notAllowedTime": ANY},
}
LOCK: dict[str, Shape] = {
    "id": ID,
    "name": TEXT,
    "type": TEXT,
    "properties": {"level": {"CanNotDelete", "ReadOnly"}, "notes": TEXT, "owners": ANY},
}
DIAGNOSTICS: dict[str, Shape] = {
    "id": ID,
    "name": TEXT,
    "type": TEXT,
    "properties": {
        "workspaceId": ID,
        "storageAccountId": ID,
        "eventHubName": TEXT,
        "eventHubAuthorizationRuleId": ID,
        "marketplacePartnerId": ID,
        "logAnalyticsDestinationType": {"Dedicated", "AzureDiagnostics"},
        "logs": [{"category": TEXT, "categoryGroup": TEXT, "enabled": BOOL, "retentionPolicy": ANY}],
        "metrics": ANY,
    },
}
TAGS: dict[str, Shape] = {"tags": MAP}
BODIES: dict[str, Shape] = {
    "ManagedClusters_CreateOrUpdate": CLUSTER,
    "ManagedClusters_UpdateTags": TAGS,
    "AgentPools_CreateOrUpdate": POOL,
    "MaintenanceConfigurations_CreateOrUpdate": MAINTENANCE,
    "ManagementLocks_CreateOrUpdate": LOCK,
    "DiagnosticSettings_CreateOrUpdate": DIAGNOSTICS,
}
NAMES = {str: "string", bool: "boolean", int: "number", object: "anything"}


def problem(value: t.Any, shape: Shape, path: str = "") -> str:
    """Return what does not fit, in words, or an empty string. None fits everywhere: it is as good as not there."""
    if value is None or shape is ANY:
        return ""
    if isinstance(shape, dict):
        return _members(value, shape, path)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{path}: a list is expected"
        return next((found for item in value if (found := problem(item, shape[0], path))), "")
    if isinstance(shape, set):
        return "" if value in shape else f"{path}: {value!r} is none of {', '.join(sorted(shape))}"
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) if shape is int else type(value) is shape
    return "" if fits else f"{path}: a {NAMES[shape]} is expected"


def _members(value: t.Any, shape: t.Mapping[str, Shape], path: str) -> str:
    if not isinstance(value, dict):
        return f"{path}: an object is expected"
    for name, item in value.items():
        inner = shape.get(name, shape.get("*"))
        if inner is None:
            return f'unknown field "{f"{path}.{name}".lstrip(".")}"'
        found = problem(item, inner, f"{path}.{name}".lstrip("."))
        if found:
            return found
    return ""
