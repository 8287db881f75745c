# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of an alert: real cert-manager, kube-state-metrics, Prometheus, Alertmanager, and a receiver here."""

from __future__ import annotations

import http.server
import json
import pathlib
import threading
import typing as t

import pytest
import yaml

from tests.integration.harbours import ROOT, Demo, Run, start, until
from tests.unit.alerts.metrics import EXPOSED, LIVE

pytestmark = [pytest.mark.xdist_group("monitoring"), pytest.mark.prove]

QUICK = {
    "monitoring_state": "managed",
    "monitoring_proxy_url": "http://10.244.128.1:3128",
    "monitoring_receiver_ports": [3128],
    "monitoring_scrape_interval": "5s",
    "monitoring_notify": {"group_wait": "1s", "group_interval": "5s", "repeat_interval": "1h"},
}


class Receiver:
    """A webhook on this machine's loopback that remembers the alerts it was told."""

    def __init__(self) -> None:
        told = self.told = list[dict[str, t.Any]]()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def heard(self, alert: str, **labels: str) -> list[dict[str, t.Any]]:
        wanted = {"alertname": alert, **labels}.items()
        return [one for one in list(self.told) if wanted <= one["labels"].items()]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Watched:
    """A harbour with the layer, its receiver, and the playbook that made it."""

    def __init__(self, demo: Demo, receiver: Receiver) -> None:
        self.demo = demo
        self.receiver = receiver

    def play(self, *args: str) -> str:
        given = ("-e", json.dumps(QUICK), *args)
        run = self.demo.play("site.yml", *given, environment={"DRYDOCK_RECEIVER": self.receiver.url})
        return run.passed().output

    def apply(self, folder: pathlib.Path, *objects: dict[str, t.Any]) -> None:
        path = folder / "objects.yaml"
        path.write_text(yaml.safe_dump_all(objects), encoding="utf-8")
        self.demo.kubectl("apply", "-f", str(path))

    def impatient(self, namespace: str, rules: str, *alerts: str) -> None:
        """Take the waiting out of some alerts, as an intruder would: their expressions and their way stay ours."""
        found = self.demo.get("prometheusrule", "-n", namespace, rules)
        patch = [
            {"op": "replace", "path": f"/spec/groups/{g}/rules/{r}/for", "value": "0s"}
            for g, group in enumerate(found["spec"]["groups"])
            for r, rule in enumerate(group["rules"])
            if rule.get("alert") in alerts
        ]
        assert len(patch) == len(alerts)
        self.demo.kubectl("patch", "prometheusrule", "-n", namespace, rules, "--type=json", "-p", json.dumps(patch))

    def query(self, expression: str) -> list[dict[str, t.Any]]:
        path = "/api/v1/namespaces/monitoring/pods/prometheus-main-0:9090/proxy/api/v1/query?query="
        answer = json.loads(self.demo.kubectl("get", "--raw", path + expression))
        found: list[dict[str, t.Any]] = answer["data"]["result"]
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Watched]:
    demo, receiver = start(tmp_path_factory.mktemp("watched")), Receiver()
    layer = Watched(demo, receiver)
    try:
        layer.play()
        yield layer
    finally:
        receiver.close()
        demo.drydock("down", "--state", str(demo.state))


def test_second_run_over_the_monitored_platform_sends_no_write(watched: Watched) -> None:
    mark = watched.demo.mark()
    assert "monitoring      unchanged" in watched.play()
    assert watched.demo.writes(mark) == []


def test_dead_man_is_heard(watched: Watched) -> None:
    until(lambda: bool(watched.receiver.heard("Watchdog", cluster="demo")), 120)


def gate(watched: Watched, **variables: t.Any) -> Run:
    """Ask the real Alertmanager whether the next environment may follow; nothing else is run."""
    asked = {**QUICK, "platform_environments": ["demo"], "promotion_alert_severities": ["none"], **variables}
    asked |= {"promotion_soak": 0, "promotion_timeout": 20}
    return watched.demo.play("playbooks/promote.yml", "--tags", "nothing", "-e", json.dumps(asked))


def test_alert_that_fires_keeps_the_gate_shut(watched: Watched) -> None:
    until(lambda: bool(watched.receiver.heard("Watchdog", cluster="demo")), 120)
    assert "Watchdog (none) since" in gate(watched).refused()


def test_alert_that_is_known_does_not(watched: Watched) -> None:
    mark = watched.demo.mark()
    assert "objects ready, no alert" in gate(watched, promotion_ignored_alerts=["Watchdog"]).passed().output
    assert watched.demo.writes(mark) == []


def test_certificate_that_cannot_be_renewed_reaches_the_receiver(watched: Watched, tmp_path: pathlib.Path) -> None:
    issuer = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Issuer",
        "metadata": {"name": "lost", "namespace": "shop"},
        "spec": {"selfSigned": {}},
    }
    certificate = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "till", "namespace": "shop"},
        "spec": {"secretName": "till", "dnsNames": ["till.test"], "issuerRef": {"name": "lost", "kind": "Issuer"}},
    }
    demo = watched.demo
    watched.impatient("cert-manager", "certificates", "CertificateNotReady")
    watched.apply(tmp_path, issuer, certificate)
    demo.kubectl("wait", "-n", "shop", "certificate/till", "--for=condition=Ready", "--timeout=50s")
    demo.kubectl("delete", "-n", "shop", "issuer", "lost")
    demo.kubectl("patch", "-n", "shop", "certificate", "till", "--type=merge", "-p", '{"spec":{"dnsNames":["a.test"]}}')
    until(lambda: bool(watched.receiver.heard("CertificateNotReady", namespace="shop", name="till")), 180)
    (alert, *_more) = watched.receiver.heard("CertificateNotReady", namespace="shop", name="till")
    assert alert["labels"]["severity"] == "critical"
    assert alert["annotations"]["runbook_url"].endswith("/CertificateNotReady.md")
    watched.apply(tmp_path, issuer)
    healed = ("CertificateNotReady", {"namespace": "shop", "name": "till"})
    until(lambda: any(a["status"] == "resolved" for a in watched.receiver.heard(healed[0], **healed[1])), 180)


def test_pods_that_overcommit_a_node_reach_the_receiver(watched: Watched, tmp_path: pathlib.Path) -> None:
    node = watched.demo.get("nodes")["items"][0]["metadata"]["name"]
    greedy = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "greedy", "namespace": "shop"},
        "spec": {
            "nodeName": node,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "greedy",
                    "image": "registry.test/greedy:1",
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "60Gi"}},
                }
            ],
        },
    }
    watched.impatient("monitoring", "node-memory", "NodeMemoryLimitsOvercommitted")
    watched.apply(tmp_path, greedy)
    until(lambda: bool(watched.receiver.heard("NodeMemoryLimitsOvercommitted", node=node)), 180)
    others = [a for a in watched.receiver.heard("NodeMemoryLimitsOvercommitted") if a["labels"]["node"] != node]
    assert others == []


def test_an_edit_of_the_rules_is_put_right_by_the_next_run(watched: Watched) -> None:
    watched.impatient("monitoring", "monitoring", "TargetDown")
    watched.play("--tags", "monitoring")
    groups = watched.demo.get("prometheusrule", "-n", "monitoring", "monitoring")["spec"]["groups"]
    (rule,) = [rule for group in groups for rule in group["rules"] if rule.get("alert") == "TargetDown"]
    assert rule["for"] == "10m"


def test_real_targets_are_scraped(watched: Watched) -> None:
    """What runs as a process must be up; what is simulated (node exporter, Grafana) has no process to ask."""
    real = {"kube-state-metrics", "alertmanager-operated", "monitoring/prometheus", "cert-manager/certificates"}
    real |= {"monitoring/prometheus-operator", "monitoring/blackbox-exporter"}
    until(lambda: real <= {row["metric"]["job"] for row in watched.query("up==1")}, 90)


def test_metrics_of_rules_and_dashboards_are_really_exposed(watched: Watched) -> None:
    wanted = set().union(*(EXPOSED[component] for component in LIVE))
    path = "/api/v1/namespaces/monitoring/pods/prometheus-main-0:9090/proxy/api/v1/metadata"

    def missing() -> set[str]:
        return wanted - set(json.loads(watched.demo.kubectl("get", "--raw", path))["data"])

    until(lambda: not missing(), 90)


def test_what_an_operator_says_of_its_elasticsearch_is_a_metric(watched: Watched, tmp_path: pathlib.Path) -> None:
    definition = ROOT / "roles/logging/files/crds/eck/elasticsearches.elasticsearch.k8s.elastic.co.json"
    watched.demo.kubectl("apply", "--server-side", "-f", str(definition))
    watched.demo.kubectl("wait", "--for=condition=Established", "-f", str(definition))
    nodes = [{"name": "default", "count": 1}]
    watched.apply(
        tmp_path,
        {
            "apiVersion": "elasticsearch.k8s.elastic.co/v1",
            "kind": "Elasticsearch",
            "metadata": {"name": "platform", "namespace": "default"},
            "spec": {"version": "9.5.2", "nodeSets": nodes},
        },
    )
    said = ("patch", "elasticsearch", "platform", "--subresource=status", "--type=merge")
    watched.demo.kubectl(*said, "-p", json.dumps({"status": {"health": "red"}}))
    told = "eck_elasticsearch_health%7Bname=%22platform%22,health=%22red%22%7D==1"
    until(lambda: [row["metric"]["namespace"] for row in watched.query(told)] == ["default"], 120)
