# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module or an action takes: options and the rules between them, as one value."""

from __future__ import annotations

import dataclasses
import typing as t

Options = t.Mapping[str, t.Mapping[str, t.Any]]
Names = tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class ArgumentSpec:
    """``options`` in Ansible's own form; the other attributes are Ansible's keywords of the same names."""

    options: Options
    mutually_exclusive: Names = ()
    required_together: Names = ()
    required_one_of: Names = ()
    required_if: tuple[tuple[t.Any, ...], ...] = ()

    def merged(self, other: ArgumentSpec) -> ArgumentSpec:
        """Return both together; on the same option the other wins."""
        return ArgumentSpec(
            options={**self.options, **other.options},
            mutually_exclusive=self.mutually_exclusive + other.mutually_exclusive,
            required_together=self.required_together + other.required_together,
            required_one_of=self.required_one_of + other.required_one_of,
            required_if=self.required_if + other.required_if,
        )

    def keywords(self) -> dict[str, t.Any]:
        """Return the keyword arguments of ``AnsibleModule`` and of ``ActionBase.validate_argument_spec``."""
        return {
            "argument_spec": {name: dict(option) for name, option in self.options.items()},
            "mutually_exclusive": [list(names) for names in self.mutually_exclusive],
            "required_together": [list(names) for names in self.required_together],
            "required_one_of": [list(names) for names in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
        }
