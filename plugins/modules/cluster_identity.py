# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change and delete the IAM roles of a cluster and of its workloads."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_identity
short_description: Bring the IAM roles of a cluster and its workloads to a desired state
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says which roles a cluster and the workloads in it have, and what each may do.
  - O(cluster_roles) makes the roles that an EKS cluster and its nodes work as.
  - O(bindings) binds service accounts by the cluster's OIDC issuer.
  - Presets grant what a workload needs on the named resources and nothing else.
  - All roles live below the path C(/seaworthy/NAME/), where they are found again; an unlisted binding is left alone.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.foundation
  - seaworthy.platform._cluster_identity_options
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
  - Other inline policies and attached policies of a role are left alone.
  - An OIDC provider that somebody else made for the cluster is used and never changed or deleted.
  - C(docs/permissions/cluster_identity-*.json) are the IAM policies that planning, applying and deleting need.
  - Exists on AWS only so far. No EKS Pod Identity yet, nor presets for Karpenter and the load balancer controller.
seealso:
  - module: seaworthy.platform.eks_cluster
"""

EXAMPLES = r"""
- name: The roles of a control plane and its nodes
  seaworthy.platform.cluster_identity:
    name: prod
    region: eu-west-1
    account: "111122223333"
    cluster_roles: true
  register: foundation_identity

- name: What DNS and secrets controllers may do, each on what it is for
  seaworthy.platform.cluster_identity:
    name: prod
    region: eu-west-1
    cluster: prod-eu-1
    bindings:
      - namespace: cert-manager
        service_account: cert-manager
        preset: cert_manager
        resources: {zones: [Z0123456789ABCDEFGHIJ]}
      - namespace: external-secrets
        service_account: external-secrets
        preset: external_secrets
        resources: {secrets: [prod/]}

- name: Delete all of them
  seaworthy.platform.cluster_identity:
    name: prod
    region: eu-west-1
    state: absent
"""

RETURN = r"""
identity:
  description: The identities as they are now. In check mode, with C(planned:) ids for what does not exist yet.
  returned: success
  type: dict
  contains:
    cloud:
      description: Always V(aws).
      type: str
      sample: aws
    name:
      description: Name of the document.
      type: str
      sample: prod
    account:
      description: AWS account.
      type: str
      sample: "111122223333"
    issuer:
      description: OIDC issuer of the cluster, empty where there is none yet.
      type: str
      sample: https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE
    bindings:
      description: Per service account its principal and the annotations and labels that it must carry.
      type: list
      elements: dict
      sample:
        - namespace: cert-manager
          service_account: cert-manager
          principal: arn:aws:iam::111122223333:role/seaworthy/prod/prod-cert-manager-cert-manager
          annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/seaworthy/prod/..."}
          labels: {}
    attach:
      description: The O(ignore:identity) option of M(seaworthy.platform.eks_cluster), where O(cluster_roles=true).
      type: dict
      sample: {role: "arn:aws:iam::111122223333:role/seaworthy/prod/prod-cluster"}
plan:
  description: What was, or in check mode would be, done, in order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the action.
      type: str
      sample: role/cluster.create.create_role.1
    verb:
      description: One of V(wait), V(create), V(update), V(tag), V(delete).
      type: str
      sample: create
    target:
      description: What it is done to.
      type: str
      sample: role cluster
    path:
      description: Fields that it changes, or the role of what it makes or deletes.
      type: str
      sample: role/cluster
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
      sample: role/cluster
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
  sample: "1 create   role cluster   missing    ~1 min"
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
      sample: "identity/prod: role cluster (arn:...) belongs to owner nobody, not to seaworthy.platform."
    remedy:
      description: What to do.
      type: str
      sample: "Choose another name, or set owner to that one if both are you."
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
      sample: role/cluster.create.create_role.1
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
    module = AnsibleModule(supports_check_mode=True, **FOUNDATIONS["cluster_identity"].arguments().keywords())
    leave(module, lambda: converge_foundation("cluster_identity", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
