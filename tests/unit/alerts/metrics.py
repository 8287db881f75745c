# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which metrics our rules and dashboards ask for, and which of them each scraped component exposes."""

from __future__ import annotations

import json
import re

from .rules import FILES, objects

NO_NAMES = (
    re.compile(r'"[^"]*"'),
    re.compile(r"\{[^}]*\}"),
    re.compile(r"\[[^\]]*\]"),
    re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"),
)
NAME = re.compile(r"(?<![\w.:])([a-zA-Z_][\w:]*)(?!\s*\(|[\w:])")
WORDS = {"and", "or", "unless", "bool", "offset"}

EXPOSED: dict[str, set[str]] = {
    "Prometheus itself": {"ALERTS", "up"},
    # Verified live by tests/integration/test_monitoring.py against the programs that the crew runs.
    "kube-state-metrics": {
        "kube_horizontalpodautoscaler_spec_max_replicas", "kube_horizontalpodautoscaler_status_desired_replicas",
        "kube_node_info", "kube_node_spec_unschedulable", "kube_node_status_allocatable", "kube_node_status_condition",
        "kube_pod_info",
        "kube_pod_container_info", "kube_pod_container_resource_limits", "kube_pod_container_resource_requests",
        "kube_pod_container_status_last_terminated_reason", "kube_pod_container_status_restarts_total",
        "kube_pod_container_status_waiting_reason", "kube_pod_init_container_resource_limits",
        "kube_pod_init_container_resource_requests", "kube_pod_status_phase", "kube_resourcequota",
    },
    "kube-state-metrics, of what ECK runs": {"eck_beat_health", "eck_elasticsearch_health", "eck_kibana_health"},
    # Verified live by tests/integration/layers/test_secrets.py.
    "External Secrets": {
        "controller_runtime_reconcile_total", "externalsecret_status_condition", "externalsecret_sync_calls_total",
        "secretstore_status_condition",
    },
    "External Secrets, after an error": {"externalsecret_sync_calls_error"},
    "cert-manager": {
        "certmanager_certificate_expiration_timestamp_seconds", "certmanager_certificate_not_after_timestamp_seconds",
        "certmanager_certificate_not_before_timestamp_seconds", "certmanager_certificate_ready_status",
        "certmanager_certificate_renewal_timestamp_seconds", "certmanager_clock_time_seconds_gauge",
        "certmanager_clusterissuer_ready_status",
    },
    "Prometheus": {
        "prometheus_config_last_reload_successful", "prometheus_notifications_alertmanagers_discovered",
        "prometheus_rule_evaluation_failures_total", "prometheus_tsdb_head_samples_appended_total",
        "prometheus_tsdb_head_series", "process_resident_memory_bytes",
    },
    "Alertmanager": {
        "alertmanager_cluster_members", "alertmanager_config_last_reload_successful",
        "alertmanager_notifications_failed_total", "alertmanager_notifications_total",
    },
    "prometheus-operator": {"prometheus_operator_managed_resources"},
    # Verified live by tests/integration/gitops/test_delivery.py.
    "Argo CD": {"argocd_app_info", "argocd_cluster_info"},
    "Argo CD, after an error": {"argocd_git_fetch_fail_total", "argocd_git_lsremote_fail_total"},
    # No process of theirs runs here, or only an event makes the series: taken from upstream's sources.
    "cert-manager, after an error": {"certmanager_controller_sync_error_count"},
    "kubelet and cAdvisor": {
        "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "kubelet_evictions",
        "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes",
    },
    "node exporter": {
        "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", "node_pressure_memory_waiting_seconds_total",
        "node_vmstat_oom_kill",
    },
    "blackbox exporter, for a probe": {"probe_ssl_earliest_cert_expiry", "probe_success"},
    "certificate exporter": {"x509_cert_not_after", "x509_cert_not_before", "x509_source_up"},
    "Filebeat, by the JSON exporter": {
        "filebeat_harvester_open_files", "filebeat_output_events_acked_total", "filebeat_output_events_dropped_total",
        "filebeat_output_events_failed_total", "filebeat_queue_filled_ratio",
    },
    "API server": {"apiserver_request_total"},
    "Envoy Gateway": {"xds_nack_total", "xds_snapshot_update_total"},
    "Envoy": {"envoy_http_downstream_rq_xx"},
    "ExternalDNS": {"external_dns_controller_last_sync_timestamp_seconds", "external_dns_registry_errors_total"},
}  # fmt: skip
LIVE = ("kube-state-metrics", "cert-manager", "Prometheus", "Alertmanager", "prometheus-operator")


def names(expression: str) -> set[str]:
    """Return the metrics that a PromQL expression asks for."""
    for pattern in NO_NAMES:
        expression = pattern.sub(" ", expression)
    return {name for name in NAME.findall(expression) if name not in WORDS and not name.startswith("__")}


def recorded() -> set[str]:
    return {
        rule["record"] for groups in FILES.values() for group in groups for rule in group["rules"] if "record" in rule
    }


def asked_by_rules() -> dict[str, set[str]]:
    rules = [rule for groups in FILES.values() for group in groups for rule in group["rules"]]
    return {str(rule.get("alert") or rule["record"]): names(rule["expr"]) for rule in rules}


def asked_by_dashboards() -> dict[str, set[str]]:
    (shipped,) = (obj for obj in objects("monitoring-whole") if obj["metadata"]["name"] == "grafana-dashboards")
    return {
        f"{file}: {panel['title']}": set().union(*(names(target["expr"]) for target in panel["targets"]))
        for file, text in shipped["data"].items()
        for panel in json.loads(text)["panels"]
    }
