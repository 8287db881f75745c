# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart as a set: rendered by the helm program, applied by our engine. No release is kept, so none can be pending."""

from __future__ import annotations

import json
import subprocess
import typing as t

from ..module_utils._apply import load
from ..module_utils._apply.objects import Object, annotations_of
from ..module_utils._common.errors import InvalidInput, PlatformError

SECONDS = 120.0
HOOK = "helm.sh/hook"
IGNORED_HOOKS = frozenset({"test", "test-success", "test-failure"})
"""Hooks that only ``helm test`` runs."""
PLAIN_HOOKS = frozenset({"crd-install"})
"""Hooks of Helm 2 that are ordinary objects since."""

Source = tuple[t.Any, str]


def chart_objects(options: t.Mapping[str, t.Any], set_name: str, namespace: str) -> list[Source]:
    """Return the chart's objects, hooks of tests left out.

    Raises ``PlatformError`` where the program is missing or refuses the chart, ``InvalidInput`` naming each hook.
    """
    source = f"chart {options['chart']}"
    text = _rendered(command(options, set_name, namespace), json.dumps(options.get("values") or {}), source)
    objects = [obj for obj in load.parse(text, source) if not hooks_of(obj) & IGNORED_HOOKS]
    hooked = [obj for obj in objects if hooks_of(obj) - PLAIN_HOOKS]
    if hooked and options.get("hooks", "refuse") == "refuse":
        raise InvalidInput([_refusal(obj, source) for obj in hooked])
    return [(obj, source) for obj in objects if obj not in hooked]


def command(options: t.Mapping[str, t.Any], set_name: str, namespace: str) -> list[str]:
    """Return the command line. Values come by standard input: they may hold secrets, and others see a command line."""
    words = [str(options.get("binary") or "helm"), "template", str(options.get("release") or set_name)]
    words += [str(options["chart"]), "--include-crds", "--values", "-"]
    words += ["--namespace", namespace] if namespace else []
    for flag, name in (("--version", "version"), ("--kube-version", "kubernetes_version")):
        words += [flag, str(options[name])] if options.get(name) else []
    for api in options.get("api_versions") or []:
        words += ["--api-versions", str(api)]
    return words


def hooks_of(obj: Object) -> set[str]:
    """Return when Helm would run the object instead of keeping it."""
    return {word.strip() for word in str(annotations_of(obj).get(HOOK, "")).split(",") if word.strip()}


def _refusal(obj: Object, source: str) -> str:
    name = f"{obj.get('kind')}/{(obj.get('metadata') or {}).get('name')}"
    when = ", ".join(sorted(hooks_of(obj)))
    return (
        f"{source}: {name} is a hook ({when}), which only Helm runs; switch it off by the chart's values, or set "
        "helm_template.hooks to leave_out and do its work otherwise"
    )


def _rendered(words: list[str], values: str, source: str) -> str:
    try:
        # This runs in an action plugin, where there is no module whose run_command could be called.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            words, input=values, capture_output=True, timeout=SECONDS, text=True, check=False
        )
    except FileNotFoundError as error:
        raise PlatformError(
            f"{source}: the program {words[0]} is not installed here.",
            kind="invalid",
            remedy="Install Helm 3 or 4, or name it by helm_template.binary.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise PlatformError(
            f"{source}: helm did not finish within {SECONDS:.0f} s.", kind="timeout", resumable=True
        ) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise InvalidInput([f"{source}: helm refused it: {lines[-1] if lines else f'code {done.returncode}'}"])
    return done.stdout
