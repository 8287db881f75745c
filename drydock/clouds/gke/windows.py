# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a maintenance policy lets nodes be replaced."""

from __future__ import annotations

import datetime

from .protocol import Message

DAILY_HOURS = 4  # MaintenancePolicy: a daily window lasts four hours
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HORIZON = 400  # days; a window that does not open within them never does


def opening(policy: Message, now: datetime.datetime) -> datetime.datetime:
    """Return the moment from which on nodes may be replaced: ``now`` itself inside a window or without one."""
    starts, length = _window(policy.window, now)
    if length is None:
        return now
    for start in starts:
        if start + length > now and not _excluded(policy.window, max(start, now)):
            return max(start, now)
    return now + datetime.timedelta(days=HORIZON)


def _window(window: Message, now: datetime.datetime) -> tuple[list[datetime.datetime], datetime.timedelta | None]:
    """Return the starts of the coming windows, from yesterday's on, and their length."""
    if window.daily_maintenance_window.start_time:
        hour, minute = (int(part) for part in window.daily_maintenance_window.start_time.split(":"))
        return _days(now, datetime.time(hour, minute), DAYS), datetime.timedelta(hours=DAILY_HOURS)
    recurring = window.recurring_window
    if not recurring.recurrence:
        return [], None
    first = recurring.window.start_time.ToDatetime(datetime.UTC)
    length = recurring.window.end_time.ToDatetime(datetime.UTC) - first
    rule = dict(part.partition("=")[::2] for part in recurring.recurrence.removeprefix("RRULE:").split(";"))
    days = tuple(rule["BYDAY"].split(",")) if "BYDAY" in rule else DAYS
    return [start for start in _days(now, first.time(), days) if start >= first], length


def _days(now: datetime.datetime, at: datetime.time, days: tuple[str, ...]) -> list[datetime.datetime]:
    first = datetime.datetime.combine(now.date(), at, tzinfo=datetime.UTC) - datetime.timedelta(days=1)
    every = [first + datetime.timedelta(days=number) for number in range(HORIZON)]
    return [day for day in every if DAYS[day.weekday()] in days]


def _excluded(window: Message, moment: datetime.datetime) -> bool:
    spans = window.maintenance_exclusions.values()
    return any(
        span.start_time.ToDatetime(datetime.UTC) <= moment < span.end_time.ToDatetime(datetime.UTC) for span in spans
    )
