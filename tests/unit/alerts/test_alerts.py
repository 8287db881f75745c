# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every alert that we ship: silent, firing and silent again, judged by Prometheus' own promtool."""

from __future__ import annotations

import itertools
import json
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml

from .metrics import EXPOSED, asked_by_dashboards, asked_by_rules, recorded
from .rules import ALERTS, FILES, RENDERED, ROOT, alerts_of, objects

BIN = ROOT / "build" / "bin"
CASES: list[dict[str, t.Any]] = yaml.safe_load(pathlib.Path(__file__).with_name("cases.yaml").read_text("utf-8"))
ALWAYS = {"Watchdog"}
"""Alerts that have no silence: their firing is the good news."""


def promtool(*words: str) -> str:
    done = subprocess.run([BIN / "promtool", *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def moments(case: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the case's expectations as promtool's own: how many alerts fire."""
    selector = f'ALERTS{{alertname="{case["alert"]}", alertstate="firing", severity="{case["severity"]}"}}'
    return [
        {"expr": f"count({selector}) or vector(0)", "eval_time": at, "exp_samples": [{"labels": "{}", "value": count}]}
        for at, count in case["firing"].items()
    ]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    """Write the rules of each PrometheusRule to a file, as Prometheus reads them."""
    folder = tmp_path_factory.mktemp("rules")
    for name, groups in FILES.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({"groups": groups}, sort_keys=False), encoding="utf-8")
    return {name: folder / f"{name}.yaml" for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_rules_pass_the_linter_of_prometheus(rules: dict[str, pathlib.Path], name: str) -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(rules[name]))


@pytest.mark.parametrize("case", CASES, ids=[f"{c['alert']}-{c['severity']}-{n}" for n, c in enumerate(CASES)])
def test_alert_is_silent_fires_and_recovers(rules: dict[str, pathlib.Path], case: dict[str, t.Any]) -> None:
    holding = next(name for name, groups in FILES.items() if case["alert"] in {a["alert"] for a in alerts_of(groups)})
    test = {
        "rule_files": [str(rules[holding])],
        "evaluation_interval": case["every"],
        "tests": [
            {
                "interval": case["every"],
                "input_series": [{"series": s, "values": str(v)} for s, v in case["series"].items()],
                "promql_expr_test": moments(case),
            }
        ],
    }
    path = rules[holding].with_name(f"{case['alert']}-{case['severity']}-{CASES.index(case)}.test.yaml")
    path.write_text(yaml.safe_dump(test, sort_keys=False), encoding="utf-8")
    promtool("test", "rules", str(path))


def test_every_layer_that_ships_rules_is_judged_here() -> None:
    templates = ROOT.glob("roles/*/templates/*/*.j2")
    shipping = {path.parts[-4] for path in templates if "kind: PrometheusRule" in path.read_text("utf-8")}
    assert shipping == {rendering.partition("-")[0].replace("external", "external_dns") for rendering in RENDERED}


def test_every_alert_is_seen_silent_firing_and_recovered() -> None:
    proven = set()
    for case in CASES:
        counts = [bool(count) for count in case["firing"].values()]
        assert [key for key, _same in itertools.groupby(counts)] == [False, True, False], case["alert"]
        proven.add((case["alert"], case["severity"]))
    shipped = {(alert["alert"], alert["labels"]["severity"]) for alert in ALERTS if alert["alert"] not in ALWAYS}
    assert proven == shipped


def test_certificates_of_each_source_are_proven_with_two_lifetimes() -> None:
    names = [case["alert"] for case in CASES if case["severity"] == "warning"]
    assert names.count("CertificateRenewalOverdue") == 2
    assert names.count("ServedCertificateExpiring") == 2
    assert len([s for c in CASES if c["alert"] == "StoredCertificateExpiring" for s in c["series"]]) > 4


def test_no_rule_asks_for_a_control_plane_that_the_cloud_hides() -> None:
    for alert in ALERTS:
        assert not any(word in alert["expr"] for word in ("scheduler", "controller-manager", "etcd_"))


RUNBOOKS = ROOT / "docs" / "runbooks"
BASE = "https://seaworthy.dev/platform/docs/runbooks/"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert['alert']}-{alert['labels']['severity']}")
def test_alert_says_what_it_means_and_links_its_runbook(alert: dict[str, t.Any]) -> None:
    notes = alert["annotations"]
    assert notes["summary"]
    assert notes["description"].endswith(".")
    assert notes["runbook_url"] == f"{BASE}{alert['alert']}.md"
    assert alert["labels"]["severity"] in ("critical", "warning", "info", "none")


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == {alert["alert"] for alert in ALERTS}


def test_runbook_says_what_to_look_at_and_what_to_do() -> None:
    for name in {alert["alert"] for alert in ALERTS}:
        text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n")
        assert "## Look\n```\n" in text
        assert "## Do\n- " in text


def test_list_of_alerts_is_that_of_the_rules() -> None:
    severities = {alert["alert"]: set[str]() for alert in ALERTS}
    for alert in ALERTS:
        severities[alert["alert"]].add(alert["labels"]["severity"])
    rows = {f"| [{name}]({name}.md) | {', '.join(sorted(found))} |" for name, found in severities.items()}
    text = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert {row.rsplit(" |", 2)[0] + " |" for row in text.splitlines() if row.startswith("| [")} == rows


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the file of the configuration that Alertmanager gets, which its own amtool finds right."""
    (secret,) = (obj for obj in objects("monitoring-whole") if obj["metadata"]["name"] == "alertmanager-main")
    path = tmp_path_factory.mktemp("alertmanager") / "alertmanager.yaml"
    path.write_text(secret["stringData"]["alertmanager.yaml"], encoding="utf-8")
    amtool("check-config", str(path))
    return str(path)


def amtool(*words: str) -> str:
    done = subprocess.run([BIN / "amtool", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert['alert']}-{alert['labels']['severity']}")
def test_every_alert_reaches_somebody(alertmanager: str, alert: dict[str, t.Any]) -> None:
    severity = alert["labels"]["severity"]
    wanted = {"critical": "pager", "warning": "chat", "info": "nobody", "none": "heartbeat"}[severity]
    labels = (f"alertname={alert['alert']}", f"severity={severity}")
    assert amtool("config", "routes", "test", f"--config.file={alertmanager}", *labels) == wanted


@pytest.mark.parametrize("label", ["team=payments", "namespace=ledger-prod"])
def test_alert_of_a_team_reaches_the_team(alertmanager: str, label: str) -> None:
    words = ("config", "routes", "test", f"--config.file={alertmanager}", "severity=critical", label)
    assert amtool(*words) == "payments-pager"


def test_rules_and_dashboards_ask_only_for_what_is_exposed() -> None:
    known = recorded().union(*EXPOSED.values())
    asked = asked_by_rules() | asked_by_dashboards()
    assert {place: unknown for place, found in asked.items() if (unknown := found - known)} == {}
    assert set().union(*EXPOSED.values()) - set().union(*asked.values()) == set()


def scrapes() -> list[dict[str, t.Any]]:
    (secret,) = (obj for obj in objects("monitoring-whole") if obj["metadata"]["name"] == "prometheus-scrapes")
    jobs: list[dict[str, t.Any]] = json.loads(secret["stringData"]["scrapes.yaml"])
    return jobs


def test_what_is_dropped_at_the_scrape_is_not_asked_for() -> None:
    """Kubelets and the API server are thinned out: what a rule needs must pass."""
    kept = [re.compile(row["regex"]) for job in scrapes() for row in job["metric_relabel_configs"]]
    for name in EXPOSED["kubelet and cAdvisor"] | EXPOSED["API server"]:
        assert any(pattern.fullmatch(name) for pattern in kept), name


def test_scrapes_of_the_cluster_are_valid(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "prometheus.yaml"
    path.write_text(json.dumps({"scrape_configs": scrapes()}), encoding="utf-8")
    promtool("check", "config", "--syntax-only", str(path))
