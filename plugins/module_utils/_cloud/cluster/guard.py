# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rails that a team sets for itself: what may cost money or open a door is warned of, or refused. Pure."""

from __future__ import annotations

import typing as t

from ..._common.errors import PlatformError
from . import rules
from .observed import Observed, read_field
from .options import Option
from .spec import Spec

LEVELS = ("allow", "warn", "deny")

GUARD_OPTIONS: tuple[Option, ...] = (
    Option(
        path="guard.max_nodes",
        type="int",
        rule=rules.at_least(0),
        doc=("Most nodes that all pools together may grow to; more is refused before any write.",),
    ),
    Option(
        path="guard.extended_support",
        type="str",
        choices=LEVELS,
        doc=("What happens where O(support=extended) may cost extra. Unset, it is warned of.",),
    ),
    Option(
        path="guard.public_without_cidrs",
        type="str",
        choices=LEVELS,
        doc=("What happens where the API server is open to everybody. Unset, it is warned of.",),
    ),
)


def refuse_unguarded(spec: Spec, observed: Observed) -> None:
    """Refuse what a rail denies, all of it at once."""
    denied = [said for name, said in _findings(spec, observed) if _level(spec, name) == "deny"]
    if denied:
        raise PlatformError(
            f"{spec.place.subject}: {'; '.join(denied)}; nothing was changed.",
            kind="protected",
            remedy=f"Change the document, or the rail in {spec.label}guard.",
        )


def guard_warnings(spec: Spec, observed: Observed) -> list[str]:
    if spec.absent or not any(row.path.startswith("guard.") for row in spec.cloud.cluster_options):
        return []
    return [f"{spec.place.subject}: {said}" for name, said in _findings(spec, observed) if _level(spec, name) == "warn"]


def _level(spec: Spec, name: str) -> str:
    return "deny" if name == "max_nodes" else str(spec.options.get(f"guard.{name}", "warn"))


def _findings(spec: Spec, observed: Observed) -> t.Iterator[tuple[str, str]]:
    most, limit = most_nodes(spec, observed), spec.options.get("guard.max_nodes")
    if limit is not None and most > limit:
        yield "max_nodes", f"the pools may grow to {most} nodes, {spec.label}guard.max_nodes is {limit}"
    if _value(spec, observed, "support") == "extended":
        yield "extended_support", "extended support is on, which costs extra once standard support of the version ends"
    if _is_open(spec, observed):
        yield "public_without_cidrs", f"the API server is open to everybody: narrow {spec.label}endpoint.allowed_cidrs"


def most_nodes(spec: Spec, observed: Observed) -> int:
    """Return how many nodes all pools together may have when the plan is done."""
    there = {name: spec.cloud.pool_limit(pool) for name, pool in observed.pools.items()}
    wanted = {
        name: 0 if pool.absent else spec.cloud.declared_limit(pool.fields, there.get(name, 0))
        for name, pool in (spec.pools or {}).items()
    }
    return sum({**there, **wanted}.values())


def _is_open(spec: Spec, observed: Observed) -> bool:
    cidrs = _value(spec, observed, "endpoint.allowed_cidrs")
    new = observed.cluster is None
    public = _value(spec, observed, "endpoint.public")
    return bool(public or (new and public is None)) and spec.cloud.is_open(cidrs, new)


def _value(spec: Spec, observed: Observed, path: str) -> t.Any:
    """Return what a field will be: declared, else as it is, else our default for a new cluster."""
    field = spec.cloud.field(path)
    if path in spec.fields:
        return spec.fields[path]
    return read_field(field, observed.cluster) if observed.cluster else field.create_default
