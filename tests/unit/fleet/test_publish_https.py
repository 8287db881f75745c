# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishing over https to git's own server: the right token passes, everything else leaves the repository alone."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.unit.fleet.https_forge import TOKEN, https
from tests.unit.fleet.repositories import Forge


class Served(t.NamedTuple):
    forge: Forge
    url: str
    ca_file: str
    seen: set[str]


@pytest.fixture
def served(tmp_path: pathlib.Path) -> t.Iterator[Served]:
    forge = Forge(tmp_path)
    with https(tmp_path, tmp_path) as (url, pem, seen):
        yield Served(forge, f"{url}/rendered.git", str(pem), seen)


def test_a_token_pushes_and_stands_in_no_process_and_no_result(served: Served) -> None:
    options: dict[str, t.Any] = {"repository": served.url, "ca_file": served.ca_file, "token": TOKEN}
    first = served.forge.publish(**options)
    assert first["changed"]
    assert served.forge.files()
    assert not served.forge.publish(**options)["changed"]
    assert any("remote-https" in line for line in served.seen)
    assert not [line for line in served.seen if TOKEN in line]
    assert TOKEN not in json.dumps(first)


@pytest.mark.parametrize("token", ["wrong-token", None])
def test_wrong_or_no_credentials_are_refused_and_nothing_is_pushed(served: Served, token: str | None) -> None:
    error = served.forge.refused(repository=served.url, ca_file=served.ca_file, token=token)
    assert error.kind == "credentials"
    assert "Give a token" in error.remedy
    assert "wrong-token" not in json.dumps(error.as_failure())
    assert served.forge.refs() == ""


def test_a_server_whose_certificate_nobody_vouches_for_is_not_spoken_to(served: Served) -> None:
    error = served.forge.refused(repository=served.url, token=TOKEN)
    assert error.kind == "unreachable"
    assert "ca_file" in error.remedy
    assert served.forge.refs() == ""


def test_a_repository_that_the_server_lacks_is_named(served: Served) -> None:
    wrong = served.url.replace("rendered", "nowhere")
    error = served.forge.refused(repository=wrong, ca_file=served.ca_file, token=TOKEN)
    assert error.kind == "not_found"
    assert wrong in str(error)
