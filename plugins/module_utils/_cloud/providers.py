# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds that there are: for each its tables, its driver and its tokens, imported when it is first asked for.

A play names one cloud and would otherwise compile three: Ansible keeps no bytecode of collections.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .cluster.cloud import Cloud
from .cluster.driver import ClusterDriver
from .cluster.info import ClusterReader
from .cluster.spec import Place
from .token import Mint


@dataclasses.dataclass(frozen=True)
class Provider:
    """``driver``, ``mint`` and ``reader`` import the cloud's SDK when called, and only then; ``load`` does so ahead."""

    cloud: Cloud
    driver: t.Callable[[Place], ClusterDriver]
    mint: t.Callable[[Place], Mint]
    load: t.Callable[[], str]
    reader: t.Callable[[Place], ClusterReader]
    """Reads clusters for info modules and the inventory."""


def eks() -> Provider:
    from .aws import session, token
    from .cluster.eks.cloud import EKS
    from .cluster.eks.driver import EksDriver
    from .cluster.eks.reader import EksReader

    def mint(place: Place) -> Mint:
        return functools.partial(token.mint, session.AwsSession(place), place.name)

    return Provider(
        EKS,
        lambda place: EksDriver(session.AwsSession(place)),
        mint,
        session.load,
        lambda place: EksReader(session.AwsSession(place)),
    )


def aks() -> Provider:
    from .azure import session, token
    from .cluster.aks.cloud import AKS
    from .cluster.aks.driver import AksDriver
    from .cluster.aks.reader import AksReader

    def mint(place: Place) -> Mint:
        return functools.partial(token.mint, session.AzureSession(place))

    return Provider(
        AKS,
        lambda place: AksDriver(session.AzureSession(place)),
        mint,
        session.load,
        lambda place: AksReader(session.AzureSession(place)),
    )


def gke() -> Provider:
    from .cluster.gke.cloud import GKE
    from .cluster.gke.driver import GkeDriver
    from .cluster.gke.reader import GkeReader
    from .google import session, token

    def mint(place: Place) -> Mint:
        return functools.partial(token.mint, session.GoogleSession(place))

    return Provider(
        GKE,
        lambda place: GkeDriver(session.GoogleSession(place)),
        mint,
        session.load,
        lambda place: GkeReader(session.GoogleSession(place)),
    )


class Providers(t.Mapping[str, Provider]):
    """The table by name. Names cost nothing; an entry imports its cloud, once."""

    def __init__(self, makers: t.Mapping[str, t.Callable[[], Provider]]) -> None:
        self._makers = {name: functools.cache(maker) for name, maker in makers.items()}

    def __getitem__(self, name: str) -> Provider:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


PROVIDERS = Providers({"eks": eks, "aks": aks, "gke": gke})
