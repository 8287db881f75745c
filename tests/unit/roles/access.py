# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which role may do what with which resource, worked out from rules as the API server does."""

from __future__ import annotations

import typing as t

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "impersonate")
Rule = dict[str, t.Any]
Resource = tuple[str, str]

# What nobody of the catalogue may have, beside what the roles themselves name.
SENSITIVE: tuple[Resource, ...] = (
    ("", "secrets"),
    ("", "serviceaccounts/token"),
    ("", "pods/exec"),
    ("", "pods/attach"),
    ("", "pods/portforward"),
    ("", "pods/ephemeralcontainers"),
    ("", "pods/proxy"),
    ("", "services/proxy"),
    ("", "nodes/proxy"),
    ("", "users"),
    ("", "groups"),
    ("argoproj.io", "applications"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("external-secrets.io", "clusterexternalsecrets"),
    ("external-secrets.io", "clustersecretstores"),
    ("external-secrets.io", "pushsecrets"),
    ("external-secrets.io", "secretstores"),
    ("generators.external-secrets.io", "passwords"),
    ("helm.toolkit.fluxcd.io", "helmreleases"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "roles"),
    ("velero.io", "restores"),
)


def allows(rules: t.Iterable[Rule], verb: str, resource: Resource) -> bool:
    """Whether some rule gives the verb on every object of the resource (rules for named objects do not count)."""
    group, name = resource
    return any(
        not rule.get("resourceNames")
        and verb in rule["verbs"]
        and group in rule["apiGroups"]
        and name in rule["resources"]
        for rule in rules
    )


def resources_of(roles: t.Mapping[str, list[Rule]]) -> list[Resource]:
    named = {(g, r) for rules in roles.values() for rule in rules for g in rule["apiGroups"] for r in rule["resources"]}
    return sorted(named | set(SENSITIVE))


def matrix(roles: t.Mapping[str, list[Rule]]) -> str:
    """Return a block for each role: a line for each resource with its verbs, or a dash."""
    blocks = []
    for role, rules in roles.items():
        lines = [f"[{role}]"]
        for group, name in resources_of(roles):
            verbs = " ".join(verb for verb in VERBS if allows(rules, verb, (group, name)))
            lines.append(f"{f'{name}.{group}' if group else name:<66}{verbs or '-'}")
        named = [rule for rule in rules if rule.get("resourceNames")]
        lines += [f"{' '.join(r['resources'])} {' '.join(r['resourceNames'])}: {' '.join(r['verbs'])}" for r in named]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"
