# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what, frozen as a file: a wider right is a line of the diff that somebody reviews.

After a wanted change: ``REWRITE_GOLDEN=1 python -m pytest tests/unit/roles/test_access_matrix.py``.
"""

from __future__ import annotations

import os

from tests.unit.roles.access import SENSITIVE, VERBS, Rule, allows, matrix
from tests.unit.roles.test_rendering import GOLDEN, TEAMS, of_kind, rendered

READABLE = {
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("external-secrets.io", "clusterexternalsecrets"),
    ("external-secrets.io", "clustersecretstores"),
    ("external-secrets.io", "pushsecrets"),
    ("external-secrets.io", "secretstores"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "roles"),
}
"""Sensitive only to write."""
ENTERS_PODS = "platform:developer-debug"


def catalogue() -> dict[str, list[Rule]]:
    return {name: role["rules"] for name, role in of_kind(rendered("rbac", TEAMS), "ClusterRole").items()}


def test_access_matrix_is_as_reviewed() -> None:
    golden = GOLDEN / "access-matrix.txt"
    text = matrix(catalogue())
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_role_holds_what_opens_secrets() -> None:
    for role, rules in catalogue().items():
        for resource in SENSITIVE:
            if role == ENTERS_PODS and resource[1].startswith("pods/"):
                continue
            held = {verb for verb in VERBS if allows(rules, verb, resource)}
            assert held <= ({"get", "list", "watch"} if resource in READABLE else set()), (role, resource)


def test_only_catalogue_roles_may_be_bound_by_a_team() -> None:
    named = {role: [r for r in rules if r.get("resourceNames")] for role, rules in catalogue().items()}
    assert {role for role, rules in named.items() if rules} == {"platform:team-admin"}
    (rule,) = named["platform:team-admin"]
    assert rule["verbs"] == ["bind"]
    assert set(rule["resourceNames"]) == {"platform:viewer", "platform:developer", "platform:ci"}
