# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one file alone cannot show: every reference leads somewhere, and nobody reaches into another's room.

Each check takes the fleet and the estate and yields faults; the list at the end is all of them. Pure: today's date is
an argument.
"""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import typing as t

from .._common.errors import did_you_mean
from .catalogue import CATALOGUE, FORBIDDEN
from .faults import Fault, FleetFaults, listed, shown
from .model import Application, Cluster, Estate, Fleet, Project, Team
from .ordering import cycle
from .source import Document, Path

Faults = t.Iterator[Fault]


@dataclasses.dataclass(frozen=True)
class Question:
    """What is checked: a fleet, on an estate, on a day."""

    fleet: Fleet
    estate: Estate
    today: datetime.date

    def projects_of(self, team: str) -> list[Project]:
        return [project for project in self.fleet.projects.values() if project.team == team]


def check(fleet: Fleet, estate: Estate, today: datetime.date) -> None:
    """Raise ``FleetFaults`` with every fault of the fleet as a whole."""
    question = Question(fleet, estate, today)
    faults = [fault for ask in CHECKS for fault in ask(question)]
    if faults:
        raise FleetFaults(faults)


def holders(fleet: Fleet) -> list[Team | Project]:
    """Return whatever says who holds which role."""
    return [*fleet.teams.values(), *fleet.projects.values()]


def unknown(document: Document, path: Path, word: str, what: str, known: t.Iterable[str]) -> Faults:
    """Yield a fault if a word is none of those that are known."""
    names = list(known)
    if word not in names:
        yield document.fault(path, shown(word), f"must be {what}: {listed(names)}{did_you_mean(word, names)}")


def environments_exist(question: Question) -> Faults:
    fleet, known, what = question.fleet, question.estate.environments, "an environment of the inventory"
    platform = fleet.platform
    for name in platform.environments:
        yield from unknown(platform.document, ("environments", name), name, what, known)
    for policy in fleet.policies.values():
        for name in policy.modes:
            yield from unknown(policy.document, ("modes", name), name, what, known)
    for project in fleet.projects.values():
        for name in project.namespaces:
            yield from unknown(project.document, ("namespaces", name), name, what, known)
        for name in project.quotas:
            yield from unknown(project.document, ("quotas", name), name, "one of its environments", project.namespaces)
    for group in fleet.app_groups.values():
        for number, name in enumerate(group.environments):
            yield from unknown(group.document, ("environments", number), name, what, known)


def quotas_and_policies_exist(question: Question) -> Faults:
    fleet = question.fleet
    classes, what = fleet.platform.quotas, "a quota class of platform.yaml"
    for name, environment in fleet.platform.environments.items():
        if environment.quota:
            path = ("environments", name, "quota")
            yield from unknown(fleet.platform.document, path, environment.quota, what, classes)
    for team in fleet.teams.values():
        if team.quota:
            yield from unknown(team.document, ("quota",), team.quota, what, classes)
    for project in fleet.projects.values():
        for name, quota in project.quotas.items():
            yield from unknown(project.document, ("quotas", name), quota, what, classes)
    choices = [(fleet.platform.document, fleet.platform.policy)]
    choices += [(project.document, project.policy) for project in fleet.projects.values()]
    for document, policy in choices:
        if policy:
            yield from unknown(document, ("policy",), policy, "a file in policies/", fleet.policies)


def namespaces_are_unique(question: Question) -> Faults:
    """A namespace belongs to one project; one project may call it the same in two environments of two clusters."""
    holders: dict[str, list[tuple[Project, str]]] = {}
    for project in question.fleet.projects.values():
        for environment, name in project.namespaces.items():
            for other, elsewhere in holders.setdefault(name, []):
                if other.name != project.name or _share_a_cluster(question.estate, environment, elsewhere):
                    line = other.document.line(("namespaces", elsewhere))
                    remedy = f"{other.document.file}:{line} has that namespace already; choose another name"
                    yield project.document.fault(("namespaces", environment), shown(name), remedy)
                    break
            holders[name].append((project, environment))


def _share_a_cluster(estate: Estate, one: str, other: str) -> bool:
    return any(one in cluster.environments and other in cluster.environments for cluster in estate.clusters)


def groups_exist(question: Question) -> Faults:
    fleet, known, what = question.fleet, question.fleet.groups.ids, "a group of identity/groups.yaml"
    for team in fleet.teams.values():
        for number, name in enumerate(team.owners):
            yield from unknown(team.document, ("owners", number), name, what, known)
    for policy in fleet.policies.values():
        for number, exception in enumerate(policy.exceptions):
            yield from unknown(policy.document, ("exceptions", number, "owner"), exception["owner"], what, known)
    for holder in holders(fleet):
        for role, name in holder.groups.items():
            yield from unknown(holder.document, ("groups", role), name, what, known)


def roles_exist(question: Question) -> Faults:
    fleet = question.fleet
    known = (*CATALOGUE, *fleet.roles)
    for holder in holders(fleet):
        for role in holder.groups:
            yield from unknown(holder.document, ("groups", role), role, "a role", known)
    for custom in fleet.roles.values():
        if custom.name in CATALOGUE:
            remedy = "the catalogue has a role of that name; choose another one"
            yield custom.document.fault(("the role in the path",), shown(custom.name), remedy)


def groups_are_mapped(question: Question) -> Faults:
    """A group is bound where its team has namespaces, so it needs an id there."""
    fleet = question.fleet
    for team in fleet.teams.values():
        clusters = [cluster for project in question.projects_of(team.name) for cluster in _clusters(question, project)]
        yield from _mapped(fleet, team, clusters)
    for project in fleet.projects.values():
        yield from _mapped(fleet, project, _clusters(question, project))


def _clusters(question: Question, project: Project) -> list[Cluster]:
    return [cluster for name in project.namespaces for cluster in question.estate.holding(name)]


def _mapped(fleet: Fleet, holder: Team | Project, clusters: t.Iterable[Cluster]) -> Faults:
    wanted = {identity: cluster for cluster in clusters for identity in (cluster.identity, cluster.api_identity)}
    for role, group in holder.groups.items():
        ids = fleet.groups.ids.get(group)
        if ids is None:  # told by another check
            continue
        for identity, cluster in sorted(wanted.items(), key=lambda pair: pair[0]):
            if not ids.get(identity):
                where = f"{fleet.groups.document.file}:{fleet.groups.document.line((group,))}"
                remedy = f"cluster {cluster.name} needs its {identity} id, which {where} lacks; give {group}.{identity}"
                yield holder.document.fault(("groups", role), shown(group), remedy)
                break


def roles_are_harmless(question: Question) -> Faults:
    for role in question.fleet.roles.values():
        for number, rule in enumerate(role.rules):
            for place, resource in enumerate(rule["resources"]):
                if resource in FORBIDDEN:
                    remedy = "a role of a team never reaches it (secrets, shells and limits stay closed); leave it out"
                    yield role.document.fault(("rules", number, "resources", place), shown(resource), remedy)


def exceptions_end(question: Question) -> Faults:
    known = {name for project in question.fleet.projects.values() for name in project.namespaces.values()}
    for policy in question.fleet.policies.values():
        for number, exception in enumerate(policy.exceptions):
            path = ("exceptions", number)
            what = "a namespace of a project"
            yield from unknown(policy.document, (*path, "namespace"), exception["namespace"], what, known)
            yield from _ended(policy.document, (*path, "expires"), exception["expires"], question.today)


def _ended(document: Document, path: Path, text: str, today: datetime.date) -> Faults:
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        yield document.fault(path, shown(text), "must be a day that there is")
        return
    if date < today:
        yield document.fault(path, shown(text), "the exception has ended; remove it, or agree on a later day")


def secret_prefixes_are_apart(question: Question) -> Faults:
    """Nested prefixes would let one team read the other's secrets."""
    teams = sorted(question.fleet.teams.values(), key=lambda team: (team.secret_prefix, team.name))
    for number, team in enumerate(teams):
        around = next((other for other in teams[:number] if team.secret_prefix.startswith(other.secret_prefix)), None)
        if around:
            line = around.document.line(("secrets", "prefix"))
            remedy = (
                f"it lies within {shown(around.secret_prefix)} of {around.document.file}:{line}; choose a path apart"
            )
            yield team.document.fault(("secrets", "prefix"), shown(team.secret_prefix), remedy)


def secrets_are_the_teams(question: Question) -> Faults:
    for app in question.fleet.applications.values():
        prefix = question.fleet.teams[app.team].secret_prefix
        for name, key in app.secrets.items():
            if not key.startswith(prefix) or key == prefix:
                remedy = f"must begin with {shown(prefix)}, the prefix of team {app.team}"
                yield app.document.fault(("secrets", name), shown(key), remedy)


def applications_fit_their_project(question: Question) -> Faults:
    for app in question.fleet.applications.values():
        own = {project.name: project for project in question.projects_of(app.team)}
        yield from unknown(app.document, ("project",), app.project, f"a project of team {app.team}", own)
        if app.project in own:
            yield from _source(app, own[app.project])
            yield from _promotion(app, own[app.project], question.estate.environments)


def _source(app: Application, project: Project) -> Faults:
    source, what = app.source, f"a repository of {project.document.file}"
    yield from unknown(app.document, ("source", "repo"), source["repo"], what, project.repos)
    if source["path"] and source["chart"]:
        yield app.document.fault(("source", "path"), shown(source["path"]), "give a path or a chart, not both")
    elif not source["path"] and not source["chart"]:
        yield app.document.fault(("source", "path"), "missing", "give the folder in the repository, or a chart")
    elif source["values"] and not source["chart"]:
        yield app.document.fault(("source", "values"), shown(source["values"]), "only a chart takes values; remove it")


def _promotion(app: Application, project: Project, order: t.Sequence[str]) -> Faults:
    what = f"an environment that {project.document.file} has a namespace in"
    for number, name in enumerate(app.promotion):
        yield from unknown(app.document, ("promotion", number), name, what, project.namespaces)
    wanted = [name for name in order if name in app.promotion]
    known = [name for name in app.promotion if name in order]
    if known != wanted:
        remedy = f"must follow the inventory's order, each once: [{', '.join(wanted)}]"
        yield app.document.fault(("promotion",), shown(list(app.promotion)), remedy)
    for name, own in app.environments.items():
        what = f"in the promotion of {app.document.file}"
        yield from unknown(own.document, ("the environment in the path",), name, what, app.promotion)
        if own.values and not app.source["chart"]:
            yield own.document.fault(("values",), shown(own.values), "only a chart takes values; remove it")


def peers_exist(question: Question) -> Faults:
    for project in question.fleet.projects.values():
        for side, peers in (("ingress", project.ingress), ("egress", project.egress)):
            for number, peer in enumerate(peers):
                yield from _peer(question.fleet, project, ("peers", side, number), peer)


def _peer(fleet: Fleet, project: Project, path: Path, peer: t.Mapping[str, t.Any]) -> Faults:
    given = {name: peer[name] for name in ("project", "namespace", "cidr") if peer[name]}
    if len(given) != 1:
        value = shown(given) if given else "without a peer"
        yield project.document.fault(path, value, "give one of project, namespace and cidr")
    elif peer["project"]:
        others = [name for name in fleet.projects if name != project.name]
        yield from unknown(project.document, (*path, "project"), peer["project"], "another project", others)
    elif peer["cidr"]:
        try:
            ipaddress.ip_network(peer["cidr"])
        except ValueError as error:
            remedy = f"must be an address range ({error})"
            yield project.document.fault((*path, "cidr"), shown(peer["cidr"]), remedy)


def app_groups_hold_together(question: Question) -> Faults:
    groups, holders = question.fleet.app_groups, dict[str, str]()
    for group in groups.values():
        for number, wave in enumerate(group.waves):
            for place, label in enumerate(wave):
                path = ("waves", number, place)
                yield from unknown(group.document, path, label, "an application", question.fleet.applications)
                other = holders.setdefault(label, f"{group.document.file}:{group.document.line(path)}")
                if other != f"{group.document.file}:{group.document.line(path)}" or wave.index(label) != place:
                    yield group.document.fault(path, shown(label), f"{other} holds it already; keep it in one wave")
        for number, name in enumerate(group.after):
            yield from unknown(group.document, ("after", number), name, "an app group", groups)


def app_groups_have_no_cycle(question: Question) -> Faults:
    groups = question.fleet.app_groups
    ring = cycle({name: [other for other in group.after if other in groups] for name, group in groups.items()})
    if ring:
        document = groups[ring[0]].document
        remedy = f"it leads back to itself ({' after '.join([*ring, ring[0]])}); remove one of these"
        yield document.fault(("after",), shown(list(groups[ring[0]].after)), remedy)


CHECKS: tuple[t.Callable[[Question], Faults], ...] = (
    environments_exist,
    quotas_and_policies_exist,
    namespaces_are_unique,
    groups_exist,
    roles_exist,
    groups_are_mapped,
    roles_are_harmless,
    exceptions_end,
    secret_prefixes_are_apart,
    secrets_are_the_teams,
    applications_fit_their_project,
    peers_exist,
    app_groups_hold_together,
    app_groups_have_no_cycle,
)
