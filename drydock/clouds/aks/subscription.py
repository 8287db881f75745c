# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Azure subscriptions: groups, networks, identities, VM sizes, and who may call."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import pathlib
import typing as t
import uuid

from cryptography.hazmat.primitives.asymmetric import rsa

LOCATION = "westeurope"
LOCATIONS: dict[str, tuple[str, ...]] = {
    "westeurope": ("1", "2", "3"),
    "northeurope": ("1", "2", "3"),
    "eastus": ("1", "2", "3"),
    "westus": (),
}
"""Locations with their availability zones. Source: learn.microsoft.com/azure/reliability/regions-list."""


def guid(name: str) -> str:
    """Return a GUID that is the same each time."""
    return str(uuid.UUID(hashlib.sha256(f"drydock/{name}".encode()).hexdigest()[:32]))


SUBSCRIPTION, STAGE, FOREIGN = guid("subscription"), guid("stage"), guid("foreign subscription")
TENANT, OTHER_TENANT = guid("tenant"), guid("other tenant")
GROUP = "platform"
ADMINS = guid("group platform-admins")

READ, WRITE, DELETE, ACTION, LOCK = "read", "write", "delete", "action", "lock"
ROLES: dict[str, frozenset[str]] = {
    "Owner": frozenset({READ, WRITE, DELETE, ACTION, LOCK}),
    "Contributor": frozenset({READ, WRITE, DELETE, ACTION}),
    "Reader": frozenset({READ}),
}
"""What a role allows here. Source: Azure built-in roles; locks need Microsoft.Authorization/locks/*."""
CLUSTER_ADMIN = "Azure Kubernetes Service RBAC Cluster Admin"


@dataclasses.dataclass(frozen=True)
class Size:
    """A VM size; ``memory`` in MiB."""

    name: str
    cpus: int
    memory: int
    arch: str = "amd64"
    gpus: int = 0


# Families: pattern of the name, MiB a vCPU, sizes in vCPUs, architecture. Source: learn.microsoft.com/azure/
# virtual-machines/sizes.
FAMILIES: tuple[tuple[str, int, tuple[int, ...], str], ...] = (
    ("Standard_D{}s_v5", 4096, (2, 4, 8, 16, 32, 48, 64, 96), "amd64"),
    ("Standard_D{}ds_v5", 4096, (2, 4, 8, 16, 32, 48, 64, 96), "amd64"),
    ("Standard_E{}s_v5", 8192, (2, 4, 8, 16, 32, 48, 64), "amd64"),
    ("Standard_F{}s_v2", 2048, (2, 4, 8, 16, 32, 48, 64, 72), "amd64"),
    ("Standard_D{}ps_v5", 4096, (2, 4, 8, 16, 32, 48, 64), "arm64"),
)
SIZES: dict[str, Size] = {
    "Standard_DS2_v2": Size("Standard_DS2_v2", 2, 7168),
    "Standard_NC6s_v3": Size("Standard_NC6s_v3", 6, 114688, gpus=1),
}
SIZES |= {
    pattern.format(cpus): Size(pattern.format(cpus), cpus, cpus * memory, arch)
    for pattern, memory, sizes, arch in FAMILIES
    for cpus in sizes
}
UNAVAILABLE = "Standard_NC6s_v3"
"""A size that the subscription may not use."""


@dataclasses.dataclass(frozen=True)
class Subnet:
    name: str
    cidr: str


@dataclasses.dataclass(frozen=True)
class Subscription:
    """One subscription. Names of resources below a group, by kind; ``quota`` counts vCPUs in a location."""

    id: str
    tenant: str
    name: str
    groups: tuple[str, ...] = (GROUP,)
    network: str = "platform"
    subnets: tuple[Subnet, ...] = ()
    identities: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    quota: int = 400

    def group_id(self, group: str = GROUP) -> str:
        return f"/subscriptions/{self.id}/resourceGroups/{group}"

    def subnet_id(self, name: str) -> str:
        return f"{self.group_id()}/providers/Microsoft.Network/virtualNetworks/{self.network}/subnets/{name}"

    def identity_id(self, name: str) -> str:
        return f"{self.group_id()}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"

    def workspace_id(self, name: str) -> str:
        return f"{self.group_id()}/providers/Microsoft.OperationalInsights/workspaces/{name}"

    def group(self, name: str) -> str | None:
        return next((group for group in self.groups if group.lower() == name.lower()), None)

    def subnet(self, resource: str) -> Subnet | None:
        return next((s for s in self.subnets if self.subnet_id(s.name).lower() == resource.lower()), None)

    def holds(self, resource: str) -> bool:
        """Tell whether an identity or workspace of this id exists."""
        known = [*map(self.identity_id, self.identities), *map(self.workspace_id, self.workspaces)]
        return resource.lower() in {name.lower() for name in known}


@dataclasses.dataclass(frozen=True)
class Application:
    """An application with its service principal. ``roles`` are on its subscription, ``groups`` are object ids."""

    name: str
    tenant: str
    subscription: str
    roles: frozenset[str]
    groups: tuple[str, ...] = ()
    secret_expired: bool = False

    @property
    def client_id(self) -> str:
        return guid(f"client {self.name}")

    @property
    def object_id(self) -> str:
        return guid(f"object {self.name}")

    @property
    def secret(self) -> str:
        return hashlib.sha256(f"secret of {self.name}".encode()).hexdigest()[:40]

    @property
    def federated_subject(self) -> str:
        return f"repo:seaworthy/{self.name}:ref:refs/heads/main"

    def may(self, right: str) -> bool:
        return any(right in ROLES.get(role, ()) for role in self.roles)


@functools.cache
def signing_key() -> rsa.RSAPrivateKey:
    """Return the key that Entra signs with; one for the whole process, since making one is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclasses.dataclass(frozen=True)
class AzureSeed:
    """What there is at first. ``people`` by the name that tests and the command line use."""

    subscriptions: dict[str, Subscription]
    people: dict[str, Application]

    def application(self, client_id: str) -> Application | None:
        return next((a for a in self.people.values() if a.client_id == client_id.lower()), None)

    def by_object(self, object_id: str) -> Application | None:
        return next((a for a in self.people.values() if a.object_id == object_id), None)

    def document(self, endpoint: str, folder: pathlib.Path) -> dict[str, t.Any]:
        """Return what seed.json says under ``azure``: no secret in it."""
        home = self.subscriptions[SUBSCRIPTION]
        return {
            "subscription": SUBSCRIPTION,
            "tenant": TENANT,
            "location": LOCATION,
            "resource_group": GROUP,
            "subnets": {subnet.name: home.subnet_id(subnet.name) for subnet in home.subnets},
            "identity": home.identity_id(home.identities[0]),
            "workspace": home.workspace_id(home.workspaces[0]),
            "admin_group": ADMINS,
            "endpoint_url": endpoint,
            "ca_bundle": str(folder / CA_FILE),
            "applications": {name: {"client_id": found.client_id} for name, found in self.people.items()},
        }


CA_FILE = "azure-ca.crt"


def seed() -> AzureSeed:
    """Lay out the subscriptions that people start with."""
    subnets = (Subnet("nodes", "10.40.0.0/20"), Subnet("small", "10.40.16.0/28"))
    home = Subscription(
        SUBSCRIPTION, TENANT, "platform", (GROUP, "empty"), "platform", subnets, ("aks",), ("platform",)
    )
    owner, admin = frozenset({"Owner", CLUSTER_ADMIN}), (ADMINS,)
    people = (
        Application("runner", TENANT, SUBSCRIPTION, owner, admin),
        Application("deployer", TENANT, SUBSCRIPTION, owner, admin),
        Application("colleague", TENANT, SUBSCRIPTION, frozenset({"Contributor"})),
        Application("viewer", TENANT, SUBSCRIPTION, frozenset({"Reader"})),
        Application("stage", TENANT, STAGE, owner, admin),
        Application("stranger", OTHER_TENANT, FOREIGN, owner),
        Application("expired", TENANT, SUBSCRIPTION, owner, secret_expired=True),
    )
    return AzureSeed(
        subscriptions={
            SUBSCRIPTION: home,
            STAGE: Subscription(STAGE, TENANT, "stage", subnets=subnets),
            FOREIGN: Subscription(FOREIGN, OTHER_TENANT, "foreign"),
        },
        people={person.name: person for person in people},
    )
