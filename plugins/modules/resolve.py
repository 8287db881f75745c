# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action of this name; it runs on the controller only."""

from __future__ import annotations

DOCUMENTATION = r"""
module: resolve
short_description: Check the inventory of one cluster and find the cluster
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - The first task of every play of this collection, by way of role P(seaworthy.platform.resolve#role).
  - Refuses variables with a prefix of this collection that no role documents, with the nearest known name and the place
    where it stands.
  - Checks the document made of the C(cluster_) variables, every fault at once, before any request.
  - Checks the account, finds the cluster, and returns the fact C(platform_cluster), which holds no secret.
  - It never writes.
options:
  destroy:
    description:
      - The play removes the cluster or its layers. It is refused unless C(--limit) is given and the variable
        C(destroy_confirm) is the cluster's name.
    type: bool
    default: false
  only_find:
    description:
      - Leave out the checks of the inventory and only find the cluster again, after it was made or changed.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode and return what it would return without.
    support: full
  diff_mode:
    description: Can say what changed.
    support: N/A
    details: It changes nothing.
  idempotent:
    description: A second run with nothing changed changes nothing.
    support: full
  platform:
    description: Where it runs.
    support: full
    platforms: posix
requirements:
  - boto3 on the controller, for clusters of provider C(eks)
notes:
  - Needs C(connection=local), since clusters are reached from the controller.
"""

EXAMPLES = r"""
- name: Start a play of your own with everything checked
  hosts: platform_clusters
  connection: local
  gather_facts: false
  tasks:
    - name: Resolve the cluster
      seaworthy.platform.resolve:
      tags: [always]

    - name: Apply manifests of our own
      seaworthy.platform.apply_set:
        name: shop
        cluster: "{{ ansible_facts.platform_cluster }}"
        src: manifests/shop
"""

RETURN = r"""
ansible_facts:
  description: Facts that are set.
  returned: success
  type: dict
  contains:
    platform_cluster:
      description: The cluster of this host, without any secret.
      returned: success
      type: dict
      contains:
        provider: {description: How it is reached., returned: always, type: str, sample: eks}
        name: {description: Its name in the cloud., returned: always, type: str, sample: prod-eu-1}
        location: {description: Its region., returned: always, type: str, sample: eu-west-1}
        account: {description: Its account., returned: always, type: str, sample: "111122223333"}
        endpoint: {description: URL of its API; empty where there is none yet., returned: always, type: str}
        ca: {description: Certificate authority of the API as PEM text., returned: always, type: str}
        exists: {description: Whether its API has an address., returned: always, type: bool}
        version: {description: Kubernetes minor version., returned: always, type: str, sample: "1.36"}
        auth: {description: The variable C(cluster_auth)., returned: always, type: dict}
        api: {description: The variable C(cluster_api)., returned: always, type: dict}
        kubeconfig: {description: The file for provider C(kubeconfig)., returned: always, type: str}
        context: {description: The context in that file., returned: always, type: str}
        managed: {description: Whether it is ours to create and change., returned: always, type: bool}
"""

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main() -> None:
    options = {"destroy": {"type": "bool", "default": False}, "only_find": {"type": "bool", "default": False}}
    module = AnsibleModule(argument_spec=options, supports_check_mode=True)
    module.fail_json(msg="resolve runs on the controller only: set connection: local in the play.")


if __name__ == "__main__":
    main()
