# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set engine against a real API server: what it writes, what it leaves alone, what it says."""

from __future__ import annotations

import base64
import json
import pathlib
import time
import typing as t
import uuid

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.module_utils._apply import discovery
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.auth import kubeconfig_credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.http import Client
from ansible_collections.seaworthy.platform.plugins.module_utils._common.clock import SystemClock
from drydock.kube import Object

from .a_set import ASet, config_map, definition, deployment, manifest


@pytest.fixture
def layer(node: str) -> list[Object]:
    """A small layer that brings its own namespace."""
    space = f"layer-{uuid.uuid4().hex[:8]}"
    port = {"port": 80, "targetPort": 8080}
    return [
        manifest("Namespace", space),
        manifest("ServiceAccount", "web", space),
        config_map(space, color="blue"),
        manifest("Secret", "password", space, stringData={"password": "correct horse battery"}),
        manifest("Service", "web", space, spec={"selector": {"app": "web"}, "ports": [port]}),
        deployment(space),
    ]


def one(layer: list[Object], kind: str) -> Object:
    return next(obj for obj in layer if obj["kind"] == kind)


def test_first_run_creates_everything_and_waits_until_it_is_ready(a_set: ASet, layer: list[Object]) -> None:
    result = a_set.apply(*layer)
    assert result["changed"] is True
    assert result["summary"]["created"] == len(layer)
    assert a_set.live(one(layer, "Deployment"))["status"]["readyReplicas"] == 1
    assert [line.split()[1] for line in (a_set.lines[0], a_set.lines[-1])] == ["plan", "ready"]


def test_second_run_sends_no_write(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    versions, writes = a_set.versions(*layer), a_set.all_writes()
    result = a_set.apply(*layer)
    assert result["changed"] is False
    assert a_set.all_writes() == writes
    assert a_set.versions(*layer) == versions
    assert set(result["requests"]) == {"DISCOVER", "GET", "LIST"}
    assert result["requests"]["GET"] == 1  # the record of the set
    assert result["requests"]["LIST"] == len({obj["kind"] for obj in layer})
    assert len(a_set.lines) == 1


def test_every_object_carries_the_marks_of_its_set(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    for obj in layer:
        metadata = a_set.live(obj)["metadata"]
        assert metadata["labels"]["applyset.kubernetes.io/part-of"] == a_set.label
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "seaworthy.platform"
        assert len(metadata["annotations"]["seaworthy.dev/desired"]) == 32
        ours = [entry for entry in metadata["managedFields"] if entry["manager"] == a_set.manager]
        assert [entry["operation"] for entry in ours] == ["Apply"]


def test_changed_object_is_the_only_one_written(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    before = len(a_set.writes())
    one(layer, "ConfigMap")["data"]["color"] = "red"
    result = a_set.apply(*layer)
    assert [entry["object"] for entry in result["objects"]] == [
        f"ConfigMap/{one(layer, 'ServiceAccount')['metadata']['namespace']}/settings"
    ]
    assert result["objects"][0]["paths"] == ["data.color"]
    assert len(a_set.writes()) == before + 1


def test_drift_of_a_field_of_ours_is_taken_back_and_reported(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    a_set.patch(one(layer, "ConfigMap"), {"data": {"color": "red"}})
    a_set.patch(one(layer, "Deployment"), {"spec": {"replicas": 2}}, by="rancher")
    result = a_set.apply(*layer)
    assert result["summary"]["configured"] == 2
    assert a_set.live(one(layer, "ConfigMap"))["data"] == {"color": "blue"}
    assert a_set.live(one(layer, "Deployment"))["spec"]["replicas"] == 1
    taken = {row["owner"]: row["field"] for entry in result["objects"] for row in entry["taken_back"]}
    assert taken == {"kubectl-edit": ".data.color", "rancher": ".spec.replicas"}


def test_field_of_somebody_else_is_left_alone(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    a_set.patch(one(layer, "ConfigMap"), {"data": {"size": "large"}, "metadata": {"labels": {"team": "blue"}}})
    assert a_set.apply(*layer)["changed"] is False
    live = a_set.live(one(layer, "ConfigMap"))
    assert live["data"] == {"color": "blue", "size": "large"}
    assert live["metadata"]["labels"]["team"] == "blue"


def test_deleted_object_comes_back(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    a_set.reader.delete(f"/api/v1/namespaces/{layer[0]['metadata']['name']}/services/web")
    assert a_set.apply(*layer)["summary"]["created"] == 1
    assert a_set.find(one(layer, "Service")) is not None


def test_lost_label_is_put_back_and_is_no_theft(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    a_set.patch(one(layer, "ConfigMap"), {"metadata": {"labels": {"applyset.kubernetes.io/part-of": None}}})
    result = a_set.apply(*layer)
    assert result["objects"][0]["reason"] == "lost the label of its set"
    assert a_set.apply(*layer)["changed"] is False


def test_foreign_object_is_refused_with_its_owner_before_any_write(
    a_set: ASet, layer: list[Object], namespace: str
) -> None:
    helm = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"}
    theirs = config_map(namespace, "theirs", color="green")
    theirs["metadata"]["annotations"] = helm
    a_set.reader.create(f"/api/v1/namespaces/{namespace}/configmaps", theirs)
    error = a_set.refused(*layer, config_map(namespace, "theirs", color="blue"))
    assert error.kind == "foreign"
    assert f"ConfigMap/{namespace}/theirs belongs to Helm release prod/shop" in str(error)
    assert "platform_on_foreign" in error.remedy
    assert a_set.writes() == []
    assert a_set.find(layer[0]) is None


def test_foreign_object_is_adopted_on_request_with_its_uid(a_set: ASet, namespace: str) -> None:
    wanted = config_map(namespace, color="blue")
    theirs = a_set.reader.create(f"/api/v1/namespaces/{namespace}/configmaps", config_map(namespace, color="green"))
    assert a_set.apply(wanted, on_foreign="adopt")["summary"]["configured"] == 1
    live = a_set.live(wanted)
    assert (live["metadata"]["uid"], live["data"]) == (theirs["metadata"]["uid"], {"color": "blue"})
    assert a_set.apply(wanted)["changed"] is False


def test_foreign_object_is_yielded_on_request_and_the_rest_applied(a_set: ASet, namespace: str) -> None:
    a_set.reader.create(f"/api/v1/namespaces/{namespace}/configmaps", config_map(namespace, color="green"))
    mine = config_map(namespace, "mine")
    result = a_set.apply(config_map(namespace, color="blue"), mine, on_foreign="yield")
    assert (result["summary"]["created"], result["summary"]["yielded"]) == (1, 1)
    assert result["yielded"][0]["object"] == f"ConfigMap/{namespace}/settings"
    assert a_set.live(config_map(namespace))["data"] == {"color": "green"}


def test_object_of_another_set_is_refused_by_that_sets_name(a_set: ASet, namespace: str) -> None:
    other = ASet(a_set.plane)
    other.apply(config_map(namespace))
    error = a_set.refused(config_map(namespace))
    assert f'the set "{other.name}"' in str(error)


def test_field_held_by_another_manager_is_never_stolen(a_set: ASet, namespace: str) -> None:
    wanted = config_map(namespace, color="blue")
    a_set.apply(wanted)
    a_set.patch(wanted, {"data": {"size": "large"}}, by="autoscaler")
    wanted["data"]["size"] = "small"
    error = a_set.refused(wanted)
    assert error.kind == "conflict"
    assert '.data.size (held by "autoscaler")' in str(error)
    assert a_set.live(wanted)["data"] == {"color": "blue", "size": "large"}


def test_definition_and_its_resource_come_in_one_set(a_set: ASet, namespace: str) -> None:
    group = f"{a_set.name}.example"
    berth = manifest("Berth", "first", namespace, api=f"{group}/v1", spec={"size": 3})
    objects = [berth, definition(group)]
    checked = a_set.apply(*objects, check_mode=True)
    notes = {entry["object"]: entry.get("note") for entry in checked["objects"]}
    assert notes[f"Berth/{namespace}/first"] == "its kind is not in the cluster yet"
    assert a_set.apply(*objects)["summary"]["created"] == 2
    assert a_set.live(berth)["spec"] == {"size": 3}
    assert a_set.apply(*objects)["changed"] is False


def test_new_field_and_its_use_come_in_one_run(a_set: ASet, namespace: str) -> None:
    group = f"{a_set.name}.example"
    crd, berth = definition(group), manifest("Berth", "first", namespace, api=f"{group}/v1", spec={"size": 3})
    a_set.apply(crd, berth)
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["depth"] = {"type": "integer"}
    berth["spec"]["depth"] = 7
    assert a_set.apply(crd, berth)["summary"]["configured"] == 2
    assert a_set.live(berth)["spec"] == {"size": 3, "depth": 7}


def test_check_mode_writes_nothing_and_predicts_the_run(a_set: ASet, layer: list[Object]) -> None:
    predicted = a_set.apply(*layer, check_mode=True, diff=True)
    assert a_set.find(layer[0]) is None
    assert a_set.writes() == []
    done = a_set.apply(*layer)
    assert [entry["object"] for entry in predicted["objects"]] == [entry["object"] for entry in done["objects"]]
    one(layer, "ConfigMap")["data"]["color"] = "red"
    writes = a_set.writes()
    predicted = a_set.apply(*layer, check_mode=True, diff=True)
    assert a_set.writes() == writes
    (shown,) = predicted["diff"]
    assert (shown["before"]["data"], shown["after"]["data"]) == ({"color": "blue"}, {"color": "red"})


def test_check_mode_on_a_converged_set_is_unchanged(a_set: ASet, layer: list[Object]) -> None:
    a_set.apply(*layer)
    result = a_set.apply(*layer, check_mode=True, diff=True)
    assert (result["changed"], result["diff"]) == (False, [])


def test_diff_shows_what_the_server_makes_of_it(a_set: ASet, namespace: str) -> None:
    (shown,) = a_set.apply(deployment(namespace), check_mode=True, diff=True)["diff"]
    assert shown["after"]["spec"]["progressDeadlineSeconds"] == 600
    assert "managedFields" not in shown["after"]["metadata"]


def test_secret_values_never_leave(a_set: ASet, namespace: str) -> None:
    value, other = "correct horse battery", "another staple"
    secret = manifest("Secret", "password", namespace, stringData={"password": value})
    said = [a_set.apply(secret, check_mode=True, diff=True), a_set.apply(secret, diff=True), list(a_set.lines)]
    secret["stringData"]["password"] = other
    said += [a_set.apply(secret, diff=True)]
    text = json.dumps(said)
    for word in (value, other):
        assert word not in text
        assert base64.b64encode(word.encode()).decode() not in text
    assert "<hmac:" in text


def test_changed_secret_value_is_noticed_though_the_mark_hides_it(a_set: ASet, namespace: str) -> None:
    secret = manifest("Secret", "password", namespace, stringData={"password": "one"})
    a_set.apply(secret)
    mark = a_set.live(secret)["metadata"]["annotations"]["seaworthy.dev/desired"]
    secret["stringData"]["password"] = "two"
    assert a_set.apply(secret)["summary"]["configured"] == 1
    live = a_set.live(secret)
    assert base64.b64decode(live["data"]["password"]) == b"two"
    assert live["metadata"]["annotations"]["seaworthy.dev/desired"] == mark
    assert a_set.apply(secret)["changed"] is False


def test_foreign_change_of_a_secret_is_taken_back(a_set: ASet, namespace: str) -> None:
    secret = manifest("Secret", "password", namespace, stringData={"password": "one"})
    a_set.apply(secret)
    a_set.patch(secret, {"stringData": {"password": "intruder"}})
    a_set.apply(secret)
    assert base64.b64decode(a_set.live(secret)["data"]["password"]) == b"one"


def test_what_is_not_ready_in_time_is_explained(a_set: ASet, namespace: str, node: str) -> None:
    greedy = {"requests": {"memory": "4000Gi"}}
    wanted = deployment(namespace)
    wanted["spec"]["template"]["spec"]["containers"][0]["resources"] = greedy
    error = a_set.refused(wanted, wait_timeout=4.0)
    assert error.kind == "timeout"
    assert error.details["changed"] is True
    assert str(error).startswith(f"{a_set.name}: not ready after 4s: Deployment/{namespace}/web")
    assert "Insufficient memory" in str(error)
    assert any("waiting" in line and "1 of 1" in line for line in a_set.lines)


def test_without_wait_the_run_ends_when_all_is_accepted(a_set: ASet, namespace: str) -> None:
    unplaceable = deployment(namespace, nodeSelector={"no": "such-node"})
    assert a_set.apply(unplaceable, wait=False)["changed"] is True


def test_invalid_object_is_refused_before_the_good_ones_are_written(a_set: ASet, namespace: str) -> None:
    bad = deployment(namespace)
    bad["spec"]["template"]["spec"]["containers"][0]["image"] = ""
    worse = config_map(namespace, "worse")
    worse["date"] = {}
    error = a_set.refused(config_map(namespace, "good"), bad, worse)
    for word in ("item 1", "image", "item 2", "date", "Nothing was written."):
        assert word in str(error)
    assert a_set.find(config_map(namespace, "good")) is None


def test_policy_of_the_cluster_refuses_in_preflight(a_set: ASet, namespace: str) -> None:
    quota = manifest("ResourceQuota", "none", namespace, spec={"hard": {"count/configmaps": "1"}})
    ASet(a_set.plane).apply(quota)
    until = time.monotonic() + 10.0
    while not a_set.live(quota).get("status", {}).get("used") and time.monotonic() < until:
        time.sleep(0.05)  # the server counts only what its controller has counted once
    error = a_set.refused(
        manifest("ServiceAccount", "fine", namespace), config_map(namespace, "a"), config_map(namespace, "b")
    )
    assert "quota" in str(error)
    assert a_set.writes() == []


def test_missing_namespace_is_refused_before_any_write(a_set: ASet, namespace: str) -> None:
    error = a_set.refused(config_map(namespace), config_map("no-such-space"))
    assert 'namespace "no-such-space" does not exist' in str(error)
    assert a_set.writes() == []
    checked = a_set.apply(config_map(namespace), config_map("no-such-space"), check_mode=True)
    assert checked["summary"]["not_validated"] == 1


def test_unknown_kind_is_refused_before_any_write(a_set: ASet, namespace: str) -> None:
    stranger = manifest("Lighthouse", "a", namespace, api="no.such.group/v1")
    error = a_set.refused(config_map(namespace), stranger)
    assert "does not know Lighthouse of no.such.group/v1" in str(error)
    assert a_set.writes() == []
    old = manifest("Deployment", "a", namespace, api="apps/v1beta1", spec={})
    assert "serves Deployment (apps) as v1" in str(a_set.refused(old))


@pytest.mark.parametrize(
    ("obj", "rule"),
    [
        (config_map(""), "needs a metadata.namespace"),
        (manifest("Namespace", "a", "b"), "is cluster-wide and takes no metadata.namespace"),
    ],
)
def test_scope_mistake_is_named(a_set: ASet, obj: Object, rule: str) -> None:
    assert rule in str(a_set.refused(obj))


def test_object_that_is_being_deleted_is_waited_for_and_made_anew(a_set: ASet, namespace: str) -> None:
    held = config_map(namespace)
    a_set.apply(held)
    a_set.patch(held, {"metadata": {"finalizers": ["example.com/hold"]}})
    a_set.reader.delete(f"/api/v1/namespaces/{namespace}/configmaps/settings")
    old = a_set.live(held)["metadata"]["uid"]
    error = a_set.refused(held, wait_timeout=1.5)
    assert "example.com/hold" in str(error)
    a_set.patch(held, {"metadata": {"finalizers": None}})
    assert a_set.apply(held)["summary"]["created"] == 1
    assert a_set.live(held)["metadata"]["uid"] != old


def test_cluster_that_is_still_to_be_made_gets_a_plan_but_no_run(a_set: ASet, layer: list[Object]) -> None:
    def run(check_mode: bool) -> dict[str, t.Any]:
        return a_set.apply_nowhere(*layer, check_mode=check_mode)

    result = run(True)
    assert result["summary"]["created"] == result["summary"]["not_validated"] == len(layer)
    with pytest.raises(Exception, match="does not exist yet.*Create it first"):
        run(False)


def test_hardened_set_stays_unchanged_and_keeps_a_live_selector(a_set: ASet, namespace: str, node: str) -> None:
    wanted = deployment(namespace, replicas=2)
    a_set.apply(wanted, harden="none")
    del wanted["spec"]["selector"]
    result = a_set.apply(wanted, harden="platform", wait=False)  # its priority class comes with another layer
    assert result["summary"] | {"created": 1, "configured": 1} == result["summary"]  # a disruption budget joined
    assert a_set.live(wanted)["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert a_set.apply(wanted, harden="platform", wait=False)["changed"] is False


def test_removed_role_binding_subject_is_restored_in_order(a_set: ASet, namespace: str) -> None:
    api = "rbac.authorization.k8s.io"
    role = manifest(
        "Role",
        "reader",
        namespace,
        api=f"{api}/v1",
        rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    )
    subjects = [{"kind": "User", "apiGroup": api, "name": name} for name in ("ann", "bob")]
    ref = {"apiGroup": api, "kind": "Role", "name": "reader"}
    binding = manifest("RoleBinding", "readers", namespace, api=f"{api}/v1", roleRef=ref, subjects=subjects)
    a_set.apply(binding, role)
    a_set.patch(binding, {"subjects": subjects[:1]})
    assert a_set.apply(binding, role)["summary"]["configured"] == 1
    assert a_set.live(binding)["subjects"] == subjects


def test_result_stays_small(a_set: ASet, namespace: str) -> None:
    many = [config_map(namespace, f"big-{place}", text="x" * 3000) for place in range(60)]
    result = a_set.apply(*many, diff=True)
    assert len(json.dumps(result)) <= 64 * 1024
    assert result["diffs_left_out"] > 0
    assert result["summary"]["created"] == 60


def test_old_servers_list_of_kinds_means_the_same(a_set: ASet, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(kubeconfig_credentials(str(a_set.plane.kubeconfig)), clock=SystemClock())
    aggregated = discovery.discover(client)
    monkeypatch.setattr(discovery, "AGGREGATED", "application/json")
    classic = discovery.discover(client)
    client.close()
    builtin = {kind for kind in classic if kind.group.endswith("k8s.io") or "." not in kind.group}  # others come and go
    assert len(builtin) > 50
    assert {kind: aggregated[kind] for kind in builtin} == {kind: classic[kind] for kind in builtin}


def test_reader_without_the_right_to_write_still_gets_a_plan(
    a_set: ASet, namespace: str, tmp_path: pathlib.Path
) -> None:
    kubeconfig = read_only(a_set, namespace, tmp_path)
    wanted = config_map(namespace)
    result = a_set.apply(wanted, check_mode=True, kubeconfig=kubeconfig)
    assert result["summary"]["not_validated"] == 1
    assert result["objects"][0]["note"] == "this identity may not dry-run it"
    error = a_set.refused(wanted, kubeconfig=kubeconfig)
    assert error.kind == "permission"
    assert "Nothing was written." in str(error)
    assert a_set.find(wanted) is None


def read_only(a_set: ASet, namespace: str, folder: pathlib.Path) -> str:
    """Return a kubeconfig of an account that may only look."""
    account = manifest("ServiceAccount", "looker", namespace)
    a_set.reader.create(f"/api/v1/namespaces/{namespace}/serviceaccounts", account)
    api = "rbac.authorization.k8s.io"
    binding = manifest(
        "ClusterRoleBinding",
        a_set.name,
        api=f"{api}/v1",
        roleRef={"apiGroup": api, "kind": "ClusterRole", "name": "view"},
        subjects=[{"kind": "ServiceAccount", "name": "looker", "namespace": namespace}],
    )
    a_set.reader.create(f"/apis/{api}/v1/clusterrolebindings", binding)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    answer = a_set.reader.create(f"/api/v1/namespaces/{namespace}/serviceaccounts/looker/token", asked)
    config = yaml.safe_load(a_set.plane.kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": answer["status"]["token"]}
    (folder / "looker.kubeconfig").write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(folder / "looker.kubeconfig")
