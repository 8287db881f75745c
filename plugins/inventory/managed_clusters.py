# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed clusters of cloud accounts as inventory hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: managed_clusters
short_description: Managed Kubernetes clusters of cloud accounts as hosts
version_added: 0.2.0
author: Seaworthy founders (@seaworthy)
description:
  - Lists the clusters of accounts and locations. Each becomes a host whose variables are those of role
    R(seaworthy.platform.cluster,role), so that the layers' playbooks work on it at once, without managing the cluster.
  - C(managed_cluster) holds all that is known of it, in the shape that the info modules return.
  - Groups are made by cloud, location, version, support tier, owner and tags. Reads only.
extends_documentation_fragment:
  - constructed
  - inventory_cache
requirements:
  - The SDK of each cloud that is named.
options:
  plugin:
    description: Always V(seaworthy.platform.managed_clusters).
    required: true
    choices: [seaworthy.platform.managed_clusters]
  sources:
    description:
      - Where to look. Each entry has C(cloud) (V(eks), V(aks) or V(gke)), C(locations) (a list), C(account) (on AKS the
        subscription, on GKE the project; credentials of another are refused before anything is read) and C(auth) (as
        the option of that name of the cloud's module).
    type: list
    elements: dict
    required: true
  hostname:
    description:
      - Jinja2 expression for the name of the host. Two clusters with one name are refused.
    type: str
    default: managed_cluster.name
  skip_denied:
    description:
      - Whether a source that the credentials may not read is left out with a warning, instead of failing.
    type: bool
    default: false
notes:
  - The file's name ends with C(managed_clusters.yml) or C(managed_clusters.yaml).
  - Found clusters are in none of the groups that our playbooks work on. Say with O(groups) which are to be.
seealso:
  - module: seaworthy.platform.eks_cluster_info
  - module: seaworthy.platform.aks_cluster_info
  - module: seaworthy.platform.gke_cluster_info
"""

EXAMPLES = r"""
# inventory/managed_clusters.yml
plugin: seaworthy.platform.managed_clusters
sources:
  - cloud: eks
    locations: [eu-west-1, us-east-1]
    account: "111122223333"
  - cloud: eks
    locations: [eu-central-1]
    account: "444455556666"
    auth: {role_arn: "arn:aws:iam::444455556666:role/platform-reader"}
  - cloud: aks
    locations: [westeurope]
    account: 00000000-0000-0000-0000-000000000000
  - cloud: gke
    locations: [europe-west1]
    account: my-project
hostname: managed_cluster.location ~ '-' ~ managed_cluster.name
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .cache
cache_timeout: 600
groups:
  platform_clusters: managed_cluster.owner == 'seaworthy.platform'
  upgradable: managed_cluster.upgrade.targets | length > 0
keyed_groups:
  - key: managed_cluster.tags.team
    prefix: team
compose:
  platform_environment: managed_cluster.tags.environment | default('staging')
"""

import re
import typing as t

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._cloud.providers import PROVIDERS
from ..module_utils._cloud.run import clusters_in, scope_of
from ..module_utils._common.errors import PlatformError
from ..plugin_utils._inprocess import plain

Cluster = dict[str, t.Any]
FILES = ("managed_clusters.yml", "managed_clusters.yaml")
SOURCE = {"cloud", "locations", "account", "auth"}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    NAME = "seaworthy.platform.managed_clusters"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(FILES)

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        for cluster, auth in self._clusters(self.get_cache_key(path), cache and self.get_option("cache")):
            self._add(cluster, auth)

    def _clusters(self, key: str, cached: bool) -> list[tuple[Cluster, dict[str, t.Any]]]:
        """Return what the cache holds, else what the clouds say, which the cache then gets."""
        sources = checked(plain(self.get_option("sources")))
        found = self._cache.get(key) if cached else None
        if found is None:
            found = [self._read(source) for source in sources]
            if self.get_option("cache"):
                self._cache[key] = found
        return [
            (cluster, source.get("auth") or {})
            for source, clusters in zip(sources, found, strict=True)
            for cluster in clusters
        ]

    def _read(self, source: dict[str, t.Any]) -> list[Cluster]:
        try:
            return [
                cluster
                for location in source["locations"]
                for cluster in clusters_in(scope_of(source["cloud"], {**source, "location": location}))
            ]
        except PlatformError as error:
            if error.kind != "permission" or not self.get_option("skip_denied"):
                raise AnsibleParserError(str(error)) from None
            self.display.warning(f"managed_clusters: {error}")
            return []

    def _add(self, cluster: Cluster, auth: dict[str, t.Any]) -> None:
        strict = self.get_option("strict")
        variables = host_variables(cluster, auth)
        host = str(self._compose(self.get_option("hostname"), variables))
        if host in self.inventory.hosts:
            raise AnsibleParserError(
                f"managed_clusters: two clusters would be the host {host}; "
                "set hostname, like managed_cluster.location ~ '-' ~ managed_cluster.name"
            )
        self.inventory.add_host(host)
        for name, value in variables.items():
            self.inventory.set_variable(host, name, value)
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        for group in map(self.inventory.add_group, groups_of(cluster)):
            self.inventory.add_child(group, host)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


def groups_of(cluster: Cluster) -> list[str]:
    """Return the groups that are always made; characters that no group may have become an underscore."""
    facts = {name: cluster.get(name) for name in ("cloud", "location", "version", "owner")}
    facts["support"] = (cluster.get("support") or {}).get("tier")
    told = [f"{name}_{value}" for name, value in facts.items() if value]
    tags = [f"tag_{key}_{value}" for key, value in (cluster.get("tags") or {}).items()]
    return [re.sub(r"[^A-Za-z0-9_]", "_", name) for name in [*told, *tags]]


def checked(sources: t.Any) -> list[dict[str, t.Any]]:
    """Return the sources. Raises AnsibleParserError with the first fault."""
    known = list(PROVIDERS)
    for number, source in enumerate(sources):
        at = f"managed_clusters: sources[{number}]"
        if not isinstance(source, dict) or set(source) - SOURCE:
            raise AnsibleParserError(f"{at} is {source!r}; must be a mapping of {', '.join(sorted(SOURCE))}")
        if source.get("cloud") not in known:
            raise AnsibleParserError(f"{at}.cloud is {source.get('cloud')!r}; must be {' or '.join(known)}")
        if not isinstance(source.get("locations"), list) or not source["locations"]:
            raise AnsibleParserError(f"{at}.locations must be a list of locations, like [eu-west-1]")
    return list(sources)


def host_variables(cluster: Cluster, auth: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return what role ``cluster`` needs to reach it, and all that is known of it."""
    group = {"cluster_resource_group": cluster["resource_group"]} if cluster.get("resource_group") else {}
    return {
        **group,
        "cluster_provider": cluster["cloud"],
        "cluster_name": cluster["name"],
        "cluster_region": cluster["location"],
        "cluster_account": cluster["account"],
        "cluster_auth": auth,
        "cluster_managed": False,
        "managed_cluster": cluster,
    }
