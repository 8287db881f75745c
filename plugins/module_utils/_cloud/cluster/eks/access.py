# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may enter an EKS cluster: access entries and their policies. Pure.

Sources: EKS CreateAccessEntry, UpdateAccessEntry, AssociateAccessPolicy. Principal and type cannot be changed; policies
are associated and disassociated one by one.
"""

from __future__ import annotations

import typing as t

from ...._common.errors import PlatformError
from ...reconcile.actions import Action
from ..observed import Document, Observed
from ..options import get_path
from ..parts import Part, Undeclared
from ..preflight import is_ours
from ..spec import Spec
from ..tags import owned_tags
from .steps import adoption, step, undeclared_reason

Wanted = t.Mapping[str, t.Any]
Scopes = dict[str, list[str]]
"""Namespaces by the ARN of a policy; none of them is the whole cluster."""
ADMIN = "AmazonEKSClusterAdminPolicy"


def policy_arn(name: str, principal: str) -> str:
    partition = principal.split(":")[1]
    return name if name.startswith("arn:") else f"arn:{partition}:eks::aws:cluster-access-policy/{name}"


def wanted_scopes(wanted: Wanted, principal: str) -> Scopes:
    found = wanted.get("policies") or {}
    return {policy_arn(name, principal): sorted(scope.get("namespaces") or ()) for name, scope in sorted(found.items())}


def access_parts(spec: Spec, observed: Observed) -> list[Part]:
    found = observed.parts.get("access", {})
    declared = spec.options.get("access") or {}
    parts = [_part(spec, principal, declared[principal], found.get(principal)) for principal in sorted(declared)]
    if spec.run["purge_access"] and "access" in spec.options:
        reason = undeclared_reason("purge_access")
        parts += [_removal(spec, principal, found[principal], reason) for principal in _surplus(spec, found)]
    return [part for part in parts if part is not None]


def undeclared_access(spec: Spec, observed: Observed) -> list[Undeclared]:
    if "access" not in spec.options or spec.run["purge_access"]:
        return []
    surplus = _surplus(spec, observed.parts.get("access", {}))
    return [Undeclared(f"access {principal}", f"{spec.label}purge_access") for principal in surplus]


def _surplus(spec: Spec, found: t.Mapping[str, Document]) -> list[str]:
    """Entries of nodes are EKS's own affair, whoever tagged them."""
    declared = spec.options.get("access") or {}
    return [
        principal
        for principal, entry in sorted(found.items())
        if principal not in declared and entry.get("type") == "STANDARD" and is_ours(spec, entry)
    ]


def _part(spec: Spec, principal: str, wanted: Wanted, found: Document | None) -> Part | None:
    if wanted.get("state") == "absent":
        return _removal(spec, principal, found, "declared absent") if found else None
    after = demanded(wanted, principal)
    if found is None:
        return Part("access", principal, None, after, _creation(spec, principal, wanted, after))
    before = {path: seen for path, seen in as_seen(found).items() if path in after}
    steps = adoption(spec, f"access {principal}", found["accessEntryArn"], found.get("tags") or {})
    steps += _updates(spec, principal, before, after)
    return Part("access", principal, before, after, tuple(steps))


def demanded(wanted: Wanted, principal: str) -> dict[str, t.Any]:
    said: dict[str, t.Any] = {}
    if "groups" in wanted:
        said["groups"] = sorted(set(wanted["groups"]))
    if "username" in wanted:
        said["username"] = wanted["username"]
    if "policies" in wanted:
        said["policies"] = wanted_scopes(wanted, principal)
    return said


def as_seen(entry: Document) -> dict[str, t.Any]:
    return {
        "groups": sorted(entry.get("kubernetesGroups") or ()),
        "username": entry.get("username"),
        "policies": {arn: sorted(scope) for arn, scope in sorted((entry.get("policies") or {}).items())},
    }


def _creation(spec: Spec, principal: str, wanted: Wanted, after: t.Mapping[str, t.Any]) -> tuple[Action, ...]:
    kind = str(wanted.get("type", "standard")).upper()
    arguments = {
        **_entry(spec, principal),
        "type": kind,
        "kubernetesGroups": after.get("groups"),
        "username": after.get("username"),
        "tags": owned_tags(spec, None),
    }
    target = f"access {principal}"
    made = {"type": kind.lower(), **{path: value for path, value in after.items() if path != "policies"}}
    first = step("create", target, "create", "create_access_entry", arguments, after=made, reason="does not exist")
    return (first, *(_associate(spec, principal, arn, scope) for arn, scope in (after.get("policies") or {}).items()))


def _updates(
    spec: Spec, principal: str, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]
) -> t.Iterator[Action]:
    changes = {path: value for path, value in after.items() if path != "policies" and before[path] != value}
    if changes:
        arguments = {
            **_entry(spec, principal),
            "kubernetesGroups": changes.get("groups"),
            "username": changes.get("username"),
        }
        seen = {path: before[path] for path in changes}
        yield step(
            "update", f"access {principal}", "update", "update_access_entry", arguments, before=seen, after=changes
        )
    now, then = before.get("policies") or {}, after.get("policies") or {}
    for arn, scope in then.items():
        if arn not in now or now[arn] != scope:
            yield _associate(spec, principal, arn, scope, now.get(arn))
    for arn in now:
        if arn not in then and "policies" in after:
            arguments = {**_entry(spec, principal), "policyArn": arn}
            yield step(
                *("update", f"access {principal}", f"leave.{short(arn)}", "disassociate_access_policy", arguments),
                before={f"policies.{short(arn)}": now[arn]},
                after={f"policies.{short(arn)}": None},
                reason="not declared",
            )


def _associate(spec: Spec, principal: str, arn: str, scope: list[str], now: list[str] | None = None) -> Action:
    within = {"type": "namespace", "namespaces": scope} if scope else {"type": "cluster"}
    arguments = {**_entry(spec, principal), "policyArn": arn, "accessScope": within}
    path = f"policies.{short(arn)}"
    return step(
        *("update", f"access {principal}", f"policy.{short(arn)}", "associate_access_policy", arguments),
        before={path: now},
        after={path: scope or "cluster"},
    )


def short(arn: str) -> str:
    return arn.rpartition("/")[2]


def _entry(spec: Spec, principal: str) -> dict[str, t.Any]:
    return {"clusterName": spec.place.name, "principalArn": principal}


def _removal(spec: Spec, principal: str, found: Document, reason: str) -> Part:
    arguments = _entry(spec, principal)
    action = step("delete", f"access {principal}", "delete", "delete_access_entry", arguments, reason=reason)
    return Part("access", principal, as_seen(found), None, (action,))


def is_self(principal: str, who: str) -> bool:
    """Tell whether an entry's principal is who we are; a session of a role shows the role's name without its path."""
    if principal == who:
        return True
    kind, _sep, rest = who.partition(":assumed-role/")
    same_account = principal.split(":")[4:5] == kind.split(":")[4:5]
    return bool(rest) and same_account and principal.endswith(f"/{rest.partition('/')[0]}")


def refuse_access(spec: Spec, observed: Observed) -> None:
    """What cannot be done to entries, and what would lock ourselves out."""
    mode = get_path(observed.cluster or {}, "accessConfig.authenticationMode")
    if spec.options.get("access") and mode == "CONFIG_MAP" and "access_mode" not in spec.fields:
        raise PlatformError(
            f"{spec.place.subject}: access is declared, but the cluster's access_mode is config_map.",
            kind="invalid",
            remedy=f"Set {spec.label}access_mode: api_and_config_map (it never goes back), or leave access out.",
        )
    for part in access_parts(spec, observed):
        found = observed.parts.get("access", {}).get(part.name)
        if found is None:
            continue
        kind = str((spec.options.get("access") or {}).get(part.name, {}).get("type", "standard")).upper()
        if part.after is not None and kind != found.get("type"):
            raise PlatformError(
                f"{spec.label}access.{part.name}.type is {found['type'].lower()}, declared {kind.lower()}; "
                "EKS cannot change it.",
                kind="immutable",
                remedy="Remove the entry with state: absent, then declare it anew.",
            )
        if is_self(part.name, observed.principal) and _is_admin(found["policies"]) and not _stays_admin(part):
            raise PlatformError(
                f"{spec.place.subject}: access.{part.name} runs this and would lose {ADMIN}; nothing was changed.",
                kind="protected",
                remedy=f"Keep {ADMIN} for it, or run as somebody else.",
            )


def _is_admin(policies: t.Mapping[str, t.Any]) -> bool:
    return any(short(arn) == ADMIN and not scope for arn, scope in policies.items())


def _stays_admin(part: Part) -> bool:
    return part.after is not None and ("policies" not in part.after or _is_admin(part.after["policies"]))
