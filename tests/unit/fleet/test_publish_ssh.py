# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishing over ssh with the real client: the deploy key to the known server, and nobody else to anybody else."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.unit.fleet.repositories import Forge
from tests.unit.fleet.ssh_forge import key, ssh


class Served(t.NamedTuple):
    forge: Forge
    options: dict[str, t.Any]


@pytest.fixture
def served(tmp_path: pathlib.Path) -> t.Iterator[Served]:
    forge = Forge(tmp_path)
    with ssh(tmp_path) as (port, deploy, known):
        url = f"ssh://git@127.0.0.1:{port}{forge.bare}"
        yield Served(forge, {"repository": url, "deploy_key_file": str(deploy), "known_hosts_file": str(known)})


def test_a_deploy_key_pushes_and_a_second_run_pushes_nothing(served: Served) -> None:
    assert served.forge.publish(**served.options)["changed"]
    assert served.forge.files()
    assert not served.forge.publish(**served.options)["changed"]


def test_another_key_is_refused_and_nothing_is_pushed(served: Served, tmp_path: pathlib.Path) -> None:
    error = served.forge.refused(**{**served.options, "deploy_key_file": str(key(tmp_path, "another-key"))})
    assert error.kind == "credentials"
    assert served.forge.refs() == ""


def test_a_server_with_another_host_key_is_not_spoken_to(served: Served, tmp_path: pathlib.Path) -> None:
    known = pathlib.Path(served.options["known_hosts_file"])
    place = known.read_text(encoding="utf-8").split()[0]
    other = pathlib.Path(f"{key(tmp_path, 'other-host')}.pub").read_text(encoding="utf-8")
    known.write_text(f"{place} {other}", encoding="utf-8")
    error = served.forge.refused(**served.options)
    assert error.kind == "credentials"
    assert "host key" in str(error)
    assert served.forge.refs() == ""
