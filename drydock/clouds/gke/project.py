# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Google projects: networks, locations, machine types, and the service accounts that may call."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import pathlib
import typing as t

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "seaworthy-demo"
NUMBER = "123456789012"
DORMANT = "seaworthy-dormant"  # its Kubernetes Engine API was never enabled
STAGE = "seaworthy-stage"
FOREIGN = "somebody-else"
REGION = "europe-west1"
NETWORK = "platform"
SUBNETWORK = "platform-europe-west1"
PODS, SERVICES = "pods", "services"
# Source: cloud.google.com/compute/docs/regions-zones.
ZONES: dict[str, tuple[str, ...]] = {
    region: tuple(f"{region}-{zone}" for zone in zones)
    for region, zones in {
        "europe-west1": "bcd",
        "europe-west3": "abc",
        "europe-west4": "abc",
        "us-central1": "abcf",
        "us-east1": "bcd",
        "us-west1": "abc",
        "asia-east1": "abc",
    }.items()
}
READS = frozenset(["container.clusters.get", "container.clusters.list"])
READS |= {"container.operations.get", "container.operations.list"}
WRITES = frozenset(["container.clusters.create", "container.clusters.update", "container.clusters.delete"])
ROLES: dict[str, frozenset[str]] = {
    "roles/container.admin": READS | WRITES,
    "roles/container.clusterViewer": READS,
}


@dataclasses.dataclass(frozen=True)
class Machine:
    """``memory`` in MiB."""

    name: str
    cpus: int
    memory: int
    arch: str = "amd64"

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]


# Families of predefined types: name, MiB per vCPU, sizes in vCPUs, architecture.
# Source: cloud.google.com/compute/docs/machine-resource.
FAMILIES: tuple[tuple[str, int, tuple[int, ...], str], ...] = (
    ("e2-standard", 4096, (2, 4, 8, 16, 32), "amd64"),
    ("e2-highmem", 8192, (2, 4, 8, 16), "amd64"),
    ("e2-highcpu", 1024, (2, 4, 8, 16, 32), "amd64"),
    ("n1-standard", 3840, (1, 2, 4, 8, 16, 32, 64, 96), "amd64"),
    ("n2-standard", 4096, (2, 4, 8, 16, 32, 48, 64, 80, 96, 128), "amd64"),
    ("n2-highmem", 8192, (2, 4, 8, 16, 32, 48, 64, 80, 96, 128), "amd64"),
    ("n2-highcpu", 1024, (2, 4, 8, 16, 32, 48, 64, 80, 96), "amd64"),
    ("n2d-standard", 4096, (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224), "amd64"),
    ("n4-standard", 4096, (2, 4, 8, 16, 32, 48, 64, 80), "amd64"),
    ("c2-standard", 4096, (4, 8, 16, 30, 60), "amd64"),
    ("c3-standard", 4096, (4, 8, 22, 44, 88, 176), "amd64"),
    ("c4-standard", 3840, (2, 4, 8, 16, 24, 32, 48, 96, 192), "amd64"),
    ("t2d-standard", 4096, (1, 2, 4, 8, 16, 32, 48, 60), "amd64"),
    ("t2a-standard", 4096, (1, 2, 4, 8, 16, 32, 48), "arm64"),
    ("c4a-standard", 4096, (1, 2, 4, 8, 16, 32, 48, 64, 72), "arm64"),
    ("g2-standard", 4096, (4, 8, 12, 16, 24, 32, 48, 96), "amd64"),
)
SINGLE = (
    Machine("e2-small", 2, 2048),
    Machine("e2-medium", 2, 4096),
    Machine("a2-highgpu-1g", 12, 87040),
)
MACHINES: dict[str, Machine] = {m.name: m for m in SINGLE}
MACHINES |= {
    f"{family}-{cpus}": Machine(f"{family}-{cpus}", cpus, cpus * memory, arch)
    for family, memory, sizes, arch in FAMILIES
    for cpus in sizes
}


@dataclasses.dataclass(frozen=True)
class Subnetwork:
    name: str
    region: str
    network: str
    cidr: str
    secondary: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Project:
    """One project. ``number`` is what the service writes into links where people write the id."""

    id: str
    number: str
    api_enabled: bool = True
    networks: tuple[str, ...] = ("default",)
    subnetworks: tuple[Subnetwork, ...] = ()
    keys: tuple[str, ...] = ()

    def subnetwork(self, region: str, name: str) -> Subnetwork | None:
        return next((s for s in self.subnetworks if (s.region, s.name) == (region, name)), None)


@dataclasses.dataclass(frozen=True)
class ServiceAccount:
    """An identity with one key. ``roles`` are on its own project; ``impersonates`` are e-mail addresses."""

    email: str
    unique_id: str
    project: str
    roles: frozenset[str]
    key: rsa.RSAPrivateKey = dataclasses.field(repr=False, compare=False)
    impersonates: frozenset[str] = frozenset()
    key_deleted: bool = False

    @property
    def key_id(self) -> str:
        return hashlib.sha1(self.email.encode(), usedforsecurity=False).hexdigest()

    def may(self, permission: str) -> bool:
        return any(permission in ROLES[role] for role in self.roles)

    def key_file(self, token_uri: str) -> str:
        """Return the JSON that Google gives people for a key, its token endpoint replaced by the twin's."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        document = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": self.unique_id,
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }
        return json.dumps(document, indent=1)


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    """Return one key pair for all accounts, since making one is slow: issuer and key id tell them apart."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _account(name: str, project: str, *roles: str, **options: t.Any) -> ServiceAccount:
    email = f"{name}@{project}.iam.gserviceaccount.com"
    number = str(10**20 + int(hashlib.sha256(email.encode()).hexdigest()[:12], 16))
    return ServiceAccount(email, number, project, frozenset(roles), _key(), **options)


@dataclasses.dataclass(frozen=True)
class GoogleSeed:
    """What the projects hold at first. ``people`` by the name that tests and the command line use."""

    projects: dict[str, Project]
    people: dict[str, ServiceAccount]
    node_account: str = f"seaworthy-node@{PROJECT}.iam.gserviceaccount.com"

    def account(self, email: str) -> ServiceAccount | None:
        return next((a for a in self.people.values() if a.email == email), None)

    def document(self, endpoint: str, folder: pathlib.Path) -> dict[str, t.Any]:
        """Return what seed.json says under ``google``: no secret in it."""
        return {
            "project": PROJECT,
            "project_number": NUMBER,
            "region": REGION,
            "zones": list(ZONES[REGION]),
            "network": NETWORK,
            "subnetwork": SUBNETWORK,
            "pods_range": PODS,
            "services_range": SERVICES,
            "node_service_account": self.node_account,
            "kms_key": self.projects[PROJECT].keys[0],
            "endpoint_url": endpoint,
            "accounts": {
                name: {"email": account.email, "credentials_file": str(folder / key_file_name(name))}
                for name, account in self.people.items()
            },
        }


def key_file_name(person: str) -> str:
    """Return the name of a person's key file in the state folder."""
    return f"google-{person}.json"


def seed() -> GoogleSeed:
    """Lay out the projects that people start with."""
    secondary = {PODS: "10.64.0.0/14", SERVICES: "10.68.0.0/20"}
    defaults = tuple(
        Subnetwork("default", region, "default", f"10.{132 + 2 * number}.0.0/20") for number, region in enumerate(ZONES)
    )
    subnets = (Subnetwork(SUBNETWORK, REGION, NETWORK, "10.30.0.0/20", secondary), *defaults)
    key = f"projects/{PROJECT}/locations/{REGION}/keyRings/platform/cryptoKeys/clusters"
    admin, deployer = "roles/container.admin", _account("deployer", PROJECT, "roles/container.admin")
    return GoogleSeed(
        projects={
            PROJECT: Project(PROJECT, NUMBER, True, ("default", NETWORK), subnets, (key,)),
            DORMANT: Project(DORMANT, "210987654321", api_enabled=False),
            STAGE: Project(STAGE, "333333333333", subnetworks=defaults),
            FOREIGN: Project(FOREIGN, "555555555555", subnetworks=defaults),
        },
        people={
            "runner": _account("runner", PROJECT, admin, impersonates=frozenset({deployer.email})),
            "colleague": _account("colleague", PROJECT, admin),
            "viewer": _account("viewer", PROJECT, "roles/container.clusterViewer"),
            "deployer": deployer,
            "stage": _account("stage", STAGE, admin),
            "stranger": _account("stranger", FOREIGN, admin),
            "expired": _account("expired", PROJECT, admin, key_deleted=True),
        },
    )


def zones_of(location: str) -> tuple[str, ...]:
    """Return the zones of a region, a zone itself alone, and nothing for a place that does not exist."""
    if location in ZONES:
        return ZONES[location]
    return (location,) if any(location in zones for zones in ZONES.values()) else ()


def region_of(location: str) -> str:
    return location if location in ZONES else location.rpartition("-")[0]


def is_zone(location: str) -> bool:
    return location not in ZONES
