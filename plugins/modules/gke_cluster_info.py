# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know of Google Kubernetes Engine clusters, and how they could be upgraded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gke_cluster_info
short_description: Read Google Kubernetes Engine clusters and how they could be upgraded
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - Returns one cluster, or all of the project in a location, each as M(seaworthy.platform.gke_cluster) returns it.
  - Adds the versions that each could be upgraded to, until when its own is supported, and what is in the way.
  - Reads only. What the credentials may not read is named in RV(clusters[].unknown) and never taken for absent.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.gke
  - seaworthy.platform._google_place
options:
  name:
    description:
      - Name of the cluster. Unset, all clusters of the location are returned.
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
  - The role that the credentials need is Kubernetes Engine Cluster Viewer (roles/container.clusterViewer).
seealso:
  - module: seaworthy.platform.gke_cluster
  - plugin: seaworthy.platform.managed_clusters
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Read one cluster
  seaworthy.platform.gke_cluster_info:
    name: prod-eu-1
    project: my-project
    location: europe-west1
  register: prod

- name: Stop where something stands in the way of the next version
  ansible.builtin.assert:
    that: prod.clusters[0].upgrade.blockers == []
    fail_msg: "{{ prod.clusters[0].upgrade.blockers | map(attribute='message') | join('; ') }}"

- name: Read every cluster of a location
  seaworthy.platform.gke_cluster_info:
    project: my-project
    location: europe-west1
"""

RETURN = r"""
clusters:
  description: The clusters that there are; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    cloud:
      description: Always V(gke).
      type: str
      sample: gke
    id:
      description: Link of the cluster.
      type: str
      sample: https://container.googleapis.com/v1/projects/my-project/locations/europe-west1/clusters/prod-eu-1
    name:
      description: Name of the cluster.
      type: str
      sample: prod-eu-1
    location:
      description: Region or zone.
      type: str
      sample: europe-west1
    account:
      description: Project.
      type: str
      sample: my-project
    exists:
      description: Whether there is a cluster.
      type: bool
      sample: true
    state:
      description: One of V(absent), V(creating), V(ready), V(updating), V(degraded), V(failed), V(deleting).
      type: str
      sample: ready
    raw_status:
      description: The same in the words of GKE.
      type: str
      sample: RUNNING
    version:
      description: Version of the control plane.
      type: str
      sample: 1.36.1-gke.1207000
    support:
      description: Support tier, and the days on which standard and extended support of its version end.
      type: dict
      sample: {tier: standard, standard_end: "2027-04-24", extended_end: "2028-02-24"}
    channel:
      description: Release channel.
      type: str
      sample: regular
    mode:
      description: V(standard), or V(auto) for Autopilot.
      type: str
      sample: standard
    provides:
      description: What the cluster carries without our doing.
      type: dict
      sample: {dns: kube-dns, network: gke, metrics_server: true, storage_driver: pd.csi.storage.gke.io}
    endpoint:
      description: URL of the API server.
      type: str
      sample: https://203.0.113.7
    endpoint_access:
      description: Who reaches it.
      type: dict
      sample: {public: true, private: true, dns: false, allowed_cidrs: [203.0.113.0/24]}
    ca:
      description: Certificate authority as PEM text; empty where the API is reached by its DNS name.
      type: str
      sample: "-----BEGIN CERTIFICATE-----"
    ca_data:
      description: The same in base64, as GKE returns it.
      type: str
      sample: LS0tLS1CRUdJTi...
    oidc_issuer:
      description: URL of the cluster's OIDC issuer, empty without workload identity.
      type: str
      sample: https://container.googleapis.com/v1/projects/my-project/locations/europe-west1/clusters/prod-eu-1
    network:
      description: Network, subnetwork, ranges, address family and policy engine.
      type: dict
      sample: {network: platform, service_cidr: 34.118.224.0/20, ip_family: ipv4}
    encryption:
      description: The key that Secrets are encrypted with, empty if there is none.
      type: dict
      sample: {kms_key: ""}
    logging:
      description: Control plane logs that are written.
      type: list
      elements: str
      sample: [api, scheduler]
    tags:
      description: Labels, keys verbatim.
      type: dict
      sample: {cost-center: "4711"}
    owner:
      description: Value of the ownership label, empty if there is none.
      type: str
      sample: seaworthy-platform
    deletion_protection:
      description: Whether this module refuses deletion.
      type: bool
      sample: true
    node_pools:
      description: Node pools with name, state, version, image, instance types, size, labels, taints, spot and health.
      type: list
      elements: dict
      sample: [{name: system, state: ready, version: "1.36"}]
    health:
      description: What GKE finds wrong, each with code, message and resources.
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
            - Newer versions that the cluster's release channel offers, oldest first, each with C(version) and the
              number of C(hops) to it; of C(tier), C(standard_end) and C(extended_end) GKE says nothing beforehand.
          type: list
          elements: dict
          sample: [{version: 1.36.1-gke.1207000, hops: 1, tier: "", standard_end: "", extended_end: ""}]
        blockers:
          description:
            - What has to be done before the next hop, each with C(code), C(message) and C(resources); pools that would
              fall too far behind, and work that runs.
          type: list
          elements: dict
          sample: []
failure:
  description: What went wrong, for a machine; as of M(seaworthy.platform.gke_cluster).
  returned: failure
  type: dict
  sample: {class: permission}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import GKE_CLUSTER_INFO, cluster_info
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **GKE_CLUSTER_INFO.keywords())
    leave(module, lambda: cluster_info("gke", module.params))


if __name__ == "__main__":
    main()
