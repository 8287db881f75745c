# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole harbour in one process: accounts, twin, identity, clusters, journal and faults behind two ports."""

from __future__ import annotations

import contextlib
import hashlib
import json
import pathlib
import shutil
import sys
import threading
import typing as t
import urllib.parse

from botocore.config import Config

from . import admin, control_plane
from .clock import CloudClock, DemoClock, SteppedClock
from .clouds.aks.shore import AzureShore
from .clouds.aws import account
from .clouds.aws.endpoint import AwsEndpoint
from .clouds.aws.gate import gate
from .clouds.aws.principals import Credentials, Principal
from .clouds.eks.fleet import RealPlant
from .clouds.eks.plant import PaperPlant
from .clouds.eks.store import Cluster
from .clouds.eks.twin import ALL, EksTwin
from .clouds.gke.shore import GoogleShore
from .control_plane import ControlPlane
from .errors import DrydockError
from .faults import Faults
from .identity import eks_token
from .journal import Journal
from .state import State, shell_lines
from .web import LoopbackServer, Request, Response

TICK = 0.25
NODE_ZONES = tuple(f"{account.REGION}{zone}" for zone in account.ZONES)


class Harbour:
    """One harbour on one state folder. Moto's stores are global: at most one per process."""

    def __init__(
        self,
        folder: pathlib.Path,
        clock: CloudClock | None = None,
        *,
        control_planes: bool = True,
        furnished: bool = True,
    ) -> None:
        self.state = State(pathlib.Path(folder).resolve())
        self.state.create()
        self.clock = clock or DemoClock()
        self.faults = Faults()
        self.journal = Journal(self.state.journal, self.state.clusters)
        self.furnished = furnished
        self.seed = account.seed(furnished=furnished)
        self.twin = EksTwin(self.clock, self.faults)
        self.gate = gate.Gate(self.clock)
        self.bare: dict[str, ControlPlane] = {}
        self._real = RealPlant(self.state.clusters, self.journal, self._webhook_url, cloud="eks")
        self.google = GoogleShore(self.state, self.clock, self.faults, self.journal)
        self.azure = AzureShore(self.state, self.clock, self.faults, self.journal)
        self.use_control_planes(control_planes)
        self.door = AwsEndpoint(self.twin, self.gate, self.faults, self.journal)
        self._aws = LoopbackServer(self.door)
        self._admin = LoopbackServer(admin.AdminApp(self))
        self.aws_endpoint = self._aws.url
        self.google_endpoint = self.google.url
        self.azure_endpoint = self.azure.url
        self.admin_endpoint = self.google.webhook_base = self.azure.webhook_base = self._admin.url
        self._stopping = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._publish()
        if not self.clock.waits:
            self._ticker.start()

    @classmethod
    def start(cls, folder: pathlib.Path, *, clock: CloudClock | None = None, control_planes: bool = False) -> Harbour:
        """Start one for tests: its time moves a minute with each request."""
        return cls(folder, clock or SteppedClock(), control_planes=control_planes)

    def digest(self) -> dict[str, t.Any]:
        """Return a digest of all that the accounts hold, and how much that is of each kind."""
        self.settle()
        held = {**account.holdings(), "EKS": self.twin.document(), "GKE": self.google.document()}
        text = json.dumps(held, sort_keys=True, default=str)
        counts = {kind: len(rows) for kind, rows in held.items() if rows}
        return {"digest": hashlib.sha256(text.encode()).hexdigest(), "holds": counts}

    def use_control_planes(self, real: bool) -> None:
        """Say whether clusters created from now on are real control planes or only an address that refuses."""
        self.twin.plant = self._real if real else PaperPlant()
        self.google.use_control_planes(real)
        self.azure.use_control_planes(real)

    def _publish(self) -> None:
        document = {**self.seed.document(), "google": self.google.publish(), "azure": self.azure.publish()}
        self.state.write("seed.json", json.dumps(document, indent=1), 0o644)
        self.state.write("environment", shell_lines(self.environment()))
        self.journal.record()
        self.state.announce(
            self.aws_endpoint, self.admin_endpoint, self.clock.name, self.google_endpoint, self.azure_endpoint
        )

    def _tick(self) -> None:
        while not self._stopping.wait(TICK):
            try:
                self.settle()
            except Exception as exc:  # one transition's trouble must not stop time for all others
                print(f"drydock: {type(exc).__name__}: {exc}", file=sys.stderr, flush=True)

    def settle(self) -> int:
        """Finish what is due on all clouds; return how many transitions ended."""
        return self.twin.settle() + self.gate.settle() + self.google.settle() + self.azure.settle()

    def _webhook_url(self, cluster: Cluster) -> str:
        return f"{self.admin_endpoint}/token/{'/'.join(cluster.key)}"

    def credentials(self, principal: str = "runner") -> Credentials:
        if principal not in self.seed.people:
            raise DrydockError(
                f"principal {principal!r} is unknown; choose one of {', '.join(sorted(self.seed.people))}"
            )
        return self.seed.people[principal][1]

    def environment(self, principal: str = "runner") -> dict[str, str]:
        """Return the variables that point any AWS, Google or Azure client at this harbour."""
        keys = self.credentials(principal)
        session = {"AWS_SESSION_TOKEN": keys.session_token} if keys.session_token else {}
        return {
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            **session,
            "AWS_REGION": self.seed.region,
            "AWS_DEFAULT_REGION": self.seed.region,  # the only name of it that boto3 reads
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            **self.google.environment(principal),
            **self.azure.environment(principal),
            "DRYDOCK_STATE": str(self.state.dir),
        }

    def client(self, service: str = "eks", principal: str = "runner", *, attempts: int = 1) -> t.Any:
        """Return a boto3 client that signs as one of the seeded principals and never repeats a request by itself."""
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
        keys = self.credentials(principal)
        return account.new_client(service, keys, self.seed.region, endpoint_url=self.aws_endpoint, config=config)

    def without(self, *rules: str) -> Harbour:
        """Leave rules out until the next reset; return the harbour itself."""
        unknown = set(rules) - {row.id for row in ALL} - {row.id for row in gate.ALL}
        if unknown:
            raise DrydockError(f"there is no rule {sorted(unknown)[0]}")
        self.twin.rules = tuple(row for row in self.twin.rules if row.id not in rules)
        self.gate.rules = tuple(row for row in self.gate.rules if row.id not in rules)
        return self

    def grant(self, actions: t.Iterable[str], principal: str = "runner") -> None:
        """Let a principal do these actions ("ec2:CreateVpc") and nothing else, until the next reset."""
        self.door.grants[self.seed.people[principal][0]] = frozenset(actions)

    def break_nat_gateway(self, name: str) -> None:
        """Let a NAT gateway of the account fail, as one does that cannot get a path to the internet."""
        self.gate.break_nat_gateway(self.seed.account, self.seed.region, name)

    def reset(self) -> None:
        """Return to a freshly seeded account: no clusters, faults or journal, all rules."""
        self.faults.clear()
        self.door.grants.clear()
        self.twin.reset()
        self.gate.reset()
        self.google.reset()
        self.azure.reset()
        self._real.stop_all()
        for name in list(self.bare):
            self.remove_cluster(name)
        self.twin.rules = ALL
        if self.door.touched:
            self.door.touched = False
            self.seed = account.seed(furnished=self.furnished)
            self.twin.forget_accounts()
        self.journal.clear()
        self._publish()

    def stop(self) -> None:
        """Stop everything, wait for it, and remove the state folder's content."""
        self._stopping.set()
        if self._ticker.is_alive():
            self._ticker.join()
        for plane in self.bare.values():
            plane.stop()
        self.twin.reset()
        self._real.stop_all()
        self.google.stop()
        self.azure.stop()
        self._aws.stop()
        self._admin.stop()
        self.state.remove()

    def add_cluster(self, name: str, *, version: str = control_plane.VERSION, nodes: int = 3) -> ControlPlane:
        """Start a control plane outside the twin, with simulated nodes over the zones."""
        if name in self.bare or (self.state.clusters / name).exists():
            raise DrydockError(f"there is a cluster {name} already; see python -m drydock cluster list")
        plane = ControlPlane.start(self.state.clusters / name, name=name, version=version, crew=control_plane.crew())
        self.bare[name] = plane
        self._furnish(plane, nodes)
        return plane

    def _furnish(self, plane: ControlPlane, nodes: int) -> None:
        for number in range(nodes):
            plane.add_node(f"{plane.name}-{number + 1}", zone=NODE_ZONES[number % len(NODE_ZONES)])

    def remove_cluster(self, name: str) -> None:
        plane = self.bare.pop(name, None)
        if plane is None:
            raise DrydockError(f"there is no cluster {name} that drydock cluster up made")
        plane.stop()
        self.journal.absorb(name)
        shutil.rmtree(plane.dir, ignore_errors=True)

    def reset_cluster(self, name: str) -> None:
        plane = self.bare.get(name)
        if plane is None:
            raise DrydockError(f"there is no cluster {name} that drydock cluster up made")
        nodes = len(plane.admin().items("/api/v1/nodes"))
        plane.reset()
        if not plane.admin().items("/api/v1/nodes"):
            self._furnish(plane, nodes)

    def token_review(self, place: tuple[str, str, str], request: Request) -> Response:
        """Answer the token webhook of one cluster's API server."""
        own_host = urllib.parse.urlsplit(self.aws_endpoint).netloc

        def groups(principal: Principal) -> list[str] | None:
            return self.twin.groups_on(place, principal.canonical)

        return Response.of_json(eks_token.review(request.json() or {}, place[2], own_host, groups))


@contextlib.contextmanager
def harbour(folder: pathlib.Path, **options: t.Any) -> t.Iterator[Harbour]:
    """Run a harbour for the length of a block."""
    running = Harbour.start(folder, **options)
    try:
        yield running
    finally:
        running.stop()
