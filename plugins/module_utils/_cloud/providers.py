# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds that there are: for each its tables, its driver and its tokens."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .aws import token as aws_token
from .aws.session import AwsSession
from .aws.session import load as load_aws
from .azure import token as azure_token
from .azure.session import AzureSession
from .azure.session import load as load_azure
from .cluster.aks.cloud import AKS
from .cluster.aks.driver import AksDriver
from .cluster.cloud import Cloud
from .cluster.driver import ClusterDriver
from .cluster.eks.cloud import EKS
from .cluster.eks.driver import EksDriver
from .cluster.eks.reader import EksReader
from .cluster.gke.cloud import GKE
from .cluster.gke.driver import GkeDriver
from .cluster.gke.reader import GkeReader
from .cluster.info import ClusterReader
from .cluster.spec import Place
from .google import token as google_token
from .google.session import GoogleSession
from .google.session import load as load_google
from .token import Mint


@dataclasses.dataclass(frozen=True)
class Provider:
    """``driver``, ``mint`` and ``reader`` import the cloud's SDK when called, and only then; ``load`` does so ahead."""

    cloud: Cloud
    driver: t.Callable[[Place], ClusterDriver]
    mint: t.Callable[[Place], Mint]
    load: t.Callable[[], str]
    reader: t.Callable[[Place], ClusterReader] | None = None
    """Reads clusters for info modules and the inventory; None where those do not know the cloud."""


def eks_driver(place: Place) -> ClusterDriver:
    return EksDriver(AwsSession(place))


def eks_mint(place: Place) -> Mint:
    return functools.partial(aws_token.mint, AwsSession(place), place.name)


def eks_reader(place: Place) -> ClusterReader:
    return EksReader(AwsSession(place))


def gke_driver(place: Place) -> ClusterDriver:
    return GkeDriver(GoogleSession(place))


def gke_mint(place: Place) -> Mint:
    return functools.partial(google_token.mint, GoogleSession(place))


def gke_reader(place: Place) -> ClusterReader:
    return GkeReader(GoogleSession(place))


def aks_driver(place: Place) -> ClusterDriver:
    return AksDriver(AzureSession(place))


def aks_mint(place: Place) -> Mint:
    return functools.partial(azure_token.mint, AzureSession(place))


PROVIDERS: dict[str, Provider] = {
    "eks": Provider(EKS, eks_driver, eks_mint, load_aws, eks_reader),
    "aks": Provider(AKS, aks_driver, aks_mint, load_azure),
    "gke": Provider(GKE, gke_driver, gke_mint, load_google, gke_reader),
}
