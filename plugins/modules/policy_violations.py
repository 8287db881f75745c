#!/usr/bin/python
# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report what would be refused; the action plugin of the same name does it where the connection is local."""

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_violations
short_description: List what exists on a cluster and would be refused if its admission policies were enforced
version_added: 0.2.0
description:
  - Asks the API server itself. Each Pod, workload, Service, Role and RoleBinding is created once more as a dry run, and
    the warnings of audited policies (or a refusal) are collected. Nothing is written.
  - What a controller makes is told once, as the template that it is made from.
author: Seaworthy founders (@seaworthy)
extends_documentation_fragment:
  - seaworthy.platform._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: full
  async:
    support: partial
    details: Only where C(cluster.provider) is V(kubeconfig), and without live lines.
  platform:
    platforms: posix
    support: full
options:
  cluster:
    description:
      - Which cluster, as the role P(seaworthy.platform.resolve#role) finds it. No credential is in it.
      - Default is the fact C(platform_cluster).
      - "For a task of your own this is enough: C({provider: kubeconfig, kubeconfig: PATH, context: NAME})."
    type: dict
  policies:
    description: Only ValidatingAdmissionPolicies whose name begins with this. Empty for all.
    type: str
    default: ""
seealso:
  - module: seaworthy.platform.apply_set
"""

EXAMPLES = r"""
- name: What would the platform's rules refuse here?
  seaworthy.platform.policy_violations:
    cluster: {provider: kubeconfig, kubeconfig: ~/.kube/config}
    policies: platform-
  register: rules

- name: Fail where anything would be
  ansible.builtin.assert:
    that: rules.total == 0
    fail_msg: "{{ rules.counts }}"
"""

RETURN = r"""
violations:
  description: One entry for each rule that an object breaks, at most 200, sorted.
  returned: success
  type: list
  elements: dict
  contains:
    object: {description: "Kind, namespace and name.", returned: always, type: str, sample: Deployment/shop/web}
    policy: {description: The policy., returned: always, type: str, sample: platform-pods-restricted}
    message: {description: What is wrong and what to do., returned: always, type: str}
total:
  description: How many there are in all.
  returned: success
  type: int
  sample: 3
counts:
  description: How many by policy.
  returned: success
  type: dict
  sample: {platform-pods-restricted: 3}
asked:
  description: How many objects the server was asked about.
  returned: success
  type: int
  sample: 41
failure:
  description: What went wrong, for a machine; as of M(seaworthy.platform.apply_set).
  returned: failure
  type: dict
  sample: {class: permission}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._apply.auth import cluster_credentials
from ..module_utils._apply.violations import ARGUMENTS, report
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.outcome import leave
from ..module_utils._common.progress import silent


def main() -> None:
    module = AnsibleModule(**ARGUMENTS.keywords(), supports_check_mode=True)
    source = module.params["cluster"]
    leave(
        module,
        lambda: report(cluster_credentials(source), module.params["policies"], silent("policy"), SystemClock()),
    )


if __name__ == "__main__":
    main()
