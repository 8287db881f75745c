# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, change and delete a DNS zone, with the reference to it in the zone above."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_dns_zone
short_description: Bring a DNS zone and the reference to it to a desired state
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - One document says which domain has a zone, who refers to it and which records in it are ours.
  - Finds its zone again by the comment that it was made with; another zone of the same name is left alone and told of.
  - Deletes only a zone that holds no records of others, unless told to.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.foundation
  - seaworthy.platform._cluster_dns_zone_options
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
  - Records that others add (external-dns, certificates) are left alone.
  - A reference in the zone above that leads elsewhere is refused, never turned over.
  - C(docs/permissions/cluster_dns_zone-*.json) are the IAM policies that planning, applying and deleting need.
  - Exists on AWS only so far. DNSSEC, and a parent in another account, are not managed yet.
  - Changes of Route 53 reach all its servers within a minute or so; the module does not wait for that.
seealso:
  - module: seaworthy.platform.cluster_identity
"""

EXAMPLES = r"""
- name: A zone for a cluster, referred to by the zone above
  seaworthy.platform.cluster_dns_zone:
    name: eu-1
    region: eu-west-1
    account: "111122223333"
    domain: eu-1.example.com
    parent: {zone_id: Z0123456789ABCDEFGHIJ}
    records:
      - {name: "@", type: CAA, values: ['0 issue "letsencrypt.org"']}

- name: Delete it together with what external-dns left behind
  seaworthy.platform.cluster_dns_zone:
    name: eu-1
    region: eu-west-1
    domain: eu-1.example.com
    parent: {zone_id: Z0123456789ABCDEFGHIJ}
    state: absent
    force_delete_records: true
"""

RETURN = r"""
zone:
  description: The zone as it is now. In check mode, with a C(planned:) id where it does not exist yet.
  returned: success
  type: dict
  contains:
    cloud:
      description: Always V(aws).
      type: str
      sample: aws
    id:
      description: Id of the hosted zone.
      type: str
      sample: Z0123456789ABCDEFGHIJ
    name:
      description: Name of the document.
      type: str
      sample: eu-1
    domain:
      description: Domain of the zone.
      type: str
      sample: eu-1.example.com
    account:
      description: AWS account.
      type: str
      sample: "111122223333"
    exists:
      description: Whether there is a zone.
      type: bool
      sample: true
    name_servers:
      description: Name servers of a public zone.
      type: list
      elements: str
      sample: [ns-1.awsdns-00.com]
    delegated:
      description: Whether the zone above was seen to refer to it; only where O(parent.zone_id) is given.
      type: bool
      sample: true
    delegation_record:
      description: The record that the zone above needs, for a parent that somebody else runs.
      type: dict
      sample: {name: eu-1.example.com, type: NS, values: [ns-1.awsdns-00.com]}
plan:
  description: What was, or in check mode would be, done, in order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the action.
      type: str
      sample: zone.create.create_hosted_zone.1
    verb:
      description: One of V(wait), V(create), V(update), V(tag), V(delete).
      type: str
      sample: create
    target:
      description: What it is done to.
      type: str
      sample: zone
    path:
      description: Fields that it changes, or the role of what it makes or deletes.
      type: str
      sample: zone
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
      sample: zone
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
  sample: "1 create   zone   missing    ~1 min"
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
      sample: "zone/eu-1 cannot be deleted; it holds records of others."
    remedy:
      description: What to do.
      type: str
      sample: "Delete them (external-dns leaves its own behind), or set force_delete_records."
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
      sample: zone.create.create_hosted_zone.1
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
    module = AnsibleModule(supports_check_mode=True, **FOUNDATIONS["cluster_dns_zone"].arguments().keywords())
    leave(module, lambda: converge_foundation("cluster_dns_zone", module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
