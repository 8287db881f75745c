# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on clusters. Each trusts that every rule was asked before it."""

from __future__ import annotations

import base64
import copy
import typing as t

from ...errors import DrydockError
from .. import furniture
from . import defaults, offers, pools, work
from .protocol import Json
from .rules import Call, Refusal
from .store import Cluster, Pool
from .work import Reply, World

READ_ONLY = (
    *("provisioningState", "powerState", "maxAgentPools", "currentKubernetesVersion", "fqdn", "privateFQDN"),
    *("azurePortalFQDN", "resourceUID", "status", "privateLinkResources"),
)
OF_RESOURCE = ("id", "name", "type", "kind", "eTag", "systemData")


def asked_of(body: Json) -> Json:
    """Return what a request asks for, without what only Azure writes."""
    asked = copy.deepcopy({name: value for name, value in body.items() if name not in OF_RESOURCE})
    properties = asked.get("properties") or {}
    asked["properties"] = {name: value for name, value in properties.items() if name not in READ_ONLY}
    for name in ("principalId", "tenantId"):
        (asked.get("identity") or {}).pop(name, None)
    return asked


def put_cluster(world: World, call: Call) -> Reply:
    return _create(world, call) if call.cluster is None else _update(world, call)


def _create(world: World, call: Call) -> Reply:
    place = call.place
    draft = call.draft = asked_of(call.body)
    profiles = draft["properties"].pop("agentPoolProfiles", None) or []
    call.drafts = {profile["name"]: pools.asked_of(profile) for profile in profiles}
    draft.update(
        id=place.cluster_id, name=place.cluster, type="Microsoft.ContainerService/ManagedClusters", kind="Base"
    )
    work.begin(world, call, "create cluster")
    group = call.account.group(place.group) or place.group
    cluster = call.cluster = Cluster(draft, place.subscription, group)
    cluster.state = "Creating"
    for name, record in call.drafts.items():
        cluster.pools[name] = Pool(record)
        cluster.pools[name].state = "Creating"
    first = cluster.seen()  # recordings/aks: the first answer has no etag yet
    cluster.seal()
    world.store.clusters[cluster.key] = cluster
    world.plant.start(cluster)

    def broken() -> None:
        cluster.state = "Failed"
        for pool in cluster.pools.values():
            pool.state = "Failed"

    work.run(world, call, cluster, lambda: _activate(world, call), broken, lambda: _stands(world, call))
    return Reply(first, 201, world.addresses(call.work, result=False))


def _stands(world: World, call: Call) -> bool:
    """Tell whether the control plane serves; one that ended fails the operation, with the reason."""
    try:
        return world.plant.ready(call.here, world.waits)
    except DrydockError as exc:
        call.failure = ("InternalOperationError", str(exc))
        return True


def _activate(world: World, call: Call) -> None:
    cluster = call.here
    cluster.way_in = world.plant.address(cluster)
    cluster.properties["identityProfile"] = defaults.kubelet_identity(cluster.record, call.place)
    for pool in cluster.pools.values():
        pools.deploy(world, cluster, pool)
    furniture.move_in(cluster, call.installs, world.now(), world.plant.furnish)
    _at_rest(cluster)
    world.settle(call)
    if call.afterwards:
        work.own_work(world, cluster, call.afterwards)


def _at_rest(cluster: Cluster) -> None:
    for pool in cluster.pools.values():
        pool.state = "Succeeded"
        pool.seal()
    cluster.state = "Succeeded"
    cluster.seal()


def _update(world: World, call: Call) -> Reply:
    """The record changes at once, what runs when the operation ends; a version moves the control plane alone."""
    cluster, asked = call.here, asked_of(call.body)
    profiles = asked["properties"].pop("agentPoolProfiles", None)
    call.draft = work.merged(cluster.record, asked)
    if (asked.get("identity") or {}).get("type", "") not in ("", cluster.record["identity"]["type"]):
        call.draft["identity"] = {**asked["identity"], "tenantId": call.account.tenant}
    by_name = {profile["name"]: pools.asked_of(profile) for profile in profiles or ()}
    call.drafts = {name: work.merged(cluster.pools[name].record, row) for name, row in by_name.items()}
    call.dropped = [name for name in cluster.pools if profiles is not None and name not in by_name]
    version = call.draft["properties"]["kubernetesVersion"]
    moves = version not in (cluster.properties["kubernetesVersion"], cluster.version)
    failed = cluster.state == "Failed"
    work.begin(world, call, "upgrade cluster" if moves else "update cluster")
    cluster.record = call.draft
    cluster.state = "Upgrading" if moves else "Updating"
    for name, record in call.drafts.items():
        cluster.pools[name].record = record
        cluster.pools[name].state = "Updating"
    cluster.seal()
    if (
        cluster.properties["oidcIssuerProfile"].get("enabled")
        and "issuerURL" not in cluster.properties["oidcIssuerProfile"]
    ):
        defaults.issue(cluster.record, call.account)

    def finish() -> None:
        if moves:
            cluster.properties["currentKubernetesVersion"] = offers.patch(version) or version
            world.plant.follow_version(cluster)
        for name in call.dropped:
            world.plant.drop_pool(cluster, cluster.pools.pop(name))
        cluster.way_in = world.plant.address(cluster)
        for pool in cluster.pools.values():
            pools.deploy(world, cluster, pool)
        _at_rest(cluster)
        if failed and not call.repaired:
            cluster.state = "Failed"

    def broken() -> None:
        _at_rest(cluster)
        cluster.state = "Failed"

    work.run(world, call, cluster, finish, broken)
    return Reply(cluster.seen(), 200, world.addresses(call.work, result=False))


def patch_tags(world: World, call: Call) -> Reply:
    """Tags alone; the answer says the work that follows, as after a PUT."""
    cluster = call.here
    call.draft = cluster.record
    call.tags = {**cluster.record.get("tags", {}), **(call.body.get("tags") or {})}
    work.begin(world, call, "update cluster")
    cluster.record["tags"] = call.tags
    cluster.state = "Updating"
    cluster.seal()

    def settle() -> None:
        cluster.state = "Succeeded"

    work.run(world, call, cluster, settle, settle)
    return Reply(cluster.seen(), 200, world.addresses(call.work, result=False))


def get_cluster(world: World, call: Call) -> Reply:
    return Reply(call.here.seen())


def list_clusters(world: World, call: Call) -> Reply:
    group = call.place.group or None
    return Reply({"value": [cluster.seen() for cluster in world.store.of(call.place.subscription, group)]})


def delete_cluster(world: World, call: Call) -> Reply:
    cluster = call.here
    call.draft = cluster.record
    work.begin(world, call, "delete cluster")
    cluster.state = "Deleting"

    def finish() -> None:
        world.plant.stop(cluster)
        world.store.clusters.pop(cluster.key, None)

    def broken() -> None:
        cluster.state = "Failed"

    work.run(world, call, cluster, finish, broken)
    return Reply(None, 202, world.addresses(call.work, result=True))


def user_credentials(world: World, call: Call) -> Reply:
    """Return a kubeconfig that asks Entra for its tokens. Source: listClusterUserCredential of an Entra cluster."""
    cluster = call.here
    server, authority = cluster.way_in
    if not server:
        raise work.Refused(Refusal(404, "NotFound", f"Managed cluster {cluster.name} has no access profile yet."))
    name = cluster.name
    text = f"""apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {authority}
    server: {server}
  name: {name}
contexts:
- context:
    cluster: {name}
    user: clusterUser_{cluster.group}_{name}
  name: {name}
current-context: {name}
kind: Config
preferences: {{}}
users:
- name: clusterUser_{cluster.group}_{name}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args: [get-token, --environment, AzurePublicCloud, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630]
      command: kubelogin
"""
    value = base64.b64encode(text.encode()).decode()
    return Reply({"kubeconfigs": [{"name": "clusterUser", "value": value}]})


def list_versions(world: World, call: Call) -> Reply:
    values = [
        {
            "version": minor,
            "capabilities": {"supportPlan": list(plans)},
            "isDefault": minor == offers.DEFAULT_VERSION,
            "patchVersions": {patch: {"upgrades": _upgrades(patch)} for patch in patches},
        }
        for minor, (patches, plans) in offers.VERSIONS.items()
    ]
    return Reply({"values": values})


def _upgrades(version: str) -> list[str]:
    steps = (offers.minor(version), offers.minor(version) + 1)
    known = [patch for patches, _plans in offers.VERSIONS.values() for patch in patches]
    return [patch for patch in known if offers.order(patch) > offers.order(version) and offers.minor(patch) in steps]


def upgrade_profile(world: World, call: Call) -> Reply:
    cluster = call.here

    def profile(version: str, **named: str) -> Json:
        upgrades = [{"kubernetesVersion": patch} for patch in _upgrades(version)]
        return {**named, "kubernetesVersion": version, "osType": "Linux", "upgrades": upgrades}

    rows = [profile(p.record["currentOrchestratorVersion"], name=p.name) for p in cluster.pools.values()]
    properties = {"controlPlaneProfile": profile(cluster.version), "agentPoolProfiles": rows}
    return Reply({"id": f"{cluster.record['id']}/upgradeprofiles/default", "name": "default", "properties": properties})


def get_subscription(world: World, call: Call) -> Reply:
    home = call.account
    shown = {"id": f"/subscriptions/{home.id}", "subscriptionId": home.id, "tenantId": home.tenant}
    return Reply({**shown, "displayName": home.name, "state": "Enabled"})


def get_group(world: World, call: Call) -> Reply:
    name = call.account.group(call.place.group)
    return Reply(
        {"id": call.account.group_id(name or ""), "name": name, "properties": {"provisioningState": "Succeeded"}}
    )


# What a poll says halfway. Source: recordings/aks/aso-managedcluster-2025-08-01.json.
HALFWAY = {
    "create cluster": "ProvisioningControlPlane",
    "update cluster": "ReconcilingDNS",
    "create pool": "CreatingAgentPool: 0/1 nodes completed",
}


def get_operation(world: World, call: Call) -> Reply:
    job = world.store.jobs.get(call.place.child)
    if job is None or job.subscription != call.place.subscription:
        raise work.Refused(Refusal(404, "NotFound", f"The entity was not found: {call.place.child}.", gateway=True))
    if job.query and job.query not in call.query:
        text = "The request to look at the operation is not signed as it was given."
        raise work.Refused(Refusal(403, "AuthorizationFailed", text, gateway=True))
    if call.operation == "OperationResults_Get":
        return Reply(None, 202 if job.running else 204, world.addresses(job, result=True))
    shown = job.document()
    if job.running:
        shown["status"] = HALFWAY.get(job.kind, job.status)
    return Reply(shown)


Handler = t.Callable[[World, Call], Reply]
