# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a set: what a run would do and disturb, how far each object is; nothing is written."""

from __future__ import annotations

import typing as t

from drydock.kube import Object

from .a_set import ASet, config_map, deployment
from .test_immutable import job


def effects(look: dict[str, t.Any]) -> dict[str, str]:
    return {row["object"]: row["effect"] for row in look["disruptions"]}


def test_look_at_a_converged_set_is_in_sync_and_ready(a_set: ASet, namespace: str) -> None:
    objects = [config_map(namespace), deployment(namespace, replicas=0)]
    a_set.apply(*objects)
    before = a_set.all_writes()
    look = a_set.look(*objects)
    assert (look["in_sync"], look["ready"], look["changed"]) == (True, True, False)
    assert [(row["action"], row["ready"]) for row in look["members"]] == [("unchanged", True)] * 2
    assert look["disruptions"] == look["objects"] == []
    assert a_set.all_writes() == before


def test_look_tells_what_would_restart_be_replaced_and_be_deleted(a_set: ASet, namespace: str) -> None:
    quiet, loud = deployment(namespace, "quiet", replicas=0), deployment(namespace, "loud", replicas=0)
    gone = config_map(namespace, "gone")
    a_set.apply(quiet, loud, job(namespace), gone, wait=False)
    quiet["spec"]["replicas"] = 1
    loud["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2.0"
    before = a_set.all_writes()
    look = a_set.look(quiet, loud, job(namespace, "registry.example/job:2.0"), recreate=("Job",))
    assert effects(look) == {
        f"Deployment/{namespace}/loud": "restarted",
        f"Job/{namespace}/once": "replaced",
        f"ConfigMap/{namespace}/gone": "deleted",
    }
    assert look["disruptions"][0]["paths"] == ["spec.template.spec.containers[main].image"]
    assert look["in_sync"] is False
    assert a_set.all_writes() == before


def test_what_a_look_predicts_is_what_the_run_does(a_set: ASet, namespace: str) -> None:
    objects = [config_map(namespace), deployment(namespace, replicas=0)]
    look = a_set.look(*objects)
    assert look["ready"] is False
    assert a_set.apply(*objects)["objects"] == look["objects"]


def test_look_at_foreign_objects_names_their_owner_instead_of_failing(a_set: ASet, namespace: str) -> None:
    theirs: Object = config_map(namespace, "theirs")
    a_set.plane.admin("helm").create(f"/api/v1/namespaces/{namespace}/configmaps", theirs)
    look = a_set.look(theirs)
    assert look["yielded"] == [{"object": f"ConfigMap/{namespace}/theirs", "owner": "belongs to field manager helm"}]
    adopting = a_set.look(theirs, on_foreign="adopt")
    assert adopting["objects"][0]["action"] == "configured"
