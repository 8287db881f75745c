# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why is it not ready? One sentence a person can act on, from the object, its pods, their events and logs.

Pure: ``related_queries`` and ``log_queries`` say what to read, the engine reads it, ``explain`` tells. Pass
what comes out through the run's ``Redactor``: events and logs hold what workloads wrote.
"""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from .._common.progress import duration
from .objects import Object, identity_of
from .ready import assess, condition, container_statuses, waiting

MAX_EVENTS = 5
MAX_TEXT = 300
MAX_LOG_LINES = 20
MAX_LOG_TEXT = 1500
MAX_SHOWN = 5
MAX_REPORT = 6000


def _match_labels(obj: Object) -> dict[str, str] | None:
    labels = ((obj.get("spec") or {}).get("selector") or {}).get("matchLabels")
    return labels if isinstance(labels, dict) else None


POD_SELECTORS: t.Final[dict[tuple[str, str], t.Callable[[Object], dict[str, str] | None]]] = {
    ("apps", "Deployment"): _match_labels,
    ("apps", "StatefulSet"): _match_labels,
    ("apps", "DaemonSet"): _match_labels,
    ("apps", "ReplicaSet"): _match_labels,
    ("batch", "Job"): lambda obj: {"batch.kubernetes.io/job-name": obj["metadata"]["name"]},
    ("policy", "PodDisruptionBudget"): _match_labels,
    ("", "Service"): lambda obj: obj.get("spec", {}).get("selector"),
    ("monitoring.coreos.com", "Prometheus"): lambda obj: {"operator.prometheus.io/name": obj["metadata"]["name"]},
    ("monitoring.coreos.com", "Alertmanager"): lambda obj: {"alertmanager": obj["metadata"]["name"]},
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): lambda obj: {
        "elasticsearch.k8s.elastic.co/cluster-name": obj["metadata"]["name"]
    },
}
"""Kinds that have pods, and the labels of these."""

REMEDIES: t.Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("ImagePullBackOff", "ErrImagePull", "InvalidImageName"),
     "Check the image name, the registry mirror and the pull secret."),
    (("OOMKilled",), "Raise its memory request and limit."),
    (("Insufficient memory", "Insufficient cpu", "Too many pods"),
     "Lower its request, or add nodes."),
    (("untolerated taint", "didn't match Pod's node affinity"),
     "Give it a toleration or a node selector that some node pool has, or add such a pool."),
    (("unbound immediate PersistentVolumeClaims", "volume node affinity conflict", "storageclass"),
     "Look at its claims: kubectl get pvc, and at the storage class."),
    (("violates PodSecurity",), "Say in the template what the namespace allows, or set the namespace's level."),
    (("exceeded quota",), "Raise the namespace's quota or lower its requests."),
    (("CreateContainerConfigError",), "Make the Secret or ConfigMap that it names."),
    (("CrashLoopBackOff",), "Read why it stops: kubectl logs --previous."),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Query:
    """One GET. Equal queries of many objects are one request; ``parameters`` is sorted."""

    what: t.Literal["pods", "events", "log"]
    path: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Path with its query string."""
        return f"{self.path}?{urllib.parse.urlencode(self.parameters)}" if self.parameters else self.path


def related_queries(obj: Object) -> list[Query]:
    """Return what to read about an object: its pods by their labels, the warnings of its namespace."""
    who = identity_of(obj)
    # Events about cluster-scoped objects are kept in "default".
    base = f"/api/v1/namespaces/{who.namespace or 'default'}"
    queries = [Query("events", f"{base}/events", (("fieldSelector", "type=Warning"),))]
    select = POD_SELECTORS.get(who.group_kind)
    labels = select(obj) if select and who.namespace else None
    if labels:
        wanted = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        queries.insert(0, Query("pods", f"{base}/pods", (("labelSelector", wanted),)))
    return queries


def log_queries(pods: t.Sequence[Object]) -> list[Query]:
    """Return at most one query: the last lines of the container that is worst off, if one has run at all."""
    found = [(pod, container) for pod in _worst_first(pods) for container in container_statuses(pod)]
    ended = next((pair for pair in found if _last_end(pair[1])), None)
    if ended is None:
        return []
    pod, container = ended
    who = identity_of({"apiVersion": "v1", "kind": "Pod", **pod})
    parameters = [("container", str(container["name"])), ("tailLines", str(MAX_LOG_LINES))]
    if not (container.get("state") or {}).get("terminated"):
        parameters.append(("previous", "true"))
    return [Query("log", f"/api/v1/namespaces/{who.namespace}/pods/{who.name}/log", tuple(parameters))]


def explain(obj: Object, pods: t.Sequence[Object] = (), events: t.Sequence[Object] = (), log: str = "") -> str:
    """Return where, what is observed, and what to do: one sentence, then the remedy, then the last warnings.

    ``events`` may be those of the whole namespace; only those about the object and its pods count.
    """
    head = f"{identity_of(obj).label} {assess(obj).message}"
    accounts = [text for text in map(_account, _worst_first(pods)) if text]
    warnings = _warnings(obj, pods, events)
    if accounts:
        more = f" (and {len(accounts) - 1} more pods)" if len(accounts) > 1 else ""
        head = f"{head}: {accounts[0]}{more}"
    elif warnings:
        head, warnings = f"{head}: {warnings[0]}", warnings[1:]
    text = _sentence(head, _remedy(" ".join([head, *warnings])))
    fresh = [warning for warning in warnings if warning not in text]
    if fresh:
        text = f"{text} Last warnings: {'; '.join(fresh)}."
    return f"{text}{_tail(log)}"


def report(unready: t.Sequence[str], waited: float) -> str:
    """Return the end of a wait that ran out, from ``explain`` of each unready object; bounded in length."""
    shown: list[str] = []
    room = MAX_REPORT
    for text in unready[:MAX_SHOWN]:
        room -= len(text)
        if shown and room < 0:
            break
        shown.append(_cut(text, MAX_REPORT))
    left = len(unready) - len(shown)
    lines = "\n  ".join([*shown, *([f"and {left} more"] if left else [])])
    joint = " " if len(unready) == 1 else "\n  "
    return f"not ready after {duration(waited)}:{joint}{lines}"


def _sentence(head: str, remedy: str) -> str:
    text = head if head.endswith(".") else f"{head}."
    return f"{text} {remedy}".strip()


def _remedy(text: str) -> str:
    return next((remedy for signs, remedy in REMEDIES if any(sign in text for sign in signs)), "")


def _cut(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _flat(text: t.Any, most: int = MAX_TEXT) -> str:
    return _cut(" ".join(str(text).split()), most)


# Pods ------------------------------------------------------------------------------------------------------------


def _ready_pod(pod: Object) -> bool:
    return condition(pod, "Ready").get("status") == "True" or (pod.get("status") or {}).get("phase") == "Succeeded"


def _worst_first(pods: t.Sequence[Object]) -> list[Object]:
    """Return the pods that are not ready: those whose containers fail, then those that have no node, by name."""
    unready = [pod for pod in pods if not _ready_pod(pod)]
    return sorted(unready, key=lambda pod: (not _trouble(pod), pod["metadata"]["name"]))


def _trouble(pod: Object) -> str:
    """Return what keeps the first bad container from running, or ""."""
    for container in container_statuses(pod):
        reason = waiting(container).get("reason", "")
        ended = _last_end(container)
        if reason in ("", "ContainerCreating", "PodInitializing") and not (ended and not container.get("ready")):
            continue
        return f"container {container.get('name')} {_container_story(container)}"
    return ""


def _last_end(container: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return how the container ended last, unless it ended well."""
    for field in ("state", "lastState"):
        ended = (container.get(field) or {}).get("terminated") or {}
        if ended and ended.get("exitCode") != 0:
            return t.cast("dict[str, t.Any]", ended)
    return {}


def _container_story(container: dict[str, t.Any]) -> str:
    hold, ended = waiting(container), _last_end(container)
    parts = [str(hold["reason"])] if hold.get("reason") else []
    if ended:
        parts.append(f"last ended {ended.get('reason') or 'Error'} (exit code {ended.get('exitCode')})")
    if container.get("restartCount"):
        parts.append(f"{container['restartCount']} restarts")
    # The kubelet's own words on a crash loop only repeat the pod's name.
    message = ended.get("message") or (hold.get("message") if hold.get("reason") != "CrashLoopBackOff" else "")
    story = ", ".join(parts) or "does not run"
    return f"{story}: {_flat(message)}" if message else story


def _account(pod: Object) -> str:
    """Return what is wrong with a pod: ``pod prometheus-1 Pending: 0/3 nodes are available``."""
    name, phase = pod["metadata"]["name"], str((pod.get("status") or {}).get("phase") or "Pending")
    trouble = _trouble(pod)
    if trouble:
        return f"pod {name} {trouble}"
    status = pod.get("status") or {}
    row = next((row for row in (condition(pod, kind) for kind in ("PodScheduled", "Initialized", "Ready"))
                if row.get("status") == "False"), {})  # fmt: skip
    why = status.get("message") or row.get("message") or row.get("reason") or status.get("reason")
    return f"pod {name} {phase}: {_flat(why)}" if why else f"pod {name} {phase}"


# Events and logs -------------------------------------------------------------------------------------------------


def _warnings(obj: Object, pods: t.Sequence[Object], events: t.Sequence[Object]) -> list[str]:
    """Return the last few distinct warnings about the object or its pods, newest first."""
    name, kind = obj["metadata"]["name"], obj.get("kind")
    pod_names = {pod["metadata"]["name"] for pod in pods}
    rows = [event for event in events if event.get("type") == "Warning" and _about(event, kind, name, pod_names)]
    rows.sort(key=_when, reverse=True)
    texts = [f"{event.get('reason', 'Warning')}: {_flat(event.get('message', ''))}" for event in rows]
    return list(dict.fromkeys(texts))[:MAX_EVENTS]


def _about(event: Object, kind: t.Any, name: str, pod_names: set[str]) -> bool:
    target = event.get("involvedObject") or event.get("regarding") or {}
    if target.get("kind") == "Pod" and target.get("name") in pod_names:
        return True
    if target.get("kind") == kind and target.get("name") == name:
        return True
    # A Deployment's refused pods are told to its ReplicaSet, whose name is the Deployment's and a hash.
    made = kind == "Deployment" and target.get("kind") == "ReplicaSet"
    return made and str(target.get("name", "")).rpartition("-")[0] == name


def _when(event: Object) -> str:
    series = (event.get("series") or {}).get("lastObservedTime")
    stamps = (series, event.get("lastTimestamp"), event.get("eventTime"))
    return str(next((stamp for stamp in stamps if stamp), (event.get("metadata") or {}).get("creationTimestamp", "")))


def _tail(log: str) -> str:
    lines = [line.rstrip() for line in log.splitlines() if line.strip()][-MAX_LOG_LINES:]
    if not lines:
        return ""
    text = "\n    ".join(_cut(line, MAX_TEXT) for line in lines)
    return f"\n    Its last log lines:\n    {text[-MAX_LOG_TEXT:]}"
