# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run on one screen: per cluster and layer what there is and what changed, then what to type next."""

from __future__ import annotations

DOCUMENTATION = r"""
name: layer_summary
type: aggregate
author: Seaworthy founders (@seaworthy)
version_added: 0.1.0
short_description: Show objects, changes and seconds per cluster and layer, and the next command
description:
  - After the recap, one line per host and layer with the number of objects, how many changed, and the seconds
    it took; a layer that failed says so.
  - Then the next command to type. Values of C(--extra-vars) are not repeated.
  - A run that found everything as wished ends with one line.
  - It works beside any output callback and prints nothing for playbooks without a layer of this collection.
requirements:
  - Enable it with C(callbacks_enabled = seaworthy.platform.layer_summary) in C(ansible.cfg), or with the
    environment variable E(ANSIBLE_CALLBACKS_ENABLED).
"""

EXAMPLES = r"""
# ansible.cfg
# [defaults]
# callbacks_enabled = seaworthy.platform.layer_summary
#
# prod-eu-1  base          23 objects   0 changed   0.4s
# prod-eu-1  certificates  41 objects  41 changed   38s
# next, to see that nothing is left: ansible-playbook -i inventories/aws seaworthy.platform.site --check --diff
"""

import dataclasses
import os
import shlex
import sys
import time
import typing as t

from ansible import context
from ansible.plugins.callback import CallbackBase

from ..module_utils._common.progress import duration

CHANGES = ("created", "configured", "recreated", "pruned", "removed")
CHECK_FLAGS = ("-C", "--check", "-D", "--diff", "-CD", "-DC")


@dataclasses.dataclass
class Row:
    """One layer on one host. ``objects`` and ``changed`` are counts, ``seconds`` the time of its tasks."""

    host: str
    layer: str
    objects: int = 0
    changed: int = 0
    seconds: float = 0.0
    failed: bool = False


def count_set(result: t.Mapping[str, t.Any]) -> tuple[str, int, int]:
    """Return layer, objects and changes of an ``apply_set`` result."""
    summary = result.get("summary") or {}
    changed = sum(int(summary.get(name) or 0) for name in CHANGES)
    return str(result.get("set") or ""), int(summary.get("total") or 0), changed


def count_one(result: t.Mapping[str, t.Any]) -> tuple[str, int, int]:
    """Return the same of a module that manages one thing; its layer is its role."""
    return "", 1, int(bool(result.get("changed")))


COUNTS: t.Final[dict[str, t.Callable[[t.Mapping[str, t.Any]], tuple[str, int, int]]]] = {
    "seaworthy.platform.apply_set": count_set,
    "seaworthy.platform.cluster_identity": count_one,
    "seaworthy.platform.cluster_network": count_one,
    "seaworthy.platform.eks_cluster": count_one,
    "seaworthy.platform.aks_cluster": count_one,
    "seaworthy.platform.gke_cluster": count_one,
}


def lines(rows: t.Sequence[Row], argv: t.Sequence[str], *, check: bool) -> list[str]:
    """Return what is shown; ``argv`` is the command as it was typed."""
    if not rows:
        return []
    if not any(row.changed or row.failed for row in rows):
        hosts = len({row.host for row in rows})
        total = sum(row.objects for row in rows)
        where = f"on {hosts} {_plural('cluster', hosts)}"
        return [f"all as wished: {len(rows)} {_plural('layer', len(rows))}, {total} {_plural('object', total)} {where}"]
    word = "to change" if check else "changed"
    cells = [
        (row.host, row.layer, f"{row.objects} {_plural('object', row.objects)}",
         "failed" if row.failed else f"{row.changed} {word}", _time(row.seconds))
        for row in rows
    ]  # fmt: skip
    widths = [max(len(cell[column]) for cell in cells) for column in range(4)]
    table = [
        f"{host:<{widths[0]}}  {layer:<{widths[1]}}  {objects:>{widths[2]}}  {changed:>{widths[3]}}  {seconds:>6}"
        for host, layer, objects, changed, seconds in cells
    ]
    return [*table, following(rows, argv, check=check)]


def following(rows: t.Sequence[Row], argv: t.Sequence[str], *, check: bool) -> str:
    """Return the next command to type, and why."""
    typed = _without_values([os.path.basename(argv[0]), *argv[1:]])
    failed = list(dict.fromkeys(row.host for row in rows if row.failed))
    if failed:
        again = [*_without(typed, "-l", "--limit"), "--limit", ",".join(failed)]
        return f"next, when that is mended (what is done stays done): {shlex.join(again)}"
    plain = [word for word in typed if word not in CHECK_FLAGS]
    if check:
        return f"next, to do it: {shlex.join(plain)}"
    return f"next, to see that nothing is left: {shlex.join([*plain, '--check', '--diff'])}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _time(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 10 else duration(seconds)


def _without_values(argv: t.Sequence[str]) -> list[str]:
    """Return the command with an ellipsis for extra variables, unless they name a file: they may be secret."""
    kept: list[str] = []
    for word in argv:
        if kept and kept[-1] in ("-e", "--extra-vars"):
            kept.append(word if word.startswith("@") else "...")
        elif word.startswith("--extra-vars=") or word.startswith("-e") and len(word) > 2:
            kept += ["-e", "..."]
        else:
            kept.append(word)
    return kept


def _without(argv: t.Sequence[str], *flags: str) -> list[str]:
    """Return the command without these flags and their values."""
    kept: list[str] = []
    skip = False
    for word in argv:
        if not skip and word not in flags and not word.startswith(tuple(f"{flag}=" for flag in flags)):
            kept.append(word)
        skip = not skip and word in flags
    return kept


def _of(result: t.Any, name: str) -> t.Any:
    """Return a field of a task result; cores before 2.19 know it by a private name only."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Collects, and speaks once."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "seaworthy.platform.layer_summary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display: t.Any = None, options: t.Any = None) -> None:
        super().__init__(display=display, options=options)
        self._rows: dict[tuple[str, str], Row] = {}
        self._started: dict[tuple[str, str], float] = {}
        self._hosts: dict[str, int] = {}

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._hosts.setdefault(host.get_name(), len(self._hosts))
        self._started[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._take(result, failed=False)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._take(result, failed=not ignore_errors)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        # Hosts end a task in any order; they start it in that of the inventory.
        rows = sorted(self._rows.values(), key=lambda row: self._hosts.get(row.host, len(self._hosts)))
        for line in lines(rows, sys.argv, check=bool(context.CLIARGS.get("check"))):
            self._display.display(line)

    def _take(self, result: t.Any, *, failed: bool) -> None:
        task, host = _of(result, "task"), _of(result, "host").get_name()
        count = COUNTS.get(str(getattr(task, "resolved_action", None) or task.action))
        if count is None:
            return
        data = _of(result, "result")
        began = self._started.pop((host, task._uuid), None)
        for one in data.get("results") or [data]:
            layer, objects, changed = count(one)
            layer = layer or self._layer_of(task)
            row = self._rows.setdefault((host, layer), Row(host, layer))
            row.objects, row.changed = row.objects + objects, row.changed + changed
            row.failed = row.failed or failed
        row.seconds += time.monotonic() - began if began is not None else 0.0

    @staticmethod
    def _layer_of(task: t.Any) -> str:
        """Return the set's or cluster's name that the task was given, else the role that it stands in."""
        role = getattr(task, "_role", None)
        if role is not None:
            return str(role.get_name(include_role_fqcn=False)).replace("_", "-")  # as its set of objects is called
        return str(task.args.get("name") or task.get_name())
