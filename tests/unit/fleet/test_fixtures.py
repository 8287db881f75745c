# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets that hold, and fleets that do not: each of these has one fault, and one sentence says it.

After a wanted change of words: ``REWRITE_GOLDEN=1 python -m pytest tests/unit/fleet/test_fixtures.py``, then read the
diff of golden/refusals.txt.
"""

from __future__ import annotations

import json
import os
import pathlib
import re

import jsonschema
import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.compile import compile_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.faults import Fault, FleetFaults
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.load import kind_of, read_folder
from tests.unit.fleet.fleets import EXAMPLE, HERE, SMALL, Files, base, checked, overlaid

VALID = sorted((HERE / "valid").glob("*.txt"))
INVALID = sorted((HERE / "invalid").glob("*.txt"))
GOLDEN = HERE / "golden" / "refusals.txt"
SCHEMAS = HERE.parents[2] / "docs" / "schema"


def files_of(fixture: pathlib.Path) -> Files:
    return overlaid(base(), fixture.read_text(encoding="utf-8"))


def refusal(fixture: pathlib.Path) -> Fault:
    with pytest.raises(FleetFaults) as caught:
        checked(files_of(fixture), SMALL)
    (fault,) = caught.value.faults
    return fault


def test_there_are_as_many_fixtures_as_promised() -> None:
    assert len(VALID) >= 20
    assert len(INVALID) >= 40


@pytest.mark.parametrize("fixture", VALID, ids=lambda path: path.stem)
def test_valid_fleet_is_checked_and_compiled_for_every_cluster(fixture: pathlib.Path) -> None:
    fleet = checked(files_of(fixture), SMALL)
    for cluster in SMALL.clusters:
        assert compile_cluster(fleet, cluster).part("tenancy")


@pytest.mark.parametrize("fixture", INVALID, ids=lambda path: path.stem)
def test_invalid_fleet_gives_one_sentence_with_file_line_field_value_and_remedy(fixture: pathlib.Path) -> None:
    fault = refusal(fixture)
    assert all((fault.file, fault.field, fault.value, fault.remedy))
    assert fault.line > 0 or fault.value == "missing"
    assert "\n" not in fault.sentence
    assert "hunter2" not in fault.sentence


def test_sentences_are_as_reviewed() -> None:
    text = "".join(f"{fixture.stem}\n    {refusal(fixture).sentence}\n" for fixture in INVALID)
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("fixture", INVALID, ids=lambda path: path.stem)
def test_the_line_of_a_fault_is_where_its_field_stands(fixture: pathlib.Path) -> None:
    fault = refusal(fixture)
    names = re.findall(r"[\w-]+", re.sub(r"\[\d+\]", "", fault.field))
    if fault.line <= 1 or fault.value == "missing" or fault.field == "the file":
        return
    line = files_of(fixture)[fault.file].splitlines()[fault.line - 1]
    assert names[-1] in line or any(part in line for part in re.findall(r"[\w./-]+", fault.value)), (line, fault)


def documents(files: Files) -> list[tuple[str, object, str]]:
    """Return path, content and schema name of each file that has a kind, read by another YAML reader than ours."""
    found = [(file, kind_of(file)) for file in files]
    return [(file, yaml.safe_load(files[file]), kind[0].name) for file, kind in found if not isinstance(kind, Fault)]


@pytest.mark.parametrize(
    "files", [read_folder(EXAMPLE), *map(files_of, VALID)], ids=["example", *(p.stem for p in VALID)]
)
def test_published_schema_accepts_what_we_accept(files: Files) -> None:
    for file, content, kind in documents(files):
        schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        faults = list(jsonschema.Draft202012Validator(schema).iter_errors(content))
        assert faults == [], file


FAULTS_OF_FORM = [
    "unknown-field",
    "missing-field",
    "number-for-text",
    "text-for-a-switch",
    "text-for-a-list",
    "empty-list",
    "number-out-of-bounds",
    "port-out-of-bounds",
    "engine-not-built",
    "namespace-of-kubernetes",
    "receiver-of-no-known-kind",
    "prefix-without-slash",
    "repository-with-a-password",
    "entra-id-that-is-a-name",
    "verb-star",
]


@pytest.mark.parametrize("name", FAULTS_OF_FORM)
def test_published_schema_refuses_what_is_wrong_in_form(name: str) -> None:
    fixture = HERE / "invalid" / f"{name}.txt"
    wrong = {file for file, content, kind in documents(files_of(fixture)) if not _is_valid(content, kind)}
    assert wrong == {refusal(fixture).file}


def _is_valid(content: object, kind: str) -> bool:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return bool(jsonschema.Draft202012Validator(schema).is_valid(content))
