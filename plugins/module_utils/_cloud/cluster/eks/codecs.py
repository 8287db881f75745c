# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values are spelt in the EKS API."""

from __future__ import annotations

import typing as t

from ..options import Codec

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def read_logging(setups: t.Any) -> list[str]:
    return sorted(name for setup in setups or () if setup.get("enabled") for name in setup.get("types", ()))


def write_logging(enabled: list[str]) -> list[dict[str, t.Any]]:
    """The API changes only the types that it is told about, so the others are switched off by name."""
    off = [name for name in LOG_TYPES if name not in enabled]
    setups = [{"types": sorted(enabled), "enabled": True}, {"types": off, "enabled": False}]
    return [setup for setup in setups if setup["types"]]


ACCESS_MODES = ("config_map", "api_and_config_map", "api")


def is_forward(observed: t.Any, desired: t.Any) -> bool:
    return ACCESS_MODES.index(observed) <= ACCESS_MODES.index(desired)


def read_encryption(found: t.Any) -> str | None:
    """Return the key of the first configuration; the API allows one."""
    return next((row.get("provider", {}).get("keyArn") for row in found or ()), None)


def write_encryption(key: str) -> list[dict[str, t.Any]]:
    return [{"resources": ["secrets"], "provider": {"keyArn": key}}]


ACCESS_MODE = Codec(lambda value: (value or "CONFIG_MAP").lower(), lambda value: value.upper())
ENCRYPTION = Codec(read_encryption, write_encryption)
MODE = Codec(lambda value: "auto" if value else "standard", lambda value: value == "auto")
STRATEGY = Codec(lambda value: (value or "DEFAULT").lower(), lambda value: value.upper())
ZONES = Codec(lambda pool: pool.get("zones"), lambda value: value)
LOGGING = Codec(read_logging, write_logging)
SUPPORT = Codec(lambda value: (value or "EXTENDED").lower(), lambda value: value.upper())
SPOT = Codec(lambda value: value == "SPOT", lambda value: "SPOT" if value else "ON_DEMAND")
FAMILY = Codec(lambda value: value or "ipv4", lambda value: value)
