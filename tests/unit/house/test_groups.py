# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of one group share objects of one cluster, so they must run one after another: pytest-xdist sees to it."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

GROUP = """
import pytest

pytestmark = pytest.mark.xdist_group("berth")


@pytest.mark.parametrize("number", range(6))
def test_number(number: int) -> None:
    pass
"""


def test_a_group_of_tests_stays_on_one_worker(tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_berth.py").write_text(GROUP, encoding="utf-8")
    flags = ("-n", "2", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "test_berth.py"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    workers = re.findall(r"^\[(gw\d)\].*PASSED.*@berth", done.stdout, re.M)
    assert len(workers) == 6, done.stdout
    assert len(set(workers)) == 1, done.stdout
