# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders and hardens one layer as a play would, without a cluster, and prints the objects as JSON.

A process of its own, because Ansible finds filters of collections only if its import hook comes first.
Usage: render_layer.py ROLE VARIABLES-AS-JSON
"""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import ansible.template
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader

ROOT = pathlib.Path(__file__).resolve().parents[3]


def load(loader: DataLoader, path: pathlib.Path) -> dict[str, t.Any]:
    """Return a file's variables as Ansible reads them: text in it may be a template."""
    trust = {"trusted_as_template": True} if hasattr(ansible.template, "trust_as_template") else {}
    variables: dict[str, t.Any] = loader.load_from_file(str(path), **trust)
    return variables


def rendered(role: str, over: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the layer's objects without its compiled definitions, which a checkout may lack."""
    from ansible_collections.seaworthy.platform.plugins.module_utils._apply.harden import harden_set
    from ansible_collections.seaworthy.platform.plugins.plugin_utils._inprocess import plain
    from ansible_collections.seaworthy.platform.plugins.plugin_utils._render import render_set

    loader, folder = DataLoader(), ROOT / "roles" / role
    variables = load(loader, folder / "defaults/main.yml") | load(loader, folder / "vars/main.yml") | over
    templar = ansible.template.Templar(loader=loader, variables=variables)
    components, pins, versions = (
        plain(templar.template(variables[name]))
        for name in (f"__{role}_components", f"__{role}_pins", f"{role}_versions")
    )
    pins = {name: {**pin, **versions.get(name, {}), "crds": None} for name, pin in pins.items()}
    with_templates = [name for name in components if (folder / "templates" / name).is_dir()]
    found = render_set(folder, with_templates, templar, variables, {"pins": pins})
    objects = harden_set([member.object for member in found], "platform")
    return [obj for obj in objects if obj["kind"] != "CustomResourceDefinition"]


if __name__ == "__main__":
    init_plugin_loader([str(ROOT / "build/collections")])
    print(json.dumps(rendered(sys.argv[1], json.loads(sys.argv[2]))))
