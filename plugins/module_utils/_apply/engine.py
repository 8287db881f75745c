# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set, converged: look, decide, ask, write what differs, wait. The rooms beside this one do each of it."""

from __future__ import annotations

import pathlib

from .._common.clock import Clock
from .._common.credentials import CredentialSource
from .._common.errors import PlatformError
from .._common.progress import Progress, silent
from . import files
from .absent import removed
from .converge import Convergence
from .inspect import told
from .release import released
from .report import Entry, filed
from .run import DRIFT_CHECKS, ON_FOREIGN, STATES, Run, SetRequest, Source

__all__ = ["DRIFT_CHECKS", "ON_FOREIGN", "STATES", "SetRequest", "Source", "apply_set", "inspect_set", "write_set"]


def apply_set(
    request: SetRequest,
    credentials: CredentialSource | None,
    *,
    check_mode: bool,
    diff: bool,
    progress: Progress,
    clock: Clock,
) -> Entry:
    """Converge one set on one cluster and return what happened, at most 64 KB and without any secret value.

    ``credentials`` None means that the cluster does not exist yet: then check mode tells what would be created,
    and a run is refused. Raises ``PlatformError``; after a failed write its details hold what was done.
    """
    looking = check_mode or request.state == "verified"
    run = Run(request, check_mode=looking, diff=diff, progress=progress, clock=clock)
    try:
        if request.state == "external":
            return {"changed": False, "set": request.name, "state": "external", "objects": []}
        if credentials is None:
            return Convergence(run).imagined()
        if request.state == "absent":
            return removed(run, credentials)
        if request.state == "released":
            return released(run, credentials)
        return Convergence(run).converged(credentials)
    except PlatformError as error:
        raise run.redacted(error) from error


def inspect_set(
    request: SetRequest, credentials: CredentialSource | None, *, diff: bool, progress: Progress, clock: Clock
) -> Entry:
    """Look at one set on one cluster: what a run would do, what that would disturb, and how far each object is.

    Sends no write. Raises ``PlatformError`` for input that ``apply_set`` would refuse as well.
    """
    run = Run(request, check_mode=True, diff=diff, progress=progress, clock=clock)
    try:
        convergence = Convergence(run)
        result = convergence.imagined() if credentials is None else convergence.converged(credentials)
        return told(run, result)
    except PlatformError as error:
        raise run.redacted(error) from error


def write_set(request: SetRequest, folder: pathlib.Path, *, check_mode: bool, diff: bool, clock: Clock) -> Entry:
    """Write one set as files below a folder, and take away those of the set that left it. No cluster is asked."""
    run = Run(request, check_mode=check_mode, diff=diff, progress=silent(request.name), clock=clock)
    try:
        wanted = files.rendered(request.name, Convergence(run).desired())
        rows = files.changes(wanted, files.present(folder, request.name, wanted))
        if not check_mode:
            files.write(folder, rows)
        return filed(request.name, len(wanted), rows, diff)
    except PlatformError as error:
        raise run.redacted(error) from error
