# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: the arrows between the rooms of the house."""

from __future__ import annotations

import re

import pytest

from tests.unit.house.checkout import COLLECTION, dotted, imports, imports_of, python_files

WINGS = ("_cloud", "_apply", "_fleet", "_audit")
PLUGINS = f"{COLLECTION}.plugins"
UTILS = f"{PLUGINS}.module_utils"
WALLS = [
    *((rf"{UTILS}\.{here}", rf"{UTILS}\.{there}") for here in (*WINGS, "_common") for there in WINGS if here != there),
    (UTILS, rf"{PLUGINS}\.(modules|action|plugin_utils|inventory|lookup|filter|callback)"),
    (rf"{PLUGINS}\.modules", rf"{PLUGINS}\.(action|plugin_utils)"),
    (PLUGINS, r"(drydock|tests|bootstrap|molecule)"),
    (r"drydock", r"(ansible_collections|plugins|tests|bootstrap)"),
    (r"bootstrap", r"(ansible_collections|plugins|tests|drydock)"),
]
"""(importer, imported): a room and what it must not reach for, each a regular expression of a dotted prefix."""

PURE = (
    "spec",
    "fields",
    "plan",
    "order",
    "ownership",
    "harden",
    "ready",
    "redact",
    "diff",
    "rules",
    "schema",
    "compare",
)
"""Names of module_utils files that decide and never do: no clock, no network, no process, no chance."""
IMPURE = r"(time|socket|ssl|http|urllib\.request|subprocess|threading|random|boto3|botocore|kubernetes|azure|requests)"


def below(name: str, prefix: str) -> bool:
    return re.match(rf"{prefix}(\.|$)", name) is not None


def broken_walls(module: str, imported: list[tuple[int, str]]) -> list[str]:
    return [
        f"{module}:{line} imports {name}"
        for importer, forbidden in WALLS
        if below(module, importer)
        for line, name in imported
        if below(name, forbidden)
    ]


@pytest.mark.parametrize("area", ["plugins", "drydock", "bootstrap"])
def test_no_import_crosses_a_wall(area: str) -> None:
    assert [fault for path in python_files(area) for fault in broken_walls(dotted(path), imports_of(path))] == []


def test_a_module_uses_one_wing_only() -> None:
    mixed = {}
    for path in python_files("plugins"):
        used = {wing for _, name in imports_of(path) for wing in WINGS if below(name, rf"{UTILS}\.{wing}")}
        if path.parent.name == "modules" and len(used) > 1:
            mixed[path.name] = used
    assert mixed == {}


def test_module_utils_import_each_other_relatively() -> None:
    absolute = [
        f"{path}:{number}"
        for path in python_files("plugins")
        if "module_utils" in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(from|import) ansible_collections\b", line)
    ]
    assert absolute == []


def test_what_is_packed_for_a_host_imports_statically() -> None:
    packed = [path for path in python_files("plugins") if {"module_utils", "modules"} & set(path.parts)]
    dynamic = re.compile(r"\bimportlib\b|\b__import__\(")
    assert [str(path) for path in packed if dynamic.search(path.read_text(encoding="utf-8"))] == []


def test_rooms_that_decide_do_nothing() -> None:
    pure = [path for path in python_files("plugins") if "module_utils" in path.parts and path.stem in PURE]
    faults = [f"{p.name}:{line} imports {name}" for p in pure for line, name in imports_of(p) if below(name, IMPURE)]
    assert faults == []
    assert len(pure) >= 8


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (f"{UTILS}._cloud.cluster.spec", "from ..._apply import plan"),
        (f"{UTILS}._common.errors", "from .._cloud.cluster.spec import Spec"),
        (f"{UTILS}._apply.engine", f"def f():\n    import {UTILS}._cloud.access"),
        (f"{UTILS}._apply.engine", "from ...plugin_utils import _access"),
        (f"{PLUGINS}.action.apply_set", "import drydock.journal"),
        ("drydock.cli", f"from {UTILS}._common import errors"),
    ],
)
def test_the_walls_are_seen(module: str, source: str) -> None:
    assert len(broken_walls(module, imports(source, module))) >= 1


def test_allowed_arrows_pass() -> None:
    module = f"{UTILS}._cloud.cluster.converge"
    source = "from ..._common.errors import PlatformError\nfrom .spec import Spec\nfrom ..reconcile import actions"
    assert broken_walls(module, imports(source, module)) == []
