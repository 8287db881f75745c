# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a fleet; the action plugin of the same name adds what the inventory knows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_check
short_description: Check the files of a fleet, for a pull request or before a run
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - Reads every file of a fleet strictly, then asks whether every reference leads somewhere. Teams and groups that are
    named exist, a group has an id at the identity provider of each cluster that needs it, a namespace belongs to one
    project, a secret lies under its team's prefix, app groups have no cycle, promotion follows the inventory's order.
  - Then compiles it for every cluster. It writes nothing, and needs no cluster and no credential.
  - Every fault is one sentence with file, line, field, value and remedy, and all of one kind (form, then references)
    are told at once.
options:
  path:
    description: Folder of the fleet. The file C(docs/reference-fleet.md) of the collection says what stands in it.
    type: path
    required: true
  environments:
    description:
      - Environments in their order of promotion. Default is C(platform_environments) of the inventory.
    type: list
    elements: str
  clusters:
    description:
      - Clusters by name, each with C(provider), C(environments), and where they matter C(identity), C(group_prefix),
        C(domain) and C(secret_stores). Default are the hosts of group C(platform_clusters).
    type: dict
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
    support: full
  platform:
    support: full
requirements:
  - python >= 3.11
  - PyYAML
seealso:
  - plugin: seaworthy.platform.fleet
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Check the fleet of this repository on the clusters of the inventory
  seaworthy.platform.fleet_check:
    path: fleet

- name: Check it without an inventory
  seaworthy.platform.fleet_check:
    path: fleet
    environments: [dev, prod]
    clusters:
      dev-eu-1: {provider: eks, environments: [dev]}
      prod-eu-1: {provider: aks, environments: [prod]}
"""

RETURN = r"""
summary:
  description: How many teams, projects, applications and app groups there are.
  returned: success
  type: dict
  sample: {teams: 3, projects: 3, applications: 7, app_groups: 2}
clusters:
  description: How many files each cluster gets, by part.
  returned: success
  type: dict
  sample: {prod-eu-1: {tenancy: 9, argocd: 8}}
failure:
  description: >-
    What went wrong; C(failure.details.faults) lists C(file), C(line), C(field), C(value), C(remedy) and C(message) of
    each fault.
  returned: failure
  type: dict
  sample: {class: invalid}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._common.outcome import leave
from ..module_utils._fleet.run import FLEET_CHECK, fleet_check


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **FLEET_CHECK.keywords())
    leave(module, lambda: fleet_check(module.params))


if __name__ == "__main__":
    main()
