# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play does not name is not compiled."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.integration.harbours import ROOT

WING = "ansible_collections.seaworthy.platform.plugins.module_utils._cloud"
ASK = """
import json, sys
sys.path.insert(0, {path!r})
from {wing}.providers import PROVIDERS
if {name!r}:
    PROVIDERS[{name!r}]
print(json.dumps([cloud for cloud in PROVIDERS if f"{wing}.cluster.{{cloud}}.driver" in sys.modules]))
"""


@pytest.mark.parametrize("name", ["", "eks", "aks", "gke"])
def test_the_table_of_clouds_imports_only_the_one_that_is_asked_for(name: str) -> None:
    source = ASK.format(path=str(ROOT / "build/collections"), wing=WING, name=name)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == ([name] if name else [])
