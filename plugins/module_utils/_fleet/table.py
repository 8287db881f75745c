# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of what a fleet is made of: it feeds reading, the published schema and the reference page."""

from __future__ import annotations

from .catalogue import TEAM_ROLES
from .compiled.secrets import BACKENDS
from .shapes import Anything, Field, Flag, Group, Kind, ListOf, MapOf, Number, Shape, Text

NAME_WORDS = 'lower case letters, digits and "-", at most 30, beginning with a letter and not ending with "-"'
NAME = Text(NAME_WORDS, r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")
NAMESPACE = Text(
    'a namespace name: lower case letters, digits and "-", at most 63, neither default nor beginning with kube-',
    r"(?!kube-|default$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
)
QUANTITY = Text('a quantity like "500m", "20" or "64Gi"', r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")
RESOURCE = Text("a resource name like requests.cpu", r"[a-z][a-z0-9./-]*")
REPOSITORY = Text("the URL of a repository: https://, ssh:// or oci://, without user and password",
                  r"(https://[^@\s]+|ssh://[^:@\s]+@[^\s]+|oci://[^@\s]+)")  # fmt: skip
REVISION = Text("a branch, a tag or a commit", r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")
FOLDER = Text('a folder inside the repository, without ".."', r"(?!.*\.\.)[A-Za-z0-9._-][A-Za-z0-9._/-]*")
DATE = Text('a date in quotes, like "2027-03-31"', r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
PREFIX = Text('a path that ends with "/", like payments/', r"[a-z0-9][a-zA-Z0-9_/-]*/")
SECRET_KEY = Text("the path of a secret, like payments/checkout/database", r"[a-z0-9][a-zA-Z0-9_./-]*")
APPLICATION = Text("TEAM/APPLICATION", r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")
RECEIVER_KINDS = ("email", "opsgenie", "pagerduty", "slack", "teams", "webhook")
RECEIVER = Text(f"KIND:TARGET with a kind of {', '.join(RECEIVER_KINDS)}, like slack:#payments",
                rf"({'|'.join(RECEIVER_KINDS)}):\S+")  # fmt: skip
URL = Text("an https URL, with {domain} for the cluster's domain", r"https://[^@\s]+")
CIDR = Text("an address range like 10.20.0.0/16", r"[0-9a-fA-F.:]+/\d{1,3}")
CRON = Text('five fields of cron, like "0 8 * * 1-5"', r"\S+( \S+){4}")
DURATION = Text("a duration like 8h or 30m", r"\d+[hm]")
LEVEL = Text("a Pod Security level", choices=("privileged", "baseline", "restricted"))


def by_environment(shape: Shape) -> MapOf:
    return MapOf(shape, NAME)


GROUPS_OF_ROLES = MapOf(NAME, NAME)
PORTS = ListOf(Number(1, 65535, whole=True))

PLATFORM = Kind(
    "platform",
    "platform",
    "platform.yaml",
    Group(
        (
            Field("schema", Number(1, 1, whole=True), "Version of this schema.", required=True),
            Field("company", Text(), "Whose platform it is.", required=True),
            Field("engine", Text("an engine", choices=("argocd", "flux")), "What delivers applications from Git.",
                  default="argocd"),
            Field("repository", Group((
                Field("url", REPOSITORY, "Where the rendered files are pushed and read.", required=True),
                Field("branch", REVISION, "The branch of it that is delivered.", default="main"),
            )), "The repository that the engine reads.", required=True),
            Field("environments", by_environment(Group((
                Field("production", Flag(), "No shell into pods, no changes by hand.", default=False),
                Field("quota", NAME, "The quota class of namespaces that name none."),
                Field("sync_windows", ListOf(Group((
                    Field("kind", Text("a kind of window", choices=("allow", "deny")), "Whether it opens or closes.",
                          default="allow"),
                    Field("schedule", CRON, "When it begins, in UTC.", required=True),
                    Field("duration", DURATION, "How long it lasts.", required=True),
                ))), "When changes may be delivered; none means at any time.", default=[]),
            ))), "What an environment of the inventory means for teams, by its name.", default={}),
            Field("quotas", MapOf(MapOf(QUANTITY, RESOURCE), NAME),
                  "Quota classes: hard limits of a namespace by resource name.", default={}),
            Field("container_defaults", Group((
                Field("requests", MapOf(QUANTITY, RESOURCE), "Requests.", default={"cpu": "50m", "memory": "64Mi"}),
                Field("limits", MapOf(QUANTITY, RESOURCE), "Limits.", default={"memory": "256Mi"}),
            )), "What a container gets that names no requests and limits."),
            Field("policy", NAME, "The policy set of projects that name none."),
        )
    ),
    "What holds for all teams.",
)  # fmt: skip

GROUPS = Kind(
    "groups",
    "list of groups",
    "identity/groups.yaml",
    MapOf(
        Group((
            Field("keycloak", Text("the path or name of a Keycloak group"), "Its name in Keycloak."),
            Field("entra", Text("an Entra object id: a UUID in lower case",
                                r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "Its object id in Entra ID."),
            Field("cognito", Text("the name of a Cognito group"), "Its name in Cognito."),
            Field("google", Text("a group's mail address or a principalSet:// identifier",
                                 r"[^@\s]+@[^@\s]+\.[^@\s]+|principalSet://\S+"), "Its address in Google Cloud."),
        )),
        NAME,
    ),
    "Groups of people by the name that the fleet calls them, each with its id at every identity provider in use.",
)  # fmt: skip

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
ROLE = Kind(
    "role",
    "role",
    "roles/{role}.yaml",
    Group((
        Field("extends", Text("a role of the catalogue", choices=TEAM_ROLES), "The role of the catalogue that it "
              "adds to.", required=True),
        Field("rules", ListOf(Group((
            Field("api_groups", ListOf(Text("an API group"), 1), 'API groups; "core" is the one without a name.',
                  required=True),
            Field("resources", ListOf(Text("the plural name of a resource", r"[a-z]+(/[a-z]+)?"), 1), "Resources.",
                  required=True),
            Field("verbs", ListOf(Text("a verb", choices=VERBS), 1), "Verbs.", required=True),
        )), 1), "What it may do besides.", required=True),
    )),
    "A role of this company: one of the catalogue, and what it may do besides in the team's namespaces.",
)  # fmt: skip

POLICY = Kind(
    "policy",
    "policy set",
    "policies/{policy}.yaml",
    Group((
        Field("pod_security", LEVEL, "The Pod Security level.", default="restricted"),
        Field("modes", by_environment(Text("a mode", choices=("audit", "enforce"))),
              "By environment: enforce refuses, audit warns and records. An environment that is not named enforces.",
              default={}),
        Field("exceptions", ListOf(Group((
            Field("namespace", NAMESPACE, "The namespace that it is for.", required=True),
            Field("pod_security", LEVEL, "The level that holds there instead.", required=True),
            Field("owner", NAME, "The group that answers for it.", required=True),
            Field("expires", DATE, "The last day on which it holds.", required=True),
            Field("reason", Text(), "Why it is needed.", required=True),
        ))), "Namespaces where another level holds, each with an owner and an end.", default=[]),
    )),
    "What pods may be, by environment, with exceptions that end.",
)  # fmt: skip

TEAM = Kind(
    "team",
    "team",
    "teams/{team}/team.yaml",
    Group((
        Field("title", Text(), "Its name as people say it.", required=True),
        Field("owners", ListOf(NAME, 1), "Groups that answer for it.", required=True),
        Field("groups", GROUPS_OF_ROLES, "Who holds which role in the team's namespaces: role to group.",
              required=True),
        Field("receivers", Group((
            Field("critical", RECEIVER, "Whom a critical alert wakes.", required=True),
            Field("warning", RECEIVER, "Where a warning is read.", required=True),
        )), "Where the team's alerts go.", required=True),
        Field("secrets", Group((
            Field("prefix", PREFIX, "The path below which all its secrets stand.", required=True),
            Field("backend", Text("a backend", choices=tuple(BACKENDS)), "The store; by default that of the cloud."),
        )), "Where its secrets stand.", required=True),
        Field("quota", NAME, "The quota class of its namespaces, if not the environment's."),
        Field("cost_center", Text('letters, digits, "-", "_" or ".", at most 63',
                                  r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"), "Who pays; a label."),
    )),
    "A team: who it is, where its alerts go, where its secrets stand.",
)  # fmt: skip

PEER = Group((
    Field("project", NAME, "Another project, in its namespace of the same environment."),
    Field("namespace", Text("a namespace name", r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
          "A namespace of the platform, like the gateway's."),
    Field("cidr", CIDR, "An address range outside the cluster."),
    Field("ports", PORTS, "TCP ports; none means all.", default=[]),
))  # fmt: skip

PROJECT = Kind(
    "project",
    "project",
    "teams/{team}/projects/{project}.yaml",
    Group((
        Field("repos", ListOf(REPOSITORY), "Repositories that its applications may come from.", default=[]),
        Field("namespaces", by_environment(NAMESPACE), "Its namespace in each environment that it is in.",
              required=True),
        Field("groups", GROUPS_OF_ROLES, "Roles in this project besides the team's: role to group.", default={}),
        Field("peers", Group((
            Field("ingress", ListOf(PEER), "Who may call it.", default=[]),
            Field("egress", ListOf(PEER), "Whom it may call.", default=[]),
        )), "What its network policies let through."),
        Field("quotas", by_environment(NAME), "Its quota class by environment, if not the team's.", default={}),
        Field("policy", NAME, "Its policy set, if not the platform's."),
    )),
    "A project of a team: namespaces, repositories, peers.",
)  # fmt: skip

APP = Kind(
    "application",
    "application",
    "teams/{team}/apps/{app}/app.yaml",
    Group((
        Field("project", NAME, "The project of the team that it belongs to.", required=True),
        Field("source", Group((
            Field("repo", REPOSITORY, "One of the project's repositories.", required=True),
            Field("path", FOLDER, "A folder of manifests or a kustomization in it."),
            Field("chart", Text("the name of a chart", r"[A-Za-z0-9][A-Za-z0-9._-]*"), "A chart of it."),
            Field("revision", REVISION, "Branch, tag or commit; for a chart its version.", required=True),
            Field("values", Anything(), "Values of the chart.", default={}),
        )), "Where its manifests come from.", required=True),
        Field("promotion", ListOf(NAME, 1), "Its environments, in the order in which a change reaches them.",
              required=True),
        Field("secrets", MapOf(SECRET_KEY, NAME), "Secrets that it needs: name to path in the team's store.",
              default={}),
        Field("slo", Group((
            Field("availability", Number(50, 99.999), "Per cent of good answers.", required=True),
        )), "What it promises."),
        Field("probes", ListOf(URL), "URLs that are probed from outside.", default=[]),
        Field("runbook", Text("a file or an https URL"), "What to do when it is broken."),
    )),
    "An application: where it comes from and how far it goes.",
)  # fmt: skip

APP_ENVIRONMENT = Kind(
    "application_environment",
    "application's environment",
    "teams/{team}/apps/{app}/env/{environment}.yaml",
    Group((
        Field("revision", REVISION, "The revision in this environment: what a promotion changes."),
        Field("values", Anything(), "Values of the chart, over those of the application.", default={}),
    )),
    "What differs for an application in one environment.",
)  # fmt: skip

APP_GROUP = Kind(
    "app_group",
    "app group",
    "app-groups/{group}.yaml",
    Group((
        Field("waves", ListOf(ListOf(APPLICATION, 1), 1),
              "Applications as TEAM/APPLICATION, wave by wave: a wave starts when the one before is healthy.",
              required=True),
        Field("after", ListOf(NAME), "App groups that come first.", default=[]),
        Field("environments", ListOf(NAME), "Where the order holds; none means everywhere.", default=[]),
    )),
    "Applications that are delivered in order.",
)  # fmt: skip

KINDS: tuple[Kind, ...] = (PLATFORM, GROUPS, ROLE, POLICY, TEAM, PROJECT, APP, APP_ENVIRONMENT, APP_GROUP)
