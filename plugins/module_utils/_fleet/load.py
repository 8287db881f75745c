# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files become a fleet: each is found its kind by its path, read strictly, and made a typed value."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
import typing as t

from .._common.errors import InvalidInput, did_you_mean
from .faults import Fault, FleetFaults, shown
from .model import (
    AppEnvironment,
    AppGroup,
    Application,
    CustomRole,
    Environment,
    Fleet,
    Groups,
    Platform,
    Policy,
    Project,
    Team,
)
from .read import Reader, not_text
from .shapes import Kind
from .source import Document, Unreadable, read_text
from .table import KINDS, NAME

Texts = t.Mapping[str, str]
OF_THE_INVENTORY = ("clusters", "environments")
NEEDED = ("platform.yaml", "identity/groups.yaml")


@dataclasses.dataclass(frozen=True)
class Read:
    """One file that could be read: its kind, the names in its path, and its values."""

    kind: str
    names: Texts
    document: Document
    values: t.Any


def read_folder(folder: str | pathlib.Path) -> dict[str, str]:
    """Return the text of every file of a fleet by its path inside the folder. Raises ``InvalidInput``."""
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise InvalidInput([f"{root}: the folder of the fleet is missing; create it, or name the one that there is"])
    found: dict[str, str] = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if any(part.startswith(".") for part in path.relative_to(root).parts) or path.suffix == ".md":
            continue
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            fault = Fault(name, 1, "the file", f"no UTF-8 text (byte {error.start})", "save it as UTF-8")
            raise FleetFaults([fault]) from error
    return found


def load(files: Texts) -> Fleet:
    """Return the fleet of some files, text by path. Raises ``FleetFaults`` with every fault of form."""
    found: list[Read] = []
    faults: list[Fault] = [_absent(name) for name in NEEDED if name not in files]
    for file in sorted(files):
        _read_file(file, files[file], found, faults)
    if not faults:
        faults = orphans(found)
    if faults:
        raise FleetFaults(faults)
    return _fleet(found)


def _absent(file: str) -> Fault:
    return Fault(file, 0, "the file", "missing", "create it: examples/fleet of the collection has one to copy")


def _read_file(file: str, text: str, found: list[Read], faults: list[Fault]) -> None:
    place = kind_of(file)
    if isinstance(place, Fault):
        faults.append(place)
        return
    kind, names = place
    faults += [
        Fault(file, 1, f"the {part} in the path", shown(name), f"its name must be {not_text(name, NAME)}")
        for part, name in names.items()
        if not_text(name, NAME)
    ]
    try:
        reader = Reader(read_text(file, text))
    except Unreadable as error:
        faults.append(error.fault)
        return
    values = reader.read(kind.shape)
    faults += reader.faults
    found.append(Read(kind.name, names, reader.document, values))


def kind_of(file: str) -> tuple[Kind, Texts] | Fault:
    """Return what a file is by its path, and the names in it."""
    for kind in KINDS:
        match = _pattern(kind.path).fullmatch(file)
        if match:
            return kind, match.groupdict()
    return _misplaced(file)


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _misplaced(file: str) -> Fault:
    """A file that nobody reads would be silence where its author expects an effect."""
    folder = file.partition("/")[0]
    near = did_you_mean(file, _meant(file.split("/")))
    if folder in OF_THE_INVENTORY:
        remedy = f"{folder} stand in the inventory, not in the fleet; move it there"
    elif near:
        remedy = f"no file of a fleet stands there{near}; rename it"
    else:
        remedy = f"no file of a fleet stands there; files are {', '.join(kind.path for kind in KINDS)}"
    return Fault(file, 1, "the path", shown(file), remedy)


def _meant(parts: t.Sequence[str]) -> list[str]:
    """Return the paths that the names in a path would give, were the fixed words of a kind around them."""
    same_depth = [wanted for wanted in (kind.path.split("/") for kind in KINDS) if len(wanted) == len(parts)]
    return ["/".join(map(_spelt, wanted, parts)) for wanted in same_depth]


def _spelt(wanted: str, part: str) -> str:
    if "{" not in wanted:
        return wanted
    return f"{part.rpartition('.')[0] or part}.yaml" if wanted.endswith(".yaml") else part


def orphans(found: t.Sequence[Read]) -> list[Fault]:
    """Return the files of teams and applications that there are not."""
    teams = {read.names["team"] for read in found if read.kind == "team"}
    apps = {(read.names["team"], read.names["app"]) for read in found if read.kind == "application"}
    faults = []
    for read in found:
        team = read.names.get("team", "")
        if team and team not in teams:
            near = did_you_mean(team, teams)
            remedy = f"there is no teams/{team}/team.yaml{near}; create it, or move the file to its team"
            faults.append(read.document.fault(("the team in the path",), shown(team), remedy))
        elif read.kind == "application_environment" and (team, read.names["app"]) not in apps:
            remedy = f"there is no teams/{team}/apps/{read.names['app']}/app.yaml; create it, or remove the file"
            faults.append(read.document.fault(("the application in the path",), shown(read.names["app"]), remedy))
    return faults + _doubled(found)


def _doubled(found: t.Sequence[Read]) -> list[Fault]:
    """Projects are named without their team, in peers and by engines: a name is given once."""
    first: dict[str, str] = {}
    faults = []
    for read in found:
        if read.kind == "project":
            name = read.names["project"]
            other = first.setdefault(name, read.document.file)
            if other != read.document.file:
                remedy = f"{other} has that name already; choose another one"
                faults.append(read.document.fault(("the project in the path",), shown(name), remedy))
    return faults


def _fleet(found: t.Sequence[Read]) -> Fleet:
    def of(kind: str) -> list[Read]:
        return [read for read in found if read.kind == kind]

    environments: dict[str, dict[str, AppEnvironment]] = {}
    for read in of("application_environment"):
        label = f"{read.names['team']}/{read.names['app']}"
        environments.setdefault(label, {})[read.names["environment"]] = AppEnvironment(read.document, **read.values)
    applications = [_application(read, environments) for read in of("application")]
    return Fleet(
        platform=_platform(of("platform")[0]),
        groups=Groups(of("groups")[0].document, of("groups")[0].values),
        roles={read.names["role"]: _role(read) for read in of("role")},
        policies={read.names["policy"]: _policy(read) for read in of("policy")},
        teams={read.names["team"]: _team(read) for read in of("team")},
        projects={read.names["project"]: _project(read) for read in of("project")},
        applications={app.label: app for app in applications},
        app_groups={read.names["group"]: _app_group(read) for read in of("app_group")},
    )


def _platform(read: Read) -> Platform:
    values = read.values
    containers = values["container_defaults"] or {}
    environments = {
        name: Environment(entry["production"], entry["quota"], tuple(entry["sync_windows"]))
        for name, entry in values["environments"].items()
    }
    return Platform(
        document=read.document,
        company=values["company"],
        engine=values["engine"],
        repository=values["repository"],
        environments=environments,
        quotas=values["quotas"],
        requests=containers.get("requests") or {"cpu": "50m", "memory": "64Mi"},
        limits=containers.get("limits") or {"memory": "256Mi"},
        policy=values["policy"],
    )


def _role(read: Read) -> CustomRole:
    return CustomRole(read.names["role"], read.document, read.values["extends"], tuple(read.values["rules"]))


def _policy(read: Read) -> Policy:
    values = read.values
    name, exceptions = read.names["policy"], tuple(values["exceptions"])
    return Policy(name, read.document, values["pod_security"], values["modes"], exceptions)


def _team(read: Read) -> Team:
    values = read.values
    return Team(
        name=read.names["team"],
        document=read.document,
        title=values["title"],
        owners=tuple(values["owners"]),
        groups=values["groups"],
        receivers=values["receivers"],
        secret_prefix=values["secrets"]["prefix"],
        secret_backend=values["secrets"]["backend"],
        quota=values["quota"],
        cost_center=values["cost_center"],
    )


def _project(read: Read) -> Project:
    values = read.values
    peers = values["peers"] or {"ingress": [], "egress": []}
    return Project(
        name=read.names["project"],
        team=read.names["team"],
        document=read.document,
        repos=tuple(values["repos"]),
        namespaces=values["namespaces"],
        groups=values["groups"],
        ingress=tuple(peers["ingress"]),
        egress=tuple(peers["egress"]),
        quotas=values["quotas"],
        policy=values["policy"],
    )


def _application(read: Read, environments: t.Mapping[str, dict[str, AppEnvironment]]) -> Application:
    values = read.values
    label = f"{read.names['team']}/{read.names['app']}"
    return Application(
        name=read.names["app"],
        team=read.names["team"],
        document=read.document,
        project=values["project"],
        source=values["source"],
        promotion=tuple(values["promotion"]),
        secrets=values["secrets"],
        slo=values["slo"]["availability"] if values["slo"] else None,
        probes=tuple(values["probes"]),
        runbook=values["runbook"],
        environments=environments.get(label, {}),
    )


def _app_group(read: Read) -> AppGroup:
    values = read.values
    waves = tuple(tuple(wave) for wave in values["waves"])
    return AppGroup(read.names["group"], read.document, waves, tuple(values["after"]), tuple(values["environments"]))
