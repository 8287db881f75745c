# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is wanted and what was observed to an ordered list of actions. No clock, no network, no globals."""

from __future__ import annotations

import dataclasses
import typing as t

from ..reconcile.actions import Action, Handle, Plan
from . import payload
from .fields import CLUSTER_FIELDS, GROUP_ORDER, POOL_FIELDS
from .observed import CONTROL_PLANE, Document, Observed
from .preflight import FAILED_POOL, Difference, differences, moved_version, preflight, removed_pools, to_create
from .spec import MAX_SKEW, PoolSpec, Spec, minor

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
    preflight(spec, observed)
    draft = Draft(spec, observed)
    if spec.absent:
        plan_deletion(draft)
    elif observed.cluster is None or observed.status == "DELETING":
        plan_creation(draft)
    else:
        plan_changes(draft)
    return tuple(draft.actions)


class Draft:
    """A plan in the making. ``control`` is the id that the next action on the control plane comes after."""

    def __init__(self, spec: Spec, observed: Observed) -> None:
        self.spec = spec
        self.observed = observed
        self.actions: list[Action] = []
        self.control: tuple[str, ...] = ()
        self.last_roll: tuple[str, ...] = ()
        self.of_pool: dict[str, tuple[str, ...]] = {}

    def add(self, action: Action) -> tuple[str, ...]:
        self.actions.append(action)
        return (action.id,)

    def add_control(self, action: Action) -> None:
        """Append an action on the control plane: after all earlier ones."""
        self.control = self.add(dataclasses.replace(action, after_ids=(*self.control, *action.after_ids)))

    def add_pool(self, name: str, action: Action, *, after: tuple[str, ...] = ()) -> None:
        """Append an action on a pool: after the control plane, and after the earlier ones on that pool."""
        before = (*self.control, *self.of_pool.get(name, ()), *after)
        self.of_pool[name] = self.add(dataclasses.replace(action, after_ids=tuple(dict.fromkeys(before))))

    def everything(self) -> tuple[str, ...]:
        """Return the ids that nothing comes after yet."""
        followed = {name for action in self.actions for name in action.after_ids}
        return tuple(action.id for action in self.actions if action.id not in followed)


def plan_creation(draft: Draft) -> None:
    spec = draft.spec
    if draft.observed.status == "DELETING":
        draft.add_control(wait_action(CONTROL_PLANE, "is being deleted", Handle("cluster deletion", CONTROL_PLANE)))
    fields = payload.created_fields(spec)
    draft.add_control(
        Action(
            id="control-plane.create",
            verb="create",
            target=CONTROL_PLANE,
            path="",
            before={},
            after={**fields, "tags": payload.owned_tags(spec, spec.tags)},
            reason="does not exist",
            group=CONTROL_PLANE,
            call="create_cluster",
            arguments=payload.create_cluster(spec),
            est_seconds=ESTIMATES["create cluster"],
        )
    )
    for name, pool in (spec.pools or {}).items():
        if not pool.absent:
            draft.add_pool(name, create_pool(draft, pool))


def plan_changes(draft: Draft) -> None:
    """Protection off, version, settings, pools, tags, protection on; running operations are waited for first."""
    adopt_operations(draft)
    plan_adoption(draft)
    found = differences(CLUSTER_FIELDS, draft.spec.fields, draft.observed.cluster or {})
    protection = [item for item in found if item.field.group == "protection"]
    if protection and not protection[0].desired:
        draft.add_control(config_action(draft, protection))
    plan_hops(draft)
    for group in GROUP_ORDER:
        items = [item for item in found if item.field.group == group]
        if items:
            draft.add_control(config_action(draft, items))
    plan_pools(draft)
    plan_tags(draft)
    if protection and protection[0].desired:
        draft.add_control(dataclasses.replace(config_action(draft, protection), after_ids=draft.everything()))


def adopt_operations(draft: Draft) -> None:
    """What an earlier run, or somebody else, has started is waited for and not started again."""
    handle = running(CONTROL_PLANE, draft.observed.cluster or {}, draft.observed)
    if handle:
        draft.add_control(wait_action(CONTROL_PLANE, why(handle), handle))
    concerned = draft.observed.pools if draft.spec.absent else draft.spec.pools or {}
    for name in sorted(concerned):
        handle = running(f"pool {name}", draft.observed.pools.get(name, {}), draft.observed)
        if handle:
            draft.add_pool(name, wait_action(f"pool {name}", why(handle), handle))


TRANSITIONS = {"CREATING": "creation", "PENDING": "creation", "UPDATING": "change", "DELETING": "deletion"}


def running(target: str, document: Document, observed: Observed) -> Handle | None:
    """Return what runs on a cluster or pool: its update where one is known, else its transition."""
    update = observed.updates.get(target)
    if update:
        return Handle("update", target, update.id)
    transition = TRANSITIONS.get(document.get("status", ""))
    thing = "cluster" if target == CONTROL_PLANE else "pool"
    return Handle(f"{thing} {transition}", target) if transition else None


def why(handle: Handle) -> str:
    return f"update {handle.id} is running" if handle.id else f"{handle.kind.split()[-1]} is running"


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
    spec, cluster = draft.spec, draft.observed.cluster or {}
    added = payload.tag_changes(spec, None, cluster)[0]
    if added:
        draft.add_control(tag_action(CONTROL_PLANE, cluster["arn"], cluster, added, "taken over", "adopt"))


def tag_action(
    target: str, arn: str, document: Document, added: t.Mapping[str, str], reason: str, name: str = "tags"
) -> Action:
    now = document.get("tags") or {}
    return Action(
        id=f"{slug(target)}.{name}",
        verb="tag",
        target=target,
        path="tags",
        before={f"tags.{key}": now.get(key) for key in added},
        after={f"tags.{key}": value for key, value in added.items()},
        reason=reason,
        group=target,
        call="tag_resource",
        arguments={"resourceArn": arn, "tags": dict(added)},
    )


def untag_action(target: str, arn: str, document: Document, keys: t.Sequence[str]) -> Action:
    now = document.get("tags") or {}
    return Action(
        id=f"{slug(target)}.untag",
        verb="tag",
        target=target,
        path="tags",
        before={f"tags.{key}": now[key] for key in keys},
        after={f"tags.{key}": None for key in keys},
        reason="not declared",
        group=target,
        call="untag_resource",
        arguments={"resourceArn": arn, "tagKeys": list(keys)},
    )


def config_action(draft: Draft, items: t.Sequence[Difference]) -> Action:
    fields = [item.field for item in items]
    changes = {item.field.path: item.desired for item in items}
    return Action(
        id=f"control-plane.{fields[0].group}",
        verb="update",
        target=CONTROL_PLANE,
        path=", ".join(changes),
        before={item.field.path: item.observed for item in items},
        after=changes,
        reason="as declared",
        group=CONTROL_PLANE,
        call=fields[0].call,
        arguments=payload.update_cluster(draft.spec, fields, changes),
        est_seconds=ESTIMATES["config"],
    )


def current_version(observed: Observed) -> int:
    """Return the minor that the control plane has, or will have when its running update ends."""
    update = observed.updates.get(CONTROL_PLANE)
    running_to = update.params.get("Version", "") if update and update.type == "VersionUpdate" else ""
    return minor(running_to or str((observed.cluster or {})["version"]))


def plan_hops(draft: Draft) -> None:
    """One action a minor. A pool is rolled in between only where the next hop would leave it too far behind."""
    spec, observed = draft.spec, draft.observed
    if not spec.version:
        return
    start, target = current_version(observed), minor(spec.version)
    at = {name: minor(document["version"]) for name, document in observed.pools.items()}
    for number, version in enumerate(range(start + 1, target + 1), 1):
        for name in sorted(at):
            if version - at[name] > MAX_SKEW and moved_version(spec, name):
                roll_pool(draft, name, at[name], version - 1, f"before the hop to 1.{version}")
                draft.control = (*draft.control, *draft.of_pool[name])
                at[name] = version - 1
        draft.add_control(hop_action(spec, version, number, target - start))


def hop_action(spec: Spec, version: int, number: int, hops: int) -> Action:
    reasons = {1: f"first of {NUMBERS[min(hops, 9)]} hops to {spec.version}"} if hops > 1 else {1: "as declared"}
    return Action(
        id=f"control-plane.version.1.{version}",
        verb="update",
        target=CONTROL_PLANE,
        path="version",
        before={"version": f"1.{version - 1}"},
        after={"version": f"1.{version}"},
        reason=reasons.get(number, f"{ORDINALS[min(number, 9)]} hop"),
        group=CONTROL_PLANE,
        call="update_cluster_version",
        arguments={"name": spec.place.name, "version": f"1.{version}", **forced(spec)},
        est_seconds=ESTIMATES["version"],
    )


def forced(spec: Spec) -> dict[str, bool]:
    return {"force": True} if spec.force else {}


def plan_pools(draft: Draft) -> None:
    """Create, then change, then roll one by one, then delete: capacity never shrinks first."""
    spec, observed = draft.spec, draft.observed
    wanted = {name: pool for name, pool in (spec.pools or {}).items() if not pool.absent}
    for name, pool in wanted.items():
        if to_create(observed, name):
            replace_failed(draft, name)
            draft.add_pool(name, create_pool(draft, pool))
    kept = {name: pool for name, pool in wanted.items() if not to_create(observed, name)}
    for name, pool in kept.items():
        plan_pool_settings(draft, pool, observed.pools[name])
    for name in kept:
        plan_roll(draft, name)
    before = tuple(action for name in wanted for action in draft.of_pool.get(name, ()))
    for name in removed_pools(spec, observed):
        if observed.pools[name]["status"] != "DELETING":
            draft.add_pool(name, delete_pool(draft, name, removal_reason(spec, name)), after=before)


def removal_reason(spec: Spec, name: str) -> str:
    return "declared absent" if name in (spec.pools or {}) else "not declared, purge_node_pools is on"


def replace_failed(draft: Draft, name: str) -> None:
    """EKS cannot repair a node group whose creation failed: it is deleted and made again."""
    document = draft.observed.pools.get(name)
    if document and document["status"] in FAILED_POOL:
        draft.add_pool(name, delete_pool(draft, name, f"is {document['status']}"))


def create_pool(draft: Draft, pool: PoolSpec) -> Action:
    fields = payload.pool_fields(draft.spec, pool, draft.observed, moved_version(draft.spec, pool.name))
    return Action(
        id=f"pool.{pool.name}.create",
        verb="create",
        target=f"pool {pool.name}",
        path="",
        before={},
        after={**fields, "tags": payload.owned_tags(draft.spec, pool.tags)},
        reason="does not exist",
        group=f"pool {pool.name}",
        call="create_nodegroup",
        arguments=payload.create_pool(draft.spec, pool, fields),
        est_seconds=ESTIMATES["create pool"],
    )


def delete_pool(draft: Draft, name: str, reason: str) -> Action:
    return Action(
        id=f"pool.{name}.delete",
        verb="delete",
        target=f"pool {name}",
        path="",
        before={"name": name},
        after={},
        reason=reason,
        group=f"pool {name}",
        call="delete_nodegroup",
        arguments={"clusterName": draft.spec.place.name, "nodegroupName": name},
        est_seconds=ESTIMATES["delete pool"],
    )


def plan_pool_settings(draft: Draft, pool: PoolSpec, document: Document) -> None:
    found = [item for item in differences(POOL_FIELDS, pool.fields, document) if item.field.group == "config"]
    target = f"pool {pool.name}"
    if found:
        changes = {item.field.path: item.desired for item in found}
        draft.add_pool(
            pool.name,
            Action(
                id=f"pool.{pool.name}.config",
                verb="update",
                target=target,
                path=", ".join(changes),
                before={item.field.path: item.observed for item in found},
                after=changes,
                reason="as declared",
                group=target,
                call="update_nodegroup_config",
                arguments=payload.update_pool(draft.spec, pool.name, document, changes),
                est_seconds=ESTIMATES["pool config"],
            ),
        )
    added, removed = payload.tag_changes(draft.spec, pool.tags, document)
    if added:
        draft.add_pool(pool.name, tag_action(target, document["nodegroupArn"], document, added, "as declared"))
    if removed:
        draft.add_pool(pool.name, untag_action(target, document["nodegroupArn"], document, removed))


def plan_roll(draft: Draft, name: str) -> None:
    wanted = moved_version(draft.spec, name)
    if not wanted:
        return
    rolled = [action for action in draft.actions if action.id.startswith(f"pool.{name}.version.")]
    at = minor(str(rolled[-1].after["version"] if rolled else draft.observed.pools[name]["version"]))
    if minor(wanted) > at:
        roll_pool(draft, name, at, minor(wanted), "after the control plane")


def roll_pool(draft: Draft, name: str, before: int, after: int, reason: str) -> None:
    action = Action(
        id=f"pool.{name}.version.1.{after}",
        verb="update",
        target=f"pool {name}",
        path="version",
        before={"version": f"1.{before}"},
        after={"version": f"1.{after}"},
        reason=reason,
        group=f"pool {name}",
        call="update_nodegroup_version",
        arguments={
            "clusterName": draft.spec.place.name,
            "nodegroupName": name,
            "version": f"1.{after}",
            **forced(draft.spec),
        },
        est_seconds=ESTIMATES["pool version"],
    )
    draft.add_pool(name, action, after=draft.last_roll)
    draft.last_roll = draft.of_pool[name]


def plan_tags(draft: Draft) -> None:
    cluster = draft.observed.cluster or {}
    if draft.spec.tags is None:
        return
    added, removed = payload.tag_changes(draft.spec, draft.spec.tags, cluster)
    adopted = payload.tag_changes(draft.spec, None, cluster)[0]
    added = {key: value for key, value in added.items() if key not in adopted}
    if added:
        draft.add_control(tag_action(CONTROL_PLANE, cluster["arn"], cluster, added, "as declared"))
    if removed:
        draft.add_control(untag_action(CONTROL_PLANE, cluster["arn"], cluster, removed))


def plan_deletion(draft: Draft) -> None:
    """Pools first: EKS refuses to delete a cluster that has node groups."""
    observed = draft.observed
    if observed.cluster is None:
        return
    adopt_operations(draft)
    if observed.status == "DELETING":
        return
    found = differences(CLUSTER_FIELDS, {"deletion_protection": False}, observed.cluster)
    if found:
        draft.add_control(config_action(draft, found))
    for name, document in sorted(observed.pools.items()):
        if document["status"] != "DELETING":
            draft.add_pool(name, delete_pool(draft, name, "its cluster goes"))
    draft.add_control(
        Action(
            id="control-plane.delete",
            verb="delete",
            target=CONTROL_PLANE,
            path="",
            before={"name": draft.spec.place.name},
            after={},
            reason="declared absent",
            group=CONTROL_PLANE,
            call="delete_cluster",
            arguments={"name": draft.spec.place.name},
            after_ids=tuple(action for ids in draft.of_pool.values() for action in ids),
            est_seconds=ESTIMATES["delete cluster"],
        )
    )
