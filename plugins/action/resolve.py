# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First task of every play: refuse what is wrong in the inventory, then find the cluster. It never writes."""

from __future__ import annotations

import base64
import dataclasses
import pathlib
import typing as t

from ansible import context

from ..module_utils._apply.http import Client
from ..module_utils._cloud.access import find_cluster
from ..module_utils._cloud.cluster.spec import parse_spec, spec_options
from ..module_utils._cloud.providers import PROVIDERS as CLOUDS
from ..module_utils._common.argspec import ArgumentSpec
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.errors import InvalidInput, PlatformError
from ..plugin_utils._access import credential_source
from ..plugin_utils._inprocess import InProcessAction, Request, Result, plain
from ..plugin_utils._sdk import load_sdks
from ..plugin_utils._variables import (
    Sources,
    merged_maps,
    option_values,
    refusals,
    role_options,
    sources,
    unknown_names,
)

try:  # core 2.19 and newer fill in only templates that come from a trusted place
    from ansible.template import trust_as_template
except ImportError:

    def trust_as_template(value: str) -> str:
        return value


load_sdks()

ROLES = pathlib.Path(__file__).resolve().parents[2] / "roles"
PREFIX = "cluster_"
REACHING = frozenset({"provider", "managed", "api", "kubeconfig", "context"})
"""What role cluster is told beside the document of a cloud."""
Values = dict[str, t.Any]


class ActionModule(InProcessAction):
    """``platform_cluster`` as a fact, or one sentence on what keeps the play from starting."""

    MODULE = "seaworthy.platform.resolve"
    ARGUMENTS = ArgumentSpec(
        {"destroy": {"type": "bool", "default": False}, "only_find": {"type": "bool", "default": False}}
    )

    def prepare(self, raw: Values, task_vars: t.Mapping[str, t.Any]) -> None:
        if not self._is_local():
            raise InvalidInput(
                [
                    f"{task_vars['inventory_hostname']} has connection {self._connection.transport}; a cluster is "
                    "reached from here: set connection: local in the play, and no ansible_connection in the inventory"
                ]
            )

    def perform(self, request: Request) -> Result:
        roles = role_options(ROLES)
        values = self._cluster_values(roles, request.task_vars)
        if not request.options["only_find"]:
            self._refuse_unknown(request.task_vars)
            refuse_wrong(values)
        if request.options["destroy"]:
            refuse_unconfirmed(values["cluster_name"], request.task_vars, context.CLIARGS.get("subset") or "")
        return {"changed": False, "ansible_facts": {"platform_cluster": find(values)}}

    def _cluster_values(self, roles: t.Mapping[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> Values:
        return merged_maps(option_values(roles["cluster"], task_vars, self._filled))

    def _filled(self, value: t.Any, ours: bool) -> t.Any:
        text = trust_as_template(value) if ours and isinstance(value, str) else value
        return plain(self._templar.template(text))

    def _refuse_unknown(self, task_vars: t.Mapping[str, t.Any]) -> None:
        ignored = self._filled(task_vars.get("platform_ignored_variables", []), False)
        names = unknown_names(task_vars, role_options(ROLES), ignored)
        problems = refusals(names, role_options(ROLES), written_in(task_vars)) if names else []
        if problems:
            raise InvalidInput(problems)


def written_in(task_vars: t.Mapping[str, t.Any]) -> Sources:
    return sources(
        task_vars.get("ansible_inventory_sources") or (),
        str(task_vars.get("playbook_dir", ".")),
        context.CLIARGS.get("extra_vars") or (),
    )


def refuse_wrong(values: Values) -> None:
    """Refuse a provider that there is not, and a document that its provider cannot mean."""
    provider = values.get("cluster_provider")
    if provider not in PROVIDERS:
        said = "is missing" if provider is None else f'is "{provider}"'
        raise InvalidInput([f"cluster_provider {said}; must be one of {', '.join(sorted(PROVIDERS))}"])
    PROVIDERS[provider].check(values)


def refuse_unconfirmed(name: str, task_vars: t.Mapping[str, t.Any], limit: str) -> None:
    """Destroying needs the host picked by hand and the cluster's name typed."""
    confirmed = task_vars.get("destroy_confirm")
    if limit and confirmed == name:
        return
    missing = "no --limit" if not limit else f"destroy_confirm {confirmed!r}" if confirmed else "no destroy_confirm"
    raise PlatformError(
        f"{name} is not destroyed: {missing} was given.",
        kind="protected",
        remedy=f"If you mean it, run again with --limit {task_vars['inventory_hostname']} -e destroy_confirm={name}.",
    )


def cluster_document(values: Values) -> Values:
    """Return what role ``cluster`` passes to the module of the provider: the options that it has, as it calls them."""
    cloud = CLOUDS[values["cluster_provider"]].cloud
    names = {row.path.partition(".")[0] for row in spec_options(cloud)}
    variables = {name: PREFIX + cloud.variables.get(name, name) for name in sorted(names)}
    return {name: values[variable] for name, variable in variables.items() if variable in values}


def check_cloud(values: Values) -> None:
    refuse_options_of_other_clouds(values)
    parse_spec(CLOUDS[values["cluster_provider"]].cloud, cluster_document(values), label=PREFIX)


def variables_of(provider: str) -> set[str]:
    """Return the variables, without their prefix, that say something to a provider."""
    cloud = CLOUDS[provider].cloud
    return {cloud.variables.get(name, name) for name in (row.path.partition(".")[0] for row in spec_options(cloud))}


def refuse_options_of_other_clouds(values: Values) -> None:
    """Silence would be the answer otherwise, as the role passes a module what it knows. An empty map says nothing."""
    provider = values["cluster_provider"]
    own = {PREFIX + name for name in variables_of(provider) | REACHING}
    strange = {name for name, value in values.items() if name not in own and value not in (None, {})}
    if not strange:
        return
    given = sorted(strange & {PREFIX + name for name in set().union(*map(variables_of, CLOUDS))})
    if given:
        raise InvalidInput([f"{name} is given, which {CLOUDS[provider].cloud.title} has no use for" for name in given])


def find_in_cloud(values: Values) -> Values:
    """Return the cluster as its cloud describes it. One whose API has no address yet does not exist for the layers."""
    cloud = CLOUDS[values["cluster_provider"]].cloud
    found = find_cluster(parse_spec(cloud, cluster_document(values), label=PREFIX).place)
    endpoint = str(found.get("endpoint") or "")
    return {
        "account": found["account"],
        "endpoint": endpoint,
        "ca": base64.b64decode(found.get("ca_data") or "").decode(),
        "exists": bool(endpoint),
        "version": str(found.get("version") or ""),
        "provides": dict(found.get("provides") or {}),
    }


def check_kubeconfig(values: Values) -> None:
    problems = []
    if not values.get("cluster_kubeconfig"):
        problems.append("cluster_kubeconfig is missing; must be the path of a kubeconfig file")
    if values.get("cluster_managed"):
        problems.append("cluster_managed is true; must be false where a kubeconfig is all we know of the cluster")
    if problems:
        raise InvalidInput(problems)


def find_kubeconfig(values: Values) -> Values:
    """Return the cluster behind the kubeconfig, which must answer now."""
    place = {"kubeconfig": str(values["cluster_kubeconfig"]), "context": str(values.get("cluster_context") or "")}
    try:
        source = credential_source({**nowhere(values), **place})
    except PlatformError as error:
        error.remedy = "Set cluster_kubeconfig and cluster_context to a file and context that kubectl could use."
        raise
    client = Client(source, clock=SystemClock())
    try:
        version = client.call("GET", "/version", doing=f"the version of {values['cluster_name']}")
    finally:
        client.close()
    credentials = source()
    reached = {"endpoint": credentials.server, "ca": credentials.ca_data}
    return {**place, **reached, "exists": True, "version": minor_of(version)}


def minor_of(version: Values) -> str:
    """Return "1.36" from what /version says; some clouds write the minor as "36+"."""
    return f"{version.get('major', '')}.{str(version.get('minor', '')).rstrip('+')}"


@dataclasses.dataclass(frozen=True)
class Provider:
    """How one kind of cluster is checked (without any request) and found (what is known of it then)."""

    check: t.Callable[[Values], None]
    find: t.Callable[[Values], Values]


PROVIDERS: dict[str, Provider] = {
    **{name: Provider(check_cloud, find_in_cloud) for name in CLOUDS},
    "kubeconfig": Provider(check_kubeconfig, find_kubeconfig),
}


def find(values: Values) -> Values:
    """Return the fact ``platform_cluster``."""
    return {**nowhere(values), **PROVIDERS[values["cluster_provider"]].find(values)}


def nowhere(values: Values) -> Values:
    """Return the fact as far as the inventory alone tells it."""
    return {
        "provider": values["cluster_provider"],
        "name": values["cluster_name"],
        "managed": bool(values.get("cluster_managed")),
        "location": values.get("cluster_region") or "",
        "account": values.get("cluster_account") or "",
        "resource_group": values.get("cluster_resource_group") or "",
        "endpoint": "",
        "ca": "",
        "exists": False,
        "version": "",
        "provides": {},
        "auth": values["cluster_auth"],
        "api": values["cluster_api"],
        "kubeconfig": "",
        "context": "",
    }
