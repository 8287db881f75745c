# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that reads the one description of where people sign in for one tool."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._common.errors import PlatformError
from ..plugin_utils._identity import client_of, role_path

DOCUMENTATION = r"""
name: oidc_client
author: Seaworthy founders (@seaworthy)
version_added: 0.3.0
short_description: Read the one description of where people sign in for one tool
positional: client
description:
  - Turns C(platform_identity) into what a tool has to be told, with the endpoints and the claim of the provider.
  - A description that cannot work is refused with every fault at once.
options:
  _input:
    description: The variable C(platform_identity), see P(seaworthy.platform.resolve#role). Empty, the result is empty.
    type: dict
    required: true
  client:
    description: The tool, a key of C(clients).
    type: str
    choices: [gateway, argocd, grafana]
    required: true
"""

EXAMPLES = r"""
- name: Show where people sign in at Argo CD
  ansible.builtin.debug:
    msg: "{{ (platform_identity | seaworthy.platform.oidc_client('argocd')).endpoints.authorization }}"
"""

RETURN = r"""
_value:
  description: >-
    C(issuer), C(client), C(endpoints) (C(authorization), C(token), C(userinfo)), C(groups_claim), C(groups) (C(admin)
    and C(viewer)) and C(grafana_role_path). Empty where there is no such client.
  type: dict
"""


def oidc_client(said: t.Mapping[str, t.Any], client: str) -> dict[str, t.Any]:
    try:
        found = client_of(said, client)
    except PlatformError as error:
        raise AnsibleFilterError(str(error)) from None
    return found | {"grafana_role_path": role_path(found["groups_claim"], found["groups"])} if found else {}


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"oidc_client": oidc_client}
