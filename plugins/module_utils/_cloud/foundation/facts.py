# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another tool made of a network, read from the outputs that it prints. Pure: no state file, no tool is run.

Sources: `terraform output -json`, `pulumi stack output --json`, CloudFormation DescribeStacks; names of outputs as
terraform-aws-vpc, Pulumi's awsx.ec2.Vpc and eksctl's stacks call them.
"""

from __future__ import annotations

import json
import typing as t

from ..._common.errors import InvalidInput, did_you_mean

Outputs = dict[str, t.Any]
Facts = dict[str, t.Any]
NAMES: dict[str, tuple[str, ...]] = {
    "network_id": ("vpc_id", "vpcId", "VPC", "VpcId"),
    "private": ("private_subnets", "privateSubnetIds", "SubnetsPrivate"),
    "public": ("public_subnets", "publicSubnetIds", "SubnetsPublic"),
    "egress_addresses": ("nat_public_ips",),
}
"""What each fact may be called; the first that there is counts."""
LISTS = ("private", "public", "egress_addresses")
MASKED = "[secret]"


def foundation_facts(text: t.Any, source: str, names: t.Mapping[str, str] | None = None) -> Facts:
    """Return ``existing``, ``attach`` and ``egress_addresses`` from the outputs of a tool.

    ``existing`` is that option of cluster_network, ``attach`` the network option of eks_cluster; ``names`` says what
    an output is called where it is not one of the usual names. Raises InvalidInput; secret outputs are never read.
    """
    if source not in READERS:
        raise InvalidInput([f"source is {source!r}; must be one of {', '.join(sorted(READERS))}"])
    wrong = sorted(set(names or {}) - set(NAMES))
    if wrong:
        raise InvalidInput([f"names has {wrong[0]}{did_you_mean(wrong[0], NAMES)}; known are {', '.join(NAMES)}"])
    outputs = READERS[source](_document(text, source))
    facts = {fact: _value(fact, outputs, (names or {}).get(fact)) for fact in NAMES}
    if not facts["network_id"]:
        raise InvalidInput([_missing(outputs, source)])
    existing = {name: facts[name] for name in ("network_id", "private", "public") if facts[name]}
    return {
        "existing": existing,
        "attach": {"subnets": facts["private"]},
        "egress_addresses": facts["egress_addresses"],
    }


def _document(text: t.Any, source: str) -> t.Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidInput(
            [f"the outputs of {source} are no JSON; pipe them as its --json option prints them"]
        ) from None


def _of_terraform(document: t.Any) -> Outputs:
    rows = _mapping(document, "terraform").items()
    return {name: row["value"] for name, row in rows if isinstance(row, t.Mapping) and not row.get("sensitive")}


def _of_pulumi(document: t.Any) -> Outputs:
    return {name: value for name, value in _mapping(document, "pulumi").items() if value != MASKED}


def _of_cloudformation(document: t.Any) -> Outputs:
    stacks = document.get("Stacks", [document]) if isinstance(document, t.Mapping) else [{"Outputs": document}]
    rows = [row for stack in stacks for row in stack.get("Outputs") or ()]
    if not all(isinstance(row, t.Mapping) and "OutputKey" in row for row in rows):
        raise InvalidInput(["the outputs of cloudformation must be those of describe-stacks, with OutputKey each"])
    return {row["OutputKey"]: row.get("OutputValue") for row in rows}


def _mapping(document: t.Any, source: str) -> t.Mapping[str, t.Any]:
    if not isinstance(document, t.Mapping):
        raise InvalidInput([f"the outputs of {source} must be a mapping of names to values"])
    return document


READERS: dict[str, t.Callable[[t.Any], Outputs]] = {
    "cloudformation": _of_cloudformation,
    "pulumi": _of_pulumi,
    "terraform": _of_terraform,
}


def _value(fact: str, outputs: Outputs, name: str | None) -> t.Any:
    """Return a fact, empty where there is none. A list may come as one text with commas, as stacks give it."""
    if name and name not in outputs:
        raise InvalidInput([f"names.{fact} is {name}, which is no output{did_you_mean(name, outputs)}"])
    found = outputs[name] if name else next((outputs[one] for one in NAMES[fact] if outputs.get(one)), None)
    if fact not in LISTS:
        return str(found or "")
    items = found.split(",") if isinstance(found, str) else found or []
    return [str(item).strip() for item in items]


def _missing(outputs: Outputs, source: str) -> str:
    there = ", ".join(sorted(outputs)) or "none"
    usual = ", ".join(NAMES["network_id"])
    return (
        f"no output of {source} names the network (usual: {usual}; there are: {there}); say names: {{network_id: ...}}"
    )
