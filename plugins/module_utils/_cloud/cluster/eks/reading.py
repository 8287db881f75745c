# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of an EKS cluster: only what the document is about, in parallel, each part allowed or unknown."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ...._common.errors import PlatformError
from ...aws.tags import by_key
from ..driver import Parts, unless_missing
from ..observed import CONTROL_PLANE, Document, Observed, Update
from ..options import get_path
from ..preflight import to_create
from ..spec import Spec
from .addons import is_managed, wanted_addons
from .cloud import EKS
from .network import wanted_subnets
from .providers import issuer_host

if t.TYPE_CHECKING:
    from .driver import EksDriver

Network: t.TypeAlias = "tuple[dict[str, Document] | None, tuple[str, ...]]"


class Reading(Parts):
    """The parallel reads of one observation."""

    def __init__(self, driver: EksDriver, pool: concurrent.futures.Executor, name: str) -> None:
        super().__init__()
        self.driver = driver
        self.pool = pool
        self.name = name

    def first_round(self, spec: Spec) -> dict[str, t.Callable[[], t.Any]]:
        """Return the reads that need no other before them: only of what the document is about."""
        wanted = {"cluster": True, "node_pools": True, "addons": is_managed(spec), "access": "access" in spec.options}
        wanted["oidc_providers"] = any(path.startswith("oidc_provider.") for path in spec.options)
        reads: dict[str, t.Callable[[], t.Any]] = {
            "cluster": self.driver.cluster,
            "node_pools": self.pools,
            "addons": self.addons,
            "access": self.access,
            "oidc_providers": self.oidc_providers,
        }
        return {part: read for part, read in reads.items() if wanted[part]}

    def pools(self) -> dict[str, Document]:
        return self.allowed("node_pools", lambda: self._each("list_nodegroups", "nodegroups", self.driver.pool), {})

    def addons(self) -> dict[str, Document]:
        return self.allowed("addons", lambda: self._each("list_addons", "addons", self.driver.addon_with_roles), {})

    def access(self) -> dict[str, Document]:
        return self.allowed("access", self._access, {})

    def oidc_providers(self) -> dict[str, Document]:
        return self.allowed("oidc_providers", self._oidc_providers, {})

    def _listed(self, operation: str, member: str) -> list[t.Any]:
        return unless_missing(lambda: self.driver.pages(operation, member, clusterName=self.name)) or []

    def _each(self, operation: str, member: str, read: t.Callable[[str], Document | None]) -> dict[str, Document]:
        names = self._listed(operation, member)
        found = self.pool.map(read, names)
        return {name: document for name, document in zip(names, found, strict=True) if document}

    def _access(self) -> dict[str, Document]:
        try:
            return self._each("list_access_entries", "accessEntries", self.driver.entry)
        except PlatformError as error:
            if error.code != "InvalidRequestException":  # the cluster knows no entries: it reads its ConfigMap
                raise
            return {}

    def _oidc_providers(self) -> dict[str, Document]:
        found = {}
        for config in self._listed("list_identity_provider_configs", "identityProviderConfigs"):
            answer = self.driver.found(
                "describe_identity_provider_config", clusterName=self.name, identityProviderConfig=config
            )
            if answer:
                found[config["name"]] = answer["identityProviderConfig"]["oidc"]
        return found

    def addon_versions(
        self, spec: Spec, cluster: Document | None, parts: t.Mapping[str, t.Mapping[str, Document]]
    ) -> dict[str, Document] | None:
        """Return what EKS offers of each add-on whose declared version is a word, or another one than there is."""
        version = spec.version or str((cluster or {}).get("version", ""))
        names = [name for name, word in unresolved(spec, parts.get("addons", {})) if version or word.startswith("v")]
        if spec.absent or not names:
            return None
        return self.allowed("addon_versions", lambda: self._addon_versions(names, version), None)

    def _addon_versions(self, names: list[str], version: str) -> dict[str, Document]:
        fitting = {"kubernetesVersion": version} if version else {}
        found = self.pool.map(
            lambda name: self.driver.pages("describe_addon_versions", "addons", addonName=name, **fitting), names
        )
        return {name: rows[0] if rows else {} for name, rows in zip(names, found, strict=True)}

    def iam_provider(self, cluster: Document) -> dict[str, Document] | None:
        if not issuer_of(cluster):  # not there yet: the cluster is being made
            return {}
        return self.allowed("iam_providers", lambda: self._iam_provider(cluster), None)

    def _iam_provider(self, cluster: Document) -> dict[str, Document]:
        partition, issuer = str(cluster["arn"]).split(":")[1], issuer_of(cluster)
        arn = f"arn:{partition}:iam::{self.driver.account}:oidc-provider/{issuer_host(issuer)}"
        answer = unless_missing(
            lambda: self.driver.call("get_open_id_connect_provider", service="iam", OpenIDConnectProviderArn=arn)
        )
        if answer is None:
            return {}
        return {"issuer": {"arn": arn, "tags": by_key(answer.get("Tags") or ())}}

    def with_zones(self, pools: t.Mapping[str, Document], subnets: t.Mapping[str, Document]) -> dict[str, Document]:
        """Return the pools with the zones of their subnets, where these were read."""
        if not subnets:
            return dict(pools)
        zones = {ident: subnet.get("AvailabilityZone") for ident, subnet in subnets.items()}
        return {
            name: {**pool, "zones": sorted({str(zones[ident]) for ident in pool["subnets"] if ident in zones})}
            for name, pool in pools.items()
        }

    def updates(self, cluster: Document, pools: t.Mapping[str, Document], suspicious: bool) -> dict[str, Update]:
        """Return what is in flight; asked only where a status says so, or after a conflict that no status explains."""
        statuses = {
            CONTROL_PLANE: cluster["status"],
            **{f"pool {name}": pool["status"] for name, pool in pools.items()},
        }
        targets = [target for target, status in statuses.items() if suspicious or status == "UPDATING"]
        found = self.pool.map(self._update, targets)
        return {target: update for target, update in zip(targets, found, strict=True) if update}

    def _update(self, target: str) -> Update | None:
        """Return what is in flight on a target, None also where that has gone since it was listed."""
        return self.allowed(f"updates of {target}", lambda: unless_missing(lambda: self._in_flight(target)), None)

    def _in_flight(self, target: str) -> Update | None:
        own = of_part(target)
        ids = self.driver.call("list_updates", name=self.name, maxResults=10, **own)["updateIds"]
        for update_id in ids:
            update = self.driver.call("describe_update", name=self.name, updateId=update_id, **own)["update"]
            if update["status"] == "InProgress":
                params = {param["type"]: param["value"] for param in update.get("params", ())}
                return Update(update_id, update["type"], params)
        return None

    def versions(self) -> dict[str, Document] | None:
        return self.allowed("versions", self._versions, None)

    def _versions(self) -> dict[str, Document]:
        offered = self.driver.pages("describe_cluster_versions", "clusterVersions")
        return {row["clusterVersion"]: row for row in offered if row.get("versionStatus") != "UNSUPPORTED"}

    def findings(self) -> tuple[Document, ...] | None:
        return self.allowed("findings", self._findings, None)

    def _findings(self) -> tuple[Document, ...]:
        wanted = {"categories": ["UPGRADE_READINESS"], "statuses": ["ERROR", "WARNING"]}
        return tuple(self.driver.pages("list_insights", "insights", clusterName=self.name, filter=wanted))

    def network(self, spec: Spec, cluster: Document | None, pools: t.Mapping[str, Document]) -> Network:
        unread: Network = (None, ())
        if not needs_network(spec, cluster, pools):
            return unread
        wanted = {subnet for _pool, subnets in wanted_subnets(spec) for subnet in subnets}
        if zoned(spec):
            wanted |= {subnet for pool in pools.values() for subnet in pool["subnets"]}
            wanted |= set(((cluster or {}).get("resourcesVpcConfig") or {}).get("subnetIds") or ())
        return self.allowed("subnets", lambda: self._network(spec, sorted(wanted)), unread)

    def _network(self, spec: Spec, wanted: list[str]) -> Network:
        answer = self.driver.call("describe_subnets", service="ec2", Filters=[{"Name": "subnet-id", "Values": wanted}])
        subnets = {subnet["SubnetId"]: subnet for subnet in answer["Subnets"]}
        vpcs = sorted({subnet["VpcId"] for subnet in subnets.values()})
        return subnets, self._ranges(vpcs) if vpcs and "network.service_cidr" in spec.fields else ()

    def _ranges(self, vpcs: list[str]) -> tuple[str, ...]:
        answer = self.driver.call("describe_vpcs", service="ec2", VpcIds=vpcs)
        return tuple(
            block["CidrBlock"] for vpc in answer["Vpcs"] for block in vpc.get("CidrBlockAssociationSet") or [vpc]
        )


def needs_versions(spec: Spec, cluster: Document | None) -> bool:
    return not spec.absent and bool(spec.version) and (cluster is None or cluster["version"] != spec.version)


def needs_network(spec: Spec, cluster: Document | None, pools: t.Mapping[str, Document]) -> bool:
    """Subnets are read before they are used: for a new cluster, a new pool, or other subnets."""
    if not spec.absent and zoned(spec):
        return True
    if spec.absent or not any(subnets for _pool, subnets in wanted_subnets(spec)):
        return False
    if cluster is None:
        return True
    wanted = spec.fields.get("network.subnets")
    moved = wanted is not None and set(wanted) != set(cluster["resourcesVpcConfig"].get("subnetIds") or ())
    observed = Observed("", cluster, pools)
    return moved or any(
        pool.fields.get("subnets") and to_create(EKS, observed, name)
        for name, pool in (spec.pools or {}).items()
        if not pool.absent
    )


def zoned(spec: Spec) -> bool:
    """Tell whether a declared pool names zones, which only its subnets show."""
    return any("zones" in pool.fields for pool in (spec.pools or {}).values())


def unresolved(spec: Spec, found: t.Mapping[str, Document]) -> list[tuple[str, str]]:
    """Return the add-ons, with their declared version, of which it must be known what EKS offers."""
    words = {name: str(wanted.get("version", "")) for name, wanted in wanted_addons(spec).items()}
    return [(name, word) for name, word in words.items() if word and found.get(name, {}).get("addonVersion") != word]


def issuer_of(cluster: Document) -> str:
    return str(get_path(cluster, "identity.oidc.issuer") or "")


def of_part(target: str) -> dict[str, str]:
    """Return the arguments by which an update is known to be of a pool or an add-on."""
    thing, _space, name = target.partition(" ")
    member = {"pool": "nodegroupName", "addon": "addonName"}.get(thing)
    return {member: name} if member else {}
