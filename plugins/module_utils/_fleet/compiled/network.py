# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network policies of a team's namespace: closed, but for DNS, itself, and the peers that its project names."""

from __future__ import annotations

import typing as t

from .room import Object, Room

NAMESPACE_NAME = "kubernetes.io/metadata.name"


def policies(room: Room) -> t.Iterator[Object]:
    yield _policy(room, "default-deny", {"policyTypes": ["Ingress", "Egress"]})
    dns = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    yield _policy(room, "allow-dns", {"policyTypes": ["Egress"], "egress": [{"ports": dns}]})
    within: list[Object] = [{"podSelector": {}}]
    yield _policy(
        room,
        "allow-within",
        {"policyTypes": ["Ingress", "Egress"], "ingress": [{"from": within}], "egress": [{"to": within}]},
    )
    for side, word, peers in (("Ingress", "from", room.project.ingress), ("Egress", "to", room.project.egress)):
        rules = [rule for peer in peers for rule in _rules(room, word, peer)]
        if rules:
            yield _policy(room, f"allow-{side.lower()}-peers", {"policyTypes": [side], side.lower(): rules})


def _policy(room: Room, name: str, spec: Object) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": room.metadata(name),
        "spec": {"podSelector": {}, **spec},
    }


def _rules(room: Room, word: str, peer: t.Mapping[str, t.Any]) -> list[Object]:
    selector = _selector(room, peer)
    if selector is None:
        return []
    ports = [{"protocol": "TCP", "port": port} for port in peer["ports"]]
    return [{word: [selector], **({"ports": ports} if ports else {})}]


def _selector(room: Room, peer: t.Mapping[str, t.Any]) -> Object | None:
    """Return whom a peer means; None for a project that has no namespace in this environment."""
    if peer["cidr"]:
        return {"ipBlock": {"cidr": peer["cidr"]}}
    name = peer["namespace"]
    if peer["project"]:
        name = room.fleet.projects[peer["project"]].namespaces.get(room.environment)
    return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: name}}} if name else None
