# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule that no test misses is no rule: without it, the test that bears its name must fail."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import typing as t

import pytest
from botocore.exceptions import ClientError
from google.api_core.exceptions import GoogleAPICallError

from drydock.clouds.aks.shore import ArmRefusal
from drydock.clouds.aks.twin import ALL as AKS
from drydock.clouds.eks.twin import ALL as EKS
from drydock.clouds.gke.twin import ALL as GKE
from drydock.harbour import Harbour


@dataclasses.dataclass(frozen=True)
class Twin:
    """Where the tests of a twin's rules are, how its client refuses, and how a rule is left out."""

    rules: t.Sequence[t.Any]
    modules: tuple[str, ...]
    refusal: type[Exception]
    without: t.Callable[[Harbour, str], object]


TWINS = {
    "eks": Twin(
        EKS,
        ("test_eks_rules", "test_eks_parts", "test_eks_validity"),
        ClientError,
        lambda harbour, rule: harbour.without(rule),
    ),
    "aks": Twin(
        AKS,
        ("test_aks_rules", "test_aks_validity"),
        ArmRefusal,
        lambda harbour, rule: harbour.azure.without(rule),
    ),
    "gke": Twin(
        GKE,
        ("test_gke_rules", "test_gke_validity"),
        GoogleAPICallError,
        lambda harbour, rule: harbour.google.without(rule),
    ),
}
ROWS = [(cloud, row.id) for cloud, twin in TWINS.items() for row in twin.rules]


def named_after(cloud: str, rule: str) -> t.Callable[[Harbour], None]:
    """Return the one test whose name begins with the rule's id."""
    modules = [importlib.import_module(f"tests.twin.{name}") for name in TWINS[cloud].modules]
    members = [pair for module in modules for pair in inspect.getmembers(module, inspect.isfunction)]
    found = [function for name, function in members if name.startswith(f"test_{rule}_")]
    assert len(found) == 1, f"rule {rule} has {len(found)} tests named after it; it must have one"
    return found[0]


@pytest.mark.parametrize("cloud", TWINS)
def test_ids_are_unique_and_sources_named(cloud: str) -> None:
    rules = TWINS[cloud].rules
    assert len({row.id for row in rules}) == len(rules)
    assert all(row.source and row.promise for row in rules)


@pytest.mark.parametrize(("cloud", "rule"), ROWS)
def test_each_rule_has_a_test(cloud: str, rule: str) -> None:
    assert callable(named_after(cloud, rule))


@pytest.mark.prove
@pytest.mark.parametrize(("cloud", "rule"), ROWS)
def test_the_test_of_a_rule_fails_without_it(harbour: Harbour, cloud: str, rule: str) -> None:
    test, twin = named_after(cloud, rule), TWINS[cloud]
    test(harbour)
    harbour.reset()
    twin.without(harbour, rule)
    with pytest.raises((AssertionError, pytest.fail.Exception, twin.refusal)):
        test(harbour)
