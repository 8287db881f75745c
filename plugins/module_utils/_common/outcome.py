# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How work ends: a result, or a failed result that says in one sentence why there is none."""

from __future__ import annotations

import traceback
import typing as t

from .errors import PlatformError

Result = dict[str, t.Any]


def outcome(work: t.Callable[[], Result], passing: tuple[type[Exception], ...] = ()) -> Result:
    """Return what the work returns, or the failed result. Exceptions of the ``passing`` classes pass through."""
    try:
        return work()
    except PlatformError as error:
        return failed(error)
    except passing:
        raise
    except Exception as error:
        return failed(unexpected(error))


def failed(error: PlatformError) -> Result:
    changed = bool(error.details.get("changed", False))
    return {"failed": True, "changed": changed, "msg": str(error), "failure": error.as_failure()}


def unexpected(error: Exception) -> PlatformError:
    """Return a fault of ours as a sentence; the place is kept for the report, the traceback is not shown."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return PlatformError(
        f"unexpected {type(error).__name__} at {place}: {error}.",
        kind="unclassified",
        remedy="This is a defect of the collection: please report it with this line.",
        details={"exception": type(error).__name__, "at": place},
    )


def leave(module: t.Any, work: t.Callable[[], Result]) -> t.NoReturn:
    """End an ``AnsibleModule`` with the outcome of the work."""
    result = outcome(work)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
    raise SystemExit(0)
