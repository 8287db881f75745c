# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is what we keep on this cluster well, and does it stay well? The gate between one environment and the next.

Well means: every object that carries the mark of one of our sets is ready by its kind's rule, and Alertmanager has no
firing alert of a severity that counts. Nothing is written.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._common.argspec import ArgumentSpec
from .._common.clock import Clock, Deadline
from .._common.credentials import CredentialSource
from .._common.errors import InvalidInput, PlatformError, did_you_mean
from .._common.progress import Progress, duration
from . import record
from .answers import failure
from .discovery import Resource, Resources, discover
from .http import Client
from .objects import (
    COLLECTION,
    CRD,
    HOME,
    MANAGED_BY,
    PART_OF,
    Kind,
    Object,
    applyset_id,
    identity_of,
    labels_of,
    terminating,
)
from .observe import list_objects
from .ownership import DATA_KINDS
from .prune import recorded_resources
from .ready import READY, assess
from .record import Record

Result = dict[str, t.Any]

ARGUMENTS = ArgumentSpec(
    {
        "cluster": {"type": "dict"},
        "sets": {"type": "list", "elements": "str", "default": []},
        "alertmanager": {"type": "str", "default": ""},
        "alert_severities": {"type": "list", "elements": "str", "default": ["critical"]},
        "ignored_alerts": {"type": "list", "elements": "str", "default": []},
        "soak": {"type": "int", "default": 0},
        "timeout": {"type": "int", "default": 600},
    }
)
CONFIG_MAP = Resource(Kind("", "v1", "ConfigMap"), "configmaps", True, frozenset({"list"}))
PAUSE = 5.0
"""Seconds between two looks."""
SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Question:
    """What has to be well. ``sets`` empty means all of ours; ``alertmanager`` (``NAMESPACE/SERVICE:PORT``) empty means
    that no alert is asked for. ``soak`` and ``timeout`` in seconds."""

    sets: tuple[str, ...] = ()
    alertmanager: str = ""
    severities: tuple[str, ...] = ("critical",)
    ignored: frozenset[str] = frozenset()
    soak: float = 0.0
    timeout: float = 600.0


@dataclasses.dataclass(frozen=True)
class Unready:
    """One object that is not ready, and why in a few words."""

    set: str
    obj: Object
    message: str

    @property
    def label(self) -> str:
        return identity_of(self.obj).label


@dataclasses.dataclass(frozen=True)
class Alert:
    """One firing alert, as Alertmanager tells it; ``since`` is its start in RFC 3339."""

    name: str
    severity: str
    summary: str
    since: str


@dataclasses.dataclass(frozen=True)
class Look:
    """One look at a cluster: how many objects each set has, which of them are not ready, which alerts fire."""

    objects: dict[str, int]
    unready: tuple[Unready, ...]
    alerts: tuple[Alert, ...]

    @property
    def well(self) -> bool:
        return not self.unready and not self.alerts

    def brief(self) -> str:
        """Return ``1 of 84 not ready: Deployment/web (0/2 ready); alert NodeNotReady (critical)``."""
        parts = [f"{one.label} ({' '.join(one.message.split())})" for one in self.unready]
        alerts = [f"alert {one.name} ({one.severity})" for one in self.alerts]
        told = []
        if parts:
            told.append(f"{len(parts)} of {sum(self.objects.values())} not ready: {_few(parts)}")
        if alerts:
            told.append(_few(alerts))
        return "; ".join(told) or f"{sum(self.objects.values())} objects ready, no alert"


def _few(parts: t.Sequence[str]) -> str:
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    return ", ".join(parts[:SHOWN]) + more


def question(options: t.Mapping[str, t.Any]) -> Question:
    """Return what the options of the module ask; refuse what could never come true."""
    problems = []
    place = str(options["alertmanager"])
    if place and not (place.count("/") == 1 and place.count(":") == 1):
        problems.append(
            f'alertmanager is "{place}"; must be NAMESPACE/SERVICE:PORT, such as monitoring/alertmanager:web'
        )
    soak, timeout = float(options["soak"]), float(options["timeout"])
    if soak < 0 or timeout <= soak:
        problems.append(f"timeout is {timeout:g} and soak {soak:g} seconds; timeout must be the longer one")
    if problems:
        raise InvalidInput(problems)
    severities, ignored = tuple(options["alert_severities"]), frozenset(options["ignored_alerts"])
    return Question(tuple(options["sets"]), place, severities, ignored, soak, timeout)


def firing(answer: t.Sequence[Object], asked: Question) -> tuple[Alert, ...]:
    """Return the alerts of Alertmanager's answer (``GET /api/v2/alerts``) that count, sorted by name."""
    found = []
    for one in answer:
        labels, notes = one.get("labels") or {}, one.get("annotations") or {}
        name, severity = str(labels.get("alertname", "")), str(labels.get("severity", ""))
        if severity in asked.severities and name not in asked.ignored:
            found.append(Alert(name, severity, str(notes.get("summary", "")), str(one.get("startsAt", ""))))
    return tuple(sorted(found, key=lambda alert: (alert.name, alert.since)))


def unready_message(obj: Object, resources: Resources) -> str:
    """Return how far an object is that is not ready, "" for one that is.

    Definitions are megabytes, so only their names are read: one is ready when the server serves what it defines.
    """
    if identity_of(obj).group_kind == CRD and not terminating(obj):
        served = {f"{resource.plural}.{resource.kind.group}" for resource in resources.values()}
        return "" if obj["metadata"]["name"] in served else "not served yet"
    state = assess(obj)
    return "" if state.ready else state.message


class Inspection:
    """Looks at one cluster, as often as it is asked to."""

    def __init__(self, client: Client, asked: Question) -> None:
        self._client, self._asked = client, asked

    def look(self) -> Look:
        records, resources = self._records(), discover(self._client)
        names = {applyset_id(name): name for name in records}
        objects = dict.fromkeys(records, 0)
        unready = []
        for resource in recorded_resources(functools.reduce(Record.with_, records.values()), resources):
            for obj in self._members(resource):
                name = names.get(labels_of(obj).get(PART_OF, ""))
                if name is None:
                    continue
                objects[name] += 1
                message = unready_message(obj, resources)
                if message:
                    unready.append(Unready(name, obj, message))
        return Look(objects, tuple(unready), self._alerts())

    def _records(self) -> dict[str, Record]:
        """Return the record of each set that is asked about."""
        selector = f"{MANAGED_BY}={COLLECTION},{record.ID}"
        parents, _version = list_objects(self._client, CONFIG_MAP, selector=selector, namespace=HOME)
        named = {str(parent["metadata"]["name"]).removeprefix("set-"): parent for parent in parents}
        kept = {name: found for name, parent in named.items() if (found := record.parse(parent, name))}
        unknown = [f"{name}{did_you_mean(name, kept)}" for name in self._asked.sets if name not in kept]
        if unknown or not kept:
            there = f"there are {', '.join(sorted(kept))}" if kept else "there is none"
            raise PlatformError(
                f"{self._client.server}: no set {', '.join(unknown) or 'of ours'} is on this cluster; {there}.",
                kind="not_found",
                remedy="Apply the layers first, or name other sets.",
            )
        return {name: found for name, found in kept.items() if not self._asked.sets or name in self._asked.sets}

    def _members(self, resource: Resource) -> list[Object]:
        who = resource.kind.group_kind
        metadata = who == CRD or (who in DATA_KINDS and who not in READY)
        return list_objects(self._client, resource, selector=PART_OF, metadata=metadata)[0]

    def _alerts(self) -> tuple[Alert, ...]:
        if not self._asked.alertmanager:
            return ()
        namespace, _slash, service = self._asked.alertmanager.partition("/")
        path = f"/api/v1/namespaces/{namespace}/services/{service}/proxy/api/v2/alerts"
        query = {"active": "true", "silenced": "false", "inhibited": "false"}
        reply = self._client.send("GET", path, query=query)
        if not reply.ok:
            error = failure(reply, f"Alertmanager at Service/{namespace}/{service.partition(':')[0]}: firing alerts")
            error.remedy = "Name its Service in alertmanager, or leave alertmanager empty to look at the objects alone."
            raise error
        return firing(t.cast("list[Object]", reply.json()), self._asked)


def wait_well(
    credentials: CredentialSource | None, asked: Question, *, check_mode: bool, progress: Progress, clock: Clock
) -> Result:
    """Return when everything was well for ``soak`` seconds without a break; in check mode after one look.

    The result holds ``healthy``, ``sets`` (objects by set), ``not_ready``, ``alerts`` and ``seconds``. Raises
    ``PlatformError`` of kind ``not_converged`` at the timeout, with what is known about the causes. Without credentials
    there is no cluster yet: nothing is healthy, and nothing is wrong.
    """
    if credentials is None:
        return told(Look({}, (), ()), 0.0, healthy=False)
    client, deadline = Client(credentials, clock=clock), Deadline(clock, asked.timeout)
    try:
        look = _settled(Inspection(client, asked), asked, deadline, progress, once=check_mode)
        if not look.well and not check_mode:
            raise _unwell(client.server, look, deadline)
    except PlatformError as error:
        if not check_mode or error.kind != "not_found":
            raise
        progress.say("unhealthy", error.message)  # a run would first make what is missing
        return told(Look({}, (), ()), deadline.elapsed(), healthy=False)
    finally:
        client.close()
    progress.say("healthy" if look.well else "unhealthy", look.brief(), took=deadline.elapsed())
    return told(look, deadline.elapsed(), healthy=look.well)


def _settled(inspection: Inspection, asked: Question, deadline: Deadline, progress: Progress, *, once: bool) -> Look:
    """Return the look that ended the wait: well for long enough, or the last one."""
    since: float | None = None
    while True:
        look, now = inspection.look(), deadline.clock.now()
        since = (now if since is None else since) if look.well else None
        if once or deadline.expired() or (since is not None and now - since >= asked.soak):
            return look
        if since is None:
            progress.waiting("waiting", look.brief(), deadline)
            pause = PAUSE
        else:
            progress.waiting("soaking", f"{look.brief()}, to stay so for {duration(asked.soak)}", deadline)
            pause = min(PAUSE, asked.soak - (now - since))
        deadline.sleep(pause)


def _unwell(server: str, look: Look, deadline: Deadline) -> PlatformError:
    alerts = [f"{one.name} ({one.severity}) since {one.since}: {one.summary}" for one in look.alerts]
    parts = [look.brief(), *alerts[:SHOWN]]
    return PlatformError(
        f"{server} is not well after {duration(deadline.elapsed())}: {'. '.join(parts).rstrip('.')}.",
        kind="not_converged",
        remedy="Nothing that comes after it was touched. Mend the cause and run the same command again.",
        resumable=True,
        details=told(look, deadline.elapsed(), healthy=False),
    )


def told(look: Look, seconds: float, *, healthy: bool) -> Result:
    """Return a look as a result."""
    return {
        "changed": False,
        "healthy": healthy,
        "sets": dict(sorted(look.objects.items())),
        "not_ready": [{"set": one.set, "object": one.label, "state": one.message} for one in look.unready],
        "alerts": [dataclasses.asdict(one) for one in look.alerts],
        "seconds": int(seconds),
    }
