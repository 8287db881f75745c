# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of 50 teams with 20 applications each, on 10 clusters: what reading, checking and compiling it costs."""

from __future__ import annotations

import datetime
import typing as t

import yaml

from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.check import check
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.compile import compile_cluster
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.estate import estate_of
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.load import load
from ansible_collections.seaworthy.platform.plugins.module_utils._fleet.model import Estate

Files = dict[str, str]
TODAY = datetime.date(2026, 11, 25)
PLATFORM = """schema: 1
company: Example
engine: {engine}
repository: {{url: https://git.example.com/platform/rendered}}
environments: {{prod: {{production: true, quota: small}}}}
quotas: {{small: {{requests.cpu: "4", requests.memory: 8Gi}}}}
"""
TEAM = """title: Team {team}
owners: [{team}-leads]
groups: {{team-admin: {team}-leads, developer: {team}-devs}}
receivers: {{critical: "pagerduty:{team}", warning: "slack:#{team}"}}
secrets: {{prefix: {team}/}}
"""
PROJECT = """repos: [https://git.example.com/{team}/apps]
namespaces: {{dev: {team}-dev, staging: {team}-staging, prod: {team}-prod}}
peers: {{ingress: [{{namespace: envoy-gateway-system}}]}}
"""
APP = """project: {team}
source: {{repo: https://git.example.com/{team}/apps, path: deploy/{app}, revision: main}}
promotion: [dev, staging, prod]
secrets: {{database: {team}/{app}/database}}
slo: {{availability: 99.9}}
"""


def large(teams: int = 50, apps: int = 20, engine: str = "argocd") -> Files:
    """Return the files of a fleet; every team has one project, every second application is in the team's app group."""
    groups = ""
    files = {"platform.yaml": PLATFORM.format(engine=engine)}
    for team in (f"team-{number:02}" for number in range(teams)):
        for group in (f"{team}-leads", f"{team}-devs"):
            groups += f"{group}: {{keycloak: /{group}, google: {group}@example.com}}\n"
        names = [f"app-{number:02}" for number in range(apps)]
        files[f"teams/{team}/team.yaml"] = TEAM.format(team=team)
        files[f"teams/{team}/projects/{team}.yaml"] = PROJECT.format(team=team)
        files |= {f"teams/{team}/apps/{app}/app.yaml": APP.format(team=team, app=app) for app in names}
        ordered = ", ".join(f"{team}/{app}" for app in names[::2])
        files[f"app-groups/{team}.yaml"] = f"waves: [[{ordered}]]\n"
    return files | {"identity/groups.yaml": groups}


def ten_clusters(count: int = 10) -> Estate:
    """Return clusters of one environment each, as a company of that size has them: most of them production."""
    environments = ["dev", "staging", *["prod"] * (count - 2)]
    store = {"aws-secrets-manager": {"region": "eu-west-1", "identity": "arn:aws:iam::111122223333:role/{team}"}}
    clusters = {
        f"{environment}-{number}": {
            "provider": "gke" if number % 3 == 0 else "eks",
            "environments": [environment],
            "secret_stores": store,
        }
        for number, environment in enumerate(environments)
    }
    return estate_of(["dev", "staging", "prod"], clusters)


def compile_all(files: t.Mapping[str, str], estate: Estate) -> int:
    """Read, check and compile for every cluster, to objects; return how many files came out."""
    fleet = load(files)
    check(fleet, estate, TODAY)
    return sum(len(compile_cluster(fleet, cluster).files) for cluster in estate.clusters)


def render_all(files: t.Mapping[str, str], estate: Estate) -> int:
    """The same, to the text of the files; return its length."""
    fleet = load(files)
    found = [compile_cluster(fleet, cluster).texts() for cluster in estate.clusters]
    return sum(len(text) for texts in found for text in texts.values())


def only_read(files: t.Mapping[str, str]) -> None:
    """What no reader of these files can save: PyYAML's C loader over the same texts."""
    for text in files.values():
        yaml.load(text, Loader=yaml.CSafeLoader)
