# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's teams as Flux objects: sources for each project, a Kustomization or HelmRelease for each release.

Each stands in its team's namespace and impersonates the deployer there. The order of app groups is ``dependsOn``.
Source of the fields: Flux's API reference of source, kustomize and helm controllers.
"""

from __future__ import annotations

import typing as t

from ..model import Fleet
from .namespaces import SERVICE_ACCOUNT
from .releases import Release
from .room import Files, Object
from .waves import Waves

INTERVAL = "5m"


def flux_files(fleet: Fleet, releases: t.Sequence[Release]) -> Files:
    waves = Waves(fleet, releases)
    return {
        f"flux/applications/{release.app.team}/{release.name}.yaml": tuple(_objects(release, waves))
        for release in releases
    }


def _objects(release: Release, waves: Waves) -> t.Iterator[Object]:
    first = [_reference(other) for other in waves.before(release)]
    build = _helm if release.app.source["chart"] else _kustomize
    yield from build(release, {"dependsOn": first} if first else {})


def _reference(other: Release) -> Object:
    return {"name": other.name, "namespace": other.room.namespace}


def _metadata(release: Release) -> Object:
    return {**release.room.metadata(release.name), "labels": release.room.labels}


def _kustomize(release: Release, order: Object) -> t.Iterator[Object]:
    source = release.app.source
    yield {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(release),
        "spec": {"interval": INTERVAL, "url": source["repo"], "ref": {"name": _ref(release.revision)}},
    }
    yield {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": _metadata(release),
        "spec": {
            "interval": INTERVAL,
            "path": f"./{source['path']}",
            "prune": True,
            "wait": True,
            "serviceAccountName": SERVICE_ACCOUNT,
            "targetNamespace": release.room.namespace,
            "sourceRef": {"kind": "GitRepository", "name": release.name},
            **order,
        },
    }


def _ref(revision: str) -> str:
    """Return the full name of a reference; Flux takes a branch, a tag or a full name by different keys."""
    if revision.startswith("refs/"):
        return revision
    return f"refs/tags/{revision}" if revision[0] == "v" and revision[1:2].isdigit() else f"refs/heads/{revision}"


def _helm(release: Release, order: Object) -> t.Iterator[Object]:
    source = release.app.source
    kind = {"type": "oci"} if source["repo"].startswith("oci://") else {}
    yield {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": _metadata(release),
        "spec": {"interval": INTERVAL, "url": source["repo"], **kind},
    }
    chart = {
        "chart": source["chart"],
        "version": release.revision,
        "sourceRef": {"kind": "HelmRepository", "name": release.name},
    }
    yield {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": _metadata(release),
        "spec": {
            "interval": INTERVAL,
            "releaseName": release.app.name,
            "targetNamespace": release.room.namespace,
            "serviceAccountName": SERVICE_ACCOUNT,
            "driftDetection": {"mode": "enabled"},
            "chart": {"spec": chart},
            **({"values": release.values} if release.values else {}),
            **order,
        },
    }
