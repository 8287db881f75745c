# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state folder: what is in it, who runs on it, and how it goes away without a trace."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import shlex
import shutil
import typing as t

from .control_plane import ROOT, recorded_process
from .errors import DrydockError
from .processes import Identity

STOP_LIMIT = 60.0


def default_state() -> pathlib.Path:
    """Return DRYDOCK_STATE, else build/drydock of the checkout."""
    return pathlib.Path(os.environ.get("DRYDOCK_STATE") or ROOT / "build" / "drydock")


@dataclasses.dataclass(frozen=True)
class State:
    """One folder of one harbour. Only the names listed here are ever removed from it."""

    dir: pathlib.Path

    FILES: t.ClassVar[tuple[str, ...]] = (
        *("drydock.json", "seed.json", "environment", "journal.jsonl", "drydock.log", "azure-ca.crt"),
    )
    KEY_FILES: t.ClassVar[str] = "google-*.json"

    @property
    def clusters(self) -> pathlib.Path:
        return self.dir / "clusters"

    @property
    def journal(self) -> pathlib.Path:
        return self.dir / "journal.jsonl"

    @property
    def log(self) -> pathlib.Path:
        return self.dir / "drydock.log"

    def create(self) -> None:
        """Make the folder; refuse one that holds something else."""
        self.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        foreign = {p.name for p in self.dir.iterdir()} - {*self.FILES, "clusters", *self._key_files()}
        if foreign:
            raise DrydockError(f"{self.dir} holds {sorted(foreign)[0]}, which is not drydock's; choose another --state")
        self.clusters.mkdir(exist_ok=True)

    def _key_files(self) -> set[str]:
        return {path.name for path in self.dir.glob(self.KEY_FILES)}

    def write(self, name: str, text: str, mode: int = 0o600) -> None:
        """Write a file whole or not at all."""
        path = self.dir / name
        fresh = path.with_name(f".{name}.new")
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "w") as file:
            file.write(text)
        fresh.replace(path)

    def announce(self, aws: str, admin: str, clock: str, google: str = "", azure: str = "") -> None:
        """Write drydock.json: its presence says that the harbour serves."""
        identity = Identity.of(os.getpid())
        started = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        document = {
            "pid": os.getpid(),
            "aws_endpoint": aws,
            "google_endpoint": google,
            "azure_endpoint": azure,
            "admin_endpoint": admin,
            "clock": clock,
            "started": started,
        }
        process = identity.started if identity else ""
        self.write("drydock.json", json.dumps({**document, "process": process}, indent=1), 0o644)

    def running(self) -> dict[str, t.Any] | None:
        """Return drydock.json if its process still runs."""
        found = self._recorded()
        identity = Identity(found.get("pid", 0), found.get("process", "")) if found else None
        return found if identity and identity.alive() else None

    def require_running(self) -> dict[str, t.Any]:
        found = self.running()
        if found is None:
            raise DrydockError(f"no drydock runs on {self.dir}; start one: python -m drydock up --detach")
        return found

    def _recorded(self) -> dict[str, t.Any]:
        try:
            found = json.loads((self.dir / "drydock.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def stale(self) -> bool:
        """Tell whether something is left of a harbour that no longer runs."""
        if self.running() is not None or not self.dir.is_dir():
            return False
        return any((self.dir / name).exists() for name in self.FILES) or any(self.clusters.glob("*"))

    def stop_and_remove(self) -> list[str]:
        """End whatever runs on the folder, by recorded identity, and remove it. Return what was done, in words."""
        done, there = [], self.dir.is_dir()
        found = self._recorded()
        if found and Identity(found.get("pid", 0), found.get("process", "")).stop(STOP_LIMIT):
            done.append(f"stopped drydock (pid {found['pid']})")
        for folder in sorted(self.clusters.glob("*")) if self.clusters.is_dir() else []:
            identity = recorded_process(folder)
            if identity is not None and not identity.wait(10.0) and identity.stop():
                done.append(f"stopped control plane {folder.name} (pid {identity.pid})")
        if there:
            self.remove()
            done.append(f"removed {self.dir}")
        return done

    def remove(self) -> None:
        """Remove what is ours, and the folder if that was all."""
        shutil.rmtree(self.clusters, ignore_errors=True)
        if not self.dir.is_dir():
            return
        for name in (*self.FILES, *self._key_files()):
            (self.dir / name).unlink(missing_ok=True)
        for left in self.dir.glob(".*.new"):
            left.unlink()
        with contextlib.suppress(OSError):
            self.dir.rmdir()


def shell_lines(environment: t.Mapping[str, str]) -> str:
    """Return ``export`` lines for a shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
