# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every production workload has, filled in where a template is silent.

A template that says something, be it ``null``, keeps it: to differ is to write the field, with the reason
beside it. Nothing is invented: no replicas, no figures. Which fields are added is data (``ADDITIONS``,
``MADE_PODS``); each row carries its reason, and ``catalogue()`` lists them for the documentation.

Inputs are never changed; outputs share with them whatever is the same.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.errors import InvalidInput
from .objects import COLLECTION, MANAGED_BY, Object, identity_of, labels_of, split_api_version

NAME_LABEL = "app.kubernetes.io/name"
INSTANCE_LABEL = "app.kubernetes.io/instance"
PRIORITY = "platform-critical"
ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
PSA_ENFORCE = "pod-security.kubernetes.io/enforce"
PSA_WARN = "pod-security.kubernetes.io/warn"
PROFILES = ("none", "platform")

Node = dict[str, t.Any]
Path = tuple[str, ...]
Existing = t.Callable[[Object], "Object | None"]

LEAVE: t.Any = object()
"""What a row's value says when the field has no place here."""


@dataclasses.dataclass(frozen=True)
class Workload:
    """Where a kind keeps its pod template, and which rows apply to it."""

    template: Path
    selects: bool = False
    spreads: bool = False
    revisions: bool = False
    stateful: bool = False


WORKLOADS: t.Final[dict[tuple[str, str], Workload]] = {
    ("apps", "Deployment"): Workload(("spec", "template"), selects=True, spreads=True, revisions=True),
    ("apps", "StatefulSet"): Workload(("spec", "template"), selects=True, spreads=True, revisions=True, stateful=True),
    ("apps", "DaemonSet"): Workload(("spec", "template"), selects=True, revisions=True),
    ("batch", "Job"): Workload(("spec", "template")),
    ("batch", "CronJob"): Workload(("spec", "jobTemplate", "spec", "template")),
}


@dataclasses.dataclass(frozen=True)
class Facts:
    """What rows may know of the whole object: its name label and what selects its pods."""

    workload: Workload
    name: str
    selector: Node


@dataclasses.dataclass(frozen=True)
class Addition:
    """One field: where (from the scope's root), what, and why. ``value`` sees the scope's node and the facts."""

    scope: t.Literal["object", "template", "pod", "container"]
    path: Path
    value: t.Callable[[Node, Facts], t.Any]
    why: str


def _always(value: t.Any) -> t.Callable[[Node, Facts], t.Any]:
    return lambda node, facts: value


def _where(trait: str, value: t.Callable[[Facts], t.Any]) -> t.Callable[[Node, Facts], t.Any]:
    return lambda node, facts: value(facts) if getattr(facts.workload, trait) else LEAVE


def _non_root(pod: Node, facts: Facts) -> t.Any:
    return LEAVE if _context(pod).get("runAsUser") == 0 else True


def _root_by_wish(container: Node, facts: Facts) -> t.Any:
    return False if _context(container).get("runAsUser") == 0 else LEAVE


def _no_escalation(container: Node, facts: Facts) -> t.Any:
    context = _context(container)
    added = _mapping(context.get("capabilities")).get("add") or ()
    return LEAVE if context.get("privileged") or "SYS_ADMIN" in added or "CAP_SYS_ADMIN" in added else False


def _memory_limit(container: Node, facts: Facts) -> t.Any:
    requested = _mapping(_mapping(container.get("resources")).get("requests")).get("memory")
    return requested if facts.workload.stateful and requested is not None else LEAVE


def _pull_policy(container: Node, facts: Facts) -> t.Any:
    image = str(container.get("image") or "")
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    return "IfNotPresent" if "@" in image or tag not in ("", "latest") else LEAVE


def _spread(selector: Node) -> list[Node]:
    return [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}
        for key in (ZONE, HOST)
    ]


ADDITIONS: t.Final[tuple[Addition, ...]] = (
    Addition("object", ("metadata", "labels", NAME_LABEL), lambda node, facts: facts.name,
             "recommended label; dashboards, policies and people select by it"),
    Addition("object", ("metadata", "labels", MANAGED_BY), _always(COLLECTION),
             "recommended label: who to ask"),
    Addition("object", ("spec", "selector"), _where("selects", lambda facts: facts.selector),
             "immutable once set, so it rests on the name alone; a live object keeps its own"),
    Addition("object", ("spec", "revisionHistoryLimit"), _where("revisions", lambda facts: 3),
             "enough to roll back; the default of 10 keeps ten generations of ReplicaSets in every LIST"),
    Addition("template", ("metadata", "labels", NAME_LABEL), lambda node, facts: facts.name,
             "the derived selector, network policies and disruption budgets find the pods by it"),
    Addition("template", ("metadata", "labels", MANAGED_BY), _always(COLLECTION),
             "recommended label: who to ask"),
    Addition("pod", ("securityContext", "runAsNonRoot"), _non_root,
             "Pod Security Standards, restricted; a template that sets runAsUser 0 has said otherwise"),
    Addition("pod", ("securityContext", "seccompProfile"), lambda node, facts: {"type": "RuntimeDefault"},
             "Pod Security Standards, restricted"),
    Addition("pod", ("automountServiceAccountToken",), _always(False),
             "a token that nothing uses is only worth stealing (CIS 5.1.6); controllers say true"),
    Addition("pod", ("enableServiceLinks",), _always(False),
             "dozens of environment variables for every Service of the namespace, and slower starts"),
    Addition("pod", ("priorityClassName",), _always(PRIORITY),
             "the platform must outlive the workloads that it serves when memory is short"),
    Addition("pod", ("topologySpreadConstraints",), _where("spreads", lambda facts: _spread(facts.selector)),
             "one zone or one node may fail; soft, so that a small cluster still schedules"),
    Addition("container", ("imagePullPolicy",), _pull_policy,
             "a pinned image does not change; a node restart must not depend on the registry"),
    Addition("container", ("terminationMessagePolicy",), _always("FallbackToLogsOnError"),
             "the last log lines of a crash stand in the pod's status, where our report reads them"),
    Addition("container", ("securityContext", "runAsNonRoot"), _root_by_wish,
             "only where the container itself sets runAsUser 0: the pod's rule would stop it"),
    Addition("container", ("securityContext", "allowPrivilegeEscalation"), _no_escalation,
             "Pod Security Standards, restricted; the API refuses it beside privileged or SYS_ADMIN"),
    Addition("container", ("securityContext", "readOnlyRootFilesystem"), _always(True),
             "what an intruder cannot write cannot run; writable paths are mounted by name (NSA/CISA guide)"),
    Addition("container", ("securityContext", "capabilities", "drop"), lambda node, facts: ["ALL"],
             "Pod Security Standards, restricted"),
    Addition("container", ("resources", "limits", "memory"), _memory_limit,
             "stateful pods: limit = request, so that a node short of memory kills others first; no CPU limit"),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Made:
    """One field of a custom resource whose operator makes the pods. ``value`` sees the resource's name."""

    path: Path
    value: t.Callable[[str], t.Any]
    why: str


def _operator_labels(app: str) -> t.Callable[[str], Node]:
    """Labels that prometheus-operator reserves and puts on its pods (its API types, podMetadata)."""
    return lambda name: {NAME_LABEL: app, INSTANCE_LABEL: name}


def _prometheus_family(app: str, *, token: bool) -> tuple[Made, ...]:
    """Pods of prometheus-operator: its own containers are hardened already, the pod's context is ours to give."""
    labels = _operator_labels(app)
    rows = [
        Made(("spec", "priorityClassName"), lambda name: PRIORITY, "as every pod of the platform"),
        Made(("spec", "securityContext", "runAsNonRoot"), lambda name: True, "Pod Security Standards, restricted"),
        Made(("spec", "securityContext", "runAsUser"), lambda name: 1000,
             "the image's user has a name only, which runAsNonRoot cannot verify (kube-prometheus)"),
        Made(("spec", "securityContext", "fsGroup"), lambda name: 2000, "the volume's owner (kube-prometheus)"),
        Made(("spec", "securityContext", "seccompProfile"), lambda name: {"type": "RuntimeDefault"},
             "Pod Security Standards, restricted"),
        Made(("spec", "imagePullPolicy"), lambda name: "IfNotPresent", "a pinned image does not change"),
        Made(("spec", "topologySpreadConstraints"), lambda name: _spread({"matchLabels": labels(name)}),
             "one zone or one node may fail; soft"),
    ]  # fmt: skip
    if not token:
        path = ("spec", "automountServiceAccountToken")
        rows.append(Made(path, lambda name: False, "it never asks the API"))
    return tuple(rows)


_ECK_PRIORITY = "the operator hardens its containers; the priority is left to us"
_ENVOY_LABELS = {NAME_LABEL: "envoy", "app.kubernetes.io/component": "proxy", MANAGED_BY: "envoy-gateway"}
_ENVOY = ("spec", "provider", "kubernetes", "envoyDeployment", "pod")

MADE_PODS: t.Final[dict[tuple[str, str], tuple[Made, ...]]] = {
    ("monitoring.coreos.com", "Prometheus"): _prometheus_family("prometheus", token=True),
    ("monitoring.coreos.com", "Alertmanager"): _prometheus_family("alertmanager", token=False),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): (
        Made(("spec", "nodeSets", "*", "podTemplate", "spec", "priorityClassName"), lambda name: PRIORITY,
             _ECK_PRIORITY),
    ),
    ("kibana.k8s.elastic.co", "Kibana"): (
        Made(("spec", "podTemplate", "spec", "priorityClassName"), lambda name: PRIORITY, _ECK_PRIORITY),
    ),
    ("beat.k8s.elastic.co", "Beat"): (
        Made(("spec", "daemonSet!", "podTemplate", "spec", "priorityClassName"), lambda name: PRIORITY,
             _ECK_PRIORITY),
        Made(("spec", "deployment!", "podTemplate", "spec", "priorityClassName"), lambda name: PRIORITY,
             _ECK_PRIORITY),
    ),
    ("gateway.envoyproxy.io", "EnvoyProxy"): (
        # Its container securityContext replaces the operator's whole default, so it is left alone.
        Made((*_ENVOY, "topologySpreadConstraints"), lambda name: _spread({"matchLabels": dict(_ENVOY_LABELS)}),
             "one zone or one node may fail; soft"),
    ),
}  # fmt: skip

BUDGETED: t.Final[dict[tuple[str, str], t.Callable[[Object], Node]]] = {
    ("apps", "Deployment"): lambda obj: _mapping(obj["spec"].get("selector")),
    ("apps", "StatefulSet"): lambda obj: _mapping(obj["spec"].get("selector")),
    ("monitoring.coreos.com", "Prometheus"): lambda obj: {
        "matchLabels": _operator_labels("prometheus")(obj["metadata"]["name"])
    },
    ("monitoring.coreos.com", "Alertmanager"): lambda obj: {
        "matchLabels": _operator_labels("alertmanager")(obj["metadata"]["name"])
    },
}
"""Kinds with replicas that get a disruption budget, and what selects their pods."""


def catalogue() -> list[tuple[str, str, str]]:
    """Return (kinds or scope, field, reason) of every row, for the documentation."""
    rows = [(f"every {row.scope}", ".".join(row.path), row.why) for row in ADDITIONS]
    rows += [(kind[1], ".".join(row.path), row.why) for kind, made in MADE_PODS.items() for row in made]
    rows.append(("Namespace", PSA_ENFORCE, "restricted; a layer that needs more says so in its template"))
    rows.append(("two or more replicas", "PodDisruptionBudget", "maxUnavailable 1: drains go one pod at a time"))
    return rows


def harden(obj: Object, profile: str, live: Object | None = None) -> Object:
    """Return the object with what production needs and the template does not say.

    ``profile`` "none" returns it as it is. ``live`` is the object as the server has it, if it exists: its
    selector is kept where the template gives none. Idempotent; raises ``InvalidInput`` for an unknown profile.
    """
    if profile not in PROFILES:
        raise InvalidInput([f'harden is "{profile}"; must be one of {", ".join(PROFILES)}'])
    if profile == "none":
        return obj
    key = _kind(obj)
    if key in WORKLOADS:
        return _workload(obj, WORKLOADS[key], live)
    if key == ("", "Namespace"):
        return _namespace(obj)
    for row in MADE_PODS.get(key, ()):
        obj = _fill(obj, row.path, row.value(obj["metadata"]["name"]))
    return obj


def harden_set(objects: t.Sequence[Object], profile: str, existing: Existing | None = None) -> list[Object]:
    """Return the set hardened, each budget right behind the workload that it protects.

    ``existing(obj)`` returns the live object of the same identity, or None. Raises ``InvalidInput`` where one
    workload would select another's pods.
    """
    if profile == "none":
        return list(objects)
    hardened = [harden(obj, profile, existing(obj) if existing else None) for obj in objects]
    _refuse_overlaps(hardened)
    budgets = _Budgets(hardened)
    return [member for obj in hardened for member in (obj, *budgets.missing_for(obj))]


def _kind(obj: Object) -> tuple[str, str]:
    return split_api_version(str(obj.get("apiVersion", "")))[0], str(obj.get("kind", ""))


def _mapping(value: t.Any) -> Node:
    return value if isinstance(value, dict) else {}


def _context(node: Node) -> Node:
    return _mapping(node.get("securityContext"))


def _workload(obj: Object, workload: Workload, live: Object | None) -> Object:
    facts = _facts(obj, workload, live)
    obj = _with(obj, "object", facts)
    obj = _at(obj, workload.template, lambda template: _template(template, facts))
    pod = (*workload.template, "spec")
    obj = _at(obj, pod, lambda node: _with(node, "pod", facts))
    for containers in ("initContainers", "containers"):
        obj = _at(obj, (*pod, containers, "*"), lambda node: _with(node, "container", facts))
    return obj


def _facts(obj: Object, workload: Workload, live: Object | None) -> Facts:
    """Return name label and selector: the template's, else the live object's, else derived from the name."""
    selector = _find(obj, ("spec", "selector")) or _find(_mapping(live), ("spec", "selector"))
    sources = (_mapping(selector.get("matchLabels")), labels_of(_find(obj, workload.template)), labels_of(obj))
    given = next((labels[NAME_LABEL] for labels in sources if NAME_LABEL in labels), None)
    name = given or str(obj["metadata"]["name"])[:63].rstrip("-._")
    return Facts(workload, name, selector or {"matchLabels": {NAME_LABEL: name}})


def _find(node: t.Any, path: Path) -> Node:
    for step in path:
        node = _mapping(node).get(step)
    return _mapping(node)


def _template(template: Node, facts: Facts) -> Node:
    if facts.workload.selects:
        for label, value in _mapping(facts.selector.get("matchLabels")).items():
            template = _fill(template, ("metadata", "labels", label), value)
    return _with(template, "template", facts)


def _with(node: Node, scope: str, facts: Facts) -> Node:
    for row in ADDITIONS:
        value = row.value(node, facts) if row.scope == scope else LEAVE
        if value is not LEAVE:
            node = _fill(node, row.path, value)
    return node


def _namespace(obj: Object) -> Object:
    obj = _fill(obj, ("metadata", "labels", PSA_ENFORCE), "restricted")
    return _fill(obj, ("metadata", "labels", PSA_WARN), labels_of(obj).get(PSA_ENFORCE, "restricted"))


def _at(node: t.Any, path: Path, change: t.Callable[[Node], Node]) -> t.Any:
    """Return the node with the mappings at the path changed; what is not there stays away."""
    if path and path[0] == "*":
        return [_at(item, path[1:], change) for item in node] if isinstance(node, list) else node
    if not isinstance(node, dict):
        return node
    if not path:
        return change(node)
    if path[0] not in node:
        return node
    return {**node, path[0]: _at(node[path[0]], path[1:], change)}


def _fill(node: Node, path: Path, value: t.Any) -> Node:
    """Return the node with the value at the path, unless something (be it null) stands there or in the way.

    "*" means each item of a list; a step that ends in "!" must exist.
    """
    if "*" in path:
        star = path.index("*")
        return t.cast(Node, _at(node, path[: star + 1], lambda item: _fill(item, path[star + 1 :], value)))
    key, rest = path[0].rstrip("!"), path[1:]
    if not rest:
        return node if key in node else {**node, key: value}
    if key not in node and path[0].endswith("!"):
        return node
    child = node.get(key, {})
    return {**node, key: _fill(child, rest, value)} if isinstance(child, dict) else node


def _refuse_overlaps(objects: t.Sequence[Object]) -> None:
    """Two controllers that select the same pods fight over them for ever; the API server does not see it."""
    problems = []
    chosen = [obj for obj in objects if WORKLOADS.get(_kind(obj), Workload(())).selects]
    for place, one in enumerate(chosen):
        for other in chosen[place + 1 :]:
            both_ways = ((one, other), (other, one))
            if _namespace_of(one) == _namespace_of(other) and any(_takes(*pair) for pair in both_ways):
                problems.append(
                    f"{identity_of(one).label} and {identity_of(other).label} select the same pods; "
                    f"give each its own spec.selector or its own {NAME_LABEL} label"
                )
    if problems:
        raise InvalidInput(problems)


def _namespace_of(obj: Object) -> str:
    return str(_mapping(obj.get("metadata")).get("namespace") or "")


def _takes(one: Object, other: Object) -> bool:
    """Whether the selector of one workload matches the pods of the other (by labels; expressions are left out)."""
    selector = _mapping(_mapping(one.get("spec")).get("selector"))
    wanted = _mapping(selector.get("matchLabels"))
    labels = labels_of(_find(other, WORKLOADS[_kind(other)].template))
    return bool(wanted) and not selector.get("matchExpressions") and wanted.items() <= labels.items()


class _Budgets:
    """The disruption budgets of a set, those that it has and those that it lacks."""

    def __init__(self, objects: t.Sequence[Object]) -> None:
        self._given = [obj for obj in objects if _kind(obj) == ("policy", "PodDisruptionBudget")]
        self._names = {(_namespace_of(obj), obj["metadata"]["name"]) for obj in self._given}
        self._floors = {
            (_namespace_of(obj), *_scaled(obj)): int(_mapping(obj.get("spec")).get("minReplicas") or 1)
            for obj in objects
            if _kind(obj) == ("autoscaling", "HorizontalPodAutoscaler")
        }

    def missing_for(self, obj: Object) -> list[Object]:
        """Return the budget that the workload lacks, as a list of at most one."""
        select = BUDGETED.get(_kind(obj))
        if select is None or self._replicas(obj) < 2:
            return []
        selector = select(obj)
        if not selector or any(self._covers(budget, obj, selector) for budget in self._given):
            return []
        return [self._budget(obj, selector)]

    def _replicas(self, obj: Object) -> int:
        said = _mapping(obj.get("spec")).get("replicas")
        floor = self._floors.get((_namespace_of(obj), obj["kind"], obj["metadata"]["name"]), 1)
        return max(said, floor) if isinstance(said, int) else floor

    def _covers(self, budget: Object, obj: Object, selector: Node) -> bool:
        row = WORKLOADS.get(_kind(obj))
        labels = labels_of(_find(obj, row.template)) if row else _mapping(selector.get("matchLabels"))
        wanted = _mapping(_mapping(_mapping(budget.get("spec")).get("selector")).get("matchLabels"))
        same = budget["spec"].get("selector") == selector
        return _namespace_of(budget) == _namespace_of(obj) and (same or wanted.items() <= labels.items())

    def _budget(self, obj: Object, selector: Node) -> Object:
        name, namespace = obj["metadata"]["name"], _namespace_of(obj)
        if (namespace, name) in self._names:
            name = f"{name}-{obj['kind'].lower()}"
        self._names.add((namespace, name))
        metadata: Node = {"name": name, **({"namespace": namespace} if namespace else {})}
        labels = {NAME_LABEL: labels_of(obj).get(NAME_LABEL, obj["metadata"]["name"]), MANAGED_BY: COLLECTION}
        return {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {**metadata, "labels": labels},
            # A pod that is broken anyway must not hold up the drain of its node.
            "spec": {"maxUnavailable": 1, "selector": selector, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
        }


def _scaled(autoscaler: Object) -> tuple[str, str]:
    target = _mapping(_mapping(autoscaler.get("spec")).get("scaleTargetRef"))
    return str(target.get("kind", "")), str(target.get("name", ""))
