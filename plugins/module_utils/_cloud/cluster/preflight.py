# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be refused before the first write, in check mode too. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import PlatformError
from .cloud import Cloud
from .observed import Document, Observed
from .options import Field
from .spec import PoolSpec, Spec, minor, missing_to_create

FORBIDDEN = ("immutable", "recreate")


@dataclasses.dataclass(frozen=True)
class Difference:
    """One field that is not as declared; ``path`` as a user writes it."""

    field: Field
    path: str
    observed: t.Any
    desired: t.Any

    @property
    def possible(self) -> bool:
        """Tell whether the API can make the observed value the desired one."""
        if self.field.kind == "one_way":
            return self.field.forward(self.observed, self.desired)
        return self.field.kind not in FORBIDDEN

    def public(self) -> dict[str, t.Any]:
        return {"path": self.path, "observed": self.observed, "desired": self.desired, "kind": self.field.kind}


def differences(
    cloud: Cloud, fields: t.Iterable[Field], wanted: t.Mapping[str, t.Any], document: Document, prefix: str = ""
) -> tuple[Difference, ...]:
    """Return the set fields whose observed value is another one."""
    pairs = [(field, cloud.read(field, document, wanted)) for field in fields if field.path in wanted]
    return tuple(
        Difference(field, prefix + field.path, observed, wanted[field.path])
        for field, observed in pairs
        if not cloud.equal(field, observed, wanted[field.path], document)
    )


def drift(spec: Spec, observed: Observed) -> tuple[Difference, ...]:
    """Return every difference of the cluster and of its declared pools that exist."""
    if observed.cluster is None:
        return ()
    cloud = spec.cloud
    found = differences(cloud, spec.rows, spec.fields, observed.cluster, spec.label)
    for name, pool in (spec.pools or {}).items():
        document = observed.pools.get(name)
        if document and not pool.absent and cloud.state(document) != "failed":
            path = f"{spec.label}node_pools.{pool.stands_for or name}."
            found += differences(cloud, pool_rows(cloud, pool), pool.fields, document, path)
    return found


def pool_rows(cloud: Cloud, pool: PoolSpec) -> tuple[Field, ...]:
    """Return the fields of a pool, those passed through among them."""
    return (*cloud.pool_fields, *pool.passed)


def preflight(spec: Spec, observed: Observed) -> None:
    """Raise the first kind of refusal that applies, each with all of its cases."""
    refuse_unreadable(spec, observed)
    if observed.cluster is not None:
        refuse_foreign(spec, observed)
    if spec.absent:
        refuse_protected(spec, observed)
        return
    if spec.cloud.is_gone(observed):
        refuse_incomplete(spec)
    else:
        refuse_failed(spec, observed)
        refuse_immutable(spec, observed)
        refuse_failed_pools(spec, observed)
    refuse_incomplete_pools(spec, observed)
    refuse_versions(spec, observed)
    refuse_pool_versions(spec, observed)
    for refuse in spec.cloud.refusals:
        refuse(spec, observed)


def refuse_unreadable(spec: Spec, observed: Observed) -> None:
    if "node_pools" in observed.unknown and (spec.absent or spec.pools):
        raise PlatformError(
            f"{spec.place.subject}: the node pools could not be read, so nothing is planned for them.",
            kind="permission",
            remedy=spec.cloud.read_permissions,
        )


def refuse_foreign(spec: Spec, observed: Observed) -> None:
    """The ownership tag decides: clusters and pools that others made are never changed unasked."""
    if spec.adopt_any or observed.cluster is None:
        return
    if not is_ours(spec, observed.cluster):
        raise _foreign(spec, f"{spec.place.subject}", observed.cluster)
    concerned = observed.pools if spec.absent else spec.pools or {}
    for name in sorted(concerned):
        document = observed.pools.get(name)
        if document and not is_ours(spec, document):
            raise _foreign(spec, f"{spec.place.subject}: node pool {name}", document)


def is_ours(spec: Spec, document: Document) -> bool:
    return spec.cloud.owner_of(document) == spec.cloud.mark(spec.owner)


def _foreign(spec: Spec, what: str, document: Document) -> PlatformError:
    owner, mark = spec.cloud.owner_of(document), f"{spec.cloud.marks.noun} {spec.cloud.marks.key}"
    seen = f'its {mark} is "{owner}"' if owner else f"it has no {mark}"
    return PlatformError(
        f'{what} exists but is not ours: {seen}, ours is "{spec.cloud.mark(spec.owner)}"; nothing was changed.',
        kind="foreign",
        remedy=f"Choose another name, or set {spec.label}adopt: any to take it over.",
    )


def refuse_protected(spec: Spec, observed: Observed) -> None:
    protected = observed.cluster is not None and spec.cloud.is_protected(observed.cluster)
    if protected and spec.fields.get("deletion_protection") is not False:
        raise PlatformError(
            f"{spec.place.subject} is protected from deletion; nothing was deleted.",
            kind="protected",
            remedy=f"Set {spec.label}deletion_protection: false to delete it.",
        )


def refuse_incomplete(spec: Spec) -> None:
    missing = spec.cloud.missing_in_cluster(spec)
    if missing:
        raise missing_to_create(spec, missing)


def refuse_incomplete_pools(spec: Spec, observed: Observed) -> None:
    missing = [
        problem
        for name, pool in (spec.pools or {}).items()
        if not pool.absent and to_create(spec.cloud, observed, name)
        for problem in spec.cloud.missing_in_pool(spec, pool)
    ]
    if missing:
        raise PlatformError(
            f"{spec.place.subject}: node pools cannot be created: {', '.join(missing)}.",
            kind="invalid",
            details={"problems": missing},
        )


def to_create(cloud: Cloud, observed: Observed, name: str) -> bool:
    document = observed.pools.get(name)
    gone = ("deleting",) if cloud.repairs else ("deleting", "failed")
    return document is None or cloud.state(document) in gone


def refuse_failed(spec: Spec, observed: Observed) -> None:
    document = observed.cluster or {}
    if spec.cloud.state(document) != "failed" or spec.cloud.repairs:
        return
    raise PlatformError(
        f"{spec.place.subject} is {observed.status} ({_why(spec, document)}); "
        f"{spec.cloud.title} has no call that repairs it.",
        kind="not_converged",
        remedy="Correct the cause, delete the cluster with state: absent, and run again.",
    )


def refuse_failed_pools(spec: Spec, observed: Observed) -> None:
    """Where a failed pool may still hold workloads, somebody has to say that it goes."""
    if spec.cloud.remakes_pools or spec.cloud.repairs:
        return
    for name, pool in (spec.pools or {}).items():
        document = observed.pools.get(name)
        if pool.absent or not document or spec.cloud.state(document) != "failed":
            continue
        raise PlatformError(
            f"{spec.place.subject}: node pool {name} is {document['status']} ({_why(spec, document)}).",
            kind="not_converged",
            remedy=f"Correct the cause, set {spec.label}node_pools.{name}.state: absent, and declare it again after.",
        )


def _why(spec: Spec, document: Document) -> str:
    issues = spec.cloud.issues(document)
    return "; ".join(f"{issue['code']}: {issue['message']}" for issue in issues) or "no reason is given"


def refuse_immutable(spec: Spec, observed: Observed) -> None:
    """All of them at once, each with observed and desired value."""
    found = [item for item in drift(spec, observed) if not item.possible]
    if not found:
        return
    texts = [f"{item.path} is {item.observed}, declared {item.desired}" for item in found]
    of_pools = [item for item in found if item.field.kind == "recreate"]
    remedies = []
    if len(of_pools) < len(found):
        remedies.append("Restore the declared values, or make a new cluster under another name.")
    if of_pools:
        way = (
            f"Set {spec.label}replace: pools to have a new pool made and the old one drained, or add"
            if (spec.cloud.marks.pool_key)
            else "Add"
        )
        remedies.append(f"{way} a new pool under another name, then set state: absent on the old one.")
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
    if spec.cloud.is_gone(observed):
        return
    current = spec.cloud.version_of(observed.cluster)
    if minor(spec.version) < minor(current) and not spec.cloud.leads(spec, observed):
        raise PlatformError(
            f"{spec.place.subject}: the control plane runs {current}, declared is {spec.version}; it never moves back.",
            kind="version",
            remedy=f'Set {spec.label}version: "{current}".',
        )
    refuse_skew(spec, observed)


def refuse_pool_versions(spec: Spec, observed: Observed) -> None:
    """Nodes neither move back nor lead the control plane."""
    control = latest_control(spec, observed)
    for name, pool in (spec.pools or {}).items():
        wanted = str(pool.fields.get("version", ""))
        current = spec.cloud.pool_version(observed.pools.get(name, {}))
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


def latest_control(spec: Spec, observed: Observed) -> str:
    """Return the version of the control plane when the plan is done."""
    current = spec.cloud.version_of(observed.cluster)
    if not spec.version or (current and minor(current) > minor(spec.version)):
        return current
    return spec.version


def refuse_unoffered(spec: Spec, observed: Observed) -> None:
    current = spec.cloud.version_of(observed.cluster)
    if observed.versions is None or spec.version == current or spec.cloud.is_offered(spec.version, observed):
        return
    offered = spec.cloud.offered(observed)
    nearest = min(offered, key=lambda known: abs(minor(known) - minor(spec.version)), default="")
    raise PlatformError(
        f'{spec.label}version is "{spec.version}"; {spec.cloud.title} offers {", ".join(offered)} '
        f"in {spec.place.location}.",
        kind="version",
        remedy=f'Nearest: "{nearest}".',
    )


def refuse_skew(spec: Spec, observed: Observed) -> None:
    """A pool that this document does not move may not be left too many minors behind."""
    cloud = spec.cloud
    stuck = {
        name: cloud.max_skew(document, None)
        for name, document in sorted(observed.pools.items())
        if not moved_version(spec, name)
        and minor(spec.version) - minor(cloud.pool_version(document)) > cloud.max_skew(document, None)
        and name not in removed_pools(spec, observed)
    }
    if stuck:
        named = [f"{name} ({cloud.pool_version(observed.pools[name])})" for name in stuck]
        least = min(stuck.values())
        raise PlatformError(
            f"{spec.place.subject}: version {spec.version} would leave node pools more than {least} "
            f"minor{'s' if least > 1 else ''} behind: {', '.join(named)}.",
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
        if (spec.pools[name].absent if name in spec.pools else purged and is_ours(spec, document))
    )
