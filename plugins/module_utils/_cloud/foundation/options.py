# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every document of the foundation has, and how they are read."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._common.errors import InvalidInput
from ..cluster import rules
from ..cluster.eks import rules as aws_rules
from ..cluster.eks.options import AUTH_OPTIONS, MARKS
from ..cluster.options import Option, argument_options
from ..cluster.run_options import OWNER, WAITING
from ..cluster.schema import Reader, Values
from ..cluster.spec import Place

CLOUDS = ("aws",)
"""Where the foundation exists; more follow."""

name_rule = rules.matches(
    r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", "1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
)


def cloud_rule(value: str) -> str:
    return "" if value in CLOUDS else f"{' or '.join(CLOUDS)}: the foundation does not exist on other clouds yet"


def tags_rule(value: t.Mapping[str, str]) -> str:
    wrong = aws_rules.tags(value)
    own = next((key for key in value if key.startswith("seaworthy:") or key == "Name"), "")
    return wrong or (f"without {own}, which this module sets itself" if own else "")


def place_options(thing: str) -> tuple[Option, ...]:
    """Return the options that say which document, where, and who we must be."""
    return (
        Option(path="name", type="str", required=True, rule=name_rule, doc=(f"Name of the {thing}.",)),
        Option(
            path="cloud",
            type="str",
            default="aws",
            rule=cloud_rule,
            doc=("Cloud that it lives in. Only V(aws) exists today; another one is refused.",),
        ),
        Option(path="region", type="str", required=True, rule=aws_rules.region, doc=("AWS region.",)),
        Option(
            path="account",
            type="str",
            rule=aws_rules.account,
            doc=("Account that the credentials must belong to, in quotes. If not, nothing is read or written.",),
        ),
        *AUTH_OPTIONS,
    )


def run_options(thing: str) -> tuple[Option, ...]:
    """Return the options that say how the document is owned and waited for."""
    return (
        Option(
            path="state",
            type="str",
            choices=("present", "absent"),
            default="present",
            doc=(f"Whether the {thing} exists.",),
        ),
        Option(
            path="owner",
            type="str",
            default=OWNER,
            rule=MARKS.rule,
            doc=(f"Value of the tag C({MARKS.key}), which says what is ours.",),
        ),
        Option(path="tags", type="dict", rule=tags_rule, doc=("Tags of everything it makes; other tags stay.",)),
        *WAITING,
    )


@dataclasses.dataclass(frozen=True)
class Base:
    """What every document of the foundation says. ``values`` are its own options, by path, defaults filled in."""

    kind: str
    place: Place
    absent: bool
    owner: str
    tags: t.Mapping[str, str]
    wait: bool
    wait_timeout: float
    poll_interval: float | None
    values: Values

    @property
    def base(self) -> str:
        return f"{self.kind}/{self.place.name}"

    @property
    def region(self) -> str:
        return self.place.location


def arguments(rows: t.Iterable[Option]) -> dict[str, dict[str, t.Any]]:
    return argument_options(rows)


Check = t.Callable[[Reader, Values], None]


def parse(kind: str, rows: t.Sequence[Option], document: t.Mapping[str, t.Any], checks: t.Iterable[Check] = ()) -> Base:
    """Return the document. Raises InvalidInput with every fault."""
    reader = Reader()
    given = reader.read(document, rows)
    values = {**{row.path: row.default for row in rows if row.default is not None}, **given}
    for check in checks:
        check(reader, values)
    if reader.problems:
        raise InvalidInput(reader.problems)
    auth = {path.removeprefix("auth."): text for path, text in given.items() if path.startswith("auth.")}
    place = Place(kind, values["name"], values["region"], values.get("account", ""), auth)
    return Base(
        kind=kind,
        place=place,
        absent=values["state"] == "absent",
        owner=values["owner"],
        tags=values.get("tags") or {},
        wait=values["wait"],
        wait_timeout=float(values["wait_timeout"]),
        poll_interval=values.get("poll_interval"),
        values=values,
    )
