# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is this object what it was asked to be? One row per kind, from the object alone.

The base is kstatus (kubernetes-sigs/cli-utils); its gaps are closed: a running Job is not done, a load
balancer without an address is not there, a custom resource that nobody has looked at is not ready, a failed
pod is a failure. Kinds without a row that report nothing are ready by existing.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .objects import Object, annotations_of, labels_of, split_api_version, terminating

State = t.Literal["ready", "progressing", "failed"]
Check = t.Callable[[Object], bool]
Text = t.Callable[[Object], str]

MAX_RESTARTS = 3
IMAGE_ERRORS = ("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
INJECT_ANNOTATIONS = (
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/inject-apiserver-ca",
)
"""Somebody else writes the CA bundle of an object that carries one of these (cert-manager's cainjector)."""
INJECT_LABEL = ("external-secrets.io/component", "webhook")


@dataclasses.dataclass(frozen=True)
class Readiness:
    """``message`` is short: it stands in a progress line behind the object's name ("1/2 ready")."""

    state: State
    message: str

    @property
    def ready(self) -> bool:
        return self.state == "ready"


@dataclasses.dataclass(frozen=True)
class Rule:
    """``current``: as wished; ``failed``: why it never will be, or ""; ``explain``: what is there so far."""

    current: Check
    explain: Text
    failed: Text = lambda obj: ""


def assess(obj: Object) -> Readiness:
    """Return how far an object, as the server has it, is. Never raises on odd or missing status."""
    if terminating(obj):
        held = ", ".join(obj["metadata"].get("finalizers") or ())
        return Readiness("progressing", f"being deleted{f', held by {held}' if held else ''}")
    rule = READY.get((split_api_version(str(obj.get("apiVersion", "")))[0], str(obj.get("kind", ""))), ANY)
    failure = rule.failed(obj) or _stalled(obj)
    if failure:
        return Readiness("failed", failure)
    if _unseen(obj):
        return Readiness("progressing", "not yet seen by its controller")
    return Readiness("ready" if rule.current(obj) else "progressing", rule.explain(obj))


def _spec(obj: Object) -> dict[str, t.Any]:
    return obj.get("spec") or {}


def _status(obj: Object) -> dict[str, t.Any]:
    return obj.get("status") or {}


def _count(fields: dict[str, t.Any], name: str, default: int = 0) -> int:
    value = fields.get(name)
    return value if isinstance(value, int) else default


def condition(obj: Object, kind: str) -> dict[str, t.Any]:
    """Return the condition of that type, or an empty one (``conditions`` may be null)."""
    rows = _status(obj).get("conditions") or ()
    return next((row for row in rows if isinstance(row, dict) and row.get("type") == kind), {})


def _is(obj: Object, kind: str, status: str = "True") -> bool:
    return condition(obj, kind).get("status") == status


def _said(row: dict[str, t.Any]) -> str:
    """Return a condition in words: ``Ready False (DoesNotExist): message``."""
    reason, message = row.get("reason"), row.get("message")
    text = f"{row.get('type')} {row.get('status')}{f' ({reason})' if reason else ''}"
    return f"{text}: {message}" if message else text


def _stalled(obj: Object) -> str:
    return _said(condition(obj, "Stalled")) if _is(obj, "Stalled") else ""


def _generation(obj: Object) -> int:
    return _count(obj.get("metadata") or {}, "generation")


def _unseen(obj: Object) -> bool:
    seen = _status(obj).get("observedGeneration")
    return isinstance(seen, int) and seen < _generation(obj)


# Pods and what makes them ----------------------------------------------------------------------------------------


def _replicas(obj: Object) -> int:
    return _count(_spec(obj), "replicas", 1)


def _observed(obj: Object) -> bool:
    return isinstance(_status(obj).get("observedGeneration"), int)


def _deployment_current(obj: Object) -> bool:
    status, wanted = _status(obj), _replicas(obj)
    counts = [_count(status, name) for name in ("updatedReplicas", "readyReplicas", "availableReplicas", "replicas")]
    return _observed(obj) and all(count == wanted for count in counts)


def _deadline_exceeded(obj: Object) -> str:
    row = condition(obj, "Progressing")
    return _said(row) if row.get("reason") == "ProgressDeadlineExceeded" else ""


def _explain_replicas(obj: Object) -> str:
    status, wanted = _status(obj), _replicas(obj)
    text = f"{_count(status, 'readyReplicas')}/{wanted} ready"
    if _spec(obj).get("paused"):
        return f"{text}, paused"
    old = _count(status, "replicas") - _count(status, "updatedReplicas")
    if obj.get("kind") == "Deployment" and old > 0:
        text += f", {old} of the old version left"
    row = condition(obj, "ReplicaFailure")
    return f"{text}, {_said(row)}" if row.get("status") == "True" else text


def _statefulset_current(obj: Object) -> bool:
    spec, status, wanted = _spec(obj), _status(obj), _replicas(obj)
    if not _observed(obj) or _count(status, "readyReplicas") != wanted or _count(status, "replicas") != wanted:
        return False
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return True
    kept = _count(strategy.get("rollingUpdate") or {}, "partition")
    if kept:
        return _count(status, "updatedReplicas") >= wanted - kept
    return status.get("currentRevision") == status.get("updateRevision")


def _daemonset_current(obj: Object) -> bool:
    status = _status(obj)
    wanted = _count(status, "desiredNumberScheduled", -1)
    names = ["numberReady", "numberAvailable"]
    if (_spec(obj).get("updateStrategy") or {}).get("type") != "OnDelete":
        names.append("updatedNumberScheduled")
    return _observed(obj) and wanted >= 0 and all(_count(status, name) == wanted for name in names)


def _explain_daemonset(obj: Object) -> str:
    status = _status(obj)
    return f"{_count(status, 'numberReady')}/{_count(status, 'desiredNumberScheduled')} ready"


def _job_current(obj: Object) -> bool:
    return _is(obj, "Complete") or _spec(obj).get("suspend") is True


def _explain_job(obj: Object) -> str:
    if _spec(obj).get("suspend") is True:
        return "suspended, as asked"
    return f"{_count(_status(obj), 'succeeded')}/{_count(_spec(obj), 'completions', 1)} completed"


def container_statuses(pod: Object) -> list[dict[str, t.Any]]:
    """Return the states of a pod's containers, initial ones first."""
    status = _status(pod)
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def waiting(container: dict[str, t.Any]) -> dict[str, t.Any]:
    return (container.get("state") or {}).get("waiting") or {}


def hopeless_container(container: dict[str, t.Any]) -> str:
    """Return why waiting longer will not help this container, or ""."""
    reason = waiting(container).get("reason", "")
    if reason in IMAGE_ERRORS:
        return f"{reason}: {waiting(container).get('message') or container.get('image', '')}"
    if reason == "CrashLoopBackOff" and _count(container, "restartCount") > MAX_RESTARTS:
        return f"CrashLoopBackOff after {container['restartCount']} restarts"
    return ""


def _pod_failed(obj: Object) -> str:
    status = _status(obj)
    if status.get("phase") == "Failed":
        return f"Failed: {status.get('message') or status.get('reason') or 'its containers ended with an error'}"
    found = [(container.get("name"), hopeless_container(container)) for container in container_statuses(obj)]
    return next((f"container {name} {why}" for name, why in found if why), "")


def _explain_pod(obj: Object) -> str:
    phase = str(_status(obj).get("phase") or "not yet accepted by a node")
    row = condition(obj, "Ready" if phase == "Running" else "PodScheduled")
    return f"{phase}, {_said(row)}" if row.get("status") == "False" else phase


# What the cluster itself provides --------------------------------------------------------------------------------


def _service_current(obj: Object) -> bool:
    spec = _spec(obj)
    if spec.get("type") == "ExternalName":
        return True
    if not spec.get("clusterIP"):
        return False
    return spec.get("type") != "LoadBalancer" or bool(_addresses(obj))


def _addresses(obj: Object) -> list[str]:
    rows = (_status(obj).get("loadBalancer") or {}).get("ingress") or ()
    return [str(row.get("hostname") or row.get("ip")) for row in rows if row.get("hostname") or row.get("ip")]


def _explain_service(obj: Object) -> str:
    if _spec(obj).get("type") != "LoadBalancer":
        return "has an address" if _service_current(obj) else "no cluster address yet"
    return f"address {_addresses(obj)[0]}" if _addresses(obj) else "no load balancer address yet"


def _awaits_first_pod(claim: Object) -> bool:
    """Whether the claim rests until a pod uses it (WaitForFirstConsumer), as far as the claim alone tells.

    The volume controller writes its annotations as soon as it starts to provision; for a class that waits it
    writes none before a pod is scheduled (pkg/controller/volume/persistentvolume). A class that does not
    exist looks the same, and then the pods that use the claim say so.
    """
    notes = annotations_of(claim)
    begun = [key for key in ("storage-provisioner", "selected-node") if f"volume.kubernetes.io/{key}" in notes]
    return bool(_spec(claim).get("storageClassName")) and not _spec(claim).get("volumeName") and not begun


def _claim_current(obj: Object) -> bool:
    phase = _status(obj).get("phase")
    return phase == "Bound" or (phase == "Pending" and _awaits_first_pod(obj))


def _explain_claim(obj: Object) -> str:
    phase = str(_status(obj).get("phase") or "Pending")
    return "waits for its first pod" if phase == "Pending" and _awaits_first_pod(obj) else phase


def _budget_current(obj: Object) -> bool:
    status = _status(obj)
    return _observed(obj) and _count(status, "currentHealthy") >= _count(status, "desiredHealthy")


def _explain_budget(obj: Object) -> str:
    status = _status(obj)
    return f"{_count(status, 'currentHealthy')}/{_count(status, 'desiredHealthy')} healthy"


def _crd_failed(obj: Object) -> str:
    row = condition(obj, "NamesAccepted")
    return _said(row) if row.get("status") == "False" else ""


def _injected(obj: Object) -> bool:
    """Whether every place that waits for a CA bundle has one."""
    awaited = any(name in annotations_of(obj) for name in INJECT_ANNOTATIONS)
    awaited = awaited or labels_of(obj).get(INJECT_LABEL[0]) == INJECT_LABEL[1]
    return not awaited or all(place.get("caBundle") for place in _ca_places(obj))


def _ca_places(obj: Object) -> list[dict[str, t.Any]]:
    if obj.get("kind") == "APIService":
        return [_spec(obj)]
    if obj.get("kind") == "CustomResourceDefinition":
        webhook = (_spec(obj).get("conversion") or {}).get("webhook") or {}
        return [webhook["clientConfig"]] if webhook.get("clientConfig") else []
    return [webhook.get("clientConfig") or {} for webhook in obj.get("webhooks") or ()]


def _explain_injected(obj: Object) -> str:
    return "ready" if _injected(obj) else "its CA bundle is not injected yet"


# Custom resources ------------------------------------------------------------------------------------------------


def _conditions(*kinds: str) -> Rule:
    """Each condition must be there, True, and about this generation where it says which."""

    def fresh(obj: Object, kind: str) -> bool:
        row = condition(obj, kind)
        return row.get("status") == "True" and _count(row, "observedGeneration", _generation(obj)) >= _generation(obj)

    def explain(obj: Object) -> str:
        missing = [kind for kind in kinds if not fresh(obj, kind)]
        if not missing:
            return kinds[0]
        row = condition(obj, missing[0])
        if _is(obj, "Issuing"):
            return _short(condition(obj, "Issuing"))
        if row.get("status") == "True":
            return f"{missing[0]} is about an older generation"
        return _said(row) if row else f"no {missing[0]} condition yet"

    return Rule(lambda obj: all(fresh(obj, kind) for kind in kinds), explain)


def _short(row: dict[str, t.Any]) -> str:
    return f"{row.get('type')}: {row['message']}" if row.get("message") else str(row.get("type"))


def _each(field: str, *kinds: str) -> Rule:
    """The conditions stand once per parent or ancestor (Gateway API); one at least, and all of them good."""

    def bad(obj: Object) -> list[str]:
        rows = [_as_status(row) for row in _status(obj).get(field) or ()]
        return [_said(condition(row, kind) or {"type": kind, "status": "missing"}) for row in rows for kind in kinds
                if not _is(row, kind)]  # fmt: skip

    def explain(obj: Object) -> str:
        return (bad(obj) or [kinds[0]])[0] if _status(obj).get(field) else "no gateway has taken it up yet"

    return Rule(lambda obj: bool(_status(obj).get(field)) and not bad(obj), explain)


def _as_status(row: dict[str, t.Any]) -> Object:
    return {"status": {"conditions": row.get("conditions")}}


def _value(field: str, *good: str, bad: tuple[str, ...] = ()) -> Rule:
    """A kind that reports one word instead of conditions."""

    def told(obj: Object) -> str:
        status = _status(obj)
        text = f"{field} {status.get(field) or 'not reported yet'}"
        return f"{text}: {status['message']}" if status.get("message") else text

    return Rule(
        current=lambda obj: _status(obj).get(field) in good,
        failed=lambda obj: told(obj) if _status(obj).get(field) in bad else "",
        explain=told,
    )


def _elasticsearch_current(obj: Object) -> bool:
    status = _status(obj)
    return status.get("phase") == "Ready" and status.get("health") == "green"


def _explain_elasticsearch(obj: Object) -> str:
    status = _status(obj)
    return f"phase {status.get('phase') or 'unknown'}, health {status.get('health') or 'unknown'}"


def _any_current(obj: Object) -> bool:
    """The generic rule: silent is ready; who reports Ready or Reconciling is taken at its word."""
    if _is(obj, "Reconciling"):
        return False
    return not condition(obj, "Ready") or _READY.current(obj)


def _explain_any(obj: Object) -> str:
    if _is(obj, "Reconciling"):
        return _said(condition(obj, "Reconciling"))
    return _READY.explain(obj) if condition(obj, "Ready") else "exists"


ANY = Rule(_any_current, _explain_any)
_WEBHOOKS = Rule(_injected, _explain_injected)
_READY = _conditions("Ready")

READY: t.Final[dict[tuple[str, str], Rule]] = {
    ("apps", "Deployment"): Rule(_deployment_current, _explain_replicas, _deadline_exceeded),
    ("apps", "StatefulSet"): Rule(_statefulset_current, _explain_replicas),
    ("apps", "ReplicaSet"): Rule(
        lambda obj: _observed(obj) and _count(_status(obj), "availableReplicas") == _replicas(obj), _explain_replicas
    ),
    ("apps", "DaemonSet"): Rule(_daemonset_current, _explain_daemonset),
    ("batch", "Job"): Rule(
        _job_current, _explain_job, lambda obj: _said(condition(obj, "Failed")) if _is(obj, "Failed") else ""
    ),
    ("", "Pod"): Rule(
        lambda obj: _is(obj, "Ready") or _status(obj).get("phase") == "Succeeded", _explain_pod, _pod_failed
    ),
    ("", "Service"): Rule(_service_current, _explain_service),
    ("", "PersistentVolumeClaim"): Rule(
        _claim_current, _explain_claim,
        lambda obj: "Lost: its volume is gone" if _status(obj).get("phase") == "Lost" else "",
    ),
    ("", "PersistentVolume"): _value("phase", "Bound", "Available", bad=("Failed",)),
    ("", "Namespace"): _value("phase", "Active"),
    ("policy", "PodDisruptionBudget"): Rule(_budget_current, _explain_budget),
    # Whether metrics arrive is another layer's business; that the target can be scaled is this object's.
    ("autoscaling", "HorizontalPodAutoscaler"): _conditions("AbleToScale"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(
        lambda obj: _is(obj, "Established") and _injected(obj),
        lambda obj: _explain_injected(obj) if _is(obj, "Established") else "not Established yet", _crd_failed,
    ),
    ("apiregistration.k8s.io", "APIService"): Rule(
        lambda obj: _is(obj, "Available") and _injected(obj),
        lambda obj: _said(condition(obj, "Available")) if condition(obj, "Available") else "not Available yet",
    ),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _WEBHOOKS,
    ("certificates.k8s.io", "CertificateSigningRequest"): _conditions("Approved"),
    # cert-manager: docs/configuration, docs/usage/certificate
    ("cert-manager.io", "Certificate"): _READY,
    ("cert-manager.io", "CertificateRequest"): _READY,
    ("cert-manager.io", "Issuer"): _READY,
    ("cert-manager.io", "ClusterIssuer"): _READY,
    # external-secrets: apis/externalsecrets/v1
    ("external-secrets.io", "SecretStore"): _READY,
    ("external-secrets.io", "ClusterSecretStore"): _READY,
    ("external-secrets.io", "ExternalSecret"): _READY,
    ("external-secrets.io", "ClusterExternalSecret"): _READY,
    ("external-secrets.io", "PushSecret"): _READY,
    # Gateway API: conditions of each kind; routes and policies once per parent or ancestor
    ("gateway.networking.k8s.io", "GatewayClass"): _conditions("Accepted"),
    ("gateway.networking.k8s.io", "Gateway"): _conditions("Accepted", "Programmed"),
    ("gateway.networking.k8s.io", "ListenerSet"): _conditions("Accepted", "Programmed"),
    ("gateway.networking.k8s.io", "HTTPRoute"): _each("parents", "Accepted", "ResolvedRefs"),
    ("gateway.networking.k8s.io", "GRPCRoute"): _each("parents", "Accepted", "ResolvedRefs"),
    ("gateway.networking.k8s.io", "TLSRoute"): _each("parents", "Accepted", "ResolvedRefs"),
    ("gateway.networking.k8s.io", "TCPRoute"): _each("parents", "Accepted", "ResolvedRefs"),
    ("gateway.networking.k8s.io", "BackendTLSPolicy"): _each("ancestors", "Accepted"),
    ("gateway.envoyproxy.io", "SecurityPolicy"): _each("ancestors", "Accepted"),
    ("gateway.envoyproxy.io", "ClientTrafficPolicy"): _each("ancestors", "Accepted"),
    ("gateway.envoyproxy.io", "BackendTrafficPolicy"): _each("ancestors", "Accepted"),
    # prometheus-operator: pkg/apis/monitoring/v1/types.go
    ("monitoring.coreos.com", "Prometheus"): _conditions("Available", "Reconciled"),
    ("monitoring.coreos.com", "Alertmanager"): _conditions("Available", "Reconciled"),
    ("monitoring.coreos.com", "ThanosRuler"): _conditions("Available", "Reconciled"),
    # Flux: all of its kinds report Ready with the generation
    ("source.toolkit.fluxcd.io", "GitRepository"): _READY,
    ("source.toolkit.fluxcd.io", "OCIRepository"): _READY,
    ("source.toolkit.fluxcd.io", "HelmRepository"): _READY,
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): _READY,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _READY,
    # ECK: status of each kind (pkg/apis)
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): Rule(
        _elasticsearch_current, _explain_elasticsearch,
        lambda obj: "phase Invalid; its events say why" if _status(obj).get("phase") == "Invalid" else "",
    ),
    ("kibana.k8s.elastic.co", "Kibana"): _value("health", "green"),
    ("beat.k8s.elastic.co", "Beat"): _value("health", "green"),
    # Velero: config/crd
    ("velero.io", "BackupStorageLocation"): _value("phase", "Available"),
    ("velero.io", "Schedule"): _value("phase", "Enabled", bad=("FailedValidation",)),
    # Others
    ("karpenter.sh", "NodePool"): _READY,
    ("karpenter.k8s.aws", "EC2NodeClass"): _READY,
    ("keda.sh", "ScaledObject"): _READY,
    ("k8s.keycloak.org", "Keycloak"): _READY,
    ("elbv2.k8s.aws", "TargetGroupBinding"): _READY,
    ("k8s.nginx.org", "VirtualServer"): _value("state", "Valid", bad=("Invalid",)),
}  # fmt: skip
