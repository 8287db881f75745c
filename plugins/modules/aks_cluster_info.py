# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know of Azure AKS clusters, and how they could be upgraded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: aks_cluster_info
short_description: Read Azure AKS clusters and how they could be upgraded
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - Returns one cluster, or all of the subscription in a location, each as M(seaworthy.platform.aks_cluster) returns it.
  - Adds the versions that each could be upgraded to, with which kind of support, and what is in the way.
  - Reads only. What the credentials may not read is named in RV(clusters[].unknown) and never taken for absent.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.aks
  - seaworthy.platform._azure_place
options:
  name:
    description:
      - Name of the cluster. Unset, all clusters of the location are returned.
    type: str
    required: false
  resource_group:
    description:
      - Resource group, needed with O(name). Unset, those of the whole subscription are meant.
    type: str
    required: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Nothing is changed.
  idempotent:
    support: full
  async:
    support: full
  platform:
    support: full
notes:
  - The role that the credentials need is Azure Kubernetes Service Cluster User, with Reader on the subscription.
seealso:
  - module: seaworthy.platform.aks_cluster
  - plugin: seaworthy.platform.managed_clusters
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Read one cluster
  seaworthy.platform.aks_cluster_info:
    name: prod-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
  register: prod

- name: Stop where something stands in the way of the next version
  ansible.builtin.assert:
    that: prod.clusters[0].upgrade.blockers == []
    fail_msg: "{{ prod.clusters[0].upgrade.blockers | map(attribute='message') | join('; ') }}"

- name: Read every cluster of a location, whatever its resource group
  seaworthy.platform.aks_cluster_info:
    subscription: 00000000-0000-0000-0000-000000000000
    location: westeurope
"""

RETURN = r"""
clusters:
  description: The clusters that there are; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    cloud:
      description: Always V(aks).
      type: str
      sample: aks
    id:
      description: Resource id of the cluster.
      type: str
      sample: /subscriptions/S/resourcegroups/platform/providers/Microsoft.ContainerService/managedClusters/prod-eu-1
    name:
      description: Name of the cluster.
      type: str
      sample: prod-eu-1
    location:
      description: Azure location.
      type: str
      sample: westeurope
    account:
      description: Subscription.
      type: str
      sample: 00000000-0000-0000-0000-000000000000
    resource_group:
      description: Resource group.
      type: str
      sample: platform
    exists:
      description: Whether there is a cluster.
      type: bool
      sample: true
    state:
      description: One of V(absent), V(creating), V(ready), V(updating), V(failed), V(stopped), V(deleting).
      type: str
      sample: ready
    raw_status:
      description: The same in the words of AKS.
      type: str
      sample: Succeeded
    version:
      description: Version of the control plane.
      type: str
      sample: 1.36.2
    support:
      description: Support tier; the dates are empty, since AKS tells none.
      type: dict
      sample: {tier: standard, standard_end: "", extended_end: ""}
    tier:
      description: Pricing tier of the control plane.
      type: str
      sample: standard
    mode:
      description: V(standard), or V(auto) for AKS Automatic.
      type: str
      sample: standard
    provides:
      description: What the cluster carries without our doing.
      type: dict
      sample: {dns: coredns, network: azure, metrics_server: true, storage_driver: disk.csi.azure.com}
    endpoint:
      description: URL of the API server.
      type: str
      sample: https://prod-eu-1-1a2b3c4d.hcp.westeurope.azmk8s.io:443
    endpoint_access:
      description: Who reaches it.
      type: dict
      sample: {public: true, private: false, private_dns_zone: null, allowed_cidrs: [203.0.113.0/24]}
    ca:
      description: Certificate authority as PEM text; empty where it could not be read.
      type: str
      sample: "-----BEGIN CERTIFICATE-----"
    ca_data:
      description: The same in base64, as AKS returns it.
      type: str
      sample: LS0tLS1CRUdJTi...
    oidc_issuer:
      description: URL of the cluster's OIDC issuer, empty without one.
      type: str
      sample: https://westeurope.oic.prod-aks.azure.com/TENANT/UID/
    network:
      description: Ranges, address family, policy engine and way out.
      type: dict
      sample: {service_cidr: 10.0.0.0/16, ip_family: ipv4, policy_engine: cilium}
    identity:
      description: Who works and who administers here; C(kubelet) is the object id that registries grant pulls to.
      type: dict
      sample: {workload: true, azure_rbac: false, kubelet: 00000000-0000-0000-0000-000000000003}
    encryption:
      description: The key that etcd's data is encrypted with, empty if there is none.
      type: dict
      sample: {kms_key: ""}
    logging:
      description: Control plane logs that our diagnostic setting writes.
      type: list
      elements: str
      sample: [api, audit]
    maintenance:
      description: Channels, windows and excluded days.
      type: dict
      sample: {channel: patch, window: {start: "03:00", hours: "4", day: Saturday}}
    tags:
      description: Tags, keys verbatim.
      type: dict
      sample: {cost-center: "4711"}
    owner:
      description: Value of the ownership tag, empty if there is none.
      type: str
      sample: seaworthy.platform
    deletion_protection:
      description: Whether a lock of ours refuses deletion.
      type: bool
      sample: true
    node_pools:
      description: Node pools with name, state, mode, version, image, instance types, size, labels, taints and health.
      type: list
      elements: dict
      sample: [{name: system, state: ready, version: "1.36"}]
    health:
      description: What AKS finds wrong, each with code, message and resources.
      type: list
      elements: dict
      sample: []
    unknown:
      description: What could not be read for want of a permission.
      type: list
      elements: str
      sample: []
    upgrade:
      description: How the control plane could be upgraded.
      type: dict
      contains:
        targets:
          description:
            - Newer minors that AKS offers with the cluster's own support plan, oldest first, each with C(version), the
              number of C(hops) to it and the support C(tier); of C(standard_end) and C(extended_end) AKS says nothing.
          type: list
          elements: dict
          sample: [{version: "1.36", hops: 1, tier: standard, standard_end: "", extended_end: ""}]
        blockers:
          description:
            - What has to be done before the next hop, each with C(code), C(message) and C(resources); pools that would
              fall too far behind, work that runs, a cluster that is stopped.
          type: list
          elements: dict
          sample: []
failure:
  description: What went wrong, for a machine; as of M(seaworthy.platform.aks_cluster).
  returned: failure
  type: dict
  sample: {class: permission}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import AKS_CLUSTER_INFO, cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **AKS_CLUSTER_INFO.keywords())
    leave(module, lambda: cluster_info("aks", module.params))


if __name__ == "__main__":
    main()
