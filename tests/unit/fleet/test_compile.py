# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet becomes on a cluster: as reviewed, the same for the same input, and each file with one author.

After a wanted change: ``REWRITE_GOLDEN=1 python -m pytest tests/unit/fleet/test_compile.py``, then read the diff.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import random
import typing as t

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.catalogue import CATALOGUE, FORBIDDEN
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.compile import PARTS, Compiled, compile_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.emit import text_of
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.load import read_folder
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.model import Fleet
from tests.unit.fleet.fleets import EXAMPLE, HARBOUR, HERE, SMALL, Files, base, checked, example

EXAMPLES = read_folder(EXAMPLE)
ENGINES = ("argocd", "flux")
each_engine = pytest.mark.parametrize("engine", ENGINES)


def with_engine(engine: str) -> Files:
    files = EXAMPLES
    return files | {"platform.yaml": files["platform.yaml"].replace("engine: argocd", f"engine: {engine}")}


def compiled(files: Files, cluster: str = "demo") -> Compiled:
    return _compiled(tuple(files.items()), cluster)


@functools.lru_cache(maxsize=16)
def _compiled(files: tuple[tuple[str, str], ...], cluster: str) -> Compiled:
    found = HARBOUR.cluster(cluster)
    assert found
    return compile_cluster(checked(dict(files), HARBOUR), found)


def objects(result: Compiled, part: str, kind: str) -> dict[str, dict[str, t.Any]]:
    """Return the objects of one kind by NAMESPACE/NAME."""
    found = [obj for obj, _file in result.part(part) if obj.get("kind") == kind]
    return {f"{o['metadata'].get('namespace', '')}/{o['metadata']['name']}": o for o in found}


@each_engine
def test_one_team_compiles_as_reviewed(engine: str) -> None:
    texts = compiled(with_engine(engine)).texts()
    parts = ("tenancy", "secrets", *PARTS) if engine == "argocd" else ("flux",)
    ours = {file: text for file, text in texts.items() if "payments" in file and file.startswith(parts)}
    shared = {file: text for file, text in texts.items() if file.startswith("argocd/app-groups")}
    text = "".join(f"# {file}\n{content}" for file, content in sorted((ours | shared).items()))
    golden = HERE / "golden" / f"payments-{engine}.yaml"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_part_that_is_promised_has_files() -> None:
    both = {**compiled(with_engine("argocd")).files, **compiled(with_engine("flux")).files}
    assert {file.partition("/")[0] for file in both} == set(PARTS)


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_equal_input_is_rendered_byte_identical_in_whatever_order_it_is_read(chance: random.Random) -> None:
    files = list(EXAMPLES.items())
    wanted = list(compiled(dict(files)).texts().items())
    chance.shuffle(files)
    assert list(compiled(dict(files)).texts().items()) == wanted


def changed(before: Compiled, after: Compiled) -> set[str]:
    old, new = before.texts(), after.texts()
    return {file for file in old.keys() | new.keys() if old.get(file) != new.get(file)}


CHANGES: dict[str, t.Callable[[str], str]] = {
    "revision": lambda text: text.replace("revision: main", "revision: v9.9.9").replace("2.4.0", "2.5.0"),
    "secret": lambda text: f"{text}\n" if "secrets:" in text else f"{text}secrets: {{extra: TEAM/extra}}\n",
    "slo": lambda text: text if "slo:" in text else f"{text}slo: {{availability: 99}}\n",
    "runbook": lambda text: text if "runbook:" in text else f"{text}runbook: docs/it.md\n",
    "not in production": lambda text: text.replace("[dev, staging, prod]", "[dev, staging]"),
}


@each_engine
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("label", sorted(example().applications))
def test_a_change_of_one_application_changes_only_its_own_files(label: str, change: str, engine: str) -> None:
    team, _slash, app = label.partition("/")
    files = with_engine(engine)
    path = f"teams/{team}/apps/{app}/app.yaml"
    own_environment = f"teams/{team}/apps/{app}/env/prod.yaml"
    after = files | {path: CHANGES[change](files[path]).replace("TEAM", team)}
    if change == "not in production":
        after.pop(own_environment, None)
    touched = changed(compiled(files), compiled(after))
    grouped = {one for group in example().app_groups.values() for wave in group.waves for one in wave}
    if engine == "flux" and change == "not in production" and label in grouped:
        # What comes after it in its app group no longer waits for it there.
        touched = {file for file in touched if not file.startswith("flux/")}
    assert [file for file in touched if f"{team}-{app}-" not in file and f"{team}/" not in file] == []
    assert [file for file in touched if app not in file] == []
    if after != files and change not in ("secret",):
        assert touched or files[path] == after[path]


@given(st.sampled_from(sorted(example().teams)), st.sampled_from(["demo", "demo-gke"]))
@settings(max_examples=12, deadline=None)
def test_a_change_of_one_team_changes_only_its_own_files(team: str, cluster: str) -> None:
    files = EXAMPLES
    path = f"teams/{team}/team.yaml"
    after = files | {path: files[path].replace("cost_center:", "quota: large\ncost_center:")}
    touched = changed(compiled(files, cluster), compiled(after, cluster))
    assert touched
    assert [file for file in touched if team not in file] == []


def test_a_new_team_adds_files_and_changes_none() -> None:
    files = base()
    without = {file: text for file, text in files.items() if not file.startswith("teams/pay/")}
    before = compile_cluster(checked(without, SMALL), SMALL.clusters[0]).texts()
    after = compile_cluster(checked(files, SMALL), SMALL.clusters[0]).texts()
    assert {file: text for file, text in after.items() if file in before} == before
    assert after.keys() - before.keys()
    assert all("pay" in file or "money" in file for file in after.keys() - before.keys())


def test_a_namespace_stands_only_on_the_clusters_of_its_environment() -> None:
    fleet = checked(base(), SMALL)
    found = {
        cluster.name: objects(compile_cluster(fleet, cluster), "tenancy", "Namespace") for cluster in SMALL.clusters
    }
    assert set(found["dev-1"]) == {"/front-dev", "/money-dev"}
    assert set(found["prod-1"]) == set(found["prod-2"]) == {"/front-prod", "/money-prod"}


def test_groups_are_bound_by_the_id_that_the_clusters_provider_knows() -> None:
    def subjects(cluster: str) -> set[str]:
        bindings = objects(compiled(EXAMPLES, cluster), "tenancy", "RoleBinding")
        return {s["name"] for s in bindings["checkout-dev/platform:developer"]["subjects"]}

    assert subjects("demo") == {"/payments/devs"}
    assert subjects("demo-aks") == {"5d1f2c1e-7a53-4a0e-9a53-0d1b7a2c4e04"}
    assert subjects("demo-gke") == {"payments-devs@lanternlane.example"}


def test_nobody_debugs_in_production() -> None:
    bindings = objects(compiled(EXAMPLES), "tenancy", "RoleBinding")
    assert "checkout-staging/platform:developer-debug" in bindings
    assert {name for name in bindings if name.startswith("checkout-prod/")} == {
        "checkout-prod/deployer",
        *(f"checkout-prod/platform:{role}" for role in ("team-admin", "developer", "viewer")),
    }


@each_engine
def test_nothing_of_a_team_may_make_what_opens_secrets(engine: str) -> None:
    result = compiled(with_engine(engine))
    for project in objects(result, "argocd", "AppProject").values():
        closed = {entry["kind"] for entry in project["spec"]["namespaceResourceBlacklist"]}
        assert {"Secret", "SecretStore", "ExternalSecret", "RoleBinding", "Role", "ServiceAccount"} <= closed
        assert project["spec"]["clusterResourceWhitelist"] == []
    for role in objects(result, "tenancy", "Role").values():
        assert not {resource for rule in role["rules"] for resource in rule["resources"]} & FORBIDDEN
    for kind in ("Kustomization", "HelmRelease"):
        assert {o["spec"]["serviceAccountName"] for o in objects(result, "flux", kind).values()} <= {"deployer"}


def test_bindings_lead_to_roles_of_the_catalogue_or_of_the_fleet_alone() -> None:
    result = compiled(EXAMPLES)
    bindings = objects(result, "tenancy", "RoleBinding").values()
    catalogue = {name for row in CATALOGUE.values() for name in (row.cluster_role, row.debug)}
    assert {o["roleRef"]["name"] for o in bindings if o["roleRef"]["kind"] == "ClusterRole"} <= catalogue
    own = {f"{o['metadata']['namespace']}/{o['roleRef']['name']}" for o in bindings if o["roleRef"]["kind"] == "Role"}
    assert own == set(objects(result, "tenancy", "Role"))
    assert {name.partition("/")[2] for name in own} == {"fleet:queue-operator"}


def test_flux_waits_for_the_wave_before_and_for_the_group_before() -> None:
    result = compiled(with_engine("flux"))
    found = {**objects(result, "flux", "Kustomization"), **objects(result, "flux", "HelmRelease")}
    order = {name: [entry["name"] for entry in o["spec"].get("dependsOn", [])] for name, o in found.items()}
    assert order["checkout-prod/checkout-prod"] == ["ledger-prod"]
    assert order["shop-prod/web-prod"] == ["checkout-prod", "catalogue-prod"]
    assert order["warehouse-prod/stock-prod"] == ["web-prod"]
    assert order["checkout-dev/checkout-dev"] == []


def test_argocd_rolls_a_group_by_waves_from_a_file_for_each_application() -> None:
    result = compiled(with_engine("argocd"))
    sets = objects(result, "argocd", "ApplicationSet")
    waits = {name: o["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] for name, o in sets.items()}
    assert waits["argocd/shop-prod"] < waits["argocd/warehouse-prod"]
    waves = {obj["name"]: obj["wave"] for obj, _file in result.part("app-groups")}
    assert waves["payments-ledger-prod"] < waves["payments-checkout-prod"] < waves["storefront-web-prod"]


def test_an_exception_lowers_one_namespace_and_audit_refuses_only_what_the_baseline_does() -> None:
    spaces = objects(compiled(EXAMPLES), "tenancy", "Namespace")
    level = {name: o["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] for name, o in spaces.items()}
    assert level["/warehouse-prod"] == "baseline"
    assert level["/checkout-prod"] == level["/checkout-staging"] == "restricted"
    assert level["/checkout-dev"] == "baseline"
    assert spaces["/checkout-dev"]["metadata"]["labels"]["pod-security.kubernetes.io/warn"] == "restricted"


def test_a_cluster_without_a_store_of_the_teams_backend_gets_no_store() -> None:
    assert compiled(EXAMPLES, "demo-gke").part("secrets") == []
    stores = objects(compiled(EXAMPLES), "secrets", "SecretStore")
    assert len(stores) == 9


def test_each_team_reads_secrets_with_an_identity_of_its_own() -> None:
    accounts = objects(compiled(EXAMPLES), "secrets", "ServiceAccount")
    teams = {a["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].rpartition("-")[2] for a in accounts.values()}
    assert teams == {"payments", "storefront", "fulfilment"}


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(st.text(), plain, min_size=1, max_size=4), min_size=1, max_size=3))
@settings(max_examples=80, deadline=None)
def test_what_is_written_is_what_a_yaml_reader_reads(values: list[dict[str, t.Any]]) -> None:
    assert list(yaml.load_all(text_of(values), Loader=yaml.CSafeLoader)) == values


def test_compiling_changes_nothing_of_the_fleet() -> None:
    fleet = example()
    before = dataclasses.replace(fleet)
    for cluster in HARBOUR.clusters:
        compile_cluster(fleet, cluster)
    assert isinstance(fleet, Fleet)
    assert fleet == before == example()
