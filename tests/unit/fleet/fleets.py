# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets to test with: a small one, what a fixture lays over it, and the example of the collection.

A fixture is a text of several files: a line ``--- PATH`` before each; a file without a line is taken away.
"""

from __future__ import annotations

import datetime
import pathlib
import re
import typing as t

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.check import check
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.estate import estate_of
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.load import load, read_folder
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.model import Estate, Fleet

HERE = pathlib.Path(__file__).parent
EXAMPLE = HERE.parents[2] / "examples" / "fleet"
TODAY = datetime.date(2026, 11, 25)
Files = dict[str, str]

SMALL = estate_of(
    ["dev", "prod"],
    {
        "dev-1": {"provider": "kubeconfig", "environments": ["dev"]},
        "prod-1": {"provider": "eks", "environments": ["prod"]},
        "prod-2": {"provider": "gke", "environments": ["prod"]},
    },
)
STORE = {"region": "eu-west-1", "identity": "arn:aws:iam::111122223333:role/secrets-{team}"}
HARBOUR = estate_of(
    ["dev", "staging", "prod"],
    {
        "demo": {
            "provider": "eks",
            "environments": ["dev", "staging", "prod"],
            "domain": "demo.seaworthy.test",
            "secret_stores": {"aws-secrets-manager": STORE},
        },
        "demo-aks": {"provider": "aks", "environments": ["dev", "staging", "prod"]},
        "demo-gke": {"provider": "gke", "environments": ["dev", "staging", "prod"]},
    },
)


def base() -> Files:
    return read_folder(HERE / "base")


def overlaid(files: Files, fixture: str) -> Files:
    parts = re.split(r"(?m)^--- (\S+)\n", fixture)
    over = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: text for name, text in {**files, **over}.items() if text}


def checked(files: t.Mapping[str, str], estate: Estate) -> Fleet:
    fleet = load(files)
    check(fleet, estate, TODAY)
    return fleet


def example() -> Fleet:
    return checked(read_folder(EXAMPLE), HARBOUR)
