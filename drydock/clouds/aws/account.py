# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts around the clusters: networks, roles and keys, kept by moto inside this process."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import ipaddress
import os
import re
import threading
import typing as t

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.core import config
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.model_instances import reset_model_data

from ...web import Request, Response
from . import protocol
from .principals import MOTO_LOCK, Credentials, Principal
from .sigv4 import Signed

ACCOUNT = "111122223333"
STRANGER = "444455556666"
REGION = "eu-west-1"
ZONES = ("a", "b", "c")
VPC_CIDR = "10.20.0.0/16"
CLUSTER_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
READS = re.compile(r"^(Describe|Get|List|Assume|Search|Lookup|Simulate|Decode|BatchGet|Head|Test|Scan|Query)")
# Names that the signature's service part and the host of the endpoint do not share.
# Source: endpoint prefixes in botocore's service models.
HOSTS = {"ecr": "api.ecr"}

# Over a thousand images with a volume each, made anew for each account: two seconds for what no cluster asks for.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
config.default_user_config["iam"]["load_aws_managed_policies"] = True  # they exist in every real account
_stub = BotocoreStubber()
_session_lock = threading.Lock()


def moto_answer(method: str, url: str, headers: t.Mapping[str, str], body: bytes, account: str) -> Response:
    """Let moto answer one request on behalf of ``account``."""
    wanted: t.Any = HeadersDict({**headers, "x-moto-account-id": account})
    with MOTO_LOCK:
        answer = _stub.process_request(AWSPreparedRequest(method, url, wanted, body, False))
    if answer is None:
        return Response(404, {"Content-Type": "text/plain"}, b"no such service here")
    status, sent, content = answer
    raw = content.encode() if isinstance(content, str) else bytes(content)
    return Response(int(status), {k: str(v) for k, v in sent.items() if k.lower() != "content-length"}, raw)


class MotoService:
    """Every AWS service except EKS, behind the same door."""

    def operation(self, request: Request, service: str) -> str:
        if service in ROUTED:
            found = _routes(service).route(request)
            return found[0].name if found else f"{request.method} {request.path}"
        target = request.headers.get("x-amz-target", "")
        if target:
            return target.rpartition(".")[2]
        form = Request.of("GET", f"/?{request.body.decode(errors='replace')}", {}).parameters()
        action = (form.get("Action") or request.parameters().get("Action") or [""])[0]
        return action or f"{request.method} {request.path}"

    def writes(self, operation: str) -> bool:
        method, space, _ = operation.partition(" ")
        return method not in ("GET", "HEAD") if space else not READS.match(operation)

    def answer(self, request: Request, principal: Principal, signed: Signed) -> Response:
        host = f"{HOSTS.get(signed.service, signed.service)}.{signed.region}.amazonaws.com"
        # moto finds the caller by the key id of this header, also for pre-signed requests, which have none
        credential = f"{signed.access_key_id}/{signed.date}/{signed.region}/{signed.service}/aws4_request"
        authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=verified"
        headers = {**request.headers, "host": host, "Authorization": authorization}
        headers.pop("authorization", None)
        url = f"https://{host}{request.path}" + (f"?{request.query}" if request.query else "")
        return moto_answer(request.method, url, headers, request.body, principal.account)


ROUTED = ("route53",)
"""Services whose operations are told apart by method and path alone."""


@functools.cache
def _routes(service: str) -> protocol.RestJson:
    return protocol.RestJson(service)


@functools.cache
def _session() -> t.Any:  # typed stubs know no service by a name that varies
    return boto3.Session()  # one for all: it keeps the parsed service models


def new_client(service: str, keys: Credentials, region: str, **options: t.Any) -> t.Any:
    """Return a boto3 client that signs with these keys."""
    with _session_lock:  # sessions are not made for threads
        return _session().client(
            service,
            region_name=region,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.session_token or None,
            **options,
        )


def inside_client(service: str, account: str, region: str = REGION) -> t.Any:
    """Return a boto3 client whose requests never leave this process: the harbour's own hand in the account."""
    options: dict[str, t.Any] = {"ignore_configured_endpoint_urls": True, "retries": {"total_max_attempts": 1}}
    config = Config(**options)
    client = new_client(service, Credentials("HARBOUR", "HARBOUR"), region, config=config)

    def send(request: AWSPreparedRequest, **_: t.Any) -> AWSResponse:
        sent = {name: _text(value) for name, value in request.headers.items()}
        answer = moto_answer(request.method, request.url, sent, _text(request.body or "").encode(), account)
        headers: t.Any = HeadersDict(answer.headers)
        return AWSResponse(request.url, answer.status, headers, MockRawResponse(answer.body))

    client.meta.events.register_first("before-send", send)
    return client


def _text(value: t.Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@dataclasses.dataclass(frozen=True)
class Seed:
    """What a fresh account holds. Subnets by zone letter; ``people`` are the principals that may sign."""

    account: str
    region: str
    vpc: str
    subnets: dict[str, str]
    cluster_role: str
    node_role: str
    people: dict[str, tuple[str, Credentials]] = dataclasses.field(repr=False)

    def document(self) -> dict[str, t.Any]:
        """Return seed.json: no secret in it."""
        arn, keys = self.people["runner"]
        found = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "people"}
        return {**found, "runner": {"arn": arn, "access_key_id": keys.access_key_id}}


def _forget() -> None:
    """Empty all stores. moto's own reset fills each of them again before it drops it, and keeps what was in them."""
    with MOTO_LOCK:
        for stores in BackendDict._instances:  # type: ignore[misc]
            stores.clear()
        BackendDict._instances.clear()  # type: ignore[misc]
        reset_model_data()


def seed(*, furnished: bool = True) -> Seed:
    """Empty every account and lay out the one that people start with: with a network and two roles, or without."""
    _forget()
    iam = inside_client("iam", ACCOUNT)
    vpc, subnets = _network() if furnished else ("", {})
    return Seed(
        account=ACCOUNT,
        region=REGION,
        vpc=vpc,
        subnets=subnets,
        cluster_role=_role(iam, "seaworthy-cluster", "eks.amazonaws.com") if furnished else "",
        node_role=_role(iam, "seaworthy-node", "ec2.amazonaws.com") if furnished else "",
        people={
            "runner": _user(iam, "runner"),
            "colleague": _user(iam, "colleague"),
            "stranger": _user(inside_client("iam", STRANGER), "stranger"),
            "expired": _expired_session(),
        },
    )


HOLDINGS: tuple[tuple[str, str, str], ...] = (
    ("ec2", "describe_vpcs", "Vpcs"),
    ("ec2", "describe_subnets", "Subnets"),
    ("ec2", "describe_internet_gateways", "InternetGateways"),
    ("ec2", "describe_nat_gateways", "NatGateways"),
    ("ec2", "describe_addresses", "Addresses"),
    ("ec2", "describe_route_tables", "RouteTables"),
    ("ec2", "describe_security_groups", "SecurityGroups"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    ("iam", "list_roles", "Roles"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"),
)
"""What an account may hold beside clusters: service, call, member of the answer."""


def holdings() -> dict[str, list[t.Any]]:
    """Return everything in the account of the runner, without what is deleted and only remembered."""
    clients = {service: inside_client(service, ACCOUNT) for service in ("ec2", "iam")}
    found = {member: getattr(clients[service], call)()[member] for service, call, member in HOLDINGS}
    return {member: [one for one in rows if one.get("State") != "deleted"] for member, rows in found.items()}


def _network() -> tuple[str, dict[str, str]]:
    ec2 = inside_client("ec2", ACCOUNT)
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR)["Vpc"]["VpcId"]
    blocks = ipaddress.ip_network(VPC_CIDR).subnets(new_prefix=19)
    subnets = {
        zone: _subnet(ec2, vpc, str(block), f"{REGION}{zone}") for zone, block in zip(ZONES, blocks, strict=False)
    }
    return vpc, subnets


def _subnet(ec2: t.Any, vpc: str, block: str, zone: str) -> str:
    answer = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)
    return str(answer["Subnet"]["SubnetId"])


def _role(iam: t.Any, name: str, service: str) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=protocol.to_json(trust))["Role"]["Arn"])


def _user(iam: t.Any, name: str) -> tuple[str, Credentials]:
    arn = str(iam.create_user(UserName=name)["User"]["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return arn, Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def _expired_session() -> tuple[str, Credentials]:
    """Return a session of the account's own role whose time is over."""
    role = f"arn:aws:iam::{ACCOUNT}:role/seaworthy-operator"
    answer = inside_client("sts", ACCOUNT).assume_role(RoleArn=role, RoleSessionName="yesterday")
    keys = answer["Credentials"]
    session = get_backend("sts")[ACCOUNT]["aws"].get_assumed_role_from_access_key(keys["AccessKeyId"])
    assert session is not None
    session.expiration -= datetime.timedelta(days=1)
    arn = str(answer["AssumedRoleUser"]["Arn"])
    return arn, Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


@dataclasses.dataclass(frozen=True)
class Subnet:
    id: str
    vpc: str
    zone: str
    cidr: str


@dataclasses.dataclass(frozen=True)
class InstanceType:
    """``memory`` in MiB; ``max_pods`` by the VPC CNI's formula: interfaces x (addresses - 1) + 2."""

    name: str
    cpus: int
    memory: int
    arch: str
    max_pods: int


class AccountView:
    """What a twin may ask about the account that a request belongs to."""

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._ec2 = inside_client("ec2", account, region)
        self._iam = inside_client("iam", account, region)

    def subnets(self, ids: t.Sequence[str]) -> tuple[list[Subnet], list[str]]:
        """Return the subnets that exist, in the order asked, and the ids of those that do not."""
        wanted = {"Name": "subnet-id", "Values": list(ids)}
        found = {s["SubnetId"]: s for s in self._ec2.describe_subnets(Filters=[wanted])["Subnets"]} if ids else {}
        known = [found[i] for i in ids if i in found]
        rows = [Subnet(s["SubnetId"], s["VpcId"], s["AvailabilityZone"], s["CidrBlock"]) for s in known]
        return rows, [i for i in ids if i not in found]

    def vpc_cidrs(self, vpc: str) -> list[str]:
        found = self._ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
        return [block["CidrBlock"] for block in found.get("CidrBlockAssociationSet", [])] or [found["CidrBlock"]]

    def missing_security_groups(self, ids: t.Sequence[str], vpc: str) -> list[str]:
        """Return the groups that the network does not have."""
        if not ids:
            return []
        filters = [{"Name": "group-id", "Values": list(ids)}, {"Name": "vpc-id", "Values": [vpc]}]
        found = {g["GroupId"] for g in self._ec2.describe_security_groups(Filters=filters)["SecurityGroups"]}
        return [i for i in ids if i not in found]

    def has_role(self, arn: str) -> bool:
        name = arn.rpartition("/")[2]
        try:
            return bool(self._iam.get_role(RoleName=name)["Role"]["Arn"] == arn)
        except ClientError:
            return False

    def instance_type(self, name: str) -> InstanceType | None:
        try:
            row = self._ec2.describe_instance_types(InstanceTypes=[name])["InstanceTypes"][0]
        except (ClientError, IndexError):
            return None
        network = row["NetworkInfo"]
        pods = network["MaximumNetworkInterfaces"] * (network["Ipv4AddressesPerInterface"] - 1) + 2
        arch = "arm64" if "arm64" in row["ProcessorInfo"]["SupportedArchitectures"] else "amd64"
        return InstanceType(name, row["VCpuInfo"]["DefaultVCpus"], row["MemoryInfo"]["SizeInMiB"], arch, pods)

    def create_cluster_group(self, name: str, vpc: str) -> str:
        """Make the security group that the service itself puts around a cluster."""
        text = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes"
        return str(self._ec2.create_security_group(GroupName=name, Description=text, VpcId=vpc)["GroupId"])

    def delete_cluster_group(self, group: str) -> None:
        with contextlib.suppress(ClientError):  # somebody's own interface or rule still uses it: it stays, as in AWS
            self._ec2.delete_security_group(GroupId=group)
