# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of EKS judge: a call, and what they refuse it with.

E* are the rows of the rule catalogue (research/cloud-clusters.md section 3); V* are what any request must
satisfy to be valid at all.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...faults import Faults
from .. import rules
from ..aws.account import AccountView
from ..aws.protocol import Json, Problem
from .store import Cluster, Pool, Record, Store


@dataclasses.dataclass(frozen=True)
class Refusal:
    """An error answer: a code of the model, the text, and the members it fills in (``clusterName``, ...)."""

    code: str
    message: str
    members: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Call:
    """One request on its way through the twin.

    ``problems`` come from the model. ``draft`` is what the operation is about to store or answer; a
    shape rule may change it and ``takes``, the seconds until the operation's work is done. ``replay`` is
    the earlier answer to the very same request; ``failure`` the code and text with which its work will end.
    ``installs`` names what the service puts into a new cluster (``furniture``).
    ``part`` is the add-on, access entry or provider whose tags are meant.
    """

    operation: str
    params: Json
    problems: t.Sequence[Problem]
    declared: frozenset[str]
    account: AccountView
    faults: Faults
    limits: t.Mapping[str, int]
    cluster: Cluster | None = None
    pool: Pool | None = None
    part: Record | None = None
    installs: tuple[str, ...] = ()
    draft: Record = dataclasses.field(default_factory=dict)
    takes: float = 0.0
    replay: Record | None = None
    failure: tuple[str, str] | None = None

    def invalid(self, message: str, **members: t.Any) -> Refusal:
        """Refuse with the code that this operation declares for a bad request."""
        ranked = ("InvalidParameterException", "BadRequestException", "InvalidRequestException", "ClientException")
        code = next((c for c in ranked if c in self.declared), "InvalidParameterException")
        return Refusal(code, message, {**self.names(), **members})

    def names(self) -> dict[str, str]:
        """Return the members by which errors name what they are about."""
        found = {
            "clusterName": self.cluster.name if self.cluster else self.params.get("clusterName", ""),
            "nodegroupName": self.pool.name if self.pool else self.params.get("nodegroupName", ""),
        }
        return {name: value for name, value in found.items() if value}


Rule: t.TypeAlias = rules.Rule[Store, Call, Refusal]
Table: t.TypeAlias = rules.Table[Store, Call, Refusal]
