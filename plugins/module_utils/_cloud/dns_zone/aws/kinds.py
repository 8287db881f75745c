# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosted zones in Route 53 and the references to them: how each is made, read, changed and deleted. Pure.

Source: the Route 53 model of botocore. CreateHostedZone takes no tags, so the mark stands in its comment, which
it does take; tags follow.
"""

from __future__ import annotations

import typing as t

from ...foundation.parts import Call, Change, Document, Found, Kind, Part, PartField
from ...network.aws.kinds import tag_list

MODEL = "Route 53 model"
Records = dict[str, dict[str, t.Any]]


def route53(operation: str, **arguments: t.Any) -> Call:
    return Call("route53", operation, arguments)


def _create_zone(part: Part) -> Call:
    private = part.fields["visibility"] == "private"
    first = part.fields.get("networks") or []
    vpc = {"VPC": {"VPCRegion": part.fields["region"], "VPCId": first[0]}} if private else {}
    config = {"Comment": part.fields["comment"], "PrivateZone": private}
    return route53("create_hosted_zone", Name=part.fields["domain"], HostedZoneConfig=config, **vpc)


def _blank_zone(part: Part) -> Document:
    private = part.fields["visibility"] == "private"
    config = {"Comment": part.fields["comment"], "PrivateZone": private}
    first = (part.fields.get("networks") or [])[:1] if private else []
    return {"Name": f"{part.fields['domain']}.", "Config": config, "Networks": first, "Tags": {}, "Records": {}}


def zone_id(zone: Document) -> str:
    return str(zone["Id"]).rpartition("/")[2]


def _visibility(zone: Document) -> str:
    return "private" if zone["Config"].get("PrivateZone") else "public"


def _holds_items(seen: t.Any, wanted: t.Any) -> bool:
    return all((seen or {}).get(name) == value for name, value in wanted.items())


def _put_tags(change: Change) -> list[Call]:
    added = {key: value for key, value in change.after.items() if change.before.get(key) != value}
    return [
        route53("change_tags_for_resource", ResourceType="hostedzone", ResourceId=change.id, AddTags=tag_list(added))
    ]


def _associate(change: Change) -> list[Call]:
    region = change.part.fields["region"]
    return [
        route53("associate_vpc_with_hosted_zone", HostedZoneId=change.id, VPC={"VPCRegion": region, "VPCId": name})
        for name in change.after
    ]


def record_set(key: str, value: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a record as Route 53 writes it; ``key`` is its full name and type."""
    name, kind = key.split(" ")
    values = value["values"]
    rows = values if isinstance(values, str) else [{"Value": text} for text in values]
    return {"Name": name, "Type": kind, "TTL": value["ttl"], "ResourceRecords": rows}


def change_records(zone: str, action: str, records: t.Mapping[str, t.Mapping[str, t.Any]]) -> Call:
    changes = [{"Action": action, "ResourceRecordSet": record_set(key, value)} for key, value in records.items()]
    return route53("change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _upsert(change: Change) -> list[Call]:
    differing = {key: value for key, value in change.after.items() if change.before.get(key) != value}
    return [change_records(change.id, "UPSERT", differing)]


def records_of(rows: t.Iterable[Document]) -> Records:
    """Return the plain records of an answer, by full name and type; aliases and routed ones are not ours to name."""
    return {
        f"{row['Name'].replace(chr(92) + '052', '*')} {row['Type']}": {
            "ttl": row["TTL"],
            "values": sorted(one["Value"] for one in row["ResourceRecords"]),
        }
        for row in rows
        if "TTL" in row and "SetIdentifier" not in row
    }


def _delete_zone(found: Found) -> list[Call]:
    sets = found.document.get("Deletable") or []
    changes = [{"Action": "DELETE", "ResourceRecordSet": one} for one in sets]
    batch = {"HostedZoneId": found.id, "ChangeBatch": {"Changes": changes}}
    emptied = [route53("change_resource_record_sets", **batch)] if changes else []
    return [*emptied, route53("delete_hosted_zone", Id=found.id)]


def name_servers(zone: Document) -> list[str]:
    """Return the name servers of a public zone."""
    return sorted(name.rstrip(".") for name in (zone.get("DelegationSet") or {}).get("NameServers") or ())


ZONE = Kind(
    name="zone",
    title="zone",
    rank=2,
    id=zone_id,
    create=_create_zone,
    created=lambda answer: {**answer["HostedZone"], "DelegationSet": answer.get("DelegationSet")},
    blank=_blank_zone,
    fields=(
        PartField(path="domain", read=lambda zone: zone["Name"].rstrip("."), source="Route 53: fixed at creation"),
        PartField(path="visibility", read=_visibility, source="Route 53: fixed at creation"),
        PartField(
            path="networks",
            read=lambda zone: zone["Networks"],
            change=_associate,
            equal=lambda seen, wanted: set(wanted) <= set(seen),
            each=True,
            source=MODEL,
        ),
        PartField(path="tags", read=lambda zone: zone["Tags"], change=_put_tags, equal=_holds_items, source=MODEL),
        PartField(path="records", read=lambda zone: zone["Records"], change=_upsert, equal=_holds_items, source=MODEL),
    ),
    delete=_delete_zone,
    members={"name_servers": lambda zone: [{"Value": f"{name}."} for name in name_servers(zone)]},
    token="CallerReference",
)


def _same_servers(seen: t.Any, wanted: t.Any) -> bool:
    if isinstance(seen, str) or isinstance(wanted, str):
        return bool(seen == wanted)
    return {one["Value"].rstrip(".") for one in seen} == {one["Value"].rstrip(".") for one in wanted}


def _delegation(part: Part, action: str) -> Call:
    value = {"ttl": part.fields["ttl"], "values": part.fields["name_servers"]}
    return change_records(part.fields["parent"], action, {f"{part.fields['domain']}. NS": value})


def _undelegate(found: Found) -> list[Call]:
    changes = [{"Action": "DELETE", "ResourceRecordSet": found.document["Set"]}]
    batch = {"Changes": changes}
    return [route53("change_resource_record_sets", HostedZoneId=found.document["Parent"], ChangeBatch=batch)]


DELEGATION = Kind(
    name="delegation",
    title="reference in the zone above",
    rank=1,
    id=lambda row: f"{row['Parent']}/{row['Set']['Name']}",
    create=lambda part: _delegation(part, "UPSERT"),
    created=lambda answer: {"Parent": "", "Set": {"Name": answer["ChangeInfo"]["Id"]}},
    blank=lambda part: {"Set": {"TTL": part.fields["ttl"], "ResourceRecords": part.fields["name_servers"]}},
    fields=(
        PartField(
            path="name_servers",
            read=lambda row: row["Set"]["ResourceRecords"],
            change=lambda change: [_delegation(change.part, "UPSERT")],
            equal=_same_servers,
            source=MODEL,
        ),
        PartField(
            path="ttl",
            read=lambda row: row["Set"]["TTL"],
            change=lambda change: [_delegation(change.part, "UPSERT")],
            source=MODEL,
        ),
    ),
    delete=_undelegate,
)


KINDS = (ZONE, DELEGATION)
