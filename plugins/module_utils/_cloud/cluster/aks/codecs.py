# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values are spelt in the AKS API. What is not there is read as what AKS then does."""

from __future__ import annotations

import typing as t

from .. import compare
from ..options import Codec, get_path

LOGS = {
    "api": "kube-apiserver",
    "audit": "kube-audit",
    "authenticator": "guard",
    "controllerManager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
}
LOG_TYPES = tuple(LOGS)
SETTING = "seaworthy"
"""Name of our diagnostic setting; others' are their own."""
LOCK = "seaworthy-deletion-protection"
CHANNELS = ("rapid", "stable", "patch", "node-image", "none")
NODE_CHANNELS = {"none": "None", "unmanaged": "Unmanaged", "node_image": "NodeImage", "security_patch": "SecurityPatch"}
OUTBOUND = {
    "load_balancer": "loadBalancer",
    "nat_gateway": "managedNATGateway",
    "user_nat_gateway": "userAssignedNATGateway",
    "routing": "userDefinedRouting",
    "none": "none",
}
EVERYBODY = "0.0.0.0/0"
"""What no restriction is called here; in the API it is an empty list."""
IMAGES = ("Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux", "AzureLinux3")
Json = dict[str, t.Any]


def same_name(observed: t.Any, desired: t.Any) -> bool:
    """Azure's ids, locations and names come back in other letters than they went."""
    return str(observed or "").lower() == str(desired).lower()


def same_names(observed: t.Any, desired: t.Any) -> bool:
    return {str(name).lower() for name in observed or ()} == {str(name).lower() for name in desired}


def choices(spellings: t.Mapping[str, str], otherwise: str) -> Codec:
    """Return a codec of words; what the API does not say, or says in no word of ours, is as it says."""
    words = {spelling.lower(): word for word, spelling in spellings.items()}
    return Codec(
        lambda found: words.get(str(found or otherwise).lower(), str(found)),
        lambda word: spellings[word],
    )


def _read_logs(settings: t.Any) -> list[str]:
    logs = get_path(settings, f"{SETTING}.logs") or ()
    written = {row.get("category") for row in logs if row.get("enabled")}
    return sorted(name for name, category in LOGS.items() if category in written)


def _read_lock(locks: t.Any) -> bool:
    """Others may have locks of their own there: those are theirs, and Azure heeds them."""
    return bool(get_path(locks, f"{LOCK}.level") == "CanNotDelete")


def _read_window(window: t.Any) -> dict[str, str]:
    if not window:
        return {}
    weekday = get_path(window, "schedule.weekly.dayOfWeek")
    found = {"start": str(window.get("startTime", "")), "hours": str(window.get("durationHours", ""))}
    return {**found, "day": weekday} if weekday else found


def write_window(window: t.Mapping[str, str]) -> Json:
    weekly = {"weekly": {"intervalWeeks": 1, "dayOfWeek": window.get("day")}}
    return {
        "schedule": weekly if window.get("day") else {"daily": {"intervalDays": 1}},
        "durationHours": int(window.get("hours", "4")),
        "utcOffset": "+00:00",
        "startTime": window["start"],
    }


def same_window(observed: t.Any, desired: t.Any) -> bool:
    wanted = {"hours": "4", **desired} if desired else {}
    return bool(observed == wanted)


def _read_dates(dates: t.Any) -> dict[str, dict[str, str]]:
    """Azure keeps no names: each span is called by its first day."""
    return {str(span["start"]): {"start": str(span["start"]), "end": str(span["end"])} for span in dates or ()}


def write_dates(exclusions: t.Mapping[str, t.Mapping[str, str]]) -> list[Json]:
    spans = ({"start": span["start"], "end": span["end"]} for span in exclusions.values())
    return sorted(spans, key=lambda span: (span["start"], span["end"]))


def same_dates(observed: t.Any, desired: t.Any) -> bool:
    return write_dates(observed) == write_dates(desired)


def read_taints(texts: t.Any) -> list[compare.Taint]:
    """Read "key=value:Effect"; the value may be missing, with its equals sign or without."""
    return sorted((_taint(text) for text in texts or ()), key=lambda taint: (taint["key"], taint["effect"]))


def _taint(text: str) -> compare.Taint:
    pair, _colon, effect = text.rpartition(":")
    key, _equals, value = pair.partition("=")
    return {"key": key, "value": value, "effect": effect}


def write_taints(taints: t.Iterable[t.Mapping[str, str]]) -> list[str]:
    return [f"{taint['key']}={taint.get('value') or ''}:{taint['effect']}" for taint in taints]


def _written(value: t.Any) -> t.Any:
    return value


def _share(text: t.Any) -> int | None:
    return int(str(text)[:-1]) if str(text or "").endswith("%") else None


def _count(text: t.Any) -> int | None:
    return int(text) if text is not None and str(text).isdecimal() else None


AUTO = Codec(
    lambda name: "auto" if name == "Automatic" else "standard", lambda mode: "Automatic" if mode == "auto" else "Base"
)
TIER = choices({"free": "Free", "standard": "Standard", "premium": "Premium"}, "Free")
SUPPORT = choices({"standard": "KubernetesOfficial", "extended": "AKSLongTermSupport"}, "KubernetesOfficial")
FAMILIES = Codec(
    lambda found: "dual" if len(found or ()) > 1 else "ipv4",
    lambda family: ["IPv4", "IPv6"] if family == "dual" else ["IPv4"],
)
NOT = Codec(lambda value: not value, lambda value: not value)
NETWORKS = Codec(
    lambda ranges: sorted(ranges or [EVERYBODY]), lambda ranges: [] if ranges == [EVERYBODY] else sorted(ranges)
)
ENGINE = Codec(lambda policy: policy or "none", _written)
OUTBOUND_TYPE = choices(OUTBOUND, "loadBalancer")
KEY = Codec(
    lambda kms: str(kms.get("keyId") or "") if kms and kms.get("enabled") else "",
    lambda key: {"enabled": True, "keyId": key, "keyVaultNetworkAccess": "Public"} if key else {"enabled": False},
)
IDENTITY = Codec(
    lambda found: next(iter((found or {}).get("userAssignedIdentities") or ()), ""),
    lambda name: {"type": "UserAssigned", "userAssignedIdentities": {name: {}}},
)
CHANNEL = Codec(lambda channel: channel or "none", _written)
NODE_CHANNEL = choices(NODE_CHANNELS, "None")
LOGGING = Codec(_read_logs, _written)
LOCKED = Codec(_read_lock, _written)
WINDOW = Codec(_read_window, write_window)
DATES = Codec(_read_dates, write_dates)
ENABLED = Codec(lambda enabled: "present" if enabled else "absent", lambda state: state == "present")
ONE = Codec(lambda value: [value] if value else [], lambda names: names[0])
NUMBER = Codec(lambda value: None if value is None else int(value), _written)
MODE = choices({"system": "System", "user": "User"}, "User")
TAINTS = Codec(read_taints, write_taints)
COUNT = Codec(_count, str)
SHARE = Codec(_share, lambda value: f"{value}%")
SPOT = Codec(lambda priority: priority == "Spot", lambda spot: "Spot" if spot else "Regular")
DISK = choices({"managed": "Managed", "ephemeral": "Ephemeral"}, "Managed")
DRIVER = choices({"install": "Install", "none": "None"}, "Install")
