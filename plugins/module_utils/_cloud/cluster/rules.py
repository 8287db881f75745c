# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of single values. Each returns what the value must be, or an empty string if it already is."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from .options import Rule

KUBERNETES_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
Network: t.TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def matches(pattern: str, requirement: str) -> Rule:
    """Return a rule: the whole text matches the pattern."""
    compiled = re.compile(pattern)
    return lambda value: "" if compiled.fullmatch(value) else requirement


PLANNED = "planned:"
"""Begins the reference to what the same run makes first: in check mode it stands for an id that is not known yet."""


def planned_or(rule: Rule) -> Rule:
    """Return a rule that takes such a reference too."""
    planned = re.compile(r"planned:[\w./-]+")
    return lambda value: "" if planned.fullmatch(value) else rule(value)


def planned(value: t.Any) -> list[str]:
    """Return the references anywhere in a value."""
    if isinstance(value, str):
        return [value] if value.startswith(PLANNED) else []
    inner = value.values() if isinstance(value, t.Mapping) else value if isinstance(value, (list, tuple)) else ()
    return [name for item in inner for name in planned(item)]


def at_least(least: float) -> Rule:
    return lambda value: "" if value >= least else f"at least {least:g}"


def between(least: int, most: int) -> Rule:
    return lambda value: "" if least <= value <= most else f"between {least} and {most}"


url = matches(r"https?://[^\s/]+(/\S*)?", "an http or https URL")


def cidr(value: str) -> str:
    """A range with no bit set outside its prefix."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return _why_not_cidr(value)
    return "" if "/" in value else f"a range with its prefix length: write {value}/32"


def _why_not_cidr(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "an IP range in CIDR notation, like 203.0.113.0/24"
    return f"a range without host bits: write {network}"


def overlap(one: str, other: str) -> bool:
    """Tell whether two legal ranges share an address."""
    first, second = ipaddress.ip_network(one), ipaddress.ip_network(other)
    return first.version == second.version and first.overlaps(second)


def free_service_cidr(taken: t.Iterable[str]) -> str:
    """Return a usual service range that none of the taken ranges touches, or an empty string."""
    ranges = list(taken)
    candidates = ("10.100.0.0/16", "172.20.0.0/16", *(f"10.{n}.0.0/16" for n in range(101, 255)))
    return next((text for text in candidates if not any(overlap(text, other) for other in ranges)), "")


def label_key(value: str) -> str:
    prefix, _slash, name = value.rpartition("/")
    fits = re.fullmatch(KUBERNETES_NAME, name) and len(prefix) <= 253
    if fits and (not prefix or re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", prefix)):
        return ""
    return "a Kubernetes label key, like team or example.com/team"


def label_value(value: str) -> str:
    if not value or re.fullmatch(KUBERNETES_NAME, value):
        return ""
    return "at most 63 letters, digits, dots, hyphens and underscores, beginning and ending with a letter or digit"


def labels(value: t.Mapping[str, str]) -> str:
    for key, text in value.items():
        if label_key(key):
            return f"keyed by Kubernetes label keys, like example.com/team: {key!r} is not one"
        if label_value(text):
            return f"made of Kubernetes label values: that of {key} must be {label_value(text)}"
    return ""
