# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change and delete an Azure AKS cluster with its node pools."""

from __future__ import annotations

DOCUMENTATION = r"""
module: aks_cluster
short_description: Bring an Azure AKS cluster and its node pools to a desired state
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says what a cluster shall be. What it leaves out is left alone; an empty list or map is meant so.
  - Reads what there is, plans, performs the plan in the order that AKS accepts, waits, and reads again to be sure.
  - Refuses, before any write and all at once, what is wrong with the document and what cannot be changed.
  - A run that was cut short is resumed by the next one, which waits for what is running and starts nothing twice.
  - What has failed on the way is sent to AKS again as it is, which is how AKS repairs it.
  - Over a local connection the progress is shown while it happens.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.aks
  - seaworthy.platform._azure_place
  - seaworthy.platform._aks_cluster_run
  - seaworthy.platform._aks_cluster_fields
attributes:
  check_mode:
    support: full
    details: Plans against the real cluster, also where there is none yet; refuses what a run would refuse.
  diff_mode:
    support: full
    details: Only fields that the document manages.
  idempotent:
    support: full
  async:
    support: full
    details: Without the progress lines.
  platform:
    support: full
notes:
  - Only pools, tags and fields that the document names are touched, whatever else the record of the cluster holds goes
    back as it came. Clusters and pools without our tag are refused.
  - Clusters are made with Microsoft Entra ID, whose tokens open them. Whoever runs this needs to be in one of
    O(identity.entra_admin_groups), or the role Azure Kubernetes Service RBAC Cluster Admin with O(identity.azure_rbac).
  - The permissions that the credentials need are those of the role Azure Kubernetes Service Contributor, and for
    O(deletion_protection) the right to write locks.
  - All changes of the cluster's own record travel in one request, and all of a pool in another, since Azure takes few.
  - Node pools go up one minor at a time, as the control plane does.
seealso:
  - module: seaworthy.platform.aks_cluster_info
  - module: seaworthy.platform.eks_cluster
  - module: seaworthy.platform.gke_cluster
"""

EXAMPLES = r"""
- name: Create a cluster with a fixed and an autoscaled node pool
  seaworthy.platform.aks_cluster:
    name: prod-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
    version: "1.36"
    tier: standard
    network:
      subnets: ["{{ subnet_id }}"]
      policy_engine: cilium
    endpoint:
      allowed_cidrs: [203.0.113.0/24]
    identity:
      workload: true
      entra_admin_groups: [11111111-2222-3333-4444-555555555555]
    maintenance:
      channel: patch
      window: {start: "03:00", day: Saturday}
    logging: [api, audit]
    logging_workspace: "{{ workspace_id }}"
    deletion_protection: true
    tags:
      cost-center: "4711"
    node_pools:
      system:
        instance_types: [Standard_D2s_v5]
        size: {desired: 3}
        zones: ["1", "2", "3"]
        taints:
          - {key: CriticalAddonsOnly, value: "true", effect: NoSchedule}
      general:
        instance_types: [Standard_D8s_v5]
        autoscaling: true
        size: {min: 3, max: 12}

- name: Create a cluster of AKS Automatic
  seaworthy.platform.aks_cluster:
    name: auto-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
    mode: auto
    identity:
      azure_rbac: true

- name: Upgrade the control plane hop by hop, and each declared pool after it
  seaworthy.platform.aks_cluster:
    name: prod-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
    version: "1.36"
    node_pools:
      system: {}
      general: {}

- name: Scale one pool and remove another, leaving everything else alone
  seaworthy.platform.aks_cluster:
    name: prod-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
    node_pools:
      system: {size: {desired: 6}}
      old: {state: absent}

- name: Take over a cluster that something else made, with a federated token of the pipeline
  seaworthy.platform.aks_cluster:
    name: legacy
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: legacy
    location: westeurope
    adopt: any
    auth:
      tenant_id: 99999999-8888-7777-6666-555555555555
      client_id: 12345678-1234-1234-1234-123456789012
      token_file: /var/run/secrets/azure/tokens/azure-identity-token

- name: Delete a protected cluster with its pools
  seaworthy.platform.aks_cluster:
    name: prod-eu-1
    subscription: 00000000-0000-0000-0000-000000000000
    resource_group: platform
    location: westeurope
    state: absent
    deletion_protection: false
"""

RETURN = r"""
cluster:
  description: The cluster as it is now, in the same shape on every cloud.
  returned: success
  type: dict
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
plan:
  description: What was, or in check mode would be, done, in order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the action.
      type: str
      sample: control-plane.version.1.36
    verb:
      description: One of V(wait), V(create), V(update), V(tag), V(delete).
      type: str
      sample: update
    target:
      description: What it is done to.
      type: str
      sample: control plane
    path:
      description: Options that it changes.
      type: str
      sample: version
    before:
      description: Their values before, by path.
      type: dict
      sample: {version: "1.35"}
    after:
      description: Their values after, by path.
      type: dict
      sample: {version: "1.36"}
    reason:
      description: Why.
      type: str
      sample: as declared
    group:
      description: The slot that it occupies; one action at a time in each.
      type: str
      sample: control plane
    after_ids:
      description: Actions that must have succeeded first.
      type: list
      elements: str
      sample: []
    est_seconds:
      description: How long it usually takes.
      type: int
      sample: 600
plan_id:
  description: SHA-256 of the plan; the same plan has the same id.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
plan_text:
  description: The plan as a person reads it.
  returned: success
  type: str
  sample: "1 update   control plane   version 1.35 -> 1.36   as declared    ~10 min"
actions:
  description: The actions as they went, with C(operation_id), C(result), and C(started) and C(finished) in seconds.
  returned: success
  type: list
  elements: dict
  sample: []
operations:
  description: What still runs when O(wait=false).
  returned: success
  type: list
  elements: dict
  sample: []
pending:
  description: Actions that the next run will start when O(wait=false).
  returned: success
  type: list
  elements: dict
  sample: []
diff:
  description: The managed fields before and after.
  returned: success
  type: dict
  sample: {before: {version: "1.35"}, after: {version: "1.36"}}
drift:
  description: Fields that were not as declared, each with path, observed, desired and kind.
  returned: success
  type: list
  elements: dict
  sample: [{path: version, observed: "1.35", desired: "1.36", kind: update}]
retries:
  description: How often something was tried again, by cause.
  returned: success
  type: dict
  sample: {conflict: 0, throttle: 1, network: 0, propagation: 0}
failure:
  description: What went wrong, for a machine.
  returned: failure
  type: dict
  contains:
    class:
      description: Class of the failure.
      type: str
      sample: immutable
    code:
      description: Code of Azure.
      type: str
      sample: PropertyChangeNotAllowed
    message:
      description: The sentence.
      type: str
      sample: "aks/prod: cannot be changed in place: mode is standard, declared auto."
    remedy:
      description: What to do.
      type: str
      sample: Restore the declared values, or make a new cluster under another name.
    request_id:
      description: Request id of Azure.
      type: str
      sample: 3f9c2b5e-0000-4c1d-9b7a-2f2d1c0b9a8e
    operation_id:
      description: Operation of AKS.
      type: str
      sample: 73632af7-111b-4e16-bd05-0501c61f3dc7
    action_id:
      description: Action of the plan.
      type: str
      sample: control-plane.version.1.36
    resumable:
      description: Whether running the same again continues the work.
      type: bool
      sample: false
    details:
      description: More, as plain data.
      type: dict
      sample: {}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import AKS_CLUSTER, managed_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **AKS_CLUSTER.keywords())
    leave(module, lambda: managed_cluster("aks", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
