# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a foundation is made of: parts with a role each, and the kinds of the vendor that they are. Pure.

A part names others by ``planned:<path>``; where such a part exists its id stands in, so a plan of an empty
account and one of a half-made account are made by the same code.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import PlatformError
from ..cluster.rules import PLANNED

Document = t.Mapping[str, t.Any]
Values = t.Mapping[str, t.Any]
Tags = t.Mapping[str, str]
__all__ = ["PLANNED"]


class Call(t.NamedTuple):
    """One operation of the vendor's API."""

    service: str
    operation: str
    arguments: dict[str, t.Any]

    @property
    def name(self) -> str:
        return f"{self.service}.{self.operation}"


@dataclasses.dataclass(frozen=True)
class Part:
    """One thing that shall be. ``needs`` are the roles that must be complete before it can be made."""

    role: str
    kind: Kind
    fields: Values
    tags: Tags = dataclasses.field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        return target(self.kind, self.role)


@dataclasses.dataclass(frozen=True)
class Found:
    """One thing that is, with the mark that says it is ours."""

    role: str
    kind: Kind
    document: Document

    @property
    def id(self) -> str:
        return self.kind.id(self.document)

    @property
    def target(self) -> str:
        return target(self.kind, self.role)


@dataclasses.dataclass(frozen=True)
class Change:
    """One field of a part that is not as it shall be; references in ``after`` may still be planned."""

    id: str
    part: Part
    document: Document
    before: t.Any
    after: t.Any


def same(seen: t.Any, wanted: t.Any) -> bool:
    return bool(seen == wanted)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PartField:
    """``change`` returns the calls that bring the field about; None where it can never change.

    ``each`` says that the items of a list are added one by one.
    """

    path: str
    read: t.Callable[[Document], t.Any]
    source: str
    change: t.Callable[[Change], list[Call]] | None = None
    equal: t.Callable[[t.Any, t.Any], bool] = same
    each: bool = False

    def changes(self, change: Change) -> list[tuple[t.Any, Call]]:
        """Return the calls, each with the value that it sets."""
        if self.change is None:
            return []
        if not self.each:
            return [(change.after, call) for call in self.change(change)]
        steps = [dataclasses.replace(change, after=[item]) for item in change.after if item not in change.before]
        return [(step.after, call) for step in steps for call in self.change(step)]


def _ready(document: Document) -> str:
    return "ready"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of thing of one vendor. ``rank`` orders deletions, lowest first.

    ``blank`` returns a part's document as it is just after its creation, so that a plan already holds what comes
    next. ``created`` returns the document of an answer, ``look`` the call that reads it again by id and ``found``
    its answer's document. ``state`` is one of ready, pending, failed, deleting, gone. ``token`` names the argument
    that makes a repeated creation harmless, where there is one. ``members`` are values of it that other parts may
    name beside its id: ``planned:zone/prod/zone/name_servers``.
    """

    name: str
    title: str
    rank: int
    id: t.Callable[[Document], str]
    create: t.Callable[[Part], Call]
    created: t.Callable[[Document], Document]
    fields: tuple[PartField, ...]
    delete: t.Callable[[Found], list[Call]]
    blank: t.Callable[[Part], Document] = lambda part: {}
    tags: t.Callable[[Document], Tags] = lambda document: {}
    tag: t.Callable[[str, Tags], Call] | None = None
    look: t.Callable[[str], Call] | None = None
    found: t.Callable[[Document], Document | None] = lambda answer: answer
    state: t.Callable[[Document], str] = _ready
    why_failed: t.Callable[[Document], str] = lambda document: ""
    members: t.Mapping[str, t.Callable[[Document], t.Any]] = dataclasses.field(default_factory=dict)
    waits: bool = False
    waits_for_end: bool = False
    token: str = ""
    est_seconds: int = 5


def target(kind: Kind, role: str) -> str:
    """Return what people call a part: "subnet private-a", "VPC"."""
    name = role.partition("/")[2]
    return f"{kind.title} {name}".rstrip()


def named(reference: str, kind: Kind, document: Document) -> dict[str, t.Any]:
    """Return what a reference to a thing stands for: its id, and below it its members."""
    members = {f"{reference}/{name}": read(document) for name, read in kind.members.items()}
    return {reference: kind.id(document), **members}


def resolve(value: t.Any, ids: t.Mapping[str, t.Any]) -> t.Any:
    """Return the value with references replaced by ids, as far as those are known."""
    if isinstance(value, str):
        return ids.get(value, value) if value.startswith(PLANNED) else value
    if isinstance(value, t.Mapping):
        return {resolve(name, ids): resolve(item, ids) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(item, ids) for item in value]
    return value


def references(value: t.Any) -> set[str]:
    """Return the references anywhere in a value."""
    if isinstance(value, str):
        return {value} if value.startswith(PLANNED) else set()
    if isinstance(value, t.Mapping):
        return references(list(value.items()))
    if isinstance(value, (list, tuple)):
        return {name for item in value for name in references(item)}
    return set()


def by_role(found: t.Iterable[Found], subject: str) -> dict[str, Found]:
    """Return what was found, by role. Raises PlatformError where two things carry one mark: nobody may choose."""
    roles: dict[str, Found] = {}
    for one in found:
        other = roles.setdefault(one.role, one)
        if other is not one:
            raise PlatformError(
                f"{subject}: {other.id} and {one.id} both carry the mark of {one.target}; one of them is not ours.",
                kind="foreign",
                remedy="Remove the mark (tag) from the one that is not, then run again.",
                details={"ids": sorted([other.id, one.id])},
            )
    return roles
