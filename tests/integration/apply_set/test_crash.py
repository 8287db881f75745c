# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at any write, before or after the server has done it: the same command again ends as if nothing had been."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import typing as t
import uuid

import pytest

from drydock.control_plane import ROOT, ControlPlane
from drydock.fault_proxy import FaultProxy, Phase, RoadFault
from drydock.kube import Object

from .a_set import ASet, config_map, definition, deployment, manifest
from .test_lock import lease

OPTIONS: dict[str, t.Any] = {"wait": False, "lock_ttl": 1.0, "lock_timeout": 15.0, "wait_timeout": 60.0}
SMALL = (1, 4, 8)
"""Writes at which the everyday run kills; the long proof takes each."""


def first(name: str) -> list[Object]:
    """A small layer with what crashes could spoil: a namespace, a definition and its resource, data, a workload."""
    group = f"{name}.example"
    return [
        manifest("Namespace", name),
        manifest("ServiceAccount", "web", name),
        config_map(name, "stays", color="blue"),
        config_map(name, "leaves"),
        manifest("Secret", "password", name, stringData={"password": "one"}),
        definition(group),
        manifest("Berth", "first", name, api=f"{group}/v1", spec={"size": 1}),
        deployment(name),
    ]


def second(name: str) -> list[Object]:
    """The same layer later: objects changed, gone, new, and one of a fixed field."""
    later = [obj for obj in first(name) if obj["metadata"]["name"] not in ("leaves", "first")]
    for obj in later:
        if obj["kind"] == "ConfigMap":
            obj["data"] = {"color": "red"}
        if obj["kind"] == "Deployment":
            obj["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2.0"
    return [*later, manifest("Service", "web", name, spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})]


class Story(t.NamedTuple):
    """What was applied before the run that is killed, and what that run wants."""

    before: t.Callable[[str], list[Object]] | None
    wanted: t.Callable[[str], list[Object]]


STORIES = {"install": Story(None, first), "change": Story(first, second)}


class Theatre:
    """A set of its own for each killing, and the bad road that kills."""

    def __init__(self, plane: ControlPlane, folder: pathlib.Path) -> None:
        self.plane = plane
        self.road = FaultProxy(plane.kubeconfig, folder)

    def play(self, story: Story, nth: int, phase: Phase) -> tuple[bool, str]:
        """Kill a run at its nth write, run again; return whether there was such a write, and the final digest."""
        actor = ASet(self.plane, f"crash-{uuid.uuid4().hex[:8]}")
        if story.before is not None:
            actor.apply(*story.before(actor.name), **OPTIONS)
        wanted = story.wanted(actor.name)
        with self.start() as child:
            self.road.clear()
            fault = self.road.add("kill", only="writes", nth=nth, phase=phase, pid=child.pid)
            self.send(child, actor, wanted)
            child.communicate(timeout=60)
        killed = fault.hits > 0
        assert (child.returncode == -signal.SIGKILL) == killed
        actor.apply(*wanted, **OPTIONS)
        assert actor.apply(*wanted, **OPTIONS)["changed"] is False
        found = digest(actor, [*wanted, *(story.before(actor.name) if story.before else [])])
        self.sweep(actor)
        return killed, found

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.integration.apply_set.one_run"]
        pipe = subprocess.PIPE
        environment = {"PYTHONPATH": f"{ROOT}/build/collections:{ROOT}", "PATH": "/usr/bin:/bin"}
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        return child

    def send(self, child: subprocess.Popen[str], actor: ASet, objects: list[Object]) -> None:
        order = {"kubeconfig": str(self.road.kubeconfig), "set": actor.name, "objects": objects, "options": OPTIONS}
        assert child.stdin is not None
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()

    def sweep(self, actor: ASet) -> None:
        actor.reader.delete(f"/api/v1/namespaces/{actor.name}")
        actor.reader.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/berths.{actor.name}.example")


def digest(actor: ASet, objects: list[Object]) -> str:
    """Return what is there, as text that is the same for two sets with the same content.

    Not the lease: a run that was killed after its last change leaves it to its time.
    """
    found = {f"{obj['kind']}/{obj['metadata']['name']}": actor.find(obj) for obj in objects}
    rows = {who: essence(obj) for who, obj in found.items()}
    rows["record"] = actor.recorded_kinds()
    return json.dumps(rows, sort_keys=True, indent=1).replace(actor.name, "NAME").replace(actor.label, "LABEL")


def essence(obj: Object | None) -> t.Any:
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return None
    metadata = obj["metadata"]
    rows = [(row["manager"], row["operation"]) for row in metadata["managedFields"] if not row.get("subresource")]
    ours = sorted(row for row in rows if row[0].startswith("seaworthy"))
    body = {key: value for key, value in obj.items() if key in ("spec", "data", "type")}
    for field in ("clusterIP", "clusterIPs"):
        body.get("spec", {}).pop(field, None)
    return {"labels": metadata["labels"], "notes": sorted(metadata["annotations"]), "managers": ours, **body}


@pytest.fixture
def theatre(control_plane: ControlPlane, tmp_path: pathlib.Path) -> t.Iterator[Theatre]:
    house = Theatre(control_plane, tmp_path)
    yield house
    house.road.stop()


def undisturbed(theatre: Theatre, story: Story) -> str:
    killed, found = theatre.play(story, nth=10_000, phase="before")
    assert not killed
    return found


@pytest.mark.parametrize("story", STORIES)
def test_run_killed_at_some_write_is_finished_by_the_next(theatre: Theatre, story: str) -> None:
    expected = undisturbed(theatre, STORIES[story])
    for nth, phase in zip(SMALL, ("after", "before", "after"), strict=True):
        assert theatre.play(STORIES[story], nth, t.cast(Phase, phase)) == (True, expected)


@pytest.mark.prove
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_run_killed_at_each_write_is_finished_by_the_next(
    theatre: Theatre, story: str, phase: Phase, record_testsuite_property: t.Callable[[str, object], None]
) -> None:
    expected = undisturbed(theatre, STORIES[story])
    nth = 0
    while True:
        killed, found = theatre.play(STORIES[story], nth + 1, phase)
        assert found == expected, f"{story}: killed {phase} the commit of write {nth + 1}"
        if not killed:
            break
        nth += 1
    record_testsuite_property(f"killings-{story}-{phase}", nth)
    assert nth >= max(SMALL)


def test_run_ended_by_a_signal_gives_its_lease_back_and_says_how_to_go_on(
    theatre: Theatre, a_set: ASet, namespace: str
) -> None:
    many = [config_map(namespace, f"c-{place}") for place in range(40)]
    slow: RoadFault = theatre.road.add("slow", path="*configmaps/c-*", only="writes", seconds=0.3, times=1000)
    with theatre.start() as child:
        theatre.send(child, a_set, many)
        while not slow.hits:
            assert child.poll() is None
        child.send_signal(signal.SIGTERM)
        answer, _ = child.communicate(timeout=60)
    failure = json.loads(answer)["failure"]
    assert (failure["class"], failure["resumable"]) == ("canceled", True)
    assert "run the same command again" in failure["remedy"]
    held = lease(a_set)
    assert held is not None
    assert not held["spec"].get("holderIdentity")
    assert a_set.apply(*many, lock_timeout=0.0)["summary"]["total"] == 40
