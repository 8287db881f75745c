# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that runs in the worker process, with its progress shown live.

A module's output reaches the terminal only when it ends. So where the connection is local, a wing runs inside
the worker, whose ``Display`` prints at once (in a controller's job output too). On any other connection, or
under ``async``, the module of the same name runs the same wing, silently.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._common.argspec import ArgumentSpec
from ..module_utils._common.outcome import outcome
from ..module_utils._common.progress import Progress

Result = dict[str, t.Any]

display = Display()


def plain(value: t.Any) -> t.Any:
    """Return the same data as bare Python types: no tagged strings, no lazy containers."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, t.Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def live(subject: str) -> Progress:
    """Return a progress whose lines appear on the terminal at once; ``-v`` shows each poll."""
    return Progress(subject, display.display, verbose=display.verbosity >= 1)


@dataclasses.dataclass(frozen=True)
class Request:
    """One task: its options, typed and with defaults, and how it was asked."""

    options: dict[str, t.Any]
    task_vars: t.Mapping[str, t.Any]
    check_mode: bool
    diff: bool
    progress: t.Callable[[str], Progress] = live


class InProcessAction(ActionBase):  # type: ignore[misc]
    """Base of an action that hands typed options to a wing.

    A subclass names its ``ARGUMENTS`` and its ``MODULE`` (FQCN) and writes ``perform``. ``prepare`` sees the raw
    arguments first, on every connection, and may refuse them with every fault at once. ``module_args`` returns
    what the module gets where the work cannot be done here.
    """

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = True

    ARGUMENTS: t.ClassVar[ArgumentSpec]
    MODULE: t.ClassVar[str]

    def prepare(self, raw: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> None:
        """Refuse what is wrong before anything runs; the arguments are plain data."""

    def perform(self, request: Request) -> Result:
        raise NotImplementedError

    def module_args(self, raw: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return raw

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        variables = task_vars or {}
        result.update(outcome(lambda: self._dispatch(variables), passing=(AnsibleError,)))
        return result

    def _dispatch(self, task_vars: dict[str, t.Any]) -> Result:
        raw = plain(self._task.args)
        self.prepare(raw, task_vars)
        if self._task.async_val or not self._is_local():
            return self._run_module(raw, task_vars)
        keywords = self.ARGUMENTS.keywords()
        options = self.validate_argument_spec(**keywords)[1]
        check_mode, diff = bool(self._task.check_mode), bool(self._task.diff)
        return self.perform(Request(plain(options), task_vars, check_mode, diff))

    def _is_local(self) -> bool:
        return bool(self._connection.transport == "local")

    def _run_module(self, raw: dict[str, t.Any], task_vars: dict[str, t.Any]) -> Result:
        module_result: Result = self._execute_module(
            module_name=self.MODULE,
            module_args=self.module_args(raw, task_vars),
            task_vars=task_vars,
            wrap_async=self._task.async_val,
        )
        return module_result
