# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as ratios: ours and its peer take turns in one run, medians are compared."""

from __future__ import annotations

import dataclasses
import statistics
import time
import typing as t

Work = t.Callable[[], object]


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: two medians of the same metric, and ours divided by the peer's."""

    name: str
    metric: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    runs: int


def seconds(work: Work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def take_turns(contenders: t.Mapping[str, Work], runs: int, show: t.Callable[[str], None]) -> dict[str, float]:
    """Return the median seconds of each contender; all run once per round, so that a busy minute hits them alike.

    One more round comes first and is not counted: it warms what the operating system caches.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(runs + 1):
        for name, work in contenders.items():
            spent = seconds(work)
            if turn:
                taken[name].append(spent)
        show(f"round {turn} of {runs}: " + ", ".join(f"{n} {v[-1]:.2f} s" for n, v in taken.items() if v))
    return {name: statistics.median(values) for name, values in taken.items()}


def compare(name: str, metric: str, ours: float, peer: float, peer_name: str, runs: int) -> Row:
    return Row(name, metric, round(ours, 3), round(peer, 3), peer_name, round(ours / peer, 3) if peer else 0.0, runs)


def table(rows: t.Sequence[Row]) -> str:
    """Return the rows as aligned text."""
    head = ("what", "metric", "ours", "peer", "ratio", "peer is")
    body = [(r.name, r.metric, f"{r.ours:g}", f"{r.peer:g}", f"{r.ratio:g}", r.peer_name) for r in rows]
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (head, *body)]
    return "\n".join(line.rstrip() for line in lines)
