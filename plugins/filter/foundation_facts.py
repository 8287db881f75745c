# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that turns another tool's outputs into what our modules take."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._cloud.foundation.facts import foundation_facts
from ..module_utils._common.errors import PlatformError

DOCUMENTATION = r"""
name: foundation_facts
author: Seaworthy founders (@seaworthy)
version_added: 0.2.0
short_description: Read a network that another tool made from the outputs that it prints
positional: source, names
description:
  - Reads the outputs of Terraform, Pulumi, CloudFormation or eksctl. No state file is read and no tool is run.
  - Outputs that the tool marks as secret are never read.
options:
  _input:
    description:
      - What C(terraform output -json), C(pulumi stack output --json) or C(aws cloudformation describe-stacks) prints,
        as text or parsed.
    type: raw
    required: true
  source:
    description: Which tool printed it; V(cloudformation) also for eksctl.
    type: str
    choices: [terraform, pulumi, cloudformation]
    required: true
  names:
    description: >-
      Outputs by the fact that they are, where their names are not the usual ones. Facts are C(network_id),
      C(private), C(public) and C(egress_addresses).
    type: dict
"""

EXAMPLES = r"""
- name: Verify the network that Terraform made
  seaworthy.platform.cluster_network:
    name: theirs
    region: eu-west-1
    existing: "{{ (outputs | seaworthy.platform.foundation_facts('terraform')).existing }}"
  vars:
    outputs: "{{ lookup('ansible.builtin.file', 'outputs.json') }}"
"""

RETURN = r"""
_value:
  description: >-
    C(existing), that option of M(seaworthy.platform.cluster_network); C(attach), the O(ignore:network) option of
    M(seaworthy.platform.eks_cluster); and C(egress_addresses).
  type: dict
"""


def facts(text: t.Any, source: str, names: t.Mapping[str, str] | None = None) -> dict[str, t.Any]:
    try:
        return foundation_facts(text, source, names)
    except PlatformError as error:
        raise AnsibleFilterError(f"foundation_facts: {error}") from None


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"foundation_facts": facts}
