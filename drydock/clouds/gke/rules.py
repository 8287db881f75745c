# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of GKE judge: a call, and what they refuse it with.

G* are the rows of the rule catalogue (research/cloud-clusters.md section 3); GV* are what any request must
satisfy to be valid at all.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ...faults import Faults
from ...identity.google_token import Bearer
from .. import rules
from .project import Project
from .protocol import Json, Message
from .store import Cluster, Job, Pool, Store, path_of


@dataclasses.dataclass(frozen=True)
class Refusal:
    """An error answer: the name of a google.rpc.Code, the text, and what ``details`` say beyond the request's id."""

    status: str
    message: str
    details: tuple[Json, ...] = ()


@dataclasses.dataclass(frozen=True)
class Place:
    """The resource that a request's address names; what it does not name is empty."""

    project: str
    location: str = ""
    cluster: str = ""
    pool: str = ""
    operation: str = ""


@dataclasses.dataclass
class Call:
    """One request on its way through the twin.

    ``problem`` is what the proto refuses. ``draft`` is the cluster that the operation is about to store, ``drafts``
    are pools, ``job`` is the operation it will answer with. Shape rules may change them, and ``takes``, the seconds
    until the work is done; ``waits``, the seconds until nodes follow; ``sizes``, the nodes of pools in all; and
    ``jobs``, what a listing answers. ``rolls`` says that nodes are replaced. ``failure`` is the code and text with
    which the work will end, ``condition`` whether the resource shows it. ``installs`` names what GKE puts into a new
    cluster.
    """

    operation: str
    request: Message
    problem: str
    place: Place
    bearer: Bearer
    project: Project | None
    faults: Faults
    today: datetime.datetime
    cluster: Cluster | None = None
    pool: Pool | None = None
    draft: Message = None
    drafts: list[Message] = dataclasses.field(default_factory=list)
    job: Job | None = None
    takes: float = 0.0
    waits: float = 0.0
    rolls: bool = False
    sizes: dict[str, int] = dataclasses.field(default_factory=dict)
    jobs: list[Job] = dataclasses.field(default_factory=list)
    failure: tuple[str, str] | None = None
    installs: tuple[str, ...] = ()
    condition: bool = False

    @property
    def here(self) -> Cluster:
        """The cluster that the request is about; only for operations that have found one."""
        assert self.cluster is not None
        return self.cluster

    @property
    def there(self) -> Pool:
        """The pool that the request is about; only for operations that have found one."""
        assert self.pool is not None
        return self.pool

    @property
    def home(self) -> Project:
        """The project, once it was admitted."""
        assert self.project is not None
        return self.project

    def path(self) -> str:
        """Return the name of the cluster as error texts write it."""
        return path_of(self.place.project, self.place.location, f"clusters/{self.place.cluster}")


Rule: t.TypeAlias = rules.Rule[Store, Call, Refusal]
Table: t.TypeAlias = rules.Table[Store, Call, Refusal]


def invalid(text: str) -> Refusal:
    return Refusal("INVALID_ARGUMENT", text)


def precondition(text: str) -> Refusal:
    return Refusal("FAILED_PRECONDITION", text)
