# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities on AWS: roles of a cluster and of its workloads, each with what it needs and nothing else."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.foundation.conftest import Desk
from tests.twin.eks_steps import active_cluster

ZONE = "Z0123456789ABCDEFGHIJ"
DNS: dict[str, t.Any] = {
    "namespace": "cert-manager",
    "service_account": "cert-manager",
    "preset": "cert_manager",
    "resources": {"zones": [ZONE]},
}
SECRETS: dict[str, t.Any] = {
    "namespace": "external-secrets",
    "service_account": "external-secrets",
    "preset": "external_secrets",
    "resources": {"secrets": ["prod/"]},
}


def identity(desk: Desk, **changes: t.Any) -> dict[str, t.Any]:
    return desk.run("cluster_identity", **changes)


def roles(desk: Desk) -> list[str]:
    found = desk.client("iam").list_roles(PathPrefix="/seaworthy/")["Roles"]
    return sorted(role["RoleName"] for role in found)


def test_roles_of_a_cluster_are_planned_made_once_and_deleted(desk: Desk) -> None:
    checked = identity(desk, check=True)
    assert desk.writes() == []
    assert checked["identity"]["attach"]["role"] == "planned:identity/prod/role/cluster"
    made = identity(desk)
    assert made["plan_id"] == checked["plan_id"]
    assert made["identity"]["attach"]["node_role"].endswith(":role/seaworthy/prod/prod-node")
    again = identity(desk)
    assert (again["changed"], desk.writes(), again["identity"]) == (False, [], made["identity"])
    desk.gone("cluster_identity")
    assert roles(desk) == []


def test_the_roles_serve_a_cluster(desk: Desk) -> None:
    attach = identity(desk)["identity"]["attach"]
    cluster = active_cluster(desk.harbour, roleArn=attach["role"])
    assert cluster["roleArn"] == attach["role"]


def test_a_workload_gets_what_its_preset_says_on_what_it_names(desk: Desk) -> None:
    cluster = active_cluster(desk.harbour)
    told = identity(desk, cluster="demo", bindings=[DNS, SECRETS])["identity"]
    assert told["issuer"] == cluster["identity"]["oidc"]["issuer"]
    role = desk.client("iam").get_role(RoleName="prod-cert-manager-cert-manager")["Role"]
    condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    assert "system:serviceaccount:cert-manager:cert-manager" in condition.values()
    inline = desk.client("iam").get_role_policy(RoleName=role["RoleName"], PolicyName="seaworthy")
    changes = [
        one for one in inline["PolicyDocument"]["Statement"] if "route53:ChangeResourceRecordSets" in one["Action"]
    ]
    assert [one["Resource"] for one in changes] == [[f"arn:aws:route53:::hostedzone/{ZONE}"]]
    assert told["bindings"][0]["annotations"] == {"eks.amazonaws.com/role-arn": role["Arn"]}
    identity(desk, cluster="demo", bindings=[DNS, SECRETS])
    assert desk.writes() == []


def test_unlisted_bindings_stay_unless_purged_and_absent_ones_go(desk: Desk) -> None:
    active_cluster(desk.harbour)
    identity(desk, cluster="demo", bindings=[DNS, SECRETS])
    identity(desk, cluster="demo", bindings=[DNS])
    assert desk.writes() == []
    identity(desk, cluster="demo", bindings=[DNS, {**SECRETS, "state": "absent"}])
    assert "prod-external-secrets-external-secrets" not in roles(desk)
    identity(desk, cluster="demo", bindings=[], purge_bindings=True)
    assert roles(desk) == ["prod-cluster", "prod-node"]


def test_trust_and_policy_are_healed_and_what_others_attach_stays(desk: Desk) -> None:
    identity(desk)
    iam = desk.client("iam")
    nobody = {"Version": "2012-10-17", "Statement": [{**_trust(iam), "Principal": {"Service": "ecs.amazonaws.com"}}]}
    iam.update_assume_role_policy(RoleName="prod-node", PolicyDocument=json.dumps(nobody))
    iam.detach_role_policy(RoleName="prod-node", PolicyArn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy")
    iam.attach_role_policy(RoleName="prod-node", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    identity(desk)
    assert sorted(desk.writes()) == ["AttachRolePolicy", "UpdateAssumeRolePolicy"]
    kept = iam.list_attached_role_policies(RoleName="prod-node")["AttachedPolicies"]
    assert "AmazonSSMManagedInstanceCore" in {one["PolicyName"] for one in kept}


def _trust(iam: t.Any) -> dict[str, t.Any]:
    statement: dict[str, t.Any] = iam.get_role(RoleName="prod-node")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    return statement


def test_the_provider_of_somebody_else_is_used_and_left_alone(desk: Desk) -> None:
    issuer = active_cluster(desk.harbour)["identity"]["oidc"]["issuer"]
    iam = desk.client("iam")
    iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    identity(desk, cluster="demo", bindings=[DNS])
    assert "CreateOpenIDConnectProvider" not in desk.writes()
    desk.gone("cluster_identity", cluster="demo")
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1


def test_the_provider_of_ours_goes_with_the_last_binding(desk: Desk) -> None:
    active_cluster(desk.harbour)
    other = {**DNS, "namespace": "external-dns", "service_account": "external-dns"}
    identity(desk, cluster="demo", bindings=[DNS, other])
    identity(desk, cluster="demo", bindings=[{**DNS, "state": "absent"}])
    assert "DeleteOpenIDConnectProvider" not in desk.writes()
    identity(desk, cluster="demo", bindings=[{**other, "state": "absent"}])
    assert "DeleteOpenIDConnectProvider" in desk.writes()
    identity(desk, cluster="demo", bindings=[{**other, "state": "absent"}])
    assert desk.writes() == []


def test_the_provider_of_ours_is_found_when_its_cluster_is_gone(desk: Desk) -> None:
    active_cluster(desk.harbour)
    identity(desk, cluster="demo", bindings=[DNS])
    desk.client("iam").create_open_id_connect_provider(Url="https://other.example.com", ClientIDList=["x"])
    desk.gone("cluster_identity")
    (left,) = desk.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert left["Arn"].endswith("other.example.com")


def test_check_before_there_is_a_cluster_plans_its_bindings_and_a_run_says_what_is_missing(desk: Desk) -> None:
    checked = identity(desk, check=True, cluster="later", bindings=[DNS])
    assert "OIDC provider" in checked["plan_text"]
    with pytest.raises(PlatformError, match="planned:cluster/later/issuer, which does not exist yet"):
        identity(desk, cluster_roles=None, cluster="later", bindings=[DNS])


@pytest.mark.parametrize("operation", ["CreateRole", "AttachRolePolicy"])
def test_stopped_after_a_write_the_next_run_finishes_it(desk: Desk, operation: str) -> None:
    desk.harbour.faults.add(Fault("answer", operation, "iam", "after", status=403, code="AccessDenied"))
    with pytest.raises(PlatformError):
        identity(desk)
    identity(desk)
    assert roles(desk) == ["prod-cluster", "prod-node"]
    identity(desk)
    assert desk.writes() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"bindings": [DNS]},
            "bindings is given and cluster is missing; name the cluster of the service accounts",
        ),
        (
            {"cluster": "demo", "bindings": [{**DNS, "resources": None}]},
            "bindings[0] with preset cert_manager lacks resources.zones: what is it allowed on?",
        ),
        (
            {"cluster": "demo", "bindings": [{**DNS, "policy": '{"Statement": []}'}]},
            "bindings[0] must have either preset or policy",
        ),
        ({"cluster": "demo", "bindings": [DNS, DNS]}, "bindings[1] repeats cert-manager/cert-manager; give it once"),
    ],
)
def test_bad_input_is_refused_before_any_request(desk: Desk, changes: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        identity(desk, **changes)
    assert str(caught.value) == said
    assert desk.asked() == []
