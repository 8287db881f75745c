# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real Kubernetes control plane: starts, resets and stops the Go binary, alone or shared by many processes."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import pathlib
import shutil
import subprocess
import time
import typing as t

from .errors import DrydockError
from .kube import KubeClient
from .processes import Identity

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = "drydock-controlplane"
VERSION = "1.36"
OLDEST_MINOR = 34
VERSIONS = ("1.34", "1.35", VERSION)
START_LIMIT = 120.0
STOP_LIMIT = 15.0
PUBLIC_NAME = "elb.eu-west-1.amazonaws.com"


def bin_dir() -> pathlib.Path:
    """Return where the binaries are: DRYDOCK_BIN_DIR, else build/bin of the checkout."""
    return pathlib.Path(os.environ.get("DRYDOCK_BIN_DIR") or ROOT / "build" / "bin").resolve()


def _catalogue() -> list[dict[str, t.Any]]:
    rows = json.loads((ROOT / "drydock" / "crew" / "catalogue.json").read_text())
    return [{name: row[name] for name in ("image", "binary", "brings", "borrows") if name in row} for row in rows]


def crew() -> list[dict[str, t.Any]]:
    """Return the catalogue's members whose binaries are built: pods of these images run for real."""
    return [row for row in _catalogue() if (bin_dir() / row["binary"]).exists()]


def unbuilt() -> list[str]:
    """Return the programs of the crew that are not built: pods of their images only seem to run."""
    return [row["binary"] for row in _catalogue() if not (bin_dir() / row["binary"]).exists()]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a control plane is asked to be: the binary's configuration file."""

    name: str
    dir: pathlib.Path
    version: str = VERSION
    service_cidr: str = "10.100.0.0/16"
    token_webhook_url: str = ""
    crew: t.Sequence[t.Mapping[str, t.Any]] = ()
    jwt: t.Sequence[t.Mapping[str, t.Any]] = ()

    def document(self) -> dict[str, t.Any]:
        minor = max(int(self.version.split(".")[1]), OLDEST_MINOR)  # the binary emulates nothing older
        return {
            "name": self.name,
            "dir": str(self.dir),
            "bin_dir": str(bin_dir()),
            "version": f"1.{minor}",
            "service_cidr": self.service_cidr,
            "pod_cidr": "10.244.0.0/16",
            "token_webhook_url": self.token_webhook_url,
            "jwt": [dict(row) for row in self.jwt],
            "crew": [dict(row) for row in self.crew],
            "load_balancer": {"kind": "hostname", "value": PUBLIC_NAME},
        }


@dataclasses.dataclass(frozen=True)
class Ready:
    """What ready.json says."""

    server: str
    ca_file: str
    kubeconfig: str
    pid: int
    ready_seconds: float
    crew: str

    @classmethod
    def read(cls, folder: pathlib.Path) -> Ready | None:
        """Return the file's content once it is there."""
        try:
            found = json.loads((folder / "ready.json").read_text())
        except (OSError, ValueError):
            return None
        return cls(**{f.name: found.get(f.name, "") for f in dataclasses.fields(cls)})


class ControlPlane:
    """A running control plane. Whoever started it holds its lifeline: when the last holder is gone, so is it."""

    def __init__(
        self, plan: Plan, lifeline: int, process: subprocess.Popen[bytes] | None, lease: _Lease | None
    ) -> None:
        self.plan = plan
        self.dir = plan.dir
        self.name = plan.name
        self._lifeline = lifeline
        self._process = process
        self._lease = lease

    @classmethod
    def start(
        cls,
        dir: pathlib.Path | str,
        *,
        name: str = "drydock",
        version: str = VERSION,
        crew: t.Sequence[t.Mapping[str, str]] = (),
        token_webhook_url: str = "",
        service_cidr: str = "10.100.0.0/16",
        jwt: t.Sequence[t.Mapping[str, t.Any]] = (),
        wait: bool = True,
    ) -> ControlPlane:
        """Start one in ``dir`` and wait until it is ready; a folder used before is continued."""
        folder = pathlib.Path(dir).resolve()
        plan = Plan(name, folder, version, service_cidr, token_webhook_url, tuple(crew), tuple(jwt))
        reader, writer = os.pipe()
        try:
            process = _launch(plan, reader)
        except BaseException:
            os.close(writer)
            raise
        finally:
            os.close(reader)
        plane = cls(plan, writer, process, None)
        if wait:
            plane.wait_ready()
        return plane

    @classmethod
    def share(cls, dir: pathlib.Path | str, *, name: str = "shared", **options: t.Any) -> ControlPlane:
        """Use the control plane of ``dir`` together with other processes; the first one starts it.

        Each holder keeps the lifeline open, so the last one to stop, or to die in whatever way, ends it.
        """
        folder = pathlib.Path(dir).resolve()
        folder.parent.mkdir(parents=True, exist_ok=True)
        plan = Plan(name, folder, **options)
        lease = _Lease(folder)
        with lease.alone():
            try:
                plane = cls(plan, *_join(plan, lease), lease)
            except BaseException:
                lease.close()
                raise
            plane.wait_ready()
        return plane

    def wait_ready(self, limit: float = START_LIMIT) -> Ready:
        """Return when it serves; raise DrydockError with the last lines of its log if it ends or takes too long."""
        until = time.monotonic() + limit
        while True:
            ready = Ready.read(self.dir)
            if ready is not None:
                return ready
            ended = self._ended()
            if ended or time.monotonic() > until:
                what = ended or f"control plane {self.name} is not ready after {limit:.0f} s: {_last_words(self.dir)}"
                self.stop()
                raise DrydockError(what)
            time.sleep(0.03)

    def is_ready(self) -> bool:
        """Tell whether it serves; raise DrydockError if it ended."""
        ended = self._ended()
        if ended:
            raise DrydockError(ended)
        return Ready.read(self.dir) is not None

    def _ended(self) -> str:
        """Return a sentence if the process that we started is gone."""
        status = self._process.poll() if self._process is not None else None
        if status is None:
            return ""
        return f"control plane {self.name} ended with status {status}: {_last_words(self.dir)}"

    @functools.cached_property
    def ready(self) -> Ready:
        return self.wait_ready()

    @property
    def server(self) -> str:
        return self.ready.server

    @property
    def ca_file(self) -> pathlib.Path:
        return pathlib.Path(self.ready.ca_file)

    @property
    def kubeconfig(self) -> pathlib.Path:
        return pathlib.Path(self.ready.kubeconfig)

    @property
    def audit_log(self) -> pathlib.Path:
        return self.dir / "audit.log"

    def admin(self, agent: str = "drydock") -> KubeClient:
        """Return a client with all rights."""
        return KubeClient.from_kubeconfig(self.kubeconfig, agent)

    def reset(self) -> None:
        """Put it back to how it was when it became ready."""
        command = [str(bin_dir() / BINARY), "reset", "--dir", str(self.dir)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise DrydockError(f"control plane {self.name} did not reset: {done.stderr.strip() or done.stdout.strip()}")

    def restart(self, version: str) -> None:
        """Stop and start it on the same folder, address and keys with another version (an upgrade)."""
        if self._lease is not None:
            raise DrydockError(f"control plane {self.name} is shared and cannot be restarted by one of its users")
        self.stop()
        plan = dataclasses.replace(self.plan, version=version)
        again = ControlPlane.start(
            plan.dir,
            name=plan.name,
            version=plan.version,
            crew=plan.crew,
            token_webhook_url=plan.token_webhook_url,
            service_cidr=plan.service_cidr,
            jwt=plan.jwt,
        )
        self.plan, self._lifeline, self._process = plan, again._lifeline, again._process
        self.__dict__.pop("ready", None)

    def add_node(
        self, name: str, *, zone: str = "eu-west-1a", cpu: str = "4", memory: str = "16Gi", pods: str = "58"
    ) -> dict[str, t.Any]:
        """Add a simulated node and return it as created."""
        from .nodes import NodePlan, node_object

        size = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "80Gi"}
        plan = NodePlan(name=name, zone=zone, capacity=size, allocatable=size, version=self.plan.version)
        return self.admin().create("/api/v1/nodes", node_object(plan))

    def stop(self) -> None:
        """Let go of it; it ends if nobody else holds it, and then this waits until it is gone."""
        if self._lifeline < 0:
            return
        with self._lease.alone() if self._lease else contextlib.nullcontext():
            os.close(self._lifeline)
            self._lifeline = -1
            if self._process is not None and self._lease is None:
                _reap(self._process)
            elif self._lease is not None and self._lease.last():
                _stop_leftover(self.dir)
                shutil.rmtree(self.dir, ignore_errors=True)
        if self._lease:
            self._lease.close()


class _Lease:
    """Who else uses a shared folder: a mutex for starts and stops, and a shared lock that each user holds."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._mutex = folder.with_name(folder.name + ".mutex")
        self._alone = False
        self._users = os.open(folder.with_name(folder.name + ".users"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def alone(self) -> t.Iterator[None]:
        """Hold the mutex; holding it again inside is no further hold (a start that fails also stops)."""
        if self._alone:
            yield
            return
        with self._mutex.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._alone = True
            try:
                yield
            finally:
                self._alone = False

    def first(self) -> bool:
        """Tell whether nobody uses the folder (a user that was killed uses nothing)."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    last = first

    def join(self) -> None:
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._users)


def _join(plan: Plan, lease: _Lease) -> tuple[int, subprocess.Popen[bytes] | None]:
    """Return a hold on the lifeline, a named pipe, and the process if this call had to start it."""
    pipe = plan.dir / "lifeline"
    if not lease.first():
        if Ready.read(plan.dir) is None:
            raise DrydockError(f"the shared control plane of {plan.dir} ended while others still use it")
        lease.join()
        return os.open(pipe, os.O_WRONLY | os.O_CLOEXEC), None
    _stop_leftover(plan.dir)
    shutil.rmtree(plan.dir, ignore_errors=True)
    plan.dir.mkdir(parents=True)
    os.mkfifo(pipe, 0o600)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    writer = os.open(pipe, os.O_WRONLY | os.O_CLOEXEC)
    os.set_blocking(reader, True)
    process = _launch(plan, reader)
    os.close(reader)
    lease.join()
    return writer, process


def _launch(plan: Plan, lifeline: int) -> subprocess.Popen[bytes]:
    binary = bin_dir() / BINARY
    if not binary.exists():
        raise DrydockError(f"{binary} is not there; build it with make, or say where it is by DRYDOCK_BIN_DIR")
    plan.dir.mkdir(parents=True, exist_ok=True)
    (plan.dir / "logs").mkdir(exist_ok=True)
    (plan.dir / "ready.json").unlink(missing_ok=True)
    config = plan.dir / "cluster.json"
    config.write_text(json.dumps(plan.document(), indent=1))
    with (plan.dir / "logs" / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [str(binary), "cluster", "--config", str(config), "--lifeline"],
            stdin=lifeline,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    identity = Identity.of(process.pid)
    if identity is not None:
        (plan.dir / "process.json").write_text(json.dumps(dataclasses.asdict(identity)))
    return process


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end that the closed lifeline asks for; insist after a while."""
    for insist in (None, process.terminate, process.kill):
        if insist is not None:
            insist()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT)
            return


def recorded_process(folder: pathlib.Path) -> Identity | None:
    """Return the process that was started for a cluster's folder, by its record."""
    try:
        return Identity(**json.loads((folder / "process.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _stop_leftover(folder: pathlib.Path) -> None:
    identity = recorded_process(folder)
    if identity is not None and not identity.wait(STOP_LIMIT):
        identity.stop()


def _last_words(folder: pathlib.Path) -> str:
    try:
        lines = (folder / "logs" / "supervisor.log").read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return " | ".join(lines[-3:]) or f"see {folder / 'logs'}"
