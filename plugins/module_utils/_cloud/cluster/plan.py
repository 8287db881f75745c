# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is wanted and what was observed to an ordered list of actions. No clock, no network, no globals."""

from __future__ import annotations

import dataclasses
import typing as t

from ..reconcile.actions import Action, Handle, Plan
from .cloud import TagStep
from .observed import CONTROL_PLANE, Document, Observed
from .parts import Part, Stage
from .preflight import Difference, differences, moved_version, pool_rows, preflight, removed_pools, to_create
from .replace import settled
from .spec import PoolSpec, Spec, minor
from .tags import created_fields, owned_tags, tag_changes

ESTIMATES = {
    "create cluster": 600,
    "delete cluster": 300,
    "version": 600,
    "config": 180,
    "create pool": 240,
    "delete pool": 240,
    "pool config": 60,
    "pool version": 720,
    "wait": 300,
}
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def plan(spec: Spec, observed: Observed) -> Plan:
    """Return what to do, in order. Raises PlatformError for what must not be done, with every case of its kind."""
    spec = settled(spec, observed)
    preflight(spec, observed)
    draft = Draft(spec, observed)
    if spec.absent:
        plan_deletion(draft)
    elif spec.cloud.is_gone(observed):
        plan_creation(draft)
    else:
        plan_changes(draft)
    return tuple(draft.actions)


class Draft:
    """A plan in the making. ``control`` is the id that the next action on the control plane comes after."""

    def __init__(self, spec: Spec, observed: Observed) -> None:
        self.spec = spec
        self.cloud = spec.cloud
        self.observed = observed
        self.actions: list[Action] = []
        self.control: tuple[str, ...] = ()
        self.last_roll: tuple[str, ...] = ()
        self.of_pool: dict[str, tuple[str, ...]] = {}
        self.before_pools: tuple[str, ...] = ()
        self.parts: t.Sequence[Part] = () if spec.absent else spec.cloud.parts(spec, observed)

    def add(self, action: Action) -> tuple[str, ...]:
        self.actions.append(action)
        return (action.id,)

    def add_control(self, action: Action) -> None:
        """Append an action on the control plane: after all earlier ones, where need be those on pools as well."""
        before = self.everything() if self.cloud.exclusive else self.control
        after_ids = tuple(dict.fromkeys((*before, *action.after_ids)))
        self.control = self.add(dataclasses.replace(action, after_ids=after_ids))

    def add_pool(self, name: str, action: Action, *, after: tuple[str, ...] = ()) -> None:
        """Append an action on a pool: after the control plane, and after the earlier ones on that pool."""
        before = (*self.control, *self.before_pools, *self.of_pool.get(name, ()), *after)
        self.of_pool[name] = self.add(dataclasses.replace(action, after_ids=tuple(dict.fromkeys(before))))

    def add_parts(self, *stages: Stage) -> None:
        """Append the actions of parts: after the control plane; before or after the pools, where it matters.

        What works on the control plane keeps new nodes out meanwhile, so it comes after the pools, too.
        """
        of_pools = tuple(action for ids in self.of_pool.values() for action in ids)
        for part in (part for stage in stages for part in self.parts if part.stage == stage):
            last = of_pools if part.stage in ("after_pools", "control") else ()
            for action in part.actions:
                if part.stage == "control":
                    self.add_control(dataclasses.replace(action, after_ids=last))
                    continue
                after_ids = tuple(dict.fromkeys((*self.control, *last)))
                last = self.add(dataclasses.replace(action, after_ids=after_ids))
            if part.stage == "before_pools" and part.actions:
                self.before_pools += last

    def everything(self) -> tuple[str, ...]:
        """Return the ids that nothing comes after yet."""
        followed = {name for action in self.actions for name in action.after_ids}
        return tuple(action.id for action in self.actions if action.id not in followed)


def plan_creation(draft: Draft) -> None:
    spec = draft.spec
    if draft.observed.cluster is not None:
        draft.add_control(wait_action(CONTROL_PLANE, "is being deleted", Handle("cluster deletion", CONTROL_PLANE)))
    wanted = {name: pool for name, pool in (spec.pools or {}).items() if not pool.absent}
    together = wanted if draft.cloud.pools_go_with_cluster else {}
    call = draft.cloud.create_cluster(spec)
    pools = {f"node_pools.{name}": new_pool(draft, pool) for name, pool in together.items()}
    draft.add_control(
        Action(
            id="control-plane.create",
            verb="create",
            target=CONTROL_PLANE,
            path="",
            before={},
            after={**created_fields(spec), "tags": owned_tags(spec, spec.tags), **pools},
            reason=f"does not exist{with_pools(together)}",
            group=CONTROL_PLANE,
            call=call.name,
            arguments=call.arguments,
            est_seconds=ESTIMATES["create cluster"],
        )
    )
    draft.add_parts("free", "before_pools")
    for name, pool in wanted.items():
        if name not in together:
            draft.add_pool(name, create_pool(draft, pool))
    draft.add_parts("after_pools", "control")
    plan_beside(draft)


def plan_beside(draft: Draft) -> None:
    """What is no part of the cluster's own record comes after it, protection last."""
    found = differences(draft.cloud, draft.cloud.cluster_fields, created_fields(draft.spec), {})
    for group in draft.cloud.beside:
        items = [item for item in found if item.field.group == group]
        if items:
            draft.add_control(dataclasses.replace(config_action(draft, items), after_ids=draft.everything()))


def with_pools(names: t.Collection[str]) -> str:
    return f"; made with node pool{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""


def plan_changes(draft: Draft) -> None:
    """Protection off, version, settings, pools, tags, protection on; running operations are waited for first."""
    adopt_operations(draft)
    plan_adoption(draft)
    plan_repair(draft, CONTROL_PLANE, draft.observed.cluster or {})
    cloud, cluster = draft.cloud, draft.observed.cluster or {}
    found = differences(cloud, draft.spec.rows, draft.spec.fields, cluster)
    protection = [item for item in found if item.field.group == "protection"]
    if protection and not protection[0].desired:
        draft.add_control(config_action(draft, protection))
    plan_hops(draft)
    passed = tuple(field.group for field in draft.spec.passed)
    for group in (*cloud.group_order, *passed):
        items = [item for item in found if item.field.group == group]
        if items:
            draft.add_control(config_action(draft, items))
    draft.add_parts("free", "before_pools")
    plan_pools(draft)
    draft.add_parts("after_pools", "control")
    plan_tags(draft)
    if protection and protection[0].desired:
        draft.add_control(dataclasses.replace(config_action(draft, protection), after_ids=draft.everything()))


def adopt_operations(draft: Draft) -> None:
    """What an earlier run, or somebody else, has started is waited for and not started again."""
    handle = running(draft, CONTROL_PLANE, draft.observed.cluster or {})
    if handle:
        draft.add_control(wait_action(CONTROL_PLANE, why(handle), handle))
    concerned = draft.observed.pools if draft.spec.absent else draft.spec.pools or {}
    for name in sorted(concerned):
        handle = running(draft, f"pool {name}", draft.observed.pools.get(name, {}))
        if handle:
            draft.add_pool(name, wait_action(f"pool {name}", why(handle), handle))


TRANSITIONS = {"creating": "creation", "updating": "change", "deleting": "deletion"}


def running(draft: Draft, target: str, document: Document) -> Handle | None:
    """Return what runs on a cluster or pool: its update where one is known, else its transition."""
    update = draft.observed.updates.get(target)
    if update:
        return Handle(draft.cloud.work, target, update.id)
    transition = TRANSITIONS.get(draft.cloud.state(document))
    thing = "cluster" if target == CONTROL_PLANE else "pool"
    return Handle(f"{thing} {transition}", target) if transition else None


def why(handle: Handle) -> str:
    return f"{handle.name} is running" if handle.id else f"{handle.kind.split()[-1]} is running"


def wait_action(target: str, reason: str, handle: Handle) -> Action:
    return Action(
        id=f"{slug(target)}.wait",
        verb="wait",
        target=target,
        path="",
        before={},
        after={},
        reason=reason,
        group=target,
        est_seconds=ESTIMATES["wait"],
        waits_for=handle,
    )


def slug(target: str) -> str:
    return "control-plane" if target == CONTROL_PLANE else target.replace(" ", ".", 1)


def plan_adoption(draft: Draft) -> None:
    """The ownership tag comes first, so that a run that is cut short stays ours."""
    cluster = draft.observed.cluster or {}
    added = tag_changes(draft.spec, None, cluster)[0]
    for step in draft.cloud.tag(draft.spec, CONTROL_PLANE, cluster, added, ()) if added else ():
        draft.add_control(tag_action(draft, CONTROL_PLANE, cluster, step, "taken over", "adopt"))


def plan_repair(draft: Draft, target: str, document: Document) -> None:
    if not draft.cloud.repairs or draft.cloud.state(document) != "failed":
        return
    call = draft.cloud.repair(draft.spec, target)
    action = Action(
        id=f"{slug(target)}.repair",
        verb="update",
        target=target,
        path="",
        before={"state": document["status"]},
        after={"state": "repaired"},
        reason="sent again as it is",
        group=target,
        call=call.name,
        arguments=call.arguments,
        est_seconds=ESTIMATES["config"],
    )
    if target == CONTROL_PLANE:
        draft.add_control(action)
    else:
        draft.add_pool(str(document["name"]), action)


def tag_action(draft: Draft, target: str, document: Document, step: TagStep, reason: str, name: str = "") -> Action:
    now = draft.cloud.tags_of(document)
    changed = {**step.added, **dict.fromkeys(step.removed)}
    return Action(
        id=f"{slug(target)}.{name or step.name}",
        verb="tag",
        target=target,
        path="tags",
        before={f"tags.{key}": now.get(key) for key in changed},
        after={f"tags.{key}": value for key, value in changed.items()},
        reason=reason if step.added else "not declared",
        group=target,
        call=step.call.name,
        arguments=step.call.arguments,
    )


def config_action(draft: Draft, items: t.Sequence[Difference]) -> Action:
    fields = [item.field for item in items]
    changes = {item.field.path: item.desired for item in items}
    call = draft.cloud.update_cluster(draft.spec, draft.observed.cluster or {}, fields, changes)
    return Action(
        id=f"control-plane.{fields[0].group}",
        verb="update",
        target=CONTROL_PLANE,
        path=", ".join(changes),
        before={item.field.path: item.observed for item in items},
        after=changes,
        reason="as declared",
        group=CONTROL_PLANE,
        call=call.name,
        arguments=call.arguments,
        est_seconds=fields[0].est_seconds or ESTIMATES["config"],
    )


def plan_hops(draft: Draft) -> None:
    """One action a minor. A pool is rolled in between only where the next hop would leave it too far behind."""
    spec, observed, cloud = draft.spec, draft.observed, draft.cloud
    if not spec.version:
        return
    at = {name: cloud.pool_version(document) for name, document in observed.pools.items()}
    before, steps = cloud.current_version(observed), cloud.steps(spec, observed)
    for number, version in enumerate(steps, 1):
        for name in sorted(at):
            skew = cloud.max_skew(observed.pools[name], (spec.pools or {}).get(name))
            if minor(version) - minor(at[name]) > skew and moved_version(spec, name):
                roll_pool(draft, name, at[name], before, f"before the hop to 1.{minor(version)}")
                draft.control = (*draft.control, *draft.of_pool[name])
                at[name] = before
        draft.add_control(hop_action(draft, before, version, number, len(steps)))
        before = version


def hop_action(draft: Draft, before: str, version: str, number: int, hops: int) -> Action:
    spec = draft.spec
    reasons = {1: f"first of {NUMBERS[min(hops, 9)]} hops to {spec.version}"} if hops > 1 else {1: "as declared"}
    call = draft.cloud.upgrade_cluster(spec, version)
    return Action(
        id=f"control-plane.version.1.{minor(version)}",
        verb="update",
        target=CONTROL_PLANE,
        path="version",
        before={"version": before},
        after={"version": version},
        reason=reasons.get(number, f"{ORDINALS[min(number, 9)]} hop"),
        group=CONTROL_PLANE,
        call=call.name,
        arguments=call.arguments,
        est_seconds=ESTIMATES["version"],
    )


def plan_pools(draft: Draft) -> None:
    """Create, then change, then roll one by one, then delete: capacity never shrinks first."""
    spec, observed = draft.spec, draft.observed
    wanted = {name: pool for name, pool in (spec.pools or {}).items() if not pool.absent}
    for name, pool in wanted.items():
        if to_create(draft.cloud, observed, name):
            replace_failed(draft, name)
            draft.add_pool(name, create_pool(draft, pool))
    kept = {name: pool for name, pool in wanted.items() if not to_create(draft.cloud, observed, name)}
    for name, pool in kept.items():
        plan_repair(draft, f"pool {name}", observed.pools[name])
        plan_pool_settings(draft, pool, observed.pools[name])
    for name in kept:
        plan_roll(draft, name)
    before = tuple(action for name in wanted for action in draft.of_pool.get(name, ()))
    for name in removed_pools(spec, observed):
        if draft.cloud.state(observed.pools[name]) != "deleting":
            draft.add_pool(name, delete_pool(draft, name, removal_reason(spec, name)), after=before)


def removal_reason(spec: Spec, name: str) -> str:
    replaced = (spec.pools or {}).get(name)
    if replaced is not None and replaced.stands_for:
        return f"replaced by pool {replaced.stands_for}"
    return "declared absent" if name in (spec.pools or {}) else "not declared, purge_node_pools is on"


def replace_failed(draft: Draft, name: str) -> None:
    """A pool whose creation failed cannot be repaired: it is deleted and made again."""
    document = draft.observed.pools.get(name)
    if document and draft.cloud.state(document) == "failed":
        draft.add_pool(name, delete_pool(draft, name, f"is {document['status']}"))


def new_pool(draft: Draft, pool: PoolSpec) -> dict[str, t.Any]:
    fields = draft.cloud.new_pool(draft.spec, pool, draft.observed, moved_version(draft.spec, pool.name))
    return {**fields, "tags": owned_tags(draft.spec, pool.tags)}


def create_pool(draft: Draft, pool: PoolSpec) -> Action:
    fields = new_pool(draft, pool)
    call = draft.cloud.create_pool(draft.spec, pool, fields, draft.observed)
    return Action(
        id=f"pool.{pool.name}.create",
        verb="create",
        target=f"pool {pool.name}",
        path="",
        before={},
        after=fields,
        reason=f"replaces pool {pool.stands_for}" if pool.stands_for else "does not exist",
        group=f"pool {pool.name}",
        call=call.name,
        arguments=call.arguments,
        est_seconds=ESTIMATES["create pool"],
    )


def delete_pool(draft: Draft, name: str, reason: str) -> Action:
    call = draft.cloud.delete_pool(draft.spec, name)
    return Action(
        id=f"pool.{name}.delete",
        verb="delete",
        target=f"pool {name}",
        path="",
        before={"name": name},
        after={},
        reason=reason,
        group=f"pool {name}",
        call=call.name,
        arguments=call.arguments,
        est_seconds=ESTIMATES["delete pool"],
    )


def plan_pool_settings(draft: Draft, pool: PoolSpec, document: Document) -> None:
    found = differences(draft.cloud, pool_rows(draft.cloud, pool), pool.fields, document)
    if rolls(draft, pool.name):
        found = tuple(item for item in found if item.field.group != "release")
    target = f"pool {pool.name}"
    for group in draft.cloud.pool_group_order:
        items = [item for item in found if item.field.group == group]
        if items:
            draft.add_pool(pool.name, pool_action(draft, pool, document, items))
    added, removed = tag_changes(draft.spec, pool.tags, document)
    for step in draft.cloud.tag(draft.spec, target, document, added, removed) if added or removed else ():
        draft.add_pool(pool.name, tag_action(draft, target, document, step, "as declared"))


def pool_action(draft: Draft, pool: PoolSpec, document: Document, items: t.Sequence[Difference]) -> Action:
    fields = [item.field for item in items]
    changes = {item.field.path: item.desired for item in items}
    call = draft.cloud.update_pool(draft.spec, document, fields, changes)
    return Action(
        id=f"pool.{pool.name}.{fields[0].group}",
        verb="update",
        target=f"pool {pool.name}",
        path=", ".join(changes),
        before={item.field.path: item.observed for item in items},
        after=changes,
        reason="as declared",
        group=f"pool {pool.name}",
        call=call.name,
        arguments=call.arguments,
        est_seconds=fields[0].est_seconds or ESTIMATES["pool config"],
    )


def rolls(draft: Draft, name: str) -> bool:
    """Tell whether the pool gets another version anyway, and with it the release that goes with that."""
    wanted = moved_version(draft.spec, name)
    return bool(wanted) and draft.cloud.is_behind(draft.cloud.pool_version(draft.observed.pools[name]), wanted)


def plan_roll(draft: Draft, name: str) -> None:
    wanted = moved_version(draft.spec, name)
    if not wanted:
        return
    rolled = [action for action in draft.actions if action.id.startswith(f"pool.{name}.version.")]
    at = str(rolled[-1].after["version"] if rolled else draft.cloud.pool_version(draft.observed.pools[name]))
    if draft.cloud.is_behind(at, wanted):
        roll_pool(draft, name, at, wanted, "after the control plane")


def roll_pool(draft: Draft, name: str, before: str, after: str, reason: str) -> None:
    for version in draft.cloud.pool_steps(before, after):
        roll_once(draft, name, before, version, reason)
        before, reason = version, "next hop, since a pool goes up one minor at a time"


def roll_once(draft: Draft, name: str, before: str, after: str, reason: str) -> None:
    call = draft.cloud.upgrade_pool(draft.spec, name, after)
    action = Action(
        id=f"pool.{name}.version.1.{minor(after)}",
        verb="update",
        target=f"pool {name}",
        path="version",
        before={"version": before},
        after={"version": after},
        reason=reason,
        group=f"pool {name}",
        call=call.name,
        arguments=call.arguments,
        est_seconds=ESTIMATES["pool version"],
    )
    draft.add_pool(name, action, after=draft.last_roll)
    draft.last_roll = draft.of_pool[name]


def plan_tags(draft: Draft) -> None:
    spec, cluster = draft.spec, draft.observed.cluster or {}
    if spec.tags is None:
        return
    added, removed = tag_changes(spec, spec.tags, cluster)
    adopted = tag_changes(spec, None, cluster)[0]
    added = {key: value for key, value in added.items() if key not in adopted}
    for step in draft.cloud.tag(spec, CONTROL_PLANE, cluster, added, removed) if added or removed else ():
        draft.add_control(tag_action(draft, CONTROL_PLANE, cluster, step, "as declared"))


def plan_deletion(draft: Draft) -> None:
    """Pools first, where the cloud refuses to delete a cluster that has some."""
    observed, cloud = draft.observed, draft.cloud
    if observed.cluster is None:
        return plan_orphans(draft)
    adopt_operations(draft)
    if cloud.is_gone(observed):
        return plan_orphans(draft)
    found = differences(cloud, cloud.cluster_fields, {"deletion_protection": False}, observed.cluster)
    if found and cloud.guards_deletion:
        draft.add_control(config_action(draft, found))
    for name, document in sorted(observed.pools.items()):
        if cloud.state(document) != "deleting" and not cloud.pools_go_with_cluster:
            draft.add_pool(name, delete_pool(draft, name, "its cluster goes"))
    call = cloud.delete_cluster(draft.spec)
    draft.add_control(
        Action(
            id="control-plane.delete",
            verb="delete",
            target=CONTROL_PLANE,
            path="",
            before={"name": draft.spec.place.name},
            after={},
            reason=f"declared absent{goes_along(draft)}",
            group=CONTROL_PLANE,
            call=call.name,
            arguments=call.arguments,
            after_ids=tuple(action for ids in draft.of_pool.values() for action in ids),
            est_seconds=ESTIMATES["delete cluster"],
        )
    )
    return plan_orphans(draft)


def plan_orphans(draft: Draft) -> None:
    """What the cluster leaves behind goes after it: before, its controllers would make it anew."""
    for action in draft.cloud.orphan_steps(draft.spec, draft.observed):
        draft.add(dataclasses.replace(action, after_ids=draft.control))


def goes_along(draft: Draft) -> str:
    names = sorted(draft.observed.pools) if draft.cloud.pools_go_with_cluster else []
    return f"; node pool{'s' if len(names) > 1 else ''} {', '.join(names)} go with it" if names else ""
