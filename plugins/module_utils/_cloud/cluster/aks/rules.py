# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of single values of AKS. Each returns what the value must be, or an empty string if it already is."""

from __future__ import annotations

import re
import typing as t

from ..rules import matches

OWNER_TAG = "seaworthy-owner"
POOL_TAG = "seaworthy-pool"
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
RESERVED = ("microsoft", "azure", "windows", "aks-managed-", "hidden-", "ms-resource-usage")
"""Beginnings of tag names that are Azure's own. Source: Azure resource tags, limitations; what AKS writes itself."""

cluster_name = matches(
    r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?",
    "1 to 63 letters, digits, hyphens and underscores, beginning and ending with a letter or digit",
)
pool_name = matches(r"[a-z][a-z0-9]{0,11}", "1 to 12 lower-case letters and digits, beginning with a letter")
resource_group = matches(r"[\w().-]{0,89}[\w()-]", "1 to 90 letters, digits and . _ - ( ), not ending with a full stop")
subscription = matches(GUID, "the id of an Azure subscription, a GUID")
object_id = matches(GUID, "the object id of a Microsoft Entra group, a GUID")
tenant = matches(rf"{GUID}|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "the id or a domain of a Microsoft Entra tenant")
client = matches(GUID, "the client id of an application or identity, a GUID")
location = matches(r"[a-z]+[a-z0-9]*", "the name of an Azure location, like westeurope")
authority = matches(r"(https://)?[A-Za-z0-9.-]+(:[0-9]+)?/?", "the host of a Microsoft Entra authority")
https_url = matches(r"https://[^\s/]+(/\S*)?", "an https URL")
zone = matches(r"[1-9]", 'the number of an availability zone, in quotes: "1"')
vm_size = matches(r"(Standard|Basic)_[A-Za-z0-9_-]+", "an Azure VM size, like Standard_D4s_v5")
owner = matches(r"[A-Za-z0-9 ._:/=+@-]{1,256}", "1 to 256 letters, digits, spaces and . _ : / = + @ -")
kms_key = matches(
    r"|https://[a-z0-9-]+\.vault\.[a-z.]+/keys/[A-Za-z0-9-]+(/[0-9a-f]{32})?",
    "the URL of a key (https://VAULT.vault.azure.net/keys/NAME/VERSION), or an empty text for none",
)
private_zone = matches(r"system|none|/subscriptions/\S+", "system, none, or the resource id of a private DNS zone")
CLOCK_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
day = matches(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", 'a day, like "2026-12-24"')


def resource(kind: str) -> t.Callable[[str], str]:
    """Return a rule: the text is the id of a resource of a kind, like Microsoft.Network/virtualNetworks/subnets."""
    provider, *types = kind.split("/")
    below = "".join(f"/{name}/[^/\\s]+" for name in types)
    pattern = re.compile(rf"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/{provider}{below}", re.IGNORECASE)
    said = f"the resource id of a {types[-1].removesuffix('s')} (/subscriptions/.../providers/{provider}/...)"
    return lambda value: "" if pattern.fullmatch(value) else said


subnet = resource("Microsoft.Network/virtualNetworks/subnets")
identity = resource("Microsoft.ManagedIdentity/userAssignedIdentities")
workspace = resource("Microsoft.OperationalInsights/workspaces")


def version(value: str) -> str:
    if re.fullmatch(r"1\.[2-9][0-9](\.[0-9]+)?", value):
        return ""
    return 'a Kubernetes version: a minor like "1.36", or an exact one like "1.36.2"'


def window(value: t.Mapping[str, str]) -> str:
    """AKS MaintenanceWindow: every day or one day a week, from a time of day in UTC, for 4 to 24 hours."""
    if not value:
        return ""
    unknown = sorted(set(value) - {"start", "hours", "day"})
    if unknown:
        return f"made of start, hours and day ({unknown[0]} is none of them)"
    if not re.fullmatch(CLOCK_TIME, value.get("start", "")):
        return 'a window with a start like "03:00" (UTC)'
    if not re.fullmatch(r"[4-9]|1[0-9]|2[0-4]", value.get("hours", "4")):
        return 'a window of 4 to 24 hours, as text: hours: "4"'
    if value.get("day", DAYS[0]) not in DAYS:
        return "a window on a day of the week, like Saturday, or without day for every day"
    return ""


def tags(value: t.Mapping[str, str]) -> str:
    """Azure resource tags: at most 50, names of 512 and values of 256 characters, some characters and names apart."""
    if len(value) > 49:
        return "at most 49 tags (one more is the ownership tag)"
    for key, text in value.items():
        if key.lower() == OWNER_TAG:
            return f"without {OWNER_TAG}, which is the ownership tag: set owner instead"
        if key.lower() == POOL_TAG:
            return f"without {POOL_TAG}, which says of a replacement which pool it stands for"
        if not re.fullmatch(r"[^<>%&\\?/]{1,512}", key) or key.lower().startswith(RESERVED):
            return f"keyed by 1 to 512 characters, none of <>%&\\?/, and not Azure's own ({key[:40]!r} does not fit)"
        if len(text) > 256:
            return f"made of values of at most 256 characters (that of {key} is longer)"
    return ""
