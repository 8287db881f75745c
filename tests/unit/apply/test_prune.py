# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the record of a set says, and how much may go at once."""

from __future__ import annotations

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.delete import Victim
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.discovery import Resource
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.objects import Identity, Kind, applyset_id
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.order import Stage
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.prune import Rules, needed, refuse_many
from ansible_collections.seaworthy.platform.plugins.module_utils._apply.record import Record, parent_object, parse
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

CONFIG_MAPS = Resource(Kind("", "v1", "ConfigMap"), "configmaps", True, frozenset({"list", "delete"}))
MEMBERS = load("shop", [({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}, "x")])


def victims(count: int) -> list[Victim]:
    who = (Identity("", "ConfigMap", "b", f"v-{place}") for place in range(count))
    return [Victim(identity, CONFIG_MAPS, identity.name, Stage.ACCESS) for identity in who]


def test_record_survives_being_written_and_read() -> None:
    record = Record(frozenset({("", "ConfigMap"), ("apps", "Deployment")}), frozenset({"a", "b"}))
    assert parse(parent_object("shop", record), "shop") == record
    assert parse(parent_object("shop", Record()), "shop") == Record()


def test_id_follows_the_rule_of_apply_sets() -> None:
    # base64url(sha256("set-shop.seaworthy-system.ConfigMap.")), as kubectl derives it from the parent
    assert applyset_id("shop") == "applyset-YIztJrCyNh9j5IR0q7AkhlRAZDdEK7W5rhN4gO7xwJw-v1"


@pytest.mark.parametrize("part", ["labels", "annotations"])
def test_bent_record_says_nothing(part: str) -> None:
    parent = parent_object("shop", Record(frozenset({("", "ConfigMap")})))
    parent["metadata"][part] = {}
    assert parse(parent, "shop") is None


@pytest.mark.parametrize(
    ("going", "total", "maximum", "refused"),
    [
        (5, 6, None, False),
        (6, 10, None, True),
        (6, 20, None, False),
        (7, 20, None, True),
        (20, 1000, None, False),
        (21, 1000, None, True),
        (300, 1000, 300, False),
        (1, 1000, 0, True),
    ],
)
def test_limit_is_a_share_of_the_set_between_five_and_twenty(
    going: int, total: int, maximum: int | None, refused: bool
) -> None:
    rules = Rules("seaworthy.platform/shop", maximum=maximum)
    if not refused:
        return refuse_many(MEMBERS, victims(going), total, rules)
    with pytest.raises(PlatformError, match=f"{going} of {total} objects"):
        refuse_many(MEMBERS, victims(going), total, rules)
    return None


def test_record_covers_members_victims_and_what_cannot_be_listed() -> None:
    found = needed(MEMBERS, victims(1), [("gone.io", "Berth")])
    assert found == Record(frozenset({("", "ConfigMap"), ("gone.io", "Berth")}), frozenset({"b"}))
