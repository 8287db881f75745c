# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every file keeps to: a licence line, no trace of the machine it was written on, no promise without a proof."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from tests.unit.house.checkout import ROOT, tracked

LICENSED = {".py", ".go", ".sh", ".yml", ".yaml", ".toml", ".cfg", ".j2"}
MADE_BY_TOOLS = ("changelogs/changelog.yaml", "/golden/", "go.mod", "go.sum")
NOTICE = [
    "# Copyright (c) 2026, Seaworthy founders",
    "# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
]


def place(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def ours() -> list[pathlib.Path]:
    return [path for path in tracked() if not any(part in place(path) for part in MADE_BY_TOOLS)]


def test_every_source_names_its_licence() -> None:
    sources = [path for path in ours() if path.suffix in LICENSED or path.name in ("Makefile", "run")]
    silent = [p for p in sources if text_of(p) and "SPDX-License-Identifier: GPL-3.0-or-later" not in text_of(p)[:600]]
    assert [place(path) for path in silent] == []


def test_every_python_file_has_the_whole_notice() -> None:
    python = [path for path in ours() if path.suffix == ".py" and text_of(path)]
    assert [
        place(path)
        for path in python
        if [line for line in text_of(path).splitlines() if line != "#!/usr/bin/python"][:3] != NOTICE
    ] == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    homes = {str(ROOT), str(ROOT.parent), str(pathlib.Path.home())} - {"/", "/home", "/tmp", "/opt"}
    pattern = re.compile("|".join(rf"(?<![\w./]){re.escape(home)}/" for home in homes) + r"|/(?:home|Users)/\w+/")
    assert [place(path) for path in ours() if pattern.search(text_of(path))] == []


def test_what_installs_packages_names_no_host() -> None:
    installers = [
        path for path in tracked() if place(path).startswith(("requirements/", "bootstrap/", "Makefile", ".ci/"))
    ]
    naming = re.compile(r"\w+://(?!www\.gnu\.org/)|--(?:extra-)?index-url|--find-links")
    assert [place(path) for path in installers if naming.search(text_of(path))] == []
    assert len(installers) > 10


def test_every_pinned_package_has_hashes() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        pins = re.findall(r"(?m)^([\w.\-\[\],]+==\S+)(.*)$", text_of(path))
        assert pins, path.name
        assert [name for name, rest in pins if not rest.rstrip().endswith("\\")] == [], path.name


def test_versions_agree() -> None:
    galaxy = yaml.safe_load(text_of(ROOT / "galaxy.yml"))
    assert galaxy["version"] in yaml.safe_load(text_of(ROOT / "changelogs" / "changelog.yaml"))["releases"]
    assert yaml.safe_load(text_of(ROOT / "meta" / "runtime.yml"))["requires_ansible"] == ">=2.16.0"


def test_action_groups_name_modules_that_exist() -> None:
    groups = yaml.safe_load(text_of(ROOT / "meta" / "runtime.yml"))["action_groups"]
    modules = {f"seaworthy.platform.{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {name for group in groups.values() for name in group} <= modules


@pytest.fixture(scope="module")
def readme() -> str:
    return text_of(ROOT / "README.md")


def test_every_claim_of_the_readme_names_a_test_that_exists(readme: str) -> None:
    proofs = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", readme)
    assert len(proofs) >= 8
    for file, function in proofs:
        assert (ROOT / file).is_file(), file
        assert f"def {function}" in text_of(ROOT / file), f"{file}::{function}"


def test_every_rule_of_applying_names_a_test_that_exists() -> None:
    rules = text_of(ROOT / "docs" / "apply-rules.md")
    numbers = {int(found) for found in re.findall(r"^\| (\d+) ", rules, re.M)}
    proofs = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", rules)
    assert numbers == set(range(1, 18))
    missing = [f"{file}::{name}" for file, name in proofs if f"def {name}(" not in text_of(ROOT / file)]
    assert missing == []


def test_readme_links_lead_somewhere(readme: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_shows_each_role_and_each_target(readme: str) -> None:
    roles = {path.parent.name for path in (ROOT / "roles").glob("*/defaults")}
    assert {role for role in roles if f"`{role}`" not in readme} == set()
    targets = set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)\b", readme))
    assert targets <= set(re.findall(r"(?m)^([a-z-]+):.*## ", text_of(ROOT / "Makefile")))
    assert {"demo", "down", "test"} <= targets
