# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of several clusters can be told apart; those of one are not longer for it."""

from __future__ import annotations

from ansible_collections.seaworthy.platform.plugins.plugin_utils._cluster_action import subject


def test_one_cluster_is_not_named() -> None:
    assert subject("base", {"inventory_hostname": "prod", "ansible_play_hosts_all": ["prod"]}) == "base"


def test_several_clusters_are_named() -> None:
    hosts = ["prod", "stage"]
    assert subject("base", {"inventory_hostname": "stage", "ansible_play_hosts_all": hosts}) == "stage/base"
