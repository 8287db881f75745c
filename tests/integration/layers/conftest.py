# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One island for all tests of layers in this folder: policies are cluster-wide, so it is shared with nobody else."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.layers.planes import Island


@pytest.fixture(scope="session")
def island(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Island]:
    """A bare cluster that somebody else made, and an OIDC issuer that it trusts."""
    started = Island.start(tmp_path_factory.mktemp("island"))
    yield started
    started.stop()
