# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness: each row with a status that is not there yet, one that is, and one that never will be."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.ready import READY, assess

Object = dict[str, t.Any]


def thing(api: str, kind: str, status: t.Any = None, spec: Object | None = None, **metadata: t.Any) -> Object:
    obj: Object = {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "x", "generation": 2, **metadata},
        "spec": spec or {},
    }
    return obj if status is None else {**obj, "status": status}


def conditions(**rows: str) -> Object:
    return {"conditions": [{"type": kind, "status": status} for kind, status in rows.items()]}


def deployment(ready: int, *, seen: int = 2, old: int = 0, more: Object | None = None) -> Object:
    counts = {"replicas": 2 + old, "updatedReplicas": 2, "readyReplicas": ready, "availableReplicas": ready}
    return thing("apps/v1", "Deployment", {"observedGeneration": seen, **counts, **(more or {})}, {"replicas": 2})


def stateful(revision: str = "b", update: Object | None = None, updated: int = 2) -> Object:
    status = {"observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "updatedReplicas": updated}
    revisions = {"currentRevision": "b", "updateRevision": revision}
    return thing("apps/v1", "StatefulSet", {**status, **revisions}, {"replicas": 2, "updateStrategy": update or {}})


def daemon(ready: int, updated: int = 3) -> Object:
    counts = {
        "desiredNumberScheduled": 3,
        "numberReady": ready,
        "numberAvailable": ready,
        "updatedNumberScheduled": updated,
    }
    return thing("apps/v1", "DaemonSet", {"observedGeneration": 2, **counts})


def pod(phase: str, reason: str = "", restarts: int = 0, ready: str = "False") -> Object:
    state = {"waiting": {"reason": reason, "message": "no such image"}} if reason else {"running": {}}
    container = {"name": "app", "state": state, "restartCount": restarts}
    return thing("v1", "Pod", {"phase": phase, "containerStatuses": [container], **conditions(Ready=ready)})


def claim(phase: str, spec: Object, **notes: str) -> Object:
    annotations = {f"volume.kubernetes.io/{key.replace('_', '-')}": value for key, value in notes.items()}
    return thing("v1", "PersistentVolumeClaim", {"phase": phase}, spec, annotations=annotations)


def webhook(bundle: str, **metadata: t.Any) -> Object:
    obj = thing("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", **metadata)
    return {**obj, "webhooks": [{"clientConfig": {"caBundle": "QQ=="}}, {"clientConfig": {"caBundle": bundle}}]}


INJECT = {"annotations": {"cert-manager.io/inject-ca-from-secret": "a/b"}}
DEADLINE = {
    "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late"}]
}
QUOTA = {
    "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}]
}
CM, GW, ES = "cert-manager.io/v1", "gateway.networking.k8s.io/v1", "elasticsearch.k8s.elastic.co/v1"
ISSUING = {
    "conditions": [
        {"type": "Issuing", "status": "True", "message": "Issuing certificate"},
        {"type": "Ready", "status": "False"},
    ]
}
CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


def fresh(generation: int, status: str = "True") -> Object:
    return {
        "conditions": [
            {"type": "Ready", "status": status, "reason": "R", "message": "m", "observedGeneration": generation}
        ]
    }


def route(accepted: str, resolved: str = "True") -> Object:
    return thing(
        GW,
        "HTTPRoute",
        {
            "parents": [
                conditions(Accepted="True", ResolvedRefs="True"),
                conditions(Accepted=accepted, ResolvedRefs=resolved),
            ]
        },
    )


ROWS: list[tuple[str, Object, str, str]] = [
    ("deployment complete", deployment(2), "ready", "2/2 ready"),
    ("deployment half way", deployment(1), "progressing", "1/2 ready"),
    ("deployment not yet seen", deployment(2, seen=1), "progressing", "not yet seen by its controller"),
    ("deployment without status", thing("apps/v1", "Deployment", spec={"replicas": 2}), "progressing", "0/2 ready"),
    ("deployment with old pods", deployment(2, old=1), "progressing", "1 of the old version left"),
    ("deployment out of time", deployment(1, more=DEADLINE), "failed", "ProgressDeadlineExceeded): late"),
    ("deployment whose pods are refused", deployment(0, more=QUOTA), "progressing", "FailedCreate): exceeded quota"),
    ("stateful set complete", stateful(), "ready", "2/2 ready"),
    ("stateful set rolling", stateful("c"), "progressing", "2/2 ready"),
    ("stateful set on delete", stateful("c", {"type": "OnDelete"}), "ready", "2/2"),
    ("stateful set up to its partition", stateful("c", {"rollingUpdate": {"partition": 1}}, 1), "ready", "2/2"),
    (
        "stateful set not up to its partition",
        stateful("c", {"rollingUpdate": {"partition": 1}}, 0),
        "progressing",
        "2/2",
    ),
    ("daemon set complete", daemon(3), "ready", "3/3 ready"),
    ("daemon set half way", daemon(2), "progressing", "2/3 ready"),
    ("daemon set with old pods", daemon(3, 2), "progressing", "3/3 ready"),
    ("job running", thing("batch/v1", "Job", {"active": 1}), "progressing", "0/1 completed"),
    ("job complete", thing("batch/v1", "Job", {"succeeded": 1, **conditions(Complete="True")}), "ready", "1/1"),
    ("job failed", thing("batch/v1", "Job", conditions(Failed="True")), "failed", "Failed True"),
    ("job suspended", thing("batch/v1", "Job", {}, {"suspend": True}), "ready", "suspended, as asked"),
    ("pod running", pod("Running", ready="True"), "ready", "Running"),
    ("pod running, not ready", pod("Running"), "progressing", "Running, Ready False"),
    ("pod done", pod("Succeeded"), "ready", "Succeeded"),
    ("pod failed", pod("Failed"), "failed", "Failed"),
    (
        "pod without its image",
        pod("Pending", "ImagePullBackOff"),
        "failed",
        "container app ImagePullBackOff: no such image",
    ),
    ("pod that pulls", pod("Pending", "ErrImagePull"), "progressing", "Pending"),
    ("pod that crashes again and again", pod("Running", "CrashLoopBackOff", 4), "failed", "after 4 restarts"),
    ("pod that crashed once", pod("Running", "CrashLoopBackOff", 1), "progressing", "Running"),
    ("service inside", thing("v1", "Service", {}, {"clusterIP": "10.0.0.1"}), "ready", "address"),
    ("service without address", thing("v1", "Service", {}, {"type": "ClusterIP"}), "progressing", "no cluster address"),
    ("service by name", thing("v1", "Service", {}, {"type": "ExternalName"}), "ready", "address"),
    (
        "load balancer without address",
        thing("v1", "Service", {"loadBalancer": {}}, {"type": "LoadBalancer", "clusterIP": "1"}),
        "progressing",
        "no load balancer address",
    ),
    (
        "load balancer",
        thing(
            "v1",
            "Service",
            {"loadBalancer": {"ingress": [{"hostname": "elb.x"}]}},
            {"type": "LoadBalancer", "clusterIP": "1"},
        ),
        "ready",
        "address elb.x",
    ),
    ("claim bound", claim("Bound", {}), "ready", "Bound"),
    ("claim that waits for a pod", claim("Pending", {"storageClassName": "fast"}), "ready", "waits for its first pod"),
    (
        "claim being provisioned",
        claim("Pending", {"storageClassName": "fast"}, storage_provisioner="ebs"),
        "progressing",
        "Pending",
    ),
    ("claim of no class", claim("Pending", {}), "progressing", "Pending"),
    ("claim lost", claim("Lost", {}), "failed", "its volume is gone"),
    ("namespace", thing("v1", "Namespace", {"phase": "Active"}), "ready", "phase Active"),
    (
        "budget kept",
        thing("policy/v1", "PodDisruptionBudget", {"observedGeneration": 2, "currentHealthy": 2, "desiredHealthy": 1}),
        "ready",
        "2/1 healthy",
    ),
    (
        "budget broken",
        thing("policy/v1", "PodDisruptionBudget", {"observedGeneration": 2, "currentHealthy": 0, "desiredHealthy": 1}),
        "progressing",
        "0/1 healthy",
    ),
    ("crd established", thing(*CRD, conditions(Established="True")), "ready", "ready"),
    ("crd new", thing(*CRD, {"conditions": None}), "progressing", "not Established yet"),
    ("crd whose names are taken", thing(*CRD, conditions(NamesAccepted="False")), "failed", "NamesAccepted False"),
    (
        "api service served",
        thing("apiregistration.k8s.io/v1", "APIService", conditions(Available="True")),
        "ready",
        "Available",
    ),
    (
        "api service without backend",
        thing("apiregistration.k8s.io/v1", "APIService", conditions(Available="False")),
        "progressing",
        "Available False",
    ),
    ("webhook without injection", webhook(""), "ready", "ready"),
    ("webhook before injection", webhook("", **INJECT), "progressing", "CA bundle is not injected yet"),
    ("webhook after injection", webhook("QQ==", **INJECT), "ready", "ready"),
    (
        "webhook by label, before",
        webhook("", labels={"external-secrets.io/component": "webhook"}),
        "progressing",
        "CA bundle",
    ),
    ("certificate that nobody looked at", thing(CM, "Certificate"), "progressing", "no Ready condition yet"),
    ("certificate being issued", thing(CM, "Certificate", ISSUING), "progressing", "Issuing: Issuing certificate"),
    ("certificate ready", thing(CM, "Certificate", fresh(2)), "ready", "Ready"),
    (
        "certificate ready for an older generation",
        thing(CM, "Certificate", fresh(1)),
        "progressing",
        "older generation",
    ),
    ("issuer refused", thing(CM, "ClusterIssuer", fresh(2, "False")), "progressing", "Ready False (R): m"),
    (
        "external secret without status",
        thing("external-secrets.io/v1", "ExternalSecret", {}),
        "progressing",
        "no Ready",
    ),
    (
        "gateway accepted, without address",
        thing(GW, "Gateway", conditions(Accepted="True", Programmed="False")),
        "progressing",
        "Programmed False",
    ),
    ("gateway", thing(GW, "Gateway", conditions(Accepted="True", Programmed="True")), "ready", "Accepted"),
    (
        "route that no gateway took",
        thing(GW, "HTTPRoute", {"parents": []}),
        "progressing",
        "no gateway has taken it up",
    ),
    ("route of two gateways", route("True"), "ready", "Accepted"),
    ("route that one gateway refused", route("False"), "progressing", "Accepted False"),
    (
        "prometheus degraded",
        thing("monitoring.coreos.com/v1", "Prometheus", conditions(Available="Degraded", Reconciled="True")),
        "progressing",
        "Available Degraded",
    ),
    (
        "elasticsearch yellow",
        thing(ES, "Elasticsearch", {"phase": "Ready", "health": "yellow"}),
        "progressing",
        "health yellow",
    ),
    ("elasticsearch green", thing(ES, "Elasticsearch", {"phase": "Ready", "health": "green"}), "ready", "green"),
    (
        "backup location",
        thing("velero.io/v1", "BackupStorageLocation", {"phase": "Unavailable", "message": "denied"}),
        "progressing",
        "phase Unavailable: denied",
    ),
    (
        "autoscaler without target",
        thing("autoscaling/v2", "HorizontalPodAutoscaler", conditions(AbleToScale="False")),
        "progressing",
        "AbleToScale False",
    ),
    ("config map", thing("v1", "ConfigMap"), "ready", "exists"),
    ("unknown kind without status", thing("x.io/v1", "Y"), "ready", "exists"),
    ("unknown kind not ready", thing("x.io/v1", "Y", conditions(Ready="False")), "progressing", "Ready False"),
    (
        "unknown kind reconciling",
        thing("x.io/v1", "Y", conditions(Reconciling="True", Ready="True")),
        "progressing",
        "Reconciling True",
    ),
    ("unknown kind stalled", thing("x.io/v1", "Y", conditions(Stalled="True")), "failed", "Stalled True"),
    (
        "unknown kind not yet seen",
        thing("x.io/v1", "Y", {"observedGeneration": 1, **conditions(Ready="True")}),
        "progressing",
        "not yet seen",
    ),
    (
        "anything being deleted",
        thing("v1", "ConfigMap", deletionTimestamp="t", finalizers=["a/b"]),
        "progressing",
        "being deleted, held by a/b",
    ),
]


@pytest.mark.parametrize(("obj", "state", "message"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_readiness(obj: Object, state: str, message: str) -> None:
    found = assess(obj)
    assert (found.state, message in found.message) == (state, True), found
    assert found.ready == (state == "ready")


def test_a_kind_with_a_row_is_not_ready_before_it_reports() -> None:
    silent = {("batch", "Job"), ("", "Pod"), ("", "Service"), ("", "PersistentVolumeClaim")}
    by_existing = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
    for group, kind in set(READY) - silent:
        obj = thing(f"{group}/v1" if group else "v1", kind)
        assert assess(obj).ready == (kind in by_existing), kind


STATUS = st.fixed_dictionaries(
    {},
    optional={
        "conditions": st.one_of(
            st.none(),
            st.lists(
                st.dictionaries(
                    st.sampled_from(["type", "status", "reason"]), st.sampled_from(["Ready", "True", "False"])
                ),
                max_size=2,
            ),
        ),
        "observedGeneration": st.one_of(st.none(), st.integers(0, 3)),
        "phase": st.sampled_from(["Pending", "Bound", None]),
        "replicas": st.one_of(st.none(), st.integers(0, 3)),
        "loadBalancer": st.sampled_from([None, {}, {"ingress": None}]),
        "containerStatuses": st.sampled_from([None, [], [{"name": "a"}], [{"name": "a", "state": {"waiting": None}}]]),
        "parents": st.sampled_from([None, []]),
    },
)


@given(st.sampled_from([*READY, ("", "ConfigMap")]), st.one_of(st.none(), STATUS))
@settings(max_examples=300, deadline=None)
def test_odd_or_missing_status_never_raises(key: tuple[str, str], status: Object | None) -> None:
    obj = thing(f"{key[0]}/v1" if key[0] else "v1", key[1], spec={})
    assert assess({**obj, "status": status}).message
