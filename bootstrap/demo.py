# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""make demo: the real playbooks turn an empty account on drydock into a platform, then find nothing left to do.

Everything it does a person could type; each command is shown before it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time
import typing as t

from .cache import ROOT, SetupError

CLOUDS = {"eks": "demo", "aks": "demo-aks", "gke": "demo-gke"}
"""The host of the inventory that stands for each cloud's cluster."""
SCRIPTS = pathlib.Path(sys.executable).parent
OURS = "*runner*"
"""The principal that the playbooks act as, in drydock's journal."""


class Demo:
    """One drydock in one state folder, and the commands that act on it."""

    def __init__(self, state: pathlib.Path, clusters: t.Sequence[str]) -> None:
        self.state = state.resolve()
        self.clusters = clusters

    @property
    def before(self) -> pathlib.Path:
        """Return the file that holds the digest of the accounts as they were before anything was made."""
        return self.state.with_name(f"{self.state.name}.digest")

    def kubeconfig(self, cluster: str) -> pathlib.Path:
        return self.state / "clusters" / cluster / "admin.kubeconfig"

    def environment(self) -> dict[str, str]:
        """Return our environment with drydock's own variables, as `. STATE/environment` would set them."""
        lines = (self.state / "environment").read_text(encoding="utf-8").splitlines()
        words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line.startswith("export ")]
        house = {
            "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
            "ANSIBLE_CALLBACKS_ENABLED": "seaworthy.platform.layer_summary",
        }
        return {**os.environ, **house, **dict(word.split("=", 1) for word in words)}

    def drydock(self, *words: str) -> None:
        """Run a drydock command, its lines shown as they come."""
        self._passed([sys.executable, "-m", "drydock", *words, "--state", str(self.state)], dict(os.environ))

    def ask(self, *words: str) -> str:
        """Return what a drydock command prints."""
        env = {**os.environ, "DRYDOCK_STATE": str(self.state)}
        command = [sys.executable, "-m", "drydock", *words]
        return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout

    def play(self) -> None:
        limit = [] if len(self.clusters) == len(CLOUDS) else ["--limit", ",".join(self.clusters)]
        self.playbook("site.yml", *limit)

    def playbook(self, *arguments: str) -> None:
        words = ["-i", "inventories/drydock", *arguments]
        print(f"$ ansible-playbook {shlex.join(words)}", flush=True)
        self._passed([str(SCRIPTS / "ansible-playbook"), *words], self.environment())

    def writes(self, since: str) -> list[dict[str, t.Any]]:
        """Return the playbooks' writes to cloud and cluster since a mark."""
        lines = self.ask("journal", "--writes", "--since", since, "--principal", OURS, "--json").splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    def kubectl(self, cluster: str, *words: str) -> None:
        print(f"$ kubectl {shlex.join(words)}", flush=True)
        config = self.kubeconfig(cluster)
        places = {"--kubeconfig": config, "--cache-dir": config.with_name("kubectl")}  # gone with the cluster
        options = [f"{option}={path}" for option, path in places.items()]
        command = [str(ROOT / "build" / "bin" / "kubectl"), *options, *words]
        self._passed(command, dict(os.environ))

    def _passed(self, command: list[str], env: dict[str, str]) -> None:
        code = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
        if code:
            remedy = "its lines above say why. `make down` removes what is there."
            raise SetupError(f"`{shlex.join(command)}` ended with {code}; {remedy}")


def up(demo: Demo) -> None:
    began = time.monotonic()
    if (demo.state / "drydock.json").exists():
        print("An earlier demo is still there; it is removed first.")
        demo.drydock("down")
    _title("drydock: cloud accounts without network, roles or cluster on AWS, without cluster on Google Cloud")
    demo.drydock("up", "--clock", "demo", "--empty", "--detach")
    demo.before.write_text(demo.ask("digest"), encoding="utf-8")
    _title("first run: from that empty account to a platform")
    first = _recorded(demo)
    _title("second run: nothing left to do")
    second = _recorded(demo)
    for line in second:
        print(f"  {line['target']}  {line['verb']} {line['operation']}  {line['status']}")
    print(f"\nWrites to cloud and cluster, by the journal: first run {len(first)}, second run {len(second)}")
    if second or not first:
        raise SetupError("the first run should write and the second should not; this is a defect.")
    for cluster in demo.clusters:
        _title(f"what is there now: {cluster}")
        demo.kubectl(cluster, "get", "nodes")
        demo.kubectl(cluster, "get", "deployments", "--all-namespaces")
        demo.kubectl(cluster, "get", "clusterissuers,certificates", "--all-namespaces")
    _farewell(demo, int(time.monotonic() - began))


def _recorded(demo: Demo) -> list[dict[str, t.Any]]:
    """Run the playbook and return what it wrote."""
    mark = demo.ask("mark").strip()
    demo.play()
    return demo.writes(mark)


def destroy(demo: Demo) -> None:
    """Delete every cluster of the demo with what it stands on; the accounts must be as they were before."""
    if not demo.before.exists():
        raise SetupError("there is no demo to destroy; `make demo` starts one.")
    for cluster in demo.clusters:
        _title(f"destroy: {cluster}")
        demo.playbook("playbooks/destroy.yml", "--limit", cluster, "-e", f"destroy_confirm={cluster}")
    before, after = demo.before.read_text(encoding="utf-8"), demo.ask("digest")
    print(f"\nThe accounts before  {before}The accounts now     {after}", end="")
    if before != after:
        raise SetupError("the accounts are not as they were before; this is a defect.")
    print("They are as they were before.")


def down(demo: Demo) -> None:
    """Stop what runs and remove the state folder."""
    if not demo.state.exists():
        print("There is no demo to remove.")
        return
    demo.drydock("down")
    shutil.rmtree(demo.state, ignore_errors=True)
    demo.before.unlink(missing_ok=True)
    print("The demo is gone: no process, no file.")


def _title(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _farewell(demo: Demo, seconds: int) -> None:
    kubeconfig = shlex.quote(str(demo.kubeconfig(demo.clusters[0])))
    environment = shlex.quote(os.path.relpath(demo.state / "environment", ROOT))
    print(f"""
The demo took {seconds // 60}m{seconds % 60:02d}s. Look around:
  export KUBECONFIG={kubeconfig}
  build/bin/kubectl get all,certificates --all-namespaces
Change something in inventories/drydock/group_vars, see what it would do, do it:
  . {environment}
  .venv/bin/ansible-playbook -i inventories/drydock site.yml --check --diff
  .venv/bin/ansible-playbook -i inventories/drydock site.yml
What was sent, and what of it wrote:
  .venv/bin/python -m drydock journal --writes
Delete the clusters and what they stand on, and see that nothing is left of them:
  make destroy-demo
Stop it and remove it without a trace:
  make down""")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bootstrap.demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["up", "destroy", "down"])
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path("build/drydock"))
    parser.add_argument("--cloud", choices=["all", *CLOUDS], default="all")
    options = parser.parse_args(words)
    clusters = list(CLOUDS.values()) if options.cloud == "all" else [CLOUDS[options.cloud]]
    try:
        {"up": up, "destroy": destroy, "down": down}[options.action](Demo(options.state, clusters))
    except (SetupError, subprocess.CalledProcessError) as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make: stopped; `make down` removes what is there", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
