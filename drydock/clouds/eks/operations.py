# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations that the twin performs. Each trusts that every rule was asked before it."""

from __future__ import annotations

import base64
import copy
import dataclasses
import typing as t
import uuid

from ...errors import DrydockError
from ..aws.principals import Principal
from ..aws.protocol import Json, service_model
from ..timeline import Transition
from . import changes, offers
from .plant import Plant
from .rules import Call, Refusal
from .store import Cluster, Entry, Pool, Record, Store, Update, new_entry, new_update, timestamp


class Refused(Exception):
    """A refusal found while an operation runs."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclasses.dataclass
class World:
    """What operations work on; ``shape`` runs the shape rules on a call's draft."""

    store: Store
    plant: Plant
    now: t.Callable[[], float]
    shape: t.Callable[[Call], None]
    waits: bool

    def later(self, seconds: float, finish: t.Callable[[], None], ready: t.Callable[[], bool] | None = None) -> None:
        """Finish after ``seconds`` of cloud time, at once if there are none."""
        if seconds <= 0 and ready is None:
            finish()
        else:
            self.store.schedule(Transition(self.now() + seconds, finish, ready or (lambda: True)))


Handler = t.Callable[[World, Call, Principal], Json]


@dataclasses.dataclass(frozen=True)
class Operation:
    handler: Handler
    writes: bool


def copied(params: Json, shape: str) -> Record:
    """Return the request's members that the resource's own shape has."""
    found: t.Any = service_model("eks").shape_for(shape)
    members = found.members
    return {k: copy.deepcopy(v) for k, v in params.items() if k in members and v is not None}


def create_cluster(world: World, call: Call, caller: Principal) -> Json:
    place = call.account
    name = call.params["name"]
    access = dict(call.params.get("accessConfig") or {})
    bootstrap = access.pop("bootstrapClusterCreatorAdminPermissions", True)
    subnets, _ = place.subnets(call.params["resourcesVpcConfig"].get("subnetIds") or [])
    call.draft = {
        **copied(call.params, "Cluster"),
        "arn": f"arn:aws:eks:{place.region}:{place.account}:cluster/{name}",
        "createdAt": timestamp(),
        "accessConfig": access,
        "endpoint": None,
        "certificateAuthority": {},
        "status": "ACTIVE",
        "health": {"issues": []},
    }
    call.draft.pop("clientRequestToken", None)
    call.draft["resourcesVpcConfig"]["vpcId"] = subnets[0].vpc if subnets else None
    world.shape(call)
    call.draft["platformVersion"] = _platform(call.draft)
    entries = access["authenticationMode"] != "CONFIG_MAP" if "authenticationMode" in access else False
    admins = frozenset({caller.canonical}) if bootstrap and not entries else frozenset()
    call.draft.pop("bootstrapSelfManagedAddons", None)
    cluster = Cluster(call.draft, place.account, place.region, admins)
    if bootstrap and entries:
        cluster.entries[caller.canonical] = admin_entry(cluster, caller.canonical)
    cluster.installed = call.installs
    world.store.clusters[cluster.key] = cluster
    world.plant.start(cluster)
    answer = copy.deepcopy(cluster.record)
    world.later(call.takes, lambda: _activate(world, call, cluster), ready=lambda: _stands(world, cluster))
    return {"cluster": answer}


def admin_entry(cluster: Cluster, principal: str) -> Entry:
    """Return the entry that the service makes for whoever creates a cluster."""
    entry = new_entry(cluster, principal)
    arn = f"arn:aws:eks::aws:cluster-access-policy/{offers.POLICIES[0]}"
    scope = {"type": "cluster", "namespaces": list[str]()}
    entry.policies[arn] = {
        "policyArn": arn,
        "accessScope": scope,
        "associatedAt": timestamp(),
        "modifiedAt": timestamp(),
    }
    return entry


def _stands(world: World, cluster: Cluster) -> bool:
    """Tell whether the control plane serves; one that ended makes the cluster FAILED, with the reason as its health."""
    try:
        return world.plant.ready(cluster, world.waits)
    except DrydockError as exc:
        _fail(cluster.record, "FAILED", ("InternalFailure", str(exc)))
        return True


def _fail(record: Record, status: str, failure: tuple[str, str]) -> None:
    record["status"] = status
    record["health"] = {"issues": [{"code": failure[0], "message": failure[1], "resourceIds": []}]}


def _platform(record: Record) -> str:
    found = offers.offered(record.get("version", ""))
    return f"eks.{found.platform}" if found else "eks.1"


def _activate(world: World, call: Call, cluster: Cluster) -> None:
    record, ident = cluster.record, uuid.uuid4().hex.upper()
    if call.failure is not None:
        _fail(record, "FAILED", call.failure)
    if record["status"] == "FAILED":
        return
    group = call.account.create_cluster_group(f"eks-cluster-sg-{cluster.name}-{ident[:10]}", cluster.vpc)
    record["endpoint"], authority = world.plant.address(cluster)
    record["certificateAuthority"] = {"data": authority}
    record["resourcesVpcConfig"]["clusterSecurityGroupId"] = group
    record["identity"] = {"oidc": {"issuer": f"https://oidc.eks.{cluster.region}.amazonaws.com/id/{ident}"}}
    record["status"] = "ACTIVE"
    trouble = _trouble(lambda: world.plant.furnish(cluster))
    if trouble is not None:
        _fail(record, "FAILED", trouble)


def describe_cluster(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    call.draft = copy.deepcopy(call.cluster.record)
    world.shape(call)
    return {"cluster": call.draft}


def list_clusters(world: World, call: Call, caller: Principal) -> Json:
    names = sorted(c.name for c in world.store.of_account(call.account.account, call.account.region))
    return page(call, "clusters", names)


def delete_cluster(world: World, call: Call, caller: Principal) -> Json:
    cluster = call.cluster
    assert cluster is not None
    cluster.record["status"] = "DELETING"

    def finish() -> None:
        world.plant.stop(cluster)
        group = cluster.record["resourcesVpcConfig"].get("clusterSecurityGroupId")
        if group:
            call.account.delete_cluster_group(group)
        world.store.clusters.pop(cluster.key, None)

    world.later(offers.DURATIONS[call.operation], finish)
    return {"cluster": copy.deepcopy(cluster.record)}


def update_cluster_config(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    kind, asked = changes.kinds_asked(call.params)[0]
    record = call.cluster.record
    update = new_update(kind.type, kind.parameters(asked))
    return run_update(world, call, update, lambda: record.update(kind.applied(record, asked)))


def update_cluster_version(world: World, call: Call, caller: Principal) -> Json:
    cluster = call.cluster
    assert cluster is not None
    target = {"version": call.params["version"]}
    params = {"Version": target["version"], "PlatformVersion": _platform(target)}

    def finish() -> None:
        cluster.record.update(target, platformVersion=_platform(target))
        world.plant.follow_version(cluster)

    return run_update(world, call, new_update("VersionUpdate", params), finish)


def _trouble(work: t.Callable[[], object]) -> tuple[str, str] | None:
    """Do work on what stands behind a cluster; return the failure that the API will show, if any."""
    try:
        work()
    except DrydockError as exc:
        return "NodeCreationFailure", str(exc)
    return None


def run_update(world: World, call: Call, update: Update, finish: t.Callable[[], object]) -> Json:
    """Put an update in flight on the call's pool or cluster; ``finish`` makes its change."""
    subject: Cluster | Pool | None = call.pool or call.cluster
    assert call.cluster is not None
    assert subject is not None
    if call.operation != "UpdateNodegroupConfig":  # which has shaped its draft already
        world.shape(call)
    call.cluster.updates[update.id] = update
    subject.record["status"] = "UPDATING"

    def done() -> None:
        subject.record["status"] = "ACTIVE"
        failure = call.failure or _trouble(finish)
        update.record["status"] = "Failed" if failure else "Successful"
        if failure is not None:
            row = {"errorCode": failure[0], "errorMessage": failure[1], "resourceIds": [subject.name]}
            update.record["errors"] = [row]

    world.later(offers.DURATIONS[call.operation], done)
    return {"update": copy.deepcopy(update.record)}


def describe_update(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    found = call.cluster.updates.get(call.params["updateId"])
    if found is None or (found.nodegroup, found.addon) != _of(call):
        text = f"No update found for ID: {call.params['updateId']}"
        raise Refused(Refusal("ResourceNotFoundException", text, call.names()))
    return {"update": found.record}


def list_updates(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    of_one = [u.id for u in reversed(call.cluster.updates.values()) if (u.nodegroup, u.addon) == _of(call)]
    return page(call, "updateIds", of_one)


def _of(call: Call) -> tuple[str, str]:
    """Return the pool or the add-on that a request about updates means; neither, and it is the cluster itself."""
    return call.params.get("nodegroupName", ""), call.params.get("addonName", "")


def create_nodegroup(world: World, call: Call, caller: Principal) -> Json:
    cluster, place, name = call.cluster, call.account, call.params["nodegroupName"]
    assert cluster is not None
    path = f"nodegroup/{cluster.name}/{name}/{uuid.uuid4()}"
    call.draft = {
        **copied(call.params, "Nodegroup"),
        "nodegroupArn": f"arn:aws:eks:{place.region}:{place.account}:{path}",
        "createdAt": timestamp(),
        "modifiedAt": timestamp(),
        "status": "ACTIVE",
        "health": {"issues": []},
    }
    world.shape(call)
    call.draft.setdefault("releaseVersion", offers.release_of(str(call.draft.get("version"))))
    pool = cluster.pools[name] = Pool(call.draft)
    answer = copy.deepcopy(pool.record)

    def finish() -> None:
        group = f"eks-{name}-{path.rpartition('/')[2]}"
        pool.record.update(status="ACTIVE", resources={"autoScalingGroups": [{"name": group}]}, modifiedAt=timestamp())
        failure = call.failure or _trouble(lambda: world.plant.follow_pool(cluster, pool))
        if failure is not None:
            _fail(pool.record, "CREATE_FAILED", failure)

    world.later(call.takes, finish)
    return {"nodegroup": answer}


def describe_nodegroup(world: World, call: Call, caller: Principal) -> Json:
    assert call.pool is not None
    call.draft = copy.deepcopy(call.pool.record)
    world.shape(call)
    return {"nodegroup": call.draft}


def list_nodegroups(world: World, call: Call, caller: Principal) -> Json:
    assert call.cluster is not None
    return page(call, "nodegroups", sorted(call.cluster.pools))


def update_nodegroup_config(world: World, call: Call, caller: Principal) -> Json:
    cluster, pool = call.cluster, call.pool
    assert cluster is not None
    assert pool is not None
    call.draft = changes.changed_pool(pool.record, call.params)
    world.shape(call)
    changed = {k: v for k, v in call.draft.items() if k in ("scalingConfig", "labels", "taints", "updateConfig")}
    others = {k: v for k, v in call.draft.items() if k in ("nodeRepairConfig", "warmPoolConfig")}

    def finish() -> None:
        pool.record.update(changed, **others, modifiedAt=timestamp())
        world.plant.follow_pool(cluster, pool)

    return run_update(world, call, new_update("ConfigUpdate", changes.pool_parameters(call.params), pool.name), finish)


def update_nodegroup_version(world: World, call: Call, caller: Principal) -> Json:
    cluster, pool = call.cluster, call.pool
    assert cluster is not None
    assert pool is not None
    version = str(call.params.get("version", pool.record["version"]))
    release = call.params.get("releaseVersion", offers.release_of(version))
    params = {"Version": version, "ReleaseVersion": release}

    def finish() -> None:
        pool.record.update(version=version, releaseVersion=release, modifiedAt=timestamp())
        pool.generation += 1
        world.plant.follow_pool(cluster, pool)

    return run_update(world, call, new_update("VersionUpdate", params, pool.name), finish)


def delete_nodegroup(world: World, call: Call, caller: Principal) -> Json:
    cluster, pool = call.cluster, call.pool
    assert cluster is not None
    assert pool is not None
    pool.record["status"] = "DELETING"

    def finish() -> None:
        failure = _trouble(lambda: world.plant.drop_pool(cluster, pool))
        if failure is not None:
            return _fail(pool.record, "DELETE_FAILED", failure)
        cluster.pools.pop(pool.name, None)
        return None

    world.later(offers.DURATIONS[call.operation], finish)
    return {"nodegroup": copy.deepcopy(pool.record)}


def tag_resource(world: World, call: Call, caller: Principal) -> Json:
    record = _tagged(call)
    record["tags"] = {**record.get("tags", {}), **call.params["tags"]}
    return {}


def untag_resource(world: World, call: Call, caller: Principal) -> Json:
    record = _tagged(call)
    record["tags"] = {k: v for k, v in record.get("tags", {}).items() if k not in call.params["tagKeys"]}
    return {}


def list_tags(world: World, call: Call, caller: Principal) -> Json:
    return {"tags": _tagged(call).get("tags", {})}


def _tagged(call: Call) -> Record:
    if call.part is not None:
        return call.part
    found = call.pool or call.cluster
    assert found is not None
    return found.record


def describe_cluster_versions(world: World, call: Call, caller: Principal) -> Json:
    asked = call.params
    wanted = asked.get("clusterVersions") or [v.minor for v in offers.VERSIONS if v.offered or asked.get("includeAll")]
    support = asked.get("versionStatus") or str(asked.get("status", "")).upper().replace("-", "_")
    rows = [v for v in offers.VERSIONS if v.minor in wanted and (not support or v.support == support)]
    return page(call, "clusterVersions", [v.document() for v in rows if v.default or not asked.get("defaultOnly")])


def page(call: Call, name: str, items: list[t.Any]) -> Json:
    """Return one page of a listing; the token is the offset, opaque to clients."""
    token = call.params.get("nextToken", "")
    start = _offset(call, token) if token else 0
    end = start + call.params.get("maxResults", 100)
    more = {"nextToken": base64.urlsafe_b64encode(f"offset:{end}".encode()).decode()} if end < len(items) else {}
    return {name: items[start:end], **more}


def _offset(call: Call, token: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "offset":
            return int(number)
    except ValueError:
        pass
    raise Refused(call.invalid("nextToken is not one that this service gave"))


OPERATIONS: dict[str, Operation] = {
    "CreateCluster": Operation(create_cluster, True),
    "DescribeCluster": Operation(describe_cluster, False),
    "ListClusters": Operation(list_clusters, False),
    "DeleteCluster": Operation(delete_cluster, True),
    "UpdateClusterConfig": Operation(update_cluster_config, True),
    "UpdateClusterVersion": Operation(update_cluster_version, True),
    "DescribeUpdate": Operation(describe_update, False),
    "ListUpdates": Operation(list_updates, False),
    "CreateNodegroup": Operation(create_nodegroup, True),
    "DescribeNodegroup": Operation(describe_nodegroup, False),
    "ListNodegroups": Operation(list_nodegroups, False),
    "UpdateNodegroupConfig": Operation(update_nodegroup_config, True),
    "UpdateNodegroupVersion": Operation(update_nodegroup_version, True),
    "DeleteNodegroup": Operation(delete_nodegroup, True),
    "TagResource": Operation(tag_resource, True),
    "UntagResource": Operation(untag_resource, True),
    "ListTagsForResource": Operation(list_tags, False),
    "DescribeClusterVersions": Operation(describe_cluster_versions, False),
}
