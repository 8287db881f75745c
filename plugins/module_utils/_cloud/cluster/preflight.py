# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be refused before the first write, in check mode too. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import PlatformError
from . import rules
from .fields import CLUSTER_FIELDS, POOL_FIELDS
from .observed import Document, Observed, describe, owner_of, read_field
from .options import Field
from .spec import MAX_SKEW, PoolSpec, Spec, minor, missing_to_create

FAILED_POOL = ("CREATE_FAILED", "DELETE_FAILED")
FORBIDDEN = ("immutable", "recreate")


@dataclasses.dataclass(frozen=True)
class Difference:
    """One field that is not as declared; ``path`` as a user writes it."""

    field: Field
    path: str
    observed: t.Any
    desired: t.Any

    def public(self) -> dict[str, t.Any]:
        return {"path": self.path, "observed": self.observed, "desired": self.desired, "kind": self.field.kind}


def differences(
    fields: t.Iterable[Field], wanted: t.Mapping[str, t.Any], document: Document, prefix: str = ""
) -> tuple[Difference, ...]:
    """Return the set fields whose observed value is another one."""
    pairs = [(field, read_field(field, document)) for field in fields if field.path in wanted]
    return tuple(
        Difference(field, prefix + field.path, observed, wanted[field.path])
        for field, observed in pairs
        if not field.compare(observed, wanted[field.path])
    )


def drift(spec: Spec, observed: Observed) -> tuple[Difference, ...]:
    """Return every difference of the cluster and of its declared pools that exist."""
    if observed.cluster is None:
        return ()
    found = differences(CLUSTER_FIELDS, spec.fields, observed.cluster, spec.label)
    for name, pool in (spec.pools or {}).items():
        document = observed.pools.get(name)
        if document and not pool.absent and document["status"] not in FAILED_POOL:
            found += differences(POOL_FIELDS, pool.fields, document, f"{spec.label}node_pools.{name}.")
    return found


def preflight(spec: Spec, observed: Observed) -> None:
    """Raise the first kind of refusal that applies, each with all of its cases."""
    refuse_unreadable(spec, observed)
    if observed.cluster is not None:
        refuse_foreign(spec, observed)
    if spec.absent:
        refuse_protected(spec, observed)
        return
    gone = observed.cluster is None or observed.status == "DELETING"
    if gone:
        refuse_incomplete(spec)
    else:
        refuse_failed(spec, observed)
        refuse_immutable(spec, observed)
    refuse_incomplete_pools(spec, observed)
    refuse_versions(spec, observed)
    refuse_pool_versions(spec, observed)
    refuse_network(spec, observed)


def refuse_unreadable(spec: Spec, observed: Observed) -> None:
    if "node_pools" in observed.unknown and (spec.absent or spec.pools):
        raise PlatformError(
            f"{spec.place.subject}: the node pools could not be read, so nothing is planned for them.",
            kind="permission",
            remedy="Grant eks:ListNodegroups and eks:DescribeNodegroup.",
        )


def refuse_foreign(spec: Spec, observed: Observed) -> None:
    """The ownership tag decides: clusters and pools that others made are never changed unasked."""
    if spec.adopt_any or observed.cluster is None:
        return
    if owner_of(observed.cluster) != spec.owner:
        raise _foreign(spec, f"{spec.place.subject}", observed.cluster)
    concerned = observed.pools if spec.absent else spec.pools or {}
    for name in sorted(concerned):
        document = observed.pools.get(name)
        if document and owner_of(document) != spec.owner:
            raise _foreign(spec, f"{spec.place.subject}: node pool {name}", document)


def _foreign(spec: Spec, what: str, document: Document) -> PlatformError:
    owner = owner_of(document)
    seen = f'its tag {rules.OWNER_TAG} is "{owner}"' if owner else f"it has no tag {rules.OWNER_TAG}"
    return PlatformError(
        f'{what} exists but is not ours: {seen}, ours is "{spec.owner}"; nothing was changed.',
        kind="foreign",
        remedy=f"Choose another name, or set {spec.label}adopt: any to take it over.",
    )


def refuse_protected(spec: Spec, observed: Observed) -> None:
    protected = bool(observed.cluster and observed.cluster.get("deletionProtection"))
    if protected and spec.fields.get("deletion_protection") is not False:
        raise PlatformError(
            f"{spec.place.subject} is protected from deletion; nothing was deleted.",
            kind="protected",
            remedy=f"Set {spec.label}deletion_protection: false to delete it.",
        )


def refuse_incomplete(spec: Spec) -> None:
    wanted = ("identity.role", "network.subnets")
    missing = [f"{spec.label}{path} is missing" for path in wanted if not spec.fields.get(path)]
    if missing:
        raise missing_to_create(spec, missing)


def refuse_incomplete_pools(spec: Spec, observed: Observed) -> None:
    missing = [
        problem
        for name, pool in (spec.pools or {}).items()
        if not pool.absent and to_create(observed, name)
        for problem in _missing_in_pool(spec, pool)
    ]
    if missing:
        raise PlatformError(
            f"{spec.place.subject}: node pools cannot be created: {', '.join(missing)}.",
            kind="invalid",
            details={"problems": missing},
        )


def to_create(observed: Observed, name: str) -> bool:
    document = observed.pools.get(name)
    return document is None or document["status"] in ("DELETING", *FAILED_POOL)


def _missing_in_pool(spec: Spec, pool: PoolSpec) -> list[str]:
    path = f"{spec.label}node_pools.{pool.name}"
    missing = []
    if not pool.fields.get("role") and not spec.node_role:
        missing.append(f"{path}.role is missing (or {spec.label}identity.node_role for all)")
    if "size.min" not in pool.fields or "size.max" not in pool.fields:
        missing.append(f"{path}.size is missing (desired, or min and max)")
    return missing


def refuse_failed(spec: Spec, observed: Observed) -> None:
    if observed.status != "FAILED":
        return
    issues = describe(spec.place, observed)["health"]
    why = "; ".join(f"{issue['code']}: {issue['message']}" for issue in issues) or "no reason is given"
    raise PlatformError(
        f"{spec.place.subject} is FAILED ({why}); EKS has no call that repairs it.",
        kind="not_converged",
        remedy="Correct the cause, delete the cluster with state: absent, and run again.",
    )


def refuse_immutable(spec: Spec, observed: Observed) -> None:
    """All of them at once, each with observed and desired value."""
    found = [item for item in drift(spec, observed) if item.field.kind in FORBIDDEN]
    if not found:
        return
    texts = [f"{item.path} is {item.observed}, declared {item.desired}" for item in found]
    of_pools = [item for item in found if item.field.kind == "recreate"]
    remedies = []
    if len(of_pools) < len(found):
        remedies.append("Restore the declared values, or make a new cluster under another name.")
    if of_pools:
        remedies.append("Add a new pool under another name, then set state: absent on the old one.")
    raise PlatformError(
        f"{spec.place.subject}: cannot be changed in place: {'; '.join(texts)}.",
        kind="immutable",
        remedy=" ".join(remedies),
        details={"drift": [item.public() for item in found]},
    )


def refuse_versions(spec: Spec, observed: Observed) -> None:
    if not spec.version:
        return
    refuse_unoffered(spec, observed)
    if observed.cluster is None or observed.status == "DELETING":
        return
    current = str(observed.cluster["version"])
    if minor(spec.version) < minor(current):
        raise PlatformError(
            f"{spec.place.subject}: the control plane runs {current}, declared is {spec.version}; it never moves back.",
            kind="version",
            remedy=f'Set {spec.label}version: "{current}".',
        )
    refuse_skew(spec, observed)


def refuse_pool_versions(spec: Spec, observed: Observed) -> None:
    """Nodes neither move back nor lead the control plane."""
    control = spec.version or str((observed.cluster or {}).get("version", ""))
    for name, pool in (spec.pools or {}).items():
        wanted = str(pool.fields.get("version", ""))
        current = str(observed.pools.get(name, {}).get("version", ""))
        if not wanted or pool.absent:
            continue
        if current and minor(wanted) < minor(current):
            fault = f"the pool runs {current} and never moves back"
        elif control and minor(wanted) > minor(control):
            fault = f"the control plane runs {control} and nodes never lead it"
        else:
            continue
        raise PlatformError(
            f'{spec.label}node_pools.{name}.version is "{wanted}", but {fault}.',
            kind="version",
            remedy=f'Set it to "{current or control}", or leave it out.',
        )


def refuse_unoffered(spec: Spec, observed: Observed) -> None:
    current = str((observed.cluster or {}).get("version", ""))
    if observed.versions is None or spec.version == current or spec.version in observed.versions:
        return
    offered = sorted(observed.versions, key=minor)
    raise PlatformError(
        f'{spec.label}version is "{spec.version}"; EKS offers {", ".join(offered)} in {spec.place.region}.',
        kind="version",
        remedy=f'Nearest: "{min(offered, key=lambda known: abs(minor(known) - minor(spec.version)))}".',
    )


def refuse_skew(spec: Spec, observed: Observed) -> None:
    """A pool that this document does not move may not be left more than three minors behind."""
    stuck = [
        f"{name} ({document['version']})"
        for name, document in sorted(observed.pools.items())
        if not moved_version(spec, name)
        and minor(spec.version) - minor(document["version"]) > MAX_SKEW
        and name not in removed_pools(spec, observed)
    ]
    if stuck:
        raise PlatformError(
            f"{spec.place.subject}: version {spec.version} would leave node pools more than {MAX_SKEW} minors behind: "
            f"{', '.join(stuck)}.",
            kind="version",
            remedy="Upgrade or remove these pools first, or declare them here.",
        )


def moved_version(spec: Spec, name: str) -> str:
    """Return the version that the document wants for a pool, empty where it leaves the version alone."""
    pool = (spec.pools or {}).get(name)
    if pool is None or pool.absent:
        return ""
    own = str(pool.fields.get("version", ""))
    return own or (spec.version if spec.roll_pools else "")


def removed_pools(spec: Spec, observed: Observed) -> tuple[str, ...]:
    """Return the names of the existing pools that the document removes."""
    if spec.pools is None:
        return ()
    purged = spec.purge_pools
    return tuple(
        name
        for name, document in sorted(observed.pools.items())
        if (spec.pools[name].absent if name in spec.pools else purged and owner_of(document) == spec.owner)
    )


def refuse_network(spec: Spec, observed: Observed) -> None:
    """Subnets were read only because they are about to be used."""
    if observed.subnets is None:
        return
    for path, wanted in wanted_subnets(spec):
        lost = [subnet for subnet in wanted if subnet not in observed.subnets]
        if lost:
            raise PlatformError(
                f"{path} names {', '.join(lost)}, which account {observed.account} does not have in "
                f"{spec.place.region}.",
                kind="not_found",
                remedy="Correct the id, the region or the account.",
            )
    refuse_few_zones(spec, observed.subnets)
    refuse_service_range(spec, observed)


def wanted_subnets(spec: Spec) -> list[tuple[str, t.Sequence[str]]]:
    own = [(f"{spec.label}network.subnets", spec.fields.get("network.subnets") or [])]
    pools = [
        (f"{spec.label}node_pools.{name}.subnets", pool.fields.get("subnets") or [])
        for name, pool in (spec.pools or {}).items()
        if not pool.absent
    ]
    return own + pools


def refuse_few_zones(spec: Spec, subnets: t.Mapping[str, Document]) -> None:
    wanted = spec.fields.get("network.subnets") or []
    zones = {subnets[subnet].get("AvailabilityZone") for subnet in wanted}
    if wanted and len(zones) < 2:
        raise PlatformError(
            f"{spec.label}network.subnets are all in {zones.pop()}; EKS wants at least two zones.",
            kind="invalid",
            remedy="Add a subnet of another zone.",
        )


def refuse_service_range(spec: Spec, observed: Observed) -> None:
    service = spec.fields.get("network.service_cidr")
    taken = [text for text in observed.vpc_ranges if service and rules.overlap(service, text)]
    if taken:
        free = rules.free_service_cidr([*observed.vpc_ranges, *spec.routed_cidrs])
        raise PlatformError(
            f"{spec.label}network.service_cidr {service} overlaps the VPC's range {taken[0]}.",
            kind="invalid",
            remedy=f"Choose a range apart from it{f', like {free}' if free else ''}.",
        )
