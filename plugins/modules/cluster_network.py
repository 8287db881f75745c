# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, verify and delete the network under a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network
short_description: Bring the network under a cluster to a desired state
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says what a network shall be; it plans the addresses from the nodes and pods that it must carry.
  - Makes the VPC with private and public subnets in each zone, internet and NAT gateways, route tables and endpoints.
  - Subnets that exist are never moved or renumbered; a new zone only adds to the gaps.
  - Finds its parts again by their tags, so the next run finishes one that was cut short, and makes nothing twice.
  - With O(existing.network_id) a network of somebody else is verified by the same rules and never written to.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.foundation
  - seaworthy.platform._cluster_network_options
attributes:
  check_mode:
    support: full
    details: Plans an empty account too; what does not exist yet has an id that begins with C(planned:).
  diff_mode:
    support: full
    details: Only what the document manages.
  idempotent:
    support: full
  async:
    support: full
    details: Without the progress lines.
  platform:
    support: full
notes:
  - Routes, tags, subnets and security group rules that others add are left alone.
  - C(docs/permissions/cluster_network-*.json) are the IAM policies that planning, applying and deleting need.
  - Exists on AWS only so far. Flow logs, peerings and IPv6 are not managed yet.
seealso:
  - module: seaworthy.platform.eks_cluster
"""

EXAMPLES = r"""
- name: A network for up to 100 nodes in three zones, each with its own NAT gateway
  seaworthy.platform.cluster_network:
    name: prod
    region: eu-west-1
    account: "111122223333"
    cidr: 10.20.0.0/16
    capacity: {max_nodes: 100, max_pods: 110}
    endpoints: [s3]
  register: foundation_network

- name: The cluster in it
  seaworthy.platform.eks_cluster:
    name: prod-eu-1
    region: eu-west-1
    version: "1.36"
    identity: {role: "arn:aws:iam::111122223333:role/eks-cluster"}
    network: "{{ foundation_network.network.attach }}"

- name: Verify a network that Terraform made, without touching it
  seaworthy.platform.cluster_network:
    name: theirs
    region: eu-west-1
    existing: {network_id: vpc-0123456789abcdef0}
    capacity: {max_nodes: 50}

- name: Delete it; what others still hold in it is named
  seaworthy.platform.cluster_network:
    name: prod
    region: eu-west-1
    state: absent
    deletion_protection: false
"""

RETURN = r"""
network:
  description: The network as it is now. In check mode, with C(planned:) ids for what does not exist yet.
  returned: success
  type: dict
  contains:
    cloud:
      description: Always V(aws).
      type: str
      sample: aws
    id:
      description: Id of the VPC.
      type: str
      sample: vpc-0123456789abcdef0
    name:
      description: Name of the network.
      type: str
      sample: prod
    region:
      description: AWS region.
      type: str
      sample: eu-west-1
    account:
      description: AWS account.
      type: str
      sample: "111122223333"
    exists:
      description: Whether there is a network.
      type: bool
      sample: true
    state:
      description: One of V(absent), V(pending), V(ready), V(deleting), V(failed).
      type: str
      sample: ready
    cidrs:
      description: Ranges of the network.
      type: list
      elements: str
      sample: [10.20.0.0/16]
    zones:
      description: Zones of the private subnets.
      type: list
      elements: str
      sample: [eu-west-1a, eu-west-1b, eu-west-1c]
    subnets:
      description: Subnets by role, each with name, id, zone, cidr and free_addresses.
      type: dict
      sample: {private: [{name: private-a, id: subnet-0123456789abcdef0, zone: eu-west-1a, cidr: 10.20.0.0/18}]}
    ranges:
      description: The range of Services, as declared.
      type: dict
      sample: {services: 172.20.0.0/16}
    nat:
      description: Mode, and the public addresses under which nodes are seen.
      type: dict
      sample: {mode: per_zone, egress_addresses: [203.0.113.10]}
    capacity:
      description: Nodes and pods that the network carries, what limits them first, and the blocks that are free.
      type: dict
      sample: {max_nodes: 188, max_pods: 110, next_limit: "addresses of private-a: at most 188 nodes of 110 pods"}
    attach:
      description: The O(ignore:network) option of M(seaworthy.platform.eks_cluster).
      type: dict
      sample: {subnets: [subnet-0123456789abcdef0], service_cidr: 172.20.0.0/16}
    owner:
      description: Whose it is; empty for a network of somebody else.
      type: str
      sample: seaworthy.platform
plan:
  description: What was, or in check mode would be, done, in order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the action.
      type: str
      sample: vpc.create.create_vpc.1
    verb:
      description: One of V(wait), V(create), V(update), V(tag), V(delete).
      type: str
      sample: create
    target:
      description: What it is done to.
      type: str
      sample: VPC
    path:
      description: Fields that it changes, or the role of what it makes or deletes.
      type: str
      sample: vpc
    before:
      description: Values before, by field.
      type: dict
      sample: {}
    after:
      description: Values after, by field. What does not exist yet stands as C(planned:) and its role.
      type: dict
      sample: {}
    reason:
      description: Why.
      type: str
      sample: missing
    group:
      description: The part that it occupies; one action at a time in each.
      type: str
      sample: vpc
    after_ids:
      description: Actions that must have succeeded first.
      type: list
      elements: str
      sample: []
    est_seconds:
      description: How long it usually takes.
      type: int
      sample: 5
plan_id:
  description: SHA-256 of the plan; the same plan has the same id, in check mode and in the run.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
plan_text:
  description: The plan as a person reads it.
  returned: success
  type: str
  sample: "1 create   VPC   10.20.0.0/16   missing    ~1 min"
actions:
  description: The actions as they went, with C(operation_id), C(result), and C(started) and C(finished) in seconds.
  returned: success
  type: list
  elements: dict
  sample: []
operations:
  description: What is still on its way when O(wait=false).
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
  description: The managed fields before and after, by part.
  returned: success
  type: dict
  sample: {before: {}, after: {}}
drift:
  description: Fields of existing parts that were not as declared, each with path, observed, desired and kind.
  returned: success
  type: list
  elements: dict
  sample: []
retries:
  description: How often something was tried again, by cause.
  returned: success
  type: dict
  sample: {conflict: 0, throttle: 0, network: 0, propagation: 1}
failure:
  description: What went wrong, for a machine. C(details.blocked_by) names what stands in the way of a deletion.
  returned: failure
  type: dict
  contains:
    class:
      description: Class of the failure.
      type: str
      sample: in_use
    code:
      description: Code of AWS.
      type: str
      sample: DependencyViolation
    message:
      description: The sentence.
      type: str
      sample: "network/prod cannot be deleted: held by network interface eni-0123456789abcdef0 (a load balancer)."
    remedy:
      description: What to do.
      type: str
      sample: "Delete the Service or Ingress that it belongs to, or the load balancer."
    request_id:
      description: Request id of AWS.
      type: str
      sample: 7a62c49f-347e-4fc4-9331-6e8e7a96aa73
    operation_id:
      description: Id of what failed.
      type: str
      sample: ""
    action_id:
      description: Action of the plan.
      type: str
      sample: vpc.create.create_vpc.1
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

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.foundations import (
    FOUNDATIONS,
    converge_foundation,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **FOUNDATIONS["cluster_network"].arguments().keywords())
    leave(module, lambda: converge_foundation("cluster_network", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
