# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: what an unchanged platform costs, against an empty play and against kubectl, on drydock.

Prints a table and writes build/bench.json. Figures are of the machine they ran on; the ratios travel.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import re
import statistics
import sys
import tempfile
import typing as t

from tests.bench import fleet
from tests.bench.measure import Row, compare, table, take_turns
from tests.integration.harbours import ROOT, Demo, start

RESULT = ROOT / "build" / "bench.json"
LAYER = "certificates"
SERVER_METADATA = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
EMPTY_PLAY = """
- hosts: platform_clusters
  gather_facts: false
  connection: local
  tasks:
    - import_sdk:
"""
IMPORT_SDK = '''
"""Does nothing, after importing what our actions import."""
import boto3
import botocore.session
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), "changed": False}
'''


def empty_play(folder: pathlib.Path) -> pathlib.Path:
    """Write a play whose one task only imports the SDK, and return its path."""
    (folder / "action_plugins").mkdir(parents=True)
    (folder / "action_plugins" / "import_sdk.py").write_text(IMPORT_SDK, encoding="utf-8")
    playbook = folder / "empty.yml"
    playbook.write_text(EMPTY_PLAY, encoding="utf-8")
    return playbook


def objects_of(demo: Demo, manager: str) -> list[dict[str, t.Any]]:
    """Return the live objects that ``manager`` applied, without what the server adds."""
    kinds = demo.kubectl("api-resources", "--verbs=list,patch", "-o", "name").split()
    marked = ("--all-namespaces", "-l", "applyset.kubernetes.io/part-of", "--show-managed-fields")
    found = demo.get(",".join(kinds), *marked)["items"]
    return [stripped(obj) for obj in found if manager in {m["manager"] for m in obj["metadata"]["managedFields"]}]


def stripped(obj: dict[str, t.Any]) -> dict[str, t.Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in SERVER_METADATA}
    return {key: value for key, value in obj.items() if key not in ("metadata", "status")} | {"metadata": metadata}


def measure(demo: Demo, scratch: pathlib.Path, runs: int) -> list[Row]:
    """Converge once, then let the contenders take turns on the unchanged platform."""
    demo.play().passed()
    empty = str(empty_play(scratch / "empty"))
    objects = objects_of(demo, f"seaworthy.platform/{LAYER}")
    manifest = scratch / "layer.json"
    manifest.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), encoding="utf-8")

    def kubectl() -> None:
        demo.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=bench", "-f", str(manifest))

    own: list[float] = []

    def one_layer() -> None:
        own.append(own_seconds(demo.play(f"playbooks/{LAYER}.yml", "-v").passed().output))

    contenders: dict[str, t.Callable[[], object]] = {
        "empty play": lambda: demo.play(empty).passed(),
        "one layer": one_layer,
        "site": lambda: demo.play("site.yml").passed(),
        "kubectl": kubectl,
    }
    took = take_turns(contenders, runs, lambda line: print(f"  {line}", flush=True))
    whole = "seconds, whole ansible-playbook run"
    sdk = "an empty play that imports the same SDK"
    apply = f"kubectl apply --server-side of the same {len(objects)} objects"
    engine = statistics.median(own[1:])
    return [
        compare("unchanged layer, whole run", whole, took["one layer"], took["empty play"], sdk, runs),
        compare("unchanged site, whole run", whole, took["site"], took["empty play"], sdk, runs),
        compare("unchanged layer, with Ansible's start", whole, took["one layer"], took["kubectl"], apply, runs),
        compare("unchanged layer, the engine", "seconds, apply_set alone", engine, took["kubectl"], apply, runs),
        writes(demo, kubectl, apply),
    ]


def fleet_rows(runs: int) -> list[Row]:
    """Measure what a large fleet costs, in this process; the peer is what nobody can save, reading the same files."""
    files, estate = fleet.large(), fleet.ten_clusters()
    contenders: dict[str, t.Callable[[], object]] = {
        "compile": lambda: fleet.compile_all(files, estate),
        "render": lambda: fleet.render_all(files, estate),
        "read": lambda: fleet.only_read(files),
    }
    took = take_turns(contenders, runs, lambda line: print(f"  {line}", flush=True))
    size, peer = "50 teams x 20 applications x 10 clusters", "PyYAML's C loader over the same files, once"
    return [
        compare(
            f"fleet compile, {size}", "seconds, read, check and compile", took["compile"], took["read"], peer, runs
        ),
        compare(f"fleet as text, {size}", "seconds, the same and YAML", took["render"], took["read"], peer, runs),
    ]


def own_seconds(output: str) -> float:
    """Return what apply_set itself says it took (rendering included), from the output of a run with -v."""
    found = re.search(r'"timing": (\{[^}]*\})', output)
    assert found, output
    phases: dict[str, float] = json.loads(found[1])
    return sum(seconds for phase, seconds in phases.items() if phase != "total")


def writes(demo: Demo, kubectl: t.Callable[[], None], peer_name: str) -> Row:
    """Count what each sends that writes, when nothing is left to do."""
    mark = demo.mark()
    demo.play(f"playbooks/{LAYER}.yml").passed()
    ours = len(demo.writes(mark))
    mark = demo.mark()
    kubectl()
    sent = demo.drydock("journal", "--writes", "--since", mark, "--target", "kubernetes/*", "--json").splitlines()
    peers = [line for line in map(json.loads, filter(None, sent)) if "kubectl" in line["agent"]]
    return compare("unchanged layer, writes", "requests that write", ours, len(peers), peer_name, 1)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="counted rounds (default: 7)")
    runs = parser.parse_args(words).runs
    with tempfile.TemporaryDirectory(prefix="seaworthy-bench-") as folder:
        scratch = pathlib.Path(folder)
        demo = start(scratch / "drydock")
        try:
            rows = [*measure(demo, scratch, runs), *fleet_rows(runs)]
        finally:
            demo.drydock("down", "--state", str(demo.state))
    RESULT.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    print(f"\n{table(rows)}\n\nwritten to {RESULT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
