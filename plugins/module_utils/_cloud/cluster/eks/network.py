# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be refused of the network of an EKS cluster before the first write. Pure."""

from __future__ import annotations

import typing as t

from ...._common.errors import PlatformError
from .. import rules
from ..observed import Document, Observed
from ..options import get_path
from ..spec import Spec


def refuse_network(spec: Spec, observed: Observed) -> None:
    """Subnets were read only because they are about to be used."""
    if observed.subnets is None:
        return
    for path, wanted in wanted_subnets(spec):
        lost = [subnet for subnet in wanted if subnet not in observed.subnets]
        if lost:
            raise PlatformError(
                f"{path} names {', '.join(lost)}, which account {observed.account} does not have in "
                f"{spec.place.location}.",
                kind="not_found",
                remedy="Correct the id, the region or the account.",
            )
    refuse_few_zones(spec, observed.subnets)
    refuse_empty_zones(spec, observed)
    refuse_service_range(spec, observed)


def wanted_subnets(spec: Spec) -> list[tuple[str, t.Sequence[str]]]:
    """Return the subnets that are named, by the path that names them, without those that are only planned."""
    own = [(f"{spec.label}network.subnets", spec.fields.get("network.subnets") or [])]
    pools = [
        (f"{spec.label}node_pools.{name}.subnets", pool.fields.get("subnets") or [])
        for name, pool in (spec.pools or {}).items()
        if not pool.absent
    ]
    return [(path, [name for name in wanted if not rules.planned(name)]) for path, wanted in own + pools]


def refuse_few_zones(spec: Spec, subnets: t.Mapping[str, Document]) -> None:
    wanted = spec.fields.get("network.subnets") or []
    if rules.planned(wanted):
        return  # the zones of what the same run makes first are not known yet
    zones = {subnets[subnet].get("AvailabilityZone") for subnet in wanted}
    if wanted and len(zones) < 2:
        raise PlatformError(
            f"{spec.label}network.subnets are all in {zones.pop()}; EKS wants at least two zones.",
            kind="invalid",
            remedy="Add a subnet of another zone.",
        )


def refuse_empty_zones(spec: Spec, observed: Observed) -> None:
    """A pool's zones are those of the cluster's subnets."""
    there = get_path(observed.cluster or {}, "resourcesVpcConfig.subnetIds") or []
    ours = spec.fields.get("network.subnets") or there
    if rules.planned(ours):
        return
    zones = {str((observed.subnets or {}).get(subnet, {}).get("AvailabilityZone")) for subnet in ours}
    for name, pool in (spec.pools or {}).items():
        lost = sorted(set(pool.fields.get("zones") or ()) - zones)
        if lost:
            raise PlatformError(
                f"{spec.label}node_pools.{name}.zones names {', '.join(lost)}, where the cluster has no subnet; "
                f"it has some in {', '.join(sorted(zones))}.",
                kind="invalid",
                remedy="Choose among these, or give the pool subnets of its own.",
            )


def refuse_service_range(spec: Spec, observed: Observed) -> None:
    service = spec.fields.get("network.service_cidr")
    taken = [text for text in observed.vpc_ranges if service and rules.overlap(service, text)]
    if taken:
        free = rules.free_service_cidr([*observed.vpc_ranges, *(spec.options.get("network.routed_cidrs") or ())])
        raise PlatformError(
            f"{spec.label}network.service_cidr {service} overlaps the VPC's range {taken[0]}.",
            kind="invalid",
            remedy=f"Choose a range apart from it{f', like {free}' if free else ''}.",
        )
