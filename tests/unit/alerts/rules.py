# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that the layers ship, read from what they render (tests/unit/roles/golden, which a test keeps true)."""

from __future__ import annotations

import pathlib
import typing as t

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "unit" / "roles" / "golden"
RENDERED = (
    "certificates-private-ca",
    "external-dns-route53",
    "gitops-fleet",
    "ingress-whole",
    "logging-whole",
    "monitoring-whole",
    "secrets-every-store",
)
"""One rendering of each layer that ships rules, with everything switched on."""

Group = dict[str, t.Any]
Rule = dict[str, t.Any]


def objects(rendering: str) -> list[dict[str, t.Any]]:
    text = (GOLDEN / f"{rendering}.yaml").read_text(encoding="utf-8")
    return list(yaml.load_all(text, yaml.CSafeLoader))


def alerts_of(groups: t.Iterable[Group]) -> list[Rule]:
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


FILES: dict[str, list[Group]] = {
    f"{rendering.partition('-')[0]}-{obj['metadata']['name']}": obj["spec"]["groups"]
    for rendering in RENDERED
    for obj in objects(rendering)
    if obj["kind"] == "PrometheusRule"
}
ALERTS: list[Rule] = [alert for groups in FILES.values() for alert in alerts_of(groups)]
