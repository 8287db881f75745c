# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules and actions of this wing do with their options."""

from __future__ import annotations

import typing as t

from .._common.argspec import ArgumentSpec
from .._common.clock import Clock, SystemClock
from .._common.errors import PlatformError
from .._common.progress import Progress, silent
from .access import cloud_credentials, find_cluster
from .cluster.aks.cloud import AKS
from .cluster.converge import converge_cluster
from .cluster.eks.cloud import EKS
from .cluster.gke.cloud import GKE
from .cluster.info import read_clusters
from .cluster.options import argument_options
from .cluster.places import any_place, any_place_options
from .cluster.rules import planned
from .cluster.spec import Place, parse_scope, parse_spec, scope_arguments, spec_arguments, spec_options
from .kubeconfig import document, publish
from .providers import PROVIDERS

Result = dict[str, t.Any]
Options = t.Mapping[str, t.Any]

EKS_CLUSTER = ArgumentSpec(spec_arguments(EKS))
AKS_CLUSTER = ArgumentSpec(spec_arguments(AKS))
GKE_CLUSTER = ArgumentSpec(spec_arguments(GKE))
EKS_CLUSTER_INFO = ArgumentSpec(scope_arguments(EKS))
AKS_CLUSTER_INFO = ArgumentSpec(scope_arguments(AKS))
GKE_CLUSTER_INFO = ArgumentSpec(scope_arguments(GKE))
CLUSTER_CREDENTIALS = ArgumentSpec(
    {
        **argument_options(any_place_options([provider.cloud for provider in PROVIDERS.values()])),
        "provider": {"type": "str", "choices": list(PROVIDERS), "default": "eks"},
        "path": {"type": "path"},
    }
)
NO_PLACE = ("provider", "path")


def managed_cluster(
    provider: str,
    options: Options,
    *,
    check_mode: bool,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Result:
    """Bring one cluster of a cloud to the desired state and return the uniform result."""
    spec = parse_spec(PROVIDERS[provider].cloud, options)
    if not check_mode:
        refuse_planned(spec.place.subject, options)
    return converge_cluster(
        PROVIDERS[provider].driver(spec.place),
        spec,
        check_mode=check_mode,
        progress=progress or silent(spec.place.subject),
        clock=clock or SystemClock(),
    )


def refuse_planned(subject: str, options: Options) -> None:
    """References to what does not exist yet have a meaning in check mode only."""
    names = sorted(set(planned(options)))
    if names:
        raise PlatformError(
            f"{subject}: {', '.join(names)} does not exist yet.",
            kind="not_found",
            remedy="Run what makes it first (role foundation); only check mode plans with what is not there.",
        )


def cluster_info(provider: str, options: Options, *, clock: Clock | None = None) -> Result:
    """Return what there is to know of one cluster, or of all of an account in a location. It never writes."""
    return {"changed": False, "clusters": clusters_in(parse_scope(PROVIDERS[provider].cloud, options), clock=clock)}


def clusters_in(scope: Place, *, clock: Clock | None = None) -> list[Result]:
    """Return the uniform ``cluster`` values of a scope, each with ``upgrade``. Raises PlatformError."""
    provider = PROVIDERS[scope.cloud]
    progress = silent(scope.subject)
    return read_clusters(provider.reader(scope), provider.cloud, scope, clock=clock or SystemClock(), progress=progress)


def scope_of(cloud: str, source: Options) -> Place:
    """Return the clusters that an inventory source means: ``location``, ``account`` and ``auth``."""
    found = PROVIDERS[cloud].cloud
    place = found.place_document({"name": None, "account": "", "auth": {}, **source})
    return parse_scope(found, place, label="sources: ")


def check_document(provider: str, raw: Options) -> None:
    """Refuse a task's arguments as they were written, before Ansible coerces them, with every fault at once.

    A template gives a number as text on cores before 2.19, so the text of a number passes where the option itself
    (not something within a map) is one.
    """
    cloud = PROVIDERS[provider].cloud
    numeric = {row.path for row in spec_options(cloud) if row.type in ("int", "float")}
    parse_spec(cloud, {name: _number(value) if name in numeric else value for name, value in raw.items()})


def _number(value: t.Any) -> t.Any:
    if not isinstance(value, str):
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


def cluster_credentials(options: Options, *, check_mode: bool) -> Result:
    """Return how to reach a cluster, and write a kubeconfig file where a path is given. Never the token itself."""
    cloud = PROVIDERS[options["provider"]].cloud
    place = any_place(cloud, {name: value for name, value in options.items() if name not in NO_PLACE})
    cluster = find_cluster(place)
    found = {
        "exists": bool(cluster["exists"]),
        "endpoint": cluster.get("endpoint", ""),
        "ca": "",
        "expires_at": None,
        "path": options.get("path") or "",
    }
    if not found["endpoint"]:
        return _nothing_yet(place.subject, found, check_mode)
    source = cloud_credentials({**platform_cluster(cluster), "auth": place.auth})
    credentials = source()
    found.update(ca=credentials.ca_data, expires_at=int(credentials.expires_at or 0))
    changed = bool(found["path"]) and publish(str(found["path"]), document(place.name, credentials), check_mode)
    return {"changed": changed, **found}


def platform_cluster(cluster: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the part of a ``platform_cluster`` value that the uniform ``cluster`` value tells."""
    return {
        "provider": cluster["cloud"],
        "name": cluster["name"],
        "location": cluster["location"],
        "account": cluster["account"],
        "resource_group": cluster.get("resource_group", ""),
        "endpoint": cluster.get("endpoint", ""),
        "ca": cluster.get("ca", ""),
        "exists": cluster["exists"],
        "version": cluster.get("version", ""),
    }


def _nothing_yet(subject: str, found: Result, check_mode: bool) -> Result:
    if check_mode:
        return {"changed": bool(found["path"]), **found}
    raise PlatformError(
        f"{subject} {'has no endpoint yet' if found['exists'] else 'does not exist'}.",
        kind="not_found",
        remedy="Create it first, or correct name, region and account.",
    )
