# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's component folders become objects, in the worker process, on ansible-core 2.16 and newer.

``templates/<component>/``: ``*.yaml.j2`` is rendered, each ``{{ expression }}`` being one whole YAML value;
``*.yaml`` and ``*.json`` are taken verbatim; other ``*.j2`` are for ``{% include %}`` and ``{% import %}``.
``files/crds/<component>/*.json`` come first. The order is that of the components, then of the file names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import tempfile
import typing as t

from ..module_utils._apply import load
from ..module_utils._common.errors import InvalidInput, did_you_mean
from ._template_source import FILTER, OVERRIDES, attribute_line, names_in, parsed, rewritten
from ._yaml_values import Expression, Refill, glued_problems, shown, unframe

__all__ = ["FILTER", "Rendered", "render_set"]

RENDERED = (".yaml.j2", ".yml.j2")
VERBATIM = (".yaml", ".yml", ".json")
HELPER = ".j2"
MAX_PROBLEMS = 20

Variables = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Rendered:
    """One object as plain data, and the file it came from, relative to the role."""

    object: dict[str, t.Any]
    source: str


def render_set(
    role_path: str | pathlib.Path,
    components: t.Sequence[str],
    templar: t.Any,
    task_vars: t.Mapping[str, t.Any],
    extra: t.Mapping[str, t.Any],
) -> list[Rendered]:
    """Return the objects of the components, CRDs of each before its templates.

    ``extra`` are further variables (``pins``, ``platform_cluster``); they win over ``task_vars``. Raises
    ``InvalidInput`` naming every fault with file and line.
    """
    role = pathlib.Path(role_path)
    renderer = _Renderer(role, templar, {**task_vars, **extra})
    objects: list[Rendered] = []
    problems: list[str] = []
    for component in components:
        for work in (_crds(role, component, extra), renderer.component(component)):
            try:
                objects.extend(work)
            except InvalidInput as fault:
                problems.extend(fault.problems)
    if problems:
        left = len(problems) - MAX_PROBLEMS
        raise InvalidInput([*problems[:MAX_PROBLEMS], *([f"and {left} more"] if left > 0 else [])])
    return objects


def _crds(role: pathlib.Path, component: str, extra: t.Mapping[str, t.Any]) -> t.Iterator[Rendered]:
    """Yield the component's compiled CustomResourceDefinitions; a pin that names CRDs makes them obligatory."""
    folder = role / "files" / "crds" / component
    files = sorted(folder.glob("*.json"))
    if not files and component in _components_with_crds(extra.get("pins")):
        raise InvalidInput(
            [f"files/crds/{component}/*.json of role {role.name} is missing: the CRDs are compiled; run: make crds"]
        )
    for path in files:
        yield from _verbatim(path, path.relative_to(role).as_posix())


def _components_with_crds(pins: t.Any) -> set[str]:
    """Return the folders that the pins promise (``crds: {component: NAME}``; without a name, the pin's own)."""
    rows = ((key, pin.get("crds")) for key, pin in (pins or {}).items() if isinstance(pin, t.Mapping))
    return {
        str(crds.get("component") if isinstance(crds, t.Mapping) else key.replace("_", "-"))
        for key, crds in rows
        if crds
    }


def _verbatim(path: pathlib.Path, source: str) -> list[Rendered]:
    return [Rendered(obj, source) for obj in load.parse(_read(path, source), source)]


def _read(path: pathlib.Path, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput([f"{source}: byte {error.start} is not UTF-8; save the file as UTF-8"]) from error


class _Renderer:
    """Renders the files of one role with one set of variables."""

    def __init__(self, role: pathlib.Path, templar: t.Any, variables: Variables) -> None:
        self._role = role
        self._templar = templar
        self._variables = variables

    def component(self, component: str) -> list[Rendered]:
        """Return the objects of one folder; faults of all its files are raised together at the end."""
        folder = self._role / "templates" / component
        if not folder.is_dir():
            if (self._role / "files" / "crds" / component).is_dir():
                return []
            known = [path.name for path in folder.parent.glob("*") if path.is_dir()]
            raise InvalidInput([f"role {self._role.name} has no templates/{component}{did_you_mean(component, known)}"])
        table: list[Expression] = []
        with self._helpers(folder, table) as searchpath:
            render = _template_function(self._templar, self._variables, searchpath)
            return list(_all_or_faults(self._file(path, render, table) for path in _files(folder)))

    def _file(
        self, path: pathlib.Path, render: t.Callable[[str], str], table: list[Expression]
    ) -> t.Callable[[], list[Rendered]]:
        source = path.relative_to(self._role).as_posix()
        if path.name.endswith(VERBATIM):
            return lambda: _verbatim(path, source)
        if path.name.endswith(RENDERED):
            return lambda: self._template(_read(path, source), source, render, table)
        if path.name.endswith(HELPER):
            return list

        def refuse() -> list[Rendered]:
            raise InvalidInput([f"{source} is neither *.yaml.j2 (rendered), *.yaml (verbatim) nor *.j2 (included)"])

        return refuse

    def _template(
        self, text: str, source: str, render: t.Callable[[str], str], table: list[Expression]
    ) -> list[Rendered]:
        framed = rewritten(text, source, table)
        try:
            found = unframe(render(framed))
        except Exception as error:  # a filter may raise anything, and older cores let it through
            raise InvalidInput([self._explained(error, text, source)]) from error
        if found.faults:
            raise InvalidInput(list(dict.fromkeys(self._fault(table[place], why) for place, why in found.faults)))
        if found.quoted:
            raise InvalidInput([f"{table[place]} stands in quotes; leave them out, a string stays a string"
                                for place in dict.fromkeys(found.quoted)])  # fmt: skip
        refill = Refill(found.values)
        documents = [refill.value(document) for document in _parse(found.text, source)]
        problems = [problem for scalar in refill.glued for problem in glued_problems(scalar, table)]
        problems += [f'{table[place]} makes the key "{key}", which stands twice or is no text'
                     for place, key in refill.doubled]  # fmt: skip
        if problems:
            raise InvalidInput(list(dict.fromkeys(problems)))
        return [Rendered(obj, source) for document in documents for obj in _opened(document)]

    def _fault(self, expression: Expression, why: str) -> str:
        return f"{expression}: {why}{self._hint(why, expression.text)}"

    def _hint(self, why: str, expression: str) -> str:
        """Return " (did you mean X?)" for a variable or a key that is nearly there."""
        missing = _missing(why)
        if missing is None:
            return ""
        kind, name = missing
        if kind == "variable":
            return did_you_mean(name, self._variables)
        return did_you_mean(name, self._keys_beside(name, expression))

    def _keys_beside(self, name: str, expression: str) -> list[str]:
        """Return the keys of the mapping that an expression like ``pins.a.b`` asks for ``name``."""
        path = re.match(r"[\w.]+", expression)
        node: t.Any = self._variables
        for step in path[0].split(".") if path else ():
            if step == name or not isinstance(node, t.Mapping):
                break
            node = node.get(step)
        return [str(key) for key in node] if isinstance(node, t.Mapping) else []

    def _explained(self, error: Exception, text: str, source: str) -> str:
        """Return file, line and reason of a template that could not be rendered at all."""
        why = _reason(error)
        tree = parsed(text, source)
        lines = names_in(tree)
        missing = _missing(why)
        if missing and missing[0] == "variable":
            name = missing[1] if missing[1] in lines else self._culprit(lines)
            line = lines.get(name or "")
            through = f"{name}: " if name and name != missing[1] else ""
            return f"{source}{_at(line)}: {through}{why}{did_you_mean(missing[1], self._variables)}"
        line = attribute_line(tree, missing[1]) if missing else None
        return f"{source}{_at(line)}: {why}"

    def _culprit(self, lines: dict[str, int]) -> str | None:
        """Return the variable whose own value cannot be rendered."""
        render = _template_function(self._templar, self._variables, None)
        for name in lines:
            if name in self._variables:
                try:
                    render(f"{{{{ {name} | {FILTER}(0) }}}}")
                except Exception:
                    return name
        return None

    @contextlib.contextmanager
    def _helpers(self, folder: pathlib.Path, table: list[Expression]) -> t.Iterator[str | None]:
        """Yield a private folder with the rewritten files that templates may include, or None if there are none.

        A file system, since a search path is the only public way to give Jinja a template on every core.
        """
        helpers = [path for path in _files(folder) if path.name.endswith(HELPER) and not path.name.endswith(RENDERED)]
        if not helpers:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="seaworthy-") as place:
            for path in helpers:
                target = pathlib.Path(place, path.relative_to(folder))
                target.parent.mkdir(parents=True, exist_ok=True)
                source = path.relative_to(self._role).as_posix()
                target.write_text(rewritten(_read(path, source), source, table), encoding="utf-8")
            yield place


def _files(folder: pathlib.Path) -> list[pathlib.Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted((path for path in found if not path.name.startswith(".") and path.suffix != ".md"), key=str)


def _all_or_faults(works: t.Iterable[t.Callable[[], list[Rendered]]]) -> list[Rendered]:
    done: list[Rendered] = []
    problems: list[str] = []
    for work in works:
        try:
            done.extend(work())
        except InvalidInput as fault:
            problems.extend(fault.problems)
    if problems:
        raise InvalidInput(problems)
    return done


def _parse(text: str, source: str) -> list[t.Any]:
    try:
        return load.parse(text, source)
    except InvalidInput as fault:
        line = re.search(r" line (\d+):", fault.problems[0])
        rows = text.splitlines()
        row = rows[int(line[1]) - 1] if line and int(line[1]) <= len(rows) else ""
        raise InvalidInput([f'{fault.problems[0].replace(" line ", " rendered line ", 1)}: "{shown(row)}"']) from fault


def _opened(document: t.Any) -> list[t.Any]:
    """Return the objects of a document; one that is a list (an expression at the top) is its items."""
    items = document if isinstance(document, list) else [document]
    return [obj for item in items for obj in load.opened(item)]


def _at(line: int | None) -> str:
    return f" line {line}" if line else ""


_UNDEFINED = re.compile(r"'([^']+)' is undefined")
_NO_ATTRIBUTE = re.compile(r"has no (?:attribute|element) '([^']+)'")


def _missing(why: str) -> tuple[t.Literal["variable", "attribute"], str] | None:
    """Return what an undefined error is about."""
    variable, attribute = _UNDEFINED.search(why), _NO_ATTRIBUTE.search(why)
    if attribute:
        return "attribute", attribute[1]
    return ("variable", variable[1]) if variable else None


def _reason(error: Exception) -> str:
    """Return the one telling sentence of an error whose text, on some cores, repeats itself or quotes the template."""
    text = " ".join(str(getattr(error, "message", "") or error).split())
    missing = _UNDEFINED.search(text)
    if missing and not _NO_ATTRIBUTE.search(text):
        return missing[0]
    text = text.partition(". String: ")[0]
    half = len(text) // 2
    return text[:half] if text[:half] == text[half + 2 :] else text[:400]


def _template_function(templar: t.Any, variables: Variables, searchpath: str | None) -> t.Callable[[str], str]:
    """Return text -> rendered text for the running core."""
    paths = [searchpath] if searchpath else None
    try:
        from ansible.template import trust_as_template
    except ImportError:
        return _before_2_19(templar, variables, paths)
    bound = templar.copy_with_new_env(searchpath=paths, available_variables=variables)

    def render(text: str) -> str:
        done = bound.template(trust_as_template(text), escape_backslashes=False, overrides=OVERRIDES)
        return "" if done is None else str.__str__(str(done))

    return render


def _before_2_19(templar: t.Any, variables: Variables, paths: list[str] | None) -> t.Callable[[str], str]:
    """Cores 2.16 to 2.18: no trust marks, and results are kept from being read as Python literals."""
    from ansible.template import AnsibleEnvironment

    bound = templar.copy_with_new_env(
        environment_class=AnsibleEnvironment, searchpath=paths, available_variables=variables
    )

    def render(text: str) -> str:
        done = bound.template(text, escape_backslashes=False, overrides=OVERRIDES, convert_data=False)
        return "" if done is None else str.__str__(str(done))

    return render
