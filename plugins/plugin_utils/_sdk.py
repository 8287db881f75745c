# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import the SDKs that a run needs once, in the process that all of its workers are forked from, and no other SDK.

Ansible imports an action in its main process before the first task that names it, and hands it no variables there.
So the inventory is asked which clouds its hosts name; one that is a program or a plugin is not asked twice, and
the SDK is then imported by whichever worker needs it.
"""

from __future__ import annotations

import functools
import os
import pathlib
import re

from ansible import context
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager

from ..module_utils._cloud.providers import PROVIDERS

VARIABLE = "cluster_provider"
CONFIG_OF_A_PLUGIN = re.compile(r"^plugin\s*:", re.MULTILINE)


@functools.cache
def load_sdks() -> tuple[str, ...]:
    """Import the SDK of each cloud that a host of this run names; return their names."""
    named = [name for name in PROVIDERS if name in clouds_named()]
    for name in named:
        PROVIDERS[name].load()
    return tuple(named)


def clouds_named() -> set[str]:
    """Return what the selected hosts say their provider is, as far as a plain inventory tells without templates."""
    given = tuple(context.CLIARGS.get("inventory") or ())
    if not given or not all(map(is_plain, given)):
        return set()
    try:
        loader = DataLoader()
        inventory = InventoryManager(loader=loader, sources=list(given))
        inventory.subset(context.CLIARGS.get("subset"))
        variables = VariableManager(loader=loader, inventory=inventory)
        found = [variables.get_vars(host=host, include_hostvars=False) for host in inventory.get_hosts()]
    except AnsibleError:
        return set()
    return {str(values.get(VARIABLE, "")) for values in found}


def is_plain(source: str) -> bool:
    """Tell whether an inventory source is nothing but text that Ansible reads."""
    path = pathlib.Path(source)
    if path.is_dir():
        return all(is_plain(str(file)) for file in path.iterdir() if file.is_file())
    return path.is_file() and not os.access(path, os.X_OK) and not CONFIG_OF_A_PLUGIN.search(_text(path))


def _text(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "plugin:"
