# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of single values of GKE. Each returns what the value must be, or an empty string if it already is."""

from __future__ import annotations

import re
import typing as t

from ..rules import matches

OWNER_LABEL = "seaworthy-owner"
PROTECTION_LABEL = "seaworthy-deletion-protection"
POOL_LABEL = "seaworthy-pool"
OURS = {
    OWNER_LABEL: "which is ours: set owner instead",
    PROTECTION_LABEL: "which is ours: set deletion_protection instead",
    POOL_LABEL: "which says of a replacement which pool it stands for",
}

LABEL_KEY = r"[a-z][a-z0-9_-]{0,62}"
LABEL_VALUE = r"[a-z0-9_-]{0,63}"

cluster_name = matches(
    r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?",
    "1 to 40 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
)
pool_name = cluster_name
project = matches(
    r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]", "the id of a Google Cloud project (not its number or title)"
)
location = matches(
    r"[a-z]+-[a-z]+[0-9]+(-[a-z])?", "a Google Cloud region or zone, like europe-west1 or europe-west1-b"
)
zone = matches(r"[a-z]+-[a-z]+[0-9]+-[a-z]", "a Google Cloud zone, like europe-west1-b")
email = matches(r"[^\s@]+@[^\s@]+\.[^\s@]+", "an e-mail address, like name@project.iam.gserviceaccount.com")
service_account = matches(r"default|[^\s@]+@[^\s@]+\.[^\s@]+", "the e-mail address of a service account")
network = matches(
    r"(projects/[^\s/]+/(global|regions/[^\s/]+)/(networks|subnetworks)/)?[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "the name of a network or subnetwork, or its path that begins with projects/",
)
range_name = matches(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "the name of a secondary range of the subnetwork")
machine_type = matches(r"[a-z0-9]+-[a-z0-9-]+", "a machine type, like e2-standard-4")
kms_key = matches(
    r"|projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+",
    "the path of a key (projects/P/locations/L/keyRings/R/cryptoKeys/K), or an empty text for none",
)
owner = matches(r"[a-z0-9._-]{1,63}", "1 to 63 lower-case letters, digits and . - _")
network_tag = matches(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "a network tag: lower-case letters, digits and hyphens")
CLOCK_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
moment = matches(MOMENT, 'a moment in RFC 3339, like "2026-12-24T00:00:00Z"')


def version(value: str) -> str:
    if re.fullmatch(r"1\.[2-9][0-9](\.[0-9]+(-gke\.[0-9]+)?)?", value):
        return ""
    return 'a Kubernetes version: a minor like "1.36", or an exact one like "1.36.1-gke.1207000"'


def window(value: t.Mapping[str, str]) -> str:
    """GKE SetMaintenancePolicy: every day from a time of day, or a window that recurs as RFC 5545 says."""
    if not value:
        return ""
    unknown = sorted(set(value) - {"start", "end", "recurrence"})
    if unknown:
        return f"made of start, end and recurrence ({unknown[0]} is none of them)"
    if set(value) == {"start"}:
        return "" if re.fullmatch(CLOCK_TIME, value["start"]) else 'a start like "03:00" (UTC), where it is daily'
    if set(value) != {"start", "end", "recurrence"}:
        return "start alone for every day, or start, end and recurrence together"
    wrong = moment(value["start"]) or moment(value["end"])
    if wrong:
        return f"a window whose start and end are each {wrong}"
    return "" if value["recurrence"].startswith("FREQ=") else "a recurrence of RFC 5545, like FREQ=WEEKLY;BYDAY=SA,SU"


def labels(value: t.Mapping[str, str]) -> str:
    """GKE SetLabels: at most 64 labels of lower-case letters, digits, hyphens and underscores."""
    if len(value) > 61:
        return "at most 61 labels (three more are ours)"
    for key, text in value.items():
        if key in OURS:
            return f"without {key}, {OURS[key]}"
        if not re.fullmatch(LABEL_KEY, key) or key.startswith("goog"):
            return f"keyed by lower-case letters, digits, - and _, not beginning with goog ({key!r} does not fit)"
        if not re.fullmatch(LABEL_VALUE, text):
            return f"made of at most 63 lower-case letters, digits, - and _ (that of {key} does not fit)"
    return ""
