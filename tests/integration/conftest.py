# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harbours of their own for tests of whole playbooks."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harbours import Demo, Run, start


@pytest.fixture(scope="module")
def converged(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[Demo, Run]]:
    """A harbour on which the whole site has run once, and that first run."""
    demo = start(tmp_path_factory.mktemp("converged"))
    try:
        yield demo, demo.play().passed()
    finally:
        demo.drydock("down", "--state", str(demo.state))


@pytest.fixture
def empty(tmp_path: pathlib.Path) -> t.Iterator[Demo]:
    """A harbour whose account holds no cluster."""
    demo = start(tmp_path / "harbour")
    try:
        yield demo
    finally:
        demo.drydock("down", "--state", str(demo.state))
