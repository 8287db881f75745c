# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identities of a cluster on AWS as a case of the loop: reading, what shall be, and what is told of it."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import typing as t

from ...cluster.driver import unless_missing
from ...foundation.aws import AwsParts, Marks
from ...foundation.options import Base
from ...foundation.parts import PLANNED, Document, Found, Part, by_role
from ...foundation.plan import Wish, differences, plan_parts, summary
from ...foundation.told import diff, refuse_other_owner, terms
from ...network.aws.kinds import tags_of
from ...reconcile.actions import Plan
from .kinds import PROVIDER, ROLE
from .presets import PRESETS, Scope, document

Result = dict[str, t.Any]
AUDIENCE = "sts.amazonaws.com"
READERS = 8
LONGEST_NAME = 64
SERVICES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "cluster": ("eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"), ("AmazonEKSClusterPolicy",)),
    "node": (
        "ec2.amazonaws.com",
        ("sts:AssumeRole",),
        ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"),
    ),
}
"""Who assumes the role of the control plane and of the nodes, how, and with which policies of AWS (EKS user guide)."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """``issuer`` is the cluster's, empty where it does not exist yet; ``theirs`` says that others run the provider."""

    account: str
    found: t.Mapping[str, Found]
    issuer: str = ""
    theirs: bool = False


class IdentityCase:
    def __init__(self, driver: AwsParts, spec: Base) -> None:
        self.driver = driver
        self.spec = spec
        self.terms = terms(spec, "identity")

    def observe(self, suspicious: bool) -> Seen:
        return self.driver.settled(lambda: read_identity(self.driver, self.spec))

    def plan(self, seen: Seen) -> Plan:
        refuse_other_owner(self.spec, seen.found)
        return plan_parts(wish_of(self.spec, seen), seen.found)

    def summary(self, plan: Plan) -> str:
        return summary(plan)

    def told(self, first: Seen, last: Seen) -> Result:
        wish = wish_of(self.spec, first)
        return {
            "identity": describe(self.spec, last),
            "diff": diff(wish, first.found),
            "drift": [one.public() for one in differences(wish, first.found)],
            "warnings": [],
        }


# -- reading


def path_of(spec: Base) -> str:
    """Return the IAM path below which all roles of a document live: one request lists them."""
    return f"/seaworthy/{spec.place.name}/"


def read_identity(driver: AwsParts, spec: Base) -> Seen:
    listed = driver.pages("iam", "list_roles", "Roles", PathPrefix=path_of(spec))
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        roles = [one for one in pool.map(lambda row: _role(driver, row["RoleName"]), listed) if one]
    issuer = _issuer(driver, spec)
    mark = Marks(spec.owner, spec.kind, spec.place.name)
    provider = _provider(driver, issuer) if issuer else _left_behind(driver, mark) if spec.absent else None
    ours = [Found(tags_of(one)[Marks.ROLE], ROLE, one) for one in roles if Marks.ROLE in tags_of(one)]
    own_provider = provider is not None and tags_of(provider).get(mark.key) == mark.name
    if provider is not None and own_provider:
        ours.append(Found("oidc", PROVIDER, provider))
    found = by_role(ours, spec.place.subject)
    driver.know(found.values())
    return Seen(driver.account, found, issuer, provider is not None and not own_provider)


def _role(driver: AwsParts, name: str) -> Document | None:
    """Return a role with its policies; None if it went away meanwhile."""
    answer = unless_missing(lambda: driver.call("iam", "get_role", RoleName=name))
    if answer is None:
        return None
    role = answer["Role"]
    inline = driver.pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
    attached = driver.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return {
        **role,
        "Trust": json.dumps(role["AssumeRolePolicyDocument"]),
        "Boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        "Inline": {str(policy): _inline(driver, name, str(policy)) for policy in inline},
        "Attached": sorted(one["PolicyArn"] for one in attached),
    }


def _inline(driver: AwsParts, name: str, policy: str) -> str:
    answer = driver.call("iam", "get_role_policy", RoleName=name, PolicyName=policy)
    return json.dumps(answer["PolicyDocument"])


def _issuer(driver: AwsParts, spec: Base) -> str:
    name = spec.values.get("cluster")
    if not name:
        return ""
    answer = unless_missing(lambda: driver.call("eks", "describe_cluster", name=name))
    return str(((answer or {}).get("cluster", {}).get("identity") or {}).get("oidc", {}).get("issuer", ""))


def _provider(driver: AwsParts, issuer: str) -> Document | None:
    wanted = f":oidc-provider/{issuer.removeprefix('https://')}"
    arn = next((arn for arn in _provider_arns(driver) if arn.endswith(wanted)), "")
    return _read_provider(driver, arn) if arn else None


def _left_behind(driver: AwsParts, mark: Marks) -> Document | None:
    """Return our provider of a cluster that is gone, which nobody but its tags knows."""
    found = (_read_provider(driver, arn) for arn in _provider_arns(driver))
    return next((one for one in found if one and tags_of(one).get(mark.key) == mark.name), None)


def _provider_arns(driver: AwsParts) -> list[str]:
    return [row["Arn"] for row in driver.call("iam", "list_open_id_connect_providers")["OpenIDConnectProviderList"]]


def _read_provider(driver: AwsParts, arn: str) -> Document | None:
    """Return a provider; None if it went away meanwhile."""
    answer = unless_missing(lambda: driver.call("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=arn))
    if answer is None:
        return None
    return {"OpenIDConnectProviderArn": arn, "Audiences": answer.get("ClientIDList"), "Tags": answer.get("Tags")}


# -- what shall be


def partition(region: str) -> str:
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def wish_of(spec: Base, seen: Seen) -> Wish:
    """Return the roles that shall be. What is unset is unmanaged."""
    if spec.absent:
        return Wish(spec.base, (), tuple(seen.found.values()))
    parts = list(service_roles(spec)) if spec.values.get("cluster_roles") else []
    parts += list(binding_parts(spec, seen))
    return Wish(spec.base, tuple(parts), tuple(surplus(spec, seen, {part.role for part in parts})))


def surplus(spec: Base, seen: Seen, wanted: t.Container[str]) -> t.Iterator[Found]:
    """Yield what shall go: roles said to be absent, unlisted bindings where purged, and the provider with the last."""
    listed = spec.values.get("bindings")
    gone = {binding_role(row) for row in listed or () if row.get("state") == "absent"}
    purging = listed is not None and spec.values["purge_bindings"]
    bound = {role for role in seen.found if role.startswith("role/") and role.count("/") == 2}
    leaving = {role for role in bound if role not in wanted and (purging or role in gone)}
    yield from (seen.found[role] for role in sorted(leaving))
    if leaving == bound and "oidc" in seen.found and "oidc" not in wanted and (gone or purging):
        yield seen.found["oidc"]
    if spec.values.get("cluster_roles") is False:
        yield from (one for role, one in seen.found.items() if role in ("role/cluster", "role/node"))


def part(spec: Base, role: str, name: str, needs: tuple[str, ...] = (), **fields: t.Any) -> Part:
    own = {**spec.tags, **Marks(spec.owner, spec.kind, spec.place.name).tags(role)}
    bound = spec.values.get("permissions_boundary")
    own_fields = {"name": name, "path": path_of(spec), **fields, **({"boundary": bound} if bound else {})}
    return Part(role, ROLE, own_fields, own, needs)


def service_roles(spec: Base) -> t.Iterator[Part]:
    place = partition(spec.region)
    for name, (service, actions, policies) in SERVICES.items():
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}
        managed = [f"arn:{place}:iam::aws:policy/{policy}" for policy in policies]
        yield part(spec, f"role/{name}", f"{spec.place.name}-{name}", trust=document([trust]), managed=managed)


def binding_role(row: t.Mapping[str, t.Any]) -> str:
    return f"role/{row['namespace']}/{row['service_account']}"


def binding_parts(spec: Base, seen: Seen) -> t.Iterator[Part]:
    rows = [row for row in spec.values.get("bindings") or () if row.get("state") != "absent"]
    if not rows:
        return
    if not seen.theirs:
        mark = Marks(spec.owner, spec.kind, spec.place.name)
        fields = {"issuer": issuer_of(spec, seen), "audiences": [AUDIENCE]}
        yield Part("oidc", PROVIDER, fields, {**spec.tags, **mark.tags("oidc")})
    for row in rows:
        needs = () if seen.theirs else ("oidc",)
        name = role_name(spec, row)
        yield part(
            spec, binding_role(row), name, needs, trust=trust_of(spec, seen, row), policy=policy_of(spec, seen, row)
        )


def issuer_of(spec: Base, seen: Seen) -> str:
    """Return the issuer of the cluster; that of one that does not exist yet is only planned."""
    return seen.issuer or f"{PLANNED}cluster/{spec.values['cluster']}/issuer"


def role_name(spec: Base, row: t.Mapping[str, t.Any]) -> str:
    """Return a name of at most 64 characters, told apart by a digest where it had to be cut."""
    whole = f"{spec.place.name}-{row['namespace']}-{row['service_account']}".replace(".", "-")
    if len(whole) <= LONGEST_NAME:
        return whole
    return f"{whole[: LONGEST_NAME - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def trust_of(spec: Base, seen: Seen, row: t.Mapping[str, t.Any]) -> str:
    """Only this one service account of this one cluster may assume the role."""
    host = issuer_of(spec, seen).removeprefix("https://")
    who = f"system:serviceaccount:{row['namespace']}:{row['service_account']}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition(spec.region)}:iam::{seen.account}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE, f"{host}:sub": who}},
    }
    return document([statement])


def policy_of(spec: Base, seen: Seen, row: t.Mapping[str, t.Any]) -> str:
    if row.get("policy"):
        return json.dumps(json.loads(row["policy"]), separators=(",", ":"), sort_keys=True)
    named = {name: tuple(row.get(f"resources.{name}") or ()) for name in ("zones", "secrets", "buckets", "keys")}
    scope = Scope(partition(spec.region), spec.region, seen.account, spec.values["cluster"], **named)
    return document(PRESETS[row["preset"]].statements(scope))


# -- what is told


def describe(spec: Base, seen: Seen) -> Result:
    """Return the ``identity`` value of a result."""
    attach: Result = {}
    if spec.values.get("cluster_roles") and not spec.absent:
        attach = {"role": arn_of(spec, seen, "role/cluster"), "node_role": arn_of(spec, seen, "role/node")}
    rows = [row for row in spec.values.get("bindings") or () if row.get("state") != "absent" and not spec.absent]
    return {
        "cloud": "aws",
        "name": spec.place.name,
        "account": seen.account,
        "issuer": seen.issuer,
        "bindings": [_told(spec, seen, row) for row in rows],
        "attach": attach,
    }


def _told(spec: Base, seen: Seen, row: t.Mapping[str, t.Any]) -> Result:
    arn = arn_of(spec, seen, binding_role(row))
    return {
        "namespace": row["namespace"],
        "service_account": row["service_account"],
        "principal": arn,
        "annotations": {"eks.amazonaws.com/role-arn": arn},
        "labels": {},
    }


def arn_of(spec: Base, seen: Seen, role: str) -> str:
    one = seen.found.get(role)
    return one.id if one else Wish(spec.base).reference(role)
