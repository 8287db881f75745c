# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape that every role has: who knows one knows them all."""

from __future__ import annotations

import datetime
import pathlib
import re
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
LAYERS = [role for role in ROLES if (role / "templates").is_dir()]
OFFERED = ("1.34", "1.35", "1.36")
"""Kubernetes minors that drydock plays and the clouds offer today; 1.37 joins when cert-manager lists it."""

each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
each_layer = pytest.mark.parametrize("role", LAYERS, ids=lambda role: role.name)


def load(path: pathlib.Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


def options(role: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    found: dict[str, dict[str, t.Any]] = load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


def pins(role: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    found: dict[str, dict[str, t.Any]] = load(role / "vars/main.yml")[f"__{role.name}_pins"]
    return found


EVERY_PIN = [pytest.param(pin, id=f"{role.name}-{name}") for role in LAYERS for name, pin in pins(role).items()]


@each_role
def test_role_has_readme_tasks_and_documented_options(role: pathlib.Path) -> None:
    for needed in ("README.md", "tasks/main.yml", "meta/argument_specs.yml"):
        assert (role / needed).is_file(), f"{role.name} lacks {needed}"


@each_role
def test_defaults_are_those_of_the_documentation(role: pathlib.Path) -> None:
    documented = {n: o["default"] for n, o in options(role).items() if "default" in o and not n.startswith("platform_")}
    ours = load(role / "defaults/main.yml") or {}
    # A switch that follows another variable: documentation has no word for that but a sentence.
    computed = {n for n, value in ours.items() if str(value).startswith("{{") and options(role)[n]["type"] == "bool"}
    assert {n: value for n, value in ours.items() if n not in computed} == documented
    assert all("Unset, it is" in str(options(role)[n]["description"]) for n in computed)


@each_role
def test_every_option_is_typed_described_and_carries_the_prefix(role: pathlib.Path) -> None:
    for name, option in options(role).items():
        assert option.get("type"), name
        assert option.get("description"), name
        assert name.startswith((f"{role.name}_", "platform_")), name
        assert role.name == "resolve" or not name.startswith("platform_"), f"{name} belongs to role resolve"


def walked(obj: t.Any) -> t.Iterator[str]:
    if isinstance(obj, dict):
        for value in obj.values():
            yield from walked(value)
    elif isinstance(obj, list):
        for value in obj:
            yield from walked(value)
    elif isinstance(obj, str):
        yield obj


@each_role
def test_platform_values_are_read_with_their_documented_default(role: pathlib.Path) -> None:
    documented = options(ROOT / "roles/resolve")
    texts = (
        text
        for part in ("defaults", "vars", "tasks")
        for path in (role / part).rglob("*.yml")
        for text in walked(load(path))
    )
    for text in texts:
        for name, default in re.findall(r"\b(platform_\w+)(?: \| default\(([^,)]*))?", text):
            if name == "platform_cluster":
                continue
            assert name in documented, name
            fallback = documented[name]["default"]
            assert not default or default == repr(fallback) or fallback == "", f"{name}: {default} is not {fallback!r}"


FIRST_TASKS = {
    "external_dns": ["seaworthy.platform.cluster_identity"],
    "gitops": ["seaworthy.platform.fleet_publish"],
    "logging": ["seaworthy.platform.cluster_identity"],
}
FURTHER_TASKS = {"policy": ["seaworthy.platform.policy_violations"]}
"""What a layer does before and after its one set of objects."""


@each_layer
def test_a_layer_is_one_task(role: pathlib.Path) -> None:
    tasks = load(role / "tasks/main.yml")
    done = [list(task)[1] for task in tasks]
    first, further = FIRST_TASKS.get(role.name, []), FURTHER_TASKS.get(role.name, [])
    assert done == [*first, "seaworthy.platform.apply_set", *further]
    assert tasks[len(first)]["seaworthy.platform.apply_set"]["name"] == role.name.replace("_", "-")
    assert all(task["tags"] == [role.name] for task in tasks)


@each_layer
def test_every_layer_has_its_state_versions_and_timeout(role: pathlib.Path) -> None:
    assert options(role)[f"{role.name}_state"]["choices"] == ["managed", "external", "absent"]
    assert options(role)[f"{role.name}_versions"]["type"] == "dict"
    assert options(role)[f"{role.name}_wait_timeout"]["type"] == "int"


@pytest.mark.parametrize("pin", EVERY_PIN)
def test_pin_is_whole_and_within_its_life(pin: dict[str, t.Any]) -> None:
    assert isinstance(pin["version"], str)
    assert pin["source"].startswith("https://")
    if pin["end_of_life"]:
        assert datetime.date.fromisoformat(pin["end_of_life"]) > datetime.date.today()


@pytest.mark.parametrize("pin", EVERY_PIN)
def test_pin_covers_the_kubernetes_versions_on_offer(pin: dict[str, t.Any]) -> None:
    first, last = (int(minor.split(".")[1]) for minor in pin["kubernetes"].split("-"))
    assert all(first <= int(minor.split(".")[1]) <= last for minor in OFFERED)


@pytest.mark.parametrize("pin", EVERY_PIN)
def test_pin_is_the_version_whose_definitions_are_compiled(pin: dict[str, t.Any]) -> None:
    if not pin.get("crds"):
        return  # it brings no definitions
    required = dict(re.findall(r"^\s*(\S+/\S+) v(\S+)", (ROOT / "crds/go.mod").read_text(encoding="utf-8"), re.M))
    assert required[pin["crds"]["module"]] == pin["crds"].get("version", pin["version"])


@each_layer
def test_every_folder_can_be_switched_on(role: pathlib.Path) -> None:
    """A folder that the role's variables never name is dead."""
    text = (role / "vars/main.yml").read_text(encoding="utf-8")
    for folder in (role / "templates").iterdir():
        named = f"'{folder.name}'" in text or f"'{folder.name.rpartition('-')[0]}-'" in text
        assert named, f"{role.name}: templates/{folder.name} is named nowhere in vars/main.yml"


ORDERING = ROOT / "playbooks/environments.yml"
"""The one playbook without roles: it sorts the hosts for those that go through the environments."""
PLAYBOOKS = sorted(set((ROOT / "playbooks").glob("*.yml")) - {ORDERING})
EVERY_HOST = "{{ platform_hosts | default('platform_clusters') }}"
WAVES = "{{ groups | select('match', '^platform_wave_') | sort | join(',') | default('!all', true) }}"


def plays(playbook: pathlib.Path) -> list[dict[str, t.Any]]:
    return [play for play in load(playbook) if "ansible.builtin.import_playbook" not in play]


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_play_is_thin_local_and_starts_by_resolving(playbook: pathlib.Path) -> None:
    in_waves = {"ansible.builtin.import_playbook": ORDERING.name} in [
        {key: value for key, value in play.items() if key != "name"} for play in load(playbook)
    ]
    for play in plays(playbook):
        assert play["hosts"] == (WAVES if in_waves else EVERY_HOST)
        assert play["connection"] == "local"
        assert play["gather_facts"] is False
        assert play["vars"]["ansible_python_interpreter"] == "{{ ansible_playbook_python }}"
        assert play["roles"][0] == {"role": "seaworthy.platform.resolve", "tags": ["always"]}
        assert not {"tasks", "pre_tasks", "post_tasks"} & set(play)


def test_a_promotion_does_what_the_site_does_and_ends_at_its_gate() -> None:
    gate = {"role": "seaworthy.platform.promotion", "tags": ["always"]}
    site, promote, upgrade, cluster = (
        plays(ROOT / f"playbooks/{name}.yml")[0]["roles"] for name in ("site", "promote", "upgrade", "cluster")
    )
    assert promote == [*site, gate]
    assert upgrade == [*cluster, gate]


def test_every_layer_and_the_cluster_have_a_playbook_of_their_own() -> None:
    for name in ("foundation", "cluster", *(role.name for role in LAYERS)):
        roles = [entry["role"] for play in load(ROOT / f"playbooks/{name}.yml") for entry in play["roles"]]
        assert roles == ["seaworthy.platform.resolve", f"seaworthy.platform.{name}"]
