# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish a rendered fleet; the action plugin of the same name adds what the inventory knows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_publish
short_description: Render a fleet into a Git repository, from which Argo CD or Flux delivers it
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - Checks the fleet, compiles it for every cluster of the inventory, and brings the folders C(rendered/CLUSTER/) of a
    repository to exactly that, by one commit and one push without force. Nothing outside of these folders is touched.
  - The same fleet gives the same bytes, so a second run pushes nothing. Every file and every object names the commit of
    the fleet that last changed it. What a commit does not concern stays as it is.
  - The folders are written by this module alone. A file there that somebody edited is refused, not overwritten.
  - It stops before any write where the fleet has a fault or is not committed, where credentials are refused, where the
    branch is protected or keeps moving. A push is whole or not at all.
options:
  path:
    description: Folder of the fleet, in a Git working tree and committed.
    type: path
    required: true
  environments:
    description:
      - Environments in their order of promotion. Default is C(platform_environments) of the inventory.
    type: list
    elements: str
  clusters:
    description:
      - Clusters by name, as in M(seaworthy.platform.fleet_check). Default are the hosts of group C(platform_clusters).
    type: dict
  repository:
    description: URL of the repository (https or ssh), or a path. Default is C(repository.url) of the fleet.
    type: str
  branch:
    description: The branch, which is made if there is none. Default is C(repository.branch) of the fleet.
    type: str
  username:
    description: User name beside the token; most forges take any.
    type: str
    default: git
  token:
    description: A token that may write to the repository, for https. It is in no argument and no file.
    type: str
  deploy_key_file:
    description: A private key that may write to the repository, for ssh, readable by its owner alone.
    type: path
  known_hosts_file:
    description: Host keys of the server, for ssh. Default is C(~/.ssh/known_hosts); an unknown key is refused.
    type: path
  ca_file:
    description: Certificate authority of the server as a PEM file, for https, where the system does not know it.
    type: path
  author:
    description: Author of the commit, as C(NAME <MAIL>).
    type: str
    default: Seaworthy platform <platform@localhost>
  timeout:
    description: Seconds that one step with the repository may take.
    type: int
    default: 300
extends_documentation_fragment:
  - seaworthy.platform._attributes
attributes:
  check_mode:
    support: full
    details: Reads the repository and says what the commit would be.
  diff_mode:
    support: full
    details: The first 50 files.
  idempotent:
    support: full
  async:
    support: full
  platform:
    support: full
requirements:
  - python >= 3.11
  - PyYAML
  - git
notes:
  - Let one pipeline run it. Two at once are safe, since the later one starts again from what the other left.
seealso:
  - module: seaworthy.platform.fleet_check
"""

EXAMPLES = r"""
- name: Publish the fleet of this repository by token
  seaworthy.platform.fleet_publish:
    path: fleet
    token: "{{ lookup('ansible.builtin.env', 'RENDERED_TOKEN') }}"

- name: Publish it by deploy key to a branch that is merged by review
  seaworthy.platform.fleet_publish:
    path: fleet
    repository: ssh://git@git.example.com/platform/rendered
    branch: next
    deploy_key_file: /run/secrets/deploy-key
    known_hosts_file: files/known_hosts
"""

RETURN = r"""
commit:
  description: The branch's commit after the run; in check mode and without a change the one it had.
  returned: success
  type: str
  sample: 0f7c9d2f4c0f3a7b7d0f9f5f6b8f1d2e3c4b5a69
before:
  description: The branch's commit before.
  returned: success
  type: str
  sample: ""
fleet_commit:
  description: The commit of the fleet that is rendered.
  returned: success
  type: str
  sample: 4b5a690f7c9d2f4c0f3a7b7d0f9f5f6b8f1d2e3c
repository:
  description: Where to, without credentials.
  returned: success
  type: str
  sample: https://git.example.com/platform/rendered
branch:
  description: The branch.
  returned: success
  type: str
  sample: main
message:
  description: The commit message, what and why; empty if nothing changed.
  returned: success
  type: str
  sample: "Fleet 4b5a690f7c9d: Checkout gets more memory"
summary:
  description: How many files are added, changed and removed.
  returned: success
  type: dict
  sample: {added: 0, changed: 2, removed: 0}
clusters_left:
  description: Clusters that have a folder there and are not in the inventory; they are left as they are.
  returned: when there are any
  type: list
  elements: str
  sample: [old-1]
failure:
  description: What went wrong, for a machine, as of M(seaworthy.platform.fleet_check).
  returned: failure
  type: dict
  sample: {class: protected}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._common.outcome import leave
from ..module_utils._fleet.publish_run import FLEET_PUBLISH, fleet_publish


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **FLEET_PUBLISH.keywords())
    leave(module, lambda: fleet_publish(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
