# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of the foundation: for each its options, its calls and its case of the loop on each cloud."""

from __future__ import annotations

import dataclasses
import typing as t

from .._common.argspec import ArgumentSpec
from .._common.clock import Clock, SystemClock
from .._common.progress import Progress, silent
from .aws.session import AwsSession
from .cluster.options import Option, argument_options
from .dns_zone import options as zone_options
from .dns_zone.aws import calls as zone_calls
from .dns_zone.aws.case import ZoneCase
from .dns_zone.aws.kinds import KINDS as ZONE_KINDS
from .foundation.aws import AwsParts
from .foundation.options import Base
from .foundation.parts import Kind
from .identity import options as identity_options
from .identity.aws import calls as identity_calls
from .identity.aws.case import IdentityCase
from .identity.aws.kinds import KINDS as IDENTITY_KINDS
from .network import options as network_options
from .network.aws import calls as network_calls
from .network.aws.case import NetworkCase
from .network.aws.existing import ExistingCase
from .network.aws.kinds import KINDS as NETWORK_KINDS
from .reconcile.converge import Case, converge

Result = dict[str, t.Any]
Calls = t.Mapping[str, t.Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Foundation:
    """``calls`` are the operations by phase, the whole of what may be sent."""

    noun: str
    options: tuple[Option, ...]
    parse: t.Callable[[t.Mapping[str, t.Any]], Base]
    kinds: tuple[Kind, ...]
    calls: Calls
    case: t.Callable[[AwsParts, Base], Case[t.Any]]

    def arguments(self) -> ArgumentSpec:
        return ArgumentSpec(argument_options(self.options))

    def driver(self, spec: Base) -> AwsParts:
        allowed = {call for calls in self.calls.values() for call in calls}
        return AwsParts(AwsSession(spec.place), spec.base, self.kinds, allowed)


def network_case(driver: AwsParts, spec: Base) -> Case[t.Any]:
    return ExistingCase(driver, spec) if "existing.network_id" in spec.values else NetworkCase(driver, spec)


FOUNDATIONS: dict[str, Foundation] = {
    "cluster_network": Foundation(
        "network",
        network_options.OPTIONS,
        network_options.parse_network,
        NETWORK_KINDS,
        network_calls.CALLS,
        network_case,
    ),
    "cluster_dns_zone": Foundation(
        "zone", zone_options.OPTIONS, zone_options.parse_zone, ZONE_KINDS, zone_calls.CALLS, ZoneCase
    ),
    "cluster_identity": Foundation(
        "identity",
        identity_options.OPTIONS,
        identity_options.parse_identity,
        IDENTITY_KINDS,
        identity_calls.CALLS,
        IdentityCase,
    ),
}


def converge_foundation(
    name: str,
    options: t.Mapping[str, t.Any],
    *,
    check_mode: bool,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Result:
    """Bring one document of the foundation about and return the uniform result."""
    row = FOUNDATIONS[name]
    spec = row.parse(options)
    return converge(
        row.case(row.driver(spec), spec),
        check_mode=check_mode,
        progress=progress or silent(spec.base),
        clock=clock or SystemClock(),
    )


def check_foundation(name: str, raw: t.Mapping[str, t.Any]) -> None:
    """Refuse a task's arguments as they were written, before Ansible coerces them, with every fault at once."""
    row = FOUNDATIONS[name]
    numeric = {option.path for option in row.options if option.type in ("int", "float") and "." not in option.path}
    row.parse({key: _number(value) if key in numeric else value for key, value in raw.items()})


def _number(value: t.Any) -> t.Any:
    if not isinstance(value, str):
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value
