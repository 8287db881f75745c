#!/usr/bin/python
# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until a cluster is well; the action plugin of the same name does it where the connection is local."""

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_health
short_description: Wait until what this collection keeps on a cluster is well, and stays so
version_added: 0.2.0
description:
  - Every object of the sets that M(seaworthy.platform.apply_set) has applied must be ready by the rule of its kind, and
    Alertmanager must have no firing alert of a severity that counts. Nothing is rendered and nothing is written.
  - The playbook C(seaworthy.platform.promote) asks it between two environments.
author: Seaworthy founders (@seaworthy)
extends_documentation_fragment:
  - seaworthy.platform._attributes
attributes:
  check_mode:
    support: full
    details: One look is taken; what is not well is told and fails nothing.
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
  sets:
    description: Names of sets. Empty for every set that this collection keeps on the cluster.
    type: list
    elements: str
    default: []
  alertmanager:
    description:
      - The Service of Alertmanager as C(NAMESPACE/SERVICE:PORT), such as V(monitoring/alertmanager:web). It is asked
        through the API server, so nothing but the cluster's API has to be reachable.
      - Empty, no alert is asked for.
    type: str
    default: ""
  alert_severities:
    description: Values of the label C(severity) that count. Silenced and inhibited alerts never do.
    type: list
    elements: str
    default: [critical]
  ignored_alerts:
    description: Names of alerts that do not count.
    type: list
    elements: str
    default: []
  soak:
    description: Seconds for which everything must be well without a break.
    type: int
    default: 0
  timeout:
    description: Seconds after which the wait is given up. It must be longer than O(soak).
    type: int
    default: 600
seealso:
  - module: seaworthy.platform.apply_set
  - module: seaworthy.platform.apply_set_info
"""

EXAMPLES = r"""
- name: Nothing of ours is unready and no critical alert fires, for five minutes
  seaworthy.platform.platform_health:
    cluster: {provider: kubeconfig, kubeconfig: ~/.kube/config}
    alertmanager: monitoring/alertmanager:web
    soak: 300
    timeout: 1200

- name: Only certificates, as they are now
  seaworthy.platform.platform_health:
    cluster: {provider: kubeconfig, kubeconfig: ~/.kube/config}
    sets: [certificates]
  check_mode: true
  register: health

- name: Tell it
  ansible.builtin.debug:
    var: health.not_ready
"""

RETURN = r"""
healthy:
  description: Whether everything was well, for as long as asked. In check mode, whether it is well now.
  returned: success
  type: bool
  sample: true
sets:
  description: How many objects each set has.
  returned: success
  type: dict
  sample: {base: 21, certificates: 41}
not_ready:
  description: The objects that are not ready.
  returned: success
  type: list
  elements: dict
  contains:
    set: {description: The set that it belongs to., returned: always, type: str, sample: certificates}
    object: {description: "Kind, namespace and name.", returned: always, type: str, sample: Deployment/shop/web}
    state: {description: How far it is., returned: always, type: str, sample: 1/2 ready}
alerts:
  description: The firing alerts that count.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Its name., returned: always, type: str, sample: NodeMemoryRequestsSaturated}
    severity: {description: Its severity., returned: always, type: str, sample: critical}
    summary: {description: What it says., returned: always, type: str}
    since: {description: "When it began, RFC 3339.", returned: always, type: str, sample: "2026-11-26T10:00:00Z"}
seconds:
  description: How long the wait took.
  returned: success
  type: int
  sample: 300
failure:
  description: What went wrong, for a machine; as of M(seaworthy.platform.apply_set).
  returned: failure
  type: dict
  sample: {class: not_converged}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._apply.auth import cluster_credentials
from ..module_utils._apply.health import ARGUMENTS, question, wait_well
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.outcome import leave
from ..module_utils._common.progress import silent


def main() -> None:
    module = AnsibleModule(**ARGUMENTS.keywords(), supports_check_mode=True)
    options = module.params
    leave(
        module,
        lambda: wait_well(
            cluster_credentials(options["cluster"]),
            question(options),
            check_mode=module.check_mode,
            progress=silent("health"),
            clock=SystemClock(),
        ),
    )


if __name__ == "__main__":
    main()
