# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal says who asked what of whom, and what wrote."""

from __future__ import annotations

import json
import pathlib

import pytest

from drydock.errors import DrydockError
from drydock.harbour import Harbour
from drydock.journal import Filter, Journal, Line, check_mark, mark, table

from .eks_steps import active_cluster, cluster_request, describe_cluster, refused

FIELDS = ["time", "target", "principal", "agent", "verb", "operation", "status", "wrote", "error"]


def test_only_accepted_mutations_wrote(harbour: Harbour) -> None:
    active_cluster(harbour)
    refused("ResourceInUseException", 409, harbour.client().create_cluster, **cluster_request(harbour))
    harbour.client("ec2").create_tags(Resources=[harbour.seed.vpc], Tags=[{"Key": "a", "Value": "b"}])
    harbour.client("ec2").describe_vpcs()
    wrote = [(x.target, x.operation) for x in harbour.journal.read(Filter(writes=True))]
    assert wrote == [("eks", "CreateCluster"), ("ec2", "CreateTags")]


def test_line_holds_the_contract_and_no_secret(harbour: Harbour) -> None:
    active_cluster(harbour)
    line = json.loads(harbour.journal.read()[0].json())
    assert list(line) == FIELDS
    assert line["principal"] == "arn:aws:iam::111122223333:user/runner"
    assert "Boto3/" in line["agent"]
    assert harbour.credentials().secret_access_key not in harbour.state.journal.read_text()


def test_since_principal_and_target_filter(harbour: Harbour) -> None:
    active_cluster(harbour)
    since = mark()
    describe_cluster(harbour)
    harbour.client("sts", "stranger").get_caller_identity()
    assert [x.target for x in harbour.journal.read(Filter(since=since))] == ["eks", "sts"]
    assert len(harbour.journal.read(Filter(since=since, principal="*:user/stranger"))) == 1
    assert harbour.journal.read(Filter(target="kubernetes/*")) == []


def _event(verb: str, uri: str, code: int) -> str:
    user = {"username": "arn:aws:iam::1:user/me"}
    event = {"verb": verb, "requestURI": uri, "user": user, "responseStatus": {"code": code}, "userAgent": "x"}
    return json.dumps({**event, "requestReceivedTimestamp": "2026-11-22T10:00:00.000001Z"}) + "\n"


@pytest.mark.parametrize(
    ("verb", "uri", "code", "wrote"),
    [
        ("patch", "/api/v1/namespaces/x?fieldManager=m", 200, True),
        ("patch", "/api/v1/namespaces/x?dryRun=All&fieldManager=m", 200, False),
        ("create", "/api/v1/namespaces", 201, True),
        ("create", "/api/v1/namespaces", 409, False),
        ("create", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 201, False),
        ("create", "/api/v1/namespaces/x/serviceaccounts/y/token", 201, False),
        ("list", "/api/v1/namespaces", 200, False),
        ("delete", "/api/v1/namespaces/x", 200, True),
    ],
)
def test_audit_event_wrote_or_not(tmp_path: pathlib.Path, verb: str, uri: str, code: int, wrote: bool) -> None:
    folder = tmp_path / "clusters" / "demo"
    folder.mkdir(parents=True)
    (folder / "audit.log").write_text(_event(verb, uri, code) + '{"half a li')
    lines = Journal(tmp_path / "journal.jsonl", tmp_path / "clusters").read()
    assert [(x.target, x.verb, x.wrote) for x in lines] == [("kubernetes/demo", verb, wrote)]


def test_table_ends_with_a_count() -> None:
    line = Line(mark(), "eks", "arn:aws:iam::1:user/me", "", "POST", "CreateCluster", 200, True)
    assert table([line]).splitlines()[-1] == "1 requests, 1 writes"
    assert table([]) == "0 requests, 0 writes"


def test_mark_of_another_form_refused() -> None:
    assert check_mark(mark())
    with pytest.raises(DrydockError, match="is no mark"):
        check_mark("yesterday")
