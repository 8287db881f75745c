# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same playbook, the same layers, the third cloud."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harbours import Demo, start

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("site-aks")]


@pytest.fixture
def subscription(tmp_path: pathlib.Path) -> t.Iterator[Demo]:
    """A harbour whose Azure subscription holds no cluster."""
    demo = start(tmp_path / "harbour", "demo-aks")
    try:
        yield demo
    finally:
        demo.drydock("down", "--state", str(demo.state))


def test_empty_subscription_becomes_a_platform_and_the_second_run_sends_no_write(subscription: Demo) -> None:
    mark = subscription.mark()
    checked = subscription.play("site.yml", "--check").passed()
    assert "not validated" in checked.output
    assert subscription.writes(mark) == []
    assert subscription.play().passed().changed == checked.changed
    assert (
        sum(line["operation"] == "ManagedClusters_CreateOrUpdate" for line in subscription.writes(mark, target="aks"))
        == 1
    )
    pools = {
        node["metadata"]["labels"]["kubernetes.azure.com/agentpool"] for node in subscription.get("nodes")["items"]
    }
    assert pools == {"general", "system"}
    settled = subscription.mark()
    assert subscription.play().passed().changed == 0
    assert subscription.writes(settled) == []
