# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know of Amazon EKS clusters, and how they could be upgraded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_cluster_info
short_description: Read Amazon EKS clusters and how they could be upgraded
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - Returns one cluster, or all of the account in a region, each as M(seaworthy.platform.eks_cluster) returns it.
  - Adds the versions that each could be upgraded to, until when these are supported, and what is in the way.
  - Reads only. What the credentials may not read is named in RV(clusters[].unknown) and never taken for absent.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.eks
  - seaworthy.platform._aws_place
options:
  name:
    description:
      - Name of the cluster. Unset, all clusters of the region are returned.
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
  - The actions that the credentials need are C(sts:GetCallerIdentity), C(eks:ListClusters), C(eks:Describe*),
    C(eks:List*).
seealso:
  - module: seaworthy.platform.eks_cluster
  - plugin: seaworthy.platform.managed_clusters
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Read one cluster
  seaworthy.platform.eks_cluster_info:
    name: prod-eu-1
    region: eu-west-1
  register: prod

- name: Stop where something stands in the way of the next version
  ansible.builtin.assert:
    that: prod.clusters[0].upgrade.blockers == []
    fail_msg: "{{ prod.clusters[0].upgrade.blockers | map(attribute='message') | join('; ') }}"

- name: Read every cluster of a region
  seaworthy.platform.eks_cluster_info:
    region: eu-west-1
  register: all

- name: Name those whose standard support ends within 90 days
  ansible.builtin.debug:
    msg: "{{ all.clusters | selectattr('support.standard_end', 'lt', limit) | map(attribute='name') }}"
  vars:
    limit: "{{ '%Y-%m-%d' | strftime(now(fmt='%s') | int + 90 * 86400) }}"
"""

RETURN = r"""
clusters:
  description: The clusters that there are; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    cloud:
      description: Always V(eks).
      type: str
      sample: eks
    id:
      description: ARN of the cluster.
      type: str
      sample: arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu-1
    name:
      description: Name of the cluster.
      type: str
      sample: prod-eu-1
    location:
      description: AWS region.
      type: str
      sample: eu-west-1
    account:
      description: AWS account.
      type: str
      sample: "111122223333"
    exists:
      description: Whether there is a cluster.
      type: bool
      sample: true
    state:
      description: One of V(absent), V(creating), V(ready), V(updating), V(degraded), V(failed), V(deleting).
      type: str
      sample: ready
    raw_status:
      description: The same in the words of EKS.
      type: str
      sample: ACTIVE
    version:
      description: Kubernetes minor version of the control plane.
      type: str
      sample: "1.36"
    support:
      description: Support tier, and the dates on which standard and extended support end where they were read.
      type: dict
      sample: {tier: standard, standard_end: "", extended_end: ""}
    endpoint:
      description: URL of the API server.
      type: str
      sample: https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com
    endpoint_access:
      description: Who reaches it.
      type: dict
      sample: {public: true, private: true, allowed_cidrs: [203.0.113.0/24]}
    ca:
      description: Certificate authority as PEM text.
      type: str
      sample: "-----BEGIN CERTIFICATE-----"
    ca_data:
      description: The same in base64, as EKS returns it.
      type: str
      sample: LS0tLS1CRUdJTi...
    mode:
      description: Whether EKS runs the nodes (V(auto), EKS Auto Mode) or not (V(standard)).
      type: str
      sample: standard
    provides:
      description: What the cluster carries without our doing.
      type: dict
      sample: {dns: coredns, network: vpc-cni, metrics_server: false, storage_driver: "", storage_classes: [gp2]}
    access_mode:
      description: Where the cluster learns who may enter.
      type: str
      sample: api
    access:
      description: ARNs of the principals that have an access entry, where these were read.
      type: list
      elements: str
      sample: [arn:aws:iam::111122223333:role/platform-admin]
    addons:
      description: EKS add-ons with name, version, state and health, where these were read.
      type: list
      elements: dict
      sample: [{name: vpc-cni, version: v1.20.4-eksbuild.2, state: ready, health: []}]
    encryption:
      description: Key that Secrets are encrypted with.
      type: dict
      sample: {kms_key: null}
    oidc_issuer:
      description: URL of the cluster's OIDC issuer.
      type: str
      sample: https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE
    network:
      description: VPC, subnets, security groups, service range and address family.
      type: dict
      sample: {vpc: vpc-0123456789abcdef0, service_cidr: 172.20.0.0/16, ip_family: ipv4}
    logging:
      description: Control plane logs that are written.
      type: list
      elements: str
      sample: [api, audit]
    tags:
      description: Tags, keys verbatim.
      type: dict
      sample: {CostCenter: "4711"}
    owner:
      description: Value of the ownership tag, empty if there is none.
      type: str
      sample: seaworthy.platform
    deletion_protection:
      description: Whether deletion is refused by AWS.
      type: bool
      sample: true
    node_pools:
      description: Node pools with name, state, version, image, instance types, size, labels, taints, spot and health.
      type: list
      elements: dict
      sample: [{name: system, state: ready, version: "1.36"}]
    health:
      description: What EKS finds wrong, each with code, message and resources.
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
            - Newer versions that EKS offers, oldest first, each with C(version), the number of C(hops) to it, its
              C(tier) of support today, and the days C(standard_end) and C(extended_end).
          type: list
          elements: dict
          sample: [{version: "1.36", hops: 1, tier: standard, standard_end: "2027-08-03", extended_end: "2028-08-03"}]
        blockers:
          description:
            - What has to be done before the next hop, each with C(code), C(message) and C(resources); pools that would
              fall too far behind, work that runs, and the upgrade insights of EKS.
          type: list
          elements: dict
          sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import EKS_CLUSTER_INFO, cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **EKS_CLUSTER_INFO.keywords())
    leave(module, lambda: cluster_info("eks", module.params))


if __name__ == "__main__":
    main()
