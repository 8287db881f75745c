# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a foundation: make what is missing, change what differs, delete what is no longer wanted. Pure."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ..._common.errors import PlatformError
from ..reconcile.actions import Action, Handle, Plan, Verb, about, estimate, said
from .parts import PLANNED, Call, Change, Document, Found, Part, PartField, named, references, resolve

CHANGE_SECONDS = 5
Differing = tuple[PartField, t.Any, t.Any]


@dataclasses.dataclass(frozen=True)
class Wish:
    """``base`` is the path of the document ("network/prod"); ``surplus`` what was found and shall go."""

    base: str
    parts: t.Sequence[Part] = ()
    surplus: t.Sequence[Found] = ()

    def reference(self, role: str) -> str:
        return f"{PLANNED}{self.base}/{role}"


@dataclasses.dataclass(frozen=True)
class Difference:
    """A field that is not as wanted."""

    target: str
    path: str
    observed: t.Any
    desired: t.Any
    kind: str

    def public(self) -> dict[str, t.Any]:
        return {**dataclasses.asdict(self), "path": f"{self.target}: {self.path}"}


def plan_parts(wish: Wish, found: t.Mapping[str, Found]) -> Plan:
    """Return the actions in an order that the vendor accepts. Raises PlatformError for what cannot be changed."""
    refuse_immutable(wish, found)
    draft = Draft(wish, found)
    for part in wish.parts:
        draft.part(part)
    draft.deletions()
    return tuple(draft.actions)


def differences(wish: Wish, found: t.Mapping[str, Found]) -> list[Difference]:
    """Return what differs of the parts that exist."""
    ids = ids_of(wish, found)
    return [
        Difference(part.target, field.path, before, after, "immutable" if field.change is None else "update")
        for part in wish.parts
        if part.role in found
        for field, before, after in _differing(part, found[part.role].document, ids)
    ]


def refuse_immutable(wish: Wish, found: t.Mapping[str, Found]) -> None:
    fixed = [one for one in differences(wish, found) if one.kind == "immutable"]
    if fixed:
        texts = [f"{one.target} {one.path} is {said(one.observed)}, wanted {said(one.desired)}" for one in fixed]
        raise PlatformError(
            f"{wish.base}: cannot be changed in place: {'; '.join(texts)}.",
            kind="immutable",
            remedy="Restore the declared values, or make it anew under another name.",
            details={"drift": [one.public() for one in fixed]},
        )


def ids_of(wish: Wish, found: t.Mapping[str, Found]) -> dict[str, t.Any]:
    ids: dict[str, t.Any] = {}
    for role, one in found.items():
        ids.update(named(wish.reference(role), one.kind, one.document))
    return ids


def _differing(part: Part, document: Document, ids: t.Mapping[str, t.Any]) -> t.Iterator[Differing]:
    for field in part.kind.fields:
        if field.path not in part.fields:
            continue
        before, after = field.read(document), resolve(part.fields[field.path], ids)
        if not field.equal(before, after):
            yield field, before, after


@dataclasses.dataclass(frozen=True)
class Step:
    """One call of a plan; ``earlier`` are the actions that it is told to come after."""

    verb: Verb
    call: Call
    before: t.Mapping[str, t.Any]
    after: t.Mapping[str, t.Any]
    reason: str
    seconds: int = CHANGE_SECONDS
    earlier: tuple[str, ...] = ()


class Draft:
    """A plan in the making. ``last`` is each role's last action so far, by reference."""

    def __init__(self, wish: Wish, found: t.Mapping[str, Found]) -> None:
        self.wish = wish
        self.found = found
        self.ids = ids_of(wish, found)
        self.actions: list[Action] = []
        self.last: dict[str, str] = {}

    def part(self, part: Part) -> None:
        have = self.found.get(part.role)
        state = have.kind.state(have.document) if have else "gone"
        if have and state in ("pending", "deleting"):
            self._wait(have, "creation" if state == "pending" else "deletion")
        if have and state == "failed":
            self._delete(have, "it failed: " + have.kind.why_failed(have.document))
            for name in named(self.wish.reference(part.role), have.kind, have.document):
                self.ids.pop(name)
        if have is None or state in ("failed", "deleting", "gone"):
            self._create(part)
            blank = part.kind.blank(dataclasses.replace(part, fields=resolve(part.fields, self.ids)))
            self._update(part, self.wish.reference(part.role), blank, fresh=True)
        else:
            self._update(part, have.id, have.document)

    def _create(self, part: Part) -> None:
        fields = resolve(part.fields, self.ids)
        call = part.kind.create(dataclasses.replace(part, fields=fields))
        step = Step("create", call, {}, fields, "missing", part.kind.est_seconds, self._last_of(part.needs))
        self._add(part.role, part.target, step)

    def _update(self, part: Part, name: str, document: Document, *, fresh: bool = False) -> None:
        reason = "of the new one" if fresh else "as declared"
        for field, before, after in _differing(part, document, self.ids):
            for value, call in field.changes(Change(name, part, document, before, after)):
                step = Step("update", call, {field.path: before}, {field.path: value}, reason)
                self._add(part.role, part.target, step)
        if not fresh:
            self._tag(part, name, document)

    def _tag(self, part: Part, name: str, document: Document) -> None:
        """Set the tags that are declared; tags of others stay."""
        now = part.kind.tags(document)
        added = {key: value for key, value in part.tags.items() if now.get(key) != value}
        if added and part.kind.tag:
            before = {"tags": {key: now[key] for key in added if key in now}}
            step = Step("tag", part.kind.tag(name, added), before, {"tags": added}, "as declared")
            self._add(part.role, part.target, step)

    def deletions(self) -> None:
        for one in sorted(self.wish.surplus, key=lambda one: (one.kind.rank, one.role)):
            if one.kind.state(one.document) == "deleting":
                self._wait(one, "deletion")
            else:
                self._delete(one, "no longer wanted")

    def _delete(self, one: Found, reason: str) -> None:
        earlier = self._before_deleting(one)
        for call in one.kind.delete(one):
            step = Step("delete", call, {"id": one.id}, {}, reason, one.kind.est_seconds, earlier)
            self._add(one.role, one.target, step)

    def _before_deleting(self, one: Found) -> tuple[str, ...]:
        """Return what must be done first: every change so far, and the deletions of lower ranks."""
        ranks = {surplus.role: surplus.kind.rank for surplus in self.wish.surplus}
        return tuple(
            action.id
            for action in self.actions
            if action.verb != "delete" or ranks.get(action.group, 0) < one.kind.rank
        )

    def _wait(self, one: Found, what: str) -> None:
        handle = Handle(what, one.target, one.id)
        action = Action(
            id=f"{one.role}.wait",
            verb="wait",
            target=one.target,
            path=what,
            before={},
            after={},
            reason="started earlier",
            group=one.role,
            est_seconds=one.kind.est_seconds,
            waits_for=handle,
        )
        self.actions.append(action)
        self.last[self.wish.reference(one.role)] = action.id

    def _last_of(self, roles: t.Iterable[str]) -> tuple[str, ...]:
        return tuple(self.last[name] for name in map(self.wish.reference, roles) if name in self.last)

    def _owner(self, reference: str) -> str:
        """Return the reference of the part that a reference is about; it may name a member of it."""
        return reference if reference in self.last else reference.rpartition("/")[0]

    def _add(self, role: str, target: str, step: Step) -> None:
        """Append a step: after what it was told, after the last one of its own role and of every role it names."""
        arguments = resolve(step.call.arguments, self.ids)
        mentioned = sorted({self.last[name] for name in map(self._owner, references(arguments)) if name in self.last})
        number = sum(action.group == role for action in self.actions) + 1
        action = Action(
            id=f"{role}.{step.verb}.{step.call.operation}.{number}",
            verb=step.verb,
            target=target,
            path=", ".join(step.after) if step.verb in ("update", "tag") else role,
            before=step.before,
            after=step.after,
            reason=step.reason,
            group=role,
            call=step.call.name,
            arguments=arguments,
            after_ids=tuple(dict.fromkeys([*step.earlier, *self._last_of([role]), *mentioned])),
            est_seconds=step.seconds,
        )
        self.actions.append(action)
        self.last[self.wish.reference(role)] = action.id


VERBS = {"wait": "wait for", "create": "create", "update": "change", "tag": "tag", "delete": "delete"}


def summary(plan: Plan) -> str:
    """Return one line: how many of which kind are made, changed, deleted. What follows a creation is not counted."""
    made = {action.group for action in plan if action.verb == "create"}
    texts = []
    for verb, text in VERBS.items():
        groups = {
            action.group: action.target
            for action in plan
            if action.verb == verb and (verb in ("create", "delete", "wait") or action.group not in made)
        }
        if groups:
            texts.append(f"{text} {', '.join(counted(groups))}")
    return f"{'; '.join(texts)} (about {about(estimate(plan))})"


def counted(groups: t.Mapping[str, str]) -> list[str]:
    """Return "VPC", "9 subnets": the targets of one kind together."""
    kinds: dict[str, list[str]] = collections.defaultdict(list)
    for role, name in groups.items():
        title = name.removesuffix(role.partition("/")[2]).rstrip() or name
        kinds[title].append(name)
    return [names[0] if len(names) == 1 else f"{len(names)} {plural(title)}" for title, names in kinds.items()]


def plural(title: str) -> str:
    if title.endswith("y") and title[-2] not in "aeiou":
        return f"{title[:-1]}ies"
    return f"{title}es" if title.endswith("s") else f"{title}s"
