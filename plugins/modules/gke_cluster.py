# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change and delete a Google GKE cluster with its node pools."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gke_cluster
short_description: Bring a Google GKE cluster and its node pools to a desired state
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says what a cluster shall be. What it leaves out is left alone; an empty list or map is meant so.
  - Reads what there is, plans, performs the plan in the order that GKE accepts, waits, and reads again to be sure.
  - Refuses, before any write and all at once, what is wrong with the document and what cannot be changed.
  - A run that was cut short is resumed by the next one, which waits for what is running and starts nothing twice.
  - Over a local connection the progress is shown while it happens.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.gke
  - seaworthy.platform._google_place
  - seaworthy.platform._gke_cluster_run
  - seaworthy.platform._gke_cluster_fields
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
  - Only pools, labels and fields that the document names are touched. Clusters and pools without our label are refused.
  - The permissions that the credentials need are those of the role Kubernetes Engine Admin, and
    C(iam.serviceAccounts.actAs) on the service account of the nodes.
  - GKE takes one kind of change at a time, each an operation of minutes; the plan says how long it takes.
  - Load balancers and disks that the workloads of a cluster made are not deleted with it.
seealso:
  - module: seaworthy.platform.gke_cluster_info
  - module: seaworthy.platform.eks_cluster
"""

EXAMPLES = r"""
- name: Create a regional cluster with a fixed and an autoscaled node pool
  seaworthy.platform.gke_cluster:
    name: prod-eu-1
    project: my-project
    location: europe-west1
    version: "1.36"
    maintenance:
      channel: regular
      window: {start: "03:00"}
    network:
      network: platform
      subnets: [platform-europe-west1]
      pod_range: pods
      service_range: services
      policy_engine: dataplane_v2
    endpoint:
      allowed_cidrs: [203.0.113.0/24]
    identity:
      workload: true
      service_account: gke-node@my-project.iam.gserviceaccount.com
    logging: [api, scheduler]
    deletion_protection: true
    tags:
      cost-center: "4711"
    node_pools:
      system:
        instance_types: [e2-standard-4]
        size: {desired: 3}
        taints:
          - {key: CriticalAddonsOnly, value: "true", effect: NoSchedule}
      general:
        instance_types: [n2-standard-8]
        autoscaling: true
        size: {min: 3, max: 12}

- name: Create an Autopilot cluster
  seaworthy.platform.gke_cluster:
    name: auto-eu-1
    project: my-project
    location: europe-west1
    mode: auto

- name: Upgrade the control plane hop by hop, and each declared pool after it
  seaworthy.platform.gke_cluster:
    name: prod-eu-1
    project: my-project
    location: europe-west1
    version: "1.36"
    node_pools:
      system: {}
      general: {}

- name: Scale one pool and remove another, leaving everything else alone
  seaworthy.platform.gke_cluster:
    name: prod-eu-1
    project: my-project
    location: europe-west1
    node_pools:
      system: {size: {desired: 6}}
      old: {state: absent}

- name: Take over a cluster that something else made
  seaworthy.platform.gke_cluster:
    name: legacy
    project: my-project
    location: europe-west1-b
    adopt: any

- name: Delete a protected cluster with its pools
  seaworthy.platform.gke_cluster:
    name: prod-eu-1
    project: my-project
    location: europe-west1
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
      description: Support tier; the dates are empty.
      type: dict
      sample: {tier: standard, standard_end: "", extended_end: ""}
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
undeclared:
  description: What is ours, in a section that the document declares, without being declared there; it stays.
  returned: success
  type: list
  elements: dict
  sample: [{target: pool old, reason: "ours, but not declared; it stays, since purge_node_pools is off"}]
leftovers:
  description: What a deleted cluster leaves in the account as far as it was looked for, each with kind and id.
  returned: success
  type: list
  elements: dict
  sample: []
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
      description: Status of Google (google.rpc.Code).
      type: str
      sample: FAILED_PRECONDITION
    message:
      description: The sentence.
      type: str
      sample: "gke/prod: cannot be changed in place: mode is standard, declared auto."
    remedy:
      description: What to do.
      type: str
      sample: Restore the declared values, or make a new cluster under another name.
    request_id:
      description: Request id of Google.
      type: str
      sample: "0xbc082b8846774fe9"
    operation_id:
      description: Operation of GKE.
      type: str
      sample: operation-1718024305921-fd4f65ea-7da5-4d36-a166-f619a83fb205
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

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import GKE_CLUSTER, managed_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **GKE_CLUSTER.keywords())
    leave(module, lambda: managed_cluster("gke", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
