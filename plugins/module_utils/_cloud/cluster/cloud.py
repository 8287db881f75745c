# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to the clusters of one cloud: its tables, its words, its calls. Pure.

Spec, preflight, plan and documents are written once and ask a ``Cloud`` wherever clouds differ; each cloud's
folder (eks, gke) is one translation: fields (the tables), codecs and rules (its spelling), payload (its
requests), cloud (this class) and driver (the only part that talks to anybody).
"""

from __future__ import annotations

import abc
import typing as t

from ..reconcile.actions import Action
from .observed import CONTROL_PLANE, Document, Observed, read_field
from .options import Field, Option
from .parts import Part, Undeclared
from .run_options import Marks
from .schema import Reader, Values
from .spec import Place, PoolSpec, Spec, minor

LONGEST = 33
"""Letters of a declared name that a replacement keeps before its suffix: GKE allows 40 in all."""
EVERYWHERE = ("0.0.0.0/0", "::/0")
Settings = t.Mapping[str, t.Any]
Tags = t.Mapping[str, str]
CrossCheck = t.Callable[[Reader, Values, str], None]
State = t.Literal["creating", "ready", "updating", "degraded", "failed", "deleting", "stopped", "unknown"]
Refusal = t.Callable[[Spec, Observed], None]


class Call(t.NamedTuple):
    """One operation of the vendor's API and its arguments."""

    name: str
    arguments: dict[str, t.Any]


class TagStep(t.NamedTuple):
    """One request that changes tags: what it sets and what it removes."""

    name: str
    call: Call
    added: Tags
    removed: t.Sequence[str]


class Cloud(abc.ABC):
    name: t.ClassVar[str]
    title: t.ClassVar[str]
    marks: t.ClassVar[Marks]
    place_options: t.ClassVar[tuple[Option, ...]]
    narrowing: t.ClassVar[tuple[str, ...]] = ("name",)
    """Options of a place without which it is many clusters."""
    run_options: t.ClassVar[tuple[Option, ...]]
    cluster_fields: t.ClassVar[tuple[Field, ...]]
    cluster_options: t.ClassVar[tuple[Option, ...]]
    pool_fields: t.ClassVar[tuple[Field, ...]]
    group_order: t.ClassVar[tuple[str, ...]]
    pool_group_order: t.ClassVar[tuple[str, ...]]
    cross_checks: t.ClassVar[tuple[CrossCheck, ...]]
    pool_checks: t.ClassVar[tuple[CrossCheck, ...]]
    states: t.ClassVar[t.Mapping[str, State]]
    variables: t.ClassVar[t.Mapping[str, str]] = {}
    """Options that the role's variables call otherwise, without their prefix."""
    refusals: t.ClassVar[tuple[Refusal, ...]] = ()
    """What else must not be done, beside what no cloud lets happen."""
    provides: t.ClassVar[t.Mapping[str, t.Mapping[str, t.Any]]] = {}
    """What a cluster carries without our doing, by its mode: ``dns``, ``network``, ``metrics_server`` (bool),
    ``storage_driver`` (provisioner of block volumes, empty where there is none), ``storage_classes``,
    ``default_storage_class`` (empty where none is marked) and ``node_autoscaler`` (bool)."""
    read_permissions: t.ClassVar[str]
    widest_skew: t.ClassVar[int]
    """Minors that a pool may trail the control plane by at most."""
    work: t.ClassVar[str]
    """What the cloud calls a piece of work that has an id: an update, an operation."""
    first_pause: t.ClassVar[float] = 1.0
    """Seconds to the first look at work in flight, where nobody says how often to look."""
    exclusive: t.ClassVar[bool] = False
    """Whether work on the control plane and work on a pool cannot go on at once."""
    pools_go_with_cluster: t.ClassVar[bool] = False
    """Whether the deletion of a cluster takes its pools along, and its creation makes them."""
    guards_deletion: t.ClassVar[bool] = True
    """Whether the vendor itself refuses to delete a protected cluster."""
    remakes_pools: t.ClassVar[bool] = True
    """Whether a failed pool never held anything, so that it may be deleted and made again unasked."""

    repairs: t.ClassVar[bool] = False
    """Whether what has failed is repaired by sending it again."""
    beside: t.ClassVar[tuple[str, ...]] = ()
    """Groups of fields that are resources beside the cluster, made after it."""

    # -- reading

    @abc.abstractmethod
    def place(self, values: Values) -> Place: ...

    @abc.abstractmethod
    def place_document(self, cluster: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return the options of ``place`` that a ``platform_cluster`` value says."""

    @abc.abstractmethod
    def tags_of(self, document: Document) -> Tags:
        """Return the tags of a cluster or pool."""

    @abc.abstractmethod
    def describe(self, place: Place, observed: Observed) -> dict[str, t.Any]:
        """Return the ``cluster`` value of a result: the same shape on every cloud."""

    @abc.abstractmethod
    def issues(self, document: Document) -> list[dict[str, t.Any]]:
        """Return what the cloud finds wrong, each with code, message and resources."""

    def state(self, document: Document) -> State:
        return self.states.get(str(document.get("status", "")), "unknown")

    def is_gone(self, observed: Observed) -> bool:
        """Tell whether there is no cluster, or soon none."""
        return observed.cluster is None or self.state(observed.cluster) == "deleting"

    def owner_of(self, document: Document) -> str:
        """Return the value of the ownership tag, or an empty string."""
        return str(self.tags_of(document).get(self.marks.key, ""))

    def mark(self, owner: str) -> str:
        """Return an owner as the ownership tag spells it."""
        return owner

    def is_vendors(self, tag: str) -> bool:
        """Tell whether a tag is the vendor's own (or ours for another purpose), and so never removed."""
        return False

    def field(self, path: str) -> Field:
        return next(field for field in self.cluster_fields if field.path == path)

    def equal(self, field: Field, seen: t.Any, wanted: t.Any, document: Document) -> bool:
        return field.compare(seen, wanted)

    def read(self, field: Field, document: Document, wanted: Settings) -> t.Any:
        """Return the observed value of a field, in the light of what else is wanted."""
        return read_field(field, document)

    def version_of(self, cluster: Document | None) -> str:
        return str(read_field(self.field("version"), cluster) or "") if cluster else ""

    def pool_version(self, pool: Document) -> str:
        return str(pool.get("version") or "")

    def pool_size(self, pool: Document) -> int:
        """Return how many nodes a pool has now."""
        found = [field for field in self.pool_fields if field.path == "size.desired"]
        return int(read_field(found[0], pool) or 0) if found else 0

    def pool_limit(self, pool: Document) -> int:
        """Return how many nodes a pool may grow to."""
        field = next(field for field in self.pool_fields if field.path == "size.max")
        return int(read_field(field, pool) or 0)

    def declared_limit(self, fields: Settings, now: int) -> int:
        """Return the same of a declared pool, which may leave it as it is now."""
        return int(fields.get("size.max", now))

    def is_open(self, cidrs: t.Sequence[str] | None, new: bool) -> bool:
        """Tell whether a public API server lets everybody in."""
        return (new and not cidrs) or any(cidr in EVERYWHERE for cidr in cidrs or ())

    def is_protected(self, cluster: Document) -> bool:
        return bool(read_field(self.field("deletion_protection"), cluster))

    # -- deciding

    @abc.abstractmethod
    def pool_name_rule(self, name: str) -> str:
        """Return what the name of a pool must be, an empty string if it is."""

    def replacement(self, name: str, digest: str) -> str:
        """Return a legal name for a pool that is made in the place of another; ``digest`` has six letters."""
        return f"{name[:LONGEST]}-{digest}"

    def passed_field(self, name: str) -> Field:
        """Return the row of a member of ``extra``, which goes to the vendor's API as it is."""
        raise NotImplementedError(name)

    def passed_pool_field(self, name: str) -> Field:
        """Return the same for a pool's ``extra``."""
        raise NotImplementedError(name)

    def parts(self, spec: Spec, observed: Observed) -> t.Sequence[Part]:
        """Return what the cluster has by name beside its pools, as far as the document concerns it."""
        return ()

    def undeclared(self, spec: Spec, observed: Observed) -> list[Undeclared]:
        """Return the parts that are ours, in a section that is declared, without being declared."""
        return []

    def leftovers(self, observed: Observed) -> list[dict[str, t.Any]]:
        """Return what a deleted cluster leaves behind, each with kind and id."""
        return []

    def orphan_steps(self, spec: Spec, observed: Observed) -> t.Sequence[Action]:
        """Return the steps that remove what of it is asked for."""
        return ()

    def complaints(self, observed: Observed) -> list[str]:
        """Return what is wrong with parts that work on all the same, for people to see."""
        return []

    @abc.abstractmethod
    def fixed_size(self, desired: int) -> Settings:
        """Return the fields that a fixed number of nodes sets."""

    @abc.abstractmethod
    def missing_in_cluster(self, spec: Spec) -> list[str]:
        """Return what a document lacks to create the cluster."""

    @abc.abstractmethod
    def missing_in_pool(self, spec: Spec, pool: PoolSpec) -> list[str]:
        """Return what a document lacks to create the pool."""

    def max_skew(self, pool: Document, wanted: PoolSpec | None) -> int:
        return self.widest_skew

    def current_version(self, observed: Observed) -> str:
        """Return the version that the control plane has, or will have when its running update ends."""
        return self.version_of(observed.cluster)

    def leads(self, spec: Spec, observed: Observed) -> bool:
        """Tell whether the cloud itself moves the version on, so that the declared one is a floor."""
        return False

    def steps(self, spec: Spec, observed: Observed) -> list[str]:
        """Return the versions that the control plane goes through, one minor at a time."""
        start, target = minor(self.current_version(observed)), minor(spec.version)
        return [f"1.{number}" for number in range(start + 1, target + 1)]

    def pool_steps(self, at: str, wanted: str) -> list[str]:
        """Return the versions that a pool goes through on its way."""
        return [wanted]

    def is_behind(self, at: str, wanted: str) -> bool:
        return minor(wanted) > minor(at)

    def is_offered(self, wanted: str, observed: Observed) -> bool:
        return wanted in (observed.versions or {})

    def offered(self, observed: Observed) -> list[str]:
        return sorted(observed.versions or {}, key=minor)

    def targets(self, observed: Observed) -> list[str]:
        """Return the versions that the control plane may be upgraded to, oldest first."""
        now = self.version_of(observed.cluster)
        return [version for version in self.offered(observed) if minor(version) > minor(now)]

    def support_of(self, version: str, observed: Observed) -> dict[str, str]:
        """Return ``tier`` and the days on which support of a version ends, empty where the cloud does not say."""
        return {"tier": "", "standard_end": "", "extended_end": ""}

    def findings(self, observed: Observed) -> list[dict[str, t.Any]]:
        """Return what the cloud says stands in the way of an upgrade, each with code, message and resources."""
        return []

    # -- requests

    @abc.abstractmethod
    def create_cluster(self, spec: Spec) -> Call: ...

    @abc.abstractmethod
    def update_cluster(self, spec: Spec, cluster: Document, fields: t.Sequence[Field], changes: Settings) -> Call: ...

    @abc.abstractmethod
    def upgrade_cluster(self, spec: Spec, version: str) -> Call: ...

    @abc.abstractmethod
    def delete_cluster(self, spec: Spec) -> Call: ...

    def repair(self, spec: Spec, target: str) -> Call:
        raise NotImplementedError(f"{self.title} has no call that repairs {target}")

    @abc.abstractmethod
    def new_pool(self, spec: Spec, pool: PoolSpec, observed: Observed, version: str) -> dict[str, t.Any]:
        """Return every field of a pool to create, with what it takes from its cluster."""

    @abc.abstractmethod
    def create_pool(self, spec: Spec, pool: PoolSpec, fields: Settings, observed: Observed) -> Call: ...

    @abc.abstractmethod
    def update_pool(self, spec: Spec, pool: Document, fields: t.Sequence[Field], changes: Settings) -> Call: ...

    @abc.abstractmethod
    def upgrade_pool(self, spec: Spec, name: str, version: str) -> Call: ...

    @abc.abstractmethod
    def delete_pool(self, spec: Spec, name: str) -> Call: ...

    @abc.abstractmethod
    def tag(self, spec: Spec, target: str, document: Document, added: Tags, removed: t.Sequence[str]) -> list[TagStep]:
        """Return the requests that change the tags of a cluster or pool."""


def pool_of(target: str) -> str:
    """Return the name of the pool that a target is, an empty string for the control plane."""
    return "" if target == CONTROL_PLANE else target.removeprefix("pool ")
