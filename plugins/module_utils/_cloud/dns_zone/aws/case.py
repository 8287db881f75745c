# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS zone on AWS as a case of the loop: reading, what shall be, and what is told of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ...._common.errors import PlatformError
from ...foundation.aws import AwsParts, Marks
from ...foundation.options import Base
from ...foundation.parts import Document, Found, Part
from ...foundation.plan import Wish, differences, plan_parts, summary
from ...foundation.told import diff, terms
from ...reconcile.actions import Plan
from .kinds import DELEGATION, ZONE, Records, name_servers, records_of

Result = dict[str, t.Any]
APEX = ("NS", "SOA")


@dataclasses.dataclass(frozen=True)
class Seen:
    """``others`` are zones of the same name and visibility without our mark; ``foreign`` records that are not ours."""

    account: str
    found: t.Mapping[str, Found]
    others: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


class ZoneCase:
    def __init__(self, driver: AwsParts, spec: Base) -> None:
        self.driver = driver
        self.spec = spec
        self.terms = terms(spec, "zone")

    def observe(self, suspicious: bool) -> Seen:
        return read_zone(self.driver, self.spec)

    def plan(self, seen: Seen) -> Plan:
        if self.spec.absent:
            refuse_records_of_others(self.spec, seen)
        refuse_other_reference(self.spec, seen)
        return plan_parts(wish_of(self.spec, seen), seen.found)

    def summary(self, plan: Plan) -> str:
        return summary(plan)

    def told(self, first: Seen, last: Seen) -> Result:
        wish = wish_of(self.spec, first)
        said = f"{self.spec.place.subject}: {', '.join(first.others)} is another zone of the same name, left alone"
        return {
            "zone": describe(self.spec, last),
            "diff": diff(wish, first.found),
            "drift": [one.public() for one in differences(wish, first.found)],
            "warnings": [said] if first.others else [],
        }


# -- reading


def comment(spec: Base) -> str:
    """Return the mark of our zone: CreateHostedZone takes a comment and no tags."""
    return f"{spec.owner} {spec.base}"


def read_zone(driver: AwsParts, spec: Base) -> Seen:
    name, private = spec.values["domain"], spec.values["visibility"] == "private"
    listed = driver.call("route53", "list_hosted_zones_by_name", DNSName=name)["HostedZones"]
    same = [one for one in listed if _is(one, name, private)]
    ours = [one for one in same if one["Config"].get("Comment") == comment(spec)]
    if len(ours) > 1:
        ids = sorted(one["Id"].rpartition("/")[2] for one in ours)
        raise PlatformError(
            f"{spec.place.subject}: zones {', '.join(ids)} both carry our mark; one of them is not ours.",
            kind="foreign",
            remedy="Change the comment of the one that is not, then run again.",
            details={"ids": ids},
        )
    others = tuple(one["Id"].rpartition("/")[2] for one in same if one not in ours)
    found = {"zone": Found("zone", ZONE, _whole(driver, spec, ours[0]))} if ours else {}
    found.update(_delegation(driver, spec, found.get("zone")))
    driver.know(found.values())
    foreign = _foreign(spec, found["zone"].document) if ours else ()
    return Seen(driver.account, found, others, foreign)


def _is(zone: Document, name: str, private: bool) -> bool:
    return zone["Name"].rstrip(".") == name.lower() and bool(zone["Config"].get("PrivateZone")) == private


def _whole(driver: AwsParts, spec: Base, zone: Document) -> Document:
    """Return the zone with its networks, name servers, tags and records."""
    name = zone["Id"].rpartition("/")[2]
    answer = driver.call("route53", "get_hosted_zone", Id=name)
    tags = driver.call("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=name)
    sets = record_sets(driver, name)
    ours = _ours(spec)
    apex = f"{spec.values['domain']}."
    own = [one for one in sets if not (one["Name"] == apex and one["Type"] in APEX)]
    forced = spec.values["force_delete_records"]
    return {
        **zone,
        "DelegationSet": answer.get("DelegationSet"),
        "Networks": [vpc["VPCId"] for vpc in answer.get("VPCs") or ()],
        "Tags": {tag["Key"]: tag["Value"] for tag in tags["ResourceTagSet"]["Tags"]},
        "Records": records_of(sets),
        "Own": own,
        "Deletable": [one for one in own if forced or f"{one['Name']} {one['Type']}" in ours],
    }


def record_sets(driver: AwsParts, zone: str) -> list[Document]:
    """Return all records of a zone; pages begin where the last one ended."""
    rows: list[Document] = []
    start: dict[str, str] = {}
    while True:
        answer = driver.call("route53", "list_resource_record_sets", HostedZoneId=zone, **start)
        rows += answer["ResourceRecordSets"]
        if not answer.get("IsTruncated"):
            return rows
        start = {
            f"StartRecord{name}": answer[f"NextRecord{name}"]
            for name in ("Name", "Type", "Identifier")
            if answer.get(f"NextRecord{name}")
        }


def _delegation(driver: AwsParts, spec: Base, zone: Found | None) -> dict[str, Found]:
    """Return the reference in the zone above, where it leads to us or, on the way to it, to nobody else's zone."""
    parent = spec.values.get("parent.zone_id")
    if not parent:
        return {}
    apex = f"{spec.values['domain']}."
    start = {"StartRecordName": apex, "StartRecordType": "NS", "MaxItems": "1"}
    rows = driver.call("route53", "list_resource_record_sets", HostedZoneId=parent, **start)["ResourceRecordSets"]
    row = next((one for one in rows if (one["Name"], one["Type"]) == (apex, "NS")), None)
    if row is None or (spec.absent and not _leads_to(row, zone)):
        return {}
    return {"delegation": Found("delegation", DELEGATION, {"Parent": parent, "Set": row})}


def _leads_to(row: Document, zone: Found | None) -> bool:
    servers = {one["Value"].rstrip(".") for one in row["ResourceRecords"]}
    return zone is not None and servers == set(name_servers(zone.document))


def _foreign(spec: Base, zone: Document) -> tuple[str, ...]:
    ours = _ours(spec)
    return tuple(key for one in zone["Own"] if (key := f"{one['Name']} {one['Type']}") not in ours)


def refuse_records_of_others(spec: Base, seen: Seen) -> None:
    if not seen.foreign or spec.values["force_delete_records"]:
        return
    blocked = [
        {"kind": "record", "id": key, "created_by": "somebody", "hint": "Delete it, or set force_delete_records."}
        for key in seen.foreign
    ]
    more = f" and {len(blocked) - 5} more" if len(blocked) > 5 else ""
    raise PlatformError(
        f"{spec.place.subject} cannot be deleted: it holds records of others: {', '.join(seen.foreign[:5])}{more}.",
        kind="in_use",
        remedy="Delete them (external-dns leaves its own behind), or set force_delete_records: true.",
        details={"blocked_by": blocked},
    )


def refuse_other_reference(spec: Base, seen: Seen) -> None:
    """A reference that leads elsewhere is somebody's zone: it is never turned over."""
    one = seen.found.get("delegation")
    if one is None or _leads_to(one.document["Set"], seen.found.get("zone")):
        return
    servers = ", ".join(row["Value"] for row in one.document["Set"]["ResourceRecords"])
    raise PlatformError(
        f"{spec.place.subject}: zone {one.document['Parent']} refers {spec.values['domain']} to {servers} already, "
        "which is not this zone.",
        kind="foreign",
        remedy="Delete that NS record if nobody needs it, or leave parent out.",
    )


# -- what shall be


def _ours(spec: Base) -> Records:
    apex = f"{spec.values['domain']}."
    return {
        f"{apex if row['name'] == '@' else row['name'] + '.' + apex} {row['type']}": {
            "ttl": row["ttl"],
            "values": sorted(row["values"]),
        }
        for row in spec.values.get("records") or ()
    }


def wish_of(spec: Base, seen: Seen) -> Wish:
    if spec.absent:
        return Wish(spec.base, (), tuple(seen.found.values()))
    mark = Marks(spec.owner, spec.kind, spec.place.name)
    fields: dict[str, t.Any] = {
        "domain": spec.values["domain"],
        "visibility": spec.values["visibility"],
        "region": spec.region,
        "comment": comment(spec),
        "tags": {**spec.tags, **mark.tags("zone")},
    }
    if spec.values.get("networks"):
        fields["networks"] = spec.values["networks"]
    if spec.values.get("records"):
        fields["records"] = _ours(spec)
    parts = [Part("zone", ZONE, fields)]
    parent = spec.values.get("parent.zone_id")
    if parent:
        servers = f"{Wish(spec.base).reference('zone')}/name_servers"
        own = {"parent": parent, "domain": spec.values["domain"], "ttl": spec.values["parent.ttl"]}
        parts.append(Part("delegation", DELEGATION, {**own, "name_servers": servers}, {}, ("zone",)))
    return Wish(spec.base, tuple(parts))


# -- what is told


def describe(spec: Base, seen: Seen) -> Result:
    """Return the ``zone`` value of a result."""
    zone = seen.found.get("zone")
    servers = name_servers(zone.document) if zone else []
    row = seen.found["delegation"].document["Set"] if "delegation" in seen.found else None
    public = spec.values["visibility"] == "public"
    return {
        "cloud": "aws",
        "id": zone.id if zone else ("" if spec.absent else Wish(spec.base).reference("zone")),
        "name": spec.place.name,
        "domain": spec.values["domain"],
        "account": seen.account,
        "exists": zone is not None,
        "name_servers": servers,
        "delegated": bool(row and servers and _leads_to(row, zone)),
        "delegation_record": {"name": spec.values["domain"], "type": "NS", "values": servers} if public else {},
    }
