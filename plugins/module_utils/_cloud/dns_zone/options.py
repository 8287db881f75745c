# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of ``cluster_dns_zone``."""

from __future__ import annotations

import typing as t

from ..cluster import rules
from ..cluster.options import Option
from ..cluster.schema import Reader, Values
from ..foundation.options import Base, parse, place_options, run_options
from ..network.options import vpc_id

TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT")
LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
domain = rules.matches(rf"({LABEL}\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?", "a domain, like eu-1.example.com")
record_name = rules.matches(rf"@|(\*\.)?{LABEL}(\.{LABEL})*|\*", "a name below the domain, or @ for the domain itself")
zone_id = rules.matches(r"[A-Z0-9]{4,32}", "the id of a hosted zone, like Z0123456789ABCDEFGHIJ")

RECORD_ROWS: tuple[Option, ...] = (
    Option(
        path="name",
        type="str",
        required=True,
        rule=record_name,
        doc=("Name below the domain, without it; C(@) for the domain itself.",),
    ),
    Option(path="type", type="str", choices=TYPES, required=True, doc=("Type of the record.",)),
    Option(path="ttl", type="int", default=300, rule=rules.between(0, 2147483647), doc=("Seconds it may be kept.",)),
    Option(path="values", type="list", elements="str", required=True, doc=("Values; texts of V(TXT) in quotes.",)),
)
OWN_OPTIONS: tuple[Option, ...] = (
    Option(path="domain", type="str", required=True, rule=domain, doc=("Domain of the zone. Cannot be changed.",)),
    Option(
        path="visibility",
        type="str",
        choices=("public", "private"),
        default="public",
        doc=("Whether the world or only O(networks) can ask it. Cannot be changed.",),
    ),
    Option(
        path="networks",
        type="list",
        elements="str",
        rule=rules.planned_or(vpc_id),
        doc=("VPCs that can ask a private zone. One that is no longer listed stays.",),
    ),
    Option(
        path="parent.zone_id",
        type="str",
        rule=zone_id,
        doc=("Public zone of the domain above, in the same account, that shall refer to this one.",),
    ),
    Option(
        path="parent.ttl",
        type="int",
        default=300,
        rule=rules.between(60, 172800),
        doc=("Seconds that the reference may be kept.",),
    ),
    Option(
        path="records",
        type="list",
        elements="row",
        rows=RECORD_ROWS,
        doc=("Records of ours. Others in the zone, and those no longer listed, stay.",),
    ),
    Option(
        path="force_delete_records",
        type="bool",
        default=False,
        doc=("Whether O(state=absent) deletes records of others along; else they are named and nothing is deleted.",),
    ),
)
OPTIONS = (*place_options("zone"), *run_options("zone"), *OWN_OPTIONS)


def parse_zone(document: t.Mapping[str, t.Any]) -> Base:
    """Return the desired zone. Raises InvalidInput with every fault."""
    return parse("zone", OPTIONS, document, (_contradictions,))


def _contradictions(reader: Reader, values: Values) -> None:
    private = values.get("visibility") == "private"
    if private and values["state"] == "present" and not values.get("networks"):
        reader.problems.append("visibility is private and networks is missing; name the VPCs that can ask the zone")
    if not private and values.get("networks"):
        reader.problems.append("networks is given for a public zone; leave it out or set visibility: private")
    if private and values.get("parent.zone_id"):
        reader.problems.append("parent is given for a private zone, which no other zone refers to; leave it out")
    rows = [{"ttl": 300, **row} for row in values.get("records") or []]
    values["records"] = rows if "records" in values else None
    _check_records(reader, rows)


def _check_records(reader: Reader, rows: t.Sequence[Values]) -> None:
    """A CNAME is alone at its name and never at the apex (RFC 1034, 3.6.2)."""
    seen: set[tuple[t.Any, t.Any]] = set()
    for number, row in enumerate(rows):
        name, kind = row.get("name"), row.get("type")
        if (name, kind) in seen:
            reader.problems.append(f"records[{number}] repeats {name} {kind}; give all its values at once")
        seen.add((name, kind))
        if name == "@" and kind in ("CNAME", "NS"):
            reader.problems.append(f"records[{number}] is a {kind} at the domain itself, which cannot be")
        if kind == "TXT" and any(not (text[:1] == text[-1:] == '"') for text in row.get("values") or ()):
            reader.problems.append(f"records[{number}].values of a TXT must each stand in double quotes")
    alone = {name for name, kind in seen if kind == "CNAME"}
    crowded = sorted({str(name) for name, kind in seen if kind != "CNAME" and name in alone})
    if crowded:
        reader.problems.append(f"records has a CNAME beside other types at {', '.join(crowded)}; a CNAME stands alone")
