# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promise of the whole: an empty account becomes a platform, and the second run has nothing to do."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from tests.integration.harbours import Demo, Run

pytestmark = pytest.mark.xdist_group("site")

OURS = "applyset.kubernetes.io/part-of"
KINDS = "namespaces,deployments,services,configmaps,serviceaccounts,clusterroles,crd,clusterissuers,certificates"


def versions(demo: Demo) -> dict[str, str]:
    """Return object -> resourceVersion of everything that is ours: any accepted write would move one."""
    found = demo.get(KINDS, "--all-namespaces", "-l", OURS)["items"]
    return {f"{o['kind']}/{name(o['metadata'])}": o["metadata"]["resourceVersion"] for o in found}


def name(metadata: dict[str, t.Any]) -> str:
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def test_first_run_makes_cluster_and_layers(converged: tuple[Demo, Run]) -> None:
    demo, first = converged
    assert first.changed >= 3
    assert "create control plane" in first.output
    nodes = demo.get("nodes")["items"]
    pools = {node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] for node in nodes}
    assert pools == {"system", "general"}


def test_second_run_sends_no_write(converged: tuple[Demo, Run]) -> None:
    demo, _first = converged
    before, mark = versions(demo), demo.mark()
    second = demo.play().passed()
    assert second.changed == 0, second.output
    assert "to change" not in second.output, "nothing is unchanged only because the server was asked"
    assert demo.writes(mark) == []
    assert versions(demo) == before
    assert len(before) > 20


def test_check_of_a_converged_platform_sends_no_write(converged: tuple[Demo, Run]) -> None:
    demo, _first = converged
    mark = demo.mark()
    checked = demo.play("site.yml", "--check", "--diff").passed()
    assert checked.changed == 0, checked.output
    assert demo.writes(mark) == []


def test_check_of_an_empty_account_says_what_would_be_made(empty: Demo) -> None:
    mark = empty.mark()
    checked = empty.play("site.yml", "--check", "--diff").passed()
    assert "create control plane" in checked.output
    assert "not validated" in checked.output
    assert checked.changed >= 3
    assert empty.writes(mark) == []


def test_one_layer_from_a_fresh_controller_is_the_same_layer(
    converged: tuple[Demo, Run], tmp_path: pathlib.Path
) -> None:
    demo, _first = converged
    mark = demo.mark()
    alone = demo.play("site.yml", "--tags", "certificates", environment={"HOME": str(tmp_path)}).passed()
    assert alone.changed == 0, alone.output
    assert demo.writes(mark) == []


def ready(obj: dict[str, t.Any]) -> bool:
    conditions = obj.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def test_cert_manager_really_issues_our_certificates(converged: tuple[Demo, Run]) -> None:
    demo, _first = converged
    certificates = demo.get("certificates", "--all-namespaces")["items"]
    wildcard = [c for c in certificates if any(host.startswith("*.") for host in c["spec"].get("dnsNames", []))]
    assert wildcard
    assert all(ready(c) for c in certificates)
    place = wildcard[0]["metadata"]["namespace"]
    secret = demo.get("secret", "-n", place, wildcard[0]["spec"]["secretName"])
    assert {"tls.crt", "tls.key", "ca.crt"} <= set(secret["data"])


def test_webhook_refuses_a_bad_certificate_before_any_write(converged: tuple[Demo, Run]) -> None:
    demo, _first = converged
    mark = demo.mark()
    refusal = demo.play(
        "site.yml", "--tags", "certificates", "-e", '{"certificates_wildcard_domains": ["not a domain!"]}'
    )
    output = refusal.refused()
    assert "Certificate" in output
    assert demo.writes(mark) == []


def test_no_secret_of_the_runner_is_printed(converged: tuple[Demo, Run]) -> None:
    demo, _first = converged
    secret = demo.environment()["AWS_SECRET_ACCESS_KEY"]
    loud = demo.play("site.yml", "-vvvv", "--diff").passed()
    assert secret not in loud.output
    assert "k8s-aws-v1." not in loud.output


def test_version_bump_of_a_layer_converges(converged: tuple[Demo, Run]) -> None:
    """Last of this module's shared harbour: it changes what the others read."""
    demo, _first = converged
    bump = '{"certificates_versions": {"cert_manager": {"version": "1.21.1"}}}'
    demo.play("site.yml", "--tags", "certificates", "-e", bump).passed()
    images = {
        container["image"]
        for item in demo.get("deployments", "-n", "cert-manager")["items"]
        for container in item["spec"]["template"]["spec"]["containers"]
    }
    assert {image.rsplit(":", 1)[1] for image in images} == {"v1.21.1"}
    back = demo.play("site.yml", "--tags", "certificates").passed()
    assert back.changed == 1
    assert demo.play("site.yml", "--tags", "certificates").passed().changed == 0
