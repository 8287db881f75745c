# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``platform_registry_mirror``: every image of every layer comes from there."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput
from ansible_collections.seaworthy.platform.plugins.plugin_utils._mirror import mirrored
from tests.unit.roles.test_anatomy import LAYERS, pins

MIRROR = "registry.example.com/mirror"


@pytest.mark.parametrize("role", LAYERS, ids=lambda role: role.name)
def test_every_pinned_image_is_taken_from_the_mirror_under_its_whole_name(role: pathlib.Path) -> None:
    before = pins(role)
    after = mirrored(before, MIRROR + "/")
    for name, pin in before.items():
        for part, image in pin.get("images", {}).items():
            assert after[name]["images"][part] == f"{MIRROR}/{image}"
        assert {key: value for key, value in after[name].items() if key != "images"} == {
            key: value for key, value in pin.items() if key != "images"
        }
    assert mirrored(after, MIRROR) == after


def test_without_a_mirror_nothing_changes() -> None:
    given = {"a": {"images": {"b": "quay.io/b"}}}
    assert mirrored(given, "") is given


def test_mirror_with_a_scheme_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be HOST"):
        mirrored({}, "https://registry.example.com")
