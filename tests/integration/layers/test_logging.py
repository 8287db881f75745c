# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer ``logging``: what the real Elastic operator makes of our objects, where every policy is enforced.

Elasticsearch itself does not run here. So nobody says that it is green, the run ends by saying so, and nothing of what
is proven below waits for that.
"""

from __future__ import annotations

import base64
import re
import typing as t

import pytest
import yaml

from drydock.kube import Object
from tests.integration.harbours import until
from tests.integration.layers.planes import Island

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("island")]

PLAIN: dict[str, t.Any] = {
    "monitoring_state": "external",
    "logging_wait_timeout": 90,
    "logging_storage_gib": 10,
    "logging_team_delete_days": {"payments": 90},
    "logging_snapshots": {
        "type": "s3",
        "bucket": "island-logs",
        "identity": "arn:aws:iam::111122223333:role/island-logs",
        "region": "eu-west-1",
    },
}
STACK = "/apis/apps/v1/namespaces"


@pytest.fixture(scope="module")
def logged(island: Island) -> t.Iterator[Island]:
    """The island with the layer, after a run that could not see Elasticsearch become green."""
    standard = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "volumes.drydock.seaworthy.dev",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    island.admin.apply("/apis/storage.k8s.io/v1/storageclasses/standard", standard)
    island.play("base", **PLAIN).passed()
    island.play("policy", **PLAIN, policy_mode="enforce").passed()
    said = island.play("logging", **PLAIN).refused()
    assert re.search(r"Elasticsearch/logging/platform .*health unknown", said), said
    yield island
    island.play("logging", **PLAIN, logging_state="absent").passed()
    island.admin.delete("/apis/storage.k8s.io/v1/storageclasses/standard")


def pod_of(obj: Object) -> Object:
    return dict(obj["spec"]["template"]["spec"])


def test_operator_runs_with_rights_in_two_namespaces_alone(logged: Island) -> None:
    until(lambda: logged.admin.get(f"{STACK}/logging/deployments/elastic-operator")["status"]["readyReplicas"] == 2, 60)
    lease = logged.admin.get("/apis/coordination.k8s.io/v1/namespaces/logging/leases/elastic-operator-leader")
    assert lease["spec"]["holderIdentity"].startswith("elastic-operator-")
    review: Object = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": "system:serviceaccount:logging:elastic-operator",
            "resourceAttributes": {"verb": "get", "resource": "secrets", "namespace": "default"},
        },
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    assert logged.admin.create(path, review)["status"]["allowed"] is False
    review["spec"]["resourceAttributes"]["namespace"] = "logging"
    assert logged.admin.create(path, review)["status"]["allowed"] is True


def test_three_nodes_run_on_volumes_of_their_own_where_pods_are_restricted(logged: Island) -> None:
    nodes = f"{STACK}/logging/statefulsets/platform-es-default"
    until(lambda: (logged.admin.find(nodes) or {}).get("status", {}).get("readyReplicas") == 3, 120)
    pod = pod_of(logged.admin.get(nodes))
    assert pod["priorityClassName"] == "platform-critical"
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (elasticsearch,) = [each for each in pod["containers"] if each["name"] == "elasticsearch"]
    assert elasticsearch["securityContext"]["readOnlyRootFilesystem"] is True
    assert elasticsearch["resources"]["limits"] == {"memory": "4Gi"}
    (strict,) = [each for each in pod["topologySpreadConstraints"] if each["whenUnsatisfiable"] == "DoNotSchedule"]
    assert strict["topologyKey"] == "topology.kubernetes.io/zone"
    claims = logged.admin.items("/api/v1/namespaces/logging/persistentvolumeclaims")
    assert {(each["status"]["phase"], each["spec"]["resources"]["requests"]["storage"]) for each in claims} == {
        ("Bound", "10Gi")
    }
    assert len(claims) == 3


def test_store_of_snapshots_knows_elasticsearch_by_a_token_below_its_configuration(logged: Island) -> None:
    pod = pod_of(logged.admin.get(f"{STACK}/logging/statefulsets/platform-es-default"))
    (elasticsearch,) = [each for each in pod["containers"] if each["name"] == "elasticsearch"]
    env = {each["name"]: each.get("value") for each in elasticsearch["env"]}
    mounts = {each["name"]: each["mountPath"] for each in elasticsearch["volumeMounts"]}
    folder, _, token = str(env["AWS_WEB_IDENTITY_TOKEN_FILE"]).rpartition("/")
    assert mounts["cloud-identity"] == folder
    (volume,) = [each for each in pod["volumes"] if each["name"] == "cloud-identity"]
    assert volume["projected"]["sources"][0]["serviceAccountToken"] == {
        "audience": "sts.amazonaws.com",
        "expirationSeconds": 86400,
        "path": token,
    }


def test_requests_that_say_how_indices_are_kept_are_sent_with_the_operators_own_user(logged: Island) -> None:
    """The Job's volumes are Secrets that the operator really made; here its pods only seem to run."""
    (job,) = logged.admin.items("/apis/batch/v1/namespaces/logging/jobs")
    secrets = {each["secret"]["secretName"] for each in pod_of(job)["volumes"] if "secret" in each}
    for name in secrets:
        assert logged.admin.get(f"/api/v1/namespaces/logging/secrets/{name}")["data"]
    assert secrets == {"platform-es-elastic-user", "platform-es-http-certs-public"}


def test_filebeat_runs_on_every_node_and_keeps_its_buffer_there(logged: Island) -> None:
    place = f"{STACK}/logging-nodes/daemonsets/node-logs-beat-filebeat"
    until(lambda: (logged.admin.find(place) or {}).get("status", {}).get("numberReady") == 3, 120)
    pod = pod_of(logged.admin.get(place))
    (filebeat,) = pod["containers"]
    mounts = {each["name"]: each["mountPath"] for each in filebeat["volumeMounts"]}
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert mounts["beat-data"] == "/usr/share/filebeat/data"
    assert volumes["beat-data"]["hostPath"] == {"path": "/var/lib/seaworthy/filebeat", "type": "DirectoryOrCreate"}


def test_filebeat_is_told_where_elasticsearch_is_and_who_it_is(logged: Island) -> None:
    secret = logged.admin.get("/api/v1/namespaces/logging-nodes/secrets/node-logs-beat-filebeat-config")
    told = yaml.safe_load(base64.b64decode(secret["data"]["beat.yml"]))
    output = told["output"]["elasticsearch"]
    assert output["hosts"] == ["https://platform-es-http.logging.svc:9200"]
    assert output["username"] == "logging-nodes-node-logs-beat-user"
    assert output["index"] == "logs-kubernetes-%{[kubernetes.namespace_labels.seaworthy_dev/team]:platform}"
    assert told["queue"]["disk"]["max_size"] == "5GB"
    assert told["filebeat"]["inputs"][0]["type"] == "filestream"


def test_kibana_waits_for_its_elasticsearch_under_a_user_of_its_own(logged: Island) -> None:
    place = "/apis/kibana.k8s.elastic.co/v1/namespaces/logging/kibanas/platform"
    until(lambda: bool(logged.admin.get(place).get("status", {}).get("elasticsearchAssociationStatus")), 60)
    assert logged.admin.find("/api/v1/namespaces/logging/secrets/platform-kibana-user")


def test_another_run_sends_no_write_although_nothing_is_green(logged: Island) -> None:
    before = logged.writes_of_the_runner()
    logged.play("logging", **{**PLAIN, "logging_wait_timeout": 5}).refused()
    assert logged.writes_of_the_runner() == before
