# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that carries a value from a template of ours into its document."""

from __future__ import annotations

import typing as t

from ..plugin_utils._yaml_values import framed

try:
    from ansible.template import accept_args_markers
except ImportError:  # ansible-core before 2.19 hands undefined values to filters anyway

    def accept_args_markers(plugin: t.Callable[..., str]) -> t.Callable[..., str]:
        return plugin


DOCUMENTATION = r"""
name: yaml_value
author: Seaworthy founders (@seaworthy)
version_added: 0.1.0
short_description: Carry a value into a manifest as it is
positional: place
description:
  - P(seaworthy.platform.apply_set#module) passes each C({{ expression }}) of a role's C(*.yaml.j2) through this
    filter, so that a string stays a string and a list stays a list, whatever they look like in YAML.
  - It is of no use in playbooks, since only the renderer can read what it writes. Use
    P(ansible.builtin.to_json#filter) there.
options:
  _input:
    description: Any value that JSON can hold. Undefined values are reported with file and line by the renderer.
    type: raw
    required: true
  place:
    description: The number of the expression in the set of templates that is being rendered.
    type: int
    required: true
"""

EXAMPLES = r"""
# What the renderer makes of "image: {{ pins.cert_manager.images.controller }}":
image: "{{ (pins.cert_manager.images.controller) | seaworthy.platform.yaml_value(7) }}"
"""

RETURN = r"""
_value:
  description: The value as JSON inside a frame of private characters.
  type: str
"""


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., str]]:
        return {"yaml_value": accept_args_markers(framed)}
