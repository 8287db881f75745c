# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short-lived Kubernetes token of a managed cluster, minted when it is used."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_credentials
short_description: Mint a short-lived Kubernetes token for a managed cluster
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - Returns a bearer token for each named cluster, minted here from the cloud credentials; nothing is stored.
  - The token is a secret. Cores that mask secrets mask it; on others use C(no_log) on the task that uses it.
options:
  _terms:
    description: Names of clusters.
    type: list
    elements: str
    required: true
  provider:
    description: The cloud.
    type: str
    choices: [eks, gke]
    default: eks
  region:
    description: EKS - AWS region; needed there.
    type: str
  account:
    description: EKS - account that the credentials must belong to.
    type: str
  project:
    description: GKE - id of the project; needed there.
    type: str
  location:
    description: GKE - region or zone; needed there.
    type: str
  auth:
    description: How to authenticate, as the option of that name of M(seaworthy.platform.cluster_credentials).
    type: dict
    default: {}
seealso:
  - module: seaworthy.platform.cluster_credentials
"""

EXAMPLES = r"""
- name: Ask the API server for its version
  ansible.builtin.uri:
    url: "{{ platform_cluster.endpoint }}/version"
    headers:
      Authorization: "Bearer {{ lookup('seaworthy.platform.cluster_credentials', 'prod-eu-1', region='eu-west-1') }}"
  no_log: true

- name: The same on GKE
  ansible.builtin.uri:
    url: "{{ platform_cluster.endpoint }}/version"
    headers:
      Authorization: "Bearer {{ lookup('seaworthy.platform.cluster_credentials', 'prod-eu-1', provider='gke',
        project='my-project', location='europe-west1') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: A token for each name.
  type: list
  elements: str
"""

import time
import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._cloud.cluster.places import any_place
from ..module_utils._cloud.providers import PROVIDERS
from ..module_utils._common.errors import PlatformError
from ..plugin_utils._inprocess import plain

PLACE = ("region", "account", "project", "location", "auth")

try:  # core 2.22 and newer mask registered values wherever they would be shown
    from ansible.module_utils.secrets import register_secret
except ImportError:

    def register_secret(value: str) -> None:
        """Older cores cannot mask a value of a lookup."""


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **options: t.Any) -> list[str]:
        self.set_options(var_options=variables, direct=options)
        return [self._token(str(name)) for name in terms]

    def _token(self, name: str) -> str:
        provider = PROVIDERS[self.get_option("provider")]
        options = {option: plain(self.get_option(option)) for option in PLACE}
        try:
            token = provider.mint(any_place(provider.cloud, {**options, "name": name}))(time.time()).text
        except PlatformError as error:
            raise AnsibleLookupError(str(error)) from None
        register_secret(token)
        return token
