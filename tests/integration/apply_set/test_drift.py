# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The no-op verdict held against the server's own: random changes by somebody else, then both are asked.

The engine says "exactly so" from field ownership alone; a server-side dry run is the judge. A false "exactly so"
would leave drift in place for ever. A needless doubt costs one request.
"""

from __future__ import annotations

import copy
import random
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.diff import changed_paths
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import Desired
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.ownership import DATA_KINDS, drift
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.preflight import content
from drydock.control_plane import ControlPlane
from drydock.kube import KubeClient, KubeError, Object

from .a_set import ASet, config_map, definition, deployment, manifest, path_of

APPLY = "application/apply-patch+yaml"
Path = tuple[t.Any, ...]


def zoo(namespace: str, group: str) -> list[Object]:
    """Objects with every shape that ownership has to understand: maps, atomic lists, keyed lists, sets, defaults."""
    rbac = "rbac.authorization.k8s.io"
    web = deployment(namespace, volumes=[{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}])
    pod = web["spec"]["template"]["spec"]
    pod["tolerations"] = [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]
    main = pod["containers"][0]
    main["env"] = [{"name": "ONE", "value": "1"}, {"name": "TWO", "value": "$(ONE)"}, {"name": "THREE", "value": "3"}]
    main["args"] = ["--a", "--b"]
    main["ports"] = [{"containerPort": 8080}, {"containerPort": 8080, "protocol": "UDP"}, {"containerPort": 9090}]
    main["resources"] = {"requests": {"cpu": "0.5", "memory": "1024Mi"}}
    pod["containers"].append({"name": "side", "image": "registry.example/side:1.0"})
    ports = [{"name": "http", "port": 80}, {"name": "https", "port": 443, "targetPort": 8443}]
    task = {"restartPolicy": "Never", "containers": [{"name": "job", "image": "registry.example/job:1.0"}]}
    job = {"spec": {"template": {"spec": task}}}
    peers = [{"podSelector": {"matchLabels": {"a": "b"}}}, {"namespaceSelector": {}}]
    ropes = [{"name": "bow", "length": 3}, {"name": "stern", "length": 4}, {"name": "spring"}]
    policy = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": peers}]}
    budget = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    admission = "admissionregistration.k8s.io"
    matched = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    guard = {
        "matchConstraints": {"resourceRules": [matched]},
        "variables": [{"name": "one", "expression": "1"}, {"name": "two", "expression": "variables.one + 1"}],
        "matchConditions": [{"name": "first", "expression": "true"}, {"name": "last", "expression": "false"}],
        "validations": [{"expression": "variables.two > 1", "message": "two"}],
    }
    rules = [{"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get"]}]
    return [
        config_map(namespace, "settings", color="blue", size="large"),
        manifest("Secret", "password", namespace, stringData={"user": "ann", "password": "secret"}),
        manifest("ServiceAccount", "web", namespace, imagePullSecrets=[{"name": "one"}, {"name": "two"}]),
        web,
        manifest("Service", "web", namespace, spec={"selector": {"app": "web"}, "ports": ports}),
        manifest("CronJob", "nightly", namespace, api="batch/v1", spec={"schedule": "0 3 * * *", "jobTemplate": job}),
        manifest("NetworkPolicy", "web", namespace, api="networking.k8s.io/v1", spec=policy),
        manifest("PodDisruptionBudget", "web", namespace, api="policy/v1", spec=budget),
        manifest("Role", "reader", namespace, api=f"{rbac}/v1", rules=rules),
        manifest("ValidatingAdmissionPolicy", namespace, api=f"{admission}/v1", spec=guard),  # inert: it is not bound
        manifest("Berth", "first", namespace, api=f"{group}/v1", spec={"size": 3, "ropes": ropes}),
    ]


def places(value: t.Any, path: Path = ()) -> t.Iterator[Path]:
    """Yield every path of an object that somebody else may change."""
    if path[:1] == ("status",) or path in {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}:
        return
    if path[:1] == ("metadata",) and len(path) == 2 and path[1] not in ("labels", "annotations", "finalizers"):
        return
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from places(item, (*path, key))


def at(obj: t.Any, path: Path) -> t.Any:
    for key in path:
        obj = obj[key]
    return obj


def another(value: t.Any, dice: random.Random) -> t.Any:
    """Return something else of the same kind, or something emptier or richer."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + dice.choice((-1, 1, 10))
    if isinstance(value, str):
        return dice.choice((value + "x", value.upper(), "", "other", "YQ=="))
    if isinstance(value, list):
        return dice.choice(
            (list(reversed(value)), value[1:], value[:-1], [*value, *value[:1]], dice.sample(value, len(value)))
        )
    if isinstance(value, dict):
        return dice.choice((dict(list(value.items())[1:]), {**value, "added": "by-another"}, {}))
    return "other"


def mutate(live: Object, dice: random.Random) -> Object:
    """Return a copy of the object with one change at a random place."""
    changed = copy.deepcopy(live)
    path = dice.choice(list(places(live)))
    holder = at(changed, path[:-1])
    if dice.random() < 0.25:
        del holder[path[-1]]
    else:
        holder[path[-1]] = another(holder[path[-1]], dice)
    return changed


class Arena:
    """Objects of one set, changed by a foreign client and judged by both."""

    def __init__(self, plane: ControlPlane, namespace: str, seed: int) -> None:
        self.dice = random.Random(seed)
        self.set = ASet(plane)
        group = f"{self.set.name}.example"
        self.set.apply(definition(group), wait=False)
        self.members: list[Desired] = load(self.set.name, [(obj, obj["kind"]) for obj in zoo(namespace, group)])
        self.ours, self.theirs = plane.admin("engine"), plane.admin("intruder")
        self.accepted = self.clean = 0
        self.false: list[str] = []
        self.needless: list[str] = []

    def restore(self, member: Desired) -> None:
        """Apply it again; what cannot be put right that way is made anew, and now and then everything is."""
        path = path_of(member.payload)
        try:
            if self.dice.random() < 0.8:
                self.ours.apply(path, member.payload, self.set.manager)
                return
        except KubeError:
            pass
        self.theirs.delete(path)
        self.await_gone(path)
        self.ours.apply(path, member.payload, self.set.manager)

    def round(self) -> None:
        """Change one object as somebody else; compare the verdicts if the server took the change."""
        member = self.dice.choice(self.members)
        path = path_of(member.payload)
        live = self.theirs.get(path)
        changed = mutate(live, self.dice)
        try:
            stored = self.theirs.request("PUT", f"{path}?fieldManager=intruder", changed)
        except KubeError:
            return
        self.judge(member, path, stored)
        self.restore(member)

    def judge(self, member: Desired, path: str, stored: Object) -> None:
        metadata_only = member.identity.group_kind in DATA_KINDS
        seen = {key: stored[key] for key in ("apiVersion", "kind", "metadata")} if metadata_only else stored
        verdict = drift(member, seen, self.set.manager)
        asked = self.dry_run(self.ours, path, member)
        if self.theirs.get(path)["metadata"]["resourceVersion"] != stored["metadata"]["resourceVersion"]:
            return  # a controller wrote in between: the two were not asked about the same object
        self.accepted += 1
        same = asked is not None and content(stored) == content(asked)
        self.clean += not verdict
        moved = changed_paths(stored, asked) if asked is not None else "refused"
        story = f"{member.label}: {verdict or 'exactly so'}; the server would change {moved} of {content(stored)}"
        if not verdict and not same:
            self.false.append(story)
        if verdict and same:
            self.needless.append(story)

    def dry_run(self, client: KubeClient, path: str, member: Desired) -> Object | None:
        """Return what applying would make of it; None where that is refused, so something is to do."""
        query = f"fieldManager={self.set.manager}&force=true&dryRun=All"
        try:
            return client.request("PATCH", f"{path}?{query}", member.payload, APPLY)
        except KubeError:
            return None

    def await_gone(self, path: str) -> None:
        for _ in range(200):
            live = self.theirs.find(path)
            if live is None:
                return
            if live["metadata"].get("finalizers"):
                self.theirs.merge(path, {"metadata": {"finalizers": None}})
        raise AssertionError(f"{path} does not go")


def play(plane: ControlPlane, namespace: str, seed: int, accepted: int) -> Arena:
    arena = Arena(plane, namespace, seed)
    for member in arena.members:
        arena.restore(member)
    while arena.accepted < accepted:
        arena.round()
    return arena


def fair(arena: Arena) -> None:
    """No false "exactly so"; the verdict does not win by always doubting; doubt is rarely needless."""
    assert arena.false == []
    assert arena.clean > arena.accepted * 0.05
    assert len(arena.needless) <= arena.accepted * 0.02, arena.needless


@pytest.mark.parametrize("seed", [1, 2])
def test_ownership_verdict_agrees_with_the_server(control_plane: ControlPlane, namespace: str, seed: int) -> None:
    fair(play(control_plane, namespace, seed, accepted=150))


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(10, 20))
def test_ownership_verdict_agrees_with_the_server_in_5000_changes(
    control_plane: ControlPlane, namespace: str, seed: int, record_property: t.Callable[[str, object], None]
) -> None:
    arena = play(control_plane, namespace, seed, accepted=500)
    record_property("verdicts", {"accepted": arena.accepted, "clean": arena.clean, "needless": len(arena.needless)})
    fair(arena)
