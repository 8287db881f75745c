# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants, read from one document: strict, pure, every fault at once."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import InvalidInput, PlatformError
from . import rules
from .options import Field, Option, argument_options
from .run_options import OWNER
from .schema import Reader, Values

if t.TYPE_CHECKING:
    from .cloud import Cloud

Settings = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Place:
    """Which cluster, and who we must be to touch it. ``auth`` holds what is set of the options of that name.

    ``group`` is Azure's resource group.
    """

    cloud: str
    name: str
    location: str
    account: str = ""
    auth: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    group: str = ""

    @property
    def subject(self) -> str:
        """Return what sentences begin with; without a name, a place is all clusters of its location."""
        return f"{self.cloud}/{self.name or self.location}"


@dataclasses.dataclass(frozen=True)
class PoolSpec:
    """``fields`` holds what is set, by path of its row; with autoscaling, the size wanted now is not among them.

    ``passed`` are the rows of what is passed through to the vendor's API. ``stands_for`` is the declared name where
    the pool was, or will be, made under another one to replace it.
    """

    name: str
    absent: bool = False
    autoscaling: bool = False
    initial_size: int | None = None
    fields: Settings = dataclasses.field(default_factory=dict)
    tags: t.Mapping[str, str] | None = None
    passed: tuple[Field, ...] = ()
    stands_for: str = ""


@dataclasses.dataclass(frozen=True)
class Spec:
    """``fields`` holds what is set, by path of its row; ``options`` what is set and no field of a cluster.

    ``tags`` and ``pools`` are None where they are unmanaged. ``run`` holds how the run goes, with defaults;
    ``passed`` are the rows of what is passed through to the vendor's API.
    """

    cloud: Cloud
    place: Place
    absent: bool = False
    owner: str = OWNER
    adopt_any: bool = False
    fields: Settings = dataclasses.field(default_factory=dict)
    options: Settings = dataclasses.field(default_factory=dict)
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
    run: Settings = dataclasses.field(default_factory=dict)
    passed: tuple[Field, ...] = ()

    @property
    def rows(self) -> tuple[Field, ...]:
        """Return the fields of the cluster, those passed through among them."""
        return (*self.cloud.cluster_fields, *self.passed)

    @property
    def version(self) -> str:
        return str(self.fields.get("version", ""))


def spec_options(cloud: Cloud) -> tuple[Option, ...]:
    return (*cloud.place_options, *cloud.run_options, *cloud.cluster_options)


def spec_arguments(cloud: Cloud) -> dict[str, dict[str, t.Any]]:
    return argument_options(spec_options(cloud))


def minor(version: str) -> int:
    """Return 36 for "1.36" or "1.36.2"."""
    return int(version.split(".")[1])


def parse_place(cloud: Cloud, document: t.Mapping[str, t.Any], *, label: str = "") -> Place:
    """Return which cluster is meant. Raises InvalidInput with every fault."""
    reader = Reader()
    values = reader.read(document, cloud.place_options, label)
    _raise(reader.problems)
    return cloud.place(values)


def scope_arguments(cloud: Cloud) -> dict[str, dict[str, t.Any]]:
    """Return the options of a place, of which those that narrow it to one cluster may be left out."""
    return argument_options(_scope_rows(cloud))


def _scope_rows(cloud: Cloud) -> list[Option]:
    narrow = set(cloud.narrowing)
    return [dataclasses.replace(row, required=row.required and row.path not in narrow) for row in cloud.place_options]


def parse_scope(cloud: Cloud, document: t.Mapping[str, t.Any], *, label: str = "") -> Place:
    """Return one cluster, or, without a name, all of an account in a location. Raises InvalidInput."""
    if document.get("name") is not None:
        return parse_place(cloud, document, label=label)
    reader = Reader()
    values = reader.read(document, _scope_rows(cloud), label)
    _raise(reader.problems)
    return cloud.place({**values, "name": ""})


def parse_spec(cloud: Cloud, document: t.Mapping[str, t.Any], *, label: str = "") -> Spec:
    """Return the desired state; ``label`` stands before every path. Raises InvalidInput with every fault."""
    reader = Reader()
    values = reader.read(document, spec_options(cloud), label)
    contradictions(cloud, reader, values, label)
    _raise(reader.problems)
    return _spec(cloud, values, label)


def _raise(problems: t.Sequence[str]) -> None:
    if problems:
        raise InvalidInput(problems)


def _spec(cloud: Cloud, values: Values, label: str) -> Spec:
    given = {row.path: values.get(row.path, row.default) for row in cloud.run_options}
    pools = values.get("node_pools")
    fields = {row.path for row in cloud.cluster_fields}
    passed = [cloud.passed_field(name) for name in sorted(values.get("extra") or ())]
    return Spec(
        cloud=cloud,
        place=cloud.place(values),
        absent=given["state"] == "absent",
        owner=given["owner"],
        adopt_any=given["adopt"] == "any",
        fields={**_set_fields(values, cloud.cluster_fields), **_passed_values(passed, values)},
        options={row.path: values[row.path] for row in cloud.cluster_options if row.path in values.keys() - fields},
        tags=values.get("tags"),
        purge_tags=given["purge_tags"],
        pools=None if pools is None else {name: _pool(cloud, name, pools[name]) for name in sorted(pools)},
        purge_pools=given["purge_node_pools"],
        roll_pools=given["upgrade.pools"] == "after",
        force=bool(given.get("upgrade.force")),
        wait=given["wait"],
        wait_timeout=float(given["wait_timeout"]),
        poll_interval=given["poll_interval"],
        label=label,
        run=given,
        passed=tuple(passed),
    )


def _passed_values(passed: t.Iterable[Field], values: Values) -> Values:
    return {field.path: values["extra"][field.path.removeprefix("extra.")] for field in passed}


def _set_fields(values: Values, rows: t.Iterable[Option]) -> Values:
    return {row.path: _ordered(values[row.path]) for row in rows if row.path in values}


def _ordered(value: t.Any) -> t.Any:
    """Return lists of texts without repetition, in the order given."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(dict.fromkeys(value))
    return value


def _pool(cloud: Cloud, name: str, values: Values) -> PoolSpec:
    fields = _set_fields(values, cloud.pool_fields)
    fields["taints"] = [{"value": "", **taint} for taint in values["taints"]] if "taints" in values else None
    passed = [cloud.passed_pool_field(field) for field in sorted(values.get("extra") or ())]
    fields = {path: value for path, value in fields.items() if value is not None} | _passed_values(passed, values)
    autoscaling = bool(values.get("autoscaling"))
    initial = fields.pop("size.desired", None) if autoscaling else fields.get("size.desired")
    if initial is not None and not autoscaling:
        fields = {**cloud.fixed_size(initial), **fields}
    return PoolSpec(
        name=name,
        absent=values.get("state") == "absent",
        autoscaling=autoscaling,
        initial_size=initial if initial is not None else fields.get("size.min"),
        fields=fields,
        tags=values.get("tags"),
        passed=tuple(passed),
    )


def contradictions(cloud: Cloud, reader: Reader, values: Values, label: str) -> None:
    """Note every pair of options that cannot both hold."""
    for check in cloud.cross_checks:
        check(reader, values, label)
    for name, pool in (values.get("node_pools") or {}).items():
        path = f"{label}node_pools.{name}"
        wanted = cloud.pool_name_rule(name)
        if wanted:
            reader.wrong(path, name, f"named by {wanted}")
        _check_size(reader, pool, path)
        _check_taints(reader, pool, path)
        for pool_check in cloud.pool_checks:
            pool_check(reader, pool, path)
        _check_pool_version(reader, pool, values.get("version"), path, label, cloud.widest_skew)


def check_service_range(reader: Reader, values: Values, label: str) -> None:
    """A range of Services that routed addresses hide could not be reached from them."""
    service = values.get("network.service_cidr")
    routed = values.get("network.routed_cidrs") or []
    for number, other in enumerate(routed):
        if service and rules.overlap(service, other):
            free = rules.free_service_cidr(routed)
            reader.problems.append(
                f"{label}network.service_cidr {service} overlaps {label}network.routed_cidrs[{number}] {other}; "
                f"choose a range apart from it{f', like {free}' if free else ''}"
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


def _check_taints(reader: Reader, pool: Values, path: str) -> None:
    seen: set[tuple[t.Any, t.Any]] = set()
    for number, taint in enumerate(pool.get("taints") or []):
        identity = (taint.get("key"), taint.get("effect"))
        if identity in seen and None not in identity:
            reader.problems.append(
                f"{path}.taints[{number}] repeats key {identity[0]} with effect {identity[1]}; give it once"
            )
        seen.add(identity)


def _check_pool_version(reader: Reader, pool: Values, cluster: str | None, path: str, label: str, skew: int) -> None:
    own = pool.get("version")
    if not own or not cluster:
        return
    behind = minor(cluster) - minor(own)
    if behind < 0:
        reader.wrong(f"{path}.version", own, f"at most {label}version, which is {cluster}: nodes never lead")
    elif behind > skew:
        reader.wrong(f"{path}.version", own, f"within {skew} minors of {label}version, which is {cluster}")


def missing_to_create(spec: Spec, problems: t.Sequence[str]) -> PlatformError:
    """Return the refusal of a creation for which the document says too little."""
    return InvalidInput([f"{spec.place.subject} does not exist yet and cannot be created: {', '.join(problems)}"])
