# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may say about a set, the same for the action and the module."""

from __future__ import annotations

import typing as t

from .._common.argspec import ArgumentSpec
from .engine import DRIFT_CHECKS, ON_FOREIGN, STATES, SetRequest, Source
from .harden import PROFILES
from .migrate import MIGRATED
from .prune import GUARDED

HELM: dict[str, t.Any] = {
    "chart": {"type": "str", "required": True},
    "version": {"type": "str"},
    "release": {"type": "str"},
    "values": {"type": "dict", "default": {}},
    "hooks": {"type": "str", "choices": ["refuse", "leave_out"], "default": "refuse"},
    "binary": {"type": "str", "default": "helm"},
    "kubernetes_version": {"type": "str"},
    "api_versions": {"type": "list", "elements": "str", "default": []},
}

ARGUMENTS = ArgumentSpec(
    {
        "name": {"type": "str", "required": True},
        "cluster": {"type": "dict"},
        "state": {"type": "str", "choices": list(STATES), "default": "managed"},
        "namespace": {"type": "str"},
        "definition": {"type": "list", "elements": "dict"},
        "harden": {"type": "str", "choices": list(PROFILES), "default": "none"},
        "on_foreign": {"type": "str", "choices": list(ON_FOREIGN), "default": "fail"},
        "drift_check": {"type": "str", "choices": list(DRIFT_CHECKS), "default": "ownership"},
        "recreate": {"type": "list", "elements": "str", "default": []},
        "migrate_managers": {"type": "list", "elements": "str", "default": list(MIGRATED)},
        "ignore_fields": {"type": "dict", "default": {}},
        "prune": {"type": "bool", "default": True},
        "prune_kinds": {"type": "list", "elements": "str", "choices": list(GUARDED), "default": []},
        "prune_max": {"type": "int"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 600},
        "lock_timeout": {"type": "int", "default": 60},
        # For the action only, which renders on the controller; a module receives the definition.
        "components": {"type": "raw"},
        "pins": {"type": "dict", "default": {}},
        "src": {"type": "path"},
        "helm_template": {"type": "dict", "options": HELM},
        "target": {"type": "str", "choices": ["cluster", "directory"], "default": "cluster"},
        "directory": {"type": "path"},
    },
    mutually_exclusive=(("src", "definition", "helm_template"),),
    required_if=(("target", "directory", ("directory",)),),
)

INFO_OPTIONS = (
    "name", "cluster", "definition", "harden", "drift_check", "recreate", "migrate_managers", "ignore_fields",
    "prune", "prune_kinds", "prune_max", "components", "pins", "src", "namespace", "helm_template",
)  # fmt: skip
INFO_ARGUMENTS = ArgumentSpec(
    {
        **{name: ARGUMENTS.options[name] for name in INFO_OPTIONS},
        "on_foreign": {"type": "str", "choices": ["yield", "adopt"], "default": "yield"},
    },
    mutually_exclusive=ARGUMENTS.mutually_exclusive,
)
UNASKED = {"state": "managed", "wait": False, "wait_timeout": 60, "lock_timeout": 0}
"""What ``apply_set_info`` does not let a task say."""


def request_of(options: t.Mapping[str, t.Any], objects: t.Sequence[Source]) -> SetRequest:
    """Return the engine's request from typed options and the rendered objects."""
    return SetRequest(
        name=options["name"],
        objects=objects,
        state=options["state"],
        namespace=options["namespace"] or "",
        harden=options["harden"],
        on_foreign=options["on_foreign"],
        wait=options["wait"],
        wait_timeout=float(options["wait_timeout"]),
        drift_check=options["drift_check"],
        recreate=tuple(options["recreate"]),
        migrate_managers=tuple(options["migrate_managers"]),
        ignore_fields=options["ignore_fields"],
        lock_timeout=float(options["lock_timeout"]),
        prune=options["prune"],
        prune_kinds=frozenset(options["prune_kinds"]),
        prune_max=options["prune_max"],
    )


def inline(definition: t.Sequence[t.Any] | None) -> list[Source]:
    """Return the objects of an inline definition, each with its place in it."""
    return [(obj, f"definition[{place}]") for place, obj in enumerate(definition or [])]
