# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of add-ons, access entries, providers and encryption, each kept by real boto3 against the running twin."""

from __future__ import annotations

import json

from drydock.faults import Fault
from drydock.harbour import Harbour

from .eks_steps import Json, active_cluster, active_pool, describe_cluster, pass_time, refused, update_config

ENTRIES = {"authenticationMode": "API"}
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
ROLE = "arn:aws:iam::111122223333:role/team"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"


def addon(harbour: Harbour, name: str = "coredns") -> Json:
    answer: Json = harbour.client().describe_addon(clusterName="demo", addonName=name)["addon"]
    return answer


def made_addon(harbour: Harbour, name: str = "vpc-cni", **members: object) -> Json:
    harbour.client().create_addon(clusterName="demo", addonName=name, **members)
    pass_time(harbour)
    return addon(harbour, name)


def test_E11_authentication_mode_never_goes_back(harbour: Harbour) -> None:
    active_cluster(harbour)
    update_config(harbour, accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    pass_time(harbour)
    back = {"authenticationMode": "CONFIG_MAP"}
    client = harbour.client()
    text = refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", accessConfig=back)
    assert text == "Unsupported authentication mode update from API_AND_CONFIG_MAP to CONFIG_MAP"


def test_E12_entries_of_a_cluster_that_reads_its_config_map_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    refused("InvalidRequestException", 400, client.create_access_entry, clusterName="demo", principalArn=ROLE)
    text = refused("InvalidRequestException", 400, client.list_access_entries, clusterName="demo")
    assert "authentication mode" in text


def test_E19_coredns_is_degraded_until_a_node_can_run_it(harbour: Harbour) -> None:
    active_cluster(harbour)
    found = made_addon(harbour, "coredns")
    assert found["status"] == "DEGRADED"
    assert found["health"]["issues"][0]["code"] == "InsufficientNumberOfReplicas"
    active_pool(harbour)
    assert addon(harbour)["status"] == "ACTIVE"


def test_V16_second_of_a_kind_refused(harbour: Harbour) -> None:
    active_cluster(harbour, accessConfig=ENTRIES)
    client = harbour.client()
    made_addon(harbour)
    refused("ResourceInUseException", 409, client.create_addon, clusterName="demo", addonName="vpc-cni")
    client.create_access_entry(clusterName="demo", principalArn=ROLE)
    text = refused("ResourceInUseException", 409, client.create_access_entry, clusterName="demo", principalArn=ROLE)
    assert "already in use" in text
    oidc = {"identityProviderConfigName": "one", "issuerUrl": "https://issuer.example.com", "clientId": "kubernetes"}
    client.associate_identity_provider_config(clusterName="demo", oidc=oidc)
    pass_time(harbour)
    other = {**oidc, "identityProviderConfigName": "two"}
    associate = client.associate_identity_provider_config
    refused("ResourceInUseException", 409, associate, clusterName="demo", oidc=other)


def test_V17_addon_or_version_that_does_not_fit_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    create = harbour.client().create_addon
    refused("InvalidParameterException", 400, create, clusterName="demo", addonName="no-such-addon")
    asked = {"clusterName": "demo", "addonName": "kube-proxy", "addonVersion": "v1.36.3-eksbuild.5"}
    text = refused("InvalidParameterException", 400, create, **asked)
    assert text == "Addon version specified is not supported"
    offered = harbour.client().describe_addon_versions(addonName="kube-proxy", kubernetesVersion="1.34")["addons"][0]
    assert made_addon(harbour, "kube-proxy")["addonVersion"] == offered["addonVersions"][1]["addonVersion"]


def test_V18_unknown_setting_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    create = harbour.client().create_addon
    for values in ("no json", json.dumps({"nonsense": 1})):
        asked = {"clusterName": "demo", "addonName": "vpc-cni", "configurationValues": values}
        assert "ConfigurationValue" in refused("InvalidParameterException", 400, create, **asked)


def test_V19_second_update_of_an_addon_or_of_the_cluster_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    made_addon(harbour)
    client = harbour.client()
    own = {"clusterName": "demo", "addonName": "vpc-cni"}
    update = client.update_addon(**own, addonVersion="v1.20.5-eksbuild.1")["update"]
    assert update["id"] in refused("ResourceInUseException", 409, client.update_addon, **own)
    pass_time(harbour)
    assert client.describe_update(name="demo", addonName="vpc-cni", updateId=update["id"])["update"]["status"] == (
        "Successful"
    )
    key = [{"resources": ["secrets"], "provider": {"keyArn": KEY}}]
    client.associate_encryption_config(clusterName="demo", encryptionConfig=key)
    oidc = {"identityProviderConfigName": "one", "issuerUrl": "https://issuer.example.com", "clientId": "kubernetes"}
    associate = client.associate_identity_provider_config
    refused("ResourceInUseException", 409, associate, clusterName="demo", oidc=oidc)


def test_V20_unknown_policy_or_empty_scope_refused(harbour: Harbour) -> None:
    active_cluster(harbour, accessConfig=ENTRIES)
    client = harbour.client()
    client.create_access_entry(clusterName="demo", principalArn=ROLE)
    own = {"clusterName": "demo", "principalArn": ROLE}
    associate = client.associate_access_policy
    whole = {"type": "cluster"}
    refused("InvalidParameterException", 400, associate, **own, policyArn=f"{ADMIN}X", accessScope=whole)
    refused("InvalidParameterException", 400, associate, **own, policyArn=ADMIN, accessScope={"type": "namespace"})
    associate(**own, policyArn=ADMIN, accessScope=whole)
    assert client.list_associated_access_policies(**own)["associatedAccessPolicies"][0]["policyArn"] == ADMIN


def test_V21_entry_of_no_principal_or_with_a_reserved_group_refused(harbour: Harbour) -> None:
    active_cluster(harbour, accessConfig=ENTRIES)
    create = harbour.client().create_access_entry
    session = "arn:aws:sts::111122223333:assumed-role/team/me"
    refused("InvalidParameterException", 400, create, clusterName="demo", principalArn=session)
    masters = ["system:masters"]
    refused("InvalidParameterException", 400, create, clusterName="demo", principalArn=ROLE, kubernetesGroups=masters)


def test_V22_second_key_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    key = [{"resources": ["secrets"], "provider": {"keyArn": KEY}}]
    client.associate_encryption_config(clusterName="demo", encryptionConfig=key)
    pass_time(harbour)
    assert describe_cluster(harbour)["encryptionConfig"] == key
    again = client.associate_encryption_config
    refused("InvalidParameterException", 400, again, clusterName="demo", encryptionConfig=key)


def test_V23_half_of_auto_mode_refused(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    half = {"computeConfig": {"enabled": True}}
    text = refused("InvalidParameterException", 400, client.update_cluster_config, name="demo", **half)
    assert "fully enabled or fully disabled" in text
    rest = {
        "storageConfig": {"blockStorage": {"enabled": True}},
        "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
    }
    update_config(harbour, **half, **rest)
    pass_time(harbour)
    assert describe_cluster(harbour)["computeConfig"]["enabled"] is True


def test_creator_of_a_cluster_with_entries_gets_one_that_admits(harbour: Harbour) -> None:
    active_cluster(harbour, accessConfig=ENTRIES)
    client = harbour.client()
    (principal,) = client.list_access_entries(clusterName="demo")["accessEntries"]
    own = {"clusterName": "demo", "principalArn": principal}
    assert client.describe_access_entry(**own)["accessEntry"]["type"] == "STANDARD"
    assert client.list_associated_access_policies(**own)["associatedAccessPolicies"][0]["policyArn"] == ADMIN
    client.update_access_entry(**own, kubernetesGroups=["team"])
    arn = client.describe_access_entry(**own)["accessEntry"]["accessEntryArn"]
    client.tag_resource(resourceArn=arn, tags={"a": "b"})
    found = client.describe_access_entry(**own)["accessEntry"]
    assert (found["kubernetesGroups"], found["tags"]) == (["team"], {"a": "b"})
    client.disassociate_access_policy(**own, policyArn=ADMIN)
    client.delete_access_entry(**own)
    assert client.list_access_entries(clusterName="demo")["accessEntries"] == []


def test_roles_of_an_addon_are_kept_by_absence_and_removed_by_an_empty_list(harbour: Harbour) -> None:
    active_cluster(harbour)
    roles = [{"serviceAccount": "aws-node", "roleArn": ROLE}]
    arns = made_addon(harbour, podIdentityAssociations=roles)["podIdentityAssociations"]
    client = harbour.client()
    ident = arns[0].rpartition("/")[2]
    asked = {"clusterName": "demo", "associationId": ident}
    assert client.describe_pod_identity_association(**asked)["association"]["roleArn"] == ROLE
    own = {"clusterName": "demo", "addonName": "vpc-cni"}
    client.update_addon(**own, addonVersion="v1.20.5-eksbuild.1")
    pass_time(harbour)
    assert addon(harbour, "vpc-cni")["podIdentityAssociations"] == arns
    client.update_addon(**own, podIdentityAssociations=[])
    pass_time(harbour)
    assert "podIdentityAssociations" not in addon(harbour, "vpc-cni")


def test_addon_work_may_fail_and_says_why(harbour: Harbour) -> None:
    active_cluster(harbour)
    harbour.faults.add(Fault("fail", operation="CreateAddon", code="ConfigurationConflict", message="field is yours"))
    found = made_addon(harbour)
    assert (found["status"], found["health"]["issues"][0]["code"]) == ("CREATE_FAILED", "ConfigurationConflict")


def test_provider_comes_and_goes_as_an_update_of_the_cluster(harbour: Harbour) -> None:
    active_cluster(harbour)
    client = harbour.client()
    oidc = {"identityProviderConfigName": "one", "issuerUrl": "https://issuer.example.com", "clientId": "kubernetes"}
    client.associate_identity_provider_config(clusterName="demo", oidc=oidc, tags={"a": "b"})
    assert describe_cluster(harbour)["status"] == "UPDATING"
    pass_time(harbour)
    config = client.list_identity_provider_configs(clusterName="demo")["identityProviderConfigs"][0]
    described = client.describe_identity_provider_config
    found = described(clusterName="demo", identityProviderConfig=config)["identityProviderConfig"]["oidc"]
    assert (found["status"], found["clientId"], found["tags"]) == ("ACTIVE", "kubernetes", {"a": "b"})
    client.disassociate_identity_provider_config(clusterName="demo", identityProviderConfig=config)
    pass_time(harbour)
    assert client.list_identity_provider_configs(clusterName="demo")["identityProviderConfigs"] == []
