# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AKS fills in where a request says nothing. Source: recordings/aks/aso-managedcluster-2025-10-02-preview.json."""

from __future__ import annotations

import copy
import hashlib
import ipaddress
import uuid

from . import offers
from .protocol import Json
from .rules import Place
from .subscription import Subscription, guid

POOL: Json = {
    "count": 1,
    "vmSize": "Standard_DS2_v2",
    "osDiskSizeGB": 128,
    "osDiskType": "Managed",
    "kubeletDiskType": "OS",
    "maxPods": 250,
    "type": "VirtualMachineScaleSets",
    "enableAutoScaling": False,
    "scaleDownMode": "Delete",
    "powerState": {"code": "Running"},
    "enableNodePublicIP": False,
    "mode": "User",
    "osType": "Linux",
    "osSKU": "Ubuntu",
    "nodeImageVersion": offers.NODE_IMAGE,
    "upgradeStrategy": "Rolling",
    "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"},
    "enableFIPS": False,
    "securityProfile": {"sshAccess": "LocalUser", "enableVTPM": False, "enableSecureBoot": False},
}
NETWORK: Json = {
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "networkPolicy": "none",
    "networkDataplane": "azure",
    "loadBalancerSku": "standard",
    "loadBalancerProfile": {"managedOutboundIPs": {"count": 1}, "backendPoolType": "nodeIPConfiguration"},
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.0.0.0/16",
    "outboundType": "loadBalancer",
    "ipFamilies": ["IPv4"],
    "podLinkLocalAccess": "IMDS",
}
PROPERTIES: Json = {
    "powerState": {"code": "Running"},
    "enableRBAC": True,
    "supportPlan": offers.STANDARD,
    "maxAgentPools": 100,
    "servicePrincipalProfile": {"clientId": "msi"},
    "disableLocalAccounts": False,
    "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage"},
    "securityProfile": {},
    "storageProfile": {
        "diskCSIDriver": {"enabled": True, "version": "v1"},
        "fileCSIDriver": {"enabled": True},
        "snapshotController": {"enabled": True},
    },
    "oidcIssuerProfile": {"enabled": False},
    "workloadAutoScalerProfile": {},
    "metricsProfile": {"costAnalysis": {"enabled": False}},
    "nodeProvisioningProfile": {"mode": "Manual", "defaultNodePools": "Auto"},
    "bootstrapProfile": {"artifactSource": "Direct"},
    "addonProfiles": {"extensionManager": {"enabled": True, "config": None}},
}


def below(document: Json, defaults: Json) -> None:
    """Lay defaults under a document."""
    for name, value in defaults.items():
        if isinstance(value, dict) and isinstance(document.get(name), dict):
            below(document[name], value)
        elif document.get(name) is None:
            document[name] = copy.deepcopy(value)


def fill_cluster(record: Json, place: Place, home: Subscription) -> None:
    properties = record["properties"]
    below(properties, PROPERTIES)
    below(properties.setdefault("networkProfile", {}), NETWORK)
    network = properties["networkProfile"]
    network.setdefault("dnsServiceIP", str(ipaddress.ip_network(network["serviceCidr"])[10]))
    network["podCidrs"], network["serviceCidrs"] = [network["podCidr"]], [network["serviceCidr"]]
    below(record, {"sku": {"name": "Base", "tier": "Free"}, "identity": {"type": "SystemAssigned"}, "tags": {}})
    automatic = record["sku"]["name"] == "Automatic"
    if automatic:
        properties["nodeProvisioningProfile"]["mode"] = "Auto"
        network.update(networkPolicy="cilium", networkDataplane="cilium")
    location = str(record["location"]).replace(" ", "").lower()
    group = f"MC_{place.group}_{place.cluster}_{location}"
    properties.setdefault("nodeResourceGroup", group)
    mark = hashlib.sha256(place.cluster_id.encode()).hexdigest()[:8]
    prefix = properties.get("dnsPrefix") or properties.get("fqdnSubdomain") or place.cluster
    properties["fqdn"] = f"{prefix}-{mark}.hcp.{location}.azmk8s.io"
    properties["azurePortalFQDN"] = f"{prefix}-{mark}.portal.hcp.{location}.azmk8s.io"
    properties["resourceUID"] = uuid.uuid4().hex[:24]
    record["identity"].setdefault("tenantId", home.tenant)
    record["identity"].setdefault("principalId", guid(f"identity of {place.cluster_id}"))
    if automatic or properties["oidcIssuerProfile"].get("enabled"):
        issue(record, home)


def issue(record: Json, home: Subscription) -> None:
    """Give the cluster its OIDC issuer. Source: AKS OIDC issuer; it is never taken away again."""
    location, uid = record["location"], record["properties"]["resourceUID"]
    url = f"https://{location}.oic.prod-aks.azure.com/{home.tenant}/{uid}/"
    record["properties"]["oidcIssuerProfile"] = {"enabled": True, "issuerURL": url}


def fill_pool(record: Json) -> None:
    below(record, POOL)
    if record.get("scaleSetPriority") == "Spot":
        below(record, {"scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1})
    if record["mode"] == "System" and record.get("count") == 0:
        record["count"] = 1


def kubelet_identity(record: Json, place: Place) -> Json:
    """Return the identity that nodes pull images with, made with the cluster."""
    group = f"/subscriptions/{place.subscription}/resourcegroups/{record['properties'].get('nodeResourceGroup', '')}"
    name = f"{place.cluster}-agentpool"
    return {
        "kubeletidentity": {
            "resourceId": f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}",
            "clientId": guid(f"client of {name}"),
            "objectId": guid(f"object of {name}"),
        }
    }
