# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose is an object that does not carry our mark? Read from labels, annotations and field managers. Pure."""

from __future__ import annotations

import typing as t

from .objects import COLLECTION, PART_OF, Object, annotations_of, labels_of

Say = t.Callable[[dict[str, str], dict[str, str]], str]


def _helm(labels: dict[str, str], annotations: dict[str, str]) -> str:
    release = annotations.get("meta.helm.sh/release-name")
    return f"Helm release {annotations.get('meta.helm.sh/release-namespace', '?')}/{release}" if release else ""


def _argo(labels: dict[str, str], annotations: dict[str, str]) -> str:
    tracked = annotations.get("argocd.argoproj.io/tracking-id", "").partition(":")[0]
    name = tracked or labels.get("argocd.argoproj.io/instance", "")
    return f"Argo CD application {name}" if name else ""


def _flux(prefix: str, what: str) -> Say:
    def say(labels: dict[str, str], annotations: dict[str, str]) -> str:
        name = labels.get(f"{prefix}/name")
        return f"Flux {what} {labels.get(f'{prefix}/namespace', '?')}/{name}" if name else ""

    return say


def _label(key: str, what: str) -> Say:
    def say(labels: dict[str, str], annotations: dict[str, str]) -> str:
        return f"{what} {labels[key]}".strip() if labels.get(key) else ""

    return say


# Each tool's own mark, as it writes it.
OWNERS: tuple[Say, ...] = (
    _helm,
    _argo,
    _flux("kustomize.toolkit.fluxcd.io", "Kustomization"),
    _flux("helm.toolkit.fluxcd.io", "HelmRelease"),
    _label("olm.owner", "Operator Lifecycle Manager, for"),
    _label("operators.coreos.com/owner", "Operator Lifecycle Manager, for"),
    _label("eks.amazonaws.com/component", "the EKS add-on"),
    _label("addonmanager.kubernetes.io/mode", "the cluster's add-on manager, mode"),
)


def owners(obj: Object) -> str:
    """Return who owns an object, as a phrase: the tool's release or application, else its field managers."""
    labels, annotations = labels_of(obj), annotations_of(obj)
    named = [found for say in OWNERS if (found := say(labels, annotations))]
    managers = _managers(obj)
    if labels.get(PART_OF):
        named.append(_set(labels[PART_OF], managers))
    if named:
        return " and ".join(named)
    return "field manager " + ", ".join(managers) if managers else "nobody known"


def _managers(obj: Object) -> list[str]:
    """Return who wrote the object itself; writers of its status are its controllers, not its owners."""
    entries = obj.get("metadata", {}).get("managedFields") or []
    return sorted({str(entry.get("manager")) for entry in entries if entry and not entry.get("subresource")})


def _set(applyset: str, managers: list[str]) -> str:
    ours = [name.partition("/")[2] for name in managers if name.startswith(f"{COLLECTION}/")]
    return f'the set "{ours[0]}"' if ours else f"the apply set {applyset}"
