# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person gets wrong, through the whole site: one sentence with place, value and remedy; nothing written."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.harbours import Demo, start

pytestmark = pytest.mark.xdist_group("bad-input")

POOL = {"instance_types": ["m7i.large"], "size": {"desired": 2}}
NETWORK = {"subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}
TAINT = {"key": "gpu", "effect": "NoSchedual"}

WRONG: dict[str, tuple[dict[str, t.Any], tuple[str, ...]]] = {
    "unquoted version": ({"cluster_version": 1.3}, ("cluster_version", "1.3", 'write "1.30"')),
    "unknown version": ({"cluster_version": "1.99"}, ("1.99", "1.36")),
    "unknown variable": ({"cluster_verson": "1.36"}, ("cluster_verson", "did you mean cluster_version?", "-e")),
    "unknown key": ({"cluster_endpoint": {"pubic": True}}, ("cluster_endpoint.pubic", "did you mean public?")),
    "wrong type": ({"cluster_tags": ["a"]}, ("cluster_tags",)),
    "wrong choice": (
        {"cluster_node_pools": {"general": POOL | {"taints": [TAINT]}}},
        ("cluster_node_pools.general.taints[0].effect", "NoSchedual", "did you mean NoSchedule?"),
    ),
    "illegal name": ({"cluster_name": "no good"}, ("cluster_name", "no good")),
    "long name": ({"cluster_name": "a" * 101}, ("cluster_name", "100")),
    "host bits": ({"cluster_network": NETWORK | {"service_cidr": "10.100.0.1/16"}}, ("service_cidr", "10.100.0.1/16")),
    "lost subnet": ({"cluster_network": NETWORK}, ("subnet-0123456789abcdef0",)),
    "wrong account": ({"cluster_account": "999999999999"}, ("999999999999", "111122223333")),
    "unreachable": ({"cluster_auth": {"endpoint_url": "http://127.0.0.1:9"}}, ("127.0.0.1:9",)),
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Demo]:
    demo = start(tmp_path_factory.mktemp("account"))
    demo.inventory = "inventories/drydock-existing"
    try:
        yield demo
    finally:
        demo.drydock("down", "--state", str(demo.state))


def sentence(output: str) -> str:
    """Return the message of the failed task."""
    shown = output.split("FAILED! => ", 1)[1].split("\n\n", 1)[0]
    return str(json.loads(shown)["msg"])


@pytest.mark.parametrize("case", sorted(WRONG))
def test_wrong_input_is_one_sentence_and_no_write(account: Demo, case: str) -> None:
    variables, words = WRONG[case]
    mark = account.mark()
    message = sentence(account.play("site.yml", "-e", json.dumps(variables)).refused())
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message
    assert account.writes(mark) == []


def test_service_range_inside_the_network_is_named_with_both_ranges(account: Demo) -> None:
    seed = json.loads((account.state / "seed.json").read_text(encoding="utf-8"))
    network = {"subnets": sorted(seed["subnets"].values()), "service_cidr": "10.20.128.0/20"}
    mark = account.mark()
    message = sentence(account.play("site.yml", "-e", json.dumps({"cluster_network": network})).refused())
    assert "10.20.128.0/20" in message
    assert "10.20.0.0/16" in message
    assert account.writes(mark) == []


@pytest.mark.parametrize(("who", "word"), [("expired", "expired"), ("nobody", "credentials")])
def test_credentials_that_do_not_serve_are_told_as_such(account: Demo, who: str, word: str) -> None:
    mark = account.mark()
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
    environment = nobody if who == "nobody" else account.environment_of(who)
    message = sentence(account.play(environment=environment).refused())
    assert word in message, message
    assert account.writes(mark) == []
