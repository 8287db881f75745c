# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking without touching, and looking closer than field ownership does."""

from __future__ import annotations

import pytest

from drydock.kube import Object

from .a_set import ASet, config_map, deployment, path_of


def test_verified_set_passes_and_writes_nothing(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace))
    writes = a_set.all_writes()
    result = a_set.apply(config_map(namespace), state="verified")
    assert (result["changed"], result["state"]) == (False, "verified")
    assert a_set.all_writes() == writes


def test_difference_fails_verification_and_stays(a_set: ASet, namespace: str) -> None:
    a_set.apply(config_map(namespace), config_map(namespace, "leaves"))
    a_set.patch(config_map(namespace), {"data": {"color": "red"}})
    error = a_set.refused(config_map(namespace), state="verified")
    assert error.kind == "not_converged"
    assert f"ConfigMap/{namespace}/settings .data.color was changed by somebody else" in str(error)
    assert f"ConfigMap/{namespace}/leaves left the set" in str(error)
    assert a_set.live(config_map(namespace))["data"] == {"color": "red"}


def test_set_that_is_not_ready_fails_verification(a_set: ASet, namespace: str) -> None:
    unplaceable = deployment(namespace, nodeSelector={"no": "such-node"})
    a_set.apply(unplaceable, wait=False)
    assert "not ready" in str(a_set.refused(unplaceable, state="verified", wait_timeout=1.0))


def forged(a_set: ASet, namespace: str) -> Object:
    """Apply another value by hand under the set's own name, with the old mark: ownership cannot see that."""
    wanted = config_map(namespace, color="blue")
    a_set.apply(wanted)
    live = a_set.live(wanted)
    body = {**wanted, "metadata": {k: live["metadata"][k] for k in ("name", "namespace", "labels", "annotations")}}
    a_set.reader.apply(path_of(wanted), {**body, "data": {"color": "forged"}}, a_set.manager)
    assert a_set.apply(wanted)["changed"] is False
    return wanted


@pytest.mark.parametrize("check", ["values", "dry_run"])
def test_closer_look_finds_what_ownership_cannot(a_set: ASet, namespace: str, check: str) -> None:
    wanted = forged(a_set, namespace)
    assert a_set.apply(wanted, drift_check=check)["summary"]["configured"] == 1
    assert a_set.live(wanted)["data"] == {"color": "blue"}


@pytest.mark.parametrize("check", ["values", "dry_run"])
def test_closer_look_at_an_unchanged_set_changes_nothing(a_set: ASet, namespace: str, check: str) -> None:
    objects = [config_map(namespace), deployment(namespace)]
    objects[1]["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "0.5"}}
    a_set.apply(*objects, wait=False)
    writes = a_set.all_writes()
    result = a_set.apply(*objects, wait=False, drift_check=check)
    assert (result["changed"], result["summary"]["unchanged"]) == (False, 2)
    assert a_set.all_writes() == writes
