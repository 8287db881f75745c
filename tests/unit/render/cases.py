# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles to render: what stands in their files, what is set, and what must come out, as data."""

from __future__ import annotations

import dataclasses
import typing as t

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe}\n"


def one(line: str) -> dict[str, str]:
    """A role with one component and one template whose fourth line is this one."""
    return {"templates/app/config.yaml.j2": f"{HEAD}{line}\n"}


def config(data: t.Any, name: str = "probe") -> dict[str, t.Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


@dataclasses.dataclass(frozen=True)
class Case:
    """``objects`` or ``problems`` (each a piece of one reported sentence) is what must come out."""

    name: str
    files: t.Mapping[str, str]
    objects: tuple[dict[str, t.Any], ...] = ()
    problems: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    variables: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    extra: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    components: tuple[str, ...] = ("app",)


AWKWARD = {
    "version": "1.10",
    "no": "no",
    "null_text": "null",
    "colon": "a: b # c",
    "number_text": "0755",
    "quote": 'it\'s "so"',
    "braces": "{{ not a template }} }}",
    "newline": "one\ntwo\n",
    "unicode": "Zürich \u2028 \x85 \U0001f6a2",
    "backslash": "C:\\new\\t",
    "yes": True,
    "float": 1e22,
    "int": 7,
    "nothing": None,
    "list": ["a", 1, {"b": None}],
    "map": {"x": "y"},
    "empty": {},
    "date": "2026-11-22",
}

VALUES = tuple(
    Case(
        f"a value arrives as it is: {key}",
        one("data: {{ awkward[key] }}"),
        (config(value),),
        variables={"awkward": "!unsafe", "key": key},
    )
    for key, value in AWKWARD.items()
)

SYNTAX = (
    Case(
        "whitespace control is obeyed",
        one("data: [  {{- x -}}  , {{+ x }}]"),
        (config(["1.0", "1.0"]),),
        variables={"x": "1.0"},
    ),
    Case(
        "filters and arithmetic work",
        one("data: {{ [3, 1, 2] | sort | map('string') | list + ['x' ~ x] }}"),
        (config(["1", "2", "3", "x1.0"]),),
        variables={"x": "1.0"},
    ),
    Case(
        "an expression may span lines",
        one("data: {{ {\n  'a': x,\n  'b': {'c': 1}} }}"),
        (config({"a": "on", "b": {"c": 1}}),),
        variables={"x": "on"},
    ),
    Case("strings may hold braces", one("data: {{ '}} {{ ' ~ x }}"), (config("}} {{ y"),), variables={"x": "y"}),
    Case(
        "comments of Jinja and YAML are comments",
        one("data: {# {{ nothing }} #}{{ x }}  # was {{ x }}-1"),
        (config("y"),),
        variables={"x": "y"},
    ),
    Case("raw blocks are text", one("data: '{% raw %}{{ $labels.x }}{% endraw %}'"), (config("{{ $labels.x }}"),)),
    Case(
        "a key may be an expression",
        one("data: { {{ k }}: 1, fixed: {{ k }}}"),
        (config({"a/b: c": 1, "fixed": "a/b: c"}),),
        variables={"k": "a/b: c"},
    ),
    Case(
        "a key may be an expression in block style",
        one("data:\n  {{ k }}: {{ k }}"),
        (config({"on": "on"}),),
        variables={"k": "on"},
    ),
    Case(
        "conditions leave no blank value",
        one("data:\n  {% if x == 'y' %}\n  a: {{ x }}\n  {% else %}\n  a: {{ absent }}\n  {% endif %}"),
        (config({"a": "y"}),),
        variables={"x": "y"},
    ),
    Case(
        "two branches on one line",
        one("data: {% if flag %}{{ x }}{% else %}{{ y }}{% endif %}"),
        (config("1"),),
        variables={"x": "1", "y": "2", "flag": True},
    ),
    Case(
        "loops make items",
        one("data: [{% for n in names %}{name: {{ n }}, last: {{ loop.last }}}, {% endfor %}]"),
        (config([{"name": "1", "last": False}, {"name": "2", "last": True}]),),
        variables={"names": ["1", "2"]},
    ),
    Case(
        "loops make documents",
        {
            "templates/app/many.yaml.j2": "{% for n in names %}\n---\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ n }}}\ndata: {{ loop.index }}\n{% endfor %}\n"
        },
        (config(1, "one"), config(2, "two")),
        variables={"names": ["one", "two"]},
    ),
    Case(
        "a generator becomes a list",
        one("data: {{ names | map('upper') }}"),
        (config(["ONE"]),),
        variables={"names": ["one"]},
    ),
    Case("a default is used", one("data: {{ absent | default('x') }}"), (config("x"),)),
    Case(
        "a conditional expression is one value",
        one("data: {{ 'a' if flag else none }}"),
        (config(None),),
        variables={"flag": False},
    ),
    Case(
        "text for a file is set first",
        one("data: {% set text %}\n[server]\nname = {{ x }}\nports = {{ n }}\n{% endset %}\n{app.ini: {{ text }}}"),
        (config({"app.ini": "[server]\nname = y\nports = 3\n"}),),
        variables={"x": "y", "n": 3},
    ),
    Case(
        "a macro may stand in the file itself",
        one("data: {% macro m(x) %}{a: {{ x }}, b: [{{ x }}]}{% endmacro %}{{ m('1.0') }}"),
        (config({"a": "1.0", "b": ["1.0"]}),),
    ),
    Case(
        "indented conditions leave no blanks in a text",
        one("{% set text %}\na\n  {% if true %}\nb\n  {% endif %}\n{% endset %}\ndata: {{ text }}"),
        (config("a\nb\n"),),
    ),
    Case("a backslash in an expression is Jinja's", one(r"data: {{ 'a\\b' }}"), (config("a\\b"),)),
    Case(
        "a template that looks like a Python literal is YAML",
        {
            "templates/app/a.yaml.j2": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}, '
            r'"data": "a\\b{% if true %}c{% endif %}"}'
        },
        (config("a\\bc"),),
    ),
    Case(
        "text that is set may pass a filter",
        one("data: {% set text | indent(width=2) %}\na {{ x }}\nb{% endset %}\n{{ text }}"),
        (config("a 1\n  b"),),
        variables={"x": "1"},
    ),
    Case(
        "a variable may be built from others",
        one("data: {{ outer }}"),
        (config("in-1.10-out"),),
        variables={"outer": "in-{{ inner }}-out", "inner": "1.10"},
    ),
    Case(
        "an expression at the top is an object or a list of them",
        {"templates/app/extra.yaml.j2": "{{ objects }}\n"},
        (config(1, "one"), config("2", "two")),
        variables={"objects": [config(1, "one"), config("2", "two")]},
    ),
    Case("nothing at all is no object", {"templates/app/none.yaml.j2": "{% if false %}\na: b\n{% endif %}\n"}),
    Case(
        "macros and includes stand in helper files",
        {
            "templates/app/_parts.j2": "{% macro labels(name) %}{app: {{ name }}, tier: web}{% endmacro %}\n",
            "templates/app/_spec.j2": "{a: {{ x }}, b: [{{ x }}]}",
            "templates/app/config.yaml.j2": "{% import '_parts.j2' as parts %}\n"
            + HEAD
            + "data: {l: {{ parts.labels(x) }}, s: {% include '_spec.j2' %}}\n",
        },
        (config({"l": {"app": "1.0", "tier": "web"}, "s": {"a": "1.0", "b": ["1.0"]}}),),
        variables={"x": "1.0"},
    ),
    Case(
        "helpers of one component are not those of another",
        {
            "templates/app/_part.j2": "one",
            "templates/app/a.yaml.j2": HEAD + "data: {% include '_part.j2' %}\n",
            "templates/other/_part.j2": "two",
            "templates/other/b.yaml.j2": HEAD + "data: {% include '_part.j2' %}\n",
        },
        (config("one"), config("two")),
        components=("app", "other"),
    ),
)

FOLDERS = (
    Case(
        "verbatim files are not rendered",
        {"templates/app/rules.yaml": HEAD + "data: '{{ $labels.x }}'\n"},
        (config("{{ $labels.x }}"),),
        sources=("templates/app/rules.yaml",),
    ),
    Case("a bare equals sign is text", {"templates/app/a.yaml": HEAD + "data: [=]\n"}, (config(["="]),)),
    Case(
        "CRDs come first, files in order of their names",
        {
            "templates/app/b.yaml": HEAD + "data: 2\n",
            "templates/app/a.yaml.j2": HEAD + "data: 1\n",
            "templates/app/deep/c.yaml": HEAD + "data: 3\n",
            "files/crds/app/z.json": '{"kind": "Z", "apiVersion": "v1"}',
            "templates/app/README.md": "words",
        },
        ({"kind": "Z", "apiVersion": "v1"}, config(1), config(2), config(3)),
        sources=(
            "files/crds/app/z.json",
            "templates/app/a.yaml.j2",
            "templates/app/b.yaml",
            "templates/app/deep/c.yaml",
        ),
    ),
    Case(
        "a component may be CRDs alone",
        {"files/crds/app/z.json": '{"kind": "Z"}', "templates/x/a.yaml": HEAD},
        ({"kind": "Z"},),
    ),
    Case(
        "components come in the order given",
        {"templates/app/a.yaml": HEAD + "data: 1\n", "templates/b/a.yaml": HEAD + "data: 2\n"},
        (config(2), config(1)),
        components=("b", "app"),
    ),
    Case(
        "pins and further variables are there",
        one("data: {{ pins.app.images.main }}"),
        (config("quay.io/x:1"),),
        extra={"pins": {"app": {"images": {"main": "quay.io/x:1"}}}},
    ),
)

REFUSED = (
    Case(
        "glued text is refused",
        one("data: foo-{{ x }}"),
        problems=('templates/app/config.yaml.j2 line 4: {{ x }} is glued to other text; write {{ "foo-" ~ x }}',),
        variables={"x": "y"},
    ),
    Case(
        "glued expressions are refused",
        one("data: {{ x }}:{{ x | lower }}"),
        problems=(
            'line 4: {{ x }} is glued to other text; write {{ x ~ ":" ~ (x | lower) }}',
            "{{ x | lower }} is glued",
        ),
        variables={"x": "y"},
    ),
    Case(
        "quotes around an expression are refused",
        one('data: "{{ x }}"'),
        problems=("line 4: {{ x }} stands in quotes; leave them out",),
        variables={"x": "y"},
    ),
    Case(
        "quotes around text with an expression are refused",
        one("data: 'http://{{ x }}/'"),
        problems=('line 4: {{ x }} is glued to other text; write {{ "http://" ~ x ~ "/" }}',),
        variables={"x": "y"},
    ),
    Case(
        "an expression inside block text is refused",
        one("data: |\n  name = {{ x }}\n  more"),
        problems=("line 5: {{ x }} is glued to other text; set the text first: {% set text %}",),
        variables={"x": "y"},
    ),
    Case(
        "an undefined variable is named",
        one("data: {{ certificates_domian }}"),
        problems=(
            "templates/app/config.yaml.j2 line 4: {{ certificates_domian }}: "
            "'certificates_domian' is undefined (did you mean certificates_domain?)",
        ),
        variables={"certificates_domain": "x"},
    ),
    Case(
        "all undefined values of a role are named at once",
        {
            "templates/app/a.yaml.j2": "a: {{ absent_one }}\nb: {{ absent_two }}\n",
            "templates/app/b.yaml.j2": "\n\nc: {{ absent_three }}\n",
        },
        problems=(
            "a.yaml.j2 line 1: {{ absent_one }}",
            "a.yaml.j2 line 2: {{ absent_two }}",
            "b.yaml.j2 line 3: {{ absent_three }}",
        ),
    ),
    Case(
        "an undefined key is named",
        one("data: {{ pins.cert_manger.version }}"),
        problems=("line 4: {{ pins.cert_manger.version }}:", "'cert_manger' (did you mean cert_manager?)"),
        extra={"pins": {"cert_manager": {}}},
    ),
    Case(
        "an undefined variable in a condition is named",
        one("data: {}\n{% if absent_flag %}\nx: y\n{% endif %}"),
        problems=("templates/app/config.yaml.j2 line 5: 'absent_flag' is undefined",),
    ),
    Case(
        "an undefined variable in a loop is named",
        one("data: [{% for x in absent_list %}{{ x }}{% endfor %}]"),
        problems=("templates/app/config.yaml.j2 line 4: 'absent_list' is undefined",),
    ),
    Case(
        "an undefined variable behind a variable is named",
        one("data:\n  a: 1\n  b: {{ outer }}"),
        problems=("templates/app/config.yaml.j2 line 6:", "outer", "'absent_inner' is undefined"),
        variables={"outer": "x{{ absent_inner }}"},
    ),
    Case(
        "a broken template is named with its line",
        one("data: {{ x }\nmore: 1"),
        problems=("templates/app/config.yaml.j2 line",),
        variables={"x": 1},
    ),
    Case(
        "a block without an end is named with its line",
        one("data: 1\n{% if true %}\nx: 1"),
        problems=("templates/app/config.yaml.j2 line", "endif"),
    ),
    Case(
        "an unknown filter is named",
        one("data: {{ x | nofilter }}"),
        problems=("templates/app/config.yaml.j2", "nofilter"),
        variables={"x": 1},
    ),
    Case(
        "a filter that fails is named",
        one("data: {{ x | from_json }}"),
        problems=("templates/app/config.yaml.j2",),
        variables={"x": "{"},
    ),
    Case("omit is refused", one("data: {{ omit }}"), problems=("omit",)),
    Case(
        "broken YAML is named with its line",
        one("data: [{{ x }}\nother: }"),
        problems=("templates/app/config.yaml.j2 rendered line",),
        variables={"x": "secret-value"},
    ),
    Case(
        "a key given twice is refused",
        one("data: {a: 1, {{ k }}: 2, {{ k }}: 3}"),
        problems=('{{ k }} makes the key "b", which stands twice',),
        variables={"k": "b"},
    ),
    Case(
        "a missing component is refused",
        one("data: 1"),
        problems=("has no templates/apq (did you mean app?)",),
        components=("apq",),
    ),
    Case(
        "missing CRDs are refused",
        one("data: 1"),
        problems=("files/crds/app/*.json of role", "run: make crds"),
        extra={"pins": {"any": {"crds": {"component": "app"}}}},
    ),
    Case(
        "a stray file is refused", {"templates/app/a.yaml.bak": "x"}, problems=("templates/app/a.yaml.bak is neither",)
    ),
    Case(
        "a macro's text in a value is refused",
        one("data: {% macro m(x) %}{a: {{ x }}}{% endmacro %}{{ [m(1)] }}"),
        problems=("the text of a macro or block is used as a value",),
    ),
)

SPEED_FILES = {
    f"templates/speed/{number:02d}.yaml.j2": "".join(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ names["
        + str(n)
        + "] }}, namespace: {{ ns }}}\n"
        "spec:\n  replicas: {{ replicas }}\n  template:\n    spec:\n      containers:\n"
        "        - name: app\n          image: {{ pins.app.image }}\n"
        "          args: {{ flags | map('lower') | list }}\n"
        "          resources: {{ resources }}\n"
        for n in range(3)
    )
    for number in range(15)
}
SPEED = Case(
    "speed",
    SPEED_FILES,
    components=("speed",),
    extra={"pins": {"app": {"image": "quay.io/x:1"}}},
    variables={
        "names": ["a", "b", "c"],
        "ns": "x",
        "replicas": 2,
        "flags": ["--A"],
        "resources": {"requests": {"cpu": "1"}},
    },
)

CASES = (*VALUES, *SYNTAX, *FOLDERS, *REFUSED)
