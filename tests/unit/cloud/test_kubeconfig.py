# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubeconfig file: private, whole or absent, and quiet about new tokens."""

from __future__ import annotations

import json
import pathlib
import stat

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.kubeconfig import document, publish
from ansible_collections.seaworthy.platform.plugins.module_utils._common.credentials import Credentials
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

WAY = Credentials(server="https://example.invalid", ca_data="PEM", token="one", proxy="http://p:1", tls_server_name="k")


def test_file_is_its_owners_alone_and_complete(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config"
    assert publish(str(path), document("prod", WAY), check_mode=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["clusters"][0]["cluster"] == {
        "server": "https://example.invalid",
        "certificate-authority-data": "UEVN",
        "tls-server-name": "k",
        "proxy-url": "http://p:1",
    }
    assert found["users"][0]["user"] == {"token": "one"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["config"]


def test_newer_token_is_written_and_is_no_change(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config"
    publish(str(path), document("prod", WAY), check_mode=False)
    newer = Credentials(**{**WAY.__dict__, "token": "two"})
    assert not publish(str(path), document("prod", newer), check_mode=False)
    assert '"two"' in path.read_text(encoding="utf-8")


def test_other_endpoint_is_a_change(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config"
    publish(str(path), document("prod", WAY), check_mode=False)
    assert publish(str(path), document("prod", Credentials(server="https://other.invalid")), check_mode=False)


def test_check_mode_writes_nothing(tmp_path: pathlib.Path) -> None:
    assert publish(str(tmp_path / "config"), document("prod", WAY), check_mode=True)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(PlatformError, match="could not be written: No such file or directory"):
        publish(str(tmp_path / "no" / "config"), document("prod", WAY), check_mode=False)
