# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of all clouds' cluster modules share: a clock, documents changed and compared, the inventory."""

from __future__ import annotations

import copy
import os
import pathlib
import subprocess
import sys
import typing as t

import yaml

from drydock.harbour import Harbour
from tests.integration.harbours import ROOT

Json = dict[str, t.Any]


class TwinClock:
    """Seconds that pass in the twin when the wing sleeps, and nowhere else."""

    def __init__(self, harbour: Harbour) -> None:
        self._harbour = harbour
        self._moment = 0.0

    def now(self) -> float:
        return self._moment

    def sleep(self, seconds: float) -> None:
        self._moment += seconds
        self._harbour.clock.advance(seconds)


def changed(document: Json, path: str, value: t.Any) -> Json:
    """Return the document with the option at a dotted path set."""
    wanted = copy.deepcopy(document)
    place = wanted
    *parents, name = path.split(".")
    for parent in parents:
        place = place.setdefault(parent, {})
    place[name] = value
    return wanted


def shape(value: t.Any, without: t.Container[str], order: t.Callable[[t.Any], str] | None = None) -> t.Any:
    """Return a document without fields of these names at any depth, its lists in an order where one is given."""
    if isinstance(value, dict):
        return {name: shape(item, without, order) for name, item in value.items() if name not in without}
    if not isinstance(value, list):
        return value
    items = [shape(item, without, order) for item in value]
    return sorted(items, key=order) if order else items


def inventory(harbour: Harbour, folder: pathlib.Path, **options: t.Any) -> subprocess.CompletedProcess[str]:
    """Run the real ansible-inventory on a file of managed_clusters with these options."""
    path = folder / "managed_clusters.yml"
    wanted = {"plugin": "seaworthy.platform.managed_clusters", **options}
    path.write_text(yaml.safe_dump(wanted), encoding="utf-8")
    house = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        "ANSIBLE_NOCOLOR": "1",
    }
    program = pathlib.Path(sys.executable).with_name("ansible-inventory")
    return subprocess.run(
        [str(program), "-i", str(path), "--list"],
        env=os.environ | house | harbour.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
