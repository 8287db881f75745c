# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-lived credentials of a managed cluster, without any vendor program."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_credentials
short_description: Write a kubeconfig with a short-lived token for a managed cluster
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - Finds the cluster and returns how its API is reached. Where O(path) is given, writes a kubeconfig file with a token.
  - The token is minted here from the cloud credentials; it is in the file, never in the result.
  - The file needs no program to be installed. It is readable by its owner alone and is written whole or not at all.
extends_documentation_fragment:
  - seaworthy.platform._attributes
  - seaworthy.platform._attributes.clouds
  - seaworthy.platform._any_place
options:
  provider:
    description:
      - The cloud. Each takes the options that name a place there.
    type: str
    choices: [eks, aks, gke]
    default: eks
  path:
    description:
      - Kubeconfig file to write. Unset, none is written.
    type: path
attributes:
  check_mode:
    support: full
    details: Where there is no cluster yet, says so in RV(exists) instead of failing.
  diff_mode:
    support: N/A
    details: The file holds a secret.
  idempotent:
    support: partial
    details: The file is written on each run with a new token; a new token alone is not reported as a change.
  async:
    support: full
  platform:
    support: full
seealso:
  - module: seaworthy.platform.eks_cluster
  - module: seaworthy.platform.gke_cluster
  - plugin: seaworthy.platform.cluster_credentials
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Write a kubeconfig for the next quarter of an hour
  seaworthy.platform.cluster_credentials:
    name: prod-eu-1
    region: eu-west-1
    path: "{{ playbook_dir }}/prod-eu-1.kubeconfig"

- name: Write a kubeconfig for the next hour on GKE, acting as another service account
  seaworthy.platform.cluster_credentials:
    provider: gke
    name: prod-eu-1
    project: my-project
    location: europe-west1
    auth:
      impersonate: deployer@my-project.iam.gserviceaccount.com
    path: "{{ playbook_dir }}/prod-eu-1.kubeconfig"

- name: Only look up the endpoint
  seaworthy.platform.cluster_credentials:
    name: prod-eu-1
    region: eu-west-1
  register: prod
"""

RETURN = r"""
exists:
  description: Whether there is such a cluster.
  returned: success
  type: bool
  sample: true
endpoint:
  description: URL of the API server, empty if there is none yet.
  returned: success
  type: str
  sample: https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com
ca:
  description: Certificate authority as PEM text; empty where the API has a public one.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE-----"
expires_at:
  description: When the token ends, in seconds since the epoch; null where none was minted.
  returned: success
  type: int
  sample: 1795000000
path:
  description: The kubeconfig file, empty if none was asked for.
  returned: success
  type: str
  sample: prod-eu-1.kubeconfig
failure:
  description: What went wrong, for a machine; as of M(seaworthy.platform.eks_cluster).
  returned: failure
  type: dict
  sample: {class: not_found}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.run import (
    CLUSTER_CREDENTIALS,
    cluster_credentials,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.outcome import leave


def main() -> None:
    module = AnsibleModule(supports_check_mode=True, **CLUSTER_CREDENTIALS.keywords())
    leave(module, lambda: cluster_credentials(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
