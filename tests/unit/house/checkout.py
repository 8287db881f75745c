# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of this checkout, as git would commit them, and what Python says about them."""

from __future__ import annotations

import ast
import functools
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
COLLECTION = "ansible_collections.seaworthy.platform"


@functools.cache
def tracked() -> tuple[pathlib.Path, ...]:
    """Return every file that is in git or would be added, as a path below ROOT."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(
        path for name in sorted(set(names)) if name and (path := ROOT / name).is_file() and not path.is_symlink()
    )


def python_files(area: str) -> list[pathlib.Path]:
    """Return the Python files below a top-level folder ("plugins")."""
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == area]


def dotted(path: pathlib.Path) -> str:
    """Return the name under which a file of this checkout is imported."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    name = ".".join(parts)
    return f"{COLLECTION}.{name}" if parts[0] == "plugins" else name


def imports(source: str, module: str, *, package: bool = False) -> list[tuple[int, str]]:
    """Return (line, full dotted name) of everything that a module's source imports, relative imports resolved."""
    found = []
    home = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def imports_of(path: pathlib.Path) -> list[tuple[int, str]]:
    return imports(path.read_text(encoding="utf-8"), dotted(path), package=path.name == "__init__.py")
