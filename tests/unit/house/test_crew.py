# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The crew is what the roles pin, or says that it is older."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
CREW = ROOT / "drydock/crew"
ROWS: list[dict[str, str]] = json.loads((CREW / "catalogue.json").read_text(encoding="utf-8"))


def pinned() -> dict[str, dict[str, t.Any]]:
    """Return each image that a role pins, with its pin."""
    found = {}
    for path in (ROOT / "roles").glob("*/vars/main.yml"):
        variables = yaml.safe_load(path.read_text(encoding="utf-8"))
        for pin in variables.get(f"__{path.parts[-3]}_pins", {}).values():
            found.update(dict.fromkeys(pin.get("images", {}).values(), pin))
    return found


def release_of(row: dict[str, str]) -> str:
    """Return the release that a module's version is; Prometheus 3.13.5 is the module's v0.313.5, from its own rule."""
    prometheus = re.fullmatch(r"v0\.(\d)(\d{2})\.(\d+)", row["version"])
    if row["module"] == "github.com/prometheus/prometheus" and prometheus:
        return f"{prometheus[1]}.{int(prometheus[2])}.{prometheus[3]}"
    return row["version"].removeprefix("v")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["binary"])
def test_member_of_the_crew_is_the_version_that_its_module_and_the_role_s_pin_say(row: dict[str, str]) -> None:
    required = {
        match[1]
        for path in CREW.glob("*/go.mod")
        for match in re.finditer(rf"(?m)^(?:require)?\s+{re.escape(row['module'])} (v\S+)", path.read_text())
    }
    assert required == {row["version"]}
    pin = pinned()[row["image"]]
    if "instead_of" in row:
        return  # another program in its place: no release of it is claimed
    assert release_of(row) == pin.get("crds", {}).get("version", pin["version"])
