# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply one set of objects to one cluster, from this process: rendered here, progress shown live."""

from __future__ import annotations

import pathlib
import time
import typing as t

from ..module_utils._apply import load
from ..module_utils._apply.arguments import ARGUMENTS, inline, request_of
from ..module_utils._apply.engine import ON_FOREIGN, SetRequest, Source, apply_set, write_set
from ..module_utils._common.clock import SystemClock
from ..module_utils._common.credentials import CredentialSource
from ..module_utils._common.errors import InvalidInput, did_you_mean
from ..module_utils._common.outcome import Result
from ..plugin_utils._access import credential_source
from ..plugin_utils._cluster_action import ClusterAction, subject
from ..plugin_utils._helm import chart_objects
from ..plugin_utils._inprocess import Request
from ..plugin_utils._mirror import mirrored
from ..plugin_utils._render import render_set
from ..plugin_utils._sdk import load_sdks

load_sdks()

Options = t.Mapping[str, t.Any]
Variables = t.Mapping[str, t.Any]
VERBATIM = (".yaml", ".yml", ".json")
RENDERED_HERE = ("components", "pins", "src", "helm_template")


class ActionModule(ClusterAction):
    """Renders the role's components (or ``src``, or takes ``definition``) and hands the objects to the engine."""

    ARGUMENTS = ARGUMENTS
    MODULE = "seaworthy.platform.apply_set"

    def perform(self, request: Request) -> Result:
        options, task_vars = request.options, request.task_vars
        if options.get("target") == "directory":
            return self._write(request)
        cluster = self.cluster(options, task_vars)
        started = time.monotonic()
        objects = self._objects(options, task_vars, cluster)
        rendered = time.monotonic() - started
        options = {**options, "on_foreign": self._on_foreign(task_vars, options)}
        result = self._engine(request, request_of(options, objects), self._credentials(options, cluster))
        if "timing" in result:
            result["timing"]["render"] = round(rendered, 3)
        return result

    def _engine(self, request: Request, wanted: SetRequest, credentials: CredentialSource | None) -> Result:
        return apply_set(
            wanted,
            credentials,
            check_mode=request.check_mode,
            diff=request.diff,
            progress=request.progress(subject(wanted.name, request.task_vars)),
            clock=SystemClock(),
        )

    def _write(self, request: Request) -> Result:
        """Write the set as files; a cluster may be known to its templates, and is not asked."""
        options, task_vars = request.options, request.task_vars
        if options["state"] != "managed":
            raise InvalidInput([f"state is {options['state']}; a directory only takes a set that is managed"])
        objects = self._objects(options, task_vars, self.known_cluster(options, task_vars) or {})
        folder = pathlib.Path(self._loader.path_dwim(str(options["directory"])))
        wanted = request_of({**options, "on_foreign": "fail"}, objects)
        return write_set(wanted, folder, check_mode=request.check_mode, diff=request.diff, clock=SystemClock())

    def module_args(self, raw: dict[str, t.Any], task_vars: Variables) -> dict[str, t.Any]:
        """Render here, apply there: only a kubeconfig of that host is understood by the module."""
        if raw.get("target") == "directory":
            raise InvalidInput(["target directory is written here: set connection: local, without async"])
        cluster = self.cluster(raw, task_vars)
        if cluster.get("provider") != "kubeconfig":
            raise InvalidInput(
                [
                    f"apply_set on connection {self._connection.transport} reaches a cluster only by a kubeconfig of "
                    f"that host, and this cluster's provider is {cluster.get('provider')}; set connection: local "
                    "(without async), or cluster_provider: kubeconfig"
                ]
            )
        objects = self._objects({"state": "managed", "pins": {}, **raw}, task_vars, cluster)
        kept = {key: value for key, value in raw.items() if key not in RENDERED_HERE}
        on_foreign = self._on_foreign(task_vars, raw)
        return {**kept, "cluster": cluster, "on_foreign": on_foreign, "definition": [obj for obj, _source in objects]}

    def _on_foreign(self, task_vars: Variables, options: Options) -> str:
        """Return the task's own word, else the play's ``platform_on_foreign``."""
        if "on_foreign" in self._task.args:
            return str(options["on_foreign"])
        word = str(self.templated(task_vars.get("platform_on_foreign")) or "fail")
        if word not in ON_FOREIGN:
            near = did_you_mean(word, ON_FOREIGN)
            raise InvalidInput([f'platform_on_foreign is "{word}"; must be one of {", ".join(ON_FOREIGN)}{near}'])
        return word

    def _credentials(self, options: Options, cluster: dict[str, t.Any]) -> CredentialSource | None:
        """Return how to get in; None where the cluster is still to be made, or nothing is to be read."""
        if options["state"] == "external" or not cluster.get("exists", True):
            return None
        return credential_source(cluster)

    def _objects(self, options: Options, task_vars: Variables, cluster: dict[str, t.Any]) -> list[Source]:
        if options["state"] not in ("managed", "verified"):
            return []
        if options.get("definition") is not None:
            return inline(options["definition"])
        if options.get("helm_template"):
            return chart_objects(self._chart(options["helm_template"]), options["name"], options.get("namespace") or "")
        folder = self._folder(options)
        if not (folder / "templates").is_dir():
            return _verbatim(folder)
        mirror = str(self.templated(task_vars.get("platform_registry_mirror")) or "")
        pins = mirrored(options.get("pins") or {}, mirror)
        extra = {"pins": pins, "platform_cluster": cluster}
        found = render_set(folder, _switched_on(options.get("components"), folder), self._templar, task_vars, extra)
        return [(rendered.object, rendered.source) for rendered in found]

    def _chart(self, options: Options) -> Options:
        """Return what to render; a chart that is a folder here is found beside the playbook."""
        folder = pathlib.Path(self._loader.path_dwim(str(options["chart"])))
        return {**options, "chart": str(folder) if folder.is_dir() else options["chart"]}

    def _folder(self, options: Options) -> pathlib.Path:
        """Return ``src``, else the folder of the role that this task stands in."""
        if options.get("src"):
            folder = pathlib.Path(self._loader.path_dwim(str(options["src"])))
            if not folder.is_dir():
                raise InvalidInput([f"src {folder} is no folder"])
            return folder
        role = self._task._role
        if role is None:
            raise InvalidInput(["this task stands in no role; set src to a folder, or definition to a list of objects"])
        return pathlib.Path(role._role_path)


def _switched_on(components: t.Any, folder: pathlib.Path) -> list[str]:
    """Return the component folders to render: a list, the keys of a map that are true, or all there are."""
    if components is None:
        return sorted(path.name for path in (folder / "templates").iterdir() if path.is_dir())
    if isinstance(components, dict):
        return [str(name) for name, on in components.items() if on]
    if isinstance(components, list) and all(isinstance(name, str) for name in components):
        return components
    raise InvalidInput([f"components is {type(components).__name__}; must be a list of names or a map name -> bool"])


def _verbatim(folder: pathlib.Path) -> list[Source]:
    """Return the objects of a plain folder: every manifest in it as it stands."""
    found: list[Source] = []
    for path in sorted(folder.rglob("*")):
        source = path.relative_to(folder).as_posix()
        if path.name.endswith(".j2"):
            raise InvalidInput([f"{source}: a template is rendered only below {folder.name}/templates/COMPONENT/"])
        if path.is_file() and path.suffix in VERBATIM:
            found += [(obj, source) for obj in load.parse(_text(path, source), source)]
    return found


def _text(path: pathlib.Path, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput([f"{source}: byte {error.start} is not UTF-8; save the file as UTF-8"]) from error
