# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a set is applied: a table of kinds, and the rule for resources that a webhook of the set guards."""

from __future__ import annotations

import enum
import re
import typing as t

from .objects import Desired, Object, annotations_of

GroupKind = tuple[str, str]


class Stage(enum.IntEnum):
    """Inside a stage all objects are applied at once; a stage starts when the one before it is accepted."""

    DEFINITIONS = 0
    ACCESS = 1
    BINDINGS = 2
    WORKLOADS = 3
    ADMISSION = 4
    RESOURCES = 5


# What others refer to comes first; what intercepts others comes after what it would intercept.
STAGE: dict[GroupKind, Stage] = {
    ("", "Namespace"): Stage.DEFINITIONS,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Stage.DEFINITIONS,
    ("scheduling.k8s.io", "PriorityClass"): Stage.DEFINITIONS,
    ("storage.k8s.io", "StorageClass"): Stage.DEFINITIONS,
    ("storage.k8s.io", "CSIDriver"): Stage.DEFINITIONS,
    ("networking.k8s.io", "IngressClass"): Stage.DEFINITIONS,
    ("node.k8s.io", "RuntimeClass"): Stage.DEFINITIONS,
    ("", "ServiceAccount"): Stage.ACCESS,
    ("", "ConfigMap"): Stage.ACCESS,
    ("", "Secret"): Stage.ACCESS,
    ("", "ResourceQuota"): Stage.ACCESS,
    ("", "LimitRange"): Stage.ACCESS,
    ("", "PersistentVolume"): Stage.ACCESS,
    ("rbac.authorization.k8s.io", "Role"): Stage.ACCESS,
    ("rbac.authorization.k8s.io", "ClusterRole"): Stage.ACCESS,
    ("networking.k8s.io", "NetworkPolicy"): Stage.ACCESS,
    # The server resolves the role of a binding when it checks for privilege escalation.
    ("rbac.authorization.k8s.io", "RoleBinding"): Stage.BINDINGS,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): Stage.BINDINGS,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): Stage.ADMISSION,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): Stage.ADMISSION,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): Stage.ADMISSION,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): Stage.ADMISSION,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): Stage.ADMISSION,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): Stage.ADMISSION,
    ("apiregistration.k8s.io", "APIService"): Stage.ADMISSION,
    ("autoscaling", "HorizontalPodAutoscaler"): Stage.ADMISSION,
}

WEBHOOKS: frozenset[GroupKind] = frozenset(
    {
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    }
)


def stage_of(group_kind: GroupKind, defined: t.Container[GroupKind]) -> Stage:
    """Return the stage of a kind; ``defined`` are the kinds whose definitions the same set brings.

    Those come last: their controller and its webhook are in the set, too.
    """
    if group_kind in defined:
        return Stage.RESOURCES
    return STAGE.get(group_kind, Stage.WORKLOADS)


WAVE = "seaworthy.dev/wave"
"""Annotation: a whole number. Objects of a wave are written when those of all lower ones are ready; default is 0."""
NUMBER = re.compile(r"^-?\d{1,6}$")
Item = t.TypeVar("Item")


def wave_of(member: Desired) -> int:
    return int(annotations_of(member.payload).get(WAVE, "0"))


def waves(items: t.Iterable[Item], member: t.Callable[[Item], Desired]) -> dict[int, list[Item]]:
    """Return the items by wave, lowest first."""
    found: dict[int, list[Item]] = {}
    for item in items:
        found.setdefault(wave_of(member(item)), []).append(item)
    return dict(sorted(found.items()))


def stages(members: t.Iterable[Desired], defined: t.Container[GroupKind]) -> dict[Stage, list[Desired]]:
    """Return the members by stage, in order; an empty stage is absent."""
    sorted_: dict[Stage, list[Desired]] = {}
    for member in members:
        sorted_.setdefault(stage_of(member.identity.group_kind, defined), []).append(member)
    return dict(sorted(sorted_.items()))


def guards(members: t.Iterable[Desired]) -> list[Object]:
    """Return the webhooks of the set: its admission webhooks and the conversion webhooks of its definitions.

    Each as {"groups": API groups it stands in front of, "service": (namespace, name) or None}.
    """
    found: list[Object] = []
    for member in members:
        if member.identity.group_kind in WEBHOOKS:
            found += [_admission(webhook) for webhook in member.payload.get("webhooks") or []]
        conversion = (member.payload.get("spec") or {}).get("conversion") or {}
        if member.identity.kind == "CustomResourceDefinition" and conversion.get("strategy") == "Webhook":
            config = (conversion.get("webhook") or {}).get("clientConfig") or {}
            found.append({"groups": {member.payload["spec"]["group"]}, "service": _service(config)})
    return found


def _admission(webhook: Object) -> Object:
    groups = {str(group) for rule in webhook.get("rules") or [] for group in rule.get("apiGroups") or []}
    return {"groups": groups, "service": _service(webhook.get("clientConfig") or {})}


def _service(config: Object) -> tuple[str, str] | None:
    service = config.get("service")
    return (str(service.get("namespace")), str(service.get("name"))) if service else None


def guarding(webhooks: t.Iterable[Object], group: str) -> list[Object]:
    """Return the webhooks that stand in front of resources of an API group."""
    return [webhook for webhook in webhooks if webhook["groups"] & {group, "*"}]


def backing(webhooks: t.Iterable[Object], members: t.Sequence[Desired]) -> list[Desired]:
    """Return the workloads of the set whose pods answer for the webhooks, by their Services' selectors."""
    places = {webhook["service"] for webhook in webhooks if webhook["service"]}
    selectors = [
        (member.identity.namespace, (member.payload.get("spec") or {}).get("selector") or {})
        for member in members
        if member.identity.group_kind == ("", "Service") and (member.identity.namespace, member.identity.name) in places
    ]
    return [member for member in members if any(_selects(*selector, member) for selector in selectors)]


def _selects(namespace: str, selector: dict[str, str], member: Desired) -> bool:
    template = (member.payload.get("spec") or {}).get("template")
    if not selector or not isinstance(template, dict) or member.identity.namespace != namespace:
        return False
    labels = (template.get("metadata") or {}).get("labels") or {}
    return selector.items() <= labels.items()
