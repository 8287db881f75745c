# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants, read from one document: strict, pure, every fault at once."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import InvalidInput, PlatformError
from . import rules
from .fields import CLUSTER_FIELDS, CLUSTER_OPTIONS, POOL_FIELDS
from .options import Option, argument_options
from .run_options import OWNER, PLACE_OPTIONS, RUN_OPTIONS
from .schema import Reader, Values

Settings = t.Mapping[str, t.Any]
MAX_SKEW = 3
"""Minors that a kubelet may trail the control plane by (Kubernetes version skew policy)."""


@dataclasses.dataclass(frozen=True)
class Auth:
    """How to reach and authenticate to AWS; an empty text leaves the choice to the SDK's own chain."""

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""
    ca_bundle: str = ""


@dataclasses.dataclass(frozen=True)
class Place:
    """Which cluster, and who we must be to touch it."""

    name: str
    region: str
    account: str = ""
    auth: Auth = Auth()

    @property
    def subject(self) -> str:
        return f"eks/{self.name}"


@dataclasses.dataclass(frozen=True)
class PoolSpec:
    """``fields`` holds what is set, by path of its row; with autoscaling, the size wanted now is not among them."""

    name: str
    absent: bool = False
    autoscaling: bool = False
    initial_size: int | None = None
    fields: Settings = dataclasses.field(default_factory=dict)
    tags: t.Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Spec:
    """``fields`` holds what is set, by path of its row. ``tags`` and ``pools`` are None where they are unmanaged."""

    place: Place
    absent: bool = False
    owner: str = OWNER
    adopt_any: bool = False
    fields: Settings = dataclasses.field(default_factory=dict)
    node_role: str = ""
    routed_cidrs: tuple[str, ...] = ()
    tags: t.Mapping[str, str] | None = None
    purge_tags: bool = True
    pools: t.Mapping[str, PoolSpec] | None = None
    purge_pools: bool = False
    roll_pools: bool = True
    force: bool = False
    wait: bool = True
    wait_timeout: float = 3600.0
    poll_interval: float | None = None
    label: str = ""

    @property
    def version(self) -> str:
        return str(self.fields.get("version", ""))


SPEC_OPTIONS: tuple[Option, ...] = (*RUN_OPTIONS, *CLUSTER_OPTIONS)


def spec_arguments() -> dict[str, dict[str, t.Any]]:
    return argument_options(SPEC_OPTIONS)


def place_arguments() -> dict[str, dict[str, t.Any]]:
    return argument_options(PLACE_OPTIONS)


def minor(version: str) -> int:
    """Return 36 for "1.36" or "1.36.2"."""
    return int(version.split(".")[1])


def parse_place(document: t.Mapping[str, t.Any], *, label: str = "") -> Place:
    """Return which cluster is meant. Raises InvalidInput with every fault."""
    reader = Reader()
    values = reader.read(document, PLACE_OPTIONS, label)
    _raise(reader.problems)
    return _place(values)


def parse_spec(document: t.Mapping[str, t.Any], *, label: str = "") -> Spec:
    """Return the desired state; ``label`` stands before every path. Raises InvalidInput with every fault."""
    reader = Reader()
    values = reader.read(document, SPEC_OPTIONS, label)
    contradictions(reader, values, label)
    _raise(reader.problems)
    return _spec(values, label)


def _raise(problems: t.Sequence[str]) -> None:
    if problems:
        raise InvalidInput(problems)


def _place(values: Values) -> Place:
    auth = Auth(**{field.name: values.get(f"auth.{field.name}") or "" for field in dataclasses.fields(Auth)})
    return Place(values["name"], values["region"], values.get("account") or "", auth)


def _spec(values: Values, label: str) -> Spec:
    given = {**{row.path: row.default for row in RUN_OPTIONS}, **values}
    pools = values.get("node_pools")
    return Spec(
        place=_place(values),
        absent=given["state"] == "absent",
        owner=given["owner"],
        adopt_any=given["adopt"] == "any",
        fields=_set_fields(values, CLUSTER_FIELDS),
        node_role=values.get("identity.node_role") or "",
        routed_cidrs=tuple(values.get("network.routed_cidrs") or ()),
        tags=values.get("tags"),
        purge_tags=given["purge_tags"],
        pools=None if pools is None else {name: _pool(name, pools[name]) for name in sorted(pools)},
        purge_pools=given["purge_node_pools"],
        roll_pools=given["upgrade.pools"] == "after",
        force=given["upgrade.force"],
        wait=given["wait"],
        wait_timeout=float(given["wait_timeout"]),
        poll_interval=given["poll_interval"],
        label=label,
    )


def _set_fields(values: Values, rows: t.Iterable[Option]) -> Values:
    return {row.path: _ordered(values[row.path]) for row in rows if row.path in values}


def _ordered(value: t.Any) -> t.Any:
    """Return lists of texts without repetition, in the order given."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(dict.fromkeys(value))
    return value


def _pool(name: str, values: Values) -> PoolSpec:
    fields = _set_fields(values, POOL_FIELDS)
    fields["taints"] = [{"value": "", **taint} for taint in values["taints"]] if "taints" in values else None
    fields = {path: value for path, value in fields.items() if value is not None}
    autoscaling = bool(values.get("autoscaling"))
    initial = fields.pop("size.desired", None) if autoscaling else fields.get("size.desired")
    if initial is not None and not autoscaling:
        fields.setdefault("size.min", initial)
        fields.setdefault("size.max", max(1, initial))
    return PoolSpec(
        name=name,
        absent=values.get("state") == "absent",
        autoscaling=autoscaling,
        initial_size=initial if initial is not None else fields.get("size.min"),
        fields=fields,
        tags=values.get("tags"),
    )


def contradictions(reader: Reader, values: Values, label: str) -> None:
    """Note every pair of options that cannot both hold."""
    for check in CROSS_CHECKS:
        check(reader, values, label)
    for name, pool in (values.get("node_pools") or {}).items():
        path = f"{label}node_pools.{name}"
        wanted = rules.pool_name(name)
        if wanted:
            reader.wrong(path, name, f"named by {wanted}")
        _check_size(reader, pool, path)
        _check_surge(reader, pool, path)
        _check_taints(reader, pool, path)
        _check_pool_version(reader, pool, values.get("version"), path, label)


def _check_endpoint(reader: Reader, values: Values, label: str) -> None:
    allowed = values.get("endpoint.allowed_cidrs")
    if allowed is not None and not allowed:
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is empty; EKS cannot express that nobody may reach the public endpoint: "
            f"set {label}endpoint.public to false, or leave the list out"
        )
    public = values.get("endpoint.public")
    if allowed and public is False:
        reader.problems.append(
            f"{label}endpoint.allowed_cidrs is given while {label}endpoint.public is false; give one of them"
        )
    if public is False and values.get("endpoint.private") is False:
        reader.problems.append(
            f"{label}endpoint.public and {label}endpoint.private are both false; "
            "nobody could reach the cluster: set one to true"
        )


def _check_service_range(reader: Reader, values: Values, label: str) -> None:
    service = values.get("network.service_cidr")
    if not service:
        return
    if values.get("network.ip_family") == "ipv6":
        reader.problems.append(
            f"{label}network.service_cidr is given while {label}network.ip_family is ipv6, "
            "where EKS chooses the range; leave it out"
        )
    routed = values.get("network.routed_cidrs") or []
    for number, other in enumerate(routed):
        if rules.overlap(service, other):
            free = rules.free_service_cidr(routed)
            reader.problems.append(
                f"{label}network.service_cidr {service} overlaps {label}network.routed_cidrs[{number}] {other}; "
                f"choose a range apart from it{f', like {free}' if free else ''}"
            )


def _check_accounts(reader: Reader, values: Values, label: str) -> None:
    account = values.get("account")
    for path in ("identity.role", "identity.node_role"):
        role = values.get(path)
        if account and role and role.split(":")[4] != account:
            reader.problems.append(
                f"{label}{path} is of account {role.split(':')[4]}, while {label}account is {account}; "
                "a cluster's roles must be of its own account"
            )


def _check_zones(reader: Reader, values: Values, label: str) -> None:
    subnets = values.get("network.subnets")
    if subnets is not None and len(set(subnets)) < 2:
        reader.wrong(f"{label}network.subnets", subnets, "at least two subnets, in different zones")


CROSS_CHECKS: tuple[t.Callable[[Reader, Values, str], None], ...] = (
    _check_endpoint,
    _check_service_range,
    _check_accounts,
    _check_zones,
)


def _check_size(reader: Reader, pool: Values, path: str) -> None:
    least, most, desired = (pool.get(f"size.{name}") for name in ("min", "max", "desired"))
    if pool.get("autoscaling") and (least is None or most is None):
        reader.problems.append(f"{path}.autoscaling is true without bounds; give {path}.size.min and {path}.size.max")
    if least is not None and most is not None and least > most:
        reader.wrong(f"{path}.size.min", least, f"at most {path}.size.max, which is {most}")
    elif desired is not None and least is not None and desired < least:
        reader.wrong(f"{path}.size.desired", desired, f"at least {path}.size.min, which is {least}")
    elif desired is not None and most is not None and desired > most:
        reader.wrong(f"{path}.size.desired", desired, f"at most {path}.size.max, which is {most}")


def _check_surge(reader: Reader, pool: Values, path: str) -> None:
    if "surge.max_unavailable" in pool and "surge.max_unavailable_percentage" in pool:
        reader.problems.append(
            f"{path}.surge.max_unavailable and {path}.surge.max_unavailable_percentage are both given; give one"
        )


def _check_taints(reader: Reader, pool: Values, path: str) -> None:
    seen: set[tuple[t.Any, t.Any]] = set()
    for number, taint in enumerate(pool.get("taints") or []):
        identity = (taint.get("key"), taint.get("effect"))
        if identity in seen and None not in identity:
            reader.problems.append(
                f"{path}.taints[{number}] repeats key {identity[0]} with effect {identity[1]}; give it once"
            )
        seen.add(identity)


def _check_pool_version(reader: Reader, pool: Values, cluster: str | None, path: str, label: str) -> None:
    own = pool.get("version")
    if not own or not cluster:
        return
    behind = minor(cluster) - minor(own)
    if behind < 0:
        reader.wrong(f"{path}.version", own, f"at most {label}version, which is {cluster}: nodes never lead")
    elif behind > MAX_SKEW:
        reader.wrong(f"{path}.version", own, f"within {MAX_SKEW} minors of {label}version, which is {cluster}")


def missing_to_create(spec: Spec, problems: t.Sequence[str]) -> PlatformError:
    """Return the refusal of a creation for which the document says too little."""
    return InvalidInput([f"{spec.place.subject} does not exist yet and cannot be created: {', '.join(problems)}"])
