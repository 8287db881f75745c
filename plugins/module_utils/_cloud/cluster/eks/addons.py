# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons of an EKS cluster: which there shall be, at which version, and the steps to it. Pure.

Sources: EKS CreateAddon, UpdateAddon, DeleteAddon, DescribeAddonVersions.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ...._common.errors import PlatformError
from ...reconcile.actions import Action, Handle
from ..observed import Document, Observed
from ..parts import Part, Stage, Undeclared
from ..preflight import is_ours
from ..spec import Spec
from ..tags import owned_tags
from .steps import adoption, step, undeclared_reason

Wanted = t.Mapping[str, t.Any]
BEFORE_POOLS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""What a node needs to become ready."""
SELF_MANAGED = {"vpc-cni", "kube-proxy", "coredns"}
"""What EKS installs into a new cluster unless it is told not to."""
SECONDS = 120
POLICY_SWITCH = "enableNetworkPolicy"


def wanted_addons(spec: Spec) -> dict[str, Wanted]:
    """Return the declared add-ons, with what the policy engine asks of vpc-cni."""
    declared = dict(spec.options.get("addons") or {})
    engine = spec.options.get("network.policy_engine")
    if engine == "vpc-cni" or (engine == "none" and "vpc-cni" in declared):
        own = declared.get("vpc-cni") or {"on_conflict": "overwrite"}
        declared["vpc-cni"] = {**own, "policy": "true" if engine == "vpc-cni" else "false"}
    return {name: declared[name] for name in sorted(declared)}


def is_managed(spec: Spec) -> bool:
    return bool(wanted_addons(spec)) or "addons" in spec.options


def bootstraps(spec: Spec) -> bool:
    """Tell whether EKS shall install its own copies first: not where add-ons take the place of all of them."""
    present = {name for name, wanted in wanted_addons(spec).items() if wanted.get("state") != "absent"}
    return not present >= SELF_MANAGED


def addon_parts(spec: Spec, observed: Observed) -> list[Part]:
    found = observed.parts.get("addons", {})
    parts = [_part(spec, observed, name, wanted, found.get(name)) for name, wanted in wanted_addons(spec).items()]
    if spec.run["purge_addons"] and "addons" in spec.options:
        parts += [_removal(spec, name, found[name]) for name in _surplus(spec, found)]
    return [part for part in parts if part is not None]


def undeclared_addons(spec: Spec, observed: Observed) -> list[Undeclared]:
    if "addons" not in spec.options or spec.run["purge_addons"]:
        return []
    found = observed.parts.get("addons", {})
    return [Undeclared(f"addon {name}", f"{spec.label}purge_addons") for name in _surplus(spec, found)]


def _surplus(spec: Spec, found: t.Mapping[str, Document]) -> list[str]:
    wanted = wanted_addons(spec)
    return [name for name, addon in sorted(found.items()) if name not in wanted and is_ours(spec, addon)]


def _part(spec: Spec, observed: Observed, name: str, wanted: Wanted, found: Document | None) -> Part | None:
    if wanted.get("state") == "absent":
        return _removal(spec, name, found, wanted) if found else None
    early = wanted.get("before_pools", name in BEFORE_POOLS)
    stage: Stage = "before_pools" if early else "after_pools"
    after = demanded(spec, observed, name, wanted, found)
    if found is None or found["status"] in ("CREATE_FAILED", "DELETING"):
        failed = found is not None and found["status"] == "CREATE_FAILED"
        again = [_delete(spec, name, "is CREATE_FAILED")] if failed else _running(name, found or {})
        return Part("addons", name, None, after, (*again, _create(spec, name, wanted, after)), stage)
    before = {path: seen for path, seen in as_seen(found).items() if path in after}
    steps = [*_running(name, found), *adoption(spec, f"addon {name}", found["addonArn"], found.get("tags") or {})]
    if before != after:
        steps.append(_update(spec, name, wanted, found, before, after))
    return Part("addons", name, before, after, tuple(steps), stage)


TRANSITIONS = {"CREATING": "creation", "UPDATING": "change", "DELETING": "deletion"}


def _running(name: str, found: Document) -> list[Action]:
    """What an earlier run, or somebody else, has started is waited for."""
    kind = TRANSITIONS.get(str(found.get("status")))
    if kind is None:
        return []
    target = f"addon {name}"
    waits = step("wait", target, "wait", "", {}, reason=f"{kind} is running", seconds=SECONDS)
    return [dataclasses.replace(waits, waits_for=Handle(f"addon {kind}", target))]


def demanded(spec: Spec, observed: Observed, name: str, wanted: Wanted, found: Document | None) -> dict[str, t.Any]:
    """Return the managed values of an add-on: what is declared, with the version that its word stands for."""
    said = {path: wanted[path] for path in ("config", "identity.role", "identity.pods") if path in wanted}
    version = resolved(spec, observed, name, str(wanted.get("version", "")))
    if version:
        said["version"] = version
    if "policy" in wanted:
        base = wanted["config"] if "config" in wanted else as_seen(found or {})["config"]
        said["config"] = {**base, POLICY_SWITCH: wanted["policy"]}
    return said


def as_seen(addon: Document) -> dict[str, t.Any]:
    return {
        "version": addon.get("addonVersion"),
        "config": configuration(addon.get("configurationValues")),
        "identity.role": addon.get("serviceAccountRoleArn"),
        "identity.pods": dict(addon.get("pods") or {}),
    }


def configuration(text: str | None) -> t.Any:
    """Return configuration values as data; a text that is no JSON stays a text and so differs from any data."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return text


def resolved(spec: Spec, observed: Observed, name: str, word: str) -> str:
    """Return the exact version that a word stands for, an empty string where EKS shall choose."""
    if not word or word.startswith("v"):
        return word
    offered = offers(observed, name)
    if not offered:
        return ""
    if word == "latest":
        return str(max(offered, key=lambda row: _order(row["addonVersion"]))["addonVersion"])
    fitting = [row for row in offered if any(fit.get("defaultVersion") for fit in row.get("compatibilities") or ())]
    return str((fitting or offered)[0]["addonVersion"])


def offers(observed: Observed, name: str) -> list[Document]:
    """Return the versions of an add-on that fit the cluster's version; none where they were not read."""
    return list(observed.parts.get("addon_versions", {}).get(name, {}).get("addonVersions") or ())


def _order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", version)]


def refuse_addons(spec: Spec, observed: Observed) -> None:
    """An add-on or a version of it that EKS does not offer is refused before the first write."""
    known = observed.parts.get("addon_versions")
    for name, wanted in wanted_addons(spec).items():
        if known is None or name not in known or wanted.get("state") == "absent":
            continue
        versions = [str(row["addonVersion"]) for row in offers(observed, name)]
        word = str(wanted.get("version", ""))
        if not versions or (word.startswith("v") and word not in versions):
            raise PlatformError(
                f"{spec.label}addons.{name}{f'.version is {word}' if versions else ' is no add-on'}; for this "
                f"cluster EKS offers {', '.join(versions[:5]) or 'none of that name'}.",
                kind="version" if versions else "not_found",
                remedy='Choose one of them, or "default".' if versions else "Correct the name.",
            )


def _arguments(spec: Spec, name: str, wanted: Wanted, changes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    pods = changes.get("identity.pods")
    config = changes.get("config")
    return {
        "clusterName": spec.place.name,
        "addonName": name,
        "addonVersion": changes.get("version"),
        "resolveConflicts": str(wanted.get("on_conflict", "none")).upper(),
        "serviceAccountRoleArn": changes.get("identity.role"),
        "configurationValues": None if config is None else json.dumps(config, sort_keys=True, separators=(",", ":")),
        "podIdentityAssociations": None
        if pods is None
        else [{"serviceAccount": account, "roleArn": role} for account, role in sorted(pods.items())],
    }


def _create(spec: Spec, name: str, wanted: Wanted, after: t.Mapping[str, t.Any]) -> Action:
    arguments = {**_arguments(spec, name, wanted, after), "tags": owned_tags(spec, None)}
    if arguments["resolveConflicts"] == "PRESERVE":
        arguments["resolveConflicts"] = "NONE"  # preserving is for updates alone
    reason = "does not exist"
    return step(
        "create", f"addon {name}", "create", "create_addon", arguments, after=after, reason=reason, seconds=SECONDS
    )


def _update(
    spec: Spec,
    name: str,
    wanted: Wanted,
    found: Document,
    before: t.Mapping[str, t.Any],
    after: t.Mapping[str, t.Any],
) -> Action:
    """The role goes along unchanged: without it the add-on falls back to the role of its node."""
    changes = {path: value for path, value in after.items() if before[path] != value}
    seen = {path: before[path] for path in changes}
    role = {"identity.role": as_seen(found)["identity.role"]}
    arguments = _arguments(spec, name, wanted, {**role, **changes})
    return step(
        "update", f"addon {name}", "update", "update_addon", arguments, before=seen, after=changes, seconds=SECONDS
    )


def _removal(spec: Spec, name: str, found: Document, wanted: Wanted | None = None) -> Part | None:
    if found["status"] == "DELETING":
        return None
    reason = "declared absent" if wanted is not None else undeclared_reason("purge_addons")
    keeps = bool((wanted or {}).get("preserve"))
    return Part("addons", name, {"version": found.get("addonVersion")}, None, (_delete(spec, name, reason, keeps),))


def _delete(spec: Spec, name: str, reason: str, preserve: bool = False) -> Action:
    arguments = {"clusterName": spec.place.name, "addonName": name, **({"preserve": True} if preserve else {})}
    return step("delete", f"addon {name}", "delete", "delete_addon", arguments, reason=reason, seconds=SECONDS)
