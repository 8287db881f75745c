# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change and delete an Amazon EKS cluster with its node pools."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_cluster
short_description: Bring an Amazon EKS cluster and its node pools to a desired state
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says what a cluster shall be. What it leaves out is left alone; an empty list or map is meant so.
  - Reads what there is, plans, performs the plan in the order that EKS accepts, waits, and reads again to be sure.
  - Refuses, before any write and all at once, what is wrong with the document and what cannot be changed.
  - A run that was cut short is resumed by the next one, which waits for what is running and starts nothing twice.
  - Over a local connection the progress is shown while it happens.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.eks
  - seaworthy.platform._aws_place
  - seaworthy.platform._eks_cluster_run
  - seaworthy.platform._eks_cluster_fields
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
  - Only pools, tags and fields that the document names are touched. Clusters and pools without our tag are refused.
  - The actions that the credentials need are those of EKS, C(sts:GetCallerIdentity), C(iam:PassRole), and
    C(ec2:DescribeSubnets) and C(ec2:DescribeVpcs) for the checks before a creation.
  - O(identity.workload) needs those of IAM on OIDC providers. A deletion looks for leftovers with C(Describe*) of EC2,
    Elastic Load Balancing and CloudWatch Logs and with C(iam:ListOpenIDConnectProviders); what may not be read is named
    in a warning and does not hold it.
seealso:
  - module: seaworthy.platform.cluster_credentials
  - module: seaworthy.platform.eks_cluster_info
"""

EXAMPLES = r"""
- name: Create a cluster with a fixed and an autoscaled node pool
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    account: "111122223333"
    version: "1.36"
    identity:
      role: arn:aws:iam::111122223333:role/eks-cluster
      node_role: arn:aws:iam::111122223333:role/eks-node
    network:
      subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
      service_cidr: 172.20.0.0/16
    endpoint:
      public: true
      private: true
      allowed_cidrs: [203.0.113.0/24]
    logging: [api, audit, authenticator]
    deletion_protection: true
    tags:
      CostCenter: "4711"
    node_pools:
      system:
        instance_types: [m7i.large]
        size: {desired: 3}
        taints:
          - {key: CriticalAddonsOnly, value: "true", effect: NoSchedule}
      general:
        instance_types: [m7i.xlarge]
        autoscaling: true
        size: {min: 2, max: 10}

- name: Upgrade the control plane hop by hop, then each declared pool once
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    version: "1.36"
    node_pools:
      system: {}
      general: {}

- name: Scale one pool and remove another, leaving everything else alone
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    node_pools:
      system: {size: {desired: 5}}
      old: {state: absent}

- name: Say who may enter, what EKS runs in the cluster, and what must not happen
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    access:
      arn:aws:iam::111122223333:role/platform-admin:
        policies: {AmazonEKSClusterAdminPolicy: {}}
      arn:aws:iam::111122223333:role/team-a:
        policies: {AmazonEKSEditPolicy: {namespaces: [team-a]}}
    purge_access: true
    addons:
      vpc-cni: {version: default, on_conflict: overwrite}
      kube-proxy: {version: default, on_conflict: overwrite}
      coredns: {version: default, config: {replicaCount: 3}}
    network: {policy_engine: vpc-cni}
    identity: {workload: true}
    guard: {max_nodes: 30, extended_support: deny, public_without_cidrs: deny}

- name: Let EKS run the nodes (EKS Auto Mode)
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    mode: auto
    auto:
      node_pools: [general-purpose, system]
      node_role: arn:aws:iam::111122223333:role/eks-auto-node

- name: Move a pool to other machines by making a new one beside it
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    replace: pools
    node_pools:
      general: {instance_types: [m8i.xlarge]}

- name: Take over a cluster that something else made
  seaworthy.platform.eks_cluster:
    name: legacy
    region: eu-west-1
    adopt: any

- name: Delete a protected cluster with its pools, and what it leaves in the account but for disks
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    state: absent
    deletion_protection: false
    delete_orphans: [load_balancers, enis, log_group, oidc_provider]
"""

RETURN = r"""
cluster:
  description: The cluster as it is now, in the same shape on every cloud.
  returned: success
  type: dict
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
      description: Code of AWS.
      type: str
      sample: InvalidParameterException
    message:
      description: The sentence.
      type: str
      sample: "eks/prod: cannot be changed in place: network.service_cidr is 10.100.0.0/16, declared 10.101.0.0/16."
    remedy:
      description: What to do.
      type: str
      sample: Restore the declared values, or make a new cluster under another name.
    request_id:
      description: Request id of AWS.
      type: str
      sample: 7a62c49f-347e-4fc4-9331-6e8e7a96aa73
    operation_id:
      description: Update id of EKS.
      type: str
      sample: 0585fedb-0fa2-3ad0-9916-344273c73c9a
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

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import EKS_CLUSTER, managed_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **EKS_CLUSTER.keywords())
    leave(module, lambda: managed_cluster("eks", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
