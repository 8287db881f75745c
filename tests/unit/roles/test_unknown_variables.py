# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A variable of ours that nobody knows is refused, with the nearest word and the place where it stands."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.seaworthy.platform.plugins.plugin_utils._variables import (
    Options,
    Sources,
    merged_maps,
    option_values,
    refusals,
    role_options,
    sources,
    unknown_names,
)

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = role_options(ROOT / "roles")


def test_what_roles_document_is_known() -> None:
    assert unknown_names([name for options in ROLES.values() for name in options], ROLES) == ()


def test_the_fact_that_resolve_sets_is_known() -> None:
    assert unknown_names(["platform_cluster"], ROLES) == ()


@pytest.mark.parametrize("name", ["ansible_host", "certs_path", "__cluster_secret", "my_cluster_name", "clusters"])
def test_names_of_others_are_none_of_our_business(name: str) -> None:
    assert unknown_names([name], ROLES) == ()


@pytest.mark.parametrize("name", ["certificates_wildcard_domain", "cluster_anything", "platform_x", "base_namespace"])
def test_unknown_name_with_our_prefix_is_found(name: str) -> None:
    assert unknown_names([name], ROLES) == (name,)


@pytest.mark.parametrize("name", ["base_url", "base_dir", "base_image", "resolve_dns"])
def test_an_everyday_word_is_ours_only_where_it_nearly_is_one_of_our_names(name: str) -> None:
    assert unknown_names([name], ROLES) == ()


def test_a_person_may_keep_names_of_their_own() -> None:
    assert unknown_names(["cluster_crm_id", "cluster_nam"], ROLES, ["cluster_crm_*"]) == ("cluster_nam",)


def inventory(folder: pathlib.Path) -> pathlib.Path:
    (folder / "group_vars/platform_clusters").mkdir(parents=True)
    (folder / "hosts.yml").write_text("platform_clusters:\n  hosts:\n    one:\n      cluster_regin: eu-west-1\n")
    text = "# certificates_wildcrd_domains: a comment\ncertificates_wildcrd_domains: [a.test]\n"
    (folder / "group_vars/platform_clusters/main.yml").write_text(text)
    return folder


def test_refusal_names_the_file_the_line_and_the_nearest_word(tmp_path: pathlib.Path) -> None:
    where = sources([str(inventory(tmp_path))], str(tmp_path / "playbooks"), ())
    said = refusals(["certificates_wildcrd_domains", "cluster_regin"], ROLES, where)
    assert "group_vars/platform_clusters/main.yml:2" in said[0]
    assert "did you mean certificates_wildcard_domains?" in said[0]
    assert "hosts.yml:4" in said[1]
    assert "did you mean cluster_region?" in said[1]


def test_refusal_says_that_the_command_line_gave_it() -> None:
    (said,) = refusals(["cluster_nam"], ROLES, Sources(("cluster_nam=x",)))
    assert "(given with -e)" in said


def test_a_file_of_extra_variables_is_named(tmp_path: pathlib.Path) -> None:
    extra = tmp_path / "extra.json"
    extra.write_text('{"cluster_nam": "x"}')
    (said,) = refusals(["cluster_nam"], ROLES, Sources((f"@{extra}",)))
    assert "extra.json:1" in said


def test_a_name_that_stands_in_no_file_is_refused_only_if_it_nearly_is_ours() -> None:
    """A playbook of the user's own may register cluster_backup_result; a dynamic inventory may misspell."""
    assert refusals(["cluster_backup_result"], ROLES, Sources()) == []
    (said,) = refusals(["cluster_regoin"], ROLES, Sources())
    assert "set by a play, a task or an inventory plugin" in said


def untouched(value: object, _ours: bool) -> object:
    return value


def test_value_comes_from_the_inventory_else_from_the_default_else_there_is_none() -> None:
    options: Options = {"cluster_a": {"default": 1}, "cluster_b": {"default": 2}, "cluster_c": {}}
    assert option_values(options, {"cluster_b": 3}, untouched) == {"cluster_a": 1, "cluster_b": 3}


@pytest.mark.parametrize(("kind", "text", "value"), [("bool", "false", False), ("int", "7", "7"), ("str", "no", "no")])
def test_a_switch_may_be_given_as_a_word_on_the_command_line(kind: str, text: str, value: object) -> None:
    assert option_values({"x": {"type": kind}}, {"x": text}, untouched) == {"x": value}


def test_maps_are_merged_group_then_host() -> None:
    values = {
        "pools": {"a": {"size": {"min": 1, "max": 2}}},
        "pools_group": {"a": {"size": {"max": 5}}, "b": {}},
        "pools_host": {"a": {"spot": True, "size": {"max": 9}}},
    }
    assert merged_maps(values) == {"pools": {"a": {"size": {"min": 1, "max": 9}, "spot": True}, "b": {}}}
