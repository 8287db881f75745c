# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One environment per older ansible-core: a file requirements/core-<version>.txt each, on an interpreter it runs on."""

from __future__ import annotations

import pathlib

from .cache import ROOT
from .environment import COLLECTIONS, find_interpreter, make_environment

CORES = ROOT / "build" / "cores"
INTERPRETERS = {"2.16": ("3.12", "3.11", "3.13")}
"""Newest first among those the core supports, then one that it is known to run on although it does not say so."""


def core_environments() -> None:
    """Make build/cores/<version> for each older core."""
    for version, interpreters in INTERPRETERS.items():
        interpreter = find_interpreter(*interpreters)
        make_environment(core_folder(version), f"core-{version}.txt", interpreter, paths=(COLLECTIONS,))


def core_folder(version: str) -> pathlib.Path:
    return CORES / version
