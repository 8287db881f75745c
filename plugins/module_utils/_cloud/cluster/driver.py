# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every cloud's driver does alike: know who we are, ask again where that helps, start an action."""

from __future__ import annotations

import abc
import typing as t

from ..._common.clock import Deadline
from ..._common.errors import PlatformError
from ..._common.progress import Progress
from ..reconcile.actions import Action, Handle
from ..reconcile.execute import Look
from ..reconcile.wait import Retries, retrying
from .observed import Document, Observed
from .spec import Place, Spec

T = t.TypeVar("T")


class ClusterDriver(abc.ABC):
    """Requests of one run. Reads go out in parallel; a read that is denied makes its part unknown, never absent."""

    patience: t.ClassVar[t.Mapping[str, str]]
    """What is said while a request is tried again, by cause."""

    def __init__(self) -> None:
        self.retries = Retries()
        self.account = ""
        self._deadline: Deadline | None = None
        self._progress: Progress | None = None

    def begin(self, deadline: Deadline, progress: Progress) -> None:
        """Check who we are, before anything else is read. Raises PlatformError, kind "wrong_account"."""
        self._deadline, self._progress = deadline, progress
        self.account = self.retrying(self.identify)

    @abc.abstractmethod
    def identify(self) -> str:
        """Return the account, subscription or project that we work in."""

    @abc.abstractmethod
    def cluster(self) -> Document | None:
        """Return the cluster's own document; None where there is none."""

    @abc.abstractmethod
    def observe(self, spec: Spec, *, suspicious: bool = False) -> Observed: ...

    @abc.abstractmethod
    def start(self, action: Action) -> Handle | None:
        """Send the request of an action; None if it is done at once."""

    @abc.abstractmethod
    def look(self, handle: Handle) -> Look: ...

    def retrying(self, work: t.Callable[[], T]) -> T:
        if self._deadline is None:
            raise RuntimeError("begin comes first: nothing is read before we know who we are")
        return retrying(work, self._deadline, self.retries, self._notice)

    def _notice(self, error: PlatformError) -> None:
        if self._progress is not None and self._deadline is not None:
            reason = self.patience.get(error.details.get("retry") or error.kind, error.kind)
            self._progress.waiting("WAITING", reason, self._deadline)

    def submit(self, action: Action) -> Handle | None:
        """Start an action. A change that is already there, or a deletion of what is already gone, is done."""
        if action.waits_for is not None:
            return action.waits_for
        try:
            return self.start(action)
        except PlatformError as error:
            gone = action.verb == "delete" and error.kind == "not_found"
            if gone or error.details.get("retry") == "already":
                return None
            raise


def moved_meanwhile(place: Place, action: Action) -> PlatformError:
    """Return the conflict that makes a run plan anew: what it would change is not as it was when it was read."""
    return PlatformError(
        f"{place.subject}: {action.target} was changed by somebody else since it was read.",
        kind="conflict",
        remedy="Run again.",
    )


def unless_missing(work: t.Callable[[], T]) -> T | None:
    """Return the answer, None if there is no such thing."""
    try:
        return work()
    except PlatformError as error:
        if error.kind == "not_found":
            return None
        raise


class Parts:
    """Reads of which each may be denied; what was denied is remembered."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()

    def allowed(self, part: str, work: t.Callable[[], T], otherwise: T) -> T:
        try:
            return work()
        except PlatformError as error:
            if error.kind != "permission":
                raise
            self.unknown.add(part)
            return otherwise
