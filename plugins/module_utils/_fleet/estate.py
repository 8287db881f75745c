# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters and environments, as the inventory tells them, become an ``Estate``."""

from __future__ import annotations

import typing as t

from .compiled.secrets import BACKENDS
from .faults import Fault, FleetFaults, shown
from .model import Cluster, Estate
from .read import Reader
from .shapes import Field, Group, ListOf, MapOf, Text
from .source import Document
from .table import NAME

SOURCE = "inventory"
IDENTITIES = ("keycloak", "entra", "cognito", "google")
PROVIDERS = ("eks", "aks", "gke", "kubeconfig")
IDENTITY_OF = {"aks": "entra"}
"""The identity provider of a cluster's tools, where the inventory names none; elsewhere Keycloak."""

SHAPE = Group(
    (
        Field("environments", ListOf(NAME, 1), "The environments in their order of promotion.", required=True),
        Field(
            "clusters",
            MapOf(
                Group(
                    (
                        Field("provider", Text("a provider", choices=PROVIDERS), "Its provider.", required=True),
                        Field("environments", ListOf(NAME, 1), "What it holds namespaces of.", required=True),
                        Field("identity", Text("an identity provider", choices=IDENTITIES), "Who knows its users."),
                        Field("group_prefix", Text(), "What its API puts before each group.", default=""),
                        Field("domain", Text(), "Its DNS domain.", default=""),
                        Field(
                            "secret_stores",
                            MapOf(MapOf(Text()), Text("a backend", choices=tuple(BACKENDS))),
                            "What SecretStores need, by backend.",
                            default={},
                        ),
                    )
                ),
                Text("the name of a cluster"),
            ),
            "The clusters by name.",
            required=True,
        ),
    )
)


def estate_of(environments: t.Any, clusters: t.Any) -> Estate:
    """Return the estate of an ordered list of environments and a map of clusters. Raises ``FleetFaults``."""
    reader = Reader(Document(SOURCE, {"environments": environments, "clusters": clusters}))
    values = reader.read(SHAPE)
    faults = reader.faults or [*_strangers(values), *_bare_stores(values)]
    if faults:
        raise FleetFaults(faults)
    return Estate(
        tuple(values["environments"]),
        tuple(_cluster(name, values["clusters"][name]) for name in sorted(values["clusters"])),
    )


def _strangers(values: t.Mapping[str, t.Any]) -> t.Iterator[Fault]:
    known = values["environments"]
    for name, entry in values["clusters"].items():
        for environment in entry["environments"]:
            if environment not in known:
                remedy = f"must be one of platform_environments ({', '.join(known)}); add it there in its order"
                yield Fault(SOURCE, 0, f"environment of cluster {name}", shown(environment), remedy)


def _bare_stores(values: t.Mapping[str, t.Any]) -> t.Iterator[Fault]:
    for name, entry in values["clusters"].items():
        for backend, facts in entry["secret_stores"].items():
            for fact in BACKENDS[backend].needs:
                if fact not in facts:
                    remedy = f"give it: a store of {backend} needs {', '.join(BACKENDS[backend].needs)}"
                    yield Fault(SOURCE, 0, f"secret_stores.{backend}.{fact} of cluster {name}", "missing", remedy)


def _cluster(name: str, entry: t.Mapping[str, t.Any]) -> Cluster:
    return Cluster(
        name=name,
        provider=entry["provider"],
        environments=tuple(entry["environments"]),
        identity=entry["identity"] or IDENTITY_OF.get(entry["provider"], "keycloak"),
        group_prefix=entry["group_prefix"],
        domain=entry["domain"],
        secret_stores=entry["secret_stores"],
    )
