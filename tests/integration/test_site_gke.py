# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same playbook, the same layers, another cloud."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harbours import Demo, start

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("site-gke")]


@pytest.fixture
def project(tmp_path: pathlib.Path) -> t.Iterator[Demo]:
    """A harbour whose Google project holds no cluster."""
    demo = start(tmp_path / "harbour", "demo-gke")
    try:
        yield demo
    finally:
        demo.drydock("down", "--state", str(demo.state))


def test_empty_project_becomes_a_platform_and_the_second_run_sends_no_write(project: Demo) -> None:
    mark = project.mark()
    checked = project.play("site.yml", "--check").passed()
    assert "not validated" in checked.output
    assert project.writes(mark) == []
    assert project.play().passed().changed >= 3
    assert sum(line["operation"] == "CreateCluster" for line in project.writes(mark, target="gke")) == 1
    assert {node["metadata"]["labels"]["cloud.google.com/gke-nodepool"] for node in project.get("nodes")["items"]} == {
        "general"
    }
    settled = project.mark()
    assert project.play().passed().changed == 0
    assert project.writes(settled) == []
