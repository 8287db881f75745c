# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of one cluster. Pure: the reading is done by the cloud's driver."""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from .options import Field, get_path

Document = t.Mapping[str, t.Any]
CONTROL_PLANE = "control plane"


@dataclasses.dataclass(frozen=True)
class Update:
    """A piece of work in flight. ``params`` are the vendor's, values as texts."""

    id: str
    type: str
    params: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Observed:
    """The vendor's documents, verbatim.

    ``cluster`` is None where there is none. ``updates`` is keyed by target ("control plane", "pool general").
    ``versions`` and ``subnets`` are read only when a plan needs them, else None. ``unknown`` names what could
    not be read for want of a permission; that is never the same as absent. ``findings`` is what the cloud itself
    says stands in the way of an upgrade, None where nobody asked. ``parts`` holds what a cluster has by name beside
    its pools, by section ("addons"); a section that was not read is not in it. ``principal`` is who we are.
    """

    account: str
    cluster: Document | None = None
    pools: t.Mapping[str, Document] = dataclasses.field(default_factory=dict)
    updates: t.Mapping[str, Update] = dataclasses.field(default_factory=dict)
    versions: t.Mapping[str, Document] | None = None
    subnets: t.Mapping[str, Document] | None = None
    vpc_ranges: tuple[str, ...] = ()
    findings: tuple[Document, ...] | None = None
    parts: t.Mapping[str, t.Mapping[str, Document]] = dataclasses.field(default_factory=dict)
    principal: str = ""
    unknown: frozenset[str] = frozenset()

    @property
    def status(self) -> str:
        return str(self.cluster["status"]) if self.cluster else ""


def read_field(field: Field, document: Document) -> t.Any:
    """Return the value of a field; one without a path reads the whole document."""
    return field.codec.read(get_path(document, field.api) if field.api else document)


def pem(data: str) -> str:
    """Return the authority's certificate as PEM text."""
    return base64.b64decode(data).decode("ascii") if data else ""
