# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet becomes on one cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: Compile a fleet for a cluster
version_added: 0.1.0
author: Seaworthy founders (@seaworthy)
description:
  - Reads the folder of a fleet (teams, projects, roles, groups, policies, app groups, applications), checks all of it,
    and returns what one cluster gets of it. The same fleet gives the same objects in the same order.
  - Clusters and environments come from the inventory, the hosts of group C(platform_clusters).
  - A fleet with a fault is refused, with file, line, field, value and remedy of every fault.
options:
  _terms:
    description: Folders of fleets; one as a rule.
    type: list
    elements: str
    required: true
  parts:
    description:
      - What to return. V(tenancy) are namespaces with quota, limits, network policies and bindings, V(secrets) stores
        and external secrets, V(argocd) and V(flux) what the engine of the fleet delivers, V(app-groups) what an
        ApplicationSet reads, V(alerting), V(dashboards), V(logging) and V(catalogue) data for the tools of these names.
    type: list
    elements: str
    choices: [tenancy, secrets, argocd, app-groups, flux, alerting, dashboards, logging, catalogue]
    default: [tenancy]
  cluster:
    description: The cluster's host in the inventory. Default is the host of the task.
    type: str
notes:
  - Use C(query), since the answer is a list.
seealso:
  - module: seaworthy.platform.fleet_check
"""

EXAMPLES = r"""
- name: Apply what teams get on this cluster
  seaworthy.platform.apply_set:
    name: tenancy
    definition: "{{ query('seaworthy.platform.fleet', 'fleet') }}"

- name: Show where the alerts of each team go
  ansible.builtin.debug:
    msg: "{{ query('seaworthy.platform.fleet', 'fleet', parts=['alerting']) }}"
"""

RETURN = r"""
_raw:
  description: The objects, in the order of their files.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._common.errors import PlatformError
from ..module_utils._fleet.run import compiled_for
from ..plugin_utils._estate import clusters_of, environments_of


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(
        self, terms: list[str], variables: dict[str, t.Any] | None = None, **options: t.Any
    ) -> list[dict[str, t.Any]]:
        self.set_options(var_options=variables, direct=options)
        known = variables or {}
        cluster = str(self.get_option("cluster") or known["inventory_hostname"])
        found: list[dict[str, t.Any]] = []
        for folder in terms:
            path = self._loader.path_dwim(str(folder))
            try:
                compiled = compiled_for(path, environments_of(self._values(known)), clusters_of(known), cluster)
            except PlatformError as error:
                raise AnsibleLookupError(str(error)) from None
            found += [obj for part in self.get_option("parts") for obj, _file in compiled.part(part)]
        return found

    def _values(self, known: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return what the inventory says of environments, its templates filled in."""
        given = known.get("platform_environments")
        return {} if given is None else {"platform_environments": self._templar.template(given)}
