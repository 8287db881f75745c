# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values are spelt in the GKE API. Documents have the proto's own names; what is false or zero may be left out."""

from __future__ import annotations

import datetime
import typing as t

from .. import compare
from ..options import Codec, get_path

CONTROL_PLANE_LOGS = {"api": "APISERVER", "controllerManager": "CONTROLLER_MANAGER", "scheduler": "SCHEDULER"}
ALWAYS_LOGGED = "audit"
LOG_TYPES = (*sorted((*CONTROL_PLANE_LOGS, ALWAYS_LOGGED)),)
CHANNELS = ("rapid", "regular", "stable", "extended", "none")
SCOPES = ("no_upgrades", "no_minor_upgrades", "no_minor_or_node_upgrades")
Json = dict[str, t.Any]


def short(name: str | None) -> str:
    """Return the last part of a path: the service writes names where people write paths, and the other way round."""
    return (name or "").rpartition("/")[2]


def same_name(observed: t.Any, desired: t.Any) -> bool:
    return short(observed) == short(desired)


def same_names(observed: t.Any, desired: t.Any) -> bool:
    return [short(name) for name in observed or ()] == [short(name) for name in desired]


def same_logs(observed: t.Any, desired: t.Any) -> bool:
    """Audit logs are always written, so naming them or not is the same."""
    return set(observed) - {ALWAYS_LOGGED} == set(desired) - {ALWAYS_LOGGED}


def same_ranges(observed: t.Any, desired: t.Any) -> bool:
    """Nobody allowed (an empty list) and nobody kept out (None) are opposites here."""
    return observed is not None and compare.as_ranges(observed, desired)


def _read_networks(config: t.Any) -> list[str] | None:
    if not config or not config.get("enabled"):
        return None
    return sorted(block["cidr_block"] for block in config.get("cidr_blocks", ()))


def _write_networks(ranges: list[str]) -> Json:
    return {"enabled": True, "cidr_blocks": [{"cidr_block": text} for text in sorted(ranges)]}


def _read_logs(components: t.Any) -> list[str]:
    return sorted(name for name, component in CONTROL_PLANE_LOGS.items() if component in (components or ()))


def _read_key(encryption: t.Any) -> str:
    found = encryption or {}
    return str(found.get("key_name", "")) if found.get("state", "DECRYPTED") not in ("DECRYPTED", "UNKNOWN") else ""


def _write_key(key: str) -> Json:
    return {"state": "ENCRYPTED", "key_name": key} if key else {"state": "DECRYPTED"}


def _read_channel(channel: t.Any) -> str:
    return str(channel or "UNSPECIFIED").lower().replace("unspecified", "none")


def _read_window(window: t.Any) -> dict[str, str]:
    daily, recurring = get_path(window, "daily_maintenance_window"), get_path(window, "recurring_window")
    if daily:
        return {"start": daily["start_time"]}
    if not recurring:
        return {}
    times = recurring.get("window", {})
    return {"start": times["start_time"], "end": times["end_time"], "recurrence": recurring.get("recurrence", "")}


def write_window(window: t.Mapping[str, str]) -> Json:
    """Return the two members of a MaintenanceWindow of which at most one is set."""
    if not window:
        return {}
    if "recurrence" not in window:
        return {"daily_maintenance_window": {"start_time": window["start"]}}
    times = {"start_time": window["start"], "end_time": window["end"]}
    return {"recurring_window": {"window": times, "recurrence": window["recurrence"]}}


def same_window(observed: t.Any, desired: t.Any) -> bool:
    return {name: _instant(text) for name, text in observed.items()} == {
        name: _instant(text) for name, text in desired.items()
    }


def _instant(text: str) -> t.Any:
    """Return a moment as one, however it is written; any other text as it is."""
    try:
        return datetime.datetime.fromisoformat(text) if "T" in text and not text.startswith("FREQ") else text
    except ValueError:
        return text


def _read_exclusions(exclusions: t.Any) -> dict[str, dict[str, str]]:
    return {name: _read_exclusion(found) for name, found in sorted((exclusions or {}).items())}


def _read_exclusion(found: t.Any) -> dict[str, str]:
    scope = get_path(found, "maintenance_exclusion_options.scope") or "NO_UPGRADES"
    return {"start": found["start_time"], "end": found["end_time"], "scope": scope.lower()}


def write_exclusions(exclusions: t.Mapping[str, t.Mapping[str, str]]) -> Json:
    return {
        name: {
            "start_time": found["start"],
            "end_time": found["end"],
            "maintenance_exclusion_options": {"scope": (found.get("scope") or SCOPES[0]).upper()},
        }
        for name, found in exclusions.items()
    }


def same_exclusions(observed: t.Any, desired: t.Any) -> bool:
    wanted = {name: {"scope": SCOPES[0], **found} for name, found in desired.items()}
    return observed.keys() == wanted.keys() and all(same_window(observed[name], wanted[name]) for name in wanted)


def zones_of(pool: t.Mapping[str, t.Any]) -> int:
    return len(pool.get("locations") or ()) or 1


def _total(per_zone: str, total: str) -> t.Callable[[t.Any], int]:
    """Read a bound of the whole pool, of a pool that may have it per zone."""

    def read(pool: t.Any) -> int:
        bounds = pool.get("autoscaling") or {}
        return int(bounds.get(total) or bounds.get(per_zone, 0) * zones_of(pool))

    return read


def _written(value: t.Any) -> t.Any:
    return value


def one(value: t.Any) -> list[str]:
    return [value] if value else []


AUTO = Codec(lambda enabled: "auto" if enabled else "standard", lambda mode: mode == "auto")
CHANNEL = Codec(_read_channel, lambda channel: channel.upper().replace("NONE", "UNSPECIFIED"))
SUPPORT = Codec(
    lambda channel: "extended" if channel == "EXTENDED" else "standard",
    lambda support: "EXTENDED" if support == "extended" else "REGULAR",
)
STACK = Codec(
    lambda stack: "dual" if stack == "IPV4_IPV6" else "ipv4", lambda family: "IPV4_IPV6" if family == "dual" else "IPV4"
)
DATAPATH = Codec(
    lambda provider: "dataplane_v2" if provider == "ADVANCED_DATAPATH" else "none",
    lambda engine: "ADVANCED_DATAPATH" if engine == "dataplane_v2" else "LEGACY_DATAPATH",
)
NETWORKS = Codec(_read_networks, _write_networks)
LOGGING = Codec(_read_logs, _written)
KEY = Codec(_read_key, _write_key)
FILLED = Codec(bool, _written)
GROUP = Codec(
    lambda found: (found or {}).get("security_group", "") if (found or {}).get("enabled") else "",
    lambda group: {"enabled": True, "security_group": group} if group else {"enabled": False},
)
ENABLED = Codec(lambda enabled: "present" if enabled else "absent", lambda state: state == "present")
NOT_DISABLED = Codec(lambda disabled: "absent" if disabled else "present", lambda state: state != "present")
WINDOW = Codec(_read_window, write_window)
EXCLUSIONS = Codec(_read_exclusions, write_exclusions)
ONE = Codec(one, lambda names: names[0])
TEXT = Codec(lambda value: value or "", _written)
SECONDS = Codec(lambda text: int(float((text or "0s").removesuffix("s"))), lambda seconds: f"{seconds}s")
NUMBER = Codec(lambda value: int(value or 0), _written)
METADATA = Codec(lambda mode: mode == "GKE_METADATA", lambda on: "GKE_METADATA" if on else "GCE_METADATA")
SIZE = Codec(lambda pool: pool.get("initial_node_count", 0) * zones_of(pool), _written)
LEAST = Codec(_total("min_node_count", "total_min_node_count"), _written)
MOST = Codec(_total("max_node_count", "total_max_node_count"), _written)
GPU_TYPE = Codec(lambda found: found[0].get("accelerator_type", "") if found else "", _written)
GPU_COUNT = Codec(lambda found: int(found[0].get("accelerator_count", 0)) if found else 0, _written)
