# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows V*: what makes a request valid at all, beyond the shapes of the model."""

from __future__ import annotations

import ipaddress
import typing as t

from ..aws.protocol import Json
from ..rules import Stage
from . import changes, offers
from .offers import overlaps
from .rules import Call, Refusal, Table
from .store import Record, Store

PRIVATE = tuple(ipaddress.ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
TOKENED = ("CreateCluster", "UpdateClusterConfig", "UpdateClusterVersion", "CreateNodegroup")
TOKENED_POOL = ("UpdateNodegroupConfig", "UpdateNodegroupVersion")
SETTLED = ("ACTIVE", "UPDATING")
RULES = Table()
rule = RULES.rule


@rule(
    "V1", "types, enums, patterns, limits and required members follow the model", source="botocore", stage=Stage.ADMIT
)
def follows_the_model(store: Store, call: Call) -> Refusal | None:
    found = [p.text for p in call.problems if not p.unknown]
    return call.invalid("; ".join(found)) if found else None


@rule(
    "V2",
    "a request token is answered once: the same request again gets the same answer, another one is refused",
    source="EKS clientRequestToken",
    on=(*TOKENED, *TOKENED_POOL),
    stage=Stage.ADMIT,
)
def token_means_one_request(store: Store, call: Call) -> Refusal | None:
    known = store.answered.get(token_key(call))
    if known is None:
        return None
    asked, answer = known
    if asked != call.params:
        return call.invalid("clientRequestToken was already used for a request with other parameters")
    call.replay = answer
    return None


def token_key(call: Call) -> tuple[str, ...]:
    place = call.account
    return place.account, place.region, call.operation, call.params.get("clientRequestToken", "")


@rule(
    "V3",
    "subnets exist, lie in one network and in at least two zones",
    source="EKS VpcConfigRequest; EKS user guide, network requirements",
    on=("CreateCluster", "UpdateClusterConfig"),
)
def subnets_fit(store: Store, call: Call) -> Refusal | None:
    config = call.params.get("resourcesVpcConfig") or {}
    ids = config.get("subnetIds")
    if ids is None and call.operation == "UpdateClusterConfig":
        return _groups_exist(call, config, call.cluster.vpc if call.cluster else "")
    found, missing = call.account.subnets(ids or [])
    if missing:
        return call.invalid(f"The subnet ID '{missing[0]}' does not exist")
    if len({s.zone for s in found}) < 2:
        return call.invalid("Subnets specified must be in at least two different AZs")
    networks = {s.vpc for s in found}
    if len(networks) > 1:
        return call.invalid("Subnets specified must all be in the same VPC")
    if call.cluster is not None and networks != {call.cluster.vpc}:
        return call.invalid(f"Subnets specified must be in the cluster's VPC {call.cluster.vpc}")
    return _groups_exist(call, config, found[0].vpc)


def _groups_exist(call: Call, config: Record, vpc: str) -> Refusal | None:
    missing = call.account.missing_security_groups(config.get("securityGroupIds") or [], vpc)
    return call.invalid(f"The security group '{missing[0]}' does not exist in VPC {vpc}") if missing else None


@rule("V4", "a pool's subnets are of its cluster's network", source="EKS CreateNodegroup", on=("CreateNodegroup",))
def pool_subnets_fit(store: Store, call: Call) -> Refusal | None:
    found, missing = call.account.subnets(call.params["subnets"])
    if missing or not found:
        return call.invalid(f"The subnet ID '{(missing or [''])[0]}' does not exist")
    foreign = [s.id for s in found if call.cluster and s.vpc != call.cluster.vpc]
    return call.invalid(f"Subnet {foreign[0]} is not in the cluster's VPC") if foreign else None


@rule("V5", "a role exists in the account", source="EKS CreateCluster roleArn", on=("CreateCluster", "CreateNodegroup"))
def role_exists(store: Store, call: Call) -> Refusal | None:
    arn = call.params["roleArn" if call.operation == "CreateCluster" else "nodeRole"]
    if call.account.has_role(arn):
        return None
    return call.invalid(
        f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
    )


@rule(
    "V6",
    "a version is one that EKS offers",
    source="EKS DescribeClusterVersions; recordings/eks/quoted-errors.json",
    on=("CreateCluster", "UpdateClusterVersion", "CreateNodegroup", "UpdateNodegroupVersion"),
)
def version_is_offered(store: Store, call: Call) -> Refusal | None:
    version = call.params.get("version")
    if version is None or offers.offered(version):
        return None
    return call.invalid("unsupported Kubernetes version")


@rule(
    "V7",
    "the service block is private, /12 to /24, and apart from the network",
    source="EKS KubernetesNetworkConfigRequest",
    on=("CreateCluster",),
)
def service_block_is_legal(store: Store, call: Call) -> Refusal | None:
    text = (call.params.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr")
    if text is None:
        return None
    try:
        block = ipaddress.IPv4Network(text)
    except ValueError:
        return call.invalid(f"The specified service CIDR {text} is not a valid IPv4 CIDR block")
    if not 12 <= block.prefixlen <= 24 or not any(block.subnet_of(t.cast(t.Any, private)) for private in PRIVATE):
        return call.invalid(f"The specified service CIDR {text} must be a private block between /24 and /12")
    found, _ = call.account.subnets(call.params["resourcesVpcConfig"]["subnetIds"])
    taken = [c for c in call.account.vpc_cidrs(found[0].vpc) if overlaps(text, c)] if found else []
    return call.invalid(f"The specified service CIDR {text} overlaps with the VPC's CIDR {taken[0]}") if taken else None


@rule(
    "V8",
    "quotas hold: clusters per region, pools per cluster",
    source="EKS service quotas",
    on=("CreateCluster", "CreateNodegroup"),
)
def within_quota(store: Store, call: Call) -> Refusal | None:
    if call.operation == "CreateCluster":
        count, what = len(store.of_account(call.account.account, call.account.region)), "Cluster"
    else:
        count, what = len(call.cluster.pools) if call.cluster else 0, "Nodegroup"
    limit = call.limits[what]
    if count < limit:
        return None
    return Refusal("ResourceLimitExceededException", f"You have exceeded the limit of {limit} {what}s", call.names())


@rule(
    "V9",
    "a pool's least, desired and most are in order",
    source="EKS NodegroupScalingConfig; terraform-provider-aws#18310",
    on=("CreateNodegroup", "UpdateNodegroupConfig"),
)
def sizes_are_in_order(store: Store, call: Call) -> Refusal | None:
    old = call.pool.record["scalingConfig"] if call.pool else {}
    asked = call.params.get("scalingConfig")
    if asked is None:
        return None
    sizes = {**old, **asked}
    low, high = sizes.get("minSize", 0), sizes.get("maxSize", 1)
    wanted = sizes.get("desiredSize", low)
    if low > wanted:
        return call.invalid(f"Minimum capacity {low} can't be greater than desired size {wanted}")
    if wanted > high:
        return call.invalid(f"desired capacity {wanted} can't be greater than max size {high}")
    return None


@rule(
    "V10",
    "what is being created or deleted cannot be updated or deleted",
    source="EKS InvalidRequestException, ResourceInUseException",
    on=("UpdateClusterConfig", "UpdateClusterVersion", "DeleteCluster", *TOKENED_POOL, "DeleteNodegroup"),
)
def is_settled(store: Store, call: Call) -> Refusal | None:
    assert call.cluster is not None
    subject = call.pool or call.cluster
    status = subject.record["status"]
    deleting = call.operation.startswith("Delete")
    if status in SETTLED or status.endswith("FAILED") or status == "DEGRADED":
        return None
    code = "ResourceInUseException" if deleting or call.pool else "InvalidRequestException"
    return Refusal(code, f"Cannot perform {call.operation} on {subject.name}: its status is {status}", call.names())


@rule(
    "V11",
    "a kubelet never leads its control plane and never trails it by more than three minors",
    source="Kubernetes version skew policy",
    on=("CreateNodegroup", "UpdateNodegroupVersion"),
)
def pool_follows_control_plane(store: Store, call: Call) -> Refusal | None:
    version = call.params.get("version")
    if version is None or call.cluster is None:
        return None
    gap = offers.minor_number(call.cluster.record["version"]) - offers.minor_number(version)
    if 0 <= gap <= offers.KUBELET_SKEW:
        return None
    text = f"Requested Nodegroup version {version} is not compatible with cluster version"
    return call.invalid(f"{text} {call.cluster.record['version']}")


@rule(
    "V12",
    "some way to the API server stays open, to real blocks only",
    source="EKS VpcConfigRequest",
    on=("CreateCluster", "UpdateClusterConfig"),
)
def endpoint_stays_reachable(store: Store, call: Call) -> Refusal | None:
    asked = call.params.get("resourcesVpcConfig") or {}
    bad = [c for c in asked.get("publicAccessCidrs") or [] if not _is_block(c)]
    if bad:
        return call.invalid(f"The following CIDRs are invalid in publicAccessCidrs: {bad[0]}")
    old = call.cluster.record["resourcesVpcConfig"] if call.cluster else {"endpointPublicAccess": True}
    merged = {**old, **asked}
    if merged.get("endpointPublicAccess") or merged.get("endpointPrivateAccess"):
        return None
    return call.invalid("Private and public endpoint access cannot both be disabled")


def _is_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


@rule(
    "V13",
    "tags are the account's own and at most fifty",
    source="AWS tagging rules",
    on=("CreateCluster", "CreateNodegroup", "TagResource"),
)
def tags_are_legal(store: Store, call: Call) -> Refusal | None:
    tags = call.params.get("tags") or {}
    reserved = [key for key in tags if key.lower().startswith("aws:")]
    if reserved:
        return call.invalid(f"Tag keys starting with aws: are reserved for system use: {reserved[0]}")
    holder = (call.pool or call.cluster) if call.operation == "TagResource" else None
    total = {**(holder.record.get("tags", {}) if holder else {}), **tags}
    return call.invalid(f"The number of tags exceeds the limit of 50: {len(total)}") if len(total) > 50 else None


@rule("V14", "instance types exist and fit the image", source="EKS CreateNodegroup", on=("CreateNodegroup",))
def instance_types_exist(store: Store, call: Call) -> Refusal | None:
    names = call.params.get("instanceTypes") or []
    found = {name: call.account.instance_type(name) for name in names}
    missing = [name for name, row in found.items() if row is None]
    if missing:
        return call.invalid(f"The following supplied instance types do not exist: [{', '.join(missing)}]")
    image = call.params.get("amiType", "AL2023_x86_64_STANDARD")
    wrong = [name for name, row in found.items() if row and (row.arch == "arm64") != ("ARM_64" in image)]
    if wrong and image != "CUSTOM":
        return call.invalid(f"[{', '.join(wrong)}] is not a valid instance type for requested amiType {image}")
    return None


@rule(
    "V15",
    "an update asks for something",
    source="EKS UpdateClusterConfig",
    on=("UpdateClusterConfig", *TOKENED_POOL[:1]),
)
def update_asks_for_something(store: Store, call: Call) -> Refusal | None:
    if call.operation == "UpdateClusterConfig":
        asked: t.Sized = changes.kinds_asked(call.params)
    else:
        asked = _beyond_names(call.params)
    return None if asked else call.invalid("No changes needed: the request asks for no type of update")


def _beyond_names(params: Json) -> Json:
    names = ("clusterName", "nodegroupName", "clientRequestToken")
    return {k: v for k, v in params.items() if k not in names and v not in (None, {}, [])}
