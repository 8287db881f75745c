# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS zone on AWS: made once, referred to, its own records healed, the records of others never deleted unasked."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import InvalidInput, PlatformError
from drydock.faults import Fault
from tests.integration.foundation.conftest import Desk

FOREIGN = {"Name": "a.prod.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.9"}]}


def zone(desk: Desk, **changes: t.Any) -> dict[str, t.Any]:
    return desk.run("cluster_dns_zone", **changes)


def parent(desk: Desk) -> str:
    """Return the zone above, which somebody else made."""
    made = desk.client("route53").create_hosted_zone(Name="example.com", CallerReference="theirs")
    return str(made["HostedZone"]["Id"].rpartition("/")[2])


def change(desk: Desk, name: str, action: str, record: dict[str, t.Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    desk.client("route53").change_resource_record_sets(HostedZoneId=name, ChangeBatch=batch)


def records(desk: Desk, name: str) -> set[tuple[str, str]]:
    rows = desk.client("route53").list_resource_record_sets(HostedZoneId=name)["ResourceRecordSets"]
    return {(row["Name"], row["Type"]) for row in rows}


def zones(desk: Desk) -> list[str]:
    return [one["Name"] for one in desk.client("route53").list_hosted_zones()["HostedZones"]]


def test_a_zone_is_planned_made_once_referred_to_and_deleted(desk: Desk) -> None:
    above = {"parent": {"zone_id": parent(desk)}}
    checked = zone(desk, check=True, **above)
    assert desk.writes() == []
    made = zone(desk, **above)
    assert made["plan_id"] == checked["plan_id"]
    assert made["zone"]["delegated"]
    assert ("prod.example.com.", "NS") in records(desk, above["parent"]["zone_id"])
    again = zone(desk, **above)
    assert (again["changed"], desk.writes(), again["zone"]) == (False, [], made["zone"])
    desk.gone("cluster_dns_zone", **above)
    assert zones(desk) == ["example.com."]
    assert ("prod.example.com.", "NS") not in records(desk, above["parent"]["zone_id"])


def test_our_records_are_healed_and_those_of_others_stay(desk: Desk) -> None:
    name = zone(desk)["zone"]["id"]
    change(desk, name, "UPSERT", {**FOREIGN, "Name": "www.prod.example.com."})
    change(desk, name, "UPSERT", FOREIGN)
    zone(desk)
    assert desk.writes() == ["ChangeResourceRecordSets"]
    assert ("a.prod.example.com.", "A") in records(desk, name)
    zone(desk)
    assert desk.writes() == []


def test_a_zone_with_records_of_others_is_deleted_only_where_told(desk: Desk) -> None:
    name = zone(desk)["zone"]["id"]
    change(desk, name, "UPSERT", FOREIGN)
    with pytest.raises(PlatformError, match=r"it holds records of others: a\.prod\.example\.com\. A") as caught:
        desk.gone("cluster_dns_zone")
    assert (caught.value.kind, desk.writes()) == ("in_use", [])
    desk.gone("cluster_dns_zone", force_delete_records=True)
    assert zones(desk) == []


def test_a_zone_of_somebody_else_with_the_same_name_is_left_alone_and_told_of(desk: Desk) -> None:
    theirs = desk.client("route53").create_hosted_zone(Name="prod.example.com", CallerReference="theirs")
    told = zone(desk)
    assert theirs["HostedZone"]["Id"].rpartition("/")[2] in told["warnings"][0]
    desk.gone("cluster_dns_zone")
    assert zones(desk) == ["prod.example.com."]


def test_a_reference_that_leads_elsewhere_is_refused(desk: Desk) -> None:
    above = parent(desk)
    servers = [{"Value": "ns.elsewhere.example."}]
    change(desk, above, "UPSERT", {"Name": "prod.example.com.", "Type": "NS", "TTL": 60, "ResourceRecords": servers})
    with pytest.raises(PlatformError, match=r"refers prod\.example\.com to ns\.elsewhere\.example") as caught:
        zone(desk, parent={"zone_id": above})
    assert (caught.value.kind, desk.writes()) == ("foreign", [])


@pytest.mark.parametrize("operation", ["CreateHostedZone", "ChangeTagsForResource"])
def test_stopped_after_a_write_the_next_run_finishes_it(desk: Desk, operation: str) -> None:
    desk.harbour.faults.add(Fault("answer", operation, "route53", "after", status=403, code="AccessDenied"))
    with pytest.raises(PlatformError):
        zone(desk)
    zone(desk)
    assert zones(desk) == ["prod.example.com."]
    zone(desk)
    assert desk.writes() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"visibility": "private"},
            "visibility is private and networks is missing; name the VPCs that can ask the zone",
        ),
        (
            {"records": [{"name": "@", "type": "CNAME", "values": ["x.example.com"]}]},
            "records[0] is a CNAME at the domain itself, which cannot be",
        ),
        (
            {"records": [{"name": "x", "type": "TXT", "values": ["unquoted"]}]},
            "records[0].values of a TXT must each stand in double quotes",
        ),
        (
            {
                "records": [
                    {"name": "x", "type": "CNAME", "values": ["y.example.com"]},
                    {"name": "x", "type": "A", "values": ["192.0.2.1"]},
                ]
            },
            "records has a CNAME beside other types at x; a CNAME stands alone",
        ),
    ],
)
def test_bad_input_is_refused_before_any_request(desk: Desk, changes: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone(desk, **changes)
    assert str(caught.value) == said
    assert desk.asked() == []
